/* test_matrix.c: every kind of segment in every state, played by the client. play.c checks each result: the state
 * shown is possible, and the steps chain. Here:
 * no set is empty, and mid-path a set loses a member only to a segment of its own endpoint, or to one that says what
 * its peer is.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "play.h"

/* reach: plays until the client is displayed in the state. */
static void reach(unsigned state)
{
    if (state >= TCPFSM_ESTABLISHED)
        open_connection();
    switch (state) {
    case TCPFSM_CLOSED: client(SYN); server(RST | ACK, .seq = AT(0), .ack = AT(101)); break;
    case TCPFSM_SYN_SENT: client(SYN); break;
    case TCPFSM_SYN_RECEIVED: client(SYN, .lost = true); server(SYN, .after = 1); break;
    case TCPFSM_FIN_WAIT_1: client(FIN | ACK); break;
    case TCPFSM_FIN_WAIT_2: client(FIN | ACK); server(ACK); break;
    case TCPFSM_CLOSE_WAIT: server(FIN | ACK); client(ACK); break;
    case TCPFSM_CLOSING: client(FIN | ACK, .lost = true); server(FIN | ACK, .ack = AT(111), .after = 1); break;
    case TCPFSM_LAST_ACK: server(FIN | ACK); client(FIN | ACK); break;
    case TCPFSM_TIME_WAIT: close_connection(); break;
    default: break;
    }
    if (state != TCPFSM_LISTEN)
        assert_int_equal(play.result.state[play.swap], state);
}

static const struct cue kinds[] = {
    { .flags = SYN }, { .flags = SYN, .seq = AT(70000) }, { .flags = SYN | ACK }, { .flags = SYN | ACK,
        .seq = AT(70000), .ack = AT(80000) },
    { .flags = ACK }, { .flags = ACK, .len = 10 }, { .flags = ACK, .len = 10, .back = 10 }, { .flags = ACK,
        .back = 1 }, { .flags = ACK, .over = 5 },
    { .flags = ACK, .unacked = 1 }, { .flags = ACK, .ahead = 100, .len = 10 }, { .flags = FIN | ACK },
        { .flags = FIN | ACK, .back = 1 },
    { .flags = FIN | ACK, .len = 10 }, { .flags = FIN | ACK, .ahead = 100 }, { .flags = FIN | ACK,
        .ahead = 1000000 }, { .flags = RST },
    { .flags = RST | ACK }, { .flags = RST, .ahead = 100 }, { .flags = RST, .ahead = 900000000 }, { .flags = RST,
        .back = 1 }, { .flags = SYN | RST },
    { .flags = SYN | FIN }, { .flags = FIN }, { .flags = 0 }, { .flags = 0xff }, { .flags = FIN | ACK,
        .no_length = true },
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static unsigned at_state, at_kind;

/* one: a kind of segment from the client in a state of the client, and then an answer of the server. Views exchange
 * the ends. */
static void one(void)
{
    unsigned other = play.swap ? 0 : 1;
    tcpfsm_set lost;
    bool unseen;

    reach(at_state);
    unseen = !play.connection.end[other].captured;  /* rule 10: read from its peer's acknowledgements */
    play_segment(CLIENT, kinds[at_kind]);
    assert_true(play.result.possible[0] && play.result.possible[1]);
    lost = (tcpfsm_set)(play.before.possible[other] & ~play.result.possible[other]);
    if (lost && !play.result.restarted && !unseen)
        fail_msg("kind %u in %s: the other end lost %#x", at_kind, tcpfsm_state_name(at_state), (unsigned)lost);
    server(ACK);
    assert_true(play.result.possible[0] && play.result.possible[1]);
}

static void every_kind_in_every_state(void **unused)
{
    (void)unused;
    for (at_state = 0; at_state < TCPFSM_STATES; at_state++)
        for (at_kind = 0; at_kind < KINDS; at_kind++)
            play_each("matrix", one);
}

int main(void)
{
    const struct CMUnitTest tests[] = { T(every_kind_in_every_state) };

    return RUN(tests);
}
