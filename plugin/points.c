/* points.c: the order of points of capture along the way between two addresses.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "points.h"

struct points *points_new(uint32_t interface, const struct tcpfsm_path *path, const struct diagnosis_pair *pair)
{
    struct points *p = g_new0(struct points, 1);
    p->count = 1;
    p->interface[0] = interface;
    p->path[0] = *path;
    p->pair[0] = *pair;
    return p;
}

unsigned points_at(struct points *p, uint32_t interface)
{
    for (unsigned i = 0; i < p->count; i++)
        if (p->interface[i] == interface)
            return i;
    if (p->count == SIGHTINGS_POINTS)
        return SIGHTINGS_POINTS - 1;
    p->interface[p->count] = interface;
    p->path[p->count].copies = p->path[0].copies;
    return p->count++;
}

void points_copied(struct points *p, enum sightings_copy by)
{
    p->by = by;
    p->count = 2;
    p->path[1].copies = p->path[0].copies;
    if (by == SIGHTINGS_BY_SENDER)
        p->path[1] = p->path[0] = (struct tcpfsm_path){.copies = p->path[0].copies};  /* what was learned is of both */
}

unsigned points_place(struct points *p, const struct trail *t, const struct sighting *s, bool flip)
{
    unsigned first = s->from ^ (flip ? 1u : 0u);
    if (p->by == SIGHTINGS_ONE_PLACE)
        return points_at(p, s->interface);
    if (p->by == SIGHTINGS_LEADING)
        first = 0;
    return trail_waits(t, s, first) ? !first : first;
}

/* between: the delays from the lower to the higher of two points. */
static const struct tcpfsm_delays *between(const struct points *p, unsigned a, unsigned b)
{
    return &p->delays[a + b - 1];
}

void points_note(struct points *p, const struct sighting *a, const struct sighting *b, bool flip)
{
    if (a->point > b->point) {
        const struct sighting *other = a;
        a = b;
        b = other;
    }
    if (a->point == b->point)
        return;
    tcpfsm_delay_note(&p->delays[a->point + b->point - 1], a->from ^ (flip ? 1u : 0u), b->time - a->time,
                      a->has & b->has & TCPFSM_HAS_TTL ? a->ttl - b->ttl : 0);
}

bool points_delay(const struct points *p, unsigned a, unsigned b, unsigned from, int64_t *delay)
{
    const struct tcpfsm_delays *d = between(p, a, b);
    *delay = a < b ? d->least[from] : -d->most[from];
    return d->count[from] > 0;
}

/* nearer: the address that point a is nearer to than point b is; -1: not known. */
static int nearer(const struct points *p, unsigned a, unsigned b)
{
    int at = tcpfsm_nearer(between(p, a, b));
    return at < 0 || a < b ? at : !at;
}

unsigned points_nearest(const struct points *p, unsigned at)
{
    unsigned best = 0;
    for (unsigned i = 1; i < p->count; i++)
        if (nearer(p, i, best) == (int)at)
            best = i;
    return best;
}

bool points_known(const struct points *p)
{
    for (unsigned a = 0; a < p->count; a++)
        for (unsigned b = a + 1; b < p->count; b++)
            if (nearer(p, a, b) >= 0)
                return true;
    return false;
}

bool points_offset(const struct points *p, unsigned a, unsigned b, int64_t *offset, int64_t *uncertainty)
{
    const struct tcpfsm_delays *d = between(p, a, b);
    *offset = tcpfsm_offset(d, uncertainty);
    if (a > b)
        *offset = -*offset;
    return tcpfsm_nearer(d) >= 0;
}
