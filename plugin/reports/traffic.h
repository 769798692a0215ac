/* traffic.h: what is counted of segments as they pass, by connection: data, and what the capture lacks, or has twice.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_TRAFFIC_H
#define TCPFSM_TRAFFIC_H

#include "reports/report.h"

/* One direction of a connection: the sequence number after what was captured of it, and the latest stretch that was
 * not. For traffic.c. */
struct traffic_way {
    uint32_t end, from, to;
    bool known;                         /* `end` is */
    bool open;                          /* from..to was not captured, and nobody has acknowledged it yet */
    bool lacks;                         /* from..to was not captured, and its receiver has acknowledged it */
};

/* What is counted of one connection. Index: endpoint 0 and 1. */
struct traffic_note {
    uint64_t bytes;                     /* data, of both directions */
    uint64_t octets;                    /* in the gaps */
    int64_t data;                       /* time of the latest data; 0: there were none */
    struct traffic_way way[2];
    uint32_t gaps;                      /* stretches that their receiver acknowledged and the capture does not have */
    uint32_t segments, copies, cut, bad;        /* cut by the snaplen, with a bad checksum or header */
    bool chosen;                        /* the report is about this connection */
    bool sent[2];                       /* the capture has segments of this end */
    bool acked[2];                      /* and one of them, no RST, acknowledges something */
};

/* What is counted of all. Zero is a good start. */
struct traffic {
    GArray *notes;                      /* struct traffic_note, by number of the connection; NULL: none yet */
    uint64_t back;                      /* how often a segment is older than the one before it */
    int64_t back_most;                  /* and by how much at most */
    int64_t time;                       /* of the last segment, if there was one */
    bool began;
};

/* traffic_packet: counts a record of the tap. traffic_choose: the report is about its connection. traffic_free: forgets
 * all. */
void traffic_choose(struct traffic *t, const struct report_record *p);
void traffic_packet(struct traffic *t, packet_info *pinfo, const struct report_record *p);
void traffic_free(struct traffic *t);

/* traffic_count: how many connections there are notes for, not all of them chosen; traffic_note: that of connection
 * `number`. */
uint32_t traffic_count(const struct traffic *t);
const struct traffic_note *traffic_note(const struct traffic *t, uint32_t number);

/* traffic_one_way: whether the capture has one direction only of a connection in which the other one was answered. */
bool traffic_one_way(const struct traffic_note *n);

#endif
