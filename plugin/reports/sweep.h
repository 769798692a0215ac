/* sweep.h: how many sockets were in which state at each moment: every entry into a state and every exit, in the order of time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_SWEEP_H
#define TCPFSM_SWEEP_H

#include "report.h"

/* One socket of connection `number` enters (delta 1) or leaves (-1) a state. */
struct sweep_event {
    int64_t time;
    uint32_t number;
    uint8_t end, state;
    int8_t delta;
};

/* sweep_events: all of them up to `until`, by time; at one time exits come first. States without a socket (CLOSED, LISTEN) and stays of no time are left out, and so
 * is the exit of what lasts until then. The caller frees the array. */
GArray *sweep_events(int64_t until);

#endif
