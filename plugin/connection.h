/* connection.h: a connection as the plugin keeps it, and as it is announced.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_CONNECTION_KEPT_H
#define TCPFSM_CONNECTION_KEPT_H

#include "history.h"

/* The two ends of a 4-tuple. Endpoint 0 sent the first segment that the capture has of it. */
struct connections_ends {
    uint32_t host[2];                   /* numbers of addresses.h */
    uint16_t port[2];
};

/* connections_self: whether both ends have one address and port, and so one socket: RFC 9293 section 3.5. */
static inline bool connections_self(const struct connections_ends *ends)
{
    return ends->host[0] == ends->host[1] && ends->port[0] == ends->port[1];
}

/* One incarnation of a 4-tuple. */
struct connection {
    struct history history;
    uint32_t tuple;
    uint32_t first_frame;
    uint32_t opened_in;                 /* frame of its SYN; 0 for mid-stream */
    uint32_t closed_in;                 /* frame in which it became closed or reset; 0 while it is not */
    uint8_t first_order;
    uint8_t outcome;                    /* of a connection that was replaced: how it went until then */
    uint8_t letters[6];                 /* of a connection that was replaced: see connections_letters() */
};

/* A segment that changed something, as it is announced. */
struct connections_event {
    uint32_t connection;
    struct connections_ends ends;
    unsigned client;                    /* endpoint */
    uint8_t state[2];
    uint8_t was[2];                     /* before it */
    /* another connection has taken the place of this one: it has no sockets any more */
    bool gone;
    bool fin[2];                        /* a FIN came to this endpoint */
    uint32_t frame;
    unsigned order;
    int64_t time;                       /* nanoseconds */
};

/* A segment that the engine and the diagnosis have taken. The pointers hold during the call only. */
struct connections_taken {
    const struct tcpfsm_connection *engine;
    const uint32_t *host;               /* of both ends: numbers of addresses.h */
    const uint16_t *port;               /* of both ends */
    const struct tcpfsm_segment *segment;
    const struct tcpfsm_result *result;
    bool begin;                         /* a connection begins with it */
};

/* Who wants to hear. All are called in the order of the capture, one listener after the other; NULL: not of that. */
struct connections_listener {
    /* before each segment */
    void (*clock)(int64_t time, uint32_t frame);
    /* of each segment; it may add what it finds */
    void (*taken)(const struct connections_taken *, struct diagnosis_result *said);
    /* of a finding, which it may change; false: not worth keeping */
    bool (*finding)(const struct connections_event *, struct tcpfsm_finding *);
    /* of what an endpoint did; true: it has made a finding of its own */
    bool (*moved)(const struct connections_event *, unsigned end, struct tcpfsm_finding *);
};

#endif
