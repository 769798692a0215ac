/* test_arrive.c: what a segment does to the endpoint it is sent to, and how that assumption ends (plugin/engine/arrive.c; DESIGN rules 2, 3 and 6).
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "play.h"

SCENARIO(rule_2_a_receiver_that_has_shown_itself_is_assumed_to_receive)
{
    client(SYN);                            shows("SYN_SENT", "LISTEN|CLOSED|SYN_RECEIVED"); /* it has sent nothing yet */
    server(SYN | ACK);                      shows("ESTABLISHED|SYN_SENT", "SYN_RECEIVED|LISTEN");
    client(ACK);                            shows("ESTABLISHED", "ESTABLISHED?");
    client(ACK, .len = 10);
    server(ACK);
    client(FIN | ACK);                      shows("FIN_WAIT_1", "CLOSE_WAIT|ESTABLISHED");
    server(ACK);                            shows("FIN_WAIT_2|FIN_WAIT_1", "CLOSE_WAIT");
    server(FIN | ACK);                      shows("TIME_WAIT?", "LAST_ACK");
    client(ACK);                            shows("TIME_WAIT", "CLOSED|LAST_ACK");
}

/* What is captured beside an endpoint on its way there has as good as arrived: no doubt remains. */
SCENARIO(near_the_capture_an_arrival_is_certain)
{
    near(SERVER);
    client(SYN);
    server(SYN | ACK);                      shows("ESTABLISHED|SYN_SENT", "SYN_RECEIVED|LISTEN");
    client(ACK);
    client(ACK, .len = 10);
    server(ACK);
    client(FIN | ACK);                      shows("FIN_WAIT_1", "CLOSE_WAIT");
    server(ACK);                            shows("FIN_WAIT_2|FIN_WAIT_1", "CLOSE_WAIT");
    server(FIN | ACK);                      shows("TIME_WAIT?", "LAST_ACK");
    client(ACK);                            shows("TIME_WAIT", "CLOSED");
}

SCENARIO(near_the_client_the_syn_ack_has_arrived)
{
    near(CLIENT);
    client(SYN);
    server(SYN | ACK);                      shows("ESTABLISHED", "SYN_RECEIVED|LISTEN");
    client(ACK);
    client(ACK, .len = 10);
    server(ACK);
    server(FIN | ACK);                      shows("CLOSE_WAIT", "FIN_WAIT_1");
    client(FIN | ACK);                      shows("LAST_ACK", "TIME_WAIT?");
    server(ACK);                            shows("CLOSED", "TIME_WAIT");
}

SCENARIO(rule_3_the_benefit_of_the_doubt_ends_with_a_retransmission)
{
    open_connection();
    client(FIN | ACK);                      shows("FIN_WAIT_1", "CLOSE_WAIT?");
    client(FIN | ACK, .back = 1, .after = 300);     shows("FIN_WAIT_1", "ESTABLISHED?");
    may_be(SERVER, "ESTABLISHED CLOSE_WAIT");
    server(ACK);                            shows("FIN_WAIT_2?", "CLOSE_WAIT");
    client(FIN | ACK, .back = 1, .after = 600);     shows("FIN_WAIT_1.", "CLOSE_WAIT");
    finds("rollback", CLIENT, 8);
    server(ACK);                            shows("FIN_WAIT_2?", "CLOSE_WAIT");
    client(FIN | ACK, .back = 1, .after = 1200);    shows("FIN_WAIT_1.", "CLOSE_WAIT");
    finds_no("rollback");                   /* reported once */
}

/* For a near receiver the retransmission proves nothing about the first copy's delivery. */
SCENARIO(near_receiver_keeps_what_it_received)
{
    near(SERVER);
    open_connection();
    client(FIN | ACK);                      shows("FIN_WAIT_1", "CLOSE_WAIT");
    client(FIN | ACK, .back = 1, .after = 300);     shows("FIN_WAIT_1", "CLOSE_WAIT.");
}

/* A retransmission that left before the acknowledgement could be processed withdraws nothing. */
SCENARIO(a_retransmission_that_crossed_the_ack_withdraws_nothing)
{
    open_connection();
    client(FIN | ACK);
    server(ACK, .after = 200);              shows("FIN_WAIT_2?", "CLOSE_WAIT");
    client(FIN | ACK, .back = 1, .after = 1);       shows("FIN_WAIT_2?", "CLOSE_WAIT");
    finds_no("rollback");
}

SCENARIO(rule_6_capture_order_is_not_arrival_order)
{
    server(SYN | ACK);                      shows("SYN_SENT?", "SYN_RECEIVED?");
    client(SYN, .after = AT_ONCE, .micros = 100, .lost = true);
    same_connection();                      shows("ESTABLISHED?", "SYN_RECEIVED?");
    client(ACK);                            shows("ESTABLISHED", "ESTABLISHED?");
}

/* case 02: The SYN,ACK: the server is in SYN_RECEIVED; the client is assumed to receive it (near the client it has) | 3.10.7.2 */
SCENARIO(case_02)
{
    client(SYN);
    server(SYN | ACK);                      shows("ESTABLISHED|SYN_SENT", "SYN_RECEIVED|LISTEN");
    assert_int_equal(play.connection.role, TCPFSM_ROLE_SYN);
}

/* case 04: The SYN,ACK again after the final ACK was captured: the server is in SYN_RECEIVED still, the client stays ESTABLISHED | 3.10.8 */
SCENARIO(case_04)
{
    client(SYN);
    server(SYN | ACK);
    client(ACK);                            shows("ESTABLISHED", "ESTABLISHED?");
    server(SYN | ACK, .after = SECOND);     shows("ESTABLISHED", "SYN_RECEIVED.");
    finds("rollback", SERVER, 3);
    client(ACK);                            shows("ESTABLISHED", "ESTABLISHED?");
}

/* case 49: Simultaneous close with one FIN lost: its receiver knows nothing until it is sent again */
SCENARIO(case_49)
{
    open_connection();
    client(FIN | ACK, .lost = true);
    server(FIN | ACK, .ack = AT(111), .after = 1);          shows("CLOSING?", "FIN_WAIT_1?");
    finds("close.simultaneous", NOBODY, 0);
    client(ACK, .ack = AT(302));                            shows("CLOSING.", "TIME_WAIT?");
    may_be(SERVER, "FIN_WAIT_2");
    client(FIN | ACK, .seq = AT(111), .ack = AT(302), .after = 300);
    server(ACK, .ack = AT(112));                            shows("TIME_WAIT?", "TIME_WAIT.");
}

/* case 51: A FIN again with no ACK between: its sender stays, its receiver has shown nothing | 3.6 case 1 */
SCENARIO(case_51)
{
    open_connection();
    client(FIN | ACK, .lost = true);        shows("FIN_WAIT_1", "CLOSE_WAIT?");
    client(FIN | ACK, .back = 1, .lost = true, .after = 300);       shows("FIN_WAIT_1", "ESTABLISHED?");
    client(FIN | ACK, .back = 1, .lost = true, .after = 600);       shows("FIN_WAIT_1", "ESTABLISHED?");
}

/* case 52: LAST_ACK sends its FIN again after the final ACK was captured: back from CLOSED; the client acknowledges again and 2MSL start over | 3.10.7.4
 * eighth */
SCENARIO(case_52)
{
    open_connection();
    close_connection();
    server(FIN | ACK, .back = 1, .after = 300);             shows("TIME_WAIT", "LAST_ACK");
    finds("time_wait.fin_retransmission", CLIENT, 9);
    finds_no("rollback");                   /* the same fact is not told twice */
    client(ACK, .after = 1);                                shows("TIME_WAIT", "CLOSED?");
}

/* case 54: The client's FIN again after the server's ACK was captured: that ACK was lost, FIN_WAIT_1 still | 3.10.8 */
SCENARIO(case_54)
{
    open_connection();
    client(FIN | ACK);
    server(ACK);                            shows("FIN_WAIT_2?", "CLOSE_WAIT");
    client(FIN | ACK, .back = 1, .after = 300);             shows("FIN_WAIT_1", "CLOSE_WAIT");
    finds("rollback", CLIENT, 7);
}

/* case 62: An old segment in TIME_WAIT is acknowledged and moves nobody; a FIN restarts 2MSL | 3.10.7.4 first */
SCENARIO(case_62)
{
    open_connection();
    server(ACK, .len = 10);
    client(ACK);
    close_connection();
    server(ACK, .seq = AT(301), .ack = AT(111), .len = 10, .forged = true, .after = 300);   shows("TIME_WAIT", "CLOSED?");
    client(ACK);                            shows("TIME_WAIT", "CLOSED?");
    wait_ms(50000);
    server(FIN | ACK, .back = 1);           shows("TIME_WAIT", "LAST_ACK.");
    finds("time_wait.fin_retransmission", CLIENT, 0);
    client(ACK, .after = 1);
    wait_ms(50000);                         /* 100 s after TIME_WAIT began, 50 s after it began again */
    server(FIN | ACK, .back = 1);           shows("TIME_WAIT", "LAST_ACK.");
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

/* case 68: A FIN that arrives in SYN_SENT is dropped: its number cannot be validated | 3.10.7.4 eighth */
SCENARIO(case_68)
{
    client(SYN);
    server(FIN | ACK, .seq = AT(900), .ack = AT(50), .forged = true);
    shows("SYN_SENT", "FIN_WAIT_1.");
    path(CLIENT, "");
}

/* case 77: SYN,ACK before its SYN, ACK before the data: facts about a sender hold at once, those about a receiver wait for their cause */
SCENARIO(case_77)
{
    client(SYN);
    server(SYN | ACK);
    client(ACK);
    play.end[1].rcv += 10;                  /* the data arrived before the capture had it */
    server(ACK);                            shows("ESTABLISHED", "ESTABLISHED.");
    client(ACK, .len = 10, .after = AT_ONCE, .micros = 50);         shows("ESTABLISHED", "ESTABLISHED.");
    client(FIN | ACK);                      shows("FIN_WAIT_1", "CLOSE_WAIT?");
    finds_no(NULL);
}

/* The ACK of a FIN captured before the FIN. */
SCENARIO(ack_of_fin_captured_before_it)
{
    open_connection();
    play.end[1].rcv += 1;
    server(ACK);                            may_be(SERVER, "CLOSE_WAIT");
    client(FIN | ACK, .after = AT_ONCE, .micros = 50);              shows("FIN_WAIT_2?", "CLOSE_WAIT");
}

/* Beside the capture what comes by has as good as arrived, until the endpoint shows that it did not: then that is possible, and after a second time assumed. */
SCENARIO(near_receiver_that_is_deaf_is_no_longer_believed_to_hear)
{
    near(SERVER);
    open_connection();
    client(FIN | ACK);
    server(ACK);
    server(FIN | ACK);                                  shows("TIME_WAIT?", "LAST_ACK");
    client(ACK, .lost = true);                          shows("TIME_WAIT", "CLOSED");
    server(FIN | ACK, .back = 1, .after = 300);         shows("TIME_WAIT", "LAST_ACK");
    finds("time_wait.fin_retransmission", CLIENT, 0);
    client(ACK, .lost = true);                          shows("TIME_WAIT", "CLOSED|LAST_ACK");
    server(FIN | ACK, .back = 1, .after = 600);         shows("TIME_WAIT", "LAST_ACK");
    client(ACK, .lost = true);                          shows("TIME_WAIT", "LAST_ACK|CLOSED");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(rule_2_a_receiver_that_has_shown_itself_is_assumed_to_receive), T(near_the_capture_an_arrival_is_certain), T(near_the_client_the_syn_ack_has_arrived),
        T(near_receiver_that_is_deaf_is_no_longer_believed_to_hear),
        T(rule_3_the_benefit_of_the_doubt_ends_with_a_retransmission), T(near_receiver_keeps_what_it_received),
        T(a_retransmission_that_crossed_the_ack_withdraws_nothing), T(rule_6_capture_order_is_not_arrival_order), T(case_02), T(case_04), T(case_49),
        T(case_51),
        T(case_52), T(case_54), T(case_62), T(case_67), T(case_68), T(case_77), T(ack_of_fin_captured_before_it),
    };

    return RUN(tests);
}
