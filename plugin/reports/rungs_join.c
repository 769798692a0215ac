/* rungs_join.c: a segment's captures beside its sender and beside its receiver become one.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/rungs_join.h"

/* of_client: a time at a point by the clock of the client's point. */
static int64_t of_client(const struct between *b, unsigned client, const struct sighting *s)
{
    int64_t offset, uncertainty;
    unsigned reference = b->nearest[client];
    if (s->point == reference || !points_offset(b->points, reference, s->point, &offset, &uncertainty))
        return s->time;
    return s->time - offset;
}

/* join: a rung from the sighting it was made of, `number`; false: it is part of another one. */
static bool join(struct rung *g, const struct between *b, unsigned client, uint32_t number)
{
    const struct sighting *s = &b->trail->at[number];
    unsigned sender = b->nearest[s->from], receiver = b->nearest[!s->from];
    struct between_way way;
    between_way(b, number, &way);
    g->merged = true;
    g->time = of_client(b, client, s);
    if (s->point == sender) {
        uint32_t other = trail_elsewhere(b->trail, number, receiver);
        g->departed = true;
        g->lost = way.lost;
        if (other) {
            const struct sighting *t = &b->trail->at[other - 1];
            g->arrived = true;
            g->arrived_frame = t->frame;
            g->arrived_order = t->order;
            g->arrived_time = of_client(b, client, t);
        }
        return true;
    }
    if (s->point != receiver || trail_elsewhere(b->trail, number, sender))
        return false;
    g->arrived = true;
    g->arrived_frame = g->frame;
    g->arrived_order = g->order;
    g->arrived_time = g->time;
    g->made = way.made;
    g->copied = s->copy;
    return true;
}

static int by_time(const void *a, const void *b)
{
    const struct rung *x = (const struct rung *)a, *y = (const struct rung *)b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return x->frame < y->frame ? -1 : x->frame > y->frame;
}

unsigned rungs_join(struct rung *g, unsigned n)
{
    struct between b;
    struct view v;
    unsigned left = 0;
    if (!n || !view_between(g->connection, &b) || b.nearest[0] == b.nearest[1])
        return n;
    view_last(&v, g->connection);
    for (unsigned i = 0; i < n; i++) {
        uint32_t number = trail_at(b.trail, g[i].frame, g[i].order);
        if (!number || join(&g[i], &b, v.client, number - 1))
            g[left++] = g[i];
    }
    qsort(g, left, sizeof *g, by_time);
    return left;
}

/* By time; what is sent at a moment comes before what arrives then. */
static int event_order(const void *a, const void *b)
{
    const struct rungs_event *x = (const struct rungs_event *)a, *y = (const struct rungs_event *)b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    if (x->arrival != y->arrival)
        return x->arrival ? 1 : -1;
    return x->rung < y->rung ? -1 : x->rung > y->rung;
}

struct rungs_event *rungs_events(const struct rung *g, unsigned n, unsigned *events)
{
    struct rungs_event *e = g_new0(struct rungs_event, 2 * n + 1);
    *events = 0;
    for (unsigned i = 0; i < n; i++) {
        if (!g[i].arrived || g[i].departed)
            e[(*events)++] = (struct rungs_event){.rung = i, .time = g[i].time};
        if (g[i].arrived)
            e[(*events)++] = (struct rungs_event){.rung = i, .arrival = true, .time = g[i].arrived_time};
    }
    qsort(e, *events, sizeof *e, event_order);
    for (unsigned i = 1; i < *events; i++)
        e[i].follows = e[i].arrival && e[i - 1].rung == e[i].rung;
    return e;
}
