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

/* reset_outcome: how a connection that a RST ended went. */
static enum tcpfsm_outcome reset_outcome(const struct tcpfsm_connection *c)
{
    bool client = c->rst_from == c->client;

    switch (c->rst_cause) {
    case TCPFSM_FINDING_RST_REFUSED:
        return TCPFSM_OUTCOME_REFUSED;
    case TCPFSM_FINDING_RST_PROBE:
        return TCPFSM_OUTCOME_PROBE;
    case TCPFSM_FINDING_RST_REJECTED_SYN_ACK:
        return TCPFSM_OUTCOME_NOT_COMPLETED;
    case TCPFSM_FINDING_RST_TIME_WAIT:
        return TCPFSM_OUTCOME_NORMAL;
    case TCPFSM_FINDING_RST_NO_CONNECTION:
        return client ? TCPFSM_OUTCOME_GONE_CLIENT : TCPFSM_OUTCOME_GONE_SERVER;
    default:
        return client ? TCPFSM_OUTCOME_ABORTED_BY_CLIENT : TCPFSM_OUTCOME_ABORTED_BY_SERVER;
    }
}

enum tcpfsm_outcome tcpfsm_outcome(const struct tcpfsm_connection *c)
{
    const struct tcpfsm_endpoint *client = &c->end[c->client], *server = &c->end[c->client ^ 1];
    bool cfin = knows(client, TCPFSM_SENT_FIN), sfin = knows(server, TCPFSM_SENT_FIN);

    if (!c->began)
        return TCPFSM_OUTCOME_UNKNOWN;
    if (c->reset)
        return reset_outcome(c);
    if (cfin && sfin)
        return tcpfsm_phase(c) == TCPFSM_PHASE_CLOSED ? TCPFSM_OUTCOME_NORMAL : TCPFSM_OUTCOME_CLOSING;
    if (cfin || sfin)
        return cfin ? TCPFSM_OUTCOME_HALF_CLOSED_BY_CLIENT : TCPFSM_OUTCOME_HALF_CLOSED_BY_SERVER;
    if (!knows(server, TCPFSM_SENT))
        return TCPFSM_OUTCOME_UNANSWERED;
    if (client->state == TCPFSM_SYN_SENT || server->state == TCPFSM_SYN_RECEIVED)
        return TCPFSM_OUTCOME_NOT_COMPLETED;
    return client->state == TCPFSM_CLOSED && server->state == TCPFSM_CLOSED ? TCPFSM_OUTCOME_UNKNOWN : TCPFSM_OUTCOME_OPEN;
}
