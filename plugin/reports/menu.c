/* menu.c: Tools, TCP State Machine: the display filters of filters.def, one click each.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/menu.h"
#include "fields.h"
#include <epan/funnel.h>

enum { REPLACE, ADD };

struct menu_entry {
    const char *group, *label, *filter;
    int how;
};

static const struct menu_entry entries[] = {
#define TCPFSM_FILTER_ROW(menu, group, label, filter, tip) {group, label, filter, menu},
#include "reports/filters.def"
#undef TCPFSM_FILTER_ROW
};

/* in_use: the filter in the filter bar; "" if there is none. */
static const char *in_use(void)
{
    const funnel_ops_t *ops = funnel_get_funnel_ops();
    const char *filter = ops && ops->get_filter ? ops->get_filter(ops->ops_id) : NULL;
    return filter ? filter : "";
}

/* apply: a second choice of an entry that adds changes nothing. */
static void apply(ext_menubar_gui_type gui_type, gpointer gui_object, gpointer user_data)
{
    const struct menu_entry *e = (const struct menu_entry *)user_data;
    const char *now = in_use();
    (void)gui_type, (void)gui_object;
    if (e->how == REPLACE || !now[0] || strstr(now, e->filter)) {
        plugin_if_apply_filter(e->how == ADD && now[0] ? now : e->filter, TRUE);
        return;
    }
    char *both = g_strdup_printf("(%s) and (%s)", now, e->filter);
    plugin_if_apply_filter(both, TRUE);
    g_free(both);
}

void menu_register(void)
{
    ext_menu_t *menu = ext_menubar_register_menu(fields.protocol, "TCP State Machine", TRUE);
    ext_menubar_set_parentmenu(menu, "Tools");
    for (unsigned i = 0; i < array_length(entries); i++) {
        if (i && strcmp(entries[i].group, entries[i - 1].group) != 0)
            ext_menubar_add_separator(menu);
        ext_menubar_add_entry(menu, entries[i].label, entries[i].filter, apply, (void *)(uintptr_t)&entries[i]);
    }
}
