/* path_json.c: what happened between the points of capture as JSON, an object a line.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/json.h"
#include "reports/path_layouts.h"

static void json_point(json_dumper *d, const char *name, const struct path_line *l, unsigned i)
{
    json_dumper_set_member_name(d, name);
    json_dumper_begin_object(d);
    json_string(d, "beside", l->beside[i] == 2 ? "neither" : l->beside[i] == l->client ? "client" : "server");
    if (l->interface[i]) {
        json_number(d, "section", path_section(l->interface[i]));
        json_number(d, "interface", path_interface(l->interface[i]));
    }
    json_dumper_end_object(d);
}

/* json_first: the first frame of a kind; missing where there is none. */
static void json_first(json_dumper *d, const char *name, uint32_t frame)
{
    if (frame)
        json_number(d, name, frame);
}

static void json_times(json_dumper *d, const struct path_line *l)
{
    if (l->sum.arrived) {
        json_dumper_set_member_name(d, "delay");
        json_dumper_begin_object(d);
        json_seconds(d, "least", l->sum.least);
        json_seconds(d, "median", l->sum.median);
        json_seconds(d, "most", l->sum.most);
        json_dumper_end_object(d);
    }
    json_dumper_set_member_name(d, "clock");
    json_dumper_begin_object(d);
    json_seconds(d, "ahead", l->ahead);
    json_seconds(d, "uncertainty", l->uncertainty);
    json_dumper_end_object(d);
}

static void json_line(const struct path_line *l, wmem_allocator_t *pool)
{
    const struct connections_ends ends = view_ends(l->connection);
    const struct between_sum *s = &l->sum;
    json_dumper d = {.output_file = stdout};
    json_dumper_begin_object(&d);
    json_number(&d, "connection", l->connection);
    if (l->stream != UINT32_MAX)
        json_number(&d, "stream", l->stream);
    json_string(&d, "from", view_endpoint(pool, &ends, l->from));
    json_string(&d, "to", view_endpoint(pool, &ends, !l->from));
    json_string(&d, "sender", l->from == l->client ? "client" : "server");
    json_point(&d, "sender_point", l, 0);
    json_point(&d, "receiver_point", l, 1);
    json_truth(&d, "whole_way", l->whole);
    json_number(&d, "sent", s->sent);
    json_number(&d, "arrived", s->arrived);
    json_number(&d, "lost", s->lost);
    json_first(&d, "first_lost", s->first_lost);
    json_number(&d, "unknown", path_unknown(l));
    if (l->clock)
        json_times(&d, l);
    json_number(&d, "changed", s->changed);
    json_first(&d, "first_changed", s->first_changed);
    json_number(&d, "made_between", s->made);
    json_number(&d, "rst_made_between", s->made_rst);
    json_first(&d, "first_made_between", s->first_made);
    json_dumper_end_object(&d);
    json_dumper_finish(&d);
}

void path_json(const struct path_page *p)
{
    for (unsigned i = 0; i < p->lines; i++) {
        json_line(&p->line[i], p->pool);
        wmem_free_all(p->pool);
    }
}
