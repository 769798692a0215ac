/* wording.h: sentences: findings as a person reads them, and durations.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_WORDING_H
#define TCPFSM_WORDING_H

#include "view.h"

/* wording_sentence: what happened and the evidence, with endpoints, frames and times filled in. wording_action: what to
 * do; "" if nothing need be done. Allocated in `pool`. */
const char *wording_sentence(wmem_allocator_t *pool, const struct view *view, const struct tcpfsm_finding *finding);
const char *wording_action(wmem_allocator_t *pool, const struct view *view, const struct tcpfsm_finding *finding);

/* wording_finding: both, with what else is known (silence, the text in a RST, its traits) as far as 239 bytes allow.
 * Allocated in `pool`. */
const char *wording_finding(wmem_allocator_t *pool, const struct view *view, const struct tcpfsm_finding *finding);

/* wording_details: what else is known of a RST (silence, the text in it, its traits), to follow the sentence: begins
 * with ". ", or is "". Allocated in `pool`. */
const char *wording_details(wmem_allocator_t *pool, const struct tcpfsm_finding *finding);

/* What several findings of one kind and variant say together: [0] the least, [1] the most. */
struct wording_group {
    const char *who;                    /* the endpoint or host they are about: "server 10.0.0.2:80" */
    uint32_t count[2], size[2], passed[2];
    int64_t time[2], silence[2];
    tcpfsm_set states;                  /* those the findings name */
};

/* wording_together: the sentence of such a group: without frames, with ranges for numbers. Allocated in `pool`. */
const char *wording_together(wmem_allocator_t *pool, const struct tcpfsm_finding *first, const struct wording_group *g);

/* wording_mark: words that only this variant of a finding's sentence has; "" if there are none. Allocated in `pool`. */
const char *wording_mark(wmem_allocator_t *pool, unsigned finding, unsigned detail);

/* wording_exactly: "350.1 s", "20 ms": as findings say times. Allocated in `pool`. */
const char *wording_exactly(wmem_allocator_t *pool, int64_t nanoseconds);

/* wording_general: what a finding of this number says of any connection. wording_blurb: how bad it is, and what
 * to do. For rows of the catalogue, from 1 on; they live as long as the program. */
const char *wording_general(unsigned finding);
const char *wording_blurb(unsigned finding);

/* wording_severity: 0 none, 1 chat, 2 note, 3 warning: of a finding. */
unsigned wording_severity(unsigned finding);
const char *wording_severity_name(unsigned severity);

/* wording_duration: "20 ms", "3.2 s", "12 min", "2.5 h": nanoseconds for a sentence. Allocated in `pool`. */
const char *wording_duration(wmem_allocator_t *pool, int64_t nanoseconds);

#endif
