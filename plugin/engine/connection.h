/* connection.h: what the engine remembers of a connection. Private: not installed. For the engine, and for code built
 * with it that holds a connection by value. Read through the functions of tcpfsm.h.
 *
 * Sequence numbers are modulo 2^32 and meaningful only where the flag beside them is set. Times are capture times in
 * ticks of 2^20 ns (about a millisecond), modulo 2^32, never 0, which means "not yet".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_CONNECTION_H
#define TCPFSM_CONNECTION_H

#include "tcpfsm.h"

/* What is held of one endpoint: the answer "yes" or "no" to an open question, or the only answer. Sets of events have a
 * bit an event. */
struct tcpfsm_belief {
    tcpfsm_set base;        /* where it may have been when it last sent something */
    uint16_t pending;       /* events that may have happened to it, and that nothing it sent has shown */
    /* those of them that were captured beside it since it last sent something: they have as good as happened */
    uint16_t due;
    uint16_t doubted;       /* those of them that the display does not assume */
    uint8_t shown;          /* the member of base to display */
};

/* A stretch of sequence numbers that arrived beyond a gap: [left, right). */
struct tcpfsm_stretch { uint32_t left, right; };

/* What an endpoint's open question is about: the less likely answer stands in `other`. */
enum { TCPFSM_QUESTION_NONE, TCPFSM_QUESTION_RST, TCPFSM_QUESTION_SYN };

/* One endpoint: what it sent and what arrives there. */
struct tcpfsm_endpoint {
    struct tcpfsm_belief now, other;
    tcpfsm_set possible;    /* derived from the two: possible.c */
    uint8_t state;          /* displayed; always in possible */

    /* what it sends */
    uint32_t iss;           /* ISS */
    uint32_t next;          /* the highest SND.NXT that shows: in its own segments, or in its peer's acknowledgements */
    /* the end of the highest octet of it that was captured, SYN and FIN counted: below next, the last octet was missed
     * */
    uint32_t seen;
    uint32_t ack;           /* the highest acknowledgement it sent: its RCV.NXT, shown */
    uint32_t last_ack;      /* the acknowledgement in the last segment it sent, acceptable or not */
    /* ISS of its other SYN,ACK: two answers to one SYN, or the numbers on the other side of a device */
    uint32_t rival;
    uint32_t open_mark;     /* once it acknowledges more than this, the ACK of its SYN has arrived */
    uint32_t close_mark;    /* once it acknowledges more than this, the ACK of its FIN has arrived */
    struct { uint32_t seq, frame; } fin;
    uint32_t syn_frame;     /* first SYN or SYN,ACK */
    uint32_t frame;         /* the last frame it sent */

    /* what arrives there */
    uint32_t in_order;      /* its RCV.NXT if everything captured has arrived */
    struct tcpfsm_stretch beyond[2];
    uint32_t edge;          /* the highest number that its windows have allowed its peer to send, plus one */
    uint32_t window;        /* the window it last offered, in octets */
    uint32_t sack_right;    /* highest edge of its SACK blocks */
    uint32_t ack_frame;     /* the frame that brought the acknowledgement of its SYN or FIN */

    /* when */
    uint32_t sent_at;       /* when its SYN, SYN,ACK or FIN was first captured: the tick, */
    uint32_t since;         /* when the displayed state began */
    uint32_t heard;         /* when it last sent anything */
    uint32_t timer;         /* TIME_WAIT: when 2MSL last began */
    uint32_t fin_at;        /* when the peer's FIN was first captured on its way here, in order */
    uint32_t ack_at;        /* when an acknowledgement of its SYN or FIN was first captured on its way here */
    uint32_t asked;         /* when its peer first sent what it has not answered yet */
    uint16_t sent_part;     /* and 16 ns parts of sent_at */
    uint16_t ip_id;         /* of its last SYN or FIN */
    uint16_t last_id;       /* of its last segment that had one */
    uint16_t syn_gap;       /* time between the last two copies of its SYN, in units of 16 ticks; 0: one copy */
    uint8_t wscale;
    uint8_t copies;         /* how often its SYN, SYN,ACK or FIN was sent */
    uint8_t ttl;            /* of its last segment, RSTs aside; 0: not known */
    uint8_t misses;         /* how often in a row what was captured on its way here proved not to have arrived */
    uint8_t question : 2;   /* TCPFSM_QUESTION_... */
    /* the less likely answer is still possible; else it is kept only for the case that the likelier one is refuted */
    bool other_counts : 1;

    bool captured : 1;      /* at least one segment of it is in the capture */
    bool sent : 1;          /* it has shown itself: captured, or acknowledged */
    bool sent_syn : 1, sent_syn_ack : 1, sent_fin : 1;
    bool passive : 1;       /* it answered a SYN: LISTEN before */
    bool open_shown : 1;    /* the ACK of its SYN has arrived */
    bool fin_with_ack : 1;  /* a captured copy of its FIN acknowledged its peer's FIN */
    bool fin_without : 1;   /* a captured copy did not */
    bool fin_passed : 1;    /* the peer's FIN has come by here, in order */
    bool fin_disputed : 1;  /* octets stand where its FIN was, which its peer may have taken in */
    bool has_iss : 1, has_next : 1, has_ack : 1, has_last_ack : 1, has_in_order : 1, has_rival : 1, has_close_mark : 1;
    bool has_edge : 1, has_scale : 1, has_sack : 1;
    bool iss_captured : 1;  /* iss stood in a segment of its own */
    /* next was its SND.NXT for sure at one time: from its SYN on, or since a pure ACK at the end of captured data */
    bool next_sure : 1;
    bool sends_ts : 1;      /* its segments carry timestamps */
    /* exactly one octet of it was missed by the capture: more likely its FIN than a byte; for the display */
    bool likely_fin : 1;
    bool ignores_rst : 1;   /* it went on in TIME_WAIT after a RST (RFC 1337 section 3); for the display */
    bool ttl_varies : 1;    /* its segments came with different TTLs */
};

/* A SYN on the live 4-tuple that has not been answered. */
struct tcpfsm_attempt {
    uint32_t sent;          /* when it was captured: the tick, */
    uint32_t heard;         /* when its last copy was */
    uint32_t isn;
    uint32_t frame;
    uint32_t challenge;     /* the acknowledgement it drew, when answered is set */
    uint16_t sent_part;     /* and 16 ns parts of it */
    uint16_t gap;           /* as syn_gap */
    uint16_t length;        /* of the SYN, with its data: ISN plus this acknowledges it */
    uint8_t from;
    bool pending : 1;
    bool answered : 1;      /* by an ACK of the old connection */
    bool syn_ack : 1;       /* by a SYN,ACK that covers it, while its sender waits for another */
    /* its number is below that of the SYN its sender is waiting for an answer to: an old duplicate, or a new attempt */
    bool lower : 1;
};

/* A connection of one 4-tuple. */
struct tcpfsm_connection {
    struct tcpfsm_endpoint end[2];
    struct tcpfsm_attempt attempt;
    uint16_t letters;       /* which codes history[] has */
    /* kinds of segments in the order of their first appearance, four bits each: see history.c */
    uint8_t history[6];
    uint32_t last;          /* time of the last segment */
    uint32_t rtt;           /* the longest answer of the handshake, nanoseconds, at most 3 s; 0: not known */
    uint32_t incarnation;
    uint32_t opened_in;
    /* the RST that ended it: its frame, its SEQ, SND.NXT of its sender then, and when */
    struct { uint32_t frame, seq, end, at; } rst;
    uint32_t challenged_frame; /* a RST in the window that was not exact, until it draws a challenge ACK */
    uint16_t port[2];
    uint16_t note;          /* of whoever keeps the connection; the engine only clears it, in tcpfsm_open */
    uint8_t rst_from, at_reset[2];
    uint8_t client, role, vantage;
    bool reset : 1;         /* a RST ended it, and nothing has refuted that */
    bool self : 1, local : 1, began : 1, midstream : 1, tfo : 1;
};

#endif
