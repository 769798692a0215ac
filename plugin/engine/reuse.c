/* reuse.c: a SYN on a live 4-tuple (DESIGN rule 8). It is a new connection, an old duplicate, a peer that was
 * restarted, or a port used again too soon; which of these, the answer shows. Until then its sender is in SYN_SENT, or
 * where it was: a question with two answers.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

#include <string.h>

/* tcpfsm_begin: forgets the previous incarnation: two endpoints without a connection. */
void tcpfsm_begin(struct tcpfsm_connection *c)
{
    memset(c->end, 0, sizeof c->end);
    memset(&c->attempt, 0, sizeof c->attempt);
    memset(&c->rst, 0, sizeof c->rst);
    memset(c->history, 0, sizeof c->history);
    c->began = c->midstream = c->tfo = c->reset = false;
    c->opened_in = c->challenged_frame = 0;
    c->letters = 0;
    for (unsigned i = 0; i < 2; i++) {
        tcpfsm_hold(&c->end[i], BIT(CLOSED), TCPFSM_CLOSED);
        c->end[i].state = TCPFSM_CLOSED;
        c->end[i].possible = BIT(CLOSED);
    }
}

/* gone: the endpoint the SYN is sent to has no connection as far as is known. What may be left of the old one stays in
 * its set (restart). */
static bool gone(const struct tcpfsm_endpoint *e)
{
    return !e->sent || TCPFSM_BIT(e->state) & SET_GONE;
}

/* restart: a new incarnation begins; the accounts of the old one are closed. */
static void restart(struct tcpfsm_visit *v)
{
    unsigned opener = v->c->attempt.pending ? v->c->attempt.from : index_of(v, v->x);

    for (unsigned i = 0; i < 2; i++) { /* the opener, then its peer: where both waited, the peer's counts */
        const struct tcpfsm_endpoint *e = &v->c->end[opener ^ i];

        if (e->state != TCPFSM_TIME_WAIT &&
            !(v->c->attempt.pending && e->question && e->other.shown == TCPFSM_TIME_WAIT))
            continue;
        fact(v, TCPFSM_FACT_REUSED_TIME_WAIT, e->fin.frame);
        v->out->evidence_end = (uint8_t)index_of(v, e);
    }
    v->alive = (tcpfsm_set)(v->y->possible & ~SET_GONE);
    tcpfsm_begin(v->c);
    v->c->incarnation++;
    v->out->restarted = true;
    v->out->steps = 0;
}

/* restart_from_attempt: the new incarnation began with the SYN remembered: it is entered as if it had been seen there.
 */
static void restart_from_attempt(struct tcpfsm_visit *v)
{
    struct tcpfsm_connection *c = v->c;
    struct tcpfsm_attempt a = c->attempt;
    struct tcpfsm_endpoint *client = &c->end[a.from], *server = &c->end[a.from ^ 1];

    restart(v);
    tcpfsm_note_syn(c, a.from);
    fact(v, TCPFSM_FACT_FIRST, 0);
    c->began = true;
    c->client = a.from;
    c->role = TCPFSM_ROLE_SYN;
    c->opened_in = a.frame;
    client->has_iss = client->iss_captured = client->has_next = client->next_sure = client->sent = client->sent_syn =
        client->captured = true;
    client->iss = a.isn;
    client->next = client->seen = a.isn + a.length;
    client->syn_frame = client->frame = a.frame;
    client->since = client->heard = client->sent_at = a.sent;
    client->sent_part = a.sent_part;
    client->copies = 1;
    client->state = TCPFSM_SYN_SENT;
    tcpfsm_hold(client, BIT(SYN_SENT), TCPFSM_SYN_SENT);
    server->since = a.sent;
    server->has_in_order = true;
    server->in_order = a.isn + 1;
    server->state = TCPFSM_LISTEN;
    tcpfsm_hold(server, (tcpfsm_set)(SET_GONE | (v->y == server ? v->alive : 0)), TCPFSM_LISTEN);
    tcpfsm_may_happen(server, EVENT(LISTENS) | EVENT(RCV_SYN));
    tcpfsm_settle(client);
    tcpfsm_settle(server);
    tcpfsm_locate(v);
}

/* begin_attempt: x is in SYN_SENT, assumed: a network may hold old SYNs; for sure beside x. y stays where it is until
 * it answers. */
static void begin_attempt(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;
    uint32_t length = has(v, TCPFSM_HAS_LENGTH) ? v->s->len : 0;

    fact(v, TCPFSM_FACT_SYN_ATTEMPT, 0);
    v->c->attempt = (struct tcpfsm_attempt){ .sent = v->now,
                                             .sent_part = tcpfsm_part(v->s->time),
                                             .heard = v->now,
                                             .isn = v->s->seq,
                                             .length = (uint16_t)(1 + length),
                                             .frame = v->s->frame,
                                             .from = (uint8_t)index_of(v, x),
                                             .pending = true };
    if (x->state != TCPFSM_SYN_SENT) {
        tcpfsm_move(v, x, TCPFSM_CLOSED, TCPFSM_EVENT_REPLACED);
        tcpfsm_move(v, x, TCPFSM_SYN_SENT, TCPFSM_EVENT_SND_SYN);
    }
    tcpfsm_ask(x, TCPFSM_QUESTION_SYN, BIT(SYN_SENT), TCPFSM_SYN_SENT, !tcpfsm_beside(v, x));
    if (y->possible & (BIT(TIME_WAIT) | SET_GONE)) /* 3.6.1 MAY-2, RFC 6191: TIME_WAIT may accept it */
        tcpfsm_may_happen(y, EVENT(TIME_2MSL) | EVENT(LISTENS) | EVENT(RCV_SYN));
    if (y->possible & BIT(SYN_RECEIVED) && y->passive)
        tcpfsm_may_happen(y, EVENT(RCV_RST_LISTENER)); /* 3.10.7.4 fourth: back to LISTEN after a passive OPEN */
}

/* own_syn: this SYN is the present connection's own: again, or captured after what followed it, or a simultaneous open.
 */
static bool own_syn(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;
    bool same = x->has_iss && x->iss == v->s->seq;

    if (same && (x->state != TCPFSM_CLOSED || x->possible & BIT(SYN_SENT)))
        return true;
    if (y->sent_syn && y->state == TCPFSM_SYN_SENT && !y->has_ack && !x->sent_syn && !x->sent_syn_ack &&
        x->state == TCPFSM_LISTEN) {
        x->has_next = false;
        return true; /* simultaneous open, or a split handshake (cases 11 and 12) */
    }
    if (y->sent_syn_ack && !x->sent_syn && y->open_mark == v->s->seq + 1)
        return true; /* captured after its answer (rule 6) */
    /* refused, it asks again (case 8) */
    return same && v->c->reset && v->c->at_reset[index_of(v, x)] == TCPFSM_SYN_SENT;
}

/* on_syn: a SYN without ACK. True: dealt with here. */
static bool on_syn(struct tcpfsm_visit *v)
{
    struct tcpfsm_connection *c = v->c;
    struct tcpfsm_endpoint *x = v->x, *y = v->y;

    if (!c->began || c->self)
        return false;
    if (c->attempt.pending && c->attempt.from == index_of(v, x) && c->attempt.isn == v->s->seq) {
        if (gone(y)) {
            c->attempt.frame = v->s->frame;
            restart_from_attempt(v);
        }
        return false; /* the same SYN again */
    }
    if (c->attempt.pending && c->attempt.from != index_of(v, x)) {
        restart_from_attempt(v); /* SYN meets SYN: a simultaneous open */
        return false;
    }
    if (own_syn(v))
        return false;
    if (x->state == TCPFSM_SYN_SENT && x->sent_syn && !x->has_ack && seq_lt(v->s->seq, x->iss) &&
        tcpfsm_since_sent(v, x) < v->config->time_wait) {
        begin_attempt(v); /* RFC 9293 figure 8, line 2; or another attempt, of which the answer tells */
        c->attempt.lower = true;
        if (!y->sent)
            tcpfsm_may_happen(y, EVENT(LISTENS) | EVENT(RCV_SYN));
        return true;
    }
    if (gone(y)) {
        restart(v);
        return false;
    }
    begin_attempt(v);
    return true;
}

/* end_attempt: the SYN came to nothing: an old duplicate (RFC 9293 figure 8); its sender is where it was. */
static void end_attempt(struct tcpfsm_visit *v)
{
    struct tcpfsm_connection *c = v->c;
    struct tcpfsm_endpoint *from = &c->end[c->attempt.from];

    fact(v, TCPFSM_FACT_SYN_REFUTED, c->attempt.frame);
    if (c->end[c->attempt.from ^ 1u].question == TCPFSM_QUESTION_SYN)
        tcpfsm_answer(&c->end[c->attempt.from ^ 1u], true);
    tcpfsm_answer(from, true);
    tcpfsm_move(v, from, from->now.shown, TCPFSM_EVENT_WITHDRAWN_SYN);
    tcpfsm_catch_up(v, from);
    c->attempt.pending = false;
}

/* reject: the initiator's RST to an ACK of the old connection: half-open discovery (RFC 9293 figure 10). It stays in
 * SYN_SENT (3.10.7.3 first). */
static void reject(struct tcpfsm_visit *v)
{
    struct tcpfsm_connection *c = v->c;
    struct tcpfsm_endpoint *x = v->x, *y = v->y;

    fact(v, TCPFSM_FACT_RST_REJECTS, c->attempt.frame);
    tcpfsm_answer(x, false);
    tcpfsm_hold(x, BIT(SYN_SENT), TCPFSM_SYN_SENT);
    /* CLOSED, its application having given up, would send the same RST (3.10.7.1) */
    tcpfsm_may_happen(x, EVENT(TIME_GONE));
    if (tcpfsm_gave_up(v, x))
        tcpfsm_move(v, x, TCPFSM_CLOSED, TCPFSM_EVENT_TIME_GONE);
    c->attempt.pending = !c->attempt.lower;
    x->frame = v->s->frame;
    tcpfsm_forget_answer(y);
    tcpfsm_arrive(v, y,
                  y->state == TCPFSM_SYN_RECEIVED && y->passive ? TCPFSM_EVENT_RCV_RST_LISTENER : TCPFSM_EVENT_RCV_RST,
                  true);
    if (y->passive && y->now.base & BIT(SYN_RECEIVED))
        tcpfsm_may_happen(y, EVENT(RCV_RST));
}

/* enter_answer: the SYN,ACK that answered the lower SYN counts after all: y's numbers follow from the ACK that answers
 * it. */
static void enter_answer(struct tcpfsm_visit *v, uint32_t covered)
{
    struct tcpfsm_endpoint *y = v->y;

    y->sent = y->captured = y->passive = y->sent_syn_ack = y->has_iss = y->iss_captured = y->has_next = y->next_sure =
        true;
    y->iss = v->s->ack - 1;
    y->next = y->seen = v->s->ack;
    y->open_mark = covered;
    y->state = TCPFSM_SYN_RECEIVED;
    tcpfsm_hold(y, BIT(SYN_RECEIVED) | BIT(LISTEN), TCPFSM_SYN_RECEIVED);
    tcpfsm_may_happen(v->x, EVENT(RCV_SYN_ACK));
}

/* from_initiator: what the endpoint that sent the SYN does next. True: dealt with here. */
static bool from_initiator(struct tcpfsm_visit *v)
{
    struct tcpfsm_connection *c = v->c;
    struct tcpfsm_endpoint *y = v->y;
    uint32_t seq = v->s->seq;

    if (sends(v, TCPFSM_RST)) {
        bool rejects = y->has_last_ack && seq == y->last_ack;

        if (rejects || (c->attempt.answered && seq == c->attempt.challenge)) {
            reject(v);
            return true;
        }
        c->attempt.pending = false;
        return false;
    }
    if (seq == c->attempt.isn + c->attempt.length || seq == c->attempt.isn + 1) {
        bool answered = c->attempt.syn_ack && sends(v, TCPFSM_ACK);
        uint32_t covered = c->attempt.challenge;

        restart_from_attempt(v);
        if (answered)
            enter_answer(v, covered);
        return false;
    }
    end_attempt(v);
    return false;
}

/* answer_to_lower: the SYN,ACK covers a SYN numbered below the one waited for: figure 8, or that SYN was the newer
 * attempt. Both remain possible for its sender; what it sends next decides. */
static void answer_to_lower(struct tcpfsm_visit *v)
{
    struct tcpfsm_attempt *a = &v->c->attempt;
    struct tcpfsm_endpoint *x = v->x, *y = v->y;

    a->answered = a->syn_ack = true;
    a->challenge = v->s->ack;
    tcpfsm_read(v);
    tcpfsm_enter(v);
    x->passive = x->sent_syn_ack = x->has_iss = x->iss_captured = x->next_sure = true;
    x->iss = v->s->seq;
    x->open_mark = v->s->ack;
    x->syn_frame = v->s->frame;
    y->has_next = true;
    if (within(TCPFSM_BIT(x->state), SET_GONE | BIT(SYN_RECEIVED))) {
        tcpfsm_hold(x, BIT(SYN_RECEIVED) | BIT(LISTEN), TCPFSM_SYN_RECEIVED);
        tcpfsm_move(v, x, TCPFSM_SYN_RECEIVED, TCPFSM_EVENT_SND_SYN_ACK);
    }
    tcpfsm_may_happen(y, EVENT(RCV_SYN_ACK));
}

/* old_answer: an ACK of the old connection: a challenge, or TIME_WAIT refuses. SYN_SENT gets nothing from it (3.10.7.3
 * first). */
static bool old_answer(struct tcpfsm_visit *v)
{
    struct tcpfsm_attempt *a = &v->c->attempt;
    struct tcpfsm_endpoint *x = v->x;

    if (!a->answered && !sends(v, TCPFSM_SYN) && !v->s->len)
        fact(v, TCPFSM_FACT_SYN_CHALLENGED, a->frame);
    a->answered = true;
    a->challenge = v->s->ack;
    x->now.pending &= (uint16_t)~(EVENT(TIME_2MSL) | EVENT(LISTENS) | EVENT(RCV_SYN)); /* it has not taken this SYN */
    if (!sends(v, TCPFSM_SYN)) {
        tcpfsm_sent_segment(v, false);
        return true;
    }
    tcpfsm_read(v);
    tcpfsm_enter(v);
    /* it answers an earlier SYN (RFC 9293 figure 8) */
    if (within(TCPFSM_BIT(x->state), SET_GONE | BIT(SYN_RECEIVED))) {
        tcpfsm_hold(x, BIT(SYN_RECEIVED) | BIT(LISTEN), TCPFSM_SYN_RECEIVED);
        tcpfsm_move(v, x, TCPFSM_SYN_RECEIVED, TCPFSM_EVENT_SND_SYN_ACK);
    }
    return true;
}

/* from_other: how the other endpoint answers the SYN. True: dealt with here. */
static bool from_other(struct tcpfsm_visit *v)
{
    struct tcpfsm_attempt *a = &v->c->attempt;
    struct tcpfsm_endpoint *x = v->x, *y = v->y;
    bool ack = sends(v, TCPFSM_ACK), covers = ack && seq_lt(a->isn, v->s->ack) && seq_le(v->s->ack, a->isn + a->length);

    if (a->lower && ack && sends(v, TCPFSM_RST) && !covers && seq_lt(y->iss, v->s->ack)) {
        /* it refuses the higher SYN; if the lower one came later, y still waits */
        tcpfsm_hold(x, BIT(CLOSED), TCPFSM_CLOSED);
        tcpfsm_move(v, x, TCPFSM_CLOSED, TCPFSM_EVENT_SND_RST);
        tcpfsm_may_happen(y, EVENT(RCV_REFUSAL));
        tcpfsm_move(v, y, TCPFSM_CLOSED, TCPFSM_EVENT_RCV_REFUSAL);
        return true;
    }
    if (a->lower && ack && seq_lt(y->iss, v->s->ack)) {
        tcpfsm_answer(y, true);
        a->pending = false; /* it answers the other SYN */
        return false;
    }
    if (covers && a->lower && sends(v, TCPFSM_SYN)) {
        answer_to_lower(v);
        return true;
    }
    if (covers && !(x->state == TCPFSM_TIME_WAIT && !sends(v, TCPFSM_SYN | TCPFSM_RST))) {
        restart_from_attempt(v);
        return false;
    }
    if (sends(v, TCPFSM_RST)) {
        tcpfsm_hold(x, BIT(CLOSED), TCPFSM_CLOSED);
        tcpfsm_move(v, x, TCPFSM_CLOSED, TCPFSM_EVENT_SND_RST);
        x->frame = v->s->frame;
        return true;
    }
    return old_answer(v);
}

/* afresh: a SYN,ACK that covers y's SYN, while the capture knew x by other numbers (an old connection of its own): x's
 * past is over, y has heard nothing yet. */
static void afresh(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;
    uint32_t since = x->since;

    if (TCPFSM_BIT(x->state) & ~(unsigned)SET_GONE)
        tcpfsm_move(v, x, TCPFSM_CLOSED, TCPFSM_EVENT_REPLACED);
    tcpfsm_move(v, x, TCPFSM_LISTEN, TCPFSM_EVENT_LISTENS);
    memset(x, 0, sizeof *x);
    x->since = since;
    x->state = TCPFSM_LISTEN;
    tcpfsm_hold(x, BIT(LISTEN), TCPFSM_LISTEN);
    y->has_in_order = y->fin_passed = y->has_sack = y->has_last_ack = false;
    memset(y->beyond, 0, sizeof y->beyond);
    v->c->reset = false;
}

/* on_stray_syn_ack: a SYN,ACK of another connection: the capture missed the SYN it answers, or it is forged. Only what
 * follows can tell; unless only this direction is captured: then it is the new connection. */
static bool on_stray_syn_ack(struct tcpfsm_visit *v)
{
    struct tcpfsm_connection *c = v->c;
    struct tcpfsm_endpoint *x = v->x, *y = v->y;

    if (!c->began || c->self || (x->has_iss && x->iss == v->s->seq))
        return false;
    if (y->sent_syn && (!y->has_ack || v->s->ack == y->iss + 1)) {
        bool covers = !y->has_ack && seq_lt(y->iss, v->s->ack) && seq_le(v->s->ack, y->next);

        if (covers && !x->sent_syn && !x->sent_syn_ack && (x->has_ack || x->has_last_ack))
            afresh(v);
        return false;
    }
    if (gone(y) || (gone(x) && y->state != TCPFSM_TIME_WAIT) || (!y->captured && x->has_iss)) {
        restart(v);
        return false;
    }
    if (y->state == TCPFSM_SYN_SENT)
        return false;
    tcpfsm_ask(x, TCPFSM_QUESTION_SYN, BIT(SYN_RECEIVED) | BIT(LISTEN), TCPFSM_SYN_RECEIVED, !tcpfsm_beside(v, x));
    tcpfsm_may_happen(y, EVENT(TIME_GONE)); /* its old connection is over, if it has begun another */
    c->attempt = (struct tcpfsm_attempt){ .sent = v->now,
                                          .sent_part = tcpfsm_part(v->s->time),
                                          .heard = v->now,
                                          .isn = v->s->ack - 1,
                                          .length = 1,
                                          .frame = v->s->frame,
                                          .from = (uint8_t)index_of(v, y),
                                          .pending = true };
    return true;
}

/* tcpfsm_reuse: is this segment a SYN on a live 4-tuple, or does it settle one? True: dealt with here. False: go on, in
 * a new incarnation if one was begun. */
bool tcpfsm_reuse(struct tcpfsm_visit *v)
{
    struct tcpfsm_connection *c = v->c;
    bool syn = sends(v, TCPFSM_SYN) && !sends(v, TCPFSM_RST);

    if (syn && !sends(v, TCPFSM_ACK))
        return on_syn(v);
    if (c->attempt.pending)
        return c->attempt.from == index_of(v, v->x) ? from_initiator(v) : from_other(v);
    if (syn)
        return on_stray_syn_ack(v);
    return false;
}
