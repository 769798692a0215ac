/* test_reset_cause.c: why a RST was sent: each question of reset_cause.c, and what it must not be taken for.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "stage.h"

static const uint8_t closing_by_server[2] = { TCPFSM_CLOSE_WAIT, TCPFSM_FIN_WAIT_1 };

static void an_idle_timeout(void **state)
{
    const struct tcpfsm_finding *f;

    (void)state;
    begin();
    from(SERVER, RST | ACK, .facts = ACCEPTED, .after = SECONDS(350) + MS(100));
    f = says("rst.idle", SERVER);
    assert_int_equal(f->time, SECONDS(350) + MS(100));
    assert_int_equal(f->detail, 1); /* its own TTL and next IP ID: the host itself */
    assert_int_equal(f->silence, 0);
    assert_int_equal(stage.said.findings, 1);
    assert_int_equal(diagnosis_outcome(&stage.d, NULL), TCPFSM_OUTCOME_ABORTED_BY_SERVER);
}

static void an_idle_timeout_of_a_device(void **state)
{
    (void)state;
    begin();
    from(SERVER, RST | ACK, .facts = ACCEPTED, .after = SECONDS(181), .ttl = 251, .id = 7, .window = 9300);
    assert_int_equal(says("rst.idle", SERVER)->detail, 2);
    assert_true(stage.said.finding[0].suspicious);
    assert_int_equal(stage.said.finding[0].code, 9300);
    assert_non_null(diagnosis_code(9300));
}

static void an_idle_timeout_of_whom(void **state)
{
    (void)state;
    begin();
    from(SERVER, RST | ACK, .facts = ACCEPTED, .after = SECONDS(181), .ttl = 251); /* TTL alone never convicts */
    assert_int_equal(says("rst.idle", SERVER)->detail, 0);
    assert_int_equal(stage.said.finding[0].traits, TCPFSM_TRAIT_TTL);
    assert_false(stage.said.finding[0].suspicious);
}

static void nothing_is_far_on_one_host(void **state)
{
    (void)state;
    begin();
    stage.vantage = TCPFSM_VANTAGE_BOTH;
    from(SERVER, RST | ACK, .facts = ACCEPTED, .after = SECONDS(181), .ttl = 251);
    assert_int_equal(says("rst.idle", SERVER)->detail, 1);
    assert_int_equal(stage.said.finding[0].traits, 0);
}

static void below_ten_seconds_it_is_not_idle(void **state)
{
    (void)state;
    begin();
    from(SERVER, RST | ACK, .facts = ACCEPTED, .after = SECONDS(9));
    says_not("rst.idle");
    says("rst.close", SERVER); /* everything acknowledged */
}

static void a_client_that_waited(void **state)
{
    (void)state;
    begin();
    from(CLIENT, ACK | PSH, .len = 50);
    from(SERVER, ACK);
    from(CLIENT, RST | ACK, .facts = ACCEPTED, .after = SECONDS(59) + MS(700));
    assert_in_range(says("rst.gave_up", CLIENT)->time, SECONDS(59) + MS(710), SECONDS(59) + MS(730));
    assert_int_equal(stage.said.finding[0].silence, SECONDS(59) + MS(700));
}

static void a_server_does_not_wait_for_answers(void **state)
{
    (void)state;
    begin();
    from(SERVER, RST | ACK, .facts = ACCEPTED, .after = SECONDS(15));
    says("rst.idle", SERVER);
}

static void retransmissions(void **state)
{
    const struct tcpfsm_finding *f;

    (void)state;
    begin();
    from(CLIENT, ACK, .len = 50);
    for (unsigned i = 0; i < 4; i++)
        from(CLIENT, ACK, .len = 50, .back = 50, .after = SECONDS(1));
    from(CLIENT, RST | ACK, .facts = ACCEPTED, .after = SECONDS(1));
    f = says("rst.retransmissions", CLIENT);
    assert_int_equal(f->count, 5);
    assert_int_equal(f->frame, 8);
    assert_int_equal(f->detail, 0);
}

static void two_copies_are_not_enough(void **state)
{
    (void)state;
    begin();
    from(CLIENT, ACK, .len = 50);
    from(CLIENT, ACK, .len = 50, .back = 50, .after = SECONDS(4));
    from(CLIENT, RST | ACK, .facts = ACCEPTED);
    says("rst.abort", CLIENT);
}

static void keepalives(void **state)
{
    const struct tcpfsm_finding *f;

    (void)state;
    begin();
    from(SERVER, ACK, .back = 1, .after = SECONDS(14));
    from(SERVER, ACK, .back = 1, .after = SECONDS(14));
    from(SERVER, RST | ACK, .facts = ACCEPTED, .after = SECONDS(14));
    f = says("rst.keepalive", SERVER);
    assert_int_equal(f->count, 2);
    assert_int_equal(f->frame, 7);
    begin();
    from(SERVER, ACK, .back = 1, .after = SECONDS(14));
    from(CLIENT, ACK); /* near miss: it is there */
    from(SERVER, RST | ACK, .facts = ACCEPTED, .after = SECONDS(14));
    says("rst.idle", SERVER);
}

static void zero_window(void **state)
{
    (void)state;
    begin();
    from(SERVER, ACK, .len = 100);
    from(CLIENT, ACK, .closed_window = true);
    for (unsigned i = 0; i < 3; i++) {
        from(SERVER, ACK, .back = 1, .after = SECONDS(10));
        from(CLIENT, ACK, .closed_window = true);
    }
    from(SERVER, RST | ACK, .facts = ACCEPTED, .after = SECONDS(30));
    assert_int_equal(says("rst.zero_window", CLIENT)->count, 3);
    assert_int_equal(stage.said.finding[0].frame, 9);
}

static void zero_window_that_opened(void **state)
{
    (void)state;
    begin();
    from(CLIENT, ACK, .closed_window = true);
    from(SERVER, ACK, .back = 1, .after = SECONDS(10));
    from(CLIENT, ACK);
    from(SERVER, RST | ACK, .facts = ACCEPTED, .after = SECONDS(30));
    says("rst.idle", SERVER);
}

static void a_request_that_crosses_the_fin(void **state)
{
    (void)state;
    begin();
    from(SERVER, FIN | ACK, .after = SECONDS(5), .state = { closing_by_server[0], closing_by_server[1] });
    from(CLIENT, ACK, .len = 40, .unacked = 1, .after = MS(5));
    from(SERVER, RST, .facts = ACCEPTED, .after = MS(5));
    assert_int_equal(says("rst.race", SERVER)->frame, 9);
    assert_int_equal(stage.said.finding[0].other, 8);
    assert_in_range(stage.said.finding[0].time, SECONDS(5) - MS(2), SECONDS(5));
}

static void a_request_after_the_fin_is_no_race(void **state)
{
    (void)state;
    begin();
    from(SERVER, FIN | ACK, .after = SECONDS(5), .state = { closing_by_server[0], closing_by_server[1] });
    from(CLIENT, ACK, .len = 40, .after = MS(5)); /* acknowledges the FIN: it knew */
    from(SERVER, RST, .facts = ACCEPTED, .after = MS(5));
    assert_int_equal(says("rst.after_close", SERVER)->detail, 0);
}

static void data_long_after_the_fin(void **state)
{
    (void)state;
    begin(); /* a client uses a connection again that its server has closed */
    from(SERVER, FIN | ACK, .after = SECONDS(5), .state = { closing_by_server[0], closing_by_server[1] });
    from(CLIENT, ACK, .after = MS(5));
    from(CLIENT, ACK, .len = 40, .after = SECONDS(2));
    from(SERVER, RST, .facts = ACCEPTED, .after = MS(5));
    assert_int_equal(says("rst.after_close", SERVER)->detail, 2);
    assert_in_range(stage.said.finding[0].time, SECONDS(2) - TICK, SECONDS(2) + TICK);
    begin(); /* a server answers when its client has given up */
    from(CLIENT, ACK | PSH, .len = 40);
    from(SERVER, ACK);
    from(CLIENT, FIN | ACK, .after = SECONDS(5), .state = { TCPFSM_FIN_WAIT_1, TCPFSM_CLOSE_WAIT });
    from(SERVER, ACK, .after = MS(5));
    from(SERVER, ACK, .len = 40, .after = SECONDS(3));
    from(CLIENT, RST, .facts = ACCEPTED, .after = MS(1));
    assert_int_equal(says("rst.after_close", CLIENT)->detail, 3);
    begin(); /* near miss: the answer was on its way to being written */
    from(CLIENT, ACK | PSH, .len = 40);
    from(SERVER, ACK);
    from(CLIENT, FIN | ACK, .state = { TCPFSM_FIN_WAIT_1, TCPFSM_CLOSE_WAIT });
    from(SERVER, ACK, .after = MS(5));
    from(SERVER, ACK, .len = 40, .after = MS(100));
    from(CLIENT, RST, .facts = ACCEPTED, .after = MS(1));
    assert_int_equal(says("rst.after_close", CLIENT)->detail, 0);
}

static void a_busy_connection_is_no_race(void **state)
{
    (void)state;
    begin();
    from(SERVER, FIN | ACK, .state = { closing_by_server[0], closing_by_server[1] });
    from(CLIENT, ACK, .len = 40, .unacked = 1, .after = MS(5));
    from(SERVER, RST, .facts = ACCEPTED, .after = MS(5));
    says("rst.after_close", SERVER);
}

static void nobody_knows_it_any_more(void **state)
{
    (void)state;
    begin();
    from(CLIENT, ACK, .len = 40, .after = SECONDS(350) + MS(100));
    from(SERVER, RST, .facts = ACCEPTED, .ttl = 255, .id = 9); /* a host without the socket: its TTL is no trait */
    assert_in_range(says("rst.no_connection", SERVER)->silence, SECONDS(350) + MS(98), SECONDS(350) + MS(101));
    assert_int_equal(stage.said.finding[0].traits & TCPFSM_TRAIT_TTL, 0);
    assert_int_equal(diagnosis_outcome(&stage.d, NULL), TCPFSM_OUTCOME_GONE_SERVER);
}

static void nobody_knows_that_there_was_one(void **state)
{
    (void)state;
    begin_unseen(); /* an ACK out of nowhere: a scan with ACKs, or a probe of a connection older than the capture */
    from(CLIENT, ACK);
    from(SERVER, RST, .facts = ACCEPTED, .after = MS(1));
    assert_int_equal(says("rst.probe", CLIENT)->detail, 2);
    assert_int_equal(stage.said.finding[0].frame, 1);
    assert_int_equal(diagnosis_outcome(&stage.d, NULL), TCPFSM_OUTCOME_PROBE);
    begin_unseen(); /* near miss: somebody waits for an answer to data */
    from(CLIENT, ACK | PSH, .len = 40);
    from(SERVER, RST, .facts = ACCEPTED, .after = MS(1));
    says("rst.no_connection", SERVER);
    begin_unseen(); /* near miss: it had it */
    from(SERVER, ACK);
    from(CLIENT, ACK, .back = 1, .after = SECONDS(20));
    from(SERVER, RST, .facts = ACCEPTED, .after = MS(1));
    says("rst.no_connection", SERVER);
}

static void who_spoke_just_now_was_not_restarted(void **state)
{
    (void)state;
    begin();
    from(CLIENT, ACK, .len = 40);
    from(SERVER, RST, .facts = ACCEPTED); /* its ACK was 60 ms ago */
    assert_int_equal(says("rst.abort", SERVER)->detail, 2); /* something between refuses, or it aborted */
    assert_int_equal(stage.said.finding[0].frame, 8);
    begin();
    from(CLIENT, ACK, .len = 40);
    from(SERVER, RST | ACK, .facts = ACCEPTED); /* near miss: a socket sends such */
    assert_int_equal(says("rst.abort", SERVER)->detail, 1);
    begin();
    from(SERVER, RST, .facts = TCPFSM_FACT_RST_DROPPED, .back = 70000);
    from(CLIENT, ACK, .len = 40, .after = SECONDS(20));
    from(SERVER, RST, .facts = ACCEPTED); /* it ended the connection itself, earlier */
    says_not("rst.no_connection");
}

static void a_first_reset_that_did_not_fit(void **state)
{
    (void)state;
    begin(); /* octets of it were lost before the capture, so its RST is challenged, and it answers the challenge */
    from(SERVER, RST | ACK, .facts = TCPFSM_FACT_RST_CHALLENGED, .back = -8,
         .state = { TCPFSM_ESTABLISHED, TCPFSM_CLOSED });
    from(CLIENT, ACK, .facts = TCPFSM_FACT_CHALLENGE_ACK, .evidence = 8);
    from(SERVER, RST, .facts = ACCEPTED);
    assert_int_equal(says("rst.abort", SERVER)->state, TCPFSM_ESTABLISHED);
    assert_int_equal(stage.said.finding[0].detail, 0);
}

static void a_request_before_the_fin_that_misses_it(void **state)
{
    (void)state;
    begin();
    from(CLIENT, ACK, .len = 40, .after = SECONDS(5)); /* captured beside the client */
    from(SERVER, FIN | ACK, .unacked = 40, .after = MS(5), .state = { TCPFSM_CLOSE_WAIT, TCPFSM_FIN_WAIT_1 });
    from(CLIENT, ACK, .after = MS(1), .state = { TCPFSM_CLOSE_WAIT, TCPFSM_FIN_WAIT_2 });
    from(SERVER, RST, .facts = ACCEPTED, .after = MS(5));
    assert_int_equal(says("rst.race", SERVER)->frame, 8);
}

static void after_both_fins(void **state)
{
    (void)state;
    begin();
    from(CLIENT, FIN | ACK, .state = { TCPFSM_FIN_WAIT_1, TCPFSM_CLOSE_WAIT });
    from(SERVER, FIN | ACK, .state = { TCPFSM_TIME_WAIT, TCPFSM_LAST_ACK });
    from(SERVER, RST | ACK, .facts = ACCEPTED);
    assert_int_equal(says("rst.time_wait", CLIENT)->detail, 0);
    assert_int_equal(diagnosis_outcome(&stage.d, NULL), TCPFSM_OUTCOME_NORMAL);
    begin(); /* data after its FIN, not acknowledged, and then the FIN: they were discarded */
    from(CLIENT, FIN | ACK, .state = { TCPFSM_FIN_WAIT_1, TCPFSM_CLOSE_WAIT });
    from(SERVER, ACK, .len = 500, .unacked = 1);
    from(SERVER, FIN | ACK, .unacked = 1, .state = { TCPFSM_CLOSING, TCPFSM_FIN_WAIT_1 });
    from(CLIENT, RST, .facts = ACCEPTED);
    says("rst.after_close", CLIENT);
}

static void what_is_not_acknowledged_is_lost(void **state)
{
    (void)state;
    begin();
    from(CLIENT, RST | ACK, .facts = ACCEPTED);
    says("rst.close", CLIENT);
    begin();
    from(SERVER, ACK | PSH, .len = 300);
    from(CLIENT, RST | ACK, .facts = ACCEPTED);
    assert_int_equal(says("rst.abort", CLIENT)->detail, 1);
    begin();
    from(SERVER, ACK, .len = 300); /* no PSH: its application had not finished */
    from(CLIENT, ACK);
    from(CLIENT, RST | ACK, .facts = ACCEPTED, .after = SECONDS(1));
    says("rst.abort", CLIENT);
}

static void a_server_that_resets_a_request_has_not_taken_it(void **state)
{
    (void)state;
    begin();
    from(SERVER, ACK | PSH, .len = 20);
    from(CLIENT, ACK | PSH, .len = 300);
    from(SERVER, ACK);
    from(SERVER, RST | ACK, .facts = ACCEPTED);
    assert_int_equal(says("rst.abort", SERVER)->detail, 1);
    begin(); /* near miss: a client that resets after the answer */
    from(CLIENT, ACK | PSH, .len = 20);
    from(SERVER, ACK | PSH, .len = 300);
    from(CLIENT, ACK);
    from(CLIENT, RST | ACK, .facts = ACCEPTED);
    says("rst.close", CLIENT);
}

static void idle_then_fin_and_reset(void **state)
{
    (void)state;
    begin(); /* haproxy with nolinger: FIN after 12 s, RST at once */
    from(SERVER, FIN | ACK, .after = SECONDS(12), .state = { closing_by_server[0], closing_by_server[1] });
    from(SERVER, RST | ACK, .facts = ACCEPTED);
    assert_in_range(says("rst.idle", SERVER)->time, SECONDS(12) - TICK, SECONDS(12));
    assert_int_equal(stage.said.finding[0].detail, 1);
    begin(); /* socat: half a second later, its FIN acknowledged */
    from(SERVER, FIN | ACK, .after = SECONDS(12), .state = { closing_by_server[0], closing_by_server[1] });
    from(CLIENT, ACK, .state = { TCPFSM_CLOSE_WAIT, TCPFSM_FIN_WAIT_2 });
    from(SERVER, RST | ACK, .facts = ACCEPTED, .after = MS(500));
    assert_in_range(says("rst.idle", SERVER)->time, SECONDS(12) - TICK, SECONDS(12));
    begin(); /* near miss: not idle before */
    from(SERVER, FIN | ACK, .after = SECONDS(5), .state = { closing_by_server[0], closing_by_server[1] });
    from(SERVER, RST | ACK, .facts = ACCEPTED);
    says("rst.abort", SERVER);
    begin(); /* near miss: the RST is not of the same close */
    from(SERVER, FIN | ACK, .after = SECONDS(12), .state = { closing_by_server[0], closing_by_server[1] });
    from(CLIENT, ACK, .state = { TCPFSM_CLOSE_WAIT, TCPFSM_FIN_WAIT_2 });
    from(SERVER, RST | ACK, .facts = ACCEPTED, .after = SECONDS(3));
    says("rst.abort", SERVER);
}

static void a_host_that_forgot_its_half_closed_connection(void **state)
{
    (void)state;
    begin();
    from(CLIENT, FIN | ACK, .state = { TCPFSM_FIN_WAIT_1, TCPFSM_CLOSE_WAIT });
    from(SERVER, ACK, .state = { TCPFSM_FIN_WAIT_2, TCPFSM_CLOSE_WAIT });
    from(SERVER, ACK, .back = 1, .after = SECONDS(20));
    from(CLIENT, RST, .facts = ACCEPTED);
    assert_int_equal(says("rst.after_close", CLIENT)->detail, 1);
    assert_int_equal(stage.said.finding[0].time / SECONDS(1), 20);
    begin(); /* near miss: it had not closed */
    from(SERVER, ACK, .back = 1, .after = SECONDS(20));
    from(CLIENT, RST, .facts = ACCEPTED);
    says("rst.no_connection", CLIENT);
}

static void the_reset_behind_a_fin_that_crossed_a_request(void **state)
{
    (void)state;
    begin(); /* beside the client: its request is captured first, then FIN and RST, without a word between */
    from(CLIENT, ACK | PSH, .len = 100, .after = SECONDS(12));
    from(SERVER, FIN | ACK, .unacked = 100, .state = { closing_by_server[0], closing_by_server[1] });
    from(SERVER, RST, .facts = ACCEPTED, .after = MS(40));
    assert_in_range(says("rst.race", SERVER)->time, SECONDS(12) - TICK, SECONDS(12));
    begin(); /* near miss: the FIN acknowledges the request */
    from(CLIENT, ACK | PSH, .len = 100, .after = SECONDS(12));
    from(SERVER, FIN | ACK, .state = { closing_by_server[0], closing_by_server[1] });
    from(SERVER, RST | ACK, .facts = ACCEPTED, .after = MS(40));
    says_not("rst.race");
}

static void half_closed_and_reaped(void **state)
{
    (void)state;
    begin();
    from(SERVER, FIN | ACK, .state = { closing_by_server[0], closing_by_server[1] });
    from(CLIENT, ACK, .state = { TCPFSM_CLOSE_WAIT, TCPFSM_FIN_WAIT_2 });
    from(SERVER, RST | ACK, .facts = ACCEPTED, .after = SECONDS(60));
    assert_int_equal(says("rst.idle", SERVER)->detail, 3);
    assert_int_equal(stage.said.findings, 1); /* one finding, not three */
}

static void the_text_of_a_reset_is_quoted(void **state)
{
    (void)state;
    begin();
    from(CLIENT, ACK, .len = 10);
    from(SERVER, RST | ACK, .facts = ACCEPTED, .text = "BIG-IP: \1[0x1] no \xff""route");
    assert_string_equal(says("rst.abort", SERVER)->quote, "BIG-IP: [0x1] no route");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(an_idle_timeout),
        T(an_idle_timeout_of_a_device),
        T(an_idle_timeout_of_whom),
        T(nothing_is_far_on_one_host),
        T(below_ten_seconds_it_is_not_idle),
        T(a_client_that_waited),
        T(a_server_does_not_wait_for_answers),
        T(retransmissions),
        T(two_copies_are_not_enough),
        T(keepalives),
        T(zero_window),
        T(zero_window_that_opened),
        T(a_request_that_crosses_the_fin),
        T(a_request_after_the_fin_is_no_race),
        T(a_busy_connection_is_no_race),
        T(data_long_after_the_fin),
        T(nobody_knows_it_any_more),
        T(nobody_knows_that_there_was_one),
        T(half_closed_and_reaped), T(who_spoke_just_now_was_not_restarted), T(a_first_reset_that_did_not_fit),
        T(a_request_before_the_fin_that_misses_it),
        T(after_both_fins), T(what_is_not_acknowledged_is_lost),
        T(the_text_of_a_reset_is_quoted), T(a_server_that_resets_a_request_has_not_taken_it),
        T(idle_then_fin_and_reset), T(a_host_that_forgot_its_half_closed_connection),
        T(the_reset_behind_a_fin_that_crossed_a_request),
    };

    return RUN(tests);
}
