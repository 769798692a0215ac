/* test_points.c: several points of capture (plugin/engine/points.c; DESIGN rule 5, cases 130 and 131).
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "play.h"

/* The clocks' difference falls out; what is left is the way between the points. */
static void the_order_of_points_needs_no_common_clock(void **state)
{
    (void)state;
    for (int64_t ahead = -2000000000; ahead <= 2000000000; ahead += 500000000) {
        struct tcpfsm_delays d = { 0 };
        int64_t uncertainty;

        tcpfsm_delay_note(&d, 0, ahead + 50000, 0);
        assert_int_equal(tcpfsm_nearer(&d), -1);
        tcpfsm_delay_note(&d, 1, ahead - 70000, 0);
        assert_int_equal(tcpfsm_nearer(&d), 0);
        assert_int_equal(tcpfsm_offset(&d, &uncertainty), ahead - 10000);
        assert_int_equal(uncertainty, 60000);

        d = (struct tcpfsm_delays){ 0 };
        tcpfsm_delay_note(&d, 0, ahead - 50000, 0);
        tcpfsm_delay_note(&d, 1, ahead + 70000, 0);
        assert_int_equal(tcpfsm_nearer(&d), 1);
    }
}

/* Near miss: one host captures a packet on two of its interfaces within microseconds: one place. */
static void copies_of_one_host_are_one_place(void **state)
{
    struct tcpfsm_delays d = { 0 };
    int64_t uncertainty;
    (void)state;

    tcpfsm_delay_note(&d, 0, 4000, 0);
    tcpfsm_delay_note(&d, 1, -6000, 0);
    assert_int_equal(tcpfsm_nearer(&d), -1);
    assert_int_equal(tcpfsm_offset(&d, &uncertainty), 0);
}

/* Unless a router lies between: it counts the TTL down in both directions. One direction alone shows nothing. */
static void a_router_between_tells_two_places_apart(void **state)
{
    struct tcpfsm_delays d = { 0 };
    (void)state;

    tcpfsm_delay_note(&d, 0, 4000, 1);
    tcpfsm_delay_note(&d, 1, -6000, -1);
    assert_int_equal(tcpfsm_nearer(&d), 0);
    tcpfsm_delay_note(&d, 1, -6000, 1);
    assert_int_equal(tcpfsm_nearer(&d), -1);
}

/* An endpoint goes on from what its own point shows; the other one stays as it was. */
static void each_endpoint_follows_its_own_point(void **state)
{
    struct tcpfsm_ends ends = { { TCPFSM_SYN_SENT, TCPFSM_LISTEN }, { TCPFSM_BIT(TCPFSM_SYN_SENT), 7 } };
    struct tcpfsm_result here = { .steps = 2, .state = { TCPFSM_ESTABLISHED, TCPFSM_SYN_RECEIVED },
                                  .possible = { TCPFSM_BIT(TCPFSM_ESTABLISHED), TCPFSM_BIT(TCPFSM_SYN_RECEIVED) },
                                  .step = { { 1, TCPFSM_LISTEN, TCPFSM_SYN_RECEIVED, TCPFSM_EVENT_SND_SYN_ACK },
                                            { 0, TCPFSM_SYN_SENT, TCPFSM_ESTABLISHED, TCPFSM_EVENT_RCV_SYN_ACK } } };
    struct tcpfsm_result out;
    (void)state;

    tcpfsm_join(&ends, &here, 1, &out);
    assert_int_equal(out.steps, 1);
    assert_int_equal(out.state[0], TCPFSM_ESTABLISHED);
    assert_int_equal(out.state[1], TCPFSM_LISTEN);
    assert_int_equal(out.possible[1], 7);
    assert_true(out.changed);
    tcpfsm_join(&ends, &here, 0, &out);
    assert_int_equal(out.steps, 0);
    assert_false(out.changed);
}

/* What was displayed of an endpoint from another point may lie elsewhere: one step says so. */
static void a_change_of_point_is_a_step_of_its_own(void **state)
{
    struct tcpfsm_ends ends = { { TCPFSM_CLOSE_WAIT, TCPFSM_LISTEN }, { TCPFSM_SET_ALL, TCPFSM_SET_ALL } };
    struct tcpfsm_result here = { .steps = 1, .state = { TCPFSM_FIN_WAIT_1, TCPFSM_LISTEN },
                                  .possible = { TCPFSM_BIT(TCPFSM_FIN_WAIT_1), TCPFSM_SET_ALL },
                                  .step = { { 0, TCPFSM_ESTABLISHED, TCPFSM_FIN_WAIT_1, TCPFSM_EVENT_SND_FIN } } };
    struct tcpfsm_result out;
    (void)state;

    tcpfsm_join(&ends, &here, 3, &out);
    assert_int_equal(out.steps, 2);
    assert_int_equal(out.step[0].event, TCPFSM_EVENT_OTHER_POINT);
    assert_int_equal(out.step[0].to, TCPFSM_ESTABLISHED);
    assert_int_equal(out.step[1].from, TCPFSM_ESTABLISHED);
    assert_int_equal(out.before[0], TCPFSM_CLOSE_WAIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_order_of_points_needs_no_common_clock), cmocka_unit_test(copies_of_one_host_are_one_place),
        cmocka_unit_test(a_router_between_tells_two_places_apart), cmocka_unit_test(each_endpoint_follows_its_own_point),
        cmocka_unit_test(a_change_of_point_is_a_step_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
