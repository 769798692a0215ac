/* spans.c: states over time, from what the store remembers.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "spans.h"

/* time_wait_until: when a TIME_WAIT of this endpoint that began at `from` ends: a FIN that came again restarts it. */
static int64_t time_wait_until(uint32_t number, unsigned end, int64_t from)
{
    int64_t began = MAX(from, store_restarted(number, end)), span = plugin_config.engine.time_wait;
    return began > INT64_MAX - span ? INT64_MAX : began + span;
}

void spans_of(uint32_t number, unsigned end, int64_t until, GArray *spans)
{
    const struct store_connection *c = store_connection(number);
    struct span s = {0};
    uint32_t next = store_after(number);
    g_array_set_size(spans, 0);
    if (next != UINT32_MAX)
        until = MIN(until, store_connection(next)->change[0].time);
    until = MAX(until, c->change[0].time);
    for (uint32_t i = 0; i <= c->changes; i++) {
        const struct store_change *r = i < c->changes ? &c->change[i] : NULL;
        int64_t time = r ? CLAMP(r->time, s.from, until) : until;
        if (i && (!r || store_state(r, end) != s.state)) {
            int64_t ends = s.state == TCPFSM_TIME_WAIT ? time_wait_until(number, end, s.from) : INT64_MAX;
            s.to = MIN(time, ends);
            g_array_append_val(spans, s);
            if (time > ends) {
                s = (struct span){.from = ends, .to = time, .frame = s.frame, .state = TCPFSM_CLOSED, .assumed = true};
                g_array_append_val(spans, s);
            }
        }
        if (r && (!i || store_state(r, end) != s.state))
            s = (struct span){.from = i ? time : r->time, .frame = r->frame, .state = (uint8_t)store_state(r, end)};
        if (r)
            s.assumed = (r->possible[end] & (r->possible[end] - 1u)) != 0;
    }
}

/* Something that moved sockets, as it was captured: a change of a connection, a FIN that restarted TIME_WAIT, another connection that took the place. */
enum { CHANGE, RESTART, REPLACED };
struct event {
    uint32_t frame, number;
    unsigned order : 8, kind : 2;
    uint32_t at;                        /* of a change: its number */
};

static int event_order(const void *a, const void *b)
{
    const struct event *x = (const struct event *)a, *y = (const struct event *)b;
    uint32_t k[2][5] = {{x->frame, x->order, x->number, x->kind, x->at}, {y->frame, y->order, y->number, y->kind, y->at}};
    for (unsigned i = 0; i < 5; i++)
        if (k[0][i] != k[1][i])
            return k[0][i] < k[1][i] ? -1 : 1;
    return 0;
}

static GArray *events_of_all(void)
{
    GArray *events = g_array_new(FALSE, FALSE, sizeof(struct event));
    uint32_t restarts;
    const struct store_restart *restart = store_restarts(&restarts);
    for (uint32_t i = 0; i < store_connections(); i++) {
        const struct store_connection *c = store_connection(i);
        uint32_t next = store_after(i);
        for (uint32_t j = 0; j < c->changes; j++) {
            struct event e = {c->change[j].frame, i, c->change[j].order, CHANGE, j};
            g_array_append_val(events, e);
        }
        if (next != UINT32_MAX) {
            struct event e = {store_connection(next)->first_frame, i, store_connection(next)->first_order, REPLACED, next};
            g_array_append_val(events, e);
        }
    }
    for (uint32_t i = 0; i < restarts; i++) {
        struct event e = {restart[i].frame, restart[i].connection, restart[i].order, RESTART, i};
        g_array_append_val(events, e);
    }
    g_array_sort(events, event_order);
    return events;
}

/* move_of: what an event meant for its connection's sockets. */
static struct sockets_move move_of(const struct event *e)
{
    const struct store_connection *c = store_connection(e->number);
    const struct store_tuple *t = store_tuple(c->tuple);
    struct sockets_move m = {.connection = e->number, .host = {t->host[0], t->host[1]}, .port = {store_port(t, 0), store_port(t, 1)},
                             .state = {SOCKETS_NONE, SOCKETS_NONE}, .frame = e->frame};
    uint32_t restarts;
    const struct store_change *r = e->kind == CHANGE ? &c->change[e->at] : report_last(c);
    m.client = r->client;
    m.time = e->kind == CHANGE ? r->time : e->kind == RESTART ? store_restarts(&restarts)[e->at].time : store_connection(e->at)->change[0].time;
    for (unsigned end = 0; end < 2 && e->kind == CHANGE; end++)
        m.state[end] = (uint8_t)store_state(r, end);
    if (e->kind == RESTART) {
        unsigned end = store_restarts(&restarts)[e->at].end;
        m.state[end] = TCPFSM_TIME_WAIT;
        m.restart[end] = true;
    }
    return m;
}

void spans_count(int64_t until, sockets_observer *observer, void *data)
{
    GArray *events = events_of_all();
    struct sockets *sockets = sockets_new(plugin_config.engine.time_wait, NULL, observer, data);
    for (unsigned i = 0; i < events->len; i++) {
        const struct event *e = &g_array_index(events, struct event, i);
        struct sockets_move m = move_of(e);
        unsigned ends = m.host[0] == m.host[1] && m.port[0] == m.port[1] ? 1 : 2;
        sockets_tick(sockets, m.time, m.frame);
        for (unsigned end = 0; end < ends; end++)
            if (e->kind != RESTART || m.restart[end])
                sockets_moved(sockets, &m, end);
    }
    sockets_tick(sockets, until, UINT32_MAX);
    sockets_free(sockets);
    g_array_free(events, TRUE);
}
