/* pool.h: numbered elements of one size that never move, in chunks: growing copies nothing and wastes at most one
 * chunk.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_POOL_H
#define TCPFSM_POOL_H

#include <glib.h>
#include <stdint.h>

enum { POOL_SHIFT = 6, POOL_CHUNK = 1 << POOL_SHIFT };

struct pool {
    char **chunk;
    uint32_t count;     /* elements in use */
    uint32_t chunks;    /* allocated */
    uint32_t room;      /* of chunk[] */
    uint32_t size;      /* bytes of an element */
};

/* pool_at: element i, which is below count. */
static inline void *pool_at(const struct pool *p, uint32_t i)
{
    return p->chunk[i >> POOL_SHIFT] + (size_t)(i & (POOL_CHUNK - 1)) * p->size;
}

/* pool_add: a new element, zeroed; its number is the old count. Never NULL: GLib ends the program when memory does. */
static inline void *pool_add(struct pool *p)
{
    if (p->count == p->chunks << POOL_SHIFT) {
        if (p->chunks == p->room) {
            p->room = p->room ? p->room * 2 : 16;
            p->chunk = g_renew(char *, p->chunk, p->room);
        }
        p->chunk[p->chunks++] = (char *)g_malloc0((size_t)p->size << POOL_SHIFT);
    }
    return pool_at(p, p->count++);
}

/* pool_clear: frees all elements; the size stays. */
static inline void pool_clear(struct pool *p)
{
    for (uint32_t i = 0; i < p->chunks; i++)
        g_free(p->chunk[i]);
    g_free(p->chunk);
    *p = (struct pool){.size = p->size};
}

#endif
