/* hosts.c: -z tcpfsm,hosts: sockets of each host by state, at the end of the capture and at their peak; where TIME_WAIT
 * goes to; which listener CLOSE_WAIT is on.
 *
 * TIME_WAIT counts by service: toward it on the host that opened the connections, where each takes an ephemeral port;
 * at it on the host that listens, where none does. No line is for one ephemeral port.
 *
 * Copyright 2026 the tcpfsm authors SPDX-License-Identifier: GPL-2.0-or-later */
#include "addresses.h"
#include "config.h"
#include "reports/kinds.h"
#include "reports/spans.h"

struct peak {
    struct counts_key key;
    uint32_t count, peak;
    int64_t peak_at;
};

static guint key_hash(gconstpointer p)
{
    const struct counts_key *k = (const struct counts_key *)p;
    return (k->host * 2654435761u) ^ (k->peer * 2246822519u) ^ ((guint)k->group << 28 | (guint)k->port << 8 | k->state);
}

static gboolean key_equal(gconstpointer a, gconstpointer b)
{
    const struct counts_key *x = (const struct counts_key *)a, *y = (const struct counts_key *)b;
    return x->host == y->host && x->peer == y->peer && x->port == y->port && x->state == y->state &&
           x->group == y->group;
}

/* observe: keeps the peak of every count. */
static void observe(void *data, const struct counts_key *key, uint32_t count, bool more, int64_t time)
{
    GHashTable *peaks = (GHashTable *)data;     /* struct counts_key *, the first member of struct peak * */
    struct peak *p = (struct peak *)g_hash_table_lookup(peaks, key);
    (void)more;
    if (!p) {
        p = g_new0(struct peak, 1);
        p->key = *key;
        g_hash_table_insert(peaks, p, p);
    }
    p->count = count;
    if (count > p->peak) {
        p->peak = count;
        p->peak_at = time;
    }
}

/* rank: what of a host comes first: its states, in their order, then the groups of TIME_WAIT, then those of
 * CLOSE_WAIT. */
static unsigned rank(const struct counts_key *k)
{
    if (k->group == COUNTS_ALL)
        return k->state;
    return TCPFSM_STATES + (k->state == TCPFSM_TIME_WAIT ? (k->group == COUNTS_AT) : 2u + (k->group == COUNTS_TOWARD));
}

/* By host and rank; within one the highest peak first. */
static gint peak_order(gconstpointer a, gconstpointer b)
{
    const struct peak *x = (const struct peak *)a, *y = (const struct peak *)b;
    const uint32_t k[2][5] = {{x->key.host, rank(&x->key), y->peak, x->key.peer, x->key.port},
                              {y->key.host, rank(&y->key), x->peak, y->key.peer, y->key.port}};
    for (unsigned i = 0; i < 5; i++)
        if (k[0][i] != k[1][i])
            return k[0][i] < k[1][i] ? -1 : 1;
    return 0;
}

static void peak_print(const struct peak *p, int64_t first, wmem_allocator_t *pool)
{
    const struct counts_key *k = &p->key;
    const char *what = tcpfsm_state_name(k->state);
    if (k->group != COUNTS_ALL)
        what = wmem_strdup_printf(pool, "%s %s %s", what, k->group == COUNTS_TOWARD ? "toward" : "on",
                                  addresses_endpoint(pool, k->group == COUNTS_TOWARD ? k->peer : k->host, k->port));
    printf("  %-48s %8u %8u  at %.6f", what, p->count, p->peak, (double)(p->peak_at - first) / 1e9);
    if (k->group == COUNTS_TOWARD && k->state == TCPFSM_TIME_WAIT && config.ephemeral)
        printf("  %.2f %% of %u ephemeral ports", 100.0 * p->peak / config.ephemeral, config.ephemeral);
    if (k->group == COUNTS_AT && k->state == TCPFSM_TIME_WAIT)
        fputs("  harmless: they take no ephemeral ports", stdout);
    putchar('\n');
}

static void draw(struct report *r)
{
    wmem_allocator_t *pool = wmem_allocator_new(WMEM_ALLOCATOR_BLOCK);
    GHashTable *peaks = g_hash_table_new_full(key_hash, key_equal, NULL, g_free);
    uint32_t host = UINT32_MAX;
    spans_count(r->clock.last, observe, peaks);
    GList *sorted = g_list_sort(g_hash_table_get_values(peaks), peak_order);
    printf("%-50s %8s %8s  %s\n", "Sockets", "at end", "peak", "when (seconds after the first frame)");
    for (const GList *i = sorted; i; i = i->next) {
        const struct peak *p = (const struct peak *)i->data;
        if (p->key.host != host)
            printf("%s\n", addresses_text(pool, p->key.host));
        host = p->key.host;
        peak_print(p, r->clock.first, pool);
        wmem_free_all(pool);
    }
    g_list_free(sorted);
    g_hash_table_destroy(peaks);
    wmem_destroy_allocator(pool);
}

const struct report_kind report_hosts = {
    .name = "tcpfsm,hosts", .usage = "tcpfsm,hosts", .size = sizeof(struct report), .draw = draw};
