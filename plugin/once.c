/* once.c: the hosts and services whose scans and floods are reported once.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "once.h"
#include "addresses.h"
#include "diagnosis/crowd.h"
#include "index.h"
#include "pool.h"

struct source { uint32_t host; struct diagnosis_source of; };
struct target { uint32_t source, host; uint16_t port; };     /* an address and port that refused a source */
struct service { uint32_t host; uint16_t port; struct diagnosis_service of; };

static struct pool sources = {.size = sizeof(struct source)}, services = {.size = sizeof(struct service)},
                   targets = {.size = sizeof(struct target)};
static struct index source_index, service_index, target_index;
static bool whole;              /* the capture has shown more than SYNs */

void once_close(void)
{
    pool_clear(&sources);
    pool_clear(&services);
    pool_clear(&targets);
    index_clear(&source_index);
    index_clear(&service_index);
    index_clear(&target_index);
    whole = false;
}

/* source_of: what is known of a host, entered if new. */
static struct diagnosis_source *source_of(uint32_t host)
{
    uint32_t hash = (uint32_t)index_mix(host), at = hash, i;
    while ((i = index_next(&source_index, hash, &at)) != UINT32_MAX)
        if (((const struct source *)pool_at(&sources, i))->host == host)
            return &((struct source *)pool_at(&sources, i))->of;
    index_add(&source_index, hash, sources.count);
    struct source *s = (struct source *)pool_add(&sources);
    s->host = host;
    return &s->of;
}

/* service_hash: of an address and port. */
static uint32_t service_hash(uint32_t host, uint16_t port)
{
    return (uint32_t)index_mix((uint64_t)host << 16 | port);
}

/* service_of: what is known of an address and port, entered if new. */
static struct diagnosis_service *service_of(uint32_t host, uint16_t port)
{
    uint32_t hash = service_hash(host, port), at = hash, i;
    while ((i = index_next(&service_index, hash, &at)) != UINT32_MAX) {
        struct service *s = (struct service *)pool_at(&services, i);
        if (s->host == host && s->port == port)
            return &s->of;
    }
    index_add(&service_index, hash, services.count);
    struct service *s = (struct service *)pool_add(&services);
    s->host = host;
    s->port = port;
    return &s->of;
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

/* add: one finding more of this segment, if there is room. */
static void add(struct diagnosis_result *said, const struct tcpfsm_finding *f)
{
    if (said->findings < TCPFSM_FINDINGS_MAX)
        said->finding[said->findings++] = *f;
}

void once_taken(const struct connections_taken *taken, struct diagnosis_result *said)
{
    const struct tcpfsm_segment *s = taken->segment;
    whole |= !(s->flags & TCPFSM_SYN);
    if (!(s->flags & TCPFSM_SYN) && !taken->result->changed)
        return;
    unsigned client = tcpfsm_client(taken->engine), server = !client;
    int event = diagnosis_event(s, taken->result, client, taken->begin);
    if (event < 0 || tcpfsm_role(taken->engine) == TCPFSM_ROLE_PORT)
        return;
    const uint32_t *host = taken->host;
    uint16_t port = taken->port[server];
    struct tcpfsm_finding f = {0};
    if (diagnosis_source(source_of(host[client]), (enum diagnosis_event)event, service_hash(host[server], port),
                         s->frame, client, &f))
        add(said, &f);
    if (diagnosis_service(service_of(host[server], port), (enum diagnosis_event)event,
                          (uint32_t)index_mix(host[client]), s, whole, server, &f))
        add(said, &f);
}

bool once_finding(const struct connections_event *e, struct tcpfsm_finding *finding)
{
    unsigned end = finding->end & 1;
    const uint32_t *host = e->ends.host;
    uint16_t port = e->ends.port[end];
    if (finding->id == TCPFSM_FINDING_HALF_OPEN_SYN || finding->id == TCPFSM_FINDING_HALF_OPEN_SYN_ACK)
        if (!diagnosis_worth_in_flood(service_of(host[end], port), e->frame, finding))
            return false;
    switch (finding->id) {
    case TCPFSM_FINDING_RST_PROBE: {
        bool fresh = diagnosis_probes(finding) && target_new(host[end], host[!end], e->ends.port[!end]);
        return diagnosis_worth(source_of(host[end]), fresh, e->frame, finding);
    }
    case TCPFSM_FINDING_RST_REFUSED:
    case TCPFSM_FINDING_HALF_OPEN_SYN:
        return diagnosis_worth(source_of(host[!end]), target_new(host[!end], host[end], port), e->frame, finding);
    case TCPFSM_FINDING_RST_FORGED:
        return !addresses_loopback(host[0]) || !addresses_loopback(host[1]);
    default:
        return true;
    }
}
