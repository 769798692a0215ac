/* rungs.h: the segments of a connection as steps of a ladder, whichever way that is drawn.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_RUNGS_H
#define TCPFSM_RUNGS_H

#include "view.h"

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

/* rungs_sort: puts the rungs in order, connection by connection, marks what was sent again, what of it had no answer
 * and what was missed, and makes their numbers relative. */
void rungs_sort(struct rung *rung, unsigned rungs);

/* rungs_segment: "<SEQ=1><ACK=1><DATA=6><CTL=ACK>", as the figures of RFC 9293 write it. Allocated in `pool`. */
const char *rungs_segment(wmem_allocator_t *pool, const struct rung *g);

/* rungs_notes: what is to be said beneath a rung, a line each, NULL at the end: rollbacks, states passed through,
 * findings. Allocated in `pool`. */
char **rungs_notes(wmem_allocator_t *pool, const struct rung *g, const struct view *v);

/* rungs_view: the connection as of this rung. */
void rungs_view(const struct rung *g, struct view *v);

#endif
