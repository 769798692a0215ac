/* test_summary.c: a connection in one word: role, phase, outcome (plugin/engine/summary.c).
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "play.h"

static void is(enum tcpfsm_phase phase, enum tcpfsm_outcome outcome)
{
    assert_string_equal(tcpfsm_phase_name(tcpfsm_phase(&play.connection)), tcpfsm_phase_name(phase));
    assert_string_equal(tcpfsm_outcome_name(diagnosis_outcome(&play.diagnosis, &play.connection)), tcpfsm_outcome_name(outcome));
}

static unsigned client_index(void)
{
    return play.swap ? 1 : 0;
}

SCENARIO(normal)
{
    is(TCPFSM_PHASE_OPENING, TCPFSM_OUTCOME_UNKNOWN);
    client(SYN);            is(TCPFSM_PHASE_OPENING, TCPFSM_OUTCOME_UNANSWERED);
    server(SYN | ACK);      is(TCPFSM_PHASE_OPENING, TCPFSM_OUTCOME_NOT_COMPLETED);
    client(ACK);            is(TCPFSM_PHASE_OPEN, TCPFSM_OUTCOME_OPEN);
    client(ACK, .len = 10);
    server(ACK);            is(TCPFSM_PHASE_OPEN, TCPFSM_OUTCOME_OPEN);
    client(FIN | ACK);      is(TCPFSM_PHASE_CLOSING, TCPFSM_OUTCOME_HALF_CLOSED_BY_CLIENT);
    server(ACK);            is(TCPFSM_PHASE_CLOSING, TCPFSM_OUTCOME_HALF_CLOSED_BY_CLIENT);
    server(FIN | ACK);      is(TCPFSM_PHASE_CLOSING, TCPFSM_OUTCOME_CLOSING);
    client(ACK);            is(TCPFSM_PHASE_CLOSED, TCPFSM_OUTCOME_NORMAL);
    assert_int_equal(tcpfsm_client(&play.connection), client_index());
    assert_int_equal(tcpfsm_opened_in(&play.connection), 1);
    assert_int_equal(tcpfsm_incarnation(&play.connection), 1);
}

SCENARIO(half_closed_by_server)
{
    open_connection();
    server(FIN | ACK);
    client(ACK);            is(TCPFSM_PHASE_CLOSING, TCPFSM_OUTCOME_HALF_CLOSED_BY_SERVER);
}

SCENARIO(refused)
{
    client(SYN);
    server(RST | ACK, .seq = AT(0), .ack = AT(101));
    finds("rst.refused", SERVER, 1);
    is(TCPFSM_PHASE_RESET, TCPFSM_OUTCOME_REFUSED);
}

SCENARIO(probe)
{
    client(SYN);
    server(SYN | ACK);
    client(RST);            is(TCPFSM_PHASE_RESET, TCPFSM_OUTCOME_PROBE);
}

SCENARIO(aborted)
{
    open_connection();
    server(RST | ACK);      is(TCPFSM_PHASE_RESET, TCPFSM_OUTCOME_ABORTED_BY_SERVER);
    finds("rst.abort", SERVER, 0);
}

SCENARIO(gone)
{
    open_connection();
    server(ACK, .len = 5, .lost = true, .after = 30 * SECOND);
    client(RST, .seq = AT(111));
    finds("rst.no_connection", CLIENT, 6);
    is(TCPFSM_PHASE_RESET, TCPFSM_OUTCOME_GONE_CLIENT);
}

/* A RST after both FINs does not make a normal close an abort (cases 60 and 61). */
SCENARIO(rst_after_both_fins_is_normal)
{
    open_connection();
    close_connection();
    server(RST, .seq = AT(302));
    is(TCPFSM_PHASE_RESET, TCPFSM_OUTCOME_NORMAL);
}

/* A forged RST leaves the connection open. */
SCENARIO(forged_rst_leaves_it_open)
{
    open_connection();
    server(RST, .forged = true);
    play.claimed[0] = true;
    server(ACK, .len = 10, .after = 200);
    finds("rst.forged", SERVER, 6);
    is(TCPFSM_PHASE_OPEN, TCPFSM_OUTCOME_OPEN);
}

SCENARIO(role_by_syn_ack)
{
    server(SYN | ACK);
    assert_string_equal(tcpfsm_role_name(tcpfsm_role(&play.connection)), "SYN,ACK");
    assert_int_equal(tcpfsm_client(&play.connection), client_index());
}

/* No SYN: the higher port is the client's, whoever is captured first. */
SCENARIO(role_by_port)
{
    server(ACK, .len = 10);
    assert_string_equal(tcpfsm_role_name(tcpfsm_role(&play.connection)), "port");
    assert_int_equal(tcpfsm_client(&play.connection), client_index());
}

SCENARIO(role_by_port_from_the_client)
{
    client(ACK, .len = 10);
    assert_string_equal(tcpfsm_role_name(tcpfsm_role(&play.connection)), "port");
    assert_int_equal(tcpfsm_client(&play.connection), client_index());
}

/* case 71: Mid-stream: both ESTABLISHED, assumed, any synchronized state possible; corrected at the first contradiction | 3.3.2 */
SCENARIO(case_71)
{
    client(ACK, .len = 10);                 shows("ESTABLISHED?", "ESTABLISHED?");
    may_be(CLIENT, "ESTABLISHED CLOSE_WAIT");
    may_be(SERVER, "ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 CLOSE_WAIT CLOSING LAST_ACK TIME_WAIT");
    finds("midstream", NOBODY, 0);
    cannot_be(CLIENT, "LISTEN SYN_SENT");
    assert_int_equal(tcpfsm_opened_in(&play.connection), 0);
    server(FIN | ACK);                      shows("CLOSE_WAIT?", "FIN_WAIT_1.");
    is(TCPFSM_PHASE_CLOSING, TCPFSM_OUTCOME_HALF_CLOSED_BY_SERVER);
}

/* case 73: A RST first: nothing is known and nothing claimed; a SYN,ACK first: the client sent a SYN the capture missed | 3.10.7 */
SCENARIO(case_73)
{
    client(RST);                            shows("CLOSED.", "*");
    finds_no("rst.abort");
    finds_no("rst.refused");
    finds_no("rst.no_connection");
}

SCENARIO(syn_ack_first)
{
    server(SYN | ACK);                      shows("SYN_SENT?", "SYN_RECEIVED|LISTEN");
    client(ACK);                            shows("ESTABLISHED", "ESTABLISHED?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(normal), T(half_closed_by_server), T(refused), T(probe), T(aborted), T(gone), T(rst_after_both_fins_is_normal), T(forged_rst_leaves_it_open),
        T(role_by_syn_ack), T(role_by_port), T(role_by_port_from_the_client), T(case_71), T(case_73), T(syn_ack_first),
    };

    return RUN(tests);
}
