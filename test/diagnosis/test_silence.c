/* test_silence.c: data, keepalives, SYNs and FINs without an answer; idle connections; sockets that stay.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "stage.h"

/* repeat: the client's last `len` octets again, n times, a second apart. */
static void repeat(unsigned n, uint32_t len)
{
    while (n--)
        from(CLIENT, ACK, .len = len, .back = (int32_t)len, .after = SECONDS(1));
}

static void quiet_segments_say_nothing(void **state)
{
    (void)state;
    begin();
    for (unsigned i = 0; i < 100; i++) {
        from(CLIENT, ACK, .len = 100);
        says_not(NULL);
        from(SERVER, ACK | PSH, .len = 1400);
        says_not(NULL);
    }
    from(CLIENT, ACK, .after = SECONDS(7200));
    says_not(NULL);
    assert_int_equal(stage.said.silence, SECONDS(7200));
}

static void unanswered_data(void **state)
{
    (void)state;
    begin();
    from(CLIENT, ACK, .len = 50, .after = SECONDS(240));
    repeat(2, 50);
    says_not(NULL); /* two seconds: loss */
    repeat(1, 50);
    assert_int_equal(says("half_open.idle", CLIENT)->count, 4);
    assert_in_range(stage.said.finding[0].silence, SECONDS(240) - MS(2), SECONDS(240));
    assert_int_equal(stage.said.finding[0].detail, 0);
    repeat(3, 50);
    says_not(NULL); /* once */
}

static void silent_since_its_syn_ack(void **state)
{
    (void)state;
    begin(); /* a full accept queue: Linux answers nothing until there is room */
    stage.n[SERVER].sent_syn_ack = true;
    stage.d.end[SERVER].flags |= LAST_WAS_SYN;
    from(CLIENT, ACK, .len = 50);
    repeat(3, 50);
    assert_int_equal(says("half_open.idle", CLIENT)->detail, 3);
    begin(); /* near miss: it has spoken */
    stage.n[SERVER].sent_syn_ack = true;
    stage.d.end[SERVER].flags |= LAST_WAS_SYN;
    from(SERVER, ACK);
    from(CLIENT, ACK, .len = 50);
    repeat(3, 50);
    assert_int_equal(says("half_open.idle", CLIENT)->detail, 0);
}

static void an_answer_in_time(void **state)
{
    (void)state;
    begin();
    from(CLIENT, ACK, .len = 50);
    repeat(2, 50);
    from(SERVER, ACK);
    from(CLIENT, ACK, .len = 50, .back = 50, .after = SECONDS(1)); /* late, and acknowledged already */
    says_not(NULL);
}

static void acknowledged_data_again(void **state)
{
    (void)state;
    begin();
    from(CLIENT, ACK, .len = 50);
    for (unsigned i = 0; i < 5; i++) {
        from(SERVER, ACK);
        from(CLIENT, ACK, .len = 50, .back = 50, .after = SECONDS(2));
        if (i < 2)
            says_not(NULL);
        if (i == 2)
            assert_int_equal(says("half_open.idle", CLIENT)->detail, 2);
    }
}

static void only_large_segments(void **state)
{
    (void)state;
    begin();
    from(CLIENT, ACK, .len = 1460);
    from(SERVER, ACK, .len = 5, .unacked = 1460, .after = MS(50));
    repeat(3, 1460);
    assert_int_equal(says("path.mtu", CLIENT)->size, 1460);
    assert_int_equal(stage.said.finding[0].passed, 10);
    assert_int_equal(stage.said.finding[0].detail, 0);
}

static void what_was_in_flight_shows_nobody(void **state)
{
    (void)state;
    begin();
    from(CLIENT, ACK, .len = 50);
    from(SERVER, ACK, .len = 5, .unacked = 50, .after = MS(1));
    repeat(3, 50);
    assert_int_equal(says("half_open.idle", CLIENT)->detail, 0);
}

static void fins_unanswered(void **state)
{
    (void)state;
    begin();
    from(CLIENT, FIN | ACK, .state = { TCPFSM_FIN_WAIT_1, TCPFSM_CLOSE_WAIT });
    from(CLIENT, FIN | ACK, .back = 1, .after = SECONDS(1));
    says_not(NULL);
    from(CLIENT, FIN | ACK, .back = 1, .after = SECONDS(3));
    assert_int_equal(says("half_open.fin", CLIENT)->count, 3);
}

static void what_every_path_passes_is_not_too_large(void **state)
{
    (void)state;
    begin();
    from(CLIENT, ACK, .len = 1448);
    repeat(4, 1448);
    assert_int_equal(says("path.mtu", CLIENT)->detail, 1); /* black hole, or peer gone */
    begin(); /* near miss: 1200 octets fit the smallest MTU that IPv6 allows, 1280; nothing shows that the peer is there */
    from(CLIENT, ACK, .len = 1200);
    repeat(3, 1200);
    assert_int_equal(says("half_open.idle", CLIENT)->detail, 0);
    repeat(1, 1200);
    says_not(NULL);
}

static void large_segments_that_passed_before(void **state)
{
    (void)state;
    begin();
    from(CLIENT, ACK, .len = 1460);
    from(SERVER, ACK);
    from(CLIENT, ACK, .len = 1460);
    from(SERVER, ACK, .len = 5, .unacked = 1460, .after = MS(50));
    repeat(3, 1460);
    says_not("path.mtu");
    assert_int_equal(says("half_open.idle", CLIENT)->detail, 1);
}

static void keepalives_unanswered(void **state)
{
    (void)state;
    begin();
    from(CLIENT, ACK, .back = 1, .after = SECONDS(60));
    from(CLIENT, ACK, .back = 1, .after = SECONDS(10));
    says_not(NULL);
    from(CLIENT, ACK, .back = 1, .after = SECONDS(10));
    assert_int_equal(says("keepalive.unanswered", CLIENT)->count, 3);
}

static void one_new_octet_is_no_keepalive(void **state)
{
    (void)state;
    begin();
    from(CLIENT, ACK, .len = 1);
    for (unsigned i = 0; i < 3; i++)
        from(CLIENT, ACK, .len = 1, .back = 1, .after = SECONDS(1));
    says_not("keepalive.unanswered");
    says("half_open.idle", CLIENT);
}

static void lingering(void **state)
{
    (void)state;
    begin();
    from(CLIENT, FIN | ACK, .state = { TCPFSM_FIN_WAIT_1, TCPFSM_CLOSE_WAIT });
    from(SERVER, ACK, .state = { TCPFSM_FIN_WAIT_2, TCPFSM_CLOSE_WAIT });
    from(CLIENT, ACK, .after = SECONDS(12));
    assert_in_range(says("close_wait.lingering", SERVER)->time, SECONDS(12), SECONDS(12) + MS(30));
}

/* outcome: at so long after the last segment. */
static enum tcpfsm_outcome outcome(int64_t later)
{
    return diagnosis_outcome_at(&stage.d, NULL, &stage.config, stage.now + later);
}

static void left_in_close_wait_to_the_end(void **state)
{
    (void)state;
    begin();
    assert_int_equal(outcome(SECONDS(400)), TCPFSM_OUTCOME_OPEN);
    from(CLIENT, FIN | ACK, .state = { TCPFSM_FIN_WAIT_1, TCPFSM_CLOSE_WAIT });
    from(SERVER, ACK, .state = { TCPFSM_FIN_WAIT_2, TCPFSM_CLOSE_WAIT });
    assert_int_equal(outcome(SECONDS(9)), TCPFSM_OUTCOME_HALF_CLOSED_BY_CLIENT);
    assert_int_equal(outcome(SECONDS(11)), TCPFSM_OUTCOME_LEFT_BY_SERVER);
    assert_int_equal(diagnosis_outcome(&stage.d, NULL), TCPFSM_OUTCOME_HALF_CLOSED_BY_CLIENT);
    from(CLIENT, ACK, .back = 1, .after = SECONDS(20)); /* a keepalive moves no data */
    assert_int_equal(outcome(SECONDS(1)), TCPFSM_OUTCOME_LEFT_BY_SERVER);
    from(SERVER, ACK, .len = 100); /* near miss: a half-close in use */
    assert_int_equal(outcome(SECONDS(9)), TCPFSM_OUTCOME_HALF_CLOSED_BY_CLIENT);
    stage.d.certain &= (uint8_t)~(1u << SERVER); /* near miss: it may have closed */
    assert_int_equal(outcome(SECONDS(400)), TCPFSM_OUTCOME_HALF_CLOSED_BY_CLIENT);
    begin(); /* clients keep what a pool holds for longer */
    from(SERVER, FIN | ACK, .state = { TCPFSM_CLOSE_WAIT, TCPFSM_FIN_WAIT_1 });
    from(CLIENT, ACK, .state = { TCPFSM_CLOSE_WAIT, TCPFSM_FIN_WAIT_2 });
    assert_int_equal(outcome(SECONDS(290)), TCPFSM_OUTCOME_HALF_CLOSED_BY_SERVER);
    assert_int_equal(outcome(SECONDS(301)), TCPFSM_OUTCOME_LEFT_BY_CLIENT);
}

static void at_work_or_closing_it_does_not_linger(void **state)
{
    (void)state;
    begin();
    from(CLIENT, FIN | ACK, .state = { TCPFSM_FIN_WAIT_1, TCPFSM_CLOSE_WAIT });
    from(SERVER, ACK, .state = { TCPFSM_FIN_WAIT_2, TCPFSM_CLOSE_WAIT });
    from(SERVER, ACK, .len = 1000, .after = SECONDS(15));
    says_not("close_wait.lingering");
    from(CLIENT, ACK);
    says_not(NULL);
    from(SERVER, FIN | ACK, .after = SECONDS(15), .state = { TCPFSM_TIME_WAIT, TCPFSM_LAST_ACK });
    says_not("close_wait.lingering");
    assert_int_equal(says("close.idle", SERVER)->detail, 1);
}

static void a_pooled_client_owes_nothing(void **state)
{
    (void)state;
    begin();
    from(SERVER, FIN | ACK, .state = { TCPFSM_CLOSE_WAIT, TCPFSM_FIN_WAIT_1 });
    from(CLIENT, ACK, .state = { TCPFSM_CLOSE_WAIT, TCPFSM_FIN_WAIT_2 });
    from(SERVER, ACK, .back = 1, .after = SECONDS(50));
    says_not(NULL);
    from(SERVER, ACK, .back = 1, .after = SECONDS(260));
    says("close_wait.lingering", CLIENT);
}

static void fin_into_time_wait(void **state)
{
    (void)state;
    begin();
    from(CLIENT, FIN | ACK, .state = { TCPFSM_FIN_WAIT_1, TCPFSM_CLOSE_WAIT });
    from(SERVER, FIN | ACK, .state = { TCPFSM_TIME_WAIT, TCPFSM_LAST_ACK });
    from(CLIENT, ACK, .state = { TCPFSM_TIME_WAIT, TCPFSM_CLOSED });
    from(SERVER, FIN | ACK, .back = 1, .after = MS(5));
    says_not(NULL); /* it left before the ACK can have arrived */
    from(SERVER, FIN | ACK, .back = 1, .after = MS(300));
    says("time_wait.fin_retransmission", CLIENT);
}

static void a_fin_that_is_an_ack(void **state)
{
    (void)state;
    begin();
    from(CLIENT, FIN | ACK, .state = { TCPFSM_FIN_WAIT_1, TCPFSM_CLOSE_WAIT });
    from(SERVER, FIN | ACK, .unacked = 1, .state = { TCPFSM_CLOSING, TCPFSM_FIN_WAIT_1 });
    from(CLIENT, ACK, .state = { TCPFSM_TIME_WAIT, TCPFSM_CLOSING });
    from(SERVER, FIN | ACK, .back = 1, .after = MS(300)); /* from CLOSING: BSD */
    says_not(NULL);
}

static void late_and_idle_closes(void **state)
{
    (void)state;
    begin();
    from(SERVER, FIN | ACK, .after = SECONDS(9), .state = { TCPFSM_CLOSE_WAIT, TCPFSM_FIN_WAIT_1 });
    says_not(NULL);
    begin();
    from(SERVER, FIN | ACK, .after = SECONDS(65), .state = { TCPFSM_CLOSE_WAIT, TCPFSM_FIN_WAIT_1 });
    assert_int_equal(says("close.idle", SERVER)->time, SECONDS(65));
}

static void times_do_not_wrap(void **state)
{
    (void)state;
    begin();
    from(CLIENT, FIN | ACK, .state = { TCPFSM_FIN_WAIT_1, TCPFSM_CLOSE_WAIT });
    from(SERVER, ACK, .state = { TCPFSM_FIN_WAIT_2, TCPFSM_CLOSE_WAIT });
    from(CLIENT, ACK, .after = SECONDS(27ll * 86400));
    assert_in_range(says("close_wait.lingering", SERVER)->time, SECONDS(27ll * 86400), SECONDS(27ll * 86400) + MS(100));
}

static void it_is_small(void **state)
{
    (void)state;
    assert_in_range(sizeof(struct diagnosis), 1, 136);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(quiet_segments_say_nothing),
        T(unanswered_data),
        T(silent_since_its_syn_ack), T(an_answer_in_time),
        T(acknowledged_data_again),
        T(only_large_segments),
        T(large_segments_that_passed_before), T(what_every_path_passes_is_not_too_large),
        T(what_was_in_flight_shows_nobody), T(fins_unanswered),
        T(keepalives_unanswered),
        T(one_new_octet_is_no_keepalive),
        T(lingering),
        T(left_in_close_wait_to_the_end),
        T(at_work_or_closing_it_does_not_linger),
        T(a_pooled_client_owes_nothing),
        T(fin_into_time_wait),
        T(a_fin_that_is_an_ack),
        T(late_and_idle_closes),
        T(times_do_not_wrap),
        T(it_is_small),
    };

    return RUN(tests);
}
