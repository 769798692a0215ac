/* connections.c: segments to the engine and the diagnosis, what they say to the history, and to whoever listens.
 *
 * A frame number may be analysed more than once: with -2 -R, frame numbers of rejected frames are reused. A record of a
 * frame therefore replaces what an earlier frame of that number left; the states go on from what the engine has seen,
 * for it did see that segment.
 *
 * Copyright 2026 the tcpfsm authors SPDX-License-Identifier: GPL-2.0-or-later */
#include "connections.h"
#include "grow.h"
#include "marks.h"
#include "moment.h"
#include "pool.h"
#include "tuples.h"

enum { ADDRESS_MAX = 16 };

/* What is said of one segment. */
struct said {
    struct tcpfsm_result engine;
    struct diagnosis_result diagnosis;
};

static struct pool connections = {.size = sizeof(struct connection)};
static const struct tcpfsm_config *config;
static const struct connections_listener *listeners;
static unsigned listener_count;
static uint32_t generation;
static int64_t newest;          /* the latest time of a frame */

static struct connection *connection_of(uint32_t number) { return (struct connection *)pool_at(&connections, number); }
void connections_open(const struct tcpfsm_config *engine_config, const struct connections_listener *who, unsigned count)
{
    connections_close();
    history_open();
    config = engine_config;
    listeners = who;
    listener_count = count;
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
    for (uint32_t i = 0; i < connections.count; i++)
        history_free(&connection_of(i)->history);
    history_close();
    tuples_close();
    pool_clear(&connections);
    marks_close();
}

uint32_t connections_generation(void) { return generation; }
uint32_t connections_count(void) { return connections.count; }
const struct connection *connections_get(uint32_t number) { return connection_of(number); }
static struct connections_ends ends_of(const struct tuple *t)
{
    return (struct connections_ends){.host = {t->host[0], t->host[1]}, .port = {t->engine.port[0], t->engine.port[1]}};
}

struct connections_ends connections_ends(uint32_t number)
{
    return ends_of(tuples_at(connection_of(number)->tuple));
}

/* connection_add: the next incarnation of the tuple, which begins with this segment. */
static struct connection *connection_add(uint32_t tuple, const struct tcpfsm_segment *s, unsigned order)
{
    struct tuple *t = tuples_at(tuple);
    uint32_t number = connections.count;
    struct connection *c = (struct connection *)pool_add(&connections);
    c->tuple = tuple;
    c->first_frame = s->frame;
    c->first_order = (uint8_t)order;
    tuples_append(t, number);
    return c;
}

static struct connections_event event_of(const struct tuple *t, uint32_t number, const struct tcpfsm_segment *s,
                                         unsigned order)
{
    return (struct connections_event){.connection = number, .ends = ends_of(t), .client = tcpfsm_client(&t->engine),
                                      .frame = s->frame, .order = order, .time = s->time};
}

/* announce: tells of a change, endpoint by endpoint, and keeps what is found. */
static void announce(struct connection *c, const struct connections_event *e)
{
    for (unsigned end = 0; end < (connections_self(&e->ends) ? 1 : 2); end++) {
        for (const struct connections_listener *l = listeners; l < listeners + listener_count; l++) {
            struct tcpfsm_finding found;
            if (l->moved && l->moved(e, end, &found))
                history_find(&c->history, &found, e->frame, e->order);
        }
    }
}

/* worth_keeping: whether all listeners want a finding kept. */
static bool worth_keeping(const struct connections_event *e, struct tcpfsm_finding *finding)
{
    for (const struct connections_listener *l = listeners; l < listeners + listener_count; l++)
        if (l->finding && !l->finding(e, finding))
            return false;
    return true;
}

/* connection_update: what a change means for the connection as a whole. */
static void connection_update(struct connection *c, const struct tuple *t, uint16_t brief,
                              const struct tcpfsm_segment *s)
{
    enum tcpfsm_phase phase = history_phase(brief);
    c->opened_in = tcpfsm_opened_in(&t->engine);
    if (phase != TCPFSM_PHASE_CLOSED && phase != TCPFSM_PHASE_RESET)
        c->closed_in = 0;
    else if (!c->closed_in)
        c->closed_in = s->frame;
}

/* connection_record: writes what this frame changed, and what was found. */
static void connection_record(struct connection *c, struct tuple *t, uint16_t brief, const struct connections_event *e,
                              const struct said *said, const bool began[2])
{
    const struct history_entry entry = {.engine = &t->engine, .out = &said->engine, .brief = brief,
                                        .outcome = diagnosis_outcome(&t->diagnosis, &t->engine),
                                        .time = e->time, .frame = e->frame, .order = e->order};
    t->engine.note = brief;
    t->last_change = e->frame;
    history_add(&c->history, &entry, began);
    for (unsigned i = 0; i < said->diagnosis.findings; i++) {
        struct tcpfsm_finding finding = said->diagnosis.finding[i];
        if (worth_keeping(e, &finding))
            history_find(&c->history, &finding, e->frame, e->order);
    }
}

/* segment_keep: keeps what is said of a segment; true if that includes a finding. `begin`: it is the first
 * of a new connection. */
static bool segment_keep(uint32_t tuple, const struct tcpfsm_segment *s, unsigned order, const struct said *said,
                         bool begin)
{
    const struct tcpfsm_result *out = &said->engine;
    struct tuple *t = tuples_at(tuple);
    bool began[2] = {false, false};
    uint16_t brief = history_brief(&t->engine);
    bool again = t->last_change >= s->frame;    /* usually another layer of this frame, or a number given back */
    bool changed = out->changed || said->diagnosis.findings;
    bool fin_wait = (s->flags & TCPFSM_FIN) && out->state[!s->from] == TCPFSM_TIME_WAIT;
    if (!begin && !again && !fin_wait && !changed && brief == t->engine.note)
        return false;
    uint32_t number = begin ? connections.count : tuples_connection(t, t->connections - 1);
    struct connection *c = begin ? connection_add(tuple, s, order) : connection_of(number);
    struct connections_event e = event_of(t, number, s, order);
    for (unsigned end = 0; end < 2; end++) {
        e.state[end] = out->state[end];
        e.was[end] =
            (uint8_t)(c->history.records ? history_state(&c->history, c->history.records - 1, end) : TCPFSM_CLOSED);
        e.fin[end] = (s->flags & TCPFSM_FIN) && s->from != end && order != MOMENT_QUOTE;
    }
    bool dropped = again && history_drop(&c->history, s->frame, order, began);
    if (begin || dropped || changed || brief != t->engine.note)
        connection_record(c, t, brief, &e, said, began);
    connection_update(c, t, brief, s);
    announce(c, &e);
    const struct history_finding *last =
        c->history.findings ? &history_findings(&c->history)[c->history.findings - 1] : NULL;
    return last && last->frame == s->frame && last->order == order;
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

/* connection_replace: the tuple's present connection ends because another takes its place. */
static void connection_replace(const struct tuple *t, const struct ended *ended, const struct tcpfsm_segment *s,
                               unsigned order)
{
    uint32_t number = tuples_connection(t, t->connections - 1);
    struct connection *c = connection_of(number);
    struct connections_event e = event_of(t, number, s, order);
    bool open = ended->outcome == TCPFSM_OUTCOME_OPEN || ended->outcome == TCPFSM_OUTCOME_CLOSING;
    c->outcome = (uint8_t)(open ? TCPFSM_OUTCOME_REPLACED : ended->outcome);
    memcpy(c->letters, ended->letters, sizeof c->letters);
    e.gone = true;
    announce(c, &e);
}

/* segment_take: gives a segment to the engine and the diagnosis, then to who hears of every segment. */
static void segment_take(struct tuple *t, const struct tcpfsm_segment *s, bool begin, struct said *said)
{
    struct tuples_path *path = tuples_path(t);
    tcpfsm_segment(&t->engine, s, config, &path->path, t->flip, &said->engine);
    diagnosis_segment(&t->diagnosis, &t->engine, s, config, &said->engine, &path->pair, t->flip, &said->diagnosis);
    const struct connections_taken taken = {&t->engine, t->host, t->engine.port, s, &said->engine,
                                            begin || said->engine.restarted};
    for (const struct connections_listener *l = listeners; l < listeners + listener_count; l++)
        if (l->taken)
            l->taken(&taken, &said->diagnosis);
}

bool connections_segment(const address *src, const address *dst, uint16_t sport, uint16_t dport,
                         struct tcpfsm_segment *s, unsigned order)
{
    unsigned from;
    if (src->len > ADDRESS_MAX || dst->len > ADDRESS_MAX)
        return false;
    connections_clock(s->time);
    for (const struct connections_listener *l = listeners; l < listeners + listener_count; l++)
        if (l->clock)
            l->clock(s->time, s->frame);
    uint32_t hash, tuple = tuples_find(src, dst, sport, dport, &hash, &from);
    bool begin = tuple == UINT32_MAX;
    if (begin) {
        tuple = tuples_add(hash, src, dst, sport, dport);
        from = 0;
    }
    struct tuple *t = tuples_at(tuple);
    struct said said;
    /* only these begin another connection */
    bool may_end = !begin && (s->flags & (TCPFSM_SYN | TCPFSM_RST) || t->engine.attempt.pending);
    struct ended ended = may_end ? ended_of(t) : (struct ended){.outcome = TCPFSM_OUTCOME_UNKNOWN};
    s->from = (uint8_t)from;
    s->digest ^= tuple * 2654435761u;   /* it covers the addresses too */
    segment_take(t, s, begin, &said);
    marks_note(s->frame, order, said.engine.copy_of, said.diagnosis.silence, said.diagnosis.suspicious);
    if (!begin && said.engine.restarted) {
        connection_replace(t, &ended, s, order);
        begin = true;
    }
    return segment_keep(tuple, s, order, &said, begin);
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
    tcpfsm_unreachable(&t->engine, from, seq, hard, frame, time, &said.engine);
    diagnosis_unreachable(&t->diagnosis, &t->engine, from, seq, frame, time, &said.diagnosis);
    segment_keep(tuple, &event, MOMENT_QUOTE, &said, false);
}

/* begins_by: whether a connection begins at or before this place. */
static bool begins_by(uint32_t number, uint32_t frame, unsigned order)
{
    const struct connection *c = connection_of(number);
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
    GROW_FIRST(after, t->connections, begins_by(tuples_connection(t, middle), frame, order));
    if (!after)
        return false;
    place->connection = tuples_connection(t, after - 1);
    return true;
}

uint32_t connections_incarnation(uint32_t number)
{
    const struct tuple *t = tuples_at(connection_of(number)->tuple);
    uint32_t before;
    GROW_FIRST(before, t->connections - 1, tuples_connection(t, middle) < number);
    return before + 1;
}

uint32_t connections_after(uint32_t number)
{
    const struct tuple *t = tuples_at(connection_of(number)->tuple);
    uint32_t incarnation = connections_incarnation(number);
    return incarnation < t->connections ? tuples_connection(t, incarnation) : UINT32_MAX;
}

enum tcpfsm_outcome connections_outcome(uint32_t number)
{
    const struct connection *c = connection_of(number);
    const struct tuple *t = tuples_at(c->tuple);
    return tuples_latest(t, number) ? diagnosis_outcome_at(&t->diagnosis, &t->engine, config, newest)
                                    : (enum tcpfsm_outcome)c->outcome;
}

const uint8_t *connections_letters(uint32_t number)
{
    const struct connection *c = connection_of(number);
    const struct tuple *t = tuples_at(c->tuple);
    return tuples_latest(t, number) ? t->engine.history : c->letters;
}
