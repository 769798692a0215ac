/* internal.h: what the parts of the diagnosis share while one segment is looked at.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_DIAGNOSIS_INTERNAL_H
#define TCPFSM_DIAGNOSIS_INTERNAL_H

#include "../engine/seq.h"
#include "diagnosis.h"
#include "thresholds.h"

#define BIT(name) TCPFSM_BIT(TCPFSM_##name)

/* What an endpoint has sent without an answer: diagnosis_end.open.kind. */
enum open_kind {
    OPEN_NOTHING,
    OPEN_SYN,
    OPEN_SYN_ACK,
    OPEN_DATA,
    OPEN_ACKED,         /* data that its peer has acknowledged, sent again all the same */
    OPEN_KEEPALIVE,
    OPEN_ZERO_WINDOW,   /* probes of its peer's window, which is 0; frame and since: of the segment that closed it */
    OPEN_FIN,
    ANSWERED,           /* its SYN or SYN,ACK, since an acknowledgement of it was captured */
    ANSWERED_FIN
};

/* diagnosis_end.flags */
enum {
    TTL_VARIES = 0x01,  /* its segments came with different TTLs */
    ID_COUNTS = 0x02,   /* the IP IDs of its last two segments follow each other */
    SENDS_STAMPS = 0x04, /* its segments carry timestamps */
    ACKED_FIN = 0x08,   /* it has acknowledged its peer's FIN */
    SENT_RST = 0x10,    /* a RST of it was not accepted */
    LAST_WAS_SYN = 0x20, /* its last segment was a SYN or SYN,ACK */
    LAST_PUSHED = 0x40, /* its newest data had PSH: the end of what its application wrote */
    CROSSED = 0x80      /* it sent data after its peer's FIN which shows that the FIN had not arrived */
};

/* One segment under way through the diagnosis. x: who sent it, y: whom it is sent to. */
struct visit {
    struct diagnosis *d;
    const struct tcpfsm_connection *c;
    const struct tcpfsm_segment *s;
    const struct tcpfsm_config *config;
    const struct tcpfsm_result *r;
    struct diagnosis_pair *pair;
    struct diagnosis_result *out;
    struct diagnosis_end *me, *you;     /* x and y */
    struct tcpfsm_numbers nx, ny;       /* of x and y, after the segment */
    unsigned x, y;
    uint32_t now;
    bool flip;
};

/* tick: a time in units of 2^20 ns (about a millisecond), modulo 2^32; never 0, which means "not yet". */
static inline uint32_t tick(int64_t time)
{
    uint32_t t = (uint32_t)((uint64_t)time >> 20);

    return t ? t : 1;
}

/* elapsed: from one tick to another, nanoseconds, right to a millisecond, at most 51 days; 0 if `then` lies less than an
 * hour ahead (captures are not always in order). */
static inline int64_t elapsed(uint32_t now, uint32_t then)
{
    uint32_t ticks = now - then;

    return ticks > UINT32_MAX - (1u << 22) ? 0 : (int64_t)ticks << 20;
}

/* ago: how long before this segment that tick was. */
static inline int64_t ago(const struct visit *v, uint32_t then)
{
    return elapsed(v->now, then);
}

static inline bool sends(const struct visit *v, unsigned flag)
{
    return (v->s->flags & flag) != 0;
}

static inline bool is(const struct visit *v, uint32_t fact)
{
    return (v->r->facts & fact) != 0;
}

/* grace: how long what was captured on its way to an endpoint may take to get there. */
static inline int64_t grace(const struct visit *v)
{
    int64_t rtt = (int64_t)v->d->rtt << 20;

    return rtt > GRACE ? rtt : GRACE;
}

/* has_acked: has endpoint b (its numbers) acknowledged everything before seq? */
static inline bool has_acked(const struct tcpfsm_numbers *b, uint32_t seq)
{
    return b->has_ack && seq_le(seq, b->ack);
}

/* diagnosis.c */
/* diagnosis_tell: adds a finding about endpoint `end` and returns it, to be filled in; state: where that endpoint is
 * now. Never NULL: what does not fit goes to the last entry. */
struct tcpfsm_finding *diagnosis_tell(struct visit *v, unsigned id, unsigned end, uint32_t frame);
/* diagnosis_tell_once: the same, the first time for this endpoint; else NULL. */
struct tcpfsm_finding *diagnosis_tell_once(struct visit *v, unsigned id, unsigned end, uint32_t frame);
/* diagnosis_told: was this finding, which is made once, made of that endpoint? */
bool diagnosis_told(const struct visit *v, unsigned id, unsigned end);

/* memory.c */
void diagnosis_note(struct visit *v);
void diagnosis_note_numbers(struct visit *v);

/* sender.c */
void diagnosis_profile(struct visit *v);
unsigned diagnosis_traits(const struct visit *v);
bool diagnosis_answers(const struct visit *v);
bool diagnosis_suspicious(unsigned traits);
bool diagnosis_fits(const struct visit *v);
void diagnosis_quote(const struct visit *v, struct tcpfsm_finding *f);

/* closing.c */
/* diagnosis_lingers: how long, at `now`, endpoint e has been where it is, nanoseconds, if nothing has been sent to it or
 * by it that moves data for longer than `limit`; else 0. */
int64_t diagnosis_lingers(const struct diagnosis *d, unsigned e, uint32_t now, int64_t limit);

/* The subjects, each a file: what the segment says about it. */
void diagnosis_handshake(struct visit *v);
void diagnosis_syn_again(struct visit *v);
void diagnosis_silence(struct visit *v);
void diagnosis_closing(struct visit *v);
void diagnosis_lingering(struct visit *v);
void diagnosis_reset(struct visit *v);
void diagnosis_refuted(struct visit *v);
/* reset_cause.c: why x sent the accepted RST */
void diagnosis_cause(struct visit *v);

#endif
