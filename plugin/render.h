/* render.h: what is known of a frame as a protocol tree, expert items and text of the Info column.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_RENDER_H
#define TCPFSM_RENDER_H

#include "compat.h"

/* Which TCP header of a frame is rendered. */
struct render_header {
    const address *src, *dst;           /* network layer */
    uint16_t sport, dport;
    unsigned order;                     /* where in the frame: moment.h */
};

/* render_shows: is anything of ours displayed for a frame with this tree (may be NULL): in it, in the Info column,
 * or among the expert items? */
bool render_shows(const proto_tree *tree);

/* render_fills: is there more to display than expert items: has the tree room for our subtree, or does the Info
 * column take the states? A tree that nobody sees, made for a filter or a column, can do without our subtree if none
 * of our fields is asked for. */
bool render_fills(const proto_tree *tree);

/* render_header: adds one TCP header's subtree, its expert items and, if the user wants it, the states in the Info
 * column. `tree` may be NULL. */
void render_header(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, const struct render_header *header);

#endif
