/* diagnosis.h: what is worth saying about a TCP connection: findings, made of what the engine reports.
 *
 * The engine (engine/tcpfsm.h) infers states and reports facts. The diagnosis turns facts, and a memory of its own,
 * into findings; it changes no state. As the engine, it needs no Wireshark and no GLib, allocates nothing, has no
 * globals and does no I/O. Any input is legal.
 *
 *     tcpfsm_segment(&connection, &segment, ..., &result);
 *     diagnosis_segment(&diagnosis, &connection, &segment, &config, &result, &pair, flip, &said);
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_DIAGNOSIS_H
#define TCPFSM_DIAGNOSIS_H

#include "../engine/tcpfsm.h"

/* Findings: the rows of findings.def. */
enum tcpfsm_finding_id {
    TCPFSM_FINDING_NONE,
#define TCPFSM_FINDING_ROW(id, name, severity, group, text, action, cases, summary) TCPFSM_FINDING_##id,
#include "findings.def"
#undef TCPFSM_FINDING_ROW
    TCPFSM_FINDINGS
};

/* In what a RST differs from the other segments of its alleged sender. */
enum {
    TCPFSM_TRAIT_TTL = 0x01, /* another distance by its TTL or hop limit, by more than 2, and theirs was constant */
    TCPFSM_TRAIT_NO_TIMESTAMPS = 0x02, /* it has ACK and lacks the timestamps they all carry (RFC 7323 section 3.2) */
    TCPFSM_TRAIT_IP_ID = 0x04,         /* its IP ID does not continue theirs, which count up */
    TCPFSM_TRAIT_WINDOW = 0x08         /* a window, without ACK */
};

enum { TCPFSM_QUOTE = 48, TCPFSM_FINDINGS_MAX = 6 };

/* One thing worth saying. Unused parts are 0. */
struct tcpfsm_finding {
    uint8_t id;             /* enum tcpfsm_finding_id */
    uint8_t end;            /* the endpoint it is about: 0 or 1 */
    uint8_t state;          /* a state the text names: usually where that endpoint was */
    uint8_t detail;         /* which variant of the wording; see findings.def */
    uint8_t traits; /* of a RST: in what it differs from its alleged sender's other segments, TCPFSM_TRAIT_... */
    uint8_t ttl;            /* with TCPFSM_TRAIT_TTL: its TTL or hop limit, */
    uint8_t usual_ttl;      /* and that of the others */
    bool suspicious;        /* its traits are enough to doubt who sent it */
    uint32_t frame;         /* the evidence: a frame before this one */
    uint32_t other;         /* a second one; of a RST with traits: a segment that it does not look like */
    uint32_t count;         /* how often, how many */
    uint32_t size;          /* octets */
    uint16_t passed;        /* octets */
    uint16_t code;          /* of a RST: a cause that its window names (NetScaler), else 0 */
    int64_t time;           /* how long, nanoseconds */
    int64_t silence;        /* of an ended, reset or unanswered connection: how long nothing was captured of it before,
                               nanoseconds; 0: below ten seconds */
    char quote[TCPFSM_QUOTE]; /* of a RST: the text in it (RFC 9293 section 3.5.2), printable ASCII, ends with 0; may be
                                 empty */
};

/* How a connection went, up to the last segment seen. */
enum tcpfsm_outcome {
#define TCPFSM_OUTCOME_ROW(id, text) TCPFSM_OUTCOME_##id,
#include "outcomes.def"
#undef TCPFSM_OUTCOME_ROW
    TCPFSM_OUTCOMES
};

/* What is remembered of one endpoint. Not part of the interface. Ticks are 2^20 ns; frames and ticks are 0 where there
 * is none. */
struct diagnosis_end {
    uint32_t told;          /* findings that are made once: a bit each */
    uint32_t heard;         /* tick of its last segment, RSTs aside */
    uint32_t frame;         /* and its frame */
    uint32_t since;         /* tick at which its displayed state began */
    uint32_t data_frame;    /* its newest data */
    /* The oldest thing it sent that has no answer. */
    struct {
        uint32_t since;     /* tick of its first copy (answered: of the answer) */
        uint32_t frame;     /* frame of its first copy */
        uint32_t seq;
        uint32_t idle;      /* ticks of silence of the connection before it */
        uint16_t len;       /* octets of data */
        uint8_t copies;     /* how often it was sent */
        uint8_t kind;       /* enum open_kind */
    } open;
    uint16_t passed;        /* octets of data in its largest segment that was acknowledged as a whole */
    uint16_t ip_id;         /* of its last segment that had one, RSTs aside */
    uint16_t window;        /* in its last segment, as on the wire */
    uint8_t ttl;            /* of its last segment, RSTs aside; 0: not known */
    uint8_t flags;
};

/* What is remembered of one connection. The caller owns it; nothing need be freed. */
struct diagnosis {
    struct diagnosis_end end[2];
    int64_t last;           /* capture time of the last segment, nanoseconds */
    uint32_t data_time;     /* tick of the newest data of either */
    uint32_t rst_frame;     /* the RST that ended it; 0: none */
    uint32_t rst_time;      /* tick of the last RST accepted */
    uint32_t attempt_frame; /* a SYN on the live 4-tuple that has not been answered */
    uint32_t attempt_time;
    uint16_t rtt;           /* ticks: the longest answer of the handshake; 0: not known */
    uint8_t cause;          /* why it was reset: enum tcpfsm_finding_id */
    uint8_t traits, ttl, usual_ttl; /* of that RST */
    uint8_t state[2];       /* displayed, */
    uint8_t rst_state;      /* where the sender of a RST was that was not accepted */
    uint8_t certain;        /* and whether each is the only possible one: a bit each */
    bool began : 1, reset_by : 1, attempt_by : 1, challenged : 1, suspicious : 1;
};

/* What a pair of addresses has shown; shared by all connections between them. Zero is a good start. Index 0 and 1 are
 * the two addresses in any fixed order, as in struct tcpfsm_path. */
struct diagnosis_pair {
    uint32_t stamp[2];      /* the highest TSval in a SYN of this address that the other one answered, */
    uint32_t stamp_time[2]; /* and the tick of that answer; 0: none */
    uint8_t clock[2];       /* what the stamps answered show: enum clock of handshake.c */
};

/* What the diagnosis says of one segment. */
struct diagnosis_result {
    int64_t
        silence; /* how long nothing was captured of the connection before it, nanoseconds; 0 for its first segment */
    uint8_t findings;       /* used entries of finding[]; at most TCPFSM_FINDINGS_MAX */
    bool suspicious;        /* it is a RST, with a finding or without, whose traits are enough to doubt who sent it */
    struct tcpfsm_finding finding[TCPFSM_FINDINGS_MAX];
};

/* diagnosis_begin: forgets everything: a connection, or a new incarnation of its 4-tuple, begins. Zeroed memory is as
 * good. */
void diagnosis_begin(struct diagnosis *d);

/* diagnosis_segment: says in *out what is worth saying about the segment *s, which tcpfsm_segment has just taken into
 * *c with the result *r. Begins anew by itself where r->restarted. `pair` may be NULL; `flip`: endpoint 0 is address 1
 * of the pair. Writes *d, *pair and *out only. Never fails. */
void diagnosis_segment(struct diagnosis *d, const struct tcpfsm_connection *c, const struct tcpfsm_segment *s,
                       const struct tcpfsm_config *config, const struct tcpfsm_result *r, struct diagnosis_pair *pair,
                       bool flip, struct diagnosis_result *out);

/* diagnosis_unreachable: the same for an ICMP error that quotes a segment of endpoint `from` with SEG.SEQ `seq`,
 * captured in `frame` at `time` (nanoseconds), after tcpfsm_unreachable. */
void diagnosis_unreachable(struct diagnosis *d, const struct tcpfsm_connection *c, unsigned from, uint32_t seq,
                           uint32_t frame, int64_t time, struct diagnosis_result *out);

/* diagnosis_outcome: how the connection went, up to the last segment. */
enum tcpfsm_outcome diagnosis_outcome(const struct diagnosis *d, const struct tcpfsm_connection *c);

/* diagnosis_patience: how long a socket may be in CLOSE_WAIT, SYN_SENT or SYN_RECEIVED, nanoseconds, before that is worth
 * a word. `client`: it is the client's. INT64_MAX for other states. */
int64_t diagnosis_patience(const struct tcpfsm_config *config, unsigned state, bool client);

/* diagnosis_outcome_at: how the connection went, up to a time after its last segment, nanoseconds: a socket may have
 * been left in CLOSE_WAIT. */
enum tcpfsm_outcome diagnosis_outcome_at(const struct diagnosis *d, const struct tcpfsm_connection *c,
                                         const struct tcpfsm_config *config, int64_t time);

/* diagnosis_code: what a NetScaler says by this window in a RST; NULL: nothing. Static storage. */
const char *diagnosis_code(unsigned window);

/* tcpfsm_finding_name, tcpfsm_outcome_name: "rst.refused", "normal"; static storage, never NULL, "?" for a value out of
 * range. */
const char *tcpfsm_finding_name(unsigned finding);
const char *tcpfsm_outcome_name(unsigned outcome);

#endif
