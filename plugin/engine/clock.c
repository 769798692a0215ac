/* clock.c: what time alone does to an endpoint (RFC 9293 section 3.10.8), and what an interval says. Time adds states
 * and chooses what is displayed; it removes no state (DESIGN section 3).
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

/* tcpfsm_grace: how long after something was captured on its way to the endpoint a segment of the endpoint may still
 * have been sent before it arrived, nanoseconds: the round trip of the handshake. For the display. */
int64_t tcpfsm_grace(const struct tcpfsm_visit *v, const struct tcpfsm_endpoint *e)
{
    if (tcpfsm_beside(v, e) || v->c->rtt < LIMIT_GRACE_FLOOR)
        return LIMIT_GRACE_FLOOR;
    return v->c->rtt;
}

/* tcpfsm_overdue: was what came by at `since` on its way to e there so long ago that e, had it arrived, would have
 * known of it? For the display. */
bool tcpfsm_overdue(const struct tcpfsm_visit *v, const struct tcpfsm_endpoint *e, uint32_t since)
{
    return ago(v, since) > tcpfsm_grace(v, e);
}

/* tcpfsm_gap: the time since that tick, in units of 16 ticks, at least 1. */
uint16_t tcpfsm_gap(const struct tcpfsm_visit *v, uint32_t since)
{
    uint32_t gap = (v->now - since) >> 4;

    return (uint16_t)(gap > UINT16_MAX ? UINT16_MAX : gap ? gap : 1);
}

/* tcpfsm_gave_up: SYN_SENT repeats its SYN, after at most twice the time it waited before (RFC 6298 section 5.5). Half
 * as long again, and no SYN has been captured: its application has given up, or the user timeout has run out (3.10.8).
 */
bool tcpfsm_gave_up(const struct tcpfsm_visit *v, const struct tcpfsm_endpoint *e)
{
    const struct tcpfsm_attempt *a = &v->c->attempt;
    bool again = a->pending && a->from == index_of(v, e);
    uint32_t last = again ? a->heard : e->heard;
    int64_t gap = (int64_t)(again ? a->gap : e->syn_gap) << 24;
    int64_t patience = gap / 2 * 5 > LIMIT_FIRST_RTO ? gap / 2 * 5 : LIMIT_FIRST_RTO;

    return e->state == TCPFSM_SYN_SENT && last && ago(v, last) > patience;
}

/* keep_young: a tick older than 2^31 ticks would look like the future: it grows no older than half of that. */
static void keep_young(const struct tcpfsm_visit *v, uint32_t *tick)
{
    if (*tick && v->now - *tick > UINT32_MAX / 4 && v->now - *tick < UINT32_MAX / 4 * 3)
        *tick = v->now - UINT32_MAX / 4 ? v->now - UINT32_MAX / 4 : 1;
}

static void keep_all_young(const struct tcpfsm_visit *v, struct tcpfsm_endpoint *e)
{
    uint32_t *ticks[] = { &e->sent_at, &e->since, &e->heard, &e->timer, &e->fin_at, &e->ack_at, &e->asked };

    for (unsigned i = 0; i < sizeof ticks / sizeof ticks[0]; i++)
        keep_young(v, ticks[i]);
}

/* tcpfsm_clock: what time has done to e since the last segment. The set is derived anew: the rules that follow ask for
 * it, and find the same as after a tcpfsm_tick. */
void tcpfsm_clock(struct tcpfsm_visit *v, struct tcpfsm_endpoint *e)
{
    uint32_t spoke = later(e->heard, e->since) ? e->heard : e->since;
    bool waits = e->possible & (SET_FIN_UNACKED | BIT(SYN_SENT) | BIT(SYN_RECEIVED));

    if (v->now - v->c->last > UINT32_MAX / 8)
        keep_all_young(v, e);
    if (!e->asked && !waits && !(e->possible & (BIT(TIME_WAIT) | BIT(FIN_WAIT_2))))
        return;
    if (e->possible & BIT(TIME_WAIT) && ago(v, e->fin_at ? e->fin_at : spoke) > v->config->time_wait) {
        /* since its peer's FIN first came by: what restarts 2MSL may have come late */
        tcpfsm_may_happen(e, EVENT(TIME_2MSL));
        if (e->state == TCPFSM_TIME_WAIT && ago(v, e->timer) > v->config->time_wait)
            tcpfsm_move(v, e, TCPFSM_CLOSED, TCPFSM_EVENT_TIME_2MSL);
    }
    if ((e->possible & BIT(FIN_WAIT_2) && ago(v, spoke) > LIMIT_FIN_WAIT_2) ||
        (e->asked && ago(v, e->asked) > LIMIT_UNANSWERED) || tcpfsm_gave_up(v, e) ||
        (waits && e->heard && ago(v, e->heard) > LIMIT_UNANSWERED))
        tcpfsm_may_happen(e, EVENT(TIME_GONE)); /* it repeats nothing: it gave up (R2, 3.8.3), or was answered unseen */
    tcpfsm_settle(e);
}
