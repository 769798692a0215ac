/* connections.c: segments to the engine and the diagnosis, what they say to the history, and to whoever listens.
 *
 * A frame number may be analysed more than once: with -2 -R, frame numbers of rejected frames are reused. A record of a
 * frame therefore replaces what an earlier frame of that number left; the states go on from what the engine has seen,
 * for it did see that segment.
 *
 * Copyright 2026 the tcpfsm authors SPDX-License-Identifier: GPL-2.0-or-later */
#include "connections.h"
#include "grow.h"
#include "keep.h"
#include "marks.h"
#include "merged.h"
#include "moment.h"

enum { ADDRESS_MAX = 16 };

static const struct tcpfsm_config *config;
static uint32_t generation;
static int64_t newest;          /* the latest time of a frame */

void connections_open(const struct tcpfsm_config *engine_config, const struct connections_listener *who, unsigned count)
{
    connections_close();
    keep_open(who, count);
    config = engine_config;
    generation++;
    newest = INT64_MIN;
}

void connections_clock(int64_t time)
{
    if (time > newest)
        newest = time;
}

void connections_close(void)
{
    keep_close();
    merged_close();
    tuples_close();
    marks_close();
}

uint32_t connections_generation(void) { return generation; }
uint32_t connections_count(void) { return keep_count(); }
const struct connection *connections_get(uint32_t number) { return keep_connection(number); }

struct connections_ends connections_ends(uint32_t number)
{
    return keep_ends(tuples_at(keep_connection(number)->tuple));
}

/* What was known of a connection before a segment that may begin another. */
struct ended {
    enum tcpfsm_outcome outcome;
    uint8_t letters[6];
};

static struct ended ended_of(const struct tuple *t)
{
    struct ended e = {.outcome = diagnosis_outcome(&t->diagnosis, &t->engine)};
    memcpy(e.letters, t->engine.history, sizeof e.letters);
    return e;
}

/* replace: the tuple's present connection ends because another takes its place. */
static void replace(const struct tuple *t, const struct ended *ended, const struct tcpfsm_segment *s, unsigned order)
{
    uint32_t number = tuples_connection(t, t->connections - 1);
    struct connection *c = keep_connection(number);
    bool open = ended->outcome == TCPFSM_OUTCOME_OPEN || ended->outcome == TCPFSM_OUTCOME_CLOSING;
    c->outcome = (uint8_t)(open ? TCPFSM_OUTCOME_REPLACED : ended->outcome);
    memcpy(c->letters, ended->letters, sizeof c->letters);
    keep_gone(t, number, tcpfsm_client(&t->engine), s, order);
}

/* keep_said: keeps what is said of a segment of a tuple with one point of capture. */
static bool keep_said(uint32_t tuple, const struct tcpfsm_segment *s, unsigned order, const struct said *said,
                      bool begin)
{
    struct tuple *t = tuples_at(tuple);
    struct keep k = {.t = t, .tuple = tuple, .begin = begin, .engine = &t->engine, .diagnosis = &t->diagnosis,
                     .brief = history_brief(&t->engine), .noted = &t->engine.note, .last_change = &t->last_change,
                     .s = s, .order = order, .said = said};
    k.number = begin ? keep_next(tuple, s, order) : tuples_connection(t, t->connections - 1);
    return keep_segment(&k);
}

/* take: gives a segment to the engine and the diagnosis, then to who hears of every segment. */
static void take(struct tuple *t, struct tuples_path *path, const struct tcpfsm_segment *s, bool begin,
                 struct said *said)
{
    tcpfsm_segment(&t->engine, s, config, &path->path, t->flip, &said->engine);
    diagnosis_segment(&t->diagnosis, &t->engine, s, config, &said->engine, &path->pair, t->flip, &said->diagnosis);
    keep_taken(t, &t->engine, s, begin, said);
}

/* several: whether the pair of addresses is captured at more than one point; if not, the segment is remembered. */
static bool several(uint32_t tuple, struct tuples_path *path, const struct tcpfsm_segment *s, unsigned order,
                    uint32_t interface)
{
    if (!path->interface)
        path->interface = interface;
    if (path->points || path->interface != interface)
        return true;
    sightings_note(tuple, s, order, interface);
    return false;
}

/* digest_of: what makes the digest of a segment cover its addresses too. */
static uint32_t digest_of(uint32_t tuple) { return tuple * 2654435761u; }

/* copied: whether the segment, which the capture has twice, was captured at another point by a file that names no
 * interfaces. */
static bool copied(uint32_t tuple, struct tuples_path *path, const struct tcpfsm_segment *s, uint32_t copy_of)
{
    enum sightings_copy by = sightings_copied(tuple, s, copy_of);
    if (by == SIGHTINGS_ONE_PLACE)
        return false;
    path->points = points_new(path->interface, &path->path, &path->pair);
    points_copied(path->points, by);
    return true;
}

/* merged_again: gives a segment to merged.h that has been taken as one of a single point. */
static bool merged_again(uint32_t tuple, const struct tcpfsm_segment *s, const struct connections_header *h,
                         bool *found)
{
    struct tcpfsm_segment again = *s;
    again.digest ^= digest_of(tuple);
    return merged_segment(tuple, &again, h->order, h->interface, config, found);
}

bool connections_segment(const struct connections_header *h, struct tcpfsm_segment *s)
{
    unsigned from;
    if (h->src->len > ADDRESS_MAX || h->dst->len > ADDRESS_MAX)
        return false;
    connections_clock(s->time);
    keep_clock(s);
    uint32_t hash, tuple = tuples_find(h->src, h->dst, h->sport, h->dport, &hash, &from);
    bool begin = tuple == UINT32_MAX, found;
    if (begin) {
        tuple = tuples_add(hash, h->src, h->dst, h->sport, h->dport);
        from = 0;
    }
    struct tuple *t = tuples_at(tuple);
    struct tuples_path *path = tuples_path(t);
    struct said said;
    s->from = (uint8_t)from;
    bool points = several(tuple, path, s, h->order, h->interface);
    if (points && merged_segment(tuple, s, h->order, h->interface, config, &found))
        return found;
    /* only these begin another connection */
    bool may_end = !begin && (s->flags & (TCPFSM_SYN | TCPFSM_RST) || t->engine.attempt.pending);
    struct ended ended = may_end ? ended_of(t) : (struct ended){.outcome = TCPFSM_OUTCOME_UNKNOWN};
    s->digest ^= digest_of(tuple);
    take(t, path, s, begin, &said);
    if (said.engine.copy_of && !points && copied(tuple, path, s, said.engine.copy_of)) {
        points = true;
        if (merged_again(tuple, s, h, &found))
            return found;
    }
    marks_note(s->frame, h->order, said.engine.copy_of, said.diagnosis.silence, said.diagnosis.suspicious);
    if (!begin && said.engine.restarted) {
        replace(t, &ended, s, h->order);
        begin = true;
    }
    found = keep_said(tuple, s, h->order, &said, begin);
    if (points)
        merged_belongs(tuple, tuples_connection(t, t->connections - 1));
    return found;
}

void connections_unreachable(const address *src, const address *dst, uint16_t sport, uint16_t dport, uint32_t seq,
                             bool hard, uint32_t frame, int64_t time)
{
    unsigned from;
    if (src->len > ADDRESS_MAX || dst->len > ADDRESS_MAX)
        return;
    uint32_t hash, tuple = tuples_find(src, dst, sport, dport, &hash, &from);
    if (tuple == UINT32_MAX)
        return;
    struct tcpfsm_segment event = {.frame = frame, .time = time, .from = (uint8_t)from};
    struct tuple *t = tuples_at(tuple);
    struct said said;
    if (merged_unreachable(tuple, &event, seq, hard))
        return;
    tcpfsm_unreachable(&t->engine, from, seq, hard, frame, time, &said.engine);
    diagnosis_unreachable(&t->diagnosis, &t->engine, from, seq, frame, time, &said.diagnosis);
    keep_said(tuple, &event, MOMENT_QUOTE, &said, false);
}

/* begins_by: whether a connection begins at or before this place. */
static bool begins_by(uint32_t number, uint32_t frame, unsigned order)
{
    const struct connection *c = keep_connection(number);
    return c->first_frame < frame || (c->first_frame == frame && c->first_order <= order);
}

bool connections_find(const address *src, const address *dst, uint16_t sport, uint16_t dport, uint32_t frame,
                      unsigned order, struct connections_place *place)
{
    if (src->len > ADDRESS_MAX || dst->len > ADDRESS_MAX)
        return false;
    uint32_t hash, after, tuple = tuples_find(src, dst, sport, dport, &hash, &place->from);
    if (tuple == UINT32_MAX)
        return false;
    const struct tuple *t = tuples_at(tuple);
    if (tuples_path(t)->points && merged_find(tuple, frame, order, &place->connection))
        return true;
    GROW_FIRST(after, t->connections, begins_by(tuples_connection(t, middle), frame, order));
    if (!after)
        return false;
    place->connection = tuples_connection(t, after - 1);
    return true;
}

bool connections_between(uint32_t number, struct between *b)
{
    if (number >= keep_count())
        return false;
    uint32_t tuple = keep_connection(number)->tuple;
    return tuples_path(tuples_at(tuple))->points && merged_between(tuple, b);
}

uint32_t connections_incarnation(uint32_t number)
{
    const struct tuple *t = tuples_at(keep_connection(number)->tuple);
    uint32_t before;
    GROW_FIRST(before, t->connections - 1, tuples_connection(t, middle) < number);
    return before + 1;
}

uint32_t connections_after(uint32_t number)
{
    const struct tuple *t = tuples_at(keep_connection(number)->tuple);
    uint32_t incarnation = connections_incarnation(number);
    return incarnation < t->connections ? tuples_connection(t, incarnation) : UINT32_MAX;
}

/* follows: what follows a connection now; false: nothing does, another has taken the place of it. */
static bool follows(uint32_t number, const struct tcpfsm_connection **engine, const struct diagnosis **diagnosis)
{
    uint32_t tuple = keep_connection(number)->tuple;
    const struct tuple *t = tuples_at(tuple);
    *engine = NULL;
    if (tuples_path(t)->points && merged_engine(tuple, number, engine, diagnosis))
        return true;
    *engine = &t->engine;
    *diagnosis = &t->diagnosis;
    return tuples_latest(t, number);
}

enum tcpfsm_outcome connections_outcome(uint32_t number)
{
    const struct tcpfsm_connection *engine;
    const struct diagnosis *diagnosis;
    return follows(number, &engine, &diagnosis) ? diagnosis_outcome_at(diagnosis, engine, config, newest)
                                                : (enum tcpfsm_outcome)keep_connection(number)->outcome;
}

const uint8_t *connections_letters(uint32_t number)
{
    const struct tcpfsm_connection *engine;
    const struct diagnosis *diagnosis;
    return follows(number, &engine, &diagnosis) ? engine->history : keep_connection(number)->letters;
}
