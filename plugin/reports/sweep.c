/* sweep.c: entries into states and exits, by time.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "sweep.h"

static int event_order(const void *a, const void *b)
{
    const struct sweep_event *x = (const struct sweep_event *)a, *y = (const struct sweep_event *)b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    if (x->delta != y->delta)
        return x->delta < y->delta ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

GArray *sweep_events(int64_t until)
{
    GArray *events = g_array_new(FALSE, FALSE, sizeof(struct sweep_event)), *spans = g_array_new(FALSE, FALSE, sizeof(struct report_span));
    for (uint32_t i = 0; i < store_connections(); i++) {
        const struct store_tuple *t = store_tuple(store_connection(i)->tuple);
        unsigned ends = t->host[0] == t->host[1] && store_port(t, 0) == store_port(t, 1) ? 1 : 2;
        for (unsigned end = 0; end < ends; end++) {
            report_spans(i, end, until, spans);
            for (unsigned j = 0; j < spans->len; j++) {
                const struct report_span *s = &g_array_index(spans, struct report_span, j);
                bool lasts = j + 1 == spans->len && s->to >= until;
                if (!report_socket(s->state) || (s->to == s->from && !lasts))
                    continue;
                struct sweep_event e = {.time = s->from, .number = i, .end = (uint8_t)end, .state = s->state, .delta = 1};
                g_array_append_val(events, e);
                e.time = s->to;
                e.delta = -1;
                if (!lasts)
                    g_array_append_val(events, e);
            }
        }
    }
    g_array_free(spans, TRUE);
    g_array_sort(events, event_order);
    return events;
}
