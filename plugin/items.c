/* items.c: adding items to a subtree. Strings that cost something are made only where somebody looks at them.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "items.h"

bool items_read(const proto_tree *tree)
{
    return PTREE_DATA(tree)->visible;
}

void add_string(const struct sheet *p, proto_tree *tree, int field, const char *value)
{
    if (proto_field_is_referenced(tree, field))
        proto_item_set_generated(proto_tree_add_string(tree, field, p->tvb, 0, 0, value));
}

void add_named(const struct sheet *p, proto_tree *tree, int field, const char *name, const char *value)
{
    if (!items_read(tree))
        add_string(p, tree, field, value);
    else
        proto_item_set_generated(proto_tree_add_string_format(tree, field, p->tvb, 0, 0, value, "%s: %s", name, value));
}

void add_hidden(const struct sheet *p, proto_tree *tree, int field, const char *value)
{
    proto_item *item = proto_tree_add_string(tree, field, p->tvb, 0, 0, value);
    proto_item_set_generated(item);
    proto_item_set_hidden(item);
}

void add_uint(const struct sheet *p, proto_tree *tree, int field, uint32_t value)
{
    if (proto_field_is_referenced(tree, field))
        proto_item_set_generated(proto_tree_add_uint(tree, field, p->tvb, 0, 0, value));
}

void add_frame(const struct sheet *p, proto_tree *tree, int field, uint32_t frame)
{
    if (frame)
        add_uint(p, tree, field, frame);
}
