/* test_counts.c: counting sockets by host, state and time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"
#include "heap.h"
#include "counts.h"

enum { CLIENT = 1, SERVER = 2 };

/* moved: connection `number` from client port 1000 + number to server port 80: the client is in state a, the server in b. */
static uint32_t moved(struct counts *s, uint32_t number, unsigned a, unsigned b, uint32_t frame, int64_t seconds)
{
    struct counts_move m = {.connection = number, .host = {CLIENT, SERVER}, .port = {(uint16_t)(1000 + number), 80}, .state = {(uint8_t)a, (uint8_t)b},
                             .frame = frame, .time = seconds * SECOND};
    uint32_t first = counts_moved(s, &m, 0), second = counts_moved(s, &m, 1);
    return MAX(first, second);
}

static uint32_t count(const struct counts *s, uint32_t host, unsigned state, uint32_t frame)
{
    struct counts_key key = {.host = host, .state = (uint8_t)state, .group = COUNTS_ALL};
    return counts_then(s, &key, frame);
}

static uint32_t toward(const struct counts *s, uint32_t frame)
{
    struct counts_key key = {.host = CLIENT, .peer = SERVER, .port = 80, .state = TCPFSM_TIME_WAIT, .group = COUNTS_TOWARD};
    return counts_then(s, &key, frame);
}

static void a_count_has_a_history(void **state)
{
    (void)state;
    struct counts *s = counts_new(60 * (int64_t)SECOND, NULL, NULL, NULL);
    moved(s, 0, TCPFSM_ESTABLISHED, TCPFSM_CLOSE_WAIT, 5, 0);
    moved(s, 1, TCPFSM_ESTABLISHED, TCPFSM_CLOSE_WAIT, 7, 0);
    moved(s, 0, TCPFSM_TIME_WAIT, TCPFSM_CLOSED, 9, 1);
    moved(s, 0, TCPFSM_TIME_WAIT, TCPFSM_CLOSED, 9, 1);
    assert_int_equal(count(s, SERVER, TCPFSM_CLOSE_WAIT, 4), 0);
    assert_int_equal(count(s, SERVER, TCPFSM_CLOSE_WAIT, 5), 1);
    assert_int_equal(count(s, SERVER, TCPFSM_CLOSE_WAIT, 6), 1);
    assert_int_equal(count(s, SERVER, TCPFSM_CLOSE_WAIT, 7), 2);
    assert_int_equal(count(s, SERVER, TCPFSM_CLOSE_WAIT, 9), 1);
    assert_int_equal(count(s, CLIENT, TCPFSM_TIME_WAIT, 8), 0);
    assert_int_equal(count(s, CLIENT, TCPFSM_TIME_WAIT, UINT32_MAX), 1);
    assert_int_equal(toward(s, 9), 1);
    assert_int_equal(count(s, 3, TCPFSM_TIME_WAIT, 9), 0);
    counts_free(s);
}

static void time_wait_ends_after_2msl(void **state)
{
    (void)state;
    struct counts *s = counts_new(60 * (int64_t)SECOND, NULL, NULL, NULL);
    moved(s, 0, TCPFSM_TIME_WAIT, TCPFSM_CLOSED, 1, 0);
    counts_tick(s, 60 * (int64_t)SECOND - 1, 2);
    assert_int_equal(count(s, CLIENT, TCPFSM_TIME_WAIT, 2), 1);
    counts_tick(s, 60 * (int64_t)SECOND, 3);
    assert_int_equal(count(s, CLIENT, TCPFSM_TIME_WAIT, 3), 0);
    assert_int_equal(toward(s, 3), 0);
    counts_free(s);
}

static void a_fin_again_restarts_it(void **state)
{
    (void)state;
    struct counts *s = counts_new(60 * (int64_t)SECOND, NULL, NULL, NULL);
    struct counts_move m = {.host = {CLIENT, SERVER}, .port = {1000, 80}, .state = {TCPFSM_TIME_WAIT}, .restart = {true}, .frame = 2, .time = 30 * (int64_t)SECOND};
    moved(s, 0, TCPFSM_TIME_WAIT, TCPFSM_CLOSED, 1, 0);
    counts_moved(s, &m, 0);
    counts_tick(s, 89 * (int64_t)SECOND, 3);
    assert_int_equal(count(s, CLIENT, TCPFSM_TIME_WAIT, 3), 1);
    counts_tick(s, 90 * (int64_t)SECOND, 4);
    assert_int_equal(count(s, CLIENT, TCPFSM_TIME_WAIT, 4), 0);
    counts_free(s);
}

/* The connection that entered first leaves last: its clock was an hour ahead. */
static void the_order_of_leaving_is_that_of_time(void **state)
{
    (void)state;
    struct counts *s = counts_new(60 * (int64_t)SECOND, NULL, NULL, NULL);
    moved(s, 0, TCPFSM_TIME_WAIT, TCPFSM_CLOSED, 1, 3600);
    for (uint32_t i = 1; i <= 10; i++) {
        counts_tick(s, i * (int64_t)SECOND, i + 1);
        moved(s, i, TCPFSM_TIME_WAIT, TCPFSM_CLOSED, i + 1, i);
    }
    assert_int_equal(count(s, CLIENT, TCPFSM_TIME_WAIT, 11), 11);
    counts_tick(s, 65 * (int64_t)SECOND, 12);
    assert_int_equal(count(s, CLIENT, TCPFSM_TIME_WAIT, 12), 6);
    counts_tick(s, 1000 * (int64_t)SECOND, 13);
    assert_int_equal(count(s, CLIENT, TCPFSM_TIME_WAIT, 13), 1);
    counts_tick(s, 3660 * (int64_t)SECOND, 14);
    assert_int_equal(count(s, CLIENT, TCPFSM_TIME_WAIT, 14), 0);
    counts_free(s);
}

static void leaving_early_is_not_counted_twice(void **state)
{
    (void)state;
    struct counts *s = counts_new(60 * (int64_t)SECOND, NULL, NULL, NULL);
    moved(s, 0, TCPFSM_TIME_WAIT, TCPFSM_CLOSED, 1, 0);
    moved(s, 1, TCPFSM_TIME_WAIT, TCPFSM_CLOSED, 2, 0);
    moved(s, 0, COUNTS_NONE, COUNTS_NONE, 3, 1);
    moved(s, 0, TCPFSM_TIME_WAIT, TCPFSM_CLOSED, 4, 30);
    counts_tick(s, 60 * (int64_t)SECOND, 5);
    assert_int_equal(count(s, CLIENT, TCPFSM_TIME_WAIT, 3), 1);
    assert_int_equal(count(s, CLIENT, TCPFSM_TIME_WAIT, 4), 2);
    assert_int_equal(count(s, CLIENT, TCPFSM_TIME_WAIT, 5), 1);
    counts_tick(s, INT64_MAX, 6);
    assert_int_equal(count(s, CLIENT, TCPFSM_TIME_WAIT, 6), 0);
    counts_free(s);
}

static void a_time_at_the_edge_does_not_overflow(void **state)
{
    (void)state;
    struct counts *s = counts_new(INT64_MAX / 2, NULL, NULL, NULL);
    moved(s, 0, TCPFSM_TIME_WAIT, TCPFSM_CLOSED, 1, INT64_MAX / SECOND);
    counts_tick(s, INT64_MAX - 1, 2);
    assert_int_equal(count(s, CLIENT, TCPFSM_TIME_WAIT, 2), 1);
    counts_free(s);
}

/* Too many are reported at the limit, and again only after fewer than half of it. */
static void a_limit_is_reported_once_until_it_eases(void **state)
{
    (void)state;
    uint32_t limit[TCPFSM_STATES] = {[TCPFSM_CLOSE_WAIT] = 4};
    struct counts *s = counts_new(60 * (int64_t)SECOND, limit, NULL, NULL);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(moved(s, i, TCPFSM_FIN_WAIT_2, TCPFSM_CLOSE_WAIT, i + 1, 0), 0);
    assert_int_equal(moved(s, 3, TCPFSM_FIN_WAIT_2, TCPFSM_CLOSE_WAIT, 4, 0), 4);
    assert_int_equal(moved(s, 4, TCPFSM_FIN_WAIT_2, TCPFSM_CLOSE_WAIT, 5, 0), 0);
    for (uint32_t i = 0; i < 3; i++)
        moved(s, i, TCPFSM_CLOSED, TCPFSM_CLOSED, 6 + i, 0);    /* 2 left: half, not below it */
    for (uint32_t i = 5; i < 8; i++)
        assert_int_equal(moved(s, i, TCPFSM_FIN_WAIT_2, TCPFSM_CLOSE_WAIT, 10 + i, 0), 0);
    for (uint32_t i = 3; i < 7; i++)
        moved(s, i, TCPFSM_CLOSED, TCPFSM_CLOSED, 20 + i, 0);   /* 1 left */
    for (uint32_t i = 10; i < 12; i++)
        assert_int_equal(moved(s, i, TCPFSM_FIN_WAIT_2, TCPFSM_CLOSE_WAIT, 30 + i, 0), 0);
    assert_int_equal(moved(s, 12, TCPFSM_FIN_WAIT_2, TCPFSM_CLOSE_WAIT, 50, 0), 4);
    counts_free(s);
}

struct seen { uint32_t all, toward, at; int64_t last; };

static void observe(void *data, const struct counts_key *key, uint32_t n, bool more, int64_t time)
{
    struct seen *seen = (struct seen *)data;
    (void)more;
    seen->last = time;
    if (key->state == TCPFSM_TIME_WAIT)
        *(key->group == COUNTS_ALL ? &seen->all : key->group == COUNTS_TOWARD ? &seen->toward : &seen->at) = n;
}

static void an_observer_hears_of_every_group(void **state)
{
    (void)state;
    struct seen seen = {0};
    struct counts *s = counts_new(60 * (int64_t)SECOND, NULL, observe, &seen);
    moved(s, 0, TCPFSM_TIME_WAIT, TCPFSM_CLOSED, 1, 0);
    assert_int_equal(seen.all, 1);
    assert_int_equal(seen.toward, 1);
    assert_int_equal(seen.at, 0);
    moved(s, 1, TCPFSM_CLOSED, TCPFSM_TIME_WAIT, 2, 1);
    assert_int_equal(seen.at, 1);
    counts_tick(s, 70 * (int64_t)SECOND, 3);
    assert_int_equal(seen.toward, 0);
    assert_int_equal(seen.at, 0);
    assert_int_equal(seen.last, 61 * (int64_t)SECOND);      /* the moment it ended, not the one at which that was noticed */
    counts_free(s);
}

static void a_heap_gives_the_earliest(void **state)
{
    (void)state;
    struct heap h = {0};
    uint32_t x = 1;
    for (unsigned i = 0; i < 1000; i++) {
        x = x * 1664525u + 1013904223u;
        heap_add(&h, (struct heap_entry){.until = x % 500, .connection = i});
    }
    for (int64_t before = -1; h.used;) {
        struct heap_entry e = heap_take(&h);
        assert_true(e.until >= before);
        before = e.until;
    }
    heap_clear(&h);
}

static void closed_and_listen_are_no_sockets(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 256; i++)
        assert_int_equal(counts_socket(i), i > TCPFSM_LISTEN && i < TCPFSM_STATES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_count_has_a_history), cmocka_unit_test(time_wait_ends_after_2msl), cmocka_unit_test(a_fin_again_restarts_it),
        cmocka_unit_test(the_order_of_leaving_is_that_of_time), cmocka_unit_test(leaving_early_is_not_counted_twice),
        cmocka_unit_test(a_time_at_the_edge_does_not_overflow), cmocka_unit_test(a_limit_is_reported_once_until_it_eases),
        cmocka_unit_test(an_observer_hears_of_every_group), cmocka_unit_test(a_heap_gives_the_earliest), cmocka_unit_test(closed_and_listen_are_no_sockets)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
