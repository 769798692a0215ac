/* test_sockets.c: counting from what connections announce: limits, restarts, groups.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"
#include "sockets.h"

enum { MINUTE = 60, LIMIT = 3 };

static int begin(void **state)
{
    static const uint32_t limit[TCPFSM_STATES] = {[TCPFSM_TIME_WAIT] = LIMIT, [TCPFSM_CLOSE_WAIT] = LIMIT};
    (void)state;
    sockets_open(MINUTE * (int64_t)SECOND, limit);
    return 0;
}

static int end(void **state)
{
    (void)state;
    sockets_close();
    sockets_close();
    return 0;
}

/* event: connection n of client host 1 to server host 2, port 80, whose ends are in these states now and were before. */
static struct connections_event event(uint32_t n, unsigned a, unsigned b, unsigned was, uint32_t frame, int64_t seconds)
{
    return (struct connections_event){.connection = n, .ends = {{1, 2}, {(uint16_t)(1000 + n), 80}}, .state = {(uint8_t)a, (uint8_t)b},
                                      .was = {(uint8_t)was, (uint8_t)was}, .frame = frame, .time = seconds * SECOND};
}

static bool both(const struct connections_event *e, struct tcpfsm_finding *f)
{
    bool first = sockets_moved(e, 0, f);
    return sockets_moved(e, 1, f) || first;
}

static void too_many_are_a_finding(void **state)
{
    (void)state;
    struct tcpfsm_finding f = {0};
    for (uint32_t i = 0; i < LIMIT - 1; i++) {
        struct connections_event e = event(i, TCPFSM_TIME_WAIT, TCPFSM_CLOSED, TCPFSM_FIN_WAIT_2, i + 1, 0);
        assert_false(both(&e, &f));
    }
    struct connections_event e = event(LIMIT, TCPFSM_TIME_WAIT, TCPFSM_CLOSED, TCPFSM_FIN_WAIT_2, 9, 0);
    assert_true(both(&e, &f));
    assert_int_equal(f.id, TCPFSM_FINDING_TIME_WAIT_PRESSURE);
    assert_int_equal(f.count, LIMIT);
    assert_int_equal(f.end, 0);
    for (uint32_t i = 10; i < 10 + LIMIT; i++) {
        e = event(i, TCPFSM_FIN_WAIT_2, TCPFSM_CLOSE_WAIT, TCPFSM_ESTABLISHED, i + 1, 0);
        assert_int_equal(both(&e, &f), i == 10 + LIMIT - 1);
    }
    assert_int_equal(f.id, TCPFSM_FINDING_CLOSE_WAIT_PRESSURE);
    assert_int_equal(f.end, 1);
}

/* On the side that listens TIME_WAIT costs no ports, and a client's CLOSE_WAIT fills no service: neither is pressure. */
static void the_other_side_is_no_pressure(void **state)
{
    (void)state;
    struct tcpfsm_finding f;
    for (uint32_t i = 0; i < 10; i++) {
        struct connections_event e = event(i, TCPFSM_CLOSE_WAIT, TCPFSM_TIME_WAIT, TCPFSM_ESTABLISHED, i + 1, 0);
        assert_false(both(&e, &f));
    }
    const struct connections_ends ends = {{1, 2}, {1000, 80}};
    assert_int_equal(sockets_count(&ends, 1, TCPFSM_TIME_WAIT, COUNTS_ALL, 10), 10);
    assert_int_equal(sockets_count(&ends, 0, TCPFSM_CLOSE_WAIT, COUNTS_ALL, 5), 5);
    assert_int_equal(sockets_count(&ends, 0, TCPFSM_TIME_WAIT, COUNTS_TOWARD, 10), 0);
    assert_int_equal(sockets_count(&ends, 1, TCPFSM_CLOSE_WAIT, COUNTS_AT, 10), 0);
}

/* A FIN that comes again in TIME_WAIT restarts it; the one that brought it there does not. */
static void restarts_are_kept(void **state)
{
    (void)state;
    uint32_t n;
    struct tcpfsm_finding f;
    struct connections_event e = event(0, TCPFSM_TIME_WAIT, TCPFSM_LAST_ACK, TCPFSM_FIN_WAIT_2, 1, 0);
    e.fin[0] = true;
    both(&e, &f);
    sockets_restarts(&n);
    assert_int_equal(n, 0);
    assert_true(sockets_time_wait_until(0, 0, 0) == 60 * (int64_t)SECOND);
    e = event(0, TCPFSM_TIME_WAIT, TCPFSM_LAST_ACK, TCPFSM_TIME_WAIT, 2, 30);
    both(&e, &f);
    sockets_restarts(&n);
    assert_int_equal(n, 0);
    e.fin[0] = true;
    both(&e, &f);
    assert_int_equal(sockets_restarts(&n)->frame, 2);
    assert_int_equal(n, 1);
    assert_true(sockets_time_wait_until(0, 0, 0) == 90 * (int64_t)SECOND);
    assert_true(sockets_time_wait_until(0, 1, 0) == 60 * (int64_t)SECOND);
    assert_true(sockets_time_wait_until(0, 0, 40 * (int64_t)SECOND) == 100 * (int64_t)SECOND);
    sockets_clock(89 * (int64_t)SECOND, 3);
    assert_int_equal(sockets_count(&e.ends, 0, TCPFSM_TIME_WAIT, COUNTS_TOWARD, 3), 1);
    sockets_clock(90 * (int64_t)SECOND, 4);
    assert_int_equal(sockets_count(&e.ends, 0, TCPFSM_TIME_WAIT, COUNTS_TOWARD, 4), 0);
}

static void a_replaced_connection_has_no_sockets(void **state)
{
    (void)state;
    struct tcpfsm_finding f;
    struct connections_event e = event(0, TCPFSM_TIME_WAIT, TCPFSM_CLOSE_WAIT, TCPFSM_ESTABLISHED, 1, 0);
    both(&e, &f);
    e.gone = true;
    e.frame = 2;
    assert_false(both(&e, &f));
    assert_int_equal(sockets_count(&e.ends, 0, TCPFSM_TIME_WAIT, COUNTS_ALL, 1), 1);
    assert_int_equal(sockets_count(&e.ends, 0, TCPFSM_TIME_WAIT, COUNTS_ALL, 2), 0);
    assert_int_equal(sockets_count(&e.ends, 1, TCPFSM_CLOSE_WAIT, COUNTS_ALL, 2), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(too_many_are_a_finding, begin, end),
                                       cmocka_unit_test_setup_teardown(the_other_side_is_no_pressure, begin, end),
                                       cmocka_unit_test_setup_teardown(restarts_are_kept, begin, end),
                                       cmocka_unit_test_setup_teardown(a_replaced_connection_has_no_sockets, begin, end)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
