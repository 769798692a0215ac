/* ladder_points.c: the ladder with two points as text: at each edge what was captured there, in the middle the segment.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/ladder_points.h"
#include "marks.h"
#include "moment.h"
#include "reports/path_line.h"
#include "wording.h"

bool ladder_points(const struct rung *g, unsigned rungs)
{
    for (unsigned i = 0; i < rungs; i++)
        if (g[i].merged)
            return true;
    return false;
}

const char *ladder_points_clock(wmem_allocator_t *pool, uint32_t number)
{
    struct between b;
    struct view v;
    int64_t ahead, uncertainty;
    if (!view_between(number, &b))
        return "";
    view_last(&v, number);
    unsigned client = b.nearest[v.client], server = b.nearest[!v.client];
    uint32_t at[2] = {path_named(b.points, client), path_named(b.points, server)};
    const char *points = "Captured beside the client and beside the server";
    if (at[0])
        points = wmem_strdup_printf(pool, "Beside the client: interface %s; beside the server: interface %s",
                                    path_point(pool, at[0]), path_point(pool, at[1]));
    if (!points_offset(b.points, client, server, &ahead, &uncertainty))
        return wmem_strdup_printf(pool, "%s. Each point's times are by its own clock.", points);
    return wmem_strdup_printf(pool, "%s, whose clock is %.3f ms %s (±%.3f). Times are by the client's.", points,
                              (double)(ahead < 0 ? -ahead : ahead) / 1e6, ahead < 0 ? "behind" : "ahead",
                              (double)uncertainty / 1e6);
}

void ladder_points_view(const struct rung *g, bool arrival, struct view *v)
{
    if (arrival)
        rungs_arrival(g, v);
    else
        rungs_view(g, v);
}

char **ladder_points_notes(wmem_allocator_t *pool, const struct rung *g, bool arrival, const struct view *v)
{
    struct rung said = *g;
    if (!arrival)
        return rungs_notes(pool, &said, v);
    said.copy_of = said.missed = 0;
    char **note = rungs_notes(pool, &said, v);
    if (g->departed)
        return note;
    unsigned n = 0;
    while (note[n])
        n++;
    char **more = wmem_alloc_array(pool, char *, n + 2);
    more[0] = wmem_strdup(pool, g->made     ? "made between the points: its sender's point does not have it"
                                : g->copied ? "a duplicate made between the points"
                                            : "captured beside its receiver only");
    memcpy(more + 1, note, (n + 1) * sizeof *note);
    return more;
}

/* What stands on one line: of the client's side (0) and the server's. */
struct line {
    const char *frame[2], *seconds[2], *state[2], *arrow[2];
};

/* put: what was captured at a side. */
static void put(struct line *l, const struct report *r, const struct rung *g, bool arrival, wmem_allocator_t *pool)
{
    struct view v;
    ladder_points_view(g, arrival, &v);
    unsigned end = arrival ? !g->from : g->from, side = end != v.client;
    int64_t time = arrival ? g->arrived_time : g->time;
    l->frame[side] = wmem_strdup_printf(pool, "%u", arrival ? g->arrived_frame : g->frame);
    l->seconds[side] = wmem_strdup_printf(pool, "%.6f", (double)(time - r->clock.first) / 1e9);
    l->state[side] = view_shown(pool, &v.end[end]);
    l->arrow[side] = g->order == MOMENT_QUOTE ? "   " : g->from == v.client ? "-->" : "<--";
    if (!arrival && !g->arrived && g->merged)
        l->arrow[!side] = g->lost ? " X " : " ? ";
    if (g->merged)
        return;
    l->arrow[!side] = l->arrow[side];
    l->state[!side] = view_shown(pool, &v.end[!end]);
}

static void notes(const struct rung *g, bool arrival, wmem_allocator_t *pool)
{
    struct view v;
    ladder_points_view(g, arrival, &v);
    for (char **note = ladder_points_notes(pool, g, arrival, &v); *note; note++)
        printf("%20s %s\n", "", *note);
}

/* line_print: one event, or a departure and the arrival that follows it. */
static void line_print(const struct report *r, const struct rung *g, const struct rungs_event *e, bool both,
                       wmem_allocator_t *pool)
{
    struct line l = {{"", ""}, {"", ""}, {"", ""}, {"   ", "   "}};
    put(&l, r, g, e->arrival, pool);
    if (both)
        put(&l, r, g, true, pool);
    char *text = g_strdup_printf("%6s %12s  %-14s %s %-42s %s %-14s %12s %6s", l.frame[0], l.seconds[0], l.state[0],
                                 l.arrow[0], rungs_segment(pool, g), l.arrow[1], l.state[1], l.seconds[1], l.frame[1]);
    puts(g_strchomp(text));
    g_free(text);
    notes(g, e->arrival, pool);
    if (both)
        notes(g, true, pool);
}

static void heading(const struct rung *g, bool more, wmem_allocator_t *pool)
{
    struct view v;
    rungs_view(g, &v);
    const char *clock = ladder_points_clock(pool, g->connection);
    printf("%sConnection %u, use %u of its addresses and ports: %s\n%s%s\n", more ? "\n" : "", g->connection,
           view_incarnation(v.number), tcpfsm_outcome_name(view_outcome(g->connection)), clock, *clock ? "\n" : "");
    printf("%6s %12s  %-18s %-46s %-14s %12s %6s\n", "frame", "seconds", view_endpoint(pool, &v.ends, v.client), "",
           view_endpoint(pool, &v.ends, !v.client), "seconds", "frame");
}

/* one: the lines of one connection. */
static void one(const struct report *r, const struct rung *g, unsigned rungs, wmem_allocator_t *pool)
{
    unsigned events;
    struct rungs_event *e = rungs_events(g, rungs, &events);
    for (unsigned i = 0; i < events; i++) {
        bool both = i + 1 < events && e[i + 1].follows;
        if (i && e[i].time - e[i - 1].time > MARKS_SILENCE)
            printf("%6s %12s  : %s of silence\n", "", "", wording_duration(pool, e[i].time - e[i - 1].time));
        line_print(r, &g[e[i].rung], &e[i], both, pool);
        i += both;
        wmem_free_all(pool);
    }
    g_free(e);
}

void ladder_points_text(const struct report *r, const struct rung *g, unsigned rungs, wmem_allocator_t *pool)
{
    for (unsigned i = 0, n; i < rungs; i += n) {
        for (n = 1; i + n < rungs && g[i + n].connection == g[i].connection;)
            n++;
        heading(&g[i], i > 0, pool);
        one(r, g + i, n, pool);
    }
    puts("\nA segment stands on one line, or on two if something happened at either end while it was under way.\n"
         "X instead of an arrow: lost between the points.  ?: not known, the other capture had ended.  No arrow beside "
         "the\nsender: its point does not have it.  ? after a state: assumed.");
}
