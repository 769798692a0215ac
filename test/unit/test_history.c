/* test_history.c: a connection in Zeek's codes, who closed and who reset it (plugin/engine/history.c, summary.c).
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "play.h"

static unsigned end_of(enum who who)
{
    return (who == CLIENT) == play.swap;
}

/* is: the codes of the connection so far. */
static void is(const char *state, const char *history)
{
    char text[TCPFSM_HISTORY_TEXT];
    unsigned client = tcpfsm_client(&play.connection);

    tcpfsm_history_text(play.connection.history, client, text);
    assert_string_equal(text, history);
    assert_string_equal(tcpfsm_conn_state(play.connection.history, client), state);
}

SCENARIO(a_normal_close_is_sf)
{
    client(SYN);                is("S0", "S");
    server(SYN | ACK);          is("S1", "Sh");
    client(ACK);                is("S1", "ShA");
    client(ACK, .len = 10);
    server(ACK);
    server(ACK, .len = 10);     is("S1", "ShADad");
    assert_int_equal(tcpfsm_closed_by(&play.connection), -1);
    client(FIN | ACK);          is("S2", "ShADadF");
    assert_int_equal(tcpfsm_closed_by(&play.connection), end_of(CLIENT));
    server(FIN | ACK);
    client(ACK);                is("SF", "ShADadFf");
    assert_int_equal(tcpfsm_closed_by(&play.connection), end_of(CLIENT));
    assert_int_equal(tcpfsm_reset_by(&play.connection), -1);
}

SCENARIO(the_server_closes_and_the_client_does_not_is_s3)
{
    open_connection();
    server(FIN | ACK);
    client(ACK);                is("S3", "ShADaf");
    assert_int_equal(tcpfsm_closed_by(&play.connection), end_of(SERVER));
}

SCENARIO(refused_is_rej)
{
    client(SYN);
    server(RST | ACK);          is("REJ", "Sr");
}

SCENARIO(a_half_open_scan_is_rsto)
{
    client(SYN);
    server(SYN | ACK);
    client(RST);                is("RSTO", "ShR");
}

SCENARIO(a_syn_taken_back_is_rstos0)
{
    client(SYN);
    client(RST);                is("RSTOS0", "SR");
}

SCENARIO(an_abort_of_the_server_is_rstr_and_the_states_it_found_are_known)
{
    open_connection();
    client(FIN | ACK);
    server(ACK);
    server(RST | ACK);          is("RSTR", "ShADaFr");
    assert_int_equal(tcpfsm_reset_by(&play.connection), end_of(SERVER));
    assert_int_equal(tcpfsm_at_reset(&play.connection, end_of(CLIENT)), TCPFSM_FIN_WAIT_2);
    assert_int_equal(tcpfsm_at_reset(&play.connection, end_of(SERVER)), TCPFSM_CLOSE_WAIT);
}

/* Only the answers were captured. */
SCENARIO(no_syn_is_oth)
{
    server(ACK, .len = 10);
    client(ACK);
    is("OTH", tcpfsm_client(&play.connection) == end_of(CLIENT) ? "^dA" : "Da");
}

SCENARIO(the_answer_alone_is_flipped)
{
    client(SYN, .unseen = true);
    server(SYN | ACK);          is("OTH", "^h");
    server(RST);                is("RSTRH", "^hr");
}

/* A copy the capture made is no segment; a new connection has a history of its own. */
SCENARIO(a_new_connection_begins_anew)
{
    open_connection();
    client(SYN, .seq = AT(5000), .lost = true);
    is("S1", "ShADa");
    server(SYN | ACK, .seq = AT(7000), .ack = AT(5001));
    new_connection();
    is("S1", "Sh");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_normal_close_is_sf), T(the_server_closes_and_the_client_does_not_is_s3), T(refused_is_rej),
        T(a_half_open_scan_is_rsto), T(a_syn_taken_back_is_rstos0),
        T(an_abort_of_the_server_is_rstr_and_the_states_it_found_are_known), T(no_syn_is_oth),
        T(the_answer_alone_is_flipped), T(a_new_connection_begins_anew),
    };

    return RUN(tests);
}
