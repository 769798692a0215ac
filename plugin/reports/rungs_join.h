/* rungs_join.h: of a connection with a point of capture for each end, what the points have of a segment as one rung.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_RUNGS_JOIN_H
#define TCPFSM_RUNGS_JOIN_H

#include "reports/rung.h"

/* rungs_join: joins the rungs of one connection, in the order of capture, and puts them in the order in which they were
 * sent. Returns how many are left; all, unchanged, of a connection with one point. What was captured only on the way is
 * left out. */
unsigned rungs_join(struct rung *g, unsigned n);

/* A departure or an arrival. */
struct rungs_event {
    unsigned rung;
    bool arrival;
    int64_t time;
    bool follows;       /* the arrival of what the event before it sent */
};

/* rungs_events: the departures and arrivals of joined rungs in the order of time: *events of them, to be freed with
 * g_free(). */
struct rungs_event *rungs_events(const struct rung *g, unsigned n, unsigned *events);

#endif
