/* between.c: lost, made and changed between two points of capture (DESIGN rule 5, cases 132 to 136).
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "between.h"

/* What was reported: bits of *said. By endpoint but for the last. */
enum { SAID_LOST = 1, SAID_CHANGED = 4, SAID_ALONE = 8 };

/* A segment that was sent so long after another, and arrived before it, shows that the other is lost: reordering lasts
 * less. Nanoseconds. */
static const int64_t LATE = 1000000000;

/* A segment may come by so much faster than all before, nanoseconds. */
static const int64_t FASTER = 1000000;

static const struct sighting *at(const struct between *b, uint32_t number)
{
    return &b->trail->at[number];
}

/* silent: whether a sighting, of what the end nearest to a point sent, should lie in that point's capture, and came
 * after all that lies there. */
static bool silent(const struct between *b, const struct sighting *s, unsigned point)
{
    int64_t delay;
    return s->point != point && b->nearest[s->from] == point && !s->other &&
           points_delay(b->points, point, s->point, s->from ^ b->flip, &delay) &&
           s->time - delay > b->points->last[point];
}

/* ended: whether the capture at a point is over when sighting i should have come by there. It is not if it has anything
 * later; it is if what its own end sent then was captured elsewhere only. */
static bool ended(const struct between *b, uint32_t i, unsigned point)
{
    const struct sighting *s = at(b, i);
    int64_t delay;
    if (!points_delay(b->points, s->point, point, s->from ^ b->flip, &delay))
        return true;
    if (b->points->last[point] >= s->time + delay)
        return false;
    for (uint32_t j = b->trail->used; j--;)
        if (silent(b, at(b, j), point))
            return true;
    return false;
}

/* duplicate: whether the network made it of another segment, which came the whole way: not made of nothing. */
static bool duplicate(const struct between *b, uint32_t number)
{
    const struct sighting *s = at(b, number);
    for (uint32_t i = number; i--;) {
        const struct sighting *t = at(b, i);
        if (t->of == s->of && t->point == s->point && t->from == s->from && t->digest == s->digest && t->other)
            return true;
    }
    return false;
}

/* one_only: whether a segment was captured at one point though the other one still captured. */
static bool one_only(const struct between *b, uint32_t number, unsigned other)
{
    return !at(b, number)->copy && !trail_elsewhere(b->trail, number, other) && !ended(b, number, other);
}

/* A file that names no interfaces does not say at which point it has a segment that it has once: it was lost, most
 * likely; but a RST may have been made. */
void between_way(const struct between *b, uint32_t number, struct between_way *way)
{
    const struct sighting *s = at(b, number);
    unsigned sender = b->nearest[s->from], receiver = b->nearest[!s->from];
    *way = (struct between_way){.side = 2, .elsewhere = s->other ? at(b, s->other - 1)->frame : 0};
    for (unsigned e = 0; e < 2; e++)
        if (b->nearest[e] == s->point && b->nearest[!e] != s->point)
            way->side = e;
    if (sender == receiver)
        return;
    if (b->points->by != SIGHTINGS_ONE_PLACE)
        way->lost = !(s->flags & TCPFSM_RST) && one_only(b, number, s->point == sender ? receiver : sender);
    else if (s->point == sender)
        way->lost = one_only(b, number, receiver);
    else if (s->point == receiver)
        way->made = one_only(b, number, sender) && !duplicate(b, number);
    way->changed = s->changed;
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* note: counts one of a kind, and keeps the first frame of it. */
static void note(uint32_t *count, uint32_t *first, uint32_t frame)
{
    if (!(*count)++)
        *first = frame;
}

void between_sum(const struct between *b, uint32_t number, unsigned from, struct between_sum *sum)
{
    unsigned sender = b->nearest[from], receiver = b->nearest[!from];
    GArray *delays = g_array_new(FALSE, FALSE, sizeof(int64_t));
    int64_t offset, uncertainty;
    *sum = (struct between_sum){0};
    points_offset(b->points, sender, receiver, &offset, &uncertainty);
    for (uint32_t i = 0; i < b->trail->used && sender != receiver; i++) {
        const struct sighting *s = at(b, i);
        if (s->of != number || s->from != from || (s->point != sender && s->point != receiver))
            continue;
        struct between_way way;
        between_way(b, i, &way);
        uint32_t other = s->point == sender ? trail_elsewhere(b->trail, i, receiver) : 0;
        sum->sent += s->point == sender;
        if (other) {
            int64_t took = at(b, other - 1)->time - s->time - offset;
            g_array_append_val(delays, took);
        }
        if (way.lost)
            note(&sum->lost, &sum->first_lost, s->frame);
        if (way.made) {
            note(&sum->made, &sum->first_made, s->frame);
            sum->made_rst += (s->flags & TCPFSM_RST) != 0;
        }
        if (way.changed)
            note(&sum->changed, &sum->first_changed, s->frame);
    }
    sum->arrived = delays->len;
    g_array_sort(delays, by_value);
    if (delays->len) {
        sum->least = g_array_index(delays, int64_t, 0);
        sum->median = g_array_index(delays, int64_t, delays->len / 2);
        sum->most = g_array_index(delays, int64_t, delays->len - 1);
    }
    g_array_free(delays, TRUE);
}

/* again: whether a sender has sent the same octets again. Two pure ACKs that are alike may have changed places. */
static bool again(const struct sighting *s, const struct sighting *t)
{
    return s->seq == t->seq && s->len == t->len && s->flags == t->flags &&
           (s->len || s->flags & (TCPFSM_SYN | TCPFSM_FIN));
}

/* lost: something sent before what has just arrived is lost: its sender has sent it again, or a second has passed.
 * Returns its number plus one. */
static uint32_t lost(const struct between *b, const struct sighting *sent)
{
    const struct trail_queue *q = &b->trail->open[sent->point][sent->from];
    for (uint32_t i = q->head; i < q->used; i++) {
        const struct sighting *s = at(b, q->at[i]);
        if (s->of == sent->of && s->frame < sent->frame &&
            ((again(s, sent) && !(s->flags & TCPFSM_RST)) || sent->time - s->time > LATE))
            return q->at[i] + 1;
    }
    return 0;
}

/* made_kind: which wording of a segment that was made between: RST, FIN, SYN,ACK; -1: another. */
static int made_kind(const struct sighting *s)
{
    if (s->flags & TCPFSM_RST)
        return 0;
    if (s->flags & TCPFSM_FIN)
        return 1;
    return (s->flags & (TCPFSM_SYN | TCPFSM_ACK)) == (TCPFSM_SYN | TCPFSM_ACK) ? 2 : -1;
}

/* changed_kind: what differs: numbers, options, or something else. */
static uint8_t changed_kind(const struct sighting *s, const struct sighting *t)
{
    if (s->seq != t->seq || s->ack != t->ack)
        return 0;
    return s->window == t->window || s->flags & TCPFSM_SYN ? 1 : 2;
}

static struct tcpfsm_finding finding(unsigned id, const struct sighting *s, uint32_t frame)
{
    return (struct tcpfsm_finding){.id = (uint8_t)id, .end = s->from, .frame = frame};
}

/* prove: whether a sighting beside its receiver never left its sender: the point there has captured later things. */
static bool prove(const struct between *b, const struct sighting *s)
{
    int64_t delay;
    unsigned sender = b->nearest[s->from];
    return points_delay(b->points, sender, s->point, s->from ^ b->flip, &delay) &&
           b->points->last[sender] > s->time - delay + FASTER;
}

/* made: what was captured beside its receiver only, of what endpoint `from` seems to have sent in this connection. The
 * oldest of them is looked at: of the others less is proven. */
static unsigned made(const struct between *b, unsigned from, uint32_t of, uint8_t *said, struct tcpfsm_finding *found)
{
    struct trail_queue *q = &b->trail->open[b->nearest[!from]][from];
    while (q->head < q->used && (at(b, q->at[q->head])->said || at(b, q->at[q->head])->copy))
        q->head++;
    if (q->head == q->used)
        return 0;
    struct sighting *s = &b->trail->at[q->at[q->head]];
    int kind = made_kind(s);
    if (s->of != of || trail_elsewhere(b->trail, q->at[q->head], b->nearest[from]) || !prove(b, s))
        return 0;
    s->said = 1;
    if (duplicate(b, q->at[q->head]) || (kind < 0 && *said & SAID_ALONE))
        return 0;
    *found = finding(kind < 0 ? TCPFSM_FINDING_PATH_RECEIVER_ONLY : TCPFSM_FINDING_PATH_RST_MADE_BETWEEN, s, s->frame);
    found->detail = (uint8_t)MAX(kind, 0);
    *said |= kind < 0 ? SAID_ALONE : 0;
    return 1;
}

/* changed: the first segment that a device between has changed. */
static unsigned changed(const struct between *b, uint32_t of, uint8_t *said, struct tcpfsm_finding *found)
{
    if (!b->trail->changed || *said & SAID_CHANGED)
        return 0;
    const struct sighting *s = at(b, b->trail->changed - 1), *t = at(b, s->other - 1);
    if (s->of != of && t->of != of)
        return 0;
    *said |= SAID_CHANGED;
    *found = finding(TCPFSM_FINDING_PATH_CHANGED, s, t->frame);
    found->detail = changed_kind(s, t);
    return 1;
}

unsigned between_found(const struct between *b, uint8_t *said, struct tcpfsm_finding *found, unsigned room)
{
    const uint32_t newest = b->trail->used - 1;
    const struct sighting *s = at(b, newest), *sent = s;
    unsigned n = 0, sender = b->nearest[s->from], receiver = b->nearest[!s->from];
    if (sender == receiver || room < 4)
        return 0;
    uint32_t other = s->point == receiver ? trail_elsewhere(b->trail, newest, sender) : 0;
    uint32_t arrived = s->point == sender ? trail_elsewhere(b->trail, newest, receiver) : newest + 1;
    if (other)
        sent = at(b, other - 1);
    uint32_t missing = arrived && !(*said & SAID_LOST << s->from) ? lost(b, sent) : 0;
    if (missing) {
        *said |= (uint8_t)(SAID_LOST << s->from);
        found[n++] = finding(TCPFSM_FINDING_PATH_LOST, s, at(b, missing - 1)->frame);
    }
    n += changed(b, s->of, said, found + n);
    for (unsigned from = 0; from < 2 && b->points->by == SIGHTINGS_ONE_PLACE; from++)
        n += made(b, from, s->of, said, found + n);
    return n;
}
