/* plugin.c: tcpfsm as Wireshark sees it: a post-dissector that wants no fields.
 *
 *     frame -> layers (TCP headers) -> store (which connection) -> engine (what changed) -> store (records) -> render
 *
 * A frame is analysed once, on its first visit, and rendered from the store on every visit.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin.h"
#include "fields.h"
#include "findings.h"
#include "layers.h"
#include "passes.h"
#include "preferences.h"
#include "render.h"
#include "reports/reports.h"
#include "store.h"

#include <epan/tap.h>

#ifndef TCPFSM_VERSION
#define TCPFSM_VERSION "0.0.0"
#endif

WS_DLL_PUBLIC_DEF const char plugin_version[] = TCPFSM_VERSION;
WS_DLL_PUBLIC_DEF const int plugin_want_major = WIRESHARK_VERSION_MAJOR;
WS_DLL_PUBLIC_DEF const int plugin_want_minor = WIRESHARK_VERSION_MINOR;

struct plugin_config plugin_config;
int proto_tcpfsm = -1;
static protocol_t *protocol;
static int expert_tap; /* Wireshark's own, behind -z expert: it wants our items though nobody wants a tree */

bool plugin_enabled(void)
{
    return proto_is_protocol_enabled(protocol);
}

int64_t plugin_time(const packet_info *pinfo)
{
    const int64_t second = 1000000000, limit = INT64_MAX / 4 / 1000000000;
    if (!(pinfo->presence_flags & PINFO_HAS_TS))
        return 0;
    int64_t seconds = pinfo->abs_ts.secs;
    return CLAMP(seconds, -limit, limit) * second + CLAMP(pinfo->abs_ts.nsecs, 0, 999999999);
}

bool plugin_shows(const proto_tree *tree)
{
    if (!expert_tap)
        expert_tap = find_tap_id("expert"); /* registered with the first file */
    return tree || plugin_config.info_column || have_tap_listener(expert_tap);
}

bool plugin_fills(const proto_tree *tree)
{
    return plugin_config.info_column || (tree && proto_field_is_referenced((proto_tree *)tree, proto_tcpfsm));
}

/* dissect: after everything else in the frame. TCP's headers were analysed when they passed (layers.c); here they are displayed. */
static int dissect(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    (void)data;
    if (!pinfo->fd->visited)
        layers_missed(pinfo);
    if (!plugin_shows(tree))
        return 0;
    if (tree)
        passes_frame(pinfo);
    const struct layer *first = layers_of(pinfo);
    for (const struct layer *l = first; l; l = l->next)
        render_layer(tree, tvb, pinfo, l);
    return first ? (int)tvb_captured_length(tvb) : 0;
}

/* file_begin, file_end: before the first frame of a capture is dissected, also when a changed preference has all of them dissected anew; and after the last. */
static void file_begin(void)
{
    preferences_read();
    layers_check();
    store_open();
}

static void file_end(void)
{
    passes_end();
    store_close();
}

static void register_protocol(void)
{
    proto_tcpfsm = proto_register_protocol("TCP State Machine", "TCPFSM", "tcpfsm");
    protocol = find_protocol_by_id(proto_tcpfsm);
    fields_register(proto_tcpfsm);
    findings_register(proto_tcpfsm);
    preferences_register(proto_tcpfsm);
    layers_register();
    reports_register();
    register_init_routine(file_begin);
    register_cleanup_routine(file_end);
    /* A protocol in name only, which goes on and off with ours: the other kind is entered in every frame's list of layers and taken out again, TCP or not. */
    int display = proto_register_protocol_in_name_only("TCP State Machine (display)", "TCPFSM (display)", "tcpfsm.display", proto_tcpfsm, FT_PROTOCOL);
    register_postdissector(create_dissector_handle(dissect, display));
}

static void register_handoff(void)
{
    layers_handoff();
    render_handoff();
}

void plugin_register(void)
{
    static proto_plugin plugin;
    plugin.register_protoinfo = register_protocol;
    plugin.register_handoff = register_handoff;
    proto_register_plugin(&plugin);
    reports_plugin();
}

#ifdef COMPAT_PLUGIN_DESCRIBE
uint32_t plugin_describe(void)
{
    return WS_PLUGIN_DESC_DISSECTOR;
}
#endif
