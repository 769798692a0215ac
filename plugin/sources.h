/* sources.h: findings that are made once a source: a host that probes ports or is refused everywhere is one fact, not one a connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_SOURCES_H
#define TCPFSM_SOURCES_H

#include "store.h"

/* So many different addresses and ports that refuse a host are a scan. */
enum { SOURCES_SCAN = 20 };

/* sources_worth: whether this finding of a connection of `t`, made at `frame`, is to be told. The first rst.probe of a host is; its rst.refused are until the
 * SOURCES_SCAN-th address and port refuses it: that one becomes a `scan`, and the later ones are not told. A rst.forged between two loopback addresses is not: nothing lies between, and what writes
 * such captures (test tools, socket wrappers) makes up RSTs. All other findings are worth it. */
bool sources_worth(const struct store_tuple *t, struct tcpfsm_finding *finding, uint32_t frame);

/* sources_close: forgets all hosts. */
void sources_close(void);

#endif
