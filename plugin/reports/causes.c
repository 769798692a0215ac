/* causes.c: finds causes, connection by connection, and puts them in order.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/causes.h"
#include "config.h"
#include "reports/spans.h"

/* So many ports of one host with the same finding are one cause: it is the host that has it. */
enum { PORTS = 4 };

/* waits: whether endpoint `end`, as of the end of the capture, has been waiting in its state for too long. */
static bool waits(const struct view *v, unsigned end, const struct traffic_note *n, int64_t until, GArray *spans)
{
    unsigned state = v->end[end].state;
    bool client = end == v->client;
    int64_t patience = diagnosis_patience(&config.engine, state, client);
    if (patience == INT64_MAX || (state == TCPFSM_CLOSE_WAIT && !view_certain(v->end[end].possible)) ||
        (state != TCPFSM_CLOSE_WAIT && client != (state == TCPFSM_SYN_SENT)) ||
        view_after(v->number) != UINT32_MAX || until - n->data <= patience)
        return false;
    spans_of(v->number, end, until, spans);
    const struct span *s = &g_array_index(spans, struct span, spans->len - 1);
    return s->state == state && s->to - s->from > patience;
}

/* connection_causes: everything about one connection. */
static void connection_causes(struct causes *c, uint32_t number, const struct traffic_note *note, int64_t until,
                              GArray *spans)
{
    struct view v;
    unsigned n;
    bool noted = false, waiting[2] = {false, false};
    const struct history_finding *f = view_findings(number, &n);
    for (unsigned i = 0; i < n; i++)
        noted |= wording_severity(f[i].finding.id) >= CAUSE_NOTE;
    view_last(&v, number);
    for (unsigned end = 0; end < (connections_self(&v.ends) ? 1 : 2); end++) {
        waiting[end] = (!noted || v.end[end].state == TCPFSM_CLOSE_WAIT) && waits(&v, end, note, until, spans);
        if (waiting[end])
            cause_waiting(c, &v, end, note, &g_array_index(spans, struct span, spans->len - 1));
    }
    for (unsigned i = 0; i < n; i++) {
        unsigned kind = f[i].finding.id;
        if (wording_severity(kind) >= CAUSE_NOTE) {
            cause_finding(c, &f[i], number, note, waiting[f[i].finding.end & 1]);
        } else if (kind < TCPFSM_FINDINGS) {
            c->chats[kind]++;
            c->chat++;
        }
    }
}

/* larger_causes: enters scans and floods, which others are counted for. */
static void larger_causes(struct causes *c, uint32_t number)
{
    unsigned n;
    const struct history_finding *f = view_findings(number, &n);
    for (unsigned i = 0; i < n; i++) {
        unsigned kind = f[i].finding.id, end = f[i].finding.end & 1;
        if (kind != TCPFSM_FINDING_SCAN && kind != TCPFSM_FINDING_FLOOD)
            continue;
        struct view v;
        view_at(&v, number, end, f[i].frame, f[i].order, 0);
        struct cause_key key = cause_key(&v, end, kind, f[i].finding.detail);
        cause_of(c, &key);
        c->about[kind] |= (uint8_t)(1u << key.server);
    }
}

/* By all of the key but the port. */
static int host_order(const void *a, const void *b)
{
    const struct cause *x = *(const struct cause *const *)a, *y = *(const struct cause *const *)b;
    const uint32_t k[2][4] = {{x->key.server, x->key.kind, x->key.variant, x->key.host},
                              {y->key.server, y->key.kind, y->key.variant, y->key.host}};
    for (unsigned i = 0; i < 4; i++)
        if (k[0][i] != k[1][i])
            return k[0][i] < k[1][i] ? -1 : 1;
    return x->key.port < y->key.port ? -1 : x->key.port > y->key.port;
}

/* ports_together: puts the ports of a host together that have the same finding. */
static void ports_together(struct causes *c, struct cause **all)
{
    qsort(all, c->pool.count, sizeof *all, host_order);
    for (uint32_t i = 0, after; i < c->pool.count; i = after) {
        struct cause *k = all[i];
        for (after = i + 1; after < c->pool.count; after++) {
            struct cause_key other = all[after]->key;
            other.port = k->key.port;
            if (!cause_key_equal(&k->key, &other))
                break;
        }
        bool together = after - i >= PORTS && k->key.server && k->key.kind != TCPFSM_FINDING_FLOOD;
        if (together) {
            for (uint32_t j = i + 1; j < after; j++)
                cause_merge(k, all[j]);
            k->ports = after - i;
        }
        for (uint32_t j = i; j < (together ? i + 1 : after); j++)
            c->sorted[c->count++] = all[j];
    }
}

/* The worst first: severity, connections, bytes, time lost; then what was seen first. */
static int damage_order(const void *a, const void *b)
{
    const struct cause *x = *(const struct cause *const *)a, *y = *(const struct cause *const *)b;
    const uint64_t k[2][7] = {{cause_severity(y), y->connections, y->bytes, (uint64_t)y->lost, x->frame, x->key.kind,
                               x->key.port},
                              {cause_severity(x), x->connections, x->bytes, (uint64_t)x->lost, y->frame, y->key.kind,
                               y->key.port}};
    for (unsigned i = 0; i < 7; i++)
        if (k[0][i] != k[1][i])
            return k[0][i] < k[1][i] ? -1 : 1;
    return x->key.host < y->key.host ? -1 : x->key.host > y->key.host;
}

void causes_of(struct causes *c, const struct traffic *t, int64_t until)
{
    GArray *spans = g_array_new(FALSE, FALSE, sizeof(struct span));
    *c = (struct causes){.pool = {.size = sizeof(struct cause)}};
    for (uint32_t i = 0; i < traffic_count(t); i++)
        if (traffic_note(t, i)->chosen)
            larger_causes(c, i);
    for (uint32_t i = 0; i < traffic_count(t); i++)
        if (traffic_note(t, i)->chosen)
            connection_causes(c, i, traffic_note(t, i), until, spans);
    struct cause **all = g_new(struct cause *, MAX(c->pool.count, 1));
    for (uint32_t i = 0; i < c->pool.count; i++)
        all[i] = (struct cause *)pool_at(&c->pool, i);
    c->sorted = g_new(const struct cause *, MAX(c->pool.count, 1));
    ports_together(c, all);
    qsort(c->sorted, c->count, sizeof *c->sorted, damage_order);
    for (unsigned i = 0; i < c->count; i++)
        c->of[cause_severity(c->sorted[i]) == CAUSE_WARN ? 2 : 1]++;
    g_free(all);
    g_array_free(spans, TRUE);
}

void causes_free(struct causes *c)
{
    pool_clear(&c->pool);
    index_clear(&c->index);
    g_free(c->sorted);
    c->sorted = NULL;
}
