/* tcpfsm.h: the engine of tcpfsm: which RFC 9293 state is each endpoint of a TCP connection in?
 *
 * The engine knows TCP and nothing else. It sees the segments of one 4-tuple as a capture saw them, and keeps for each
 * of the two endpoints the set of states it may be in. It needs no Wireshark and no GLib, allocates nothing, has no
 * globals and does no I/O. Any input is legal. What its caller has to do is in doc/engine.md; C11 and C++17.
 *
 *     segment -> copy? -> sequence numbers -> sent by one endpoint, arriving at the other (table) -> what changed
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_H
#define TCPFSM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "version.h"

#ifdef __cplusplus
extern "C" {
#endif

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
enum {
    TCPFSM_FIN = 0x01,
    TCPFSM_SYN = 0x02,
    TCPFSM_RST = 0x04,
    TCPFSM_PSH = 0x08,
    TCPFSM_ACK = 0x10,
    TCPFSM_URG = 0x20
};

/* What a segment carries besides its header; bits of tcpfsm_segment.has. */
enum {
    /* ip_id is known (IPv4; an IP ID of 0 on an atomic datagram is no identification: RFC 6864) */
    TCPFSM_HAS_IP_ID = 0x01,
    TCPFSM_HAS_TTL = 0x02,        /* ttl is known */
    TCPFSM_HAS_TS = 0x04,         /* timestamps option, RFC 7323 */
    TCPFSM_HAS_WSCALE = 0x08,     /* window scale option, RFC 7323 */
    TCPFSM_HAS_TFO = 0x10,        /* Fast Open option, RFC 7413 */
    /* len is known; without it (first fragment, header cut by the snaplen) neither data nor FIN has a place */
    TCPFSM_HAS_LENGTH = 0x20,
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
    /* with RST: its data, for whoever reports what it says (RFC 9293 section 3.5.2); NULL: none. Not kept */
    const uint8_t *text;
    /* any hash of addresses, header (checksum aside), options and data: equal for two captures of one segment */
    uint32_t digest;
    uint16_t flags;     /* TCPFSM_FIN ... */
    uint16_t window;    /* as on the wire, not scaled */
    uint16_t ip_id;
    uint8_t ttl;        /* IPv4 TTL or IPv6 hop limit */
    uint8_t wscale;     /* shift count, 0 to 14 */
    uint8_t has;        /* TCPFSM_HAS_... */
    uint8_t from;       /* endpoint that sent it: 0 or 1 */
    uint8_t text_len;   /* octets at text */
    uint8_t sacks;      /* blocks in sack[], 0 to 4 */
    bool local;         /* captured on the one host that both endpoints are on: nothing lies between */
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

/* What a pair of addresses has shown of the capture's place; shared by all connections between them. Zero is a good
 * start. Index 0 and 1 are the two addresses in any fixed order. */
struct tcpfsm_path {
    /* shortest time in which this address answered what must be answered at once, microseconds; 0: none yet */
    uint32_t quickest[2];
    uint8_t ttl[2];         /* TTL or hop limit of its last handshake segment; 0: not known */
    /* how often something on its way to this address was captured, and proved not to have arrived */
    uint8_t lost[2];
    uint8_t unseen[2];      /* how often something from this address was acknowledged, and had not been captured */
    /* the caller's; one for a whole capture. NULL: copies of segments are not recognised */
    struct tcpfsm_copies *copies;
};

/* The segments of the last seconds, to recognise those that the capture has twice. The caller owns it; zero is a good
 * start. */
enum { TCPFSM_COPIES = 4096 };
struct tcpfsm_seen { uint32_t digest, frame, time; uint8_t from; };
struct tcpfsm_copies { struct tcpfsm_seen seen[TCPFSM_COPIES]; };

/* How the user wants doubtful things decided; the plugin's preferences. */
struct tcpfsm_config {
    int64_t time_wait;      /* 2MSL, nanoseconds; RFC 9293 section 3.4.2 says 4 min, Linux holds 60 s */
    int64_t lingering;      /* CLOSE_WAIT and FIN_WAIT_2 longer than this are a finding, nanoseconds */
    uint8_t vantage;        /* TCPFSM_VANTAGE_UNKNOWN: infer it; NEAR_0 means near the client, NEAR_1 near the server */
    bool rst_rfc793;        /* any RST in the window is accepted (RFC 793) instead of only the exact one (RFC 5961) */
};

/* tcpfsm_config_default: the configuration of a plugin nobody has touched: 2MSL 60 s, lingering after 10 s, vantage
 * inferred, RFC 5961. */
struct tcpfsm_config tcpfsm_config_default(void);

/* Events: what moves an endpoint. The rows of the table in table.c, in the order of RFC 9293 section 3.10.7. */
enum tcpfsm_event {
    TCPFSM_EVENT_NONE,
#define TCPFSM_EVENT_ROW(id, text, rule) TCPFSM_EVENT_##id,
#include "events.def"
#undef TCPFSM_EVENT_ROW
    TCPFSM_EVENTS
};

/* One edge of the state machine: endpoint `end` went from `from` to `to` because of `event`. */
struct tcpfsm_step {
    uint8_t end;
    uint8_t from;
    uint8_t to;
    uint8_t event;
};

enum { TCPFSM_STEPS_MAX = 12 };

/* What a segment was and did, for whoever makes findings of it (plugin/diagnosis): bits of tcpfsm_result.facts. x: who
 * sent the segment; y: whom it is sent to. */
enum {
    TCPFSM_FACT_FIRST = 1 << 0,          /* the connection (incarnation) begins with this segment */
    /* both ends were taken as synchronized, without a handshake, because of this segment */
    TCPFSM_FACT_MIDSTREAM = 1 << 1,
    /* no state admitted what x sent: the past was not what it seemed, x starts again as in mid-stream */
    TCPFSM_FACT_RESTARTED_SETS = 1 << 2,
    /* the same SYN or SYN,ACK again, by a sender that still waits for its answer */
    TCPFSM_FACT_SYN_AGAIN = 1 << 3,
    TCPFSM_FACT_NEW_FIN = 1 << 4,        /* x's FIN, for the first time */
    TCPFSM_FACT_FIN_AGAIN = 1 << 5,      /* the same FIN again (not a copy) */
    TCPFSM_FACT_FIN_GAP = 1 << 6,        /* x's new FIN lies beyond a gap: y's state waits */
    TCPFSM_FACT_NEW_DATA = 1 << 7,       /* octets beyond what was captured of x */
    TCPFSM_FACT_DATA_AGAIN = 1 << 8,     /* octets that were captured before, or lie below y's RCV.NXT */
    TCPFSM_FACT_KEEPALIVE = 1 << 9,      /* SEQ = SND.NXT - 1, length 0 or 1 */
    TCPFSM_FACT_ACKS_FIN = 1 << 10,      /* its ACK covers y's FIN */
    TCPFSM_FACT_MISSES_FIN = 1 << 11,    /* y's FIN was captured before, and its ACK does not cover it */
    TCPFSM_FACT_STALE = 1 << 12,         /* acknowledges less than x did before: captured late */
    TCPFSM_FACT_FOREIGN = 1 << 13,       /* its numbers fit nothing of this connection (SEQ or ACK nowhere near) */
    TCPFSM_FACT_UNSEEN = 1 << 14,        /* its ACK, or its SEQ, shows octets that the capture missed */
    /* x repeats what was taken as acknowledged; evidence: the frame that held the acknowledgement */
    TCPFSM_FACT_ROLLBACK = 1 << 15,
    /* this RST: y's RCV.NXT may be its SEQ (or it acknowledges y's SYN): y is taken to be reset */
    TCPFSM_FACT_RST_ACCEPTED = 1 << 16,
    TCPFSM_FACT_RST_CHALLENGED = 1 << 17,/* in the window, not exact (RFC 5961 section 3.2) */
    TCPFSM_FACT_RST_DROPPED = 1 << 18,   /* outside, or in SYN_SENT without an acceptable ACK */
    /* x is in SYN_SENT and rejects an unacceptable ACK of y: x stays (3.10.7.3 first); may come with one of the three
     * before */
    TCPFSM_FACT_RST_REJECTS = 1 << 19,
    /* this segment shows that the RST of frame `evidence` was not x's: x goes on */
    TCPFSM_FACT_RST_REFUTED_BY_SENDER = 1 << 20,
    /* x acknowledges octets that y sent after the RST of frame `evidence` in y's name */
    TCPFSM_FACT_RST_REFUTED_BY_RECEIVER = 1 << 21,
    TCPFSM_FACT_SYN_ATTEMPT = 1 << 22,   /* a SYN on a 4-tuple whose other end may still have its connection */
    /* x answers the SYN of frame `evidence` with an ACK of the old connection (challenge, or a TIME_WAIT refusal) */
    TCPFSM_FACT_SYN_CHALLENGED = 1 << 23,
    /* the SYN of frame `evidence` was an old duplicate: its sender goes on with the old connection */
    TCPFSM_FACT_SYN_REFUTED = 1 << 24,
    /* the FIN of frame `evidence`, in x's name, was not x's: x sends data in its place */
    TCPFSM_FACT_FIN_REFUTED = 1 << 25,
    TCPFSM_FACT_SIMULTANEOUS_OPEN = 1 << 26,
    TCPFSM_FACT_SIMULTANEOUS_CLOSE = 1 << 27,      /* x's new FIN does not acknowledge y's FIN, captured before */
    TCPFSM_FACT_CHALLENGE_ACK = 1 << 28, /* x answers a RST in its window that was not exact (frame `evidence`) */
    TCPFSM_FACT_NO_MISSED_FIN = 1 << 30, /* x's last octet, which the capture had missed, was no FIN */
    /* with restarted: x was, or y was, in TIME_WAIT in the incarnation before; end in `evidence_end` */
    TCPFSM_FACT_REUSED_TIME_WAIT = 1 << 29,
};

/* What one segment did. */
struct tcpfsm_result {
    /* this segment belongs to a new connection of the 4-tuple: a new incarnation begins here */
    bool restarted;
    bool changed;                   /* a state, a set or anything below differs from before this segment */
    uint8_t steps;                  /* used entries of step[]; at most TCPFSM_STEPS_MAX */
    uint8_t evidence_end;           /* with TCPFSM_FACT_REUSED_TIME_WAIT: the endpoint that was in TIME_WAIT */
    /* the capture has this segment twice: the frame that has it too; it did nothing. Else 0 */
    uint32_t copy_of;
    uint8_t before[2];              /* the displayed states before the segment */
    uint8_t state[2];               /* after the segment departed (sender) and arrived (receiver) */
    tcpfsm_set possible_before[2];
    tcpfsm_set possible[2];         /* state[i] is always in possible[i] */
    uint32_t facts;                 /* TCPFSM_FACT_... */
    uint32_t evidence;              /* the frame that a fact speaks of; 0: none */
    struct tcpfsm_step step[TCPFSM_STEPS_MAX];
};

/* How client and server were told apart. */
enum tcpfsm_role { TCPFSM_ROLE_UNKNOWN, TCPFSM_ROLE_SYN, TCPFSM_ROLE_SYN_ACK, TCPFSM_ROLE_PORT };

enum tcpfsm_phase {
    TCPFSM_PHASE_OPENING,
    TCPFSM_PHASE_OPEN,
    TCPFSM_PHASE_CLOSING,
    TCPFSM_PHASE_CLOSED,
    TCPFSM_PHASE_RESET
};

/* What the engine remembers of one 4-tuple. Its members are not part of the interface: hold it in memory of
 * tcpfsm_connection_size() octets. It holds no pointers: it may be copied, moved and forgotten at will. */
struct tcpfsm_connection;

/* tcpfsm_connection_size, tcpfsm_connection_alignment: octets a connection takes, at most 512, and the alignment its
 * memory needs (malloc's is enough). They differ between versions, never within one build. */
size_t tcpfsm_connection_size(void);
size_t tcpfsm_connection_alignment(void);

/* tcpfsm_open: prepares *c for the segments of one 4-tuple. `self`: both endpoints have one address and one port
 * (RFC 9293 section 3.5, one TCB). `port` holds the ports of endpoints 0 and 1, for telling client from server without
 * a SYN. The caller owns *c, which need not be initialized; nothing need be freed. */
void tcpfsm_open(struct tcpfsm_connection *c, bool self, const uint16_t port[2]);

/* tcpfsm_segment: takes one segment, in capture order, and says in *out what it did. `path` may be NULL (vantage
 * unknown); `flip` says that endpoint 0 of the connection is address 1 of the path. Reads and writes *c, *path and *out
 * only. Never fails. RFC 9293 section 3.10.7. */
void tcpfsm_segment(struct tcpfsm_connection *c, const struct tcpfsm_segment *s, const struct tcpfsm_config *config,
                    struct tcpfsm_path *path, bool flip, struct tcpfsm_result *out);

/* tcpfsm_unreachable: an ICMP error quoting a segment of endpoint `from` with SEG.SEQ `seq` was captured at `time`, in
 * `frame`. `hard`: RFC 1122 section 4.2.3.9 (port or protocol unreachable, administratively prohibited), else host or
 * network unreachable. Never moves the displayed state; a hard error quoting the SYN adds CLOSED to the set. */
void tcpfsm_unreachable(struct tcpfsm_connection *c, unsigned from, uint32_t seq, bool hard, uint32_t frame,
                        int64_t time, struct tcpfsm_result *out);

/* tcpfsm_tick: time has passed without a segment, up to `time` (nanoseconds, on the clock of the segments): for live
 * monitors. What the clock does to both endpoints is done now and not at the next segment: 2MSL ends TIME_WAIT, and
 * where an endpoint may have given up, CLOSED becomes possible. Writes *c and *out only; out->facts stays 0. Ticking
 * often, seldom or never leads to the same states at the next segment, in any conversation that a TCP has; in one of
 * random segments the possible states may differ. Never fails. RFC 9293 section 3.10.8. */
void tcpfsm_tick(struct tcpfsm_connection *c, int64_t time, const struct tcpfsm_config *config,
                 struct tcpfsm_result *out);

/* Several points of capture, merged into one file (doc/engine.md). Each point has a connection of its own, fed with what
 * was captured there, in the order of that capture; an endpoint is followed by the point nearest to it. So the clocks of
 * two points are never compared to decide a state. */

/* Both endpoints, put together from the points: what is displayed and what is possible. */
struct tcpfsm_ends {
    uint8_t state[2];
    tcpfsm_set possible[2];
};

/* tcpfsm_join: what a segment means for both endpoints. *here: what the connection of this point said of it;
 * `followed`: 1 if this point follows endpoint 0, plus 2 if it follows endpoint 1. Brings *ends up to date and fills
 * *out, which is *here as far as this point follows the endpoints; the others stay as they were. */
void tcpfsm_join(struct tcpfsm_ends *ends, const struct tcpfsm_result *here, unsigned followed,
                 struct tcpfsm_result *out);

/* How long segments took from one point, A, to another, B, on their clocks. Zero is a good start. */
struct tcpfsm_delays {
    int64_t least[2], most[2]; /* by the endpoint that sent them; nanoseconds, with the clocks' difference */
    uint32_t count[2];
    int8_t routers[2];         /* between the points, TTLs fell (1) or grew (-1) from A to B; 0: neither */
};

/* tcpfsm_delay_note: a segment of endpoint `from` was captured at B `delay` nanoseconds after A (less than 0: before),
 * with a TTL that was lower by `hops`. */
void tcpfsm_delay_note(struct tcpfsm_delays *d, unsigned from, int64_t delay, int hops);

/* tcpfsm_nearer: the endpoint that A is nearer to than B is, 0 or 1; -1: they are at one place, or it is not known. */
int tcpfsm_nearer(const struct tcpfsm_delays *d);

/* tcpfsm_offset: by how many nanoseconds the clock of B is ahead of that of A, right to *uncertainty; both 0 where that
 * is not known. */
int64_t tcpfsm_offset(const struct tcpfsm_delays *d, int64_t *uncertainty);

/* tcpfsm_client: index (0 or 1) of the endpoint that is the client. */
unsigned tcpfsm_client(const struct tcpfsm_connection *c);
enum tcpfsm_role tcpfsm_role(const struct tcpfsm_connection *c);
enum tcpfsm_phase tcpfsm_phase(const struct tcpfsm_connection *c);
/* tcpfsm_closed_by, tcpfsm_reset_by: index of the endpoint whose FIN came first, whose RST ended the connection; -1:
 * none so far. */
int tcpfsm_closed_by(const struct tcpfsm_connection *c);
int tcpfsm_reset_by(const struct tcpfsm_connection *c);
/* tcpfsm_at_reset: the state endpoint `end` was in when the RST came; meaningful while tcpfsm_reset_by is not -1. */
unsigned tcpfsm_at_reset(const struct tcpfsm_connection *c, unsigned end);

/* tcpfsm_history: what kinds of segments this incarnation has seen, packed into 6 octets: for the two functions below.
 * Lies in *c: valid as long as that. */
const uint8_t *tcpfsm_history(const struct tcpfsm_connection *c);
/* tcpfsm_history_text: the kinds of segments of a history in the order of their first appearance, each once an
 * endpoint, as Zeek writes them: S SYN, H SYN,ACK, A pure ACK, D data, F FIN, R RST; upper case for endpoint `client`,
 * lower case for the other; ^ before them if the other was seen first. */
#define TCPFSM_HISTORY_TEXT 16
void tcpfsm_history_text(const uint8_t code[6], unsigned client, char text[TCPFSM_HISTORY_TEXT]);
/* tcpfsm_conn_state: what Zeek would call it: S0 S1 SF REJ S2 S3 RSTO RSTR RSTOS0 RSTRH SH SHR OTH. Static storage. */
const char *tcpfsm_conn_state(const uint8_t code[6], unsigned client);

/* What the engine knows of one direction, for findings and reports. Numbers are meaningful where the flag is set;
 * frames are 0 where there is none. */
struct tcpfsm_numbers {
    bool has_iss, has_next, has_ack, has_fin, has_in_order, sent_syn, sent_syn_ack;
    bool captured; /* at least one segment of it */
    bool sent;     /* captured or acknowledged */
    uint32_t iss;
    uint32_t next;        /* highest SND.NXT seen of it (captured or acknowledged) */
    uint32_t ack;         /* highest acknowledgement it sent */
    uint32_t in_order;    /* its RCV.NXT if everything captured has arrived */
    uint32_t fin;         /* sequence number of its FIN */
    uint32_t window;      /* last window it offered, octets, scaled */
    uint32_t syn_frame, fin_frame, frame /* last captured frame of it */;
    uint32_t ack_frame;   /* the frame that first brought the acknowledgement of its SYN or FIN */
};
/* tcpfsm_numbers: fills *n with what is known of endpoint `end` (0 or 1). */
void tcpfsm_numbers(const struct tcpfsm_connection *c, unsigned end, struct tcpfsm_numbers *n);

/* tcpfsm_vantage: where the capture sits, in terms of endpoints 0 and 1. */
enum tcpfsm_vantage tcpfsm_vantage(const struct tcpfsm_connection *c);
/* tcpfsm_incarnation: which use of the 4-tuple this is, from 1. */
uint32_t tcpfsm_incarnation(const struct tcpfsm_connection *c);
/* tcpfsm_opened_in: frame of the SYN that opened this connection (it may lie before the frame that proved the restart);
 * 0 for mid-stream. */
uint32_t tcpfsm_opened_in(const struct tcpfsm_connection *c);

/* tcpfsm_*_name: printable ASCII, static storage, never NULL, "?" for a value out of range. */
const char *tcpfsm_state_name(unsigned state);
const char *tcpfsm_event_text(unsigned event);      /* "ACK of its FIN arrives" */
const char *tcpfsm_event_rule(unsigned event);      /* "RFC 9293 3.10.7.4, fifth" */
const char *tcpfsm_role_name(unsigned role);        /* "SYN" "SYN,ACK" "port" */
const char *tcpfsm_phase_name(unsigned phase);

/* tcpfsm_is_withdrawal: the step of this event takes back what was displayed and had not happened: no transition of the
 * socket. */
bool tcpfsm_is_withdrawal(unsigned event);

/* tcpfsm_next: the transition table: where an endpoint in `state` goes on `event`. The same state where nothing
 * happens. Total. */
enum tcpfsm_state tcpfsm_next(unsigned event, unsigned state);
/* tcpfsm_next_set: the same for every member of a set. */
tcpfsm_set tcpfsm_next_set(unsigned event, tcpfsm_set set);

#ifdef __cplusplus
}
#endif

#endif
