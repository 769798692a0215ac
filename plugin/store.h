/* store.h: what is remembered of a capture: which 4-tuples, which connections on each (one after another), and what changed in which frame.
 *
 * Only changes are kept. A segment that changes nothing costs no memory: the states at its frame are those of the last change before it. Everything that is
 * displayed comes from here, on the first visit of a frame as on every later one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_STORE_H
#define TCPFSM_STORE_H

#include "compat.h"
#include "engine/tcpfsm.h"

/* What changed in one frame; 32 bytes. A frame with more than three steps continues in further records of the same frame and order, equal but for the steps. */
enum { STORE_STEPS = 3, STORE_ORDER_QUOTE = 127 };   /* the order of records made by an ICMP error; TCP layers have lower ones */
struct store_change {
    int64_t time;               /* of the frame, nanoseconds */
    uint32_t frame;
    unsigned state0 : 4, state1 : 4, order : 7, steps : 3, phase : 3, client : 1, role : 2, vantage : 3, outcome : 4;
    tcpfsm_set possible[2];     /* by endpoint of the tuple, 0 and 1 */
    uint16_t back[2];           /* so many records back each endpoint's state began (or the search for it goes on from there, at 65535) */
    uint16_t step[STORE_STEPS]; /* packed: store_step() */
    unsigned closed_by : 2, reset_by : 2, at_reset0 : 4, at_reset1 : 4; /* whose FIN came first, whose RST ended it: endpoint plus 1, 0: none; states it found */
};

/* A finding and where it was made. */
struct store_finding {
    struct tcpfsm_finding finding;
    uint32_t frame;
    uint32_t order;
};

/* One incarnation of a 4-tuple. */
struct store_connection {
    struct store_change *change;
    uint32_t changes;
    uint32_t finding;           /* number of its list of findings, plus one; 0: none */
    uint32_t tuple;
    uint32_t first_frame;
    uint32_t opened_in;         /* frame of its SYN; 0 for mid-stream */
    uint32_t closed_in;         /* frame in which it became closed or reset; 0 while it is not */
    uint32_t findings;
    uint8_t first_order;
    uint8_t outcome;            /* of a connection that was replaced: how it went until then */
    uint8_t history[6];         /* of a connection that was replaced: tcpfsm_connection.history */
};

/* A FIN that came again in TIME_WAIT, whose 2MSL began anew. */
struct store_restart {
    int64_t time;
    uint32_t connection, frame;
    uint8_t order, end;
};

/* A 4-tuple. Endpoint 0 sent the first segment that the capture has of it. */
struct store_tuple {
    struct tcpfsm_connection engine;    /* of the latest connection; its note: what the latest record says besides the states */
    uint32_t host[2];                   /* numbers of addresses.h */
    uint32_t path : 31, flip : 1;       /* flip: endpoint 0 is address 1 of the path */
    uint32_t connections;
    uint32_t last_change;               /* frame of the latest record of the latest connection */
    uint32_t of;                        /* the number of the connection, while there is one; then of the list of their numbers */
};

/* A TCP header's place in the store. */
struct store_place {
    uint32_t connection;
    uint32_t tuple;
    unsigned from;                      /* endpoint that sent it */
};

/* One endpoint as of a frame, for display. */
struct store_end {
    unsigned state;
    tcpfsm_set possible;
    bool changed;                       /* in this very frame */
    unsigned previous;                  /* with changed: the state before it */
    uint32_t since;                     /* frame that began the present state */
    uint32_t timed_since;               /* frame from which `spent` is measured; 0: not known */
    unsigned timed_state;               /* the state it was spent in: on a change, the one left */
    int64_t spent;                      /* nanoseconds */
};

/* A connection as of a frame, for display. All frame numbers are 0 where there is none. */
struct store_view {
    const struct store_connection *connection;
    const struct store_tuple *tuple;
    uint32_t number;                    /* of the connection, from 0 */
    unsigned from, client;              /* endpoints */
    unsigned role, phase, vantage, outcome;
    unsigned closed_by, reset_by;       /* endpoint plus 1; 0: none so far */
    unsigned at_reset[2];               /* with reset_by: the states the RST found */
    struct store_end end[2];
    struct tcpfsm_step step[TCPFSM_STEPS_MAX];
    unsigned steps;
    uint32_t next_change;               /* frame after this one in which a state changes */
    const struct store_finding *finding;
    unsigned findings;
};

/* store_open, store_close: begin and end the memory of one capture, reading plugin_config. Closing what is not open does nothing. */
void store_open(void);
void store_close(void);

/* store_segment: analyses a segment on the frame's first visit and remembers what it changed. `order`: where in the frame, below STORE_ORDER_QUOTE and
 * increasing within it. Sets s->from. True if it made a finding. Addresses longer than 16 bytes are not followed. */
bool store_segment(const address *src, const address *dst, uint16_t sport, uint16_t dport, struct tcpfsm_segment *s, unsigned order);

/* store_unreachable: this frame is an ICMP error quoting a segment that net_src sent to net_dst with SEG.SEQ `seq`. Nothing happens unless that 4-tuple is
 * known. */
void store_unreachable(packet_info *pinfo, uint16_t sport, uint16_t dport, uint32_t seq, bool hard);

/* store_find: the connection a TCP header of `frame` belongs to; false if that 4-tuple was not followed then. */
bool store_find(const address *src, const address *dst, uint16_t sport, uint16_t dport, uint32_t frame, unsigned order, struct store_place *place);

/* store_view: the connection as of that frame, whose capture time is `time`. What a later packet reveals is only in next_change and *connection. */
void store_view(const struct store_place *place, uint32_t frame, unsigned order, int64_t time, struct store_view *view);

/* store_copy_of: the frame that holds the same segment as this one, if the capture has it twice; else 0. */
uint32_t store_copy_of(uint32_t frame, unsigned order);

/* store_outcome: how the connection went, up to the last frame analysed. */
enum tcpfsm_outcome store_outcome(uint32_t connection);

/* store_history: what kinds of segments the connection has seen, up to the last frame analysed: tcpfsm_connection.history. */
const uint8_t *store_history(uint32_t connection);

/* store_connections, store_connection, store_tuple: iteration for reports: connections are numbered from 0 in the order of their first frames. */
uint32_t store_connections(void);
const struct store_connection *store_connection(uint32_t number);
const struct store_tuple *store_tuple(uint32_t number);

/* store_incarnation: which use of its 4-tuple a connection is, from 1. */
uint32_t store_incarnation(uint32_t connection);

/* store_after: the next connection of the same 4-tuple; UINT32_MAX if this is the latest. */
uint32_t store_after(uint32_t connection);

/* store_findings: the findings of a connection, c->findings of them, in the order of their frames. */
const struct store_finding *store_findings(const struct store_connection *c);

/* store_port: the port of endpoint `end`. */
static inline uint16_t store_port(const struct store_tuple *t, unsigned end) { return t->engine.port[end]; }

/* store_generation: a number that is another one for each capture, or each session of tshark -M: what a report has collected holds for one of them. */
uint32_t store_generation(void);

/* store_sockets: the counts that fields show. store_restarts: all restarts of TIME_WAIT, *count of them, in the order of capture. */
const struct sockets *store_sockets(void);
const struct store_restart *store_restarts(uint32_t *count);

/* store_restarted: when TIME_WAIT of this endpoint was last restarted; INT64_MIN: never. */
int64_t store_restarted(uint32_t connection, unsigned end);

/* store_step: unpacks step i of a change, 0 to steps - 1. */
struct tcpfsm_step store_step(const struct store_change *change, unsigned i);
static inline unsigned store_state(const struct store_change *change, unsigned end) { return end ? change->state1 : change->state0; }

#endif
