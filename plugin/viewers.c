/* viewers.c: each point of capture follows a 4-tuple by itself.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "viewers.h"
#include "grow.h"

static GHashTable *all;             /* number of a tuple -> struct viewers */

static void free_one(gpointer data)
{
    struct viewers *m = (struct viewers *)data;
    for (unsigned i = 0; i < SIGHTINGS_POINTS; i++)
        g_free(m->at[i]);
    g_free(m->whole);
    trail_free(&m->trail);
    g_free(m);
}

void viewers_close(void)
{
    g_clear_pointer(&all, g_hash_table_destroy);
    sightings_close();
}

struct viewers *viewers_find(uint32_t tuple)
{
    return all ? (struct viewers *)g_hash_table_lookup(all, GUINT_TO_POINTER(tuple)) : NULL;
}

/* viewer_at: what follows the tuple at a point. */
struct viewer *viewers_at(const struct passing *g, unsigned point)
{
    struct viewers *m = g->m;
    if (!m->at[point]) {
        m->at[point] = g_new0(struct viewer, 1);
        m->at[point]->number = UINT32_MAX;
        tcpfsm_open(&m->at[point]->engine, g->t->engine.self, g->t->engine.port);
    }
    return m->at[point];
}

/* connection_by: the connection of a tuple that a segment of this place belonged to while there was one point. */
static uint32_t connection_by(const struct tuple *t, uint32_t frame)
{
    uint32_t after;
    GROW_FIRST(after, t->connections, keep_connection(tuples_connection(t, middle))->first_frame <= frame);
    return after ? tuples_connection(t, after - 1) : UINT32_MAX;
}

/* recalled: a segment of the time when there was one point. */
static void recalled(void *data, const struct sighting *then)
{
    struct passing *g = (struct passing *)data;
    struct sighting s = *then;
    s.point = points_place(g->p, &g->m->trail, &s, g->t->flip) & 3u;
    s.of = connection_by(g->t, s.frame);
    trail_add(&g->m->trail, &s, 1, NULL);
}

/* viewers_begin: the tuple turns out to have several points. What has followed it so far becomes the first one's. */
void viewers_begin(struct passing *g)
{
    if (!all)
        all = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, free_one);
    g->m = g_new0(struct viewers, 1);
    g_hash_table_insert(all, GUINT_TO_POINTER(g->tuple), g->m);
    if (!g->t->connections)
        return;
    sightings_recall(g->tuple, recalled, g);
    unsigned point = g->m->trail.used ? g->m->trail.at[0].point : 0;
    struct viewer *v = viewers_at(g, point);
    v->engine = g->t->engine;
    v->diagnosis = g->t->diagnosis;
    v->number = tuples_connection(g->t, g->t->connections - 1);
}

/* beside: which endpoint a point is beside, as far as its answers show; -1: none, or not known. */
static int beside(const struct passing *g, unsigned point)
{
    const struct viewer *v = g->m->at[point];
    unsigned says = v ? (unsigned)tcpfsm_vantage(&v->engine) : TCPFSM_VANTAGE_UNKNOWN;
    return says == TCPFSM_VANTAGE_NEAR_0 ? 0 : says == TCPFSM_VANTAGE_NEAR_1 ? 1 : -1;
}

/* viewers_nearest: the point nearest to an endpoint. Until segments have gone both ways, where two points are is known
 * from the answers that each has captured. */
unsigned viewers_nearest(const struct passing *g, unsigned end)
{
    for (unsigned i = 0; i < 2 && g->p->count == 2 && !points_known(g->p); i++)
        if (beside(g, i) >= 0)
            return beside(g, i) == (int)end ? i : !i;
    return points_nearest(g->p, end ^ g->t->flip);
}

/* APART: two captures of a segment that are so far apart in time, nanoseconds, are of two points or by two clocks. */
static const int64_t APART = 10000000;

/* viewers_known: whether it is known which point is where, or at least that they are two, and where one of them is. */
bool viewers_known(const struct passing *g)
{
    if (g->m->joined || points_known(g->p))
        return true;
    if (!g->other || g->p->count > 2 || (beside(g, 0) < 0 && beside(g, 1) < 0))
        return false;
    return ABS(g->s->time - g->m->trail.at[g->other - 1].time) > APART;
}

/* viewers_sight: notes where the segment was captured, and where else. */
void viewers_sight(struct passing *g, uint32_t interface)
{
    int64_t expected[SIGHTINGS_POINTS] = {0};
    struct sighting here = sightings_of(g->s, g->order, interface);
    unsigned known = 0;
    trail_drop(&g->m->trail, g->s->frame, g->order);
    g->point = points_place(g->p, &g->m->trail, &here, g->t->flip);
    g->v = viewers_at(g, g->point);
    here.point = g->point & 3u;
    for (unsigned q = 0; q < g->p->count; q++)
        known += q != g->point && points_delay(g->p, q, g->point, here.from ^ g->t->flip, &expected[q]);
    g->other = trail_add(&g->m->trail, &here, g->p->count, known == g->p->count - 1 ? expected : NULL);
    const struct sighting *at = g->m->trail.at;
    for (uint32_t i = at[g->m->trail.used - 1].other; i && i != g->m->trail.used; i = at[i - 1].other)
        points_note(g->p, &at[i - 1], &at[g->m->trail.used - 1], g->t->flip);
    g->p->last[g->point] = g->s->time;
    g->p->frame[g->point] = g->s->frame;
}

/* perhaps: whether it is open that the segment was captured at this point: the file names no interfaces, this point's
 * capture comes first, and what its far end sent may be the one capture of a segment that was lost. */
static bool perhaps(const struct passing *g)
{
    return g->p->by == SIGHTINGS_LEADING && g->point == 0 && viewers_nearest(g, g->s->from) != 0;
}

/* viewers_take: gives the segment to what follows the tuple at its point. */
void viewers_take(struct passing *g, const struct tcpfsm_config *config, struct said *said)
{
    struct tcpfsm_segment s = *g->s;
    struct viewer *v = g->v;
    s.digest ^= g->tuple * 2654435761u ^ (g->point + 1) * 0x9e3779b1u;
    v->ended = diagnosis_outcome(&v->diagnosis, &v->engine);
    memcpy(v->letters, v->engine.history, sizeof v->letters);
    /* without a path: not beside this point */
    tcpfsm_segment(&v->engine, &s, config, perhaps(g) ? NULL : &g->p->path[g->point], g->t->flip, &said->engine);
    diagnosis_segment(&v->diagnosis, &v->engine, &s, config, &said->engine, &g->p->pair[g->point], g->t->flip,
                      &said->diagnosis);
    g->m->trail.at[g->m->trail.used - 1].copy = said->engine.copy_of != 0;
}
