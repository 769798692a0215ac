/* conv_json.c: connections as JSON, an object a line.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "addresses.h"
#include "reports/conv_layouts.h"
#include "reports/json.h"
#include "wording.h"

/* json_end: the object of the client (side 0) or the server. */
static void json_end(json_dumper *d, const struct conv_line *l, unsigned side, wmem_allocator_t *pool)
{
    const struct view_end *e = &l->view.end[side ^ l->client];
    const struct connections_ends *ends = &l->view.ends;
    json_dumper_set_member_name(d, side ? "server" : "client");
    json_dumper_begin_object(d);
    json_string(d, "address", addresses_text(pool, ends->host[side ^ l->client]));
    json_number(d, "port", ends->port[side ^ l->client]);
    json_string(d, "state", tcpfsm_state_name(e->state));
    json_truth(d, "certain", conv_certain(l, side));
    json_dumper_set_member_name(d, "possible");
    json_dumper_begin_array(d);
    for (unsigned s = 0; s < TCPFSM_STATES; s++)
        if (e->possible & TCPFSM_BIT(s))
            json_dumper_value_string(d, tcpfsm_state_name(s));
    json_dumper_end_array(d);
    json_number(d, "packets", l->note->packets[side ^ l->client]);
    json_number(d, "bytes", l->note->bytes[side ^ l->client]);
    json_dumper_set_member_name(d, "seconds_in");
    json_dumper_begin_object(d);
    for (unsigned s = 0; s < TCPFSM_STATES; s++)
        if (l->been[side][s])
            json_seconds(d, tcpfsm_state_name(s), l->spent[side][s]);
    json_dumper_end_object(d);
    json_dumper_end_object(d);
}

static void json_findings(json_dumper *d, const struct conv_line *l, wmem_allocator_t *pool)
{
    unsigned n;
    const struct history_finding *f = view_findings(l->number, &n);
    json_dumper_set_member_name(d, "findings");
    json_dumper_begin_array(d);
    for (const struct history_finding *after = f + n; f < after; f++) {
        json_dumper_begin_object(d);
        json_string(d, "name", tcpfsm_finding_name(f->finding.id));
        json_string(d, "severity", wording_severity_name(wording_severity(f->finding.id)));
        json_number(d, "frame", f->frame);
        json_string(d, "about", (f->finding.end & 1u) == l->client ? "client" : "server");
        json_string(d, "text", wording_finding(pool, &l->view, &f->finding));
        json_dumper_end_object(d);
    }
    json_dumper_end_array(d);
}

static void json_line(const struct conv_line *l, int64_t epoch, wmem_allocator_t *pool)
{
    json_dumper d = {.output_file = stdout};
    json_dumper_begin_object(&d);
    json_number(&d, "connection", l->number);
    if (l->known)
        json_number(&d, "stream", l->stream);
    json_number(&d, "incarnation", view_incarnation(l->number));
    json_string(&d, "role", tcpfsm_role_name(l->view.role));
    json_end(&d, l, 0, pool);
    json_end(&d, l, 1, pool);
    json_string(&d, "phase", tcpfsm_phase_name(l->view.phase));
    json_string(&d, "outcome", tcpfsm_outcome_name(view_outcome(l->number)));
    json_string(&d, "closed_by", l->closer);
    json_seconds(&d, "start", l->start);
    json_epoch(&d, "start_epoch", epoch + l->start);
    json_seconds(&d, "duration", l->duration);
    json_number(&d, "first_frame", l->view.first_frame);
    if (l->view.opened_in)
        json_number(&d, "opened_in", l->view.opened_in);
    if (l->view.closed_in)
        json_number(&d, "closed_in", l->view.closed_in);
    json_string(&d, "worst", wording_severity_name(l->worst));
    json_findings(&d, l, pool);
    json_dumper_end_object(&d);
    json_dumper_finish(&d);
}

void conv_json(const struct conv_page *p)
{
    struct conv_line l;
    for (unsigned j = 0; j < p->lines; j++) {
        conv_line(&l, p, j);
        json_line(&l, p->first, p->pool);
        wmem_free_all(p->pool);
    }
}

