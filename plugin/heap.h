/* heap.h: a binary heap of 24-byte entries with a time: the earliest is first, whatever the order of entry.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_HEAP_H
#define TCPFSM_HEAP_H

#include "grow.h"

/* A socket that leaves TIME_WAIT at `until`, nanoseconds. all, group: numbers of the counters it counts in. */
struct heap_entry {
    int64_t until;
    uint32_t connection, all, group;
    uint16_t serial;
    uint8_t end;
};

struct heap {
    struct heap_entry *at;
    uint32_t used, room;
};

/* heap_add: enters e. */
static inline void heap_add(struct heap *h, struct heap_entry e)
{
    h->at = (struct heap_entry *)grow(h->at, h->used, &h->room, sizeof e);
    uint32_t i = h->used++;
    for (; i && e.until < h->at[(i - 1) / 2].until; i = (i - 1) / 2)
        h->at[i] = h->at[(i - 1) / 2];
    h->at[i] = e;
}

/* heap_take: removes the earliest entry and returns it. The heap is not empty. */
static inline struct heap_entry heap_take(struct heap *h)
{
    struct heap_entry first = h->at[0], last = h->at[--h->used];
    uint32_t i = 0;
    for (uint32_t child; (child = 2 * i + 1) < h->used; i = child) {
        if (child + 1 < h->used && h->at[child + 1].until < h->at[child].until)
            child++;
        if (last.until <= h->at[child].until)
            break;
        h->at[i] = h->at[child];
    }
    h->at[i] = last;
    return first;
}

static inline void heap_clear(struct heap *h)
{
    g_free(h->at);
    *h = (struct heap){0};
}

#endif
