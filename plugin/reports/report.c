/* report.c: what the reports share: the states of an endpoint over time, names, streams.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "report.h"

#include <epan/plugin_if.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { NONE, CHAT, NOTE, WARN };

static const uint8_t severities[TCPFSM_FINDINGS] = {
#define TCPFSM_FINDING_ROW(id, name, severity, group, text, action, cases) [TCPFSM_FINDING_##id] = severity,
#include "diagnosis/findings.def"
#undef TCPFSM_FINDING_ROW
};

unsigned report_severity(unsigned finding)
{
    return finding < TCPFSM_FINDINGS ? severities[finding] : NONE;
}

const char *report_severity_name(unsigned severity)
{
    static const char *const name[] = {"none", "chat", "note", "warning"};
    return name[MIN(severity, (unsigned)WARN)];
}

bool report_socket(unsigned state)
{
    return state != TCPFSM_CLOSED && state != TCPFSM_LISTEN;
}

const char *report_host_text(wmem_allocator_t *pool, uint32_t host)
{
    address a;
    hosts_address(host, &a);
    return address_to_str(pool, &a);
}

const char *report_endpoint(wmem_allocator_t *pool, const struct store_tuple *tuple, unsigned end)
{
    const struct store_view view = {.tuple = tuple};
    return render_endpoint(pool, &view, end);
}

const struct store_change *report_last(const struct store_connection *c)
{
    return &c->change[c->changes - 1];
}

void report_view(uint32_t number, struct store_view *view)
{
    const struct store_place place = {.connection = number, .tuple = store_connection(number)->tuple};
    store_view(&place, UINT32_MAX, STORE_ORDER_QUOTE, report_last(store_connection(number))->time, view);
}

/* stream_of: tcp.stream of the conversation of this tuple at `frame`. */
static uint32_t stream_of(packet_info *pinfo, const struct store_tuple *t, uint32_t frame)
{
    static int proto_tcp = -1;
    address a, b;
    if (proto_tcp < 0)
        proto_tcp = proto_get_id_by_filter_name("tcp");
    hosts_address(t->host[0], &a);
    hosts_address(t->host[1], &b);
    conversation_t *conversation = compat_conversation(pinfo, frame, &a, &b, store_port(t, 0), store_port(t, 1));
    const struct tcp_analysis *tcp = conversation ? (const struct tcp_analysis *)conversation_get_proto_data(conversation, proto_tcp) : NULL;
    return tcp ? tcp->stream : UINT32_MAX;
}

uint32_t report_stream(packet_info *pinfo, const struct store_view *view)
{
    return stream_of(pinfo, view->tuple, view->connection->first_frame);
}

uint32_t report_stream_now(packet_info *pinfo, const struct store_view *view)
{
    return stream_of(pinfo, view->tuple, pinfo->num);
}

int64_t report_time_wait_until(uint32_t number, unsigned end, int64_t from)
{
    const struct store_tuple *t = store_tuple(store_connection(number)->tuple);
    int64_t began = from, span = plugin_config.engine.time_wait;
    if (store_after(number) == UINT32_MAX && t->engine.end[end].state == TCPFSM_TIME_WAIT && t->engine.end[end].timer) {
        int32_t ticks = (int32_t)(t->engine.end[end].timer - (uint32_t)((uint64_t)from >> 20));
        began += MAX((int64_t)ticks, 0) << 20;      /* a FIN that came again restarts it */
    }
    return began > INT64_MAX - span ? INT64_MAX : began + span;
}

void report_spans(uint32_t number, unsigned end, int64_t until, GArray *spans)
{
    const struct store_connection *c = store_connection(number);
    struct report_span s = {0};
    uint32_t next = store_after(number);
    g_array_set_size(spans, 0);
    if (next != UINT32_MAX)
        until = MIN(until, store_connection(next)->change[0].time);
    until = MAX(until, c->change[0].time);
    for (uint32_t i = 0; i <= c->changes; i++) {
        const struct store_change *r = i < c->changes ? &c->change[i] : NULL;
        int64_t time = r ? CLAMP(r->time, s.from, until) : until;
        if (i && (!r || store_state(r, end) != s.state)) {
            int64_t ends = s.state == TCPFSM_TIME_WAIT ? report_time_wait_until(number, end, s.from) : INT64_MAX;
            s.to = MIN(time, ends);
            g_array_append_val(spans, s);
            if (time > ends) {
                s = (struct report_span){.from = ends, .to = time, .frame = s.frame, .state = TCPFSM_CLOSED, .assumed = true};
                g_array_append_val(spans, s);
            }
        }
        if (r && (!i || store_state(r, end) != s.state))
            s = (struct report_span){.from = i ? time : r->time, .frame = r->frame, .state = (uint8_t)store_state(r, end)};
        if (r)
            s.assumed = (r->possible[end] & (r->possible[end] - 1u)) != 0;
    }
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
    ws_info_t *gui = NULL;
    va_list arguments;
    fprintf(stderr, "tshark: -z %s: ", r->kind->name);
    va_start(arguments, why);
    vfprintf(stderr, why, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    plugin_if_get_ws_info(&gui);
    if (!failed && !(gui && gui->ws_info_supported))
        failed = !atexit(exit_failed);
}

FILE *report_svg_open(const struct report *r)
{
    FILE *f = fopen(r->svg, "w");
    if (!f)
        report_failed(r, "%s cannot be written: %s", r->svg, g_strerror(errno));
    return f;
}

void report_svg_close(const struct report *r, FILE *f)
{
    fputs("</svg>\n", f);
    bool bad = ferror(f) != 0;
    if (fclose(f) || bad)
        report_failed(r, "%s cannot be written", r->svg);
}

const char *report_colour(unsigned state)
{
    static const char *const class[TCPFSM_STATES] = {"cl", "li", "ss", "sr", "es", "f1", "f2", "cw", "cg", "la", "tw"};
    return class[MIN(state, TCPFSM_STATES - 1u)];
}

void report_svg_begin(FILE *f, unsigned width, unsigned height, const char *title)
{
    fprintf(f, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" viewBox=\"0 0 %u %u\" font-family=\"DejaVu Sans,Verdana,Arial,sans-serif\" font-size=\"12\">\n",
            width, height, width, height);
    fputs("<title>", f);
    report_svg_text(f, title);
    fputs("</title>\n<style>\n"
          "  .t{fill:#1c2733}.m{fill:#5d6b78}.w{fill:#b3261e}.l{stroke:#5d6b78}.g{stroke:#d5dbe1}.b{fill:#fff}\n"
          "  .cl{fill:#c3cad1}.li{fill:#dfe4e8}.ss{fill:#f2b134}.sr{fill:#e38b29}.es{fill:#4c9f70}.f1{fill:#7fb3e6}.f2{fill:#4a86c8}\n"
          "  .cw{fill:#d1495b}.cg{fill:#2fa7a0}.la{fill:#e58fb0}.tw{fill:#7a5ba8}.kw{stroke:#7a5ba8}.kc{stroke:#d1495b}\n"
          "  .mono{font-family:'DejaVu Sans Mono',Consolas,Menlo,monospace}\n"
          "  @media (prefers-color-scheme:dark){.t{fill:#e4e9ee}.m{fill:#9aa7b3}.w{fill:#ff8a80}.l{stroke:#9aa7b3}.g{stroke:#39434d}.b{fill:#161b20}.cl{fill:#56616b}.li{fill:#39434d}"
          ".tw{fill:#a486d6}.kw{stroke:#a486d6}}\n"
          "</style>\n", f);
    fprintf(f, "<rect class=\"b\" width=\"%u\" height=\"%u\"/>\n", width, height);
}

void report_svg_text(FILE *f, const char *text)
{
    char *escaped = g_markup_escape_text(text, -1);
    fputs(escaped, f);
    g_free(escaped);
}
