/* history.c: changes, steps and findings of a connection, packed.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "history.h"
#include "grow.h"
#include "pool.h"

enum { BACK_MAX = 65535 };

static struct pool lists = {.size = sizeof(struct history_finding *)};

void history_open(void)
{
    history_close();
}

static struct history_finding **list_of(uint32_t number)
{
    return (struct history_finding **)pool_at(&lists, number);
}

void history_close(void)
{
    for (uint32_t i = 0; i < lists.count; i++)
        g_free(*list_of(i));
    pool_clear(&lists);
}

void history_free(struct history *h)
{
    g_free(h->record);
    *h = (struct history){0};
}

size_t history_size(void)
{
    return sizeof(struct history_record);
}

/* A packed step: end 1 bit, from 4, to 4, event 7. */
static uint16_t step_pack(struct tcpfsm_step s)
{
    return (uint16_t)((s.end & 1u) | (s.from & 15u) << 1 | (s.to & 15u) << 5 | (s.event & 127u) << 9);
}

struct tcpfsm_step history_step(const struct history *h, uint32_t i, unsigned j)
{
    unsigned s = h->record[i].step[j];
    return (struct tcpfsm_step){.end = s & 1u, .from = s >> 1 & 15u, .to = s >> 5 & 15u, .event = (uint8_t)(s >> 9)};
}

/* A packed brief: phase 3 bits, client 1, role 2, vantage 3. */
enum { CLIENT_SHIFT = 3, ROLE_SHIFT = 4, VANTAGE_SHIFT = 6 };

uint16_t history_brief_at(const struct tcpfsm_connection *e, unsigned vantage)
{
    return (uint16_t)((unsigned)tcpfsm_phase(e) | (tcpfsm_client(e) & 1u) << CLIENT_SHIFT |
                      (unsigned)tcpfsm_role(e) << ROLE_SHIFT | vantage << VANTAGE_SHIFT);
}

uint16_t history_brief(const struct tcpfsm_connection *e)
{
    return history_brief_at(e, tcpfsm_vantage(e));
}

static unsigned state_of(const struct history_record *r, unsigned end)
{
    return end ? r->state1 : r->state0;
}

static bool lies_before(const struct history_record *r, uint32_t frame, unsigned order)
{
    return r->frame < frame || (r->frame == frame && r->order < order);
}

bool history_drop(struct history *h, uint32_t frame, unsigned order, bool began[2])
{
    bool dropped = false;
    for (; h->records && !lies_before(&h->record[h->records - 1], frame, order); h->records--) {
        began[0] |= h->record[h->records - 1].back[0] == 0;
        began[1] |= h->record[h->records - 1].back[1] == 0;
        dropped = true;
    }
    while (h->findings) {
        const struct history_finding *f = &history_findings(h)[h->findings - 1];
        if (f->frame < frame || (f->frame == frame && f->order < order))
            break;
        h->findings--;
    }
    return dropped;
}

void history_find(struct history *h, const struct tcpfsm_finding *finding, uint32_t frame, unsigned order)
{
    if (!h->list) {
        pool_add(&lists);
        h->list = lists.count;
    }
    struct history_finding **list = list_of(h->list - 1);
    if ((h->findings & (h->findings - 1)) == 0)     /* room for the next power of two */
        *list = g_renew(struct history_finding, *list, MAX((size_t)h->findings * 2, 1));
    (*list)[h->findings++] = (struct history_finding){*finding, frame, order};
}

static void record_add(struct history *h, const struct history_record *r)
{
    uint32_t step = grow_step(h->records);
    if (step)
        h->record = g_renew(struct history_record, h->record, h->records + step);
    h->record[h->records++] = *r;
}

/* record_of: everything but the steps. */
static struct history_record record_of(const struct history_entry *e)
{
    const struct tcpfsm_result *out = e->out;
    return (struct history_record){.time = e->time,
                                   .frame = e->frame,
                                   .possible = {out->possible[0], out->possible[1]},
                                   .state0 = out->state[0] & 15u,
                                   .state1 = out->state[1] & 15u,
                                   .order = e->order & 127u,
                                   .phase = history_phase(e->brief) & 7u,
                                   .client = e->brief >> CLIENT_SHIFT & 1u,
                                   .role = e->brief >> ROLE_SHIFT & 3u,
                                   .vantage = e->brief >> VANTAGE_SHIFT & 7u,
                                   .outcome = (unsigned)e->outcome & 15u,
                                   .closed_by = (unsigned)(tcpfsm_closed_by(e->engine) + 1) & 3u,
                                   .reset_by = (unsigned)(tcpfsm_reset_by(e->engine) + 1) & 3u};
}

/* record_back: how far back each endpoint's state began. */
static void record_back(struct history_record *r, const struct history_record *before, const struct tcpfsm_result *out,
                        const bool began[2])
{
    bool moved[2] = {began[0] || !before, began[1] || !before};
    for (unsigned i = 0; i < out->steps; i++)
        moved[out->step[i].end & 1] = true;
    for (unsigned e = 0; e < 2; e++)
        if (!moved[e] && state_of(before, e) == out->state[e])
            r->back[e] = (uint16_t)MIN(before->back[e] + 1u, (unsigned)BACK_MAX);
}

void history_add(struct history *h, const struct history_entry *e, const bool began[2])
{
    const struct history_record *before = h->records ? &h->record[h->records - 1] : NULL;
    const struct tcpfsm_result *out = e->out;
    struct history_record r = record_of(e);
    bool known = before && before->reset_by && before->reset_by == r.reset_by;  /* what the RST found does not change */
    r.at_reset0 = (known ? before->at_reset0 : tcpfsm_at_reset(e->engine, 0)) & 15u;
    r.at_reset1 = (known ? before->at_reset1 : tcpfsm_at_reset(e->engine, 1)) & 15u;
    record_back(&r, before, out, began);
    unsigned done = 0;
    do {
        for (r.steps = 0; done < out->steps && r.steps < HISTORY_STEPS; r.steps++)
            r.step[r.steps] = step_pack(out->step[done++]);
        record_add(h, &r);
        for (unsigned end = 0; end < 2; end++)
            if (r.back[end] && r.back[end] < BACK_MAX)
                r.back[end]++;
    } while (done < out->steps);
}

void history_get(const struct history *h, uint32_t i, struct history_change *c)
{
    const struct history_record *r = &h->record[i];
    *c = (struct history_change){.time = r->time, .frame = r->frame, .order = r->order, .state = {r->state0, r->state1},
                                 .possible = {r->possible[0], r->possible[1]}, .client = r->client, .role = r->role,
                                 .phase = r->phase, .vantage = r->vantage, .outcome = r->outcome,
                                 .closed_by = r->closed_by, .reset_by = r->reset_by,
                                 .at_reset = {r->at_reset0, r->at_reset1}, .steps = r->steps};
}


uint32_t history_upto(const struct history *h, uint32_t frame, unsigned order)
{
    uint32_t low;
    GROW_FIRST(low, h->records, lies_before(&h->record[middle], frame, order + 1));
    return low;
}

uint32_t history_first(const struct history *h, uint32_t i)
{
    const struct history_record *r = &h->record[i];
    while (i && h->record[i - 1].frame == r->frame && h->record[i - 1].order == r->order)
        i--;
    return i;
}

uint32_t history_next(const struct history *h, uint32_t i, uint32_t frame)
{
    while (i < h->records && h->record[i].frame == frame)
        i++;
    while (i < h->records && !h->record[i].steps)
        i++;    /* a set alone is no change of state */
    return i < h->records ? h->record[i].frame : 0;
}

uint32_t history_began(const struct history *h, uint32_t i, unsigned end)
{
    while (h->record[i].back[end] == BACK_MAX)
        i -= BACK_MAX;
    return i - h->record[i].back[end];
}

const struct history_finding *history_findings(const struct history *h)
{
    return h->list ? *list_of(h->list - 1) : NULL;
}

const struct history_finding *history_findings_at(const struct history *h, uint32_t frame, unsigned order, unsigned *n)
{
    const struct history_finding *f = history_findings(h);
    uint32_t low, after;
    *n = 0;
    if (!h->findings)
        return NULL;
    GROW_FIRST(low, h->findings, f[middle].frame < frame || (f[middle].frame == frame && f[middle].order < order));
    for (after = low; after < h->findings && f[after].frame == frame && f[after].order == order;)
        after++;
    *n = after - low;
    return f + low;
}
