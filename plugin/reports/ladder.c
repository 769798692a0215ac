/* ladder.c: -z tcpfsm,ladder,STREAM: a connection as the figures of RFC 9293 draw theirs: a state at each edge, the
 * segment between.
 *
 * Copyright 2026 the tcpfsm authors SPDX-License-Identifier: GPL-2.0-or-later */
#include "marks.h"
#include "moment.h"
#include "reports/kinds.h"
#include "reports/ladder_points.h"
#include "reports/ladder_svg.h"
#include "streams.h"
#include "wording.h"

/* Of each connection by number: whether it is drawn. */
struct ladder_note {
    bool seen, wanted;
};

struct ladder {
    struct report base;
    uint32_t stream;
    GArray *rungs;              /* struct rung; NULL: none yet */
    GArray *notes;              /* struct ladder_note */
};

static void packet(struct report *r, packet_info *pinfo, const struct report_record *p)
{
    const struct tcpfsm_segment *s = &p->segment;
    struct ladder *l = (struct ladder *)r;
    if (!l->rungs) {
        l->rungs = g_array_new(FALSE, FALSE, sizeof(struct rung));
        l->notes = g_array_new(FALSE, TRUE, sizeof(struct ladder_note));
    }
    struct ladder_note *n = (struct ladder_note *)report_note(l->notes, p->view.number);
    /* A conversation of Wireshark's begins with a SYN, a connection of ours with its first segment. */
    if (!n->wanted && (!n->seen || (s->flags & TCPFSM_SYN)))
        n->wanted = streams_of(pinfo, &p->view.ends, pinfo->num) == l->stream;
    n->seen = true;
    if (!n->wanted)
        return;
    struct rung g = {.time = p->time,
                     .connection = p->view.number,
                     .frame = pinfo->num,
                     .order = p->order,
                     .seq = s->seq,
                     .ack = s->ack,
                     .len = s->len,
                     .flags = s->flags,
                     .from = s->from};
    g_array_append_val(l->rungs, g);
}

/* heading: the ends, above the states they are in before the first segment. */
static void heading(const struct rung *g, const struct view *v, bool more, wmem_allocator_t *pool)
{
    const char *state[2];
    for (unsigned side = 0; side < 2; side++) {
        const struct view_end *e = &v->end[side ^ v->client];
        state[side] = e->changed ? tcpfsm_state_name(e->previous) : "";
    }
    printf("%sConnection %u, use %u of its addresses and ports: %s\n\n", more ? "\n" : "", g->connection,
           view_incarnation(v->number), tcpfsm_outcome_name(view_outcome(g->connection)));
    printf("%6s %12s  %-18s %-46s %s\n", "frame", "seconds", view_endpoint(pool, &v->ends, v->client), "",
           view_endpoint(pool, &v->ends, !v->client));
    if (*state[1])
        printf("%6s %12s  %-18s %-46s %s\n", "", "", state[0], "", state[1]);
    else if (*state[0])
        printf("%6s %12s  %s\n", "", "", state[0]);
}

static void rung_print(const struct rung *g, int64_t first, wmem_allocator_t *pool)
{
    struct view v;
    rungs_view(g, &v);
    bool right = g->from == v.client, quote = g->order == MOMENT_QUOTE;
    const char *middle = rungs_segment(pool, g),
               *left = quote     ? "   "
                       : right   ? "-->"
                       : g->lost ? "..."
                                 : "<--",
               *far = quote     ? "   "
                      : !right  ? "<--"
                      : g->lost ? "..."
                                : "-->";
    printf("%6u %12.6f  %-14s %s %-42s %s %s\n", g->frame, (double)(g->time - first) / 1e9,
           view_shown(pool, &v.end[v.client]), left, middle, far, view_shown(pool, &v.end[!v.client]));
    for (char **note = rungs_notes(pool, g, &v); *note; note++)
        printf("%20s %s\n", "", *note);
}

static void ladder_text(const struct report *r, const struct rung *rung, unsigned rungs, wmem_allocator_t *pool)
{
    for (unsigned i = 0; i < rungs; i++) {
        struct view v;
        bool fresh = !i || rung[i].connection != rung[i - 1].connection;
        if (fresh) {
            rungs_view(&rung[i], &v);
            heading(&rung[i], &v, i > 0, pool);
        } else if (rung[i].time - rung[i - 1].time > MARKS_SILENCE) {
            printf("%6s %12s  : %s of silence\n", "", "", wording_duration(pool, rung[i].time - rung[i - 1].time));
        }
        rung_print(&rung[i], r->clock.first, pool);
        wmem_free_all(pool);
    }
    puts(
        "\n... instead of an arrow: sent again later, and nothing captured between answers it.  ? after a state: "
        "assumed.");
}

static void draw(struct report *r)
{
    const struct ladder *l = (const struct ladder *)r;
    GArray *a = l->rungs ? g_array_copy(l->rungs) : g_array_new(FALSE, FALSE, sizeof(struct rung));
    struct rung *g = (struct rung *)(void *)a->data;
    wmem_allocator_t *pool = wmem_allocator_new(WMEM_ALLOCATOR_BLOCK);
    unsigned rungs = rungs_sort(g, a->len);
    bool points = ladder_points(g, rungs);
    if (!a->len)
        report_failed(r, "this capture has no TCP stream %u", l->stream);
    else if (r->svg)
        (points ? ladder_points_svg : ladder_svg)(r, l->stream, g, rungs);
    else
        (points ? ladder_points_text : ladder_text)(r, g, rungs, pool);
    g_array_free(a, TRUE);
    wmem_destroy_allocator(pool);
}

static void reset(struct report *r)
{
    struct ladder *l = (struct ladder *)r;
    if (!l->rungs)
        return;
    g_array_set_size(l->rungs, 0);
    g_array_set_size(l->notes, 0);
}

static void finish(struct report *r)
{
    struct ladder *l = (struct ladder *)r;
    if (!l->rungs)
        return;
    g_array_free(l->rungs, TRUE);
    g_array_free(l->notes, TRUE);
}

static const struct arguments_option options[] = {
    {.key = "svg", .type = ARGUMENTS_FILE, .at = offsetof(struct report, svg)},
    {.type = ARGUMENTS_NUMBER,
     .at = offsetof(struct ladder, stream),
     .wrong = "there is one STREAM, a number of tcp.stream, from 0 on",
     .missing = "the number of a TCP stream is missing"}};

const struct report_kind report_ladder = {.name = "tcpfsm,ladder",
                                          .usage = "tcpfsm,ladder,STREAM[,svg=FILE]",
                                          .size = sizeof(struct ladder),
                                          .option = options,
                                          .options = array_length(options),
                                          .packet = packet,
                                          .draw = draw,
                                          .reset = reset,
                                          .finish = finish};
