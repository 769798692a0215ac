/* grow.h: arrays that grow, and searching in sorted ones.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_GROW_H
#define TCPFSM_GROW_H

#include <glib.h>
#include <stdint.h>

/* grow: room for one more element of `size` bytes in the array *at, which holds `used` and has room for *room: half as many again and two. Returns it. */
static inline void *grow(void *at, uint32_t used, uint32_t *room, size_t size)
{
    if (used < *room)
        return at;
    *room += *room / 2 + 2;
    return g_realloc_n(at, *room, size);
}

/* GROW_FIRST: sets `low` to the first number from 0 to `count` for which `condition`, in terms of `middle`, is false; it is true for all before. */
#define GROW_FIRST(low, count, condition)                                                                              \
    do {                                                                                                               \
        low = 0;                                                                                                       \
        for (uint32_t high = (count), middle; low < high;) {                                                           \
            middle = low + (high - low) / 2;                                                                           \
            if (condition)                                                                                             \
                low = middle + 1;                                                                                      \
            else                                                                                                       \
                high = middle;                                                                                         \
        }                                                                                                              \
    } while (0)

#endif
