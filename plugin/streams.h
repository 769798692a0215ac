/* streams.h: Wireshark's own numbers of conversations.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_STREAMS_H
#define TCPFSM_STREAMS_H

#include "connections.h"

/* streams_of: tcp.stream of the conversation that these ends had at a frame; UINT32_MAX if Wireshark knows none.
 * Looked up, not kept: that changes nothing and costs only who asks. For use while a frame is dissected. */
uint32_t streams_of(packet_info *pinfo, const struct connections_ends *ends, uint32_t frame);

#endif
