/* test_evidence.c: situations seen in the wild and on other stacks: evidence narrows, time only orders (DESIGN
 * section 3).
 * Each holds its near miss. SPDX-License-Identifier: GPL-2.0-or-later */
#include "play.h"

/* The near miss: the client acknowledges the second. */
SCENARIO(case_86_the_second_is_chosen)
{
    client(SYN);
    server(SYN | ACK, .seq = AT(9000), .ack = AT(101), .forged = true);
    server(SYN | ACK, .after = 1);
    client(ACK, .ack = AT(301));            shows("ESTABLISHED", "ESTABLISHED?");
    server(ACK, .seq = AT(301), .len = 10); shows("ESTABLISHED", "ESTABLISHED");
}

/* case 87: An ACK before the SYN,ACK, of an older incarnation or of 0, fixes nothing that the SYN,ACK contradicts |
 * 3.10.7.3 */
SCENARIO(case_87)
{
    client(SYN);
    client(ACK, .seq = AT(101), .ack = AT(77777), .forged = true);
    server(SYN | ACK);
    client(ACK);
    client(ACK, .len = 10);
    server(ACK, .len = 10);                 shows("ESTABLISHED", "ESTABLISHED");
    server(FIN | ACK);                      shows("CLOSE_WAIT?", "FIN_WAIT_1");
}

/* case 88: An exact RST in TIME_WAIT: CLOSED is displayed, and TIME_WAIT possible until it acts: stacks differ | RFC
 * 1337 */
SCENARIO(case_88)
{
    near(CLIENT);
    open_connection();
    close_connection();
    server(RST, .seq = AT(302));            shows("CLOSED|TIME_WAIT", "*");
}

/* case 89: A RST at RCV.NXT - 1 in TIME_WAIT is not exact: TIME_WAIT stays | RFC 5961 3.2 */
SCENARIO(case_89)
{
    open_connection();
    close_connection();
    server(RST, .seq = AT(301));            shows("TIME_WAIT.", "*");
}

/* case 91: Beside the server its next segment does not cover the FIN captured before: it had not acted on it; both
 * are possible | 3.10.7.4 eighth */
SCENARIO(case_91)
{
    near(SERVER);
    open_connection();
    client(FIN | ACK);                      shows("FIN_WAIT_1", "CLOSE_WAIT");
    server(ACK, .unacked = 1, .len = 10, .after = AT_ONCE, .micros = 50);
    may_be(SERVER, "ESTABLISHED CLOSE_WAIT");
    server(FIN | ACK, .unacked = 1, .after = AT_ONCE, .micros = 50);
    may_be(SERVER, "FIN_WAIT_1 CLOSING");
    cannot_be(SERVER, "LAST_ACK");
}

/* case 92: A SYN,ACK again and again, the client beside the capture silent: it is in SYN_SENT, or gone | 3.10.7.3
 * fourth */
SCENARIO(case_92)
{
    near(CLIENT);
    client(SYN);
    server(SYN | ACK);                      shows("ESTABLISHED", "SYN_RECEIVED?");
    server(SYN | ACK, .after = SECOND);     shows("SYN_SENT?", "SYN_RECEIVED");
    server(SYN | ACK, .after = 2 * SECOND); shows("SYN_SENT?", "SYN_RECEIVED");
    may_be(CLIENT, "CLOSED");
}

/* case 93: Nine FINs without a word from the near client: a TIME_WAIT socket would answer: CLOSED | 3.10.7.4 eighth */
SCENARIO(case_93)
{
    near(CLIENT);
    open_connection();
    close_connection();
    server(FIN | ACK, .back = 1, .after = 300);         shows("TIME_WAIT", "LAST_ACK.");
    for (int i = 0; i < 8; i++)
        server(FIN | ACK, .back = 1, .after = 600);
    shows("CLOSED?", "LAST_ACK.");
    may_be(CLIENT, "TIME_WAIT");
}

/* case 95: BSD stacks acknowledge the peer's FIN from CLOSING by their own FIN again: no loss; both go on to
 * TIME_WAIT | 3.10.7.4 eighth */
SCENARIO(case_95)
{
    open_connection();
    client(FIN | ACK, .lost = true);
    server(FIN | ACK, .ack = AT(111), .after = 1);
    server(ACK, .seq = AT(302), .ack = AT(112), .after = 20);       shows("TIME_WAIT?", "*");
    client(FIN | ACK, .seq = AT(111), .ack = AT(302), .after = 1);  shows("TIME_WAIT?", "TIME_WAIT?");
}

/* case 97: Six SYN,ACKs, then the server's RST: it listened and gave up; the client is in SYN_SENT, or gone | 3.8.3 */
SCENARIO(case_97)
{
    client(SYN);
    server(SYN | ACK, .lost = true);
    for (int i = 0; i < 5; i++)
        server(SYN | ACK, .after = 10 * SECOND, .lost = true);
    server(RST | ACK, .seq = AT(301), .ack = AT(101), .after = 10 * SECOND);
    shows("CLOSED.", "CLOSED.");
    may_be(CLIENT, "SYN_SENT");
}

/* case 98: SYN_SENT rejects an ACK above SND.NXT by a RST with its number, and stays | 3.10.7.3 first */
SCENARIO(case_98)
{
    client(SYN, .lost = true);
    server(ACK, .seq = AT(300), .ack = AT(700000), .forged = true);
    client(RST, .seq = AT(700000));         shows("SYN_SENT.", "*");
    client(SYN, .seq = AT(100), .after = SECOND);       shows("SYN_SENT.", "*");
}

/* case 140: The frame with data and FIN is missing, its ACK is there: the FIN is possible from there on | 3.10.7.4
 * eighth */
SCENARIO(case_140)
{
    open_connection();
    server(FIN | ACK, .len = 300, .unseen = true);
    client(ACK);                            may_be(CLIENT, "ESTABLISHED CLOSE_WAIT");
    may_be(SERVER, "ESTABLISHED FIN_WAIT_2");
    client(FIN | ACK, .after = 12 * SECOND);
    may_be(CLIENT, "FIN_WAIT_1 LAST_ACK CLOSING");
    server(ACK);                            may_be(SERVER, "TIME_WAIT CLOSE_WAIT");
}

/* case 141: One direction only, the last data and the FIN acknowledged together: the unseen FIN is possible |
 * 3.10.7.4 eighth */
SCENARIO(case_141)
{
    client(SYN);
    server(SYN | ACK, .unseen = true);
    client(ACK);
    client(ACK, .len = 10);
    server(FIN | ACK, .len = 100, .unseen = true);
    client(ACK);                            may_be(CLIENT, "ESTABLISHED CLOSE_WAIT");
    client(FIN | ACK);                      may_be(CLIENT, "LAST_ACK FIN_WAIT_1");
}

/* case 142: The segment that carried the ACK of the FIN was missed: FIN_WAIT_2 is possible | 3.10.7.4 fifth */
SCENARIO(case_142)
{
    open_connection();
    client(FIN | ACK);
    server(ACK, .len = 100, .unseen = true);
    client(ACK);                            may_be(CLIENT, "FIN_WAIT_1 FIN_WAIT_2");
}

/* case 143: A capture that begins in FIN_WAIT_2: pure ACKs prove nothing about a FIN before it | 3.10.7.4 */
SCENARIO(case_143)
{
    server(ACK, .len = 100);
    client(ACK);
    server(ACK, .len = 100);
    client(ACK);                            may_be(CLIENT, "FIN_WAIT_2 ESTABLISHED");
    server(FIN | ACK);
    client(ACK);                            may_be(CLIENT, "TIME_WAIT CLOSE_WAIT");
}

/* case 144: A queue longer than the handshake: both states are possible until an ACK shows; no clock decides |
 * 3.10.7.4 first */
SCENARIO(case_144)
{
    near(CLIENT);
    open_connection();
    client(ACK, .len = 1000);
    client(FIN | ACK, .lost = true);
    server(ACK, .ack = AT(1111), .after = 300);         may_be(SERVER, "ESTABLISHED CLOSE_WAIT");
    server(ACK, .ack = AT(1112), .after = 1);           shows("*", "CLOSE_WAIT");
}

/* case 146: One direction only, a second SYN,ACK with another ISS: a new connection | 3.10.7.2 */
SCENARIO(case_146)
{
    client(SYN, .unseen = true);
    server(SYN | ACK);
    client(ACK, .unseen = true);
    client(ACK, .len = 10, .unseen = true);
    server(ACK, .len = 10);
    server(SYN | ACK, .seq = AT(90000), .ack = AT(50001));
    new_connection();                       may_be(SERVER, "SYN_RECEIVED");
}

/* case 147: A SYN cookie whose final ACK is lost behind the capture keeps no socket: LISTEN stays possible | RFC 4987
 * 3.6 */
SCENARIO(case_147)
{
    client(SYN);
    server(SYN | ACK);
    client(ACK, .lost = true);              may_be(SERVER, "LISTEN SYN_RECEIVED ESTABLISHED");
    /* near miss: it repeats, so it has a socket */
    server(SYN | ACK, .after = SECOND);     cannot_be(SERVER, "LISTEN");
}

/* case 150: A FIN into a zero window is not accepted; the state stays possible as it was | 3.10.7.4 first */
SCENARIO(case_150)
{
    near(SERVER);
    open_connection();
    server(ACK, .window = 8000);
    client(ACK, .len = 8000);
    client(FIN | ACK, .seq = AT(8111), .lost = true);
    may_be(SERVER, "ESTABLISHED CLOSE_WAIT");
}

/* case 151: A lower ISN three seconds after an unanswered SYN: an old duplicate, or a new attempt: the answer to it
 * decides | figure 8 */
SCENARIO(case_151)
{
    client(SYN, .seq = AT(500000), .lost = true);
    client(SYN, .seq = AT(1000), .after = 3 * SECOND);
    server(SYN | ACK, .ack = AT(1001));     may_be(CLIENT, "SYN_SENT ESTABLISHED");
    client(ACK, .seq = AT(1001), .ack = AT(301));       shows("ESTABLISHED", "ESTABLISHED?");
    client(ACK, .len = 10);
    server(ACK);                            shows("ESTABLISHED", "ESTABLISHED");
}

/* case 152: A FIN beyond a gap whose octet data later covers was not its sender's | 3.10.4 */
SCENARIO(case_152)
{
    open_connection();
    client(FIN | ACK, .seq = AT(211), .forged = true);
    client(ACK, .len = 500);                shows("ESTABLISHED", "*");
    cannot_be(SERVER, "CLOSE_WAIT");
    client(FIN | ACK);                      shows("FIN_WAIT_1", "CLOSE_WAIT?");
}

/* case 155: A state older than 26 days: clocks do not wrap */
SCENARIO(case_155)
{
    open_connection();
    client(FIN | ACK);
    server(ACK);
    wait_ms(27ll * 86400 * SECOND);
    server(ACK, .len = 10);                 may_be(CLIENT, "CLOSED FIN_WAIT_2");
}

/* case 86: Two SYN,ACKs with different numbers: the ACK of the client chooses which are the server's | 3.10.7.3
 * fourth */
SCENARIO(case_86)
{
    client(SYN);
    server(SYN | ACK);
    server(SYN | ACK, .seq = AT(9000), .ack = AT(101), .forged = true, .micros = 700, .after = AT_ONCE);
    client(ACK, .ack = AT(301));            shows("ESTABLISHED", "ESTABLISHED?");
    server(ACK, .len = 10);                 shows("ESTABLISHED", "ESTABLISHED");
    server(FIN | ACK);                      shows("CLOSE_WAIT?", "FIN_WAIT_1");
}

/* case 90: A stray SYN,ACK in TIME_WAIT, answered by an ACK of the old connection, completes no handshake | 3.10.7.4
 * fourth */
SCENARIO(case_90)
{
    open_connection();
    close_connection();
    server(SYN | ACK, .seq = AT(7000), .ack = AT(5001), .forged = true);
    client(ACK);                            shows("TIME_WAIT", "*");
}

/* case 154: A keepalive after a complete close shows no LAST_ACK and takes nothing back | 3.8.4 */
SCENARIO(case_154)
{
    open_connection();
    close_connection();
    server(ACK, .seq = AT(301), .ack = AT(112), .forged = true, .after = 5 * SECOND);
    shows("TIME_WAIT", "CLOSED.");
}

/* A segment that covers the octet of a FIN which the peer has acknowledged may be anybody's: it takes nothing from
 * either set. The near miss: octets beyond that FIN, too, say that their sender goes on. */
SCENARIO(an_acknowledged_fin_is_not_refuted_by_one_segment)
{
    open_connection();
    client(ACK, .len = 20);
    client(FIN | ACK);
    server(ACK);
    server(ACK, .len = 5);                  shows("FIN_WAIT_2?", "CLOSE_WAIT");
    client(ACK, .back = 10, .len = 10, .forged = true);
    may_be(SERVER, "CLOSE_WAIT ESTABLISHED");
    server(ACK, .len = 5);                  shows("*", "CLOSE_WAIT");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(case_86_the_second_is_chosen), T(case_87), T(case_88), T(case_89), T(case_91), T(case_92),
        T(case_93), T(case_95), T(case_97), T(case_98), T(case_140), T(case_141), T(case_142), T(case_143), T(case_144),
        T(case_146), T(case_147), T(case_150), T(case_151), T(case_152), T(case_155), T(case_86), T(case_90), T(case_154),
        T(an_acknowledged_fin_is_not_refuted_by_one_segment),
    };

    return RUN(tests);
}
