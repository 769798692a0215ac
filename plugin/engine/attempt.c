/* attempt.c: a SYN on a live 4-tuple (DESIGN rule 8). It is a new connection, an old duplicate, a peer that was restarted, or a port used again too soon;
 * which of these, the answer shows.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

#include <string.h>

/* gone: the endpoint the SYN is sent to has no connection as far as is known. What may be left of the old one stays in its set (restart). */
static bool gone(const struct tcpfsm_endpoint *e)
{
    return !knows(e, TCPFSM_SENT) || e->state <= TCPFSM_LISTEN;
}

/* restart: a new incarnation begins; the accounts of the old one are closed. */
static void restart(struct tcpfsm_visit *v)
{
    v->alive = (tcpfsm_set)(v->y->possible & ~SET_GONE);
    v->out->facts = 0;
    for (unsigned i = 0; i < 2; i++)
        if (v->c->end[i].state == TCPFSM_TIME_WAIT || (v->c->end[i].state == TCPFSM_SYN_SENT && v->c->end[i].saved_state == TCPFSM_TIME_WAIT && v->c->attempt.pending)) {
            tcpfsm_fact(v, TCPFSM_FACT_REUSED_TIME_WAIT, v->c->end[i].fin_frame);
            v->out->evidence_end = (uint8_t)i;
        }
    tcpfsm_begin(v->c);
    v->c->incarnation++;
    v->out->restarted = true;
    v->out->steps = 0;
}

/* restart_from_attempt: the new incarnation began with the SYN remembered: it is entered as if it had been seen there. */
static void restart_from_attempt(struct tcpfsm_visit *v)
{
    struct tcpfsm_connection *c = v->c;
    struct tcpfsm_attempt a = c->attempt;
    struct tcpfsm_endpoint *client = &c->end[a.from], *server = &c->end[a.from ^ 1];

    restart(v);
    tcpfsm_note_syn(c, a.from);
    c->began = true;
    c->client = a.from;
    c->role = TCPFSM_ROLE_SYN;
    c->opened_in = a.frame;
    client->knows = TCPFSM_KNOWS_ISS | TCPFSM_KNOWS_SND | TCPFSM_SENT | TCPFSM_SENT_SYN | TCPFSM_CAPTURED;
    client->iss = a.isn;
    client->snd_nxt = a.isn + a.length;
    client->syn_frame = client->frame = a.frame;
    client->since = client->heard = client->sent_syn = a.sent;
    client->sent_part = a.sent_part;
    client->copies = 1;
    client->state = TCPFSM_SYN_SENT;
    client->possible = BIT(SYN_SENT);
    server->since = a.sent;
    server->knows = TCPFSM_KNOWS_RCV;
    server->rcv_nxt = a.isn + 1;
    server->state = TCPFSM_LISTEN;
    server->possible = BIT(LISTEN) | BIT(CLOSED) | BIT(SYN_RECEIVED) | (v->y == server ? v->alive : 0);
    tcpfsm_locate(v);
}

/* begin_attempt: x is in SYN_SENT, assumed: a network may hold old SYNs; certain beside x. y stays where it is until it answers. */
static void begin_attempt(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;
    tcpfsm_set old = x->possible;
    uint32_t length = v->s->has & TCPFSM_HAS_LENGTH ? v->s->len : 0;

    if (!v->c->attempt.pending) {
        x->saved = old;
        x->saved_state = x->state;
        y->saved = y->possible;
        y->saved_state = y->state;
    }
    v->c->attempt = (struct tcpfsm_attempt){ .sent = v->now, .sent_part = tcpfsm_part(v->s->time), .heard = v->now, .isn = v->s->seq, .length = (uint16_t)(1 + length), .frame = v->s->frame,
                                             .from = (uint8_t)index_of(v, x), .pending = true };
    tcpfsm_fact(v, TCPFSM_FACT_SYN_ATTEMPT, v->s->frame);
    if (x->state != TCPFSM_SYN_SENT) {
        tcpfsm_move(v, x, TCPFSM_CLOSED, TCPFSM_EVENT_REPLACED);
        tcpfsm_move(v, x, TCPFSM_SYN_SENT, TCPFSM_EVENT_SND_SYN);
    }
    x->possible = tcpfsm_beside(v, x) ? BIT(SYN_SENT) : (tcpfsm_set)(old | BIT(SYN_SENT));
    if (y->possible & (BIT(TIME_WAIT) | SET_GONE))
        tcpfsm_may_be(y, BIT(SYN_RECEIVED)); /* 3.6.1 MAY-2, RFC 6191: TIME_WAIT may accept it */
    if (y->possible & BIT(SYN_RECEIVED) && knows(y, TCPFSM_PASSIVE))
        tcpfsm_may_be(y, BIT(LISTEN)); /* 3.10.7.4 fourth: back to LISTEN after a passive OPEN */
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
    if (knows(x, TCPFSM_KNOWS_ISS) && x->iss == v->s->seq && (x->state != TCPFSM_CLOSED || x->possible & BIT(SYN_SENT)))
        return false; /* this connection's own */
    if (knows(y, TCPFSM_SENT_SYN) && y->state == TCPFSM_SYN_SENT && !knows(y, TCPFSM_KNOWS_ACK) && !knows(x, TCPFSM_SENT_SYN) && !knows(x, TCPFSM_SENT_SYN_ACK) &&
        x->state == TCPFSM_LISTEN) {
        x->knows &= ~(uint32_t)TCPFSM_KNOWS_SND;
        return false; /* simultaneous open, or a split handshake (cases 11 and 12) */
    }
    if (knows(y, TCPFSM_SENT_SYN_ACK) && !knows(x, TCPFSM_SENT_SYN) && y->mark == v->s->seq + 1)
        return false; /* captured after its answer (rule 6) */
    if (knows(x, TCPFSM_KNOWS_ISS) && x->iss == v->s->seq && c->reset && c->rst_from != index_of(v, x) && !knows(x, TCPFSM_KNOWS_ACK))
        return false; /* refused, it asks again (case 8) */
    if (x->state == TCPFSM_SYN_SENT && knows(x, TCPFSM_SENT_SYN) && seq_lt(v->s->seq, x->iss) && since_sent(v, x) < v->config->time_wait) {
        begin_attempt(v); /* RFC 9293 figure 8, line 2 */
        c->attempt.old = true;
        x->possible = BIT(SYN_SENT);
        if (!knows(y, TCPFSM_SENT))
            tcpfsm_may_be(y, BIT(SYN_RECEIVED));
        return true;
    }
    if (gone(y)) {
        restart(v);
        return false;
    }
    begin_attempt(v);
    return true;
}

/* end_attempt: the SYN came to nothing: an old duplicate (RFC 9293 figure 8); both are where they were. */
static void end_attempt(struct tcpfsm_visit *v)
{
    struct tcpfsm_connection *c = v->c;
    struct tcpfsm_endpoint *from = &c->end[c->attempt.from];

    tcpfsm_fact(v, TCPFSM_FACT_SYN_REFUTED, c->attempt.frame);
    tcpfsm_believe(v, from, from->saved, from->saved_state, TCPFSM_EVENT_UNDO_SYN);
    c->attempt.pending = false;
}

/* from_initiator: what the endpoint that sent the SYN does next. True: dealt with here. */
static bool from_initiator(struct tcpfsm_visit *v)
{
    struct tcpfsm_connection *c = v->c;
    struct tcpfsm_endpoint *x = v->x, *y = v->y;
    tcpfsm_set before;

    if (sends(v, TCPFSM_RST)) {
        bool rejects = knows(y, TCPFSM_HAS_ACKED) && v->s->seq == y->last_ack && !sends(v, TCPFSM_ACK);

        if (!rejects && (!c->attempt.answered || v->s->seq != c->attempt.challenge)) {
            c->attempt.pending = false;
            return false;
        }
        /* half-open discovery (RFC 9293 figure 10): it rejects the old connection's ACK and stays in SYN_SENT (3.10.7.3 first) */
        tcpfsm_fact(v, TCPFSM_FACT_RST_REJECTS, y->state == TCPFSM_SYN_RECEIVED ? c->attempt.challenge_frame : c->attempt.frame);
        /* CLOSED, its application having given up, would send the same RST (3.10.7.1) */
        if (tcpfsm_gave_up(v, x))
            tcpfsm_move(v, x, TCPFSM_CLOSED, TCPFSM_EVENT_TIME_GONE);
        x->possible = BIT(SYN_SENT) | BIT(CLOSED);
        c->attempt.pending = !c->attempt.old;
        before = y->possible;
        tcpfsm_arrive(v, y, y->state == TCPFSM_SYN_RECEIVED && knows(y, TCPFSM_PASSIVE) ? TCPFSM_EVENT_RCV_RST_LISTENER : TCPFSM_EVENT_RCV_RST);
        tcpfsm_arrived_perhaps(v, y, before);
        return true;
    }
    if (v->s->seq == c->attempt.isn + c->attempt.length || v->s->seq == c->attempt.isn + 1) {
        restart_from_attempt(v);
        return false;
    }
    end_attempt(v);
    return false;
}

/* from_other: how the other endpoint answers the SYN. True: dealt with here. */
static bool from_other(struct tcpfsm_visit *v)
{
    struct tcpfsm_connection *c = v->c;
    struct tcpfsm_attempt *a = &c->attempt;
    bool covers = sends(v, TCPFSM_ACK) && seq_lt(a->isn, v->s->ack) && seq_le(v->s->ack, a->isn + a->length);

    if (a->old && sends(v, TCPFSM_ACK) && seq_lt(v->y->iss, v->s->ack)) {
        a->pending = false; /* it answers the SYN that counts */
        return false;
    }
    if (covers && a->old && sends(v, TCPFSM_SYN)) {
        a->answered = true;
        a->challenge = v->s->ack;
        a->challenge_frame = v->s->frame;
        v->x->knows |= TCPFSM_PASSIVE;
        if (v->x->state <= TCPFSM_SYN_RECEIVED)
            tcpfsm_believe(v, v->x, BIT(SYN_RECEIVED) | BIT(LISTEN), TCPFSM_SYN_RECEIVED, TCPFSM_EVENT_SND_SYN_ACK);
        return true;
    }
    if (covers) {
        restart_from_attempt(v);
        return false;
    }
    if (sends(v, TCPFSM_RST)) {
        tcpfsm_believe(v, v->x, BIT(CLOSED), TCPFSM_CLOSED, TCPFSM_EVENT_SND_RST);
        return true;
    }
    /* an ACK of the old connection: a challenge, or TIME_WAIT refuses. SYN_SENT gets nothing from it (3.10.7.3 first). */
    if (!a->answered && !sends(v, TCPFSM_SYN) && !v->s->len)
        tcpfsm_fact(v, TCPFSM_FACT_SYN_CHALLENGED, a->frame);
    a->answered = true;
    a->challenge = v->s->ack;
    a->challenge_frame = v->s->frame;
    tcpfsm_classify(v);
    tcpfsm_account(v);
    if (!sends(v, TCPFSM_SYN))
        tcpfsm_sent(v);
    else if (v->x->state <= TCPFSM_SYN_RECEIVED) /* it answers an earlier SYN (RFC 9293 figure 8) */
        tcpfsm_believe(v, v->x, BIT(SYN_RECEIVED) | BIT(LISTEN), TCPFSM_SYN_RECEIVED, TCPFSM_EVENT_SND_SYN_ACK);
    return true;
}

/* afresh: a SYN,ACK that covers y's SYN, while the capture knew x by other numbers (an old connection of its own): x's past is over, y has heard nothing
 * yet. */
static void afresh(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;
    uint32_t since = x->since;

    tcpfsm_move(v, x, TCPFSM_CLOSED, TCPFSM_EVENT_REPLACED);
    tcpfsm_move(v, x, TCPFSM_LISTEN, TCPFSM_EVENT_REPLACED);
    memset(x, 0, sizeof *x);
    x->since = since;
    x->state = TCPFSM_LISTEN;
    x->possible = BIT(LISTEN);
    y->knows &= (uint32_t)~(TCPFSM_KNOWS_RCV | TCPFSM_GOT_FIN | TCPFSM_SACKED);
    memset(y->beyond, 0, sizeof y->beyond);
    v->c->reset = false;
}

/* on_stray_syn_ack: a SYN,ACK of another connection: the capture missed the SYN it answers, or it is forged. Only what follows can tell. */
static bool on_stray_syn_ack(struct tcpfsm_visit *v)
{
    struct tcpfsm_connection *c = v->c;
    struct tcpfsm_endpoint *x = v->x, *y = v->y;

    if (!c->began || c->self || (knows(x, TCPFSM_KNOWS_ISS) && x->iss == v->s->seq))
        return false;
    if (knows(y, TCPFSM_SENT_SYN) && (!knows(y, TCPFSM_KNOWS_ACK) || v->s->ack == y->iss + 1)) {
        bool covers = !knows(y, TCPFSM_KNOWS_ACK) && seq_lt(y->iss, v->s->ack) && seq_le(v->s->ack, y->snd_nxt);

        if (covers && knows(x, TCPFSM_KNOWS_ACK) && !knows(x, TCPFSM_SENT_SYN))
            afresh(v);
        return false;
    }
    if (gone(x) || gone(y)) {
        restart(v);
        return false;
    }
    if (y->state == TCPFSM_SYN_SENT)
        return false;
    x->saved = x->possible;
    x->saved_state = x->state;
    y->saved = y->possible;
    y->saved_state = y->state;
    c->attempt = (struct tcpfsm_attempt){ .sent = v->now, .sent_part = tcpfsm_part(v->s->time), .heard = v->now, .isn = v->s->ack - 1, .length = 1, .frame = v->s->frame, .from = (uint8_t)index_of(v, y), .pending = true };
    return true;
}

/* tcpfsm_attempt: is this segment a SYN on a live 4-tuple, or does it settle one? True: dealt with here. False: go on, in a new incarnation if one was
 * begun. */
bool tcpfsm_attempt(struct tcpfsm_visit *v)
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
