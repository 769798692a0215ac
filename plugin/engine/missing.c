/* missing.c: what the capture lacks: segments it missed, its beginning, one of the directions (DESIGN rules 4 and 10).
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

/* tcpfsm_midstream: the connection is known from here on only: both ends are taken as synchronized. */
void tcpfsm_midstream(struct tcpfsm_visit *v)
{
    struct tcpfsm_connection *c = v->c;
    struct tcpfsm_endpoint *x = v->x, *y = v->y;

    c->midstream = true;
    tcpfsm_hold(x, SET_SYNCHRONIZED, TCPFSM_ESTABLISHED);
    tcpfsm_hold(y, SET_SYNCHRONIZED | BIT(CLOSED), TCPFSM_ESTABLISHED);
    x->state = y->state = TCPFSM_ESTABLISHED;
    y->sent = true;
    fact(v, TCPFSM_FACT_MIDSTREAM, 0);
}

/* unseen_of_y: x acknowledges octets of y that the capture missed. x has received them. The last may be a FIN (3.10.7.4
 * eighth), and their segments carried some ACK (fifth). */
static void unseen_of_y(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;

    fact(v, TCPFSM_FACT_UNSEEN, 0);
    y->likely_fin = v->is.one_unseen;
    if (x->sent_syn_ack || x->sent_syn)
        tcpfsm_may_happen(x, EVENT(RCV_ACK_OF_SYN));
    if (x->sent_fin)
        tcpfsm_may_happen(x, EVENT(RCV_ACK_OF_FIN));
    if (!maybe_fin(y))
        return;
    tcpfsm_may_happen(x, x->sent_fin ? EVENTS_FIN : EVENT(RCV_FIN));
    tcpfsm_may_happen(y, EVENT(SND_FIN) | EVENT(RCV_ACK_OF_FIN));
}

/* unseen_of_x: this segment lies beyond what was captured of x. Without data of its own, the octet before it may be x's
 * FIN. */
static void unseen_of_x(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;

    fact(v, TCPFSM_FACT_UNSEEN, 0);
    if (!maybe_fin(x))
        return;
    x->likely_fin = v->is.one_skipped;
    tcpfsm_may_happen(x, EVENT(SND_FIN));
    tcpfsm_may_happen(y, y->sent_fin ? EVENTS_FIN : EVENT(RCV_FIN));
}

/* one_direction: an acknowledgement shows that the peer sends, even if the capture has nothing of it. */
static void one_direction(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;
    bool opened;

    if (v->is.bad_ack || v->is.foreign || !sends(v, TCPFSM_ACK))
        return;
    opened = x->sent_syn_ack && ((v->s->len && !v->c->tfo) || seq_lt(x->open_mark, v->s->ack));
    if (v->c->midstream || y->question) {
        y->sent = true;
        return;
    }
    if (!y->captured && (x->open_shown || opened) && y->now.base & BIT(SYN_SENT)) {
        fact(v, TCPFSM_FACT_UNSEEN, 0); /* x has got the ACK of its SYN */
        y->sent = true;
        tcpfsm_hold(y, BIT(ESTABLISHED), TCPFSM_ESTABLISHED);
        tcpfsm_move(v, y, TCPFSM_ESTABLISHED,
                    y->state == TCPFSM_SYN_SENT ? TCPFSM_EVENT_SHOWN_SYN_ACK : TCPFSM_EVENT_MISSED);
    }
    if (y->sent)
        return;
    fact(v, TCPFSM_FACT_UNSEEN, 0); /* its SYN,ACK */
    y->sent = y->has_iss = y->passive = y->has_next = true;
    y->iss = v->s->ack - 1;
    y->seen = y->next = v->s->ack;
    if (TCPFSM_BIT(y->state) & SET_GONE) {
        tcpfsm_hold(y, BIT(SYN_RECEIVED), TCPFSM_SYN_RECEIVED);
        tcpfsm_move(v, y, TCPFSM_SYN_RECEIVED, TCPFSM_EVENT_SND_SYN_ACK);
    }
    v->is.acks_syn = true;
}

/* closed_unseen: the display: y's FIN was missed, x has it, and y has the acknowledgement. */
static void closed_unseen(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;

    if (v->is.new_fin)
        tcpfsm_move(v, x, tcpfsm_next(TCPFSM_EVENT_SHOWN_FIN, x->state), TCPFSM_EVENT_SHOWN_FIN);
    else
        tcpfsm_move(v, x, tcpfsm_next(TCPFSM_EVENT_SHOWN_FIN_ACK, x->state), TCPFSM_EVENT_SHOWN_FIN_ACK);
    if (TCPFSM_BIT(y->state) & (SET_MAY_SEND | BIT(SYN_RECEIVED))) {
        tcpfsm_move(v, y, tcpfsm_next(TCPFSM_EVENT_SND_FIN, y->state), TCPFSM_EVENT_SND_FIN);
        tcpfsm_move(v, y, tcpfsm_next(TCPFSM_EVENT_RCV_ACK_OF_FIN, y->state), TCPFSM_EVENT_RCV_ACK_OF_FIN);
    }
}

/* tcpfsm_likely_fin: the display, before x's proof: one octet of y was missed, x acknowledges it, and x closes or has
 * closed: that octet was y's FIN (case 74). One octet of x was missed, and it closes as if that had been its FIN. */
void tcpfsm_likely_fin(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;

    if (x->likely_fin && v->is.one_skipped && maybe_fin(x) && (!v->is.acks_fin || y->sent_fin))
        tcpfsm_move(v, x, tcpfsm_next(TCPFSM_EVENT_SND_FIN, x->state), TCPFSM_EVENT_SND_FIN);
    if (y->likely_fin && maybe_fin(y) && v->s->ack == y->next && (v->is.new_fin || (v->is.one_unseen && x->sent_fin)))
        closed_unseen(v);
}

/* tcpfsm_missing: what this segment shows to be missing from the capture. After tcpfsm_enter. */
void tcpfsm_missing(struct tcpfsm_visit *v)
{
    one_direction(v);
    if (v->is.unseen)
        unseen_of_y(v);
    if (v->is.skips)
        unseen_of_x(v);
    if (maybe_fin(v->y) && sends(v, TCPFSM_ACK) && !v->is.bad_ack && v->s->ack == v->y->next) {
        tcpfsm_may_happen(v->x, v->x->sent_fin ? EVENTS_FIN : EVENT(RCV_FIN));
        tcpfsm_may_happen(v->y, EVENT(RCV_ACK_OF_FIN)); /* if the octet before was a FIN, this acknowledges it */
    }
}

/* tcpfsm_no_fin: x's last octet was missing, and is captured now, and is no FIN: what was possible is refuted. */
void tcpfsm_no_fin(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;

    fact(v, TCPFSM_FACT_NO_MISSED_FIN, 0);
    x->now.pending &= (uint16_t)~(EVENT(SND_FIN) | EVENT(RCV_ACK_OF_FIN));
    if (!within(x->now.base, SET_SENT_FIN))
        x->now.base &= (tcpfsm_set)~SET_SENT_FIN;
    if (!(x->now.base & TCPFSM_BIT(x->now.shown)))
        x->now.shown = (uint8_t)tcpfsm_first_of(x->now.base);
    if (!(x->now.base & TCPFSM_BIT(x->state)))
        tcpfsm_move(v, x, x->now.shown, TCPFSM_EVENT_WITHDRAWN_SENT);
    if (y == x)
        return;
    tcpfsm_cannot_have(y, EVENTS_FIN, SET_GOT_FIN, TCPFSM_EVENT_RCV_FIN);
    if (TCPFSM_BIT(y->state) & SET_GOT_FIN)
        tcpfsm_doubt(v, y, EVENTS_FIN, TCPFSM_EVENT_WITHDRAWN_FIN);
}
