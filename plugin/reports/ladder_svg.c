/* ladder_svg.c: the ladder as a drawing: two lifelines coloured by state, an arrow for each segment, what is to be said
 * beneath it.
 *
 * Copyright 2026 the tcpfsm authors SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/ladder_svg.h"
#include "marks.h"
#include "moment.h"
#include "reports/svg.h"
#include "wording.h"

enum {
    WIDTH = 1000,
    LEFT = 300,
    RIGHT = 830,
    TOP = 96,
    RUNG = 34,
    NOTE = 16,
    PAUSE = 22,
    HEAD = 74,
    SLOPE = 10,
    BAR = 10,
    NOTE_CHARS = 76,
    LINES_MAX = 8
};

/* Where a rung is drawn. */
struct place { unsigned y, height; };

/* lines_of: how many lines a text takes. */
static unsigned lines_of(const char *text)
{
    return MIN((unsigned)(strlen(text) / NOTE_CHARS + 1), (unsigned)LINES_MAX);
}

static unsigned layout(const struct rung *g, unsigned rungs, struct place *place, wmem_allocator_t *pool)
{
    unsigned y = TOP;
    for (unsigned i = 0; i < rungs; i++) {
        struct view v;
        unsigned lines = 0;
        rungs_view(&g[i], &v);
        for (char **note = rungs_notes(pool, &g[i], &v); *note; note++)
            lines += lines_of(*note);
        if (i && g[i].connection != g[i - 1].connection)
            y += HEAD;
        else if (i && g[i].time - g[i - 1].time > MARKS_SILENCE)
            y += PAUSE;
        place[i] = (struct place){y, RUNG + (lines ? lines * NOTE + 6 : 0)};
        y += place[i].height;
        wmem_free_all(pool);
    }
    return y;
}

/* note_print: a text in as many lines as it needs, broken at blanks. Returns the y of the next line. */
static unsigned note_print(GString *f, unsigned y, const char *text, const char *class)
{
    char line[NOTE_CHARS + 1];
    for (unsigned i = lines_of(text); i && *text; i--, y += NOTE) {
        size_t n = strlen(text);
        if (n > NOTE_CHARS) {
            for (n = NOTE_CHARS; n && text[n] != ' ';)
                n--;
            if (!n)
                n = NOTE_CHARS;
        }
        memcpy(line, text, n);
        line[n] = '\0';
        svg_text(f, 0, LEFT + 22, y, class, "start", line);
        text += n + strspn(text + n, " ");
    }
    return y;
}

/* heading: address of each end above its lifeline, and the state before the first segment. */
static void heading(GString *f, const struct rung *g, unsigned y, wmem_allocator_t *pool)
{
    struct view v;
    rungs_view(g, &v);
    for (unsigned side = 0; side < 2; side++) {
        const struct view_end *e = &v.end[side ^ v.client];
        unsigned x = side ? RIGHT : LEFT;
        svg_text(f, 0, x, y - 34, "t", "middle", view_endpoint(pool, &v.ends, side ^ v.client));
        svg_text(f, 0, x, y - 18, "m", "middle", side ? "server" : "client");
        if (e->changed)
            svg_text(f, 0, side ? RIGHT + 16 : LEFT - 16, y - 2, "m mono", side ? "start" : "end",
                     tcpfsm_state_name(e->previous));
    }
}

/* lifelines: the bars from this rung to the next, in the colours of the states. */
static void lifelines(GString *f, const struct view *v, unsigned y, unsigned to)
{
    for (unsigned side = 0; side < 2; side++)
        g_string_append_printf(f, "<rect class=\"%s\" x=\"%u\" y=\"%u\" width=\"%d\" height=\"%u\"/>\n",
                               svg_colour(v->end[side ^ v->client].state), (side ? RIGHT : LEFT) - BAR / 2, y, BAR,
                               to - y);
}

static void arrow(GString *f, const struct rung *g, bool right, unsigned y)
{
    int from = right ? LEFT + BAR / 2 + 1 : RIGHT - BAR / 2 - 1, to = right ? RIGHT - BAR / 2 - 1 : LEFT + BAR / 2 + 1;
    if (g->order == MOMENT_QUOTE)
        return;
    if (g->lost) {      /* ends on the way */
        to = from + (to - from) * 4 / 5;
        g_string_append_printf(f,
                               "<line class=\"l\" x1=\"%d\" y1=\"%u\" x2=\"%d\" y2=\"%u\" stroke-dasharray=\"5 4\"/>\n",
                               from, y, to, y + SLOPE * 4 / 5);
        g_string_append_printf(
            f, "<path class=\"w\" d=\"M%d %ul10 10m0 -10l-10 10\" stroke=\"#b3261e\" stroke-width=\"2\"/>\n", to - 5,
            y + SLOPE * 4 / 5 - 5);
        return;
    }
    int back = right ? -9 : 9;
    g_string_append_printf(f, "<line class=\"l\" x1=\"%d\" y1=\"%u\" x2=\"%d\" y2=\"%u\"/>\n", from, y, to + back,
                           y + SLOPE);
    g_string_append_printf(f, "<path class=\"m\" d=\"M%d %ul%d -4v8z\"/>\n", to, y + SLOPE, back);
}

static void rung_draw(GString *f, const struct report *r, const struct rung *g, const struct place *p,
                      wmem_allocator_t *pool)
{
    struct view v;
    unsigned y = p->y + 12;
    rungs_view(g, &v);
    bool right = g->from == v.client;
    lifelines(f, &v, p->y, p->y + p->height);
    svg_text(f, 0, 44, y + 6, "m", "end", wmem_strdup_printf(pool, "%u", g->frame));
    svg_text(f, 0, 140, y + 6, "t", "end", wmem_strdup_printf(pool, "%.6f", (double)(g->time - r->clock.first) / 1e9));
    arrow(f, g, right, y);
    for (unsigned side = 0; side < 2; side++) {
        const struct view_end *e = &v.end[side ^ v.client];
        if (e->changed)
            svg_text(f, 0, side ? RIGHT + 16 : LEFT - 16, y + 6, "t mono", side ? "start" : "end",
                     view_shown(pool, e));
    }
    svg_text(f, 0, (LEFT + RIGHT) / 2, y - 1, "t mono", "middle", rungs_segment(pool, g));
    y += 30;
    for (char **note = rungs_notes(pool, g, &v); *note; note++)
        y = note_print(
            f, y, *note,
            !strncmp(*note, "again", 5) || !strncmp(*note, "client ", 7) || !strncmp(*note, "server ", 7) ? "m" : "w");
    wmem_free_all(pool);
}

void ladder_svg(const struct report *r, uint32_t stream, const struct rung *g, unsigned rungs)
{
    wmem_allocator_t *pool = wmem_allocator_new(WMEM_ALLOCATOR_BLOCK);
    struct place *place = g_new(struct place, rungs);
    unsigned height = layout(g, rungs, place, pool) + 44;
    char *title = g_strdup_printf("TCP stream %u", stream);
    GString *f = svg_begin(WIDTH, height, title);
    svg_text(f, 0, 44, 24, "m", "end", "frame");
    svg_text(f, 0, 140, 24, "m", "end", "seconds");
    svg_text(f, 0, (LEFT + RIGHT) / 2, 24, "t", "middle", title);
    for (unsigned i = 0; i < rungs; i++) {
        if (!i || g[i].connection != g[i - 1].connection) {
            heading(f, &g[i], place[i].y, pool);
        } else if (g[i].time - g[i - 1].time > MARKS_SILENCE) {
            struct view v;
            rungs_view(&g[i - 1], &v);
            lifelines(f, &v, place[i - 1].y + place[i - 1].height, place[i].y);
            svg_text(f, 0, (LEFT + RIGHT) / 2, place[i].y - 8, "m", "middle",
                     wmem_strdup_printf(pool, "%s of silence", wording_duration(pool, g[i].time - g[i - 1].time)));
        }
        rung_draw(f, r, &g[i], &place[i], pool);
    }
    svg_text(
        f, 0, 24, height - 14, "m", "start",
        "A state stands beside the segment that brought it; ? after it: assumed. A broken arrow: sent again later, "
        "nothing captured between answers it.");
    report_svg(r, f);
    g_free(title);
    g_free(place);
    wmem_destroy_allocator(pool);
}
