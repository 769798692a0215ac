/* conv_text.c: connections as a table to read.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "counts.h"
#include "reports/conv_layouts.h"
#include "wording.h"

static const char *state_text(wmem_allocator_t *pool, const struct conv_line *l, unsigned side)
{
    return wmem_strdup_printf(pool, "%s%s", tcpfsm_state_name(l->view.end[side ^ l->client].state),
                              conv_certain(l, side) ? "" : " (assumed)");
}

/* spent_text: "SYN_SENT 20 ms, ESTABLISHED 1.2 s": what is no socket's time is left out. */
static const char *spent_text(wmem_allocator_t *pool, const struct conv_line *l, unsigned side)
{
    wmem_strbuf_t *out = wmem_strbuf_new(pool, "");
    for (unsigned s = 0; s < TCPFSM_STATES; s++)
        if (l->been[side][s] && counts_socket(s) && l->spent[side][s] > 0)
            wmem_strbuf_append_printf(out, "%s%s %s", wmem_strbuf_get_len(out) ? ", " : "", tcpfsm_state_name(s),
                                      wording_duration(pool, l->spent[side][s]));
    return wmem_strbuf_finalize(out);
}

enum { COLUMNS = 17 };
static const char *const heads[COLUMNS] = {
    "conn",      "stream", "use",      "client",  "server", "role",         "client state", "server state", "outcome",
    "closed by", "start",  "duration", "packets", "bytes",  "client spent", "server spent", "findings"};

/* cells: one line as text. */
static void cells(const char *cell[COLUMNS], const struct conv_line *l, wmem_allocator_t *pool)
{
    const struct conv_note *n = l->note;
    cell[0] = wmem_strdup_printf(pool, "%u", l->number);
    cell[1] = l->known ? wmem_strdup_printf(pool, "%u", l->stream) : "";
    cell[2] = wmem_strdup_printf(pool, "%u", view_incarnation(l->number));
    cell[3] = l->who[0];
    cell[4] = l->who[1];
    cell[5] = tcpfsm_role_name(l->view.role);
    cell[6] = state_text(pool, l, 0);
    cell[7] = state_text(pool, l, 1);
    cell[8] = tcpfsm_outcome_name(view_outcome(l->number));
    cell[9] = l->closer;
    cell[10] = wmem_strdup_printf(pool, "%.6f", (double)l->start / 1e9);
    cell[11] = wmem_strdup_printf(pool, "%.6f", (double)l->duration / 1e9);
    cell[12] = wmem_strdup_printf(pool, "%u+%u", n->packets[l->client], n->packets[!l->client]);
    cell[13] =
        wmem_strdup_printf(pool, "%" G_GUINT64_FORMAT "+%" G_GUINT64_FORMAT, n->bytes[l->client], n->bytes[!l->client]);
    cell[14] = spent_text(pool, l, 0);
    cell[15] = spent_text(pool, l, 1);
    cell[16] = conv_findings(pool, l->number);
    for (unsigned i = 0; i < COLUMNS; i++)
        if (!*cell[i])
            cell[i] = "-";
}

static void text_row(const char *const cell[COLUMNS], const size_t width[COLUMNS])
{
    for (unsigned i = 0; i < COLUMNS - 1; i++)
        printf(i < 3 || (i >= 10 && i < 14) ? "%*s  " : "%-*s  ", (int)width[i], cell[i]);
    puts(cell[COLUMNS - 1]);
}

/* So many lines, and the last one, where numbers and times are largest, decide how wide the columns are; they are
 * kept until they are printed. */
enum { MEASURED = 10000 };

void conv_text(const struct conv_page *p)
{
    size_t width[COLUMNS];
    unsigned measured = MIN(p->lines, MEASURED);
    const char *(*kept)[COLUMNS] = g_malloc_n(measured + 1u, sizeof *kept);
    struct conv_line l;
    for (unsigned i = 0; i < COLUMNS; i++)
        width[i] = strlen(heads[i]);
    for (unsigned j = 0; j < measured + (p->lines > measured); j++) {
        conv_line(&l, p, j < measured ? j : p->lines - 1);
        cells(kept[j], &l, p->pool);
        for (unsigned i = 0; i < COLUMNS; i++)
            width[i] = MAX(width[i], strlen(kept[j][i]));
    }
    text_row(heads, width);
    for (unsigned j = 0; j < measured; j++)
        text_row(kept[j], width);
    wmem_free_all(p->pool);
    for (unsigned j = measured; j < p->lines; j++) {
        conv_line(&l, p, j);
        cells(kept[0], &l, p->pool);
        text_row(kept[0], width);
        wmem_free_all(p->pool);
    }
    g_free(kept);
}

