/* layers.h: the TCP layers of the frame being dissected, as segments for the engine.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_LAYERS_H
#define TCPFSM_LAYERS_H

#include "compat.h"
#include "engine/tcpfsm.h"

/* One TCP header of a frame. Lives in pinfo->pool: as long as the dissection of the frame. */
struct layer {
    struct layer *next;
    address src, dst;               /* network layer; shallow, the bytes belong to the frame */
    uint16_t sport, dport;
    unsigned order;                 /* which TCP layer of the frame, from 0; quotes are not counted */
    bool quoted;                    /* inside an ICMP error: not a segment on the wire here */
    bool hard;                      /* a quote: RFC 1122 section 4.2.3.9 calls the error hard */
    struct tcpfsm_segment segment;  /* on the first visit only; frame and time always */
};

struct layers {
    struct layer *first, *last;
    unsigned count;
};

/* layers_register: registers the helper protocol whose dissector stands in for TCP's. To be called once, from the protocol registration. */
void layers_register(void);

/* layers_handoff: puts the helper in front of whatever handles IP protocol 6. To be called once, when all dissectors are registered. */
void layers_handoff(void);

/* layers_check: puts the helper back if Decode As chose TCP itself for IP protocol 6. To be called before a file is dissected. */
void layers_check(void);

/* layers_of: the TCP layers of this frame, outermost first, in the order in which they were dissected; NULL if there are none. */
struct layers *layers_of(packet_info *pinfo);

/* layers_missed: says once, on stderr, that this frame has a TCP layer which the helper was not asked to dissect, if that is so. */
void layers_missed(packet_info *pinfo);

#endif
