/* test_figures.c: the figures of RFC 9293, line by line.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "play.h"

SCENARIO(figure_6_three_way_handshake)
{
    client(SYN, .seq = AT(100));                            shows("SYN_SENT", "LISTEN|CLOSED|SYN_RECEIVED");
    server(SYN | ACK, .seq = AT(300), .ack = AT(101));      shows("ESTABLISHED?", "SYN_RECEIVED|LISTEN");
    client(ACK, .seq = AT(101), .ack = AT(301));            shows("ESTABLISHED", "ESTABLISHED?");
    client(ACK, .seq = AT(101), .ack = AT(301), .len = 7);  shows("ESTABLISHED", "ESTABLISHED?");
    server(ACK, .ack = AT(108));                            shows("ESTABLISHED", "ESTABLISHED");
}

SCENARIO(figure_7_simultaneous_open)
{
    client(SYN, .seq = AT(100), .lost = true);              shows("SYN_SENT", "LISTEN?");
    server(SYN, .seq = AT(300));                            shows("SYN_RECEIVED?", "SYN_SENT.");
    client(SYN | ACK, .seq = AT(100), .ack = AT(301));      shows("SYN_RECEIVED.", "ESTABLISHED?");
    server(SYN | ACK, .seq = AT(300), .ack = AT(101));      shows("ESTABLISHED?", "SYN_RECEIVED.");
    client(ACK, .seq = AT(101), .ack = AT(301));            shows("ESTABLISHED.", "ESTABLISHED?");
    same_connection();
}

/* The old duplicate, SYN 90, is forged as far as the client's account goes; the server answers it first. */
SCENARIO(figure_8_old_duplicate_syn)
{
    client(SYN, .seq = AT(100), .lost = true);              shows("SYN_SENT", "LISTEN?");
    client(SYN, .seq = AT(90), .forged = true);             shows("SYN_SENT.", "LISTEN?");
    server(SYN | ACK, .seq = AT(300), .ack = AT(91));       shows("SYN_SENT.", "SYN_RECEIVED?");
    client(RST, .seq = AT(91));                             shows("SYN_SENT.", "LISTEN?");
    client(SYN, .seq = AT(100));                            shows("SYN_SENT.", "LISTEN?");
    server(SYN | ACK, .seq = AT(400), .ack = AT(101));      shows("ESTABLISHED?", "SYN_RECEIVED?");
    client(ACK, .seq = AT(101), .ack = AT(401));            shows("ESTABLISHED", "ESTABLISHED?");
}

/* The client crashed at 300,100 and opens again; the server is in the middle of it. */
SCENARIO(figure_9_half_open_discovery)
{
    server(ACK, .seq = AT(300), .ack = AT(100), .len = 5);  shows("ESTABLISHED?", "ESTABLISHED?");
    client(ACK, .seq = AT(100), .ack = AT(305));            shows("ESTABLISHED?", "ESTABLISHED?");
    client(SYN, .seq = AT(400), .lost = true);              shows("SYN_SENT?", "ESTABLISHED?");
    server(ACK, .seq = AT(305), .ack = AT(100));            shows("SYN_SENT?", "ESTABLISHED?");
    client(RST, .seq = AT(100));                            shows("SYN_SENT.", "CLOSED?");
    /* the RST may be lost */
    client(SYN, .seq = AT(400));                            may_be(SERVER, "CLOSED ESTABLISHED");
    server(SYN | ACK, .seq = AT(700), .ack = AT(401));      shows("ESTABLISHED?", "SYN_RECEIVED?");
    assert_int_equal(tcpfsm_incarnation(&play.connection), 2);
}

/* The client crashed; the server's data finds nobody. */
SCENARIO(figure_10_half_open_data)
{
    open_connection();
    server(ACK, .len = 10, .lost = true, .after = 5000);    shows("ESTABLISHED", "ESTABLISHED");
    client(RST, .seq = AT(111));                            shows("CLOSED.", "CLOSED?");
}

/* Two passive sockets: an old SYN reaches one, the other rejects the answer. */
SCENARIO(figure_11_two_passive_sockets)
{
    client(SYN, .seq = AT(90), .forged = true);             shows("SYN_SENT.", "LISTEN?");
    server(SYN | ACK, .seq = AT(300), .ack = AT(91));       shows("ESTABLISHED?", "SYN_RECEIVED?");
    client(RST, .seq = AT(91));                             shows("CLOSED.", "LISTEN?");
}

SCENARIO(figure_12_normal_close)
{
    open_connection();
    client(FIN | ACK);                                      shows("FIN_WAIT_1", "CLOSE_WAIT|ESTABLISHED");
    server(ACK);                                            shows("FIN_WAIT_2|FIN_WAIT_1", "CLOSE_WAIT");
    server(FIN | ACK);                                      shows("TIME_WAIT?", "LAST_ACK");
    client(ACK);                                            shows("TIME_WAIT", "CLOSED|LAST_ACK");
}

SCENARIO(figure_13_simultaneous_close)
{
    open_connection();
    client(FIN | ACK, .lost = true);                        shows("FIN_WAIT_1", "CLOSE_WAIT?");
    server(FIN | ACK, .after = 1, .ack = AT(111));          shows("CLOSING?", "FIN_WAIT_1?");
    client(ACK);                                            shows("CLOSING.", "TIME_WAIT?");
    server(ACK, .ack = AT(112));                            shows("TIME_WAIT?", "TIME_WAIT.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(figure_6_three_way_handshake), T(figure_7_simultaneous_open), T(figure_8_old_duplicate_syn),
        T(figure_9_half_open_discovery), T(figure_10_half_open_data), T(figure_11_two_passive_sockets),
        T(figure_12_normal_close), T(figure_13_simultaneous_close),
    };

    return RUN(tests);
}
