/* test_open.c: SYN, SYN,ACK and the ACK of a SYN (plugin/engine/open.c; DESIGN rule 1).
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "play.h"

/* case 17: SYN with FIN: in LISTEN the FIN is not processed with the SYN; nobody has closed | 3.10.7.2; 3.10.7.4
 * eighth */
SCENARIO(case_17)
{
    client(SYN | FIN);          shows("SYN_SENT", "LISTEN?");
    server(SYN | ACK);          shows("ESTABLISHED?", "SYN_RECEIVED?");
    client(ACK, .seq = AT(101)); shows("ESTABLISHED", "ESTABLISHED?");
}

SCENARIO(rule_1_a_segment_shows_its_sender)
{
    client(SYN);                            shows("SYN_SENT", "LISTEN?");
    server(SYN | ACK);                      shows("ESTABLISHED?", "SYN_RECEIVED|LISTEN");
    /* a cookie is never sent again: there is a socket */
    server(SYN | ACK, .after = SECOND);     shows("SYN_SENT|ESTABLISHED", "SYN_RECEIVED");
    client(ACK);                            shows("ESTABLISHED", "ESTABLISHED?");
    may_be(SERVER, "SYN_RECEIVED");
    /* acknowledges nothing new: proves nothing */
    server(ACK);                            may_be(SERVER, "SYN_RECEIVED");
    client(ACK, .len = 1);
    server(ACK);                            shows("ESTABLISHED", "ESTABLISHED");
    client(FIN | ACK);                      shows("FIN_WAIT_1", "CLOSE_WAIT?");
    server(FIN | ACK);                      shows("TIME_WAIT?", "LAST_ACK");
}

/* case 01: A SYN: its sender is in SYN_SENT, proven; of the server nothing is known but that it may listen | 3.5,
 * figure 6 */
SCENARIO(case_01)
{
    client(SYN);                            shows("SYN_SENT", "LISTEN|CLOSED|SYN_RECEIVED");
    path(CLIENT, "CLOSED SYN_SENT");
    assert_int_equal(tcpfsm_role(&play.connection), TCPFSM_ROLE_SYN);
}

/* case 03: The third segment: the client is ESTABLISHED, proven; the server, assumed, until it sends data, or
 * acknowledges some | 3.10.7.4 fifth */
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

/* case 11: Simultaneous open: both SYN_SENT, each SYN_RECEIVED when the other's SYN arrives, ESTABLISHED with the
 * other's ACK | figure 7, MUST-10 */
SCENARIO(case_11)
{
    client(SYN, .lost = true);              shows("SYN_SENT", "LISTEN?");
    server(SYN, .after = 1);                shows("SYN_RECEIVED?", "SYN_SENT.");
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

/* case 15: Fast Open: data in the SYN; the server may send before the handshake ends, which then proves nothing | RFC
 * 7413 */
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

/* case 20: The last ACK of the handshake is lost, the FIN's ACK does its work: ESTABLISHED and CLOSE_WAIT in one
 * segment | 3.10.7.4 fifth and eighth */
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

/* case 02: The SYN,ACK: the server is in SYN_RECEIVED; the client is assumed to receive it (near the client it has) |
 * 3.10.7.2 */
SCENARIO(case_02)
{
    client(SYN);
    server(SYN | ACK);                      shows("ESTABLISHED|SYN_SENT", "SYN_RECEIVED|LISTEN");
    assert_int_equal(play.connection.role, TCPFSM_ROLE_SYN);
}

/* case 04: The SYN,ACK again after the final ACK was captured: the server is in SYN_RECEIVED still, the client stays
 * ESTABLISHED | 3.10.8 */
SCENARIO(case_04)
{
    client(SYN);
    server(SYN | ACK);
    client(ACK);                            shows("ESTABLISHED", "ESTABLISHED?");
    server(SYN | ACK, .after = SECOND);     shows("ESTABLISHED", "SYN_RECEIVED.");
    client(ACK);                            shows("ESTABLISHED", "ESTABLISHED?");
}

/* case 68: A FIN that arrives in SYN_SENT is dropped: its number cannot be validated | 3.10.7.4 eighth */
SCENARIO(case_68)
{
    client(SYN);
    server(FIN | ACK, .seq = AT(900), .ack = AT(50), .forged = true);
    shows("SYN_SENT", "FIN_WAIT_1.");
    path(CLIENT, "");
}

/* case 85: Numbers rewritten on the way are what they are at this place of capture; another TTL on the SYN,ACK
 * changes nothing */
SCENARIO(case_85)
{
    client(SYN, .ttl = 64);
    server(SYN | ACK, .ttl = 250);          shows("ESTABLISHED?", "SYN_RECEIVED?");
    client(ACK, .ttl = 64);
    client(ACK, .len = 10);
    server(ACK, .ttl = 51);                 shows("ESTABLISHED", "ESTABLISHED");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(case_17), T(rule_1_a_segment_shows_its_sender), T(case_01), T(case_03), T(case_05), T(case_11), T(case_12),
        T(case_13), T(case_15), T(case_16), T(case_20), T(case_21), T(near_the_client_the_syn_ack_has_arrived),
        T(case_02), T(case_04), T(case_68), T(case_85),
    };

    return RUN(tests);
}
