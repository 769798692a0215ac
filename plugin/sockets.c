/* sockets.c: listens to connections, counts, and finds what is too much.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "sockets.h"
#include "grow.h"

static struct counts *counts;
static int64_t time_wait;
static struct { struct sockets_restart *at; uint32_t used, room; } restarts;
static GHashTable *latest;      /* connection << 1 | endpoint -> its latest of the restarts, plus one */

void sockets_open(int64_t time_wait_span, const uint32_t limit[TCPFSM_STATES])
{
    sockets_close();
    time_wait = time_wait_span;
    counts = counts_new(time_wait, limit, NULL, NULL);
    latest = g_hash_table_new(g_direct_hash, g_direct_equal);
}

void sockets_close(void)
{
    counts_free(counts);
    counts = NULL;
    g_free(restarts.at);
    memset(&restarts, 0, sizeof restarts);
    g_clear_pointer(&latest, g_hash_table_destroy);
}

void sockets_clock(int64_t time, uint32_t frame)
{
    counts_tick(counts, time, frame);
}

static void restart_note(const struct connections_event *e, unsigned end)
{
    restarts.at = (struct sockets_restart *)grow(restarts.at, restarts.used, &restarts.room, sizeof *restarts.at);
    restarts.at[restarts.used++] =
        (struct sockets_restart){e->time, e->connection, e->frame, (uint8_t)e->order, (uint8_t)end};
    g_hash_table_insert(latest, GUINT_TO_POINTER(e->connection << 1 | end), GUINT_TO_POINTER(restarts.used));
}

struct counts_move sockets_move(uint32_t number, const struct connections_ends *ends, unsigned client, uint32_t frame,
                                int64_t time)
{
    return (struct counts_move){.connection = number, .host = {ends->host[0], ends->host[1]},
                                .port = {ends->port[0], ends->port[1]}, .state = {COUNTS_NONE, COUNTS_NONE},
                                .client = client, .frame = frame, .time = time};
}

bool sockets_moved(const struct connections_event *e, unsigned end, struct tcpfsm_finding *found)
{
    unsigned state = e->gone ? COUNTS_NONE : e->state[end];
    if (counts_idle(counts, e->connection, end, state))
        return false;
    struct counts_move m = sockets_move(e->connection, &e->ends, e->client, e->frame, e->time);
    m.state[end] = (uint8_t)state;
    m.restart[end] = e->fin[end];
    uint32_t count = counts_moved(counts, &m, end);
    if (e->fin[end] && e->state[end] == TCPFSM_TIME_WAIT && e->was[end] == TCPFSM_TIME_WAIT)
        restart_note(e, end);
    if (!count)
        return false;
    *found = (struct tcpfsm_finding){.end = (uint8_t)end, .state = e->state[end], .count = count};
    bool waits = e->state[end] == TCPFSM_TIME_WAIT;
    found->id = waits ? TCPFSM_FINDING_TIME_WAIT_PRESSURE : TCPFSM_FINDING_CLOSE_WAIT_PRESSURE;
    return true;
}

uint32_t sockets_count(const struct connections_ends *ends, unsigned end, unsigned state, enum counts_group group,
                       uint32_t frame)
{
    struct counts_key key = {.host = ends->host[end], .state = (uint8_t)state, .group = (uint8_t)group};
    if (group == COUNTS_TOWARD)
        key.peer = ends->host[!end];
    if (group != COUNTS_ALL)
        key.port = ends->port[group == COUNTS_TOWARD ? !end : end];
    return counts_then(counts, &key, frame);
}

const struct sockets_restart *sockets_restarts(uint32_t *n)
{
    *n = restarts.used;
    return restarts.at;
}

int64_t sockets_time_wait_until(uint32_t connection, unsigned end, int64_t from)
{
    gpointer i = latest ? g_hash_table_lookup(latest, GUINT_TO_POINTER(connection << 1 | end)) : NULL;
    int64_t began = i ? MAX(from, restarts.at[GPOINTER_TO_UINT(i) - 1].time) : from;
    return began > INT64_MAX - time_wait ? INT64_MAX : began + time_wait;
}

int64_t sockets_time_wait(void)
{
    return time_wait;
}
