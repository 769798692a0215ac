/* merged.h: 4-tuples that were captured at several points: each point follows them with an engine of its own, and each
 * endpoint is displayed as the point nearest to it saw it (DESIGN rule 5).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_MERGED_H
#define TCPFSM_MERGED_H

#include "between.h"
#include "keep.h"

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

/* merged_between: *b, for between.h, of a tuple; false: its ends were captured at one point. It holds until the next
 * segment. */
bool merged_between(uint32_t tuple, struct between *b);

/* merged_close: forgets all. */
void merged_close(void);

#endif
