/* table.c: the transition table: event x state, total, every cell written.
 *
 * Under each row stands why. The rows follow the order in which RFC 9293 section 3.10.7 examines a segment. The table
 * implements that section and not figure 5, whose gaps are known (notes 1 to 3 of the figure, erratum 8710). A cell
 * equal to its column's state: nothing happens there. A cell "__": it cannot happen there, and tcpfsm_next leaves the
 * state as it is.
 *
 * Which segment is which event - does the ACK cover the FIN, is the RST in the window - is not decided here but in
 * numbers.c and reset.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

enum {
    CL = TCPFSM_CLOSED, LI = TCPFSM_LISTEN, SS = TCPFSM_SYN_SENT, SR = TCPFSM_SYN_RECEIVED, ES = TCPFSM_ESTABLISHED,
    F1 = TCPFSM_FIN_WAIT_1, F2 = TCPFSM_FIN_WAIT_2, CW = TCPFSM_CLOSE_WAIT, CG = TCPFSM_CLOSING, LA = TCPFSM_LAST_ACK,
    TW = TCPFSM_TIME_WAIT, __ = TCPFSM_STATES
};

/* A row: where the event leads from each state, and from which states it leads elsewhere. */
#define MOVES(to, state) ((to) != (state) && (to) != __ ? TCPFSM_BIT(state) : 0u)
#define ROW(cl, li, ss, sr, es, f1, f2, cw, cg, la, tw)                                                                \
    {                                                                                                                  \
        { cl, li, ss, sr, es, f1, f2, cw, cg, la, tw },                                                                \
        MOVES(cl, CL) | MOVES(li, LI) | MOVES(ss, SS) | MOVES(sr, SR) | MOVES(es, ES) | MOVES(f1, F1) |                \
            MOVES(f2, F2) | MOVES(cw, CW) | MOVES(cg, CG) | MOVES(la, LA) | MOVES(tw, TW)                              \
    }

static const struct {
    uint8_t next[TCPFSM_STATES];
    tcpfsm_set moves;
} table[TCPFSM_EVENTS] = {
    /*                                    CL  LI  SS  SR  ES  F1  F2  CW  CG  LA  TW */
    [TCPFSM_EVENT_NONE] =               ROW(CL, LI, SS, SR, ES, F1, F2, CW, CG, LA, TW),

    /* What an endpoint sends. */
    [TCPFSM_EVENT_SND_SYN] =            ROW(SS, SS, SS, __, __, __, __, __, __, __, __),
    /* 3.10.1 OPEN: CLOSED and LISTEN issue a SYN and enter SYN-SENT. A synchronized endpoint sends no SYN: its host has
     * begun a new connection (reuse.c). */
    [TCPFSM_EVENT_LISTENS] =            ROW(LI, LI, __, __, __, __, __, __, __, __, __),
    /* 3.10.1 OPEN, passive: silent. */
    [TCPFSM_EVENT_SND_SYN_ACK] =        ROW(SR, SR, SR, SR, __, __, __, __, __, __, __),
    /* 3.10.7.2 third: LISTEN answers a SYN; 3.10.7.3 fourth: SYN-SENT answers a SYN that does not acknowledge its own
     * (simultaneous open). CLOSED: the LISTEN before it was not seen. */
    [TCPFSM_EVENT_SND_FIN] =            ROW(__, __, __, F1, F1, F1, F2, LA, CG, LA, TW),
    /* 3.10.4 CLOSE: SYN-RECEIVED and ESTABLISHED to FIN-WAIT-1, CLOSE-WAIT to LAST-ACK. The others have sent their FIN.
     */
    [TCPFSM_EVENT_SND_RST] =            ROW(CL, LI, CL, CL, CL, CL, CL, CL, CL, CL, CL),
    /* 3.10.5 ABORT and 3.5.2: who sends a RST has no connection any more. LISTEN answers a stray ACK with a RST and
     * stays (3.10.7.2 second). */

    /* 3.10.7.4 second (and 3.10.7.3 second): check the RST bit. */
    [TCPFSM_EVENT_RCV_RST] =            ROW(CL, LI, SS, CL, CL, CL, CL, CL, CL, CL, CL),
    /* An acceptable RST ends every synchronized state, TIME-WAIT too (RFC 1337 names the danger; stacks that ignore it
     * are in possible.c). LISTEN ignores it (3.10.7.2 first), SYN-SENT too unless it acknowledges its SYN: that is the
     * next but one row. */
    [TCPFSM_EVENT_RCV_RST_LISTENER] =   ROW(CL, LI, SS, LI, CL, CL, CL, CL, CL, CL, CL),
    /* SYN-RECEIVED after a passive OPEN returns to LISTEN. */
    [TCPFSM_EVENT_RCV_REFUSAL] =        ROW(CL, LI, CL, CL, CL, CL, CL, CL, CL, CL, CL),
    /* 3.10.7.3 second: a RST whose ACK acknowledges the SYN: connection refused. */

    /* 3.10.7.2 third, 3.10.7.3 fourth: check the SYN bit. */
    [TCPFSM_EVENT_RCV_SYN] =            ROW(CL, SR, SR, SR, ES, F1, F2, CW, CG, LA, TW),
    /* LISTEN and SYN-SENT (simultaneous open) enter SYN-RECEIVED. CLOSED answers with a RST. A synchronized state
     * answers with a challenge ACK and stays (3.10.7.4 fourth, RFC 5961 section 4). */
    [TCPFSM_EVENT_RCV_SYN_ACK] =        ROW(CL, LI, ES, SR, ES, F1, F2, CW, CG, LA, TW),
    /* 3.10.7.3 fourth: its SYN is acknowledged: ESTABLISHED. In SYN-RECEIVED (simultaneous open) the ACK in it counts:
     * the next row. */

    /* 3.10.7.4 fifth: check the ACK field. */
    [TCPFSM_EVENT_RCV_ACK_OF_SYN] =     ROW(CL, ES, SS, ES, ES, F1, F2, CW, CG, LA, TW),
    /* SYN-RECEIVED, SND.UNA < SEG.ACK =< SND.NXT: ESTABLISHED. SYN-SENT needs a SYN as well (3.10.7.3 fifth). LISTEN:
     * an ACK that returns a SYN cookie makes the connection (RFC 4987 section 3.6). */
    [TCPFSM_EVENT_RCV_ACK_OF_FIN] =     ROW(CL, LI, SS, SR, ES, F2, F2, CW, TW, CL, TW),
    /* FIN-WAIT-1 to FIN-WAIT-2, CLOSING to TIME-WAIT, LAST-ACK to CLOSED: if its FIN is now acknowledged. */

    /* 3.10.7.4 eighth: check the FIN bit. */
    [TCPFSM_EVENT_RCV_FIN] =            ROW(CL, LI, SS, CW, CW, CG, TW, CW, CG, LA, TW),
    /* CLOSED, LISTEN, SYN-SENT: dropped, SEG.SEQ cannot be validated. SYN-RECEIVED and ESTABLISHED: CLOSE-WAIT.
     * FIN-WAIT-1: CLOSING (had this segment acknowledged its FIN, the next row would be right). FIN-WAIT-2: TIME-WAIT.
     * The others remain; TIME-WAIT restarts its 2MSL. */
    [TCPFSM_EVENT_RCV_FIN_ACK] =        ROW(CL, LI, SS, CW, CW, TW, TW, CW, TW, CL, TW),
    /* Both in one segment, fifth before eighth: FIN-WAIT-1 to TIME-WAIT (figure 5, note 2). */

    /* The same arrivals, shown by what the endpoint sends afterwards. */
    [TCPFSM_EVENT_SHOWN_SYN_ACK] =      ROW(CL, LI, ES, SR, ES, F1, F2, CW, CG, LA, TW),
    [TCPFSM_EVENT_SHOWN_ACK_OF_SYN] =   ROW(CL, ES, SS, ES, ES, F1, F2, CW, CG, LA, TW),
    [TCPFSM_EVENT_SHOWN_ACK_OF_FIN] =   ROW(CL, LI, SS, SR, ES, F2, F2, CW, TW, CL, TW),
    [TCPFSM_EVENT_SHOWN_FIN] =          ROW(CL, LI, SS, CW, CW, CG, TW, CW, CG, LA, TW),
    [TCPFSM_EVENT_SHOWN_FIN_ACK] =      ROW(CL, LI, SS, CW, CW, TW, TW, CW, TW, CL, TW),
    [TCPFSM_EVENT_MISSED] =             ROW(ES, ES, ES, ES, ES, F1, F2, CW, CG, LA, TW),
    /* It sends as a synchronized endpoint: its handshake is over, whatever the capture has of it. */

    /* 3.10.8: the clock. */
    [TCPFSM_EVENT_TIME_2MSL] =          ROW(CL, LI, SS, SR, ES, F1, F2, CW, CG, LA, CL),
    /* TIME-WAIT TIMEOUT: delete the TCB. */
    [TCPFSM_EVENT_TIME_GONE] =          ROW(CL, LI, CL, CL, CL, CL, CL, CL, CL, CL, CL),
    /* USER TIMEOUT, R2 (3.8.3), keepalive (3.8.4), the FIN-WAIT-2 timer of real stacks: silent, each ends in CLOSED. */

    [TCPFSM_EVENT_REPLACED] =           ROW(CL, LI, CL, CL, CL, CL, CL, CL, CL, CL, CL),
    /* Its host has begun a new connection on the 4-tuple: nothing is left of the old one. */

    /* Assumptions withdrawn are no transitions of the socket: display.c says where the display goes. */
    [TCPFSM_EVENT_WITHDRAWN_FIN] =        ROW(__, __, __, __, __, __, __, __, __, __, __),
    [TCPFSM_EVENT_WITHDRAWN_ACK_OF_FIN] = ROW(__, __, __, __, __, __, __, __, __, __, __),
    [TCPFSM_EVENT_WITHDRAWN_ACK_OF_SYN] = ROW(__, __, __, __, __, __, __, __, __, __, __),
    [TCPFSM_EVENT_WITHDRAWN_SYN_ACK] =    ROW(__, __, __, __, __, __, __, __, __, __, __),
    [TCPFSM_EVENT_WITHDRAWN_SYN] =        ROW(__, __, __, __, __, __, __, __, __, __, __),
    [TCPFSM_EVENT_WITHDRAWN_RST] =        ROW(__, __, __, __, __, __, __, __, __, __, __),
    [TCPFSM_EVENT_WITHDRAWN_SENT] =       ROW(__, __, __, __, __, __, __, __, __, __, __),

    /* Nor is what another capture point shows of an endpoint that was followed by this one (points.c). */
    [TCPFSM_EVENT_OTHER_POINT] =          ROW(__, __, __, __, __, __, __, __, __, __, __),
};

bool tcpfsm_can_happen(unsigned event, unsigned state)
{
    return event < TCPFSM_EVENTS && state < TCPFSM_STATES && table[event].next[state] != __;
}

enum tcpfsm_state tcpfsm_next(unsigned event, unsigned state)
{
    if (state >= TCPFSM_STATES)
        return TCPFSM_CLOSED;
    return (enum tcpfsm_state)(tcpfsm_can_happen(event, state) ? table[event].next[state] : state);
}

bool tcpfsm_is_withdrawal(unsigned event)
{
    return event >= TCPFSM_EVENT_WITHDRAWN_FIN && event <= TCPFSM_EVENT_OTHER_POINT;
}

tcpfsm_set tcpfsm_next_set(unsigned event, tcpfsm_set set)
{
    unsigned moving = event < TCPFSM_EVENTS ? set & table[event].moves : 0u, next = set & TCPFSM_SET_ALL & ~moving;

    for (; moving; moving &= moving - 1u)
        next |= TCPFSM_BIT(table[event].next[lowest(moving)]);
    return (tcpfsm_set)next;
}

/* tcpfsm_before: the states from which the event leads into the set, or leaves it there. */
tcpfsm_set tcpfsm_before(unsigned event, tcpfsm_set set)
{
    tcpfsm_set before = 0;

    for (unsigned state = 0; state < TCPFSM_STATES; state++)
        if (TCPFSM_BIT(tcpfsm_next(event, state)) & set)
            before = (tcpfsm_set)(before | TCPFSM_BIT(state));
    return before;
}
