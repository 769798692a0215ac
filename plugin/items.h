/* items.h: adding items to a subtree.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_ITEMS_H
#define TCPFSM_ITEMS_H

#include "view.h"

/* What all parts of one layer's subtree share. */
struct sheet {
    tvbuff_t *tvb;
    packet_info *pinfo;
    unsigned order;         /* which TCP header of the frame: see moment.h */
    struct view view;
};

/* items_read: does anybody read the labels of this tree's items? In one made for a filter, a column or chosen fields,
 * values are all that is read. */
bool items_read(const proto_tree *tree);

/* add_string, add_uint, add_frame: an item for a field; none if nobody looks at the field. Wireshark would not make it
 * either, but asking it costs four times as much. add_frame: none for frame 0. */
void add_string(const struct sheet *p, proto_tree *tree, int field, const char *value);
void add_uint(const struct sheet *p, proto_tree *tree, int field, uint32_t value);
void add_frame(const struct sheet *p, proto_tree *tree, int field, uint32_t frame);

/* add_named: a string field shown under a shorter name than its own, which would repeat its branch. */
void add_named(const struct sheet *p, proto_tree *tree, int field, const char *name, const char *value);

/* add_hidden: a string for filters, columns and scripts; whoever reads the tree has it elsewhere. */
void add_hidden(const struct sheet *p, proto_tree *tree, int field, const char *value);

/* interval: nanoseconds as Wireshark's fields want them. */
static inline nstime_t interval(int64_t nanoseconds)
{
    return (nstime_t){.secs = (time_t)(nanoseconds / 1000000000), .nsecs = (int)(nanoseconds % 1000000000)};
}

#endif
