/* possible.c: the set of states an endpoint may be in, and the only functions that change it.
 *
 * Held are `base`, where the endpoint may have been when it last sent something, and `pending`, what may have happened
 * to it besides. The set follows: every member of base, with any of the pending events having happened or not. What is
 * captured beside an endpoint has as good as arrived (`due`): those events have happened. A segment of the endpoint
 * makes a new base: of all that was possible, what could have sent it. So evidence alone narrows (DESIGN section 3),
 * nothing is undone by an inverse, and what proves to be untrue leaves no trace.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

#include <assert.h>

/* Pending events in the order in which one segment, or a connection's life, brings them. */
static const uint8_t order[] = {
    TCPFSM_EVENT_LISTENS,        TCPFSM_EVENT_RCV_SYN,          TCPFSM_EVENT_SND_SYN_ACK,    TCPFSM_EVENT_RCV_SYN_ACK,
    TCPFSM_EVENT_RCV_ACK_OF_SYN, TCPFSM_EVENT_SND_FIN,          TCPFSM_EVENT_RCV_ACK_OF_FIN, TCPFSM_EVENT_RCV_FIN_ACK,
    TCPFSM_EVENT_RCV_FIN,        TCPFSM_EVENT_RCV_RST_LISTENER, TCPFSM_EVENT_RCV_RST,        TCPFSM_EVENT_RCV_REFUSAL,
    TCPFSM_EVENT_TIME_2MSL,      TCPFSM_EVENT_TIME_GONE,
};
enum { ORDERED = sizeof order };
static_assert(TCPFSM_EVENT_LISTENS < 16, "pending events have a bit each in 16");

/* tcpfsm_perhaps: the set, with any of the events having happened to any member, in any order, or not. */
tcpfsm_set tcpfsm_perhaps(tcpfsm_set set, unsigned events)
{
    tcpfsm_set before;

    if (!events)
        return set;
    do {
        before = set;
        for (unsigned left = events; left; left &= left - 1u)
            set = (tcpfsm_set)(set | tcpfsm_next_set(lowest(left), set));
    } while (set != before);
    return set;
}

/* stays: the members of the set that an event may leave where they are although it arrived. Some stacks let a RST pass
 * in TIME_WAIT (RFC 1337 section 3; FreeBSD, lwIP, gVisor). SYN_RECEIVED may drop what comes: the accept queue is full,
 * TCP_DEFER_ACCEPT. */
static tcpfsm_set stays(tcpfsm_set set, unsigned event)
{
    if (EVENTS_RST & event)
        return set & BIT(TIME_WAIT);
    return EVENTS_FIN & event ? set & (BIT(SYN_RECEIVED) | BIT(LISTEN)) : 0;
}

/* happen: the set after the events have happened, in their order. */
static tcpfsm_set happen(tcpfsm_set set, unsigned events)
{
    for (unsigned i = 0; events && i < ORDERED; i++)
        if (events & 1u << order[i])
            set = (tcpfsm_set)(tcpfsm_next_set(order[i], set) | stays(set, 1u << order[i]));
    return set;
}

static tcpfsm_set held(const struct tcpfsm_belief *b)
{
    unsigned perhaps = b->pending & ~(unsigned)b->due;

    if (!b->pending)
        return b->base;
    return tcpfsm_perhaps(happen(tcpfsm_perhaps(b->base, perhaps), b->due), perhaps);
}

/* forget_handshake: of an endpoint whose handshake is over, what may have happened in it matters no more, unless the
 * connection may be over itself. */
static void forget_handshake(struct tcpfsm_belief *b)
{
    if (within(b->base, SET_SYNCHRONIZED & ~BIT(SYN_RECEIVED)) && !(b->pending & (EVENTS_TIME | EVENTS_RST)))
        b->pending &= (uint16_t)~EVENTS_OPEN;
}

/* tcpfsm_settle: derives the set from what is held. */
void tcpfsm_settle(struct tcpfsm_endpoint *e)
{
    forget_handshake(&e->now);
    e->possible = held(&e->now);
    if (e->question && e->other_counts)
        e->possible = (tcpfsm_set)(e->possible | held(&e->other));
    e->possible = (tcpfsm_set)(e->possible | TCPFSM_BIT(e->state));
}

/* tcpfsm_hold: the endpoint is in one of `base`, and nothing is pending; `shown` (a member) is the likeliest. */
void tcpfsm_hold(struct tcpfsm_endpoint *e, tcpfsm_set base, unsigned shown)
{
    assert(base & TCPFSM_BIT(shown));
    e->now = (struct tcpfsm_belief){ .base = base, .shown = (uint8_t)shown };
}

/* pass: the set of those that could have sent the segment of a proof: everything that may have happened by then, then
 * what must have. */
static tcpfsm_set pass(const struct tcpfsm_belief *b, const struct tcpfsm_proof *proof)
{
    tcpfsm_set set = tcpfsm_perhaps(b->base, b->pending | proof->perhaps);

    for (unsigned i = 0; proof->happened && i < ORDERED; i++) {
        unsigned event = order[i], both = proof->happened & EVENTS_FIN;

        if (!(proof->happened & 1u << event) || (event == TCPFSM_EVENT_RCV_FIN && both == EVENTS_FIN) ||
            event == TCPFSM_EVENT_SND_FIN)
            continue;
        if (event == TCPFSM_EVENT_RCV_FIN_ACK && both == EVENTS_FIN) /* one or the other: its copies differ in this */
            set = (tcpfsm_set)(tcpfsm_next_set(TCPFSM_EVENT_RCV_FIN, set) | tcpfsm_next_set(event, set));
        else
            set = tcpfsm_next_set(event, set);
    }
    if (proof->happened & EVENT(SND_FIN))
        set = tcpfsm_next_set(TCPFSM_EVENT_SND_FIN, set);
    return (tcpfsm_set)(set & proof->admits);
}

/* tcpfsm_prove: x sent this segment: where can it be? False if no state could have sent it: then the past was not what
 * it seemed, and any state that the proof admits is possible. */
bool tcpfsm_prove(struct tcpfsm_visit *v, const struct tcpfsm_proof *proof)
{
    struct tcpfsm_belief *b = &v->x->now;
    tcpfsm_set base = pass(b, proof);
    bool possible = base != 0;

    assert(proof->admits);
    if (!possible)
        base = (tcpfsm_set)(proof->admits & SET_SYNCHRONIZED ? proof->admits & SET_SYNCHRONIZED : proof->admits);
    b->base = base;
    b->pending &= (uint16_t)~(proof->happened | (tcpfsm_beside(v, v->x) ? EVENTS_TIME : EVENT(TIME_GONE)));
    b->due = 0;
    b->doubted &= b->pending;
    return possible;
}

/* tcpfsm_may_happen: the events may have happened to the endpoint; the display does not assume them. */
void tcpfsm_may_happen(struct tcpfsm_endpoint *e, unsigned events)
{
    e->now.doubted |= (uint16_t)(events & ~(unsigned)e->now.pending);
    e->now.pending |= (uint16_t)events;
    if (e->question)
        e->other.pending |= (uint16_t)events;
}

/* tcpfsm_cannot_have: the events have not happened to e, so it is in none of `states`, to which `event` leads. */
void tcpfsm_cannot_have(struct tcpfsm_endpoint *e, unsigned events, tcpfsm_set states, unsigned event)
{
    tcpfsm_set left = (tcpfsm_set)(e->now.base & ~states);

    if (!left)
        left = (tcpfsm_set)(tcpfsm_before(event, e->now.base) & ~states & SET_SYNCHRONIZED);
    if (left)
        e->now.base = left;
    e->now.pending &= (uint16_t)~events;
    e->now.due &= (uint16_t)~events;
    e->now.doubted &= (uint16_t)~events;
    e->other.pending &= (uint16_t)~events;
    if (!(e->now.base & TCPFSM_BIT(e->now.shown)))
        e->now.shown = (uint8_t)tcpfsm_first_of(e->now.base);
}

/* tcpfsm_arrive: a segment that is `event` to e was captured on its way there. `surely`: the capture is beside e, and
 * nothing speaks against it. */
void tcpfsm_arrive(struct tcpfsm_visit *v, struct tcpfsm_endpoint *e, unsigned event, bool surely)
{
    uint16_t bit = (uint16_t)(1u << event);

    e->now.pending |= bit;
    e->now.doubted &= (uint16_t)~bit;
    if (surely && tcpfsm_beside(v, e) && e->misses < LIMIT_MISSES)
        e->now.due |= bit;
    if (e->question)
        e->other.pending |= bit;
    if (e->sent)
        tcpfsm_move(v, e, tcpfsm_next(event, e->state), event);
}

/* tcpfsm_ask: a question about e is open: the likelier answer is that it is in one of `base`, the other one that all is
 * as before. */
void tcpfsm_ask(struct tcpfsm_endpoint *e, unsigned question, tcpfsm_set base, unsigned shown, bool other_counts)
{
    if (!e->question)
        e->other = e->now;
    e->question = question & 3u;
    e->other_counts = other_counts;
    tcpfsm_hold(e, base, shown);
}

/* tcpfsm_answer: the open question is answered: by the other answer, or by the likelier one. */
void tcpfsm_answer(struct tcpfsm_endpoint *e, bool other)
{
    if (e->question && other)
        e->now = e->other;
    e->question = TCPFSM_QUESTION_NONE;
    e->other_counts = false;
}
