/* conv_csv.c: connections as comma-separated values, RFC 4180.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/conv_layouts.h"
#include "reports/csv.h"
#include "wording.h"

/* csv_line: seconds and names, nothing rounded for reading: a column for each state and end. */
static void csv_line(const struct conv_line *l, wmem_allocator_t *pool)
{
    const struct conv_note *n = l->note;
    printf("%u,%s,%u,%s,%s,", l->number, l->known ? wmem_strdup_printf(pool, "%u", l->stream) : "",
           view_incarnation(l->number), l->who[0], l->who[1]);
    csv_field(tcpfsm_role_name(l->view.role), false);
    for (unsigned side = 0; side < 2; side++)
        printf("%s,%s,", tcpfsm_state_name(l->view.end[side ^ l->client].state),
               conv_certain(l, side) ? "true" : "false");
    csv_field(tcpfsm_outcome_name(view_outcome(l->number)), false);
    csv_field(l->closer, false);
    printf("%.9f,%.9f,%u,%u,%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT ",%u,%u,%u", (double)l->start / 1e9,
           (double)l->duration / 1e9, n->packets[l->client], n->packets[!l->client], n->bytes[l->client],
           n->bytes[!l->client], l->view.first_frame, l->view.opened_in, l->view.closed_in);
    for (unsigned side = 0; side < 2; side++)
        for (unsigned s = 0; s < TCPFSM_STATES; s++)
            printf(l->been[side][s] ? ",%.9f" : ",", (double)l->spent[side][s] / 1e9);
    printf(",%s,", wording_severity_name(l->worst));
    csv_field(conv_findings(pool, l->number), true);
}

void conv_csv(const struct conv_page *p)
{
    struct conv_line l;
    fputs(
        "connection,stream,incarnation,client,server,role,client_state,client_certain,server_state,server_certain,"
        "outcome,closed_by,start,duration,client_packets,"
        "server_packets,client_bytes,server_bytes,first_frame,opened_in,closed_in",
        stdout);
    for (unsigned side = 0; side < 2; side++)
        for (unsigned s = 0; s < TCPFSM_STATES; s++)
            printf(",%s_%s", side ? "server" : "client", tcpfsm_state_name(s));
    puts(",worst,findings");
    for (unsigned j = 0; j < p->lines; j++) {
        conv_line(&l, p, j);
        csv_line(&l, p->pool);
        wmem_free_all(p->pool);
    }
}

