/* experts.c: expert items, generated from the catalogue.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "experts.h"
#include "fields.h"
#include "wording.h"

/* The catalogue's words for Wireshark's numbers. */
enum {
    CHAT = PI_CHAT,
    NOTE = PI_NOTE,
    WARN = PI_WARN,
    SEQUENCE = PI_SEQUENCE,
    PROTOCOL = PI_PROTOCOL,
    SECURITY = PI_SECURITY
};

static expert_field items[TCPFSM_FINDINGS];

/* The summary is taken from the catalogue at registration. */
static ei_register_info table[] = {
#define TCPFSM_FINDING_ROW(id, name, severity, group, text, action, cases, summary) \
    {&items[TCPFSM_FINDING_##id], {"tcpfsm." name, group, severity, NULL, EXPFILL}},
#include "diagnosis/findings.def"
#undef TCPFSM_FINDING_ROW
};

void experts_register(int protocol)
{
    for (unsigned i = 0; i < array_length(table); i++) {
        items[i + 1] = (expert_field)EI_INIT;
        table[i].eiinfo.summary = wording_summary(i + 1);
        table[i].eiinfo.hf_info.hfinfo.blurb = wording_blurb(i + 1);
    }
    expert_register_field_array(expert_register_protocol(protocol), table, array_length(table));
}

/* words: the item of what a finding says, and below it what to do. Wireshark cuts a label: in the label only what fits
 * follows the sentence. Sentences are made only for who asks. */
static proto_tree *words(const struct sheet *p, proto_tree *tree, const struct tcpfsm_finding *f, bool first)
{
    wmem_allocator_t *pool = p->pinfo->pool;
    proto_tree *branch = tree;
    if (proto_field_is_referenced(tree, fields.finding_text)) {
        const char *text =
            wmem_strdup_printf(pool, "%s%s", wording_sentence(pool, &p->view, f), wording_details(pool, f));
        const char *label = items_read(tree) ? wording_facts(pool, &p->view, f) : text;
        proto_item *item = proto_tree_add_string_format(tree, fields.finding_text, p->tvb, 0, 0, text, "%s", label);
        proto_item_set_generated(item);
        branch = proto_item_add_subtree(item, trees[first ? TREE_FIRST_FINDING : TREE_FINDING]);
    }
    if (proto_field_is_referenced(branch, fields.finding_action)) {
        const char *action = wording_action(pool, &p->view, f);
        if (action[0])
            proto_item_set_generated(proto_tree_add_string_format(branch, fields.finding_action, p->tvb, 0, 0, action,
                                                                  "Action: %c%s", g_ascii_tolower(action[0]),
                                                                  action + 1));
        else
            add_hidden(p, branch, fields.finding_action, action); /* a value for each finding */
    }
    return branch;
}

/* name: the finding's name with its expert item, or NULL where there is no tree. */
static proto_item *name(const struct sheet *p, proto_tree *tree, const struct tcpfsm_finding *f)
{
    if (!tree)
        return NULL;
    proto_item *item = proto_tree_add_string(tree, fields.finding, p->tvb, 0, 0, tcpfsm_finding_name(f->id));
    proto_item_set_generated(item);
    proto_tree *branch = proto_item_add_subtree(item, trees[TREE_FINDING]);
    add_string(p, branch, fields.finding_severity, wording_severity_name(wording_severity(f->id)));
    return item;
}

/* add: reports one finding. `first`: the one that is displayed unfolded. */
static void add(const struct sheet *p, proto_tree *tree, const struct tcpfsm_finding *f, bool first)
{
    proto_tree *branch = tree ? words(p, tree, f, first) : NULL;
    if (branch)
        add_frame(p, branch, fields.evidence, f->frame);
    proto_item *item = name(p, branch, f);
    /* the name under which -z expert lists it: a protocol in name only has none set */
    const char *other = p->pinfo->current_proto;
    p->pinfo->current_proto = "TCPFSM";
    expert_add_info_format(p->pinfo, item, &items[f->id], "%s", wording_finding(p->pinfo->pool, &p->view, f));
    p->pinfo->current_proto = other;
}

/* known: whether the finding is a row of the catalogue. */
static bool known(const struct tcpfsm_finding *f)
{
    return f->id != TCPFSM_FINDING_NONE && f->id < TCPFSM_FINDINGS;
}

const struct tcpfsm_finding *experts_worst(const struct view *v)
{
    const struct tcpfsm_finding *worst = NULL;
    for (unsigned i = 0; i < v->findings; i++) {
        const struct tcpfsm_finding *f = &v->finding[i].finding;
        if (known(f) && (!worst || wording_severity(f->id) > wording_severity(worst->id)))
            worst = f;
    }
    return worst;
}

void experts_add(const struct sheet *p, proto_tree *tree)
{
    const struct tcpfsm_finding *worst = experts_worst(&p->view);
    if (worst)
        add(p, tree, worst, true);
    for (unsigned i = 0; i < p->view.findings; i++) {
        const struct tcpfsm_finding *f = &p->view.finding[i].finding;
        if (f != worst && known(f))
            add(p, tree, f, false);
    }
}
