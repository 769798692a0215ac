/* sightings.c: the same segment at another point of capture (DESIGN rule 5).
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "sightings.h"
#include "grow.h"

/* A match removes what waits before it but for so many: those may have been overtaken. */
enum { TRAIL_OVERTAKEN = 32, TRAIL_SEARCHED = 4096 };

/* Copies that one capture makes of a burst come within so many nanoseconds (DESIGN rule 5). */
static const int64_t SIGHTINGS_BURST = 3000000;

/* The last segments of a capture that has shown one point: a ring, which grows up to SIGHTINGS_KEPT. */
static struct { struct sighting *at; uint32_t used, room, next; } last;

struct sighting sightings_of(const struct tcpfsm_segment *s, unsigned order, uint32_t interface)
{
    return (struct sighting){.time = s->time, .frame = s->frame, .seq = s->seq, .ack = s->ack, .len = s->len,
                             .digest = s->digest, .interface = interface, .ip_id = s->ip_id, .window = s->window,
                             .flags = (uint8_t)s->flags, .has = s->has, .ttl = s->ttl, .from = s->from & 1,
                             .order = order & 127u};
}

void sightings_note(uint32_t tuple, const struct tcpfsm_segment *s, unsigned order, uint32_t interface)
{
    if (last.used < SIGHTINGS_KEPT)
        last.at = (struct sighting *)grow(last.at, last.used, &last.room, sizeof *last.at);
    struct sighting *at = &last.at[last.next];
    *at = sightings_of(s, order, interface);
    at->of = tuple;
    last.used = MAX(last.used, last.next + 1);
    last.next = (last.next + 1) % SIGHTINGS_KEPT;
}

void sightings_recall(uint32_t tuple, void (*each)(void *data, const struct sighting *), void *data)
{
    uint32_t first = last.used < SIGHTINGS_KEPT ? 0 : last.next;
    for (uint32_t i = 0; i < last.used; i++) {
        const struct sighting *s = &last.at[(first + i) % SIGHTINGS_KEPT];
        if (s->of == tuple)
            each(data, s);
    }
}

/* kept: the i-th of the last segments, from the oldest. */
static const struct sighting *kept(uint32_t i)
{
    return &last.at[((last.used < SIGHTINGS_KEPT ? 0 : last.next) + i) % SIGHTINGS_KEPT];
}

enum sightings_copy sightings_copied(uint32_t tuple, const struct tcpfsm_segment *s, uint32_t first)
{
    uint32_t i;
    GROW_FIRST(i, last.used, kept(middle)->frame < first);
    while (i < last.used && kept(i)->frame == first && kept(i)->of != tuple)
        i++;
    if (i >= last.used || kept(i)->frame != first || ABS(s->time - kept(i)->time) < SIGHTINGS_BURST)
        return SIGHTINGS_ONE_PLACE;
    uint32_t end = s->seq + s->len + !!(s->flags & TCPFSM_SYN) + !!(s->flags & TCPFSM_FIN);
    for (i++; i < last.used; i++) {
        const struct sighting *k = kept(i);
        if (k->of == tuple && k->from != s->from && (k->flags & TCPFSM_ACK) && k->ack == end)
            return SIGHTINGS_LEADING;
    }
    return SIGHTINGS_BY_SENDER;
}

void sightings_close(void)
{
    g_free(last.at);
    memset(&last, 0, sizeof last);
}

/* identified: an IP ID that tells one datagram from another (RFC 6864). */
static bool identified(const struct sighting *s)
{
    return (s->has & TCPFSM_HAS_IP_ID) && s->ip_id;
}

/* How much alike two sightings are. */
enum likeness { UNLIKE, REWRITTEN, ALIKE, SAME };

/* likeness: SAME: to the bit, as far as it is looked at. ALIKE: so, and no IP ID tells it from a retransmission.
 * REWRITTEN: a device between has changed options or numbers (case 136). */
static enum likeness likeness(const struct sighting *a, const struct sighting *b)
{
    bool id = identified(a) && identified(b);
    if (a->flags != b->flags || a->len != b->len || (id && a->ip_id != b->ip_id))
        return UNLIKE;
    if (a->digest == b->digest)
        return id ? SAME : ALIKE;
    if (id)
        return REWRITTEN;
    return a->seq == b->seq && a->ack == b->ack && (a->flags & TCPFSM_SYN) ? REWRITTEN : UNLIKE;
}

static void queue_add(struct trail_queue *q, uint32_t number)
{
    if (q->head > 64 && q->head > q->used / 2) {
        memmove(q->at, q->at + q->head, (q->used - q->head) * sizeof *q->at);
        q->used -= q->head;
        q->head = 0;
    }
    q->at = (uint32_t *)grow(q->at, q->used, &q->room, sizeof *q->at);
    q->at[q->used++] = number;
}

/* queue_take: removes place i of a queue, and what has waited too long before it. */
static void queue_take(struct trail_queue *q, uint32_t i)
{
    memmove(q->at + q->head + 1, q->at + q->head, (i - q->head) * sizeof *q->at);
    q->head++;
    if (i + 1 > q->head + TRAIL_OVERTAKEN)
        q->head = i + 1 - TRAIL_OVERTAKEN;
}

/* queue_search: the place of the segment most like *s; UINT32_MAX: none. Among several that are alike, the one whose
 * delay is nearest to what is expected, or the first. */
static uint32_t queue_search(const struct trail *t, const struct trail_queue *q, const struct sighting *s,
                             const int64_t *expected)
{
    uint32_t best = UINT32_MAX, end = MIN(q->used, q->head + TRAIL_SEARCHED);
    enum likeness found = UNLIKE;
    int64_t off = INT64_MAX;
    for (uint32_t i = q->head; i < end && found != SAME; i++) {
        const struct sighting *other = &t->at[q->at[i]];
        enum likeness l = likeness(s, other);
        int64_t delay = s->time - other->time, apart = expected ? ABS(delay - *expected) : 0;
        if (l == UNLIKE || l < found || (l == found && apart >= off) || trail_elsewhere(t, q->at[i], s->point))
            continue;
        found = l;
        best = i;
        off = apart;
    }
    return best;
}

bool trail_waits(const struct trail *t, const struct sighting *s, unsigned point)
{
    return queue_search(t, &t->open[point][s->from], s, NULL) != UINT32_MAX;
}

/* tie: two sightings, or the ring that one belongs to and another, are of one segment. */
static void tie(struct trail *t, uint32_t a, uint32_t b)
{
    uint32_t next = t->at[a].other ? t->at[a].other : a + 1;
    t->at[a].other = b + 1;
    t->at[b].other = next;
    t->at[b].changed |= t->at[a].digest != t->at[b].digest;
    if (t->at[b].changed && !t->changed)
        t->changed = b + 1;
}

/* wait_again: a third point turns up: what the first two have captured lately may come by there too. */
static void wait_again(struct trail *t)
{
    for (uint32_t i = t->used > TRAIL_OVERTAKEN ? t->used - TRAIL_OVERTAKEN : 0; i < t->used; i++)
        if (t->at[i].other && t->at[i].other <= i)
            queue_add(&t->open[t->at[i].point][t->at[i].from], i);
    t->third = true;
}

uint32_t trail_add(struct trail *t, const struct sighting *s, unsigned points, const int64_t *expected)
{
    uint32_t number = t->used, with = 0;
    if (points > 2 && !t->third)
        wait_again(t);
    t->at = (struct sighting *)grow(t->at, t->used, &t->room, sizeof *t->at);
    t->at[t->used++] = *s;
    for (unsigned p = 0; p < SIGHTINGS_POINTS && !with; p++) {
        struct trail_queue *q = &t->open[p][s->from];
        uint32_t i = p == s->point ? UINT32_MAX : queue_search(t, q, s, expected ? &expected[p] : NULL);
        if (i == UINT32_MAX)
            continue;
        with = q->at[i] + 1;
        tie(t, with - 1, number);
        queue_take(q, i);
    }
    /* a third point may have it too */
    if (!with || (points > 2 && t->at[with - 1].other == number + 1 && t->at[number].other == with))
        queue_add(&t->open[s->point][s->from], number);
    return with;
}

uint32_t trail_at(const struct trail *t, uint32_t frame, unsigned order)
{
    uint32_t i;
    GROW_FIRST(i, t->used,
               t->at[middle].frame < frame || (t->at[middle].frame == frame && t->at[middle].order < order));
    return i < t->used && t->at[i].frame == frame && t->at[i].order == order ? i + 1 : 0;
}

uint32_t trail_elsewhere(const struct trail *t, uint32_t number, unsigned point)
{
    for (uint32_t i = t->at[number].other; i && i != number + 1; i = t->at[i - 1].other)
        if (t->at[i - 1].point == point)
            return i;
    return 0;
}

void trail_drop(struct trail *t, uint32_t frame, unsigned order)
{
    while (t->used) {
        struct sighting *s = &t->at[t->used - 1];
        if (s->frame < frame || (s->frame == frame && s->order < order))
            return;
        for (uint32_t i = s->other; i; i = t->at[i - 1].other) {
            if (t->at[i - 1].other != t->used)
                continue;
            t->at[i - 1].other = s->other == i ? 0 : s->other;
            break;
        }
        struct trail_queue *q = &t->open[s->point][s->from];
        if (q->used > q->head && q->at[q->used - 1] == t->used - 1)
            q->used--;
        t->used--;
        if (t->changed > t->used)
            t->changed = 0;
    }
}

void trail_free(struct trail *t)
{
    for (unsigned p = 0; p < SIGHTINGS_POINTS; p++)
        for (unsigned e = 0; e < 2; e++)
            g_free(t->open[p][e].at);
    g_free(t->at);
    memset(t, 0, sizeof *t);
}
