/* spans.h: the states of endpoints over time: of one endpoint as stretches, of all sockets as counts.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_SPANS_H
#define TCPFSM_SPANS_H

#include "compat.h"
#include "counts.h"

/* A stretch of time in one state. Nanoseconds since 1970; to >= from. */
struct span {
    int64_t from, to;
    uint32_t frame;                     /* that began it */
    uint8_t state;
    bool assumed;
};

/* spans_of: fills *spans (elements: struct span) with the states that endpoint `end` of connection `number` was in,
 * oldest first, until that time or until the next connection of the 4-tuple took its place. TIME_WAIT ends by the
 * clock: CLOSED follows, assumed. */
void spans_of(uint32_t number, unsigned end, int64_t until, GArray *spans);

/* spans_count: counts all sockets of the capture anew, up to `until`, as the fields counted those in TIME_WAIT and
 * CLOSE_WAIT, and tells the observer. */
void spans_count(int64_t until, counts_observer *observer, void *data);

#endif
