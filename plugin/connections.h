/* connections.h: which 4-tuples a capture has, which connections on each, one after another; feeds each segment to the
 * engine and the diagnosis and announces what it changed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_CONNECTIONS_H
#define TCPFSM_CONNECTIONS_H

#include "history.h"

/* The two ends of a 4-tuple. Endpoint 0 sent the first segment that the capture has of it. */
struct connections_ends {
    uint32_t host[2];                   /* numbers of addresses.h */
    uint16_t port[2];
};

/* connections_self: whether both ends have one address and port, and so one socket: RFC 9293 section 3.5. */
static inline bool connections_self(const struct connections_ends *ends)
{
    return ends->host[0] == ends->host[1] && ends->port[0] == ends->port[1];
}

/* One incarnation of a 4-tuple. */
struct connection {
    struct history history;
    uint32_t tuple;
    uint32_t first_frame;
    uint32_t opened_in;                 /* frame of its SYN; 0 for mid-stream */
    uint32_t closed_in;                 /* frame in which it became closed or reset; 0 while it is not */
    uint8_t first_order;
    uint8_t outcome;                    /* of a connection that was replaced: how it went until then */
    uint8_t letters[6];                 /* of a connection that was replaced: see connections_letters() */
};

/* A segment that changed something, as it is announced. */
struct connections_event {
    uint32_t connection;
    struct connections_ends ends;
    unsigned client;                    /* endpoint */
    uint8_t state[2];
    uint8_t was[2];                     /* before it */
    /* another connection has taken the place of this one: it has no sockets any more */
    bool gone;
    bool fin[2];                        /* a FIN came to this endpoint */
    uint32_t frame;
    unsigned order;
    int64_t time;                       /* nanoseconds */
};

/* A segment that the engine and the diagnosis have taken. The pointers hold during the call only. */
struct connections_taken {
    const struct tcpfsm_connection *engine;
    const uint32_t *host;               /* of both ends: numbers of addresses.h */
    const uint16_t *port;               /* of both ends */
    const struct tcpfsm_segment *segment;
    const struct tcpfsm_result *result;
    bool begin;                         /* a connection begins with it */
};

/* Who wants to hear. All are called in the order of the capture, one listener after the other; NULL: not of that. */
struct connections_listener {
    /* before each segment */
    void (*clock)(int64_t time, uint32_t frame);
    /* of each segment; it may add what it finds */
    void (*taken)(const struct connections_taken *, struct diagnosis_result *said);
    /* of a finding, which it may change; false: not worth keeping */
    bool (*finding)(const struct connections_event *, struct tcpfsm_finding *);
    /* of what an endpoint did; true: it has made a finding of its own */
    bool (*moved)(const struct connections_event *, unsigned end, struct tcpfsm_finding *);
};

/* A TCP header's place. */
struct connections_place {
    uint32_t connection;
    unsigned from;                      /* endpoint that sent it */
};

/* connections_open, connections_close: begin and end the memory of one capture. *config and the `count` listeners
 * outlive it. Closing what is not open does nothing. */
void connections_open(const struct tcpfsm_config *config, const struct connections_listener *listeners, unsigned count);
void connections_close(void);

/* connections_generation: another number for each capture, and for each session of tshark -M: connection numbers
 * hold for one of them. Never 0. */
uint32_t connections_generation(void);

/* connections_segment: analyses a segment on the frame's first visit and remembers what it changed. `order`: where
 * in the frame, below MOMENT_QUOTE and increasing within it. Sets s->from. True if it made a finding. Addresses
 * longer than 16 bytes are not followed. */
bool connections_segment(const address *src, const address *dst, uint16_t sport, uint16_t dport,
                         struct tcpfsm_segment *s, unsigned order);

/* connections_unreachable: this frame is an ICMP error quoting a segment from src to dst with SEG.SEQ `seq`. Nothing
 * happens unless that 4-tuple is known. */
void connections_unreachable(const address *src, const address *dst, uint16_t sport, uint16_t dport, uint32_t seq,
                             bool hard, uint32_t frame, int64_t time);

/* connections_find: the connection a TCP header of `frame` belongs to; false if that 4-tuple was not followed then. */
bool connections_find(const address *src, const address *dst, uint16_t sport, uint16_t dport, uint32_t frame,
                      unsigned order, struct connections_place *place);

/* connections_count, connections_get: connections are numbered from 0 in the order of their first frames. */
uint32_t connections_count(void);
const struct connection *connections_get(uint32_t number);

/* connections_ends: the ends of connection `number`. */
struct connections_ends connections_ends(uint32_t number);

/* connections_clock: a frame of any kind, at this time: the capture goes on at least until then. */
void connections_clock(int64_t time);

/* connections_outcome: how the connection went, up to the last frame analysed. */
enum tcpfsm_outcome connections_outcome(uint32_t number);

/* connections_letters: what kinds of segments the connection has seen, up to the last frame analysed: six bytes for
 * tcpfsm_history_text(). */
const uint8_t *connections_letters(uint32_t number);

/* connections_incarnation: which use of its 4-tuple a connection is, from 1. connections_after: the next one's number;
 * UINT32_MAX if this is the latest. */
uint32_t connections_incarnation(uint32_t number);
uint32_t connections_after(uint32_t number);

#endif
