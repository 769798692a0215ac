/* experts.h: findings as expert items.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_EXPERTS_H
#define TCPFSM_EXPERTS_H

#include "view.h"

/* experts_register: registers an expert item for every row of the catalogue. To be called once. */
void experts_register(int protocol);

/* experts_add: reports one finding of the view: an expert item on `tree`'s protocol item, its name and its evidence
 * as fields. `tree` may be NULL. */
void experts_add(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, const struct view *view,
                 const struct tcpfsm_finding *finding);

#endif
