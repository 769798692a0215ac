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

/* wording_facts: the sentence, with what else is known (silence, the text in a RST, its traits) as far as 239 bytes
 * allow. Allocated in `pool`. */
const char *wording_facts(wmem_allocator_t *pool, const struct view *view, const struct tcpfsm_finding *finding);

/* wording_finding: both, with what else is known (silence, the text in a RST, its traits) as far as 239 bytes allow.
 * Allocated in `pool`. */
const char *wording_finding(wmem_allocator_t *pool, const struct view *view, const struct tcpfsm_finding *finding);

/* wording_details: what else is known of a RST (silence, the text in it, its traits), to follow the sentence: begins
 * with ". ", or is "". Allocated in `pool`. */
const char *wording_details(wmem_allocator_t *pool, const struct tcpfsm_finding *finding);

/* wording_text: the words of the catalogue: placeholders, and variants with "|" between. wording_variant: where variant
 * n begins; the last one if there are not so many. */
const char *wording_text(unsigned finding);
const char *wording_variant(const char *text, unsigned n);

/* wording_of_host: whether a finding is about a host as a whole: its sentence names no port. */
bool wording_of_host(unsigned finding);

/* wording_exactly: "350.1 s", "20 ms": as findings say times. Allocated in `pool`. */
const char *wording_exactly(wmem_allocator_t *pool, int64_t nanoseconds);

/* wording_summary: what a finding of this number is about in any connection: key words, a colon, what they mean.
 * wording_key: the key words alone, as in the middle of a sentence; allocated in `pool`. */
const char *wording_summary(unsigned finding);
const char *wording_key(wmem_allocator_t *pool, unsigned finding);

/* wording_blurb: how bad a finding of this number is, and what to do. For rows of the catalogue, from 1 on; the text
 * lives as long as the program. */
const char *wording_blurb(unsigned finding);

/* wording_severity: 0 none, 1 chat, 2 note, 3 warning: of a finding. */
unsigned wording_severity(unsigned finding);
const char *wording_severity_name(unsigned severity);

/* wording_vantage: where the capture is, in terms of client and server; `client`: which endpoint that is. Static
 * storage. */
const char *wording_vantage(unsigned vantage, unsigned client);

/* wording_outcome_so_far: an outcome as one says it before the end. Static storage. */
const char *wording_outcome_so_far(unsigned outcome);

/* wording_duration: "20 ms", "3.2 s", "12 min", "2.5 h": nanoseconds for a sentence. Allocated in `pool`. */
const char *wording_duration(wmem_allocator_t *pool, int64_t nanoseconds);

#endif
