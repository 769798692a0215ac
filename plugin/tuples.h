/* tuples.h: 4-tuples: the engine of each, and the numbers of its connections. For connections.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_TUPLES_H
#define TCPFSM_TUPLES_H

#include "compat.h"
#include "diagnosis/diagnosis.h"
#include "engine/connection.h"
#include "points.h"

struct tuple {
    struct diagnosis diagnosis;         /* of the latest connection */
    /* of the latest connection; its note: history_brief() as of the latest record */
    struct tcpfsm_connection engine;
    uint32_t host[2];
    uint32_t path : 31, flip : 1;       /* flip: endpoint 0 is address 1 of the path */
    uint32_t connections;
    uint32_t last_change;               /* frame of the latest record of the latest connection */
    uint32_t of;                        /* the number of the connection, while there is one; then of their list */
};

/* tuples_close: forgets all. */
void tuples_close(void);

/* tuples_find: the number of the tuple of these addresses, of at most 16 bytes, and ports; UINT32_MAX if there is none.
 * *from: which endpoint src is. *hash: for tuples_add(). */
uint32_t tuples_find(const address *src, const address *dst, uint16_t sport, uint16_t dport, uint32_t *hash,
                     unsigned *from);

/* tuples_add: a new tuple, whose endpoint 0 is src. Returns its number. */
uint32_t tuples_add(uint32_t hash, const address *src, const address *dst, uint16_t sport, uint16_t dport);

/* tuples_at: the tuple of this number; it does not move. */
struct tuple *tuples_at(uint32_t number);

/* What a pair of addresses has shown, to the engine and to the diagnosis. */
struct tuples_path {
    struct tcpfsm_path path;
    struct diagnosis_pair pair;
    struct points *points;              /* of a pair captured at several points; else NULL */
    uint32_t interface;                 /* where its first segment was captured: see hook.h; 0: none was */
};

/* tuples_path: what the pair of addresses of a tuple has shown. It lives until tuples_close(). */
struct tuples_path *tuples_path(const struct tuple *t);

/* tuples_append: connection `number` begins on this tuple. */
void tuples_append(struct tuple *t, uint32_t number);

/* tuples_connection: the number of the tuple's connection i, from 0, the oldest, to t->connections - 1.
 * tuples_latest: whether connection `number` is the latest. */
uint32_t tuples_connection(const struct tuple *t, uint32_t i);
bool tuples_latest(const struct tuple *t, uint32_t number);

#endif
