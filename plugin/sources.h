/* sources.h: findings that are made once a host or a service: a host that probes ports or is refused everywhere is one
 * fact, not one a connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_SOURCES_H
#define TCPFSM_SOURCES_H

#include "store.h"

/* sources_segment: counts what this segment of `t` is to its hosts, and adds a scan or a flood to *said where it
 * becomes known. `begin`: the segment begins a connection. After the engine and the diagnosis have taken it. */
void sources_segment(const struct store_tuple *t, const struct tcpfsm_segment *s, const struct tcpfsm_result *r,
                     bool begin, struct diagnosis_result *said);

/* sources_worth: whether this finding of a connection of `t`, made at `frame`, is to be reported; it may become a scan
 * (diagnosis_worth). A rst.forged between two loopback addresses is not: nothing lies between, and what writes such
 * captures (test tools, socket wrappers) makes up RSTs. */
bool sources_worth(const struct store_tuple *t, struct tcpfsm_finding *finding, uint32_t frame);

/* sources_close: forgets all hosts. */
void sources_close(void);

#endif
