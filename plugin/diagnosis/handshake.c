/* handshake.c: SYNs without an answer, SYNs on a live 4-tuple, ports used again, and where a connection begins.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

#include <stddef.h>

/* repeated: fills in what is said of anything repeated: how often, for how long, and what went before. */
static void repeated(const struct visit *v, struct tcpfsm_finding *f)
{
    if (!f)
        return;
    f->count = v->me->open.copies;
    f->time = ago(v, v->me->open.since);
    if ((int64_t)v->me->open.idle << 20 >= SILENCE)
        f->silence = (int64_t)v->me->open.idle << 20;
}

/* What the stamps of an address's answered SYNs show: nothing yet; that they are read off one clock; or that they went
 * back and were answered all the same: who does so does not compare them. */
enum clock { CLOCK_UNKNOWN, CLOCK_ONE, CLOCK_IGNORED };

/* stamps_went_back: did y answer a SYN of x's address shortly before whose timestamp was higher than this one's?
 * Several hosts behind one address have clocks of their own, and whoever remembers the highest drops the SYNs of the
 * others (RFC 7323 section 5, PAWS). */
static bool stamps_went_back(const struct visit *v)
{
    unsigned at = v->x ^ (v->flip ? 1u : 0u);
    const struct diagnosis_pair *p = v->pair;

    return p && v->s->has & TCPFSM_HAS_TS && p->clock[at] == CLOCK_ONE && ago(v, p->stamp_time[at]) < PAWS_REMEMBERS &&
           seq_lt(v->s->tsval, p->stamp[at]);
}

/* note_stamps: x answers the SYN of y, whose timestamp it echoes. */
static void note_stamps(struct visit *v)
{
    unsigned at = v->y ^ (v->flip ? 1u : 0u);
    struct diagnosis_pair *p = v->pair;

    if (!p || !sends(v, TCPFSM_SYN) || !sends(v, TCPFSM_ACK) || !(v->s->has & TCPFSM_HAS_TS) ||
        is(v, TCPFSM_FACT_SYN_AGAIN))
        return;
    if (!p->stamp_time[at] || ago(v, p->stamp_time[at]) >= PAWS_REMEMBERS) {
        p->stamp[at] = v->s->tsecr;
        p->clock[at] = CLOCK_UNKNOWN;
    } else if (seq_lt(v->s->tsecr, p->stamp[at])) {
        p->clock[at] = CLOCK_IGNORED;
    } else {
        if (p->clock[at] == CLOCK_UNKNOWN &&
            v->s->tsecr - p->stamp[at] <= 2 * (uint32_t)(ago(v, p->stamp_time[at]) >> 20) + CLOCK_SLACK)
            p->clock[at] = CLOCK_ONE;
        p->stamp[at] = v->s->tsecr;
    }
    p->stamp_time[at] = v->now;
}

/* diagnosis_syn_again: x repeats its SYN or SYN,ACK, which has entered the memory. */
void diagnosis_syn_again(struct visit *v)
{
    bool answer = sends(v, TCPFSM_ACK), answered = v->me->open.kind == ANSWERED;

    if (!is(v, TCPFSM_FACT_SYN_AGAIN) || v->d->rst_frame ||
        (!answered && v->me->open.kind != OPEN_SYN && v->me->open.kind != OPEN_SYN_ACK))
        return;
    if (ago(v, v->me->open.since) < HALF_OPEN_AFTER)
        return;
    if (!answer && !v->ny.sent && stamps_went_back(v))
        repeated(v, diagnosis_tell_once(v, TCPFSM_FINDING_SYN_PAWS, v->y, v->nx.syn_frame));
    else if (!answer && !v->ny.sent)
        repeated(v, diagnosis_tell_once(v, TCPFSM_FINDING_HALF_OPEN_SYN, v->y, v->nx.syn_frame));
    else if (answer && answered)
        repeated(v, diagnosis_tell_once(v, TCPFSM_FINDING_HALF_OPEN_NOT_ACCEPTED, v->x, v->nx.ack_frame));
    else if (answer)
        repeated(v, diagnosis_tell_once(v, TCPFSM_FINDING_HALF_OPEN_SYN_ACK, v->x, v->nx.syn_frame));
}

/* answered_attempt: y's SYN on the live 4-tuple draws an ACK of the old connection; or its sender goes on as if it had
 * not sent it. */
static void answered_attempt(struct visit *v)
{
    struct diagnosis *d = v->d;
    struct tcpfsm_finding *f;

    if (is(v, TCPFSM_FACT_SYN_ATTEMPT)) {
        d->attempt_frame = v->s->frame;
        d->attempt_time = v->now;
        d->attempt_by = v->x & 1;
        d->challenged = false;
    }
    if (is(v, TCPFSM_FACT_SYN_CHALLENGED) && !d->challenged) {
        d->challenged = true;
        if (v->r->before[v->x] == TCPFSM_TIME_WAIT) {
            f = diagnosis_tell(v, TCPFSM_FINDING_TIME_WAIT_REJECTED_SYN, v->x, v->r->evidence);
            f->time = ago(v, v->me->since);
        } else {
            diagnosis_tell_once(v, TCPFSM_FINDING_CHALLENGE_ACK, v->x, v->r->evidence);
        }
    }
    if (is(v, TCPFSM_FACT_SYN_REFUTED)) {
        diagnosis_tell(v, TCPFSM_FINDING_SYN_OLD_DUPLICATE, d->attempt_frame ? d->attempt_by : v->x, v->r->evidence);
        d->attempt_frame = 0;
    }
}

/* rejected: x, in SYN_SENT, rejects what y sent: an answer to another SYN, or a segment of a connection that x knows
 * nothing of. */
static void rejected(struct visit *v)
{
    unsigned y_was = v->r->before[v->y];
    uint32_t syn = v->d->attempt_frame && v->d->attempt_by == v->x ? v->d->attempt_frame : v->nx.syn_frame;
    bool answered = y_was == TCPFSM_SYN_RECEIVED || (v->ny.sent_syn_ack && y_was < TCPFSM_SYN_RECEIVED);
    struct tcpfsm_finding *f;

    v->d->cause = (uint8_t)(answered ? TCPFSM_FINDING_RST_REJECTED_SYN_ACK : TCPFSM_FINDING_HALF_OPEN_ONE_SIDED);
    if (answered) {
        diagnosis_tell_once(v, TCPFSM_FINDING_RST_REJECTED_SYN_ACK, v->x, v->you->frame);
    } else if (y_was > TCPFSM_SYN_RECEIVED &&
               y_was != TCPFSM_TIME_WAIT) { /* TIME_WAIT: that was said when it refused the SYN */
        f = diagnosis_tell_once(v, TCPFSM_FINDING_HALF_OPEN_ONE_SIDED, v->y, syn);
        if (f)
            f->state = (uint8_t)y_was;
    }
}

/* began: how the connection, or this use of its ports, begins. */
static void began(struct visit *v)
{
    struct tcpfsm_finding *f;
    unsigned opener = tcpfsm_client(v->c);

    if (is(v, TCPFSM_FACT_MIDSTREAM)) {
        f = diagnosis_tell_once(v, TCPFSM_FINDING_MIDSTREAM, v->x, 0);
        if (f)
            f->detail = tcpfsm_incarnation(v->c) > 1;
    }
    if (is(v, TCPFSM_FACT_RESTARTED_SETS)) {
        f = diagnosis_tell_once(v, TCPFSM_FINDING_MIDSTREAM, v->x, 0);
        if (f)
            f->detail = 1;
    }
    if (v->r->restarted && is(v, TCPFSM_FACT_REUSED_TIME_WAIT)) {
        f = diagnosis_tell(v, TCPFSM_FINDING_TIME_WAIT_REUSE, opener, 0);
        f->state = TCPFSM_TIME_WAIT;
        f->detail = v->r->evidence_end == opener;
    }
    if (is(v, TCPFSM_FACT_SIMULTANEOUS_OPEN))
        diagnosis_tell(v, TCPFSM_FINDING_OPEN_SIMULTANEOUS, v->x, v->ny.syn_frame);
}

/* diagnosis_handshake: what the segment says about the opening of connections. */
void diagnosis_handshake(struct visit *v)
{
    began(v);
    answered_attempt(v);
    note_stamps(v);
    if (is(v, TCPFSM_FACT_RST_REJECTS))
        rejected(v);
}
