/* icmp.h: what an ICMP error says of the TCP segment it quotes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_ICMP_H
#define TCPFSM_ICMP_H

#include "compat.h"

/* ICMP_NONE: it is no ICMP error: headers sampled by sFlow are marked as quotes too. ICMP_HARD: RFC 1122 section
 * 4.2.3.9. */
enum icmp { ICMP_NONE, ICMP_OTHER, ICMP_UNREACHABLE, ICMP_HARD };

/* icmp_handoff: looks up ICMP's numbers. To be called once, when all dissectors are registered. */
void icmp_handoff(void);

/* icmp_says: of the quoted TCP header at the beginning of tvb. */
enum icmp icmp_says(tvbuff_t *tvb, packet_info *pinfo);

/* icmp_of_type: what an ICMP (`v6`: ICMPv6) message of this type and code is. That a packet was too big is path MTU
 * discovery at work (RFC 1191), no error. */
enum icmp icmp_of_type(bool v6, unsigned type, unsigned code);

#endif
