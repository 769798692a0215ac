/* embed.h: libwireshark with the plugin in one process, so that many captures can be opened and closed without starting tshark for each.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPFSM_EMBED_H
#define TCPFSM_EMBED_H

#include "compat.h"
#include <epan/epan.h>
#include <epan/epan_dissect.h>
#include <wiretap/wtap.h>

/* embed_packet: one record of a capture, in memory. data: captured bytes, the packet's own. time: nanoseconds. */
struct embed_packet {
    uint8_t *data;
    uint32_t captured, length;
    int encapsulation;          /* WTAP_ENCAP_... */
    int64_t time;
};

/* embed_capture: the records of a capture, in order. */
struct embed_capture {
    struct embed_packet *packet;
    unsigned count;
};

/* embed_seen: called for each frame that was dissected with a tree: its number (from 1), the pass (1, 2) and the tree. */
typedef void embed_seen(unsigned frame, int pass, proto_tree *tree, void *context);

/* embed_start: initializes libwireshark, with the plugin this program is linked with if `with_plugin`. Once a process. Exits with status 2 if it cannot. */
void embed_start(bool with_plugin);

/* embed_load: reads a capture file. Exits with status 2 if it cannot. The caller frees the result with embed_free. */
struct embed_capture embed_load(const char *path);

/* embed_copy: a capture of its own with the same records. The caller frees it with embed_free. */
struct embed_capture embed_copy(const struct embed_capture *from);

/* embed_free: frees the records of a capture. */
void embed_free(struct embed_capture *capture);

/* embed_set: sets a preference, "name:value". Exits with status 2 if there is no such preference. */
void embed_set(const char *preference);

/* embed_dissect: opens the capture, dissects it in two passes with a tree, and closes it. `seen` may be NULL. */
void embed_dissect(const struct embed_capture *capture, embed_seen *seen, void *context);

#endif
