/* engine.c: what a segment costs in the engine alone, and in the store around it (look-up included), and how much memory it takes.
 *
 *   bench_engine time WHAT CONNECTIONS ORDER SEGMENTS    prints nanoseconds per segment; under callgrind, count instead
 *   bench_engine memory CONNECTIONS                      prints bytes per connection, per change, per segment that changes nothing
 *   bench_engine sizes                                   prints the sizes of the structures
 *
 * WHAT: engine (tcpfsm_segment), store (connections_segment: look-up and engine), show (view_find and view_at), lives (connections_segment on whole connections of
 * 12 segments), nothing (makes the segments only).
 * ORDER: near (64 segments of a connection in a row: in cache) or far (each segment belongs to another connection, in an order like random).
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "addresses.h"
#include "once.h"
#include "sockets.h"
#include "tuples.h"
#include "view.h"

#include <malloc.h>
#include <string.h>
#include <time.h>

static struct tcpfsm_config config;
static const struct connections_listener listeners[] = {{.clock = sockets_clock, .moved = sockets_moved}, {.taken = once_taken, .finding = once_finding}};

static void store_close(void)
{
    connections_close();
    sockets_close();
    once_close();
    addresses_close();
}

static void store_open(void)
{
    static const uint32_t limit[TCPFSM_STATES] = {[TCPFSM_TIME_WAIT] = 1000};
    store_close();
    addresses_open();
    sockets_open(config.time_wait, limit);
    connections_open(&config, listeners, array_length(listeners));
}

enum { IN_A_ROW = 64, MICROSECOND = 1000, SERVERS = 16 };

struct wire { uint8_t bytes[2][4]; address src, dst; uint16_t sport, dport; };

static uint32_t frame;

/* wire_of: addresses and ports of a segment of connection i, sent by its client or its server. */
static void wire_of(struct wire *w, uint32_t i, bool server)
{
    uint32_t client = i / 50000;
    memcpy(w->bytes[server], (uint8_t[]){10, (uint8_t)(client >> 8), (uint8_t)client, 1}, 4);
    memcpy(w->bytes[!server], (uint8_t[]){192, 0, 2, (uint8_t)(i % SERVERS)}, 4);
    set_address(&w->src, AT_IPv4, 4, w->bytes[0]);
    set_address(&w->dst, AT_IPv4, 4, w->bytes[1]);
    uint16_t port = (uint16_t)(10000 + i % 50000);
    w->sport = server ? 80 : port;
    w->dport = server ? port : 80;
}

/* segment_of: a segment as Linux sends them. */
static struct tcpfsm_segment segment_of(bool server, uint16_t flags, uint32_t seq, uint32_t ack, uint32_t len)
{
    frame++;
    return (struct tcpfsm_segment){.time = (int64_t)frame * MICROSECOND, .frame = frame, .seq = seq, .ack = ack, .len = len, .flags = flags, .window = 502,
                                   .tsval = frame >> 10, .tsecr = frame >> 10, .digest = frame * 2654435761u, .ip_id = (uint16_t)frame, .ttl = 64,
                                   .from = server, .has = TCPFSM_HAS_LENGTH | TCPFSM_HAS_IP_ID | TCPFSM_HAS_TTL | TCPFSM_HAS_TS};
}

/* The next segment of a connection all of whose predecessors were seen: data and acknowledgement in turn. `turn` counts from 0. */
static struct tcpfsm_segment quiet_of(uint32_t turn)
{
    uint32_t sent = 1001 + (turn + 1) / 2 * 100;
    if (turn % 2)
        return segment_of(true, TCPFSM_ACK, 5001, sent, 0);
    return segment_of(false, TCPFSM_ACK | TCPFSM_PSH, sent, 5001, 100);
}

/* An engine and a path for each connection, for `engine`; the others use the store. */
static struct tcpfsm_connection *engines;
static struct tcpfsm_path *paths;

enum what { ENGINE, STORE, SHOW, LIVES, NOTHING, WHATS };
static const char *const whats[WHATS] = {"engine", "store", "show", "lives", "nothing"};

/* take: one segment of connection i. Returns something that depends on the result, so that nothing is optimized away. */
static uint32_t take(enum what what, uint32_t i, struct tcpfsm_segment *s)
{
    bool server = s->from;
    struct wire w;
    if (what == ENGINE) {
        struct tcpfsm_result out;
        tcpfsm_segment(&engines[i], s, &config, &paths[i % SERVERS], false, &out);
        return out.state[0];
    }
    wire_of(&w, i, server);
    if (what == NOTHING)
        return s->seq + w.sport;
    if (what == SHOW) {
        struct connections_place place;
        struct view view;
        if (!view_find(&w.src, &w.dst, w.sport, w.dport, s->frame, 0, &place))
            return 0;
        view_at(&view, place.connection, place.from, s->frame, 0, s->time);
        return view.end[0].state;
    }
    connections_segment(&(struct connections_header){&w.src, &w.dst, w.sport, w.dport, 0, 1}, s);
    return s->from;
}

/* open_all: the handshakes of connections [from, to). */
static void open_all(enum what what, uint32_t from, uint32_t to)
{
    enum what how = what == ENGINE ? ENGINE : STORE;
    for (uint32_t i = from; i < to; i++) {
        struct tcpfsm_segment s = segment_of(false, TCPFSM_SYN, 1000, 0, 0);
        take(how, i, &s);
        s = segment_of(true, TCPFSM_SYN | TCPFSM_ACK, 5000, 1001, 0);
        take(how, i, &s);
        s = segment_of(false, TCPFSM_ACK, 1001, 5001, 0);
        take(how, i, &s);
    }
}

/* life: a whole connection: handshake, a request and its answer acknowledged, close in four segments. */
static uint32_t life(uint32_t i)
{
    static const struct { bool server; uint16_t flags; uint32_t seq, ack, len; } segments[] = {
        {false, TCPFSM_SYN, 1000, 0, 0},              {true, TCPFSM_SYN | TCPFSM_ACK, 5000, 1001, 0}, {false, TCPFSM_ACK, 1001, 5001, 0},
        {false, TCPFSM_ACK, 1001, 5001, 100},         {true, TCPFSM_ACK, 5001, 1101, 0},              {true, TCPFSM_ACK, 5001, 1101, 1000},
        {true, TCPFSM_ACK, 6001, 1101, 1000},         {false, TCPFSM_ACK, 1101, 7001, 0},             {false, TCPFSM_FIN | TCPFSM_ACK, 1101, 7001, 0},
        {true, TCPFSM_ACK, 7001, 1102, 0},            {true, TCPFSM_FIN | TCPFSM_ACK, 7001, 1102, 0}, {false, TCPFSM_ACK, 1102, 7002, 0}};
    uint32_t sum = 0;
    for (unsigned j = 0; j < array_length(segments); j++) {
        struct tcpfsm_segment s = segment_of(segments[j].server, segments[j].flags, segments[j].seq, segments[j].ack, segments[j].len);
        sum += take(STORE, i, &s);
    }
    return sum;
}

/* run: `segments` quiet segments. near: a connection has IN_A_ROW of them before the next one's turn. The number of a segment in its connection follows from the
 * loop, so that nothing but the plugin's own memory is touched. */
static uint32_t run(enum what what, uint32_t connections, bool near, uint32_t segments)
{
    uint32_t sum = 0, done = 0, step = 0x9e3779b1u % connections | 1u;
    while (connections % step == 0 && step > 1)
        step -= 2;
    if (what == LIVES) {
        for (; done < segments; done += 12)
            sum += life(done / 12);
        return sum;
    }
    for (uint32_t turn = 0; done < segments; turn += near ? IN_A_ROW : 1) {
        for (uint32_t n = 0, i = 0; n < connections && done < segments; n++, i = (uint32_t)(((uint64_t)i + step) % connections)) {
            for (uint32_t j = 0; j < (near ? IN_A_ROW : 1u) && done < segments; j++, done++) {
                struct tcpfsm_segment s = quiet_of(turn + j);
                sum += take(what, i, &s);
            }
        }
    }
    return sum;
}

/* quiet_run: the segments number `from` to `to` of each connection. */
static void quiet_run(uint32_t connections, uint32_t from, uint32_t to)
{
    for (uint32_t turn = from; turn < to; turn++) {
        for (uint32_t i = 0; i < connections; i++) {
            struct tcpfsm_segment s = quiet_of(turn);
            take(STORE, i, &s);
        }
    }
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int time_it(enum what what, uint32_t connections, bool near, uint32_t segments)
{
    if (what == ENGINE) {
        engines = g_new0(struct tcpfsm_connection, connections);
        paths = g_new0(struct tcpfsm_path, SERVERS);
        for (uint32_t i = 0; i < connections; i++)
            tcpfsm_open(&engines[i], false, (uint16_t[]){40000, 80});
    }
    store_open();
    if (what != LIVES && what != NOTHING)
        open_all(what, 0, connections);
    double before = now();
    uint32_t sum = run(what, connections, near, segments);
    printf("%.2f ns a segment (%u)\n", (now() - before) / segments, sum);
    store_close();
    return 0;
}

static long heap(void)
{
    struct mallinfo2 m = mallinfo2();
    return (long)(m.uordblks + m.hblkhd);
}

static uint64_t changes(void)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < connections_count(); i++)
        sum += connections_get(i)->history.records;
    return sum;
}

/* memory: what the heap grows by when connections are opened by one segment, when their states change, when nothing changes. The last allocation of each table may be
 * half empty: bytes in use are what is said, as the program would be charged for them. */
static int memory(uint32_t connections)
{
    store_open();
    long start = heap();
    for (uint32_t i = 0; i < connections; i++) {
        struct tcpfsm_segment s = segment_of(false, TCPFSM_SYN, 1000, 0, 0);
        take(STORE, i, &s);
    }
    long opened = heap();
    uint64_t one = changes();
    store_open();
    long again = heap();
    open_all(STORE, 0, connections);
    long established = heap();
    uint64_t some = changes();
    run(STORE, connections, false, 4 * connections);    /* the first data and the first acknowledgement settle the sets of states */
    long settled = heap();
    uint64_t before = changes();
    quiet_run(connections, 4, 24);
    long quiet = heap();
    uint64_t same = changes();
    store_open();
    long last = heap();
    for (uint32_t i = 0; i < connections; i++)
        life(i);
    long lived = heap();
    uint64_t many = changes();
    double n = connections;
    printf("one SYN: %.1f bytes a connection, of which %.2f changes\n", (double)(opened - start) / n, (double)one / n);
    printf("handshake: %.1f bytes a connection, of which %.2f changes: %.1f bytes for each more\n", (double)(established - again) / n, (double)some / n,
           (double)((established - again) - (opened - start)) / (double)(some - one));
    printf("whole life: %.1f bytes a connection, of which %.2f changes: %.1f bytes for each more\n", (double)(lived - last) / n, (double)many / n,
           (double)((lived - last) - (opened - start)) / (double)(many - one));
    printf("20 segments that change nothing: %.1f bytes a connection, %llu changes\n", (double)(quiet - settled) / n, (unsigned long long)(same - before));
    store_close();
    printf("after closing: %ld bytes\n", heap() - start);
    return 0;
}

static int sizes(void)
{
    printf("connection (engine) %zu, tuple %zu, connection (kept) %zu, change %zu, finding %zu, segment %zu, result %zu\n", sizeof(struct tcpfsm_connection),
           sizeof(struct tuple), sizeof(struct connection), history_size(), sizeof(struct history_finding), sizeof(struct tcpfsm_segment),
           sizeof(struct tcpfsm_result));
    return 0;
}

int main(int argc, char **argv)
{
    config = tcpfsm_config_default();
    if (argc == 2 && strcmp(argv[1], "sizes") == 0)
        return sizes();
    if (argc == 3 && strcmp(argv[1], "memory") == 0 && atoi(argv[2]) > 0)
        return memory((uint32_t)atoi(argv[2]));
    for (unsigned i = 0; argc == 6 && strcmp(argv[1], "time") == 0 && i < WHATS; i++)
        if (strcmp(argv[2], whats[i]) == 0 && atoi(argv[3]) > 0 && atoi(argv[5]) > 0)
            return time_it((enum what)i, (uint32_t)atoi(argv[3]), strcmp(argv[4], "near") == 0, (uint32_t)atoi(argv[5]));
    fprintf(stderr, "usage: bench_engine time engine|store|show|lives|nothing CONNECTIONS near|far SEGMENTS | memory CONNECTIONS | sizes\n");
    return 2;
}
