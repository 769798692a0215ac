/* open.c: SYN, SYN,ACK and the ACK of a SYN: what they show of their sender, and what they do where they arrive (RFC
 * 9293 section 3.5).
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

/* rebase: x is in one of `base`, shown by `event`; what of `keep` was pending still is. */
static void rebase(struct tcpfsm_visit *v, tcpfsm_set base, unsigned shown, unsigned event, unsigned keep)
{
    struct tcpfsm_endpoint *x = v->x;
    unsigned pending = x->now.pending & keep;

    tcpfsm_hold(x, base, shown);
    tcpfsm_may_happen(x, pending);
    tcpfsm_move(v, x, shown, event);
}

/* network_copy: the same SYN or SYN,ACK with the same IP ID: the network made a copy; its sender did not send it again.
 */
static bool network_copy(const struct tcpfsm_visit *v)
{
    return has(v, TCPFSM_HAS_IP_ID) && v->s->ip_id && v->s->ip_id == v->x->ip_id;
}

static void note_id(struct tcpfsm_visit *v)
{
    if (has(v, TCPFSM_HAS_IP_ID))
        v->x->ip_id = v->s->ip_id;
}

/* first_syn: 3.10.1 OPEN. */
static void first_syn(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;

    x->sent_syn = x->has_iss = x->iss_captured = x->next_sure = true;
    x->iss = v->s->seq;
    x->syn_frame = v->s->frame;
    note_id(v);
    tcpfsm_note_sent(v, x);
    if (!v->c->opened_in)
        v->c->opened_in = v->s->frame;
    if (y->sent_syn_ack || TCPFSM_BIT(x->state) & SET_SYNCHRONIZED)
        return; /* captured after what followed it (rule 6) */
    rebase(v, BIT(SYN_SENT), TCPFSM_SYN_SENT, TCPFSM_EVENT_SND_SYN, EVENT(RCV_SYN));
    if (y->sent_syn && y != x)
        fact(v, TCPFSM_FACT_SIMULTANEOUS_OPEN, y->syn_frame);
}

/* syn_again: SYN-SENT retransmits (3.10.8). One that has acknowledged the SYN,ACK does not: then it is an old
 * duplicate, which shows nothing. */
static bool syn_again(struct tcpfsm_visit *v, struct tcpfsm_proof *proof)
{
    struct tcpfsm_endpoint *x = v->x;
    bool copy = network_copy(v);

    note_id(v);
    if (copy)
        return false;
    if (x->copies < UINT8_MAX)
        x->copies++;
    if (v->c->attempt.pending && v->c->attempt.isn == v->s->seq) {
        v->c->attempt.gap = tcpfsm_gap(v, v->c->attempt.heard);
        v->c->attempt.heard = v->now;
    }
    if (x->has_ack || x->sent_syn_ack || !x->sent_syn)
        return false;
    x->syn_gap = tcpfsm_gap(v, v->before_heard);
    v->is.syn_again = true;
    proof->admits = BIT(SYN_SENT);
    return true;
}

/* tcpfsm_forget_answer: e's SYN,ACK was rejected: what it says of e's numbers holds no longer, and the next one is
 * another. */
void tcpfsm_forget_answer(struct tcpfsm_endpoint *e)
{
    if (!e->sent_syn_ack || !e->passive || e->open_shown)
        return;
    e->sent_syn_ack = e->has_iss = e->iss_captured = e->has_next = e->next_sure = e->has_rival = false;
    e->ack_at = 0;
}

/* begin_numbers: x's SYN,ACK says where its numbers begin. What an earlier acknowledgement or segment seemed to say of
 * them does not count (case 87). */
static void begin_numbers(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;

    if (x->has_iss && x->iss == v->s->seq)
        return;
    x->next = x->seen = v->is.end;
    if (x->sent_fin && seq_le(x->fin.seq, v->s->seq)) {
        fact(v, TCPFSM_FACT_NO_MISSED_FIN, 0);
        x->sent_fin = x->fin_with_ack = x->fin_without = false;
        y->fin_passed = false;
        tcpfsm_cannot_have(y, EVENTS_FIN, SET_GOT_FIN, TCPFSM_EVENT_RCV_FIN);
    }
    y->in_order = v->s->seq + 1;
    y->beyond[0] = y->beyond[1] = (struct tcpfsm_stretch){ 0, 0 };
    if (y->has_ack && y->ack != y->in_order)
        y->has_ack = false;
}

/* first_syn_ack: LISTEN, or SYN-SENT in a simultaneous open, answers a SYN. A SYN cookie keeps no socket: until the
 * SYN,ACK is sent again, the listener may have none (RFC 4987 section 3.6). */
static void first_syn_ack(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;
    bool passive = !x->sent_syn, sent_more = x->sent_fin || x->open_shown;
    unsigned arriving = EVENT(RCV_ACK_OF_SYN) | EVENTS_FIN | EVENTS_RST;

    begin_numbers(v);
    x->sent_syn_ack = x->has_iss = x->iss_captured = x->next_sure = true;
    x->passive = passive;
    x->iss = v->s->seq;
    x->open_mark = v->s->ack;
    x->syn_frame = v->s->frame;
    note_id(v);
    tcpfsm_note_sent(v, x);
    if (y->sent_syn && v->s->ack != y->iss + 1 && has(v, TCPFSM_HAS_LENGTH))
        v->c->tfo = seq_lt(y->iss + 1, v->s->ack);
    if (v->is.acks_syn && v->c->rst_from == index_of(v, x))
        v->c->reset = false; /* it refused before, and listens now */
    if (sent_more)
        return; /* overtaken by what it sent later */
    if (x->state == TCPFSM_CLOSED)
        tcpfsm_move(v, x, TCPFSM_LISTEN, TCPFSM_EVENT_LISTENS);
    if (TCPFSM_BIT(x->state) & SET_SYNCHRONIZED & ~BIT(SYN_RECEIVED))
        rebase(v, BIT(SYN_RECEIVED) | BIT(ESTABLISHED), TCPFSM_SYN_RECEIVED, TCPFSM_EVENT_WITHDRAWN_ACK_OF_SYN,
               arriving);
    else
        rebase(v, passive ? BIT(SYN_RECEIVED) | BIT(LISTEN) : BIT(SYN_RECEIVED), TCPFSM_SYN_RECEIVED,
               TCPFSM_EVENT_SND_SYN_ACK, arriving);
}

/* syn_ack_again: SYN-RECEIVED retransmits (3.10.8), or a listener with SYN cookies answers a repeated SYN once more.
 * One whose SYN is known to be acknowledged does not: an old duplicate. */
static bool syn_ack_again(struct tcpfsm_visit *v, struct tcpfsm_proof *proof)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;
    bool asked_again = later(y->heard, v->before_heard) && !y->has_ack, copy = network_copy(v);

    note_id(v);
    if (copy)
        return false;
    if (x->copies < UINT8_MAX)
        x->copies++;
    if (x->open_shown || x->sent_fin)
        return false;
    v->is.syn_again = true;
    proof->admits = BIT(SYN_RECEIVED) | (asked_again && x->passive ? BIT(LISTEN) : 0);
    return true;
}

/* tcpfsm_syn_shows: x sent a SYN or SYN,ACK of this connection. True if there is something to prove. */
bool tcpfsm_syn_shows(struct tcpfsm_visit *v, struct tcpfsm_proof *proof)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;
    bool same = x->has_iss && x->iss == v->s->seq;

    if (!sends(v, TCPFSM_ACK)) {
        if (x->has_iss && x->sent_syn)
            return syn_again(v, proof);
        first_syn(v);
        return false;
    }
    if (x->sent_syn_ack && same)
        return syn_ack_again(v, proof);
    if (x->sent_syn_ack && !y->has_ack && v->is.acks_syn) {
        x->rival = v->s->seq; /* the ACK that answers will choose */
        x->has_rival = true;
        return false;
    }
    if (!x->open_shown)
        first_syn_ack(v);
    return false;
}

/* tcpfsm_choose_number: two SYN,ACKs with different numbers, and y acknowledges the second: that one counts. */
void tcpfsm_choose_number(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;
    uint32_t other = y->iss;

    if (!y->has_rival || x->has_ack || !sends(v, TCPFSM_ACK) || v->s->ack != y->rival + 1)
        return;
    y->iss = y->rival;
    y->rival = other;
    y->next = y->seen = y->iss + 1;
    x->in_order = y->iss + 1;
    x->beyond[0] = x->beyond[1] = (struct tcpfsm_stretch){ 0, 0 };
    x->has_in_order = true;
    x->has_edge = false;
}

/* has_another: x answers a SYN with an ACK of something else: it has a connection of which the capture has nothing
 * (3.10.7.3 first). */
static bool has_another(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;
    tcpfsm_set old = (tcpfsm_set)(x->now.base & SET_SYNCHRONIZED);

    if (x->sent_syn_ack || x->sent_syn || x->open_shown || !y->sent_syn || v->is.acks_syn || v->c->midstream)
        return false;
    rebase(v, old ? old : SET_SYNCHRONIZED,
           old & BIT(LAST_ACK)    ? TCPFSM_LAST_ACK
           : old & BIT(TIME_WAIT) ? TCPFSM_TIME_WAIT
                                  : tcpfsm_first_of(old ? old : SET_SYNCHRONIZED),
           TCPFSM_EVENT_MISSED, 0);
    return true;
}

/* begins_oddly: a bare ACK of the SYN where a SYN,ACK should be: its SYN,ACK was missed, or it begins a split handshake
 * (cases 12 and 13). The display waits for what follows. */
static bool begins_oddly(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;

    if (x->sent_syn_ack || x->sent_syn || !y->sent_syn || y->sent_syn_ack || v->s->len || v->is.fin ||
        v->c->midstream || x == y)
        return false;
    x->sent = false;
    tcpfsm_may_happen(x, EVENT(RCV_SYN) | EVENT(RCV_ACK_OF_SYN));
    return true;
}

/* tcpfsm_open_shows: x sent a segment without SYN and RST, as only a synchronized endpoint does (3.10.7.1 to 3.10.7.3
 * answer with RST or SYN). SYN_RECEIVED has become ESTABLISHED for sure when x sends data (not under Fast Open: RFC
 * 7413 section 4.2), or acknowledges octets that came with or after the ACK of its SYN. False: nothing follows. */
bool tcpfsm_open_shows(struct tcpfsm_visit *v, struct tcpfsm_proof *proof)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;
    bool data = v->s->len && !v->c->tfo && !v->is.keepalive, ack = sends(v, TCPFSM_ACK) && !v->is.bad_ack;
    bool beyond_mark = x->sent_syn_ack && ack && seq_lt(x->open_mark, v->s->ack);

    proof->admits = SET_SYNCHRONIZED;
    if (has_another(v) || x->open_shown)
        return true;
    if (begins_oddly(v))
        return false;
    if ((x->sent_syn || y->sent_syn_ack) && !x->sent_syn_ack && !(y->sent_syn && !y->sent_syn_ack)) {
        proof->happened |= EVENT(RCV_SYN_ACK);
        proof->admits &= (tcpfsm_set)~BIT(SYN_RECEIVED);
        x->open_shown = true;
    } else if (x->sent_syn && !x->sent_syn_ack) {
        /* SYN met SYN, and x answers with an ACK: 3.10.7.4 first answers so from SYN_RECEIVED too */
        proof->happened |= EVENT(RCV_SYN);
        proof->perhaps |= EVENT(RCV_ACK_OF_SYN);
    } else if (data || beyond_mark) {
        proof->happened |= EVENT(RCV_SYN) | EVENT(SND_SYN_ACK) | EVENT(RCV_ACK_OF_SYN);
        proof->admits &= (tcpfsm_set)~BIT(SYN_RECEIVED);
        x->open_shown = true;
    } else if (!x->sent_syn_ack && !v->c->midstream) {
        /* its SYN,ACK was missed, or this begins a split handshake */
        proof->perhaps |= EVENT(RCV_SYN) | EVENT(RCV_ACK_OF_SYN);
    }
    proof->reason = TCPFSM_EVENT_MISSED;
    return true;
}

/* syn_ack_arrives: SYN-SENT becomes ESTABLISHED (3.10.7.3 fourth). Again, without an answer between: it is taken to be
 * where it was (rule 3); beside the capture too, for a kernel answers a SYN,ACK at once. */
static void syn_ack_arrives(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;

    if (!v->is.acks_syn)
        return;
    /* simultaneous open (figure 7): the SYN of x came before its SYN,ACK, whose ACK then counts (3.10.7.4 fifth) */
    if (y->sent_syn && x->sent_syn && !y->open_shown) {
        y->ack_at = y->ack_at ? y->ack_at : v->now;
        tcpfsm_arrive(v, y, TCPFSM_EVENT_RCV_SYN, v->c->self);
        tcpfsm_arrive(v, y, TCPFSM_EVENT_RCV_ACK_OF_SYN, v->c->self);
        return;
    }
    if (y->has_ack)
        return;
    if (v->is.syn_again) {
        y->now.due = 0;
        if (y->now.pending & EVENT(RCV_SYN_ACK))
            tcpfsm_doubt(v, y, EVENT(RCV_SYN_ACK), TCPFSM_EVENT_WITHDRAWN_SYN_ACK);
        tcpfsm_may_happen(y, EVENT(RCV_SYN_ACK) | (x->copies >= LIMIT_SILENT_COPIES ? EVENT(TIME_GONE) : 0u));
        return;
    }
    if (!y->ack_at)
        y->ack_frame = v->s->frame;
    y->ack_at = v->now;
    y->now.doubted |= (uint16_t)(y->now.pending & EVENTS_RST); /* refused before, it is accepted now */
    tcpfsm_arrive(v, y, TCPFSM_EVENT_RCV_SYN_ACK, y->captured);
}

static void syn_arrives(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;

    /* listen() is silent, and so is a SYN,ACK that does not get here: a SYN alone shows nothing of its receiver (rule
     * 2) */
    if (!y->sent) {
        tcpfsm_may_happen(y, EVENT(LISTENS) | EVENT(RCV_SYN));
    } else if (y->sent_syn && !y->has_ack && !v->is.syn_again) {
        tcpfsm_arrive(v, y, TCPFSM_EVENT_RCV_SYN, v->c->self); /* simultaneous open; some stacks ignore it (lwIP) */
    } else if (y->sent_syn_ack && x->state == TCPFSM_SYN_SENT && y->open_mark == v->s->seq + 1 && !v->is.syn_again &&
               !x->has_ack) {
        x->ack_at = v->now; /* the SYN,ACK captured before it finds its cause (rule 6) */
        tcpfsm_arrive(v, x, TCPFSM_EVENT_RCV_SYN_ACK, false);
    } else if (TCPFSM_BIT(y->state) & SET_GONE) {
        tcpfsm_may_happen(y, EVENT(LISTENS) | EVENT(RCV_SYN));
    }
}

/* tcpfsm_open_arrives: SYN, SYN,ACK or the ACK of a SYN reaches y: 3.10.7.2 third, 3.10.7.3 fourth, 3.10.7.4 fourth and
 * fifth. The final ACK may be ignored: accept queue full, TCP_DEFER_ACCEPT; so it never has arrived for sure. */
void tcpfsm_open_arrives(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *y = v->y;

    if (sends(v, TCPFSM_SYN)) {
        if (sends(v, TCPFSM_ACK))
            syn_ack_arrives(v);
        else
            syn_arrives(v);
        return;
    }
    if (!v->is.acks_syn || y->open_shown || !(y->possible & (BIT(SYN_RECEIVED) | BIT(LISTEN))) ||
        !(y->sent_syn_ack || y->passive || y->sent_syn))
        return;
    if (y->has_ack && seq_lt(v->is.end, y->ack)) {
        /* 3.10.7.4 first: not acceptable; real stacks look at the ACK all the same */
        tcpfsm_may_happen(y, EVENT(RCV_ACK_OF_SYN));
        return;
    }
    if (!y->ack_at) {
        y->ack_at = v->now;
        y->ack_frame = v->s->frame;
    }
    tcpfsm_arrive(v, y, TCPFSM_EVENT_RCV_ACK_OF_SYN, v->c->self);
}
