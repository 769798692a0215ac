/* menu.c: Tools, TCP State Machine: the display filters of the symptom table, one click each.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/menu.h"
#include "fields.h"

struct menu_entry { const char *label, *filter; };

/* A NULL label is a separator. */
static const struct menu_entry entries[] = {
    {"Everything found", "tcpfsm.finding"},
    {"Every change of state", "tcpfsm.transition"},
    {NULL, NULL},
    {"Refused connections", "tcpfsm.finding == \"rst.refused\""},
    {"Resets, with their causes", "tcpfsm.finding contains \"rst.\""},
    {"Half-open connections", "tcpfsm.finding contains \"half_open.\" or tcpfsm.finding == \"rst.no_connection\""},
    {"SYNs without an answer", "tcpfsm.finding == \"half_open.syn\""},
    {"Lingering CLOSE_WAIT", "tcpfsm.finding == \"close_wait.lingering\""},
    {"Entries into TIME_WAIT", "tcpfsm.transition contains \"-> TIME_WAIT\""},
    {NULL, NULL},
    {"An end in CLOSE_WAIT", "tcpfsm.state == \"CLOSE_WAIT\""},
    {"An end in TIME_WAIT", "tcpfsm.state == \"TIME_WAIT\""},
    {"An end in FIN_WAIT_2", "tcpfsm.state == \"FIN_WAIT_2\""},
    {"An end in SYN_RECEIVED", "tcpfsm.state == \"SYN_RECEIVED\""},
};

static void apply(ext_menubar_gui_type gui_type, gpointer gui_object, gpointer user_data)
{
    (void)gui_type, (void)gui_object;
    plugin_if_apply_filter(((const struct menu_entry *)user_data)->filter, TRUE);
}

void menu_register(void)
{
    ext_menu_t *menu = ext_menubar_register_menu(fields.protocol, "TCP State Machine", TRUE);
    ext_menubar_set_parentmenu(menu, "Tools");
    for (unsigned i = 0; i < array_length(entries); i++) {
        if (entries[i].label)
            ext_menubar_add_entry(menu, entries[i].label, entries[i].filter, apply, (void *)(uintptr_t)&entries[i]);
        else
            ext_menubar_add_separator(menu);
    }
}
