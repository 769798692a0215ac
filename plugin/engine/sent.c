/* sent.c: what a segment shows of the endpoint that sent it (DESIGN rule 1): facts, whatever becomes of the segment.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

/* overdue: was what arrived at `since` there long enough ago that x, had it arrived, would have known of it when it sent this segment? */
static bool overdue(const struct tcpfsm_visit *v, uint32_t since)
{
    return ago(v, since) > tcpfsm_grace(v, v->x);
}

/* answers_fin: every captured copy of y's FIN also acknowledged x's: whoever receives that FIN receives the ACK with it. */
static bool answers_fin(const struct tcpfsm_endpoint *x, const struct tcpfsm_endpoint *y)
{
    return knows(x, TCPFSM_SENT_FIN) && knows(y, TCPFSM_FIN_ACKED_FIN) && !knows(y, TCPFSM_FIN_BEFORE_ACK);
}

/* after_fin: where the peer's FIN, still under way, will take the states of a set. */
static tcpfsm_set after_fin(const struct tcpfsm_visit *v, tcpfsm_set set)
{
    if (answers_fin(v->x, v->y))
        set = tcpfsm_next_set(TCPFSM_EVENT_RCV_ACK_OF_FIN, set);
    return tcpfsm_next_set(TCPFSM_EVENT_RCV_FIN, set);
}

/* roll_back: x sends again what was taken as acknowledged; told once. */
static void roll_back(struct tcpfsm_visit *v, unsigned event, tcpfsm_set mask)
{
    bool assumed = v->x->possible & (tcpfsm_set)~mask;

    if (assumed)
        tcpfsm_lost(v);
    tcpfsm_reduce(v, v->x, event, mask);
    if (assumed && v->x->ack_arrived)
        tcpfsm_fact(v, TCPFSM_FACT_ROLLBACK, v->x->ack_frame);
}

/* sent_first_syn: 3.10.1 OPEN. */
static void sent_first_syn(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;

    x->knows |= TCPFSM_SENT_SYN | TCPFSM_KNOWS_ISS;
    x->iss = v->s->seq;
    x->syn_frame = v->s->frame;
    tcpfsm_note_sent(v, x);
    if (!v->c->opened_in)
        v->c->opened_in = v->s->frame;
    if (knows(y, TCPFSM_SENT_SYN_ACK) || x->state > TCPFSM_SYN_SENT) /* captured before the SYN they follow (rule 6): the SYN was earlier */
        return;
    tcpfsm_believe(v, x, BIT(SYN_SENT), TCPFSM_SYN_SENT, TCPFSM_EVENT_SND_SYN);
    if (knows(y, TCPFSM_SENT_SYN) && y != x)
        tcpfsm_fact(v, TCPFSM_FACT_SIMULTANEOUS_OPEN, y->syn_frame);
}

/* sent_syn_again: SYN-SENT retransmits; an endpoint that has acknowledged the SYN,ACK does not: then it is an old duplicate. */
static void sent_syn_again(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x;

    if (x->copies < UINT8_MAX)
        x->copies++;
    if (v->c->attempt.pending && v->c->attempt.isn == v->s->seq) {
        v->c->attempt.gap = tcpfsm_gap(v, v->c->attempt.heard);
        v->c->attempt.heard = v->now;
    }
    if (knows(x, TCPFSM_KNOWS_ACK) || knows(x, TCPFSM_SENT_SYN_ACK) || !knows(x, TCPFSM_SENT_SYN))
        return;
    x->syn_gap = tcpfsm_gap(v, v->before_heard);
    v->is.syn_again = true;
    if (x->ack_arrived && !overdue(v, x->ack_arrived))
        return;
    roll_back(v, TCPFSM_EVENT_UNDO_SYN_ACK, BIT(SYN_SENT));
}

/* still_under_way: what was captured on its way to x and x has not answered yet may arrive after the segment that left before it. */
static void still_under_way(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x;

    if (x->ack_arrived)
        tcpfsm_may_be(x, tcpfsm_next_set(TCPFSM_EVENT_RCV_ACK_OF_SYN, x->possible));
    if (knows(x, TCPFSM_GOT_FIN))
        tcpfsm_may_be(x, after_fin(v, x->possible));
}

static void sent_first_syn_ack(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x;
    bool passive = !knows(x, TCPFSM_SENT_SYN);

    x->knows |= TCPFSM_SENT_SYN_ACK | TCPFSM_KNOWS_ISS | (passive ? TCPFSM_PASSIVE : 0u);
    x->iss = v->s->seq;
    x->mark = v->s->ack;
    x->syn_frame = v->s->frame;
    tcpfsm_note_sent(v, x);
    if (knows(v->y, TCPFSM_SENT_SYN) && v->s->ack != v->y->iss + 1 && v->s->has & TCPFSM_HAS_LENGTH)
        v->c->tfo = seq_lt(v->y->iss + 1, v->s->ack);
    if (v->is.acks_syn && v->c->rst_from == index_of(v, x))
        v->c->reset = false; /* refused before, it listens now */
    if (x->state == TCPFSM_CLOSED)
        tcpfsm_move(v, x, TCPFSM_LISTEN, TCPFSM_EVENT_MISSED);
    if (x->state > TCPFSM_SYN_RECEIVED) {
        if (knows(x, TCPFSM_SENT_FIN | TCPFSM_CAPTURED) || knows(x, TCPFSM_SENT_DATA))
            return; /* overtaken by what it sent later */
        tcpfsm_move(v, x, TCPFSM_SYN_RECEIVED, TCPFSM_EVENT_UNDO_ACK_OF_SYN);
        tcpfsm_believe(v, x, BIT(SYN_RECEIVED) | BIT(ESTABLISHED), TCPFSM_SYN_RECEIVED, TCPFSM_EVENT_UNDO_ACK_OF_SYN);
        return;
    }
    /* a SYN cookie keeps no socket: until it is sent again, the listener may have none (RFC 4987 section 3.6) */
    tcpfsm_believe(v, x, passive ? BIT(SYN_RECEIVED) | BIT(LISTEN) : BIT(SYN_RECEIVED), TCPFSM_SYN_RECEIVED, TCPFSM_EVENT_SND_SYN_ACK);
    if (!passive)
        still_under_way(v);
}

/* sent_syn_ack_again: SYN-RECEIVED retransmits (3.10.8); once its SYN is known to be acknowledged it is an old duplicate. */
static void sent_syn_ack_again(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x;

    if (x->copies < UINT8_MAX)
        x->copies++;
    if (knows(x, TCPFSM_OPEN_PROVEN) || knows(x, TCPFSM_SENT_FIN))
        return;
    v->is.syn_again = true;
    if (x->ack_arrived && !overdue(v, x->ack_arrived))
        return;
    roll_back(v, TCPFSM_EVENT_UNDO_ACK_OF_SYN, BIT(SYN_RECEIVED));
    /* but what its peer sent just now acknowledges its SYN too, and may arrive yet */
    if (x->ack_arrived && !overdue(v, v->y->heard))
        tcpfsm_may_be(x, tcpfsm_next_set(TCPFSM_EVENT_RCV_ACK_OF_SYN, x->possible));
    if (knows(x, TCPFSM_GOT_FIN) && !overdue(v, x->fin_arrived))
        tcpfsm_may_be(x, after_fin(v, x->possible));
}

/* tcpfsm_sent_syn: x sent a SYN or SYN,ACK of this connection. */
void tcpfsm_sent_syn(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x;
    bool answer = sends(v, TCPFSM_ACK);

    if (v->c->reset && v->c->rst_from != index_of(v, x) && x->state <= TCPFSM_LISTEN && TCPFSM_BIT(x->saved_state) & ~SET_GONE)
        tcpfsm_believe(v, x, x->saved, x->saved_state, TCPFSM_EVENT_UNDO_RST); /* sent before the RST arrived, or without regard to it */
    if (!answer && knows(x, TCPFSM_KNOWS_ISS) && (knows(x, TCPFSM_SENT_SYN) || x->iss == v->s->seq) && !(x->iss == v->s->seq && !knows(x, TCPFSM_SENT_SYN)))
        sent_syn_again(v);
    else if (!answer)
        sent_first_syn(v);
    else if (knows(x, TCPFSM_SENT_SYN_ACK) && x->iss == v->s->seq)
        sent_syn_ack_again(v);
    else if (!knows(x, TCPFSM_OPEN_PROVEN))
        sent_first_syn_ack(v);
}

/* synchronize: false if the segment left before the last thing that arrived, and shows nothing else. Only a synchronized endpoint sends a segment without
 * SYN and RST (3.10.7.1 to 3.10.7.3 answer with RST or SYN). */
static bool synchronize(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;

    if (x->possible & BIT(SYN_SENT) || x->state == TCPFSM_SYN_SENT) {
        if (x->state == TCPFSM_SYN_RECEIVED)
            tcpfsm_move(v, x, TCPFSM_ESTABLISHED, TCPFSM_EVENT_ACKS_OPEN);
        tcpfsm_reduce(v, x, x->state == TCPFSM_SYN_SENT ? TCPFSM_EVENT_ACKS_SYN : TCPFSM_EVENT_MISSED, SET_SYNCHRONIZED & ~BIT(SYN_RECEIVED));
    }
    if (!(x->possible & ~SET_SYNCHRONIZED))
        return true;
    if (x->state == TCPFSM_CLOSED && knows(x, TCPFSM_SENT_RST) && TCPFSM_BIT(x->saved_state) & SET_SYNCHRONIZED) {
        /* a RST that its peer did not accept was not its own, for it goes on */
        tcpfsm_believe(v, x, (x->possible | x->saved) & SET_SYNCHRONIZED, x->saved_state, TCPFSM_EVENT_UNDO_RST);
        return true;
    }
    if (x->state == TCPFSM_CLOSED && knows(x, TCPFSM_SENT_FIN)) {
        /* thought closed after LAST_ACK or TIME_WAIT, it still answers */
        if (x->ack_arrived && !overdue(v, x->ack_arrived)) {
            tcpfsm_may_be(x, tcpfsm_next_set(TCPFSM_EVENT_UNDO_ACK_OF_FIN, BIT(CLOSED))); /* sent before the ACK of its FIN arrived */
            return false;
        }
        bool last = knows(x, TCPFSM_FIN_ACKED_FIN) && !knows(x, TCPFSM_FIN_BEFORE_ACK);

        roll_back(v, TCPFSM_EVENT_UNDO_ACK_OF_FIN, last ? BIT(LAST_ACK) : SET_GOT_FIN | BIT(FIN_WAIT_1) | BIT(FIN_WAIT_2));
        return true;
    }
    if (!(x->possible & SET_SYNCHRONIZED) || x->state < TCPFSM_SYN_SENT) {
        tcpfsm_set mask = (tcpfsm_set)(x->possible & SET_SYNCHRONIZED);

        if (knows(y, TCPFSM_SENT_SYN) && !knows(y, TCPFSM_KNOWS_ACK) && v->is.acks_syn) {
            /* an ACK where a SYN,ACK should be: its SYN,ACK was missed, or it begins a split handshake; the display waits for what follows (case 13) */
            tcpfsm_may_be(x, SET_SYNCHRONIZED);
            return true;
        }
        if (knows(y, TCPFSM_SENT_SYN) && !v->is.acks_syn) {
            /* it acknowledges something else: an old connection of which the capture has nothing */
            unsigned old = mask & BIT(LAST_ACK) ? TCPFSM_LAST_ACK : mask & BIT(TIME_WAIT) ? TCPFSM_TIME_WAIT : TCPFSM_ESTABLISHED;

            tcpfsm_believe(v, x, mask ? mask : SET_SYNCHRONIZED, old, TCPFSM_EVENT_MISSED);
            return true;
        }
        tcpfsm_reduce(v, x, TCPFSM_EVENT_MISSED, mask | BIT(ESTABLISHED));
        return true;
    }
    tcpfsm_reduce(v, x, TCPFSM_EVENT_NONE, SET_SYNCHRONIZED);
    return true;
}

/* prove_open: SYN_RECEIVED has become ESTABLISHED for sure when x sends data (not under Fast Open: RFC 7413 section 4.2), or acknowledges bytes or a FIN that
 * came with or after the ACK of its SYN. */
static void prove_open(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x;
    bool data = v->s->len && !v->c->tfo && !v->is.keepalive;
    bool later = knows(x, TCPFSM_SENT_SYN_ACK) && sends(v, TCPFSM_ACK) && !v->is.ack_wild && seq_lt(x->mark, v->s->ack);

    if (knows(x, TCPFSM_OPEN_PROVEN))
        return;
    if (x->possible & BIT(SYN_RECEIVED)) {
        if (!data && !later)
            return;
        tcpfsm_reduce(v, x, TCPFSM_EVENT_ACKS_OPEN, SET_SYNCHRONIZED & ~BIT(SYN_RECEIVED));
    }
    x->knows |= TCPFSM_OPEN_PROVEN;
}

/* prove_close: FIN_WAIT_1 has become FIN_WAIT_2 (or CLOSING TIME_WAIT) for sure when x acknowledges bytes that came with or after the ACK of its FIN. */
static void prove_close(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x;

    if (!knows(x, TCPFSM_CLOSE_MARK) || !(x->possible & SET_FIN_UNACKED) || v->is.ack_wild || !seq_lt(x->mark, v->s->ack))
        return;
    tcpfsm_reduce(v, x, TCPFSM_EVENT_ACKS_CLOSE, SET_FIN_ACKED | BIT(CLOSED));
    x->knows &= ~(uint32_t)TCPFSM_CLOSE_MARK;
}

/* know_fin: x's acknowledgement covers the peer's FIN: it has received it (3.10.7.4 eighth). From FIN_WAIT_1 that led to TIME_WAIT if every captured copy of
 * the FIN also acknowledged x's FIN, to CLOSING if none did. */
static void know_fin(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;
    tcpfsm_set mask = SET_GOT_FIN;

    x->knows &= ~(uint32_t)TCPFSM_FIN_UNDER_WAY;
    x->knows |= TCPFSM_GOT_FIN;
    if (knows(x, TCPFSM_SENT_FIN)) {
        mask &= (tcpfsm_set)~BIT(CLOSE_WAIT);
        if (knows(x, TCPFSM_FIN_BEFORE_ACK))
            mask &= (tcpfsm_set)~BIT(LAST_ACK);
    } else {
        mask = BIT(CLOSE_WAIT) | (v->c->midstream ? SET_GOT_FIN : 0);
        if (v->is.skips_one || knows(x, TCPFSM_SKIPPED))
            mask = SET_GOT_FIN; /* its own FIN may be what the capture missed */
    }
    if (answers_fin(x, y)) {
        tcpfsm_reduce(v, x, TCPFSM_EVENT_ACKS_CLOSE, SET_FIN_ACKED);
        mask = BIT(TIME_WAIT);
    }
    tcpfsm_reduce(v, x, TCPFSM_EVENT_ACKS_FIN, mask);
}

/* miss_fin: the peer's FIN was captured, but this segment does not acknowledge it: when it left, the FIN had not arrived. If that was captured only just now,
 * it is still under way. */
static void miss_fin(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x;
    bool lost = overdue(v, x->fin_arrived) || (knows(x, TCPFSM_SACKED) && seq_lt(v->s->ack, x->sack_right) && v->s->sacks);

    if (!(x->possible & SET_GOT_FIN) && !(knows(x, TCPFSM_GOT_FIN) && !lost))
        return;
    tcpfsm_reduce(v, x, TCPFSM_EVENT_UNDO_FIN, TCPFSM_SET_ALL & ~SET_GOT_FIN);
    if (v->is.fin_again && x->ack_frame == v->y->fin_frame) /* the ACK of its FIN came with that FIN */
        roll_back(v, TCPFSM_EVENT_UNDO_ACK_OF_FIN, SET_FIN_UNACKED);
    if (lost) {
        /* what was captured beyond the first octet missing there may well have arrived: it waits for the gap to be filled */
        x->knows &= ~(uint32_t)TCPFSM_GOT_FIN;
        if (seq_lt(x->ack + 1, x->rcv_nxt))
            x->beyond[0] = (struct tcpfsm_stretch){ x->ack + 1, x->rcv_nxt };
        x->rcv_nxt = x->ack;
        return;
    }
    x->knows |= TCPFSM_FIN_UNDER_WAY;
}

/* send_fin: x's own FIN (3.10.4 CLOSE), or again (3.10.8: not acknowledged, as far as x knows). */
static void send_fin(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x;

    if (v->s->has & TCPFSM_HAS_IP_ID)
        x->ip_id = v->s->ip_id;
    if ((v->is.new_fin || (v->is.fin && !v->is.stale)) && !v->is.refused) /* what that acknowledges may be a FIN that somebody made up */
        x->knows |= v->is.acks_fin ? TCPFSM_FIN_ACKED_FIN : TCPFSM_FIN_BEFORE_ACK;
    if (v->is.new_fin) {
        if (knows(x, TCPFSM_SKIPPED)) /* sent before, and missed */
            x->knows |= knows(x, TCPFSM_SKIP_COVERED) ? TCPFSM_FIN_ACKED_FIN : TCPFSM_FIN_BEFORE_ACK;
        x->knows &= ~(uint32_t)TCPFSM_SKIPPED;
        x->knows |= TCPFSM_SENT_FIN;
        x->knows &= ~(uint32_t)TCPFSM_FIN_UNSEEN;
        tcpfsm_note_sent(v, x);
        x->ack_arrived = 0;
        tcpfsm_reduce(v, x, TCPFSM_EVENT_SND_FIN, SET_FIN_UNACKED);
        if (!knows(v->y, TCPFSM_CAPTURED) && !v->first) /* one direction only: the answer would not be seen */
            tcpfsm_may_be(x, tcpfsm_next_set(TCPFSM_EVENT_RCV_ACK_OF_FIN, x->possible));
        if (knows(v->y, TCPFSM_SENT_FIN) && v->is.misses_fin)
            tcpfsm_fact(v, TCPFSM_FACT_SIMULTANEOUS_CLOSE, v->y->fin_frame);
    } else if (v->is.fin_again && !v->is.stale) { /* with an older ACK than it has sent since, it was only late */
        if (x->copies < UINT8_MAX)
            x->copies++;
        if (!x->ack_arrived || overdue(v, x->ack_arrived)) {
            roll_back(v, TCPFSM_EVENT_UNDO_ACK_OF_FIN, SET_FIN_UNACKED);
            if (x->ack_arrived && !overdue(v, x->ack_again)) /* another one is on its way */
                tcpfsm_may_be(x, tcpfsm_next_set(TCPFSM_EVENT_RCV_ACK_OF_FIN, x->possible));
        }
    }
}

/* send_data: who sends new data has not sent its FIN (3.10.2 SEND). */
static void send_data(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x;

    if (!knows(x, TCPFSM_SENT_FIN)) {
        if (x->possible & ~(SET_MAY_SEND | BIT(SYN_RECEIVED)))
            tcpfsm_reduce(v, x, TCPFSM_EVENT_NONE, SET_MAY_SEND | (x->possible & BIT(SYN_RECEIVED)));
        return;
    }
    if (v->s->seq == x->snd_fin && v->is.end != x->snd_fin + 1 + (v->is.fin ? 1u : 0u)) {
        /* what stood there was not its FIN */
        tcpfsm_fact(v, TCPFSM_FACT_FIN_REFUTED, x->fin_frame);
        x->knows &= ~(uint32_t)(TCPFSM_SENT_FIN | TCPFSM_FIN_ACKED_FIN | TCPFSM_FIN_BEFORE_ACK);
        tcpfsm_reduce(v, x, TCPFSM_EVENT_UNDO_SENT, SET_MAY_SEND);
        v->y->knows &= ~(uint32_t)TCPFSM_GOT_FIN;
        if (v->y->possible & SET_GOT_FIN)
            tcpfsm_reduce(v, v->y, TCPFSM_EVENT_UNDO_FIN, TCPFSM_SET_ALL & ~SET_GOT_FIN);
    }
}

/* deduce_fin: y's FIN, which the capture missed: x acknowledges it and acts accordingly, for it is closing too (case 74). */
static void deduce_fin(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *y = v->y;

    y->knows &= ~(uint32_t)TCPFSM_FIN_UNSEEN;
    y->knows |= TCPFSM_SENT_FIN | (knows(v->x, TCPFSM_SENT_FIN) ? TCPFSM_FIN_ACKED_FIN : TCPFSM_FIN_BEFORE_ACK);
    y->fin_frame = v->s->frame;
    if (y->state == TCPFSM_ESTABLISHED || y->state == TCPFSM_CLOSE_WAIT)
        tcpfsm_move(v, y, tcpfsm_next(TCPFSM_EVENT_SND_FIN, y->state), TCPFSM_EVENT_SND_FIN);
    tcpfsm_move(v, y, tcpfsm_next(TCPFSM_EVENT_RCV_ACK_OF_FIN, y->state), TCPFSM_EVENT_RCV_ACK_OF_FIN);
    tcpfsm_may_be(v->x, tcpfsm_next_set(TCPFSM_EVENT_ACKS_CLOSE, v->x->possible));
    if (v->x->state == TCPFSM_FIN_WAIT_1)
        tcpfsm_move(v, v->x, TCPFSM_FIN_WAIT_2, TCPFSM_EVENT_ACKS_CLOSE);
    tcpfsm_may_be(v->x, tcpfsm_next_set(TCPFSM_EVENT_ACKS_FIN, v->x->possible));
    tcpfsm_move(v, v->x, tcpfsm_next(TCPFSM_EVENT_ACKS_FIN, v->x->state), TCPFSM_EVENT_ACKS_FIN);
}

/* suspect_fin: x acknowledges exactly one octet of y that was not captured: y's FIN or one byte. Both remain possible until one of them acts. */
static void suspect_fin(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;

    if (v->is.refutes_fin) {
        y->knows &= ~(uint32_t)TCPFSM_FIN_UNSEEN;
        tcpfsm_reduce(v, x, TCPFSM_EVENT_UNDO_FIN, TCPFSM_SET_ALL & ~SET_GOT_FIN);
        tcpfsm_reduce(v, y, TCPFSM_EVENT_UNDO_SENT, SET_MAY_SEND | BIT(SYN_RECEIVED));
    }
    if (v->is.acks_one_more) {
        y->knows |= TCPFSM_FIN_UNSEEN;
        y->snd_fin = v->s->ack - 1;
        tcpfsm_may_be(x, tcpfsm_next_set(TCPFSM_EVENT_ACKS_FIN, x->possible));
        tcpfsm_may_be(y, tcpfsm_next_set(TCPFSM_EVENT_RCV_ACK_OF_FIN, tcpfsm_next_set(TCPFSM_EVENT_SND_FIN, y->possible)));
    }
    if (knows(y, TCPFSM_FIN_UNSEEN) && (v->is.new_fin || knows(x, TCPFSM_SENT_FIN)) && v->s->ack == y->snd_fin + 1)
        deduce_fin(v);
}

/* imply_peer: an acknowledgement shows that the peer sends, even if the capture has nothing of it (one direction only, rule 10). */
static void imply_peer(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *y = v->y;

    if (v->is.ack_wild || v->is.wild)
        return;
    if (!knows(y, TCPFSM_CAPTURED) && knows(v->x, TCPFSM_OPEN_PROVEN | TCPFSM_SENT_SYN_ACK) && y->possible & BIT(SYN_SENT))
        tcpfsm_reduce(v, y, TCPFSM_EVENT_ACKS_SYN, SET_SYNCHRONIZED & ~BIT(SYN_RECEIVED));
    if (knows(y, TCPFSM_SENT))
        return;
    y->knows |= TCPFSM_SENT | TCPFSM_KNOWS_ISS | TCPFSM_PASSIVE;
    y->iss = v->s->ack - 1;
    if (y->state == TCPFSM_LISTEN || y->state == TCPFSM_CLOSED)
        tcpfsm_believe(v, y, BIT(SYN_RECEIVED), TCPFSM_SYN_RECEIVED, TCPFSM_EVENT_SND_SYN_ACK);
    v->is.acks_syn = true;
}

/* skip: a pure ACK of x lies one octet beyond what was captured of it: that octet is its FIN, more likely than a single byte. A later segment decides. */
static void skip(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x;

    if (knows(x, TCPFSM_SKIPPED) && v->s->len && v->s->has & TCPFSM_HAS_LENGTH && seq_le(v->s->seq, x->snd_fin) && seq_lt(x->snd_fin, v->s->seq + v->s->len)) {
        x->knows &= ~(uint32_t)TCPFSM_SKIPPED; /* it was a byte */
        tcpfsm_reduce(v, x, TCPFSM_EVENT_UNDO_SENT, SET_MAY_SEND | (x->possible & BIT(SYN_RECEIVED)));
    }
    if (!v->is.skips_one || knows(x, TCPFSM_SENT_FIN) || knows(x, TCPFSM_SKIPPED))
        return;
    x->knows |= TCPFSM_SKIPPED | (v->is.acks_fin ? TCPFSM_SKIP_COVERED : 0u);
    x->snd_fin = v->s->seq - 1;
    tcpfsm_may_be(x, tcpfsm_next_set(TCPFSM_EVENT_SND_FIN, x->possible));
    if (!v->is.acks_fin || knows(v->y, TCPFSM_SENT_FIN))
        tcpfsm_move(v, x, tcpfsm_next(TCPFSM_EVENT_SND_FIN, x->state), TCPFSM_EVENT_MISSED);
}

/* prove_no_fin: a pure ACK lies at SND.NXT (3.10.7.4). At the end of what was captured of x, it shows that there is no FIN that was missed: it would lie
 * one higher. */
static void prove_no_fin(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x;
    tcpfsm_set open = BIT(SYN_RECEIVED) | SET_MAY_SEND;

    if (knows(x, TCPFSM_SENT_FIN) || knows(x, TCPFSM_SKIPPED) || v->s->len || sends(v, TCPFSM_FIN) || v->s->seq != v->before_next)
        return;
    if (x->possible & ~open && x->possible & open)
        tcpfsm_reduce(v, x, TCPFSM_EVENT_NONE, open);
}

/* before_rst: did this segment leave before the RST arrived (from its receiver), or before the RST left (from its sender, overtaken)? Then it says nothing
 * new of
 * the state displayed, but the state the RST found, or will not find if it is lost, has moved. */
static bool before_rst(struct tcpfsm_visit *v)
{
    struct tcpfsm_connection *c = v->c;
    struct tcpfsm_endpoint *x = v->x;
    bool sender = c->rst_from == index_of(v, x);
    tcpfsm_set set = x->saved;

    if (!c->reset || overdue(v, c->rst_time) || (sender && seq_lt(c->rst_seq, v->is.end)))
        return false;
    if (sender)
        return true;
    if (v->is.acks_fin)
        set = tcpfsm_next_set(TCPFSM_EVENT_ACKS_FIN, set);
    if (v->is.fin) {
        set = tcpfsm_next_set(TCPFSM_EVENT_SND_FIN, set);
        x->knows |= TCPFSM_SENT_FIN | (v->is.acks_fin ? TCPFSM_FIN_ACKED_FIN : TCPFSM_FIN_BEFORE_ACK);
    }
    if (v->is.misses_fin && knows(x, TCPFSM_GOT_FIN))
        set |= after_fin(v, set);
    x->saved = set;
    x->saved_state = (uint8_t)(v->is.fin ? tcpfsm_next(TCPFSM_EVENT_SND_FIN, x->saved_state) : x->saved_state);
    if (!tcpfsm_beside(v, x) || !c->rst_exact || ago(v, c->rst_time) < MS(2))
        tcpfsm_may_be(x, set & SET_SYNCHRONIZED);
    return true;
}

/* survived_rst: x speaks from TIME_WAIT after a RST that lay exactly at its RCV.NXT: it ignores them there (RFC 1337 section 3). */
static void survived_rst(struct tcpfsm_visit *v)
{
    const struct tcpfsm_connection *c = v->c;

    if (c->forged && c->rst_exact && c->rst_from != index_of(v, v->x) && v->x->state == TCPFSM_TIME_WAIT && v->x->saved_state == TCPFSM_TIME_WAIT && tcpfsm_beside(v, v->x))
        v->x->knows |= TCPFSM_RST_PROOF;
}

/* unsent: x was taken to have sent an octet that the capture missed, since it was acknowledged. Seen to leave it, a segment that begins at that octet shows
 * that it was never sent: its peer acknowledges what somebody else made up, and what so acknowledges is unacceptable (3.10.7.4 fifth). */
static void unsent(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x;

    if (!knows(x, TCPFSM_FIN_UNSEEN) || v->s->seq != x->snd_fin || v->is.fin || v->s->len || !tcpfsm_beside(v, x) || knows(x, TCPFSM_SENT_FIN))
        return;
    x->knows &= ~(uint32_t)TCPFSM_FIN_UNSEEN;
    x->knows |= TCPFSM_UNSENT;
    x->snd_nxt = x->snd_fin;
    tcpfsm_reduce(v, x, TCPFSM_EVENT_UNDO_SENT, SET_MAY_SEND | (x->possible & BIT(SYN_RECEIVED)));
}

/* tcpfsm_sent: x sent a segment without SYN and RST. */
void tcpfsm_sent(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x;

    if (v->is.wild || before_rst(v) || (v->is.stale && !v->is.fin))
        return;
    if (v->c->reset && v->is.ack_wild)
        return; /* it acknowledges what nobody sent: no sign that the connection goes on */
    if (v->c->reset)
        tcpfsm_undo_reset(v, v->c->rst_from == index_of(v, x));
    if (!synchronize(v))
        return;
    prove_open(v);
    survived_rst(v);
    unsent(v);
    imply_peer(v);
    if (v->before_known)
        prove_no_fin(v);
    suspect_fin(v);
    if (!v->is.fin)
        prove_close(v);
    if (v->is.stale)
        ;
    else if (v->is.acks_fin)
        know_fin(v);
    else if (v->is.misses_fin)
        miss_fin(v);
    skip(v);
    if (sends(v, TCPFSM_FIN) && !(v->s->has & TCPFSM_HAS_LENGTH)) /* a FIN somewhere in what was not captured */
        tcpfsm_may_be(x, tcpfsm_next_set(TCPFSM_EVENT_SND_FIN, x->possible));
    if (v->is.new_data)
        send_data(v);
    if (v->is.fin)
        send_fin(v);
    if (knows(x, TCPFSM_FIN_UNDER_WAY))
        tcpfsm_may_be(x, after_fin(v, x->possible));
}
