/* history.h: what changed in one connection, frame by frame, and what was found: packed. Nothing else packs or unpacks.
 *
 * Only changes are kept. A segment that changes nothing costs no memory: the states at its frame are those of the last
 * change before it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_HISTORY_H
#define TCPFSM_HISTORY_H

#include "compat.h"
#include "diagnosis/diagnosis.h"

/* A finding and where it was made. */
struct history_finding {
    struct tcpfsm_finding finding;
    uint32_t frame;
    uint32_t order;
};

/* The past of one connection. Zero is a good start. */
struct history {
    struct history_record *record;
    uint32_t records;
    uint32_t list;              /* number of its list of findings, plus one; 0: none */
    uint32_t findings;
};

/* A change, unpacked: everything from this frame on until the next change. */
struct history_change {
    int64_t time;               /* of the frame, nanoseconds */
    uint32_t frame;
    unsigned order;
    unsigned state[2];          /* by endpoint, 0 and 1 */
    tcpfsm_set possible[2];
    unsigned client;            /* endpoint */
    unsigned role, phase, vantage, outcome;
    unsigned closed_by, reset_by;       /* endpoint plus 1; 0: none so far */
    unsigned at_reset[2];       /* with reset_by: the states the RST found */
    unsigned steps;             /* in this record: at most HISTORY_STEPS */
};

/* So many steps fit a change. More of them continue in further changes of the same place, equal but for the steps. */
enum { HISTORY_STEPS = 3 };

/* What changed in one frame; 32 bytes. For history.c and the functions below: everybody else reads it unpacked. */
struct history_record {
    int64_t time;
    uint32_t frame;
    unsigned state0 : 4, state1 : 4, order : 7, steps : 3, phase : 3, client : 1, role : 2, vantage : 3, outcome : 4;
    tcpfsm_set possible[2];
    /* So many records back each endpoint's state began; at BACK_MAX the search for it goes on from there. */
    uint16_t back[2];
    uint16_t step[HISTORY_STEPS];
    unsigned closed_by : 2, reset_by : 2, at_reset0 : 4, at_reset1 : 4;
};

/* history_open, history_close: begin and end the memory of one capture's findings. */
void history_open(void);
void history_close(void);

/* history_free: frees what the history holds; its findings go with history_close(). */
void history_free(struct history *h);

/* history_brief: what the engine says of a connection besides the states, packed: equal as long as none of it
 * changes. */
uint16_t history_brief(const struct tcpfsm_connection *engine);

/* history_brief_at: the same, with this vantage. */
uint16_t history_brief_at(const struct tcpfsm_connection *engine, unsigned vantage);

/* history_phase: the phase in a brief. */
static inline enum tcpfsm_phase history_phase(uint16_t brief) { return (enum tcpfsm_phase)(brief & 7u); }

/* What history_add() writes of a segment. */
struct history_entry {
    const struct tcpfsm_connection *engine;
    const struct tcpfsm_result *out;    /* what the engine says of the segment */
    uint16_t brief;                     /* from history_brief() */
    enum tcpfsm_outcome outcome;
    int64_t time;                       /* nanoseconds */
    uint32_t frame;
    unsigned order;
};

/* history_add: writes what a segment at this place changed. began[e]: endpoint e's state began in a record that
 * history_drop() removed. */
void history_add(struct history *h, const struct history_entry *e, const bool began[2]);

/* history_drop: removes what lies at or after this place, left by an earlier frame of that number. Whether there was a
 * change; began[e] becomes true if endpoint e's state began in what was removed. */
bool history_drop(struct history *h, uint32_t frame, unsigned order, bool began[2]);

/* history_find: adds a finding at this place, which no other lies after. */
void history_find(struct history *h, const struct tcpfsm_finding *finding, uint32_t frame, unsigned order);

/* history_get: unpacks change i of h->records. */
void history_get(const struct history *h, uint32_t i, struct history_change *change);

/* history_state: the state of endpoint `end` from change i on; history_frame, history_time: its place;
 * history_steps: how many steps it has. */
static inline unsigned history_state(const struct history *h, uint32_t i, unsigned end)
{
    return end ? h->record[i].state1 : h->record[i].state0;
}
static inline uint32_t history_frame(const struct history *h, uint32_t i) { return h->record[i].frame; }
static inline int64_t history_time(const struct history *h, uint32_t i) { return h->record[i].time; }
static inline unsigned history_steps(const struct history *h, uint32_t i) { return h->record[i].steps; }

/* history_step: step j of change i. */
struct tcpfsm_step history_step(const struct history *h, uint32_t i, unsigned j);

/* history_upto: how many changes lie at or before this place. */
uint32_t history_upto(const struct history *h, uint32_t frame, unsigned order);

/* history_first: the first of the changes at the place of change i. */
uint32_t history_first(const struct history *h, uint32_t i);

/* history_next: the frame after `frame` in which a state changes, of the changes from number i on; 0 if none does. */
uint32_t history_next(const struct history *h, uint32_t i, uint32_t frame);

/* history_began: the change in which the state that endpoint `end` has in change i began. */
uint32_t history_began(const struct history *h, uint32_t i, unsigned end);

/* history_findings: all findings, h->findings of them, in the order of their places; NULL if there are none.
 * history_findings_at: those made at one place, *n of them. */
const struct history_finding *history_findings(const struct history *h);
const struct history_finding *history_findings_at(const struct history *h, uint32_t frame, unsigned order, unsigned *n);

/* history_size: bytes of a packed change. */
size_t history_size(void);

#endif
