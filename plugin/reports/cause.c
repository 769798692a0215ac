/* cause.c: one cause: what is counted for it.
 *
 * Findings about a server are put together by its address and port, those about a client by its address: the ports of
 * clients are of one connection each. Refusals that belong to a scan, and unanswered SYNs of a scan or a flood, are
 * counted for that.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/cause.h"

#define BIT(kind) (UINT64_C(1) << (kind))
G_STATIC_ASSERT(CAUSES <= 64);

/* Kinds of findings whose time is time that somebody waited in vain. */
#define IN_VAIN                                                                                                        \
    (BIT(TCPFSM_FINDING_HALF_OPEN_SYN) | BIT(TCPFSM_FINDING_SYN_PAWS) | BIT(TCPFSM_FINDING_HALF_OPEN_SYN_ACK) |        \
     BIT(TCPFSM_FINDING_HALF_OPEN_FIN) | BIT(TCPFSM_FINDING_HALF_OPEN_IDLE) | BIT(TCPFSM_FINDING_PATH_MTU) |           \
     BIT(TCPFSM_FINDING_RST_GAVE_UP) | BIT(TCPFSM_FINDING_RST_RETRANSMISSIONS) | BIT(TCPFSM_FINDING_RST_KEEPALIVE) |   \
     BIT(TCPFSM_FINDING_RST_ZERO_WINDOW) | BIT(TCPFSM_FINDING_KEEPALIVE_UNANSWERED))
/* Those that a scan, or a flood, brings with it. */
#define OF_FLOOD                                                                                                       \
    (BIT(TCPFSM_FINDING_HALF_OPEN_SYN) | BIT(TCPFSM_FINDING_HALF_OPEN_SYN_ACK) | BIT(CAUSE_SYN_SENT) |                 \
     BIT(CAUSE_SYN_RECEIVED))
#define OF_SCAN (OF_FLOOD | BIT(TCPFSM_FINDING_RST_REFUSED))

unsigned cause_severity(const struct cause *k)
{
    if (k->key.kind < TCPFSM_FINDINGS)
        return wording_severity(k->key.kind);
    return k->key.kind == CAUSE_CLOSE_WAIT ? CAUSE_WARN : CAUSE_NOTE;
}

unsigned cause_state(unsigned kind)
{
    return kind == CAUSE_CLOSE_WAIT     ? TCPFSM_CLOSE_WAIT
           : kind == CAUSE_SYN_SENT     ? TCPFSM_SYN_SENT
           : kind == CAUSE_SYN_RECEIVED ? TCPFSM_SYN_RECEIVED
                                        : TCPFSM_STATES;
}

static uint32_t key_hash(const struct cause_key *k)
{
    return (uint32_t)index_mix((uint64_t)k->host << 32 ^ (uint64_t)k->port << 16 ^ (uint64_t)k->kind << 8 ^
                               (uint64_t)k->variant << 1 ^ (uint64_t)k->server);
}

struct cause *causes_find(const struct causes *c, const struct cause_key *key)
{
    uint32_t hash = key_hash(key), at = hash, i;
    while ((i = index_next(&c->index, hash, &at)) != UINT32_MAX) {
        struct cause *k = (struct cause *)pool_at(&c->pool, i);
        if (cause_key_equal(&k->key, key))
            return k;
    }
    return NULL;
}

struct cause *cause_of(struct causes *c, const struct cause_key *key)
{
    struct cause *k = causes_find(c, key);
    if (k)
        return k;
    index_add(&c->index, key_hash(key), c->pool.count);
    k = (struct cause *)pool_add(&c->pool);
    k->key = *key;
    k->frame = k->last = UINT32_MAX;
    return k;
}

struct cause_key cause_key(const struct view *v, unsigned end, unsigned kind, unsigned variant)
{
    bool server = end != v->client;
    return (struct cause_key){v->ends.host[end], server ? v->ends.port[end] : 0, (uint8_t)kind, (uint8_t)variant,
                              server};
}

static void peer_add(struct cause *k, const struct cause_peer *p)
{
    for (unsigned i = 0; i < MIN(k->peers, (unsigned)CAUSE_PEERS); i++)
        if (k->peer[i].host == p->host && k->peer[i].port == p->port)
            return;
    if (k->peers < CAUSE_PEERS)
        k->peer[k->peers] = *p;
    if (k->peers <= CAUSE_PEERS)
        k->peers++;
}

static void run_add(struct cause *k, struct cause_run run)
{
    struct cause_run *last = k->runs && k->runs <= CAUSE_RUNS ? &k->run[k->runs - 1] : NULL;
    if (last && last->to + 1 == run.from)
        last->to = run.to;
    else if (k->runs < CAUSE_RUNS)
        k->run[k->runs++] = run;
    else
        k->runs = CAUSE_RUNS + 1;
}

/* connection_add: counts a connection, once. They come in the order of their numbers. */
static void connection_add(struct cause *k, const struct view *v, unsigned end, const struct traffic_note *n)
{
    struct cause_peer peer = {v->ends.host[!end], end == v->client ? v->ends.port[!end] : 0};
    if (k->last == v->number)
        return;
    k->last = v->number;
    k->connections++;
    k->bytes += n->bytes;
    peer_add(k, &peer);
    run_add(k, (struct cause_run){v->number, v->number});
}

static void range_add(uint32_t range[2], uint32_t n, bool first)
{
    range[0] = first ? n : MIN(range[0], n);
    range[1] = first ? n : MAX(range[1], n);
}

static void times_add(int64_t range[2], int64_t n, bool first)
{
    range[0] = first ? n : MIN(range[0], n);
    range[1] = first ? n : MAX(range[1], n);
}

/* numbers_add: what a finding of the cause's own kind says. */
static void numbers_add(struct cause *k, const struct tcpfsm_finding *f)
{
    bool first = !(k->members & BIT(k->key.kind));
    range_add(k->group.count, f->count, first);
    range_add(k->group.size, f->size, first);
    range_add(k->group.passed, f->passed, first);
    times_add(k->group.time, f->time, first);
    if (f->silence)
        times_add(k->group.silence, f->silence, !k->group.silence[1]);
    k->group.states |= (tcpfsm_set)TCPFSM_BIT(f->state);
    k->suspicious += f->suspicious;
    if (first)
        k->first = *f;
}

/* place_add: where it is first seen. */
static void place_add(struct cause *k, const struct view *v, uint32_t frame, unsigned order)
{
    if (frame >= k->frame)
        return;
    k->frame = frame;
    k->order = order;
    k->connection = v->number;
}

/* lost_add: adds time, which a hostile capture may have too much of. */
static void lost_add(struct cause *k, int64_t time)
{
    if (time > 0)
        k->lost = k->lost > INT64_MAX - time ? INT64_MAX : k->lost + time;
}

/* larger: the scan or flood that something of this kind is part of; NULL: none. */
static struct cause *larger(struct causes *c, const struct view *v, unsigned kind)
{
    struct cause_key scan = cause_key(v, v->client, TCPFSM_FINDING_SCAN, 0);
    struct cause *k = OF_SCAN & BIT(kind) && c->about[TCPFSM_FINDING_SCAN] ? causes_find(c, &scan) : NULL;
    for (unsigned variant = 0; !k && OF_FLOOD & BIT(kind) && c->about[TCPFSM_FINDING_FLOOD] && variant < 2; variant++) {
        struct cause_key flood = cause_key(v, !v->client, TCPFSM_FINDING_FLOOD, variant);
        k = causes_find(c, &flood);
    }
    if (k)
        c->elsewhere |= BIT(kind);
    return k;
}

/* kind_note: there is something of this kind, wherever it is counted. */
static void kind_note(struct causes *c, const struct cause_key *key)
{
    c->about[key->kind] |= (uint8_t)(1u << key->server);
    c->variants[key->kind] |= BIT(MIN(key->variant, 63u));
}

/* scanner_note: this host's scan took some of another kind. */
static void scanner_note(struct causes *c, const struct cause *k)
{
    if (k->key.kind != TCPFSM_FINDING_SCAN)
        return;
    for (unsigned i = 0; i < MIN(c->scanners, (unsigned)CAUSE_SCANNERS); i++)
        if (c->scanner[i] == k->key.host)
            return;
    if (c->scanners < CAUSE_SCANNERS)
        c->scanner[c->scanners] = k->key.host;
    if (c->scanners <= CAUSE_SCANNERS)
        c->scanners++;
}

void cause_waiting(struct causes *c, const struct view *v, unsigned end, const struct traffic_note *n,
                        const struct span *s)
{
    unsigned kind = s->state == TCPFSM_CLOSE_WAIT ? CAUSE_CLOSE_WAIT
                    : s->state == TCPFSM_SYN_SENT ? CAUSE_SYN_SENT
                                                  : CAUSE_SYN_RECEIVED;
    /* a SYN without an answer is the server's matter */
    unsigned about = kind == CAUSE_SYN_SENT ? !end : end;
    struct cause_key key = cause_key(v, about, kind, 0);
    struct cause *k = larger(c, v, kind);
    kind_note(c, &key);
    if (!k)
        k = cause_of(c, &key);
    else
        scanner_note(c, k);
    if (k->key.kind == kind) {
        times_add(k->group.time, s->to - s->from, !k->findings);
        place_add(k, v, s->frame, 0);
        k->members |= BIT(kind);
        k->findings++;
    }
    if (k->key.kind == kind && kind != CAUSE_CLOSE_WAIT)
        lost_add(k, s->to - s->from);
    connection_add(k, v, k->key.server == (about != v->client) ? about : !about, n);
}

void cause_finding(struct causes *c, const struct history_finding *f, uint32_t number,
                        const struct traffic_note *n, bool waiting)
{
    struct view v;
    unsigned end = f->finding.end & 1, kind = f->finding.id;
    view_at(&v, number, end, f->frame, f->order, 0);
    struct cause_key key = cause_key(&v, end, kind, f->finding.detail);
    struct cause *k = larger(c, &v, kind);
    kind_note(c, &key);
    if (waiting && kind == TCPFSM_FINDING_CLOSE_WAIT_LINGERING) {
        c->elsewhere |= BIT(kind);
        return;
    }
    if (!k)
        k = cause_of(c, &key);
    else
        scanner_note(c, k);
    if (k->key.kind == kind)
        numbers_add(k, &f->finding);
    k->members |= BIT(kind);
    k->findings++;
    place_add(k, &v, f->frame, f->order);
    if (k->key.kind == kind && IN_VAIN & BIT(kind))
        lost_add(k, f->finding.time);
    connection_add(k, &v, k->key.server == key.server ? end : !end, n);
}

void cause_merge(struct cause *k, const struct cause *other)
{
    bool earlier = other->frame < k->frame;
    k->members |= other->members;
    k->findings += other->findings;
    k->suspicious += other->suspicious;
    k->connections += other->connections;
    k->bytes += other->bytes;
    lost_add(k, other->lost);
    k->group.states |= other->group.states;
    for (unsigned i = 0; i < 2; i++) {
        range_add(k->group.count, other->group.count[i], false);
        range_add(k->group.size, other->group.size[i], false);
        range_add(k->group.passed, other->group.passed[i], false);
        times_add(k->group.time, other->group.time[i], false);
        if (other->group.silence[i])
            times_add(k->group.silence, other->group.silence[i], !k->group.silence[1]);
    }
    for (unsigned i = 0; i < MIN(other->peers, (unsigned)CAUSE_PEERS); i++)
        peer_add(k, &other->peer[i]);
    k->peers = other->peers > CAUSE_PEERS ? CAUSE_PEERS + 1 : k->peers;
    for (unsigned i = 0; i < MIN(other->runs, (unsigned)CAUSE_RUNS); i++)
        run_add(k, other->run[i]);
    k->runs = other->runs > CAUSE_RUNS ? CAUSE_RUNS + 1 : k->runs;
    k->first = earlier ? other->first : k->first;
    k->connection = earlier ? other->connection : k->connection;
    k->order = earlier ? other->order : k->order;
    k->frame = MIN(k->frame, other->frame);
}
