/* ladder.c: -z tcpfsm,ladder,STREAM: a connection as the figures of RFC 9293 draw theirs: a state at each edge, the segment between.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "ladder.h"
#include "../engine/seq.h"
#include "../grow.h"

/* Of each connection by number: whether it is drawn. */
struct note {
    bool seen, wanted;
};

struct ladder {
    struct report base;
    uint32_t stream;
    GArray *rungs;              /* struct rung; NULL: none yet */
    GArray *notes;              /* struct note */
};

static void packet(struct report *r, packet_info *pinfo, const struct report_record *p)
{
    const struct tcpfsm_segment *s = &p->segment;
    struct ladder *l = (struct ladder *)r;
    if (!l->rungs) {
        l->rungs = g_array_new(FALSE, FALSE, sizeof(struct rung));
        l->notes = g_array_new(FALSE, TRUE, sizeof(struct note));
    }
    struct note *n = (struct note *)report_note(l->notes, p->view.number);
    /* A conversation of Wireshark's begins with a SYN, a connection of ours with its first segment. */
    if (!n->wanted && (!n->seen || (s->flags & TCPFSM_SYN)))
        n->wanted = report_stream_now(pinfo, &p->view) == l->stream;
    n->seen = true;
    if (!n->wanted)
        return;
    struct rung g = {.time = plugin_time(pinfo), .connection = p->view.number, .frame = pinfo->num, .order = p->order, .seq = s->seq, .ack = s->ack, .len = s->len,
                     .flags = s->flags, .from = s->from};
    g_array_append_val(l->rungs, g);
}

/* extent: sequence numbers a segment occupies. */
static uint32_t extent(const struct rung *g)
{
    return g->len + !!(g->flags & TCPFSM_SYN) + !!(g->flags & TCPFSM_FIN);
}

/* What was sent before, of both ends: where a segment with that sequence number last was, by number plus one; and the acknowledgements by each end that a later one
 * does not exceed, so that the highest one after any rung is the first of these after it. */
struct memory {
    GHashTable *sent[2];
    GArray *acks[2];            /* numbers of rungs */
};

/* answered: whether endpoint `by` acknowledged `end` in a rung after number `after`. */
static bool answered(const struct memory *m, const struct rung *g, unsigned by, unsigned after, uint32_t end)
{
    const unsigned *ack = (const unsigned *)(void *)m->acks[by]->data;
    uint32_t first;
    GROW_FIRST(first, m->acks[by]->len, ack[middle] <= after);
    return first < m->acks[by]->len && seq_le(end, g[ack[first]].ack);
}

static void acknowledge(struct memory *m, const struct rung *g, unsigned i)
{
    GArray *acks = m->acks[g[i].from];
    while (acks->len && seq_le(g[g_array_index(acks, unsigned, acks->len - 1)].ack, g[i].ack))
        g_array_set_size(acks, acks->len - 1);
    g_array_append_val(acks, i);
}

enum { COPY_MAX = 1000 };       /* so many rungs apart at most: beyond that sequence numbers may have come round */

/* rung_copy: whether rung i was sent before, and what answers it had. */
static void rung_copy(struct memory *m, struct rung *g, unsigned i)
{
    unsigned e = g[i].from, before = GPOINTER_TO_UINT(g_hash_table_lookup(m->sent[e], GUINT_TO_POINTER(g[i].seq)));
    if (before && i - (before - 1) < COPY_MAX) {
        g[i].copy_of = g[before - 1].frame;
        g[before - 1].lost = !answered(m, g, !e, before - 1, g[i].seq + extent(&g[i]));
    }
    g_hash_table_insert(m->sent[e], GUINT_TO_POINTER(g[i].seq), GUINT_TO_POINTER(i + 1));
}

/* rungs_copies: marks what was sent again, what of it had no answer, and what the capture missed before a segment. */
static void rungs_copies(struct rung *g, unsigned n)
{
    uint32_t next[2] = {0};
    bool knows[2] = {false};
    struct memory m;
    for (unsigned e = 0; e < 2; e++) {
        m.sent[e] = g_hash_table_new(g_direct_hash, g_direct_equal);
        m.acks[e] = g_array_new(FALSE, FALSE, sizeof(unsigned));
    }
    for (unsigned i = 0; i < n; i++) {
        unsigned e = g[i].from;
        uint32_t end = g[i].seq + extent(&g[i]);
        if (g[i].flags & TCPFSM_ACK)
            acknowledge(&m, g, i);
        if (g[i].flags & TCPFSM_RST || g[i].order == STORE_ORDER_QUOTE)
            continue;
        if (extent(&g[i]))
            rung_copy(&m, g, i);
        if (knows[e] && seq_lt(next[e], g[i].seq) && extent(&g[i]))
            g[i].missed = g[i].seq - next[e];
        if (!knows[e] || seq_lt(next[e], end))
            next[e] = end;
        knows[e] = true;
    }
    for (unsigned e = 0; e < 2; e++) {
        g_hash_table_destroy(m.sent[e]);
        g_array_free(m.acks[e], TRUE);
    }
}

/* rungs_relative: numbers count from each side's first: its SYN is 0; without one its first octet is 1. */
static void rungs_relative(struct rung *g, unsigned n)
{
    uint32_t base[2] = {0};
    bool knows[2] = {false};
    for (unsigned i = 0; i < n; i++) {
        unsigned e = g[i].from;
        bool ack = g[i].flags & TCPFSM_ACK, rst = g[i].flags & TCPFSM_RST;
        if (!knows[e] && !(rst && g[i].seq == 0)) {
            base[e] = g[i].flags & TCPFSM_SYN ? g[i].seq : g[i].seq - 1;
            knows[e] = true;
        }
        if (!knows[!e] && ack) {
            base[!e] = g[i].ack - 1;
            knows[!e] = true;
        }
        if (!(rst && g[i].seq == 0))
            g[i].seq -= base[e];
        g[i].ack = ack ? g[i].ack - base[!e] : 0;
    }
}

const char *ladder_segment(wmem_allocator_t *pool, const struct rung *g)
{
    static const struct { unsigned bit; const char *name; } bits[] = {{TCPFSM_SYN, "SYN"}, {TCPFSM_FIN, "FIN"}, {TCPFSM_RST, "RST"}, {TCPFSM_ACK, "ACK"}};
    if (g->order == STORE_ORDER_QUOTE)
        return "(ICMP error)";
    wmem_strbuf_t *out = wmem_strbuf_new(pool, "");
    wmem_strbuf_append_printf(out, "<SEQ=%u>", g->seq);
    if (g->flags & TCPFSM_ACK)
        wmem_strbuf_append_printf(out, "<ACK=%u>", g->ack);
    if (g->len)
        wmem_strbuf_append_printf(out, "<DATA=%u>", g->len);
    const char *separator = "<CTL=";
    for (unsigned i = 0; i < array_length(bits); i++) {
        if (!(g->flags & bits[i].bit))
            continue;
        wmem_strbuf_append_printf(out, "%s%s", separator, bits[i].name);
        separator = ",";
    }
    if (*separator == ',')
        wmem_strbuf_append_c(out, '>');
    return wmem_strbuf_finalize(out);
}

const char *ladder_state(wmem_allocator_t *pool, const struct store_end *e)
{
    return wmem_strdup_printf(pool, "%s%s", tcpfsm_state_name(e->state), e->possible & (e->possible - 1u) ? "?" : "");
}

void ladder_view(const struct rung *g, struct store_view *v)
{
    const struct store_place place = {.connection = g->connection, .tuple = store_connection(g->connection)->tuple, .from = g->from};
    store_view(&place, g->frame, g->order, g->time, v);
}

char **ladder_notes(wmem_allocator_t *pool, const struct rung *g, const struct store_view *v)
{
    char **note = wmem_alloc_array(pool, char *, TCPFSM_STEPS_MAX + v->findings + 3);
    unsigned n = 0;
    if (g->missed)
        note[n++] = wmem_strdup_printf(pool, "gap: %u octet%s before this segment not captured yet", g->missed, g->missed == 1 ? "" : "s");
    if (g->copy_of)
        note[n++] = wmem_strdup_printf(pool, "again: first sent in frame %u", g->copy_of);
    for (unsigned i = 0; i < v->steps; i++) {
        const struct tcpfsm_step *s = &v->step[i];
        bool undo = s->event >= TCPFSM_EVENT_UNDO_FIN && s->event <= TCPFSM_EVENT_UNDO_SENT, passed = s->to != v->end[s->end].state;
        if (undo || passed)
            note[n++] = wmem_strdup_printf(pool, "%s%s %s -> %s: %s", undo ? "rollback: " : "", s->end == v->client ? "client" : "server", tcpfsm_state_name(s->from),
                                           tcpfsm_state_name(s->to), tcpfsm_event_text(s->event));
    }
    for (unsigned i = 0; i < v->findings; i++)
        note[n++] = wmem_strdup_printf(pool, "%s: %s", tcpfsm_finding_name(v->finding[i].finding.id), findings_text(pool, v, &v->finding[i].finding));
    note[n] = NULL;
    return note;
}

/* heading: the ends, above the states they are in before the first segment. */
static void heading(const struct rung *g, const struct store_view *v, bool more, wmem_allocator_t *pool)
{
    const char *state[2];
    for (unsigned side = 0; side < 2; side++) {
        const struct store_end *e = &v->end[side ^ v->client];
        state[side] = e->changed ? tcpfsm_state_name(e->previous) : "";
    }
    printf("%sConnection %u, use %u of its addresses and ports: %s\n\n", more ? "\n" : "", g->connection, store_incarnation(v->number),
           tcpfsm_outcome_name(store_outcome(g->connection)));
    printf("%6s %12s  %-18s %-46s %s\n", "frame", "seconds", report_endpoint(pool, v->tuple, v->client), "", report_endpoint(pool, v->tuple, !v->client));
    if (*state[1])
        printf("%6s %12s  %-18s %-46s %s\n", "", "", state[0], "", state[1]);
    else if (*state[0])
        printf("%6s %12s  %s\n", "", "", state[0]);
}

static void rung_print(const struct rung *g, int64_t first, wmem_allocator_t *pool)
{
    struct store_view v;
    ladder_view(g, &v);
    bool right = g->from == v.client, quote = g->order == STORE_ORDER_QUOTE;
    const char *middle = ladder_segment(pool, g), *left = quote ? "   " : right ? "-->" : g->lost ? "..." : "<--", *far = quote ? "   " : !right ? "<--" : g->lost ? "..." : "-->";
    printf("%6u %12.6f  %-14s %s %-42s %s %s\n", g->frame, (double)(g->time - first) / 1e9, ladder_state(pool, &v.end[v.client]), left, middle, far,
           ladder_state(pool, &v.end[!v.client]));
    for (char **note = ladder_notes(pool, g, &v); *note; note++)
        printf("%20s %s\n", "", *note);
}

static void ladder_text(const struct report *r, const struct rung *rung, unsigned rungs, wmem_allocator_t *pool)
{
    for (unsigned i = 0; i < rungs; i++) {
        struct store_view v;
        bool fresh = !i || rung[i].connection != rung[i - 1].connection;
        if (fresh) {
            ladder_view(&rung[i], &v);
            heading(&rung[i], &v, i > 0, pool);
        } else if (rung[i].time - rung[i - 1].time > LADDER_SILENCE) {
            printf("%6s %12s  : %s of silence\n", "", "", render_duration(pool, rung[i].time - rung[i - 1].time));
        }
        rung_print(&rung[i], r->clock.first, pool);
        wmem_free_all(pool);
    }
    puts("\n... instead of an arrow: sent again later, and nothing captured between answers it.  ? after a state: assumed.");
}

/* By connection, in the order of capture within one. */
static int rung_order(const void *a, const void *b)
{
    const struct rung *x = (const struct rung *)a, *y = (const struct rung *)b;
    if (x->connection != y->connection)
        return x->connection < y->connection ? -1 : 1;
    if (x->frame != y->frame)
        return x->frame < y->frame ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static void draw(struct report *r)
{
    const struct ladder *l = (const struct ladder *)r;
    GArray *a = l->rungs ? g_array_copy(l->rungs) : g_array_new(FALSE, FALSE, sizeof(struct rung));
    struct rung *g = (struct rung *)(void *)a->data;
    wmem_allocator_t *pool = wmem_allocator_new(WMEM_ALLOCATOR_BLOCK);
    g_array_sort(a, rung_order);
    for (unsigned i = 0, n; i < a->len; i += n) {
        for (n = 1; i + n < a->len && g[i + n].connection == g[i].connection;)
            n++;
        rungs_copies(g + i, n);
        rungs_relative(g + i, n);
    }
    if (!a->len) {
        report_failed(r, "this capture has no TCP stream %u", l->stream);
    } else if (r->svg)
        ladder_svg(r, l->stream, g, a->len);
    else
        ladder_text(r, g, a->len, pool);
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
    {.type = ARGUMENTS_NUMBER, .at = offsetof(struct ladder, stream), .wrong = "there is one STREAM, a number of tcp.stream, from 0 on",
     .missing = "the number of a TCP stream is missing"}};

const struct report_kind report_ladder = {.name = "tcpfsm,ladder", .usage = "tcpfsm,ladder,STREAM[,svg=FILE]", .size = sizeof(struct ladder), .option = options,
                                          .options = array_length(options), .packet = packet, .draw = draw, .reset = reset, .finish = finish};
