/* report.c: a report from its arguments to its end.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/report.h"
#include "moment.h"
#include "reports/svg.h"

#include <stdarg.h>

void *report_note(GArray *notes, uint32_t number)
{
    if (number >= notes->len)
        g_array_set_size(notes, number + 1);
    return notes->data + (size_t)number * g_array_get_element_size(notes);
}

/* exit_failed: a report has no other way to set tshark's exit status once the capture has been read. */
static void exit_failed(void)
{
    fflush(NULL);
    _Exit(1);
}

void report_failed(const struct report *r, const char *why, ...)
{
    static bool failed;
    va_list arguments;
    fprintf(stderr, "tshark: -z %s: ", r->kind->name);
    va_start(arguments, why);
    vfprintf(stderr, why, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    /* other programs are asked for more than a report, and may have to clean up after it */
    if (!failed && compat_tshark())
        failed = !atexit(exit_failed);
}

void report_svg(const struct report *r, GString *drawing)
{
    if (r->svg_open) {
        report_failed(r, "%s is in use: it was open when the capture was read", r->svg);
        g_string_free(drawing, TRUE);
        return;
    }
    char *wrong = svg_save(r->claimed, drawing);
    if (wrong)
        report_failed(r, "%s", wrong);
    g_free(wrong);
}

void report_anew(const char *name, bool *said)
{
    if (!*said)
        fprintf(
            stderr,
            "tshark: -z %s: tshark -M began a new session: the report starts anew and covers the last session only\n",
            name);
    *said = true;
}

static void forget(struct report *r)
{
    r->clock = (struct report_clock){.frame = r->clock.frame, .until = r->clock.until};
    if (r->kind->reset)
        r->kind->reset(r);
}

/* fresh: whatever was collected in another session is forgotten: its connections are gone. */
static void fresh(struct report *r)
{
    if (r->generation == view_generation())
        return;
    if (r->generation) {
        report_anew(r->kind->name, &r->anew);
        forget(r);
    }
    r->generation = view_generation();
    if (r->claimed)
        r->svg_open |= svg_open_here(r->claimed);
}

static tap_packet_status clock_packet(void *data, packet_info *pinfo, epan_dissect_t *edt, const void *record,
                                      tap_flags_t flags)
{
    struct report *r = (struct report *)(void *)((char *)data - offsetof(struct report, clock));
    struct report_clock *c = &r->clock;
    int64_t time = moment_time(pinfo);
    (void)edt, (void)record, (void)flags;
    fresh(r);
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
    forget(r);
    r->generation = 0;
}

static tap_packet_status report_packet(void *data, packet_info *pinfo, epan_dissect_t *edt, const void *record,
                                       tap_flags_t flags)
{
    struct report *r = (struct report *)data;
    (void)edt, (void)flags;
    fresh(r);
    r->kind->packet(r, pinfo, (const struct report_record *)record);
    return TAP_PACKET_REDRAW;
}

static tap_packet_status every_packet(void *data, packet_info *pinfo, epan_dissect_t *edt, const void *record,
                                      tap_flags_t flags)
{
    struct report *r = (struct report *)(void *)((char *)data - offsetof(struct report, every));
    (void)edt, (void)flags;
    fresh(r);
    r->kind->every(r, pinfo, (const struct report_record *)record);
    return TAP_PACKET_DONT_REDRAW;
}

static tap_packet_status report_no_packet(void *data, packet_info *pinfo, epan_dissect_t *edt, const void *record,
                                          tap_flags_t flags)
{
    (void)data, (void)pinfo, (void)edt, (void)record, (void)flags;
    return TAP_PACKET_REDRAW;
}

static void report_draw(void *data)
{
    struct report *r = (struct report *)data;
    r->kind->draw(r);
    if (fflush(stdout) || ferror(stdout))
        report_failed(r, "standard output cannot be written");
}

static void report_finish(void *data)
{
    struct report *r = (struct report *)data;
    if (r->kind->finish)
        r->kind->finish(r);
    svg_release(r->claimed);
    g_free(r->filter);
    g_free(r->svg);
    g_free(r);
}

/* report_listen: attaches the report to the taps; returns what is wrong, to be freed, or NULL. */
static char *report_listen(struct report *r)
{
    GString *wrong =
        register_tap_listener("frame", &r->clock, NULL, TL_REQUIRES_NOTHING, NULL, clock_packet, NULL, NULL);
    if (!wrong && r->kind->every)
        wrong = register_tap_listener("tcpfsm", &r->every, NULL, TL_REQUIRES_ERROR_PACKETS, NULL, every_packet, NULL,
                                      NULL);
    if (!wrong)
        wrong = r->kind->packet ? register_tap_listener("tcpfsm", r, r->filter, TL_REQUIRES_ERROR_PACKETS, report_reset,
                                                        report_packet, report_draw, report_finish)
                                : register_tap_listener("frame", r, NULL, TL_REQUIRES_NOTHING, report_reset,
                                                        report_no_packet, report_draw, report_finish);
    if (!wrong)
        return NULL;
    remove_tap_listener(&r->clock);
    if (r->kind->every)
        remove_tap_listener(&r->every);
    return g_string_free(wrong, FALSE);
}

static compat_tap_init report_begin(const char *argument, void *userdata)
{
    static char why[1024];
    const struct report_kind *kind = (const struct report_kind *)userdata;
    struct report *r = (struct report *)g_malloc0(kind->size);
    r->kind = kind;
    r->clock.until = -1;
    char *wrong = arguments_read(kind->option, kind->options, argument + strlen(kind->name), r);
    if (!wrong && r->svg)
        r->claimed = svg_claim(r->svg, &wrong);
    if (!wrong)
        wrong = report_listen(r);
    if (wrong) {
        g_strdelimit(wrong, "\n", ' ');
        if (g_str_has_suffix(wrong, "."))
            wrong[strlen(wrong) - 1] = '\0';
        snprintf(why, sizeof why, "-z %s: %s. The form is -z %s", argument, wrong, kind->usage);
        g_free(wrong);
        report_finish(r);
        COMPAT_TAP_FAIL(why);
    }
    COMPAT_TAP_DONE;
}

void report_register(const struct report_kind *kind)
{
    stat_tap_ui ui = {.group = REGISTER_PACKET_STAT_GROUP_UNSORTED,
                      .title = NULL,
                      .cli_string = kind->name,
                      .tap_init_cb = report_begin};
    register_stat_tap_ui(&ui, (void *)(uintptr_t)kind);
}
