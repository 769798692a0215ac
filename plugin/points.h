/* points.h: which points of capture a pair of addresses was captured at, and which of them is nearer to which.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_POINTS_H
#define TCPFSM_POINTS_H

#include "sightings.h"
#include "diagnosis/diagnosis.h"

/* What is known of a pair of addresses that was captured at several points. Endpoints: address 0 and 1 of the pair. */
struct points {
    unsigned count;                     /* of points, at most SIGHTINGS_POINTS */
    /* how points are told apart: ONE_PLACE: by interface. BY_SENDER: point 0 is nearer to address 0. LEADING: point 0's
     * capture comes first */
    enum sightings_copy by;
    uint32_t interface[SIGHTINGS_POINTS];
    struct tcpfsm_delays delays[SIGHTINGS_POINTS];      /* from point 0 to 1, 0 to 2, 1 to 2 */
    struct tcpfsm_path path[SIGHTINGS_POINTS];          /* what each point alone has shown */
    struct diagnosis_pair pair[SIGHTINGS_POINTS];
    int64_t last[SIGHTINGS_POINTS];     /* capture time of the last segment there, */
    uint32_t frame[SIGHTINGS_POINTS];   /* and its frame */
};

/* points_new: of a pair whose segments have all come from this interface so far. To be freed with g_free(). */
struct points *points_new(uint32_t interface, const struct tcpfsm_path *path, const struct diagnosis_pair *pair);

/* points_at: the number of the point that captures on this interface; a new one, if there is room. */
unsigned points_at(struct points *p, uint32_t interface);

/* points_copied: the file has segments twice and names no interfaces: there are two points. */
void points_copied(struct points *p, enum sightings_copy by);

/* points_place: the point at which a sighting was made, of a trail that does not have it yet. */
unsigned points_place(struct points *p, const struct trail *t, const struct sighting *s, bool flip);

/* points_note: the segment *a was captured at another point too: as *b. `flip`: the endpoints of the sightings are
 * numbered the other way round than the addresses of the pair. */
void points_note(struct points *p, const struct sighting *a, const struct sighting *b, bool flip);

/* points_delay: by how many nanoseconds point b captures later than point a what address `from` sends, at least; false:
 * not known. */
bool points_delay(const struct points *p, unsigned a, unsigned b, unsigned from, int64_t *delay);

/* points_nearest: the point nearest to address `at`. points_known: whether two points are known to be at different
 * places: until then nothing is followed by points. */
unsigned points_nearest(const struct points *p, unsigned at);
bool points_known(const struct points *p);

/* points_offset: by how many nanoseconds the clock of point b is ahead of that of point a, right to *uncertainty;
 * false: not known. */
bool points_offset(const struct points *p, unsigned a, unsigned b, int64_t *offset, int64_t *uncertainty);

#endif
