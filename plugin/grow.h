/* grow.h: arrays that grow, and searching in sorted ones.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_GROW_H
#define TCPFSM_GROW_H

#include <glib.h>
#include <stdint.h>

/* grow: room for one more element of `size` bytes in the array `at`, which holds `used` and has room for *room: half as
 * many again and two. Returns the array. */
static inline void *grow(void *at, uint32_t used, uint32_t *room, size_t size)
{
    if (used < *room)
        return at;
    *room += *room / 2 + 2;
    return g_realloc_n(at, *room, size);
}

/* grow_step: by how many elements an array of n, which is full, grows where memory matters more than time: to 1, 2,
 * 3, 4, 6 ... 16, 20 ... 32, 40: by a quarter or less from 8 on. 0: it is not full. */
static inline uint32_t grow_step(uint32_t n)
{
    if (n < 4)
        return 1;
    uint32_t step = 1u << (g_bit_storage(n) - 1) >> 2;      /* a quarter of the power of two at or below n */
    step = step < 2 ? 2 : step;
    return n & (step - 1) ? 0 : step;
}

/* GROW_FIRST: sets `low` to the first number from 0 to `count` for which `condition`, in terms of `middle`, is
 * false; it is true for all before. */
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
