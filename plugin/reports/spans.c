/* spans.c: states over time, from histories.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/spans.h"
#include "sockets.h"
#include "view.h"

/* begin_time: when a connection began. */
static int64_t begin_time(uint32_t number)
{
    struct history_change c;
    view_change(number, 0, &c);
    return c.time;
}

/* span_end: ends a stretch at a time, or, in TIME_WAIT, when 2MSL have passed. */
static void span_end(GArray *spans, struct span s, uint32_t number, unsigned end, int64_t time)
{
    int64_t ends = s.state == TCPFSM_TIME_WAIT ? sockets_time_wait_until(number, end, s.from) : INT64_MAX;
    s.to = MIN(time, ends);
    g_array_append_val(spans, s);
    if (time > ends) {
        s = (struct span){.from = ends, .to = time, .frame = s.frame, .state = TCPFSM_CLOSED, .assumed = true};
        g_array_append_val(spans, s);
    }
}

void spans_of(uint32_t number, unsigned end, int64_t until, GArray *spans)
{
    struct history_change c;
    struct span s = {0};
    uint32_t next = view_after(number);
    g_array_set_size(spans, 0);
    if (next != UINT32_MAX)
        until = MIN(until, begin_time(next));
    until = MAX(until, begin_time(number));
    for (uint32_t i = 0; view_change(number, i, &c); i++) {
        int64_t time = CLAMP(c.time, s.from, until);
        if (i && c.state[end] != s.state)
            span_end(spans, s, number, end, time);
        if (!i || c.state[end] != s.state)
            s = (struct span){.from = i ? time : c.time, .frame = c.frame, .state = (uint8_t)c.state[end]};
        s.assumed = !view_certain(c.possible[end]);
    }
    span_end(spans, s, number, end, until);
}

/* Something that moved sockets, as it was captured: a change of a connection, a FIN that restarted TIME_WAIT,
 * another connection that took the place. */
enum { CHANGE, RESTART, REPLACED };
struct event {
    uint32_t frame, number;
    unsigned order : 8, kind : 2;
    uint32_t at;                        /* of a change: its number */
};

static int event_order(const void *a, const void *b)
{
    const struct event *x = (const struct event *)a, *y = (const struct event *)b;
    uint32_t k[2][5] = {{x->frame, x->order, x->number, x->kind, x->at},
                        {y->frame, y->order, y->number, y->kind, y->at}};
    for (unsigned i = 0; i < 5; i++)
        if (k[0][i] != k[1][i])
            return k[0][i] < k[1][i] ? -1 : 1;
    return 0;
}

static void events_of(GArray *events, uint32_t number)
{
    struct history_change c;
    uint32_t next = view_after(number);
    for (uint32_t i = 0; view_change(number, i, &c); i++) {
        struct event e = {c.frame, number, c.order, CHANGE, i};
        g_array_append_val(events, e);
    }
    if (next == UINT32_MAX)
        return;
    unsigned order;
    struct event e = {.number = number, .kind = REPLACED, .at = next};
    view_first(next, &e.frame, &order);
    e.order = order & 255u;
    g_array_append_val(events, e);
}

static GArray *events_of_all(void)
{
    GArray *events = g_array_new(FALSE, FALSE, sizeof(struct event));
    uint32_t restarts;
    const struct sockets_restart *restart = sockets_restarts(&restarts);
    for (uint32_t i = 0; i < view_count(); i++)
        events_of(events, i);
    for (uint32_t i = 0; i < restarts; i++) {
        struct event e = {restart[i].frame, restart[i].connection, restart[i].order, RESTART, i};
        g_array_append_val(events, e);
    }
    g_array_sort(events, event_order);
    return events;
}

/* count_change: the connection's sockets are in the states of its change. */
static void count_change(struct counts *counts, const struct event *e, const struct connections_ends *ends)
{
    struct history_change c;
    view_change(e->number, e->at, &c);
    struct counts_move m = sockets_move(e->number, ends, c.client, c.frame, c.time);
    unsigned sockets = connections_self(ends) ? 1 : 2;
    counts_tick(counts, c.time, c.frame);
    for (unsigned end = 0; end < sockets; end++) {
        m.state[end] = (uint8_t)c.state[end];
        counts_moved(counts, &m, end);
    }
}

static void count_restart(struct counts *counts, const struct event *e, const struct connections_ends *ends)
{
    struct view v;
    uint32_t n;
    const struct sockets_restart *r = &sockets_restarts(&n)[e->at];
    view_at(&v, e->number, 0, r->frame, r->order, r->time);
    struct counts_move m = sockets_move(e->number, ends, v.client, r->frame, r->time);
    m.state[r->end] = TCPFSM_TIME_WAIT;
    m.restart[r->end] = true;
    counts_tick(counts, r->time, r->frame);
    counts_moved(counts, &m, r->end);
}

static void count_replaced(struct counts *counts, const struct event *e, const struct connections_ends *ends)
{
    int64_t time = begin_time(e->at);
    struct counts_move m = sockets_move(e->number, ends, 0, e->frame, time);
    counts_tick(counts, time, e->frame);
    counts_moved(counts, &m, 0);
    counts_moved(counts, &m, 1);
}

void spans_count(int64_t until, counts_observer *observer, void *data)
{
    static void (*const count[])(struct counts *, const struct event *, const struct connections_ends *) = {
        [CHANGE] = count_change, [RESTART] = count_restart, [REPLACED] = count_replaced};
    GArray *events = events_of_all();
    struct counts *counts = counts_new(sockets_time_wait(), NULL, observer, data);
    for (unsigned i = 0; i < events->len; i++) {
        const struct event *e = &g_array_index(events, struct event, i);
        struct connections_ends ends = view_ends(e->number);
        count[e->kind](counts, e, &ends);
    }
    counts_tick(counts, until, UINT32_MAX);
    counts_free(counts);
    g_array_free(events, TRUE);
}
