/* sockets.h: the sockets of each host in TIME_WAIT and CLOSE_WAIT, counted from what connections.h announces.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_SOCKETS_H
#define TCPFSM_SOCKETS_H

#include "connections.h"
#include "counts.h"

/* A FIN that came again in TIME_WAIT, whose 2MSL began anew. */
struct sockets_restart {
    int64_t time;
    uint32_t connection, frame;
    uint8_t order, end;
};

/* sockets_open, sockets_close: begin and end the memory of one capture. `limit`: for counts_new(). */
void sockets_open(int64_t time_wait, const uint32_t limit[TCPFSM_STATES]);
void sockets_close(void);

/* sockets_clock, sockets_moved: what a connections_listener calls. A finding: too many sockets weigh on one service. */
void sockets_clock(int64_t time, uint32_t frame);
bool sockets_moved(const struct connections_event *e, unsigned end, struct tcpfsm_finding *found);

/* sockets_count: how many sockets endpoint `end`'s host had in `state` at a frame. COUNTS_TOWARD: toward the other end;
 * COUNTS_AT: at its own address and port. */
uint32_t sockets_count(const struct connections_ends *ends, unsigned end, unsigned state, enum counts_group group,
                       uint32_t frame);

/* sockets_restarts: all restarts of TIME_WAIT, *n of them, in the order of capture. */
const struct sockets_restart *sockets_restarts(uint32_t *n);

/* sockets_time_wait_until: when a TIME_WAIT of this endpoint that began at `from` ends. */
int64_t sockets_time_wait_until(uint32_t connection, unsigned end, int64_t from);

/* sockets_move: a move of connection `number` for counts_moved(); no endpoint has a socket in it yet. */
struct counts_move sockets_move(uint32_t number, const struct connections_ends *ends, unsigned client, uint32_t frame,
                                int64_t time);

/* sockets_time_wait: 2MSL, nanoseconds. */
int64_t sockets_time_wait(void);

#endif
