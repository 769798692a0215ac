/* merged.c: one truth from several points of capture.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "merged.h"
#include "grow.h"
#include "marks.h"
#include "moment.h"
#include "viewers.h"

/* One connection as all of them see it. */
struct whole {
    struct tcpfsm_ends ends;
    uint32_t number, last_change;
    uint32_t iss;                   /* of its client */
    uint16_t noted;
    uint8_t found;                  /* what was reported of the way between the points: see between_found() */
    uint8_t entered, left;          /* points that have seen it begin, that have gone on to the next: a bit each */
    uint8_t said[TCPFSM_FINDINGS][2][SIGHTINGS_POINTS + 1];     /* findings by endpoint and point; last: kept */
};

/* whole_of: what is kept of connection `number`; added if it is new. */
static struct whole *whole_of(struct viewers *m, uint32_t number)
{
    for (uint32_t i = m->wholes; i--;)
        if (m->whole[i].number == number)
            return &m->whole[i];
    m->whole = (struct whole *)grow(m->whole, m->wholes, &m->room, sizeof *m->whole);
    m->whole[m->wholes] = (struct whole){.number = number};
    return &m->whole[m->wholes++];
}

/* iss_of: the ISS of the client of what a viewer follows; false: not known. */
static bool iss_of(const struct viewer *v, uint32_t *iss)
{
    struct tcpfsm_numbers n;
    tcpfsm_numbers(&v->engine, tcpfsm_client(&v->engine), &n);
    *iss = n.iss;
    return n.has_iss;
}

/* join: it is known which point is where: each endpoint goes on from what was displayed. */
static void join(struct passing *g)
{
    struct viewers *m = g->m;
    m->joined = true;
    m->joined_in = g->s->frame;
    m->joined_order = g->order;
    for (uint32_t i = 0; i < g->t->connections; i++) {
        uint32_t number = tuples_connection(g->t, i);
        struct whole *w = whole_of(m, number);
        struct history_change c;
        const struct history *h = &keep_connection(number)->history;
        if (!h->records)
            continue;
        history_get(h, h->records - 1, &c);
        w->ends = (struct tcpfsm_ends){{(uint8_t)c.state[0], (uint8_t)c.state[1]}, {c.possible[0], c.possible[1]}};
        w->noted = g->t->engine.note;
        w->last_change = c.frame;
    }
    for (uint32_t i = 0; i + 1 < m->trail.used; i++) {
        const struct sighting *s = &m->trail.at[i];
        struct viewer *v = m->at[s->point];
        if (!v || s->of == UINT32_MAX)
            continue;
        struct whole *w = whole_of(m, s->of);
        w->entered |= (uint8_t)(1u << s->point);
        v->number = s->of;
        iss_of(v, &w->iss);
    }
}

/* leave: a viewer goes on to the next connection; true: all have that saw it. */
static void leave(struct passing *g, uint32_t number)
{
    struct whole *w = whole_of(g->m, number);
    struct connection *c = keep_connection(number);
    unsigned client = tcpfsm_client(&g->v->engine);
    w->left |= (uint8_t)(1u << g->point);
    if (g->point == viewers_nearest(g, client) || w->left == w->entered) {
        bool open = g->v->ended == TCPFSM_OUTCOME_OPEN || g->v->ended == TCPFSM_OUTCOME_CLOSING;
        c->outcome = (uint8_t)(open ? TCPFSM_OUTCOME_REPLACED : g->v->ended);
        memcpy(c->letters, g->v->letters, sizeof c->letters);
    }
    if (w->left == w->entered)
        keep_gone(g->t, number, client, g->s, g->order);
}

/* newer: whether connection a of a tuple came after b; UINT32_MAX came before all. */
static bool newer(uint32_t a, uint32_t b)
{
    return b == UINT32_MAX || a > b;
}

/* choose: the connection that the segment belongs to. *began: a new one. A point that begins a connection looks whether
 * another has seen it begin: by its ISS, or by this very segment. */
static uint32_t choose(struct passing *g, const struct said *said, bool *began)
{
    struct viewer *v = g->v;
    uint32_t other = g->other ? g->m->trail.at[g->other - 1].of : UINT32_MAX, iss, number = UINT32_MAX;
    *began = false;
    if (v->number != UINT32_MAX && !said->engine.restarted)
        return v->number;
    bool known = iss_of(v, &iss);
    for (uint32_t i = 0; i < g->m->wholes && known && number == UINT32_MAX; i++)
        if (g->m->whole[i].iss == iss && newer(g->m->whole[i].number, v->number) &&
            !(g->m->whole[i].entered & 1u << g->point))
            number = g->m->whole[i].number;
    if (number == UINT32_MAX && other != UINT32_MAX && newer(other, v->number))
        number = other;
    if (number == UINT32_MAX) {
        number = keep_next(g->tuple, g->s, g->order);
        *began = true;
    }
    struct whole *w = whole_of(g->m, number);
    if (known)
        w->iss = iss;
    if (*began)
        w->ends = (struct tcpfsm_ends){{said->engine.before[0], said->engine.before[1]},
                                       {said->engine.possible_before[0], said->engine.possible_before[1]}};
    if (v->number != UINT32_MAX)
        leave(g, v->number);
    v->number = number;
    return number;
}

/* followed: which endpoints this point follows in a connection: those it is nearest to, and those whose own point has
 * not seen the connection begin. */
static unsigned followed(const struct passing *g, const struct whole *w)
{
    unsigned ends = 0;
    for (unsigned e = 0; e < 2; e++) {
        unsigned p = viewers_nearest(g, e);
        if (p == g->point || !(w->entered & 1u << p))
            ends |= 1u << e;
    }
    return ends;
}

/* is_beside: whether the point nearest to an endpoint is beside it: it answers at once there, or no router has counted
 * down the TTL of its segments. */
static bool is_beside(const struct passing *g, unsigned end)
{
    unsigned p = viewers_nearest(g, end);
    const struct viewer *at = g->m->at[p];
    unsigned says = at ? (unsigned)tcpfsm_vantage(&at->engine) : TCPFSM_VANTAGE_UNKNOWN;
    uint8_t ttl = g->p->path[p].ttl[end ^ g->t->flip];
    return says == TCPFSM_VANTAGE_BOTH || says == (end ? TCPFSM_VANTAGE_NEAR_1 : TCPFSM_VANTAGE_NEAR_0) || ttl == 64 ||
           ttl == 128 || ttl == 255;
}

/* vantage: where the points are: beside both ends, or as this one is. */
static unsigned vantage(const struct passing *g, const struct viewer *v)
{
    bool apart = viewers_nearest(g, 0) != viewers_nearest(g, 1);
    return apart && is_beside(g, 0) && is_beside(g, 1) ? TCPFSM_VANTAGE_BOTH : (unsigned)tcpfsm_vantage(&v->engine);
}

/* once: keeps of the findings those that no other point has made before: what two points see is one fact. */
static void once(const struct passing *g, struct whole *w, struct diagnosis_result *d)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < d->findings; i++) {
        const struct tcpfsm_finding *f = &d->finding[i];
        uint8_t *said = w->said[f->id][f->end & 1];
        if (said[g->point] < UINT8_MAX)
            said[g->point]++;
        if (said[g->point] <= said[SIGHTINGS_POINTS])
            continue;
        said[SIGHTINGS_POINTS] = said[g->point];
        d->finding[kept++] = *f;
    }
    d->findings = (uint8_t)kept;
}

/* between_of: the sightings of a tuple, and where its points are. */
static struct between between_of(const struct passing *g)
{
    return (struct between){.trail = &g->m->trail, .points = g->p, .flip = g->t->flip,
                            .nearest = {viewers_nearest(g, 0), viewers_nearest(g, 1)}};
}

/* leader: what follows a connection at the point nearest to its client, or else here. */
static const struct viewer *leader(const struct passing *g, uint32_t number)
{
    const struct viewer *v = g->m->at[viewers_nearest(g, tcpfsm_client(&g->v->engine))];
    return v && v->number == number ? v : g->v;
}

/* may_reach: a RST in a file that names no interfaces may have been made beside its receiver, where nothing else shows
 * it: its receiver may be reset. */
static void may_reach(struct passing *g, struct whole *w, const struct tcpfsm_config *config, struct tcpfsm_result *out)
{
    unsigned end = !g->s->from;
    struct viewer *v = g->m->at[viewers_nearest(g, end)];
    struct tcpfsm_segment s = *g->s;
    struct tcpfsm_result there, both;
    bool open = g->p->by != SIGHTINGS_ONE_PLACE && (s.flags & TCPFSM_RST) && !g->other;
    if (!open || !v || v == g->v || v->number != w->number)
        return;
    s.digest = 0;       /* it may yet be captured there */
    tcpfsm_segment(&v->engine, &s, config, NULL, g->t->flip, &there);
    tcpfsm_join(&w->ends, &there, 1u << end, &both);
    for (unsigned i = 0; i < both.steps && out->steps < TCPFSM_STEPS_MAX; i++)
        out->step[out->steps++] = both.step[i];
    out->state[end] = both.state[end];
    out->possible[end] = both.possible[end];
    out->changed |= both.changed;
}

/* put_together: what the segment means for the whole connection, and keeps that. */
static bool put_together(struct passing *g, const struct tcpfsm_config *config, struct said *said)
{
    bool began;
    uint32_t number = choose(g, said, &began);
    struct whole *w = whole_of(g->m, number);
    struct tcpfsm_result here = said->engine;
    const struct viewer *lead = leader(g, number);
    uint16_t brief = history_brief_at(&lead->engine, vantage(g, g->v));
    g->m->trail.at[g->m->trail.used - 1].of = number;
    tcpfsm_join(&w->ends, &here, began ? 3 : followed(g, w), &said->engine);
    may_reach(g, w, config, &said->engine);
    w->entered |= (uint8_t)(1u << g->point);
    said->engine.restarted = began;
    once(g, w, &said->diagnosis);
    struct between b = between_of(g);
    struct diagnosis_result *d = &said->diagnosis;
    d->findings += (uint8_t)between_found(&b, &w->found, d->finding + d->findings,
                                          TCPFSM_FINDINGS_MAX - d->findings);
    uint32_t other = g->other ? g->m->trail.at[g->other - 1].frame : here.copy_of;
    marks_note(g->s->frame, g->order, other, g->other ? 0 : said->diagnosis.silence,
               !g->other && said->diagnosis.suspicious);
    const struct keep k = {.t = g->t, .tuple = g->tuple, .number = number, .begin = began, .engine = &lead->engine,
                           .diagnosis = &lead->diagnosis, .brief = brief, .noted = &w->noted,
                           .last_change = &w->last_change, .s = g->s, .order = g->order, .said = said};
    return keep_segment(&k);
}

void merged_close(void) { viewers_close(); }

bool merged_segment(uint32_t tuple, const struct tcpfsm_segment *s, unsigned order, uint32_t interface,
                    const struct tcpfsm_config *config, bool *found)
{
    struct tuple *t = tuples_at(tuple);
    struct tuples_path *path = tuples_path(t);
    struct said said;
    if (!path->points)
        path->points = points_new(path->interface, &path->path, &path->pair);
    struct passing g = {.t = t, .p = path->points, .s = s, .tuple = tuple, .order = order,
                        .m = viewers_find(tuple)};
    if (!g.m)
        viewers_begin(&g);
    viewers_sight(&g, interface);
    viewers_take(&g, config, &said);
    if (!viewers_known(&g))
        return false;
    if (!g.other)
        keep_taken(t, &g.v->engine, s, said.engine.restarted || g.v->number == UINT32_MAX, &said);
    if (!g.m->joined)
        join(&g);
    *found = put_together(&g, config, &said);
    return true;
}

void merged_belongs(uint32_t tuple, uint32_t number)
{
    struct viewers *m = viewers_find(tuple);
    struct sighting *s = m ? &m->trail.at[m->trail.used - 1] : NULL;
    if (!s)
        return;
    s->of = s->other ? m->trail.at[s->other - 1].of : UINT32_MAX;
    if (s->of == UINT32_MAX)
        s->of = number;
    m->at[s->point]->number = s->of;
}

bool merged_unreachable(uint32_t tuple, const struct tcpfsm_segment *s, uint32_t seq, bool hard)
{
    struct viewers *m = viewers_find(tuple);
    struct tuple *t = tuples_at(tuple);
    if (!m || !m->joined)
        return false;
    struct passing g = {.m = m, .t = t, .p = tuples_path(t)->points, .s = s, .tuple = tuple, .order = MOMENT_QUOTE};
    struct said said;
    g.point = viewers_nearest(&g, s->from);
    g.v = m->at[g.point];
    if (!g.v || g.v->number == UINT32_MAX)
        return true;
    struct whole *w = whole_of(m, g.v->number);
    tcpfsm_unreachable(&g.v->engine, s->from, seq, hard, s->frame, s->time, &said.engine);
    diagnosis_unreachable(&g.v->diagnosis, &g.v->engine, s->from, seq, s->frame, s->time, &said.diagnosis);
    struct tcpfsm_result here = said.engine;
    tcpfsm_join(&w->ends, &here, followed(&g, w), &said.engine);
    once(&g, w, &said.diagnosis);
    const struct keep k = {.t = t, .tuple = tuple, .number = w->number, .engine = &g.v->engine,
                           .diagnosis = &g.v->diagnosis, .brief = w->noted, .noted = &w->noted,
                           .last_change = &w->last_change, .s = s, .order = MOMENT_QUOTE, .said = &said};
    keep_segment(&k);
    return true;
}

bool merged_between(uint32_t tuple, struct between *b)
{
    struct viewers *m = viewers_find(tuple);
    struct tuple *t = tuples_at(tuple);
    if (!m || !m->joined)
        return false;
    struct passing g = {.m = m, .t = t, .p = tuples_path(t)->points};
    *b = between_of(&g);
    return b->nearest[0] != b->nearest[1];
}

/* What lies before the place where it became known which point is where is displayed as on the first visit. */
bool merged_find(uint32_t tuple, uint32_t frame, unsigned order, uint32_t *number)
{
    const struct viewers *m = viewers_find(tuple);
    if (!m || !m->joined || frame < m->joined_in || (frame == m->joined_in && order < m->joined_order))
        return false;
    uint32_t i = trail_at(&m->trail, frame, order);
    if (!i || m->trail.at[i - 1].of == UINT32_MAX)
        return false;
    *number = m->trail.at[i - 1].of;
    return true;
}

bool merged_engine(uint32_t tuple, uint32_t number, const struct tcpfsm_connection **engine,
                   const struct diagnosis **diagnosis)
{
    const struct viewers *m = viewers_find(tuple);
    if (!m || !m->joined)
        return false;
    struct tuple *t = tuples_at(tuple);
    struct passing g = {.m = (struct viewers *)(uintptr_t)m, .t = t, .p = tuples_path(t)->points};
    for (unsigned i = 0; i < SIGHTINGS_POINTS; i++) {
        struct viewer *v = m->at[i];
        if (!v || v->number != number || (*engine && i != viewers_nearest(&g, tcpfsm_client(&v->engine))))
            continue;
        *engine = &v->engine;
        *diagnosis = &v->diagnosis;
    }
    return *engine != NULL;
}
