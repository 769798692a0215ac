/* endpoint.h: one TCP endpoint, written from RFC 9293 section 3.10 alone. It shares nothing with the engine: no header,
 * no constant, no idea.
 *
 * No options, no congestion control, data in pieces of ten bytes. What it does have is everything of section 3.10 that
 * moves a state. Its window never closes unless its reader is slow. What stacks do otherwise than the RFC is a bit of
 * `stack`.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MODEL_ENDPOINT_H
#define MODEL_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>

/* The states of RFC 9293 section 3.3.2. */
enum rfc_state {
    RFC_CLOSED, RFC_LISTEN, RFC_SYN_SENT, RFC_SYN_RECEIVED, RFC_ESTABLISHED, RFC_FIN_WAIT_1, RFC_FIN_WAIT_2,
    RFC_CLOSE_WAIT, RFC_CLOSING, RFC_LAST_ACK, RFC_TIME_WAIT,
    RFC_STATES
};

/* Control bits, RFC 9293 section 3.1. */
enum { RFC_FIN = 1, RFC_SYN = 2, RFC_RST = 4, RFC_ACK = 16 };

enum { RFC_PIECE = 10, RFC_WINDOW = 4000, RFC_HELD = 4, RFC_OUT = 8 };

enum { RFC_SMALL = 20 }; /* the buffer of an endpoint whose application reads only when it chooses to */

/* In what an endpoint is not the RFC's, or not the usual one. Bits of rfc_endpoint.stack. */
enum {
    RFC_RST_PROOF = 1,    /* TIME-WAIT drops a RST: RFC 1337 section 3 */
    RFC_STRICT_OPEN = 2,  /* SYN-RECEIVED finds a crossing SYN,ACK below RCV.NXT and stays: 3.10.7.4 first, strictly */
    RFC_RST_793 = 4,      /* any RST in the window is accepted: RFC 793 page 37 */
    RFC_NO_CROSSING = 8,  /* SYN-SENT drops a SYN without ACK: lwIP */
    RFC_SLOW_READER = 16, /* a buffer of RFC_SMALL octets, emptied by rfc_read */
    RFC_FIN_AT_ZERO = 32, /* with RCV.WND 0, a FIN at RCV.NXT is taken: Linux */
    RFC_FULL = 64,        /* its accept queue is full: the final ACK of a handshake is ignored */
    RFC_ISN_FALLS = 128   /* its next connection begins below the last: with RFC 6528's random numbers every second one */
};

/* A segment on the wire. */
struct rfc_segment {
    uint32_t seq, ack;
    uint16_t len;
    uint16_t flags;
    uint16_t window;
    uint16_t spare;
};

/* What one call made the endpoint send, in order. */
struct rfc_out {
    struct rfc_segment segment[RFC_OUT];
    unsigned count;
    bool time_wait; /* the 2MSL timer was started, or started again */
};

/* One endpoint: a TCB (RFC 9293 section 3.3.1), or none when CLOSED. No padding: it is hashed as bytes. */
struct rfc_endpoint {
    uint32_t iss, irs, snd_una, snd_nxt, rcv_nxt;
    uint32_t fin;          /* sequence number of the FIN it sent, if fin_sent */
    uint32_t next_iss;     /* of its next connection */
    uint32_t cookie_iss, cookie_irs; /* of the SYN,ACK a LISTEN with SYN cookies sent last */
    struct rfc_segment held[RFC_HELD]; /* text beyond a gap, SHLD-31 */
    uint16_t tcb;          /* which connection of this endpoint this is */
    uint8_t held_count;
    uint8_t state;
    uint8_t unsent;        /* pieces waiting for ESTABLISHED */
    uint8_t passive;       /* came from LISTEN */
    uint8_t fin_sent;
    uint8_t close_queued;  /* CLOSE waits for ESTABLISHED */
    uint8_t deaf;          /* the application will read no more: RFC 9293 3.6.1, SHLD-3 */
    uint8_t ack_owed;      /* an acknowledgement waits for data to ride on, or for its timer */
    uint8_t reopen;        /* a SYN may reopen the connection from TIME-WAIT, 3.6.1 MAY-2 */
    uint8_t stack;         /* RFC_RST_PROOF ... */
    uint8_t cookies;       /* LISTEN answers a SYN with SYN,ACK and keeps no TCB; 2: cookie_iss is one it sent */
    uint8_t unread;        /* octets that fill the buffer of a slow reader */
    uint8_t spare[2];
};

const char *rfc_state_name(unsigned state);

/* User calls, 3.10.1 to 3.10.5. Each may be made in any state; a call the RFC answers with an error does nothing. */
void rfc_open_active(struct rfc_endpoint *e, struct rfc_out *out);
void rfc_open_passive(struct rfc_endpoint *e);
void rfc_open_cookies(struct rfc_endpoint *e); /* passive, with SYN cookies: RFC 4987 section 3.6 */
void rfc_send(struct rfc_endpoint *e, struct rfc_out *out);
/* rfc_send_close: SEND and CLOSE so close together that one segment carries data and FIN. */
void rfc_send_close(struct rfc_endpoint *e, struct rfc_out *out);
/* rfc_read: RECEIVE: a slow reader empties its buffer, and says so. */
void rfc_read(struct rfc_endpoint *e, struct rfc_out *out);
void rfc_close(struct rfc_endpoint *e, bool deaf, struct rfc_out *out);
void rfc_abort(struct rfc_endpoint *e, struct rfc_out *out);

/* rfc_arrives: SEGMENT ARRIVES, 3.10.7. */
void rfc_arrives(struct rfc_endpoint *e, const struct rfc_segment *s, struct rfc_out *out);

/* Timeouts, 3.10.8, and the delayed acknowledgement of 3.8.6.3. */
bool rfc_can_retransmit(const struct rfc_endpoint *e);
void rfc_retransmit(struct rfc_endpoint *e, bool coalesce, struct rfc_out *out);
void rfc_user_timeout(struct rfc_endpoint *e);
void rfc_time_wait_timeout(struct rfc_endpoint *e);
void rfc_acknowledge(struct rfc_endpoint *e, struct rfc_out *out);

#endif
