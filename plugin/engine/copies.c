/* copies.c: the same segment captured twice: two interfaces, VLANs, SPAN of both directions, before and after a router
 * (DESIGN rule 5).
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

/* tcpfsm_is_copy: does the capture have this segment already? With an IP ID at any delay below two seconds: a
 * retransmission gets a new one. Without an IP ID two honest segments can be alike to the bit: then only within a
 * millisecond, and never a pure ACK, since duplicate ACKs mean something to TCP (RFC 5681), nor a RST, of which every
 * segment draws one. */
bool tcpfsm_is_copy(struct tcpfsm_visit *v)
{
    const struct tcpfsm_segment *s = v->s;
    bool identified = has(v, TCPFSM_HAS_IP_ID) && s->ip_id;
    int64_t span = identified ? LIMIT_COPY_ID : LIMIT_COPY_NO_ID;
    uint32_t digest = s->digest ^ (identified ? (uint32_t)s->ip_id * 2654435761u : 0u);
    struct tcpfsm_seen *place;

    if (!v->copies || !s->digest)
        return false;
    place = &v->copies->seen[(digest ^ digest >> 16) % TCPFSM_COPIES];
    if (place->digest == digest && place->frame && place->from == s->from &&
        (identified || s->len || sends(v, TCPFSM_SYN | TCPFSM_FIN))) {
        int64_t apart = (int64_t)(int32_t)((uint32_t)(s->time >> 14) - place->time) * (1 << 14);

        if (apart <= span && apart >= -span) {
            v->out->copy_of = place->frame;
            return true;
        }
    }
    *place =
        (struct tcpfsm_seen){ .digest = digest, .frame = s->frame, .time = (uint32_t)(s->time >> 14), .from = s->from };
    return false;
}
