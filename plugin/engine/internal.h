/* internal.h: what the parts of the engine share while one segment is looked at.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_INTERNAL_H
#define TCPFSM_INTERNAL_H

#include "seq.h"
#include "tcpfsm.h"

#define MS(n) ((int64_t)(n) * 1000000)
#define SECONDS(n) ((int64_t)(n) * 1000000000)
#define BIT(name) TCPFSM_BIT(TCPFSM_##name)

/* Sets that rules speak of. */
enum {
    /* has a connection that is synchronized: sends ACKs */
    SET_SYNCHRONIZED = TCPFSM_SET_ALL & ~(1u << TCPFSM_CLOSED | 1u << TCPFSM_LISTEN | 1u << TCPFSM_SYN_SENT),
    /* has received its peer's FIN */
    SET_GOT_FIN = 1u << TCPFSM_CLOSE_WAIT | 1u << TCPFSM_CLOSING | 1u << TCPFSM_LAST_ACK | 1u << TCPFSM_TIME_WAIT,
    /* has sent its FIN and not had it acknowledged */
    SET_FIN_UNACKED = 1u << TCPFSM_FIN_WAIT_1 | 1u << TCPFSM_CLOSING | 1u << TCPFSM_LAST_ACK,
    /* has had its FIN acknowledged */
    SET_FIN_ACKED = 1u << TCPFSM_FIN_WAIT_2 | 1u << TCPFSM_TIME_WAIT,
    /* may still send data */
    SET_MAY_SEND = 1u << TCPFSM_ESTABLISHED | 1u << TCPFSM_CLOSE_WAIT,
    SET_GONE = 1u << TCPFSM_CLOSED | 1u << TCPFSM_LISTEN,
};

/* What the sequence numbers of a segment say, found once (classify.c). */
struct tcpfsm_facts {
    uint32_t end;       /* SEG.SEQ + SEG.LEN, SYN and FIN counted */
    bool fin;           /* a FIN with a place */
    bool new_fin;       /* its sender's FIN for the first time */
    bool fin_again;     /* the same FIN again, not a duplicate made by the network */
    bool syn_again;     /* the same SYN or SYN,ACK again */
    bool stale;         /* acknowledges less than its sender has acknowledged before: sent earlier, captured later */
    bool wild;          /* nowhere near what its sender sends: no fact about it */
    bool new_data;      /* data beyond SND.NXT */
    bool data_again;    /* data that was captured before, or lies below */
    bool ack_wild;      /* acknowledges what was never sent */
    bool refused;       /* and its receiver has shown so: it drops the segment */
    bool acks_fin;      /* covers the peer's FIN */
    bool misses_fin;    /* the peer's FIN was captured and is not covered */
    bool acks_syn;      /* covers the peer's SYN */
    bool old_text;      /* carries only octets its receiver has: RFC 9293 drops it, ACK and all; real stacks look at the ACK */
    bool acks_one_more; /* covers exactly one octet that was not captured: a FIN, or a byte */
    bool skips_one;     /* a pure ACK whose SEQ lies one beyond what was captured: its sender's FIN, or one byte, was missed */
    bool refutes_fin;   /* the peer's deduced FIN was data after all */
    bool keepalive;     /* SND.NXT - 1, length 0 or 1 */
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
    struct tcpfsm_facts is;
    tcpfsm_set alive;           /* what may be left of the old connection at y, when this segment began a new one */
    uint32_t before_heard;      /* when x last sent something before this segment */
    uint32_t before_next;       /* its SND.NXT before this segment */
    bool before_known;          /* before_next is known from what was captured of it */
    uint32_t now;               /* its time, in ticks */
    bool flip;
    bool first;                 /* it is the first segment of the connection */
};

/* ago: how long before this segment that tick was, nanoseconds, right to a millisecond and over 26 days. */
static inline int64_t ago(const struct tcpfsm_visit *v, uint32_t tick)
{
    return (int64_t)(int32_t)(v->now - tick) * (1 << 20);
}


/* tcpfsm_tick: a time in ticks of 2^20 ns, modulo 2^32; never 0, which means "not yet". */
static inline uint32_t tcpfsm_tick(int64_t time)
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

static inline bool knows(const struct tcpfsm_endpoint *e, uint32_t what)
{
    return (e->knows & what) == what;
}

static inline unsigned index_of(const struct tcpfsm_visit *v, const struct tcpfsm_endpoint *e)
{
    return (unsigned)(e - v->c->end);
}

static inline bool sends(const struct tcpfsm_visit *v, uint16_t flag)
{
    return (v->s->flags & flag) != 0;
}

/* since_sent: how long before this segment e first sent its SYN, SYN,ACK or FIN, nanoseconds, right to 16 ns. */
static inline int64_t since_sent(const struct tcpfsm_visit *v, const struct tcpfsm_endpoint *e)
{
    return ago(v, e->sent_syn) + ((int64_t)tcpfsm_part(v->s->time) - e->sent_part) * 16;
}

/* endpoint.c: the only functions that write an endpoint's state and set, and what its clocks say. */
void tcpfsm_move(struct tcpfsm_visit *v, struct tcpfsm_endpoint *e, unsigned to, unsigned event);
void tcpfsm_believe(struct tcpfsm_visit *v, struct tcpfsm_endpoint *e, tcpfsm_set set, unsigned state, unsigned event);
void tcpfsm_reduce(struct tcpfsm_visit *v, struct tcpfsm_endpoint *e, unsigned event, tcpfsm_set mask);
void tcpfsm_arrive(struct tcpfsm_visit *v, struct tcpfsm_endpoint *e, unsigned event);
void tcpfsm_arrived_perhaps(struct tcpfsm_visit *v, struct tcpfsm_endpoint *e, tcpfsm_set before);
void tcpfsm_may_be(struct tcpfsm_endpoint *e, tcpfsm_set set);
bool tcpfsm_beside(const struct tcpfsm_visit *v, const struct tcpfsm_endpoint *e);
int64_t tcpfsm_grace(const struct tcpfsm_visit *v, const struct tcpfsm_endpoint *e);
void tcpfsm_note_sent(const struct tcpfsm_visit *v, struct tcpfsm_endpoint *e);
void tcpfsm_begin(struct tcpfsm_connection *c);
uint16_t tcpfsm_gap(const struct tcpfsm_visit *v, uint32_t since);
bool tcpfsm_gave_up(const struct tcpfsm_visit *v, const struct tcpfsm_endpoint *e);

/* duplicate.c */
bool tcpfsm_is_duplicate(struct tcpfsm_visit *v);
/* classify.c */
void tcpfsm_classify(struct tcpfsm_visit *v);
void tcpfsm_account(struct tcpfsm_visit *v);
/* sent.c, arrive.c */
void tcpfsm_sent(struct tcpfsm_visit *v);
void tcpfsm_sent_syn(struct tcpfsm_visit *v);
void tcpfsm_arrived(struct tcpfsm_visit *v);
/* reset.c */
void tcpfsm_reset(struct tcpfsm_visit *v);
void tcpfsm_undo_reset(struct tcpfsm_visit *v, bool both);
/* profile.c */
void tcpfsm_note_profile(struct tcpfsm_visit *v);
bool tcpfsm_volley(const struct tcpfsm_visit *v);
/* attempt.c */
bool tcpfsm_attempt(struct tcpfsm_visit *v);
/* history.c */
void tcpfsm_note_history(struct tcpfsm_visit *v);
void tcpfsm_note_syn(struct tcpfsm_connection *c, unsigned from);
/* vantage.c */
void tcpfsm_observe(struct tcpfsm_visit *v);
void tcpfsm_locate(struct tcpfsm_visit *v);
void tcpfsm_lost(struct tcpfsm_visit *v);
void tcpfsm_unseen(struct tcpfsm_visit *v);
/* tcpfsm_fact: reports a fact and the frame it speaks of. */
static inline void tcpfsm_fact(struct tcpfsm_visit *v, uint32_t fact, uint32_t evidence)
{
    v->out->facts |= fact;
    v->out->evidence = evidence;
}

#endif
