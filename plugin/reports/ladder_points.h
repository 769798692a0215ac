/* ladder_points.h: the ladder of a connection that was captured at a point for each end.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_LADDER_POINTS_H
#define TCPFSM_LADDER_POINTS_H

#include "reports/report.h"
#include "reports/rungs.h"
#include "reports/rungs_join.h"

/* ladder_points: whether one of the rungs is of such a connection. */
bool ladder_points(const struct rung *g, unsigned rungs);

/* ladder_points_text: prints the rungs on stdout. ladder_points_svg: draws them into the file of the report. */
void ladder_points_text(const struct report *r, const struct rung *g, unsigned rungs, wmem_allocator_t *pool);
void ladder_points_svg(const struct report *r, uint32_t stream, const struct rung *g, unsigned rungs);

/* ladder_points_clock: what is known of the points and their clocks, as a sentence; "" of a connection with one point.
 * Allocated in `pool`. */
const char *ladder_points_clock(wmem_allocator_t *pool, uint32_t number);

/* ladder_points_view: the connection as of an event. ladder_points_notes: what is to be said of that event: see
 * rungs_notes(). */
void ladder_points_view(const struct rung *g, bool arrival, struct view *v);
char **ladder_points_notes(wmem_allocator_t *pool, const struct rung *g, bool arrival, const struct view *v);

#endif
