/* other.c: another plugin that reads TCP where IP hands it over: it puts a handle of its own in entry 6 of ip.proto and calls what was there before. For
 * test_other.py: both plugins must see every segment, whichever wraps the other.
 *
 * With OTHER_LATE in the environment it does so when a file is opened, after all plugins' handoffs; else in its handoff. It says on stderr what it wraps.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat.h"

WS_DLL_PUBLIC_DEF const char plugin_version[] = "1.0";
WS_DLL_PUBLIC_DEF const int plugin_want_major = WIRESHARK_VERSION_MAJOR;
WS_DLL_PUBLIC_DEF const int plugin_want_minor = WIRESHARK_VERSION_MINOR;

static int protocol = -1, hf_length = -1;
static dissector_handle_t own, before;

static int dissect(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    proto_tree_add_uint(tree, hf_length, tvb, 0, 0, tvb_reported_length(tvb));
    return call_dissector_only(before, tvb, pinfo, tree, data);
}

static void wrap(void)
{
    if (own)
        return;
    before = dissector_get_uint_handle(find_dissector_table("ip.proto"), IP_PROTO_TCP);
    own = create_dissector_handle(dissect, protocol);
    dissector_add_uint("ip.proto", IP_PROTO_TCP, own);
    fprintf(stderr, "other: wraps %s\n", dissector_handle_get_protocol_index(before) == proto_get_id_by_filter_name("tcp") ? "TCP" : "another plugin");
}

static void handoff(void)
{
    if (getenv("OTHER_LATE"))
        register_init_routine(wrap);
    else
        wrap();
}

static void register_protocol(void)
{
    static hf_register_info fields[] = {{&hf_length, {"Length", "other.length", FT_UINT32, BASE_DEC, NULL, 0, NULL, HFILL}}};
    protocol = proto_register_protocol("Another plugin", "OTHER", "other");
    proto_register_field_array(protocol, fields, array_length(fields));
}

void plugin_register(void)
{
    static proto_plugin plugin;
    plugin.register_protoinfo = register_protocol;
    plugin.register_handoff = handoff;
    proto_register_plugin(&plugin);
}

#ifdef COMPAT_PLUGIN_DESCRIBE
uint32_t plugin_describe(void)
{
    return WS_PLUGIN_DESC_DISSECTOR;
}
#endif
