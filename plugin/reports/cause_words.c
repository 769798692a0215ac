/* cause_words.c: a cause as a person reads it.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/cause_words.h"
#include "addresses.h"

/* What is said of sockets that wait. %s stands for client or server. */
struct waiting {
    const char *name, *text, *action;
};
static const struct waiting waitings[] = {
    {"close_wait.open_at_end", "the peer closed, the application of the %s did not",
     "Make the application on the %s close its sockets"},
    {"syn_sent.open_at_end", "no answer of the %s was captured", "See whether the %s is up, and what drops SYNs"},
    {"syn_received.open_at_end", "no ACK that completes the handshake with the %s was captured",
     "See whether the last ACK of the handshake gets lost on its way to the %s"}};

const char *cause_name(const struct cause *k)
{
    return k->key.kind < TCPFSM_FINDINGS ? tcpfsm_finding_name(k->key.kind)
                                         : waitings[k->key.kind - TCPFSM_FINDINGS].name;
}

/* role: of whom it is about. */
static const char *role(const struct cause *k)
{
    return k->key.server ? "server" : "client";
}

const char *cause_who(wmem_allocator_t *pool, const struct cause *k)
{
    if (k->ports)
        return wmem_strdup_printf(pool, "server %s (%u ports)", addresses_text(pool, k->key.host), k->ports);
    return wmem_strdup_printf(pool, "%s %s", role(k),
                              k->key.server ? addresses_endpoint(pool, k->key.host, k->key.port)
                                            : addresses_text(pool, k->key.host));
}

const char *cause_peer(wmem_allocator_t *pool, const struct cause *k, unsigned i)
{
    const struct cause_peer *p = &k->peer[i];
    return p->port ? addresses_endpoint(pool, p->host, p->port) : addresses_text(pool, p->host);
}

/* with_role: a text about sockets that wait, with the role in its place. */
static const char *with_role(wmem_allocator_t *pool, const char *text, const struct cause *k)
{
    const char *gap = strstr(text, "%s");
    return wmem_strdup_printf(pool, "%.*s%s%s", (int)(gap - text), text, role(k), gap + 2);
}

/* waiting_text: the sentence about sockets that wait. */
static const char *waiting_text(wmem_allocator_t *pool, const struct cause *k)
{
    const struct waiting *w = &waitings[k->key.kind - TCPFSM_FINDINGS];
    const char *who = cause_who(pool, k);
    wmem_strbuf_t *out = wmem_strbuf_new(pool, "");
    wmem_strbuf_append_printf(out, "%u connection%s %s %s %s in %s at the end of the capture, for %s%s: ",
                              k->connections, k->connections == 1 ? "" : "s",
                              k->key.kind == CAUSE_CLOSE_WAIT ? "of" : "to", who, k->connections == 1 ? "is" : "are",
                              tcpfsm_state_name(cause_state(k->key.kind)), k->connections == 1 ? "" : "up to ",
                              wording_exactly(pool, k->group.time[1]));
    wmem_strbuf_append(out, with_role(pool, w->text, k));
    return wmem_strbuf_finalize(out);
}

const char *cause_text(wmem_allocator_t *pool, const struct cause *k)
{
    struct view v;
    if (k->key.kind >= TCPFSM_FINDINGS)
        return waiting_text(pool, k);
    if (k->findings == 1) {
        view_at(&v, k->connection, k->first.end & 1, k->frame, k->order, 0);
        return wmem_strdup_printf(pool, "%s%s", wording_sentence(pool, &v, &k->first),
                                  wording_details(pool, &k->first));
    }
    struct wording_group g = k->group;
    g.who = cause_who(pool, k);
    const char *text = wording_together(pool, &k->first, &g);
    if (!k->suspicious)
        return text;
    return wmem_strdup_printf(pool, "%s. RSTs that look unlike the other segments of their sender, so that probably a "
                                    "device between sent them: %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT,
                              text, k->suspicious, k->findings);
}

const char *cause_action(wmem_allocator_t *pool, const struct cause *k)
{
    if (k->key.kind >= TCPFSM_FINDINGS)
        return with_role(pool, waitings[k->key.kind - TCPFSM_FINDINGS].action, k);
    struct tcpfsm_finding f = k->first;
    struct view v;
    f.suspicious = k->suspicious == k->findings;
    view_at(&v, k->connection, f.end & 1, k->frame, k->order, 0);
    v.client = (f.end & 1) ^ k->key.server;     /* also where it was first seen of something it brings with it */
    return wording_action(pool, &v, &f);
}

/* names: a filter for the findings counted. */
static const char *names(wmem_allocator_t *pool, const struct cause *k)
{
    wmem_strbuf_t *out = wmem_strbuf_new(pool, "");
    unsigned n = 0;
    for (unsigned i = 0; i < TCPFSM_FINDINGS; i++)
        if (k->members >> i & 1)
            wmem_strbuf_append_printf(out, "%stcpfsm.%s", n++ ? " || " : "", tcpfsm_finding_name(i));
    return n > 1 ? wmem_strdup_printf(pool, "(%s)", wmem_strbuf_get_str(out)) : wmem_strbuf_finalize(out);
}

/* expression: an address, an endpoint as a regular expression. The dots of an IPv4 address are left: nothing else fits
 * three of them. What no address has becomes a dot. */
static const char *expression(wmem_allocator_t *pool, const char *text, bool *exact)
{
    wmem_strbuf_t *out = wmem_strbuf_new(pool, "");
    for (; *text; text++) {
        bool plain = g_ascii_isalnum(*text) || strchr(":.]-", *text);
        if (*text == '[')
            wmem_strbuf_append(out, "[[]");
        else
            wmem_strbuf_append_c(out, plain ? *text : '.');
        *exact &= plain || *text == '[';
    }
    return wmem_strbuf_finalize(out);
}

/* host: an address as endpoints begin with it: "10.0.0.1:", "[2001:db8::1]:". */
static const char *host(wmem_allocator_t *pool, uint32_t number)
{
    const char *text = addresses_text(pool, number);
    return wmem_strdup_printf(pool, strchr(text, ':') ? "[%s]:" : "%s:", text);
}

/* about: a filter for the connections of whom it is about. */
static const char *about(wmem_allocator_t *pool, const struct cause *k, bool *exact)
{
    if (k->key.server && !k->ports)
        return wmem_strdup_printf(pool, "tcpfsm.server == \"%s\"",
                                  addresses_endpoint(pool, k->key.host, k->key.port));
    return wmem_strdup_printf(pool, "tcpfsm.%s matches \"^%s\"", role(k),
                              expression(pool, host(pool, k->key.host), exact));
}

/* message: a filter for the words of the finding, where others of its name are about the other end or have another
 * variant of the words. */
static const char *message(wmem_allocator_t *pool, const struct cause *k, bool *exact)
{
    const char *who =
        wording_of_host(k->key.kind)
            ? wmem_strdup_printf(pool, "%s %s", role(k), expression(pool, addresses_text(pool, k->key.host), exact))
        : k->key.server && !k->ports
            ? wmem_strdup_printf(pool, "server %s",
                                 expression(pool, addresses_endpoint(pool, k->key.host, k->key.port), exact))
            : wmem_strdup_printf(pool, "%s %s[0-9]+", role(k), expression(pool, host(pool, k->key.host), exact));
    return wmem_strdup_printf(pool, "_ws.expert.message matches \"%s\"",
                              wording_pattern(pool, k->key.kind, k->key.variant, who));
}

/* runs: "tcpfsm.connection in {3, 7..9}"; NULL if there are too many. */
static const char *runs(wmem_allocator_t *pool, const struct cause *k)
{
    wmem_strbuf_t *out = wmem_strbuf_new(pool, "tcpfsm.connection in {");
    if (k->runs > CAUSE_RUNS)
        return NULL;
    for (unsigned i = 0; i < k->runs; i++) {
        wmem_strbuf_append_printf(out, i ? ", %u" : "%u", k->run[i].from);
        if (k->run[i].to > k->run[i].from)
            wmem_strbuf_append_printf(out, "..%u", k->run[i].to);
    }
    if (k->runs == 1 && k->run[0].from == k->run[0].to)
        return wmem_strdup_printf(pool, "tcpfsm.connection == %u", k->run[0].from);
    wmem_strbuf_append(out, "}");
    return wmem_strbuf_finalize(out);
}

/* leave_out: adds that packets of connections of `other`, which may be NULL, are not wanted. */
static void leave_out(wmem_allocator_t *pool, wmem_strbuf_t *out, const struct cause *other, bool *exact)
{
    const char *which = other ? runs(pool, other) : NULL;
    *exact &= !other || which;
    if (which)
        wmem_strbuf_append_printf(out, " && !(%s)", which);
}

/* lingering: what to leave out of sockets that stayed in CLOSE_WAIT: those that still do. */
static void lingering(wmem_allocator_t *pool, wmem_strbuf_t *out, const struct causes *c, const struct cause *k,
                      bool *exact)
{
    struct cause_key key = k->key;
    key.kind = CAUSE_CLOSE_WAIT;
    if (!k->ports)
        leave_out(pool, out, causes_find(c, &key), exact);
    for (unsigned i = 0; k->ports && i < c->count; i++)
        if (c->sorted[i]->key.kind == key.kind && c->sorted[i]->key.host == key.host)
            leave_out(pool, out, c->sorted[i], exact);
}

/* without: what to leave out: packets that are counted for another cause. */
static const char *without(wmem_allocator_t *pool, const struct causes *c, const struct cause *k, bool *exact)
{
    wmem_strbuf_t *out = wmem_strbuf_new(pool, "");
    if (!(c->elsewhere >> k->key.kind & 1))
        return "";
    if (k->key.kind == TCPFSM_FINDING_CLOSE_WAIT_LINGERING) {
        lingering(pool, out, c, k, exact);
        return wmem_strbuf_finalize(out);
    }
    *exact &= c->scanners <= CAUSE_SCANNERS;
    for (unsigned i = 0; i < MIN(c->scanners, (unsigned)CAUSE_SCANNERS); i++)
        wmem_strbuf_append_printf(out, " && !(tcpfsm.client matches \"^%s\")",
                                  expression(pool, host(pool, c->scanner[i]), exact));
    return wmem_strbuf_finalize(out);
}

const char *cause_filter(wmem_allocator_t *pool, const struct causes *c, const struct cause *k, bool *exact)
{
    unsigned kind = k->key.kind;
    *exact = true;
    if (kind >= TCPFSM_FINDINGS) {
        const char *which = runs(pool, k);
        *exact = which != NULL;
        bool client = kind == CAUSE_SYN_SENT ? k->key.server : !k->key.server;
        return wmem_strdup_printf(pool, "tcpfsm.%s.state == \"%s\" && %s", client ? "client" : "server",
                                  tcpfsm_state_name(cause_state(kind)), which ? which : about(pool, k, exact));
    }
    bool others = c->about[kind] == 3 || c->variants[kind] & (c->variants[kind] - 1);
    bool worded = others || kind == TCPFSM_FINDING_ICMP_UNREACHABLE;    /* a quoted header shows no client or server */
    return wmem_strdup_printf(pool, "%s && %s%s", names(pool, k),
                              worded ? message(pool, k, exact) : about(pool, k, exact), without(pool, c, k, exact));
}
