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

/* What is counted: sockets of a host in one state: all of them (peer and port 0), those in TIME_WAIT toward one address and port, those in CLOSE_WAIT at one
 * port of its own. */
enum counted { ALL_TIME_WAIT = HOSTS_TIME_WAIT, ALL_CLOSE_WAIT = HOSTS_CLOSE_WAIT, TOWARD_SERVER, AT_SERVER };
struct counter {
    struct moment *at;
    uint32_t used, room;
    uint32_t host, peer;
    uint16_t port;
    uint8_t what;
    bool told;                  /* that there are too many */
};

struct host {
    uint8_t bytes[16];
    int16_t type;               /* AT_IPv4 ... */
    uint16_t len;
};

/* A socket in TIME_WAIT. */
struct wait {
    int64_t until;
    uint32_t connection;
    uint8_t end, serial;
};

/* In store_connection.counted, beside the state: the socket also counts in TOWARD_SERVER or AT_SERVER. */
enum { PAIRED = 0x10, STATE = 0x0f };

static struct pool hosts = {.size = sizeof(struct host)}, counters = {.size = sizeof(struct counter)};
static struct index host_index, counter_index;
static struct { struct wait *at; uint32_t first, used, room; } waiting;     /* a ring; room is a power of two */
static uint64_t seed;

void hosts_open(void)
{
    if (!seed)
        seed = (uint64_t)g_random_int() << 32 | g_random_int();
}

void hosts_close(void)
{
    for (uint32_t i = 0; i < counters.count; i++)
        g_free(((struct counter *)pool_at(&counters, i))->at);
    pool_clear(&hosts);
    pool_clear(&counters);
    index_clear(&host_index);
    index_clear(&counter_index);
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

/* counter_find: the counter of this, NULL if nothing was ever counted there. */
static struct counter *counter_find(const struct counter *key, uint32_t *hash)
{
    uint32_t i, at;
    *hash = at = (uint32_t)index_mix(index_mix(seed ^ ((uint64_t)key->host << 32 | key->peer)) ^ ((uint64_t)key->port << 8 | key->what));
    while ((i = index_next(&counter_index, *hash, &at)) != UINT32_MAX) {
        struct counter *c = (struct counter *)pool_at(&counters, i);
        if (c->host == key->host && c->peer == key->peer && c->port == key->port && c->what == key->what)
            return c;
    }
    return NULL;
}

static struct counter *counter_of(const struct counter *key)
{
    uint32_t hash;
    struct counter *c = counter_find(key, &hash);
    if (c)
        return c;
    index_add(&counter_index, hash, counters.count);
    c = (struct counter *)pool_add(&counters);
    *c = *key;
    return c;
}

/* counter_now: the present count. */
static uint32_t counter_now(const struct counter *c)
{
    return c->used ? c->at[c->used - 1].count : 0;
}

/* counter_add: the count becomes one more or one less at this frame. Returns it. */
static uint32_t counter_add(struct counter *c, bool more, uint32_t frame)
{
    uint32_t count = counter_now(c);
    if (!more && !count)
        return 0;
    count = more ? count + 1 : count - 1;
    if (c->used && c->at[c->used - 1].frame >= frame) {
        c->at[c->used - 1].count = count;
        return count;
    }
    if (c->used == c->room) {
        c->room += c->room / 2 + 2;
        c->at = g_renew(struct moment, c->at, c->room);
    }
    c->at[c->used++] = (struct moment){frame, count};
    return count;
}

/* counter_then: the count at a frame: that of the last moment at or before it. */
static uint32_t counter_then(const struct counter *key, uint32_t frame)
{
    uint32_t hash;
    const struct counter *c = counter_find(key, &hash);
    uint32_t low = 0, high = c ? c->used : 0;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (c->at[middle].frame <= frame)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? c->at[low - 1].count : 0;
}

static struct counter all_of(uint32_t host, enum hosts_column column)
{
    return (struct counter){.host = host, .what = (uint8_t)column};
}

/* pair_of: what weighs on a service: its client's TIME_WAIT sockets toward it, its own CLOSE_WAIT sockets. */
static struct counter pair_of(const struct store_tuple *t, unsigned end, enum hosts_column column)
{
    if (column == HOSTS_TIME_WAIT)
        return (struct counter){.host = t->host[end], .peer = t->host[!end], .port = store_port(t, !end), .what = TOWARD_SERVER};
    return (struct counter){.host = t->host[end], .port = store_port(t, end), .what = AT_SERVER};
}

static bool column_of(unsigned state, enum hosts_column *column)
{
    *column = state == TCPFSM_TIME_WAIT ? HOSTS_TIME_WAIT : HOSTS_CLOSE_WAIT;
    return state == TCPFSM_TIME_WAIT || state == TCPFSM_CLOSE_WAIT;
}

/* too_many: the count from which a pair is reported; 0: never. */
static uint32_t too_many(enum hosts_column column)
{
    return column == HOSTS_TIME_WAIT ? plugin_config.pressure : plugin_config.close_wait_pressure;
}

/* count_leave: the socket is no longer in the state it was counted in. */
static void count_leave(struct store_connection *c, unsigned end, uint32_t frame)
{
    enum hosts_column column;
    const struct store_tuple *t = store_tuple(c->tuple);
    uint8_t counted = c->counted[end];
    if (counted == STORE_UNCOUNTED)
        return;
    c->counted[end] = STORE_UNCOUNTED;
    column_of(counted & STATE, &column);
    struct counter all = all_of(t->host[end], column), pair = pair_of(t, end, column);
    counter_add(counter_of(&all), false, frame);
    if (!(counted & PAIRED))
        return;
    struct counter *p = counter_of(&pair);
    if (counter_add(p, false, frame) < too_many(column) / 2)
        p->told = false;        /* said again only after it has eased */
}

/* count_enter: the socket is in a counted state. Returns the count of its pair if that just became too high, else 0. */
static uint32_t count_enter(struct store_connection *c, unsigned end, enum hosts_column column, uint32_t frame)
{
    const struct store_tuple *t = store_tuple(c->tuple);
    bool paired = (tcpfsm_client(&t->engine) == end) == (column == HOSTS_TIME_WAIT);
    struct counter all = all_of(t->host[end], column), pair = pair_of(t, end, column);
    c->counted[end] = (uint8_t)((column == HOSTS_TIME_WAIT ? TCPFSM_TIME_WAIT : TCPFSM_CLOSE_WAIT) | (paired ? PAIRED : 0));
    counter_add(counter_of(&all), true, frame);
    if (!paired)
        return 0;
    struct counter *p = counter_of(&pair);
    uint32_t count = counter_add(p, true, frame);
    if (!too_many(column) || count < too_many(column) || p->told)
        return 0;
    p->told = true;
    return count;
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
        if ((c->counted[w->end] & STATE) == TCPFSM_TIME_WAIT && c->serial[w->end] == w->serial)
            count_leave(c, w->end, frame);
        waiting.first = (waiting.first + 1) & (waiting.room - 1);
        waiting.used--;
    }
}

uint32_t hosts_move(struct store_connection *c, uint32_t number, unsigned end, unsigned state, bool restart, uint32_t frame, int64_t time)
{
    enum hosts_column column;
    uint32_t pressure = 0;
    if (c->counted[end] == STORE_UNCOUNTED || (c->counted[end] & STATE) != state) {
        count_leave(c, end, frame);
        if (!column_of(state, &column))
            return 0;
        pressure = count_enter(c, end, column, frame);
        restart = true;
    }
    if (state == TCPFSM_TIME_WAIT && restart)
        waiting_add(time > INT64_MAX - plugin_config.engine.time_wait ? INT64_MAX : time + plugin_config.engine.time_wait, number, end, ++c->serial[end]);
    return pressure;
}

uint32_t hosts_sockets(uint32_t host, enum hosts_column column, uint32_t frame)
{
    struct counter all = all_of(host, column);
    return counter_then(&all, frame);
}

uint32_t hosts_pressure(const struct store_tuple *t, unsigned end, enum hosts_column column, uint32_t frame)
{
    struct counter pair = pair_of(t, end, column);
    return counter_then(&pair, frame);
}
