/* timeline.c: -z tcpfsm,timeline: each connection as a bar over the time of the capture, its upper half the client's
 * states, its lower half the server's.
 *
 * Copyright 2026 the tcpfsm authors SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/kinds.h"
#include "reports/spans.h"
#include "reports/steps.h"
#include "reports/timeline_svg.h"
#include "wording.h"

enum { COLUMNS = 72, CONNECTIONS = 200 };       /* drawn at most: more fit no screen */

/* A letter for each state; a blank where there is no socket. */
static const char letters[TCPFSM_STATES + 1] = "  srEfFWcLT";

/* column: where a moment is drawn, 0 to COLUMNS - 1. */
static unsigned column(const struct report *r, int64_t time)
{
    double span = (double)(r->clock.last - r->clock.first);
    return span > 0 ? MIN((unsigned)((double)(time - r->clock.first) / span * COLUMNS), COLUMNS - 1u) : 0;
}

/* bar: one endpoint's line. Every state leaves a letter, however short it was, unless others share its column: then
 * the last one. */
static void bar(const struct report *r, uint32_t number, unsigned end, GArray *spans, const char *label)
{
    char line[COLUMNS + 1];
    memset(line, ' ', COLUMNS);
    line[COLUMNS] = '\0';
    spans_of(number, end, r->clock.last, spans);
    for (unsigned i = 0; i < spans->len; i++) {
        const struct span *s = &g_array_index(spans, struct span, i);
        unsigned from = column(r, s->from), to = column(r, s->to);
        if (counts_socket(s->state))
            for (unsigned x = from; x <= to; x++)
                line[x] = letters[s->state];
        else if (from < to)
            memset(line + from + 1, ' ', to - from);
    }
    printf("%-34s|%s|\n", label, line);
}

/* curve: the most sockets in that state within each column, as a digit; # for ten and more. */
static void curve(const struct report *r, const GArray *events, unsigned state)
{
    char line[COLUMNS + 1];
    unsigned most[COLUMNS] = {0}, count = 0, at = 0, peak = 0;
    for (unsigned i = 0; i <= events->len; i++) {
        const struct step *e = i < events->len ? &g_array_index(events, struct step, i) : NULL;
        unsigned x = e ? column(r, e->time) : COLUMNS - 1;
        if (e && e->state != state)
            continue;
        for (; at < x; at++)
            most[at + 1] = MAX(most[at + 1], count);
        count += e ? (unsigned)e->delta : 0;
        most[at] = MAX(most[at], count);
        peak = MAX(peak, count);
    }
    for (unsigned i = 0; i < COLUMNS; i++)
        line[i] = most[i] ? (most[i] < 10 ? (char)('0' + most[i]) : '#') : ' ';
    line[COLUMNS] = '\0';
    char label[48];
    snprintf(label, sizeof label, "%s, at most %u", tcpfsm_state_name(state), peak);
    printf("%-34s|%s|\n", label, line);
}

static void timeline_text(const struct report *r, unsigned drawn, wmem_allocator_t *pool)
{
    GArray *spans = g_array_new(FALSE, FALSE, sizeof(struct span)), *events = steps_of(r);
    printf("%s. A column is %s.\n\n", steps_title(pool, r, drawn),
           wording_duration(pool, (r->clock.last - r->clock.first) / COLUMNS));
    for (uint32_t i = 0; i < drawn; i++) {
        struct view v;
        view_last(&v, i);
        bar(r, i, v.client, spans, wmem_strdup_printf(pool, "%4u %s", i, view_endpoint(pool, &v.ends, v.client)));
        bar(r, i, !v.client, spans, wmem_strdup_printf(pool, "  -> %s", view_endpoint(pool, &v.ends, !v.client)));
        wmem_free_all(pool);
    }
    putchar('\n');
    curve(r, events, TCPFSM_TIME_WAIT);
    curve(r, events, TCPFSM_CLOSE_WAIT);
    printf("\n");
    for (unsigned s = 0; s < TCPFSM_STATES; s++)
        if (counts_socket(s))
            printf("%s%c %s", s == TCPFSM_SYN_SENT ? "" : "  ", letters[s], tcpfsm_state_name(s));
    putchar('\n');
    g_array_free(spans, TRUE);
    g_array_free(events, TRUE);
}

static void draw(struct report *r)
{
    wmem_allocator_t *pool = wmem_allocator_new(WMEM_ALLOCATOR_BLOCK);
    unsigned drawn = MIN(view_count(), (unsigned)CONNECTIONS);
    if (r->svg)
        timeline_svg(r, drawn);
    else
        timeline_text(r, drawn, pool);
    wmem_destroy_allocator(pool);
}

static const struct arguments_option options[] = {
    {.key = "svg", .type = ARGUMENTS_FILE, .at = offsetof(struct report, svg)}};

const struct report_kind report_timeline = {.name = "tcpfsm,timeline",
                                            .usage = "tcpfsm,timeline[,svg=FILE]",
                                            .size = sizeof(struct report),
                                            .option = options,
                                            .options = array_length(options),
                                            .draw = draw};
