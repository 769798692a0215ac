/* ladder.c: -z tcpfsm,ladder,STREAM: a connection as the figures of RFC 9293 draw theirs: a state at each edge, the segment between.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "ladder.h"
#include "../engine/seq.h"

#include <string.h>

/* Of each connection by number: whether it is drawn. */
struct note {
    bool seen, wanted;
};

static const char *argument(struct report *r, const char *key, const char *value)
{
    if (key)
        return report_unknown;
    return report_number(value, &r->stream) && r->stream < UINT32_MAX ? NULL : "STREAM is a number of tcp.stream, from 0 on";
}

static void packet(struct report *r, packet_info *pinfo, const struct report_record *p)
{
    const struct tcpfsm_segment *s = &p->segment;
    if (!r->rungs)
        r->rungs = g_array_new(FALSE, FALSE, sizeof(struct rung));
    struct note *n = (struct note *)report_note(r, p->view.number);
    /* A conversation of Wireshark's begins with a SYN, a connection of ours with its first segment. */
    if (!n->wanted && (!n->seen || (s->flags & TCPFSM_SYN)))
        n->wanted = report_stream_now(pinfo, &p->view) == r->stream;
    n->seen = true;
    if (!n->wanted)
        return;
    struct rung g = {.time = plugin_time(pinfo), .connection = p->view.number, .frame = pinfo->num, .order = p->order, .seq = s->seq, .ack = s->ack, .len = s->len,
                     .flags = s->flags, .from = s->from};
    g_array_append_val(r->rungs, g);
}

/* extent: sequence numbers a segment occupies. */
static uint32_t extent(const struct rung *g)
{
    return g->len + !!(g->flags & TCPFSM_SYN) + !!(g->flags & TCPFSM_FIN);
}

/* rungs_copies: marks what was sent again, what of it had no answer, and what the capture missed before a segment. */
static void rungs_copies(struct rung *g, unsigned n)
{
    uint32_t next[2] = {0};
    bool knows[2] = {false};
    for (unsigned i = 0; i < n; i++) {
        unsigned e = g[i].from;
        uint32_t end = g[i].seq + extent(&g[i]);
        bool answered = false;
        if (g[i].flags & TCPFSM_RST || g[i].order == STORE_ORDER_QUOTE)
            continue;
        for (unsigned j = i; extent(&g[i]) && j-- > 0 && i - j < 1000 && !g[i].copy_of;) {
            answered |= g[j].from != e && (g[j].flags & TCPFSM_ACK) && seq_le(end, g[j].ack);
            if (g[j].from != e || g[j].seq != g[i].seq || !extent(&g[j]) || (g[j].flags & TCPFSM_RST))
                continue;
            g[i].copy_of = g[j].frame;
            g[j].lost = !answered;
        }
        if (knows[e] && seq_lt(next[e], g[i].seq) && extent(&g[i]))
            g[i].missed = g[i].seq - next[e];
        if (!knows[e] || seq_lt(next[e], end))
            next[e] = end;
        knows[e] = true;
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
        bool undo = tcpfsm_is_withdrawal(s->event), passed = s->to != v->end[s->end].state;
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
    GArray *a = r->rungs ? g_array_copy(r->rungs) : g_array_new(FALSE, FALSE, sizeof(struct rung));
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
        report_failed(r, "this capture has no TCP stream %u", r->stream);
        if (r->svg)
            remove(r->svg);     /* made empty beforehand */
    } else if (r->svg)
        ladder_svg(r, g, a->len);
    else
        ladder_text(r, g, a->len, pool);
    g_array_free(a, TRUE);
    wmem_destroy_allocator(pool);
}

const struct report_kind report_ladder = {.name = "tcpfsm,ladder", .usage = "tcpfsm,ladder,STREAM[,svg=FILE]", .note = sizeof(struct note), .argument = argument, .packet = packet,
                                          .draw = draw};
