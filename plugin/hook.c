/* hook.c: TCP headers are read where IP hands them over: entry 6 of the table ip.proto. The helper there notes the
 * segment and calls TCP as before. That costs a hundredth of what asking for TCP's fields would (any wanted field
 * forces a tree), and shows every header of every frame on every visit.
 *
 * Copyright 2026 the tcpfsm authors SPDX-License-Identifier: GPL-2.0-or-later */
#include "hook.h"
#include "icmp.h"
#include "moment.h"
#include "segment.h"

static int proto_wrap = -1, proto_tcp = -1;
static dissector_handle_t wrap_handle, tcp_handle;
static dissector_table_t ip_proto;
static const struct hook_calls *calls;
static bool called;             /* the helper, for the frame being dissected: for hook_missed() only */
static bool missed_said;

/* A header that waits for the post-dissector. */
struct shown {
    struct hook_header header;
    struct shown *last;             /* of the first: the one after which the next is put */
    address src, dst;
};

/* show: remembers this TCP header until the post-dissector displays it. Addresses are copied, without their bytes:
 * once TCP is called, pinfo may hold those of what TCP carries. */
static void show(packet_info *pinfo, const struct hook_header *header)
{
    struct shown *s = wmem_new(pinfo->pool, struct shown);
    struct shown *first = (struct shown *)p_get_proto_data(pinfo->pool, pinfo, proto_wrap, 0);
    copy_address_shallow(&s->src, header->src);
    copy_address_shallow(&s->dst, header->dst);
    s->header = *header;
    s->header.src = &s->src;
    s->header.dst = &s->dst;
    s->last = s;
    if (!first) {
        p_add_proto_data(pinfo->pool, pinfo, proto_wrap, 0, s);
        return;
    }
    first->last->header.next = &s->header;
    first->last = s;
}

static struct hook_header header_of(tvbuff_t *tvb, const packet_info *pinfo, unsigned order)
{
    const uint8_t *p = tvb_get_ptr(tvb, 0, 4);
    return (struct hook_header){.src = &pinfo->net_src,
                                .dst = &pinfo->net_dst,
                                .sport = (uint16_t)(p[0] << 8 | p[1]),
                                .dport = (uint16_t)(p[2] << 8 | p[3]),
                                .interface = compat_interface(pinfo),
                                .order = order};
}

/* quoted: a TCP header inside an ICMP error, which is no segment. */
static void quoted(tvbuff_t *tvb, packet_info *pinfo, bool shown)
{
    if (tvb_captured_length(tvb) < 8)
        return;
    struct hook_header h = header_of(tvb, pinfo, MOMENT_QUOTE);
    enum icmp says = icmp_says(tvb, pinfo);
    if (says >= ICMP_UNREACHABLE && !pinfo->fd->visited)
        calls->quote(pinfo, &h, tvb_get_ntohl(tvb, 4), says == ICMP_HARD);
    if (says && calls->heard())
        calls->hear(pinfo, &h, NULL);
    if (says && shown)
        show(pinfo, &h);
}

/* order_of: how many TCP headers the frame had before this one. Not pinfo->curr_layer_num: what TCP carried before
 * may have other layers on a later visit. */
static unsigned order_of(packet_info *pinfo)
{
    unsigned order = 0;
    for (wmem_list_frame_t *i = wmem_list_head(pinfo->layers); i; i = wmem_list_frame_next(i))
        order += GPOINTER_TO_INT(wmem_list_frame_data(i)) == proto_tcp;
    return order;
}

/* taken: a TCP header. `fills`: more than expert items is displayed. */
static void taken(tvbuff_t *tvb, packet_info *pinfo, void *data, bool shown, bool fills)
{
    unsigned order = order_of(pinfo);
    if (tvb_captured_length(tvb) < SEGMENT_NEEDED || order >= MOMENT_QUOTE)
        return;
    struct hook_header h = header_of(tvb, pinfo, order);
    bool heard = calls->heard(), found = pinfo->fd->visited;
    if (!pinfo->fd->visited || heard) {
        struct tcpfsm_segment s = {.frame = pinfo->num, .time = moment_time(pinfo)};
        segment_read(&s, tvb, pinfo, data, calls->checks());
        if (!pinfo->fd->visited)
            found = calls->segment(&h, &s);
        if (heard)
            calls->hear(pinfo, &h, &s);
    }
    if (shown && (found || fills))
        show(pinfo, &h);
}

static int wrap_dissect(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    bool shown = calls->shows(tree);
    called = true;
    if ((shown || !pinfo->fd->visited || calls->heard()) && calls->enabled()) {
        if (pinfo->flags.in_error_pkt)
            quoted(tvb, pinfo, shown);
        else
            taken(tvb, pinfo, data, shown, calls->fills(tree));
    }
    return call_dissector_only(tcp_handle, tvb, pinfo, tree, data);
}

void hook_register(const struct hook_calls *whom)
{
    calls = whom;
    proto_tcp = proto_get_id_by_filter_name("tcp");
    if (proto_tcp < 0)
        return;
    proto_wrap = proto_register_protocol_in_name_only("TCP, followed by tcpfsm", "TCP (tcpfsm)", "tcpfsm.tcp",
                                                      proto_tcp, FT_PROTOCOL);
}

void hook_handoff(void)
{
    icmp_handoff();
    ip_proto = find_dissector_table("ip.proto");
    if (proto_wrap < 0 || !ip_proto)
        return;
    tcp_handle = dissector_get_uint_handle(ip_proto, IP_PROTO_TCP);
    if (!tcp_handle)
        return;
    wrap_handle = create_dissector_handle(wrap_dissect, proto_wrap);
    /* Added, not changed: this makes it the initial entry, to which Decode As returns and which no profile stores as
     * the user's choice. */
    dissector_add_uint("ip.proto", IP_PROTO_TCP, wrap_handle);
}

void hook_check(void)
{
    if (wrap_handle && dissector_get_uint_handle(ip_proto, IP_PROTO_TCP) == tcp_handle)
        dissector_change_uint("ip.proto", IP_PROTO_TCP, wrap_handle);
}

const struct hook_header *hook_headers(packet_info *pinfo)
{
    const struct shown *first = (const struct shown *)p_get_proto_data(pinfo->pool, pinfo, proto_wrap, 0);
    return first ? &first->header : NULL;
}

void hook_missed(packet_info *pinfo)
{
    bool was_called = called;
    called = false;
    if (was_called || missed_said || !wrap_handle || dissector_get_uint_handle(ip_proto, IP_PROTO_TCP) == wrap_handle)
        return;
    for (wmem_list_frame_t *i = wmem_list_head(pinfo->layers); i; i = wmem_list_frame_next(i)) {
        if (GPOINTER_TO_INT(wmem_list_frame_data(i)) == proto_tcp) {
            char *what = g_strdup_printf(
                "another plugin or a Decode As rule handles IP protocol 6, so TCP states cannot be shown (first in "
                "frame %u)",
                pinfo->num);
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
