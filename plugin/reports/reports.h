/* reports.h: what tshark -z and the Statistics and Tools menus offer: the part the rest of the plugin sees.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_REPORTS_H
#define TCPFSM_REPORTS_H

#include "compat.h"
#include "engine/tcpfsm.h"

/* reports_register: registers the tap `tcpfsm`, the reports of -z, the tree and the table of the Statistics menu
 * and the entries of the Tools menu. To be called once, from the protocol registration, when fields.h knows the
 * protocol. */
void reports_register(void);

/* reports_wanted: whether anybody listens to the tap. */
bool reports_wanted(void);

/* reports_segment: hands a segment to the tap, after the connection has seen it. `order`: where in the frame:
 * moment.h. s NULL: the header is a quote in an ICMP error, which the tap sees only if it made a finding. Sets
 * s->from. */
void reports_segment(packet_info *pinfo, const address *src, const address *dst, uint16_t sport, uint16_t dport,
                     struct tcpfsm_segment *s, unsigned order);

#endif
