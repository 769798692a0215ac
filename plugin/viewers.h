/* viewers.h: a 4-tuple captured at several points, as each of them sees it: with an engine and a diagnosis of its own.
 * For merged.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_VIEWERS_H
#define TCPFSM_VIEWERS_H

#include "keep.h"
#include "points.h"

/* A 4-tuple as one point sees it. */
struct viewer {
    struct diagnosis diagnosis;
    struct tcpfsm_connection engine;
    uint32_t number;                /* of the connection it is in; UINT32_MAX: none yet */
    enum tcpfsm_outcome ended;      /* how that had gone, before the segment that is looked at */
    uint8_t letters[6];
};

/* All of them. */
struct viewers {
    struct trail trail;
    struct viewer *at[SIGHTINGS_POINTS];
    struct whole *whole;            /* the connections, put together: see merged.c */
    uint32_t wholes, room;
    /* it is known which point is where, since the segment at this place */
    bool joined;
    uint32_t joined_in;
    unsigned joined_order;
};

/* A segment under way through here. */
struct passing {
    struct viewers *m;
    struct tuple *t;
    struct points *p;
    const struct tcpfsm_segment *s;
    struct viewer *v;
    uint32_t tuple;
    unsigned order, point;
    uint32_t other;                 /* number of the same segment elsewhere plus one; 0: none */
};

/* viewers_find: those of a tuple; NULL: it was captured at one point so far. viewers_begin: the tuple turns out to have
 * several: fills g->m. What has followed it so far becomes the first point's. viewers_at: the one at a point. */
struct viewers *viewers_find(uint32_t tuple);
void viewers_begin(struct passing *g);
struct viewer *viewers_at(const struct passing *g, unsigned point);

/* viewers_nearest: the point nearest to an endpoint. viewers_known: whether it is known which point is where, or at
 * least that they are two, and where one of them is. */
unsigned viewers_nearest(const struct passing *g, unsigned end);
bool viewers_known(const struct passing *g);

/* viewers_sight: finds out where the segment was captured, and where else: fills g->point, g->v and g->other.
 * viewers_take: gives it to what follows the tuple at its point. */
void viewers_sight(struct passing *g, uint32_t interface);
void viewers_take(struct passing *g, const struct tcpfsm_config *config, struct said *said);

/* viewers_close: forgets all. */
void viewers_close(void);

#endif
