/* close.c: FIN and the ACK of a FIN: what they show of their sender, and what they do where they arrive (RFC 9293
 * section 3.6).
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

/* kinds_of_fin: as what y's FIN has reached x: alone, or with the ACK of x's own FIN; both, if its captured copies
 * differ. */
static unsigned kinds_of_fin(const struct tcpfsm_endpoint *x, const struct tcpfsm_endpoint *y)
{
    unsigned kinds = (y->fin_with_ack ? EVENT(RCV_FIN_ACK) : 0u) | (y->fin_without ? EVENT(RCV_FIN) : 0u);

    return x->sent_fin && kinds ? kinds : EVENT(RCV_FIN);
}

/* new_fin: 3.10.4 CLOSE. */
static void new_fin(struct tcpfsm_visit *v, struct tcpfsm_proof *proof)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;

    fact(v, TCPFSM_FACT_NEW_FIN, 0);
    if (y->sent_fin && v->is.misses_fin)
        fact(v, TCPFSM_FACT_SIMULTANEOUS_CLOSE, y->fin.frame);
    x->sent_fin = true;
    x->ack_at = 0;
    x->has_close_mark = false;
    tcpfsm_note_sent(v, x);
    proof->happened |= EVENT(SND_FIN);
    proof->admits &= SET_FIN_UNACKED;
}

/* earlier_copy: may there have been a copy of this segment of x that the capture missed? The capture began later, or y
 * has acknowledged it already. */
static bool earlier_copy(const struct tcpfsm_visit *v)
{
    return !v->x->next_sure || (v->y->has_ack && seq_lt(v->s->seq, v->y->ack));
}

/* own_fin: x's FIN, for the first time or again (3.10.8: not acknowledged, as far as x knows). With an older ACK than x
 * has sent since, it was only late. */
static void own_fin(struct tcpfsm_visit *v, struct tcpfsm_proof *proof)
{
    struct tcpfsm_endpoint *x = v->x;

    if (has(v, TCPFSM_HAS_IP_ID))
        x->ip_id = v->s->ip_id;
    if (v->is.new_fin || !v->is.stale) {
        x->fin_with_ack |= v->is.acks_fin;
        /* an earlier copy may have been missed */
        x->fin_without |= !v->is.acks_fin || (v->is.new_fin && earlier_copy(v));
    }
    if (v->is.new_fin) {
        new_fin(v, proof);
    } else if (v->is.fin_again && !v->is.stale) {
        fact(v, TCPFSM_FACT_FIN_AGAIN, 0);
        if (x->copies < UINT8_MAX)
            x->copies++;
        proof->admits &= SET_FIN_UNACKED;
    }
}

/* without_fin: where x can be if the FIN was not its own. */
static tcpfsm_set without_fin(const struct tcpfsm_visit *v)
{
    const struct tcpfsm_endpoint *x = v->x, *y = v->y;
    tcpfsm_set acked = (tcpfsm_set)(x->now.base | tcpfsm_before(TCPFSM_EVENT_RCV_ACK_OF_FIN, x->now.base));
    tcpfsm_set set = (tcpfsm_set)(tcpfsm_before(TCPFSM_EVENT_SND_FIN, acked) & SET_MAY_SEND);

    if (!y->sent_fin && !maybe_fin(y) && !v->c->midstream)
        set &= (tcpfsm_set)~SET_GOT_FIN;
    return set ? set : SET_MAY_SEND;
}

/* refute_acked_fin: octets stand where x's FIN was thought to be, and y has acknowledged that FIN: either they are not
 * x's, or the FIN was not, and y has taken it in all the same. True: octets beyond it say that x goes on. */
static bool refute_acked_fin(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;

    x->now.base |= without_fin(v);
    y->now.base |= tcpfsm_before(TCPFSM_EVENT_RCV_FIN, y->now.base) & SET_SYNCHRONIZED;
    return seq_lt(x->fin.seq + 1, v->is.end);
}

/* refute_fin: octets stand where x's FIN was thought to be: the FIN was not x's. */
static void refute_fin(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;
    bool acked = y->has_ack && seq_lt(x->fin.seq, y->ack);

    if (acked && !refute_acked_fin(v))
        return;
    fact(v, TCPFSM_FACT_FIN_REFUTED, x->fin.frame);
    x->now.base = without_fin(v);
    x->sent_fin = x->fin_with_ack = x->fin_without = x->has_close_mark = false;
    x->now.pending &= (uint16_t)~(EVENT(SND_FIN) | EVENT(RCV_ACK_OF_FIN));
    x->now.shown = (uint8_t)tcpfsm_first_of(x->now.base);
    x->fin_disputed = acked || y->fin_passed;
    if (acked)
        return;
    y->fin_passed = false;
    y->now.due &= (uint16_t)~EVENTS_FIN;
    if (!x->fin_disputed) /* beyond a gap it has reached nobody */
        tcpfsm_cannot_have(y, EVENTS_FIN, SET_GOT_FIN, TCPFSM_EVENT_RCV_FIN);
    if (TCPFSM_BIT(y->state) & SET_GOT_FIN)
        tcpfsm_doubt(v, y, EVENTS_FIN, TCPFSM_EVENT_WITHDRAWN_FIN);
}

/* after_own_fin: x has sent its FIN, and now something else. FIN_WAIT_1 has become FIN_WAIT_2 (or CLOSING TIME_WAIT)
 * for sure when x acknowledges octets that came with or after the ACK of its FIN; and it may have, by an ACK that the
 * capture missed. */
static void after_own_fin(struct tcpfsm_visit *v, struct tcpfsm_proof *proof)
{
    struct tcpfsm_endpoint *x = v->x;

    if (v->is.fin)
        return;
    if (seq_lt(x->fin.seq, v->s->seq))
        proof->admits &= SET_SENT_FIN;
    if (v->is.refutes_fin || v->is.bad_ack)
        return;
    if (x->has_close_mark && seq_lt(x->close_mark, v->s->ack))
        proof->happened |= EVENT(RCV_ACK_OF_FIN);
    else if (!v->s->len && seq_lt(x->fin.seq, v->s->seq))
        proof->perhaps |= EVENT(RCV_ACK_OF_FIN);
}

/* goes_on: x acknowledges octets beyond a FIN that may have been forged: it has not taken that FIN in. */
static void goes_on(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;

    if (!y->fin_disputed || !sends(v, TCPFSM_ACK) || v->is.bad_ack || seq_le(v->s->ack, y->fin.seq + 1))
        return;
    y->fin_disputed = false;
    tcpfsm_cannot_have(x, EVENTS_FIN, SET_GOT_FIN, TCPFSM_EVENT_RCV_FIN);
}

/* tcpfsm_close_shows: what a segment without SYN and RST shows of how far x has closed: by its ACK, its FIN, its data
 * (3.10.4, 3.10.7.4 eighth). */
void tcpfsm_close_shows(struct tcpfsm_visit *v, struct tcpfsm_proof *proof)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;

    if (v->is.refutes_fin ||
        (v->is.disowns_fin && (tcpfsm_beside(v, x) || (x->has_close_mark && seq_lt(x->close_mark, v->s->ack)))))
        refute_fin(v);
    goes_on(v);
    if (v->is.acks_fin && !v->is.stale) {
        fact(v, TCPFSM_FACT_ACKS_FIN, 0);
        proof->happened |= (uint16_t)kinds_of_fin(x, y);
        proof->admits &= SET_GOT_FIN;
    } else if (v->is.misses_fin && !v->is.stale) {
        fact(v, TCPFSM_FACT_MISSES_FIN, 0);
        proof->admits &= (tcpfsm_set)~SET_GOT_FIN;
    }
    if (x->sent_fin)
        after_own_fin(v, proof);
    if (v->is.fin)
        own_fin(v, proof);
    else if (v->is.odd_fin || (sends(v, TCPFSM_FIN) && !has(v, TCPFSM_HAS_LENGTH))) /* or somewhere in what was cut */
        tcpfsm_may_happen(x, EVENT(SND_FIN));
    if (x->sent_fin || v->is.fin || v->is.odd_fin)
        return;
    if (v->is.at_end || (v->is.new_data && x->next_sure)) {
        proof->admits &= SET_MAY_SEND | BIT(SYN_RECEIVED);
        if (!maybe_fin(x))
            x->now.pending &= (uint16_t)~EVENT(SND_FIN);
    } else if (v->is.new_data) {
        /* from mid-stream on: its FIN may lie beyond what it sends again */
        proof->admits &= (tcpfsm_set)~SET_FIN_ACKED;
    }
}

/* ack_arrives: the ACK of y's FIN (3.10.7.4 fifth), alone or with x's FIN. */
static void ack_arrives(struct tcpfsm_visit *v, uint32_t before_next, bool surely)
{
    struct tcpfsm_endpoint *y = v->y;

    if (!y->has_close_mark && seq_le(before_next, v->s->seq) && !earlier_copy(v)) {
        y->close_mark = v->s->seq; /* what x sends from here on acknowledges y's FIN */
        y->has_close_mark = true;
    }
    if (!y->ack_at) {
        y->ack_at = v->now;
        y->ack_frame = v->s->frame;
    }
    tcpfsm_arrive(v, y, TCPFSM_EVENT_RCV_ACK_OF_FIN, surely);
}

/* fin_again_arrives: the same FIN again. y has not acknowledged it: y is taken to be where it was (rule 3). Beside the
 * capture a repetition shows nothing of the first copy; but who says nothing to several copies is gone. */
static void fin_again_arrives(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;
    bool silent = !later(y->heard, v->before_heard) && x->copies >= LIMIT_SILENT_COPIES;

    if (y->has_ack && seq_lt(x->fin.seq, y->ack)) {
        if (silent && tcpfsm_beside(v, y)) {
            tcpfsm_may_happen(y, EVENT(TIME_GONE));
            tcpfsm_move(v, y, TCPFSM_CLOSED, TCPFSM_EVENT_TIME_GONE);
        }
        return;
    }
    if (later(y->heard, v->before_heard)) { /* it has spoken since: another copy, another chance */
        tcpfsm_arrive(v, y, v->is.acks_fin ? TCPFSM_EVENT_RCV_FIN_ACK : TCPFSM_EVENT_RCV_FIN, false);
        return;
    }
    if (silent)
        tcpfsm_may_happen(y, EVENT(TIME_GONE));
    /* beside the capture an answer would have been captured: perhaps its host drops what arrives */
    y->now.due &= (uint16_t)~EVENTS_FIN;
    if (!tcpfsm_beside(v, y) && y->now.pending & EVENTS_FIN)
        tcpfsm_doubt(v, y, EVENTS_FIN, TCPFSM_EVENT_WITHDRAWN_FIN);
    tcpfsm_may_happen(y, v->is.acks_fin ? EVENT(RCV_FIN_ACK) : EVENT(RCV_FIN));
}

/* fin_arrives: x's FIN, once everything before it has come by (3.10.7.4 first: in SEG.SEQ order). */
static void fin_arrives(struct tcpfsm_visit *v, bool surely)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;
    unsigned event =
        x->fin_with_ack && y->sent_fin && !x->fin_without ? TCPFSM_EVENT_RCV_FIN_ACK : TCPFSM_EVENT_RCV_FIN;

    if (!x->sent_fin)
        return;
    if (v->is.fin && v->is.beyond_window) {
        tcpfsm_may_happen(y, 1u << event); /* 3.10.7.4 first: not acceptable */
        return;
    }
    if (!y->has_in_order || seq_le(y->in_order, x->fin.seq)) {
        if (v->is.new_fin)
            fact(v, TCPFSM_FACT_FIN_GAP, 0);
        return;
    }
    if (!y->fin_passed) {
        y->fin_passed = true;
        y->fin_at = v->now;
        if (x->fin_with_ack && x->fin_without)
            tcpfsm_may_happen(y, EVENT(RCV_FIN_ACK));
        tcpfsm_arrive(v, y, event, surely && v->is.fin);
    } else if (v->is.fin_again) {
        fin_again_arrives(v);
    }
}

/* unheard: x repeats itself and the far endpoint is silent: it may be gone, or may have closed, and what it sent was
 * lost on its side of the capture. */
static void unheard(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *y = v->y;

    if (!(v->is.data_again || v->is.fin_again) || tcpfsm_beside(v, y) || !y->sent || later(y->heard, v->before_heard))
        return;
    tcpfsm_may_happen(y, EVENT(TIME_GONE) | (y->sent_fin || !y->open_shown ? 0u : EVENT(SND_FIN)));
}

/* late_fin: this FIN was acknowledged before it was captured (rule 6): the acknowledgement finds its cause. */
static void late_fin(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;
    tcpfsm_set got = (tcpfsm_set)(tcpfsm_next_set(TCPFSM_EVENT_RCV_FIN, y->now.base) & SET_GOT_FIN);

    if (!v->is.new_fin || !x->sent_fin || !y->has_ack || y->ack != x->fin.seq + 1)
        return;
    y->fin_passed = true;
    if (got) {
        y->now.base = got;
        tcpfsm_move(v, y, tcpfsm_next(TCPFSM_EVENT_RCV_FIN, y->state), TCPFSM_EVENT_SHOWN_FIN);
        y->now.shown = (uint8_t)(got & TCPFSM_BIT(y->state) ? y->state : tcpfsm_first_of(got));
    }
    tcpfsm_arrive(v, x, TCPFSM_EVENT_RCV_ACK_OF_FIN, false);
}

/* tcpfsm_close_arrives: the segment reaches y, in the order of 3.10.7.4: fifth its ACK, eighth its FIN. `before_next`:
 * x's SND.NXT before it. */
void tcpfsm_close_arrives(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;
    bool acceptable =
        !v->is.beyond_window && !v->is.data_again && !v->is.stale && !(y->has_ack && seq_lt(v->is.end, y->ack));
    bool together =
        v->is.fin && x->sent_fin && y->has_in_order && seq_lt(x->fin.seq, y->in_order) && !v->is.beyond_window;

    unheard(v);
    if (v->is.acks_fin && y->sent_fin && !v->is.stale) {
        if (together && !y->fin_passed && !y->ack_at) { /* both in one segment */
            y->ack_at = v->now;
            y->ack_frame = v->s->frame;
            y->fin_passed = true;
            y->fin_at = v->now;
            if (seq_le(v->before_next, v->s->seq) && !earlier_copy(v)) {
                y->close_mark = v->s->seq;
                y->has_close_mark = true;
            }
            tcpfsm_arrive(v, y, TCPFSM_EVENT_RCV_FIN_ACK, acceptable);
            return;
        }
        ack_arrives(v, v->before_next, acceptable);
    }
    fin_arrives(v, acceptable);
    if (v->is.odd_fin)
        tcpfsm_may_happen(y, EVENT(RCV_FIN));
    late_fin(v);
}

/* tcpfsm_gap_closed: x's acknowledgement shows that it has what the capture missed before y's FIN: nothing keeps the
 * FIN back any more. */
void tcpfsm_gap_closed(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;
    unsigned kinds = kinds_of_fin(x, y);

    if (!y->sent_fin || x->fin_passed || !x->has_in_order || seq_le(x->in_order, y->fin.seq))
        return;
    x->fin_passed = true;
    tcpfsm_may_happen(x, kinds);
    x->now.doubted &= (uint16_t)~kinds;
}
