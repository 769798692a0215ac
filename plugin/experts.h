/* experts.h: findings as items and expert items.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_EXPERTS_H
#define TCPFSM_EXPERTS_H

#include "items.h"

/* experts_register: registers an expert item for every row of the catalogue. To be called once. */
void experts_register(int protocol);

/* experts_worst: of the findings of a view the first with the highest severity, or NULL if there are none. */
const struct tcpfsm_finding *experts_worst(const struct view *view);

/* experts_add: reports the findings of the sheet's view, the worst first: what each says, what to do, its evidence, its
 * name with the expert item. `tree`: where they are displayed; NULL: for Expert Information only. */
void experts_add(const struct sheet *p, proto_tree *tree);

#endif
