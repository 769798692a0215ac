/* test_engine.c: one segment's way through the engine: what is ignored, ICMP, one socket as both ends, causality
 * (plugin/engine/engine.c).
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "play.h"

#include <string.h>

/* Rule 12: a packet's states depend on it and earlier packets only, and on nothing but them: two observers of the
 * same segments say the same. */
static struct tcpfsm_segment recorded[16];
static unsigned records;

static void record(void)
{
    recorded[records++] = play.segment;
}

SCENARIO(healthy_is_silent)
{
    open_connection();
    for (unsigned i = 0; i < 10; i++) {
        client(ACK, .len = 500);
        server(ACK, .len = 1400);
        client(ACK, .after = 40);
    }
    wait_ms(20 * MINUTE);
    client(ACK, .len = 500);
    server(ACK);
    client(FIN | ACK);
    server(ACK);
    server(FIN | ACK);
    client(ACK);
}

/* case 14: A socket connected to itself is one TCB: both columns equal, SYN_SENT, SYN_RECEIVED, ESTABLISHED | figure
 * 7 */
SCENARIO(case_14)
{
    play_self();
    client(SYN);
    assert_int_equal(play.result.state[0], play.result.state[1]);
    client(SYN | ACK, .seq = AT(100), .ack = AT(101), .after = 1);
    assert_int_equal(play.result.state[0], play.result.state[1]);
    client(ACK, .seq = AT(101), .ack = AT(101), .len = 5, .after = 1);
    assert_int_equal(play.result.state[0], TCPFSM_ESTABLISHED);
    assert_int_equal(play.result.state[1], TCPFSM_ESTABLISHED);
    client(FIN | ACK, .seq = AT(106), .ack = AT(106), .after = 1);
    assert_int_equal(play.result.state[0], play.result.state[1]);
    assert_true(play.result.possible[0] & (TCPFSM_BIT(TCPFSM_CLOSING) | TCPFSM_BIT(TCPFSM_TIME_WAIT) | TCPFSM_BIT(TCPFSM_FIN_WAIT_1)));
    client(ACK, .seq = AT(107), .ack = AT(107), .after = 1);
    assert_int_equal(play.result.state[0], TCPFSM_TIME_WAIT);
}

/* case 22: A hard ICMP error quoting the SYN: the client may be CLOSED; what is displayed stays, and the quoted
 * header is no segment | RFC 1122 4.2.3.9 */
SCENARIO(case_22)
{
    client(SYN);
    unreachable(CLIENT, AT(100), true);     shows("SYN_SENT|CLOSED", "=");
}

SCENARIO(a_soft_icmp_error_moves_nobody)
{
    client(SYN);
    unreachable(CLIENT, AT(100), false);    shows("=", "=");
}

SCENARIO(icmp_about_another_segment_moves_nobody)
{
    open_connection();
    unreachable(CLIENT, AT(100), true);     shows("=", "=");
    unreachable(SERVER, AT(300), true);     shows("=", "=");
    unreachable(CLIENT, AT(100), true);     shows("=", "=");
    unreachable(CLIENT, AT(-9999), true);
}

/* case 40: A wrong checksum, where it is validated: its receiver never saw it, and nobody moves | 3.1 MUST-3 */
SCENARIO(case_40)
{
    open_connection();
    server(RST | ACK, .bad_checksum = true, .forged = true);    shows("=", "=");
    client(FIN | ACK, .bad_checksum = true, .forged = true);    shows("=", "=");
    client(SYN, .seq = AT(9999), .bad_checksum = true, .forged = true);    shows("=", "=");
    assert_false(play.result.changed);
}

/* case 41: URG, PSH, ECE and CWR have no part in the state machine | 3.8.5; RFC 3168 */
SCENARIO(case_41)
{
    client(SYN | 0xc0);                     shows("SYN_SENT", "LISTEN?");
    server(SYN | ACK | 0x40);               shows("ESTABLISHED?", "SYN_RECEIVED?");
    client(ACK);
    client(ACK | PSH | URG | 0x80, .len = 10);
    server(ACK | 0x40);                     shows("ESTABLISHED", "ESTABLISHED");
    client(FIN | ACK | PSH | URG);          shows("FIN_WAIT_1", "CLOSE_WAIT?");
}

SCENARIO(rule_11_no_transition)
{
    open_connection();
    client(ACK, .back = 1);                 shows("=", "=");        /* keepalive */
    client(ACK, .back = 1, .len = 1);       shows("=", "=");
    server(ACK);                            shows("=", "=");
    client(ACK, .len = 1, .bad_checksum = true, .forged = true);    shows("=", "=");
    server(FIN | ACK);
    client(ACK);                            shows("CLOSE_WAIT", "FIN_WAIT_2?");
    client(ACK, .len = 100);                shows("CLOSE_WAIT", "FIN_WAIT_2.");     /* half-close */
    path(SERVER, "");
}

SCENARIO(rule_12_causal)
{
    struct tcpfsm_result full[16], again;
    struct tcpfsm_connection c;
    uint16_t port[2] = { 40000, 80 };
    records = 0;
    client(SYN);                record();
    server(SYN | ACK);          record();
    client(ACK);                record();
    client(ACK, .len = 10);     record();
    server(ACK);                record();
    client(FIN | ACK);          record();
    server(FIN | ACK);          record();
    client(ACK);                record();
    memset(full, 0, sizeof full);
    memset(&again, 0, sizeof again);
    for (unsigned length = 1; length <= records; length++) {
        tcpfsm_open(&c, false, port);
        for (unsigned i = 0; i < length; i++) {
            tcpfsm_segment(&c, &recorded[i], &play.config, NULL, false, &again);
            if (i == length - 1)
                full[i] = again;
            else
                assert_memory_equal(again.state, full[i].state, sizeof again.state);
            assert_int_equal(again.possible[0], full[i].possible[0]);
            assert_int_equal(again.possible[1], full[i].possible[1]);
            assert_int_equal(again.steps, full[i].steps);
        }
    }
}

/* case 79: What an ICMP error quotes is never a segment: a quoted FIN or RST has no way into the engine, and nobody
 * moves | 3.9.2.2 */
SCENARIO(case_79)
{
    open_connection();
    client(ACK, .len = 20);
    unreachable(CLIENT, AT(111), true);     shows("=", "=");
    assert_int_equal(tcpfsm_phase(&play.connection), TCPFSM_PHASE_OPEN);
}

/* Any input is legal. */
SCENARIO(nonsense_is_answered_calmly)
{
    open_connection();
    client(0xffff, .forged = true, .len = 0xffffffffu);
    server(0xff, .forged = true, .seq = AT(0xfffffff), .ack = AT(0xfffffff), .after = -2);
    unreachable(SERVER, AT(1), true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(healthy_is_silent), T(case_14), T(case_22), T(a_soft_icmp_error_moves_nobody),
        T(icmp_about_another_segment_moves_nobody), T(case_40), T(case_41), T(rule_11_no_transition),
        T(rule_12_causal), T(case_79), T(nonsense_is_answered_calmly),
    };

    return RUN(tests);
}
