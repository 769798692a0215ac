/* engine.c: one segment's way through the engine.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

#include <stddef.h>

#include <string.h>

struct tcpfsm_config tcpfsm_config_default(void)
{
    return (struct tcpfsm_config){
        .time_wait = SECONDS(60), .lingering = SECONDS(10), .vantage = TCPFSM_VANTAGE_UNKNOWN, .rst_rfc793 = false
    };
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

/* first_syn: the first segment holds a SYN: it says who is client, and where the other end may be (rule 2). */
static void first_syn(struct tcpfsm_visit *v)
{
    struct tcpfsm_connection *c = v->c;
    unsigned from = index_of(v, v->x);
    bool answer = sends(v, TCPFSM_ACK);
    struct tcpfsm_endpoint *server = answer ? v->x : v->y;

    c->role = answer ? TCPFSM_ROLE_SYN_ACK : TCPFSM_ROLE_SYN;
    c->client = (uint8_t)(answer ? from ^ 1 : from);
    if (!answer)
        c->opened_in = v->s->frame;
    if (c->self)
        return;
    server->state = TCPFSM_LISTEN;
    tcpfsm_hold(server, (tcpfsm_set)(SET_GONE | (answer ? 0 : v->alive)), TCPFSM_LISTEN);
    if (answer) {
        v->y->state = TCPFSM_SYN_SENT;
        /* CLOSED: the SYN may have been forged in its name */
        tcpfsm_hold(v->y, BIT(SYN_SENT) | BIT(CLOSED), TCPFSM_SYN_SENT);
    }
}

/* first: the first segment of a connection says who is who and where both may be (DESIGN rules 2 and 10). */
static void first(struct tcpfsm_visit *v)
{
    struct tcpfsm_connection *c = v->c;
    unsigned from = index_of(v, v->x);

    c->began = true;
    v->first = true;
    fact(v, TCPFSM_FACT_FIRST, 0);
    v->x->since = v->y->since = v->now;
    if (sends(v, TCPFSM_SYN) && !sends(v, TCPFSM_RST)) {
        first_syn(v);
        return;
    }
    c->role = TCPFSM_ROLE_PORT;
    c->client = (uint8_t)(c->port[from] < c->port[from ^ 1] ? from ^ 1 : from);
    if (sends(v, TCPFSM_RST)) { /* nothing is known: a RST is no connection (case 73) */
        c->midstream = true;
        tcpfsm_hold(v->x, TCPFSM_SET_ALL, TCPFSM_CLOSED);
        tcpfsm_hold(v->y, TCPFSM_SET_ALL, TCPFSM_CLOSED);
        fact(v, TCPFSM_FACT_MIDSTREAM, 0);
    } else {
        tcpfsm_midstream(v);
    }
}

/* ignored: its receiver drops it and it says nothing of its sender: a wrong checksum (MUST-3), or none of ACK, SYN and
 * RST (3.10.7.4 fifth; 3.10.7.2 fourth). */
static bool ignored(const struct tcpfsm_visit *v)
{
    return has(v, TCPFSM_HAS_BAD_CHECKSUM) || !sends(v, TCPFSM_ACK | TCPFSM_SYN | TCPFSM_RST) || v->s->from > 1;
}

/* open_for_sure: ESTABLISHED and nothing else, with no question open. */
static bool open_for_sure(const struct tcpfsm_endpoint *e)
{
    return e->possible == BIT(ESTABLISHED) && e->now.base == BIT(ESTABLISHED) && !e->question && e->open_shown &&
           e->captured && e->has_ack && e->has_in_order && !e->sent_fin && !e->fin_passed && e->seen == e->next;
}

/* uneventful: the next segment in order between two open endpoints, with an acknowledgement within what was sent: every
 * rule would find nothing to do. Most segments of a capture are such; stacks predict headers for the same reason. Only
 * the accounts change. */
static bool uneventful(const struct tcpfsm_visit *v)
{
    const struct tcpfsm_connection *c = v->c;
    const struct tcpfsm_segment *s = v->s;
    const struct tcpfsm_endpoint *x = v->x, *y = v->y;

    return open_for_sure(x) && open_for_sure(y) &&
           (s->flags & (TCPFSM_SYN | TCPFSM_FIN | TCPFSM_RST | TCPFSM_ACK)) == TCPFSM_ACK && s->seq == x->next &&
           s->seq == y->in_order && seq_le(x->ack, s->ack) && seq_le(s->ack, y->next) &&
           y->next - s->ack < LIMIT_WINDOW && has(v, TCPFSM_HAS_LENGTH) &&
           (!y->has_edge || seq_le(s->seq + s->len, y->edge)) && !s->sacks && !c->attempt.pending && !c->reset &&
           !c->self && !c->challenged_frame;
}

/* report: facts that diagnosis asks for and no rule needs. */
static void report(struct tcpfsm_visit *v)
{
    const struct tcpfsm_reading *is = &v->is;

    fact(v,
         (is->new_data ? TCPFSM_FACT_NEW_DATA : 0u) | (is->data_again ? TCPFSM_FACT_DATA_AGAIN : 0u) |
             (is->keepalive ? TCPFSM_FACT_KEEPALIVE : 0u) | (is->stale ? TCPFSM_FACT_STALE : 0u) |
             (is->foreign || is->bad_ack ? TCPFSM_FACT_FOREIGN : 0u) | (is->syn_again ? TCPFSM_FACT_SYN_AGAIN : 0u),
         0);
}

/* doubt_overdue: what came by long ago on its way to x, and x has shown that it had not acted on it: lost, most likely.
 */
static void doubt_overdue(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x;
    unsigned doubted = 0;

    if (x->fin_at && tcpfsm_overdue(v, x, x->fin_at))
        doubted |= EVENTS_FIN;
    if (x->ack_at && tcpfsm_overdue(v, x, x->ack_at))
        doubted |= EVENT(RCV_SYN_ACK) | EVENT(RCV_ACK_OF_SYN) | EVENT(RCV_ACK_OF_FIN) |
                   (x->sent_fin ? EVENT(RCV_FIN_ACK) : 0u);
    if (v->c->rst.at && tcpfsm_overdue(v, x, v->c->rst.at))
        doubted |= EVENTS_RST;
    x->now.doubted |= (uint16_t)(doubted & x->now.pending);
}

/* crossed: does the segment say nothing against what is displayed of x? A SYN or FIN sent again that crossed its
 * acknowledgement; a FIN by which BSD stacks acknowledge the peer's, once more (case 95); a keepalive after the FIN was
 * acknowledged (3.8.4; case 154). */
static bool crossed(const struct tcpfsm_visit *v)
{
    const struct tcpfsm_endpoint *x = v->x;
    bool again = v->is.fin_again || v->is.syn_again;

    if (v->is.keepalive && x->sent_fin && x->ack_at)
        return true;
    return ((again && x->ack_at) || (v->is.fin_again && v->is.first_acks_fin)) && !tcpfsm_overdue(v, x, x->ack_at);
}

/* conclude: x sent this segment: its set, and what is displayed of it. */
static void conclude(struct tcpfsm_visit *v, const struct tcpfsm_proof *proof)
{
    struct tcpfsm_endpoint *x = v->x;
    unsigned before = x->state;
    bool in_flight = v->c->reset && before == TCPFSM_CLOSED && v->c->rst_from != index_of(v, x) &&
                     !tcpfsm_overdue(v, x, v->c->rst.at);
    tcpfsm_set acked = BIT(FIN_WAIT_2) | BIT(TIME_WAIT) | BIT(CLOSED),
               unacked = SET_FIN_UNACKED | BIT(SYN_RECEIVED) | BIT(SYN_SENT);

    if (!tcpfsm_prove(v, proof)) {
        fact(v, TCPFSM_FACT_RESTARTED_SETS, 0);
        x->now.pending = x->now.doubted = 0;
    }
    /* it left before what is displayed had arrived, and shows no loss: the display stays */
    if (in_flight || (TCPFSM_BIT(before) & tcpfsm_perhaps(x->now.base, x->now.pending) && crossed(v))) {
        x->now.shown = (uint8_t)(x->now.base & TCPFSM_BIT(x->now.shown) ? x->now.shown : tcpfsm_first_of(x->now.base));
        return;
    }
    tcpfsm_show_proof(v, proof);
    x->ignores_rst |= before == TCPFSM_CLOSED && x->state == TCPFSM_TIME_WAIT && x->now.pending & EVENTS_RST;
    if (x->state == TCPFSM_TIME_WAIT)
        x->timer = v->now; /* it answers from TIME_WAIT: 2MSL began again with what it answers (3.10.7.4 eighth) */
    if ((v->is.syn_again || v->is.fin_again) && x->ack_at && TCPFSM_BIT(before) & (acked | BIT(ESTABLISHED)) &&
        TCPFSM_BIT(x->state) & unacked) {
        fact(v, TCPFSM_FACT_ROLLBACK, x->ack_frame);
        if (tcpfsm_overdue(v, x, x->ack_at))
            tcpfsm_lost(v);
    }
    doubt_overdue(v);
}

/* tcpfsm_sent_segment: x sent a segment without SYN and RST; `arrives`: it reaches y. */
void tcpfsm_sent_segment(struct tcpfsm_visit *v, bool arrives)
{
    struct tcpfsm_proof proof = { 0 };
    bool maybe = maybe_fin(v->x), shows;

    tcpfsm_read(v);
    tcpfsm_enter(v);
    report(v);
    if (v->is.foreign)
        return;
    shows = !tcpfsm_after_reset(v) && !(v->is.stale && !v->is.fin);
    if (shows) {
        tcpfsm_missing(v);
        shows = tcpfsm_open_shows(v, &proof);
    }
    if (shows) {
        tcpfsm_close_shows(v, &proof);
        tcpfsm_likely_fin(v);
        conclude(v, &proof);
        if (maybe && !maybe_fin(v->x) && !v->is.new_fin)
            tcpfsm_no_fin(v);
        tcpfsm_challenge_ack(v);
        tcpfsm_gap_closed(v);
    }
    if (!arrives)
        return;
    tcpfsm_catch_up(v, v->y);
    tcpfsm_open_arrives(v);
    tcpfsm_close_arrives(v);
}

/* sent_syn: x sent a SYN or SYN,ACK of this connection. */
static void sent_syn(struct tcpfsm_visit *v)
{
    struct tcpfsm_proof proof = { 0 };
    struct tcpfsm_endpoint *x = v->x;

    tcpfsm_read(v);
    tcpfsm_enter(v);
    if (x->question == TCPFSM_QUESTION_RST && TCPFSM_BIT(x->state) & SET_GONE && sends(v, TCPFSM_ACK))
        tcpfsm_answer(x, false);
    if (v->c->reset && v->c->rst_from != index_of(v, x) && TCPFSM_BIT(x->state) & SET_GONE &&
        !within(TCPFSM_BIT(x->now.shown), SET_GONE))
        /* sent before the RST arrived, or without regard to it */
        tcpfsm_move(v, x, x->now.shown, TCPFSM_EVENT_WITHDRAWN_RST);
    if (tcpfsm_syn_shows(v, &proof))
        conclude(v, &proof);
    report(v);
    tcpfsm_open_arrives(v);
}

/* process: false if nothing but the accounts has changed. */
static bool process(struct tcpfsm_visit *v)
{
    if (ignored(v) || tcpfsm_is_copy(v))
        return false;
    if (v->c->began) {
        tcpfsm_clock(v, v->x);
        tcpfsm_clock(v, v->y);
    }
    if (uneventful(v)) {
        tcpfsm_note_history(v);
        v->is.end = v->s->seq + v->s->len;
        tcpfsm_enter(v);
        fact(v, v->s->len ? TCPFSM_FACT_NEW_DATA : 0u, 0);
        return false;
    }
    tcpfsm_observe(v);
    if (tcpfsm_reuse(v))
        return true;
    tcpfsm_note_history(v);
    if (!v->c->began) {
        first(v);
        tcpfsm_locate(v);
    }
    tcpfsm_choose_number(v);
    if (sends(v, TCPFSM_RST))
        tcpfsm_reset(v);
    else if (sends(v, TCPFSM_SYN))
        sent_syn(v);
    else
        tcpfsm_sent_segment(v, true);
    return true;
}

/* begin_result: an empty result, with what is displayed before the segment. */
static void begin_result(const struct tcpfsm_connection *c, struct tcpfsm_result *out)
{
    out->restarted = out->changed = false;
    out->copy_of = out->facts = out->evidence = 0;
    out->steps = out->evidence_end = 0;
    for (unsigned i = 0; i < 2; i++) {
        out->before[i] = c->end[i].state;
        out->possible_before[i] = c->end[i].possible;
        out->state[i] = c->end[i].state;
        out->possible[i] = c->end[i].possible;
    }
}

/* finish: derives the sets, copies the outcome into the result and says whether anything differs from before. */
static void finish(struct tcpfsm_visit *v, bool began)
{
    struct tcpfsm_connection *c = v->c;
    struct tcpfsm_result *out = v->out;

    if (c->self) { /* one TCB: what is captured has arrived */
        tcpfsm_settle(&c->end[0]);
        tcpfsm_hold(&c->end[0], c->end[0].possible, c->end[0].state);
        c->end[1] = c->end[0];
    }
    out->changed = out->restarted || out->steps || began != c->began;
    for (unsigned i = 0; i < 2; i++) {
        tcpfsm_settle(&c->end[i]);
        out->state[i] = c->end[i].state;
        out->possible[i] = c->end[i].possible;
        out->changed |= out->before[i] != out->state[i] || out->possible_before[i] != out->possible[i];
    }
}

void tcpfsm_segment(struct tcpfsm_connection *c, const struct tcpfsm_segment *s, const struct tcpfsm_config *config,
                    struct tcpfsm_path *path, bool flip, struct tcpfsm_result *out)
{
    unsigned from = c->self ? 0 : s->from & 1;
    struct tcpfsm_visit v = { .c = c,
                              .s = s,
                              .config = config,
                              .path = path,
                              .copies = path ? path->copies : NULL,
                              .flip = flip,
                              .out = out,
                              .now = tcpfsm_ticks(s->time),
                              .x = &c->end[from],
                              .y = &c->end[c->self ? 0 : from ^ 1] };
    bool began = c->began;

    begin_result(c, out);
    if (process(&v))
        finish(&v, began);
    c->last = v.now;
}

void tcpfsm_unreachable(struct tcpfsm_connection *c, unsigned from, uint32_t seq, bool hard, uint32_t frame,
                        int64_t time, struct tcpfsm_result *out)
{
    struct tcpfsm_segment s = { .time = time, .frame = frame, .from = (uint8_t)(from & 1) };
    struct tcpfsm_visit v = {
        .c = c, .s = &s, .out = out, .now = tcpfsm_ticks(time), .x = &c->end[from & 1], .y = &c->end[(from & 1) ^ 1]
    };

    begin_result(c, out);
    if (hard && v.x->sent_syn && v.x->iss == seq && v.x->state == TCPFSM_SYN_SENT)
        tcpfsm_may_happen(v.x, EVENT(TIME_GONE)); /* RFC 1122 section 4.2.3.9 */
    finish(&v, c->began);
}

void tcpfsm_tick(struct tcpfsm_connection *c, int64_t time, const struct tcpfsm_config *config,
                 struct tcpfsm_result *out)
{
    struct tcpfsm_segment s = { .time = time };
    struct tcpfsm_visit v = {
        .c = c, .s = &s, .config = config, .out = out, .now = tcpfsm_ticks(time), .x = &c->end[0], .y = &c->end[1]
    };

    begin_result(c, out);
    if (c->began) {
        tcpfsm_clock(&v, v.x);
        tcpfsm_clock(&v, v.y);
    }
    finish(&v, c->began);
}
