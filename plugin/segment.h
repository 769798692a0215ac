/* segment.h: a TCP header as the engine takes it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_SEGMENT_H
#define TCPFSM_SEGMENT_H

#include "compat.h"
#include "engine/tcpfsm.h"

enum { SEGMENT_NEEDED = 14 };   /* bytes of a header without which nothing is read: the flags are the last */

/* segment_read: fills *s from the TCP header at the beginning of tvb, of which SEGMENT_NEEDED bytes were captured.
 * `data` is what the IP dissectors hand over: their header, or nothing. `check`: a wrong checksum counts. Leaves
 * frame and time. */
void segment_read(struct tcpfsm_segment *s, tvbuff_t *tvb, packet_info *pinfo, void *data, bool check);

/* segment_digest: equal for two captures of one segment: header without the checksum, options, length, first data:
 * the n bytes at p, of a segment of `length` bytes. */
uint32_t segment_digest(const uint8_t *p, unsigned n, uint32_t length);

#endif
