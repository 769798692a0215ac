/* test_limits.c: thresholds of limits.h, on both sides of their values. Those of copies.c and the misses are in
 * test_copies.c and test_possible.c.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "play.h"

static void fin_wait_2_for(int64_t ms)
{
    open_connection();
    client(FIN | ACK);
    server(ACK);
    wait_ms(ms);
    server(ACK, .len = 10);
}

SCENARIO(fin_wait_2_below) { fin_wait_2_for(58 * SECOND); cannot_be(CLIENT, "CLOSED"); }
SCENARIO(fin_wait_2_above) { fin_wait_2_for(61 * SECOND); may_be(CLIENT, "CLOSED FIN_WAIT_2"); }

static void syn_unanswered_for(int64_t ms)
{
    client(SYN);
    client(SYN, .after = 100);
    wait_ms(ms);
    server(ACK, .seq = AT(300), .ack = AT(50));
}

SCENARIO(first_rto_below) { syn_unanswered_for(1300); cannot_be(CLIENT, "CLOSED"); }
SCENARIO(first_rto_above) { syn_unanswered_for(1700); may_be(CLIENT, "CLOSED SYN_SENT"); }

static void repeated_fin(int times)
{
    near(CLIENT);
    open_connection();
    close_connection();
    for (int i = 0; i < times; i++)
        server(FIN | ACK, .back = 1, .after = 600);
}

SCENARIO(silent_copies_below) { repeated_fin(1); shows("TIME_WAIT", "LAST_ACK."); }
SCENARIO(silent_copies_above) { repeated_fin(3); shows("CLOSED?", "LAST_ACK."); }

static enum tcpfsm_vantage vantage_of(int32_t server_us, int32_t client_us)
{
    play.paths = true;
    client(SYN);
    server(SYN | ACK, .after = AT_ONCE, .micros = server_us);
    client(ACK, .after = AT_ONCE, .micros = client_us);
    client(ACK, .len = 10);
    return tcpfsm_vantage(&play.connection);
}

SCENARIO(near_below)
{
    assert_true(vantage_of(9000, 490) == (play.swap ? TCPFSM_VANTAGE_NEAR_1 : TCPFSM_VANTAGE_NEAR_0));
}
SCENARIO(near_above) { assert_int_equal(vantage_of(9000, 510), TCPFSM_VANTAGE_UNKNOWN); }
SCENARIO(factor_below) { assert_int_equal(vantage_of(860, 300), TCPFSM_VANTAGE_UNKNOWN); }
SCENARIO(factor_above)
{
    assert_true(vantage_of(940, 300) == (play.swap ? TCPFSM_VANTAGE_NEAR_1 : TCPFSM_VANTAGE_NEAR_0));
}
SCENARIO(between_below) { assert_int_equal(vantage_of(9000, 980), TCPFSM_VANTAGE_UNKNOWN); }
SCENARIO(between_above) { assert_int_equal(vantage_of(9000, 1020), TCPFSM_VANTAGE_BETWEEN); }

SCENARIO(window_below)
{
    open_connection();
    client(ACK, .ahead = (1 << 30) - 2000, .len = 1);
    assert_false(play.result.facts & TCPFSM_FACT_FOREIGN);
}
SCENARIO(window_above)
{
    open_connection();
    client(ACK, .ahead = (1 << 30) + 2000, .len = 1, .forged = true);
    assert_true(play.result.facts & TCPFSM_FACT_FOREIGN);
}

/* R2: who repeats nothing for 100 s may have given up. */
static void silent_sender(int64_t ms)
{
    open_connection();
    client(FIN | ACK);
    wait_ms(ms);
    server(ACK, .unacked = 1);
}

SCENARIO(gave_up_below) { silent_sender(98 * SECOND); cannot_be(CLIENT, "CLOSED"); }
SCENARIO(gave_up_above) { silent_sender(102 * SECOND); may_be(CLIENT, "CLOSED FIN_WAIT_1"); }

/* quickest_after: what the handshake measured of a server that took so long. */
static uint32_t quickest_after(int ms)
{
    play.paths = true;
    client(SYN);
    server(SYN | ACK, .after = ms);
    return play.path.quickest[1];
}

SCENARIO(answer_below) { assert_true(quickest_after(9900) > 0); }
SCENARIO(answer_above) { assert_int_equal(quickest_after(10100), 0); }
SCENARIO(rtt_below) { quickest_after(2900); assert_true(play.connection.rtt > 0); }
SCENARIO(rtt_above) { quickest_after(3100); assert_int_equal(play.connection.rtt, 0); }

/* misses_after: a FIN again so long after its ACK came by, beside its sender: had the ACK been lost? */
static unsigned misses_after(int ms)
{
    near(CLIENT);
    open_connection();
    client(FIN | ACK);
    server(ACK);
    client(FIN | ACK, .back = 1, .after = ms);
    return play.connection.end[play.swap].misses;
}

SCENARIO(grace_below) { assert_int_equal(misses_after(8), 0); }
SCENARIO(grace_above) { assert_int_equal(misses_after(13), 1); }

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(answer_below), T(answer_above), T(rtt_below), T(rtt_above), T(grace_below), T(grace_above),
        T(fin_wait_2_below), T(fin_wait_2_above), T(first_rto_below), T(first_rto_above), T(silent_copies_below),
            T(silent_copies_above),
        T(near_below), T(near_above), T(factor_below), T(factor_above), T(between_below), T(between_above),
            T(window_below),
        T(window_above), T(gave_up_below), T(gave_up_above),
    };

    return RUN(tests);
}
