/* test_sent.c: what a segment shows of its sender (plugin/engine/sent.c; DESIGN rule 1).
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "play.h"

SCENARIO(rule_1_a_segment_shows_its_sender)
{
    client(SYN);                            shows("SYN_SENT", "LISTEN?");
    server(SYN | ACK);                      shows("ESTABLISHED?", "SYN_RECEIVED|LISTEN");
    server(SYN | ACK, .after = SECOND);     shows("SYN_SENT|ESTABLISHED", "SYN_RECEIVED"); /* a cookie is never sent again: there is a socket */
    client(ACK);                            shows("ESTABLISHED", "ESTABLISHED?");
    may_be(SERVER, "SYN_RECEIVED");
    server(ACK);                            may_be(SERVER, "SYN_RECEIVED"); /* acknowledges nothing new: proves nothing */
    client(ACK, .len = 1);
    server(ACK);                            shows("ESTABLISHED", "ESTABLISHED");
    client(FIN | ACK);                      shows("FIN_WAIT_1", "CLOSE_WAIT?");
    server(FIN | ACK);                      shows("TIME_WAIT?", "LAST_ACK");
}

/* case 01: A SYN: its sender is in SYN_SENT, proven; of the server nothing is known but that it may listen | 3.5, figure 6 */
SCENARIO(case_01)
{
    client(SYN);                            shows("SYN_SENT", "LISTEN|CLOSED|SYN_RECEIVED");
    path(CLIENT, "CLOSED SYN_SENT");
    assert_int_equal(tcpfsm_role(&play.connection), TCPFSM_ROLE_SYN);
}

/* case 03: The third segment: the client is ESTABLISHED, proven; the server, assumed, until it sends data, or acknowledges some | 3.10.7.4 fifth */
SCENARIO(case_03)
{
    client(SYN);
    server(SYN | ACK);
    client(ACK);                            shows("ESTABLISHED", "ESTABLISHED?");
    server(ACK, .len = 10);                 shows("ESTABLISHED", "ESTABLISHED");
}

/* case 05: A late SYN,ACK with the same ISN in ESTABLISHED: the client stays and acknowledges again | 3.10.7.4 first */
SCENARIO(case_05)
{
    client(SYN);
    server(SYN | ACK);
    client(ACK);
    client(ACK, .len = 10);
    server(ACK);
    server(SYN | ACK, .seq = AT(300), .ack = AT(101), .after = 5, .forged = true);
    shows("ESTABLISHED", "ESTABLISHED");
    client(ACK);
    shows("ESTABLISHED", "ESTABLISHED");
}

/* case 11: Simultaneous open: both SYN_SENT, each SYN_RECEIVED when the other's SYN arrives, ESTABLISHED with the other's ACK | figure 7, MUST-10 */
SCENARIO(case_11)
{
    client(SYN, .lost = true);              shows("SYN_SENT", "LISTEN?");
    server(SYN, .after = 1);                shows("SYN_RECEIVED?", "SYN_SENT.");
    finds("open.simultaneous", NOBODY, 0);
    same_connection();
    client(SYN | ACK, .ack = AT(301));      shows("SYN_RECEIVED.", "ESTABLISHED?");
    server(SYN | ACK, .ack = AT(101));      shows("ESTABLISHED?", "SYN_RECEIVED.");
    client(ACK, .ack = AT(301));
    server(ACK, .ack = AT(101));            shows("ESTABLISHED.", "ESTABLISHED.");
    client(ACK, .len = 3);
    server(ACK, .len = 3);                  shows("ESTABLISHED", "ESTABLISHED");
}

/* case 12: Split handshake: SYN, ACK, SYN, SYN,ACK, ACK: the client passes through SYN_RECEIVED | 3.10.7.3 fourth */
SCENARIO(case_12)
{
    client(SYN);                            shows("SYN_SENT", "LISTEN?");
    server(ACK, .seq = AT(300));            shows("SYN_SENT.", "LISTEN?");
    server(SYN, .seq = AT(300));            shows("SYN_RECEIVED?", "SYN_SENT.");
    finds("open.simultaneous", NOBODY, 0);
    same_connection();
    client(SYN | ACK, .seq = AT(100), .ack = AT(301)); may_be(SERVER, "ESTABLISHED");
    server(ACK, .seq = AT(301), .ack = AT(101));       shows("ESTABLISHED?", "ESTABLISHED.");
}

/* case 13: A bare ACK in answer to a SYN moves nobody | 3.10.7.3 fifth */
SCENARIO(case_13)
{
    client(SYN);
    server(ACK, .seq = AT(300));            shows("SYN_SENT.", "LISTEN?");
    server(SYN | ACK, .after = 5);          shows("ESTABLISHED?", "SYN_RECEIVED?");
    client(ACK);                            shows("ESTABLISHED", "ESTABLISHED?");
}

/* case 15: Fast Open: data in the SYN; the server may send before the handshake ends, which then proves nothing | RFC 7413 */
SCENARIO(case_15)
{
    client(SYN, .len = 50, .fast_open = true);              shows("SYN_SENT", "LISTEN?");
    server(SYN | ACK, .ack = AT(151));                      shows("ESTABLISHED?", "SYN_RECEIVED?");
    server(ACK, .len = 100, .ack = AT(151), .after = 1);    may_be(SERVER, "SYN_RECEIVED");
    client(ACK, .seq = AT(151), .ack = AT(401));            shows("ESTABLISHED", "ESTABLISHED?");
    client(ACK, .seq = AT(151), .len = 9);
    server(ACK, .ack = AT(160));                            shows("ESTABLISHED", "ESTABLISHED");
}

/* case 16: A SYN cookie: until the final ACK there may be no socket; the answer to it makes one | RFC 4987 3.6 */
SCENARIO(case_16)
{
    client(SYN);
    server(SYN | ACK);                      shows("ESTABLISHED?", "SYN_RECEIVED|LISTEN");
    client(ACK);                            shows("ESTABLISHED", "ESTABLISHED?");
    cannot_be(SERVER, "CLOSED");
}

/* case 20: The last ACK of the handshake is lost, the FIN's ACK does its work: ESTABLISHED and CLOSE_WAIT in one segment | 3.10.7.4 fifth and eighth */
SCENARIO(case_20)
{
    client(SYN);
    server(SYN | ACK);
    client(ACK, .unseen = true);
    client(FIN | ACK);                      shows("FIN_WAIT_1", "CLOSE_WAIT?");
    path(CLIENT, "ESTABLISHED FIN_WAIT_1");
    path(SERVER, "SYN_RECEIVED ESTABLISHED CLOSE_WAIT");
}

/* case 21: CLOSE in SYN_RECEIVED sends a FIN: FIN_WAIT_1 | 3.10.4 */
SCENARIO(case_21)
{
    client(SYN);
    server(SYN | ACK);
    server(FIN | ACK, .after = 1);          shows("CLOSE_WAIT?", "FIN_WAIT_1");
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

/* case 47: Close in three segments: the server goes to LAST_ACK by way of CLOSE_WAIT, the client straight to TIME_WAIT | figure 5 note 2 */
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

/* case 48: Two FINs, neither acknowledging the other: each FIN_WAIT_1, CLOSING when the other's arrives, TIME_WAIT with its ACK; both end there | figure 13 */
SCENARIO(case_48)
{
    open_connection();
    client(FIN | ACK, .lost = true);
    server(FIN | ACK, .ack = AT(111), .after = 1);  shows("CLOSING?", "FIN_WAIT_1?");
    finds("close.simultaneous", NOBODY, 0);
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
    finds_no("close.simultaneous");
}

/* case 56: New data beyond the FIN is not this connection's; data again below it is a retransmission | 3.10.4 */
SCENARIO(case_56)
{
    open_connection();
    client(FIN | ACK, .len = 20);
    client(ACK, .seq = AT(111), .len = 20, .after = 300);   shows("FIN_WAIT_1", "CLOSE_WAIT.");
    finds_no("data_after_fin");
    server(ACK);
    client(ACK, .len = 30);                 shows("FIN_WAIT_2.", "CLOSE_WAIT");
    finds("data_after_fin", CLIENT, 6);
}

/* The FIN was not the client's: it goes on sending where the FIN stood. */
SCENARIO(a_fin_in_the_place_of_data_is_withdrawn)
{
    open_connection();
    client(FIN | ACK, .forged = true);      shows("FIN_WAIT_1", "CLOSE_WAIT?");
    client(ACK, .len = 100);                shows("ESTABLISHED.", "ESTABLISHED.");
    finds("fin.unsent", CLIENT, 6);
}

/* case 72: The first segment captured is a FIN: its sender is in FIN_WAIT_1 or LAST_ACK | 3.10.4 */
SCENARIO(case_72)
{
    client(FIN | ACK);                      shows("FIN_WAIT_1?", "CLOSE_WAIT?");
    may_be(CLIENT, "FIN_WAIT_1 LAST_ACK");
    cannot_be(CLIENT, "ESTABLISHED CLOSE_WAIT SYN_SENT LISTEN");
    finds("midstream", NOBODY, 0);
    server(ACK, .len = 10);                 shows("FIN_WAIT_2?", "CLOSE_WAIT.");
}

/* case 74: One direction only: the unseen side is read from the acknowledgements of the seen one | 3.10.7.4 */
SCENARIO(case_74)
{
    client(SYN);                            shows("SYN_SENT", "LISTEN?");
    server(SYN | ACK, .unseen = true);
    client(ACK);                            shows("ESTABLISHED", "ESTABLISHED?");
    client(ACK, .len = 50);                 shows("ESTABLISHED", "ESTABLISHED?");
    server(ACK, .len = 200, .unseen = true);
    client(ACK);                            shows("ESTABLISHED.", "ESTABLISHED?");
    client(FIN | ACK);                      shows("FIN_WAIT_1.", "CLOSE_WAIT?");
    server(FIN | ACK, .unseen = true);
    client(ACK);                            shows("TIME_WAIT?", "CLOSED?");
    may_be(CLIENT, "TIME_WAIT");
}

/* case 78: Segments the capture missed follow from later numbers: the SYN,ACK, the last ACK of the handshake, a FIN | 3.10.7.4 */
SCENARIO(case_78)
{
    client(SYN);
    server(SYN | ACK);
    client(ACK, .unseen = true);
    server(ACK, .len = 10);                 shows("ESTABLISHED.", "ESTABLISHED");
    client(ACK, .len = 5);                  shows("ESTABLISHED", "ESTABLISHED");
    server(FIN | ACK, .unseen = true);
    client(FIN | ACK);                      shows("LAST_ACK.", "TIME_WAIT.");   /* its ACK and its FIN arrive */
    may_be(SERVER, "FIN_WAIT_2");
}

/* The server acknowledges one octet more than the client sent: a FIN that somebody made up. Beside the client, its next segment shows that it sent none. */
SCENARIO(an_octet_that_was_never_sent_is_no_fin)
{
    near(CLIENT);
    open_connection();
    server(ACK, .over = 1);                             shows("ESTABLISHED|FIN_WAIT_2", "ESTABLISHED|CLOSE_WAIT");
    client(ACK);                                        shows("ESTABLISHED", "ESTABLISHED|CLOSE_WAIT");
    server(FIN | ACK, .over = 1, .lost = true);         shows("ESTABLISHED", "FIN_WAIT_1|LAST_ACK");     /* unacceptable: dropped whole */
}

/* A FIN that carries an older ACK than its sender has sent since was held up on its way: it says nothing of where its sender is now. */
SCENARIO(a_late_copy_of_a_fin_rolls_nothing_back)
{
    open_connection();
    close_connection();
    client(FIN | ACK, .seq = AT(111), .ack = AT(301), .after = 500);
    shows("TIME_WAIT", "CLOSED?");
    finds_no("rollback");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_late_copy_of_a_fin_rolls_nothing_back), T(rule_1_a_segment_shows_its_sender), T(case_01), T(case_03), T(case_05), T(case_11), T(case_12), T(case_13), T(case_15), T(case_16), T(case_20),
        T(case_21),
        T(case_42), T(case_46), T(case_47), T(two_edges_in_one_segment), T(case_48), T(case_50), T(case_56), T(a_fin_in_the_place_of_data_is_withdrawn),
        T(case_72),
        T(case_74), T(case_78),
        T(an_octet_that_was_never_sent_is_no_fin),
    };

    return RUN(tests);
}
