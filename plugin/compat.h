/* compat.h: every difference between the supported versions of Wireshark (4.0, 4.4, 4.6; for 4.2 see doc/decisions.md).
 * No other file tests a version.
 *
 * Copyright 2026 the tcpfsm authors SPDX-License-Identifier: GPL-2.0-or-later
 * */
#ifndef TCPFSM_COMPAT_H
#define TCPFSM_COMPAT_H

#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE         /* realpath() is not C11 */
#endif

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
#include <glib/gstdio.h>
#include <wsutil/report_message.h>

#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#ifdef G_OS_WIN32
#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <share.h>
#define W_OK 2
#else
#include <unistd.h>
#endif

/* COMPAT_VERSION: true for a Wireshark of at least this version. The odd minor numbers are development versions:
 * what 4.4 has came with 4.3. */
#define COMPAT_VERSION(major, minor)                                                                                   \
    (WIRESHARK_VERSION_MAJOR > (major) ||                                                                              \
     (WIRESHARK_VERSION_MAJOR == (major) && WIRESHARK_VERSION_MINOR >= (minor)))

#if !COMPAT_VERSION(4, 0)
#error "tcpfsm needs Wireshark 4.0 or later"
#endif

/* What a plugin exports. wsutil/plugins.h declares it, but is not in every development package (not in Debian 12's). */
#ifndef WS_PLUGIN_DESC_DISSECTOR
#define WS_PLUGIN_DESC_DISSECTOR (1UL << 0)
#endif
WS_DLL_PUBLIC void plugin_register(void);
#if COMPAT_VERSION(4, 3)
#define COMPAT_PLUGIN_DESCRIBE 1
WS_DLL_PUBLIC uint32_t plugin_describe(void);
#endif

/* The type behind a boolean preference. */
#if COMPAT_VERSION(4, 3)
typedef bool compat_bool;
#else
typedef gboolean compat_bool;
#endif

/* compat_gui: whether this is Wireshark with its windows, and not tshark or another program without them. */
static inline bool compat_gui(void)
{
    ws_info_t *gui = NULL;
    plugin_if_get_ws_info(&gui);
    return gui && gui->ws_info_supported;
}

/* compat_tshark: whether this is tshark. */
static inline bool compat_tshark(void)
{
    const char *name = g_get_prgname();
    return name && !strcmp(name, "tshark");
}

/* compat_tap_refuse: tells the user why a report cannot be made: a box in the GUI, a line on stderr in tshark, which
 * until 4.5 has no other way to fail than exit. */
static inline void compat_tap_refuse(const char *why)
{
    if (compat_gui()) {
        report_failure("%s", why);
        return;
    }
    fprintf(stderr, "tshark: %s\n", why);
#if !COMPAT_VERSION(4, 5)
    exit(1);
#endif
}

/* What a tap's init callback of register_stat_tap_ui returns: void until 4.5, then bool. COMPAT_TAP_FAIL ends such a
 * callback after a wrong argument. */
#if COMPAT_VERSION(4, 5)
typedef bool compat_tap_init;
#define COMPAT_TAP_DONE return true
#define COMPAT_TAP_FAIL(why) do { compat_tap_refuse(why); return false; } while (0)
#else
typedef void compat_tap_init;
#define COMPAT_TAP_DONE return
#define COMPAT_TAP_FAIL(why) do { compat_tap_refuse(why); return; } while (0)
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
#if COMPAT_VERSION(4, 1)
    return fi->value;
#else
    return &fi->value;
#endif
}

/* compat_conversation: the conversation that these two ends had at `frame`, or NULL. Makes and extends none. From
 * 4.4 on a preference can keep conversations of different VLANs or interfaces apart: those are found by what pinfo
 * holds of the present frame, with its addresses. */
static inline conversation_t *compat_conversation(packet_info *pinfo, uint32_t frame, const address *a,
                                                  const address *b, uint16_t port_a, uint16_t port_b)
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

/* compat_file_open: whether this program has the file with that path and status open. Windows has no such numbers of
 * files: there, whether any program has it open. */
static inline bool compat_file_open(const char *path, const GStatBuf *file)
{
#ifndef G_OS_WIN32
    enum { DESCRIPTORS = 1024 };
    struct stat open;
    (void)path;
    for (int i = 0; i < DESCRIPTORS; i++)
        if (fstat(i, &open) == 0 && open.st_ino == file->st_ino && open.st_dev == file->st_dev)
            return true;
    return false;
#else
    wchar_t *wide = (wchar_t *)g_utf8_to_utf16(path, -1, NULL, NULL, NULL);
    int alone = wide ? _wsopen(wide, _O_RDONLY, _SH_DENYRW) : -1;
    bool refused = alone < 0 && errno == EACCES;
    (void)file;
    g_free(wide);
    if (alone >= 0)
        _close(alone);
    return refused;
#endif
}

/* compat_path: the path of a file that exists, without links; to be freed. NULL if there is none. */
static inline char *compat_path(const char *path)
{
#ifndef G_OS_WIN32
    char *real = realpath(path, NULL), *copy = g_strdup(real);
    free(real);
    return copy;
#else
    return g_file_test(path, G_FILE_TEST_EXISTS) ? g_canonicalize_filename(path, NULL) : NULL;
#endif
}

/* compat_prefs_bool: the present value of another protocol's boolean preference; false if there is none of that
 * name. */
static inline bool compat_prefs_bool(const char *module, const char *name)
{
    module_t *m = prefs_find_module(module);
    pref_t *p = m ? prefs_find_preference(m, name) : NULL;
    return p && prefs_get_bool_value(p, pref_current);
}

/* compat_interface: a number for the interface and the section of the file that this frame was captured on; 1 where the
 * file does not say. */
static inline uint32_t compat_interface(const packet_info *pinfo)
{
    const wtap_rec *rec = pinfo->rec;
    if (!rec || rec->rec_type != REC_TYPE_PACKET || !(rec->presence_flags & WTAP_HAS_INTERFACE_ID))
        return 1;
    uint32_t section = rec->presence_flags & WTAP_HAS_SECTION_NUMBER ? rec->section_number : 0;
    return ((section << 16 ^ rec->rec_header.packet_header.interface_id) & 0x7fffffffu) + 1;
}

#endif
