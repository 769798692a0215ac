/* tree.c: states entered, transitions, outcomes and findings with counts, rates and bursts, as Wireshark's stats tree
 * shows them.
 *
 * An outcome is that of a connection, and changes while it goes on: a connection is counted in its latest one. Leaving
 * the one before is no event of that moment, so only the count is lowered: no burst.
 *
 * Copyright 2026 the tcpfsm authors SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/tree.h"
#include "reports/report.h"
#include "wording.h"

#include <epan/stats_tree_priv.h>

static const char name_states[] = "States entered", name_transitions[] = "Transitions",
                  name_outcomes[] = "Outcomes of connections", name_findings[] = "Findings";

/* What one tree remembers: by number of the connection the outcome it is counted in, plus one; and the counts. */
struct tree_memory {
    uint32_t generation;        /* view_generation() of the numbers; 0: none yet */
    GByteArray *outcome;
    int count[TCPFSM_OUTCOMES];
};

static bool anew;                   /* it has been said that a tree began anew */
static GHashTable *memories;        /* stats_tree * -> struct tree_memory * */

static void memory_free(void *data)
{
    struct tree_memory *m = (struct tree_memory *)data;
    g_byte_array_free(m->outcome, TRUE);
    g_free(m);
}

static void init(stats_tree *st)
{
    if (!memories)
        memories = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, memory_free);
    struct tree_memory *m = g_new0(struct tree_memory, 1);
    m->outcome = g_byte_array_new();
    g_hash_table_replace(memories, st, m);
    stats_tree_create_node(st, name_states, 0, STAT_DT_INT, TRUE);
    stats_tree_create_node(st, name_transitions, 0, STAT_DT_INT, TRUE);
    stats_tree_create_node(st, name_outcomes, 0, STAT_DT_INT, TRUE);
    stats_tree_create_node(st, name_findings, 0, STAT_DT_INT, TRUE);
}

static void cleanup(stats_tree *st)
{
    if (memories)
        g_hash_table_remove(memories, st);
}

static void count_steps(stats_tree *st, const struct view *v)
{
    int states = stats_tree_parent_id_by_name(st, name_states),
        transitions = stats_tree_parent_id_by_name(st, name_transitions);
    for (unsigned i = 0; i < v->steps; i++) {
        char text[64];
        const struct tcpfsm_step *s = &v->step[i];
        const char *role = s->end == v->client ? "client" : "server";
        tick_stat_node(st, name_states, 0, FALSE);
        int state = tick_stat_node(st, tcpfsm_state_name(s->to), states, TRUE);
        tick_stat_node(st, role, state, FALSE);
        tick_stat_node(st, name_transitions, 0, FALSE);
        snprintf(text, sizeof text, "%s %s -> %s", role, tcpfsm_state_name(s->from), tcpfsm_state_name(s->to));
        tick_stat_node(st, text, transitions, FALSE);
    }
}

static void count_outcome(stats_tree *st, const struct view *v)
{
    struct tree_memory *m = (struct tree_memory *)g_hash_table_lookup(memories, st);
    int outcomes = stats_tree_parent_id_by_name(st, name_outcomes);
    if (!m)
        return;
    if (v->number >= m->outcome->len) {
        guint from = m->outcome->len;
        g_byte_array_set_size(m->outcome, v->number + 1);
        memset(m->outcome->data + from, 0, m->outcome->len - from);
    }
    uint8_t *at = &m->outcome->data[v->number], now = (uint8_t)(v->outcome % TCPFSM_OUTCOMES + 1u);
    if (*at == now)
        return;
    if (*at)
        stats_tree_manip_node_int(MN_SET, st, tcpfsm_outcome_name(*at - 1u), outcomes, FALSE, --m->count[*at - 1]);
    else
        tick_stat_node(st, name_outcomes, 0, FALSE);
    *at = now;
    m->count[now - 1]++;
    tick_stat_node(st, tcpfsm_outcome_name(now - 1u), outcomes, FALSE);
}

/* begin_anew: empties a tree that has counted another store. */
static void begin_anew(stats_tree *st)
{
    struct tree_memory *m = (struct tree_memory *)g_hash_table_lookup(memories, st);
    if (m && m->generation && m->generation != view_generation()) {
        report_anew("tcpfsm,tree", &anew);
        stats_tree_reinit(st);
        m = (struct tree_memory *)g_hash_table_lookup(memories, st);
    }
    if (m)
        m->generation = view_generation();
}

static tap_packet_status packet(stats_tree *st, packet_info *pinfo, epan_dissect_t *edt, const void *data,
                                tap_flags_t flags)
{
    const struct report_record *p = (const struct report_record *)data;
    (void)pinfo, (void)edt, (void)flags;
    begin_anew(st);
    if (!p->quote) {
        count_steps(st, &p->view);
        count_outcome(st, &p->view);
    }
    int findings = stats_tree_parent_id_by_name(st, name_findings);
    for (unsigned i = 0; i < p->view.findings; i++) {
        unsigned id = p->view.finding[i].finding.id;
        char *severity = g_strdup(wording_severity_name(wording_severity(id)));
        severity[0] = g_ascii_toupper(severity[0]);
        tick_stat_node(st, name_findings, 0, FALSE);
        int node = tick_stat_node(st, severity, findings, TRUE);
        tick_stat_node(st, tcpfsm_finding_name(id), node, FALSE);
        g_free(severity);
    }
    return TAP_PACKET_REDRAW;
}

void tree_register(void)
{
    stats_tree_register_plugin("tcpfsm", "tcpfsm", "TCP State Machine", TL_REQUIRES_ERROR_PACKETS, packet, init,
                               cleanup);
}
