/* table.c: the transition table: event x state, total, every cell written.
 *
 * Under each row stands why. The rows follow the order in which RFC 9293 section 3.10.7 examines a segment. It implements that section and not figure 5,
 * whose gaps are known (notes 1 to 3 of the figure, erratum 8710). A cell equal to its column's state means: nothing happens there.
 *
 * Which segment is which event - does the ACK cover the FIN, is the RST in the window - is not decided here but in classify.c, reset.c and attempt.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "tcpfsm.h"

enum {
    CL = TCPFSM_CLOSED, LI = TCPFSM_LISTEN, SS = TCPFSM_SYN_SENT, SR = TCPFSM_SYN_RECEIVED, ES = TCPFSM_ESTABLISHED, F1 = TCPFSM_FIN_WAIT_1,
    F2 = TCPFSM_FIN_WAIT_2, CW = TCPFSM_CLOSE_WAIT, CG = TCPFSM_CLOSING, LA = TCPFSM_LAST_ACK, TW = TCPFSM_TIME_WAIT
};

static const uint8_t table[TCPFSM_EVENTS][TCPFSM_STATES] = {
    /*                                    CL  LI  SS  SR  ES  F1  F2  CW  CG  LA  TW */
    [TCPFSM_EVENT_NONE] =               { CL, LI, SS, SR, ES, F1, F2, CW, CG, LA, TW },

    /* What an endpoint sends. */
    [TCPFSM_EVENT_SND_SYN] =            { SS, SS, SS, SR, ES, F1, F2, CW, CG, LA, TW },
    /* 3.10.1 OPEN: CLOSED and LISTEN issue a SYN and enter SYN-SENT. A synchronized endpoint sends no SYN: its host has begun a new connection (attempt.c). */
    [TCPFSM_EVENT_SND_SYN_ACK] =        { SR, SR, SR, SR, ES, F1, F2, CW, CG, LA, TW },
    /* 3.10.7.2 third: LISTEN answers a SYN; 3.10.7.3 fourth: SYN-SENT answers a SYN that does not acknowledge its own (simultaneous open). CLOSED: the LISTEN
     * before it was not seen. */
    [TCPFSM_EVENT_SND_FIN] =            { CL, LI, SS, F1, F1, F1, F2, LA, CG, LA, TW },
    /* 3.10.4 CLOSE: SYN-RECEIVED and ESTABLISHED to FIN-WAIT-1, CLOSE-WAIT to LAST-ACK. The others have sent their FIN, or send none. */
    [TCPFSM_EVENT_SND_RST] =            { CL, LI, CL, CL, CL, CL, CL, CL, CL, CL, CL },
    /* 3.10.5 ABORT and 3.5.2: who sends a RST has no connection any more. LISTEN answers a stray ACK with a RST and stays (3.10.7.2 second). */

    /* 3.10.7.4 second (and 3.10.7.3 second): check the RST bit. */
    [TCPFSM_EVENT_RCV_RST] =            { CL, LI, SS, CL, CL, CL, CL, CL, CL, CL, CL },
    /* An acceptable RST ends every synchronized state, TIME-WAIT too (RFC 1337 names the danger). LISTEN ignores it (3.10.7.2 first), SYN-SENT too unless it
     * acknowledges its SYN: that is the next but one row. SYN-RECEIVED after an active OPEN: CLOSED. */
    [TCPFSM_EVENT_RCV_RST_LISTENER] =   { CL, LI, SS, LI, CL, CL, CL, CL, CL, CL, CL },
    /* SYN-RECEIVED after a passive OPEN returns to LISTEN. */
    [TCPFSM_EVENT_RCV_REFUSAL] =        { CL, LI, CL, CL, CL, CL, CL, CL, CL, CL, CL },
    /* 3.10.7.3 second: a RST whose ACK acknowledges the SYN: connection refused. */

    /* 3.10.7.2 third, 3.10.7.3 fourth: check the SYN bit. */
    [TCPFSM_EVENT_RCV_SYN] =            { CL, SR, SR, SR, ES, F1, F2, CW, CG, LA, TW },
    /* LISTEN and SYN-SENT (simultaneous open) enter SYN-RECEIVED. CLOSED answers with a RST. A synchronized state answers with a challenge ACK and stays
     * (3.10.7.4 fourth, RFC 5961 section 4). */
    [TCPFSM_EVENT_RCV_SYN_ACK] =        { CL, LI, ES, SR, ES, F1, F2, CW, CG, LA, TW },
    /* 3.10.7.3 fourth: our SYN is acknowledged: ESTABLISHED. In SYN-RECEIVED (simultaneous open) it is the ACK in it that counts: the next row. */

    /* 3.10.7.4 fifth: check the ACK field. */
    [TCPFSM_EVENT_RCV_ACK_OF_SYN] =     { CL, LI, SS, ES, ES, F1, F2, CW, CG, LA, TW },
    /* SYN-RECEIVED, SND.UNA < SEG.ACK =< SND.NXT: ESTABLISHED. SYN-SENT needs a SYN as well (3.10.7.3 fifth). */
    [TCPFSM_EVENT_RCV_ACK_OF_FIN] =     { CL, LI, SS, SR, ES, F2, F2, CW, TW, CL, TW },
    /* FIN-WAIT-1 to FIN-WAIT-2, CLOSING to TIME-WAIT, LAST-ACK to CLOSED: if our FIN is now acknowledged. */

    /* 3.10.7.4 eighth: check the FIN bit. */
    [TCPFSM_EVENT_RCV_FIN] =            { CL, LI, SS, CW, CW, CG, TW, CW, CG, LA, TW },
    /* CLOSED, LISTEN, SYN-SENT: dropped, SEG.SEQ cannot be validated. SYN-RECEIVED and ESTABLISHED: CLOSE-WAIT. FIN-WAIT-1: CLOSING (had this segment
     * acknowledged our FIN, the row before would have made it FIN-WAIT-2). FIN-WAIT-2: TIME-WAIT. The others remain; TIME-WAIT restarts its 2MSL. */

    /* The same arrivals, proven by what the endpoint sends afterwards. */
    [TCPFSM_EVENT_ACKS_SYN] =           { CL, LI, ES, SR, ES, F1, F2, CW, CG, LA, TW },
    [TCPFSM_EVENT_ACKS_OPEN] =          { CL, LI, SS, ES, ES, F1, F2, CW, CG, LA, TW },
    [TCPFSM_EVENT_ACKS_FIN] =           { CL, LI, SS, CW, CW, CG, TW, CW, CG, LA, TW },
    [TCPFSM_EVENT_ACKS_CLOSE] =         { CL, LI, SS, SR, ES, F2, F2, CW, TW, CL, TW },
    /* As RCV_SYN_ACK, RCV_ACK_OF_SYN, RCV_FIN and RCV_ACK_OF_FIN. */
    [TCPFSM_EVENT_MISSED] =             { ES, ES, ES, ES, ES, F1, F2, CW, CG, LA, TW },
    /* It sends as a synchronized endpoint: its handshake is over, whatever the capture has of it. */

    /* 3.10.8: the clock. */
    [TCPFSM_EVENT_TIME_2MSL] =          { CL, LI, SS, SR, ES, F1, F2, CW, CG, LA, CL },
    /* TIME-WAIT TIMEOUT: delete the TCB. */
    [TCPFSM_EVENT_TIME_GONE] =          { CL, LI, CL, CL, CL, CL, CL, CL, CL, CL, CL },
    /* USER TIMEOUT, R2 (3.8.3), keepalive (3.8.4), the FIN-WAIT-2 timer of real stacks: silent, each ends in CLOSED. */

    /* Assumptions withdrawn: the inverse of an arrival that turns out not to have happened. No transition of the socket. */
    [TCPFSM_EVENT_UNDO_FIN] =           { CL, LI, SS, SR, ES, F1, F2, ES, F1, F1, F2 },
    [TCPFSM_EVENT_UNDO_ACK_OF_FIN] =    { LA, LI, SS, SR, ES, F1, F1, CW, CG, LA, CG },
    [TCPFSM_EVENT_UNDO_ACK_OF_SYN] =    { CL, LI, SS, SR, SR, SR, SR, SR, SR, SR, SR },
    [TCPFSM_EVENT_UNDO_SYN_ACK] =       { CL, LI, SS, SR, SS, F1, F2, CW, CG, LA, TW },
    [TCPFSM_EVENT_UNDO_SYN] =           { CL, LI, SS, SR, ES, F1, F2, CW, CG, LA, TW },
    [TCPFSM_EVENT_UNDO_RST] =           { CL, LI, SS, SR, ES, F1, F2, CW, CG, LA, TW },
    [TCPFSM_EVENT_UNDO_SENT] =          { CL, LI, SS, SR, ES, ES, ES, CW, CW, CW, CW },
    /* A SYN or RST undone restores what was saved before it. UNDO_SENT: the FIN was not its own. */

    [TCPFSM_EVENT_MIDSTREAM] =          { ES, ES, ES, ES, ES, ES, ES, ES, ES, ES, ES },
    [TCPFSM_EVENT_REPLACED] =           { CL, LI, CL, CL, CL, CL, CL, CL, CL, CL, CL },
};

enum tcpfsm_state tcpfsm_next(unsigned event, unsigned state)
{
    if (event >= TCPFSM_EVENTS || state >= TCPFSM_STATES)
        return TCPFSM_CLOSED;
    return (enum tcpfsm_state)table[event][state];
}

tcpfsm_set tcpfsm_next_set(unsigned event, tcpfsm_set set)
{
    tcpfsm_set next = 0;

    for (unsigned state = 0; state < TCPFSM_STATES; state++)
        if (set & TCPFSM_BIT(state))
            next = (tcpfsm_set)(next | TCPFSM_BIT(tcpfsm_next(event, state)));
    return next;
}
