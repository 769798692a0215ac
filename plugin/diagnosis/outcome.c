/* outcome.c: how a connection went, in one word.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

static const char *const outcome_names[TCPFSM_OUTCOMES] = {
#define TCPFSM_OUTCOME_ROW(id, text) text,
#include "outcomes.def"
#undef TCPFSM_OUTCOME_ROW
};

const char *tcpfsm_outcome_name(unsigned outcome)
{
    return outcome < TCPFSM_OUTCOMES ? outcome_names[outcome] : "?";
}

/* reset_outcome: how a connection that a RST ended went. */
static enum tcpfsm_outcome reset_outcome(const struct diagnosis *d, bool client, bool shaken)
{
    switch (d->cause) {
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
    case TCPFSM_FINDING_RST_RETRANSMISSIONS:
        if (!shaken)
            return TCPFSM_OUTCOME_NOT_COMPLETED;
        /* fall through */
    default:
        return client ? TCPFSM_OUTCOME_ABORTED_BY_CLIENT : TCPFSM_OUTCOME_ABORTED_BY_SERVER;
    }
}

enum tcpfsm_outcome diagnosis_outcome(const struct diagnosis *d, const struct tcpfsm_connection *c)
{
    unsigned client = tcpfsm_client(c), server = !client;
    int reset_by = tcpfsm_reset_by(c);
    struct tcpfsm_numbers nc, ns;

    if (!d->began)
        return TCPFSM_OUTCOME_UNKNOWN;
    tcpfsm_numbers(c, client, &nc);
    tcpfsm_numbers(c, server, &ns);
    if (reset_by >= 0)
        return reset_outcome(d, (unsigned)reset_by == client, nc.has_ack && ns.has_ack);
    if (nc.has_fin && ns.has_fin)
        return tcpfsm_phase(c) == TCPFSM_PHASE_CLOSED ? TCPFSM_OUTCOME_NORMAL : TCPFSM_OUTCOME_CLOSING;
    if (nc.has_fin || ns.has_fin)
        return nc.has_fin ? TCPFSM_OUTCOME_HALF_CLOSED_BY_CLIENT : TCPFSM_OUTCOME_HALF_CLOSED_BY_SERVER;
    if (!ns.sent)
        return TCPFSM_OUTCOME_UNANSWERED;
    if (d->state[client] == TCPFSM_SYN_SENT || d->state[server] == TCPFSM_SYN_RECEIVED)
        return TCPFSM_OUTCOME_NOT_COMPLETED;
    return d->state[client] == TCPFSM_CLOSED && d->state[server] == TCPFSM_CLOSED ? TCPFSM_OUTCOME_UNKNOWN
                                                                                  : TCPFSM_OUTCOME_OPEN;
}

enum tcpfsm_outcome diagnosis_outcome_at(const struct diagnosis *d, const struct tcpfsm_connection *c,
                                         const struct tcpfsm_config *config, int64_t time)
{
    enum tcpfsm_outcome outcome = diagnosis_outcome(d, c);
    bool by_client = outcome == TCPFSM_OUTCOME_HALF_CLOSED_BY_SERVER;
    unsigned e = by_client ? tcpfsm_client(c) : !tcpfsm_client(c);

    if (!by_client && outcome != TCPFSM_OUTCOME_HALF_CLOSED_BY_CLIENT)
        return outcome;
    if (d->state[e] != TCPFSM_CLOSE_WAIT || !(d->certain & 1u << e) ||
        !diagnosis_lingers(d, e, tick(time), diagnosis_patience(config, TCPFSM_CLOSE_WAIT, by_client)))
        return outcome;
    return by_client ? TCPFSM_OUTCOME_LEFT_BY_CLIENT : TCPFSM_OUTCOME_LEFT_BY_SERVER;
}
