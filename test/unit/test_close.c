/* test_close.c: FIN and the ACK of a FIN (plugin/engine/close.c; DESIGN rules 1, 3 and 4).
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "play.h"

/* case 44: A FIN that carries data stands after it: an ACK of the data alone is no ACK of the FIN | 3.10.7.4 eighth */
SCENARIO(case_44)
{
    open_connection();
    client(FIN | ACK, .len = 50);               shows("FIN_WAIT_1", "CLOSE_WAIT?");
    server(ACK, .ack = AT(161));                shows("FIN_WAIT_1", "ESTABLISHED?");
    server(ACK, .ack = AT(162));                shows("FIN_WAIT_2?", "CLOSE_WAIT");
}

/* case 45: An ACK that does not cover the FIN moves nobody | 3.10.7.4 fifth, FIN-WAIT-1 */
SCENARIO(case_45)
{
    open_connection();
    client(FIN | ACK);                          shows("FIN_WAIT_1", "CLOSE_WAIT?");
    server(ACK, .ack = AT(111));                shows("FIN_WAIT_1", "ESTABLISHED?");
    server(ACK, .ack = AT(111), .len = 20);     shows("FIN_WAIT_1", "ESTABLISHED?");
    server(ACK, .ack = AT(112));                shows("FIN_WAIT_2?", "CLOSE_WAIT");
}

SCENARIO(rule_4_an_ack_must_cover_the_fin)
{
    open_connection();
    client(FIN | ACK);                          shows("FIN_WAIT_1", "CLOSE_WAIT?");
    server(ACK, .over = 1, .forged = true);     /* above FIN + 1: unacceptable, moves nobody */
    shows("FIN_WAIT_1", "CLOSE_WAIT.");
    server(ACK, .over = 1000, .forged = true);  shows("FIN_WAIT_1", "CLOSE_WAIT.");
    server(ACK);                                shows("FIN_WAIT_2?", "CLOSE_WAIT");
}

/* case 42: The client's FIN: FIN_WAIT_1, proven; the server CLOSE_WAIT, assumed | figure 12 */
SCENARIO(case_42)
{
    open_connection();
    client(FIN | ACK);                      shows("FIN_WAIT_1", "CLOSE_WAIT|ESTABLISHED");
}

/* case 46: The ACK of the FIN: the server is in CLOSE_WAIT, proven; the client in FIN_WAIT_2, assumed | figure 12 */
SCENARIO(case_46)
{
    open_connection();
    client(FIN | ACK);
    server(ACK);                            shows("FIN_WAIT_2|FIN_WAIT_1", "CLOSE_WAIT");
}

/* case 47: Close in three segments: the server goes to LAST_ACK by way of CLOSE_WAIT, the client straight to
 * TIME_WAIT | figure 5 note 2 */
SCENARIO(case_47)
{
    open_connection();
    client(FIN | ACK);
    server(FIN | ACK);                      shows("TIME_WAIT?", "LAST_ACK");
    path(SERVER, "CLOSE_WAIT LAST_ACK");
    client(ACK);                            shows("TIME_WAIT", "CLOSED?");
}

/* The same where the server had not been assumed to have the FIN: both edges are listed. */
SCENARIO(two_edges_in_one_segment)
{
    open_connection();
    client(FIN | ACK);
    server(ACK, .unacked = 1, .after = 100); shows("FIN_WAIT_1", "ESTABLISHED.");
    client(FIN | ACK, .back = 1, .after = 300);
    server(FIN | ACK, .after = 1);          shows("TIME_WAIT?", "LAST_ACK");
}

/* case 48: Two FINs, neither acknowledging the other: each FIN_WAIT_1, CLOSING when the other's arrives, TIME_WAIT
 * with its ACK; both end there | figure 13 */
SCENARIO(case_48)
{
    open_connection();
    client(FIN | ACK, .lost = true);
    server(FIN | ACK, .ack = AT(111), .after = 1);  shows("CLOSING?", "FIN_WAIT_1?");
    client(ACK, .ack = AT(302));            shows("CLOSING.", "TIME_WAIT?");
    server(ACK, .ack = AT(112));            shows("TIME_WAIT?", "TIME_WAIT.");
    cannot_be(CLIENT, "CLOSED LAST_ACK CLOSE_WAIT");
    cannot_be(SERVER, "CLOSED LAST_ACK CLOSE_WAIT");
}

/* case 50: A second FIN is passive if its ACK covers the first, simultaneous if not | 3.10.7.4 */
SCENARIO(case_50)
{
    open_connection();
    client(FIN | ACK);
    server(FIN | ACK);                      shows("TIME_WAIT?", "LAST_ACK");
}

/* case 56: New data beyond the FIN is not this connection's; data again below it is a retransmission | 3.10.4 */
SCENARIO(case_56)
{
    open_connection();
    client(FIN | ACK, .len = 20);
    client(ACK, .seq = AT(111), .len = 20, .after = 300);   shows("FIN_WAIT_1", "CLOSE_WAIT.");
    server(ACK);
    client(ACK, .len = 30);                 shows("FIN_WAIT_2.", "CLOSE_WAIT");
}

/* The FIN was not the client's: it goes on sending where the FIN stood. */
SCENARIO(a_fin_in_the_place_of_data_is_withdrawn)
{
    open_connection();
    client(FIN | ACK, .forged = true);      shows("FIN_WAIT_1", "CLOSE_WAIT?");
    client(ACK, .len = 100);                shows("ESTABLISHED.", "ESTABLISHED.");
}

/* A FIN that carries an older ACK than its sender has sent since was held up on its way: it says nothing of where its
 * sender is now. */
SCENARIO(a_late_copy_of_a_fin_rolls_nothing_back)
{
    open_connection();
    close_connection();
    client(FIN | ACK, .seq = AT(111), .ack = AT(301), .after = 500);
    shows("TIME_WAIT", "CLOSED?");
}

/* case 49: Simultaneous close with one FIN lost: its receiver knows nothing until it is sent again */
SCENARIO(case_49)
{
    open_connection();
    client(FIN | ACK, .lost = true);
    server(FIN | ACK, .ack = AT(111), .after = 1);          shows("CLOSING?", "FIN_WAIT_1?");
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

/* case 52: LAST_ACK sends its FIN again after the final ACK was captured: back from CLOSED; the client acknowledges
 * again and 2MSL start over | 3.10.7.4
 * eighth */
SCENARIO(case_52)
{
    open_connection();
    close_connection();
    /* that ACK may still be under way */
    server(FIN | ACK, .back = 1, .after = 300);             shows("TIME_WAIT", "LAST_ACK|CLOSED");
    client(ACK, .after = 1);                                shows("TIME_WAIT", "CLOSED?");
}

/* case 54: The client's FIN again after the server's ACK was captured: that ACK was lost, FIN_WAIT_1 still | 3.10.8 */
SCENARIO(case_54)
{
    open_connection();
    client(FIN | ACK);
    server(ACK);                            shows("FIN_WAIT_2?", "CLOSE_WAIT");
    client(FIN | ACK, .back = 1, .after = 300);             shows("FIN_WAIT_1|FIN_WAIT_2", "CLOSE_WAIT");
}

/* case 51 and 67: a FIN again and again and no answer. */
SCENARIO(half_open_fin)
{
    open_connection();
    client(FIN | ACK);
    client(FIN | ACK, .back = 1, .after = SECOND);
    client(FIN | ACK, .back = 1, .after = 2 * SECOND);
    client(FIN | ACK, .back = 1, .after = 4 * SECOND);
}

/* case 55: A half-close with data flowing is no leak, however long; CLOSE_WAIT lingers only when idle | 3.6.1 */
SCENARIO(case_55)
{
    open_connection();
    client(FIN | ACK);
    server(ACK);
    server(ACK, .len = 100);
    for (unsigned i = 0; i < 20; i++) {
        server(ACK, .len = 100, .after = 8 * SECOND);
        client(ACK);                        shows("FIN_WAIT_2.", "CLOSE_WAIT");
    }
    server(FIN | ACK);
    client(ACK);                            shows("TIME_WAIT", "CLOSED?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(case_44), T(case_45), T(rule_4_an_ack_must_cover_the_fin), T(case_42), T(case_46), T(case_47),
        T(two_edges_in_one_segment), T(case_48), T(case_50), T(case_56), T(a_fin_in_the_place_of_data_is_withdrawn),
        T(a_late_copy_of_a_fin_rolls_nothing_back), T(case_49), T(case_51), T(case_52), T(case_54), T(half_open_fin),
        T(case_55),
    };

    return RUN(tests);
}
