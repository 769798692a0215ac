/* internal.h: what the parts of the engine share while one segment is looked at.
 *
 *     copies -> clock -> reuse? -> numbers -> reset?
 *       -> sent by x: missing, open, close show what happened to it
 *       -> arrives at y: open, close
 *
 * RFC 9293 section 3.10.7.4, and where each step is (test/unit/test_steps.c keeps this table true):
 *
 *     first, sequence number    numbers.c  tcpfsm_read          fifth, ACK of the SYN    open.c   tcpfsm_open_arrives
 *     second, RST               reset.c    tcpfsm_reset         fifth, ACK of the FIN    close.c  tcpfsm_close_arrives
 *     fourth, SYN               open.c     tcpfsm_open_arrives  eighth, FIN              close.c  tcpfsm_close_arrives
 *               on a live one   reuse.c    tcpfsm_reuse         3.10.8, timeouts         clock.c  tcpfsm_clock
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_INTERNAL_H
#define TCPFSM_INTERNAL_H

#include "connection.h"
#include "limits.h"
#include "seq.h"

#define BIT(name) TCPFSM_BIT(TCPFSM_##name)
#define EVENT(name) (1u << TCPFSM_EVENT_##name)

/* Sets that rules speak of. */
enum {
    SET_GONE = 1u << TCPFSM_CLOSED | 1u << TCPFSM_LISTEN,
    /* has a connection that is synchronized: sends ACKs */
    SET_SYNCHRONIZED = TCPFSM_SET_ALL & ~(SET_GONE | 1u << TCPFSM_SYN_SENT),
    /* has received its peer's FIN */
    SET_GOT_FIN = 1u << TCPFSM_CLOSE_WAIT | 1u << TCPFSM_CLOSING | 1u << TCPFSM_LAST_ACK | 1u << TCPFSM_TIME_WAIT,
    /* has sent its FIN and not had it acknowledged */
    SET_FIN_UNACKED = 1u << TCPFSM_FIN_WAIT_1 | 1u << TCPFSM_CLOSING | 1u << TCPFSM_LAST_ACK,
    /* has had its FIN acknowledged */
    SET_FIN_ACKED = 1u << TCPFSM_FIN_WAIT_2 | 1u << TCPFSM_TIME_WAIT,
    SET_SENT_FIN = SET_FIN_UNACKED | SET_FIN_ACKED,
    /* may still send data */
    SET_MAY_SEND = 1u << TCPFSM_ESTABLISHED | 1u << TCPFSM_CLOSE_WAIT,
};

/* Events that are about one thing. */
enum {
    EVENTS_OPEN = EVENT(LISTENS) | EVENT(RCV_SYN) | EVENT(SND_SYN_ACK) | EVENT(RCV_SYN_ACK) | EVENT(RCV_ACK_OF_SYN) |
                  EVENT(RCV_REFUSAL),
    EVENTS_FIN = EVENT(RCV_FIN) | EVENT(RCV_FIN_ACK),
    EVENTS_RST = EVENT(RCV_RST) | EVENT(RCV_RST_LISTENER) | EVENT(RCV_REFUSAL),
    EVENTS_TIME = EVENT(TIME_2MSL) | EVENT(TIME_GONE),
    EVENTS_PENDING_END = TCPFSM_EVENT_LISTENS + 1,
};

/* What the numbers of a segment say (numbers.c). x: who sent it; y: whom it is sent to. */
struct tcpfsm_reading {
    uint32_t end;       /* SEG.SEQ + SEG.LEN, SYN and FIN counted */
    bool foreign;       /* nowhere near what x sends: no fact about x, and y drops it (3.10.7.4 first) */
    bool bad_ack;       /* acknowledges what was never sent */
    bool stale;         /* acknowledges less than x has acknowledged before: sent earlier, captured later */
    bool same_ack;      /* without data, and acknowledges what x has acknowledged before */
    bool new_data;      /* octets beyond SND.NXT */
    bool data_again;    /* octets that lie below it */
    bool keepalive;     /* SND.NXT - 1, length 0 or 1 (3.8.4) */
    bool at_end;        /* without data: SEQ is SND.NXT, and every octet before it was captured */
    bool fin;           /* a FIN with a place */
    bool new_fin, fin_again;
    bool odd_fin;       /* a FIN beyond what y's windows allow: x's, if the capture missed a window */
    bool acks_syn;      /* covers y's SYN */
    bool acks_fin;      /* covers y's FIN */
    bool first_acks_fin; /* for the first time */
    bool misses_fin;    /* y's FIN was captured, and is not covered */
    bool beyond_window; /* octets beyond what y's windows have allowed: 3.10.7.4 first does not accept them */
    bool refutes_fin;   /* octets that stand where x's FIN was thought to be */
    /* an ACK of something new whose SEQ is where x's FIN was thought to be: x's SND.NXT has not passed it */
    bool disowns_fin;
    bool unseen;        /* octets of y that the capture has missed are acknowledged here for the first time */
    bool one_unseen;    /* and it is exactly one octet */
    bool one_skipped;   /* exactly one octet of x was missed before this segment */
    bool skips;         /* octets of x that the capture has missed lie before this segment */
    bool syn_again;     /* the same SYN or SYN,ACK again */
    /* a SYN,ACK with another number than the one before it: which of them counts, the ACK will say */
    bool rival;
};

/* One segment under way through the engine. */
struct tcpfsm_visit {
    struct tcpfsm_connection *c;
    const struct tcpfsm_segment *s;
    const struct tcpfsm_config *config;
    struct tcpfsm_path *path;
    struct tcpfsm_result *out;
    struct tcpfsm_endpoint *x;  /* who sent it */
    struct tcpfsm_endpoint *y;  /* whom it is sent to */
    struct tcpfsm_reading is;
    tcpfsm_set alive;           /* what may be left of the old connection at y, when this segment began a new one */
    struct tcpfsm_copies *copies;
    uint32_t before_heard;      /* when x last sent something before this segment */
    uint32_t before_next;       /* x's SND.NXT before this segment */
    uint32_t now;               /* its time, in ticks */
    bool flip;
    bool first;                 /* it is the first segment of the connection */
};

/* What a segment shows of x: these events happened to it before the segment left, and x is in one of `admits` after. */
struct tcpfsm_proof {
    uint16_t happened;
    uint16_t perhaps;           /* may have happened to x before it left, in segments that the capture missed */
    tcpfsm_set admits;
    uint8_t reason;             /* the event to name if nothing else explains where x is */
};

/* ago: how long before this segment that tick was, nanoseconds, right to a millisecond. Ticks wrap after 52 days: what
 * is older looks 26 days old at least (clock.c keeps ticks from growing older). */
static inline int64_t ago(const struct tcpfsm_visit *v, uint32_t tick)
{
    return (int64_t)(int32_t)(v->now - tick) * (1 << 20);
}

/* tcpfsm_ticks: a time in ticks of 2^20 ns, modulo 2^32; never 0, which means "not yet". */
static inline uint32_t tcpfsm_ticks(int64_t time)
{
    uint32_t tick = (uint32_t)((uint64_t)time >> 20);

    return tick ? tick : 1;
}

/* tcpfsm_part: what the tick leaves of a time, in parts of 16 ns. */
static inline uint16_t tcpfsm_part(int64_t time)
{
    return (uint16_t)((uint64_t)time >> 4);
}

/* later: is tick a after tick b? */
static inline bool later(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) > 0;
}

static inline unsigned index_of(const struct tcpfsm_visit *v, const struct tcpfsm_endpoint *e)
{
    return (unsigned)(e - v->c->end);
}

static inline bool sends(const struct tcpfsm_visit *v, uint16_t flag)
{
    return (v->s->flags & flag) != 0;
}

static inline bool has(const struct tcpfsm_visit *v, uint8_t what)
{
    return (v->s->has & what) != 0;
}

static inline bool within(tcpfsm_set set, tcpfsm_set of)
{
    return !(set & (tcpfsm_set)~of);
}

static inline void fact(struct tcpfsm_visit *v, uint32_t what, uint32_t evidence)
{
    v->out->facts |= what;
    if (evidence)
        v->out->evidence = evidence;
}

/* lowest: the lowest bit of a set of states or events that has one: the powers of 2 below 2^18 leave different
 * remainders by 19. */
static inline unsigned lowest(unsigned set)
{
    static const uint8_t number[19] = { 0, 0, 1, 13, 2, 16, 14, 6, 3, 8, 17, 12, 15, 5, 7, 11, 4, 10, 9 };

    return number[(set & (0u - set)) % 19u];
}

/* maybe_fin: the last octet of e was never captured: it may be a FIN. */
static inline bool maybe_fin(const struct tcpfsm_endpoint *e)
{
    return e->has_next && !e->sent_fin && seq_lt(e->seen, e->next);
}

/* table.c */
bool tcpfsm_can_happen(unsigned event, unsigned state);
tcpfsm_set tcpfsm_before(unsigned event, tcpfsm_set set);
/* possible.c: the sets of states: the only functions that write a belief. */
tcpfsm_set tcpfsm_perhaps(tcpfsm_set set, unsigned events);
void tcpfsm_settle(struct tcpfsm_endpoint *e);
void tcpfsm_hold(struct tcpfsm_endpoint *e, tcpfsm_set base, unsigned shown);
bool tcpfsm_prove(struct tcpfsm_visit *v, const struct tcpfsm_proof *proof);
void tcpfsm_may_happen(struct tcpfsm_endpoint *e, unsigned events);
void tcpfsm_cannot_have(struct tcpfsm_endpoint *e, unsigned events, tcpfsm_set states, unsigned event);
void tcpfsm_arrive(struct tcpfsm_visit *v, struct tcpfsm_endpoint *e, unsigned event, bool surely);
void tcpfsm_ask(struct tcpfsm_endpoint *e, unsigned question, tcpfsm_set base, unsigned shown, bool other_counts);
void tcpfsm_answer(struct tcpfsm_endpoint *e, bool other);
/* display.c: the displayed state: the only function that writes it. */
void tcpfsm_move(struct tcpfsm_visit *v, struct tcpfsm_endpoint *e, unsigned to, unsigned event);
void tcpfsm_show_proof(struct tcpfsm_visit *v, const struct tcpfsm_proof *proof);
void tcpfsm_catch_up(struct tcpfsm_visit *v, struct tcpfsm_endpoint *e);
void tcpfsm_doubt(struct tcpfsm_visit *v, struct tcpfsm_endpoint *e, unsigned events, unsigned event);
unsigned tcpfsm_first_of(tcpfsm_set set);
/* numbers.c */
void tcpfsm_read(struct tcpfsm_visit *v);
void tcpfsm_enter(struct tcpfsm_visit *v);
void tcpfsm_note_sent(const struct tcpfsm_visit *v, struct tcpfsm_endpoint *e);
int64_t tcpfsm_since_sent(const struct tcpfsm_visit *v, const struct tcpfsm_endpoint *e);
/* open.c, close.c, missing.c: both halves of their subject */
bool tcpfsm_open_shows(struct tcpfsm_visit *v, struct tcpfsm_proof *proof);
void tcpfsm_forget_answer(struct tcpfsm_endpoint *e);
void tcpfsm_choose_number(struct tcpfsm_visit *v);
void tcpfsm_open_arrives(struct tcpfsm_visit *v);
bool tcpfsm_syn_shows(struct tcpfsm_visit *v, struct tcpfsm_proof *proof);
void tcpfsm_close_shows(struct tcpfsm_visit *v, struct tcpfsm_proof *proof);
void tcpfsm_close_arrives(struct tcpfsm_visit *v);
void tcpfsm_gap_closed(struct tcpfsm_visit *v);
void tcpfsm_missing(struct tcpfsm_visit *v);
void tcpfsm_midstream(struct tcpfsm_visit *v);
void tcpfsm_likely_fin(struct tcpfsm_visit *v);
void tcpfsm_no_fin(struct tcpfsm_visit *v);
/* reset.c, reuse.c */
void tcpfsm_reset(struct tcpfsm_visit *v);
bool tcpfsm_after_reset(struct tcpfsm_visit *v);
void tcpfsm_challenge_ack(struct tcpfsm_visit *v);
bool tcpfsm_reuse(struct tcpfsm_visit *v);
void tcpfsm_begin(struct tcpfsm_connection *c);
/* engine.c */
void tcpfsm_sent_segment(struct tcpfsm_visit *v, bool arrives);
/* clock.c */
void tcpfsm_clock(struct tcpfsm_visit *v, struct tcpfsm_endpoint *e);
bool tcpfsm_overdue(const struct tcpfsm_visit *v, const struct tcpfsm_endpoint *e, uint32_t since);
int64_t tcpfsm_grace(const struct tcpfsm_visit *v, const struct tcpfsm_endpoint *e);
bool tcpfsm_gave_up(const struct tcpfsm_visit *v, const struct tcpfsm_endpoint *e);
uint16_t tcpfsm_gap(const struct tcpfsm_visit *v, uint32_t since);
/* copies.c, vantage.c, history.c */
bool tcpfsm_is_copy(struct tcpfsm_visit *v);
bool tcpfsm_beside(const struct tcpfsm_visit *v, const struct tcpfsm_endpoint *e);
void tcpfsm_observe(struct tcpfsm_visit *v);
void tcpfsm_locate(struct tcpfsm_visit *v);
void tcpfsm_lost(struct tcpfsm_visit *v);
void tcpfsm_unseen(struct tcpfsm_visit *v);
void tcpfsm_note_history(struct tcpfsm_visit *v);
void tcpfsm_note_syn(struct tcpfsm_connection *c, unsigned from);

#endif
