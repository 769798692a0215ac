/* test_table.c: the transition table against a list written from RFC 9293, one section a state (plugin/engine/table.c).
 * The list was read from sections 3.5, 3.10.1 to 3.10.8 and not from the table; what it does not name does not move.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "play.h"

#include <string.h>

#define E(id) TCPFSM_EVENT_##id
#define S(id) TCPFSM_##id

struct edge { uint8_t event, from, to; const char *where; };

static const struct edge edges[] = {
    /* 3.10.1 OPEN, active */
    { E(SND_SYN), S(CLOSED), S(SYN_SENT), "3.10.1 CLOSED: SYN issued, enter SYN-SENT" },
    { E(SND_SYN), S(LISTEN), S(SYN_SENT), "3.10.1 LISTEN, active and specified; 3.10.2 SEND in LISTEN" },
    /* SYN,ACK */
    { E(SND_SYN_ACK), S(LISTEN), S(SYN_RECEIVED), "3.10.7.2 third" },
    { E(SND_SYN_ACK), S(SYN_SENT), S(SYN_RECEIVED), "3.10.7.3 fourth, otherwise" },
    { E(SND_SYN_ACK), S(CLOSED), S(SYN_RECEIVED), "a passive OPEN no segment shows, then 3.10.7.2 third" },
    /* 3.10.4 CLOSE */
    { E(SND_FIN), S(SYN_RECEIVED), S(FIN_WAIT_1), "3.10.4 SYN-RECEIVED" },
    { E(SND_FIN), S(ESTABLISHED), S(FIN_WAIT_1), "3.10.4 ESTABLISHED" },
    { E(SND_FIN), S(CLOSE_WAIT), S(LAST_ACK), "3.10.4 CLOSE-WAIT" },
    /* 3.10.5 ABORT, and the resets of 3.10.7 */
    { E(SND_RST), S(SYN_SENT), S(CLOSED), "3.10.5" },
    { E(SND_RST), S(SYN_RECEIVED), S(CLOSED), "3.10.5" },
    { E(SND_RST), S(ESTABLISHED), S(CLOSED), "3.10.5" },
    { E(SND_RST), S(FIN_WAIT_1), S(CLOSED), "3.10.5" },
    { E(SND_RST), S(FIN_WAIT_2), S(CLOSED), "3.10.5" },
    { E(SND_RST), S(CLOSE_WAIT), S(CLOSED), "3.10.5" },
    { E(SND_RST), S(CLOSING), S(CLOSED), "3.10.5" },
    { E(SND_RST), S(LAST_ACK), S(CLOSED), "3.10.5" },
    { E(SND_RST), S(TIME_WAIT), S(CLOSED), "3.10.5" },
    /* 3.10.7.4 second: the RST bit; acceptable */
    { E(RCV_RST), S(SYN_RECEIVED), S(CLOSED), "3.10.7.4 second, SYN-RECEIVED after an active OPEN" },
    { E(RCV_RST), S(ESTABLISHED), S(CLOSED), "3.10.7.4 second" },
    { E(RCV_RST), S(FIN_WAIT_1), S(CLOSED), "3.10.7.4 second" },
    { E(RCV_RST), S(FIN_WAIT_2), S(CLOSED), "3.10.7.4 second" },
    { E(RCV_RST), S(CLOSE_WAIT), S(CLOSED), "3.10.7.4 second" },
    { E(RCV_RST), S(CLOSING), S(CLOSED), "3.10.7.4 second" },
    { E(RCV_RST), S(LAST_ACK), S(CLOSED), "3.10.7.4 second" },
    { E(RCV_RST), S(TIME_WAIT), S(CLOSED), "3.10.7.4 second" },
    { E(RCV_RST_LISTENER), S(SYN_RECEIVED), S(LISTEN), "3.10.7.4 second, SYN-RECEIVED after a passive OPEN" },
    { E(RCV_RST_LISTENER), S(ESTABLISHED), S(CLOSED), "3.10.7.4 second" },
    { E(RCV_RST_LISTENER), S(FIN_WAIT_1), S(CLOSED), "3.10.7.4 second" },
    { E(RCV_RST_LISTENER), S(FIN_WAIT_2), S(CLOSED), "3.10.7.4 second" },
    { E(RCV_RST_LISTENER), S(CLOSE_WAIT), S(CLOSED), "3.10.7.4 second" },
    { E(RCV_RST_LISTENER), S(CLOSING), S(CLOSED), "3.10.7.4 second" },
    { E(RCV_RST_LISTENER), S(LAST_ACK), S(CLOSED), "3.10.7.4 second" },
    { E(RCV_RST_LISTENER), S(TIME_WAIT), S(CLOSED), "3.10.7.4 second" },
    { E(RCV_REFUSAL), S(SYN_SENT), S(CLOSED), "3.10.7.3 second: the ACK was acceptable" },
    { E(RCV_REFUSAL), S(SYN_RECEIVED), S(CLOSED), "3.10.7.4 second: connection refused" },
    { E(RCV_REFUSAL), S(ESTABLISHED), S(CLOSED), "3.10.7.4 second" },
    { E(RCV_REFUSAL), S(FIN_WAIT_1), S(CLOSED), "3.10.7.4 second" },
    { E(RCV_REFUSAL), S(FIN_WAIT_2), S(CLOSED), "3.10.7.4 second" },
    { E(RCV_REFUSAL), S(CLOSE_WAIT), S(CLOSED), "3.10.7.4 second" },
    { E(RCV_REFUSAL), S(CLOSING), S(CLOSED), "3.10.7.4 second" },
    { E(RCV_REFUSAL), S(LAST_ACK), S(CLOSED), "3.10.7.4 second" },
    { E(RCV_REFUSAL), S(TIME_WAIT), S(CLOSED), "3.10.7.4 second" },
    /* the SYN bit */
    { E(RCV_SYN), S(LISTEN), S(SYN_RECEIVED), "3.10.7.2 third" },
    { E(RCV_SYN), S(SYN_SENT), S(SYN_RECEIVED), "3.10.7.3 fourth, otherwise" },
    { E(RCV_SYN_ACK), S(SYN_SENT), S(ESTABLISHED), "3.10.7.3 fourth: our SYN has been acknowledged" },
    { E(ACKS_SYN), S(SYN_SENT), S(ESTABLISHED), "as RCV_SYN_ACK" },
    /* the ACK field */
    { E(RCV_ACK_OF_SYN), S(SYN_RECEIVED), S(ESTABLISHED), "3.10.7.4 fifth, SYN-RECEIVED" },
    { E(ACKS_OPEN), S(SYN_RECEIVED), S(ESTABLISHED), "as RCV_ACK_OF_SYN" },
    { E(RCV_ACK_OF_FIN), S(FIN_WAIT_1), S(FIN_WAIT_2), "3.10.7.4 fifth, FIN-WAIT-1" },
    { E(RCV_ACK_OF_FIN), S(CLOSING), S(TIME_WAIT), "3.10.7.4 fifth, CLOSING" },
    { E(RCV_ACK_OF_FIN), S(LAST_ACK), S(CLOSED), "3.10.7.4 fifth, LAST-ACK" },
    { E(ACKS_CLOSE), S(FIN_WAIT_1), S(FIN_WAIT_2), "as RCV_ACK_OF_FIN" },
    { E(ACKS_CLOSE), S(CLOSING), S(TIME_WAIT), "as RCV_ACK_OF_FIN" },
    { E(ACKS_CLOSE), S(LAST_ACK), S(CLOSED), "as RCV_ACK_OF_FIN" },
    /* the FIN bit */
    { E(RCV_FIN), S(SYN_RECEIVED), S(CLOSE_WAIT), "3.10.7.4 eighth" },
    { E(RCV_FIN), S(ESTABLISHED), S(CLOSE_WAIT), "3.10.7.4 eighth" },
    { E(RCV_FIN), S(FIN_WAIT_1), S(CLOSING), "3.10.7.4 eighth: our FIN has not been acknowledged" },
    { E(RCV_FIN), S(FIN_WAIT_2), S(TIME_WAIT), "3.10.7.4 eighth" },
    { E(ACKS_FIN), S(SYN_RECEIVED), S(CLOSE_WAIT), "as RCV_FIN" },
    { E(ACKS_FIN), S(ESTABLISHED), S(CLOSE_WAIT), "as RCV_FIN" },
    { E(ACKS_FIN), S(FIN_WAIT_1), S(CLOSING), "as RCV_FIN" },
    { E(ACKS_FIN), S(FIN_WAIT_2), S(TIME_WAIT), "as RCV_FIN" },
    /* whoever sends as a synchronized endpoint has its handshake behind it */
    { E(MISSED), S(CLOSED), S(ESTABLISHED), "deduced" },
    { E(MISSED), S(LISTEN), S(ESTABLISHED), "deduced" },
    { E(MISSED), S(SYN_SENT), S(ESTABLISHED), "deduced" },
    { E(MISSED), S(SYN_RECEIVED), S(ESTABLISHED), "deduced" },
    /* 3.10.8 */
    { E(TIME_2MSL), S(TIME_WAIT), S(CLOSED), "3.10.8 TIME-WAIT TIMEOUT" },
};

/* Rows that move every state with a connection to CLOSED. */
static const uint8_t ends_all[] = { E(TIME_GONE), E(REPLACED) };
/* Rows that are no transition of the socket: an assumption is withdrawn, or nothing was known. Their own tests are below. */
static const uint8_t withdrawn[] = { E(UNDO_FIN), E(UNDO_ACK_OF_FIN), E(UNDO_ACK_OF_SYN), E(UNDO_SYN_ACK), E(UNDO_SYN), E(UNDO_RST), E(UNDO_SENT),
    E(MIDSTREAM) };

static bool among(const uint8_t *list, size_t size, unsigned event)
{
    return memchr(list, (int)event, size) != NULL;
}

/* expected: where the list says an event leads. */
static unsigned expected(unsigned event, unsigned state)
{
    if (among(ends_all, sizeof ends_all, event))
        return state == S(LISTEN) ? S(LISTEN) : S(CLOSED);
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++)
        if (edges[i].event == event && edges[i].from == state)
            return edges[i].to;
    return state;
}

/* walk: one state's column, every event. */
static void walk(unsigned state)
{
    for (unsigned event = 0; event < TCPFSM_EVENTS; event++) {
        unsigned next = tcpfsm_next(event, state);

        if (among(withdrawn, sizeof withdrawn, event))
            continue;
        if (next != expected(event, state))
            fail_msg("%s in %s leads to %s, not %s", tcpfsm_event_text(event), tcpfsm_state_name(state), tcpfsm_state_name(next),
                tcpfsm_state_name(expected(event, state)));
    }
}

#define STATE(name, id) static void name(void **unused) { (void)unused; walk(S(id)); }
STATE(state_closed, CLOSED)
STATE(state_listen, LISTEN)
STATE(state_syn_sent, SYN_SENT)
STATE(state_syn_received, SYN_RECEIVED)
STATE(state_established, ESTABLISHED)
STATE(state_fin_wait_1, FIN_WAIT_1)
STATE(state_fin_wait_2, FIN_WAIT_2)
STATE(state_close_wait, CLOSE_WAIT)
STATE(state_closing, CLOSING)
STATE(state_last_ack, LAST_ACK)
STATE(state_time_wait, TIME_WAIT)

/* Every cell holds a state, and an event that is none, or a state that is none, leads to CLOSED and not outside the table. */
static void total(void **unused)
{
    (void)unused;
    for (unsigned event = 0; event < TCPFSM_EVENTS + 3u; event++)
        for (unsigned state = 0; state < TCPFSM_STATES + 3u; state++)
            assert_true(tcpfsm_next(event, state) < TCPFSM_STATES);
    assert_int_equal(tcpfsm_next(TCPFSM_EVENTS, S(ESTABLISHED)), S(CLOSED));
    assert_int_equal(tcpfsm_next(E(RCV_FIN), TCPFSM_STATES), S(CLOSED));
    assert_int_equal(tcpfsm_next((unsigned)-1, (unsigned)-1), S(CLOSED));
}

/* The table on a set is the table on its members, for every set there is. */
static void closed_under_sets(void **unused)
{
    (void)unused;
    for (unsigned event = 0; event < TCPFSM_EVENTS; event++)
        for (unsigned set = 0; set <= TCPFSM_SET_ALL; set++) {
            tcpfsm_set want = 0;

            for (unsigned state = 0; state < TCPFSM_STATES; state++)
                if (set >> state & 1)
                    want |= TCPFSM_BIT(tcpfsm_next(event, state));
            assert_int_equal(tcpfsm_next_set(event, (tcpfsm_set)set), want);
        }
}

/* What is withdrawn was an arrival: the state it leads back to is one from which that arrival leads here. */
static void undo_is_the_inverse(void **unused)
{
    static const uint8_t pairs[][2] = { { E(UNDO_FIN), E(RCV_FIN) }, { E(UNDO_ACK_OF_FIN), E(RCV_ACK_OF_FIN) }, { E(UNDO_SYN_ACK), E(RCV_SYN_ACK) } };

    (void)unused;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        for (unsigned state = 0; state < TCPFSM_STATES; state++) {
            unsigned back = tcpfsm_next(pairs[i][0], state);

            if (back == state)
                continue;
            /* LAST_ACK stands for FIN_WAIT_1 with the FIN withdrawn */
            if (!(pairs[i][0] == E(UNDO_FIN) && state == S(LAST_ACK)))
                assert_int_equal(tcpfsm_next(pairs[i][1], back), state);
        }
    for (unsigned state = 0; state < TCPFSM_STATES; state++) {
        assert_int_equal(tcpfsm_next(E(UNDO_SYN), state), state);
        assert_int_equal(tcpfsm_next(E(UNDO_RST), state), state);
        assert_int_equal(tcpfsm_next(E(MIDSTREAM), state), S(ESTABLISHED));
        assert_int_equal(tcpfsm_next(E(UNDO_ACK_OF_SYN), state), state < S(SYN_RECEIVED) ? state : S(SYN_RECEIVED));
        /* whose FIN was not its own has not closed */
        assert_int_equal(tcpfsm_next(E(UNDO_SENT), state), state < S(FIN_WAIT_1) ? state : state < S(CLOSE_WAIT) ? S(ESTABLISHED) : S(CLOSE_WAIT));
    }
}

/* Case 65 in the table: TIME_WAIT is reached only with one's own FIN sent, and from FIN_WAIT_2 or CLOSING only. */
static void only_who_closed_waits(void **unused)
{
    (void)unused;
    for (unsigned event = 0; event < TCPFSM_EVENTS; event++)
        for (unsigned state = 0; state < TCPFSM_STATES; state++)
            if (state != S(TIME_WAIT) && tcpfsm_next(event, state) == S(TIME_WAIT))
                assert_true(state == S(FIN_WAIT_2) || state == S(CLOSING));
}

static void names(void **unused)
{
    (void)unused;
    assert_string_equal(tcpfsm_state_name(S(SYN_RECEIVED)), "SYN_RECEIVED");
    assert_string_equal(tcpfsm_state_name(TCPFSM_STATES), "?");
    assert_string_equal(tcpfsm_event_text(TCPFSM_EVENTS), "?");
    assert_string_equal(tcpfsm_event_rule(TCPFSM_EVENTS), "?");
    assert_string_equal(tcpfsm_finding_name(TCPFSM_FINDINGS), "?");
    assert_string_equal(tcpfsm_outcome_name(TCPFSM_OUTCOMES), "?");
    assert_string_equal(tcpfsm_role_name(99), "?");
    assert_string_equal(tcpfsm_phase_name(99), "?");
    for (unsigned event = 1; event < TCPFSM_EVENTS; event++) {
        assert_true(tcpfsm_event_text(event)[0] && tcpfsm_event_text(event)[0] != '?');
        assert_true(strstr(tcpfsm_event_rule(event), "RFC ") || strstr(tcpfsm_event_rule(event), "assumption withdrawn"));
    }
    for (unsigned finding = 1; finding < TCPFSM_FINDINGS; finding++)
        assert_true(tcpfsm_finding_name(finding)[0] && tcpfsm_finding_name(finding)[0] != '?');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(state_closed), T(state_listen), T(state_syn_sent), T(state_syn_received), T(state_established), T(state_fin_wait_1), T(state_fin_wait_2),
        T(state_close_wait), T(state_closing), T(state_last_ack), T(state_time_wait), T(total), T(closed_under_sets), T(undo_is_the_inverse),
        T(only_who_closed_waits), T(names),
    };

    return RUN(tests);
}
