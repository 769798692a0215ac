/* engine.c: one segment's way through the engine.
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

/* first: the first segment of a connection says who is who and where both may be (DESIGN rules 2 and 10). */
static void first(struct tcpfsm_visit *v)
{
    struct tcpfsm_connection *c = v->c;
    unsigned from = index_of(v, v->x);

    c->began = true;
    v->first = true;
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
        v->out->facts |= TCPFSM_FACT_MIDSTREAM;
}

/* clock: what time alone has done to an endpoint since the last segment (RFC 9293 section 3.10.8). */
static void clock(struct tcpfsm_visit *v, struct tcpfsm_endpoint *e)
{
    if (!e->asked && !(e->possible & (BIT(TIME_WAIT) | BIT(FIN_WAIT_2) | SET_FIN_UNACKED | BIT(SYN_SENT) | BIT(SYN_RECEIVED))))
        return;
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

/* open_for_sure: ESTABLISHED and nothing else, with nothing in suspense. */
static bool open_for_sure(const struct tcpfsm_endpoint *e)
{
    enum { KNOWN = TCPFSM_KNOWS_SND | TCPFSM_KNOWS_RCV | TCPFSM_KNOWS_ACK | TCPFSM_SENT | TCPFSM_CAPTURED | TCPFSM_OPEN_PROVEN };
    enum { OTHER = TCPFSM_SENT_FIN | TCPFSM_SENT_RST | TCPFSM_GOT_FIN | TCPFSM_FIN_UNDER_WAY | TCPFSM_FIN_UNSEEN | TCPFSM_SKIPPED | TCPFSM_UNSENT };

    return e->possible == BIT(ESTABLISHED) && (e->knows & (KNOWN | OTHER)) == KNOWN;
}

/* uneventful: the next segment in order between two open endpoints, with an acknowledgement within what was sent: every rule would find nothing to do. Most
 * segments of a capture are such; stacks predict headers for the same reason. Only the accounts change. */
static bool uneventful(const struct tcpfsm_visit *v)
{
    const struct tcpfsm_connection *c = v->c;
    const struct tcpfsm_segment *s = v->s;
    const struct tcpfsm_endpoint *x = v->x, *y = v->y;

    return open_for_sure(x) && open_for_sure(y) && (s->flags & (TCPFSM_SYN | TCPFSM_FIN | TCPFSM_RST | TCPFSM_ACK)) == TCPFSM_ACK &&
           s->seq == x->snd_nxt && s->seq == y->rcv_nxt && seq_le(x->ack, s->ack) && seq_le(s->ack, y->snd_nxt) && y->snd_nxt - s->ack < 1u << 30 &&
           s->has & TCPFSM_HAS_LENGTH && !(s->has & TCPFSM_HAS_FASTCLOSE) && !s->sacks && !c->attempt.pending && !c->reset && !c->forged && !c->self && !c->challenged_frame;
}

/* report: the facts of a segment that its numbers show. */
static void report(struct tcpfsm_visit *v)
{
    const struct tcpfsm_facts *is = &v->is;
    const struct { bool is; uint32_t fact; } facts[] = {
        { is->new_fin, TCPFSM_FACT_NEW_FIN }, { is->fin_again, TCPFSM_FACT_FIN_AGAIN }, { is->new_data, TCPFSM_FACT_NEW_DATA },
        { is->data_again, TCPFSM_FACT_DATA_AGAIN }, { is->keepalive, TCPFSM_FACT_KEEPALIVE }, { is->acks_fin, TCPFSM_FACT_ACKS_FIN },
        { is->misses_fin, TCPFSM_FACT_MISSES_FIN }, { is->stale, TCPFSM_FACT_STALE }, { is->wild || is->refused, TCPFSM_FACT_FOREIGN },
    };

    for (unsigned i = 0; i < sizeof facts / sizeof facts[0]; i++)
        if (facts[i].is)
            v->out->facts |= facts[i].fact;
}

/* report_late: facts that come to light only as the segment is taken. */
static void report_late(struct tcpfsm_visit *v)
{
    struct tcpfsm_connection *c = v->c;

    if (v->is.syn_again)
        v->out->facts |= TCPFSM_FACT_SYN_AGAIN;
    if (!c->challenged_frame || sends(v, TCPFSM_RST) || v->s->len || !sends(v, TCPFSM_ACK) || v->is.fin || v->s->frame == c->challenged_frame)
        return;
    if (v->y->knows & TCPFSM_SENT_RST) {
        v->out->facts |= TCPFSM_FACT_CHALLENGE_ACK;
        v->out->evidence = c->challenged_frame;
    }
    c->challenged_frame = 0;
}

static void process(struct tcpfsm_visit *v)
{
    if (ignored(v) || tcpfsm_is_duplicate(v))
        return;
    if (v->c->began) {
        clock(v, v->x);
        clock(v, v->y);
    }
    if (uneventful(v)) {
        tcpfsm_note_history(v);
        v->is.end = v->s->seq + v->s->len;
        if (v->s->len)
            v->out->facts |= TCPFSM_FACT_NEW_DATA;
        tcpfsm_account(v);
        return;
    }
    tcpfsm_observe(v);
    if (tcpfsm_attempt(v))
        return;
    tcpfsm_note_history(v);
    if (!v->c->began) {
        first(v);
        v->out->facts |= TCPFSM_FACT_FIRST;
        tcpfsm_locate(v);
    }
    tcpfsm_classify(v);
    report(v);
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
    report_late(v);
}

/* shown: what is displayed of both endpoints before a segment. */
static void shown(const struct tcpfsm_connection *c, struct tcpfsm_result *out)
{
    for (unsigned i = 0; i < 2; i++) {
        out->before[i] = c->end[i].state;
        out->possible_before[i] = c->end[i].possible;
    }
    out->restarted = false;
    out->copy_of = out->facts = out->evidence = 0;
    out->evidence_end = 0;
    out->steps = 0;
}

/* finish: copies the outcome into the result and says whether anything differs from before. */
static void finish(struct tcpfsm_visit *v)
{
    struct tcpfsm_connection *c = v->c;

    if (c->self)
        c->end[1] = c->end[0];
    v->out->changed = v->out->restarted || v->out->steps;
    for (unsigned i = 0; i < 2; i++) {
        tcpfsm_may_be(&c->end[i], TCPFSM_BIT(c->end[i].state)); /* what is displayed is possible, whatever came in */
        v->out->state[i] = c->end[i].state;
        v->out->possible[i] = c->end[i].possible;
        v->out->changed |= v->out->before[i] != c->end[i].state || v->out->possible_before[i] != c->end[i].possible;
    }
}

void tcpfsm_segment(struct tcpfsm_connection *c, const struct tcpfsm_segment *s, const struct tcpfsm_config *config, struct tcpfsm_path *path, bool flip,
                    struct tcpfsm_result *out)
{
    unsigned from = c->self ? 0 : s->from & 1;
    struct tcpfsm_visit v = { .c = c, .s = s, .config = config, .path = path, .flip = flip, .out = out, .now = tcpfsm_tick(s->time), .x = &c->end[from], .y = &c->end[c->self ? 0 : from ^ 1] };
    bool began = c->began;

    shown(c, out);
    process(&v);
    c->last = v.now;
    finish(&v);
    if (!began && c->began)
        out->changed = true;
}

void tcpfsm_unreachable(struct tcpfsm_connection *c, unsigned from, uint32_t seq, bool hard, uint32_t frame, int64_t time, struct tcpfsm_result *out)
{
    struct tcpfsm_segment s = { .time = time, .frame = frame, .from = (uint8_t)(from & 1) };
    struct tcpfsm_visit v = { .c = c, .s = &s, .out = out, .now = tcpfsm_tick(time), .x = &c->end[from & 1], .y = &c->end[(from & 1) ^ 1] };
    bool opening = knows(v.x, TCPFSM_SENT_SYN) && v.x->iss == seq && v.x->state == TCPFSM_SYN_SENT;

    shown(c, out);
    if (hard && opening)
        tcpfsm_may_be(v.x, BIT(CLOSED));
    finish(&v);
}
