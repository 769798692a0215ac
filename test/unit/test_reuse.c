/* test_reuse.c: a SYN on a live 4-tuple (plugin/engine/reuse.c; DESIGN rules 8 and 9).
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "play.h"

/* attempt: the client sends a SYN with another ISN into the live connection; the server has not accepted it. */
static void attempt(uint32_t isn, int after)
{
    client(SYN, .seq = AT(isn), .lost = true, .after = after);
}

SCENARIO(rule_8_a_new_syn_on_a_live_connection_is_a_pending_attempt)
{
    open_connection();
    attempt(5000, 20);                      shows("SYN_SENT|ESTABLISHED", "ESTABLISHED");
    same_connection();
    server(SYN | ACK, .seq = AT(7000), .ack = AT(5001));
    new_connection();                       shows("ESTABLISHED?", "SYN_RECEIVED?");
    assert_int_equal(tcpfsm_incarnation(&play.connection), 2);
    assert_int_equal(tcpfsm_opened_in(&play.connection), 6);
    client(ACK);                            shows("ESTABLISHED", "ESTABLISHED?");
}

/* Near the client its SYN is its own for sure. */
SCENARIO(near_the_client_the_attempt_is_certain)
{
    near(CLIENT);
    open_connection();
    attempt(5000, 20);                      shows("SYN_SENT", "ESTABLISHED");
}

/* RST,ACK to the new ISN: a new connection from there, refused. */
SCENARIO(attempt_refused)
{
    open_connection();
    attempt(5000, 20);
    server(RST | ACK, .seq = AT(0), .ack = AT(5001));
    shows("CLOSED.", "CLOSED.");
    new_connection();
}

/* case 07: A SYN with another ISN in SYN_RECEIVED: an old duplicate; the client rejects the answer to it | figure 8 */
SCENARIO(case_07)
{
    client(SYN, .seq = AT(100), .lost = true);
    client(SYN, .seq = AT(90), .forged = true);         same_connection();
    server(SYN | ACK, .seq = AT(300), .ack = AT(91));   shows("SYN_SENT.", "SYN_RECEIVED?");
    client(RST, .seq = AT(91));                         shows("SYN_SENT.", "LISTEN?");
}

/* case 26: A SYN in ESTABLISHED to LAST_ACK: a challenge ACK, its receiver stays; its sender is in SYN_SENT if the
 * SYN is its own | RFC 5961 4.2 */
SCENARIO(case_26)
{
    open_connection();
    attempt(5000, 20);                      shows("SYN_SENT?", "ESTABLISHED");
    server(ACK, .ack = AT(111));            shows("SYN_SENT?", "ESTABLISHED");
    same_connection();
}

/* case 27: A challenge ACK, no RST, and the old traffic goes on: an old duplicate; the connection is the same | 3.5 */
SCENARIO(case_27)
{
    open_connection();
    client(SYN, .seq = AT(5000), .forged = true);       shows("SYN_SENT?", "ESTABLISHED");
    server(ACK);
    client(ACK, .len = 10);                 shows("ESTABLISHED.", "ESTABLISHED");
    same_connection();
    server(ACK);                            shows("ESTABLISHED", "ESTABLISHED");
    assert_int_equal(tcpfsm_incarnation(&play.connection), 1);
}

/* case 28: A challenge ACK, a RST with its number, the SYN again and accepted: the old connection was half-open |
 * figure 9 */
SCENARIO(case_28)
{
    open_connection();
    attempt(5000, 60 * SECOND);
    server(ACK, .ack = AT(111));
    client(RST, .seq = AT(111));            shows("SYN_SENT.", "CLOSED?");
    client(SYN, .seq = AT(5000), .after = 10);          shows("SYN_SENT.", "*");
    server(SYN | ACK, .seq = AT(7000));     shows("ESTABLISHED?", "SYN_RECEIVED?");
    assert_int_equal(tcpfsm_incarnation(&play.connection), 2);
}

/* case 63: TIME_WAIT accepts a SYN whose number is beyond the old connection: a new connection. Until it answers its
 * holder is unchanged | RFC 6191 */
SCENARIO(case_63)
{
    open_connection();
    server(FIN | ACK);                      /* the server closes, so it holds TIME_WAIT */
    client(FIN | ACK);
    server(ACK);                            shows("CLOSED?", "TIME_WAIT");
    attempt(90000, SECOND);                 shows("SYN_SENT.", "TIME_WAIT?");
    may_be(SERVER, "SYN_RECEIVED");
    server(SYN | ACK, .seq = AT(95000), .ack = AT(90001));
    new_connection();                       shows("ESTABLISHED?", "SYN_RECEIVED?");
}

/* case 64: TIME_WAIT refuses a SYN whose number is too low: its ACK draws a RST, which ends it, and the SYN comes
 * again | 3.10.7.4 fourth */
SCENARIO(case_64)
{
    open_connection();
    server(FIN | ACK);
    client(FIN | ACK);
    server(ACK);                            shows("CLOSED?", "TIME_WAIT");
    client(SYN, .seq = AT(50), .lost = true, .after = SECOND);          shows("SYN_SENT.", "TIME_WAIT?");
    server(ACK, .ack = AT(112));            shows("SYN_SENT.", "TIME_WAIT.");
    same_connection();
    client(RST, .seq = AT(112));            shows("SYN_SENT.", "CLOSED?");
    client(SYN, .seq = AT(50), .after = SECOND);
    server(SYN | ACK, .seq = AT(99000), .ack = AT(51)); shows("ESTABLISHED?", "SYN_RECEIVED?");
    assert_int_equal(tcpfsm_incarnation(&play.connection), 2);
}

/* case 65: TIME_WAIT is held by the side whose FIN was sent before it received one: three-segment and simultaneous
 * close included | 3.6 */
SCENARIO(case_65)
{
    open_connection();
    server(FIN | ACK);                      shows("CLOSE_WAIT?", "FIN_WAIT_1");
    client(FIN | ACK);                      shows("LAST_ACK", "TIME_WAIT?");
    server(ACK);                            shows("CLOSED?", "TIME_WAIT");
    cannot_be(CLIENT, "TIME_WAIT CLOSING");
    cannot_be(SERVER, "CLOSED LAST_ACK");
}

/* The holder opens again itself: its own SYN ends TIME_WAIT. */
SCENARIO(own_syn_ends_time_wait)
{
    open_connection();
    close_connection();
    client(SYN, .seq = AT(90000), .after = SECOND);     shows("SYN_SENT.", "*");
    server(SYN | ACK, .seq = AT(95000));    shows("ESTABLISHED?", "SYN_RECEIVED?");
    assert_int_equal(tcpfsm_incarnation(&play.connection), 2);
}

/* case 84: The 4-tuple is used again and no close was captured: SYN and an acceptable SYN,ACK make a new connection |
 * 3.10.7.4 fourth */
SCENARIO(case_84)
{
    open_connection();
    attempt(70000, 10 * MINUTE);
    server(SYN | ACK, .seq = AT(80000), .ack = AT(70001));
    new_connection();                       shows("ESTABLISHED?", "SYN_RECEIVED?");
    assert_int_equal(tcpfsm_opened_in(&play.connection), 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(rule_8_a_new_syn_on_a_live_connection_is_a_pending_attempt), T(near_the_client_the_attempt_is_certain),
        T(attempt_refused), T(case_07), T(case_26), T(case_27), T(case_28), T(case_63), T(case_64), T(case_65),
        T(own_syn_ends_time_wait), T(case_84),
    };

    return RUN(tests);
}
