/* counts.h: how many sockets a host has in which state, over time: the one place that counts them, for fields as for
 * reports.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_COUNTS_H
#define TCPFSM_COUNTS_H

#include "compat.h"
#include "engine/tcpfsm.h"

/* What is counted: a host's sockets in a state: all of them (peer and port 0); those of connections it opened to one
 * address and port; those at one port of its own, where it listens. */
enum counts_group { COUNTS_ALL, COUNTS_TOWARD, COUNTS_AT };
struct counts_key {
    uint32_t host, peer;
    uint16_t port;
    uint8_t state, group;
};

/* A connection's endpoints, and the states they are in from this frame on. */
struct counts_move {
    uint32_t connection;
    uint32_t host[2];           /* numbers of addresses.h */
    uint16_t port[2];
    uint8_t state[2];           /* COUNTS_NONE: it has no socket any more */
    bool restart[2];            /* a FIN came again: in TIME_WAIT, 2MSL begin anew */
    unsigned client;            /* endpoint */
    uint32_t frame;
    int64_t time;
};
enum { COUNTS_NONE = 0xff };

/* Called when a count has changed: `count` is the new one, `time` the moment, nanoseconds. */
typedef void counts_observer(void *data, const struct counts_key *key, uint32_t count, bool more, int64_t time);

/* counts_new: nothing counted yet. `time_wait`: 2MSL, nanoseconds. `limit`: so many sockets of one group in a state
 * are too many, 0: never; may be NULL. Without an observer TIME_WAIT and CLOSE_WAIT are counted as the fields show
 * them and counts of past frames are kept; with one every state with a socket is, in all groups, and nothing is
 * kept. To be freed with counts_free(). */
struct counts *counts_new(int64_t time_wait, const uint32_t limit[TCPFSM_STATES], counts_observer *observer,
                          void *data);
void counts_free(struct counts *s);

/* counts_tick: the clock: sockets whose 2MSL have passed at `time` leave TIME_WAIT, as seen from `frame` on. */
void counts_tick(struct counts *s, int64_t time, uint32_t frame);

/* counts_moved: endpoint `end` of a connection is in its state from this frame on. Returns the count of the group it
 * entered if that is too high for the first time, or for the first time since it was below half of the limit; else
 * 0. */
uint32_t counts_moved(struct counts *s, const struct counts_move *m, unsigned end);

/* counts_idle: whether a move to `state` of this endpoint changes nothing: it is counted nowhere, and would not be. */
bool counts_idle(const struct counts *s, uint32_t connection, unsigned end, unsigned state);

/* counts_then: the count at a frame. */
uint32_t counts_then(const struct counts *s, const struct counts_key *key, uint32_t frame);

/* counts_socket: whether a socket in this state is one that a host's list of connections shows: neither CLOSED nor
 * LISTEN. */
bool counts_socket(unsigned state);

#endif
