/* points.c: a capture taken at several points and merged. Each point has a connection of its own, in its own order;
 * each endpoint is followed by the point nearest to it (DESIGN rule 5).
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

void tcpfsm_delay_note(struct tcpfsm_delays *d, unsigned from, int64_t delay, int hops)
{
    unsigned i = from & 1;

    if (!d->count[i] || delay < d->least[i])
        d->least[i] = delay;
    if (!d->count[i] || delay > d->most[i])
        d->most[i] = delay;
    if (d->count[i] < UINT32_MAX)
        d->count[i]++;
    d->routers[i] = (int8_t)(hops > 0 ? 1 : hops < 0 ? -1 : 0);
}

/* The clocks' difference stands in the delays of both directions, with opposite signs: their sum is twice the way from
 * one point to the other. */
int tcpfsm_nearer(const struct tcpfsm_delays *d)
{
    if (!d->count[0] || !d->count[1])
        return -1;
    for (unsigned i = 0; i < 2; i++) {
        if (d->least[i] - d->most[i ^ 1] > LIMIT_POINTS_APART)
            return (int)i;
        if (d->routers[i] > 0 && d->routers[i ^ 1] < 0)
            return (int)i; /* what i sends passes a router between the points; so does what comes back */
    }
    return -1;
}

int64_t tcpfsm_offset(const struct tcpfsm_delays *d, int64_t *uncertainty)
{
    int nearer = tcpfsm_nearer(d);

    if (nearer < 0)
        return *uncertainty = 0;
    int64_t there = d->least[nearer], back = d->most[nearer ^ 1];

    *uncertainty = (there - back) / 2;
    return back + *uncertainty;
}

/* step_to: endpoint `end` is displayed in `to` from here on. */
static void step_to(struct tcpfsm_result *out, unsigned end, unsigned from, unsigned to, unsigned event)
{
    if (out->steps < TCPFSM_STEPS_MAX)
        out->step[out->steps++] = (struct tcpfsm_step){ .end = (uint8_t)end,
                                                        .from = (uint8_t)from,
                                                        .to = (uint8_t)to,
                                                        .event = (uint8_t)event };
}

/* follow: endpoint `end` is followed by the point that says *here. */
static void follow(struct tcpfsm_ends *ends, const struct tcpfsm_result *here, unsigned end, struct tcpfsm_result *out)
{
    unsigned at = ends->state[end];

    for (unsigned i = 0; i < here->steps; i++) {
        const struct tcpfsm_step *s = &here->step[i];

        if (s->end != end || s->to == at)
            continue;
        if (s->from != at)
            step_to(out, end, at, s->from, TCPFSM_EVENT_OTHER_POINT);
        step_to(out, end, s->from, s->to, s->event);
        at = s->to;
    }
    if (at != here->state[end])
        step_to(out, end, at, here->state[end], TCPFSM_EVENT_OTHER_POINT);
    ends->state[end] = here->state[end];
    ends->possible[end] = here->possible[end];
}

void tcpfsm_join(struct tcpfsm_ends *ends, const struct tcpfsm_result *here, unsigned followed,
                 struct tcpfsm_result *out)
{
    *out = *here;
    out->steps = 0;
    for (unsigned i = 0; i < 2; i++) {
        out->before[i] = ends->state[i];
        out->possible_before[i] = ends->possible[i];
        if (followed & 1u << i)
            follow(ends, here, i, out);
        out->state[i] = ends->state[i];
        out->possible[i] = ends->possible[i];
    }
    out->changed = here->restarted || out->steps || out->possible[0] != out->possible_before[0] ||
                   out->possible[1] != out->possible_before[1];
}
