/* marks.c: a list of the few segments that something is remembered of.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "marks.h"
#include "grow.h"

/* A segment is a copy or ends a silence. A copy ends none, and is no RST of its own, so each has one value. */
struct mark {
    int64_t value;              /* of a copy the other frame, else nanoseconds */
    uint32_t frame;
    unsigned order : 30, copy : 1, suspicious : 1;
};

uint32_t marks_newest;
static struct { struct mark *at; uint32_t used, room; } marks;      /* in the order of their places */

/* before: whether a mark lies before a place. */
static bool before(const struct mark *m, uint32_t frame, unsigned order)
{
    return m->frame < frame || (m->frame == frame && m->order < order);
}

/* drop: forgets what lies at or after a place. */
static void drop(uint32_t frame, unsigned order)
{
    while (marks.used && !before(&marks.at[marks.used - 1], frame, order))
        marks.used--;
    marks_newest = marks.used ? marks.at[marks.used - 1].frame : 0;
}

static void add(struct mark mark)
{
    marks.at = (struct mark *)grow(marks.at, marks.used, &marks.room, sizeof *marks.at);
    marks.at[marks.used++] = mark;
    marks_newest = mark.frame;
}

void marks_change(uint32_t frame, unsigned order, uint32_t copy_of, int64_t silence, bool suspicious)
{
    int64_t idle = silence > MARKS_SILENCE ? silence : 0;
    drop(frame, order);
    if (copy_of)
        add((struct mark){.value = copy_of, .frame = frame, .order = order & 127u, .copy = 1});
    else if (idle || suspicious)
        add((struct mark){.value = idle, .frame = frame, .order = order & 127u, .suspicious = suspicious});
}

/* mark_at: the mark at a place; all 0 if there is none. */
static struct mark mark_at(uint32_t frame, unsigned order)
{
    uint32_t i;
    GROW_FIRST(i, marks.used, before(&marks.at[middle], frame, order));
    const struct mark *m = &marks.at[i];
    return i < marks.used && m->frame == frame && m->order == order ? *m : (struct mark){0};
}

uint32_t marks_copy_of(uint32_t frame, unsigned order)
{
    struct mark m = mark_at(frame, order);
    return m.copy ? (uint32_t)m.value : 0;
}

int64_t marks_idle(uint32_t frame, unsigned order)
{
    struct mark m = mark_at(frame, order);
    return m.copy ? 0 : m.value;
}

bool marks_suspicious(uint32_t frame, unsigned order)
{
    return mark_at(frame, order).suspicious;
}

void marks_close(void)
{
    g_free(marks.at);
    memset(&marks, 0, sizeof marks);
    marks_newest = 0;
}
