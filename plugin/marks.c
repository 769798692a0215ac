/* marks.c: a list of the few segments that something is remembered of.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "marks.h"
#include "grow.h"

/* A segment is a copy or ends a silence. A copy ends none, so each has one of the two. */
struct mark {
    int64_t value;              /* of a copy the other frame, else nanoseconds */
    uint32_t frame;
    unsigned order : 31, copy : 1;
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

void marks_change(uint32_t frame, unsigned order, uint32_t copy_of, int64_t silence)
{
    drop(frame, order);
    if (copy_of)
        add((struct mark){.value = copy_of, .frame = frame, .order = order, .copy = 1});
    else if (silence > MARKS_SILENCE)
        add((struct mark){.value = silence, .frame = frame, .order = order});
}

/* value_at: the value of the mark at a place, if it is one of a copy (or is none); else 0. */
static int64_t value_at(uint32_t frame, unsigned order, bool copy)
{
    uint32_t i;
    GROW_FIRST(i, marks.used, before(&marks.at[middle], frame, order));
    const struct mark *m = &marks.at[i];
    return i < marks.used && m->frame == frame && m->order == order && m->copy == copy ? m->value : 0;
}

uint32_t marks_copy_of(uint32_t frame, unsigned order)
{
    return (uint32_t)value_at(frame, order, true);
}

int64_t marks_idle(uint32_t frame, unsigned order)
{
    return value_at(frame, order, false);
}

void marks_close(void)
{
    g_free(marks.at);
    memset(&marks, 0, sizeof marks);
    marks_newest = 0;
}
