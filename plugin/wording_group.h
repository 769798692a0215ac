/* wording_group.h: sentences for several findings at once, and what they have in common.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_WORDING_GROUP_H
#define TCPFSM_WORDING_GROUP_H

#include "wording.h"

/* What several findings of one kind and variant say together: [0] the least, [1] the most. */
struct wording_group {
    const char *who;                    /* the endpoint or host they are about: "server 10.0.0.2:80" */
    uint32_t count[2], size[2], passed[2];
    int64_t time[2], silence[2];
    tcpfsm_set states;                  /* those the findings name */
};

/* wording_together: the sentence of such a group: without frames, with ranges for numbers. Allocated in `pool`. */
const char *wording_together(wmem_allocator_t *pool, const struct tcpfsm_finding *first, const struct wording_group *g);

/* wording_pattern: a regular expression, case ignored, for this variant of a finding's sentence and no other, about
 * whom the regular expression `who` says. Allocated in `pool`. */
const char *wording_pattern(wmem_allocator_t *pool, unsigned finding, unsigned detail, const char *who);

#endif
