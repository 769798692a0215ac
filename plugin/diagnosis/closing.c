/* closing.c: FINs: late, again, into TIME_WAIT, beyond a gap; and sockets that stay in CLOSE_WAIT or FIN_WAIT_2.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

#include <stddef.h>

int64_t diagnosis_lingers(const struct diagnosis *d, unsigned e, uint32_t now, int64_t limit)
{
    int64_t here = d->end[e].since ? elapsed(now, d->end[e].since) : 0;
    int64_t quiet = d->data_time ? elapsed(now, d->data_time) : here;

    return here > limit && quiet > limit ? here : 0;
}

/* acts: is this segment endpoint e at work: data, or the end of the connection? */
static bool acts(const struct visit *v, unsigned e)
{
    return v->x == e && (v->s->len || sends(v, TCPFSM_FIN));
}

/* A client may keep what its server has closed for a while: pools do. */
int64_t diagnosis_patience(const struct tcpfsm_config *config, unsigned state, bool client)
{
    if (state == TCPFSM_CLOSE_WAIT)
        return client && config->lingering < CLIENT_LINGERS ? CLIENT_LINGERS : config->lingering;
    return state == TCPFSM_SYN_SENT || state == TCPFSM_SYN_RECEIVED ? HALF_OPEN_AFTER : INT64_MAX;
}

/* close_wait: its application has not closed. Only if it is there for sure, before this segment and after it. */
static void close_wait(struct visit *v, unsigned e)
{
    int64_t limit = diagnosis_patience(v->config, TCPFSM_CLOSE_WAIT, tcpfsm_client(v->c) == e), time;
    struct tcpfsm_finding *f;

    if (v->r->possible_before[e] != BIT(CLOSE_WAIT) || v->r->possible[e] != BIT(CLOSE_WAIT) || acts(v, e))
        return;
    time = diagnosis_lingers(v->d, e, v->now, limit);
    f = time ? diagnosis_tell_once(v, TCPFSM_FINDING_CLOSE_WAIT_LINGERING, e,
                                   e == v->x ? v->ny.fin_frame : v->nx.fin_frame)
             : NULL;
    if (f)
        f->time = time;
}

/* fin_wait_2: the peer's application has not closed. */
static void fin_wait_2(struct visit *v, unsigned e)
{
    int64_t limit = FIN_WAIT_2_ENDS > v->config->lingering ? FIN_WAIT_2_ENDS : v->config->lingering, time;
    struct tcpfsm_finding *f;

    if (v->r->before[e] != TCPFSM_FIN_WAIT_2)
        return;
    time = diagnosis_lingers(v->d, e, v->now, limit);
    f = time ? diagnosis_tell_once(v, TCPFSM_FINDING_FIN_WAIT_2_LINGERING, e,
                                   e == v->x ? v->nx.ack_frame : v->ny.ack_frame)
             : NULL;
    if (!f)
        return;
    f->time = time;
    f->state = TCPFSM_FIN_WAIT_2;
}

/* diagnosis_lingering: what the time since the last segment tells. A RST ends it: that has a finding of its own. */
void diagnosis_lingering(struct visit *v)
{
    if (sends(v, TCPFSM_RST) || v->r->restarted || is(v, TCPFSM_FACT_SYN_ATTEMPT))
        return;
    close_wait(v, v->x);
    fin_wait_2(v, v->x);
    close_wait(v, v->y);
    fin_wait_2(v, v->y);
}

/* new_fin: x closes: after a silence, long after its peer, or without a word. */
static void new_fin(struct visit *v)
{
    bool shaken = v->nx.sent_syn || v->nx.sent_syn_ack, spoken = v->me->data_frame || v->you->data_frame || v->s->len;
    bool first = !v->ny.has_fin;
    uint32_t last = v->me->frame > v->you->frame ? v->me->frame : v->you->frame;
    struct tcpfsm_finding *f;

    if (first && v->out->silence >= SILENCE) {
        f = diagnosis_tell(v, TCPFSM_FINDING_CLOSE_IDLE, v->x, last);
        f->time = v->out->silence;
    } else if (v->r->before[v->x] == TCPFSM_CLOSE_WAIT && ago(v, v->me->since) >= SILENCE &&
               v->out->silence >= SILENCE && !diagnosis_told(v, TCPFSM_FINDING_FIN_WAIT_2_LINGERING, v->y)) {
        f = diagnosis_tell(v, TCPFSM_FINDING_CLOSE_IDLE, v->x, v->ny.fin_frame);
        f->time = ago(v, v->me->since);
        f->detail = 1;
    } else if (first && shaken && !spoken && v->nx.captured && v->ny.captured && v->nx.next == v->nx.iss + 2) {
        diagnosis_tell(v, TCPFSM_FINDING_CLOSE_IDLE, v->x, 0)->detail = 2;
    }
    if (is(v, TCPFSM_FACT_SIMULTANEOUS_CLOSE))
        diagnosis_tell(v, TCPFSM_FINDING_CLOSE_SIMULTANEOUS, v->x, v->ny.fin_frame);
    if (is(v, TCPFSM_FACT_FIN_GAP))
        diagnosis_tell(v, TCPFSM_FINDING_FIN_GAP, v->y, 0);
}

/* into_time_wait: x repeats its FIN although y has acknowledged it: that ACK was lost. Unless the FIN left before the
 * ACK can have arrived, or is itself x's first acknowledgement of y's FIN: stacks of BSD's family send FIN again from
 * CLOSING, with it. */
static void into_time_wait(struct visit *v)
{
    bool is_answer = is(v, TCPFSM_FACT_ACKS_FIN) && !(v->me->flags & ACKED_FIN);
    bool answered = v->me->open.kind == ANSWERED_FIN;
    int64_t since = ago(v, answered ? v->me->open.since : v->you->heard);

    if (v->r->before[v->y] == TCPFSM_TIME_WAIT && v->r->state[v->y] == TCPFSM_TIME_WAIT &&
        has_acked(&v->ny, v->nx.fin + 1) && since > grace(v) && !is_answer)
        diagnosis_tell_once(v, TCPFSM_FINDING_TIME_WAIT_FIN_RETRANSMISSION, v->y, v->you->frame);
}

/* fin_again: x repeats its FIN. */
static void fin_again(struct visit *v)
{
    bool counts = v->me->open.kind == OPEN_FIN || v->me->open.kind == OPEN_DATA;
    struct tcpfsm_finding *f;

    into_time_wait(v);
    if (!counts || v->you->frame > v->nx.fin_frame || has_acked(&v->ny, v->nx.fin + 1) ||
        ago(v, v->me->open.since) < HALF_OPEN_AFTER)
        return;
    f = diagnosis_tell_once(v, TCPFSM_FINDING_HALF_OPEN_FIN, v->x, v->nx.fin_frame);
    if (!f)
        return;
    f->count = v->me->open.kind == OPEN_FIN ? v->me->open.copies + 1u : 2;
    f->time = ago(v, v->me->open.since);
    if ((int64_t)v->me->open.idle << 20 >= SILENCE)
        f->silence = (int64_t)v->me->open.idle << 20;
}

/* sends_on: x sends data after a FIN, its own or y's. */
static void sends_on(struct visit *v)
{
    bool beyond = v->nx.has_fin && seq_lt(v->nx.fin, v->s->seq + v->s->len);

    if (is(v, TCPFSM_FACT_ACKS_FIN) && v->r->state[v->x] == TCPFSM_CLOSE_WAIT)
        diagnosis_tell_once(v, TCPFSM_FINDING_CLOSE_HALF, v->x, v->ny.fin_frame);
    if (beyond && !is(v, TCPFSM_FACT_FIN_REFUTED | TCPFSM_FACT_NEW_FIN | TCPFSM_FACT_FIN_AGAIN))
        diagnosis_tell_once(v, TCPFSM_FINDING_DATA_AFTER_FIN, v->x, v->nx.fin_frame);
}

/* diagnosis_closing: what the segment says about the end of the connection, before it enters the memory. */
void diagnosis_closing(struct visit *v)
{
    bool reset = v->d->rst_frame != 0;

    if (is(v, TCPFSM_FACT_NEW_FIN) && !reset)
        new_fin(v);
    if (is(v, TCPFSM_FACT_FIN_AGAIN) && !reset)
        fin_again(v);
    if (is(v, TCPFSM_FACT_NEW_DATA) && v->s->len && !is(v, TCPFSM_FACT_FOREIGN) && !reset)
        sends_on(v);
    if (is(v, TCPFSM_FACT_FIN_REFUTED))
        diagnosis_tell(v, TCPFSM_FINDING_FIN_UNSENT, v->x, v->r->evidence);
    if (is(v, TCPFSM_FACT_ROLLBACK) && !(is(v, TCPFSM_FACT_FIN_AGAIN) && v->r->state[v->y] == TCPFSM_TIME_WAIT))
        diagnosis_tell_once(v, TCPFSM_FINDING_ROLLBACK, v->x, v->r->evidence);
    if (is(v, TCPFSM_FACT_CHALLENGE_ACK))
        diagnosis_tell_once(v, TCPFSM_FINDING_CHALLENGE_ACK, v->x, v->r->evidence);
    if (v->s->has & TCPFSM_HAS_FASTCLOSE)
        diagnosis_tell_once(v, TCPFSM_FINDING_MPTCP_FASTCLOSE, v->x, 0);
}
