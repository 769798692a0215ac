/* test_points.c: one 4-tuple captured at two points (cases 130 to 136, 139): one connection, both ends, what was lost.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"
#include "addresses.h"
#include "marks.h"
#include "view.h"

enum { FIN = TCPFSM_FIN, SYN = TCPFSM_SYN, RST = TCPFSM_RST, ACK = TCPFSM_ACK, TENTH = 100000, WAY = 50 };

static uint8_t bytes[2][4] = {{10, 0, 0, 1}, {10, 0, 0, 2}};
static struct tcpfsm_config config;

/* A segment at a point: 0: beside the client, 1: beside the server. When: tenths of a millisecond on the client's clock. */
struct at { unsigned point, from; int64_t when; uint16_t flags; uint32_t seq, ack, len, digest; uint16_t id; };
static struct at at[64];
static unsigned count;
static int64_t ahead;           /* the server's clock, in the same unit */

static int begin(void **state)
{
    (void)state;
    config = tcpfsm_config_default();
    addresses_close();
    addresses_open();
    connections_open(&config, NULL, 0);
    count = 0;
    return 0;
}

/* captured: at one point; says which of the segments it is. */
static unsigned captured(unsigned point, unsigned from, int64_t when, uint16_t flags, uint32_t seq, uint32_t ack)
{
    at[count] = (struct at){point, from, when + (point ? ahead : 0), flags, seq, ack, 0, seq * 31 + ack * 7 + flags, (uint16_t)(when + 1)};
    return count++;
}

/* sent: a segment that goes the whole way. */
static void sent(unsigned from, int64_t when, uint16_t flags, uint32_t seq, uint32_t ack)
{
    captured(from, from, when, flags, seq, ack);
    captured(!from, from, when + WAY, flags, seq, ack);
    at[count - 1].id = at[count - 2].id;
}

static int by_time(const void *a, const void *b)
{
    const struct at *x = (const struct at *)a, *y = (const struct at *)b;
    return (x->when > y->when) - (x->when < y->when);
}

/* play: the merged file, with or without the names of interfaces. */
static void play(bool interfaces)
{
    qsort(at, count, sizeof at[0], by_time);
    for (unsigned i = 0; i < count; i++) {
        address src, dst;
        const struct at *a = &at[i];
        struct tcpfsm_segment s = {.time = a->when * TENTH, .frame = i + 1, .seq = a->seq, .ack = a->ack, .flags = a->flags, .len = a->len,
                                   .window = 1000, .has = TCPFSM_HAS_LENGTH | TCPFSM_HAS_IP_ID, .ip_id = a->id, .digest = a->digest};
        set_address(&src, AT_IPv4, 4, bytes[a->from]);
        set_address(&dst, AT_IPv4, 4, bytes[!a->from]);
        const struct connections_header h = {&src, &dst, a->from ? 80 : 1000, a->from ? 1000 : 80, 0, interfaces ? a->point + 2 : 1};
        connections_segment(&h, &s);
    }
}

/* frame: the number of the frame of a segment at a point. */
static uint32_t frame(unsigned point, uint16_t flags, uint32_t seq)
{
    for (unsigned i = 0; i < count; i++)
        if (at[i].point == point && at[i].flags == flags && at[i].seq == seq)
            return i + 1;
    fail();
    return 0;
}

/* handshake: and ten octets of the server, which show that its socket is open. */
static void handshake(void)
{
    sent(0, 0, SYN, 100, 0);
    sent(1, WAY + 1, SYN | ACK, 500, 101);
    sent(0, 2 * WAY + 2, ACK, 101, 501);
    sent(1, 4 * WAY, ACK, 501, 101);
    at[count - 1].len = at[count - 2].len = 10;
    sent(0, 5 * WAY + 1, ACK, 101, 511);
}

static unsigned finding(unsigned id, uint32_t *of)
{
    unsigned n, found = 0;
    const struct history_finding *f = view_findings(0, &n);
    for (unsigned i = 0; i < n; i++)
        if (f[i].finding.id == id) {
            found++;
            *of = f[i].finding.frame;
        }
    return found;
}

/* Cases 130 and 131: whatever the clocks say, one connection, both states proven. */
static void both_ends_are_proven(void **state)
{
    for (ahead = -20000; ahead <= 20000; ahead += 5000) {
        struct view v;
        begin(state);
        handshake();
        sent(0, 1000, FIN | ACK, 101, 511);
        sent(1, 1000 + WAY + 1, FIN | ACK, 511, 102);
        sent(0, 1000 + 2 * WAY + 2, ACK, 102, 512);
        play(true);
        assert_int_equal(view_count(), 1);
        view_last(&v, 0);
        assert_int_equal(v.end[0].state, TCPFSM_TIME_WAIT);
        assert_int_equal(v.end[1].state, TCPFSM_CLOSED);
        assert_true(view_certain(v.end[0].possible) && view_certain(v.end[1].possible));
        uint32_t f;
        assert_int_equal(finding(TCPFSM_FINDING_PATH_LOST, &f), 0);
        assert_int_equal(finding(TCPFSM_FINDING_PATH_RECEIVER_ONLY, &f), 0);
    }
    ahead = 0;
}

/* Case 132: a FIN that is captured beside its sender only was lost; its receiver stays, for sure. */
static void what_was_lost_never_arrived(void **state)
{
    for (ahead = -500; ahead <= 500; ahead += 500) {
        struct view v;
        struct between_way way;
        uint32_t f, lost;
        begin(state);
        handshake();
        captured(0, 0, 1000, FIN | ACK, 101, 511);
        sent(0, 4000, FIN | ACK, 101, 511);
        at[count - 1].id = at[count - 2].id = 9;
        play(true);
        lost = frame(0, FIN | ACK, 101);
        assert_true(view_way(0, lost, 0, &way) && way.lost && way.side == 0);
        assert_int_equal(finding(TCPFSM_FINDING_PATH_LOST, &f), 1);
        assert_int_equal(f, lost);
        view_at(&v, 0, 0, lost, 0, 0);
        assert_int_equal(v.end[1].state, TCPFSM_ESTABLISHED);
        view_last(&v, 0);
        assert_int_equal(v.end[1].state, TCPFSM_CLOSE_WAIT);
        assert_true(view_certain(v.end[1].possible));
    }
    ahead = 0;
}

/* Case 133: a RST beside the server, in the client's name, that never left the client. Near miss, case 134: one that
 * did. */
static void a_rst_that_never_left_was_made_between(void **state)
{
    for (unsigned made = 0; made < 2; made++) {
        struct view v;
        uint32_t f;
        begin(state);
        handshake();
        if (made)
            captured(1, 0, 1000, RST, 101, 0);
        else
            sent(0, 950, RST, 101, 0);
        sent(1, 2000, made ? ACK : RST, 511, 101);
        captured(0, 0, 3000, ACK, 101, 511);
        play(true);
        assert_int_equal(finding(TCPFSM_FINDING_PATH_RST_MADE_BETWEEN, &f), made);
        if (made)
            assert_int_equal(f, frame(1, RST, 101));
        view_at(&v, 0, 1, frame(1, RST, 101), 0, 0);
        assert_int_equal(v.end[0].state, made ? TCPFSM_ESTABLISHED : TCPFSM_CLOSED);
        assert_int_equal(v.end[1].state, TCPFSM_CLOSED);
    }
}

/* A file that names no interfaces: the copies themselves show the points, where the clocks or the way are far apart. */
static void copies_alone_show_the_points(void **state)
{
    struct view v;
    for (ahead = 0; ahead <= 1000; ahead += 500) {
        begin(state);
        handshake();
        sent(0, 2000, FIN | ACK, 101, 511);
        sent(1, 2000 + WAY + 1, FIN | ACK, 511, 102);
        sent(0, 2000 + 2 * WAY + 2, ACK, 102, 512);
        play(false);
        assert_int_equal(view_count(), 1);
        view_last(&v, 0);
        assert_int_equal(v.end[0].state, TCPFSM_TIME_WAIT);
        assert_int_equal(v.end[1].state, TCPFSM_CLOSED);
    }
    ahead = 0;
}

/* Near miss: each segment twice on two interfaces of one host, within microseconds: copies, which change nothing. */
static void two_interfaces_of_one_host_are_one_point(void **state)
{
    struct between b;
    uint32_t f;
    begin(state);
    handshake();
    for (unsigned i = 0; i < count; i++)
        at[i].when = at[i & ~1u].when;
    play(true);
    assert_false(view_between(0, &b));
    assert_int_equal(marks_copy_of(2, 0), 1);
    assert_int_equal(finding(TCPFSM_FINDING_PATH_RECEIVER_ONLY, &f), 0);
}

/* Two incarnations of a 4-tuple, the server's clock ahead or behind by more than both last: two connections. */
static void incarnations_of_both_points_are_the_same(void **state)
{
    for (ahead = -20000; ahead <= 20000; ahead += 10000) {
        begin(state);
        for (unsigned i = 0; i < 2; i++) {
            const uint32_t n = i * 1000;
            const int64_t t = i * 3000;
            sent(0, t, SYN, n + 100, 0);
            sent(1, t + WAY + 1, SYN | ACK, n + 500, n + 101);
            sent(0, t + 2 * WAY + 2, ACK, n + 101, n + 501);
            sent(0, t + 1000, RST | ACK, n + 101, n + 501);
        }
        play(true);
        assert_int_equal(view_count(), 2);
        for (uint32_t i = 0; i < 2; i++) {
            struct view v;
            view_last(&v, i);
            assert_int_equal(v.end[0].state, TCPFSM_CLOSED);
            assert_int_equal(v.end[1].state, TCPFSM_CLOSED);
        }
    }
    ahead = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(both_ends_are_proven, begin), cmocka_unit_test_setup(what_was_lost_never_arrived, begin),
        cmocka_unit_test_setup(a_rst_that_never_left_was_made_between, begin),
        cmocka_unit_test_setup(copies_alone_show_the_points, begin),
        cmocka_unit_test_setup(two_interfaces_of_one_host_are_one_point, begin),
        cmocka_unit_test_setup(incarnations_of_both_points_are_the_same, begin)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    connections_close();
    addresses_close();
    return failed;
}
