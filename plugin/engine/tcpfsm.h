/* tcpfsm.h: the engine of tcpfsm: which RFC 9293 state is each endpoint of a TCP connection in?
 *
 * The engine knows TCP and nothing else. It sees the segments of one 4-tuple as a capture saw them, and keeps for each of the two endpoints the set of
 * states it may be in. It needs no Wireshark and no GLib, allocates nothing, has no globals and does no I/O. Any input is legal.
 *
 *     segment -> duplicate? -> classify (sequence numbers) -> sent by one endpoint, arriving at the other (table) -> what changed
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_H
#define TCPFSM_H

#include <stdbool.h>
#include <stdint.h>

/* The eleven states of RFC 9293 section 3.3.2, in the order a connection passes through them. */
enum tcpfsm_state {
    TCPFSM_CLOSED,
    TCPFSM_LISTEN,
    TCPFSM_SYN_SENT,
    TCPFSM_SYN_RECEIVED,
    TCPFSM_ESTABLISHED,
    TCPFSM_FIN_WAIT_1,
    TCPFSM_FIN_WAIT_2,
    TCPFSM_CLOSE_WAIT,
    TCPFSM_CLOSING,
    TCPFSM_LAST_ACK,
    TCPFSM_TIME_WAIT,
    TCPFSM_STATES
};

/* A set of states: one bit a state. */
typedef uint16_t tcpfsm_set;
#define TCPFSM_BIT(state) ((tcpfsm_set)(1u << (state)))
#define TCPFSM_SET_ALL ((tcpfsm_set)((1u << TCPFSM_STATES) - 1u))

/* Control bits of the TCP header, as on the wire. */
enum { TCPFSM_FIN = 0x01, TCPFSM_SYN = 0x02, TCPFSM_RST = 0x04, TCPFSM_PSH = 0x08, TCPFSM_ACK = 0x10, TCPFSM_URG = 0x20 };

/* What a segment carries besides its header; bits of tcpfsm_segment.has. */
enum {
    TCPFSM_HAS_IP_ID = 0x01,      /* ip_id is known (IPv4; an IP ID of 0 on an atomic datagram is no identification: RFC 6864) */
    TCPFSM_HAS_TTL = 0x02,        /* ttl is known */
    TCPFSM_HAS_TS = 0x04,         /* timestamps option, RFC 7323 */
    TCPFSM_HAS_WSCALE = 0x08,     /* window scale option, RFC 7323 */
    TCPFSM_HAS_TFO = 0x10,        /* Fast Open option, RFC 7413 */
    TCPFSM_HAS_LENGTH = 0x20,     /* len is known; without it (first fragment, header cut by the snaplen) neither data nor FIN has a place */
    TCPFSM_HAS_BAD_CHECKSUM = 0x40, /* validated and wrong: its receiver never saw it, MUST-3 */
    TCPFSM_HAS_FASTCLOSE = 0x80   /* MPTCP MP_FASTCLOSE, RFC 8684 section 3.5 */
};

#define TCPFSM_SACK_MAX 4

/* One captured segment. All numbers are in host byte order. */
struct tcpfsm_segment {
    int64_t time;       /* capture time, nanoseconds; may go backwards */
    uint32_t frame;     /* number of the frame in the capture, from 1 */
    uint32_t seq;       /* SEG.SEQ */
    uint32_t ack;       /* SEG.ACK; meaningless without ACK */
    uint32_t len;       /* bytes of data, without SYN and FIN; from the IP total length, not from what was captured */
    uint32_t tsval;     /* with TCPFSM_HAS_TS */
    uint32_t tsecr;
    uint32_t digest;    /* any hash of header (checksum aside), options and data: equal for two captures of one segment */
    uint16_t flags;     /* TCPFSM_FIN ... */
    uint16_t window;    /* as on the wire, not scaled */
    uint16_t ip_id;
    uint8_t ttl;        /* IPv4 TTL or IPv6 hop limit */
    uint8_t wscale;     /* shift count, 0 to 14 */
    uint8_t has;        /* TCPFSM_HAS_... */
    uint8_t from;       /* endpoint that sent it: 0 or 1 */
    uint8_t sacks;      /* blocks in sack[], 0 to 4 */
    struct { uint32_t left, right; } sack[TCPFSM_SACK_MAX];
};

/* Where the capture sits, as seen from one connection. */
enum tcpfsm_vantage {
    TCPFSM_VANTAGE_UNKNOWN,
    TCPFSM_VANTAGE_NEAR_0,  /* beside endpoint 0: what is captured on its way there has as good as arrived */
    TCPFSM_VANTAGE_NEAR_1,
    TCPFSM_VANTAGE_BETWEEN, /* on the path, beside neither */
    TCPFSM_VANTAGE_BOTH     /* both endpoints are on the capturing host */
};

/* What a pair of addresses has shown of the capture's place; shared by all connections between them. Zero is a good start.
 * Index 0 and 1 are the two addresses in any fixed order. */
struct tcpfsm_path {
    uint32_t quickest[2];   /* shortest time in which this address answered what must be answered at once, microseconds; 0: none yet */
    uint8_t ttl[2];         /* TTL or hop limit of its last handshake segment; 0: not known */
    uint8_t lost[2];        /* how often something on its way to this address was captured, and proved not to have arrived */
    uint8_t unseen[2];      /* how often something from this address was acknowledged, and had not been captured */
};

/* How the user wants doubtful things decided; the plugin's preferences. */
struct tcpfsm_config {
    int64_t time_wait;      /* 2MSL, nanoseconds; RFC 9293 section 3.4.2 says 4 min, Linux holds 60 s */
    int64_t lingering;      /* CLOSE_WAIT and FIN_WAIT_2 longer than this are a finding, nanoseconds */
    uint8_t vantage;        /* TCPFSM_VANTAGE_UNKNOWN: infer it; NEAR_0 means near the client, NEAR_1 near the server */
    bool rst_rfc793;        /* any RST in the window is accepted (RFC 793) instead of only the exact one (RFC 5961) */
};

/* tcpfsm_config_default: the configuration of a plugin nobody has touched: 2MSL 60 s, lingering after 10 s, vantage inferred, RFC 5961. */
struct tcpfsm_config tcpfsm_config_default(void);

/* Events: what moves an endpoint. The rows of the table in table.c, in the order of RFC 9293 section 3.10.7. */
enum tcpfsm_event {
    TCPFSM_EVENT_NONE,
#define TCPFSM_EVENT_ROW(id, text, rule) TCPFSM_EVENT_##id,
#include "events.def"
#undef TCPFSM_EVENT_ROW
    TCPFSM_EVENTS
};

/* Findings: what is worth telling a person. The rows of findings.def. */
enum tcpfsm_finding_id {
    TCPFSM_FINDING_NONE,
#define TCPFSM_FINDING_ROW(id, name, severity, group, text, action, cases) TCPFSM_FINDING_##id,
#include "findings.def"
#undef TCPFSM_FINDING_ROW
    TCPFSM_FINDINGS
};

/* One edge of the state machine: endpoint `end` went from `from` to `to` because of `event`. */
struct tcpfsm_step {
    uint8_t end;
    uint8_t from;
    uint8_t to;
    uint8_t event;
};

/* In what a RST differs from the other segments of its alleged sender. */
enum {
    TCPFSM_TRAIT_TTL = 0x01,           /* another TTL or hop limit, by more than 2, and theirs was constant */
    TCPFSM_TRAIT_NO_TIMESTAMPS = 0x02, /* it has ACK and lacks the timestamps they all carry (RFC 7323 section 3.2) */
    TCPFSM_TRAIT_IP_ID = 0x04,         /* its IP ID does not continue theirs, which count up */
    TCPFSM_TRAIT_WINDOW = 0x08         /* a window, without ACK */
};

/* One thing worth telling. Unused parts are 0. */
struct tcpfsm_finding {
    uint8_t id;         /* enum tcpfsm_finding_id */
    uint8_t end;        /* the endpoint it is about: 0 or 1 */
    uint8_t state;      /* a state the text names: usually where that endpoint was */
    uint8_t detail;     /* which variant of the wording; see findings.def */
    uint8_t traits;     /* of a RST: in what it differs from the other segments of its alleged sender, TCPFSM_TRAIT_...; on other findings than rst.forged only if
                         * that is suspicious */
    uint8_t ttl;        /* with TCPFSM_TRAIT_TTL: its TTL or hop limit, */
    uint8_t usual_ttl;  /* and that of the others */
    uint32_t frame;     /* the evidence: a frame before this one */
    uint32_t count;     /* how often */
    int64_t time;       /* how long, nanoseconds */
};

enum { TCPFSM_STEPS_MAX = 12, TCPFSM_FINDINGS_MAX = 6 };

/* What one segment did. */
struct tcpfsm_result {
    bool restarted;                 /* this segment belongs to a new connection of the 4-tuple: a new incarnation begins here */
    bool changed;                   /* a state, a set or anything below differs from before this segment, or a finding was made */
    uint32_t copy_of;               /* the capture has this segment twice: the frame that has it too; it did nothing. Else 0 */
    uint8_t state[2];               /* after the segment departed (sender) and arrived (receiver) */
    uint8_t steps;                  /* used entries of step[]; at most TCPFSM_STEPS_MAX */
    uint8_t findings;
    tcpfsm_set possible[2];         /* state[i] is always in possible[i] */
    struct tcpfsm_step step[TCPFSM_STEPS_MAX];
    struct tcpfsm_finding finding[TCPFSM_FINDINGS_MAX];
};

/* How client and server were told apart. */
enum tcpfsm_role { TCPFSM_ROLE_UNKNOWN, TCPFSM_ROLE_SYN, TCPFSM_ROLE_SYN_ACK, TCPFSM_ROLE_PORT };

enum tcpfsm_phase { TCPFSM_PHASE_OPENING, TCPFSM_PHASE_OPEN, TCPFSM_PHASE_CLOSING, TCPFSM_PHASE_CLOSED, TCPFSM_PHASE_RESET };

/* How a connection went, up to the last segment seen. */
enum tcpfsm_outcome {
#define TCPFSM_OUTCOME_ROW(id, text) TCPFSM_OUTCOME_##id,
#include "outcomes.def"
#undef TCPFSM_OUTCOME_ROW
    TCPFSM_OUTCOMES
};

#include "connection.h"

/* tcpfsm_open: prepares *c for the segments of one 4-tuple. `self`: both endpoints have one address and one port (RFC 9293 section 3.5, one TCB).
 * `port` holds the ports of endpoints 0 and 1, for telling client from server without a SYN. The caller owns *c; nothing need be freed. */
void tcpfsm_open(struct tcpfsm_connection *c, bool self, const uint16_t port[2]);

/* tcpfsm_segment: takes one segment, in capture order, and says in *out what it did. `path` may be NULL (vantage unknown); `flip` says that endpoint 0 of the
 * connection is address 1 of the path. Reads and writes *c, *path and *out only. Never fails. RFC 9293 section 3.10.7. */
void tcpfsm_segment(struct tcpfsm_connection *c, const struct tcpfsm_segment *s, const struct tcpfsm_config *config, struct tcpfsm_path *path, bool flip,
                    struct tcpfsm_result *out);

/* tcpfsm_unreachable: an ICMP error quoting a segment of endpoint `from` with SEG.SEQ `seq` was captured at `time`, in `frame`. `hard`: RFC 1122 section 4.2.3.9
 * (port or protocol unreachable, administratively prohibited), else host or network unreachable. Never moves the displayed state; a hard error quoting the SYN adds CLOSED to the set. */
void tcpfsm_unreachable(struct tcpfsm_connection *c, unsigned from, uint32_t seq, bool hard, uint32_t frame, int64_t time, struct tcpfsm_result *out);

/* tcpfsm_client: index (0 or 1) of the endpoint that is the client. */
unsigned tcpfsm_client(const struct tcpfsm_connection *c);
enum tcpfsm_role tcpfsm_role(const struct tcpfsm_connection *c);
enum tcpfsm_phase tcpfsm_phase(const struct tcpfsm_connection *c);
enum tcpfsm_outcome tcpfsm_outcome(const struct tcpfsm_connection *c);
/* tcpfsm_closed_by, tcpfsm_reset_by: index of the endpoint whose FIN came first, whose RST ended the connection; -1: none so far. */
int tcpfsm_closed_by(const struct tcpfsm_connection *c);
int tcpfsm_reset_by(const struct tcpfsm_connection *c);
/* tcpfsm_at_reset: the state endpoint `end` was in when the RST came; meaningful while tcpfsm_reset_by is not -1. */
unsigned tcpfsm_at_reset(const struct tcpfsm_connection *c, unsigned end);

/* tcpfsm_history_text: the kinds of segments of c->history in the order of their first appearance, each once an endpoint, as Zeek writes them: S SYN, H SYN,ACK,
 * A pure ACK, D data, F FIN, R RST; upper case for endpoint `client`, lower case for the other; ^ before them if the other was seen first. */
#define TCPFSM_HISTORY_TEXT 16
void tcpfsm_history_text(const uint8_t code[6], unsigned client, char text[TCPFSM_HISTORY_TEXT]);
/* tcpfsm_conn_state: what Zeek would call it: S0 S1 SF REJ S2 S3 RSTO RSTR RSTOS0 RSTRH SH SHR OTH. Static storage. */
const char *tcpfsm_conn_state(const uint8_t code[6], unsigned client);

/* tcpfsm_vantage: where the capture sits, in terms of endpoints 0 and 1. */
enum tcpfsm_vantage tcpfsm_vantage(const struct tcpfsm_connection *c);
/* tcpfsm_incarnation: which use of the 4-tuple this is, from 1. */
uint32_t tcpfsm_incarnation(const struct tcpfsm_connection *c);
/* tcpfsm_opened_in: frame of the SYN that opened this connection (it may lie before the frame that proved the restart); 0 for mid-stream. */
uint32_t tcpfsm_opened_in(const struct tcpfsm_connection *c);

/* tcpfsm_*_name: printable ASCII, static storage, never NULL, "?" for a value out of range. */
const char *tcpfsm_state_name(unsigned state);
const char *tcpfsm_event_text(unsigned event);      /* "ACK of its FIN arrives" */
const char *tcpfsm_event_rule(unsigned event);      /* "RFC 9293 3.10.7.4, fifth" */
const char *tcpfsm_finding_name(unsigned finding);  /* "rst.refused" */
const char *tcpfsm_role_name(unsigned role);        /* "SYN" "SYN,ACK" "port" */
const char *tcpfsm_phase_name(unsigned phase);
const char *tcpfsm_outcome_name(unsigned outcome);

/* tcpfsm_next: the transition table: where an endpoint in `state` goes on `event`. The same state where nothing happens. Total. */
enum tcpfsm_state tcpfsm_next(unsigned event, unsigned state);
/* tcpfsm_next_set: the same for every member of a set. */
tcpfsm_set tcpfsm_next_set(unsigned event, tcpfsm_set set);

#endif
