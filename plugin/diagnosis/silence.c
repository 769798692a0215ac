/* silence.c: data and keepalives without an answer.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

#include <stddef.h>

/* fill: what is said of anything that has no answer: how often, since when, and what went before. */
static void fill(const struct visit *v, struct tcpfsm_finding *f)
{
    f->count = v->me->open.copies;
    f->time = ago(v, v->me->open.since);
    if ((int64_t)v->me->open.idle << 20 >= SILENCE)
        f->silence = (int64_t)v->me->open.idle << 20;
}

/* is_too_large: only a segment larger than any that was acknowledged is repeated, and its receiver is there, or has not
 * shown for long. */
static bool is_too_large(const struct visit *v, bool there)
{
    const struct diagnosis_end *x = v->me;
    bool in_silence = x->open.copies >= COPIES_IN_SILENCE && v->ny.sent && x->open.len > PASSES_ANYWHERE;

    return x->open.len > SMALL && x->open.len > x->passed && (there || in_silence);
}

/* is_there: has y sent something since x's first copy must have arrived? What was captured just after it was in flight.
 */
static bool is_there(const struct visit *v)
{
    return v->you->frame > v->me->open.frame && ago(v, v->me->open.since) - ago(v, v->you->heard) > grace(v);
}

/* data_unanswered: x repeats the oldest of its data that has no acknowledgement. */
static void data_unanswered(struct visit *v)
{
    const struct diagnosis_end *x = v->me;
    bool there = is_there(v);
    struct tcpfsm_finding *f;

    if (x->open.copies < COPIES || ago(v, x->open.since) < HALF_OPEN_AFTER || v->nx.has_fin)
        return;
    if (is_too_large(v, there)) {
        f = diagnosis_tell_once(v, TCPFSM_FINDING_PATH_MTU, v->x, x->open.frame);
        if (!f)
            return;
        f->size = x->open.len;
        f->passed = x->passed;
        f->detail = there ? 0 : x->passed ? 1 : 2;
    } else {
        f = diagnosis_tell_once(v, TCPFSM_FINDING_HALF_OPEN_IDLE, v->x, x->open.frame);
        if (!f)
            return;
        f->detail = there ? 1 : v->ny.sent_syn_ack && v->you->flags & LAST_WAS_SYN ? 3 : 0;
    }
    fill(v, f);
}

/* acknowledged_again: x repeats what y has acknowledged: the acknowledgements do not reach x. */
static void acknowledged_again(struct visit *v)
{
    const struct diagnosis_end *x = v->me;
    struct tcpfsm_finding *f;

    if (x->open.copies < COPIES || ago(v, x->open.since) < HALF_OPEN_AFTER)
        return;
    f = diagnosis_tell_once(v, TCPFSM_FINDING_HALF_OPEN_IDLE, v->x, x->open.frame);
    if (!f)
        return;
    f->detail = 2;
    fill(v, f);
}

/* keepalive_unanswered: x asks whether y is there, and y is silent. */
static void keepalive_unanswered(struct visit *v)
{
    const struct diagnosis_end *x = v->me;
    struct tcpfsm_finding *f;

    if (x->open.copies < KEEPALIVES || ago(v, x->open.since) < KEEPALIVES_LAST || v->nx.has_fin)
        return;
    f = diagnosis_tell_once(v, TCPFSM_FINDING_KEEPALIVE_UNANSWERED, v->x, v->you->frame);
    if (f)
        fill(v, f);
}

/* diagnosis_silence: what the segment, entered in the memory, says about earlier ones without an answer. */
void diagnosis_silence(struct visit *v)
{
    unsigned kind = v->me->open.kind;

    if (v->d->rst_frame || is(v, TCPFSM_FACT_FOREIGN))
        return;
    if (is(v, TCPFSM_FACT_DATA_AGAIN | TCPFSM_FACT_KEEPALIVE) && kind == OPEN_DATA)
        data_unanswered(v);
    else if (is(v, TCPFSM_FACT_DATA_AGAIN) && kind == OPEN_ACKED)
        acknowledged_again(v);
    else if (is(v, TCPFSM_FACT_KEEPALIVE) && kind == OPEN_KEEPALIVE)
        keepalive_unanswered(v);
}
