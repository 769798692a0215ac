/* rungs.c: what was sent, what of it again, and what is to be said of it.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/rungs.h"
#include "engine/seq.h"
#include "grow.h"
#include "moment.h"
#include "reports/rungs_join.h"
#include "wording.h"

/* extent: sequence numbers a segment occupies. */
static uint32_t extent(const struct rung *g)
{
    return g->len + !!(g->flags & TCPFSM_SYN) + !!(g->flags & TCPFSM_FIN);
}

/* What was sent before, of both ends: where a segment with that sequence number last was, by number plus one; and
 * the acknowledgements by each end that a later one does not exceed, so that the highest one after any rung is the
 * first of these after it. */
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
        if (!g[before - 1].merged)
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
        if (g[i].flags & TCPFSM_RST || g[i].order == MOMENT_QUOTE || (g[i].merged && !g[i].departed))
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

const char *rungs_segment(wmem_allocator_t *pool, const struct rung *g)
{
    static const struct {
        unsigned bit;
        const char *name;
    } bits[] = {{TCPFSM_SYN, "SYN"}, {TCPFSM_FIN, "FIN"}, {TCPFSM_RST, "RST"}, {TCPFSM_ACK, "ACK"}};
    if (g->order == MOMENT_QUOTE)
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

void rungs_view(const struct rung *g, struct view *v)
{
    view_at(v, g->connection, g->from, g->frame, g->order, g->time);
}

void rungs_arrival(const struct rung *g, struct view *v)
{
    view_at(v, g->connection, g->from, g->arrived_frame, g->arrived_order, g->arrived_time);
}

char **rungs_notes(wmem_allocator_t *pool, const struct rung *g, const struct view *v)
{
    char **note = wmem_alloc_array(pool, char *, TCPFSM_STEPS_MAX + v->findings + 3);
    unsigned n = 0;
    if (g->missed)
        note[n++] = wmem_strdup_printf(pool, "gap: %u octet%s before this segment not captured yet", g->missed,
                                       g->missed == 1 ? "" : "s");
    if (g->copy_of)
        note[n++] = wmem_strdup_printf(pool, "again: first sent in frame %u", g->copy_of);
    for (unsigned i = 0; i < v->steps; i++) {
        const struct tcpfsm_step *s = &v->step[i];
        bool undo = tcpfsm_is_withdrawal(s->event), passed = s->to != v->end[s->end].state;
        if (undo || passed)
            note[n++] = wmem_strdup_printf(pool, "%s%s %s -> %s: %s", undo ? "rollback: " : "",
                                           s->end == v->client ? "client" : "server", tcpfsm_state_name(s->from),
                                           tcpfsm_state_name(s->to), tcpfsm_event_text(s->event));
    }
    for (unsigned i = 0; i < v->findings; i++)
        note[n++] = wmem_strdup_printf(pool, "%s: %s", tcpfsm_finding_name(v->finding[i].finding.id),
                                       wording_finding(pool, v, &v->finding[i].finding));
    note[n] = NULL;
    return note;
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

unsigned rungs_sort(struct rung *g, unsigned rungs)
{
    unsigned left = 0;
    qsort(g, rungs, sizeof *g, rung_order);
    for (unsigned i = 0, n; i < rungs; i += n) {
        for (n = 1; i + n < rungs && g[i + n].connection == g[i].connection;)
            n++;
        unsigned kept = rungs_join(g + i, n);
        rungs_copies(g + i, kept);
        rungs_relative(g + i, kept);
        memmove(g + left, g + i, kept * sizeof *g);
        left += kept;
    }
    return left;
}
