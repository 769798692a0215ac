/* test_reset.c: RSTs: accepted, challenged, dropped; whose they are (plugin/engine/reset.c; DESIGN rule 7).
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "play.h"

SCENARIO(rule_7_a_rst_gets_a_verdict_and_a_cause)
{
    open_connection();
    server(RST, .ahead = 900000000);        shows("ESTABLISHED", "ESTABLISHED.");       /* outside the window */
    /* inside, not exact: RFC 793 accepts it */
    server(RST, .ahead = 1000);             shows("ESTABLISHED|CLOSED", "*");
    server(RST | ACK);                      shows("CLOSED?", "CLOSED.");                /* exact */
    assert_int_equal(tcpfsm_phase(&play.connection), TCPFSM_PHASE_RESET);
}

/* case 08: RST,ACK with the SYN's number: refused; the server never had a socket | 3.5.2 group 1; 3.10.7.3 second */
SCENARIO(case_08)
{
    client(SYN);
    server(RST | ACK, .seq = AT(0) - 0, .ack = AT(101));
    shows("CLOSED?", "CLOSED");
    /* it asks again; somebody may have begun to listen */
    client(SYN, .after = 500);              shows("SYN_SENT.", "*");
    may_be(SERVER, "CLOSED LISTEN SYN_RECEIVED");
    server(RST | ACK, .seq = AT(0), .ack = AT(101));
    shows("CLOSED?", "CLOSED");
}

/* case 09: A RST with a wrong ACK, or none, is ignored in SYN_SENT | 3.10.7.3 second */
SCENARIO(case_09)
{
    client(SYN);
    server(RST | ACK, .seq = AT(0), .ack = AT(7777), .forged = true);   shows("SYN_SENT.", "LISTEN.");
    path(CLIENT, "");
    server(RST, .seq = AT(101), .forged = true);                        shows("SYN_SENT.", "LISTEN.");
    path(CLIENT, "");
    server(SYN | ACK);                      shows("ESTABLISHED?", "SYN_RECEIVED?");
}

/* case 10: An unacceptable ACK in SYN_SENT is answered by a RST with its number; the client stays in SYN_SENT |
 * 3.10.7.3 first */
SCENARIO(case_10)
{
    client(SYN);
    server(SYN | ACK, .ack = AT(91));       shows("SYN_SENT.", "SYN_RECEIVED?");
    client(RST, .seq = AT(91));             shows("SYN_SENT.", "LISTEN?");
    path(CLIENT, "");
}

/* case 18: SYN and RST in one segment: it is a RST; in LISTEN it is ignored | 3.10.7.2 first */
SCENARIO(case_18)
{
    client(SYN | RST);                      shows("CLOSED.", "*");
    open_connection();
}

/* case 19: A RST in SYN_RECEIVED: back to LISTEN after a passive OPEN | 3.10.7.4 second */
SCENARIO(case_19)
{
    client(SYN);
    server(SYN | ACK);
    client(RST);                            shows("CLOSED.", "LISTEN?");
    path(SERVER, "SYN_RECEIVED LISTEN");
    may_be(SERVER, "SYN_RECEIVED");
}

/* The active opener goes to CLOSED. */
SCENARIO(rst_in_syn_received_after_an_active_open)
{
    client(SYN, .lost = true);
    server(SYN, .after = 1);
    client(SYN | ACK, .ack = AT(301));
    server(SYN | ACK, .ack = AT(101));
    client(RST | ACK, .ack = AT(301), .after = 1);      shows("CLOSED.", "CLOSED?");
    cannot_be(SERVER, "LISTEN");
}

/* case 29: Data meets a peer that knows nothing of the connection: its RST shows it | figure 10, 3.5.2 group 1 */
SCENARIO(case_29)
{
    open_connection();
    client(ACK, .len = 20, .lost = true, .after = 20 * SECOND);
    server(RST, .seq = AT(301));            shows("CLOSED?", "CLOSED.");
}

/* case 30: A RST in the window that is not exact: a challenge ACK, and nobody moves | RFC 5961 3.2 */
SCENARIO(case_30)
{
    open_connection();
    server(RST, .ahead = 500, .forged = true);
    /* some stacks accept it (RFC 793), until an answer shows that this one does not */
    shows("ESTABLISHED|CLOSED", "*");
    client(ACK);                            shows("ESTABLISHED", "*");
    server(ACK, .len = 10);                 shows("ESTABLISHED", "ESTABLISHED.");
    client(ACK);                            shows("ESTABLISHED", "ESTABLISHED");
}

/* The same under RFC 793, if the user says so: accepted. */
SCENARIO(rst_in_window_under_rfc_793)
{
    play.config.rst_rfc793 = true;
    open_connection();
    server(RST, .ahead = 500);              shows("CLOSED?", "CLOSED.");
}

/* case 31: A RST at RCV.NXT ends the connection; with data before it that may be lost, that is assumed | 3.10.7.4
 * second */
SCENARIO(case_31)
{
    open_connection();
    server(ACK, .len = 10);
    server(RST | ACK);                      shows("CLOSED|ESTABLISHED", "CLOSED.");
}

/* case 32: A RST at RCV.NXT - 1 after a FIN, or at the highest SACK edge, is accepted, as real stacks do | RFC 5961
 * 3.2 */
SCENARIO(case_32)
{
    open_connection();
    server(FIN | ACK);
    client(ACK);
    server(RST | ACK, .seq = AT(301));      shows("CLOSED?", "CLOSED.");
}

SCENARIO(rst_at_the_sack_edge)
{
    open_connection();
    server(ACK, .len = 100, .lost = true);
    server(ACK, .len = 100);
    client(ACK, .ack = AT(301), .sack_left = AT(401), .sack_right = AT(501));
    server(RST, .seq = AT(501));            shows("CLOSED?", "CLOSED.");
}

/* case 33: A RST outside the window is dropped | 3.10.7.4 first */
SCENARIO(case_33)
{
    open_connection();
    server(RST, .ahead = 900000000, .forged = true);    shows("ESTABLISHED", "ESTABLISHED.");
    server(RST, .back = 200, .forged = true);           shows("ESTABLISHED", "ESTABLISHED.");
    client(ACK, .len = 5);
    server(ACK);                                        shows("ESTABLISHED", "ESTABLISHED");
}

/* case 34: The sender of a RST is CLOSED: real stacks keep no TIME_WAIT for it | 3.5.2, 3.10.5 */
SCENARIO(case_34)
{
    open_connection();
    client(RST | ACK);                      shows("CLOSED", "CLOSED?");
    path(CLIENT, "ESTABLISHED CLOSED");
}

/* case 35: A RST, and its alleged sender goes on: forged; both are where they were | 3.10.7.4 second */
SCENARIO(case_35)
{
    open_connection();
    server(RST, .forged = true);            shows("CLOSED?", "CLOSED.");
    server(ACK, .len = 100, .after = 200);  shows("ESTABLISHED.", "ESTABLISHED.");
    client(ACK);                            shows("ESTABLISHED.", "ESTABLISHED.");
    server(ACK, .len = 100);
}

/* case 36: Another TTL or missing timestamps on a RST are a hint and change no verdict | RFC 7323 5.2 */
SCENARIO(case_36)
{
    open_connection();
    server(RST | ACK, .ttl = 128, .forged = true);      shows("CLOSED?", "CLOSED.");
}

/* case 37: Several RSTs at growing numbers, as an injector sends them: probably injected, told once, and undone once
 * the connection goes on | NDSS 2009 */
SCENARIO(case_37)
{
    open_connection();
    server(RST, .forged = true);
    server(RST, .ahead = 1460, .forged = true, .after = 1);
    server(RST, .ahead = 4380, .forged = true, .after = 1);
    server(ACK, .len = 100, .after = 200);  shows("ESTABLISHED.", "ESTABLISHED.");
}

/* case 38: A RST may carry text, which is no data of the connection | 3.5.3 SHLD-2 */
SCENARIO(case_38)
{
    open_connection();
    client(RST | ACK, .len = 30);           shows("CLOSED", "CLOSED?");
}

/* After a RST the receiver's segments in flight draw one RST each: nothing was forged. */
SCENARIO(in_flight_after_a_rst)
{
    open_connection();
    client(RST | ACK);
    server(ACK, .len = 1000, .after = 1);   shows("CLOSED", "CLOSED?");
    client(RST, .seq = AT(111), .after = 1);
    server(ACK, .len = 1000, .after = 1);
    client(RST, .seq = AT(111), .after = 1);
    /* the RST of a SYN_SENT whose SYN was missed looks the same (3.10.7.3 first) */
    shows("CLOSED|SYN_SENT", "CLOSED?");
}

/* case 53: The FIN comes again and a RST answers: TIME_WAIT was over; both CLOSED | 3.10.7.1 */
SCENARIO(case_53)
{
    open_connection();
    close_connection();
    server(FIN | ACK, .back = 1, .after = 70 * SECOND);     shows("CLOSED.", "LAST_ACK|CLOSED");
    client(RST, .seq = AT(112));            shows("CLOSED", "CLOSED?");
}

/* case 57: The client closed for good, data of the server draws a RST | 3.6.1 SHLD-3 */
SCENARIO(case_57)
{
    open_connection();
    client(FIN | ACK);
    server(ACK);
    server(ACK, .len = 100);                shows("FIN_WAIT_2?", "CLOSE_WAIT");
    client(RST, .seq = AT(112));            shows("CLOSED.", "CLOSED?");
    path(CLIENT, "FIN_WAIT_2 CLOSED");
}

/* case 58: Data arrives and the application closes without reading it: RST instead of FIN, an abort | 3.6.1 SHLD-3 */
SCENARIO(case_58)
{
    open_connection();
    server(ACK, .len = 100);
    client(RST | ACK, .after = 1);          shows("CLOSED", "CLOSED?");
}

/* case 60: FIN and a RST of the same side at once: FIN_WAIT_1 to CLOSED, by abort | 3.10.5 */
SCENARIO(case_60)
{
    open_connection();
    client(FIN | ACK);
    client(RST | ACK, .after = 1);          shows("CLOSED", "CLOSED?");
    path(CLIENT, "FIN_WAIT_1 CLOSED");
}

/* case 61: A RST after both FINs ends TIME_WAIT early | RFC 1337 */
SCENARIO(case_61)
{
    open_connection();
    close_connection();
    server(RST, .seq = AT(302), .after = 100);      shows("CLOSED?", "CLOSED.");
    path(CLIENT, "TIME_WAIT CLOSED");
    may_be(CLIENT, "TIME_WAIT");
}

/* After the alleged sender of a RST has gone on, the client answers from TIME_WAIT: it ignores RSTs there (RFC 1337).
 * */
SCENARIO(a_time_wait_that_survived_a_rst_ignores_the_next)
{
    near(CLIENT);
    open_connection();
    close_connection();
    /* stacks differ (RFC 1337) */
    server(RST, .seq = AT(302), .forged = true);        shows("CLOSED|TIME_WAIT", "CLOSED");
    server(ACK, .len = 1, .seq = AT(301), .forged = true, .after = 50);
    client(ACK);                                        shows("TIME_WAIT|CLOSED", "*");
    server(RST, .seq = AT(302), .forged = true);        shows("TIME_WAIT|CLOSED", "*");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(rule_7_a_rst_gets_a_verdict_and_a_cause), T(case_08), T(case_09), T(case_10), T(case_18), T(case_19),
        T(rst_in_syn_received_after_an_active_open), T(case_29), T(case_30), T(rst_in_window_under_rfc_793),
        T(case_31), T(case_32), T(rst_at_the_sack_edge), T(case_33), T(case_34), T(case_35), T(case_36), T(case_37),
        T(case_38), T(in_flight_after_a_rst), T(case_53), T(case_57), T(case_58), T(case_60), T(case_61),
        T(a_time_wait_that_survived_a_rst_ignores_the_next),
    };

    return RUN(tests);
}
