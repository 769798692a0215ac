/* timeline.h: what the two drawings of the timeline share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_TIMELINE_H
#define TCPFSM_TIMELINE_H

#include "spans.h"

enum { TIMELINE_CONNECTIONS = 200 };    /* drawn at most: more fit no screen */

/* timeline_title: "7 connections in 61.2 s", and how many of them are drawn. Allocated in `pool`. */
const char *timeline_title(wmem_allocator_t *pool, const struct report *r, unsigned drawn);

/* A socket more or less in a state. */
struct timeline_step {
    int64_t time;
    uint32_t order;             /* in which it was counted */
    uint8_t state;
    int8_t delta;
};

/* timeline_steps: all entries into TIME_WAIT and CLOSE_WAIT and exits from them, by time: struct timeline_step. The caller frees the array. */
GArray *timeline_steps(const struct report *r);

/* timeline_svg: draws the first `drawn` connections into the file of the report. */
void timeline_svg(struct report *r, unsigned drawn);

#endif
