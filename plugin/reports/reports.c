/* reports.c: registers what reports there are, and feeds them.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/reports.h"
#include "moment.h"
#include "reports/kinds.h"
#include "reports/menu.h"
#include "reports/table.h"
#include "reports/tree.h"

static int tap = -1;

static const struct report_kind *const kinds[] = {&report_diagnosis, &report_conv,   &report_path,    &report_ss,
                                                  &report_hosts,     &report_ladder, &report_timeline};

bool reports_wanted(void)
{
    return tap > 0 && have_tap_listener(tap);
}

void reports_segment(packet_info *pinfo, const address *src, const address *dst, uint16_t sport, uint16_t dport,
                     struct tcpfsm_segment *s, unsigned order)
{
    struct connections_place place;
    if (!view_find(src, dst, sport, dport, pinfo->num, order, &place))
        return;
    struct report_record *record = wmem_new0(pinfo->pool, struct report_record);
    record->time = moment_time(pinfo);
    view_at(&record->view, place.connection, place.from, pinfo->num, order, record->time);
    if (!s && !record->view.findings)
        return;
    record->order = order;
    record->quote = !s;
    if (s) {
        s->from = (uint8_t)place.from;
        record->segment = *s;
    }
    tap_queue_packet(tap, pinfo, record);
}

void reports_register(void)
{
    tap = register_tap("tcpfsm");
    for (unsigned i = 0; i < array_length(kinds); i++)
        report_register(kinds[i]);
    /* Here, and not by tap_register_plugin: sharkd registers no listeners of plugins, but knows the trees there are. */
    tree_register();
    table_register();
    menu_register();
}
