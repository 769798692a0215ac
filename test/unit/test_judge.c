/* test_judge.c: every finding the engine makes: what triggers it, and a near miss that must not (plugin/engine/judge.c, findings.def).
 * The findings about RSTs have more tests in test_reset.c, those about SYNs on a live 4-tuple in test_attempt.c. A Note or Warn not named fails a scenario by
 * itself.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "play.h"

/* --- a healthy connection, and one with some loss and idleness: nothing at all --- */

SCENARIO(healthy_is_silent)
{
    open_connection();                      finds_no(NULL);
    for (unsigned i = 0; i < 10; i++) {
        client(ACK, .len = 500);            finds_no(NULL);
        server(ACK, .len = 1400);           finds_no(NULL);
        client(ACK, .after = 40);           finds_no(NULL);
    }
    wait_ms(20 * MINUTE);
    client(ACK, .len = 500);                finds_no(NULL);
    server(ACK);                            finds_no(NULL);
    client(FIN | ACK);                      finds_no(NULL);
    server(ACK);                            finds_no(NULL);
    server(FIN | ACK);                      finds_no(NULL);
    client(ACK);                            finds_no(NULL);
}

SCENARIO(a_single_loss_is_no_finding)
{
    client(SYN);
    client(SYN, .after = SECOND);           finds_no(NULL);
    server(SYN | ACK);
    client(ACK);
    client(ACK, .len = 10, .lost = true);
    client(ACK, .back = 10, .len = 10, .after = 300);   finds_no(NULL);
    server(ACK);
}

/* --- half_open --- */

SCENARIO(half_open_syn)
{
    const struct tcpfsm_finding *f;

    client(SYN);
    client(SYN, .after = SECOND);           finds_no(NULL);     /* near miss: 1 s */
    client(SYN, .after = 2 * SECOND);
    f = finds("half_open.syn", SERVER, 1);
    assert_int_equal(f->count, 3);
    assert_true(f->time >= 2998000000ll && f->time <= 3002000000ll);
    client(SYN, .after = 4 * SECOND);       finds_no(NULL);     /* once */
}

SCENARIO(half_open_syn_ack)
{
    client(SYN);
    server(SYN | ACK, .lost = true);
    server(SYN | ACK, .after = SECOND, .lost = true);       finds_no(NULL);
    server(SYN | ACK, .after = 2 * SECOND, .lost = true);   finds("half_open.syn_ack", SERVER, 2);
    server(SYN | ACK, .after = 4 * SECOND, .lost = true);   finds_no(NULL);
}

/* case 51 and 67: a FIN again and again and no answer. */
SCENARIO(half_open_fin)
{
    open_connection();
    client(FIN | ACK);
    client(FIN | ACK, .back = 1, .after = SECOND);          finds_no(NULL);
    client(FIN | ACK, .back = 1, .after = 2 * SECOND);      finds("half_open.fin", CLIENT, 6);
    client(FIN | ACK, .back = 1, .after = 4 * SECOND);      finds_no(NULL);
}

SCENARIO(half_open_idle)
{
    open_connection();
    client(ACK, .len = 10, .lost = true);
    client(ACK, .back = 10, .len = 10, .lost = true, .after = SECOND);          finds_no(NULL);
    client(ACK, .back = 10, .len = 10, .lost = true, .after = 2 * SECOND + 1);  finds("half_open.idle", CLIENT, 6);
    client(ACK, .back = 10, .len = 10, .lost = true, .after = 4 * SECOND);      finds_no(NULL);
}

/* Three copies within three seconds are ordinary loss. */
SCENARIO(half_open_idle_near_miss)
{
    open_connection();
    client(ACK, .len = 10, .lost = true);
    client(ACK, .back = 10, .len = 10, .lost = true, .after = 300);     finds_no(NULL);
    client(ACK, .back = 10, .len = 10, .lost = true, .after = 600);     finds_no(NULL);
    server(ACK);                            finds_no(NULL);
}

SCENARIO(half_open_not_accepted)
{
    client(SYN);
    server(SYN | ACK);
    client(ACK, .lost = true);
    server(SYN | ACK, .after = SECOND);     finds_no("half_open.not_accepted");
    client(ACK, .lost = true);
    server(SYN | ACK, .after = 2 * SECOND); finds("half_open.not_accepted", SERVER, 3);
    client(ACK, .lost = true);
    server(SYN | ACK, .after = 4 * SECOND); finds_no("half_open.not_accepted");
}

/* --- lingering --- */

/* case 69: CLOSE_WAIT for longer than the threshold, and nothing of the host in it: its application has not closed | 3.6 */
SCENARIO(case_69)
{
    const struct tcpfsm_finding *f;

    open_connection();
    client(FIN | ACK);
    server(ACK);                            shows("FIN_WAIT_2?", "CLOSE_WAIT");
    server(ACK, .after = 9 * SECOND);       finds_no(NULL);
    server(ACK, .after = 2 * SECOND);
    f = finds("close_wait.lingering", SERVER, 6);
    assert_true(f->time > 10000000000ll && f->time < 12000000000ll);
    server(ACK, .after = 20 * SECOND);      finds_no(NULL);
}

/* case 55: A half-close with data flowing is no leak, however long; CLOSE_WAIT lingers only when idle | 3.6.1 */
SCENARIO(case_55)
{
    open_connection();
    client(FIN | ACK);
    server(ACK);
    server(ACK, .len = 100);                finds("close.half", SERVER, 6);
    for (unsigned i = 0; i < 20; i++) {
        server(ACK, .len = 100, .after = 8 * SECOND);       finds_no(NULL);
        client(ACK);                        shows("FIN_WAIT_2.", "CLOSE_WAIT");     finds_no(NULL);
    }
    server(FIN | ACK);
    client(ACK);                            shows("TIME_WAIT", "CLOSED?");
}

/* case 59: FIN_WAIT_2 for more than a minute: it may have given up; the peer's late FIN, answered by a RST, proves it | 3.10.7.1 */
SCENARIO(case_59)
{
    open_connection();
    client(FIN | ACK);
    server(ACK);
    server(FIN | ACK, .after = 70 * SECOND);
    finds("fin_wait_2.lingering", CLIENT, 7);
    client(RST, .seq = AT(112));            shows("CLOSED", "CLOSED?");
    for (unsigned i = 0; i < play.said.findings; i++)
        play.claimed[i] = true;             /* a RST after a close, whatever its wording */
}

SCENARIO(fin_wait_2_near_miss)
{
    open_connection();
    client(FIN | ACK);
    server(ACK);
    server(ACK, .len = 10, .after = 9 * SECOND);            finds_no("fin_wait_2.lingering");
    server(FIN | ACK, .after = 9 * SECOND);                 finds_no("fin_wait_2.lingering");
}

/* --- TIME_WAIT --- */

SCENARIO(time_wait_fin_retransmission)
{
    open_connection();
    close_connection();                     finds_no("time_wait.fin_retransmission");
    client(ACK);                            finds_no("time_wait.fin_retransmission");
    server(FIN | ACK, .back = 1, .after = 300);
    finds("time_wait.fin_retransmission", CLIENT, 10);
    for (unsigned i = 0; i < play.said.findings; i++)
        assert_true(i == 0 || play.said.finding[i].id != play.said.finding[0].id);
}

SCENARIO(time_wait_rejected_syn_near_miss)
{
    open_connection();
    client(SYN, .seq = AT(50), .lost = true);
    server(ACK, .ack = AT(111));            finds_no("time_wait.rejected_syn");     /* ESTABLISHED: a challenge */
    finds("challenge_ack", SERVER, 6);
}

/* --- close and open --- */

SCENARIO(close_half_near_miss)
{
    open_connection();
    server(ACK, .len = 100);
    client(FIN | ACK, .unacked = 100);      /* left before the data arrived */
    server(ACK, .len = 100, .unacked = 1);  finds_no("close.half");
}

SCENARIO(close_simultaneous_near_miss)
{
    open_connection();
    client(FIN | ACK);
    server(FIN | ACK);                      finds_no("close.simultaneous");
}

SCENARIO(open_simultaneous_near_miss)
{
    client(SYN);
    server(SYN | ACK);                      finds_no("open.simultaneous");
}

/* --- sequence --- */

SCENARIO(fin_gap_near_miss)
{
    open_connection();
    client(ACK, .len = 100);
    client(FIN | ACK);                      finds_no("fin.gap");
}

SCENARIO(data_after_fin_near_miss)
{
    open_connection();
    client(FIN | ACK, .len = 10);           finds_no("data_after_fin");
    client(FIN | ACK, .back = 11, .len = 10, .after = 300);     finds_no("data_after_fin");
}

SCENARIO(keepalive_unanswered)
{
    open_connection();
    client(ACK, .back = 1, .after = 10 * SECOND);   finds_no(NULL);
    client(ACK, .back = 1, .after = 10 * SECOND);   finds_no(NULL);
    client(ACK, .back = 1, .after = 10 * SECOND);
    assert_int_equal(finds("keepalive.unanswered", CLIENT, 5)->count, 3);
    client(ACK, .back = 1, .after = 10 * SECOND);   finds_no(NULL);
}

SCENARIO(keepalive_answered)
{
    open_connection();
    for (unsigned i = 0; i < 6; i++) {
        client(ACK, .back = 1, .after = 10 * SECOND);   finds_no(NULL);
        server(ACK);                                    finds_no(NULL);
    }
}

SCENARIO(rollback_near_miss)
{
    open_connection();
    client(FIN | ACK);
    client(FIN | ACK, .back = 1, .after = 300);     finds_no("rollback");   /* nothing had acknowledged it */
}

SCENARIO(challenge_ack_near_miss)
{
    open_connection();
    client(ACK);                            finds_no("challenge_ack");
    server(RST, .ahead = 900000000, .forged = true);
    client(ACK);                            finds_no("challenge_ack");
}

/* --- RSTs: near misses of each other --- */

SCENARIO(rst_idle)
{
    open_connection();
    server(RST | ACK, .after = 300 * SECOND);
    assert_true(finds("rst.idle", SERVER, 0)->time >= 299000000000ll);
}

SCENARIO(rst_idle_near_miss)
{
    open_connection();
    server(RST | ACK, .after = 5 * SECOND);         finds_no("rst.idle");
    finds("rst.abort", SERVER, 0);
}

SCENARIO(rst_after_close_near_miss)
{
    open_connection();
    server(ACK, .len = 10);
    client(RST | ACK);                      finds_no("rst.after_close");    /* it had not closed */
    finds("rst.abort", CLIENT, 6);
}

SCENARIO(rst_probe_near_miss)
{
    client(SYN);
    server(SYN | ACK);
    client(ACK);
    client(ACK, .len = 10);
    client(RST | ACK);                      finds_no("rst.probe");          /* it had sent data */
    finds("rst.abort", CLIENT, 0);
}

SCENARIO(rst_probe_of_a_complete_handshake)
{
    client(SYN);
    server(SYN | ACK);
    client(ACK);
    client(RST | ACK);                      finds("rst.probe", CLIENT, 2);
    assert_int_equal(diagnosis_outcome(&play.diagnosis, &play.connection), TCPFSM_OUTCOME_PROBE);
}

SCENARIO(rst_gave_up)
{
    open_connection();
    client(ACK, .len = 10);
    server(ACK);
    client(RST | ACK, .after = 4000);       finds("rst.gave_up", CLIENT, 6);
}

SCENARIO(rst_gave_up_near_miss)
{
    open_connection();
    client(ACK, .len = 10);
    server(ACK, .len = 10);
    client(RST | ACK, .after = 4000);       finds_no("rst.gave_up");        /* it had an answer */
    finds("rst.abort", CLIENT, 0);
}

SCENARIO(half_open_fin_of_a_peer_that_speaks)
{
    open_connection();
    client(ACK, .len = 10, .lost = true);
    client(FIN | ACK);
    server(ACK, .ack = AT(111), .after = 10);
    client(FIN | ACK, .seq = AT(121), .after = 4000);
    finds_no("half_open.fin");
}

SCENARIO(rst_refused_near_miss)
{
    client(SYN);
    server(RST | ACK, .seq = AT(0), .ack = AT(55), .forged = true);
    finds_no("rst.refused");
}

SCENARIO(rst_forged_near_miss)
{
    open_connection();
    server(RST | ACK);                      finds("rst.abort", SERVER, 0);
    client(ACK, .len = 100, .after = 1);    finds_no("rst.forged");         /* in flight */
    client(ACK, .len = 100, .after = 1);    finds_no("rst.forged");
}

SCENARIO(mptcp_fastclose)
{
    open_connection();
    client(RST | ACK, .fastclose = true);   finds("mptcp.fastclose", CLIENT, 0);
    for (unsigned i = 0; i < play.said.findings; i++)
        play.claimed[i] = true;
}

SCENARIO(mptcp_fastclose_near_miss)
{
    open_connection();
    client(RST | ACK);                      finds_no("mptcp.fastclose");
    finds("rst.abort", CLIENT, 0);
}

/* A connection that begins in mid-stream says so once. */
SCENARIO(midstream_once)
{
    client(ACK, .len = 10);                 finds("midstream", NOBODY, 0);
    server(ACK, .len = 10);                 finds_no("midstream");
    client(ACK);                            finds_no("midstream");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(healthy_is_silent), T(a_single_loss_is_no_finding), T(half_open_syn), T(half_open_syn_ack), T(half_open_fin), T(half_open_idle),
        T(half_open_idle_near_miss), T(half_open_not_accepted), T(case_69), T(case_55), T(case_59), T(fin_wait_2_near_miss), T(time_wait_fin_retransmission),
        T(time_wait_rejected_syn_near_miss), T(close_half_near_miss), T(close_simultaneous_near_miss), T(open_simultaneous_near_miss), T(fin_gap_near_miss),
        T(data_after_fin_near_miss), T(keepalive_unanswered), T(keepalive_answered), T(rollback_near_miss), T(challenge_ack_near_miss), T(rst_idle),
        T(rst_idle_near_miss), T(rst_after_close_near_miss), T(rst_probe_near_miss), T(rst_probe_of_a_complete_handshake), T(rst_gave_up), T(rst_gave_up_near_miss),
        T(half_open_fin_of_a_peer_that_speaks), T(rst_refused_near_miss), T(rst_forged_near_miss), T(mptcp_fastclose),
        T(mptcp_fastclose_near_miss), T(midstream_once),
    };

    return RUN(tests);
}
