/* rungs.h: the segments of a connection as steps of a ladder, whichever way that is drawn.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_RUNGS_H
#define TCPFSM_RUNGS_H

#include "reports/rung.h"

/* rungs_sort: puts the rungs in order, connection by connection, joins what several points have of one segment, marks
 * what was sent again, what of it had no answer and what was missed, and makes their numbers relative. Returns how many
 * rungs are left. */
unsigned rungs_sort(struct rung *rung, unsigned rungs);

/* rungs_segment: "<SEQ=1><ACK=1><DATA=6><CTL=ACK>", as the figures of RFC 9293 write it. Allocated in `pool`. */
const char *rungs_segment(wmem_allocator_t *pool, const struct rung *g);

/* rungs_notes: what is to be said beneath a rung, a line each, NULL at the end: rollbacks, states passed through,
 * findings. Allocated in `pool`. */
char **rungs_notes(wmem_allocator_t *pool, const struct rung *g, const struct view *v);

/* rungs_view: the connection as of this rung. rungs_arrival: as of its arrival, if that was captured. */
void rungs_view(const struct rung *g, struct view *v);
void rungs_arrival(const struct rung *g, struct view *v);

#endif
