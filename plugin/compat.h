/* compat.h: every difference between the supported versions of Wireshark (4.0, 4.2, 4.4, 4.6). No other file tests a version.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_COMPAT_H
#define TCPFSM_COMPAT_H

/* The pedantic mode of the compiler is for our code: Wireshark's and GLib's headers use extensions. */
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#endif

#define WS_BUILD_DLL            /* what we export is defined here, not imported: matters on Windows */
#include <wireshark.h>
#include <ws_version.h>
#include <epan/conversation.h>
#include <epan/expert.h>
#include <epan/in_cksum.h>
#include <epan/ipproto.h>
#include <epan/packet.h>
#include <epan/plugin_if.h>
#include <epan/prefs-int.h>
#include <epan/prefs.h>
#include <epan/proto_data.h>
#include <epan/stat_tap_ui.h>
#include <epan/stats_tree.h>
#include <epan/tap.h>
#include <epan/to_str.h>
#include <epan/dissectors/packet-ip.h>
#include <epan/dissectors/packet-tcp.h>
#include <wsutil/report_message.h>

#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* COMPAT_VERSION: true for a Wireshark of at least this version. The odd minor numbers are development versions: what 4.4 has came with 4.3. */
#define COMPAT_VERSION(major, minor) (WIRESHARK_VERSION_MAJOR > (major) || (WIRESHARK_VERSION_MAJOR == (major) && WIRESHARK_VERSION_MINOR >= (minor)))

#if !COMPAT_VERSION(4, 0)
#error "tcpfsm needs Wireshark 4.0 or later"
#endif

/* What a plugin exports. wsutil/plugins.h declares it, but is not in every development package (not in Debian 12's). */
#ifndef WS_PLUGIN_DESC_DISSECTOR
#define WS_PLUGIN_DESC_DISSECTOR (1UL << 0)
#endif
WS_DLL_PUBLIC void plugin_register(void);
#if COMPAT_VERSION(4, 1)
#define COMPAT_PLUGIN_DESCRIBE 1
WS_DLL_PUBLIC uint32_t plugin_describe(void);
#endif

/* The type behind a boolean preference. */
#if COMPAT_VERSION(4, 3)
typedef bool compat_bool;
#else
typedef gboolean compat_bool;
#endif

/* compat_tap_refuse: tells the user why a report cannot be made: a box in the GUI, a line on stderr in tshark, which until 4.5 has no other way to fail than exit. */
static inline void compat_tap_refuse(const char *why)
{
    ws_info_t *gui = NULL;
    plugin_if_get_ws_info(&gui);
    if (gui && gui->ws_info_supported) {
        report_failure("%s", why);
        return;
    }
    fprintf(stderr, "tshark: %s\n", why);
#if !COMPAT_VERSION(4, 5)
    exit(1);
#endif
}

/* What a tap's init callback of register_stat_tap_ui returns: void until 4.5, then bool. COMPAT_TAP_FAIL ends such a callback after a wrong argument. */
#if COMPAT_VERSION(4, 5)
typedef bool compat_tap_init;
#define COMPAT_TAP_DONE return true
#define COMPAT_TAP_FAIL(why) do { compat_tap_refuse(why); return false; } while (0)
#else
typedef void compat_tap_init;
#define COMPAT_TAP_DONE return
#define COMPAT_TAP_FAIL(why) do { compat_tap_refuse(why); return; } while (0)
#endif

/* What separates the parts of a stats tree's path in the menus. */
#if COMPAT_VERSION(4, 1)
#define COMPAT_STATS_PATH(menu, name) menu "//" name
#else
#define COMPAT_STATS_PATH(menu, name) menu "/" name
#endif

/* compat_uint8: the byte at an offset; throws as Wireshark's accessors do if it lies beyond the data. */
static inline uint8_t compat_uint8(tvbuff_t *tvb, int offset)
{
#if COMPAT_VERSION(4, 3)
    return tvb_get_uint8(tvb, offset);
#else
    return tvb_get_guint8(tvb, offset);
#endif
}

/* compat_fvalue: the value of a field_info as a pointer. */
static inline const fvalue_t *compat_fvalue(const field_info *fi)
{
#if COMPAT_VERSION(4, 3)
    return fi->value;
#else
    return &fi->value;
#endif
}

/* compat_conversation: the conversation that these two ends had at `frame`, or NULL. Makes and extends none. From 4.4 on a preference can keep conversations of
 * different VLANs or interfaces apart: those are found by what pinfo holds of the present frame, with its addresses. */
static inline conversation_t *compat_conversation(packet_info *pinfo, uint32_t frame, const address *a, const address *b, uint16_t port_a, uint16_t port_b)
{
    conversation_t *found = find_conversation(frame, a, b, CONVERSATION_TCP, port_a, port_b, 0);
#if COMPAT_VERSION(4, 5)
    return found ? found : find_conversation_strat(pinfo, CONVERSATION_TCP, 0, false);
#elif COMPAT_VERSION(4, 3)
    return found ? found : find_conversation_strat(pinfo, CONVERSATION_TCP, 0);
#else
    (void)pinfo;
    return found;
#endif
}

/* compat_prefs_bool: the present value of another protocol's boolean preference; false if there is none of that name. */
static inline bool compat_prefs_bool(const char *module, const char *name)
{
    module_t *m = prefs_find_module(module);
    pref_t *p = m ? prefs_find_preference(m, name) : NULL;
    return p && prefs_get_bool_value(p, pref_current);
}

#endif
