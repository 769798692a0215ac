/* findings.c: expert items, generated from the catalogue.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "findings.h"
#include "addresses.h"
#include "fields.h"
#include "render.h"

#include <string.h>

/* Who must act. */
enum action { NOBODY, APPLICATION, PEER, ADMIN, NETWORK };

/* The catalogue's words for Wireshark's numbers. */
enum { CHAT = PI_CHAT, NOTE = PI_NOTE, WARN = PI_WARN, SEQUENCE = PI_SEQUENCE, PROTOCOL = PI_PROTOCOL, SECURITY = PI_SECURITY };

struct row { const char *text; enum action action; };

static const struct row rows[TCPFSM_FINDINGS] = {
#define TCPFSM_FINDING_ROW(id, name, severity, group, text, action, cases) [TCPFSM_FINDING_##id] = {text, action},
#include "engine/findings.def"
#undef TCPFSM_FINDING_ROW
};

static expert_field items[TCPFSM_FINDINGS];

/* The summary is made of the row's text at registration. */
static ei_register_info table[] = {
#define TCPFSM_FINDING_ROW(id, name, severity, group, text, action, cases) \
    {&items[TCPFSM_FINDING_##id], {"tcpfsm." name, group, severity, NULL, EXPFILL}},
#include "engine/findings.def"
#undef TCPFSM_FINDING_ROW
};

/* What stands for a placeholder where a finding is meant in general. */
static const char *general(char placeholder)
{
    switch (placeholder) {
    case 'e': return "the endpoint";
    case 'p': return "its peer";
    case 's': return "its state";
    case 'f': return "an earlier frame";
    case 'n': return "several";
    case 't': return "some time";
    default: return "";
    }
}

/* particular: the same for one finding of one connection. */
static const char *particular(wmem_allocator_t *pool, char placeholder, const struct store_view *view, const struct tcpfsm_finding *f)
{
    unsigned end = f->end & 1;
    switch (placeholder) {
    case 'e': return wmem_strdup_printf(pool, "%s %s", end == view->client ? "client" : "server", render_endpoint(pool, view, end));
    case 'p': return wmem_strdup_printf(pool, "%s %s", end == view->client ? "server" : "client", render_endpoint(pool, view, !end));
    case 's': return tcpfsm_state_name(f->state);
    case 'f': return wmem_strdup_printf(pool, "%u", f->frame);
    case 'n': return wmem_strdup_printf(pool, "%u", f->count);
    case 't': return render_duration(pool, f->time);
    default: return "";
    }
}

/* variant: the start of variant n of a wording; the last one if there are not so many. */
static const char *variant(const char *text, unsigned n)
{
    for (const char *bar; n && (bar = strchr(text, '|')); n--)
        text = bar + 1;
    return text;
}

/* wording: variant n of a text with its placeholders filled in, its first letter large. view NULL: in general. */
static const char *wording(wmem_allocator_t *pool, const char *text, unsigned n, const struct store_view *view, const struct tcpfsm_finding *f)
{
    wmem_strbuf_t *out = wmem_strbuf_new(pool, "");
    for (text = variant(text, n); *text && *text != '|'; text++) {
        if (*text == '%' && text[1]) {
            text++;
            /* "frame %f" in general: "an earlier frame" */
            wmem_strbuf_append(out, view ? particular(pool, *text, view, f) : general(*text));
        } else if (!view && strncmp(text, "frame %f", 8) == 0) {
            wmem_strbuf_append(out, general('f'));
            text += 7;
        } else {
            wmem_strbuf_append_c(out, *text);
        }
    }
    char *s = wmem_strbuf_finalize(out);
    s[0] = g_ascii_toupper(s[0]);
    return s;
}

/* blurb: an item's description: how bad it is, and who should act. */
static const char *blurb(const ei_register_info *item, enum action action)
{
    static const char *const who[] = {[NOBODY] = "nobody needs to act", [APPLICATION] = "who runs the application should act", [PEER] = "who runs its peer should act",
                                      [ADMIN] = "who runs the host should act", [NETWORK] = "who runs the network between should act"};
    const char *severity = item->eiinfo.severity == PI_WARN ? "Warn" : item->eiinfo.severity == PI_NOTE ? "Note" : "Chat";
    return wmem_strdup_printf(wmem_epan_scope(), "%s: %s", severity, who[action]);
}

void findings_register(int protocol)
{
    for (unsigned i = 0; i < array_length(table); i++) {
        items[i + 1] = (expert_field)EI_INIT;
        table[i].eiinfo.hf_info.hfinfo.blurb = blurb(&table[i], rows[i + 1].action);
        table[i].eiinfo.summary = wording(wmem_epan_scope(), rows[i + 1].text, 0, NULL, NULL);
    }
    expert_register_field_array(expert_register_protocol(protocol), table, array_length(table));
}

/* odd: in what a RST differs from its alleged sender's other segments; "" if in nothing. */
static const char *odd(wmem_allocator_t *pool, const struct tcpfsm_finding *f)
{
    const char *part[4];
    unsigned n = 0;
    if (f->traits & TCPFSM_TRAIT_TTL)
        part[n++] = wmem_strdup_printf(pool, "TTL %u instead of %u", f->ttl, f->usual_ttl);
    if (f->traits & TCPFSM_TRAIT_NO_TIMESTAMPS)
        part[n++] = "no timestamps";
    if (f->traits & TCPFSM_TRAIT_IP_ID)
        part[n++] = "an IP ID out of order";
    if (f->traits & TCPFSM_TRAIT_WINDOW)
        part[n++] = "a window without ACK";
    wmem_strbuf_t *out = wmem_strbuf_new(pool, "");
    for (unsigned i = 0; i < n; i++)
        wmem_strbuf_append_printf(out, "%s%s", i == 0 ? "" : i + 1 < n ? ", " : " and ", part[i]);
    return wmem_strbuf_finalize(out);
}

/* forgery: what is said instead of the cause of a RST that does not look like its sender's. */
static const char *forgery(wmem_allocator_t *pool, const struct store_view *view, const struct tcpfsm_finding *f)
{
    return wmem_strdup_printf(pool, "RST in the name of %s, but with %s (frame %u): probably sent by a device between. To act: who runs the network between",
                              particular(pool, 'e', view, f), odd(pool, f), f->frame);
}

const char *findings_text(wmem_allocator_t *pool, const struct store_view *view, const struct tcpfsm_finding *f)
{
    const struct row *row = &rows[f->id < TCPFSM_FINDINGS ? f->id : 0];
    if (!row->text)
        return "?";
    if (f->traits && f->id != TCPFSM_FINDING_RST_FORGED)
        return forgery(pool, view, f);
    const char *text = wording(pool, row->text, f->detail, view, f);
    if (f->traits)
        text = wmem_strdup_printf(pool, "%s (%s)", text, odd(pool, f));
    const char *host = addresses_text(pool, view->tuple->host[row->action == PEER ? !(f->end & 1) : f->end & 1]);
    switch (row->action) {
    case APPLICATION: return wmem_strdup_printf(pool, "%s. To act: the application on %s", text, host);
    case PEER:
    case ADMIN: return wmem_strdup_printf(pool, "%s. To act: who runs %s", text, host);
    case NETWORK: return wmem_strdup_printf(pool, "%s. To act: who runs the network between", text);
    case NOBODY:
    default: return text;
    }
}

void findings_add(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, const struct store_view *view, const struct tcpfsm_finding *f)
{
    if (f->id == TCPFSM_FINDING_NONE || f->id >= TCPFSM_FINDINGS)
        return;
    proto_item *item = NULL;
    if (tree) {
        item = proto_tree_add_string(tree, fields.finding, tvb, 0, 0, tcpfsm_finding_name(f->id));
        proto_item_set_generated(item);
    }
    const char *other = pinfo->current_proto; /* the name under which -z expert lists it: a protocol in name only has none set */
    pinfo->current_proto = "TCPFSM";
    expert_add_info_format(pinfo, item, &items[f->id], "%s", findings_text(pinfo->pool, view, f));
    pinfo->current_proto = other;
    if (tree && f->frame)
        proto_item_set_generated(proto_tree_add_uint(proto_item_add_subtree(item, trees[TREE_FINDING]), fields.evidence, tvb, 0, 0, f->frame));
}
