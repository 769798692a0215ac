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

/* The summary is made of the row's text at registration. */
static ei_register_info table[] = {
#define TCPFSM_FINDING_ROW(id, name, severity, group, text, action, cases) \
    {&items[TCPFSM_FINDING_##id], {"tcpfsm." name, group, severity, NULL, EXPFILL}},
#include "diagnosis/findings.def"
#undef TCPFSM_FINDING_ROW
};

void experts_register(int protocol)
{
    for (unsigned i = 0; i < array_length(table); i++) {
        items[i + 1] = (expert_field)EI_INIT;
        table[i].eiinfo.summary = wording_general(i + 1);
        table[i].eiinfo.hf_info.hfinfo.blurb = wording_blurb(i + 1);
    }
    expert_register_field_array(expert_register_protocol(protocol), table, array_length(table));
}

/* add_hidden: a string for filters, columns and scripts. The expert item says the same to whoever reads the tree. */
static void add_hidden(proto_tree *tree, tvbuff_t *tvb, int field, const char *value)
{
    proto_item *item = proto_tree_add_string(tree, field, tvb, 0, 0, value);
    proto_item_set_generated(item);
    proto_item_set_hidden(item);
}

/* add_words: the finding as fields: what happened, what to do, how bad. Sentences are made only for who asks. */
static void add_words(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, const struct view *view,
                      const struct tcpfsm_finding *f)
{
    if (proto_field_is_referenced(tree, fields.finding_text))
        add_hidden(tree, tvb, fields.finding_text,
                   wmem_strdup_printf(pinfo->pool, "%s%s", wording_sentence(pinfo->pool, view, f),
                                      wording_details(pinfo->pool, f)));
    if (proto_field_is_referenced(tree, fields.finding_action))
        add_hidden(tree, tvb, fields.finding_action, wording_action(pinfo->pool, view, f));
    if (proto_field_is_referenced(tree, fields.finding_severity))
        add_hidden(tree, tvb, fields.finding_severity, wording_severity_name(wording_severity(f->id)));
}

void experts_add(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, const struct view *view,
                 const struct tcpfsm_finding *f)
{
    if (f->id == TCPFSM_FINDING_NONE || f->id >= TCPFSM_FINDINGS)
        return;
    proto_item *item = NULL;
    if (tree) {
        item = proto_tree_add_string(tree, fields.finding, tvb, 0, 0, tcpfsm_finding_name(f->id));
        proto_item_set_generated(item);
    }
    /* the name under which -z expert lists it: a protocol in name only has none set */
    const char *other = pinfo->current_proto;
    pinfo->current_proto = "TCPFSM";
    expert_add_info_format(pinfo, item, &items[f->id], "%s", wording_finding(pinfo->pool, view, f));
    pinfo->current_proto = other;
    if (!tree)
        return;
    proto_tree *branch = proto_item_add_subtree(item, trees[TREE_FINDING]);
    add_words(branch, tvb, pinfo, view, f);
    if (f->frame)
        proto_item_set_generated(proto_tree_add_uint(branch, fields.evidence, tvb, 0, 0, f->frame));
}
