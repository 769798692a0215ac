/* once.h: findings that are reported once a host: a host that probes ports, or is refused everywhere, is one fact, not
 * one a connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_ONCE_H
#define TCPFSM_ONCE_H

#include "connections.h"

/* So many different addresses and ports that refuse a host are a scan. */
enum { ONCE_SCAN = 20 };

/* once_finding: what a connections_listener calls: whether to report this finding. Of a host: its first rst.probe;
 * its rst.refused until the ONCE_SCAN-th address and port refuses it, which becomes a `scan`, and none after. A
 * rst.forged between two loopback addresses is not reported: nothing lies between, and what writes such captures
 * (test tools, socket wrappers) makes up RSTs. All other findings are. */
bool once_finding(const struct connections_event *e, struct tcpfsm_finding *finding);

/* once_close: forgets all hosts. */
void once_close(void);

#endif
