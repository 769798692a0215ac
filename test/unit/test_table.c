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
    { E(LISTENS), S(CLOSED), S(LISTEN), "3.10.1 CLOSED, passive" },
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
    { E(SHOWN_SYN_ACK), S(SYN_SENT), S(ESTABLISHED), "as RCV_SYN_ACK" },
    /* the ACK field */
    { E(RCV_ACK_OF_SYN), S(SYN_RECEIVED), S(ESTABLISHED), "3.10.7.4 fifth, SYN-RECEIVED" },
    { E(SHOWN_ACK_OF_SYN), S(SYN_RECEIVED), S(ESTABLISHED), "as RCV_ACK_OF_SYN" },
    { E(RCV_ACK_OF_SYN), S(LISTEN), S(ESTABLISHED), "RFC 4987 3.6: the ACK returns a SYN cookie" },
    { E(SHOWN_ACK_OF_SYN), S(LISTEN), S(ESTABLISHED), "as RCV_ACK_OF_SYN" },
    { E(RCV_ACK_OF_FIN), S(FIN_WAIT_1), S(FIN_WAIT_2), "3.10.7.4 fifth, FIN-WAIT-1" },
    { E(RCV_ACK_OF_FIN), S(CLOSING), S(TIME_WAIT), "3.10.7.4 fifth, CLOSING" },
    { E(RCV_ACK_OF_FIN), S(LAST_ACK), S(CLOSED), "3.10.7.4 fifth, LAST-ACK" },
    { E(SHOWN_ACK_OF_FIN), S(FIN_WAIT_1), S(FIN_WAIT_2), "as RCV_ACK_OF_FIN" },
    { E(SHOWN_ACK_OF_FIN), S(CLOSING), S(TIME_WAIT), "as RCV_ACK_OF_FIN" },
    { E(SHOWN_ACK_OF_FIN), S(LAST_ACK), S(CLOSED), "as RCV_ACK_OF_FIN" },
    /* the FIN bit */
    { E(RCV_FIN), S(SYN_RECEIVED), S(CLOSE_WAIT), "3.10.7.4 eighth" },
    { E(RCV_FIN), S(ESTABLISHED), S(CLOSE_WAIT), "3.10.7.4 eighth" },
    { E(RCV_FIN), S(FIN_WAIT_1), S(CLOSING), "3.10.7.4 eighth: our FIN has not been acknowledged" },
    { E(RCV_FIN), S(FIN_WAIT_2), S(TIME_WAIT), "3.10.7.4 eighth" },
    { E(SHOWN_FIN), S(SYN_RECEIVED), S(CLOSE_WAIT), "as RCV_FIN" },
    { E(SHOWN_FIN), S(ESTABLISHED), S(CLOSE_WAIT), "as RCV_FIN" },
    { E(SHOWN_FIN), S(FIN_WAIT_1), S(CLOSING), "as RCV_FIN" },
    { E(SHOWN_FIN), S(FIN_WAIT_2), S(TIME_WAIT), "as RCV_FIN" },
    /* both in one segment, fifth before eighth */
    { E(RCV_FIN_ACK), S(SYN_RECEIVED), S(CLOSE_WAIT), "3.10.7.4 eighth" },
    { E(RCV_FIN_ACK), S(ESTABLISHED), S(CLOSE_WAIT), "3.10.7.4 eighth" },
    { E(RCV_FIN_ACK), S(FIN_WAIT_1), S(TIME_WAIT), "3.10.7.4 eighth: our FIN has been acknowledged" },
    { E(RCV_FIN_ACK), S(FIN_WAIT_2), S(TIME_WAIT), "3.10.7.4 eighth" },
    { E(RCV_FIN_ACK), S(CLOSING), S(TIME_WAIT), "3.10.7.4 fifth, CLOSING" },
    { E(RCV_FIN_ACK), S(LAST_ACK), S(CLOSED), "3.10.7.4 fifth, LAST-ACK" },
    { E(SHOWN_FIN_ACK), S(SYN_RECEIVED), S(CLOSE_WAIT), "as RCV_FIN_ACK" },
    { E(SHOWN_FIN_ACK), S(ESTABLISHED), S(CLOSE_WAIT), "as RCV_FIN_ACK" },
    { E(SHOWN_FIN_ACK), S(FIN_WAIT_1), S(TIME_WAIT), "as RCV_FIN_ACK" },
    { E(SHOWN_FIN_ACK), S(FIN_WAIT_2), S(TIME_WAIT), "as RCV_FIN_ACK" },
    { E(SHOWN_FIN_ACK), S(CLOSING), S(TIME_WAIT), "as RCV_FIN_ACK" },
    { E(SHOWN_FIN_ACK), S(LAST_ACK), S(CLOSED), "as RCV_FIN_ACK" },
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
/* Rows that are no transition of the socket: an assumption is withdrawn. They can happen in no state. */
static const uint8_t withdrawn[] = { E(WITHDRAWN_FIN), E(WITHDRAWN_ACK_OF_FIN), E(WITHDRAWN_ACK_OF_SYN),
    E(WITHDRAWN_SYN_ACK), E(WITHDRAWN_SYN), E(WITHDRAWN_RST),
    E(WITHDRAWN_SENT), E(OTHER_POINT) };

/* What a state cannot do, or what cannot happen to it. What the list does not name can, if only in that nothing comes
 * of it. */
static const struct { uint8_t event; tcpfsm_set states; const char *where; } impossible[] = {
    { E(SND_SYN), SET_SYNCHRONIZED, "3.10.1, 3.10.2: a connection already exists" },
    { E(LISTENS), TCPFSM_SET_ALL & ~SET_GONE, "3.10.1 OPEN: a connection already exists" },
    { E(SND_SYN_ACK), SET_SYNCHRONIZED & ~BIT(SYN_RECEIVED), "3.10.7.4 fourth: a challenge ACK instead" },
    { E(SND_FIN), SET_GONE | BIT(SYN_SENT), "3.10.4: no connection, or the TCB is deleted without a FIN" },
};

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

static bool may_happen(unsigned event, unsigned state)
{
    if (among(withdrawn, sizeof withdrawn, event))
        return false;
    for (size_t i = 0; i < sizeof impossible / sizeof impossible[0]; i++)
        if (impossible[i].event == event && impossible[i].states & TCPFSM_BIT(state))
            return false;
    return true;
}

/* walk: one state's column, every event. */
static void walk(unsigned state)
{
    for (unsigned event = 0; event < TCPFSM_EVENTS; event++) {
        unsigned next = tcpfsm_next(event, state);

        if (tcpfsm_can_happen(event, state) != may_happen(event, state))
            fail_msg("%s in %s: %s", tcpfsm_event_text(event), tcpfsm_state_name(state), may_happen(event,
                state) ? "can happen" : "cannot happen");
        if (next != expected(event, state))
            fail_msg("%s in %s leads to %s, not %s", tcpfsm_event_text(event), tcpfsm_state_name(state),
                tcpfsm_state_name(next),
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

/* Every cell holds a state, and an event that is none, or a state that is none, leads nowhere, or to CLOSED, and not
 * outside the table. */
static void total(void **unused)
{
    (void)unused;
    for (unsigned event = 0; event < TCPFSM_EVENTS + 3u; event++)
        for (unsigned state = 0; state < TCPFSM_STATES + 3u; state++)
            assert_true(tcpfsm_next(event, state) < TCPFSM_STATES);
    assert_int_equal(tcpfsm_next(TCPFSM_EVENTS, S(ESTABLISHED)), S(ESTABLISHED));
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

/* tcpfsm_before is the inverse image: a state is in it exactly if the event leads from there into the set. */
static void before_is_the_inverse_image(void **unused)
{
    (void)unused;
    for (unsigned event = 0; event < TCPFSM_EVENTS; event++)
        for (unsigned set = 0; set <= TCPFSM_SET_ALL; set++)
            for (unsigned state = 0; state < TCPFSM_STATES; state++)
                assert_int_equal(tcpfsm_before(event, (tcpfsm_set)set) >> state & 1, set >> tcpfsm_next(event,
                    state) & 1);
}

/* What cannot happen moves nobody, and only what is withdrawn is a withdrawal. */
static void what_cannot_happen_moves_nobody(void **unused)
{
    (void)unused;
    for (unsigned event = 0; event < TCPFSM_EVENTS; event++) {
        assert_int_equal(tcpfsm_is_withdrawal(event), among(withdrawn, sizeof withdrawn, event));
        for (unsigned state = 0; state < TCPFSM_STATES; state++)
            if (!may_happen(event, state))
                assert_int_equal(tcpfsm_next(event, state), state);
    }
    assert_false(tcpfsm_can_happen(TCPFSM_EVENTS, S(ESTABLISHED)));
    assert_false(tcpfsm_can_happen(E(RCV_FIN), TCPFSM_STATES));
}

/* Case 65 in the table: TIME_WAIT is reached only with one's own FIN sent, and from FIN_WAIT_2 or CLOSING only; or
 * from FIN_WAIT_1 by
 * the FIN that brings the ACK (figure 5, note 2). */
static void only_who_closed_waits(void **unused)
{
    (void)unused;
    for (unsigned event = 0; event < TCPFSM_EVENTS; event++)
        for (unsigned state = 0; state < TCPFSM_STATES; state++)
            if (state != S(TIME_WAIT) && tcpfsm_next(event, state) == S(TIME_WAIT))
                assert_true(state == S(FIN_WAIT_2) || state == S(CLOSING) ||
                            (state == S(FIN_WAIT_1) && (event == E(RCV_FIN_ACK) || event == E(SHOWN_FIN_ACK))));
}

static void names(void **unused)
{
    (void)unused;
    assert_string_equal(tcpfsm_state_name(S(SYN_RECEIVED)), "SYN_RECEIVED");
    assert_string_equal(tcpfsm_state_name(TCPFSM_STATES), "?");
    assert_string_equal(tcpfsm_event_text(TCPFSM_EVENTS), "?");
    assert_string_equal(tcpfsm_event_rule(TCPFSM_EVENTS), "?");
    assert_string_equal(tcpfsm_role_name(99), "?");
    assert_string_equal(tcpfsm_phase_name(99), "?");
    for (unsigned event = 1; event < TCPFSM_EVENTS; event++) {
        assert_true(tcpfsm_event_text(event)[0] && tcpfsm_event_text(event)[0] != '?');
        assert_true(strstr(tcpfsm_event_rule(event), "RFC ") || strstr(tcpfsm_event_rule(event),
            "assumption withdrawn"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(state_closed), T(state_listen), T(state_syn_sent), T(state_syn_received), T(state_established),
            T(state_fin_wait_1), T(state_fin_wait_2),
        T(state_close_wait), T(state_closing), T(state_last_ack), T(state_time_wait), T(total), T(closed_under_sets),
            T(before_is_the_inverse_image), T(what_cannot_happen_moves_nobody),
        T(only_who_closed_waits), T(names),
    };

    return RUN(tests);
}
