/* plugin.h: what all parts of the plugin share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_PLUGIN_H
#define TCPFSM_PLUGIN_H

#include "compat.h"
#include "engine/tcpfsm.h"

/* What the user decided, as it was when the file was opened or last dissected anew; info_column is read as it is now. */
struct plugin_config {
    struct tcpfsm_config engine;
    uint32_t pressure;      /* sockets in TIME_WAIT toward one destination that are a finding; 0: never */
    uint32_t close_wait_pressure;   /* sockets in CLOSE_WAIT at one address and port that are a finding; 0: never */
    uint32_t ephemeral;     /* how many ports clients choose from */
    bool check_checksum;    /* TCP's own preference */
    bool info_column;
};
extern struct plugin_config plugin_config;

extern int proto_tcpfsm;

/* plugin_enabled: whether the user has the protocol tcpfsm enabled. */
bool plugin_enabled(void);

/* plugin_shows: is anything of ours displayed for a frame with this tree (may be NULL): in it, in the Info column, or among the expert items? */
bool plugin_shows(const proto_tree *tree);

/* plugin_fills: is there more to display than expert items: has the tree room for our subtree, or does the Info column take the states? A tree that nobody sees,
 * made for a filter or a column, can do without our subtree if none of our fields is asked for. */
bool plugin_fills(const proto_tree *tree);

/* plugin_time: capture time of this frame in nanoseconds since 1970, within a quarter of what 64 bits hold, so that differences fit too; 0 if the frame has none. */
int64_t plugin_time(const packet_info *pinfo);

#endif
