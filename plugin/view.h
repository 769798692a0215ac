/* view.h: what one frame shows of one connection, made from its history: everything that displays reads this.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_VIEW_H
#define TCPFSM_VIEW_H

#include "connections.h"

/* One endpoint as of a frame. */
struct view_end {
    unsigned state;
    tcpfsm_set possible;
    bool changed;                       /* in this very frame */
    unsigned previous;                  /* with changed: the state before it */
    uint32_t since;                     /* frame that began the present state */
    uint32_t timed_since;               /* frame from which `spent` is measured; 0: not known */
    unsigned timed_state;               /* the state it was spent in: on a change, the one left */
    int64_t spent;                      /* nanoseconds */
};

/* A connection as of a frame. All frame numbers are 0 where there is none. */
struct view {
    uint32_t number;                    /* of the connection, from 0 */
    struct connections_ends ends;
    unsigned from, client;              /* endpoints */
    unsigned role, phase, vantage, outcome;
    unsigned closed_by, reset_by;       /* endpoint plus 1; 0: none so far */
    unsigned at_reset[2];               /* with reset_by: the states the RST found */
    struct view_end end[2];
    struct tcpfsm_step step[TCPFSM_STEPS_MAX];
    unsigned steps;
    uint32_t first_frame, opened_in, closed_in;     /* of the connection: see connections.h */
    uint32_t next_change;               /* frame after this one in which a state changes */
    const struct history_finding *finding;
    unsigned findings;
};

/* view_find: the connection a TCP header of `frame` belongs to, and the endpoint that sent it; false if that 4-tuple
 * was not followed then. */
bool view_find(const address *src, const address *dst, uint16_t sport, uint16_t dport, uint32_t frame, unsigned order,
               struct connections_place *place);

/* view_at: connection `number` as of a place in the capture, whose time is `time`. `from`: the endpoint that sent
 * what is there. What a later packet reveals is only in next_change and closed_in. */
void view_at(struct view *v, uint32_t number, unsigned from, uint32_t frame, unsigned order, int64_t time);

/* view_last: the connection as of its end. */
void view_last(struct view *v, uint32_t number);

/* view_change: change i of a connection, from 0, the oldest; false if it has not so many. */
bool view_change(uint32_t number, uint32_t i, struct history_change *change);

/* view_step: step j of change i. */
struct tcpfsm_step view_step(uint32_t number, uint32_t i, unsigned j);

/* view_findings: all findings of a connection, *n of them, in the order of their frames. */
const struct history_finding *view_findings(uint32_t number, unsigned *n);

/* view_count: how many connections there are; they are numbered from 0 in the order of their first frames.
 * view_generation: see connections_generation(). */
uint32_t view_count(void);
uint32_t view_generation(void);

/* view_ends, view_first, view_incarnation, view_after, view_outcome, view_letters: of a connection as a whole, up to
 * the last frame analysed; see connections.h. */
struct connections_ends view_ends(uint32_t number);
void view_first(uint32_t number, uint32_t *frame, unsigned *order);
uint32_t view_incarnation(uint32_t number);
uint32_t view_after(uint32_t number);
enum tcpfsm_outcome view_outcome(uint32_t number);
const uint8_t *view_letters(uint32_t number);

/* view_copy_of: the frame that holds the same segment as this one, if the capture has it twice; else 0. */
uint32_t view_copy_of(uint32_t frame, unsigned order);

/* view_idle: the silence that this segment ends, in nanoseconds, if it is one that people ask about; else 0. See
 * marks_idle(). */
int64_t view_idle(uint32_t frame, unsigned order);

/* view_suspicious: whether this segment is a RST that does not look like its sender's other segments. */
bool view_suspicious(uint32_t frame, unsigned order);

/* view_between: what between.h says of a connection that was captured at several points: its sightings and where its
 * points are; false: it was captured at one. view_way: how the segment at a place came from point to point; false: as
 * before. What was lost and made is known once the file has been read. */
bool view_between(uint32_t number, struct between *b);
bool view_way(uint32_t number, uint32_t frame, unsigned order, struct between_way *way);

/* view_shown: "ESTABLISHED", or "ESTABLISHED?" where the state is only assumed. Static, or allocated in `pool`. */
const char *view_shown(wmem_allocator_t *pool, const struct view_end *e);

/* view_endpoint: "10.0.0.1:51515" or "[2001:db8::1]:443": endpoint 0 or 1. Allocated in `pool`. */
const char *view_endpoint(wmem_allocator_t *pool, const struct connections_ends *ends, unsigned end);

/* view_certain: whether an endpoint with these possible states is proven to be in one. */
static inline bool view_certain(tcpfsm_set possible)
{
    return (possible & (possible - 1u)) == 0;
}

#endif
