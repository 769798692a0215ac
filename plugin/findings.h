/* findings.h: findings as expert items. The catalogue is diagnosis/findings.def; nothing else lists findings.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_FINDINGS_H
#define TCPFSM_FINDINGS_H

#include "hosts.h"

/* findings_register: registers an expert item for every row of the catalogue. To be called once. */
void findings_register(int protocol);

/* findings_add: reports one finding of the view: an expert item on `tree`'s protocol item, its name and its evidence as fields. `tree` may be NULL. */
void findings_add(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, const struct store_view *view, const struct tcpfsm_finding *finding);

/* findings_sentence: what happened and the evidence, with endpoints, frames and times filled in. Allocated in `pool`. */
const char *findings_sentence(wmem_allocator_t *pool, const struct store_view *view, const struct tcpfsm_finding *finding);

/* findings_action: what to do; "" if nothing need be done. Allocated in `pool`. */
const char *findings_action(wmem_allocator_t *pool, const struct store_view *view, const struct tcpfsm_finding *finding);

/* findings_text: both, with what else is known (silence, the text in a RST, its traits) as far as 239 bytes allow. Allocated in `pool`. */
const char *findings_text(wmem_allocator_t *pool, const struct store_view *view, const struct tcpfsm_finding *finding);

#endif
