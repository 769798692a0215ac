/* page.h: what the page of tcpfsm,diagnosis is made of, and its layouts.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_PAGE_H
#define TCPFSM_PAGE_H

#include "reports/causes.h"

struct page {
    const struct report *report;        /* its clock and filter */
    const struct traffic *traffic;
    const struct causes *causes;
    wmem_allocator_t *pool;
    uint64_t segments, copies, cut, bad, gaps, octets;  /* as in traffic.h, of all these connections */
    uint32_t connections;
    uint32_t unopened;                  /* of them the capture has no SYN or SYN,ACK that opened them */
    uint32_t one_way;                   /* the capture has one direction only */
    uint32_t gapped;                    /* the capture lacks some of their data */
    bool checks;                        /* checksums were looked at */
};

/* page_text, page_json: print the page on stdout. */
void page_text(const struct page *p);
void page_json(const struct page *p);

#endif
