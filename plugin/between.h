/* between.h: what happened between two points of capture: what was lost, made and changed there.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_BETWEEN_H
#define TCPFSM_BETWEEN_H

#include "points.h"

/* A tuple's sightings, and where its points are. */
struct between {
    struct trail *trail;
    const struct points *points;
    bool flip;                  /* endpoint 0 is address 1 of the pair */
    unsigned nearest[2];        /* the point nearest to each endpoint */
};

/* How a segment came from point to point. */
struct between_way {
    unsigned side;              /* its point is the one nearest to endpoint 0 or 1; 2: between */
    bool lost;                  /* captured beside its sender, and not beside its receiver, which still captured */
    /* captured beside its receiver, and not beside its sender, which still captured; nor a duplicate that the network
     * made of another */
    bool made;
    bool changed;               /* more than its TTL differs between the points */
    uint32_t elsewhere;         /* a frame that holds the same segment at another point; 0: none */
};

/* between_way: of sighting `number` of the trail. What is lost or made is known once the file has been read. */
void between_way(const struct between *b, uint32_t number, struct between_way *way);

/* What one direction of a connection shows between the two points nearest to its ends. */
struct between_sum {
    uint32_t sent, arrived;     /* segments captured beside the sender; of them, beside the receiver */
    uint32_t lost, made, changed;
    uint32_t made_rst;          /* RSTs among those made between */
    uint32_t first_lost, first_made, first_changed;     /* frames; 0: none */
    /* how long segments took, nanoseconds, after the difference of the clocks; of all that arrived */
    int64_t least, most, median;
};

/* between_sum: of what endpoint `from` sent in connection `number`. */
void between_sum(const struct between *b, uint32_t number, unsigned from, struct between_sum *sum);

/* between_found: what the newest sighting shows to have happened: at most `room` findings into *found; how many.
 * `said`: a bit for each kind that has been reported of this connection, which it brings up to date. */
unsigned between_found(const struct between *b, uint8_t *said, struct tcpfsm_finding *found, unsigned room);

#endif
