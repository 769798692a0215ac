/* world.h: two endpoints, their applications, the network between them and a capture on its path. Knows nothing of the engine.
 *
 * A world moves by actions, each written as a short word. For endpoint 0 (1 likewise):
 *
 *     A0 OPEN, active         L0 OPEN, passive        S0 SEND ten bytes       C0 CLOSE, reads on (shutdown)     Z0 CLOSE, reads no more
 *     a0 OPEN, active, with a sequence number inside the old window            X0 ABORT         K0 the host forgets the connection (crash, user timeout)
 *     R0 retransmission       r0 the same, FIN joined to the last data         F0 delayed acknowledgement is sent       T0 2MSL have passed
 *     u0.i  segment i on its way from endpoint 0 to the capture reaches it     d0.i  segment i on its way from the capture to the peer of 0 reaches it
 *     -u0.i, -d0.i  it is lost                                                 +u0.i, +d0.i  it is duplicated
 *     .     whatever is on its way arrives, oldest first (for beginnings; written out when read)
 *
 * The clock: a capture is 1 ms after the one before, 20 us where the endpoint beside the capture answers; a retransmission comes 200 ms later,
 * and not before the network is empty; no segment is overtaken by more than a few captures. A "slow" world drops the last two: delays are unbounded.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MODEL_WORLD_H
#define MODEL_WORLD_H

#include "endpoint.h"

enum action_kind {
    ACT_OPEN, ACT_OPEN_NEAR, ACT_LISTEN, ACT_SEND, ACT_CLOSE, ACT_CLOSE_DEAF, ACT_ABORT, ACT_CRASH, ACT_RETRANSMIT, ACT_RETRANSMIT_JOINED, ACT_DELAYED_ACK,
    ACT_2MSL,
    ACT_UP, ACT_DOWN, ACT_LOSE_UP, ACT_LOSE_DOWN, ACT_COPY_UP, ACT_COPY_DOWN,
    ACT_KINDS
};

struct action { uint8_t kind, end, index, spare; };

enum { WORLD_ACTIONS = 96, WORLD_QUEUE = 14, WORLD_CAPTURES = 8, WORLD_SCHEDULE = 400, WORLD_AGE = 5 };

/* A segment on its way. No padding. */
struct packet {
    struct rfc_segment segment;
    uint16_t ip_id, tcb;
    uint8_t from, age;
    uint16_t spare;
};

struct queue { struct packet packet[WORLD_QUEUE]; uint32_t count; };

/* A segment as captured. */
struct capture {
    struct rfc_segment segment;
    int64_t time; /* nanoseconds */
    uint16_t ip_id;
    uint8_t from, ttl;
};

struct world {
    struct rfc_endpoint end[2];
    struct queue up[2], down[2];
    int64_t now, time_wait[2];
    uint64_t trace;            /* hash of all captures: two worlds with one trace have one observer */
    uint32_t frames;
    uint16_t ip_id[2];
    uint16_t hidden_tcb[2], silent_id[2];
    uint8_t opens[2], listens[2], sends[2], aborts[2];
    uint8_t crashes, faults, answering, jumped;
    uint8_t hidden[2];         /* a segment of its present connection never reached the capture */
    uint8_t silent[2];         /* its state changed without a segment, and nothing it sent since was captured */
    uint8_t toggled[2];        /* between CLOSED and LISTEN, by its application, unseen */
    uint8_t expired[2];        /* TIME-WAIT ended since the last capture */
    char vantage;              /* 'c' beside endpoint 0, 's' beside endpoint 1, 'm' between */
    bool slow;
};

/* What one action showed the capture. */
struct sight { struct capture capture[WORLD_CAPTURES]; unsigned count; };

void world_start(struct world *w, char vantage, bool slow);

/* world_apply: does one action; false, and nothing done, if it cannot happen here. */
bool world_apply(struct world *w, struct action a, struct sight *sight);

/* world_actions: everything that can happen next, at most WORLD_ACTIONS. */
unsigned world_actions(const struct world *w, struct action list[WORLD_ACTIONS]);

/* world_fault: an action that is the network's or the host's failure: loss, copy, overtaking, crash. */
bool world_fault(struct action a);

uint64_t world_hash(const struct world *w);

/* world_near: endpoint i sits beside the capture. */
bool world_near(const struct world *w, unsigned end);
/* world_observed: everything endpoint i sent has passed the capture or is lost. */
bool world_observed(const struct world *w, unsigned end);
/* world_flying: something captured is still on its way to endpoint i. */
bool world_flying(const struct world *w, unsigned end);

/* action_write: appends the word for an action; at most 12 characters. action_read: reads one, false at anything else. */
void action_write(struct action a, char *text);
bool action_read(const char **text, struct action *a);

#endif
