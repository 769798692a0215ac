/* index.h: a hash index from hashes to element numbers, open addressing with linear probing, 8 bytes a slot, at most 70
 * % full. The elements and their keys live elsewhere: a search walks the numbers whose hash is equal, and the caller
 * compares keys.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_INDEX_H
#define TCPFSM_INDEX_H

#include <glib.h>
#include <stdint.h>

struct index_slot { uint32_t hash, number; };   /* number: the element's plus one; 0 is a free slot */

struct index {
    struct index_slot *slot;
    uint32_t used, mask;
};

/* index_mix: a bijection of 64 bits in which every bit of x reaches every bit of the result (the finalizer of
 * splitmix64). */
static inline uint64_t index_mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* index_next: the first element whose hash is `hash` at or after slot *at, which moves beyond it; UINT32_MAX at the
 * end. Begin with *at = hash. */
static inline uint32_t index_next(const struct index *x, uint32_t hash, uint32_t *at)
{
    if (!x->slot)
        return UINT32_MAX;
    for (;;) {
        const struct index_slot *s = &x->slot[(*at)++ & x->mask];
        if (!s->number)
            return UINT32_MAX;
        if (s->hash == hash)
            return s->number - 1;
    }
}

static inline void index_put(struct index *x, uint32_t hash, uint32_t number)
{
    uint32_t at = hash;
    while (x->slot[at & x->mask].number)
        at++;
    x->slot[at & x->mask] = (struct index_slot){hash, number + 1};
}

static inline void index_grow(struct index *x)
{
    struct index old = *x;
    size_t slots = old.slot ? ((size_t)old.mask + 1) * 2 : 64;
    x->slot = g_new0(struct index_slot, slots);
    x->mask = (uint32_t)(slots - 1);
    if (!old.slot)
        return;
    for (size_t i = 0; i <= old.mask; i++)
        if (old.slot[i].number)
            index_put(x, old.slot[i].hash, old.slot[i].number - 1);
    g_free(old.slot);
}

/* index_add: enters element `number` under `hash`. Numbers are below UINT32_MAX - 1. */
static inline void index_add(struct index *x, uint32_t hash, uint32_t number)
{
    if (!x->slot || x->used >= x->mask - x->mask / 10 * 3)
        index_grow(x);
    index_put(x, hash, number);
    x->used++;
}

static inline void index_clear(struct index *x)
{
    g_free(x->slot);
    *x = (struct index){0};
}

#endif
