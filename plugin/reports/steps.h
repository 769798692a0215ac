/* steps.h: sockets in TIME_WAIT and CLOSE_WAIT over the time of a capture, as steps up and down; and what heads a
 * timeline.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_STEPS_H
#define TCPFSM_STEPS_H

#include "reports/report.h"

/* A socket more or less in a state. */
struct step {
    int64_t time;
    uint32_t order;             /* in which it was counted */
    uint8_t state;
    int8_t delta;
};

/* steps_of: all entries into TIME_WAIT and CLOSE_WAIT and exits from them, by time: struct step. The caller frees
 * the array. */
GArray *steps_of(const struct report *r);

/* steps_title: "7 connections in 61.2 s", and how many of them are drawn. Allocated in `pool`. */
const char *steps_title(wmem_allocator_t *pool, const struct report *r, unsigned drawn);

#endif
