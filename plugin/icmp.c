/* icmp.c: ICMP errors.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "icmp.h"

static int proto_icmp = -1, proto_icmpv6 = -1;

void icmp_handoff(void)
{
    proto_icmp = proto_get_id_by_filter_name("icmp");
    proto_icmpv6 = proto_get_id_by_filter_name("icmpv6");
}

/* icmp_around: ICMP's or ICMPv6's number, if the innermost layers are one of them, IP, and perhaps another plugin
 * that looks at TCP; else -1. */
static int icmp_around(packet_info *pinfo)
{
    wmem_list_frame_t *layer = wmem_list_tail(pinfo->layers);
    for (unsigned i = 0; layer && i < 4; i++, layer = wmem_list_frame_prev(layer)) {
        int protocol = GPOINTER_TO_INT(wmem_list_frame_data(layer));
        if (protocol == proto_icmp || protocol == proto_icmpv6)
            return protocol;
    }
    return -1;
}

enum icmp icmp_of_type(bool v6, unsigned type, unsigned code)
{
    if (!v6) {
        if (type != 3 || code == 4)
            return ICMP_OTHER;
        return code == 2 || code == 3 || code == 9 || code == 10 || code == 13 ? ICMP_HARD : ICMP_UNREACHABLE;
    }
    if (type == 4 && code == 1)
        return ICMP_HARD;
    if (type != 1)
        return ICMP_OTHER;
    return code == 1 || code == 4 || code == 5 || code == 6 ? ICMP_HARD : ICMP_UNREACHABLE;
}

/* ICMP's own header is found before the quoted IP header, which the addresses identify. */
enum icmp icmp_says(tvbuff_t *tvb, packet_info *pinfo)
{
    int outer = icmp_around(pinfo);
    const address *src = &pinfo->net_src;
    tvbuff_t *all = tvb_get_ds_tvb(tvb);
    int at = tvb_raw_offset(tvb);
    if (outer < 0 || !all || at < 0 || (unsigned)at > tvb_captured_length(all))
        return ICMP_NONE;
    int header = 40, addresses = 8;
    if (src->type == AT_IPv4) {
        addresses = 12;
        for (header = 20; header <= 60; header += 4)
            if (at >= header + 8 && compat_uint8(all, at - header) == (0x40 | header / 4))
                break;
    }
    if (header > 60 || at < header + 8 || src->len > header - addresses)
        return ICMP_NONE;
    if (tvb_memeql(all, at - header + addresses, (const uint8_t *)src->data, (size_t)src->len) != 0)
        return ICMP_NONE;
    unsigned type = compat_uint8(all, at - header - 8), code = compat_uint8(all, at - header - 7);
    return icmp_of_type(outer == proto_icmpv6, type, code);
}
