/* sources.c: the hosts and services whose scans and floods are reported once (diagnosis/crowd.h).
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "sources.h"
#include "diagnosis/crowd.h"
#include "hosts.h"
#include "index.h"
#include "pool.h"

#include <string.h>

struct source { uint32_t host; struct diagnosis_source of; };
struct target { uint32_t source, host; uint16_t port; };     /* an address and port that refused a source */
struct service { uint32_t host; uint16_t port; struct diagnosis_service of; };

static struct pool sources = {.size = sizeof(struct source)}, services = {.size = sizeof(struct service)},
                   targets = {.size = sizeof(struct target)};
static struct index source_index, service_index, target_index;
static bool whole;      /* the capture has shown more than SYNs */

void sources_close(void)
{
    pool_clear(&sources);
    pool_clear(&services);
    pool_clear(&targets);
    index_clear(&target_index);
    index_clear(&source_index);
    index_clear(&service_index);
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

/* service_hash: an address and port. */
static uint32_t service_hash(uint32_t host, uint16_t port) { return (uint32_t)index_mix((uint64_t)host << 16 | port); }

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

void sources_segment(const struct store_tuple *t, const struct tcpfsm_segment *s, const struct tcpfsm_result *r,
                     bool begin, struct diagnosis_result *said)
{
    whole |= !(s->flags & TCPFSM_SYN);
    if (!(s->flags & TCPFSM_SYN) && !r->changed)
        return;
    unsigned client = tcpfsm_client(&t->engine), server = !client;
    int event = diagnosis_event(s, r, client, begin);
    if (event < 0 || tcpfsm_role(&t->engine) == TCPFSM_ROLE_PORT)
        return;
    uint16_t port = store_port(t, server);
    uint32_t target = service_hash(t->host[server], port);
    struct tcpfsm_finding f = {0};
    if (diagnosis_source(source_of(t->host[client]), (enum diagnosis_event)event, target, s->frame, client, &f))
        add(said, &f);
    if (diagnosis_service(service_of(t->host[server], port), (enum diagnosis_event)event,
                          (uint32_t)index_mix(t->host[client]), s, whole, server, &f))
        add(said, &f);
}

static bool is_loopback(uint32_t host)
{
    static const uint8_t ipv6[16] = {[15] = 1};
    address a;
    hosts_address(host, &a);
    return (a.type == AT_IPv4 && *(const uint8_t *)a.data == 127) ||
           (a.type == AT_IPv6 && memcmp(a.data, ipv6, 16) == 0);
}

bool sources_worth(const struct store_tuple *t, struct tcpfsm_finding *finding, uint32_t frame)
{
    unsigned end = finding->end & 1;
    if (finding->id == TCPFSM_FINDING_HALF_OPEN_SYN || finding->id == TCPFSM_FINDING_HALF_OPEN_SYN_ACK)
        if (!diagnosis_worth_in_flood(service_of(t->host[end], store_port(t, end)), frame, finding))
            return false;
    switch (finding->id) {
    case TCPFSM_FINDING_RST_PROBE:
        return diagnosis_worth(source_of(t->host[end]), false, frame, finding);
    case TCPFSM_FINDING_RST_REFUSED:
    case TCPFSM_FINDING_HALF_OPEN_SYN:
        return diagnosis_worth(source_of(t->host[!end]), target_new(t->host[!end], t->host[end], store_port(t, end)),
                               frame, finding);
    case TCPFSM_FINDING_RST_FORGED:
        return !is_loopback(t->host[0]) || !is_loopback(t->host[1]);
    default:
        return true;
    }
}
