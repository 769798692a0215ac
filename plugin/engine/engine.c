/* engine.c: one segment's way through the engine, and the only functions that write an endpoint's state.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

#include <string.h>

struct tcpfsm_config tcpfsm_config_default(void)
{
    return (struct tcpfsm_config){ .time_wait = SECONDS(60), .lingering = SECONDS(10), .vantage = TCPFSM_VANTAGE_UNKNOWN, .rst_rfc793 = false };
}

void tcpfsm_open(struct tcpfsm_connection *c, bool self, const uint16_t port[2])
{
    memset(c, 0, sizeof *c);
    c->self = self;
    c->port[0] = port[0];
    c->port[1] = port[1];
    c->incarnation = 1;
    tcpfsm_begin(c);
}

/* tcpfsm_begin: forgets the previous incarnation: two endpoints without a connection. */
void tcpfsm_begin(struct tcpfsm_connection *c)
{
    memset(c->end, 0, sizeof c->end);
    memset(&c->attempt, 0, sizeof c->attempt);
    c->began = c->midstream = c->tfo = c->reset = c->forged = false;
    c->rst_frame = c->opened_in = c->first_frame = 0;
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

/* tcpfsm_step_on: the endpoint itself did `event`: every possible state takes its step. */
void tcpfsm_step_on(struct tcpfsm_visit *v, struct tcpfsm_endpoint *e, unsigned event)
{
    e->possible = tcpfsm_next_set(event, e->possible);
    tcpfsm_move(v, e, tcpfsm_next(event, e->state), event);
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

/* first: the first segment of a connection says who is who and where both may be (DESIGN rules 2 and 10). */
static void first(struct tcpfsm_visit *v)
{
    struct tcpfsm_connection *c = v->c;
    unsigned from = index_of(v, v->x);

    c->began = true;
    c->first_frame = v->s->frame;
    v->x->since = v->y->since = v->now;
    if (sends(v, TCPFSM_RST)) {
        c->role = TCPFSM_ROLE_PORT;
        c->client = (uint8_t)(c->port[from] < c->port[from ^ 1] ? from ^ 1 : from);
        v->x->possible = v->y->possible = TCPFSM_SET_ALL;
        c->midstream = true;
    } else if (sends(v, TCPFSM_SYN)) {
        bool answer = sends(v, TCPFSM_ACK);

        c->role = answer ? TCPFSM_ROLE_SYN_ACK : TCPFSM_ROLE_SYN;
        c->client = (uint8_t)(answer ? from ^ 1 : from);
        if (!answer)
            c->opened_in = v->s->frame;
        if (c->self)
            return;
        c->end[c->client ^ 1].state = TCPFSM_LISTEN;
        c->end[c->client ^ 1].possible = BIT(LISTEN) | BIT(CLOSED) | (answer ? 0 : v->alive);
        if (answer) {
            v->y->state = TCPFSM_SYN_SENT;
            v->y->possible = BIT(SYN_SENT) | BIT(CLOSED) | BIT(ESTABLISHED);
        }
    } else {
        c->role = TCPFSM_ROLE_PORT;
        c->client = (uint8_t)(c->port[from] < c->port[from ^ 1] ? from ^ 1 : from);
        v->x->state = v->y->state = TCPFSM_ESTABLISHED;
        v->x->possible = SET_SYNCHRONIZED;
        v->y->possible = SET_SYNCHRONIZED | BIT(CLOSED);
        v->y->knows |= TCPFSM_SENT;
        c->midstream = true;
    }
    if (c->midstream)
        tcpfsm_tell(v, TCPFSM_FINDING_MIDSTREAM, v->x, 0, 0, 0, v->x->state, c->incarnation > 1);
}

/* clock: what time alone has done to an endpoint since the last segment (RFC 9293 section 3.10.8). */
static void clock(struct tcpfsm_visit *v, struct tcpfsm_endpoint *e)
{
    if (e->possible & BIT(TIME_WAIT) && ago(v, e->state == TCPFSM_TIME_WAIT ? e->timer : e->since) > v->config->time_wait) {
        tcpfsm_may_be(e, BIT(CLOSED));
        if (e->state == TCPFSM_TIME_WAIT)
            tcpfsm_move(v, e, TCPFSM_CLOSED, TCPFSM_EVENT_TIME_2MSL);
    }
    if (e->possible & BIT(FIN_WAIT_2) && ago(v, e->since) > SECONDS(60))
        tcpfsm_may_be(e, BIT(CLOSED));
    if ((e->asked && ago(v, e->asked) > SECONDS(100)) || tcpfsm_gave_up(v, e))
        tcpfsm_may_be(e, BIT(CLOSED));
    if (e->possible & (SET_FIN_UNACKED | BIT(SYN_SENT) | BIT(SYN_RECEIVED)) && e->heard && ago(v, e->heard) > SECONDS(100))
        tcpfsm_may_be(e, BIT(CLOSED)); /* it repeats nothing: it gave up (R2, 3.8.3), or was answered unseen */
}

/* ignored: its receiver drops it and it says nothing of its sender: a wrong checksum (MUST-3), or none of ACK, SYN and RST (3.10.7.4 fifth; 3.10.7.2
 * fourth). */
static bool ignored(const struct tcpfsm_visit *v)
{
    return v->s->has & TCPFSM_HAS_BAD_CHECKSUM || !sends(v, TCPFSM_ACK | TCPFSM_SYN | TCPFSM_RST) || v->s->from > 1;
}

static void process(struct tcpfsm_visit *v)
{
    if (ignored(v) || tcpfsm_is_duplicate(v))
        return;
    if (v->c->began) {
        clock(v, v->x);
        clock(v, v->y);
    }
    tcpfsm_observe(v);
    if (v->c->began)
        tcpfsm_judge_wait(v);
    if (tcpfsm_attempt(v))
        return;
    if (!v->c->began) {
        first(v);
        tcpfsm_locate(v);
    }
    tcpfsm_classify(v);
    if (sends(v, TCPFSM_RST)) {
        tcpfsm_reset(v);
    } else {
        tcpfsm_account(v);
        if (sends(v, TCPFSM_SYN))
            tcpfsm_sent_syn(v);
        else
            tcpfsm_sent(v);
        tcpfsm_arrived(v);
    }
    tcpfsm_judge(v);
}

/* finish: copies the outcome into the result and says whether anything differs from before. */
static void finish(struct tcpfsm_visit *v, const struct tcpfsm_endpoint before[2])
{
    struct tcpfsm_connection *c = v->c;

    if (c->self)
        c->end[1] = c->end[0];
    v->out->changed = v->out->restarted || v->out->findings || v->out->steps;
    for (unsigned i = 0; i < 2; i++) {
        tcpfsm_may_be(&c->end[i], TCPFSM_BIT(c->end[i].state)); /* what is displayed is possible, whatever came in */
        v->out->state[i] = c->end[i].state;
        v->out->possible[i] = c->end[i].possible;
        v->out->changed |= before[i].state != c->end[i].state || before[i].possible != c->end[i].possible;
    }
}

void tcpfsm_segment(struct tcpfsm_connection *c, const struct tcpfsm_segment *s, const struct tcpfsm_config *config, struct tcpfsm_path *path, bool flip,
                    struct tcpfsm_result *out)
{
    unsigned from = c->self ? 0 : s->from & 1;
    struct tcpfsm_visit v = { .c = c, .s = s, .config = config, .path = path, .flip = flip, .out = out, .now = tcpfsm_tick(s->time), .x = &c->end[from], .y = &c->end[c->self ? 0 : from ^ 1] };
    struct tcpfsm_endpoint before[2] = { { .state = c->end[0].state, .possible = c->end[0].possible }, { .state = c->end[1].state, .possible = c->end[1].possible } };
    bool began = c->began;

    out->restarted = out->duplicate = false;
    out->steps = out->findings = 0;
    process(&v);
    c->last = v.now;
    finish(&v, before);
    if (!began && c->began)
        out->changed = true;
}

void tcpfsm_unreachable(struct tcpfsm_connection *c, unsigned from, uint32_t seq, bool hard, uint32_t frame, int64_t time, struct tcpfsm_result *out)
{
    struct tcpfsm_segment s = { .time = time, .frame = frame, .from = (uint8_t)(from & 1) };
    struct tcpfsm_visit v = { .c = c, .s = &s, .out = out, .now = tcpfsm_tick(time), .x = &c->end[from & 1], .y = &c->end[(from & 1) ^ 1] };
    struct tcpfsm_endpoint before[2] = { c->end[0], c->end[1] };

    out->restarted = out->duplicate = false;
    out->steps = out->findings = 0;
    if (hard && knows(v.x, TCPFSM_SENT_SYN) && v.x->iss == seq && v.x->state == TCPFSM_SYN_SENT) {
        tcpfsm_may_be(v.x, BIT(CLOSED));
        tcpfsm_tell(&v, TCPFSM_FINDING_ICMP_UNREACHABLE, v.x, v.x->syn_frame, 0, 0, v.x->state, 0);
    }
    finish(&v, before);
}
