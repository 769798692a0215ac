/* test_vantage.c: where the capture sits, and what that decides (plugin/engine/vantage.c).
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "play.h"

static enum tcpfsm_vantage beside(enum who who)
{
    return (who == CLIENT) != play.swap ? TCPFSM_VANTAGE_NEAR_0 : TCPFSM_VANTAGE_NEAR_1;
}

/* handshake: the server answers after so many microseconds, the client after so many. */
static void handshake(int32_t server_us, int32_t client_us)
{
    play.paths = true;
    client(SYN);
    server(SYN | ACK, .after = AT_ONCE, .micros = server_us);
    client(ACK, .after = AT_ONCE, .micros = client_us);
}

/* In one data centre both answer at once. If routers have counted down one TTL and not the other, the quicker one is
 * beside the capture. */
static void data_centre(uint8_t client_ttl, uint8_t server_ttl)
{
    play.paths = true;
    client(SYN, .ttl = client_ttl);
    server(SYN | ACK, .ttl = server_ttl, .after = AT_ONCE, .micros = 150);
    client(ACK, .ttl = client_ttl, .after = AT_ONCE, .micros = 80);
}

SCENARIO(who_answers_at_once_is_beside_the_capture)
{
    handshake(20000, 60);
    assert_int_equal(tcpfsm_vantage(&play.connection), beside(CLIENT));
    client(ACK, .len = 10);
    server(ACK);
    server(FIN | ACK);                      shows("CLOSE_WAIT", "FIN_WAIT_1");  /* certain: it has arrived */
}

SCENARIO(the_server_answers_at_once)
{
    handshake(60, 20000);
    assert_int_equal(tcpfsm_vantage(&play.connection), beside(SERVER));
    client(ACK, .len = 10);
    server(ACK);
    client(FIN | ACK);                      shows("FIN_WAIT_1", "CLOSE_WAIT");
}

SCENARIO(nobody_answers_at_once)
{
    handshake(20000, 20000);
    client(ACK, .len = 10);
    assert_int_equal(tcpfsm_vantage(&play.connection), TCPFSM_VANTAGE_BETWEEN);
    server(ACK);
    client(FIN | ACK);                      shows("FIN_WAIT_1", "CLOSE_WAIT|ESTABLISHED");
}

SCENARIO(without_a_path_nothing_is_inferred)
{
    client(SYN);
    server(SYN | ACK);
    client(ACK, .after = AT_ONCE, .micros = 50);
    assert_int_equal(tcpfsm_vantage(&play.connection), TCPFSM_VANTAGE_UNKNOWN);
}

/* What the user says goes. */
SCENARIO(the_preference_decides)
{
    near(SERVER);
    handshake(20000, 60);
    assert_int_equal(tcpfsm_vantage(&play.connection), beside(SERVER));
}

/* A path between the capture and both: the user can say that too. */
SCENARIO(between_both_everything_is_assumed)
{
    play.config.vantage = TCPFSM_VANTAGE_BETWEEN;
    handshake(20000, 60);
    client(ACK, .len = 10);
    server(ACK);
    client(FIN | ACK);                      shows("FIN_WAIT_1", "CLOSE_WAIT|ESTABLISHED");
    server(FIN | ACK);                      shows("TIME_WAIT?", "LAST_ACK");
}

/* The answer to a retransmission measures nothing. */
SCENARIO(a_retransmission_is_no_measure)
{
    play.paths = true;
    client(SYN);
    client(SYN, .after = SECOND);
    server(SYN | ACK, .after = AT_ONCE, .micros = 50);
    assert_int_equal(play.path.quickest[1], 0);
}

/* Nor does an answer that took longer than any path. */
SCENARIO(an_answer_after_minutes_is_no_measure)
{
    play.paths = true;
    client(SYN);
    server(SYN | ACK, .after = 2 * MINUTE);
    assert_int_equal(play.path.quickest[1], 0);
}

/* What one connection showed of the path serves the next between the same hosts. */
SCENARIO(the_path_is_remembered)
{
    uint16_t port[2] = { 50000, 80 };
    handshake(20000, 60);
    if (play.swap) {
        port[0] = 80;
        port[1] = 50000;
    }
    tcpfsm_open(&play.connection, false, port);
    play.result = (struct tcpfsm_result){ 0 };
    play.frame = 0;
    client(SYN, .seq = AT(100));
    server(SYN | ACK, .seq = AT(300));
    shows("ESTABLISHED", "SYN_RECEIVED?");
}

SCENARIO(a_ttl_that_no_router_has_counted_down_helps)
{
    data_centre(64, 61);
    client(ACK, .len = 10);
    assert_int_equal(tcpfsm_vantage(&play.connection), beside(CLIENT));
}

SCENARIO(equal_ttls_say_nothing)
{
    data_centre(64, 64);
    client(ACK, .len = 10);
    assert_int_equal(tcpfsm_vantage(&play.connection), TCPFSM_VANTAGE_UNKNOWN);
}

SCENARIO(the_slower_one_is_not_beside_the_capture_whatever_its_ttl)
{
    data_centre(61, 64);
    client(ACK, .len = 10);
    assert_int_equal(tcpfsm_vantage(&play.connection), TCPFSM_VANTAGE_UNKNOWN);
}

/* The server answers at once, and yet the client's ACKs do not get there: a lossy link between. */
SCENARIO(what_is_lost_on_the_way_to_it_shows_a_path_between)
{
    handshake(60, 20000);
    client(ACK, .len = 10);
    server(ACK);
    server(FIN | ACK);
    client(ACK, .lost = true);
    for (int i = 0; i < 8; i++) {
        assert_int_equal(tcpfsm_vantage(&play.connection), beside(SERVER));
        server(FIN | ACK, .back = 1, .after = 300);
        client(ACK, .lost = true);
    }
    assert_int_equal(tcpfsm_vantage(&play.connection), TCPFSM_VANTAGE_UNKNOWN);
}

/* The server answers at once, but most of what it sends passes elsewhere. */
SCENARIO(what_is_acknowledged_unseen_shows_another_path)
{
    handshake(60, 20000);
    client(ACK, .len = 10);
    for (int i = 0; i < 8; i++) {
        server(ACK, .len = 100, .unseen = true);
        client(ACK);
    }
    client(ACK, .len = 10);
    assert_int_equal(tcpfsm_vantage(&play.connection), TCPFSM_VANTAGE_UNKNOWN);
}

SCENARIO(between_two_slow_answers)
{
    handshake(20000, 5000);
    client(ACK, .len = 10);
    assert_int_equal(tcpfsm_vantage(&play.connection), TCPFSM_VANTAGE_BETWEEN);
}

/* Over the loopback interface what is captured has arrived, however slowly it is answered. */
static void on_one_host(bool local)
{
    play.paths = true;
    client(SYN, .local = local);
    server(SYN | ACK, .local = local);
    client(ACK, .local = local);
    client(ACK, .local = local, .len = 10);
}

/* case 129: Both ends on the capturing host: what is captured has arrived, both states are proven |
 */
SCENARIO(case_129)
{
    on_one_host(true);
    assert_int_equal(tcpfsm_vantage(&play.connection), TCPFSM_VANTAGE_BOTH);
    server(ACK, .local = true);
    client(FIN | ACK, .local = true);       shows("FIN_WAIT_1", "CLOSE_WAIT");
    server(ACK, .local = true);             shows("FIN_WAIT_2", "CLOSE_WAIT");
    server(FIN | ACK, .local = true);       shows("TIME_WAIT", "LAST_ACK");
    client(ACK, .local = true);             shows("TIME_WAIT", "CLOSED");
}

/* Its near miss: the same segments of two hosts. */
SCENARIO(on_two_hosts_it_is_assumed)
{
    on_one_host(false);
    assert_int_equal(tcpfsm_vantage(&play.connection), TCPFSM_VANTAGE_BETWEEN);
    server(ACK);
    client(FIN | ACK);                      shows("FIN_WAIT_1", "CLOSE_WAIT?");
}

/* A firewall on that host drops behind the capture, again and again: then nothing is taken for granted. */
SCENARIO(a_firewall_on_one_host)
{
    on_one_host(true);
    server(ACK, .local = true);
    server(FIN | ACK, .local = true);
    client(ACK, .local = true, .lost = true);
    for (int i = 0; i < 8; i++) {
        server(FIN | ACK, .local = true, .back = 1, .after = 300);
        client(ACK, .local = true, .lost = true);
    }
    assert_int_not_equal(tcpfsm_vantage(&play.connection), TCPFSM_VANTAGE_BOTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(case_129), T(on_two_hosts_it_is_assumed), T(a_firewall_on_one_host),
        T(who_answers_at_once_is_beside_the_capture), T(the_server_answers_at_once), T(nobody_answers_at_once),
        T(without_a_path_nothing_is_inferred), T(the_preference_decides), T(between_both_everything_is_assumed),
        T(a_retransmission_is_no_measure), T(an_answer_after_minutes_is_no_measure), T(the_path_is_remembered),
        T(a_ttl_that_no_router_has_counted_down_helps), T(equal_ttls_say_nothing),
        T(the_slower_one_is_not_beside_the_capture_whatever_its_ttl),
        T(what_is_lost_on_the_way_to_it_shows_a_path_between), T(what_is_acknowledged_unseen_shows_another_path),
        T(between_two_slow_answers),
    };

    return RUN(tests);
}
