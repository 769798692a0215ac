/* cause.h: what is wrong with a capture: findings, put together by kind and by the host or service they are about, and
 * sockets that wait for something at the end of the capture.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_CAUSE_H
#define TCPFSM_CAUSE_H

#include "reports/spans.h"
#include "reports/traffic.h"
#include "index.h"
#include "pool.h"
#include "wording_group.h"

/* Kinds of causes: the findings, and three that are no finding: sockets in a state at the end of the capture. */
enum { CAUSE_CLOSE_WAIT = TCPFSM_FINDINGS, CAUSE_SYN_SENT, CAUSE_SYN_RECEIVED, CAUSES };

/* Severities, as in wording.h. */
enum { CAUSE_NOTE = 2, CAUSE_WARN = 3 };

enum { CAUSE_PEERS = 3, CAUSE_RUNS = 12, CAUSE_SCANNERS = 3 };

/* What makes two findings one cause. */
struct cause_key {
    uint32_t host;                      /* number of addresses.h */
    uint16_t port;                      /* of a server; 0 for clients */
    uint8_t kind, variant;              /* of the wording */
    bool server;                        /* it is about the server of the connections */
};

struct cause_peer { uint32_t host; uint16_t port; };    /* port 0: a client's, which does not matter */
struct cause_run { uint32_t from, to; };                /* numbers of connections, both included */

struct cause {
    struct cause_key key;
    uint32_t ports;                     /* so many ports of a host, put together; 0: the one of the key */
    uint64_t members;                   /* kinds of findings counted here: bits */
    uint64_t findings, suspicious;
    uint32_t connections, last;         /* last: number of the connection counted last */
    uint64_t bytes;                     /* of these connections */
    int64_t lost;                       /* time spent in vain, nanoseconds, all connections together; 0: not known */
    uint32_t frame, connection;         /* the first of these findings */
    unsigned order;
    struct tcpfsm_finding first;
    struct wording_group group;         /* `who` is not used */
    struct cause_peer peer[CAUSE_PEERS];
    unsigned peers;                     /* more than CAUSE_PEERS: there are others */
    struct cause_run run[CAUSE_RUNS];
    unsigned runs;                      /* more than CAUSE_RUNS: there are others */
};

struct causes {
    struct pool pool;
    struct index index;
    const struct cause **sorted;        /* the worst first */
    unsigned count;
    unsigned of[3];                     /* how many are of which severity: wording.h */
    uint64_t chats[TCPFSM_FINDINGS], chat;      /* findings of severity chat, by kind, and all */
    uint8_t about[CAUSES];              /* whom findings of a kind are about: bit 0: clients, bit 1: servers */
    uint64_t variants[CAUSES];          /* which variants of a kind there are: bits */
    uint64_t elsewhere;                 /* kinds of which some were counted for a cause of another kind: bits */
    uint32_t scanner[CAUSE_SCANNERS];   /* hosts whose scans took some */
    unsigned scanners;
};

/* cause_key_equal: whether two keys are the same. */
static inline bool cause_key_equal(const struct cause_key *a, const struct cause_key *b)
{
    return a->host == b->host && a->port == b->port && a->kind == b->kind && a->variant == b->variant &&
           a->server == b->server;
}

/* causes_find: the cause of this key; NULL if there is none. cause_of: the same, made if new. */
struct cause *causes_find(const struct causes *c, const struct cause_key *key);
struct cause *cause_of(struct causes *c, const struct cause_key *key);

/* cause_key: the key of what is of this kind and about endpoint `end` of a connection. */
struct cause_key cause_key(const struct view *v, unsigned end, unsigned kind, unsigned variant);

/* cause_severity: CAUSE_NOTE or CAUSE_WARN. cause_state: the state in which sockets wait; TCPFSM_STATES for a
 * finding. */
unsigned cause_severity(const struct cause *k);
unsigned cause_state(unsigned kind);

/* cause_waiting: counts a socket that waits at the end of the capture; *s is the time it has spent there. */
void cause_waiting(struct causes *c, const struct view *v, unsigned end, const struct traffic_note *n,
                   const struct span *s);

/* cause_finding: counts a finding of connection `number`. `waiting`: it is about a socket that cause_waiting() has
 * counted. Connections come in the order of their numbers. */
void cause_finding(struct causes *c, const struct history_finding *f, uint32_t number, const struct traffic_note *n,
                   bool waiting);

/* cause_merge: counts for *k what was counted for another port of the same host. */
void cause_merge(struct cause *k, const struct cause *other);

#endif
