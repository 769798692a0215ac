/* render.c: how it reads. Strings that cost something are made only where somebody looks at them.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "render.h"
#include "config.h"
#include "experts.h"
#include "fields.h"
#include "moment.h"
#include "sockets.h"
#include "streams.h"
#include "view.h"
#include "wording.h"

static int expert_tap; /* Wireshark's own, behind -z expert: it wants our items though nobody wants a tree */
static const char *const role_of[2] = {"client", "server"};

/* What all parts of one layer's subtree share. */
struct sheet {
    tvbuff_t *tvb;
    packet_info *pinfo;
    struct view view;
};

/* add_*: an item for a field that nobody looks at is not made. Wireshark would not make it either, but asking it
 * costs four times as much. */
static void add_string(const struct sheet *p, proto_tree *tree, int field, const char *value)
{
    if (proto_field_is_referenced(tree, field))
        proto_item_set_generated(proto_tree_add_string(tree, field, p->tvb, 0, 0, value));
}

/* labelled: does anybody read the labels of this tree's items? In one made for a filter, a column or chosen fields,
 * values are all that is read. */
static bool labelled(const proto_tree *tree)
{
    return PTREE_DATA(tree)->visible;
}

/* add_named: a string field shown under a shorter name than its own, which would repeat its branch. */
static void add_named(const struct sheet *p, proto_tree *tree, int field, const char *name, const char *value)
{
    if (!labelled(tree))
        add_string(p, tree, field, value);
    else
        proto_item_set_generated(proto_tree_add_string_format(tree, field, p->tvb, 0, 0, value, "%s: %s", name, value));
}

/* add_shown: the state with the mark of what is assumed. Hidden: the branch has both already, in its heading. */
static void add_shown(const struct sheet *p, proto_tree *tree, int field, const struct view_end *e)
{
    if (!proto_field_is_referenced(tree, field))
        return;
    proto_item *item = proto_tree_add_string(tree, field, p->tvb, 0, 0, view_shown(p->pinfo->pool, e));
    proto_item_set_generated(item);
    proto_item_set_hidden(item);
}

static void add_uint(const struct sheet *p, proto_tree *tree, int field, uint32_t value)
{
    if (proto_field_is_referenced(tree, field))
        proto_item_set_generated(proto_tree_add_uint(tree, field, p->tvb, 0, 0, value));
}

static void add_frame(const struct sheet *p, proto_tree *tree, int field, uint32_t frame)
{
    if (frame)
        add_uint(p, tree, field, frame);
}

/* end_text: "ESTABLISHED -> FIN_WAIT_1", "CLOSE_WAIT (assumed)": every state passed in this frame. */
static const char *end_text(const struct sheet *p, unsigned end)
{
    const struct view_end *e = &p->view.end[end];
    wmem_strbuf_t *out = wmem_strbuf_new(p->pinfo->pool, "");
    for (unsigned i = 0; i < p->view.steps; i++)
        if (p->view.step[i].end == end)
            wmem_strbuf_append_printf(out, "%s -> ", tcpfsm_state_name(p->view.step[i].from));
    wmem_strbuf_append(out, tcpfsm_state_name(e->state));
    if (!view_certain(e->possible))
        wmem_strbuf_append(out, " (assumed)");
    return wmem_strbuf_finalize(out);
}

static void add_transitions(const struct sheet *p, proto_tree *tree, unsigned end, const char *role)
{
    for (unsigned i = 0; i < p->view.steps; i++) {
        const struct tcpfsm_step *s = &p->view.step[i];
        if (s->end != end)
            continue;
        proto_tree *branch = tree;
        if (proto_field_is_referenced(tree, fields.transition)) {
            const char *text = wmem_strdup_printf(p->pinfo->pool, "%s %s -> %s", role, tcpfsm_state_name(s->from),
                                                  tcpfsm_state_name(s->to));
            proto_item *item = proto_tree_add_string(tree, fields.transition, p->tvb, 0, 0, text);
            proto_item_set_generated(item);
            branch = proto_item_add_subtree(item, trees[TREE_TRANSITION]);
        }
        add_string(p, branch, fields.event, tcpfsm_event_text(s->event));
        add_string(p, branch, fields.rule, tcpfsm_event_rule(s->event));
    }
}

static nstime_t interval(int64_t nanoseconds)
{
    return (nstime_t){.secs = (time_t)(nanoseconds / 1000000000), .nsecs = (int)(nanoseconds % 1000000000)};
}

static void add_time(const struct sheet *p, proto_tree *tree, const struct end_fields *f, const struct view_end *e)
{
    if (!e->timed_since || e->timed_since == p->pinfo->num || !proto_field_is_referenced(tree, f->time_in_state))
        return;
    nstime_t t = interval(e->spent);
    if (!labelled(tree))
        proto_item_set_generated(proto_tree_add_time(tree, f->time_in_state, p->tvb, 0, 0, &t));
    else
        proto_item_set_generated(proto_tree_add_time_format(
            tree, f->time_in_state, p->tvb, 0, 0, &t, "Time in %s: %lld.%06d seconds, since frame %u",
            tcpfsm_state_name(e->timed_state), (long long)t.secs, t.nsecs / 1000, e->timed_since));
}

/* add_possible: one item for every possible state. */
static void add_possible(const struct sheet *p, proto_tree *tree, int field, tcpfsm_set possible)
{
    for (unsigned s = 0; s < TCPFSM_STATES && proto_field_is_referenced(tree, field); s++)
        if (possible & TCPFSM_BIT(s))
            add_named(p, tree, field, "Possible", tcpfsm_state_name(s));
}

/* add_end: the branch of the client (side 0) or the server (side 1). */
static void add_end(const struct sheet *p, proto_tree *tree, unsigned side)
{
    unsigned end = side ^ p->view.client;
    const struct view_end *e = &p->view.end[end];
    const struct end_fields *f = &fields.end[side];
    const char *state = tcpfsm_state_name(e->state);
    proto_tree *branch = tree;
    if (proto_field_is_referenced(tree, f->endpoint)) {
        const char *name = view_endpoint(p->pinfo->pool, &p->view.ends, end);
        proto_item *item = proto_tree_add_string_format(tree, f->endpoint, p->tvb, 0, 0, name, "%s %s: %s%s",
                                                        side ? "Server" : "Client", name, state,
                                                        view_certain(e->possible) ? "" : ", assumed");
        proto_item_set_generated(item);
        branch = proto_item_add_subtree(item, trees[side ? TREE_SERVER : TREE_CLIENT]);
    }
    add_named(p, branch, f->state, "State", state);
    add_shown(p, branch, f->shown, e);
    if (e->changed && e->previous != e->state)
        add_named(p, branch, f->previous, "Previous state", tcpfsm_state_name(e->previous));
    add_transitions(p, branch, end, role_of[side]);
    if (proto_field_is_referenced(branch, f->certain))
        proto_item_set_generated(proto_tree_add_boolean_format(branch, f->certain, p->tvb, 0, 0,
                                                               view_certain(e->possible), "Certain: %s",
                                                               view_certain(e->possible) ? "True" : "False"));
    add_possible(p, branch, f->possible, e->possible);
    if (!labelled(branch))
        add_uint(p, branch, f->since, e->since);
    else
        proto_item_set_generated(proto_tree_add_uint_format(branch, f->since, p->tvb, 0, 0, e->since,
                                                            "In this state since frame: %u", e->since));
    add_time(p, branch, f, e);
    add_string(p, branch, end == p->view.from ? fields.src_state : fields.dst_state, state);
    add_string(p, branch, fields.state, state);
    if (proto_field_is_referenced(branch, f->time_wait))
        add_uint(p, branch, f->time_wait,
                 sockets_count(&p->view.ends, end, TCPFSM_TIME_WAIT, COUNTS_ALL, p->pinfo->num));
    if (proto_field_is_referenced(branch, f->close_wait))
        add_uint(p, branch, f->close_wait,
                 sockets_count(&p->view.ends, end, TCPFSM_CLOSE_WAIT, COUNTS_ALL, p->pinfo->num));
}

/* add_idle: the silence that this segment ends. */
static void add_idle(const struct sheet *p, proto_tree *tree, unsigned order)
{
    int64_t idle = proto_field_is_referenced(tree, fields.idle) ? view_idle(p->pinfo->num, order) : 0;
    nstime_t t = interval(idle);
    if (idle)
        proto_item_set_generated(proto_tree_add_time_format(tree, fields.idle, p->tvb, 0, 0, &t,
                                                            "Idle before this segment: %lld.%06d seconds",
                                                            (long long)t.secs, t.nsecs / 1000));
}

/* add_marks: what is remembered of this very segment. */
static void add_marks(const struct sheet *p, proto_tree *tree, unsigned order)
{
    add_idle(p, tree, order);
    if (proto_field_is_referenced(tree, fields.duplicate_of))
        add_frame(p, tree, fields.duplicate_of, view_copy_of(p->pinfo->num, order));
    if (proto_field_is_referenced(tree, fields.rst_suspicious) && view_suspicious(p->pinfo->num, order))
        proto_item_set_generated(proto_tree_add_boolean(tree, fields.rst_suspicious, p->tvb, 0, 0, true));
}

/* add_stream: Wireshark's own number of the conversation, where this connection began. */
static void add_stream(const struct sheet *p, proto_tree *tree)
{
    if (!proto_field_is_referenced(tree, fields.stream))
        return;
    uint32_t stream = streams_of(p->pinfo, &p->view.ends, p->view.first_frame);
    if (stream != UINT32_MAX)
        add_uint(p, tree, fields.stream, stream);
}

/* add_ends: who closed, who reset, what the RST found; and how it went so far. */
static void add_ends(const struct sheet *p, proto_tree *tree)
{
    const struct view *v = &p->view;
    if (v->closed_by)
        add_string(p, tree, fields.closed_by, role_of[(v->closed_by - 1) ^ v->client]);
    if (v->reset_by) {
        add_string(p, tree, fields.reset_by, role_of[(v->reset_by - 1) ^ v->client]);
        for (unsigned side = 0; side < 2; side++)
            add_string(p, tree, fields.end[side].at_reset, tcpfsm_state_name(v->at_reset[side ^ v->client]));
    }
    add_string(p, tree, fields.outcome_so_far, wording_outcome_so_far(v->outcome));
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

static void add_connection(const struct sheet *p, proto_tree *tree)
{
    const struct view *v = &p->view;
    proto_tree *branch = tree;
    if (proto_field_is_referenced(tree, fields.connection)) {
        proto_item *item = proto_tree_add_uint_format(tree, fields.connection, p->tvb, 0, 0, v->number,
                                                      "Connection: %u, %s", v->number, tcpfsm_phase_name(v->phase));
        proto_item_set_generated(item);
        branch = proto_item_add_subtree(item, trees[TREE_CONNECTION]);
    }
    add_uint(p, branch, fields.incarnation, view_incarnation(v->number));
    add_stream(p, branch);
    add_string(p, branch, fields.role, tcpfsm_role_name(v->role));
    add_string(p, branch, fields.phase, tcpfsm_phase_name(v->phase));
    add_string(p, branch, fields.vantage, wording_vantage(v->vantage, v->client));
    if (v->opened_in <= p->pinfo->num)
        add_frame(p, branch, fields.opened_in, v->opened_in);
    add_ends(p, branch);
    add_pressure(p, branch);
    if (!p->pinfo->fd->visited)
        return;
    add_frame(p, branch, fields.closed_in, v->closed_in);
    add_frame(p, branch, fields.next_change_in, v->next_change);
    add_string(p, branch, fields.outcome, tcpfsm_outcome_name(view_outcome(v->number)));
    if (proto_field_is_referenced(branch, fields.zeek_state) || proto_field_is_referenced(branch, fields.zeek_history))
        add_zeek(p, branch);
}

/* protocol_read: whether anybody reads the text of our protocol's item: who sees the tree, or names the protocol
 * itself. Who names a field needs the item only. */
static bool protocol_read(const proto_tree *tree)
{
    return labelled(tree) || proto_registrar_get_nth((unsigned)fields.protocol)->ref_type > HF_REF_TYPE_INDIRECT;
}

/* add_protocol: the subtree of a layer; its own text is the answer in one line. */
static proto_tree *add_protocol(const struct sheet *p, proto_tree *tree, bool quoted)
{
    const struct view *v = &p->view;
    proto_item *item;
    if (!protocol_read(tree)) {
        item = proto_tree_add_item(tree, fields.protocol, p->tvb, 0, 0, ENC_NA);
        return proto_item_add_subtree(item, trees[TREE_PROTOCOL]);
    }
    if (quoted) {
        item = proto_tree_add_protocol_format(tree, fields.protocol, p->tvb, 0, 0,
                                              "TCP State Machine: an ICMP error about connection %u", v->number);
        return proto_item_add_subtree(item, trees[TREE_PROTOCOL]);
    }
    item =
        proto_tree_add_protocol_format(tree, fields.protocol, p->tvb, 0, 0, "TCP State Machine: client %s, server %s",
                                       end_text(p, v->client), end_text(p, !v->client));
    return proto_item_add_subtree(item, trees[TREE_PROTOCOL]);
}

bool render_shows(const proto_tree *tree)
{
    if (!expert_tap)
        expert_tap = find_tap_id("expert"); /* registered with the first file */
    return tree || config.info_column || have_tap_listener(expert_tap);
}

bool render_fills(const proto_tree *tree)
{
    return config.info_column || (tree && proto_field_is_referenced((proto_tree *)tree, fields.protocol));
}

/* render_tree: the subtree; what it is of is in the sheet. Returns it, or NULL if nobody asks for it. */
static proto_tree *render_tree(const struct sheet *p, proto_tree *tree, unsigned order)
{
    bool quoted = order == MOMENT_QUOTE;
    if (!tree || !proto_field_is_referenced(tree, fields.protocol))
        return NULL;
    proto_tree *own = add_protocol(p, tree, quoted);
    if (!quoted) {
        add_end(p, own, 0);
        add_end(p, own, 1);
    }
    add_connection(p, own);
    if (!quoted)
        add_marks(p, own, order);
    return own;
}

void render_header(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, const struct render_header *h)
{
    struct sheet p = {.tvb = tvb, .pinfo = pinfo};
    struct connections_place place;
    unsigned findings;
    if (!view_find(h->src, h->dst, h->sport, h->dport, pinfo->num, h->order, &place))
        return;
    view_findings(place.connection, &findings);
    if (!findings && !render_fills(tree))
        return;
    view_at(&p.view, place.connection, place.from, pinfo->num, h->order, moment_time(pinfo));
    if (h->order == MOMENT_QUOTE && !p.view.findings)
        return;
    proto_tree *own = render_tree(&p, tree, h->order);
    for (unsigned i = 0; i < p.view.findings; i++)
        experts_add(own, tvb, pinfo, &p.view, &p.view.finding[i].finding);
    if (config.info_column && h->order != MOMENT_QUOTE)
        col_append_fstr(pinfo->cinfo, COL_INFO, " [client %s, server %s]", end_text(&p, p.view.client),
                        end_text(&p, !p.view.client));
}
