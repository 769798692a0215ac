/* test_handshake.c: openings, ports used again, probes, segments that nobody takes, ICMP.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "crowd.h"
#include "stage.h"

/* handshake: a connection that is open, without data. */
static void handshake(void)
{
    begin();
    memset(&stage.d, 0, sizeof stage.d);
    memset(stage.n, 0, sizeof stage.n);
    stage.state[0] = stage.state[1] = TCPFSM_CLOSED;
    from(CLIENT, SYN, .state = { TCPFSM_SYN_SENT, TCPFSM_LISTEN });
    from(SERVER, SYN | ACK, .state = { TCPFSM_SYN_SENT, TCPFSM_SYN_RECEIVED });
}

static void probes(void **state)
{
    (void)state;
    handshake();
    from(CLIENT, RST, .facts = ACCEPTED);
    assert_int_equal(says("rst.probe", CLIENT)->detail, 0);
    handshake();
    from(CLIENT, ACK, .state = { TCPFSM_ESTABLISHED, TCPFSM_ESTABLISHED });
    from(CLIENT, RST | ACK, .facts = ACCEPTED);
    assert_int_equal(says("rst.probe", CLIENT)->detail, 1);
    assert_int_equal(diagnosis_outcome(&stage.d, NULL), TCPFSM_OUTCOME_PROBE);
    handshake();
    from(CLIENT, ACK, .state = { TCPFSM_ESTABLISHED, TCPFSM_ESTABLISHED });
    from(CLIENT, RST | ACK, .facts = ACCEPTED, .after = SECONDS(5)); /* near miss: it stayed */
    says("rst.abort", CLIENT);
    handshake();
    from(CLIENT, ACK, .state = { TCPFSM_ESTABLISHED, TCPFSM_ESTABLISHED });
    from(CLIENT, ACK, .len = 5);
    from(CLIENT, RST | ACK, .facts = ACCEPTED); /* near miss: it asked */
    says("rst.abort", CLIENT);
}

static void ports_used_again(void **state)
{
    (void)state;
    begin();
    stage.restarts = true;
    from(CLIENT, SYN, .facts = TCPFSM_FACT_REUSED_TIME_WAIT, .state = { TCPFSM_SYN_SENT, TCPFSM_LISTEN });
    assert_int_equal(says("time_wait.reuse", CLIENT)->detail, 1); /* evidence_end 0: it held TIME_WAIT itself */
    begin();
    stage.restarts = true;
    from(CLIENT, SYN, .state = { TCPFSM_SYN_SENT, TCPFSM_LISTEN });
    says_not(NULL);
    assert_int_equal(stage.said.silence, 0); /* of a connection that begins */
}

static void what_nobody_takes(void **state)
{
    (void)state;
    begin();
    from(CLIENT, FIN, .after = SECONDS(60)); /* none of ACK, SYN, RST */
    says_not(NULL);
    from(CLIENT, FIN | ACK, .after = SECONDS(60), .bad = true);
    says_not(NULL);
    from(SERVER, ACK, .after = SECONDS(1));
    assert_int_equal(stage.said.silence, SECONDS(121));
}

static void copies_are_said_once(void **state)
{
    (void)state;
    begin();
    stage.copy_of = 7;
    from(SERVER, ACK, .back = 1);
    assert_int_equal(says("duplicate", SERVER)->frame, 7);
    stage.copy_of = 7;
    from(CLIENT, ACK);
    says_not(NULL);
}

static void unreachable(void **state)
{
    (void)state;
    handshake();
    diagnosis_unreachable(&stage.d, NULL, CLIENT, stage.n[0].iss, 20, stage.now, &stage.said);
    assert_int_equal(says("icmp.unreachable", CLIENT)->detail, 0);
    assert_int_equal(stage.said.finding[0].frame, stage.n[0].syn_frame);
    begin();
    diagnosis_unreachable(&stage.d, NULL, CLIENT, stage.snd[0] - 5, 20, stage.now, &stage.said);
    assert_int_equal(says("icmp.unreachable", CLIENT)->detail, 1);
    begin();
    diagnosis_unreachable(&stage.d, NULL, CLIENT, stage.snd[0] + 70000, 20, stage.now, &stage.said);
    says_not(NULL); /* not its own */
}

static int event(unsigned flags, unsigned end, bool begins, uint32_t facts, unsigned server_before,
                 unsigned server_after)
{
    struct tcpfsm_segment s = { .flags = (uint16_t)flags, .from = (uint8_t)end };
    struct tcpfsm_result r = { .facts = facts,
                               .before = { 0, (uint8_t)server_before },
                               .state = { 0, (uint8_t)server_after } };

    return diagnosis_event(&s, &r, CLIENT, begins);
}

static void events_of_the_crowd(void **state)
{
    enum { LI = TCPFSM_LISTEN, SR = TCPFSM_SYN_RECEIVED, ES = TCPFSM_ESTABLISHED };

    (void)state;
    assert_int_equal(event(SYN, CLIENT, true, 0, LI, LI), DIAGNOSIS_OPENED);
    assert_int_equal(event(SYN, CLIENT, false, 0, LI, LI), -1);
    assert_int_equal(event(SYN, SERVER, true, 0, LI, LI), -1);
    assert_int_equal(event(SYN | ACK, SERVER, false, 0, LI, SR), DIAGNOSIS_ANSWERED);
    assert_int_equal(event(SYN | ACK, SERVER, false, TCPFSM_FACT_SYN_AGAIN, SR, SR), -1);
    assert_int_equal(event(SYN | ACK, CLIENT, false, 0, LI, SR), -1);
    assert_int_equal(event(ACK, CLIENT, false, 0, SR, ES), DIAGNOSIS_COMPLETED);
    assert_int_equal(event(ACK, CLIENT, false, 0, ES, ES), -1);
    assert_int_equal(event(RST, CLIENT, false, 0, SR, LI), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(probes),      T(ports_used_again),    T(what_nobody_takes), T(copies_are_said_once),
        T(unreachable), T(events_of_the_crowd),
    };

    return RUN(tests);
}
