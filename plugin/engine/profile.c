/* profile.c: does a RST look like its alleged sender's other segments? Injected RSTs are made by a device that knows the connection and not the stack.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

/* tcpfsm_note_profile: what this segment of x shows of its stack: TTL, and whether its IP IDs count up. */
void tcpfsm_note_profile(struct tcpfsm_visit *v)
{
    const struct tcpfsm_segment *s = v->s;
    struct tcpfsm_endpoint *x = v->x;

    if (s->has & TCPFSM_HAS_TTL) {
        if (x->ttl && x->ttl != s->ttl)
            x->knows |= TCPFSM_TTL_VARIES;
        x->ttl = s->ttl;
    }
    if (s->has & TCPFSM_HAS_IP_ID && s->ip_id) {
        if (x->last_id && (uint16_t)(s->ip_id - x->last_id) < 64)
            x->knows |= TCPFSM_ID_COUNTS;
        else
            x->knows &= ~(uint32_t)TCPFSM_ID_COUNTS;
        x->last_id = s->ip_id;
    }
}

/* tcpfsm_volley: a RST beyond what its alleged sender had sent follows another at once, with nothing in between to answer: who cannot see how far the
 * connection has got sends several and hopes that one fits. A stack has one SND.NXT. (Weaver, Sommer, Paxson: Detecting Forged TCP Reset Packets, NDSS 2009.) */
bool tcpfsm_volley(const struct tcpfsm_visit *v)
{
    const struct tcpfsm_connection *c = v->c;

    return c->reset && v->x == &c->end[c->rst_from] && knows(v->x, TCPFSM_KNOWS_SND) && seq_lt(c->rst_seq, v->s->seq) && seq_lt(c->rst_end, v->s->seq) &&
           ago(v, c->rst_time) < MS(100) && v->y->frame < c->rst_frame;
}
