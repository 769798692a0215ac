/* options.h: TCP options, as far as the engine reads them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_OPTIONS_H
#define TCPFSM_OPTIONS_H

#include "engine/tcpfsm.h"

/* options_read: adds to *s what the n bytes of options at p say: timestamps and window scale (RFC 7323), SACK blocks
 * (RFC 2018), Fast Open (RFC 7413, with the experimental kind of RFC 6994), MPTCP's fast close (RFC 8684 section
 * 3.5). Any bytes are legal; reading ends at the first option that does not fit. */
void options_read(struct tcpfsm_segment *s, const uint8_t *p, unsigned n);

#endif
