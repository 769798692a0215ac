/* once.c: what was reported of each host.
 *
 * A frame number may be analysed more than once (connections.c): what was reported at that frame or a later one may be
 * reported again.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "once.h"
#include "addresses.h"

/* A host that resets handshakes it began, or is refused. */
struct source {
    uint32_t probe;             /* frame of the rst.probe that was reported; 0: none */
    uint32_t scan;              /* frame of the scan that was reported; 0: none */
    uint32_t refused;           /* first frame of a refusal */
    GHashTable *targets;        /* different addresses and ports that refused it: host << 16 | port; NULL: none */
};

static GHashTable *sources;     /* number of an address -> struct source * */

static void source_free(gpointer data)
{
    struct source *s = (struct source *)data;
    if (s->targets)
        g_hash_table_destroy(s->targets);
    g_free(s);
}

void once_close(void)
{
    g_clear_pointer(&sources, g_hash_table_destroy);
}

/* source_of: what is known of a host, entered if new. */
static struct source *source_of(uint32_t host)
{
    if (!sources)
        sources = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, source_free);
    struct source *s = (struct source *)g_hash_table_lookup(sources, GUINT_TO_POINTER(host));
    if (!s) {
        s = g_new0(struct source, 1);
        g_hash_table_insert(sources, GUINT_TO_POINTER(host), s);
    }
    return s;
}

/* target_new: enters an address and port; whether it had not refused that source before. */
static bool target_new(struct source *s, uint32_t host, uint16_t port)
{
    if (!s->targets)
        s->targets = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    int64_t key = (int64_t)((uint64_t)host << 16 | port);
    return g_hash_table_add(s->targets, g_memdup2(&key, sizeof key));
}

/* before: whether something was reported at a frame before this one. */
static bool before(uint32_t reported, uint32_t frame)
{
    return reported && reported < frame;
}

static bool probe_reported(struct source *s, uint32_t frame)
{
    if (before(s->probe, frame))
        return false;
    s->probe = frame;
    return true;
}

static bool refused_reported(struct source *s, const struct connections_event *e, struct tcpfsm_finding *finding)
{
    unsigned server = finding->end & 1;
    if (before(s->scan, e->frame))
        return false;
    if (!s->targets)
        s->refused = e->frame;
    if (!target_new(s, e->ends.host[server], e->ends.port[server]) || g_hash_table_size(s->targets) != ONCE_SCAN)
        return true;
    s->scan = e->frame;
    *finding = (struct tcpfsm_finding){.id = TCPFSM_FINDING_SCAN, .end = !server, .state = finding->state,
                                       .count = ONCE_SCAN, .frame = s->refused};
    return true;
}

bool once_finding(const struct connections_event *e, struct tcpfsm_finding *finding)
{
    const uint32_t *host = e->ends.host;
    switch (finding->id) {
    case TCPFSM_FINDING_RST_PROBE: return probe_reported(source_of(host[finding->end & 1]), e->frame);
    case TCPFSM_FINDING_RST_REFUSED: return refused_reported(source_of(host[!(finding->end & 1)]), e, finding);
    case TCPFSM_FINDING_RST_FORGED: return !addresses_loopback(host[0]) || !addresses_loopback(host[1]);
    default: return true;
    }
}
