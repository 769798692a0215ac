/* sources.c: what each host was told for.
 *
 * A frame number may be analysed more than once (store.c): what was told at that frame or a later one may be told again.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "sources.h"
#include "addresses.h"
#include "index.h"
#include "pool.h"

/* A host that resets handshakes it began, or is refused. */
struct source {
    uint32_t host;
    uint32_t probe;             /* frame of the rst.probe that was told; 0: none */
    uint32_t scan;              /* frame of the scan that was told; 0: none */
    uint32_t refused;           /* first frame of a refusal */
    uint32_t targets;           /* different addresses and ports that refused it */
};

/* An address and port that refused a source. */
struct target { uint32_t source, host; uint16_t port; };

static struct pool sources = {.size = sizeof(struct source)}, targets = {.size = sizeof(struct target)};
static struct index source_index, target_index;

void sources_close(void)
{
    pool_clear(&sources);
    pool_clear(&targets);
    index_clear(&source_index);
    index_clear(&target_index);
}

/* source_of: what is known of a host, entered if new. */
static struct source *source_of(uint32_t host)
{
    uint32_t hash = (uint32_t)index_mix(host), at = hash, i;
    while ((i = index_next(&source_index, hash, &at)) != UINT32_MAX)
        if (((const struct source *)pool_at(&sources, i))->host == host)
            return (struct source *)pool_at(&sources, i);
    index_add(&source_index, hash, sources.count);
    struct source *s = (struct source *)pool_add(&sources);
    s->host = host;
    return s;
}

/* target_new: enters an address and port; whether it had not refused that source before. */
static bool target_new(uint32_t source, uint32_t host, uint16_t port)
{
    uint32_t hash = (uint32_t)index_mix(((uint64_t)source << 32 | host) ^ (uint64_t)port << 48), at = hash, i;
    while ((i = index_next(&target_index, hash, &at)) != UINT32_MAX) {
        const struct target *t = (const struct target *)pool_at(&targets, i);
        if (t->source == source && t->host == host && t->port == port)
            return false;
    }
    index_add(&target_index, hash, targets.count);
    *(struct target *)pool_add(&targets) = (struct target){source, host, port};
    return true;
}

/* told_before: whether something was told at a frame before this one. */
static bool told_before(uint32_t told, uint32_t frame)
{
    return told && told < frame;
}

static bool probe_worth(struct source *s, uint32_t frame)
{
    if (told_before(s->probe, frame))
        return false;
    s->probe = frame;
    return true;
}

static bool refused_worth(struct source *s, const struct store_tuple *t, struct tcpfsm_finding *finding, uint32_t frame)
{
    unsigned server = finding->end & 1;
    if (told_before(s->scan, frame))
        return false;
    if (!s->targets)
        s->refused = frame;
    if (!target_new(s->host, t->host[server], store_port(t, server)) || ++s->targets != SOURCES_SCAN)
        return true;
    s->scan = frame;
    *finding = (struct tcpfsm_finding){.id = TCPFSM_FINDING_SCAN, .end = !server, .state = finding->state, .count = s->targets, .frame = s->refused};
    return true;
}

bool sources_worth(const struct store_tuple *t, struct tcpfsm_finding *finding, uint32_t frame)
{
    if (finding->id == TCPFSM_FINDING_RST_PROBE)
        return probe_worth(source_of(t->host[finding->end & 1]), frame);
    if (finding->id == TCPFSM_FINDING_RST_REFUSED)
        return refused_worth(source_of(t->host[!(finding->end & 1)]), t, finding, frame);
    if (finding->id == TCPFSM_FINDING_RST_FORGED)
        return !addresses_loopback(t->host[0]) || !addresses_loopback(t->host[1]);
    return true;
}
