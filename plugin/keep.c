/* keep.c: from what is said of a segment to the history and the listeners.
 *
 * A frame number may be analysed more than once: with -2 -R, frame numbers of rejected frames are reused. A record of a
 * frame therefore replaces what an earlier frame of that number left; the states go on from what the engine has seen,
 * for it did see that segment.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "keep.h"
#include "moment.h"
#include "pool.h"

static struct pool connections = {.size = sizeof(struct connection)};
static const struct connections_listener *listeners;
static unsigned listener_count;

void keep_open(const struct connections_listener *who, unsigned count)
{
    history_open();
    listeners = who;
    listener_count = count;
}

void keep_close(void)
{
    for (uint32_t i = 0; i < connections.count; i++)
        history_free(&keep_connection(i)->history);
    history_close();
    pool_clear(&connections);
}

uint32_t keep_count(void) { return connections.count; }
struct connection *keep_connection(uint32_t number) { return (struct connection *)pool_at(&connections, number); }

struct connections_ends keep_ends(const struct tuple *t)
{
    return (struct connections_ends){.host = {t->host[0], t->host[1]}, .port = {t->engine.port[0], t->engine.port[1]}};
}

uint32_t keep_next(uint32_t tuple, const struct tcpfsm_segment *s, unsigned order)
{
    uint32_t number = connections.count;
    struct connection *c = (struct connection *)pool_add(&connections);
    c->tuple = tuple;
    c->first_frame = s->frame;
    c->first_order = (uint8_t)order;
    tuples_append(tuples_at(tuple), number);
    return number;
}

static struct connections_event event_of(const struct tuple *t, uint32_t number, unsigned client,
                                         const struct tcpfsm_segment *s, unsigned order)
{
    return (struct connections_event){.connection = number, .ends = keep_ends(t), .client = client,
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

/* update: what a change means for the connection as a whole. */
static void update(struct connection *c, const struct keep *k)
{
    enum tcpfsm_phase phase = history_phase(k->brief);
    c->opened_in = tcpfsm_opened_in(k->engine);
    if (phase != TCPFSM_PHASE_CLOSED && phase != TCPFSM_PHASE_RESET)
        c->closed_in = 0;
    else if (!c->closed_in)
        c->closed_in = k->s->frame;
}

/* record: writes what this frame changed, and what was found. */
static void record(struct connection *c, const struct keep *k, const struct connections_event *e, const bool began[2])
{
    const struct history_entry entry = {.engine = k->engine, .out = &k->said->engine, .brief = k->brief,
                                        .outcome = diagnosis_outcome(k->diagnosis, k->engine),
                                        .time = e->time, .frame = e->frame, .order = e->order};
    *k->noted = k->brief;
    *k->last_change = e->frame;
    history_add(&c->history, &entry, began);
    for (unsigned i = 0; i < k->said->diagnosis.findings; i++) {
        struct tcpfsm_finding finding = k->said->diagnosis.finding[i];
        if (worth_keeping(e, &finding))
            history_find(&c->history, &finding, e->frame, e->order);
    }
}

bool keep_segment(const struct keep *k)
{
    const struct tcpfsm_result *out = &k->said->engine;
    const struct tcpfsm_segment *s = k->s;
    bool began[2] = {false, false};
    bool again = *k->last_change >= s->frame;   /* usually another layer of this frame, or a number given back */
    bool changed = out->changed || k->said->diagnosis.findings;
    bool fin_wait = (s->flags & TCPFSM_FIN) && out->state[!s->from] == TCPFSM_TIME_WAIT;
    if (!k->begin && !again && !fin_wait && !changed && k->brief == *k->noted)
        return false;
    struct connection *c = keep_connection(k->number);
    struct connections_event e = event_of(k->t, k->number, tcpfsm_client(k->engine), s, k->order);
    for (unsigned end = 0; end < 2; end++) {
        e.state[end] = out->state[end];
        e.was[end] =
            (uint8_t)(c->history.records ? history_state(&c->history, c->history.records - 1, end) : TCPFSM_CLOSED);
        e.fin[end] = (s->flags & TCPFSM_FIN) && s->from != end && k->order != MOMENT_QUOTE;
    }
    bool dropped = again && history_drop(&c->history, s->frame, k->order, began);
    if (k->begin || dropped || changed || k->brief != *k->noted)
        record(c, k, &e, began);
    update(c, k);
    announce(c, &e);
    const struct history_finding *last =
        c->history.findings ? &history_findings(&c->history)[c->history.findings - 1] : NULL;
    return last && last->frame == s->frame && last->order == k->order;
}

void keep_gone(const struct tuple *t, uint32_t number, unsigned client, const struct tcpfsm_segment *s, unsigned order)
{
    struct connections_event e = event_of(t, number, client, s, order);
    e.gone = true;
    announce(keep_connection(number), &e);
}

void keep_clock(const struct tcpfsm_segment *s)
{
    for (const struct connections_listener *l = listeners; l < listeners + listener_count; l++)
        if (l->clock)
            l->clock(s->time, s->frame);
}

void keep_taken(const struct tuple *t, const struct tcpfsm_connection *engine, const struct tcpfsm_segment *s,
                bool begin, struct said *said)
{
    const struct connections_taken taken = {engine, t->host, t->engine.port, s, &said->engine,
                                            begin || said->engine.restarted};
    for (const struct connections_listener *l = listeners; l < listeners + listener_count; l++)
        if (l->taken)
            l->taken(&taken, &said->diagnosis);
}
