/* layers.h: the TCP layers of the frame being dissected, as segments for the engine.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_LAYERS_H
#define TCPFSM_LAYERS_H

#include "compat.h"
#include "engine/tcpfsm.h"

/* One TCP header of a frame that is to be displayed. Lives in pinfo->pool: as long as the dissection of the frame. */
struct layer {
    struct layer *next;
    address src, dst;               /* network layer; shallow, the bytes belong to the frame */
    uint16_t sport, dport;
    unsigned order;                 /* where in the frame: Wireshark's layer number of its IP header; STORE_ORDER_QUOTE for a quote */
};

/* layers_register: registers the helper protocol whose dissector stands in for TCP's. To be called once, from the protocol registration. */
void layers_register(void);

/* layers_handoff: puts the helper in front of whatever handles IP protocol 6. To be called once, when all dissectors are registered. */
void layers_handoff(void);

/* layers_check: puts the helper back if Decode As chose TCP itself for IP protocol 6. To be called before a file is dissected. */
void layers_check(void);

/* layers_of: the TCP layers of this frame to be displayed, in the order in which they were dissected; NULL if there are none. */
const struct layer *layers_of(packet_info *pinfo);

/* layers_missed: says once, on stderr, that TCP layers pass which the helper was not asked to dissect, if that is so. To be called after every frame. */
void layers_missed(packet_info *pinfo);

#endif
