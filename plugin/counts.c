/* counts.c: sockets by host, state and time.
 *
 * A count is kept as its history: one entry of 8 bytes for each frame in which it changed, so that every visit of a
 * frame can tell the count at that frame. Sockets leave TIME_WAIT by the clock, at the first frame of the capture after
 * 2MSL. A capture's clock may go back, so the order of entry is not the order of leaving: the heap is.
 *
 * Copyright 2026 the tcpfsm authors SPDX-License-Identifier: GPL-2.0-or-later */
#include "counts.h"
#include "heap.h"
#include "index.h"
#include "pool.h"

#include <string.h>

struct moment { uint32_t frame, count; };

struct counter {
    struct counts_key key;
    uint32_t count;
    struct moment *at;          /* without an observer */
    uint32_t used, room;
    bool said;                  /* that there are too many */
};

/* What the endpoints of a connection are counted as: state and group; and the number of its latest entry in the
 * heap. */
struct mark { uint8_t counted[2]; uint16_t serial[2]; };
enum { STATE = 0x0f, GROUP_SHIFT = 4, UNCOUNTED = 0xff };

struct counts {
    struct pool counters, marks;
    struct index index;
    struct heap waiting;
    uint64_t seed;              /* of the hash: who sends packets must not choose where keys collide */
    int64_t time_wait;
    uint32_t limit[TCPFSM_STATES];
    counts_observer *observer;
    void *data;
};

bool counts_socket(unsigned state)
{
    return state < TCPFSM_STATES && state != TCPFSM_CLOSED && state != TCPFSM_LISTEN;
}

struct counts *counts_new(int64_t time_wait, const uint32_t limit[TCPFSM_STATES], counts_observer *observer, void *data)
{
    struct counts *s = g_new0(struct counts, 1);
    *s = (struct counts){.counters = {.size = sizeof(struct counter)},
                         .marks = {.size = sizeof(struct mark)},
                         .time_wait = time_wait,
                         .seed = (uint64_t)g_random_int() << 32 | g_random_int(), .observer = observer, .data = data};
    if (limit)
        memcpy(s->limit, limit, sizeof s->limit);
    return s;
}

void counts_free(struct counts *s)
{
    if (!s)
        return;
    for (uint32_t i = 0; i < s->counters.count; i++)
        g_free(((struct counter *)pool_at(&s->counters, i))->at);
    pool_clear(&s->counters);
    pool_clear(&s->marks);
    index_clear(&s->index);
    heap_clear(&s->waiting);
    g_free(s);
}

static struct counter *counter_at(const struct counts *s, uint32_t number)
{
    return (struct counter *)pool_at(&s->counters, number);
}

/* counter_find: the number of the counter of this; UINT32_MAX if nothing was ever counted there. */
static uint32_t counter_find(const struct counts *s, const struct counts_key *key, uint32_t *hash)
{
    uint64_t what = (uint64_t)key->port << 16 | (uint64_t)key->state << 8 | key->group;
    uint32_t i, at;
    *hash = at = (uint32_t)index_mix(index_mix(s->seed ^ ((uint64_t)key->host << 32 | key->peer)) ^ what);
    while ((i = index_next(&s->index, *hash, &at)) != UINT32_MAX) {
        const struct counts_key *k = &counter_at(s, i)->key;
        if (k->host == key->host && k->peer == key->peer && k->port == key->port && k->state == key->state &&
            k->group == key->group)
            return i;
    }
    return UINT32_MAX;
}

static uint32_t counter_of(struct counts *s, const struct counts_key *key)
{
    uint32_t hash, i = counter_find(s, key, &hash);
    if (i != UINT32_MAX)
        return i;
    i = s->counters.count;
    index_add(&s->index, hash, i);
    ((struct counter *)pool_add(&s->counters))->key = *key;
    return i;
}

/* counter_change: the count becomes one more or one less at this frame. */
static void counter_change(struct counts *s, struct counter *c, bool more, uint32_t frame, int64_t time)
{
    c->count += more ? 1u : (uint32_t)-1;
    if (s->observer) {
        s->observer(s->data, &c->key, c->count, more, time);
    } else if (c->used && c->at[c->used - 1].frame >= frame) {
        c->at[c->used - 1].count = c->count;
    } else {
        c->at = (struct moment *)grow(c->at, c->used, &c->room, sizeof *c->at);
        c->at[c->used++] = (struct moment){frame, c->count};
    }
}

/* counter_leave: one socket less. Too many are reported again only after their number has eased. */
static void counter_leave(struct counts *s, uint32_t number, uint32_t frame, int64_t time)
{
    struct counter *c = counter_at(s, number);
    counter_change(s, c, false, frame, time);
    if (c->count < s->limit[c->key.state] / 2)
        c->said = false;
}

static struct counts_key all_of(const struct counts_move *m, unsigned end, unsigned state)
{
    return (struct counts_key){.host = m->host[end], .state = (uint8_t)state, .group = COUNTS_ALL};
}

/* group_of: the key of a socket's group: where its host connects to, or where it listens. */
static struct counts_key group_of(const struct counts_move *m, unsigned end, unsigned state, unsigned group)
{
    if (group == COUNTS_TOWARD)
        return (struct counts_key){.host = m->host[end],
                                   .peer = m->host[!end],
                                   .port = m->port[!end],
                                   .state = (uint8_t)state,
                                   .group = COUNTS_TOWARD};
    return (struct counts_key){.host = m->host[end], .port = m->port[end], .state = (uint8_t)state, .group = COUNTS_AT};
}

/* group_wanted: the group a socket counts in beside COUNTS_ALL, or COUNTS_ALL if in none. Fields show what a client
 * has in TIME_WAIT toward a service, for each takes an ephemeral port, and what a service has in CLOSE_WAIT. */
static unsigned group_wanted(const struct counts *s, unsigned state, bool client)
{
    if (state != TCPFSM_TIME_WAIT && state != TCPFSM_CLOSE_WAIT)
        return COUNTS_ALL;
    if (!s->observer && client != (state == TCPFSM_TIME_WAIT))
        return COUNTS_ALL;
    return client ? COUNTS_TOWARD : COUNTS_AT;
}

static struct mark *mark_of(struct counts *s, uint32_t connection)
{
    while (s->marks.count <= connection)
        *(struct mark *)pool_add(&s->marks) = (struct mark){.counted = {UNCOUNTED, UNCOUNTED}};
    return (struct mark *)pool_at(&s->marks, connection);
}

static bool state_wanted(const struct counts *s, unsigned state)
{
    return s->observer ? counts_socket(state) : state == TCPFSM_TIME_WAIT || state == TCPFSM_CLOSE_WAIT;
}

static void leave(struct counts *s, const struct counts_move *m, unsigned end, struct mark *mark)
{
    uint8_t counted = mark->counted[end];
    unsigned state = counted & STATE, group = counted >> GROUP_SHIFT;
    if (counted == UNCOUNTED)
        return;
    mark->counted[end] = UNCOUNTED;
    struct counts_key all = all_of(m, end, state), part = group_of(m, end, state, group);
    counter_leave(s, counter_of(s, &all), m->frame, m->time);
    if (group != COUNTS_ALL)
        counter_leave(s, counter_of(s, &part), m->frame, m->time);
}

/* enter: the socket is in a counted state. Returns the counter of its group if its count just became too high, else
 * NULL. */
static struct counter *enter(struct counts *s, const struct counts_move *m, unsigned end, struct mark *mark)
{
    unsigned state = m->state[end], group = group_wanted(s, state, m->client == end);
    struct counts_key all = all_of(m, end, state), part = group_of(m, end, state, group);
    mark->counted[end] = (uint8_t)(state | group << GROUP_SHIFT);
    counter_change(s, counter_at(s, counter_of(s, &all)), true, m->frame, m->time);
    if (group == COUNTS_ALL)
        return NULL;
    struct counter *c = counter_at(s, counter_of(s, &part));
    counter_change(s, c, true, m->frame, m->time);
    if (!s->limit[state] || c->count < s->limit[state] || c->said)
        return NULL;
    c->said = true;
    return c;
}

/* wait_on: the socket leaves TIME_WAIT when 2MSL have passed; an earlier entry of it in the heap holds no longer. */
static void wait_on(struct counts *s, const struct counts_move *m, unsigned end, struct mark *mark)
{
    unsigned group = mark->counted[end] >> GROUP_SHIFT;
    struct counts_key all = all_of(m, end, TCPFSM_TIME_WAIT), part = group_of(m, end, TCPFSM_TIME_WAIT, group);
    int64_t until = m->time > INT64_MAX - s->time_wait ? INT64_MAX : m->time + s->time_wait;
    heap_add(&s->waiting, (struct heap_entry){.until = until,
                                              .connection = m->connection,
                                              .end = (uint8_t)end,
                                              .serial = ++mark->serial[end],
                                              .all = counter_of(s, &all),
                                              .group = group == COUNTS_ALL ? UINT32_MAX : counter_of(s, &part)});
}

/* expire: an entry of the heap has come to its time. */
static void expire(struct counts *s, const struct heap_entry *w, uint32_t frame)
{
    struct mark *mark = mark_of(s, w->connection);
    if (mark->counted[w->end] == UNCOUNTED || (mark->counted[w->end] & STATE) != TCPFSM_TIME_WAIT ||
        mark->serial[w->end] != w->serial)
        return;
    mark->counted[w->end] = UNCOUNTED;
    counter_leave(s, w->all, frame, w->until);
    if (w->group != UINT32_MAX)
        counter_leave(s, w->group, frame, w->until);
}

void counts_tick(struct counts *s, int64_t time, uint32_t frame)
{
    while (s->waiting.used && s->waiting.at[0].until <= time) {
        struct heap_entry w = heap_take(&s->waiting);
        expire(s, &w, frame);
    }
}

bool counts_idle(const struct counts *s, uint32_t connection, unsigned end, unsigned state)
{
    if (state_wanted(s, state))
        return false;
    return connection >= s->marks.count ||
           ((const struct mark *)pool_at(&s->marks, connection))->counted[end] == UNCOUNTED;
}

uint32_t counts_moved(struct counts *s, const struct counts_move *m, unsigned end)
{
    const struct counter *crowded = NULL;
    unsigned state = m->state[end];
    if (counts_idle(s, m->connection, end, state))
        return 0;
    struct mark *mark = mark_of(s, m->connection);
    bool wait = m->restart[end];
    if (mark->counted[end] == UNCOUNTED || (mark->counted[end] & STATE) != state) {
        leave(s, m, end, mark);
        if (!state_wanted(s, state))
            return 0;
        crowded = enter(s, m, end, mark);
        wait = true;
    }
    if (wait && state == TCPFSM_TIME_WAIT)
        wait_on(s, m, end, mark);
    return crowded ? crowded->count : 0;
}

uint32_t counts_then(const struct counts *s, const struct counts_key *key, uint32_t frame)
{
    uint32_t hash, number = counter_find(s, key, &hash), after;
    if (number == UINT32_MAX)
        return 0;
    const struct counter *c = counter_at(s, number);
    GROW_FIRST(after, c->used, c->at[middle].frame <= frame);
    return after ? c->at[after - 1].count : 0;
}
