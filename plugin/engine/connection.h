/* connection.h: what the engine remembers of a connection. Read through the functions of tcpfsm.h; the layout is not part of the interface.
 * Sequence numbers are modulo 2^32 and meaningful only where the matching bit of `knows` is set. Times are capture times
 * in ticks of 2^20 ns (about a millisecond), modulo 2^32, never 0.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_CONNECTION_H
#define TCPFSM_CONNECTION_H

/* What is known of an endpoint; bits of tcpfsm_endpoint.knows. */
enum {
    TCPFSM_KNOWS_ISS = 1 << 0,       /* iss: its SYN was captured, or its number follows from an acknowledgement */
    TCPFSM_KNOWS_SND = 1 << 1,       /* snd_nxt */
    TCPFSM_KNOWS_ACK = 1 << 2,       /* ack: it has sent an acknowledgement */
    TCPFSM_KNOWS_RCV = 1 << 3,       /* rcv_nxt */
    TCPFSM_SENT = 1 << 4,            /* it has shown itself: at least one segment of this connection, captured or acknowledged */
    TCPFSM_SENT_SYN = 1 << 5,
    TCPFSM_SENT_SYN_ACK = 1 << 6,
    TCPFSM_SENT_FIN = 1 << 7,        /* snd_fin */
    TCPFSM_SENT_RST = 1 << 8,
    TCPFSM_FIN_ACKED_FIN = 1 << 9,   /* a captured copy of its FIN acknowledged its peer's FIN */
    TCPFSM_FIN_BEFORE_ACK = 1 << 10, /* a captured copy did not */
    TCPFSM_GOT_FIN = 1 << 11,        /* the peer's FIN is in order here: delivered if everything captured was */
    TCPFSM_FIN_UNDER_WAY = 1 << 12,  /* the peer's FIN was captured, but what this endpoint sent just then was sent before it arrived */
    TCPFSM_SACKED = 1 << 13,         /* sack_right */
    TCPFSM_SCALED = 1 << 14,         /* its SYN carried a window scale */
    TCPFSM_PASSIVE = 1 << 15,        /* it answered a SYN: LISTEN before */
    TCPFSM_CAPTURED = 1 << 16,       /* at least one segment of it is in the capture */
    TCPFSM_OPEN_PROVEN = 1 << 17,    /* the ACK of its SYN has arrived: no way back to SYN_RECEIVED */
    TCPFSM_FIN_UNSEEN = 1 << 18,     /* its FIN is deduced from an acknowledgement only */
    TCPFSM_DEAF = 1 << 19,           /* something sent to it was repeated without an answer */
    TCPFSM_SENT_DATA = 1 << 20,      /* snd_data */
    TCPFSM_HAS_ACKED = 1 << 22,      /* last_ack */
    TCPFSM_SKIPPED = 1 << 23,        /* an ACK of it lay one octet beyond snd_fin: its FIN, or a byte, was missed; not yet SENT_FIN */
    TCPFSM_SKIP_COVERED = 1 << 24,   /* that ACK covered the peer's FIN */
    TCPFSM_SENDS_TS = 1 << 26,       /* its segments carry timestamps */
    TCPFSM_CLOSE_MARK = 1 << 25,     /* mark is about its FIN */
    TCPFSM_UNSENT = 1 << 27,         /* one octet more than it sent was acknowledged, and what it sent next, seen leaving it, shows that it had not sent it */
    TCPFSM_TTL_VARIES = 1 << 28,     /* its segments came with different TTLs */
    TCPFSM_ID_COUNTS = 1 << 29,      /* the IP IDs of its last two segments follow each other */
    TCPFSM_RST_PROOF = 1 << 21,      /* in TIME_WAIT it went on after a RST: it ignores them there (RFC 1337) */
};

/* A stretch of sequence numbers that arrived beyond a gap: [left, right). */
struct tcpfsm_stretch { uint32_t left, right; };

/* One endpoint: what it sent and what arrives there. */
struct tcpfsm_endpoint {
    uint32_t sent_syn;      /* when its SYN, SYN,ACK or FIN was first captured: the tick, */
    uint32_t since;          /* when the displayed state began */
    uint32_t heard;          /* when it last sent anything */
    uint32_t timer;          /* TIME_WAIT: when 2MSL last began */
    uint32_t fin_arrived;    /* when the peer's FIN last was captured on its way here, in order */
    uint32_t ack_arrived;    /* when an acknowledgement of its SYN or FIN was first captured on its way here */
    uint32_t ack_again;      /* when one was last captured */
    uint32_t asked;          /* when its peer first sent what it has not answered yet; 0: nothing */
    uint32_t sent_data;      /* when it last sent new data */
    uint32_t knows;
    uint32_t iss;           /* ISS */
    uint32_t snd_nxt;       /* SND.NXT as captured: the end of the highest segment it sent */
    uint32_t snd_data;      /* the end of the highest data it sent that was captured; with TCPFSM_SENT_DATA */
    uint32_t snd_fin;       /* sequence number of its FIN */
    uint32_t ack;           /* the highest acknowledgement it sent: its RCV.NXT, proven */
    uint32_t last_ack;      /* the acknowledgement in the last segment it sent, acceptable or not */
    uint32_t mark;          /* once it acknowledges more than this, the ACK of its SYN has arrived: the acknowledgement in its SYN,ACK;
                             * with TCPFSM_CLOSE_MARK, the ACK of its FIN: SEG.SEQ of the first segment that acknowledged it */
    uint32_t rcv_nxt;       /* its RCV.NXT if everything captured has arrived */
    uint32_t window;        /* the window it last offered, in bytes */
    uint32_t sack_right;    /* highest edge of its SACK blocks */
    uint32_t frame;         /* the last frame it sent */
    uint32_t syn_frame;     /* first SYN or SYN,ACK */
    uint32_t fin_frame;     /* first FIN */
    uint32_t ack_frame;     /* the frame that brought the acknowledgement of its SYN or FIN */
    uint32_t data_frame;    /* first copy of its oldest unacknowledged data */
    uint32_t data_seq;
    uint32_t last_data_frame; /* its newest new data */
    struct tcpfsm_stretch beyond[2];
    tcpfsm_set possible;
    tcpfsm_set saved;       /* possible before a RST or a new SYN that may have to be undone */
    uint16_t sent_part;     /* and 16 ns parts of it */
    uint16_t ip_id;         /* of its last SYN or FIN */
    uint16_t last_id;       /* IP ID of its last segment that had one, RSTs aside */
    uint16_t syn_gap;       /* time between the last two copies of its SYN, in units of 16 ticks; 0: one copy */
    uint8_t state;          /* displayed; always in possible */
    uint8_t saved_state;
    uint8_t wscale;
    uint8_t copies;         /* how often its SYN, SYN,ACK or FIN was sent */
    uint8_t data_copies;    /* how often its oldest unacknowledged data was sent */
    uint8_t keepalives;     /* how many unanswered */
    uint8_t ttl;            /* of its last segment, RSTs aside; 0: not known */
    uint8_t misses;         /* how often in a row what was captured on its way here proved not to have arrived */
};

/* A SYN on the live 4-tuple that has not been answered. */
struct tcpfsm_attempt {
    uint32_t sent;          /* when it was captured: the tick, */
    uint32_t heard;         /* when its last copy was */
    uint32_t isn;
    uint32_t frame;
    uint32_t challenge;     /* the acknowledgement it drew, when answered is set */
    uint32_t challenge_frame;
    uint16_t sent_part;     /* and 16 ns parts of it */
    uint16_t gap;           /* as syn_gap */
    uint16_t length;        /* of the SYN, with its data: ISN plus this acknowledges it */
    uint8_t from;
    bool pending : 1;
    bool answered : 1;      /* by an ACK of the old connection */
    bool old : 1;           /* its sequence number is below that of the SYN its sender is waiting for an answer to: an old duplicate */
};

/* A connection of one 4-tuple. */
struct tcpfsm_connection {
    struct tcpfsm_endpoint end[2];
    struct tcpfsm_attempt attempt;
    struct { uint32_t digest[3]; uint16_t time[3], frame[3]; } recent; /* the last three segments; time in units of 16 us and frame modulo 2^16, at most 3 ms back */
    uint16_t letters;       /* which codes history[] has */
    uint8_t history[6];     /* kinds of segments in the order of their first appearance, four bits each: see history.c */
    uint32_t last;          /* time of the last segment */
    uint32_t rtt;           /* the longest answer of the handshake, nanoseconds, at most 3 s; 0: not known */
    uint32_t rst_time;
    uint32_t incarnation;
    uint32_t opened_in;
    uint32_t challenged_frame; /* a RST in the window that was not exact, until it draws a challenge ACK */
    uint32_t rst_frame;     /* the RST that ended it; 0: none */
    uint32_t rst_seq;       /* its SEQ */
    uint32_t rst_end;       /* SND.NXT of its sender then */
    uint16_t port[2];
    uint16_t note;          /* of whoever keeps the connection; the engine only clears it, in tcpfsm_open */
    uint8_t rst_from;
    uint8_t client, role, vantage, recent_at;
    bool rst_exact : 1;     /* it lay exactly at RCV.NXT */
    bool self : 1, began : 1, midstream : 1, tfo : 1, reset : 1, forged : 1;
};

#endif
