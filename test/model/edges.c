/* edges.c: every edge of RFC 9293 section 3.10, by what causes it. Written from the RFC, not from the engine's table.
 * Events are matched by the names of events.def, so that an engine may lack one; an event with a name that stands
 * nowhere here has no edges.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "observer.h"

#include <string.h>

#define E(event, from, to) { #event, TCPFSM_##from, TCPFSM_##to }

static const char *const names[TCPFSM_EVENTS] = {
    "NONE",
#define TCPFSM_EVENT_ROW(id, text, rule) #id,
#include "events.def"
#undef TCPFSM_EVENT_ROW
};

static const struct {
    const char *event;
    uint8_t from, to;
} edge[] = {
    /* 3.10.1 OPEN; 3.10.2 SEND in LISTEN */
    E(SND_SYN, CLOSED, SYN_SENT),
    E(SND_SYN, LISTEN, SYN_SENT),
    /* 3.10.7.2 third: the SYN arrives and the SYN,ACK is sent, one edge seen from two sides */
    E(SND_SYN_ACK, LISTEN, SYN_RECEIVED),
    E(RCV_SYN, LISTEN, SYN_RECEIVED),
    /* 3.10.7.3 fourth: simultaneous open */
    E(SND_SYN_ACK, SYN_SENT, SYN_RECEIVED),
    E(RCV_SYN, SYN_SENT, SYN_RECEIVED),
    /* 3.10.7.3 fourth */
    E(RCV_SYN_ACK, SYN_SENT, ESTABLISHED),
    E(ACKS_SYN, SYN_SENT, ESTABLISHED),
    E(RCV_SYN_ACK, SYN_RECEIVED, ESTABLISHED),
    /* 3.10.7.3 second */
    E(RCV_REFUSAL, SYN_SENT, CLOSED),
    E(RCV_RST, SYN_SENT, CLOSED),
    E(RCV_REFUSAL, SYN_RECEIVED, CLOSED), /* the last: 3.10.7.4 second, active OPEN */
    /* 3.10.7.4 second */
    E(RCV_RST_LISTENER, SYN_RECEIVED, LISTEN),
    E(RCV_RST, SYN_RECEIVED, LISTEN),
    E(RCV_RST, SYN_RECEIVED, CLOSED),
    E(RCV_RST, ESTABLISHED, CLOSED),
    E(RCV_RST, FIN_WAIT_1, CLOSED),
    E(RCV_RST, FIN_WAIT_2, CLOSED),
    E(RCV_RST, CLOSE_WAIT, CLOSED),
    E(RCV_RST, CLOSING, CLOSED),
    E(RCV_RST, LAST_ACK, CLOSED),
    E(RCV_RST, TIME_WAIT, CLOSED),
    /* the row for a listener's half-open socket, met in a state the handshake has left */
    E(RCV_RST_LISTENER, ESTABLISHED, CLOSED),
    E(RCV_RST_LISTENER, FIN_WAIT_1, CLOSED),
    E(RCV_RST_LISTENER, FIN_WAIT_2, CLOSED),
    E(RCV_RST_LISTENER, CLOSE_WAIT, CLOSED),
    E(RCV_RST_LISTENER, CLOSING, CLOSED),
    E(RCV_RST_LISTENER, LAST_ACK, CLOSED),
    E(RCV_RST_LISTENER, TIME_WAIT, CLOSED),
    /* 3.10.7.4 fourth, SYN-RECEIVED after a passive OPEN */
    E(RCV_SYN, SYN_RECEIVED, LISTEN),
    /* 3.6.1 MAY-2, RFC 6191: TIME-WAIT reopened by a SYN */
    E(RCV_SYN, TIME_WAIT, SYN_RECEIVED),
    E(SND_SYN_ACK, TIME_WAIT, SYN_RECEIVED),
    /* 3.10.7.4 fifth */
    E(RCV_ACK_OF_SYN, SYN_RECEIVED, ESTABLISHED),
    E(ACKS_OPEN, SYN_RECEIVED, ESTABLISHED),
    E(RCV_ACK_OF_FIN, FIN_WAIT_1, FIN_WAIT_2),
    E(RCV_ACK_OF_FIN, CLOSING, TIME_WAIT),
    E(RCV_ACK_OF_FIN, LAST_ACK, CLOSED),
    E(ACKS_CLOSE, FIN_WAIT_1, FIN_WAIT_2),
    E(ACKS_CLOSE, CLOSING, TIME_WAIT),
    E(ACKS_CLOSE, LAST_ACK, CLOSED),
    /* 3.10.7.4 eighth; FIN-WAIT-1 to TIME-WAIT is figure 5, note 2 */
    E(RCV_FIN, SYN_RECEIVED, CLOSE_WAIT),
    E(RCV_FIN, ESTABLISHED, CLOSE_WAIT),
    E(RCV_FIN, FIN_WAIT_1, CLOSING),
    E(RCV_FIN, FIN_WAIT_1, TIME_WAIT),
    E(RCV_FIN, FIN_WAIT_2, TIME_WAIT),
    E(ACKS_FIN, SYN_RECEIVED, CLOSE_WAIT),
    E(ACKS_FIN, ESTABLISHED, CLOSE_WAIT),
    E(ACKS_FIN, FIN_WAIT_1, CLOSING),
    E(ACKS_FIN, FIN_WAIT_1, TIME_WAIT),
    E(ACKS_FIN, FIN_WAIT_2, TIME_WAIT),
    /* 3.10.4 CLOSE */
    E(SND_FIN, SYN_RECEIVED, FIN_WAIT_1),
    E(SND_FIN, ESTABLISHED, FIN_WAIT_1),
    E(SND_FIN, CLOSE_WAIT, LAST_ACK),
    /* 3.10.5 ABORT and 3.5.2: whoever sends a RST has no connection after it */
    E(SND_RST, LISTEN, CLOSED), /* LISTEN was assumed: 3.10.7.1 */
    E(SND_RST, SYN_SENT, CLOSED),
    E(SND_RST, SYN_RECEIVED, CLOSED),
    E(SND_RST, ESTABLISHED, CLOSED),
    E(SND_RST, FIN_WAIT_1, CLOSED),
    E(SND_RST, FIN_WAIT_2, CLOSED),
    E(SND_RST, CLOSE_WAIT, CLOSED),
    E(SND_RST, CLOSING, CLOSED),
    E(SND_RST, LAST_ACK, CLOSED),
    E(SND_RST, TIME_WAIT, CLOSED),
    /* 3.10.8 */
    E(TIME_2MSL, TIME_WAIT, CLOSED),
};

/* free_events: withdrawn assumptions, what was deduced from later numbers, and new connections: no transitions of a
 * socket. */
static const char *const free_events[] = {
    "UNDO_FIN", "UNDO_ACK_OF_FIN", "UNDO_ACK_OF_SYN", "UNDO_SYN_ACK", "UNDO_SYN",
    "UNDO_RST", "UNDO_SENT",       "MISSED",          "MIDSTREAM",    "REPLACED"
};

/* known: an event's edges, as bits; made once. */
static bool known[TCPFSM_EVENTS][TCPFSM_STATES][TCPFSM_STATES], made;

static void make(void)
{
    for (unsigned e = 0; e < TCPFSM_EVENTS; e++) {
        bool free = false;
        for (unsigned i = 0; i < sizeof free_events / sizeof free_events[0]; i++)
            free |= !strcmp(free_events[i], names[e]);
        for (unsigned from = 0; from < TCPFSM_STATES; from++)
            for (unsigned to = 0; to < TCPFSM_STATES; to++)
                known[e][from][to] = free || (!strcmp(names[e], "TIME_GONE") && to == TCPFSM_CLOSED);
        for (unsigned i = 0; i < sizeof edge / sizeof edge[0]; i++)
            if (!strcmp(edge[i].event, names[e]))
                known[e][edge[i].from][edge[i].to] = true;
    }
    made = true;
}

bool edge_known(unsigned event, unsigned from, unsigned to)
{
    if (!made)
        make();
    return event < TCPFSM_EVENTS && from < TCPFSM_STATES && to < TCPFSM_STATES && from != to && known[event][from][to];
}
