/* segment.c: reading a TCP header.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "segment.h"
#include "diagnosis/diagnosis.h"
#include "options.h"

/* What is read at most of a segment: the longest header and the first bytes of data. */
enum { HEADER_MIN = 20, HEADER_MAX = 60, DATA_READ = 16 };

/* And of the text in a RST (RFC 9293 section 3.5.2): as much as a finding quotes. */
enum { SEGMENT_TEXT = TCPFSM_QUOTE };

static uint16_t get16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }
static uint32_t get32(const uint8_t *p) { return (uint32_t)get16(p) << 16 | get16(p + 2); }

uint32_t segment_digest(const uint8_t *p, unsigned n, uint32_t length)
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
    /* 16: a header of at most 23 bytes ends within the checksum and the urgent pointer */
    if (i < n && i != 16) {
        memset(tail, 0, sizeof tail);
        memcpy(tail, p + i, n - i);
        memcpy(&word, tail, 8);
        h = (h ^ word ^ h >> 29) * UINT64_C(0x9e3779b97f4a7c15);
    }
    return (uint32_t)(h ^ h >> 32);
}

/* bad_checksum: true if the checksum is wrong. A segment that is not here in full cannot be checked. */
static bool bad_checksum(tvbuff_t *tvb, packet_info *pinfo, const address *src, const address *dst)
{
    unsigned length = tvb_reported_length(tvb);
    if (pinfo->fragmented || length < HEADER_MIN || !tvb_bytes_exist(tvb, 0, (int)length))
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
    /* A sum of the pseudo header only was captured before the network card completed it (offload): the segment was
     * sent well. */
    uint16_t partial = (uint16_t)~in_cksum(part, 3);
    return g_htons(partial) != sum;
}

/* loopback: 127.0.0.0/8 or ::1. */
static bool loopback(const address *a)
{
    static const uint8_t one[16] = {[15] = 1};
    const uint8_t *bytes = (const uint8_t *)a->data;
    return (a->type == AT_IPv4 && bytes[0] == 127) || (a->type == AT_IPv6 && memcmp(bytes, one, sizeof one) == 0);
}

/* wired: does the link layer name an interface of hardware? Linux' loopback interface writes zeros, others nothing. */
static bool wired(const packet_info *pinfo)
{
    static const uint8_t none[6] = {0};
    return pinfo->dl_src.type == AT_ETHER && memcmp(pinfo->dl_src.data, none, sizeof none) != 0;
}

/* local: are both endpoints on the host that captured this? Two loopback addresses are; one address twice is, unless it
 * came by a wire, forged. */
static bool local(const packet_info *pinfo)
{
    const address *src = &pinfo->net_src, *dst = &pinfo->net_dst;
    return (loopback(src) && loopback(dst)) || (addresses_equal(src, dst) && !wired(pinfo));
}

/* segment_ip: what the IP header tells of the segment. `data` is what the IP dissectors hand over: their header, or
 * nothing. */
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

/* Of a header cut by the snaplen it takes what is there. */
void segment_read(struct tcpfsm_segment *s, tvbuff_t *tvb, packet_info *pinfo, void *data, bool check)
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
    s->local = local(pinfo);
    if (header < HEADER_MIN || (header > length && !pinfo->fragmented)) {
        s->has |= TCPFSM_HAS_BAD_CHECKSUM;      /* no TCP: its receiver drops it, as it drops one with a bad checksum */
        s->digest = segment_digest(p, MIN(read, (unsigned)HEADER_MIN), length);
        return;
    }
    if (!pinfo->fragmented) {
        s->len = length - header;
        s->has |= TCPFSM_HAS_LENGTH;
    }
    if (read > HEADER_MIN)
        options_read(s, p + HEADER_MIN, MIN(header, read) - MIN(read, (unsigned)HEADER_MIN));
    s->digest = segment_digest(p, MIN(read, header + DATA_READ), length);
    if ((s->flags & TCPFSM_RST) && captured > header) {
        s->text_len = (uint8_t)MIN(captured - header, (unsigned)SEGMENT_TEXT);
        s->text = tvb_get_ptr(tvb, (int)header, s->text_len);
    }
    if (check && bad_checksum(tvb, pinfo, &pinfo->net_src, &pinfo->net_dst))
        s->has |= TCPFSM_HAS_BAD_CHECKSUM;
}

