/* tick.c: tcpfsm_tick, and a connection held without knowing its members: through the installed header alone.
 * Prints what is wrong; status 1 if anything is.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include <tcpfsm/tcpfsm.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND INT64_C(1000000000)
#define CHECK(condition) check(condition, #condition, __LINE__)
#define BIT(state) TCPFSM_BIT(TCPFSM_##state)

static struct tcpfsm_connection *connection;
static struct tcpfsm_config config;
static struct tcpfsm_result r;
static int64_t now;
static uint32_t frame;
static int wrong;

static void check(bool holds, const char *what, int line)
{
    if (holds)
        return;
    printf("tick.c:%d: not true: %s (states %s %s, sets %x %x)\n", line, what, tcpfsm_state_name(r.state[0]), tcpfsm_state_name(r.state[1]),
           r.possible[0], r.possible[1]);
    wrong = 1;
}

static void begin(void)
{
    const uint16_t port[2] = { 40000, 80 };

    now = 1000 * SECOND;
    frame = 0;
    tcpfsm_open(connection, false, port);
}

static void segment(uint8_t from, uint16_t flags, uint32_t seq, uint32_t ack)
{
    struct tcpfsm_segment s = { .from = from, .flags = flags, .seq = seq, .ack = ack, .window = 65535, .has = TCPFSM_HAS_LENGTH };

    s.len = flags & TCPFSM_PSH ? 10 : 0;
    s.time = now += SECOND / 50;
    s.frame = ++frame;
    tcpfsm_segment(connection, &s, &config, NULL, false, &r);
}

static void tick(int64_t after)
{
    tcpfsm_tick(connection, now + after, &config, &r);
}

static void handshake(void)
{
    begin();
    segment(0, TCPFSM_SYN, 100, 0);
    segment(1, TCPFSM_SYN | TCPFSM_ACK, 300, 101);
    segment(0, TCPFSM_ACK, 101, 301);
}

/* The client closes; its FIN is acknowledged. */
static void half_close(void)
{
    handshake();
    segment(0, TCPFSM_FIN | TCPFSM_ACK, 101, 301);
    segment(1, TCPFSM_ACK, 301, 102);
}

static void test_before_a_segment(void)
{
    begin();
    tick(1000 * SECOND);
    CHECK(!r.changed && !r.steps && !r.facts && r.possible[0] == BIT(CLOSED) && r.possible[1] == BIT(CLOSED));
}

static void test_open(void)
{
    handshake();
    segment(0, TCPFSM_ACK | TCPFSM_PSH, 101, 301);
    segment(1, TCPFSM_ACK, 301, 111);
    tick(10000 * SECOND);
    CHECK(!r.changed && r.possible[0] == BIT(ESTABLISHED) && r.possible[1] == BIT(ESTABLISHED));
}

static void test_time_wait(void)
{
    half_close();
    segment(1, TCPFSM_FIN | TCPFSM_ACK, 301, 102);
    segment(0, TCPFSM_ACK, 102, 302);
    CHECK(r.state[0] == TCPFSM_TIME_WAIT && r.possible[0] == BIT(TIME_WAIT));
    tick(59 * SECOND);
    CHECK(!r.changed && r.possible[0] == BIT(TIME_WAIT));
    tick(61 * SECOND);
    CHECK(r.changed && r.before[0] == TCPFSM_TIME_WAIT && r.state[0] == TCPFSM_CLOSED && !r.facts);
    CHECK(r.possible_before[0] == BIT(TIME_WAIT) && r.possible[0] == (BIT(TIME_WAIT) | BIT(CLOSED)));
    CHECK(r.steps == 1 && r.step[0].end == 0 && r.step[0].event == TCPFSM_EVENT_TIME_2MSL);
    tick(62 * SECOND);
    CHECK(!r.changed && !r.steps && r.state[0] == TCPFSM_CLOSED);
}

static void test_2msl_is_the_callers(void)
{
    half_close();
    segment(1, TCPFSM_FIN | TCPFSM_ACK, 301, 102);
    segment(0, TCPFSM_ACK, 102, 302);
    config.time_wait = 240 * SECOND;
    tick(239 * SECOND);
    CHECK(r.state[0] == TCPFSM_TIME_WAIT && r.possible[0] == BIT(TIME_WAIT));
    tick(241 * SECOND);
    CHECK(r.state[0] == TCPFSM_CLOSED);
    config = tcpfsm_config_default();
}

static void test_fin_wait_2(void)
{
    half_close();
    CHECK(r.state[0] == TCPFSM_FIN_WAIT_2 && !(r.possible[0] & BIT(CLOSED)));
    tick(59 * SECOND);
    CHECK(!r.changed);
    tick(61 * SECOND);
    CHECK(r.changed && !r.steps && r.state[0] == TCPFSM_FIN_WAIT_2 && r.possible[0] & BIT(CLOSED));
}

static void test_syn_unanswered(void)
{
    begin();
    segment(0, TCPFSM_SYN, 100, 0);
    tick(SECOND);
    CHECK(!r.changed && r.possible[0] == BIT(SYN_SENT));
    tick(2 * SECOND);
    CHECK(r.changed && r.state[0] == TCPFSM_SYN_SENT && r.possible[0] == (BIT(SYN_SENT) | BIT(CLOSED)));
}

static uint32_t random_below(uint32_t n)
{
    static uint64_t x = 88172645463325252u;

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return (uint32_t)(x >> 32) % n;
}

/* The segments of two ends that send, close and repeat themselves; what is sent may be lost before it arrives. */
static struct tcpfsm_segment conversation(uint32_t next[2], uint32_t got[2], bool closed[2])
{
    unsigned from = random_below(2), to = from ^ 1;
    struct tcpfsm_segment s = { .from = (uint8_t)from, .flags = TCPFSM_ACK, .seq = next[from], .ack = got[from], .window = 1000, .has = TCPFSM_HAS_LENGTH };

    if (closed[from] && random_below(2)) {
        s.seq = next[from] - 1; /* its FIN again */
        s.flags |= TCPFSM_FIN;
    } else if (!closed[from] && !random_below(4)) {
        s.flags |= TCPFSM_FIN;
        closed[from] = true;
        next[from]++;
    } else if (!closed[from]) {
        s.len = random_below(2);
        next[from] += s.len;
    }
    if (random_below(3) && s.seq <= got[to])
        got[to] = next[from];
    return s;
}

/* Whoever ticks sees the same states and sets at the next segment as whoever does not. */
static void test_ticks_change_nothing_later(void)
{
    struct tcpfsm_connection *still = malloc(tcpfsm_connection_size());

    for (unsigned round = 0; still && round < 20000 && !wrong; round++) {
        uint32_t next[2] = { 101, 301 }, got[2] = { 301, 101 };
        bool closed[2] = { false, false };

        handshake();
        memcpy(still, connection, tcpfsm_connection_size()); /* a connection holds no pointers */
        for (unsigned i = 0; i < 16 && !wrong; i++) {
            struct tcpfsm_segment s = conversation(next, got, closed);
            int64_t gap = (int64_t)random_below(4) * random_below(90) * SECOND;
            struct tcpfsm_result other;

            for (unsigned ticks = random_below(4); ticks; ticks--)
                tick(gap / (ticks + 1));
            s.time = now += gap + SECOND / 50;
            s.frame = ++frame;
            tcpfsm_segment(connection, &s, &config, NULL, false, &r);
            tcpfsm_segment(still, &s, &config, NULL, false, &other);
            CHECK(r.state[0] == other.state[0] && r.state[1] == other.state[1]);
            CHECK(r.possible[0] == other.possible[0] && r.possible[1] == other.possible[1]);
        }
    }
    CHECK(still);
    free(still);
}

int main(void)
{
    size_t alignment = tcpfsm_connection_alignment();

    config = tcpfsm_config_default();
    CHECK(tcpfsm_connection_size() <= 512 && alignment && !(alignment & (alignment - 1)) && tcpfsm_connection_size() % alignment == 0);
    connection = malloc(tcpfsm_connection_size());
    if (!connection)
        return 1;
    memset(connection, 0xa5, tcpfsm_connection_size()); /* tcpfsm_open asks for no particular memory */
    test_before_a_segment();
    test_open();
    test_time_wait();
    test_2msl_is_the_callers();
    test_fin_wait_2();
    test_syn_unanswered();
    test_ticks_change_nothing_later();
    free(connection);
    if (!wrong)
        puts("tick: as promised");
    return wrong;
}
