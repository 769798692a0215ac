/* codes.h: counters and codes: what is for filters, graphs and other tools rather than for reading.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_CODES_H
#define TCPFSM_CODES_H

#include "items.h"

/* codes_add: the branch of counters and codes of one layer's subtree. `quoted`: of a header in an ICMP error, which has
 * no sender's and receiver's state. */
void codes_add(const struct sheet *p, proto_tree *tree, bool quoted);

#endif
