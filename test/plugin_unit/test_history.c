/* test_history.c: changes, steps and findings of a connection, packed and unpacked.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"
#include "engine/connection.h"
#include "history.h"

static struct tcpfsm_connection engine;
static struct history h;

static int begin(void **state)
{
    (void)state;
    tcpfsm_open(&engine, false, (uint16_t[]){40000, 80});
    history_open();
    memset(&h, 0, sizeof h);
    return 0;
}

static int end(void **state)
{
    (void)state;
    history_free(&h);
    history_close();
    return 0;
}

/* add: a change at a frame whose states are a and b, with so many steps of endpoint 0. */
static void add(uint32_t frame, unsigned order, unsigned a, unsigned b, unsigned steps)
{
    const bool began[2] = {false, false};
    struct tcpfsm_result out = {.state = {(uint8_t)a, (uint8_t)b}, .possible = {TCPFSM_BIT(a), TCPFSM_SET_ALL}, .steps = (uint8_t)steps};
    for (unsigned i = 0; i < steps; i++)
        out.step[i] = (struct tcpfsm_step){.end = 0, .from = (uint8_t)i, .to = (uint8_t)(i + 1), .event = (uint8_t)(TCPFSM_EVENTS - 1)};
    const struct history_entry entry = {.engine = &engine, .out = &out, .brief = history_brief(&engine), .outcome = TCPFSM_OUTCOME_REPLACED,
                                        .time = frame * (int64_t)SECOND, .frame = frame, .order = order};
    history_add(&h, &entry, began);
}

static void what_goes_in_comes_out(void **state)
{
    (void)state;
    struct history_change c;
    add(7, 126, TCPFSM_TIME_WAIT, TCPFSM_LAST_ACK, 2);
    history_get(&h, 0, &c);
    assert_int_equal(c.frame, 7);
    assert_int_equal(c.order, 126);
    assert_true(c.time == 7 * (int64_t)SECOND);
    assert_int_equal(c.state[0], TCPFSM_TIME_WAIT);
    assert_int_equal(c.state[1], TCPFSM_LAST_ACK);
    assert_int_equal(c.possible[0], TCPFSM_BIT(TCPFSM_TIME_WAIT));
    assert_int_equal(c.possible[1], TCPFSM_SET_ALL);
    assert_int_equal(c.client, tcpfsm_client(&engine));
    assert_int_equal(c.role, tcpfsm_role(&engine));
    assert_int_equal(c.phase, tcpfsm_phase(&engine));
    assert_int_equal(c.outcome, TCPFSM_OUTCOME_REPLACED);
    assert_int_equal(c.closed_by, 0);
    assert_int_equal(c.steps, 2);
    struct tcpfsm_step s = history_step(&h, 0, 1);
    assert_int_equal(s.end, 0);
    assert_int_equal(s.from, 1);
    assert_int_equal(s.to, 2);
    assert_int_equal(s.event, TCPFSM_EVENTS - 1);
    /* outcomes known at the end of the capture only are in no record */
    assert_true(TCPFSM_EVENTS <= 128 && TCPFSM_STATES <= 16 && TCPFSM_OUTCOME_LEFT_BY_CLIENT <= 16 && history_size() == 32);
}

/* Three steps fit a change; the fourth goes on in another one of the same place. */
static void many_steps_take_several_changes(void **state)
{
    (void)state;
    add(1, 0, TCPFSM_SYN_SENT, TCPFSM_LISTEN, 3);
    assert_int_equal(h.records, 1);
    add(2, 0, TCPFSM_ESTABLISHED, TCPFSM_LISTEN, 4);
    assert_int_equal(h.records, 3);
    assert_int_equal(history_steps(&h, 1), 3);
    assert_int_equal(history_steps(&h, 2), 1);
    assert_int_equal(history_step(&h, 2, 0).from, 3);
    assert_int_equal(history_first(&h, 2), 1);
    assert_int_equal(history_first(&h, 0), 0);
    assert_int_equal(history_frame(&h, history_began(&h, 2, 0)), 2);
    assert_int_equal(history_began(&h, 2, 1), 0);
    add(3, 0, TCPFSM_CLOSED, TCPFSM_LISTEN, TCPFSM_STEPS_MAX);
    assert_int_equal(h.records, 7);
}

static void places_are_found(void **state)
{
    (void)state;
    for (uint32_t i = 1; i <= 20; i++)
        add(10 * i, 1, TCPFSM_ESTABLISHED, TCPFSM_ESTABLISHED, i == 5);
    assert_int_equal(history_upto(&h, 9, 126), 0);
    assert_int_equal(history_upto(&h, 10, 0), 0);
    assert_int_equal(history_upto(&h, 10, 1), 1);
    assert_int_equal(history_upto(&h, 19, 127), 1);
    assert_int_equal(history_upto(&h, 200, 1), 20);
    assert_int_equal(history_upto(&h, UINT32_MAX, 127), 20);
    assert_int_equal(history_next(&h, 1, 10), 50);      /* those without steps change a set alone */
    assert_int_equal(history_next(&h, 4, 50), 0);
    assert_int_equal(history_next(&h, 4, 49), 50);
}

/* Where a state began is found across any distance: 65,535 changes are what one record can point back. */
static void a_state_may_have_begun_long_ago(void **state)
{
    (void)state;
    add(1, 0, TCPFSM_ESTABLISHED, TCPFSM_SYN_RECEIVED, 1);
    for (uint32_t i = 2; i <= 140000; i++)
        add(i, 0, TCPFSM_ESTABLISHED, i < 70000 ? TCPFSM_SYN_RECEIVED : TCPFSM_ESTABLISHED, 0);
    for (uint32_t i = 65533; i < 65538; i++)
        assert_int_equal(history_began(&h, i, 0), 0);
    assert_int_equal(history_began(&h, h.records - 1, 0), 0);
    assert_int_equal(history_began(&h, h.records - 1, 1), 69999);
    assert_int_equal(history_began(&h, 69998, 1), 0);
}

/* A frame number that is given back takes what it left along. */
static void a_frame_may_be_dropped(void **state)
{
    (void)state;
    bool began[2] = {false, false};
    const struct tcpfsm_finding f = {.id = TCPFSM_FINDING_RST_ABORT};
    add(1, 0, TCPFSM_SYN_SENT, TCPFSM_LISTEN, 1);
    add(2, 0, TCPFSM_ESTABLISHED, TCPFSM_LISTEN, 1);
    history_find(&h, &f, 2, 0);
    add(2, 1, TCPFSM_ESTABLISHED, TCPFSM_LISTEN, 0);
    history_find(&h, &f, 2, 1);
    assert_false(history_drop(&h, 2, 2, began));
    assert_true(history_drop(&h, 2, 1, began));
    assert_int_equal(h.records, 2);
    assert_int_equal(h.findings, 1);
    assert_false(began[0] || began[1]);
    assert_true(history_drop(&h, 2, 0, began));
    assert_int_equal(h.records, 1);
    assert_int_equal(h.findings, 0);
    assert_true(began[0]);
    assert_false(began[1]);
}

/* More findings than 16 bits count. */
static void findings_have_no_limit(void **state)
{
    (void)state;
    unsigned n;
    for (uint32_t i = 1; i <= 70000; i++) {
        const struct tcpfsm_finding f = {.id = TCPFSM_FINDING_RST_ABORT, .count = i};
        history_find(&h, &f, i, i % 2);
        if (i == 40000)
            history_find(&h, &f, i, 0);
    }
    assert_int_equal(h.findings, 70001);
    assert_int_equal(history_findings(&h)[70000].finding.count, 70000);
    assert_int_equal(history_findings_at(&h, 69999, 1, &n)->finding.count, 69999);
    assert_int_equal(n, 1);
    history_findings_at(&h, 40000, 0, &n);
    assert_int_equal(n, 2);
    history_findings_at(&h, 40000, 1, &n);
    assert_int_equal(n, 0);
    history_findings_at(&h, 70001, 0, &n);
    assert_int_equal(n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(what_goes_in_comes_out, begin, end),
                                       cmocka_unit_test_setup_teardown(many_steps_take_several_changes, begin, end),
                                       cmocka_unit_test_setup_teardown(places_are_found, begin, end),
                                       cmocka_unit_test_setup_teardown(a_state_may_have_begun_long_ago, begin, end),
                                       cmocka_unit_test_setup_teardown(a_frame_may_be_dropped, begin, end),
                                       cmocka_unit_test_setup_teardown(findings_have_no_limit, begin, end)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
