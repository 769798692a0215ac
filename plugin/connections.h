/* connections.h: which 4-tuples a capture has, which connections on each, one after another; feeds each segment to the
 * engine and the diagnosis and announces what it changed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_CONNECTIONS_H
#define TCPFSM_CONNECTIONS_H

#include "between.h"
#include "connection.h"

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

/* Where a segment was found. */
struct connections_header {
    const address *src, *dst;
    uint16_t sport, dport;
    unsigned order;                     /* where in the frame, below MOMENT_QUOTE and increasing within it */
    uint32_t interface;                 /* see hook.h */
};

/* connections_segment: analyses a segment on the frame's first visit and remembers what it changed. Sets s->from. True
 * if it made a finding. Addresses longer than 16 bytes are not followed. */
bool connections_segment(const struct connections_header *h, struct tcpfsm_segment *s);

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

/* connections_between: *b, for between.h, of the tuple of a connection; false: it was captured at one point. */
bool connections_between(uint32_t number, struct between *b);

/* connections_incarnation: which use of its 4-tuple a connection is, from 1. connections_after: the next one's number;
 * UINT32_MAX if this is the latest. */
uint32_t connections_incarnation(uint32_t number);
uint32_t connections_after(uint32_t number);

#endif
