/* hook.h: the TCP headers of each frame, taken where IP hands them over: entry 6 of the table ip.proto. Whom they are
 * handed to is decided in plugin.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_HOOK_H
#define TCPFSM_HOOK_H

#include "compat.h"
#include "engine/tcpfsm.h"

/* A TCP header of a frame, as long as it is dissected; one that is to be displayed, as long as the frame is. */
struct hook_header {
    const struct hook_header *next;
    const address *src, *dst;       /* network layer; the bytes belong to the frame */
    uint16_t sport, dport;
    /* where the frame was captured: equal for frames of one interface and section; never 0 */
    uint32_t interface;
    unsigned order;                 /* where in the frame: so many TCP headers came before; MOMENT_QUOTE for a quote */
};

/* What the hook calls. */
struct hook_calls {
    bool (*enabled)(void);                          /* does the user have the protocol enabled? */
    bool (*shows)(const proto_tree *), (*fills)(const proto_tree *);    /* render.h */
    bool (*heard)(void);                            /* does anybody want to hear of every header? */
    bool (*checks)(void);                           /* are checksums to be checked? */
    /* on the first visit; true: it has a finding */
    bool (*segment)(const struct hook_header *, struct tcpfsm_segment *);
    void (*quote)(packet_info *, const struct hook_header *, uint32_t seq, bool hard);      /* on the first visit */
    void (*hear)(packet_info *, const struct hook_header *, struct tcpfsm_segment *);       /* NULL: a quote */
};

/* hook_register: registers the helper protocol whose dissector stands in for TCP's. To be called once, from the
 * protocol registration. *calls lives as long as the program. */
void hook_register(const struct hook_calls *calls);

/* hook_handoff: puts the helper in front of whatever handles IP protocol 6. To be called once, when all dissectors are
 * registered. */
void hook_handoff(void);

/* hook_check: puts the helper back if Decode As chose TCP itself for IP protocol 6. To be called before a file is
 * dissected. */
void hook_check(void);

/* hook_headers: the TCP headers of this frame to be displayed, in the order in which they were dissected; NULL if
 * there are none. */
const struct hook_header *hook_headers(packet_info *pinfo);

/* hook_missed: says once, on stderr or in a window, that TCP passes which the helper was not asked to dissect, if
 * that is so. To be called after every frame. */
void hook_missed(packet_info *pinfo);

#endif
