/* render.c: how it reads. Strings that cost something are made only where somebody looks at them.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "render.h"
#include "codes.h"
#include "config.h"
#include "experts.h"
#include "fields.h"
#include "moment.h"
#include "streams.h"
#include "wording.h"

static int expert_tap; /* Wireshark's own, behind -z expert: it wants our items though nobody wants a tree */
static const char *const role_of[2] = {"client", "server"};

/* add_shown: the state with the mark of what is assumed. Hidden: the branch has both already, in its heading. */
static void add_shown(const struct sheet *p, proto_tree *tree, int field, const struct view_end *e)
{
    if (proto_field_is_referenced(tree, field))
        add_hidden(p, tree, field, view_shown(p->pinfo->pool, e));
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

static void add_time(const struct sheet *p, proto_tree *tree, const struct end_fields *f, const struct view_end *e)
{
    if (!e->timed_since || e->timed_since == p->pinfo->num || !proto_field_is_referenced(tree, f->time_in_state))
        return;
    nstime_t t = interval(e->spent);
    if (!items_read(tree))
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
    if (!items_read(branch))
        add_uint(p, branch, f->since, e->since);
    else
        proto_item_set_generated(proto_tree_add_uint_format(branch, f->since, p->tvb, 0, 0, e->since,
                                                            "In this state since frame: %u", e->since));
    add_time(p, branch, f, e);
}

/* add_idle: the silence that this segment ends. */
static void add_idle(const struct sheet *p, proto_tree *tree)
{
    int64_t idle = proto_field_is_referenced(tree, fields.idle) ? view_idle(p->pinfo->num, p->order) : 0;
    nstime_t t = interval(idle);
    if (idle)
        proto_item_set_generated(proto_tree_add_time_format(tree, fields.idle, p->tvb, 0, 0, &t,
                                                            "Idle before this segment: %lld.%06d seconds",
                                                            (long long)t.secs, t.nsecs / 1000));
}

/* add_way: in a merged capture, at which point the segment was captured, and whether it was lost on its way: known once
 * the file has been read. */
static void add_way(const struct sheet *p, proto_tree *tree)
{
    static const char *const between = "between";
    struct between_way way;
    bool point = proto_field_is_referenced(tree, fields.point), lost = proto_field_is_referenced(tree, fields.lost);
    if (!p->pinfo->fd->visited || (!point && !lost) || !view_way(p->view.number, p->pinfo->num, p->order, &way))
        return;
    add_string(p, tree, fields.point, way.side > 1 ? between : role_of[way.side ^ p->view.client]);
    if (way.lost && lost)
        proto_item_set_generated(proto_tree_add_boolean(tree, fields.lost, p->tvb, 0, 0, true));
}

/* add_marks: what is remembered of this very segment as such. */
static void add_marks(const struct sheet *p, proto_tree *tree)
{
    add_way(p, tree);
    if (proto_field_is_referenced(tree, fields.duplicate_of))
        add_frame(p, tree, fields.duplicate_of, view_copy_of(p->pinfo->num, p->order));
    if (proto_field_is_referenced(tree, fields.rst_suspicious) && view_suspicious(p->pinfo->num, p->order))
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
    if (p->order != MOMENT_QUOTE)
        add_idle(p, branch);
    add_ends(p, branch);
    if (!p->pinfo->fd->visited)
        return;
    add_frame(p, branch, fields.closed_in, v->closed_in);
    add_frame(p, branch, fields.next_change_in, v->next_change);
    add_string(p, branch, fields.outcome, tcpfsm_outcome_name(view_outcome(v->number)));
}

/* protocol_read: whether anybody reads the text of our protocol's item: who sees the tree, or names the protocol
 * itself. Who names a field needs the item only. */
static bool protocol_read(const proto_tree *tree)
{
    return items_read(tree) || proto_registrar_get_nth((unsigned)fields.protocol)->ref_type > HF_REF_TYPE_INDIRECT;
}

/* heading: the answer in one line: both states, and the key words of the worst finding. */
static const char *heading(const struct sheet *p, bool quoted)
{
    const struct view *v = &p->view;
    const struct tcpfsm_finding *f = experts_worst(v);
    wmem_allocator_t *pool = p->pinfo->pool;
    const char *end = f ? wmem_strdup_printf(pool, "; %s", wording_key(pool, f->id)) : "";
    if (quoted)
        return wmem_strdup_printf(pool, "an ICMP error about connection %u%s", v->number, end);
    return wmem_strdup_printf(pool, "client %s, server %s%s", end_text(p, v->client), end_text(p, !v->client), end);
}

/* add_protocol: the subtree of a layer. */
static proto_tree *add_protocol(const struct sheet *p, proto_tree *tree, bool quoted)
{
    proto_item *item =
        protocol_read(tree)
            ? proto_tree_add_protocol_format(tree, fields.protocol, p->tvb, 0, 0, "TCP State Machine: %s",
                                             heading(p, quoted))
            : proto_tree_add_item(tree, fields.protocol, p->tvb, 0, 0, ENC_NA);
    return proto_item_add_subtree(item, trees[p->view.findings ? TREE_PROTOCOL_FINDING : TREE_PROTOCOL]);
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

/* render_tree: the subtree of what is in the sheet: findings, the two ends, the connection, counters and codes. */
static void render_tree(const struct sheet *p, proto_tree *tree)
{
    bool quoted = p->order == MOMENT_QUOTE;
    if (!tree || !proto_field_is_referenced(tree, fields.protocol)) {
        experts_add(p, NULL);
        return;
    }
    proto_tree *own = add_protocol(p, tree, quoted);
    experts_add(p, own);
    if (!quoted) {
        add_marks(p, own);
        add_end(p, own, 0);
        add_end(p, own, 1);
    }
    add_connection(p, own);
    codes_add(p, own, quoted);
}

void render_header(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, const struct render_header *h)
{
    struct sheet p = {.tvb = tvb, .pinfo = pinfo, .order = h->order};
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
    render_tree(&p, tree);
    if (config.info_column && h->order != MOMENT_QUOTE)
        col_append_fstr(pinfo->cinfo, COL_INFO, " [client %s, server %s]", end_text(&p, p.view.client),
                        end_text(&p, !p.view.client));
}
