/* endpoint.c: the only functions that write an endpoint's state and set, and what its clocks say.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

#include <string.h>

/* tcpfsm_begin: forgets the previous incarnation: two endpoints without a connection. */
void tcpfsm_begin(struct tcpfsm_connection *c)
{
    memset(c->end, 0, sizeof c->end);
    memset(&c->attempt, 0, sizeof c->attempt);
    c->began = c->midstream = c->tfo = c->reset = c->forged = false;
    c->rst_frame = c->opened_in = 0;
    c->letters = 0;
    memset(c->history, 0, sizeof c->history);
    for (unsigned i = 0; i < 2; i++) {
        c->end[i].state = TCPFSM_CLOSED;
        c->end[i].possible = BIT(CLOSED);
    }
}

/* tcpfsm_move: the one place where a displayed state changes; the reason is recorded with it. */
void tcpfsm_move(struct tcpfsm_visit *v, struct tcpfsm_endpoint *e, unsigned to, unsigned event)
{
    struct tcpfsm_result *out = v->out;

    e->possible = (tcpfsm_set)(e->possible | TCPFSM_BIT(to));
    if (e->state == to)
        return;
    if (out->steps < TCPFSM_STEPS_MAX)
        out->step[out->steps++] = (struct tcpfsm_step){ (uint8_t)index_of(v, e), e->state, (uint8_t)to, (uint8_t)event };
    else
        out->step[out->steps - 1].to = (uint8_t)to;
    e->state = (uint8_t)to;
    e->since = v->now;
    if (to == TCPFSM_TIME_WAIT)
        e->timer = v->now;
}

/* tcpfsm_may_be: more states are possible from now on. */
void tcpfsm_may_be(struct tcpfsm_endpoint *e, tcpfsm_set set)
{
    e->possible = (tcpfsm_set)(e->possible | set);
}

/* tcpfsm_believe: the endpoint is in one of `set`, most likely in `state`, which joins the set. */
void tcpfsm_believe(struct tcpfsm_visit *v, struct tcpfsm_endpoint *e, tcpfsm_set set, unsigned state, unsigned event)
{
    e->possible = set;
    tcpfsm_move(v, e, state, event);
}

/* first_of: the member of a set to display when nothing else decides: the state in which most of a connection's life passes comes first. */
static unsigned first_of(tcpfsm_set set)
{
    static const uint8_t order[TCPFSM_STATES] = { TCPFSM_ESTABLISHED, TCPFSM_CLOSE_WAIT, TCPFSM_FIN_WAIT_2, TCPFSM_TIME_WAIT, TCPFSM_FIN_WAIT_1, TCPFSM_LAST_ACK,
                                                  TCPFSM_CLOSING, TCPFSM_SYN_RECEIVED, TCPFSM_SYN_SENT, TCPFSM_CLOSED, TCPFSM_LISTEN };

    for (unsigned i = 0; i < TCPFSM_STATES; i++)
        if (set & TCPFSM_BIT(order[i]))
            return order[i];
    return TCPFSM_CLOSED;
}

/* tcpfsm_reduce: what the endpoint sent shows that `event` has happened to it and that it is in one of `mask` (never empty). Every possible state takes
 * the event's step; those outside
 * the mask are dropped. If none is left, the past was not what it seemed: any member of the mask is possible. */
void tcpfsm_reduce(struct tcpfsm_visit *v, struct tcpfsm_endpoint *e, unsigned event, tcpfsm_set mask)
{
    tcpfsm_set set = (tcpfsm_set)(tcpfsm_next_set(event, e->possible) & mask);
    unsigned next = tcpfsm_next(event, e->state);

    if (!set)
        set = mask;
    if (e->possible == set && set & TCPFSM_BIT(e->state))
        return;
    e->possible = set;
    if (set & TCPFSM_BIT(next))
        tcpfsm_move(v, e, next, event);
    else
        tcpfsm_move(v, e, first_of(set), event < TCPFSM_EVENT_UNDO_FIN ? TCPFSM_EVENT_MISSED : event);
    e->possible = set;
}

/* Beside the capture, what is captured on its way to an endpoint has as good as arrived; after this many times in a row that it had not, its host drops it. */
#define MISSES_ENOUGH 2

/* tcpfsm_arrive: a segment that is `event` to the endpoint was captured on its way there, and is taken to arrive (rule 2). That it may not have arrived is
 * added once for all events of the segment, by tcpfsm_arrived_perhaps. */
void tcpfsm_arrive(struct tcpfsm_visit *v, struct tcpfsm_endpoint *e, unsigned event)
{
    if (e->misses >= MISSES_ENOUGH && tcpfsm_beside(v, e) && event != TCPFSM_EVENT_RCV_RST) {
        tcpfsm_may_be(e, tcpfsm_next_set(event, e->possible));
        return;
    }
    e->possible = tcpfsm_next_set(event, e->possible);
    tcpfsm_move(v, e, tcpfsm_next(event, e->state), event);
}

/* tcpfsm_arrived_perhaps: unless the capture is beside the endpoint, and nothing was lost after it, the segment whose events have just been taken may not
 * arrive: `before` remains possible. */
void tcpfsm_arrived_perhaps(struct tcpfsm_visit *v, struct tcpfsm_endpoint *e, tcpfsm_set before)
{
    if (!tcpfsm_beside(v, e) || e->misses)
        tcpfsm_may_be(e, before);
}

/* tcpfsm_beside: is the capture beside this endpoint? */
bool tcpfsm_beside(const struct tcpfsm_visit *v, const struct tcpfsm_endpoint *e)
{
    uint8_t at = v->c->vantage;

    return at == TCPFSM_VANTAGE_BOTH || at == (e == &v->c->end[0] ? TCPFSM_VANTAGE_NEAR_0 : TCPFSM_VANTAGE_NEAR_1);
}

/* tcpfsm_grace: how long after something was captured on its way to the endpoint a segment of the endpoint may still have been sent before it arrived,
 * nanoseconds. */
int64_t tcpfsm_grace(const struct tcpfsm_visit *v, const struct tcpfsm_endpoint *e)
{
    if (tcpfsm_beside(v, e) || v->c->rtt < MS(10))
        return MS(10);
    return v->c->rtt;
}

/* tcpfsm_note_sent: e sent its SYN, SYN,ACK or FIN, for the first time. */
void tcpfsm_note_sent(const struct tcpfsm_visit *v, struct tcpfsm_endpoint *e)
{
    e->sent_syn = v->now;
    e->sent_part = tcpfsm_part(v->s->time);
    e->copies = 1;
}

/* tcpfsm_gap: the time since that tick, in units of 16 ticks, at least 1. */
uint16_t tcpfsm_gap(const struct tcpfsm_visit *v, uint32_t since)
{
    uint32_t gap = (v->now - since) >> 4;

    return (uint16_t)(gap > UINT16_MAX ? UINT16_MAX : gap ? gap : 1);
}

/* tcpfsm_gave_up: SYN_SENT repeats its SYN, after at most twice the time it waited before (RFC 6298 section 5.5), at first after one second (section 2.1).
 * Half as long again, and no SYN has been captured: its application has given up, or the user timeout has run out (3.10.8). */
bool tcpfsm_gave_up(const struct tcpfsm_visit *v, const struct tcpfsm_endpoint *e)
{
    const struct tcpfsm_attempt *a = &v->c->attempt;
    bool again = a->pending && a->from == index_of(v, e);
    uint32_t last = again ? a->heard : e->heard;
    int64_t gap = (int64_t)(again ? a->gap : e->syn_gap) << 24;
    int64_t patience = gap / 2 * 5 > MS(1500) ? gap / 2 * 5 : MS(1500);

    return e->state == TCPFSM_SYN_SENT && last && ago(v, last) > patience;
}
