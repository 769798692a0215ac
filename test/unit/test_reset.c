/* test_reset.c: RSTs: accepted, challenged, dropped; why they were sent; whether they were forged (plugin/engine/reset.c; DESIGN rule 7).
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "play.h"

SCENARIO(rule_7_a_rst_gets_a_verdict_and_a_cause)
{
    open_connection();
    server(RST, .ahead = 900000000);        shows("ESTABLISHED", "ESTABLISHED.");       /* outside the window */
    finds("rst.dropped", CLIENT, 0);
    server(RST, .ahead = 1000);             shows("ESTABLISHED", "*");                  /* inside, not exact */
    finds_no("rst.abort");
    server(RST | ACK);                      shows("CLOSED?", "CLOSED.");                /* exact */
    finds("rst.abort", SERVER, 0);
    assert_int_equal(tcpfsm_phase(&play.connection), TCPFSM_PHASE_RESET);
}

/* case 08: RST,ACK with the SYN's number: refused; the server never had a socket | 3.5.2 group 1; 3.10.7.3 second */
SCENARIO(case_08)
{
    client(SYN);
    server(RST | ACK, .seq = AT(0) - 0, .ack = AT(101));
    shows("CLOSED?", "CLOSED");
    finds("rst.refused", SERVER, 1);
    assert_int_equal(diagnosis_outcome(&play.diagnosis, &play.connection), TCPFSM_OUTCOME_REFUSED);
    client(SYN, .after = 500);              shows("SYN_SENT.", "*");            /* it asks again; somebody may have begun to listen */
    may_be(SERVER, "CLOSED LISTEN SYN_RECEIVED");
    server(RST | ACK, .seq = AT(0), .ack = AT(101));
    shows("CLOSED?", "CLOSED");
    finds_no("rst.refused");                /* told once */
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

/* case 10: An unacceptable ACK in SYN_SENT is answered by a RST with its number; the client stays in SYN_SENT | 3.10.7.3 first */
SCENARIO(case_10)
{
    client(SYN);
    server(SYN | ACK, .ack = AT(91));       shows("SYN_SENT.", "SYN_RECEIVED?");
    client(RST, .seq = AT(91));             shows("SYN_SENT.", "LISTEN?");
    finds("rst.rejected_syn_ack", CLIENT, 2);
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
    finds("rst.probe", CLIENT, 2);
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
    play.claimed[0] = true;                 /* an abort, whatever its wording */
}

/* case 29: Data meets a peer that knows nothing of the connection: its RST shows it | figure 10, 3.5.2 group 1 */
SCENARIO(case_29)
{
    open_connection();
    client(ACK, .len = 20, .lost = true, .after = 20 * SECOND);
    server(RST, .seq = AT(301));            shows("CLOSED?", "CLOSED.");
    finds("rst.no_connection", SERVER, 6);
    assert_int_equal(diagnosis_outcome(&play.diagnosis, &play.connection), TCPFSM_OUTCOME_GONE_SERVER);
}

/* case 30: A RST in the window that is not exact: a challenge ACK, and nobody moves | RFC 5961 3.2 */
SCENARIO(case_30)
{
    open_connection();
    server(RST, .ahead = 500, .forged = true);
    shows("ESTABLISHED", "*");
    finds("rst.challenged", CLIENT, 0);
    client(ACK);                            shows("ESTABLISHED", "*");
    finds("challenge_ack", CLIENT, 6);
    server(ACK, .len = 10);                 shows("ESTABLISHED", "ESTABLISHED.");
    client(ACK);                            shows("ESTABLISHED", "ESTABLISHED");
}

/* The same under RFC 793, if the user says so: accepted. */
SCENARIO(rst_in_window_under_rfc_793)
{
    play.config.rst_rfc793 = true;
    open_connection();
    server(RST, .ahead = 500);              shows("CLOSED?", "CLOSED.");
    finds("rst.abort", SERVER, 0);
}

/* case 31: A RST at RCV.NXT ends the connection; with data before it that may be lost, that is assumed | 3.10.7.4 second */
SCENARIO(case_31)
{
    open_connection();
    server(ACK, .len = 10);
    server(RST | ACK);                      shows("CLOSED|ESTABLISHED", "CLOSED.");
    finds("rst.abort", SERVER, 0);
}

/* case 32: A RST at RCV.NXT - 1 after a FIN, or at the highest SACK edge, is accepted, as real stacks do | RFC 5961 3.2 */
SCENARIO(case_32)
{
    open_connection();
    server(FIN | ACK);
    client(ACK);
    server(RST | ACK, .seq = AT(301));      shows("CLOSED?", "CLOSED.");
    finds("rst.abort", SERVER, 0);
}

SCENARIO(rst_at_the_sack_edge)
{
    open_connection();
    server(ACK, .len = 100, .lost = true);
    server(ACK, .len = 100);
    client(ACK, .ack = AT(301), .sack_left = AT(401), .sack_right = AT(501));
    server(RST, .seq = AT(501));            shows("CLOSED?", "CLOSED.");
    play.claimed[0] = true;
}

/* case 33: A RST outside the window is dropped | 3.10.7.4 first */
SCENARIO(case_33)
{
    open_connection();
    server(RST, .ahead = 900000000, .forged = true);    shows("ESTABLISHED", "ESTABLISHED.");
    finds("rst.dropped", CLIENT, 0);
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
    finds("rst.abort", CLIENT, 0);
    assert_int_equal(diagnosis_outcome(&play.diagnosis, &play.connection), TCPFSM_OUTCOME_ABORTED_BY_CLIENT);
}

/* case 35: A RST, and its alleged sender goes on: forged; both are where they were | 3.10.7.4 second */
SCENARIO(case_35)
{
    open_connection();
    server(RST, .forged = true);            shows("CLOSED?", "CLOSED.");
    play.claimed[0] = true;
    server(ACK, .len = 100, .after = 200);  shows("ESTABLISHED.", "ESTABLISHED.");
    finds("rst.forged", SERVER, 6);
    client(ACK);                            shows("ESTABLISHED.", "ESTABLISHED.");
    server(ACK, .len = 100);                finds_no(NULL);
}

/* case 36: Another TTL or missing timestamps on a RST are a hint and change no verdict | RFC 7323 5.2 */
SCENARIO(case_36)
{
    open_connection();
    server(RST | ACK, .ttl = 128, .forged = true);      shows("CLOSED?", "CLOSED.");
    play.claimed[0] = true;
}

/* case 37: Several RSTs at growing numbers, as an injector sends them: probably injected, told once, and undone once the connection goes on | NDSS 2009 */
SCENARIO(case_37)
{
    open_connection();
    server(RST, .forged = true);
    play.claimed[0] = true;
    server(RST, .ahead = 1460, .forged = true, .after = 1);     finds("rst.forged", SERVER, 6);
    server(RST, .ahead = 4380, .forged = true, .after = 1);     finds_no(NULL);
    server(ACK, .len = 100, .after = 200);  shows("ESTABLISHED.", "ESTABLISHED.");
    finds_no("rst.forged");
}

/* case 38: A RST may carry text, which is no data of the connection | 3.5.3 SHLD-2 */
SCENARIO(case_38)
{
    open_connection();
    client(RST | ACK, .len = 30);           shows("CLOSED", "CLOSED?");
    finds("rst.abort", CLIENT, 0);
}

/* After a RST the receiver's segments in flight draw one RST each: one finding, and nothing forged. */
SCENARIO(in_flight_after_a_rst)
{
    open_connection();
    client(RST | ACK);                      finds("rst.abort", CLIENT, 0);
    server(ACK, .len = 1000, .after = 1);   shows("CLOSED", "CLOSED?");
    client(RST, .seq = AT(111), .after = 1);    finds_no(NULL);
    server(ACK, .len = 1000, .after = 1);   finds_no(NULL);
    client(RST, .seq = AT(111), .after = 1);    finds_no(NULL);
    shows("CLOSED", "CLOSED?");
}

/* case 53: The FIN comes again and a RST answers: TIME_WAIT was over; both CLOSED | 3.10.7.1 */
SCENARIO(case_53)
{
    open_connection();
    close_connection();
    server(FIN | ACK, .back = 1, .after = 70 * SECOND);     shows("CLOSED.", "LAST_ACK");
    play.claimed[0] = play.claimed[1] = true;
    client(RST, .seq = AT(112));            shows("CLOSED", "CLOSED?");
    finds("rst.time_wait", NOBODY, 0);
}

/* case 57: The client closed for good, data of the server draws a RST | 3.6.1 SHLD-3 */
SCENARIO(case_57)
{
    open_connection();
    client(FIN | ACK);
    server(ACK);
    server(ACK, .len = 100);                shows("FIN_WAIT_2?", "CLOSE_WAIT");
    finds("close.half", SERVER, 6);
    client(RST, .seq = AT(112));            shows("CLOSED.", "CLOSED?");
    path(CLIENT, "FIN_WAIT_2 CLOSED");
    finds("rst.after_close", CLIENT, 6);
}

/* case 58: Data arrives and the application closes without reading it: RST instead of FIN, an abort | 3.6.1 SHLD-3 */
SCENARIO(case_58)
{
    const struct tcpfsm_finding *f;

    open_connection();
    server(ACK, .len = 100);
    client(RST | ACK, .after = 1);          shows("CLOSED", "CLOSED?");
    f = finds("rst.abort", CLIENT, 6);
    assert_int_equal(f->detail, 1);
}

/* case 60: FIN and a RST of the same side at once: FIN_WAIT_1 to CLOSED, by abort | 3.10.5 */
SCENARIO(case_60)
{
    open_connection();
    client(FIN | ACK);
    client(RST | ACK, .after = 1);          shows("CLOSED", "CLOSED?");
    path(CLIENT, "FIN_WAIT_1 CLOSED");
    finds("rst.abort", CLIENT, 0);
}

/* case 61: A RST after both FINs ends TIME_WAIT early | RFC 1337 */
SCENARIO(case_61)
{
    open_connection();
    close_connection();
    server(RST, .seq = AT(302), .after = 100);      shows("CLOSED?", "CLOSED.");
    path(CLIENT, "TIME_WAIT CLOSED");
    finds("rst.time_wait", CLIENT, 0);
    may_be(CLIENT, "TIME_WAIT");
}

/* After the alleged sender of a RST has gone on, the client answers from TIME_WAIT: it ignores RSTs there (RFC 1337). */
SCENARIO(a_time_wait_that_survived_a_rst_ignores_the_next)
{
    near(CLIENT);
    open_connection();
    close_connection();
    server(RST, .seq = AT(302), .forged = true);        shows("CLOSED", "CLOSED?");
    server(ACK, .len = 1, .seq = AT(301), .forged = true, .after = 50);
    finds_no("rst.forged");                             /* both had closed: no harm was done */
    client(ACK);                                        shows("TIME_WAIT", "*");
    server(RST, .seq = AT(302), .forged = true);        shows("TIME_WAIT", "*");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(rule_7_a_rst_gets_a_verdict_and_a_cause), T(case_08), T(case_09), T(case_10), T(case_18), T(case_19), T(rst_in_syn_received_after_an_active_open),
        T(case_29), T(case_30), T(rst_in_window_under_rfc_793), T(case_31), T(case_32), T(rst_at_the_sack_edge), T(case_33), T(case_34), T(case_35), T(case_36),
        T(case_37), T(case_38), T(in_flight_after_a_rst), T(case_53), T(case_57), T(case_58), T(case_60), T(case_61),
        T(a_time_wait_that_survived_a_rst_ignores_the_next),
    };

    return RUN(tests);
}
