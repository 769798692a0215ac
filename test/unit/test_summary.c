/* test_summary.c: a connection in one word: role, phase (plugin/engine/summary.c).
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "play.h"

static void is(enum tcpfsm_phase phase)
{
    assert_string_equal(tcpfsm_phase_name(tcpfsm_phase(&play.connection)), tcpfsm_phase_name(phase));
}

static unsigned client_index(void)
{
    return play.swap ? 1 : 0;
}

SCENARIO(normal)
{
    is(TCPFSM_PHASE_OPENING);
    client(SYN);            is(TCPFSM_PHASE_OPENING);
    server(SYN | ACK);      is(TCPFSM_PHASE_OPENING);
    client(ACK);            is(TCPFSM_PHASE_OPEN);
    client(ACK, .len = 10);
    server(ACK);            is(TCPFSM_PHASE_OPEN);
    client(FIN | ACK);      is(TCPFSM_PHASE_CLOSING);
    server(ACK);            is(TCPFSM_PHASE_CLOSING);
    server(FIN | ACK);      is(TCPFSM_PHASE_CLOSING);
    client(ACK);            is(TCPFSM_PHASE_CLOSED);
    assert_int_equal(tcpfsm_client(&play.connection), client_index());
    assert_int_equal(tcpfsm_opened_in(&play.connection), 1);
    assert_int_equal(tcpfsm_incarnation(&play.connection), 1);
}

SCENARIO(half_closed_by_server)
{
    open_connection();
    server(FIN | ACK);
    client(ACK);            is(TCPFSM_PHASE_CLOSING);
}

SCENARIO(refused)
{
    client(SYN);
    server(RST | ACK, .seq = AT(0), .ack = AT(101));
    is(TCPFSM_PHASE_RESET);
}

SCENARIO(probe)
{
    client(SYN);
    server(SYN | ACK);
    client(RST);            is(TCPFSM_PHASE_RESET);
}

SCENARIO(aborted)
{
    open_connection();
    server(RST | ACK);      is(TCPFSM_PHASE_RESET);
}

SCENARIO(gone)
{
    open_connection();
    server(ACK, .len = 5, .lost = true, .after = 30 * SECOND);
    client(RST, .seq = AT(111));
    is(TCPFSM_PHASE_RESET);
}

/* A RST after both FINs does not make a normal close an abort (cases 60 and 61). */
SCENARIO(rst_after_both_fins_is_normal)
{
    open_connection();
    close_connection();
    server(RST, .seq = AT(302));
    is(TCPFSM_PHASE_RESET);
}

/* A forged RST leaves the connection open. */
SCENARIO(forged_rst_leaves_it_open)
{
    open_connection();
    server(RST, .forged = true);
    server(ACK, .len = 10, .after = 200);
    is(TCPFSM_PHASE_OPEN);
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

/* case 73: A RST first: nothing is known and nothing claimed; a SYN,ACK first: the client sent a SYN the capture
 * missed | 3.10.7 */
SCENARIO(case_73)
{
    client(RST);                            shows("CLOSED.", "*");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(normal), T(half_closed_by_server), T(refused), T(probe), T(aborted), T(gone),
        T(rst_after_both_fins_is_normal), T(forged_rst_leaves_it_open), T(role_by_syn_ack), T(role_by_port),
        T(role_by_port_from_the_client), T(case_73),
    };

    return RUN(tests);
}
