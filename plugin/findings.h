/* findings.h: findings as expert items. The catalogue is engine/findings.def; nothing else lists findings.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_FINDINGS_H
#define TCPFSM_FINDINGS_H

#include "store.h"

/* findings_register: registers an expert item for every row of the catalogue. To be called once. */
void findings_register(int protocol);

/* findings_add: reports one finding of the view: an expert item on `tree`'s protocol item, its name and its evidence as fields. `tree` may be NULL. */
void findings_add(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, const struct store_view *view, const struct tcpfsm_finding *finding);

/* findings_text: the sentence shown to the user: the wording of the catalogue with endpoints, frames and times filled in, and who must act.
 * Allocated in `pool`. */
const char *findings_text(wmem_allocator_t *pool, const struct store_view *view, const struct tcpfsm_finding *finding);

#endif
