/* table.c: a row for each connection, in a window of the GUI that Wireshark itself provides.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/table.h"
#include "reports/report.h"
#include "wording.h"


enum { NUMBER, CLIENT, SERVER, CLIENT_STATE, SERVER_STATE, OUTCOME, START, PACKETS, FINDING, COLUMNS };

static stat_tap_table_item columns[COLUMNS] = {{TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Connection", "%u"},
                                               {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Client", "%s"},
                                               {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Server", "%s"},
                                               {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Client state", "%s"},
                                               {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Server state", "%s"},
                                               {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Outcome", "%s"},
                                               {TABLE_ITEM_FLOAT, TAP_ALIGN_RIGHT, "Start (s)", "%.6f"},
                                               {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Segments", "%u"},
                                               {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Worst finding", "%s"}};

static const char title[] = "TCP State Machine, Connections";

static GArray *rows;        /* by number of the connection: its row plus one */
static uint32_t generation; /* view_generation() of the rows; 0: none yet */
static bool anew;           /* it has been said that the rows were of an earlier session */
static struct { uint32_t frame; uint64_t orders[2]; } last;    /* the frame counted last, and which of its headers */
static GPtrArray *retired;  /* rows of before a reset: a second window may still sort by them */

static void init(stat_tap_table_ui *ui)
{
    if (!rows) {
        rows = g_array_new(FALSE, TRUE, sizeof(uint32_t));
        retired = g_ptr_array_new_with_free_func(g_free);
    }
    if (stat_tap_find_table(ui, title))
        return;
    g_array_set_size(rows, 0);
    g_ptr_array_set_size(retired, 0);
    stat_tap_add_table(ui, stat_tap_init_table(title, COLUMNS, 0, "tcpfsm.connection == %u"));
}

/* row_of: the row of this connection, made when new. */
static uint32_t row_of(stat_tap_table *table, packet_info *pinfo, const struct view *v)
{
    stat_tap_table_item_type item[COLUMNS];
    if (v->number >= rows->len)
        g_array_set_size(rows, v->number + 1);
    uint32_t *row = &g_array_index(rows, uint32_t, v->number);
    if (*row)
        return *row - 1;
    memset(item, 0, sizeof item);
    for (unsigned i = 0; i < COLUMNS; i++) {
        item[i].type = columns[i].type;
        if (columns[i].type == TABLE_ITEM_STRING)
            item[i].value.string_value = "";
    }
    item[NUMBER].value.uint_value = v->number;
    item[CLIENT].value.string_value = view_endpoint(NULL, &v->ends, v->client);
    item[SERVER].value.string_value = view_endpoint(NULL, &v->ends, !v->client);
    item[START].value.float_value = nstime_to_sec(&pinfo->rel_ts);
    *row = table->num_elements + 1;
    stat_tap_init_table_row(table, *row - 1, COLUMNS, item);
    return *row - 1;
}

static void set_string(stat_tap_table *table, uint32_t row, unsigned column, const char *text)
{
    stat_tap_table_item_type *item = stat_tap_get_field_data(table, row, column);
    item->value.string_value = text;
    stat_tap_set_field_data(table, row, column, item);
}

/* item_free: the endpoints are the only strings a row owns. */
static void item_free(stat_tap_table *table, guint row, guint column, stat_tap_table_item_type *item)
{
    (void)table, (void)row;
    if ((column != CLIENT && column != SERVER) || item->type != TABLE_ITEM_STRING)
        return;
    g_free((char *)(uintptr_t)item->value.string_value);
    item->value.string_value = "";
    item->type = TABLE_ITEM_NONE;
}

static void reset(stat_tap_table *table)
{
    for (guint i = 0; i < table->num_elements; i++) {
        for (guint j = 0; j < COLUMNS; j++)
            item_free(table, i, j, stat_tap_get_field_data(table, i, j));
        g_ptr_array_add(retired, table->elements[i]);
    }
    table->num_elements = 0;
    g_array_set_size(rows, 0);
    generation = 0;
    memset(&last, 0, sizeof last);
}

/* counted: whether this header was counted already: two windows, or two of -z, share one table. */
static bool counted(uint32_t frame, unsigned order)
{
    uint64_t bit = UINT64_C(1) << (order & 63), *orders = &last.orders[order >> 6 & 1];
    if (last.frame != frame) {
        memset(&last, 0, sizeof last);
        last.frame = frame;
    }
    bool before = *orders & bit;
    *orders |= bit;
    return before;
}

static tap_packet_status packet(void *data, packet_info *pinfo, epan_dissect_t *edt, const void *record,
                                tap_flags_t flags)
{
    const struct report_record *p = (const struct report_record *)record;
    const struct view *v = &p->view;
    stat_tap_table *table = g_array_index(((stat_data_t *)data)->stat_tap_data->tables, stat_tap_table *, 0);
    (void)edt, (void)flags;
    if (generation && generation != view_generation()) {
        report_anew("tcpfsm,table", &anew);
        reset(table);
    }
    generation = view_generation();
    if (counted(pinfo->num, p->order))
        return TAP_PACKET_REDRAW;
    uint32_t row = row_of(table, pinfo, v);
    set_string(table, row, CLIENT_STATE, tcpfsm_state_name(v->end[v->client].state));
    set_string(table, row, SERVER_STATE, tcpfsm_state_name(v->end[!v->client].state));
    set_string(table, row, OUTCOME, tcpfsm_outcome_name(view_outcome(v->number)));
    stat_tap_table_item_type *item = stat_tap_get_field_data(table, row, PACKETS);
    item->value.uint_value++;
    stat_tap_set_field_data(table, row, PACKETS, item);
    item = stat_tap_get_field_data(table, row, FINDING);
    for (unsigned i = 0; i < v->findings; i++) {
        unsigned id = v->finding[i].finding.id;
        if (wording_severity(id) > item->user_data.uint_value) {
            item->user_data.uint_value = wording_severity(id);
            item->value.string_value = tcpfsm_finding_name(id);
        }
    }
    stat_tap_set_field_data(table, row, FINDING, item);
    return TAP_PACKET_REDRAW;
}

void table_register(void)
{
    static stat_tap_table_ui ui;
    static tap_param params[] = {{PARAM_FILTER, "filter", "Filter", NULL, TRUE}};
    ui.group = REGISTER_PACKET_STAT_GROUP_UNSORTED;
    ui.title = title;
    ui.tap_name = "tcpfsm";
    ui.cli_string = "tcpfsm,table";
    ui.stat_tap_init_cb = init;
    ui.packet_func = packet;
    ui.stat_tap_reset_table_cb = reset;
    ui.stat_tap_free_table_item_cb = item_free;
    ui.nfields = COLUMNS;
    ui.fields = columns;
    ui.nparams = array_length(params);
    ui.params = params;
    register_stat_tap_table_ui(&ui);
}
