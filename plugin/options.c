/* options.c: TCP options, RFC 9293 section 3.2.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "options.h"

enum {
    END = 0,
    NOP = 1,
    WINDOW_SCALE = 3,
    SACK = 5,
    TIMESTAMPS = 8,
    MPTCP = 30,
    FAST_OPEN = 34,
    EXPERIMENT_1 = 253,
    EXPERIMENT_2 = 254
};
enum { MP_FASTCLOSE = 7, FAST_OPEN_MAGIC = 0xf989, SHIFT_MAX = 14 };

static uint16_t get16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }
static uint32_t get32(const uint8_t *p) { return (uint32_t)get16(p) << 16 | get16(p + 2); }

static void sack_read(struct tcpfsm_segment *s, const uint8_t *p, unsigned n)
{
    for (unsigned i = 2; i + 8 <= n && s->sacks < TCPFSM_SACK_MAX; i += 8) {
        s->sack[s->sacks].left = get32(p + i);
        s->sack[s->sacks].right = get32(p + i + 4);
        s->sacks++;
    }
}

/* option_read: one option of n bytes, kind and length included. */
static void option_read(struct tcpfsm_segment *s, const uint8_t *p, unsigned n)
{
    switch (p[0]) {
    case TIMESTAMPS:
        if (n != 10)
            return;
        s->tsval = get32(p + 2);
        s->tsecr = get32(p + 6);
        s->has |= TCPFSM_HAS_TS;
        return;
    case WINDOW_SCALE:
        if (n != 3)
            return;
        s->wscale = p[2] > SHIFT_MAX ? SHIFT_MAX : p[2];    /* RFC 7323 section 2.3 */
        s->has |= TCPFSM_HAS_WSCALE;
        return;
    case SACK:
        sack_read(s, p, n);
        return;
    case FAST_OPEN:
        s->has |= TCPFSM_HAS_TFO;
        return;
    case EXPERIMENT_1:
    case EXPERIMENT_2:
        if (n >= 4 && get16(p + 2) == FAST_OPEN_MAGIC)
            s->has |= TCPFSM_HAS_TFO;
        return;
    case MPTCP:
        if (n >= 3 && p[2] >> 4 == MP_FASTCLOSE)
            s->has |= TCPFSM_HAS_FASTCLOSE;
        return;
    default:
        return;
    }
}

void options_read(struct tcpfsm_segment *s, const uint8_t *p, unsigned n)
{
    for (unsigned i = 0; i < n && p[i] != END;) {
        if (p[i] == NOP) {
            i++;
            continue;
        }
        if (i + 1 >= n || p[i + 1] < 2 || p[i + 1] > n - i)
            return;
        option_read(s, p + i, p[i + 1]);
        i += p[i + 1];
    }
}
