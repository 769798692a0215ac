/* test_missing.c: what the capture lacks: missed segments, its beginning, one direction, order
 * (plugin/engine/missing.c; DESIGN rules 4, 6 and 10).
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "play.h"

/* case 23: An ACK beyond what was captured: the capture missed segments, the receiver has them; nobody moves and the
 * gap is closed by the ACK | 3.10.7.4
 * fifth */
SCENARIO(case_23)
{
    open_connection();
    client(ACK, .len = 500, .unseen = true);
    /* the last octet may be a FIN */
    server(ACK);                shows("ESTABLISHED|FIN_WAIT_1|FIN_WAIT_2", "ESTABLISHED|CLOSE_WAIT");
    path(CLIENT, "");           path(SERVER, "");
    client(FIN | ACK);          shows("FIN_WAIT_1.", "CLOSE_WAIT?");
    cannot_be(CLIENT, "ESTABLISHED CLOSE_WAIT");
}

/* The same with the gap filled by an ACK: the capture missed what the receiver has. */
SCENARIO(fin_beyond_bytes_not_captured)
{
    open_connection();
    client(ACK, .len = 100, .unseen = true);
    client(FIN | ACK);                          shows("FIN_WAIT_1", "ESTABLISHED");
    server(ACK);                                shows("FIN_WAIT_2?", "CLOSE_WAIT");
}

/* case 72: The first segment captured is a FIN: its sender is in FIN_WAIT_1 or LAST_ACK | 3.10.4 */
SCENARIO(case_72)
{
    client(FIN | ACK);                      shows("FIN_WAIT_1?", "CLOSE_WAIT?");
    may_be(CLIENT, "FIN_WAIT_1 LAST_ACK");
    cannot_be(CLIENT, "ESTABLISHED CLOSE_WAIT SYN_SENT LISTEN");
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

/* case 78: Segments the capture missed follow from later numbers: the SYN,ACK, the last ACK of the handshake, a FIN |
 * 3.10.7.4 */
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

/* The server acknowledges one octet more than the client sent: somebody made it up. An ACK below it looks like a
 * keepalive; data in its place refutes it. */
SCENARIO(an_octet_that_was_never_sent_is_no_fin)
{
    near(CLIENT);
    open_connection();
    server(ACK, .over = 1);                             shows("ESTABLISHED|FIN_WAIT_1|FIN_WAIT_2",
        "ESTABLISHED|CLOSE_WAIT");
    client(ACK, .unacked = 0);                          shows("ESTABLISHED|FIN_WAIT_1|FIN_WAIT_2",
        "ESTABLISHED|CLOSE_WAIT");
    client(ACK, .len = 5);                              shows("ESTABLISHED", "ESTABLISHED");
}

SCENARIO(rule_6_capture_order_is_not_arrival_order)
{
    server(SYN | ACK);                      shows("SYN_SENT?", "SYN_RECEIVED?");
    client(SYN, .after = AT_ONCE, .micros = 100, .lost = true);
    same_connection();                      shows("ESTABLISHED?", "SYN_RECEIVED?");
    client(ACK);                            shows("ESTABLISHED", "ESTABLISHED?");
}

/* case 77: SYN,ACK before its SYN, ACK before the data: facts about a sender hold at once, those about a receiver
 * wait for their cause */
SCENARIO(case_77)
{
    client(SYN);
    server(SYN | ACK);
    client(ACK);
    play.end[1].rcv += 10;                  /* the data arrived before the capture had it */
    /* the last octet may be a FIN */
    server(ACK);                            shows("ESTABLISHED|FIN_WAIT_1|FIN_WAIT_2", "ESTABLISHED.");
    client(ACK, .len = 10, .after = AT_ONCE, .micros = 50);         shows("ESTABLISHED", "ESTABLISHED.");
    client(FIN | ACK);                      shows("FIN_WAIT_1", "CLOSE_WAIT?");
}

/* The ACK of a FIN captured before the FIN. */
SCENARIO(ack_of_fin_captured_before_it)
{
    open_connection();
    play.end[1].rcv += 1;
    server(ACK);                            may_be(SERVER, "CLOSE_WAIT");
    client(FIN | ACK, .after = AT_ONCE, .micros = 50);              shows("FIN_WAIT_2?", "CLOSE_WAIT");
}

/* case 71: Mid-stream: both ESTABLISHED, assumed, any synchronized state possible; corrected at the first
 * contradiction | 3.3.2 */
SCENARIO(case_71)
{
    client(ACK, .len = 10);                 shows("ESTABLISHED?", "ESTABLISHED?");
    may_be(CLIENT, "ESTABLISHED CLOSE_WAIT");
    may_be(SERVER, "ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 CLOSE_WAIT CLOSING LAST_ACK TIME_WAIT");
    cannot_be(CLIENT, "LISTEN SYN_SENT");
    assert_int_equal(tcpfsm_opened_in(&play.connection), 0);
    server(FIN | ACK);                      shows("CLOSE_WAIT?", "FIN_WAIT_1.");
    assert_int_equal(tcpfsm_phase(&play.connection), TCPFSM_PHASE_CLOSING);
}

SCENARIO(syn_ack_first)
{
    server(SYN | ACK);                      shows("SYN_SENT?", "SYN_RECEIVED|LISTEN");
    client(ACK);                            shows("ESTABLISHED", "ESTABLISHED?");
}

SCENARIO(rule_10_midstream_is_assumed_and_corrected)
{
    server(ACK, .len = 10);                 shows("ESTABLISHED?", "ESTABLISHED?");
    client(ACK);                            shows("ESTABLISHED?", "ESTABLISHED?");
    client(ACK, .len = 10);                 may_be(CLIENT, "ESTABLISHED CLOSE_WAIT");
    cannot_be(CLIENT, "FIN_WAIT_1 FIN_WAIT_2 CLOSING LAST_ACK TIME_WAIT");
    server(FIN | ACK);                      shows("CLOSE_WAIT?", "FIN_WAIT_1.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(case_23), T(fin_beyond_bytes_not_captured), T(case_72), T(case_74), T(case_78),
        T(an_octet_that_was_never_sent_is_no_fin), T(rule_6_capture_order_is_not_arrival_order), T(case_77),
        T(ack_of_fin_captured_before_it), T(case_71), T(syn_ack_first), T(rule_10_midstream_is_assumed_and_corrected),
    };

    return RUN(tests);
}
