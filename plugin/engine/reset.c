/* reset.c: a RST: is it accepted, what does it show of its sender, and did it really come from there (DESIGN rule 7;
 * RFC 9293 section 3.5.3).
 *
 * Whether the RST is its alleged sender's is a question: the likelier answer is that it is, and the sender is CLOSED;
 * the other, that all is as before, is kept, and becomes the only one if the alleged sender goes on, or its receiver
 * acknowledges what was sent after it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

enum verdict { ACCEPTED, CHALLENGED, DROPPED };

/* acknowledges_syn: does the RST acknowledge y's SYN, as 3.10.7.3 second asks? */
static bool acknowledges_syn(const struct tcpfsm_visit *v)
{
    const struct tcpfsm_endpoint *y = v->y;

    return sends(v, TCPFSM_ACK) && y->has_iss && y->has_next && seq_lt(y->iss, v->s->ack) && seq_le(v->s->ack, y->next);
}

/* in_time_wait: may y be nowhere but in TIME_WAIT, or gone? The exception for RCV.NXT - 1 is not for it (RFC 5961
 * section 3.2). */
static bool in_time_wait(const struct tcpfsm_endpoint *y)
{
    return y->state == TCPFSM_TIME_WAIT;
}

/* judge: would y accept it? Its RCV.NXT lies between the highest acknowledgement it sent and the end of what was
 * captured in order on its way there. After a FIN real stacks take RCV.NXT - 1 too, and the right edge of SACKed data
 * (RFC 5961 section 3.2 as practised). */
static enum verdict judge(const struct tcpfsm_visit *v)
{
    const struct tcpfsm_endpoint *y = v->y;
    uint32_t seq = v->s->seq, low, high = y->in_order;

    if (!y->has_ack && acknowledges_syn(v))
        return ACCEPTED; /* SYN_SENT, also if a SYN,ACK was lost */
    if (y->sent_syn && !y->has_ack && y->state == TCPFSM_SYN_SENT)
        return DROPPED;
    if (!y->has_in_order || (y->has_last_ack && !y->has_ack && seq == y->last_ack))
        return ACCEPTED;
    low = y->has_ack ? y->ack : high;
    if (seq_le(low, seq) && seq_le(seq, high))
        return ACCEPTED;
    if (y->fin_passed && seq == high - 1 && !in_time_wait(y))
        return ACCEPTED;
    if (y->has_sack && seq == y->sack_right)
        return ACCEPTED;
    if (seq_lt(low, seq) && seq - low < (y->window ? y->window : 1))
        return v->config->rst_rfc793 ? ACCEPTED : CHALLENGED;
    if (y->has_edge && seq_lt(y->edge, seq) && seq_le(seq, v->x->next))
        return CHALLENGED; /* behind what was sent beyond its window: some stacks take that in */
    return DROPPED;
}

/* rejects: x is in SYN_SENT and answers an ACK that does not cover its SYN: it stays there (3.10.7.3 first). lwIP sets
 * ACK in that RST. */
static bool rejects(const struct tcpfsm_visit *v)
{
    const struct tcpfsm_endpoint *x = v->x, *y = v->y;

    return x->sent_syn && !x->has_ack && !x->sent_syn_ack && y->has_last_ack && v->s->seq == y->last_ack &&
           !(seq_lt(x->iss, y->last_ack) && seq_le(y->last_ack, x->next));
}

/* doubtful: a RST that its alleged sender's stack would hardly have sent: without the timestamps it always sent (RFC
 * 7323 section 3.2); or without ACK, as a host without a connection sends it (3.10.7.1), when there is no segment that
 * it answers. Then the other answer counts. */
static bool doubtful(const struct tcpfsm_visit *v)
{
    const struct tcpfsm_endpoint *x = v->x, *y = v->y;
    bool answers = y->heard && !later(x->heard, y->heard) && ago(v, y->heard) < tcpfsm_grace(v, x) + LIMIT_RST_ANSWERS;

    if (tcpfsm_beside(v, x))
        return false;
    if (sends(v, TCPFSM_ACK))
        return x->sends_ts && !has(v, TCPFSM_HAS_TS);
    return !answers;
}

/* may_be_opening: SYN_SENT rejects an unacceptable ACK by a RST and stays (3.10.7.3 first). x may be there after this
 * RST if it was there, and the RST answers nothing that was captured; or if it had no connection any more, and has
 * begun another with a SYN that was missed. */
static bool may_be_opening(const struct tcpfsm_visit *v)
{
    const struct tcpfsm_endpoint *x = v->x, *y = v->y;
    bool waited = x->now.base & BIT(SYN_SENT) && !(y->has_last_ack && v->s->seq == y->last_ack);

    return !sends(v, TCPFSM_ACK) && (waited || (within(x->now.base, SET_GONE | BIT(SYN_SENT)) && x->has_ack));
}

/* sender: x has no connection any more; unless the RST would not be accepted and was not seen to leave x: then it may
 * be somebody else's. */
static void sender(struct tcpfsm_visit *v, enum verdict verdict)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;
    bool ahead = verdict == CHALLENGED && y->has_in_order && seq_lt(y->in_order, v->s->seq),
         shows = verdict == ACCEPTED || tcpfsm_beside(v, x);

    if (rejects(v)) {
        fact(v, TCPFSM_FACT_RST_REJECTS, 0);
        tcpfsm_forget_answer(y);
        /* its application may have given up: CLOSED sends the same RST (3.10.7.1) */
        tcpfsm_may_happen(x, EVENT(TIME_GONE));
        if (tcpfsm_gave_up(v, x))
            tcpfsm_move(v, x, TCPFSM_CLOSED, TCPFSM_EVENT_TIME_GONE);
    } else if (!x->question || shows) {
        tcpfsm_set opening = may_be_opening(v) ? BIT(SYN_SENT) : 0;

        tcpfsm_ask(x, TCPFSM_QUESTION_RST, (tcpfsm_set)(BIT(CLOSED) | opening), TCPFSM_CLOSED, !shows || doubtful(v));
        if (shows || ahead)
            tcpfsm_move(v, x, TCPFSM_CLOSED, TCPFSM_EVENT_SND_RST);
    }
    x->sent = x->captured = true;
    x->frame = v->s->frame;
}

/* receiver: the RST arrives at y, if it is accepted; if it is only in the window, an old stack accepts it (RFC 793). */
static void receiver(struct tcpfsm_visit *v, enum verdict verdict)
{
    struct tcpfsm_endpoint *y = v->y;
    bool exact = v->s->seq == y->in_order || !y->has_ack, listener = y->passive && y->now.base & BIT(SYN_RECEIVED);
    unsigned event = !y->has_ack && acknowledges_syn(v)             ? TCPFSM_EVENT_RCV_REFUSAL
                     : listener && y->state == TCPFSM_SYN_RECEIVED ? TCPFSM_EVENT_RCV_RST_LISTENER
                                                                   : TCPFSM_EVENT_RCV_RST;

    if (verdict == DROPPED)
        return;
    if (verdict == CHALLENGED || (y->ignores_rst && y->state == TCPFSM_TIME_WAIT)) {
        tcpfsm_may_happen(y, EVENT(RCV_RST));
        return;
    }
    tcpfsm_arrive(v, y, event, exact);
    if (listener)
        tcpfsm_may_happen(y, EVENT(RCV_RST) | EVENT(RCV_RST_LISTENER)); /* the listener may be gone */
}

/* note: the first RST that is accepted. */
static void note(struct tcpfsm_visit *v)
{
    struct tcpfsm_connection *c = v->c;

    if (!c->reset) {
        c->reset = true;
        c->rst_from = (uint8_t)index_of(v, v->x);
        c->rst.frame = v->s->frame;
        c->rst.end = v->x->has_next ? v->x->next : v->s->seq;
        c->rst.seq = v->s->seq;
    }
    c->rst.at = v->now;
}

/* tcpfsm_reset: x sent a RST (3.10.7.4 second, 3.10.7.3 second, 3.10.7.2 first). */
void tcpfsm_reset(struct tcpfsm_visit *v)
{
    struct tcpfsm_connection *c = v->c;
    struct tcpfsm_endpoint *x = v->x, *y = v->y;
    bool nobody = !y->sent || (within(y->possible, SET_GONE) && within(TCPFSM_BIT(y->state), SET_GONE));
    enum verdict verdict = nobody ? DROPPED : judge(v);

    if (!c->reset) {
        c->at_reset[index_of(v, x)] = x->state;
        c->at_reset[index_of(v, y)] = y->state;
    }
    if (!nobody)
        fact(v,
             verdict == ACCEPTED     ? TCPFSM_FACT_RST_ACCEPTED
             : verdict == CHALLENGED ? TCPFSM_FACT_RST_CHALLENGED
                                     : TCPFSM_FACT_RST_DROPPED,
             0);
    if (verdict == CHALLENGED)
        c->challenged_frame = v->s->frame;
    sender(v, nobody ? ACCEPTED : verdict);
    receiver(v, verdict);
    if (v->first)
        tcpfsm_may_happen(y, EVENT(RCV_RST)); /* nothing is known of y: it may have a connection */
    if (verdict == ACCEPTED && !(v->out->facts & TCPFSM_FACT_RST_REJECTS))
        note(v);
}

/* refute: the RST was not its alleged sender's: x goes on, or y acknowledges what was sent after it. */
static void refute(struct tcpfsm_visit *v, uint32_t what)
{
    struct tcpfsm_connection *c = v->c;
    struct tcpfsm_endpoint *from = &c->end[c->rst_from], *to = &c->end[c->rst_from ^ 1u];

    if (what)
        fact(v, what, c->rst.frame);
    c->reset = false;
    if (from->question == TCPFSM_QUESTION_RST)
        tcpfsm_answer(from, true);
    if (TCPFSM_BIT(from->state) & SET_GONE)
        tcpfsm_move(v, from, from->now.shown, TCPFSM_EVENT_WITHDRAWN_RST);
    to->now.due &= (uint16_t)~EVENTS_RST;
    /* else it may have ended the connection for y all the same, whoever sent it */
    if (what == TCPFSM_FACT_RST_REFUTED_BY_RECEIVER)
        to->now.pending &= (uint16_t)~EVENTS_RST;
    if (TCPFSM_BIT(to->state) & SET_GONE)
        tcpfsm_doubt(v, to, EVENTS_RST, TCPFSM_EVENT_WITHDRAWN_RST);
}

/* unlike_its_sender: x sent a RST that looked like its own, and this segment does not: another TTL than x always had.
 * It is this segment that is foreign. */
static bool unlike_its_sender(const struct tcpfsm_visit *v)
{
    const struct tcpfsm_endpoint *x = v->x;

    return has(v, TCPFSM_HAS_TTL) && x->ttl && !x->ttl_varies && v->s->ttl != x->ttl &&
           x->question == TCPFSM_QUESTION_RST && !x->other_counts;
}

/* tcpfsm_after_reset: a segment after a RST, without SYN and RST. What its receiver still sends may have been in
 * flight; what its sender sends with earlier numbers was overtaken. True: it shows nothing of x. */
bool tcpfsm_after_reset(struct tcpfsm_visit *v)
{
    struct tcpfsm_connection *c = v->c;
    struct tcpfsm_endpoint *x = v->x;

    if (c->rst_from != index_of(v, x) && c->rst.frame && sends(v, TCPFSM_ACK) && !v->is.bad_ack &&
        seq_lt(c->rst.end, v->s->ack) && !v->is.acks_fin && !c->reset)
        /* it acknowledges what was sent after the RST: that has not ended it */
        x->now.pending &= (uint16_t)~EVENTS_RST;
    if (x->question == TCPFSM_QUESTION_RST && !c->reset) { /* a RST that its receiver does not accept; x goes on */
        if (v->is.bad_ack)
            return true;
        tcpfsm_answer(x, true);
        if (x->state == TCPFSM_CLOSED)
            tcpfsm_move(v, x, x->now.shown, TCPFSM_EVENT_WITHDRAWN_RST);
        return false;
    }
    if (!c->reset)
        return false;
    if (v->is.bad_ack)
        return true; /* it acknowledges what nobody sent: no sign that the connection goes on */
    if (c->rst_from != index_of(v, x)) {
        if (sends(v, TCPFSM_ACK) && seq_lt(c->rst.end, v->s->ack) && v->y->has_next && !v->is.acks_fin)
            refute(v, TCPFSM_FACT_RST_REFUTED_BY_RECEIVER);
        return false;
    }
    if (seq_le(v->is.end, c->rst.seq) || unlike_its_sender(v))
        return true;
    refute(v, TCPFSM_FACT_RST_REFUTED_BY_SENDER);
    return false;
}

/* tcpfsm_challenge_ack: x answers a RST that was in its window and not exact by an ACK (RFC 5961 section 3.2): it has
 * not accepted that RST. */
void tcpfsm_challenge_ack(struct tcpfsm_visit *v)
{
    struct tcpfsm_connection *c = v->c;
    bool pure = v->is.same_ack && !v->is.fin && !v->is.keepalive && !sends(v, TCPFSM_RST | TCPFSM_SYN);

    if (!c->challenged_frame || !pure || v->s->frame == c->challenged_frame)
        return;
    if (v->y->question == TCPFSM_QUESTION_RST || !c->reset) {
        fact(v, TCPFSM_FACT_CHALLENGE_ACK, c->challenged_frame);
        v->x->now.pending &= (uint16_t)~EVENTS_RST;
    }
    c->challenged_frame = 0;
}
