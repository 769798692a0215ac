/* once.h: findings that are reported once a host or a service: a host that probes ports or is refused everywhere, and a
 * service that is flooded, are one fact, not one a connection. The counting is diagnosis/crowd.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_ONCE_H
#define TCPFSM_ONCE_H

#include "connections.h"

/* once_taken: what a connections_listener calls of each segment: counts what the segment is to its hosts, and adds a
 * scan or a flood to *said where the segment shows one. */
void once_taken(const struct connections_taken *taken, struct diagnosis_result *said);

/* once_finding: what a connections_listener calls: whether to report this finding, which may become a scan
 * (diagnosis_worth). A rst.forged between two loopback addresses is not reported: nothing lies between, and what
 * writes such captures (test tools, socket wrappers) makes up RSTs. */
bool once_finding(const struct connections_event *e, struct tcpfsm_finding *finding);

/* once_close: forgets all hosts. */
void once_close(void);

#endif
