/* edges.c: every edge of RFC 9293 section 3.10, by what causes it. Written from the RFC, not from the engine's table.
 * Events are matched by the names of events.def, so that an engine may lack one; an event with a name that stands
 * nowhere here has no edges.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "observer.h"

#include <string.h>

#define E(event, from, to) { #event, TCPFSM_##from, TCPFSM_##to }
/* SHOWN: a step that is seen by what the endpoint sends: by the engine's older name and its newer one. */
#define SHOWN(older, newer, from, to) E(older, from, to), E(SHOWN_##newer, from, to)
#define TO_CLOSED(event) \
    E(event, ESTABLISHED, CLOSED), E(event, FIN_WAIT_1, CLOSED), E(event, FIN_WAIT_2, CLOSED), \
    E(event, CLOSE_WAIT, CLOSED), E(event, CLOSING, CLOSED), E(event, LAST_ACK, CLOSED), E(event, TIME_WAIT, CLOSED)

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
    E(SND_SYN, CLOSED, SYN_SENT), E(SND_SYN, LISTEN, SYN_SENT),
    /* 3.10.7.2 third: the SYN arrives and the SYN,ACK is sent, one edge seen from two sides */
    E(SND_SYN_ACK, LISTEN, SYN_RECEIVED), E(RCV_SYN, LISTEN, SYN_RECEIVED),
    /* 3.10.7.3 fourth: simultaneous open */
    E(SND_SYN_ACK, SYN_SENT, SYN_RECEIVED), E(RCV_SYN, SYN_SENT, SYN_RECEIVED),
    /* 3.10.7.3 fourth */
    E(RCV_SYN_ACK, SYN_SENT, ESTABLISHED), E(RCV_SYN_ACK, SYN_RECEIVED, ESTABLISHED),
    SHOWN(ACKS_SYN, SYN_ACK, SYN_SENT, ESTABLISHED),
    /* 3.10.7.3 second; the last: 3.10.7.4 second, active OPEN */
    E(RCV_REFUSAL, SYN_SENT, CLOSED), E(RCV_RST, SYN_SENT, CLOSED), E(RCV_REFUSAL, SYN_RECEIVED, CLOSED),
    /* 3.10.7.4 second */
    E(RCV_RST_LISTENER, SYN_RECEIVED, LISTEN), E(RCV_RST, SYN_RECEIVED, LISTEN), E(RCV_RST, SYN_RECEIVED, CLOSED),
    TO_CLOSED(RCV_RST),
    /* the row for a listener's half-open socket, met in a state the handshake has left */
    TO_CLOSED(RCV_RST_LISTENER),
    /* 3.10.7.4 fourth, SYN-RECEIVED after a passive OPEN */
    E(RCV_SYN, SYN_RECEIVED, LISTEN),
    /* 3.6.1 MAY-2, RFC 6191: TIME-WAIT reopened by a SYN */
    E(RCV_SYN, TIME_WAIT, SYN_RECEIVED), E(SND_SYN_ACK, TIME_WAIT, SYN_RECEIVED),
    /* 3.10.7.4 fifth */
    E(RCV_ACK_OF_SYN, SYN_RECEIVED, ESTABLISHED), SHOWN(ACKS_OPEN, ACK_OF_SYN, SYN_RECEIVED, ESTABLISHED),
    E(RCV_ACK_OF_FIN, FIN_WAIT_1, FIN_WAIT_2), SHOWN(ACKS_CLOSE, ACK_OF_FIN, FIN_WAIT_1, FIN_WAIT_2),
    E(RCV_ACK_OF_FIN, CLOSING, TIME_WAIT), SHOWN(ACKS_CLOSE, ACK_OF_FIN, CLOSING, TIME_WAIT),
    E(RCV_ACK_OF_FIN, LAST_ACK, CLOSED), SHOWN(ACKS_CLOSE, ACK_OF_FIN, LAST_ACK, CLOSED),
    /* 3.10.7.4 eighth; FIN-WAIT-1 to TIME-WAIT is figure 5, note 2 */
    E(RCV_FIN, SYN_RECEIVED, CLOSE_WAIT), SHOWN(ACKS_FIN, FIN, SYN_RECEIVED, CLOSE_WAIT),
    E(RCV_FIN, ESTABLISHED, CLOSE_WAIT), SHOWN(ACKS_FIN, FIN, ESTABLISHED, CLOSE_WAIT),
    E(RCV_FIN, FIN_WAIT_1, CLOSING), SHOWN(ACKS_FIN, FIN, FIN_WAIT_1, CLOSING),
    E(RCV_FIN, FIN_WAIT_1, TIME_WAIT), SHOWN(ACKS_FIN, FIN, FIN_WAIT_1, TIME_WAIT),
    E(RCV_FIN, FIN_WAIT_2, TIME_WAIT), SHOWN(ACKS_FIN, FIN, FIN_WAIT_2, TIME_WAIT),
    /* fifth and eighth for one segment, or for what one segment shows */
    E(RCV_FIN_ACK, SYN_RECEIVED, CLOSE_WAIT), E(SHOWN_FIN_ACK, SYN_RECEIVED, CLOSE_WAIT),
    E(RCV_FIN_ACK, ESTABLISHED, CLOSE_WAIT), E(SHOWN_FIN_ACK, ESTABLISHED, CLOSE_WAIT),
    E(RCV_FIN_ACK, FIN_WAIT_1, TIME_WAIT), E(SHOWN_FIN_ACK, FIN_WAIT_1, TIME_WAIT),
    E(RCV_FIN_ACK, FIN_WAIT_2, TIME_WAIT), E(SHOWN_FIN_ACK, FIN_WAIT_2, TIME_WAIT),
    E(RCV_FIN_ACK, CLOSING, TIME_WAIT), E(SHOWN_FIN_ACK, CLOSING, TIME_WAIT),
    E(RCV_FIN_ACK, LAST_ACK, CLOSED), E(SHOWN_FIN_ACK, LAST_ACK, CLOSED),
    /* RFC 4987 section 3.6: an ACK that returns a SYN cookie */
    E(RCV_ACK_OF_SYN, LISTEN, ESTABLISHED), E(SHOWN_ACK_OF_SYN, LISTEN, ESTABLISHED),
    /* 3.10.4 CLOSE */
    E(SND_FIN, SYN_RECEIVED, FIN_WAIT_1), E(SND_FIN, ESTABLISHED, FIN_WAIT_1), E(SND_FIN, CLOSE_WAIT, LAST_ACK),
    /* 3.10.5 ABORT and 3.5.2: whoever sends a RST has no connection after it; LISTEN was assumed: 3.10.7.1 */
    E(SND_RST, LISTEN, CLOSED), E(SND_RST, SYN_SENT, CLOSED), E(SND_RST, SYN_RECEIVED, CLOSED), TO_CLOSED(SND_RST),
    /* 3.10.8 */
    E(TIME_2MSL, TIME_WAIT, CLOSED),
};

/* free_events: withdrawn assumptions, what was deduced from later numbers, and new connections: no transitions of a
 * socket. */
static const char *const free_events[] = {
    "UNDO_FIN", "UNDO_ACK_OF_FIN", "UNDO_ACK_OF_SYN", "UNDO_SYN_ACK", "UNDO_SYN", "UNDO_RST", "UNDO_SENT",
    "WITHDRAWN_FIN", "WITHDRAWN_ACK_OF_FIN", "WITHDRAWN_ACK_OF_SYN", "WITHDRAWN_SYN_ACK", "WITHDRAWN_SYN",
    "WITHDRAWN_RST", "WITHDRAWN_SENT", "MISSED", "LISTENS", "MIDSTREAM", "REPLACED"
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
