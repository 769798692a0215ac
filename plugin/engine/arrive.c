/* arrive.c: what a segment does to the endpoint it is sent to, taken to arrive until something shows that it did not (DESIGN rules 2 and 3).
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

/* fall_back: the same SYN,ACK or FIN again, and no answer between: its receiver is taken to be where it was proven to be. Both remain possible; beside the
 * capture the first copy has arrived all the same, and it is the answer that is missing. */
static void fall_back(struct tcpfsm_visit *v, unsigned event)
{
    struct tcpfsm_endpoint *y = v->y;

    tcpfsm_may_be(y, tcpfsm_next_set(event, y->possible));
    if (!tcpfsm_beside(v, y))
        tcpfsm_move(v, y, tcpfsm_next(event, y->state), event);
}

/* note_ack: when the acknowledgement of y's SYN or FIN first came by. */
static void note_ack(struct tcpfsm_visit *v)
{
    if (v->y->ack_arrived)
        return;
    v->y->ack_arrived = v->now;
    v->y->ack_frame = v->s->frame;
}

/* arrive_crossing: simultaneous open (RFC 9293 figure 7): the SYN of x has arrived before its SYN,ACK, whose ACK then counts (3.10.7.4 fifth). */
static void arrive_crossing(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *y = v->y;
    tcpfsm_set between;

    note_ack(v);
    tcpfsm_arrive(v, y, TCPFSM_EVENT_RCV_SYN);
    between = y->possible;
    tcpfsm_arrive(v, y, TCPFSM_EVENT_RCV_ACK_OF_SYN);
    tcpfsm_arrived_perhaps(v, y, between);
}

static void arrive_syn(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *y = v->y;

    if (sends(v, TCPFSM_ACK)) {
        if (knows(y, TCPFSM_SENT_SYN) && knows(v->x, TCPFSM_SENT_SYN) && v->is.acks_syn && y->state <= TCPFSM_SYN_RECEIVED) {
            arrive_crossing(v);
            return;
        }
        if (!knows(y, TCPFSM_KNOWS_ISS) || !v->is.acks_syn || knows(y, TCPFSM_KNOWS_ACK))
            return;
        if (v->is.syn_again && y->state == TCPFSM_ESTABLISHED && !knows(y, TCPFSM_KNOWS_ACK)) {
            fall_back(v, TCPFSM_EVENT_UNDO_SYN_ACK);
            return;
        }
        if (v->is.syn_again && !tcpfsm_beside(v, y)) {
            tcpfsm_may_be(y, tcpfsm_next_set(TCPFSM_EVENT_RCV_SYN_ACK, y->possible));
            return; /* the benefit of the doubt has ended (rule 3): its ACK will show */
        }
        if (!y->ack_arrived)
            y->ack_frame = v->s->frame;
        y->ack_arrived = v->now;
        if (knows(y, TCPFSM_SENT))
            tcpfsm_arrive(v, y, TCPFSM_EVENT_RCV_SYN_ACK);
        return;
    }
    if (y->state <= TCPFSM_LISTEN && knows(v->x, TCPFSM_SENT_SYN))
        tcpfsm_may_be(y, BIT(LISTEN) | BIT(SYN_RECEIVED)); /* listen() is silent, and so is a SYN,ACK that does not get here */
    if (!knows(y, TCPFSM_SENT))
        return;
    if (knows(y, TCPFSM_SENT_SYN) && y->state == TCPFSM_SYN_SENT) {
        tcpfsm_arrive(v, y, TCPFSM_EVENT_RCV_SYN);
    } else if (knows(y, TCPFSM_SENT_SYN_ACK) && v->x->state == TCPFSM_SYN_SENT && y->mark == v->s->seq + 1 && !v->is.syn_again && !knows(v->x, TCPFSM_KNOWS_ACK)) {
        /* the SYN,ACK captured before it finds its cause (rule 6) */
        tcpfsm_set sent = v->x->possible;

        v->x->ack_arrived = v->now;
        tcpfsm_arrive(v, v->x, TCPFSM_EVENT_RCV_SYN_ACK);
        tcpfsm_arrived_perhaps(v, v->x, sent);
    }
}

static void arrive_ack(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *y = v->y;

    if (v->is.ack_wild || v->is.stale)
        return;
    if (v->is.acks_fin)
        y->ack_again = v->now;
    if (v->is.acks_syn && y->possible & BIT(SYN_RECEIVED) && !knows(y, TCPFSM_OPEN_PROVEN)) {
        note_ack(v);
        y->possible &= (tcpfsm_set)~BIT(LISTEN); /* a SYN cookie becomes a socket now */
        tcpfsm_arrive(v, y, TCPFSM_EVENT_RCV_ACK_OF_SYN);
    }
    if (v->is.acks_fin && y->possible & SET_FIN_UNACKED) {
        if (!y->ack_arrived) {
            y->mark = seq_max(v->s->seq, v->before_next);
            y->knows |= TCPFSM_CLOSE_MARK;
        }
        note_ack(v);
        tcpfsm_arrive(v, y, TCPFSM_EVENT_RCV_ACK_OF_FIN);
    }
}

/* take_fin: the FIN takes effect. If it came by in an earlier segment, that one may be lost though this one is not. */
static void take_fin(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *y = v->y;
    tcpfsm_set without = y->possible;

    y->knows |= TCPFSM_GOT_FIN;
    y->knows &= ~(uint32_t)TCPFSM_FIN_UNDER_WAY;
    tcpfsm_arrive(v, y, TCPFSM_EVENT_RCV_FIN);
    if (!v->is.fin)
        tcpfsm_arrived_perhaps(v, y, without);
}

/* arrive_fin: the peer's FIN, once everything before it has come by (3.10.7.4 first: in SEG.SEQ order). */
static void arrive_fin(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;

    if (!knows(x, TCPFSM_SENT_FIN) || !knows(y, TCPFSM_KNOWS_RCV))
        return;
    if (seq_le(y->rcv_nxt, x->snd_fin)) {
        if (v->is.new_fin)
            v->out->facts |= TCPFSM_FACT_FIN_GAP;
        return;
    }
    if (!knows(y, TCPFSM_GOT_FIN)) {
        y->fin_arrived = v->now;
        take_fin(v);
    } else if (v->is.data_again && (!knows(y, TCPFSM_KNOWS_ACK) || seq_le(y->ack, v->s->seq))) {
        y->fin_arrived = v->now; /* the gap before the FIN may be filled only now */
    } else if (v->is.fin_again) {
        y->fin_arrived = v->now;
        if (!(knows(y, TCPFSM_KNOWS_ACK) && seq_lt(x->snd_fin, y->ack)))
            fall_back(v, TCPFSM_EVENT_UNDO_FIN);
        else if (y->state == TCPFSM_TIME_WAIT) {
            y->timer = v->now;
        }
    }
}

/* late_fin: this FIN was acknowledged before it was captured (rule 6): the acknowledgement finds its cause. */
static void late_fin(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;
    bool unsent = knows(x, TCPFSM_UNSENT);
    tcpfsm_set before;

    if (v->is.new_fin)
        x->knows &= ~(uint32_t)TCPFSM_UNSENT;
    if (!v->is.new_fin || !knows(y, TCPFSM_KNOWS_ACK) || y->ack != x->snd_fin + 1 || unsent)
        return;
    y->knows |= TCPFSM_GOT_FIN;
    tcpfsm_reduce(v, y, TCPFSM_EVENT_ACKS_FIN, SET_GOT_FIN);
    before = x->possible;
    tcpfsm_arrive(v, x, TCPFSM_EVENT_RCV_ACK_OF_FIN);
    tcpfsm_arrived_perhaps(v, x, before);
}

/* unheard: x repeats itself and the far endpoint is silent: it may be gone, or may have closed and its FIN was lost on this side of the capture. */
static void unheard(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *y = v->y;

    if (tcpfsm_beside(v, y) || !knows(y, TCPFSM_SENT) || later(y->heard, v->before_heard))
        return;
    tcpfsm_may_be(y, BIT(CLOSED) | tcpfsm_next_set(TCPFSM_EVENT_SND_FIN, y->possible));
}

/* tcpfsm_arrived: the segment (no RST) reaches y, in the order of 3.10.7.4: sequence number, SYN, ACK, FIN. */
void tcpfsm_arrived(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *y = v->y;
    tcpfsm_set before = y->possible;
    bool old = knows(y, TCPFSM_KNOWS_ACK) && seq_lt(v->is.end, y->ack);

    if (v->is.wild || v->is.refused)
        return;
    if (sends(v, TCPFSM_SYN)) {
        arrive_syn(v);
        tcpfsm_arrived_perhaps(v, y, before);
        return;
    }
    if (v->is.data_again || v->is.fin_again)
        unheard(v);
    if (old || !knows(y, TCPFSM_SENT) || y->state == TCPFSM_SYN_SENT)
        return;
    if (knows(y, TCPFSM_FIN_UNDER_WAY) && !v->is.fin)
        take_fin(v); /* captured before this segment, so arriving before it */
    arrive_ack(v);
    arrive_fin(v);
    if (v->is.acks_syn && before & BIT(SYN_RECEIVED))
        before &= (tcpfsm_set)~BIT(LISTEN);
    tcpfsm_arrived_perhaps(v, y, before);
    if (v->is.old_text || before & BIT(SYN_RECEIVED)) /* and a listener may ignore the final ACK: accept queue full, TCP_DEFER_ACCEPT */
        tcpfsm_may_be(y, before);
    late_fin(v);
}
