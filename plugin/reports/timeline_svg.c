/* timeline_svg.c: the timeline as a drawing.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/timeline_svg.h"
#include "reports/spans.h"
#include "reports/steps.h"
#include "reports/svg.h"
#include "wording.h"

#include <math.h>

enum { WIDTH = 1100, LEFT = 330, RIGHT = 1080, TOP = 70, ROW = 24, HALF = 9, CURVE = 110, LEGEND = 44 };

/* What the parts of the drawing share. */
struct drawing {
    GString *f;
    const struct report *r;
    wmem_allocator_t *pool;
    unsigned bottom;            /* of the bars */
    double step;                /* seconds between marks */
};

static double x_of(const struct drawing *p, int64_t time)
{
    double span = (double)(p->r->clock.last - p->r->clock.first);
    return span > 0 ? LEFT + (double)(time - p->r->clock.first) / span * (RIGHT - LEFT) : LEFT;
}

/* step_of: 1, 2 or 5 times a power of ten seconds, so that there are about eight marks. */
static double step_of(double seconds)
{
    double power = pow(10, floor(log10(MAX(seconds, 1e-6) / 8)));
    double n = seconds / 8 / power;
    return power * (n < 1.5 ? 1 : n < 3.5 ? 2 : n < 7.5 ? 5 : 10);
}

/* axis: a line every step, labelled above the bars, through all that is drawn. */
static void axis(const struct drawing *p, unsigned to)
{
    double seconds = (double)(p->r->clock.last - p->r->clock.first) / 1e9;
    for (unsigned i = 0; i <= 20 && i * p->step <= seconds; i++) {
        double x = x_of(p, p->r->clock.first + (int64_t)(i * p->step * 1e9));
        g_string_append_printf(p->f, "<line class=\"g\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%u\"/>\n", x, TOP - 8, x,
                               to);
        svg_text(p->f, 1, x, TOP - 14, "m", "middle", wmem_strdup_printf(p->pool, "%g s", i * p->step));
    }
}

static void bar(const struct drawing *p, uint32_t number, unsigned end, unsigned y, GArray *spans)
{
    spans_of(number, end, p->r->clock.last, spans);
    for (unsigned i = 0; i < spans->len; i++) {
        const struct span *s = &g_array_index(spans, struct span, i);
        double from = x_of(p, s->from), to = x_of(p, s->to);
        if (!counts_socket(s->state))
            continue;
        g_string_append_printf(
            p->f,
            "<rect class=\"%s\" x=\"%.2f\" y=\"%u\" width=\"%.2f\" height=\"%d\"%s><title>%s%s %s</title></rect>\n",
            svg_colour(s->state), from, y, MAX(to - from, 1.5), HALF, s->assumed ? " fill-opacity=\"0.75\"" : "",
            tcpfsm_state_name(s->state), s->assumed ? " (assumed)" : "", wording_duration(p->pool, s->to - s->from));
    }
}

/* curve: how many sockets are in that state, as steps; returns the highest. */
static unsigned curve(const struct drawing *p, const GArray *events, unsigned state, const char *class, unsigned top,
                      unsigned scale)
{
    unsigned count = 0, peak = 0, base = top + CURVE;
    if (scale)
        g_string_append_printf(p->f, "<path class=\"%s\" fill=\"none\" stroke-width=\"2\" d=\"M%d %u", class, LEFT,
                               base);
    for (unsigned i = 0; i < events->len; i++) {
        const struct step *e = &g_array_index(events, struct step, i);
        if (e->state != state)
            continue;
        count = (unsigned)((int)count + e->delta);
        peak = MAX(peak, count);
        if (scale)
            g_string_append_printf(p->f, "H%.1fV%.1f", x_of(p, e->time), base - (double)count / scale * (CURVE - 8));
    }
    if (scale)
        g_string_append_printf(p->f, "H%d\"/>\n", RIGHT);
    return peak;
}

static void curves(const struct drawing *p, unsigned top)
{
    GArray *events = steps_of(p->r);
    unsigned time_wait = curve(p, events, TCPFSM_TIME_WAIT, "", top, 0),
             close_wait = curve(p, events, TCPFSM_CLOSE_WAIT, "", top, 0);
    unsigned scale = MAX(MAX(time_wait, close_wait), 1);
    g_string_append_printf(p->f, "<line class=\"l\" x1=\"%d\" y1=\"%u\" x2=\"%d\" y2=\"%u\"/>\n", LEFT, top + CURVE,
                           RIGHT, top + CURVE);
    svg_text(p->f, 1, LEFT - 8, top + 12, "m", "end", wmem_strdup_printf(p->pool, "%u", scale));
    svg_text(p->f, 1, LEFT - 8, top + CURVE, "m", "end", "0");
    curve(p, events, TCPFSM_TIME_WAIT, "kw", top, scale);
    curve(p, events, TCPFSM_CLOSE_WAIT, "kc", top, scale);
    g_string_append_printf(p->f, "<line class=\"kw\" stroke-width=\"2\" x1=\"16\" y1=\"%u\" x2=\"40\" y2=\"%u\"/>\n",
                           top + 34, top + 34);
    svg_text(p->f, 1, 48, top + 38, "t", "start",
             wmem_strdup_printf(p->pool, "sockets in TIME_WAIT, at most %u", time_wait));
    g_string_append_printf(p->f, "<line class=\"kc\" stroke-width=\"2\" x1=\"16\" y1=\"%u\" x2=\"40\" y2=\"%u\"/>\n",
                           top + 58, top + 58);
    svg_text(p->f, 1, 48, top + 62, "t", "start",
             wmem_strdup_printf(p->pool, "sockets in CLOSE_WAIT, at most %u", close_wait));
    g_array_free(events, TRUE);
}

static void legend(const struct drawing *p, unsigned y)
{
    double x = 16;
    for (unsigned s = 0; s < TCPFSM_STATES; s++) {
        if (!counts_socket(s))
            continue;
        g_string_append_printf(p->f, "<rect class=\"%s\" x=\"%.1f\" y=\"%u\" width=\"14\" height=\"12\"/>\n",
                               svg_colour(s), x, y);
        svg_text(p->f, 1, x + 19, y + 10, "t", "start", tcpfsm_state_name(s));
        x += 34 + 8.1 * (double)strlen(tcpfsm_state_name(s));
    }
}

void timeline_svg(const struct report *r, unsigned drawn)
{
    struct drawing p = {
        .r = r, .bottom = TOP + drawn * ROW, .step = step_of((double)(r->clock.last - r->clock.first) / 1e9)};
    p.pool = wmem_allocator_new(WMEM_ALLOCATOR_BLOCK);
    GArray *spans = g_array_new(FALSE, FALSE, sizeof(struct span));
    unsigned top = p.bottom + 16, height = top + CURVE + LEGEND;
    p.f = svg_begin(WIDTH, height, "TCP connections over time");
    svg_text(p.f, 1, 16, 26, "t", "start", steps_title(p.pool, r, drawn));
    svg_text(p.f, 1, 16, 46, "m", "start", "upper half: client, lower half: server; paler: assumed");
    axis(&p, top + CURVE);
    for (uint32_t i = 0; i < drawn; i++) {
        struct view v;
        unsigned y = TOP + i * ROW;
        view_last(&v, i);
        svg_text(p.f, 1, LEFT - 8, y + HALF + 4, "t", "end",
                 wmem_strdup_printf(p.pool, "%s \342\206\222 %s", view_endpoint(p.pool, &v.ends, v.client),
                                    view_endpoint(p.pool, &v.ends, !v.client)));
        bar(&p, i, v.client, y, spans);
        bar(&p, i, !v.client, y + HALF + 1, spans);
        wmem_free_all(p.pool);
    }
    curves(&p, top);
    legend(&p, height - 26);
    report_svg(r, p.f);
    g_array_free(spans, TRUE);
    wmem_destroy_allocator(p.pool);
}
