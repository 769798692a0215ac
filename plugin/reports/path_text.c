/* path_text.c: what happened between the points of capture as a table to read.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/path_layouts.h"

enum { COLUMNS = 16, LEFT_ALIGNED = 4 };
static const char *const heads[COLUMNS] = {"conn",    "stream", "from",       "to",      "points", "sent",
                                           "arrived", "lost",   "first lost", "unknown", "least",  "median",
                                           "most",    "clock",  "changed",    "made between"};

static const char *milliseconds(wmem_allocator_t *pool, int64_t nanoseconds)
{
    return wmem_strdup_printf(pool, "%.3f", (double)nanoseconds / 1e6);
}

/* counted: "3, first in frame 17", or "0". */
static const char *counted(wmem_allocator_t *pool, uint32_t count, uint32_t first)
{
    return count ? wmem_strdup_printf(pool, "%u, frame %u", count, first) : "0";
}

/* made: "1 RST, frame 9": what came into being between the points. */
static const char *made(wmem_allocator_t *pool, const struct between_sum *s)
{
    uint32_t others = s->made - s->made_rst;
    if (!s->made)
        return "0";
    const char *rst = s->made_rst ? wmem_strdup_printf(pool, "%u RST%s", s->made_rst, s->made_rst == 1 ? "" : "s") : "",
               *other = others ? wmem_strdup_printf(pool, "%u other%s", others, others == 1 ? "" : "s") : "";
    return wmem_strdup_printf(pool, "%s%s%s, frame %u", rst, *rst && *other ? ", " : "", other, s->first_made);
}

/* point: the name of a line's first or second point: its interface or, in a file that names none, where it is. */
static const char *point(wmem_allocator_t *pool, const struct path_line *l, unsigned i)
{
    if (l->interface[i])
        return path_point(pool, l->interface[i]);
    return l->beside[i] == l->client ? "client" : "server";
}

static void cells(const char *cell[COLUMNS], const struct path_line *l, wmem_allocator_t *pool)
{
    const struct connections_ends ends = view_ends(l->connection);
    const struct between_sum *s = &l->sum;
    cell[0] = wmem_strdup_printf(pool, "%u", l->connection);
    cell[1] = l->stream != UINT32_MAX ? wmem_strdup_printf(pool, "%u", l->stream) : "-";
    cell[2] = view_endpoint(pool, &ends, l->from);
    cell[3] = view_endpoint(pool, &ends, !l->from);
    cell[4] = wmem_strdup_printf(pool, "%s > %s", point(pool, l, 0), point(pool, l, 1));
    cell[5] = wmem_strdup_printf(pool, "%u", s->sent);
    cell[6] = wmem_strdup_printf(pool, "%u", s->arrived);
    cell[7] = wmem_strdup_printf(pool, "%u", s->lost);
    cell[8] = s->lost ? wmem_strdup_printf(pool, "%u", s->first_lost) : "-";
    cell[9] = wmem_strdup_printf(pool, "%u", path_unknown(l));
    cell[10] = l->clock && s->arrived ? milliseconds(pool, s->least) : "-";
    cell[11] = l->clock && s->arrived ? milliseconds(pool, s->median) : "-";
    cell[12] = l->clock && s->arrived ? milliseconds(pool, s->most) : "-";
    cell[13] = l->clock ? wmem_strdup_printf(pool, "%+.3f ±%.3f", (double)l->ahead / 1e6, (double)l->uncertainty / 1e6)
                        : "not known";
    cell[14] = counted(pool, s->changed, s->first_changed);
    cell[15] = made(pool, s);
}

/* width_of: how many characters a cell takes; the sign ± takes two octets. */
static size_t width_of(const char *cell)
{
    return (size_t)g_utf8_strlen(cell, -1);
}

static void row(const char *const cell[COLUMNS], const size_t width[COLUMNS])
{
    for (unsigned i = 0; i < COLUMNS - 1; i++) {
        int blanks = (int)(width[i] - width_of(cell[i]));
        bool left = i >= 2 && i <= LEFT_ALIGNED;
        printf("%*s%s%*s  ", left ? 0 : blanks, "", cell[i], left ? blanks : 0, "");
    }
    puts(cell[COLUMNS - 1]);
}

/* total: what all connections together show in one direction. */
static void total(const struct path_page *p, bool client)
{
    struct between_sum t = {0};
    for (unsigned i = 0; i < p->lines; i++) {
        const struct path_line *l = &p->line[i];
        if (!l->whole || (l->from == l->client) != client)
            continue;
        t.sent += l->sum.sent;
        t.arrived += l->sum.arrived;
        t.lost += l->sum.lost;
        t.made_rst += l->sum.made_rst;
    }
    printf("%s: %u sent, %u arrived, %u lost, %u RST%s made between.\n",
           client ? "Clients to servers" : "Servers to clients", t.sent, t.arrived, t.lost, t.made_rst,
           t.made_rst == 1 ? "" : "s");
}

static void legend(const struct path_page *p)
{
    puts("");
    total(p, true);
    total(p, false);
    if (p->left_out)
        printf("Not listed: %u connection%s of one point, or of points of which nothing shows which is where.\n",
               p->left_out, p->left_out == 1 ? "" : "s");
    puts("\npoints: the sender's first, by interface (frame.interface_id) or, in a file without, the end beside it.\n"
         "unknown: the other capture had ended.  least, median, most: delay in ms, the clocks' difference taken off.\n"
         "clock: by how many ms the clock of the second point is ahead, and how far that may be wrong.");
}

/* nothing: why there is no line. */
static void nothing(const struct path_page *p)
{
    if (!p->left_out) {
        puts("This capture has no TCP connection.");
        return;
    }
    puts(p->interfaces ? "This capture has several interfaces, but no connection that was captured at two places."
                       : "This capture has one point: it cannot show what happened between two.");
    puts("\nCapture beside both ends and merge the files: mergecap -I none -w both.pcapng client.pcap server.pcap");
}

void path_text(const struct path_page *p)
{
    size_t width[COLUMNS];
    if (!p->lines) {
        nothing(p);
        return;
    }
    const char *(*kept)[COLUMNS] = g_malloc_n(p->lines, sizeof *kept);
    for (unsigned i = 0; i < COLUMNS; i++)
        width[i] = strlen(heads[i]);
    for (unsigned j = 0; j < p->lines; j++) {
        cells(kept[j], &p->line[j], p->pool);
        for (unsigned i = 0; i < COLUMNS; i++)
            width[i] = MAX(width[i], width_of(kept[j][i]));
    }
    row(heads, width);
    for (unsigned j = 0; j < p->lines; j++)
        row(kept[j], width);
    g_free(kept);
    legend(p);
}
