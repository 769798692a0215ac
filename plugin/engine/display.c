/* display.c: which of the possible states is displayed. Clocks and likelihood decide here and remove nothing (DESIGN
 * section 3).
 *
 * What was captured on its way to an endpoint is taken to have arrived, once the endpoint has shown itself (rule 2),
 * until a repetition without an answer or what it sends speaks against it (rule 3).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

#include <stddef.h>

/* tcpfsm_move: the one place where a displayed state changes; the reason is recorded with it. */
void tcpfsm_move(struct tcpfsm_visit *v, struct tcpfsm_endpoint *e, unsigned to, unsigned event)
{
    struct tcpfsm_result *out = v->out;

    if (e->state == to)
        return;
    if (out->steps < TCPFSM_STEPS_MAX)
        out->step[out->steps++] =
            (struct tcpfsm_step){ (uint8_t)index_of(v, e), e->state, (uint8_t)to, (uint8_t)event };
    else
        out->step[out->steps - 1].to = (uint8_t)to;
    e->state = (uint8_t)to;
    e->since = v->now;
    if (to == TCPFSM_TIME_WAIT)
        e->timer = v->now;
}

/* tcpfsm_first_of: the member of a set to display when nothing else decides: the state in which most of a connection's
 * life passes comes first. */
unsigned tcpfsm_first_of(tcpfsm_set set)
{
    static const uint8_t order[TCPFSM_STATES] = { TCPFSM_ESTABLISHED, TCPFSM_CLOSE_WAIT,   TCPFSM_FIN_WAIT_2,
                                                  TCPFSM_TIME_WAIT,   TCPFSM_FIN_WAIT_1,   TCPFSM_LAST_ACK,
                                                  TCPFSM_CLOSING,     TCPFSM_SYN_RECEIVED, TCPFSM_SYN_SENT,
                                                  TCPFSM_CLOSED,      TCPFSM_LISTEN };

    for (unsigned i = 0; i < TCPFSM_STATES; i++)
        if (set & TCPFSM_BIT(order[i]))
            return order[i];
    return TCPFSM_CLOSED;
}

/* Events in their order, with what to call them once the endpoint's own segment has shown them. */
static const struct { uint8_t event, shown; } known[] = {
    { TCPFSM_EVENT_RCV_SYN, TCPFSM_EVENT_RCV_SYN },
    { TCPFSM_EVENT_RCV_SYN_ACK, TCPFSM_EVENT_SHOWN_SYN_ACK },
    { TCPFSM_EVENT_RCV_ACK_OF_SYN, TCPFSM_EVENT_SHOWN_ACK_OF_SYN },
    { TCPFSM_EVENT_RCV_ACK_OF_FIN, TCPFSM_EVENT_SHOWN_ACK_OF_FIN },
    { TCPFSM_EVENT_RCV_FIN_ACK, TCPFSM_EVENT_SHOWN_FIN_ACK },
    { TCPFSM_EVENT_RCV_FIN, TCPFSM_EVENT_SHOWN_FIN },
    { TCPFSM_EVENT_RCV_RST_LISTENER, TCPFSM_EVENT_RCV_RST_LISTENER },
    { TCPFSM_EVENT_RCV_RST, TCPFSM_EVENT_RCV_RST },
    { TCPFSM_EVENT_RCV_REFUSAL, TCPFSM_EVENT_RCV_REFUSAL },
};
enum { KNOWN = sizeof known / sizeof known[0] };

/* withdrawn: which assumption is withdrawn when the display goes from one state back to another. */
static unsigned withdrawn(unsigned from, unsigned to)
{
    tcpfsm_set was = TCPFSM_BIT(from), is = TCPFSM_BIT(to);

    if (is & BIT(SYN_SENT))
        return TCPFSM_EVENT_WITHDRAWN_SYN_ACK;
    if (is & BIT(SYN_RECEIVED))
        return TCPFSM_EVENT_WITHDRAWN_ACK_OF_SYN;
    if (is & SET_FIN_UNACKED && was & (SET_FIN_ACKED | SET_GONE))
        return TCPFSM_EVENT_WITHDRAWN_ACK_OF_FIN;
    if (was & SET_GOT_FIN && !(is & SET_GOT_FIN))
        return TCPFSM_EVENT_WITHDRAWN_FIN;
    if (was & SET_GONE)
        return TCPFSM_EVENT_WITHDRAWN_RST;
    return was & SET_SENT_FIN ? TCPFSM_EVENT_WITHDRAWN_SENT : TCPFSM_EVENT_MISSED;
}

/* advance: what the segment shows to have happened, applied to one state; to the display, with its steps, where v is
 * given. */
static unsigned advance(struct tcpfsm_visit *v, unsigned state, unsigned happened)
{
    for (unsigned i = 0; i < KNOWN; i++)
        if (happened & 1u << known[i].event) {
            state = tcpfsm_next(known[i].event, state);
            if (v)
                tcpfsm_move(v, v->x, state, known[i].shown);
        }
    if (happened & EVENT(SND_FIN)) {
        state = tcpfsm_next(TCPFSM_EVENT_SND_FIN, state);
        if (v)
            tcpfsm_move(v, v->x, state, TCPFSM_EVENT_SND_FIN);
    }
    return state;
}

/* assume: the state, with the events having happened. */
static unsigned assume(unsigned state, unsigned events)
{
    for (unsigned i = 0; i < KNOWN; i++)
        if (events & 1u << known[i].event)
            state = tcpfsm_next(known[i].event, state);
    return state;
}

/* step_back: what was shown before, with as much of what was assumed since as the proof leaves standing: the FIN is
 * withdrawn first, then the ACK of its own FIN, then the ACK of its SYN. TCPFSM_STATES: nothing of it. */
static unsigned step_back(const struct tcpfsm_endpoint *x, unsigned happened)
{
    static const uint16_t keep[] = { (uint16_t)~EVENTS_FIN, (uint16_t)~(EVENTS_FIN | EVENT(RCV_ACK_OF_FIN)),
                                     (uint16_t)~(EVENTS_FIN | EVENT(RCV_ACK_OF_FIN) | EVENTS_RST), 0 };
    unsigned assumed = x->now.pending & ~(unsigned)x->now.doubted;

    for (unsigned i = 0; i < sizeof keep / sizeof keep[0]; i++) {
        unsigned state = assume(x->now.shown, assumed & keep[i]);

        if (x->now.base & TCPFSM_BIT(advance(NULL, state, happened)))
            return state;
    }
    return TCPFSM_STATES;
}

/* tcpfsm_show_proof: after x's proof: the displayed state is what was displayed, with what the segment shows to have
 * happened; if that is not possible any more, what was shown before; else the likeliest of what is left. */
void tcpfsm_show_proof(struct tcpfsm_visit *v, const struct tcpfsm_proof *proof)
{
    struct tcpfsm_endpoint *x = v->x;
    tcpfsm_set base = x->now.base;
    unsigned happened = proof->happened, to;

    if ((happened & EVENTS_FIN) == EVENTS_FIN) /* either: TIME_WAIT if it is possible */
        happened &= ~(unsigned)EVENT(RCV_FIN);
    if (base & TCPFSM_BIT(advance(NULL, x->state, happened))) {
        advance(v, x->state, happened);
    } else {
        to = step_back(x, happened);
        if (to == TCPFSM_STATES) {
            to = tcpfsm_first_of(base);
            tcpfsm_move(v, x, to, proof->reason ? proof->reason : withdrawn(x->state, to));
        } else {
            tcpfsm_move(v, x, to, withdrawn(x->state, to));
            advance(v, x->state, happened);
        }
    }
    x->now.shown = x->state;
}

/* tcpfsm_catch_up: what was captured on its way to e before this segment arrives before it. */
void tcpfsm_catch_up(struct tcpfsm_visit *v, struct tcpfsm_endpoint *e)
{
    unsigned due = e->now.pending & ~(unsigned)e->now.doubted;

    if (!e->sent)
        return;
    for (unsigned i = 0; i < KNOWN; i++)
        if (due & 1u << known[i].event)
            tcpfsm_move(v, e, tcpfsm_next(known[i].event, e->state), known[i].event);
}

/* tcpfsm_doubt: the display no longer assumes that these events have happened to e. */
void tcpfsm_doubt(struct tcpfsm_visit *v, struct tcpfsm_endpoint *e, unsigned events, unsigned event)
{
    e->now.doubted |= (uint16_t)(events & e->now.pending);
    tcpfsm_move(v, e, assume(e->now.shown, e->now.pending & ~(unsigned)e->now.doubted), event);
}
