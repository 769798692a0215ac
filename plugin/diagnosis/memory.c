/* memory.c: what is remembered of what each endpoint sent, and of what has no answer yet.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

#include <string.h>

/* begin_open: the segment is the first copy of what waits for an answer. */
static void begin_open(struct visit *v, enum open_kind kind)
{
    v->me->open.kind = (uint8_t)kind;
    v->me->open.since = v->now;
    v->me->open.frame = v->s->frame;
    v->me->open.seq = v->s->seq;
    v->me->open.len = (uint16_t)(v->s->len > UINT16_MAX ? UINT16_MAX : v->s->len);
    v->me->open.idle = (uint32_t)(v->out->silence >> 20);
    v->me->open.copies = 1;
}

static void again(struct visit *v)
{
    if (v->me->open.copies < UINT8_MAX)
        v->me->open.copies++;
}

/* answer: what x's segment answers of what y has sent. */
static void answer(struct visit *v)
{
    struct diagnosis_end *y = v->you;
    uint32_t beyond = v->s->ack - y->open.seq;

    if (y->open.kind == OPEN_KEEPALIVE)
        y->open.kind = OPEN_NOTHING;
    if (y->open.kind == OPEN_DATA && sends(v, TCPFSM_ACK) && beyond && beyond < 1u << 30) {
        y->open.kind = OPEN_NOTHING;
        if (beyond >= y->open.len && y->open.len > y->passed)
            y->passed = y->open.len;
    }
}

/* note_window: a window of 0 makes y wait: what it sends from then on are probes. */
static void note_window(struct visit *v)
{
    struct diagnosis_end *y = v->you;
    bool waits = y->open.kind == OPEN_ZERO_WINDOW;

    v->me->window = v->s->window;
    if (v->s->window && waits) {
        y->open.kind = OPEN_NOTHING;
    } else if (!v->s->window && !waits && y->open.kind < OPEN_FIN && !sends(v, TCPFSM_FIN)) {
        y->open.kind = OPEN_ZERO_WINDOW;
        y->open.since = v->now;
        y->open.frame = v->s->frame;
        y->open.copies = 0;
    }
}

/* note_data: x sent octets beyond what was captured of it. */
static void note_data(struct visit *v)
{
    v->d->data_time = v->now;
    v->me->data_frame = v->s->frame;
    if (sends(v, TCPFSM_PSH))
        v->me->flags |= LAST_PUSHED;
    else
        v->me->flags &= (uint8_t)~LAST_PUSHED;
    if (v->me->open.kind != OPEN_DATA && v->me->open.kind != OPEN_ZERO_WINDOW && v->me->open.kind < OPEN_FIN)
        begin_open(v, OPEN_DATA);
    else if (v->me->open.kind == ANSWERED)
        begin_open(v, OPEN_DATA);
}

/* note_data_again: x sends octets again. Those that wait for an answer, or those that have been acknowledged. */
static void note_data_again(struct visit *v)
{
    struct diagnosis_end *x = v->me;
    bool acked = has_acked(&v->ny, v->s->seq + v->s->len);

    if (x->open.kind == OPEN_FIN || x->open.kind == ANSWERED_FIN)
        return;
    if (x->open.kind == OPEN_ZERO_WINDOW)
        again(v);
    else if (!acked && (x->open.kind != OPEN_DATA || seq_lt(v->s->seq, x->open.seq)))
        begin_open(v, OPEN_DATA);
    else if (!acked && v->s->seq == x->open.seq)
        again(v);
    else if (acked && x->open.kind == OPEN_ACKED && v->s->seq == x->open.seq)
        again(v);
    else if (acked && x->open.kind != OPEN_DATA)
        begin_open(v, OPEN_ACKED);
}

/* note_keepalive: a keepalive repeats an octet that has been acknowledged. One that has not is data, or the probe of a
 * window that is 0. */
static void note_keepalive(struct visit *v)
{
    struct diagnosis_end *x = v->me;
    bool acked = has_acked(&v->ny, v->s->seq + 1) || !v->s->len;

    if (x->open.kind == OPEN_ZERO_WINDOW || x->open.kind == OPEN_KEEPALIVE ||
        (!acked && x->open.kind == OPEN_DATA && v->s->seq == x->open.seq))
        again(v);
    else if (!acked)
        begin_open(v, OPEN_DATA);
    else if (x->open.kind != OPEN_DATA && x->open.kind != OPEN_FIN && x->open.kind != ANSWERED_FIN)
        begin_open(v, OPEN_KEEPALIVE);
}

/* diagnosis_note: enters a segment (no RST) that is quiet, or the part of another that is. */
void diagnosis_note(struct visit *v)
{
    if (!is(v, TCPFSM_FACT_FOREIGN)) {
        diagnosis_profile(v);
        answer(v);
        if (is(v, TCPFSM_FACT_NEW_DATA) && v->s->len && !sends(v, TCPFSM_SYN))
            note_data(v);
        if (!sends(v, TCPFSM_SYN))
            note_window(v);
    }
    v->me->heard = v->now;
    v->me->frame = v->s->frame;
    if (sends(v, TCPFSM_SYN))
        v->me->flags |= LAST_WAS_SYN;
    else
        v->me->flags &= (uint8_t)~LAST_WAS_SYN;
}

/* note_syn: its own SYN or SYN,ACK, for the first time or again. */
static void note_syn(struct visit *v)
{
    enum open_kind kind = sends(v, TCPFSM_ACK) ? OPEN_SYN_ACK : OPEN_SYN;

    if (is(v, TCPFSM_FACT_SYN_AGAIN) && (v->me->open.kind == kind || v->me->open.kind == ANSWERED))
        again(v);
    else if (v->me->open.kind <= OPEN_SYN_ACK && v->nx.syn_frame == v->s->frame)
        begin_open(v, kind);
}

/* note_fin: its FIN, for the first time or again. It waits for an answer from then on, with the data before it. */
static void note_fin(struct visit *v)
{
    struct diagnosis_end *x = v->me;
    bool earlier = x->open.kind == OPEN_DATA && x->open.frame != v->s->frame;

    if (is(v, TCPFSM_FACT_NEW_FIN)) {
        if (!earlier)
            begin_open(v, OPEN_FIN);
    } else if (x->open.kind == OPEN_FIN || x->open.kind == ANSWERED_FIN) {
        again(v);
    } else {
        x->open.kind = OPEN_FIN;
        x->open.frame = v->nx.fin_frame;
        x->open.copies = 2;
    }
}

/* note_answer: x's segment is the first that acknowledges y's SYN or FIN. */
static void note_answer(struct visit *v)
{
    struct diagnosis_end *y = v->you;
    bool syn = y->open.kind == OPEN_SYN || y->open.kind == OPEN_SYN_ACK;

    if (is(v, TCPFSM_FACT_ACKS_FIN) && y->open.kind == OPEN_FIN) {
        y->open.kind = ANSWERED_FIN;
        y->open.since = v->now;
        return;
    }
    if (!syn || v->ny.ack_frame != v->s->frame)
        return;
    if (y->open.copies == 1 && v->now - y->open.since < 3000 && v->now - y->open.since > v->d->rtt)
        v->d->rtt = (uint16_t)(v->now - y->open.since);
    y->open.kind = ANSWERED;
    y->open.since = v->now;
}

/* diagnosis_note_numbers: the same for a segment that is not quiet. */
void diagnosis_note_numbers(struct visit *v)
{
    note_answer(v);
    if (is(v, TCPFSM_FACT_MISSES_FIN) && is(v, TCPFSM_FACT_NEW_DATA) && v->s->len)
        v->me->flags |= CROSSED;
    diagnosis_note(v);
    if (is(v, TCPFSM_FACT_ACKS_FIN))
        v->me->flags |= ACKED_FIN;
    if (is(v, TCPFSM_FACT_FOREIGN) || is(v, TCPFSM_FACT_SYN_ATTEMPT))
        return;
    if (sends(v, TCPFSM_SYN))
        note_syn(v);
    else if (is(v, TCPFSM_FACT_KEEPALIVE))
        note_keepalive(v);
    else if (is(v, TCPFSM_FACT_DATA_AGAIN) && v->s->len)
        note_data_again(v);
    if (is(v, TCPFSM_FACT_NEW_FIN | TCPFSM_FACT_FIN_AGAIN))
        note_fin(v);
}
