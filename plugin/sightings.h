/* sightings.h: segments as they were captured, to find the same segment at another point of capture.
 *
 * Of a capture with one point the last SIGHTINGS_KEPT segments are remembered, in case another point turns up whose
 * clock is behind. From then on every segment of a 4-tuple that was captured at several points is kept, in its trail.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_SIGHTINGS_H
#define TCPFSM_SIGHTINGS_H

#include "compat.h"
#include "engine/tcpfsm.h"

enum { SIGHTINGS_KEPT = 1 << 15, SIGHTINGS_POINTS = 3, SIGHTINGS_NONE = 0 };

/* One segment at one point. */
struct sighting {
    int64_t time;               /* nanoseconds */
    uint32_t frame;
    uint32_t of;                /* number of its connection; among the last segments: of its tuple */
    uint32_t seq, ack, len, digest;
    uint32_t interface;         /* see hook.h */
    /* the same segment at another point: its number in the trail plus one. With three points they form a ring; 0:
     * captured here only */
    uint32_t other;
    uint16_t ip_id, window;
    uint8_t flags, has, ttl;
    uint8_t from : 1, order : 7;
    uint8_t point : 2;
    uint8_t copy : 1;           /* its point captured it twice, or the network duplicated it: not the first */
    uint8_t said : 1;           /* a finding has been made of it */
    uint8_t changed : 1;        /* it differs from its first sighting in more than the TTL */
};

/* The sightings of one 4-tuple, in the order of the file. Zero is a good start. */
struct trail {
    struct sighting *at;
    uint32_t used, room;
    bool third;                 /* a third point has been seen */
    uint32_t changed;           /* the first that a device between has changed: its number plus one; 0: none */
    /* those that have not been captured elsewhere yet, by point and endpoint: numbers in at[] */
    struct trail_queue { uint32_t *at; uint32_t head, used, room; } open[SIGHTINGS_POINTS][2];
};

/* sightings_of: *s as it was captured. Before the engine sees it. */
struct sighting sightings_of(const struct tcpfsm_segment *s, unsigned order, uint32_t interface);

/* sightings_note: remembers a segment of a tuple that has one point so far. */
void sightings_note(uint32_t tuple, const struct tcpfsm_segment *s, unsigned order, uint32_t interface);

/* sightings_recall: the segments of a tuple that are remembered, the oldest first: calls `each` for every one. */
void sightings_recall(uint32_t tuple, void (*each)(void *data, const struct sighting *), void *data);

/* What the two captures of one segment say of a file that does not name interfaces. */
enum sightings_copy { SIGHTINGS_ONE_PLACE, SIGHTINGS_BY_SENDER, SIGHTINGS_LEADING };

/* sightings_copied: *s is the same segment as the one in frame `first`. ONE_PLACE: within a few milliseconds, as one
 * capture makes copies. LEADING: what was sent in answer to it lies between the two: all of another point's capture
 * comes first, by its clock. BY_SENDER: the first was captured nearer to its sender. */
enum sightings_copy sightings_copied(uint32_t tuple, const struct tcpfsm_segment *s, uint32_t first);

/* sightings_close: forgets all. */
void sightings_close(void);

/* trail_add: adds a sighting at its point, of so many points, and finds the same segment at another point; returns that
 * one's number plus one, or 0. expected[q]: by how many nanoseconds this point captures later than point q what this
 * endpoint sends: it decides where several segments are alike; NULL: not known. */
uint32_t trail_add(struct trail *t, const struct sighting *s, unsigned points, const int64_t *expected);

/* trail_waits: whether the trail has the same segment at point `point`, and there only. */
bool trail_waits(const struct trail *t, const struct sighting *s, unsigned point);

/* trail_at: the number of the sighting at a place plus one; 0: there is none. */
uint32_t trail_at(const struct trail *t, uint32_t frame, unsigned order);

/* trail_elsewhere: the number, plus one, of the same segment at point `point`; 0: it was not captured there. */
uint32_t trail_elsewhere(const struct trail *t, uint32_t number, unsigned point);

/* trail_drop: forgets what lies at or after a place. trail_free: forgets all. */
void trail_drop(struct trail *t, uint32_t frame, unsigned order);
void trail_free(struct trail *t);

#endif
