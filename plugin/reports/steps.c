/* steps.c: counts of sockets as steps.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/steps.h"
#include "reports/spans.h"
#include "wording.h"

static void observe(void *data, const struct counts_key *key, uint32_t count, bool more, int64_t time)
{
    GArray *steps = (GArray *)data;
    struct step s = {time, steps->len, key->state, more ? 1 : -1};
    (void)count;
    if (key->group == COUNTS_ALL && (key->state == TCPFSM_TIME_WAIT || key->state == TCPFSM_CLOSE_WAIT))
        g_array_append_val(steps, s);
}

static int step_order(const void *a, const void *b)
{
    const struct step *x = (const struct step *)a, *y = (const struct step *)b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

GArray *steps_of(const struct report *r)
{
    GArray *steps = g_array_new(FALSE, FALSE, sizeof(struct step));
    spans_count(r->clock.last, observe, steps);
    g_array_sort(steps, step_order);
    return steps;
}

const char *steps_title(wmem_allocator_t *pool, const struct report *r, unsigned drawn)
{
    unsigned all = view_count();
    return wmem_strdup_printf(pool, drawn < all ? "%u connections in %s, the first %u drawn" : "%u connections in %s",
                              all, wording_duration(pool, r->clock.last - r->clock.first), drawn);
}
