/* keep.h: what the engine and the diagnosis say of a segment goes into the history of its connection, and to whoever
 * listens.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_KEEP_H
#define TCPFSM_KEEP_H

#include "connection.h"
#include "tuples.h"

/* What is said of one segment. */
struct said {
    struct tcpfsm_result engine;
    struct diagnosis_result diagnosis;
};

/* A segment, where it belongs and what is said of it. */
struct keep {
    struct tuple *t;
    uint32_t tuple;                     /* its number */
    uint32_t number;                    /* of the connection */
    bool begin;                         /* the connection begins with this segment */
    const struct tcpfsm_connection *engine;     /* what followed the connection, and found what is said */
    const struct diagnosis *diagnosis;
    uint16_t brief;                     /* from history_brief(), as of this segment */
    uint16_t *noted;                    /* and as of the latest record: written */
    uint32_t *last_change;              /* frame of the latest record: written */
    const struct tcpfsm_segment *s;
    unsigned order;
    const struct said *said;
};

/* keep_open, keep_close: begin and end the memory of one capture. The listeners outlive it. */
void keep_open(const struct connections_listener *listeners, unsigned count);
void keep_close(void);

/* keep_count, keep_connection: connections are numbered from 0. keep_next: adds one to a tuple: the incarnation that
 * begins with *s. Returns its number. */
uint32_t keep_count(void);
struct connection *keep_connection(uint32_t number);
uint32_t keep_next(uint32_t tuple, const struct tcpfsm_segment *s, unsigned order);

/* keep_ends: the ends of a tuple. */
struct connections_ends keep_ends(const struct tuple *t);

/* keep_clock: tells of a segment that will be looked at. keep_taken: of one that the engine and the diagnosis took. */
void keep_clock(const struct tcpfsm_segment *s);
void keep_taken(const struct tuple *t, const struct tcpfsm_connection *engine, const struct tcpfsm_segment *s,
                bool begin, struct said *said);

/* keep_segment: keeps what is said of a segment; true if that includes a finding. */
bool keep_segment(const struct keep *k);

/* keep_gone: connection `number` is gone: another has taken the place of it. */
void keep_gone(const struct tuple *t, uint32_t number, unsigned client, const struct tcpfsm_segment *s, unsigned order);

#endif
