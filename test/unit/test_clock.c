/* test_clock.c: what time does: it adds states and chooses the display, and removes none (plugin/engine/clock.c).
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "play.h"

/* attempt: the client sends a SYN with another ISN into the live connection; the server has not accepted it. */
static void attempt(uint32_t isn, int after)
{
    client(SYN, .seq = AT(isn), .lost = true, .after = after);
}

/* case 67: LAST_ACK whose final ACK was not captured: no FIN again, so it may have closed */
SCENARIO(case_67)
{
    open_connection();
    client(FIN | ACK);
    server(ACK);
    server(FIN | ACK);                      shows("TIME_WAIT?", "LAST_ACK");
    client(ACK, .unseen = true);
    client(SYN, .seq = AT(70000), .after = 150 * SECOND, .lost = true);
    may_be(SERVER, "CLOSED");
}

SCENARIO(rule_9_time_wait_is_held_by_who_closed_first_and_ends_by_the_clock)
{
    open_connection();
    close_connection();
    wait_ms(61 * SECOND);
    /* nothing of the old connection is left */
    attempt(9000, 20);                      shows("SYN_SENT.", "LISTEN.");
    new_connection();
}

/* An ACK of the old connection long after the last SYN: who still waited would have repeated its SYN by now (RFC 6298
 * section 5.5). */
SCENARIO(a_syn_that_is_not_repeated_in_time_was_given_up)
{
    near(CLIENT);
    open_connection();
    attempt(5000, 20);
    attempt(5000, SECOND);                  shows("SYN_SENT", "ESTABLISHED");
    /* near miss: the next SYN may be due after two seconds */
    server(ACK, .after = 2 * SECOND);       shows("SYN_SENT", "ESTABLISHED");
    client(RST, .seq = AT(111), .lost = true, .micros = 1, .after = AT_ONCE);
    shows("SYN_SENT|CLOSED", "CLOSED|ESTABLISHED");
    server(ACK, .after = 4 * SECOND);
    client(RST, .seq = AT(111), .lost = true, .micros = 1, .after = AT_ONCE);
    shows("CLOSED|SYN_SENT", "CLOSED|ESTABLISHED");
}

/* case 69: CLOSE_WAIT for longer than the threshold, and nothing of the host in it: its application has not closed |
 * 3.6 */
SCENARIO(case_69)
{
    open_connection();
    client(FIN | ACK);
    server(ACK);                            shows("FIN_WAIT_2?", "CLOSE_WAIT");
    server(ACK, .after = 9 * SECOND);
    server(ACK, .after = 2 * SECOND);
    server(ACK, .after = 20 * SECOND);
}

/* case 59: FIN_WAIT_2 for more than a minute: it may have given up; the peer's late FIN, answered by a RST, proves it
 * | 3.10.7.1 */
SCENARIO(case_59)
{
    open_connection();
    client(FIN | ACK);
    server(ACK);
    server(FIN | ACK, .after = 70 * SECOND);
    client(RST, .seq = AT(112));            shows("CLOSED", "CLOSED?");
}

/* case 66: 2MSL is a preference, 60 s unless told: before it TIME_WAIT stands, after it the socket is taken for
 * CLOSED, by the clock | 3.10.8 TIME-WAIT
 * TIMEOUT */
SCENARIO(case_66)
{
    play.config.time_wait = 240ll * 1000000000;
    open_connection();
    close_connection();
    wait_ms(200 * SECOND);
    server(ACK, .seq = AT(301), .ack = AT(111), .forged = true);           shows("TIME_WAIT", "*");
    wait_ms(60 * SECOND);
    server(ACK, .seq = AT(301), .ack = AT(111), .forged = true);           shows("CLOSED?", "*");
    path(CLIENT, "TIME_WAIT CLOSED");
    may_be(CLIENT, "TIME_WAIT CLOSED");
}

/* case 75: Hours without a segment: the same connection, in the same states */
SCENARIO(case_75)
{
    open_connection();
    wait_ms(10ll * 3600 * SECOND);
    client(ACK, .len = 10);                 shows("ESTABLISHED", "ESTABLISHED.");
    same_connection();
    assert_int_equal(tcpfsm_incarnation(&play.connection), 1);
}

/* FIN_WAIT_2 of an orphan ends silently after a minute on real stacks: possible, never displayed. */
SCENARIO(fin_wait_2_may_have_timed_out)
{
    open_connection();
    client(FIN | ACK);
    server(ACK);                            shows("FIN_WAIT_2|FIN_WAIT_1", "CLOSE_WAIT");
    wait_ms(61 * SECOND);
    server(ACK);
    shows("FIN_WAIT_2.", "CLOSE_WAIT");
    may_be(CLIENT, "CLOSED FIN_WAIT_2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(case_67), T(rule_9_time_wait_is_held_by_who_closed_first_and_ends_by_the_clock),
        T(a_syn_that_is_not_repeated_in_time_was_given_up), T(case_69), T(case_59), T(case_66), T(case_75),
        T(fin_wait_2_may_have_timed_out),
    };

    return RUN(tests);
}
