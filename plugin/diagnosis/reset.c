/* reset.c: a RST: taken by its receiver or not, and really sent by whom it names?
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

#include <stddef.h>

/* How it is known that a RST was not its alleged sender's; the variants of rst.forged. */
enum forged { GOES_ON_SENDING, GOES_ON_RECEIVING, VOLLEY };

/* tell_forged: once an alleged sender. `e` is whom the wording names. */
static void tell_forged(struct visit *v, unsigned e, enum forged how)
{
    struct diagnosis *d = v->d;
    struct tcpfsm_finding *f = diagnosis_tell_once(v, TCPFSM_FINDING_RST_FORGED, d->reset_by, d->rst_frame);

    if (!f)
        return;
    f->end = (uint8_t)e;
    f->state = v->r->state[e];
    f->detail = (uint8_t)how;
    f->time = how == VOLLEY ? ago(v, d->rst_time) : 0;
    f->traits = d->traits;
    f->ttl = d->ttl;
    f->usual_ttl = d->usual_ttl;
    f->suspicious = d->suspicious;
    f->other = d->end[d->reset_by].frame;
}

/* not_accepted: the receiver of the RST stays where it is. */
static void not_accepted(struct visit *v)
{
    bool challenged = is(v, TCPFSM_FACT_RST_CHALLENGED);
    unsigned was = v->r->before[v->y];
    struct tcpfsm_finding *f;

    if (!(v->me->flags & SENT_RST))
        v->d->rst_state = v->r->before[v->x];
    v->me->flags |= SENT_RST;
    if (v->d->rst_frame || was <= TCPFSM_LISTEN || is(v, TCPFSM_FACT_RST_REJECTS))
        return;
    f = diagnosis_tell_once(v, challenged ? TCPFSM_FINDING_RST_CHALLENGED : TCPFSM_FINDING_RST_DROPPED, v->y, 0);
    if (!f)
        return;
    f->state = (uint8_t)was;
    f->detail = was == TCPFSM_SYN_SENT;
}

/* is_volley: a RST beyond what its alleged sender had sent follows another at once, with nothing in between to answer.
 * A stack has one SND.NXT. */
static bool is_volley(const struct visit *v)
{
    const struct diagnosis *d = v->d;

    return d->reset_by == v->x && v->nx.has_next && seq_lt(v->nx.next, v->s->seq) &&
           ago(v, d->rst_time) < VOLLEY_WITHIN && v->you->frame < d->rst_frame;
}

/* diagnosis_reset: x sent a RST. */
void diagnosis_reset(struct visit *v)
{
    struct diagnosis *d = v->d;
    bool anybody = v->r->before[v->x] != TCPFSM_CLOSED || v->r->before[v->y] != TCPFSM_CLOSED || v->r->restarted;
    unsigned traits = diagnosis_traits(v);

    v->out->suspicious = diagnosis_suspicious(traits);
    if (v->s->has & TCPFSM_HAS_FASTCLOSE)
        diagnosis_tell_once(v, TCPFSM_FINDING_MPTCP_FASTCLOSE, v->x, 0);
    if (d->rst_frame && is_volley(v))
        tell_forged(v, v->x, VOLLEY);
    if (is(v, TCPFSM_FACT_RST_CHALLENGED | TCPFSM_FACT_RST_DROPPED))
        not_accepted(v);
    if (!is(v, TCPFSM_FACT_RST_ACCEPTED) || is(v, TCPFSM_FACT_RST_REJECTS))
        return;
    if (!d->rst_frame) {
        d->traits = (uint8_t)traits;
        d->ttl = v->s->ttl;
        d->usual_ttl = v->me->ttl;
        d->suspicious = v->out->suspicious;
        if (anybody)
            diagnosis_cause(v);
        d->rst_frame = v->s->frame;
        d->reset_by = v->x & 1;
    }
    d->rst_time = v->now;
}

/* diagnosis_refuted: the connection goes on after a RST, so its alleged sender had not sent it. Unless the RST looks
 * like its sender, and this segment does not: then this one is foreign. */
void diagnosis_refuted(struct visit *v)
{
    struct diagnosis *d = v->d;
    bool sender = is(v, TCPFSM_FACT_RST_REFUTED_BY_SENDER);
    bool foreign = sender && !d->traits && !diagnosis_fits(v) && v->me->flags & ID_COUNTS && v->s->ttl != v->me->ttl;

    if (!sender && !is(v, TCPFSM_FACT_RST_REFUTED_BY_RECEIVER)) {
        if (d->rst_frame && sends(v, TCPFSM_SYN) && d->reset_by == v->x)
            d->rst_frame = 0; /* refused before, it listens now */
        return;
    }
    if (d->cause != TCPFSM_FINDING_RST_TIME_WAIT && !foreign) /* both had closed: no harm was done */
        tell_forged(v, v->x, sender ? GOES_ON_SENDING : GOES_ON_RECEIVING);
    d->rst_frame = 0;
}
