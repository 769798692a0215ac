/* per_host.c: -z tcpfsm,hosts: sockets of each host by state, at the end of the capture and at their peak; where TIME_WAIT goes to; which listener CLOSE_WAIT is on.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "sweep.h"

#include <string.h>

/* What is counted: sockets of a host in a state; in TIME_WAIT toward an address and port; in CLOSE_WAIT on a port of its own. Also the order of printing. */
enum { STATE, TIME_WAIT_TO, CLOSE_WAIT_ON };

/* What a counter counts. Hashed as bytes: no padding. */
struct key { uint32_t host, kind, peer; uint16_t port, state; };
struct counter {
    struct key key;
    uint32_t count, peak;
    int64_t peak_at;
};

struct counters {
    GArray *at;             /* struct counter */
    GHashTable *by_key;     /* struct key * -> index + 1 */
};

static guint key_hash(gconstpointer p)
{
    const struct key *k = (const struct key *)p;
    return (k->host * 2654435761u) ^ (k->peer * 2246822519u) ^ (k->kind << 28 | (guint)k->port << 8 | k->state);
}

static gboolean key_equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(struct key)) == 0;
}

static void count(struct counters *c, struct key key, int delta, int64_t time)
{
    guint i = GPOINTER_TO_UINT(g_hash_table_lookup(c->by_key, &key));
    if (!i) {
        struct counter fresh = {.key = key};
        g_array_append_val(c->at, fresh);
        i = c->at->len;
        g_hash_table_insert(c->by_key, g_memdup2(&key, sizeof key), GUINT_TO_POINTER(i));
    }
    struct counter *at = &g_array_index(c->at, struct counter, i - 1);
    at->count = (uint32_t)((int64_t)at->count + delta);
    if (at->count > at->peak) {
        at->peak = at->count;
        at->peak_at = time;
    }
}

static void count_event(struct counters *c, const struct sweep_event *e)
{
    const struct store_tuple *t = store_tuple(store_connection(e->number)->tuple);
    struct key key = {.host = t->host[e->end], .kind = STATE, .state = e->state};
    count(c, key, e->delta, e->time);
    if (e->state == TCPFSM_TIME_WAIT) {
        key = (struct key){.host = t->host[e->end], .kind = TIME_WAIT_TO, .peer = t->host[!e->end], .port = store_port(t, !e->end)};
        count(c, key, e->delta, e->time);
    } else if (e->state == TCPFSM_CLOSE_WAIT) {
        key = (struct key){.host = t->host[e->end], .kind = CLOSE_WAIT_ON, .port = store_port(t, e->end)};
        count(c, key, e->delta, e->time);
    }
}

/* By host and kind; states in their order, the others by their peak, the highest first. */
static int counter_order(const void *a, const void *b)
{
    const struct counter *x = (const struct counter *)a, *y = (const struct counter *)b;
    if (x->key.host != y->key.host)
        return x->key.host < y->key.host ? -1 : 1;
    if (x->key.kind != y->key.kind)
        return x->key.kind < y->key.kind ? -1 : 1;
    if (x->key.state != y->key.state)
        return x->key.state < y->key.state ? -1 : 1;
    if (x->peak != y->peak)
        return x->peak > y->peak ? -1 : 1;
    if (x->key.peer != y->key.peer)
        return x->key.peer < y->key.peer ? -1 : 1;
    return (int)x->key.port - (int)y->key.port;
}

static void counter_print(const struct counter *c, int64_t first, wmem_allocator_t *pool)
{
    const char *what = tcpfsm_state_name(c->key.state);
    const struct store_tuple t = {.host = {c->key.kind == CLOSE_WAIT_ON ? c->key.host : c->key.peer}, .engine = {.port = {c->key.port}}};
    if (c->key.kind != STATE)
        what = wmem_strdup_printf(pool, "%s %s", c->key.kind == TIME_WAIT_TO ? "TIME_WAIT toward" : "CLOSE_WAIT on", report_endpoint(pool, &t, 0));
    printf("  %-48s %8u %8u  at %.6f", what, c->count, c->peak, (double)(c->peak_at - first) / 1e9);
    if (c->key.kind == TIME_WAIT_TO && plugin_config.ephemeral)
        printf("  %.2f %% of %u ephemeral ports", 100.0 * c->peak / plugin_config.ephemeral, plugin_config.ephemeral);
    putchar('\n');
}

static void draw(struct report *r)
{
    wmem_allocator_t *pool = wmem_allocator_new(WMEM_ALLOCATOR_BLOCK);
    GArray *events = sweep_events(r->clock.last);
    struct counters c = {g_array_new(FALSE, FALSE, sizeof(struct counter)), g_hash_table_new_full(key_hash, key_equal, g_free, NULL)};
    uint32_t host = UINT32_MAX;
    for (unsigned i = 0; i < events->len; i++)
        count_event(&c, &g_array_index(events, struct sweep_event, i));
    g_array_sort(c.at, counter_order);
    printf("%-50s %8s %8s  %s\n", "Sockets", "at end", "peak", "when (seconds after the first frame)");
    for (unsigned i = 0; i < c.at->len; i++) {
        const struct counter *counter = &g_array_index(c.at, struct counter, i);
        if (counter->key.host != host)
            printf("%s\n", report_host_text(pool, counter->key.host));
        host = counter->key.host;
        counter_print(counter, r->clock.first, pool);
        wmem_free_all(pool);
    }
    g_hash_table_destroy(c.by_key);
    g_array_free(c.at, TRUE);
    g_array_free(events, TRUE);
    wmem_destroy_allocator(pool);
}

static const char *argument(struct report *r, const char *key, const char *value)
{
    (void)r, (void)key, (void)value;
    return report_unknown;
}

const struct report_kind report_hosts = {.name = "tcpfsm,hosts", .usage = "tcpfsm,hosts", .argument = argument, .draw = draw};
