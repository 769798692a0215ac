/* seq.h: sequence numbers, modulo 2^32 (RFC 9293 section 3.4). The one place where they are compared.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_SEQ_H
#define TCPFSM_SEQ_H

#include <stdbool.h>
#include <stdint.h>

/* seq_diff: how far b lies beyond a, -2^31 to 2^31 - 1. */
static inline int32_t seq_diff(uint32_t b, uint32_t a)
{
    return (int32_t)(b - a);
}

static inline bool seq_lt(uint32_t a, uint32_t b)
{
    return seq_diff(a, b) < 0;
}

static inline bool seq_le(uint32_t a, uint32_t b)
{
    return seq_diff(a, b) <= 0;
}

static inline uint32_t seq_max(uint32_t a, uint32_t b)
{
    return seq_lt(a, b) ? b : a;
}

#endif
