/* tuples.c: looking up 4-tuples.
 *
 * By hash of both addresses and ports, the same for both directions; a quiet segment touches the tuple and its two
 * addresses only. The index is written by hand, for it is on the way of every segment: 8 bytes a tuple.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "tuples.h"
#include "addresses.h"
#include "index.h"
#include "pool.h"

static struct tcpfsm_copies recent;     /* what the capture may have twice: one memory for all pairs of addresses */

struct path { uint32_t low, high; struct tuples_path of; };

static struct pool tuples = {.size = sizeof(struct tuple)}, paths = {.size = sizeof(struct path)},
                   lists = {.size = sizeof(uint32_t *)};
static struct index tuple_index, path_index;

/* list_of: the numbers of the connections of a tuple that has had several; room for the next power of two. */
static uint32_t **list_of(uint32_t number) { return (uint32_t **)pool_at(&lists, number); }

struct tuple *tuples_at(uint32_t number) { return (struct tuple *)pool_at(&tuples, number); }

void tuples_close(void)
{
    for (uint32_t i = 0; i < lists.count; i++)
        g_free(*list_of(i));
    for (uint32_t i = 0; i < paths.count; i++)
        g_free(((struct path *)pool_at(&paths, i))->of.points);
    pool_clear(&lists);
    pool_clear(&tuples);
    pool_clear(&paths);
    memset(&recent, 0, sizeof recent);
    index_clear(&tuple_index);
    index_clear(&path_index);
}

/* matches: whether endpoint `from` of a tuple is src, and the other dst. */
static inline bool matches(const struct tuple *t, unsigned from, const address *src, const address *dst, uint16_t sport,
                           uint16_t dport)
{
    return t->engine.port[from] == sport && t->engine.port[!from] == dport && addresses_is(t->host[from], src) &&
           addresses_is(t->host[!from], dst);
}

uint32_t tuples_find(const address *src, const address *dst, uint16_t sport, uint16_t dport, uint32_t *hash,
                     unsigned *from)
{
    uint32_t key = (uint32_t)index_mix(addresses_hash(src, sport) + addresses_hash(dst, dport)), at = key, i;
    *hash = key;
    while ((i = index_next(&tuple_index, key, &at)) != UINT32_MAX) {
        const struct tuple *t = tuples_at(i);
        if (matches(t, 0, src, dst, sport, dport)) {
            *from = 0;
            return i;
        }
        if (matches(t, 1, src, dst, sport, dport)) {
            *from = 1;
            return i;
        }
    }
    return UINT32_MAX;
}

static uint32_t path_intern(uint32_t low, uint32_t high)
{
    uint32_t hash = (uint32_t)index_mix((uint64_t)high << 32 | low), at = hash, i;
    while ((i = index_next(&path_index, hash, &at)) != UINT32_MAX) {
        const struct path *p = (const struct path *)pool_at(&paths, i);
        if (p->low == low && p->high == high)
            return i;
    }
    i = paths.count;
    struct path *p = (struct path *)pool_add(&paths);
    p->low = low;
    p->high = high;
    p->of.path.copies = &recent;
    index_add(&path_index, hash, i);
    return i;
}

struct tuples_path *tuples_path(const struct tuple *t)
{
    return &((struct path *)pool_at(&paths, t->path))->of;
}

uint32_t tuples_add(uint32_t hash, const address *src, const address *dst, uint16_t sport, uint16_t dport)
{
    uint32_t number = tuples.count, a = addresses_intern(src), b = addresses_intern(dst);
    struct tuple *t = (struct tuple *)pool_add(&tuples);
    index_add(&tuple_index, hash, number);
    t->host[0] = a;
    t->host[1] = b;
    t->path = path_intern(MIN(a, b), MAX(a, b)) & 0x7fffffffu;
    t->flip = a > b;
    tcpfsm_open(&t->engine, a == b && sport == dport, (uint16_t[]){sport, dport});
    return number;
}

void tuples_append(struct tuple *t, uint32_t number)
{
    uint32_t n = t->connections++;
    if (n == 0) {
        t->of = number;
        return;
    }
    if (n == 1) {
        uint32_t first = t->of;
        t->of = lists.count;
        *(uint32_t **)pool_add(&lists) = g_new(uint32_t, 2);
        (*list_of(t->of))[0] = first;
    } else if ((n & (n - 1)) == 0) {
        *list_of(t->of) = g_renew(uint32_t, *list_of(t->of), (size_t)n * 2);
    }
    (*list_of(t->of))[n] = number;
}

uint32_t tuples_connection(const struct tuple *t, uint32_t i)
{
    return t->connections == 1 ? t->of : (*list_of(t->of))[i];
}

bool tuples_latest(const struct tuple *t, uint32_t number)
{
    return tuples_connection(t, t->connections - 1) == number;
}
