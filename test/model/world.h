/* world.h: two endpoints, their applications, the network between them and a capture on its path. Knows nothing of the
 * engine.
 *
 * A world moves by actions, each written as a short word. For endpoint 0 (1 likewise):
 *
 *     A0 OPEN, active         L0 OPEN, passive        S0 SEND ten bytes       C0 CLOSE, reads on (shutdown)     Z0
 * CLOSE, reads no more a0 OPEN, active, with a sequence number inside the old window            X0 ABORT         K0 the
 * host forgets the connection (crash, user timeout) R0 retransmission       r0 the same, FIN joined to the last data F0
 * delayed acknowledgement is sent       T0 2MSL have passed u0.i  segment i on its way from endpoint 0 to the capture
 * reaches it     d0.i  segment i on its way from the capture to the peer of 0 reaches it -u0.i, -d0.i  it is lost
 * +u0.i, +d0.i  it is duplicated .     whatever is on its way arrives, oldest first (for beginnings; written out when
 * read)
 *
 * and, where a switch lets them be explored:
 *
 *     D0 SEND and CLOSE, data and FIN in one segment         W0 three seconds pass           O0 RECEIVE: a slow reader
 * empties its buffer Y0 OPEN, passive, with SYN cookies                     Q0 its accept queue is full; again: it is
 * not E0 E1 what was captured last, of either endpoint, is captured again: one segment, or three ^0 the capture begins
 * (a world "mid" starts without) !  after any word: the capture misses what it would have captured: ! the first
 * segment, !2 the second, !3 both, !4 the third ... (a bit mask)
 *
 * The clock: a capture is 1 ms after the one before, 20 us where the endpoint beside the capture answers; a
 * retransmission comes 200 ms later, and not before the network is empty; no segment is overtaken by more than a few
 * captures. A "slow" world drops the last two: delays are unbounded.
 *
 * What a capture misses. An endpoint that something unseen has reached is not judged until a segment is captured that
 * it sent since; if what reached it left no trace (no octet that it acknowledges and the capture has not, no ACK that
 * is captured later) not before there is one, unless the world is "strict". An endpoint that sent something unseen is
 * judged, by `certain` alone, once a captured segment shows where its numbers have got to; not when what was missed is
 * a FIN that is captured when sent again with another ACK, since nothing shows that it was sent before what that ACK
 * covers. What was sent before the capture began is no miss: such an endpoint is judged in full once it has shown where
 * its numbers have got to, by `certain` alone before, and in SYN_RECEIVED until its SYN,ACK is captured (DESIGN: in
 * mid-stream any synchronized state is possible, and that is none).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MODEL_WORLD_H
#define MODEL_WORLD_H

#include "endpoint.h"

enum action_kind {
    ACT_OPEN,
    ACT_OPEN_NEAR,
    ACT_LISTEN,
    ACT_SEND,
    ACT_CLOSE,
    ACT_CLOSE_DEAF,
    ACT_ABORT,
    ACT_CRASH,
    ACT_RETRANSMIT,
    ACT_RETRANSMIT_JOINED,
    ACT_DELAYED_ACK,
    ACT_2MSL,
    ACT_SEND_CLOSE,
    ACT_WAIT,
    ACT_READ,
    ACT_LISTEN_COOKIES,
    ACT_FULL,
    ACT_BEGIN,
    ACT_AGAIN,
    ACT_UP,
    ACT_DOWN,
    ACT_LOSE_UP,
    ACT_LOSE_DOWN,
    ACT_COPY_UP,
    ACT_COPY_DOWN,
    ACT_KINDS
};

/* What a world has besides the ordinary; the words of world_switch_name. */
enum {
    WITH_SLOW = 0x0001,     /* no delay is bounded, and seconds may pass */
    WITH_MISS = 0x0002,     /* the capture misses segments */
    WITH_STRICT = 0x0004,   /* endpoints are judged also where an unseen segment left no trace */
    WITH_MID = 0x0008,      /* the capture begins in mid-stream */
    WITH_FIN = 0x0010,      /* data and FIN in one segment */
    WITH_WINDOW = 0x0020,   /* slow readers: windows of 20, 10 and 0 */
    WITH_COOKIES = 0x0040,  /* SYN cookies and full accept queues */
    WITH_LAG = 0x0080,      /* what is captured beside its receiver is not there at once */
    WITH_1337 = 0x0100,     /* RFC_RST_PROOF */
    WITH_OPEN4 = 0x0200,    /* RFC_STRICT_OPEN */
    WITH_793 = 0x0400,      /* RFC_RST_793 */
    WITH_TTL = 0x0800,      /* a RST of a host that has no TCB has another TTL */
    WITH_LWIP = 0x1000,     /* RFC_NO_CROSSING */
    WITH_ZEROFIN = 0x2000,  /* RFC_FIN_AT_ZERO */
    WITH_ISN = 0x4000,      /* RFC_ISN_FALLS; and an application may give up in SYN-SENT */
    WITH_ONE0 = 0x8000,     /* only what endpoint 0 sends is captured */
    WITH_ONE1 = 0x10000,    /* only what endpoint 1 sends */
    WITH_TWICE = 0x20000,   /* the capture has segments twice */
    WITH_KINDS = 18
};

struct action { uint8_t kind, end, index, miss; };

enum { WORLD_ACTIONS = 240, WORLD_QUEUE = 14, WORLD_CAPTURES = 8, WORLD_SCHEDULE = 400, WORLD_AGE = 5 };

enum { OWED_TEXT = 1, OWED_ACK = 2, HIDDEN_ORDER = 2, HIDDEN_BEFORE = 3 };

/* A segment on its way. No padding. */
struct packet {
    struct rfc_segment segment;
    uint16_t ip_id, tcb;
    uint8_t from, age;
    uint8_t unseen;   /* the capture missed it */
    uint8_t shows;    /* it ends at its sender's SND.NXT, or is a RST: it shows all that its sender had sent */
    uint8_t bare;     /* a RST of a host that had no TCB */
    uint8_t spare[3];
};

struct queue { struct packet packet[WORLD_QUEUE]; uint32_t count; };

/* A segment as captured. */
struct capture {
    struct rfc_segment segment;
    int64_t time; /* nanoseconds */
    uint16_t ip_id;
    uint8_t from, ttl, point; /* point: which of two capture points, in a world 'b' */
};

enum { WORLD_LAST = 3 };

struct world {
    struct rfc_endpoint end[2];
    struct queue up[2], down[2];
    int64_t now, time_wait[2];
    uint64_t trace;            /* hash of all captures: two worlds with one trace have one observer */
    uint64_t shape;            /* the same of what TCP says in them, without times and IP IDs */
    uint32_t frames;
    struct capture last[WORLD_LAST]; /* captured last, the latest first; known by the trace */
    uint16_t ip_id[2], numbers_tcb[2];
    uint16_t hidden_tcb[2], hidden_id[2], silent_id[2];
    uint32_t captured_end[2], captured_ack[2]; /* the highest numbers captured from either endpoint */
    uint32_t unseen_end[2],
        unseen_ack[2]; /* of what reached the endpoint unseen: its end, and the ACK of what ends at unseen_ack_end */
    uint32_t unseen_seq[2], unseen_ack_end[2], unseen_ack_seq[2];
    uint32_t missed_fin[2], missed_fin_ack[2]; /* of a FIN of the endpoint that was not captured: its end, its ACK */
    uint8_t opens[2], listens[2], sends[2], aborts[2];
    uint8_t crashes, faults, answering, jumped;
    uint8_t waits, waited, echoed, off, begun, miss,
        passed;        /* off: the capture has not begun; miss, passed: of the present action */
    uint8_t hidden[2]; /* a segment of its present connection never reached the capture; HIDDEN_ORDER: and which FIN was
                        * first is not known; HIDDEN_BEFORE: but that was before the capture began */
    uint8_t shown[2];          /* and since then one that shows where its numbers have got to did */
    uint8_t owed[2];           /* what reached it unseen has left no trace yet: OWED_TEXT, OWED_ACK */
    uint8_t silent[2];         /* its state changed without a segment, and nothing it sent since was captured */
    uint8_t toggled[2];        /* between CLOSED and LISTEN, by its application, unseen */
    uint8_t expired[2];        /* TIME-WAIT ended since the last capture */
    char vantage; /* 'c' beside endpoint 0, 's' beside endpoint 1, 'm' between, 'b' two points, one beside each */
    uint32_t with;             /* WITH_SLOW ... */
};

/* What one action showed the capture. */
struct sight { struct capture capture[WORLD_CAPTURES]; unsigned count; };

void world_start(struct world *w, char vantage, uint32_t with);
/* world_switch_name: the word for 1 << i, i below WITH_KINDS. */
const char *world_switch_name(unsigned i);

/* world_apply: does one action; false, and nothing done, if it cannot happen here. */
bool world_apply(struct world *w, struct action a, struct sight *sight);

/* world_actions: everything that can happen next, at most WORLD_ACTIONS. */
unsigned world_actions(const struct world *w, struct action list[WORLD_ACTIONS]);

/* world_fault: an action that is a failure of the network, a host or the capture: loss, copy, overtaking, crash, miss.
 */
bool world_fault(struct action a);

uint64_t world_hash(const struct world *w);

/* world_near: endpoint i sits beside the capture. */
bool world_near(const struct world *w, unsigned end);
/* world_observed: everything endpoint i sent has passed the capture or is lost. */
bool world_observed(const struct world *w, unsigned end);
/* world_flying: something is still on its way to endpoint i. */
bool world_flying(const struct world *w, unsigned end);
/* world_judged: how much an inference about endpoint i can be held to. */
enum judged { JUDGED_NOT, JUDGED_CERTAIN, JUDGED_FULL };
enum judged world_judged(const struct world *w, unsigned end);

/* action_write: appends the word for an action; at most 14 characters. action_read: reads one, false at anything else.
 */
void action_write(struct action a, char *text);
bool action_read(const char **text, struct action *a);

#endif
