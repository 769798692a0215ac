/* timeline.h: what the two drawings of the timeline share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_TIMELINE_H
#define TCPFSM_TIMELINE_H

#include "sweep.h"

enum { TIMELINE_CONNECTIONS = 200 };    /* drawn at most: more fit no screen */

/* timeline_title: "7 connections in 61.2 s", and how many of them are drawn. Allocated in `pool`. */
const char *timeline_title(wmem_allocator_t *pool, const struct report *r, unsigned drawn);

/* timeline_svg: draws the first `drawn` connections into the file of the report. */
void timeline_svg(struct report *r, unsigned drawn);

#endif
