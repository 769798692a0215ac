/* view.c: from the history to what is shown.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "view.h"
#include "addresses.h"
#include "marks.h"
#include "moment.h"

/* end_at: one endpoint, from change `last`; `first` is the first change of that frame, `here`: it is the frame
 * looked at. */
static void end_at(struct view *v, const struct history *h, unsigned end, uint32_t first, uint32_t last, bool here,
                   int64_t time)
{
    struct view_end *e = &v->end[end];
    uint32_t began = history_began(h, last, end);
    e->since = history_frame(h, began);
    e->timed_state = e->previous = e->state;
    for (unsigned i = 0; i < v->steps && !e->changed; i++) {
        e->changed = v->step[i].end == end;
        if (e->changed)
            e->previous = v->step[i].from;
    }
    if (e->changed) {
        if (!here || !first)
            return;
        began = history_began(h, first - 1, end);
        e->timed_state = history_state(h, first - 1, end);
    }
    e->timed_since = history_frame(h, began);
    e->spent = time > history_time(h, began) ? time - history_time(h, began) : 0;
}

/* steps_at: the steps of the frame of change `last`. Returns the first of its changes. */
static uint32_t steps_at(struct view *v, const struct history *h, uint32_t last)
{
    uint32_t first = history_first(h, last);
    for (uint32_t i = first; i <= last; i++)
        for (unsigned j = 0; j < history_steps(h, i) && v->steps < TCPFSM_STEPS_MAX; j++)
            v->step[v->steps++] = history_step(h, i, j);
    return first;
}

void view_at(struct view *v, uint32_t number, unsigned from, uint32_t frame, unsigned order, int64_t time)
{
    const struct connection *of = connections_get(number);
    const struct history *h = &of->history;
    uint32_t after = history_upto(h, frame, order), last = after ? after - 1 : 0, first = last;
    struct history_change c;
    history_get(h, last, &c);
    bool here = after && c.frame == frame && c.order == order;
    *v = (struct view){.number = number,
                       .ends = connections_ends(number),
                       .from = from,
                       .client = c.client,
                       .role = c.role,
                       .phase = c.phase,
                       .vantage = c.vantage,
                       .outcome = c.outcome,
                       .closed_by = c.closed_by,
                       .reset_by = c.reset_by,
                       .at_reset = {c.at_reset[0], c.at_reset[1]},
                       .first_frame = of->first_frame,
                       .opened_in = of->opened_in,
                       .closed_in = of->closed_in};
    if (here)
        first = steps_at(v, h, last);
    for (unsigned e = 0; e < 2; e++) {
        v->end[e] = (struct view_end){.state = c.state[e], .possible = c.possible[e]};
        end_at(v, h, e, first, last, here, time);
    }
    v->next_change = history_next(h, after, frame);
    v->finding = history_findings_at(h, frame, order, &v->findings);
}

void view_last(struct view *v, uint32_t number)
{
    const struct history *h = &connections_get(number)->history;
    view_at(v, number, 0, UINT32_MAX, MOMENT_QUOTE, history_time(h, h->records - 1));
}

bool view_change(uint32_t number, uint32_t i, struct history_change *change)
{
    const struct history *h = &connections_get(number)->history;
    if (i >= h->records)
        return false;
    history_get(h, i, change);
    return true;
}

struct tcpfsm_step view_step(uint32_t number, uint32_t i, unsigned j)
{
    return history_step(&connections_get(number)->history, i, j);
}

const struct history_finding *view_findings(uint32_t number, unsigned *n)
{
    const struct history *h = &connections_get(number)->history;
    *n = h->findings;
    return history_findings(h);
}

bool view_find(const address *src, const address *dst, uint16_t sport, uint16_t dport, uint32_t frame, unsigned order,
               struct connections_place *place)
{
    return connections_find(src, dst, sport, dport, frame, order, place);
}

void view_first(uint32_t number, uint32_t *frame, unsigned *order)
{
    const struct connection *c = connections_get(number);
    *frame = c->first_frame;
    *order = c->first_order;
}

uint32_t view_count(void) { return connections_count(); }
uint32_t view_generation(void) { return connections_generation(); }
struct connections_ends view_ends(uint32_t number) { return connections_ends(number); }
uint32_t view_incarnation(uint32_t number) { return connections_incarnation(number); }
uint32_t view_after(uint32_t number) { return connections_after(number); }
enum tcpfsm_outcome view_outcome(uint32_t number) { return connections_outcome(number); }
const uint8_t *view_letters(uint32_t number) { return connections_letters(number); }
uint32_t view_copy_of(uint32_t frame, unsigned order) { return marks_copy_of(frame, order); }
int64_t view_idle(uint32_t frame, unsigned order) { return marks_idle(frame, order); }
bool view_suspicious(uint32_t frame, unsigned order) { return marks_suspicious(frame, order); }

bool view_between(uint32_t number, struct between *b) { return connections_between(number, b); }

bool view_way(uint32_t number, uint32_t frame, unsigned order, struct between_way *way)
{
    struct between b;
    uint32_t i = connections_between(number, &b) ? trail_at(b.trail, frame, order) : 0;
    if (i)
        between_way(&b, i - 1, way);
    return i != 0;
}

const char *view_shown(wmem_allocator_t *pool, const struct view_end *e)
{
    const char *state = tcpfsm_state_name(e->state);
    return view_certain(e->possible) ? state : wmem_strdup_printf(pool, "%s?", state);
}

const char *view_endpoint(wmem_allocator_t *pool, const struct connections_ends *ends, unsigned end)
{
    return addresses_endpoint(pool, ends->host[end], ends->port[end]);
}
