/* page_json.c: the page of tcpfsm,diagnosis as one JSON object.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "addresses.h"
#include "reports/cause_words.h"
#include "reports/json.h"
#include "reports/page.h"

static void about(json_dumper *d, const struct cause *k, wmem_allocator_t *pool)
{
    json_dumper_set_member_name(d, "about");
    json_dumper_begin_object(d);
    json_string(d, "role", k->key.server ? "server" : "client");
    json_string(d, "address", addresses_text(pool, k->key.host));
    if (k->ports)
        json_number(d, "ports", k->ports);
    else if (k->key.server)
        json_number(d, "port", k->key.port);
    json_dumper_end_object(d);
    json_dumper_set_member_name(d, "peers");
    json_dumper_begin_array(d);
    for (unsigned i = 0; i < MIN(k->peers, (unsigned)CAUSE_PEERS); i++)
        json_dumper_value_string(d, cause_peer(pool, k, i));
    json_dumper_end_array(d);
    json_truth(d, "more_peers", k->peers > CAUSE_PEERS);
}

static void problem(json_dumper *d, const struct page *p, const struct cause *k)
{
    bool exact;
    const char *filter = cause_filter(p->pool, p->causes, k, &exact);
    json_dumper_begin_object(d);
    json_string(d, "finding", cause_name(k));
    json_string(d, "severity", wording_severity_name(cause_severity(k)));
    json_string(d, "text", cause_text(p->pool, k));
    json_string(d, "action", cause_action(p->pool, k));
    about(d, k, p->pool);
    json_number(d, "connections", k->connections);
    json_number(d, "findings", k->findings);
    json_number(d, "bytes", k->bytes);
    if (k->lost)
        json_seconds(d, "seconds_in_vain", k->lost);
    json_number(d, "first_frame", k->frame);
    json_number(d, "first_connection", k->connection);
    json_string(d, "filter", filter);
    json_truth(d, "filter_exact", exact);
    json_dumper_end_object(d);
}

static void capture(json_dumper *d, const struct page *p)
{
    const struct traffic *t = p->traffic;
    json_dumper_set_member_name(d, "capture");
    json_dumper_begin_object(d);
    json_number(d, "segments", p->segments);
    json_number(d, "connections", p->connections);
    json_number(d, "connections_begun_before", p->unopened);
    json_number(d, "connections_one_direction", p->one_way);
    json_number(d, "gaps", p->gaps);
    json_number(d, "gap_bytes", p->octets);
    json_number(d, "connections_with_gaps", p->gapped);
    json_number(d, "copies", p->copies);
    json_number(d, "clock_backward", t->back);
    json_seconds(d, "clock_backward_most", t->back_most);
    json_number(d, "cut_by_snaplen", p->cut);
    if (p->checks || p->bad)
        json_number(d, "bad_checksums", p->bad);
    json_dumper_end_object(d);
}

void page_json(const struct page *p)
{
    json_dumper d = {.output_file = stdout};
    const struct report_clock *clock = &p->report->clock;
    const struct causes *c = p->causes;
    json_dumper_begin_object(&d);
    json_number(&d, "frames", clock->frames);
    json_epoch(&d, "start_epoch", clock->first);
    json_seconds(&d, "duration", clock->last - clock->first);
    if (p->report->filter)
        json_string(&d, "filter", p->report->filter);
    json_number(&d, "warnings", c->of[2]);
    json_number(&d, "notes", c->of[1]);
    json_dumper_set_member_name(&d, "problems");
    json_dumper_begin_array(&d);
    wmem_allocator_t *pool = wmem_allocator_new(WMEM_ALLOCATOR_BLOCK);
    for (unsigned i = 0; i < c->count; i++) {
        struct page one = *p;
        one.pool = pool;
        problem(&d, &one, c->sorted[i]);
        wmem_free_all(pool);
    }
    wmem_destroy_allocator(pool);
    json_dumper_end_array(&d);
    json_dumper_set_member_name(&d, "chats");
    json_dumper_begin_object(&d);
    for (unsigned i = 0; i < TCPFSM_FINDINGS; i++)
        if (c->chats[i])
            json_number(&d, tcpfsm_finding_name(i), c->chats[i]);
    json_dumper_end_object(&d);
    capture(&d, p);
    json_dumper_end_object(&d);
    json_dumper_finish(&d);
}
