/* summary.c: a connection in one word: role, phase, outcome.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

unsigned tcpfsm_client(const struct tcpfsm_connection *c) { return c->client; }
enum tcpfsm_role tcpfsm_role(const struct tcpfsm_connection *c) { return (enum tcpfsm_role)c->role; }
enum tcpfsm_vantage tcpfsm_vantage(const struct tcpfsm_connection *c) { return (enum tcpfsm_vantage)c->vantage; }
uint32_t tcpfsm_incarnation(const struct tcpfsm_connection *c) { return c->incarnation; }
uint32_t tcpfsm_opened_in(const struct tcpfsm_connection *c) { return c->opened_in; }

/* is_over: whether an end that sent a FIN has done with the connection: gone, in TIME_WAIT, or already opening the next
 * one. */
static bool is_over(const struct tcpfsm_endpoint *e)
{
    return e->state == TCPFSM_TIME_WAIT || e->state < TCPFSM_ESTABLISHED;
}

enum tcpfsm_phase tcpfsm_phase(const struct tcpfsm_connection *c)
{
    const struct tcpfsm_endpoint *a = &c->end[0], *b = &c->end[1];

    if (c->reset)
        return TCPFSM_PHASE_RESET;
    if ((a)->sent_fin || (b)->sent_fin)
        return is_over(a) && is_over(b) ? TCPFSM_PHASE_CLOSED : TCPFSM_PHASE_CLOSING;
    if (a->state == TCPFSM_ESTABLISHED && b->state == TCPFSM_ESTABLISHED)
        return TCPFSM_PHASE_OPEN;
    return a->state < TCPFSM_ESTABLISHED && b->state < TCPFSM_ESTABLISHED && a->open_shown ? TCPFSM_PHASE_CLOSED
                                                                                           : TCPFSM_PHASE_OPENING;
}

int tcpfsm_closed_by(const struct tcpfsm_connection *c)
{
    bool first = (&c->end[0])->sent_fin, second = (&c->end[1])->sent_fin;

    if (first && second)
        return c->end[1].fin.frame < c->end[0].fin.frame;
    return first ? 0 : second ? 1 : -1;
}

int tcpfsm_reset_by(const struct tcpfsm_connection *c) { return c->reset ? c->rst_from : -1; }
unsigned tcpfsm_at_reset(const struct tcpfsm_connection *c, unsigned end) { return c->at_reset[end & 1]; }

