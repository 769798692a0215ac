/* test_connections.c: looking up connections, one after another on a 4-tuple, and who hears of them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"
#include "addresses.h"
#include "marks.h"
#include "moment.h"
#include "view.h"

enum { FIN = TCPFSM_FIN, SYN = TCPFSM_SYN, RST = TCPFSM_RST, ACK = TCPFSM_ACK };

static uint8_t bytes[3][20] = {{10, 0, 0, 1}, {10, 0, 0, 2}, {10, 0, 0, 3}};
static struct tcpfsm_config config;
static unsigned clocks, moves, gone, found, taken, begun, add;
static bool keep = true;

static void clock_heard(int64_t time, uint32_t frame)
{
    (void)time, (void)frame;
    clocks++;
}

/* segment_heard: counts, and finds something in so many segments. */
static void segment_heard(const struct connections_taken *t, struct diagnosis_result *said)
{
    taken++;
    begun += t->begin;
    assert_int_equal(t->port[t->segment->from], t->host[t->segment->from] == t->host[0] ? t->port[0] : t->port[1]);
    if (add && add--)
        said->finding[said->findings++] = (struct tcpfsm_finding){.id = TCPFSM_FINDING_SCAN, .frame = t->segment->frame};
}

static bool finding_heard(const struct connections_event *e, struct tcpfsm_finding *f)
{
    (void)e, (void)f;
    found++;
    return keep;
}

static bool move_heard(const struct connections_event *e, unsigned end, struct tcpfsm_finding *f)
{
    moves++;
    gone += e->gone;
    *f = (struct tcpfsm_finding){.id = TCPFSM_FINDING_TIME_WAIT_PRESSURE, .end = (uint8_t)end};
    return !e->gone && end == 0 && e->state[0] == TCPFSM_TIME_WAIT;
}

static const struct connections_listener listeners[] = {
    {NULL}, {.clock = clock_heard, .moved = move_heard}, {.taken = segment_heard, .finding = finding_heard}};

static int begin(void **state)
{
    (void)state;
    clocks = moves = gone = found = taken = begun = add = 0;
    keep = true;
    config = tcpfsm_config_default();
    addresses_close();
    addresses_open();
    connections_open(&config, listeners, array_length(listeners));
    return 0;
}

static address of(unsigned host, int length)
{
    address a;
    set_address(&a, length == 4 ? AT_IPv4 : AT_IPv6, length, bytes[host]);
    return a;
}

/* send: a segment of host a, port pa, to host b, port pb. */
static bool send(uint32_t frame, unsigned a, uint16_t pa, unsigned b, uint16_t pb, uint16_t flags, uint32_t seq, uint32_t ack)
{
    address from = of(a, 4), to = of(b, 4);
    struct tcpfsm_segment s = {.time = frame * (int64_t)SECOND, .frame = frame, .seq = seq, .ack = ack, .flags = flags, .window = 1000,
                               .has = TCPFSM_HAS_LENGTH, .digest = frame};
    return connections_segment(&(struct connections_header){&from, &to, pa, pb, 0, 1}, &s);
}

static uint32_t find(uint32_t frame, unsigned a, uint16_t pa, unsigned b, uint16_t pb, unsigned *from)
{
    address src = of(a, 4), dst = of(b, 4);
    struct connections_place place;
    if (!view_find(&src, &dst, pa, pb, frame, 0, &place))
        return UINT32_MAX;
    *from = place.from;
    return place.connection;
}

/* A handshake, and a close by the client in four segments, from frame `at` on. */
static void life(uint32_t at, uint16_t port, uint32_t iss)
{
    send(at, 0, port, 1, 80, SYN, iss, 0);
    send(at + 1, 1, 80, 0, port, SYN | ACK, 500, iss + 1);
    send(at + 2, 0, port, 1, 80, ACK, iss + 1, 501);
    send(at + 3, 0, port, 1, 80, FIN | ACK, iss + 1, 501);
    send(at + 4, 1, 80, 0, port, FIN | ACK, 501, iss + 2);
    send(at + 5, 0, port, 1, 80, ACK, iss + 2, 502);
}

static void both_directions_are_one_connection(void **state)
{
    (void)state;
    unsigned from;
    life(1, 1000, 100);
    life(11, 1001, 100);
    assert_int_equal(view_count(), 2);
    assert_int_equal(find(3, 0, 1000, 1, 80, &from), 0);
    assert_int_equal(from, 0);
    assert_int_equal(find(3, 1, 80, 0, 1000, &from), 0);
    assert_int_equal(from, 1);
    assert_int_equal(find(12, 1, 80, 0, 1001, &from), 1);
    assert_int_equal(find(3, 0, 80, 1, 1000, &from), UINT32_MAX);
    assert_int_equal(find(3, 2, 1000, 1, 80, &from), UINT32_MAX);
    assert_int_equal(find(10, 0, 1001, 1, 80, &from), UINT32_MAX);     /* before its first frame */
    assert_int_equal(find(11, 0, 1001, 1, 80, &from), 1);
    assert_int_equal(clocks, 12);
}

static void many_connections_on_one_tuple(void **state)
{
    (void)state;
    unsigned from;
    for (uint32_t i = 0; i < 9; i++)
        life(1000 * i + 1, 1000, 100 + 100000 * i);
    assert_int_equal(view_count(), 9);
    for (uint32_t i = 0; i < 9; i++) {
        assert_int_equal(view_incarnation(i), i + 1);
        assert_int_equal(view_after(i), i < 8 ? i + 1 : UINT32_MAX);
        assert_int_equal(find(1000 * i + 1, 0, 1000, 1, 80, &from), i);
        assert_int_equal(find(1000 * i + 1000, 1, 80, 0, 1000, &from), i);
        assert_int_equal(view_outcome(i), TCPFSM_OUTCOME_NORMAL);
    }
    assert_int_equal(gone, 16);         /* both ends of those that were replaced */
}

static void a_view_is_as_of_its_frame(void **state)
{
    (void)state;
    struct view v;
    life(1, 1000, 100);
    view_at(&v, 0, 0, 3, 0, 3 * (int64_t)SECOND);
    assert_int_equal(v.end[0].state, TCPFSM_ESTABLISHED);
    assert_false(v.end[0].changed);
    assert_int_equal(v.end[0].since, 2);
    assert_int_equal(v.end[0].spent, SECOND);
    view_at(&v, 0, 0, 4, 0, 4 * (int64_t)SECOND);
    assert_int_equal(v.end[0].state, TCPFSM_FIN_WAIT_1);
    assert_true(v.end[0].changed);
    assert_int_equal(v.end[0].previous, TCPFSM_ESTABLISHED);
    assert_int_equal(v.end[0].spent, 2 * (int64_t)SECOND);
    assert_int_equal(v.next_change, 5);
    view_last(&v, 0);
    assert_int_equal(v.end[0].state, TCPFSM_TIME_WAIT);
    assert_int_equal(v.ends.port[1], 80);
    assert_int_equal(v.first_frame, 1);
    assert_int_equal(v.opened_in, 1);
}

/* finding: the finding of this number of a connection; NULL if it has none. */
static const struct history_finding *finding(uint32_t number, unsigned id)
{
    unsigned n;
    const struct history_finding *f = view_findings(number, &n);
    for (unsigned i = 0; i < n; i++)
        if (f[i].finding.id == id)
            return &f[i];
    return NULL;
}

static void a_listener_adds_and_refuses_findings(void **state)
{
    (void)state;
    unsigned n;
    life(1, 1000, 100);
    assert_non_null(finding(0, TCPFSM_FINDING_TIME_WAIT_PRESSURE));
    send(20, 0, 2000, 1, 81, SYN, 1, 0);
    keep = false;
    assert_false(send(21, 1, 81, 0, 2000, RST | ACK, 0, 2));
    view_findings(1, &n);
    assert_true(found >= 1 && n == 0);
    keep = true;
    send(30, 0, 2001, 1, 81, SYN, 1, 0);
    assert_true(send(31, 1, 81, 0, 2001, RST | ACK, 0, 2));
    view_findings(2, &n);
    assert_int_equal(n, 1);
}

/* Each segment is announced, also one that changes nothing; what a listener adds is kept there. */
static void a_listener_hears_every_segment(void **state)
{
    (void)state;
    life(1, 1000, 100);
    assert_int_equal(taken, 6);
    assert_int_equal(begun, 1);
    life(1001, 1000, 100000);
    assert_int_equal(begun, 2);
    send(2000, 0, 2000, 1, 80, ACK, 5, 9);
    send(2001, 0, 2000, 1, 80, ACK, 5, 9);
    add = 1;
    assert_true(send(2002, 0, 2000, 1, 80, ACK, 5, 9));
    const struct history_finding *f = finding(2, TCPFSM_FINDING_SCAN);
    assert_non_null(f);
    assert_int_equal(f->frame, 2002);
    assert_int_equal(taken, 15);
}

/* An address of 16 bytes is followed, one of 17 is not. */
static void long_addresses_are_not_followed(void **state)
{
    (void)state;
    for (int length = 16; length <= 17; length++) {
        address a = of(0, length), b = of(1, length);
        struct tcpfsm_segment s = {.frame = 1, .flags = SYN, .has = TCPFSM_HAS_LENGTH};
        struct connections_place place;
        connections_segment(&(struct connections_header){&a, &b, 1, 2, 0, 1}, &s);
        assert_int_equal(view_find(&a, &b, 1, 2, 1, 0, &place), length == 16);
        assert_int_equal(view_count(), 1);
    }
}

static void an_icmp_error_changes_a_known_connection_only(void **state)
{
    (void)state;
    address a = of(0, 4), b = of(1, 4);
    connections_unreachable(&a, &b, 1000, 80, 100, true, 1, 0);
    assert_int_equal(view_count(), 0);
    send(2, 0, 1000, 1, 80, SYN, 100, 0);
    connections_unreachable(&a, &b, 1000, 80, 100, true, 3, 3 * (int64_t)SECOND);
    struct view v;
    view_last(&v, 0);
    assert_true(v.end[0].possible & TCPFSM_BIT(TCPFSM_CLOSED));
}

static void a_copy_is_named(void **state)
{
    (void)state;
    address a = of(0, 4), b = of(1, 4);
    for (uint32_t frame = 1; frame <= 3; frame++) {
        struct tcpfsm_segment s = {.time = frame * 1000, .frame = frame, .seq = 100, .flags = SYN, .window = 1000, .has = TCPFSM_HAS_LENGTH | TCPFSM_HAS_IP_ID,
                                   .ip_id = 7, .digest = 42};
        connections_segment(&(struct connections_header){&a, &b, 1000, 80, 0, 1}, &s);
    }
    assert_int_equal(view_copy_of(1, 0), 0);
    assert_int_equal(view_copy_of(2, 0), 1);
    assert_true(view_copy_of(3, 0) != 0);
    assert_int_equal(view_copy_of(2, 1), 0);
    assert_int_equal(view_copy_of(4, 0), 0);
}

/* silence: segments of one connection, each so many nanoseconds after the one before, in frames from `first` to `last`. */
static void silence(const int64_t *gap, uint32_t first, uint32_t last, int64_t now)
{
    address a = of(0, 4), b = of(1, 4);
    for (uint32_t frame = first; frame <= last; frame++) {
        struct tcpfsm_segment s = {.time = now += gap[frame - first], .frame = frame, .seq = 99 + frame, .ack = 500, .flags = ACK, .len = 1, .window = 1000, .has = TCPFSM_HAS_LENGTH};
        connections_segment(&(struct connections_header){&a, &b, 1000, 80, 0, 1}, &s);
    }
}

static void a_silence_is_kept_where_it_exceeds_a_second(void **state)
{
    (void)state;
    const int64_t second = MARKS_SILENCE, gap[] = {5 * second, second, second + 1, 0, 7 * second + 123456789, -3 * second};
    silence(gap, 1, 6, 1000);
    const int64_t want[] = {0, 0, second + 1, 0, gap[4], 0};
    for (uint32_t frame = 1; frame <= 6; frame++)
        assert_true(view_idle(frame, 0) == want[frame - 1]);
    assert_true(view_idle(3, 1) == 0 && view_idle(7, 0) == 0);
    assert_int_equal(view_copy_of(3, 0), 0);
}

/* With -2 -R numbers of frames are used again: what an earlier frame of that number ended is forgotten. */
static void a_silence_goes_with_the_frame_of_its_number(void **state)
{
    (void)state;
    const int64_t second = MARKS_SILENCE, gap[] = {0, 2 * second, 3 * second}, again[] = {4 * second, 10};
    silence(gap, 1, 3, 0);
    silence(again, 2, 2, 5 * second);
    assert_true(view_idle(2, 0) == 4 * second && view_idle(3, 0) == 0);
    silence(again + 1, 2, 2, 9 * second);
    assert_true(view_idle(2, 0) == 0);
}

static void generations_differ(void **state)
{
    (void)state;
    uint32_t before = view_generation();
    life(1, 1000, 100);
    connections_open(&config, listeners, array_length(listeners));
    assert_int_not_equal(view_generation(), before);
    assert_int_not_equal(view_generation(), 0);
    assert_int_equal(view_count(), 0);
    connections_close();
    connections_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(both_directions_are_one_connection, begin), cmocka_unit_test_setup(many_connections_on_one_tuple, begin),
        cmocka_unit_test_setup(a_view_is_as_of_its_frame, begin), cmocka_unit_test_setup(a_listener_hears_every_segment, begin), cmocka_unit_test_setup(a_listener_adds_and_refuses_findings, begin),
        cmocka_unit_test_setup(long_addresses_are_not_followed, begin), cmocka_unit_test_setup(an_icmp_error_changes_a_known_connection_only, begin),
        cmocka_unit_test_setup(a_copy_is_named, begin), cmocka_unit_test_setup(a_silence_is_kept_where_it_exceeds_a_second, begin),
        cmocka_unit_test_setup(a_silence_goes_with_the_frame_of_its_number, begin), cmocka_unit_test_setup(generations_differ, begin)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
