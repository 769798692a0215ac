/* hosts.c: addresses, and sockets by host, state and time.
 *
 * A count is kept as its history: one entry of 8 bytes for each frame in which it changed, so that every visit of a frame can tell the count at that frame.
 * Sockets leave TIME_WAIT by the clock, at the first frame of the capture after 2MSL: a queue in order of entry, since 2MSL are the same for all.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "hosts.h"
#include "index.h"
#include "plugin.h"
#include "pool.h"

#include <string.h>

struct moment { uint32_t frame, count; };
struct history { struct moment *at; uint32_t used, room; };

struct host {
    uint8_t bytes[16];
    int16_t type;               /* AT_IPv4 ... */
    uint16_t len;
    struct history *column;     /* HOSTS_COLUMNS of them, once one is needed */
};

/* A socket in TIME_WAIT. */
struct wait {
    int64_t until;
    uint32_t connection;
    uint8_t end, serial;
};

/* Where a host has sockets in TIME_WAIT to. */
struct destination { uint32_t host, peer, count; uint16_t port; bool told; };

static struct pool hosts = {.size = sizeof(struct host)}, destinations = {.size = sizeof(struct destination)};
static struct index host_index, destination_index;
static struct { struct wait *at; uint32_t first, used, room; } waiting;     /* a ring; room is a power of two */
static uint64_t seed;

void hosts_open(void)
{
    if (!seed)
        seed = (uint64_t)g_random_int() << 32 | g_random_int();
}

void hosts_close(void)
{
    for (uint32_t i = 0; i < hosts.count; i++) {
        struct host *h = (struct host *)pool_at(&hosts, i);
        for (unsigned j = 0; h->column && j < HOSTS_COLUMNS; j++)
            g_free(h->column[j].at);
        g_free(h->column);
    }
    pool_clear(&hosts);
    pool_clear(&destinations);
    index_clear(&host_index);
    index_clear(&destination_index);
    g_free(waiting.at);
    memset(&waiting, 0, sizeof waiting);
}

uint64_t hosts_hash(const address *a, uint16_t port)
{
    uint64_t h = seed ^ port ^ (uint64_t)(unsigned)a->len << 32;
    const uint8_t *p = (const uint8_t *)a->data;
    for (int left = a->len; left > 0; left -= 8, p += 8) {
        uint64_t word = 0;
        if (left >= 8)
            memcpy(&word, p, 8);
        else if (left == 4)
            memcpy(&word, p, 4);
        else
            memcpy(&word, p, (size_t)left);
        h = index_mix(h + word);
    }
    return h;
}

bool hosts_is(uint32_t number, const address *a)
{
    const struct host *h = (const struct host *)pool_at(&hosts, number);
    if (h->type != a->type || h->len != a->len)
        return false;
    return h->len == 4 ? memcmp(h->bytes, a->data, 4) == 0 : memcmp(h->bytes, a->data, h->len) == 0;    /* 4: one comparison, no call */
}

uint32_t hosts_intern(const address *a)
{
    uint32_t hash = (uint32_t)hosts_hash(a, 0), at = hash, i;
    while ((i = index_next(&host_index, hash, &at)) != UINT32_MAX)
        if (hosts_is(i, a))
            return i;
    i = hosts.count;
    struct host *h = (struct host *)pool_add(&hosts);
    h->type = (int16_t)a->type;
    h->len = (uint16_t)a->len;
    memcpy(h->bytes, a->data, (size_t)a->len);
    index_add(&host_index, hash, i);
    return i;
}

void hosts_address(uint32_t number, address *a)
{
    const struct host *h = (const struct host *)pool_at(&hosts, number);
    set_address(a, h->type, h->len, h->bytes);
}

uint32_t hosts_count(void)
{
    return hosts.count;
}

/* history_add: the count becomes one more or one less at this frame. */
static void history_add(uint32_t number, enum hosts_column column, bool more, uint32_t frame)
{
    struct host *host = (struct host *)pool_at(&hosts, number);
    if (!host->column)
        host->column = g_new0(struct history, HOSTS_COLUMNS);
    struct history *h = &host->column[column];
    uint32_t count = h->used ? h->at[h->used - 1].count : 0;
    if (!more && !count)
        return;
    count = more ? count + 1 : count - 1;
    if (h->used && h->at[h->used - 1].frame >= frame) {
        h->at[h->used - 1].count = count;
        return;
    }
    if (h->used == h->room) {
        h->room += h->room / 2 + 2;
        h->at = g_renew(struct moment, h->at, h->room);
    }
    h->at[h->used++] = (struct moment){frame, count};
}

/* destination_of: the counter of TIME_WAIT sockets of endpoint `end` toward its peer's address and port. */
static struct destination *destination_of(const struct store_tuple *t, unsigned end)
{
    uint32_t host = t->host[end], peer = t->host[!end], i;
    uint16_t port = t->port[!end];
    uint32_t hash = (uint32_t)index_mix(seed ^ ((uint64_t)host << 32 | peer) ^ (uint64_t)port << 40), at = hash;
    while ((i = index_next(&destination_index, hash, &at)) != UINT32_MAX) {
        struct destination *d = (struct destination *)pool_at(&destinations, i);
        if (d->host == host && d->peer == peer && d->port == port)
            return d;
    }
    index_add(&destination_index, hash, destinations.count);
    struct destination *d = (struct destination *)pool_add(&destinations);
    d->host = host;
    d->peer = peer;
    d->port = port;
    return d;
}

static bool column_of(unsigned state, enum hosts_column *column)
{
    *column = state == TCPFSM_TIME_WAIT ? HOSTS_TIME_WAIT : HOSTS_CLOSE_WAIT;
    return state == TCPFSM_TIME_WAIT || state == TCPFSM_CLOSE_WAIT;
}

/* count_leave: the socket is no longer in the state it was counted in. */
static void count_leave(struct store_connection *c, unsigned end, uint32_t frame)
{
    enum hosts_column column;
    const struct store_tuple *t = store_tuple(c->tuple);
    if (c->counted[end] == STORE_UNCOUNTED)
        return;
    if (column_of(c->counted[end], &column))
        history_add(t->host[end], column, false, frame);
    if (c->counted[end] == TCPFSM_TIME_WAIT && plugin_config.pressure) {
        struct destination *d = destination_of(t, end);
        if (d->count && --d->count < plugin_config.pressure / 2)
            d->told = false;    /* said again only after it has eased */
    }
    c->counted[end] = STORE_UNCOUNTED;
}

static void waiting_add(int64_t until, uint32_t connection, unsigned end, uint8_t serial)
{
    if (waiting.used == waiting.room) {
        uint32_t room = waiting.room ? waiting.room * 2 : 64;
        struct wait *bigger = g_new(struct wait, room);
        for (uint32_t i = 0; i < waiting.used; i++)
            bigger[i] = waiting.at[(waiting.first + i) & (waiting.room - 1)];
        g_free(waiting.at);
        waiting.at = bigger;
        waiting.first = 0;
        waiting.room = room;
    }
    waiting.at[(waiting.first + waiting.used++) & (waiting.room - 1)] = (struct wait){until, connection, (uint8_t)end, serial};
}

void hosts_tick(int64_t time, uint32_t frame)
{
    while (waiting.used && waiting.at[waiting.first].until <= time) {
        const struct wait *w = &waiting.at[waiting.first];
        struct store_connection *c = store_connection_of(w->connection);
        if (c->counted[w->end] == TCPFSM_TIME_WAIT && c->serial[w->end] == w->serial)
            count_leave(c, w->end, frame);
        waiting.first = (waiting.first + 1) & (waiting.room - 1);
        waiting.used--;
    }
}

uint32_t hosts_move(struct store_connection *c, uint32_t number, unsigned end, unsigned state, bool restart, uint32_t frame, int64_t time)
{
    enum hosts_column column;
    uint32_t pressure = 0;
    if (c->counted[end] != state) {
        count_leave(c, end, frame);
        if (!column_of(state, &column))
            return 0;
        const struct store_tuple *t = store_tuple(c->tuple);
        c->counted[end] = (uint8_t)state;
        history_add(t->host[end], column, true, frame);
        if (state == TCPFSM_TIME_WAIT && plugin_config.pressure) {
            struct destination *d = destination_of(t, end);
            if (++d->count >= plugin_config.pressure && !d->told) {
                d->told = true;
                pressure = d->count;
            }
        }
        restart = true;
    }
    if (state == TCPFSM_TIME_WAIT && restart)
        waiting_add(time > INT64_MAX - plugin_config.engine.time_wait ? INT64_MAX : time + plugin_config.engine.time_wait, number, end, ++c->serial[end]);
    return pressure;
}

uint32_t hosts_sockets(uint32_t number, enum hosts_column column, uint32_t frame)
{
    const struct host *host = (const struct host *)pool_at(&hosts, number);
    if (!host->column)
        return 0;
    const struct history *h = &host->column[column];
    uint32_t low = 0, high = h->used;       /* the last moment at or before the frame is below high */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (h->at[middle].frame <= frame)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? h->at[low - 1].count : 0;
}
