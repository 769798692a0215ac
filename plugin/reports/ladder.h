/* ladder.h: what the two drawings of a ladder share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_LADDER_H
#define TCPFSM_LADDER_H

#include "report.h"

/* A segment as it was captured, and what looking at the others made of it. */
struct rung {
    int64_t time;
    uint32_t connection, frame, order;
    uint32_t seq, ack, len;         /* relative to the first number of each side */
    uint32_t copy_of;               /* frame of the same octets before; 0: first copy */
    uint32_t missed;                /* so many octets before it were not captured */
    uint16_t flags;
    uint8_t from;
    bool lost;                      /* sent again, and nothing captured between acknowledges it */
};

/* ladder_segment: "<SEQ=1><ACK=1><DATA=6><CTL=ACK>", as the figures of RFC 9293 write it. Allocated in `pool`. */
const char *ladder_segment(wmem_allocator_t *pool, const struct rung *g);

/* ladder_notes: what is to be said beneath a rung, a line each, NULL at the end: rollbacks, states passed through, findings. Allocated in `pool`. */
char **ladder_notes(wmem_allocator_t *pool, const struct rung *g, const struct store_view *v);

/* ladder_view: the connection as of this rung. */
void ladder_view(const struct rung *g, struct store_view *v);

/* ladder_state: "ESTABLISHED" or "ESTABLISHED?": the mark of what is assumed. Allocated in `pool`. */
const char *ladder_state(wmem_allocator_t *pool, const struct store_end *e);

/* ladder_svg: draws the rungs into the file of the report. */
void ladder_svg(const struct report *r, uint32_t stream, const struct rung *rung, unsigned rungs);

enum { LADDER_SILENCE = 1000000000 };   /* a pause longer than this, in nanoseconds, is marked */

#endif
