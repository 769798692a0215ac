/* reset.c: a RST: is it accepted, what does it show of its sender, why was it sent, and did it really come from there (DESIGN rule 7).
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

enum verdict { ACCEPTED, CHALLENGED, DROPPED };

/* acknowledges_syn: does the RST acknowledge y's SYN, as 3.10.7.3 second asks? */
static bool acknowledges_syn(const struct tcpfsm_visit *v)
{
    const struct tcpfsm_endpoint *y = v->y;

    return sends(v, TCPFSM_ACK) && knows(y, TCPFSM_KNOWS_ISS) && seq_lt(y->iss, v->s->ack) && seq_le(v->s->ack, y->snd_nxt);
}

/* judge_rst: would y accept it? Its RCV.NXT lies between the highest acknowledgement it sent and the end of what was captured in order on its way there. After
 * a FIN, real stacks take RCV.NXT - 1 too, and the right edge of SACKed data (RFC 5961 section 3.2 as practised). */
static enum verdict judge_rst(const struct tcpfsm_visit *v)
{
    const struct tcpfsm_endpoint *y = v->y;
    uint32_t seq = v->s->seq, low, high;

    if (y->state == TCPFSM_SYN_SENT && !knows(y, TCPFSM_KNOWS_ACK))
        return acknowledges_syn(v) ? ACCEPTED : DROPPED;
    if (!knows(y, TCPFSM_KNOWS_ACK) && acknowledges_syn(v))
        return ACCEPTED; /* SYN_SENT, if the SYN,ACK was lost */
    if (!knows(y, TCPFSM_KNOWS_RCV))
        return ACCEPTED;
    high = y->rcv_nxt;
    low = knows(y, TCPFSM_KNOWS_ACK) ? y->ack : high;
    if (y->state == TCPFSM_TIME_WAIT && knows(y, TCPFSM_RST_PROOF))
        return DROPPED; /* RFC 1337 section 3: it ignores RSTs in TIME_WAIT */
    if (seq_le(low, seq) && seq_le(seq, high))
        return ACCEPTED;
    if (knows(y, TCPFSM_GOT_FIN) && seq == high - 1)
        return ACCEPTED;
    if (knows(y, TCPFSM_SACKED) && seq == y->sack_right)
        return ACCEPTED;
    if (seq_lt(low, seq) && seq_diff(seq, low) < (int32_t)(y->window ? y->window : 1))
        return v->config->rst_rfc793 ? ACCEPTED : CHALLENGED;
    return DROPPED;
}

/* rejects: x is in SYN_SENT and answers an ACK that does not cover its SYN: it stays there (3.10.7.3 first). */
static bool rejects(const struct tcpfsm_visit *v)
{
    const struct tcpfsm_endpoint *x = v->x, *y = v->y;

    return knows(x, TCPFSM_SENT_SYN) && !knows(x, TCPFSM_KNOWS_ACK) && !sends(v, TCPFSM_ACK) && knows(y, TCPFSM_HAS_ACKED) && v->s->seq == y->last_ack &&
           !(seq_lt(x->iss, y->last_ack) && seq_le(y->last_ack, x->snd_nxt));
}

static void save(struct tcpfsm_endpoint *e)
{
    e->saved = e->possible;
    e->saved_state = e->state;
}

static void accept_rst(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *y = v->y;
    bool exact = v->s->seq == y->rcv_nxt || y->state == TCPFSM_SYN_SENT;
    bool listener = y->state == TCPFSM_SYN_RECEIVED && knows(y, TCPFSM_PASSIVE);
    unsigned event = y->state == TCPFSM_SYN_SENT || (!knows(y, TCPFSM_KNOWS_ACK) && acknowledges_syn(v)) ? TCPFSM_EVENT_RCV_REFUSAL
                     : listener                                                                        ? TCPFSM_EVENT_RCV_RST_LISTENER
                                                                                                       : TCPFSM_EVENT_RCV_RST;
    tcpfsm_set before = y->possible;

    tcpfsm_arrive(v, y, event);
    tcpfsm_arrived_perhaps(v, y, before);
    if (!exact)
        tcpfsm_may_be(y, before);
    if (before & BIT(SYN_RECEIVED) && knows(y, TCPFSM_PASSIVE))
        tcpfsm_may_be(y, BIT(LISTEN));
}

/* doubtful: a RST that its alleged sender's stack would hardly have sent: without the timestamps it always sent (RFC 7323 section 3.2), or a RST without
 * ACK that
 * answers nothing. */
static bool doubtful(const struct tcpfsm_visit *v)
{
    const struct tcpfsm_endpoint *x = v->x, *y = v->y;
    bool answers = y->heard && !later(x->heard, y->heard) && ago(v, y->heard) < tcpfsm_grace(v, y) + MS(5);

    if (tcpfsm_beside(v, x))
        return false;
    if (sends(v, TCPFSM_ACK))
        return knows(x, TCPFSM_SENDS_TS) && !(v->s->has & TCPFSM_HAS_TS);
    return !answers;
}

/* depart: x has no connection any more; unless the RST would not be accepted and was not seen to leave x: then it may be somebody else's. */
static void depart(struct tcpfsm_visit *v, enum verdict verdict)
{
    struct tcpfsm_endpoint *x = v->x;
    bool ahead = verdict == CHALLENGED && knows(v->y, TCPFSM_KNOWS_RCV) && seq_lt(v->y->rcv_nxt, v->s->seq);

    if (verdict == ACCEPTED || tcpfsm_beside(v, x)) {
        tcpfsm_set before = x->possible;

        tcpfsm_believe(v, x, BIT(CLOSED), TCPFSM_CLOSED, TCPFSM_EVENT_SND_RST);
        if (doubtful(v))
            tcpfsm_may_be(x, before);
    } else {
        tcpfsm_may_be(x, BIT(CLOSED));
        if (ahead)
            tcpfsm_move(v, x, TCPFSM_CLOSED, TCPFSM_EVENT_SND_RST);
    }
    x->knows |= TCPFSM_SENT_RST | TCPFSM_SENT | TCPFSM_CAPTURED;
    x->frame = v->s->frame;
}

/* tcpfsm_reset: x sent a RST (3.10.7.4 second, 3.10.7.3 second, 3.10.7.2 first). */
void tcpfsm_reset(struct tcpfsm_visit *v)
{
    struct tcpfsm_connection *c = v->c;
    struct tcpfsm_endpoint *x = v->x, *y = v->y;
    bool nobody = !knows(y, TCPFSM_SENT) || (y->state <= TCPFSM_LISTEN && !(y->possible & ~SET_GONE));
    enum verdict verdict = nobody ? DROPPED : judge_rst(v);
    bool first = !c->reset;

    if (first) {
        save(x);
        save(y);
    }
    if (!nobody)
        v->out->facts |= verdict == ACCEPTED ? TCPFSM_FACT_RST_ACCEPTED : verdict == CHALLENGED ? TCPFSM_FACT_RST_CHALLENGED : TCPFSM_FACT_RST_DROPPED;
    if (rejects(v))
        tcpfsm_fact(v, TCPFSM_FACT_RST_REJECTS, knows(y, TCPFSM_SENT_SYN_ACK) ? y->frame : x->syn_frame);
    if (!first && tcpfsm_volley(v))
        tcpfsm_may_be(x, x->saved);
    if (!rejects(v))
        depart(v, nobody ? ACCEPTED : verdict);
    else {
        x->knows |= TCPFSM_SENT | TCPFSM_CAPTURED;
        if (tcpfsm_gave_up(v, x))
            tcpfsm_move(v, x, TCPFSM_CLOSED, TCPFSM_EVENT_TIME_GONE);
        tcpfsm_may_be(x, BIT(CLOSED)); /* its application may have given up: CLOSED sends the same RST (3.10.7.1) */
    }
    if (verdict == ACCEPTED) {
        accept_rst(v);
        if (first) {
            c->reset = true;
            c->rst_from = (uint8_t)index_of(v, x);
            c->rst_frame = v->s->frame;
            c->rst_end = knows(x, TCPFSM_KNOWS_SND) ? x->snd_nxt : v->s->seq;
            c->rst_seq = v->s->seq;
            c->rst_exact = v->s->seq == y->rcv_nxt;
        }
        c->rst_time = v->now;
    } else if (!nobody && first && y->state > TCPFSM_LISTEN && verdict == CHALLENGED) {
        c->challenged_frame = v->s->frame;
    }
}

/* tcpfsm_undo_reset: a segment of v->x shows that the RST did not end it. `both`: x is who is said to have sent the RST; neither end was reset. */
void tcpfsm_undo_reset(struct tcpfsm_visit *v, bool both)
{
    struct tcpfsm_connection *c = v->c;
    bool acknowledged = !both && sends(v, TCPFSM_ACK) && seq_lt(c->rst_end, v->s->ack) && knows(v->y, TCPFSM_KNOWS_SND);

    if (v->x->saved_state == TCPFSM_TIME_WAIT && !both && tcpfsm_beside(v, v->x))
        v->x->knows |= TCPFSM_RST_PROOF;
    if (v->x->state == TCPFSM_CLOSED || v->x->state == TCPFSM_LISTEN)
        tcpfsm_believe(v, v->x, v->x->saved & SET_SYNCHRONIZED ? v->x->saved & SET_SYNCHRONIZED : BIT(ESTABLISHED),
                       TCPFSM_BIT(v->x->saved_state) & SET_SYNCHRONIZED ? v->x->saved_state : TCPFSM_ESTABLISHED, TCPFSM_EVENT_UNDO_RST);
    if (both && v->y->state == TCPFSM_CLOSED)
        tcpfsm_believe(v, v->y, v->y->saved | BIT(CLOSED), v->y->saved_state, TCPFSM_EVENT_UNDO_RST);
    if (both || acknowledged) {
        tcpfsm_fact(v, both ? TCPFSM_FACT_RST_REFUTED_BY_SENDER : TCPFSM_FACT_RST_REFUTED_BY_RECEIVER, c->rst_frame);
        c->forged = true;
        c->reset = false;
    }
}
