/* plugin.c: tcpfsm as Wireshark sees it: a post-dissector that wants no fields. It alone knows all parts and ties them
 * together:
 *
 *     frame -> hook (TCP headers) -> connections (look-up, engine, history) -> sockets, once (who listens)
 *     frame -> hook -> render, reports <- view <- history
 *
 * A frame is analysed once, on its first visit, and displayed from the histories on every visit.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "addresses.h"
#include "config.h"
#include "connections.h"
#include "experts.h"
#include "fields.h"
#include "hook.h"
#include "moment.h"
#include "once.h"
#include "passes.h"
#include "render.h"
#include "reports/reports.h"
#include "sockets.h"

#ifndef TCPFSM_VERSION
#define TCPFSM_VERSION "0.0.0"
#endif

WS_DLL_PUBLIC_DEF const char plugin_version[] = TCPFSM_VERSION;
WS_DLL_PUBLIC_DEF const int plugin_want_major = WIRESHARK_VERSION_MAJOR;
WS_DLL_PUBLIC_DEF const int plugin_want_minor = WIRESHARK_VERSION_MINOR;

static protocol_t *protocol;

/* Who hears of what changed. */
static const struct connections_listener listeners[] = {
    {.clock = sockets_clock, .moved = sockets_moved},
    {.taken = once_taken, .finding = once_finding},
};

/* dissect: after everything else in the frame. TCP's headers were analysed when they passed; here they are
 * displayed. */
static int dissect(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    (void)data;
    if (!pinfo->fd->visited) {
        connections_clock(moment_time(pinfo));
        hook_missed(pinfo);
    }
    if (!render_shows(tree))
        return 0;
    if (tree)
        passes_frame(pinfo);
    const struct hook_header *first = hook_headers(pinfo);
    for (const struct hook_header *h = first; h; h = h->next) {
        struct render_header header = {h->src, h->dst, h->sport, h->dport, h->order};
        render_header(tree, tvb, pinfo, &header);
    }
    return first ? (int)tvb_captured_length(tvb) : 0;
}

static bool enabled(void)
{
    return proto_is_protocol_enabled(protocol);
}

static bool checks(void)
{
    return config.check_checksum;
}

static bool take(const struct hook_header *h, struct tcpfsm_segment *s)
{
    const struct connections_header header = {h->src, h->dst, h->sport, h->dport, h->order, h->interface};
    return connections_segment(&header, s);
}

static void take_quote(packet_info *pinfo, const struct hook_header *h, uint32_t seq, bool hard)
{
    connections_unreachable(h->src, h->dst, h->sport, h->dport, seq, hard, pinfo->num, moment_time(pinfo));
}

static void hear(packet_info *pinfo, const struct hook_header *h, struct tcpfsm_segment *s)
{
    reports_segment(pinfo, h->src, h->dst, h->sport, h->dport, s, h->order);
}

static const struct hook_calls calls = {.enabled = enabled,
                                        .shows = render_shows,
                                        .fills = render_fills,
                                        .heard = reports_wanted,
                                        .checks = checks,
                                        .segment = take,
                                        .quote = take_quote,
                                        .hear = hear};

static void file_end(void)
{
    passes_end();
    connections_close();
    sockets_close();
    once_close();
    addresses_close();
}

/* file_begin: before the first frame of a capture is dissected, also when a changed preference has all of them
 * dissected anew. */
static void file_begin(void)
{
    uint32_t limit[TCPFSM_STATES] = {0};
    file_end();
    config_read();
    fields_unfold();
    hook_check();
    addresses_open();
    limit[TCPFSM_TIME_WAIT] = config.pressure;
    limit[TCPFSM_CLOSE_WAIT] = config.close_wait_pressure;
    sockets_open(config.engine.time_wait, limit);
    connections_open(&config.engine, listeners, array_length(listeners));
}

static void register_protocol(void)
{
    int number = proto_register_protocol("TCP State Machine", "TCPFSM", "tcpfsm");
    protocol = find_protocol_by_id(number);
    fields_register(number);
    experts_register(number);
    config_register(number);
    hook_register(&calls);
    reports_register();
    register_init_routine(file_begin);
    register_cleanup_routine(file_end);
    /* Registered in name only, so Wireshark does not add it to every frame's list of protocols; it goes on and off with
     * ours. */
    int display = proto_register_protocol_in_name_only("TCP State Machine (display)", "TCPFSM (display)",
                                                       "tcpfsm.display", number, FT_PROTOCOL);
    register_postdissector(create_dissector_handle(dissect, display));
}

void plugin_register(void)
{
    static proto_plugin plugin;
    plugin.register_protoinfo = register_protocol;
    plugin.register_handoff = hook_handoff;
    proto_register_plugin(&plugin);
}

#ifdef COMPAT_PLUGIN_DESCRIBE
uint32_t plugin_describe(void)
{
    return WS_PLUGIN_DESC_DISSECTOR;
}
#endif
