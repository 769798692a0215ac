/* summary.c: a connection in one word: role, phase, outcome.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

unsigned tcpfsm_client(const struct tcpfsm_connection *c) { return c->client; }
enum tcpfsm_role tcpfsm_role(const struct tcpfsm_connection *c) { return (enum tcpfsm_role)c->role; }
enum tcpfsm_vantage tcpfsm_vantage(const struct tcpfsm_connection *c) { return (enum tcpfsm_vantage)c->vantage; }
uint32_t tcpfsm_incarnation(const struct tcpfsm_connection *c) { return c->incarnation; }
uint32_t tcpfsm_opened_in(const struct tcpfsm_connection *c) { return c->opened_in; }

/* is_over: whether an end that sent a FIN has done with the connection: gone, in TIME_WAIT, or already opening the next one. */
static bool is_over(const struct tcpfsm_endpoint *e)
{
    return e->state == TCPFSM_TIME_WAIT || e->state < TCPFSM_ESTABLISHED;
}

enum tcpfsm_phase tcpfsm_phase(const struct tcpfsm_connection *c)
{
    const struct tcpfsm_endpoint *a = &c->end[0], *b = &c->end[1];

    if (c->reset)
        return TCPFSM_PHASE_RESET;
    if (knows(a, TCPFSM_SENT_FIN) || knows(b, TCPFSM_SENT_FIN))
        return is_over(a) && is_over(b) ? TCPFSM_PHASE_CLOSED : TCPFSM_PHASE_CLOSING;
    if (a->state == TCPFSM_ESTABLISHED && b->state == TCPFSM_ESTABLISHED)
        return TCPFSM_PHASE_OPEN;
    return a->state < TCPFSM_ESTABLISHED && b->state < TCPFSM_ESTABLISHED && knows(a, TCPFSM_OPEN_PROVEN) ? TCPFSM_PHASE_CLOSED : TCPFSM_PHASE_OPENING;
}

int tcpfsm_closed_by(const struct tcpfsm_connection *c)
{
    bool first = knows(&c->end[0], TCPFSM_SENT_FIN), second = knows(&c->end[1], TCPFSM_SENT_FIN);

    if (first && second)
        return c->end[1].fin_frame < c->end[0].fin_frame;
    return first ? 0 : second ? 1 : -1;
}

int tcpfsm_reset_by(const struct tcpfsm_connection *c) { return c->reset ? c->rst_from : -1; }
unsigned tcpfsm_at_reset(const struct tcpfsm_connection *c, unsigned end) { return c->end[end & 1].saved_state; }

void tcpfsm_numbers(const struct tcpfsm_connection *c, unsigned end, struct tcpfsm_numbers *n)
{
    const struct tcpfsm_endpoint *e = &c->end[end & 1];

    *n = (struct tcpfsm_numbers){
        .has_iss = knows(e, TCPFSM_KNOWS_ISS), .has_next = knows(e, TCPFSM_KNOWS_SND), .has_ack = knows(e, TCPFSM_KNOWS_ACK),
        .has_fin = knows(e, TCPFSM_SENT_FIN), .has_in_order = knows(e, TCPFSM_KNOWS_RCV), .sent_syn = knows(e, TCPFSM_SENT_SYN),
        .sent_syn_ack = knows(e, TCPFSM_SENT_SYN_ACK), .captured = knows(e, TCPFSM_CAPTURED), .sent = knows(e, TCPFSM_SENT),
        .iss = e->iss, .next = e->snd_nxt, .ack = e->ack, .in_order = e->rcv_nxt, .fin = e->snd_fin, .window = e->window,
        .syn_frame = e->syn_frame, .fin_frame = e->fin_frame, .frame = e->frame, .ack_frame = e->ack_frame };
}
