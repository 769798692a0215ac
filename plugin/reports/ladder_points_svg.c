/* ladder_points_svg.c: the ladder with two points as a drawing: four columns, the ends as bars in the colours of their
 * states, the points as lines between them; what was lost or made ends or begins on the way.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/ladder_points.h"
#include "marks.h"
#include "moment.h"
#include "reports/svg.h"
#include "wording.h"

enum {
    WIDTH = 1180,
    LEFT = 290,
    RIGHT = 840,
    POINT = 70,         /* from an end to its point */
    MIDDLE = (LEFT + RIGHT) / 2,
    SLOPE = 22,
    NOTE = 16,
    PAUSE = 24,
    HEAD = 92,
    BAR = 10,
    NOTE_CHARS = 76
};

/* A drawing as it grows downward. */
struct sheet {
    GString *f;
    const struct report *r;
    wmem_allocator_t *pool;
    unsigned y;
    unsigned *departed;         /* of each rung: the y where it was sent */
    unsigned since[2];          /* of the client's bar and the server's: the y down to which it is drawn, */
    unsigned state[2];          /* and its state from there on */
};

static int end_x(unsigned side) { return side ? RIGHT : LEFT; }
static int point_x(unsigned side) { return side ? RIGHT - POINT : LEFT + POINT; }

/* bar: the lifeline of a side down to y. */
static void bar(struct sheet *s, unsigned side, unsigned y)
{
    if (y > s->since[side])
        g_string_append_printf(s->f, "<rect class=\"%s\" x=\"%d\" y=\"%u\" width=\"%d\" height=\"%u\"/>\n",
                               svg_colour(s->state[side]), end_x(side) - BAR / 2, s->since[side], BAR,
                               y - s->since[side]);
    s->since[side] = y;
}

static void line(struct sheet *s, int x1, int y1, int x2, int y2)
{
    g_string_append_printf(s->f, "<line class=\"l\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n", x1, y1, x2, y2);
}

/* stub: between an end and its point, with a head if it comes to the end, and a dot where it was captured. */
static void stub(struct sheet *s, unsigned side, int y, bool head)
{
    int in = side ? -1 : 1, end = end_x(side) + in * (BAR / 2 + 1);
    line(s, head ? end + in * 9 : end, y, point_x(side), y);
    if (head)
        g_string_append_printf(s->f, "<path class=\"m\" d=\"M%d %dl%d -4v8z\"/>\n", end, y, in * 9);
    g_string_append_printf(s->f, "<circle class=\"m\" cx=\"%d\" cy=\"%d\" r=\"2.5\"/>\n", point_x(side), y);
}

static void cross(struct sheet *s, int x, int y)
{
    g_string_append_printf(s->f, "<path class=\"w\" d=\"M%d %dl10 10m0 -10l-10 10\" stroke=\"#b3261e\" "
                                 "stroke-width=\"2\"/>\n", x - 5, y - 5);
}

/* caption: frame, time and, where it changes, the state of what happened at a side. */
static void caption(struct sheet *s, const struct rung *g, bool arrival, const struct view *v, unsigned y)
{
    unsigned end = arrival ? !g->from : g->from, side = end != v->client;
    int64_t time = (arrival ? g->arrived_time : g->time) - s->r->clock.first;
    bool changed = v->end[end].changed || v->end[end].state != s->state[side];
    bar(s, side, y);
    s->state[side] = v->end[end].state;
    svg_text(s->f, 0, side ? WIDTH - 20 : 44, y + 4, "m", "end",
             wmem_strdup_printf(s->pool, "%u", arrival ? g->arrived_frame : g->frame));
    svg_text(s->f, 0, side ? WIDTH - 80 : 140, y + 4, "t", "end",
             wmem_strdup_printf(s->pool, "%.6f", (double)time / 1e9));
    if (changed)
        svg_text(s->f, 0, side ? RIGHT + 16 : LEFT - 16, y + 4, "t mono", side ? "start" : "end",
                 view_shown(s->pool, &v->end[end]));
}

/* leaves: a departure, and what becomes of it if it does not arrive. */
static void leaves(struct sheet *s, const struct rung *g, const struct view *v, unsigned y)
{
    unsigned side = g->from != v->client;
    int in = side ? -1 : 1;
    if (g->order == MOMENT_QUOTE)
        return;
    stub(s, side, (int)y, false);
    if (g->arrived)
        return;
    if (!g->merged) {
        line(s, point_x(side), (int)y, point_x(!side), (int)y + SLOPE);
        stub(s, !side, (int)y + SLOPE, true);
        return;
    }
    line(s, point_x(side), (int)y, MIDDLE, (int)y + SLOPE / 2);
    if (g->lost)
        cross(s, MIDDLE + in * 4, (int)y + SLOPE / 2);
    else
        svg_text(s->f, 0, MIDDLE + in * 10, y + SLOPE / 2 + 4, "m", "middle", "?");
}

/* arrives: an arrival; `from`: the y where the segment was sent; 0: it began on the way. */
static void arrives(struct sheet *s, const struct rung *g, const struct view *v, unsigned y, unsigned from)
{
    unsigned side = g->from == v->client;
    if (from) {
        line(s, point_x(!side), (int)from, point_x(side), (int)y);
    } else {
        line(s, MIDDLE, (int)y - SLOPE / 2, point_x(side), (int)y);
        g_string_append_printf(s->f, "<circle class=\"w\" cx=\"%d\" cy=\"%d\" r=\"4\"/>\n", MIDDLE,
                               (int)y - SLOPE / 2);
    }
    stub(s, side, (int)y, true);
}

/* label: the segment, above its arrow where that begins. */
static void label(struct sheet *s, const struct rung *g, const struct view *v, unsigned y, bool both, bool arrival)
{
    const char *text = rungs_segment(s->pool, g);
    unsigned side = (g->from != v->client) ^ (arrival ? 1u : 0u);
    if (arrival && g->departed)
        return;
    if (both)
        svg_text(s->f, 0, MIDDLE, y, "t mono", "middle", text);
    else if (arrival)
        svg_text(s->f, 0, MIDDLE, y - SLOPE / 2 - 8, "t mono", "middle", text);
    else
        svg_text(s->f, 0, point_x(side) + (side ? -8 : 8), y - 4, "t mono", side ? "end" : "start", text);
}

/* notes: what is to be said of an event, in lines broken at blanks. */
static void notes(struct sheet *s, const struct rung *g, bool arrival, const struct view *v)
{
    for (char **note = ladder_points_notes(s->pool, g, arrival, v); *note; note++) {
        const char *text = *note;
        bool calm = g_str_has_prefix(text, "again") || g_str_has_prefix(text, "client ") ||
                    g_str_has_prefix(text, "server ");
        while (*text) {
            size_t n = strlen(text);
            if (n > NOTE_CHARS)
                for (n = NOTE_CHARS; n > 1 && text[n] != ' ';)
                    n--;
            svg_text(s->f, 0, LEFT + 22, s->y + 12, calm ? "m" : "w", "start", wmem_strndup(s->pool, text, n));
            text += n + strspn(text + n, " ");
            s->y += NOTE;
        }
    }
}

/* event: one event, or a departure and the arrival that follows it. */
static void event(struct sheet *s, const struct rung *g, const struct rungs_event *e, bool both)
{
    struct view v, later;
    unsigned y = s->y + (e->arrival && !g->departed ? SLOPE + 8 : 14);
    ladder_points_view(g, e->arrival, &v);
    caption(s, g, e->arrival, &v, y);
    if (e->arrival)
        arrives(s, g, &v, y, g->departed ? s->departed[e->rung] : 0);
    else
        leaves(s, g, &v, y);
    label(s, g, &v, y, both, e->arrival);
    s->departed[e->rung] = y;
    if (both) {
        rungs_arrival(g, &later);
        caption(s, g, true, &later, y + SLOPE);
        arrives(s, g, &later, y + SLOPE, y);
    }
    s->y = y + (both || !g->arrived ? SLOPE + 6 : 8);
    notes(s, g, e->arrival, &v);
    if (both)
        notes(s, g, true, &later);
    s->y += 6;
    wmem_free_all(s->pool);
}

/* heading: the ends and their points, above the columns. */
static void heading(struct sheet *s, const struct rung *g)
{
    struct view v;
    rungs_view(g, &v);
    s->y += HEAD;
    svg_text(s->f, 0, MIDDLE, s->y - 58, "m", "middle", ladder_points_clock(s->pool, g->connection));
    for (unsigned side = 0; side < 2; side++) {
        const struct view_end *e = &v.end[side ^ v.client];
        svg_text(s->f, 0, end_x(side), s->y - 34, "t", "middle", view_endpoint(s->pool, &v.ends, side ^ v.client));
        svg_text(s->f, 0, end_x(side), s->y - 18, "m", "middle", side ? "server" : "client");
        svg_text(s->f, 0, point_x(side) + (side ? -30 : 30), s->y - 2, "m", "middle", "captured");
        s->state[side] = e->changed ? e->previous : e->state;
        s->since[side] = s->y;
    }
}

/* one: the rungs of one connection. */
static void one(struct sheet *s, const struct rung *g, unsigned rungs)
{
    unsigned events, top;
    struct rungs_event *e = rungs_events(g, rungs, &events);
    s->departed = g_new0(unsigned, rungs);
    heading(s, g);
    top = s->y;
    for (unsigned i = 0; i < events; i++) {
        bool both = i + 1 < events && e[i + 1].follows;
        if (i && e[i].time - e[i - 1].time > MARKS_SILENCE) {
            const char *silence = wording_duration(s->pool, e[i].time - e[i - 1].time);
            svg_text(s->f, 0, MIDDLE, s->y + 14, "m", "middle", wmem_strdup_printf(s->pool, "%s of silence", silence));
            s->y += PAUSE;
        }
        event(s, &g[e[i].rung], &e[i], both);
        i += both;
    }
    for (unsigned side = 0; side < 2; side++) {
        bar(s, side, s->y);
        g_string_append_printf(s->f, "<line class=\"g\" x1=\"%d\" y1=\"%u\" x2=\"%d\" y2=\"%u\"/>\n", point_x(side),
                               top, point_x(side), s->y);
    }
    g_free(s->departed);
    g_free(e);
}

void ladder_points_svg(const struct report *r, uint32_t stream, const struct rung *g, unsigned rungs)
{
    struct sheet s = {.f = g_string_new(NULL), .r = r, .pool = wmem_allocator_new(WMEM_ALLOCATOR_BLOCK), .y = 30};
    char *title = g_strdup_printf("TCP stream %u", stream);
    for (unsigned i = 0, n; i < rungs; i += n) {
        for (n = 1; i + n < rungs && g[i + n].connection == g[i].connection;)
            n++;
        one(&s, g + i, n);
    }
    svg_text(s.f, 0, 24, s.y + 30, "m", "start",
             "A state stands beside the segment that brought it; ? after it: assumed. A cross: lost on the way. "
             "A red dot: made or duplicated between them.");
    GString *f = svg_begin(WIDTH, s.y + 44, title);
    svg_text(f, 0, 44, 24, "m", "end", "frame");
    svg_text(f, 0, 140, 24, "m", "end", "seconds");
    svg_text(f, 0, MIDDLE, 24, "t", "middle", title);
    svg_text(f, 0, WIDTH - 80, 24, "m", "end", "seconds");
    svg_text(f, 0, WIDTH - 20, 24, "m", "end", "frame");
    g_string_append(f, s.f->str);
    report_svg(r, f);
    g_string_free(s.f, TRUE);
    g_free(title);
    wmem_destroy_allocator(s.pool);
}
