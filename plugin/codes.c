/* codes.c: counters and codes: what is for filters, graphs and other tools rather than for reading.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "codes.h"
#include "config.h"
#include "fields.h"
#include "sockets.h"

/* add_states: the states by who sent the segment, and of either endpoint. */
static void add_states(const struct sheet *p, proto_tree *tree)
{
    for (unsigned side = 0; side < 2; side++) {
        unsigned end = side ^ p->view.client;
        const char *state = tcpfsm_state_name(p->view.end[end].state);
        add_string(p, tree, end == p->view.from ? fields.src_state : fields.dst_state, state);
        add_string(p, tree, fields.state, state);
    }
}

/* add_sockets: how many sockets each host has in the states that weigh on it. */
static void add_sockets(const struct sheet *p, proto_tree *tree)
{
    const struct view *v = &p->view;
    for (unsigned side = 0; side < 2; side++) {
        const struct end_fields *f = &fields.end[side];
        unsigned end = side ^ v->client;
        if (proto_field_is_referenced(tree, f->time_wait))
            add_uint(p, tree, f->time_wait, sockets_count(&v->ends, end, TCPFSM_TIME_WAIT, COUNTS_ALL, p->pinfo->num));
        if (proto_field_is_referenced(tree, f->close_wait))
            add_uint(p, tree, f->close_wait,
                     sockets_count(&v->ends, end, TCPFSM_CLOSE_WAIT, COUNTS_ALL, p->pinfo->num));
    }
}

/* add_pressure: what weighs on the service at this moment, where anything does. */
static void add_pressure(const struct sheet *p, proto_tree *tree)
{
    const struct view *v = &p->view;
    bool wait = proto_field_is_referenced(tree, fields.pressure_time_wait) ||
                proto_field_is_referenced(tree, fields.pressure_percent);
    uint32_t waiting = wait ? sockets_count(&v->ends, v->client, TCPFSM_TIME_WAIT, COUNTS_TOWARD, p->pinfo->num) : 0;
    if (waiting)
        add_uint(p, tree, fields.pressure_time_wait, waiting);
    if (waiting && config.ephemeral)
        add_uint(p, tree, fields.pressure_percent, (uint32_t)((uint64_t)waiting * 100 / config.ephemeral));
    uint32_t unclosed = proto_field_is_referenced(tree, fields.pressure_close_wait)
                            ? sockets_count(&v->ends, !v->client, TCPFSM_CLOSE_WAIT, COUNTS_AT, p->pinfo->num)
                            : 0;
    if (unclosed)
        add_uint(p, tree, fields.pressure_close_wait, unclosed);
}

/* add_zeek: the connection in Zeek's codes. */
static void add_zeek(const struct sheet *p, proto_tree *tree)
{
    char text[TCPFSM_HISTORY_TEXT];
    const uint8_t *history = view_letters(p->view.number);
    tcpfsm_history_text(history, p->view.client, text);
    add_string(p, tree, fields.zeek_state, tcpfsm_conn_state(history, p->view.client));
    add_string(p, tree, fields.zeek_history, text);
}

void codes_add(const struct sheet *p, proto_tree *tree, bool quoted)
{
    proto_tree *branch = tree;
    if (items_read(tree)) {
        proto_item *item;
        branch = proto_tree_add_subtree(tree, p->tvb, 0, 0, trees[TREE_CODES], &item, "Counters and codes");
        proto_item_set_generated(item);
    }
    if (!quoted) {
        add_states(p, branch);
        add_sockets(p, branch);
    }
    add_pressure(p, branch);
    if (!p->pinfo->fd->visited)
        return;
    if (proto_field_is_referenced(branch, fields.zeek_state) || proto_field_is_referenced(branch, fields.zeek_history))
        add_zeek(p, branch);
}
