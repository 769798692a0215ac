/* streams.c: tcp.stream.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "streams.h"
#include "addresses.h"

uint32_t streams_of(packet_info *pinfo, const struct connections_ends *ends, uint32_t frame)
{
    static int proto_tcp = -1;
    address a, b;
    if (proto_tcp < 0)
        proto_tcp = proto_get_id_by_filter_name("tcp");
    addresses_get(ends->host[0], &a);
    addresses_get(ends->host[1], &b);
    conversation_t *found = compat_conversation(pinfo, frame, &a, &b, ends->port[0], ends->port[1]);
    const struct tcp_analysis *tcp =
        found ? (const struct tcp_analysis *)conversation_get_proto_data(found, proto_tcp) : NULL;
    return tcp ? tcp->stream : UINT32_MAX;
}
