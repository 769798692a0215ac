/* reports.c: registers what reports there are, reads their arguments and feeds them.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "report.h"
#include "menu.h"
#include "table.h"
#include "tree.h"

#include <string.h>

static int tap = -1;

static const struct report_kind *const kinds[] = {&report_conv, &report_ss, &report_hosts, &report_ladder, &report_timeline};

static const char report_comma[] = "an argument is missing after the comma";
static const char report_no_stream[] = "the number of a TCP stream is missing";
const char report_unknown[] = "there is no such argument";

bool reports_wanted(void)
{
    return tap > 0 && have_tap_listener(tap);
}

void reports_segment(packet_info *pinfo, uint16_t sport, uint16_t dport, struct tcpfsm_segment *s, unsigned order)
{
    struct store_place place;
    if (!store_find(&pinfo->net_src, &pinfo->net_dst, sport, dport, pinfo->num, order, &place))
        return;
    struct report_record *record = wmem_new0(pinfo->pool, struct report_record);
    store_view(&place, pinfo->num, order, plugin_time(pinfo), &record->view);
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

void *report_note(struct report *r, uint32_t number)
{
    if (number >= r->notes->len)
        g_array_set_size(r->notes, number + 1);
    return r->notes->data + (size_t)number * r->kind->note;
}

bool report_number(const char *text, uint32_t *number)
{
    guint64 n;
    if (!g_ascii_string_to_unsigned(text, 10, 0, UINT32_MAX, &n, NULL))
        return false;
    *number = (uint32_t)n;
    return true;
}

static void clock_reset(void *data)
{
    struct report_clock *c = (struct report_clock *)data;
    *c = (struct report_clock){.frame = c->frame, .until = c->until};
}

static tap_packet_status clock_packet(void *data, packet_info *pinfo, epan_dissect_t *edt, const void *record, tap_flags_t flags)
{
    struct report_clock *c = (struct report_clock *)data;
    int64_t time = plugin_time(pinfo);
    (void)edt, (void)record, (void)flags;
    if (!c->frames)
        c->first = c->last = time;
    c->last = MAX(c->last, time);
    c->frames = pinfo->num;
    if ((!c->frame || pinfo->num <= c->frame) && (c->until < 0 || time - c->first <= c->until)) {
        c->at_frame = pinfo->num;
        c->at_time = c->until < 0 ? (c->frame ? time : c->last) : c->first + c->until;
    }
    return TAP_PACKET_DONT_REDRAW;
}

static void report_reset(void *data)
{
    struct report *r = (struct report *)data;
    g_array_set_size(r->notes, 0);
    if (r->rungs)
        g_array_set_size(r->rungs, 0);
}

static tap_packet_status report_packet(void *data, packet_info *pinfo, epan_dissect_t *edt, const void *record, tap_flags_t flags)
{
    struct report *r = (struct report *)data;
    (void)edt, (void)flags;
    r->kind->packet(r, pinfo, (const struct report_record *)record);
    return TAP_PACKET_REDRAW;
}

static tap_packet_status report_no_packet(void *data, packet_info *pinfo, epan_dissect_t *edt, const void *record, tap_flags_t flags)
{
    (void)data, (void)pinfo, (void)edt, (void)record, (void)flags;
    return TAP_PACKET_REDRAW;
}

static void report_draw(void *data)
{
    struct report *r = (struct report *)data;
    r->kind->draw(r);
    fflush(stdout);
}

static void report_finish(void *data)
{
    struct report *r = (struct report *)data;
    g_free(r->filter);
    g_free(r->svg);
    g_free(r->host_text);
    g_array_free(r->notes, TRUE);
    if (r->rungs)
        g_array_free(r->rungs, TRUE);
    g_free(r);
}

/* argument_next: takes key=value from the front of *rest; false if it does not begin so. svg=FILE takes all, for file names may hold commas. */
static bool argument_next(char **rest, char **key, char **value)
{
    size_t n = strspn(*rest, "abcdefghijklmnopqrstuvwxyz");
    if (!n || (*rest)[n] != '=' || (*rest)[n + 1] == '=')
        return false;
    *key = *rest;
    *value = *rest + n + 1;
    (*rest)[n] = '\0';
    char *comma = strcmp(*key, "svg") ? strchr(*value, ',') : NULL;
    if (comma)
        *comma = '\0';
    *rest = comma ? comma + 1 : *value + strlen(*value);
    return true;
}

/* report_arguments: reads what follows the name; returns what is wrong with it, or NULL. */
static const char *report_arguments(struct report *r, char *rest)
{
    char *key, *value;
    const char *wrong = NULL;
    if (*rest == '\0')
        return r->kind == &report_ladder ? report_no_stream : NULL;
    if (*rest++ != ',')
        return "there is no such report";
    if (*rest == '\0')
        return report_comma;
    if (g_str_has_suffix(rest, ",") && !strstr(rest, "svg="))
        return report_comma;
    bool named = false;
    while (!wrong && *rest) {
        if (argument_next(&rest, &key, &value)) {
            if (!strcmp(key, "svg") && (r->kind == &report_ladder || r->kind == &report_timeline) && *value)
                r->svg = g_strdup(value);
            else
                wrong = r->kind->argument(r, key, value);
        } else if (r->kind == &report_ladder) {
            char *comma = strchr(rest, ',');
            if (comma)
                *comma = '\0';
            wrong = named ? "there can be one STREAM" : r->kind->argument(r, NULL, rest);
            named = true;
            rest = comma ? comma + 1 : rest + strlen(rest);
        } else {
            wrong = r->kind->argument(r, NULL, rest);
            break;
        }
    }
    return wrong || named || r->kind != &report_ladder ? wrong : report_no_stream;
}

/* report_listen: attaches the report to the taps; returns what is wrong, to be freed, or NULL. */
static char *report_listen(struct report *r)
{
    GString *wrong = register_tap_listener("frame", &r->clock, NULL, TL_REQUIRES_NOTHING, clock_reset, clock_packet, NULL, NULL);
    if (!wrong)
        wrong = r->kind->packet ? register_tap_listener("tcpfsm", r, r->filter, TL_REQUIRES_ERROR_PACKETS, report_reset, report_packet, report_draw, report_finish)
                                : register_tap_listener("frame", r, NULL, TL_REQUIRES_NOTHING, report_reset, report_no_packet, report_draw, report_finish);
    if (!wrong)
        return NULL;
    remove_tap_listener(&r->clock);
    return g_string_free(wrong, FALSE);
}

/* report_writable: whether the SVG file can be written; it is made here, empty, so that the user learns it before the capture is read. */
static bool report_writable(const struct report *r)
{
    FILE *f = r->svg ? fopen(r->svg, "w") : NULL;
    if (f)
        fclose(f);
    return !r->svg || f;
}

static compat_tap_init report_begin(const char *argument, void *userdata)
{
    struct report *r = g_new0(struct report, 1);
    r->kind = (const struct report_kind *)userdata;
    r->clock.until = -1;
    r->notes = g_array_new(FALSE, TRUE, MAX(r->kind->note, 1u));
    static char why[1024];
    char *copy = g_strdup(argument), *wrong = NULL;
    const char *said = report_arguments(r, copy + strlen(r->kind->name));
    if (said)
        wrong = g_strdup(said);
    else if (!report_writable(r))
        wrong = g_strdup_printf("%s cannot be written", r->svg);
    else
        wrong = report_listen(r);
    g_free(copy);
    if (wrong) {
        g_strdelimit(wrong, "\n", ' ');
        if (g_str_has_suffix(wrong, "."))
            wrong[strlen(wrong) - 1] = '\0';
        snprintf(why, sizeof why, "-z %s: %s. The form is -z %s", argument, wrong, r->kind->usage);
        g_free(wrong);
        report_finish(r);
        COMPAT_TAP_FAIL(why);
    }
    COMPAT_TAP_DONE;
}

void reports_register(void)
{
    tap = register_tap("tcpfsm");
    for (unsigned i = 0; i < array_length(kinds); i++) {
        stat_tap_ui ui = {.group = REGISTER_PACKET_STAT_GROUP_UNSORTED, .title = NULL, .cli_string = kinds[i]->name, .tap_init_cb = report_begin};
        register_stat_tap_ui(&ui, (void *)(uintptr_t)kinds[i]);
    }
    table_register();
    menu_register();
}

void reports_plugin(void)
{
    static tap_plugin plugin;
    plugin.register_tap_listener = tree_register;
    tap_register_plugin(&plugin);
}
