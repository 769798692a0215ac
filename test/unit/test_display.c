/* test_display.c: which possible state is displayed (plugin/engine/display.c; DESIGN rules 2 and 3).
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "play.h"

SCENARIO(rule_2_a_receiver_that_has_shown_itself_is_assumed_to_receive)
{
    /* it has sent nothing yet */
    client(SYN);                            shows("SYN_SENT", "LISTEN|CLOSED|SYN_RECEIVED");
    server(SYN | ACK);                      shows("ESTABLISHED|SYN_SENT", "SYN_RECEIVED|LISTEN");
    client(ACK);                            shows("ESTABLISHED", "ESTABLISHED?");
    client(ACK, .len = 10);
    server(ACK);
    client(FIN | ACK);                      shows("FIN_WAIT_1", "CLOSE_WAIT|ESTABLISHED");
    server(ACK);                            shows("FIN_WAIT_2|FIN_WAIT_1", "CLOSE_WAIT");
    server(FIN | ACK);                      shows("TIME_WAIT?", "LAST_ACK");
    client(ACK);                            shows("TIME_WAIT", "CLOSED|LAST_ACK");
}

SCENARIO(rule_3_the_benefit_of_the_doubt_ends_with_a_retransmission)
{
    open_connection();
    client(FIN | ACK);                      shows("FIN_WAIT_1", "CLOSE_WAIT?");
    client(FIN | ACK, .back = 1, .after = 300);     shows("FIN_WAIT_1", "ESTABLISHED?");
    may_be(SERVER, "ESTABLISHED CLOSE_WAIT");
    server(ACK);                            shows("FIN_WAIT_2?", "CLOSE_WAIT");
    client(FIN | ACK, .back = 1, .after = 600);     shows("FIN_WAIT_1.", "CLOSE_WAIT");
    server(ACK);                            shows("FIN_WAIT_2?", "CLOSE_WAIT");
    client(FIN | ACK, .back = 1, .after = 1200);    shows("FIN_WAIT_1.", "CLOSE_WAIT");
}

/* A retransmission that left before the acknowledgement could be processed: its sender was in FIN_WAIT_1, and
 * FIN_WAIT_2 is possible still. */
SCENARIO(a_retransmission_that_crossed_the_ack_leaves_it_under_way)
{
    open_connection();
    client(FIN | ACK);
    server(ACK, .after = 200);              shows("FIN_WAIT_2?", "CLOSE_WAIT");
    client(FIN | ACK, .back = 1, .after = 1);       shows("FIN_WAIT_2|FIN_WAIT_1", "CLOSE_WAIT");
    server(ACK, .after = 1);                shows("FIN_WAIT_2?", "CLOSE_WAIT");
}

/* case 62: An old segment in TIME_WAIT is acknowledged and moves nobody; a FIN restarts 2MSL | 3.10.7.4 first */
SCENARIO(case_62)
{
    open_connection();
    server(ACK, .len = 10);
    client(ACK);
    close_connection();
    server(ACK, .seq = AT(301), .ack = AT(111), .len = 10, .forged = true, .after = 300);   shows("TIME_WAIT",
        "CLOSED?");
    client(ACK);                            shows("TIME_WAIT", "CLOSED?");
    wait_ms(50000);
    server(FIN | ACK, .back = 1);           shows("TIME_WAIT", "LAST_ACK.");
    client(ACK, .after = 1);
    /* 100 s after TIME_WAIT began, 50 s after it began again, if the FIN was what it answered */
    wait_ms(50000);
    server(FIN | ACK, .back = 1);           shows("TIME_WAIT|CLOSED", "LAST_ACK.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(rule_2_a_receiver_that_has_shown_itself_is_assumed_to_receive),
        T(rule_3_the_benefit_of_the_doubt_ends_with_a_retransmission),
        T(a_retransmission_that_crossed_the_ack_leaves_it_under_way), T(case_62),
    };

    return RUN(tests);
}
