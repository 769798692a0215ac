/* path_line.c: the sums between two points of capture.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/path_line.h"

/* one: appends what endpoint `from` sent between two points. */
static void one(GArray *lines, const struct path_line *of, const struct between *b, unsigned sender, unsigned receiver)
{
    struct path_line l = *of;
    struct between part = *b;
    part.nearest[l.from] = sender;
    part.nearest[!l.from] = receiver;
    l.whole = sender == b->nearest[l.from] && receiver == b->nearest[!l.from];
    l.beside[0] = sender == b->nearest[l.from] ? l.from : 2;
    l.beside[1] = receiver == b->nearest[!l.from] ? !l.from : 2;
    l.interface[0] = path_named(b->points, sender);
    l.interface[1] = path_named(b->points, receiver);
    l.clock = points_offset(b->points, sender, receiver, &l.ahead, &l.uncertainty);
    if (!l.whole && !l.clock)
        return;
    between_sum(&part, l.connection, l.from, &l.sum);
    g_array_append_val(lines, l);
}

bool path_lines(GArray *lines, uint32_t number, uint32_t stream)
{
    struct between b;
    struct view v;
    if (!view_between(number, &b) || b.nearest[0] == b.nearest[1])
        return false;
    view_last(&v, number);
    for (unsigned side = 0; side < 2; side++) {
        const struct path_line l = {
            .connection = number, .stream = stream, .from = v.client ^ side, .client = v.client};
        unsigned sender = b.nearest[l.from], receiver = b.nearest[!l.from];
        one(lines, &l, &b, sender, receiver);
        for (unsigned p = 0; p < b.points->count; p++) {
            if (p == sender || p == receiver)
                continue;
            one(lines, &l, &b, sender, p);
            one(lines, &l, &b, p, receiver);
        }
    }
    return true;
}

uint32_t path_unknown(const struct path_line *l)
{
    uint32_t known = l->sum.arrived + l->sum.lost;
    return l->sum.sent > known ? l->sum.sent - known : 0;
}

uint32_t path_named(const struct points *p, unsigned point)
{
    return p->by == SIGHTINGS_ONE_PLACE ? p->interface[point] : 0;
}

uint32_t path_section(uint32_t interface) { return (interface - 1) >> 16; }
uint32_t path_interface(uint32_t interface) { return (interface - 1) & 0xffff; }

const char *path_point(wmem_allocator_t *pool, uint32_t interface)
{
    if (!interface)
        return "";
    return path_section(interface)
               ? wmem_strdup_printf(pool, "%u:%u", path_section(interface), path_interface(interface))
               : wmem_strdup_printf(pool, "%u", path_interface(interface));
}
