/* layers.c: TCP headers are read where IP hands them over: entry 6 of the table ip.proto. The helper there notes the segment and calls TCP as before. That costs a
 * hundredth of what asking for TCP's fields would (any wanted field forces a tree), and shows every layer of every frame on every visit.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "layers.h"
#include "options.h"
#include "plugin.h"
#include "reports/reports.h"
#include "store.h"

#include <stdio.h>
#include <string.h>

static int proto_wrap = -1, proto_tcp = -1, proto_icmp = -1, proto_icmpv6 = -1;
static dissector_handle_t wrap_handle, tcp_handle;
static dissector_table_t ip_proto;
static bool called;             /* the helper, for the frame being dissected: for layers_missed() only */
static bool missed_said;

/* What is read at most of a segment: the longest header and the first bytes of data. */
enum { HEADER_MIN = 20, HEADER_NEEDED = 14, HEADER_MAX = 60, DATA_READ = 16 };

static uint16_t get16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }
static uint32_t get32(const uint8_t *p) { return (uint32_t)get16(p) << 16 | get16(p + 2); }

/* digest: equal for two captures of one segment: header without the checksum, options, length, first data. */
static uint32_t digest(const uint8_t *p, unsigned n, uint32_t length)
{
    uint64_t word, h = length;
    uint8_t tail[8] = {0};
    unsigned i;
    for (i = 0; i + 8 <= n; i += 8) {
        memcpy(&word, p + i, 8);
        if (i == 16) {              /* the checksum is not looked at: it may be rewritten, or not yet be computed */
            memcpy(tail, p + 18, 6);
            memcpy(&word, tail, 8);
        }
        h = (h ^ word ^ h >> 29) * UINT64_C(0x9e3779b97f4a7c15);
    }
    if (i < n && i != 16) {         /* 16: a header of at most 23 bytes ends within the checksum and the urgent pointer */
        memset(tail, 0, sizeof tail);
        memcpy(tail, p + i, n - i);
        memcpy(&word, tail, 8);
        h = (h ^ word ^ h >> 29) * UINT64_C(0x9e3779b97f4a7c15);
    }
    return (uint32_t)(h ^ h >> 32);
}

/* bad_checksum: true if the user has TCP check checksums and this one is wrong. A segment that is not here in full cannot be checked. */
static bool bad_checksum(tvbuff_t *tvb, packet_info *pinfo, const address *src, const address *dst)
{
    unsigned length = tvb_reported_length(tvb);
    if (!plugin_config.check_checksum || pinfo->fragmented || length < HEADER_MIN || !tvb_bytes_exist(tvb, 0, (int)length))
        return false;
    if (src->type != AT_IPv4 && src->type != AT_IPv6)
        return false;
    uint32_t pseudo[2] = {g_htonl(length), g_htonl(IP_PROTO_TCP)};
    vec_t part[4];
    SET_CKSUM_VEC_PTR(part[0], (const uint8_t *)src->data, src->len);
    SET_CKSUM_VEC_PTR(part[1], (const uint8_t *)dst->data, dst->len);
    SET_CKSUM_VEC_PTR(part[2], (const uint8_t *)pseudo, 8);
    SET_CKSUM_VEC_TVB(part[3], tvb, 0, (int)length);
    uint16_t computed = (uint16_t)in_cksum(part, 4), sum = tvb_get_ntohs(tvb, 16);
    if (computed == 0 || sum == 0xffff)
        return false;
    /* A sum of the pseudo header only was captured before the network card completed it (offload): the segment was sent well. */
    uint16_t partial = (uint16_t)~in_cksum(part, 3);
    return g_htons(partial) != sum;
}

/* segment_ip: what the IP header tells of the segment. `data` is what the IP dissectors hand over: their header, or nothing. */
static void segment_ip(struct tcpfsm_segment *s, void *data)
{
    const ws_ip4 *ip4 = WS_IP4_PTR(data);
    const ws_ip6 *ip6 = WS_IP6_PTR(data);
    if (ip4) {
        s->ttl = ip4->ip_ttl;
        s->ip_id = ip4->ip_id;
        s->has |= TCPFSM_HAS_TTL;
        if (ip4->ip_id || !(ip4->ip_off & 0x4000))  /* RFC 6864: an atomic datagram need not have one */
            s->has |= TCPFSM_HAS_IP_ID;
    } else if (ip6) {
        s->ttl = ip6->ip6_hop;
        s->has |= TCPFSM_HAS_TTL;
    }
}

/* segment_read: fills *s from the header. Of a header cut by the snaplen it takes what is there, from the 14 bytes that hold the flags on. */
static void segment_read(struct tcpfsm_segment *s, tvbuff_t *tvb, packet_info *pinfo, void *data)
{
    unsigned captured = tvb_captured_length(tvb), length = tvb_reported_length(tvb);
    unsigned read = MIN(captured, (unsigned)(HEADER_MAX + DATA_READ));
    const uint8_t *p = tvb_get_ptr(tvb, 0, (int)read);
    unsigned header = (unsigned)(p[12] >> 4) * 4;
    s->seq = get32(p + 4);
    s->ack = get32(p + 8);
    s->flags = p[13] & 0x3f;
    if (read >= 16)
        s->window = get16(p + 14);
    segment_ip(s, data);
    if (header < HEADER_MIN || (header > length && !pinfo->fragmented)) {
        s->has |= TCPFSM_HAS_BAD_CHECKSUM;      /* no TCP: its receiver drops it, as it drops one with a bad checksum */
        s->digest = digest(p, MIN(read, (unsigned)HEADER_MIN), length);
        return;
    }
    if (!pinfo->fragmented) {
        s->len = length - header;
        s->has |= TCPFSM_HAS_LENGTH;
    }
    if (read > HEADER_MIN)
        options_read(s, p + HEADER_MIN, MIN(header, read) - MIN(read, (unsigned)HEADER_MIN));
    s->digest = digest(p, MIN(read, header + DATA_READ), length);
    if (bad_checksum(tvb, pinfo, &pinfo->net_src, &pinfo->net_dst))
        s->has |= TCPFSM_HAS_BAD_CHECKSUM;
}

/* What an ICMP error says of the segment it quotes. */
enum icmp { ICMP_NONE, ICMP_OTHER, ICMP_UNREACHABLE, ICMP_HARD };

/* icmp_around: ICMP's or ICMPv6's number, if the innermost layers are one of them, IP, and perhaps another plugin that looks at TCP; else -1. */
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

/* icmp_says: what the ICMP error around a quoted TCP header says: RFC 1122 section 4.2.3.9. That a packet was too big is path MTU discovery at work (RFC 1191).
 * ICMP's own header is found before the quoted IP header, which the addresses identify. ICMP_NONE: it is no ICMP error (headers sampled by sFlow are marked as
 * quotes too). */
static enum icmp icmp_says(tvbuff_t *tvb, packet_info *pinfo)
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
    if (outer == proto_icmp) {
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

/* layer_show: remembers this TCP header until the post-dissector displays it. */
static void layer_show(packet_info *pinfo, uint16_t sport, uint16_t dport, unsigned order)
{
    struct layer *l = wmem_new0(pinfo->pool, struct layer), *before = (struct layer *)p_get_proto_data(pinfo->pool, pinfo, proto_wrap, 0);
    copy_address_shallow(&l->src, &pinfo->net_src);
    copy_address_shallow(&l->dst, &pinfo->net_dst);
    l->sport = sport;
    l->dport = dport;
    l->order = order;
    if (!before) {
        p_add_proto_data(pinfo->pool, pinfo, proto_wrap, 0, l);
        return;
    }
    while (before->next)
        before = before->next;
    before->next = l;
}

/* layer_quoted: a TCP header inside an ICMP error, which is no segment. */
static void layer_quoted(tvbuff_t *tvb, packet_info *pinfo, bool show)
{
    if (tvb_captured_length(tvb) < 8)
        return;
    uint16_t sport = tvb_get_ntohs(tvb, 0), dport = tvb_get_ntohs(tvb, 2);
    enum icmp says = icmp_says(tvb, pinfo);
    if (says >= ICMP_UNREACHABLE && !pinfo->fd->visited)
        store_unreachable(pinfo, sport, dport, tvb_get_ntohl(tvb, 4), says == ICMP_HARD);
    if (says && reports_wanted())
        reports_segment(pinfo, sport, dport, NULL, STORE_ORDER_QUOTE);
    if (says && show)
        layer_show(pinfo, sport, dport, STORE_ORDER_QUOTE);
}

/* layer_order: how many TCP headers the frame had before this one. Not pinfo->curr_layer_num: what TCP carried before may have other layers on a later visit. */
static unsigned layer_order(packet_info *pinfo)
{
    unsigned order = 0;
    for (wmem_list_frame_t *i = wmem_list_head(pinfo->layers); i; i = wmem_list_frame_next(i))
        order += GPOINTER_TO_INT(wmem_list_frame_data(i)) == proto_tcp;
    return order;
}

/* layer: a TCP header, before TCP is called: afterwards pinfo may hold the addresses of what TCP carries. `fill`: more than expert items is displayed. */
static void layer(tvbuff_t *tvb, packet_info *pinfo, void *data, bool show, bool fill)
{
    unsigned order = layer_order(pinfo);
    if (tvb_captured_length(tvb) < HEADER_NEEDED || order >= STORE_ORDER_QUOTE)
        return;
    const uint8_t *p = tvb_get_ptr(tvb, 0, 4);
    uint16_t sport = get16(p), dport = get16(p + 2);
    bool tapped = reports_wanted(), found = pinfo->fd->visited;
    if (!pinfo->fd->visited || tapped) {
        struct tcpfsm_segment s = {.frame = pinfo->num, .time = plugin_time(pinfo)};
        segment_read(&s, tvb, pinfo, data);
        if (!pinfo->fd->visited)
            found = store_segment(&pinfo->net_src, &pinfo->net_dst, sport, dport, &s, order);
        if (tapped)
            reports_segment(pinfo, sport, dport, &s, order);
    }
    if (show && (found || fill))
        layer_show(pinfo, sport, dport, order);
}

static int wrap_dissect(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    bool show = plugin_shows(tree);
    called = true;
    if ((show || !pinfo->fd->visited || reports_wanted()) && plugin_enabled()) {
        if (pinfo->flags.in_error_pkt)
            layer_quoted(tvb, pinfo, show);
        else
            layer(tvb, pinfo, data, show, plugin_fills(tree));
    }
    return call_dissector_only(tcp_handle, tvb, pinfo, tree, data);
}

void layers_register(void)
{
    proto_tcp = proto_get_id_by_filter_name("tcp");
    if (proto_tcp < 0)
        return;
    proto_wrap = proto_register_protocol_in_name_only("TCP, followed by tcpfsm", "TCP (tcpfsm)", "tcpfsm.tcp", proto_tcp, FT_PROTOCOL);
}

void layers_handoff(void)
{
    ip_proto = find_dissector_table("ip.proto");
    if (proto_wrap < 0 || !ip_proto)
        return;
    tcp_handle = dissector_get_uint_handle(ip_proto, IP_PROTO_TCP);
    if (!tcp_handle)
        return;
    proto_icmp = proto_get_id_by_filter_name("icmp");
    proto_icmpv6 = proto_get_id_by_filter_name("icmpv6");
    wrap_handle = create_dissector_handle(wrap_dissect, proto_wrap);
    /* Added, not changed: this makes it the initial entry, to which Decode As returns and which no profile stores as the user's choice. */
    dissector_add_uint("ip.proto", IP_PROTO_TCP, wrap_handle);
}

void layers_check(void)
{
    if (wrap_handle && dissector_get_uint_handle(ip_proto, IP_PROTO_TCP) == tcp_handle)
        dissector_change_uint("ip.proto", IP_PROTO_TCP, wrap_handle);
}

const struct layer *layers_of(packet_info *pinfo)
{
    return (const struct layer *)p_get_proto_data(pinfo->pool, pinfo, proto_wrap, 0);
}

void layers_missed(packet_info *pinfo)
{
    bool was_called = called;
    called = false;
    if (was_called || missed_said || !wrap_handle || dissector_get_uint_handle(ip_proto, IP_PROTO_TCP) == wrap_handle)
        return;
    for (wmem_list_frame_t *i = wmem_list_head(pinfo->layers); i; i = wmem_list_frame_next(i)) {
        if (GPOINTER_TO_INT(wmem_list_frame_data(i)) == proto_tcp) {
            char *what = g_strdup_printf("another plugin or a Decode As rule handles IP protocol 6, so TCP states cannot be shown (first in frame %u)", pinfo->num);
            if (compat_gui())
                report_warning("tcpfsm: %s", what);
            else
                fprintf(stderr, "tcpfsm: %s\n", what);
            g_free(what);
            missed_said = true;
            return;
        }
    }
}
