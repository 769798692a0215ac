/* merged.h: 4-tuples that were captured at several points: each point follows them with an engine of its own, and each
 * endpoint is displayed as the point nearest to it saw it (DESIGN rule 5).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_MERGED_H
#define TCPFSM_MERGED_H

#include "keep.h"
#include "points.h"

/* merged_segment: takes a segment of a pair of addresses with several points, before anything else does. `begin`: the
 * first of its tuple. False: it is not known yet which point is where, so the segment is to be taken as one of a
 * single point; merged_belongs() then says to which connection it belongs. *found: whether there is a finding. */
bool merged_segment(uint32_t tuple, const struct tcpfsm_segment *s, unsigned order, uint32_t interface,
                    const struct tcpfsm_config *config, bool *found);
void merged_belongs(uint32_t tuple, uint32_t number);

/* merged_unreachable: an ICMP error quotes a segment of endpoint s->from with SEG.SEQ `seq`. False: as above. */
bool merged_unreachable(uint32_t tuple, const struct tcpfsm_segment *s, uint32_t seq, bool hard);

/* merged_find: the connection that the segment at a place belongs to; false: not known here. */
bool merged_find(uint32_t tuple, uint32_t frame, unsigned order, uint32_t *number);

/* merged_engine: what follows connection `number` now, at the point nearest to its client; false: not known here. */
bool merged_engine(uint32_t tuple, uint32_t number, const struct tcpfsm_connection **engine,
                   const struct diagnosis **diagnosis);

/* How a segment came from point to point. */
struct merged_way {
    unsigned side;          /* the point is nearest to endpoint 0 or 1; 2: between */
    bool lost;              /* it was captured at the point nearest to its sender, and never at the receiver's */
    uint32_t elsewhere;     /* a frame that holds the same segment at another point; 0: none */
};

/* merged_way: of the segment at a place; false: its connection was captured at one point. Once the file was read. */
bool merged_way(uint32_t tuple, uint32_t frame, unsigned order, struct merged_way *way);

/* merged_close: forgets all. */
void merged_close(void);

#endif
