/* duplicate.c: the same segment captured twice: two interfaces, VLANs, SPAN of both directions, before and after a router (DESIGN rule 5).
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

/* tcpfsm_is_duplicate: has the capture just had this segment? Without an IP ID two honest segments can be alike to the bit; pure ACKs then are never
 * duplicates, since duplicate ACKs mean something to TCP (RFC 5681), nor RSTs, of which every segment draws one. */
bool tcpfsm_is_duplicate(struct tcpfsm_visit *v)
{
    struct tcpfsm_connection *c = v->c;
    const struct tcpfsm_segment *s = v->s;
    bool identified = s->has & TCPFSM_HAS_IP_ID && s->ip_id;
    uint16_t time = (uint16_t)((uint64_t)s->time / 16000);
    int span = identified ? 3000 / 16 : 1000 / 16;
    bool recent = c->last && ago(v, c->last) <= MS(5) && ago(v, c->last) >= -MS(5); /* else none of them is: their times are modulo a second */
    uint32_t digest = s->digest ^ (identified ? (uint32_t)s->ip_id * 2654435761u : 0u) ^ (uint32_t)s->from << 31;

    if (recent && s->digest && (identified || s->len || sends(v, TCPFSM_SYN | TCPFSM_FIN)))
        for (unsigned i = 0; i < 3; i++) {
            int apart = (int16_t)(uint16_t)(time - c->recent.time[i]);

            if (c->recent.digest[i] == digest && apart <= span && apart >= -span) {
                v->out->copy_of = s->frame - (uint16_t)(s->frame - c->recent.frame[i]);
                return true;
            }
        }
    c->recent.digest[c->recent_at] = digest;
    c->recent.frame[c->recent_at] = (uint16_t)s->frame;
    c->recent.time[c->recent_at] = time;
    c->recent_at = (uint8_t)((c->recent_at + 1) % 3);
    return false;
}
