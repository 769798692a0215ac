/* observer.c: feeds the engine and judges it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "observer.h"

#include <stdio.h>
#include <string.h>

static const char *const lanes[LANES] = { "unknown", "inferred", "between", "near" };
static const char *const wrongs[WRONG_KINDS] = { "right", "unsound", "certain-wrong", "display-impossible",
                                                 "edge",  "chain",   "changed" };

const char *lane_name(unsigned lane) { return lane < LANES ? lanes[lane] : "?"; }
const char *wrong_name(unsigned wrong) { return wrong < WRONG_KINDS ? wrongs[wrong] : "?"; }

bool lane_used(unsigned lane, const struct world *w)
{
    if (w->vantage == 'b')
        return lane == LANE_UNKNOWN || lane == LANE_INFERRED;
    return lane != LANE_NEAR || w->vantage != 'm';
}

void observer_start(struct observer *o)
{
    static const uint16_t port[2] = { 40000, 80 };
    memset(o, 0, sizeof *o);
    for (unsigned i = 0; i < LANES; i++)
        tcpfsm_open(&o->lane[i].connection, false, port);
}

void set_write(uint16_t set, unsigned shown, char *text, unsigned size)
{
    unsigned used = 0;
    text[0] = 0;
    for (unsigned s = 0; s < TCPFSM_STATES; s++)
        if ((set & TCPFSM_BIT(s)) && used < size)
            used += (unsigned)snprintf(text + used, size - used, "%s%s%s", used ? " " : "", s == shown ? "*" : "",
                                       tcpfsm_state_name(s));
}

/* bit_of: the engine's bit for a state of the model, matched by name. */
static uint16_t bit_of(unsigned state)
{
    static uint16_t known[RFC_STATES];
    if (!known[state])
        for (unsigned s = 0; s < TCPFSM_STATES; s++)
            if (!strcmp(tcpfsm_state_name(s), rfc_state_name(state)))
                known[state] = TCPFSM_BIT(s);
    return known[state];
}

uint16_t observer_truth(const struct world *w, unsigned end)
{
    return w->toggled[end] ? bit_of(RFC_CLOSED) | bit_of(RFC_LISTEN) : bit_of(w->end[end].state);
}

static void convert(const struct capture *c, uint32_t frame, struct tcpfsm_segment *s)
{
    memset(s, 0, sizeof *s);
    s->time = c->time;
    s->frame = frame;
    s->seq = c->segment.seq;
    s->ack = c->segment.ack;
    s->len = c->segment.len;
    s->flags = c->segment.flags; /* the numbers of section 3.1 on both sides */
    s->window = c->segment.window;
    s->ip_id = c->ip_id;
    s->ttl = c->ttl;
    s->has = TCPFSM_HAS_IP_ID | TCPFSM_HAS_TTL | TCPFSM_HAS_LENGTH;
    s->from = c->from;
    s->digest = s->seq * 31u + s->ack * 131u + s->len * 7u + s->flags;
}

static void run(struct lane *l, unsigned kind, const struct world *w, const struct tcpfsm_segment *s, unsigned client,
                struct tcpfsm_result *out)
{
    struct tcpfsm_config config = tcpfsm_config_default();
    unsigned near = w->vantage == 's';
    if (kind == LANE_BETWEEN)
        config.vantage = TCPFSM_VANTAGE_BETWEEN;
    if (kind == LANE_NEAR)
        config.vantage = near == client ? TCPFSM_VANTAGE_NEAR_0 : TCPFSM_VANTAGE_NEAR_1;
    memset(out, 0, sizeof *out);
    tcpfsm_segment(&l->connection, s, &config, kind == LANE_INFERRED ? &l->path : NULL, false, out);
}

/* feed: the preference names the client; who that is the first segment decides. */
static void feed(struct lane *l, unsigned kind, const struct world *w, const struct tcpfsm_segment *s,
                 struct tcpfsm_result *out)
{
    unsigned client = l->started                                           ? l->client
                      : (s->flags & TCPFSM_SYN) && (s->flags & TCPFSM_ACK) ? 1u - s->from
                                                                           : s->from;
    run(l, kind, w, s, client, out);
    l->client = (uint8_t)tcpfsm_client(&l->connection);
    if (kind == LANE_NEAR && l->client != client)
        l->retired = true;
}

/* steps: every step an edge, each endpoint's steps a chain from the state shown before to the one shown now. */
static struct verdict steps(const struct lane *l, const struct tcpfsm_result *r)
{
    struct verdict v = { 0 };
    for (unsigned end = 0; end < 2; end++) {
        unsigned at = l->last.state[end];
        bool free_start = !l->started || r->restarted;
        v.end = (uint8_t)end;
        for (unsigned i = 0; i < r->steps; i++) {
            const struct tcpfsm_step *s = &r->step[i];
            if (s->end != end)
                continue;
            v.event = s->event, v.from = s->from, v.to = s->to;
            if (!free_start && s->from != at)
                return v.wrong = WRONG_CHAIN, v;
            free_start = false;
            at = s->to;
            if (!edge_known(s->event, s->from, s->to))
                return v.wrong = WRONG_EDGE, v;
        }
        v.shown = r->state[end], v.from = (uint8_t)at, v.to = r->state[end];
        if (!free_start && at != r->state[end])
            return v.wrong = WRONG_CHAIN, v;
    }
    v.wrong = RIGHT;
    return v;
}

/* shape: what must hold of any result. */
static struct verdict shape(const struct lane *l, const struct tcpfsm_result *r)
{
    struct verdict v = steps(l, r);
    if (v.wrong)
        return v;
    bool differs = r->steps != 0;
    for (unsigned end = 0; end < 2; end++) {
        v.end = (uint8_t)end, v.shown = r->state[end], v.possible = r->possible[end];
        if (r->state[end] >= TCPFSM_STATES || !(r->possible[end] & TCPFSM_BIT(r->state[end])) ||
            (r->possible[end] & ~TCPFSM_SET_ALL))
            return v.wrong = WRONG_DISPLAY, v;
        differs |= !l->started || r->state[end] != l->last.state[end] || r->possible[end] != l->last.possible[end];
        if (r->copy_of && l->started &&
            (r->steps || r->state[end] != l->last.state[end] || r->possible[end] != l->last.possible[end]))
            return v.wrong = WRONG_CHANGED, v;
    }
    if (differs && !r->changed)
        return v.wrong = WRONG_CHANGED, v;
    v.wrong = RIGHT;
    return v;
}

static struct sharpness sharp[LANES][2];

struct sharpness observer_sharpness(unsigned lane, bool near) { return sharp[lane][near]; }

static void measure(const struct lane *l, unsigned lane, const struct verdict *v, uint16_t truth)
{
    struct sharpness *s = &sharp[lane][v->near];
    unsigned members = 0;
    for (unsigned set = v->possible; set; set &= set - 1)
        members++;
    s->judged++;
    s->certain += members == 1;
    s->display += (TCPFSM_BIT(l->last.state[v->end]) & truth) != 0;
    s->members += members;
}

static struct verdict judge(const struct lane *l, unsigned lane, const struct world *w, unsigned end)
{
    struct verdict v = { 0 };
    enum judged judged = world_judged(w, end);
    uint16_t truth = observer_truth(w, end);
    v.end = (uint8_t)end, v.truth = w->end[end].state, v.shown = l->last.state[end], v.possible = l->last.possible[end];
    v.near = world_near(w, end), v.flying = world_flying(w, end);
    if (judged == JUDGED_NOT)
        return v;
    if (v.possible & truth) {
        measure(l, lane, &v, truth);
        return v;
    }
    if (!(v.possible & (v.possible - 1)))
        v.wrong = WRONG_CERTAIN;
    else if (judged == JUDGED_FULL)
        v.wrong = WRONG_UNSOUND;
    return v;
}

/* look: one lane sees the captures of one action. */
static struct verdict look(struct lane *l, unsigned lane, const struct world *w, const struct sight *sight)
{
    struct verdict v = { 0 };
    for (unsigned i = 0; i < sight->count && !l->retired; i++) {
        struct tcpfsm_segment s;
        struct tcpfsm_result r;
        convert(&sight->capture[i], w->frames - sight->count + 1 + i, &s);
        feed(l, lane, w, &s, &r);
        if (l->retired)
            break;
        v = shape(l, &r);
        if (v.wrong)
            return v;
#ifdef MODEL_BLIND /* a deliberately wrong observer, to show that the model would notice */
        r.possible[0] = TCPFSM_BIT(r.state[0]);
        r.possible[1] = TCPFSM_BIT(r.state[1]);
#endif
        l->last = r;
        l->started = true;
    }
    for (unsigned end = 0; l->started && !l->retired && !v.wrong && end < 2; end++)
        v = judge(l, lane, w, end);
    return v;
}

static bool alike(const struct verdict *a, const struct verdict *b)
{
    return a->wrong == b->wrong && a->end == b->end && a->truth == b->truth && a->possible == b->possible &&
           a->event == b->event;
}

struct verdict observer_look(struct observer *o, const struct world *w, const struct sight *sight)
{
    struct verdict first = { 0 };
    for (unsigned lane = 0; lane < LANES; lane++) {
        struct lane *l = &o->lane[lane];
        if (!lane_used(lane, w) || l->retired)
            continue;
        struct verdict v = look(l, lane, w, sight);
        v.lane = (uint8_t)lane;
        if (v.wrong && !first.wrong)
            first = v;
        if (v.wrong && alike(&first, &v))
            first.lanes |= (uint8_t)(1u << lane);
    }
    first.shape = w->shape;
    return first;
}
