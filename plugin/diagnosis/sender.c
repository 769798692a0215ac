/* sender.c: does a RST look like its alleged sender's other segments, and what does it say itself?
 *
 * Injected RSTs are made by a device that knows the connection and not the stack. One difference proves nothing: a host
 * without a socket answers with the TTL, IP ID and options of nobody in particular, and a socket may have a TTL of its
 * own.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

#include <stddef.h>

/* distance: how many routers have counted a TTL or hop limit down, from the nearest number that stacks begin with. */
static int distance(uint8_t ttl)
{
    return ttl <= 32 ? 32 - ttl : ttl <= 64 ? 64 - ttl : ttl <= 128 ? 128 - ttl : 255 - ttl;
}

/* diagnosis_profile: what this segment of x shows of its stack: TTL, and whether its IP IDs count up. */
void diagnosis_profile(struct visit *v)
{
    const struct tcpfsm_segment *s = v->s;
    struct diagnosis_end *x = v->me;

    if (s->has & TCPFSM_HAS_TTL) {
        if (x->ttl && x->ttl != s->ttl)
            x->flags |= TTL_VARIES;
        x->ttl = s->ttl;
    }
    if (s->has & TCPFSM_HAS_IP_ID && s->ip_id) {
        if (x->ip_id && (uint16_t)(s->ip_id - x->ip_id) < ID_NEAR)
            x->flags |= ID_COUNTS;
        else
            x->flags &= (uint8_t)~ID_COUNTS;
        x->ip_id = s->ip_id;
    }
    if (s->has & TCPFSM_HAS_TS)
        x->flags |= SENDS_STAMPS;
}

/* diagnosis_answers: is this RST of x an answer to y's last segment? */
bool diagnosis_answers(const struct visit *v)
{
    return v->you->frame > v->me->frame && ago(v, v->you->heard) < grace(v) + ANSWERS_WITHIN;
}

/* made_without_socket: a RST without ACK whose SEQ is the ACK it answers: a host that has no socket for the segment
 * makes such (3.10.7.1). */
static bool made_without_socket(const struct visit *v)
{
    return !sends(v, TCPFSM_ACK) && v->ny.has_ack && v->s->seq == v->ny.ack && diagnosis_answers(v);
}

/* far: is the segment's TTL that of another place than x's other segments? */
static bool far(const struct visit *v)
{
    const struct diagnosis_end *x = v->me;
    int hops = distance(v->s->ttl) - distance(x->ttl);

    return v->s->has & TCPFSM_HAS_TTL && x->ttl && !(x->flags & TTL_VARIES) && (hops > HOPS || hops < -HOPS);
}

/* diagnosis_traits: in what this RST of x differs from its other segments: TCPFSM_TRAIT_... On one host both ends have
 * one place: its TTL tells nothing. */
unsigned diagnosis_traits(const struct visit *v)
{
    const struct tcpfsm_segment *s = v->s;
    const struct diagnosis_end *x = v->me;
    bool ids = x->flags & ID_COUNTS && s->has & TCPFSM_HAS_IP_ID && s->ip_id;
    unsigned traits = 0;

    if (far(v) && !made_without_socket(v) && tcpfsm_vantage(v->c) != TCPFSM_VANTAGE_BOTH)
        traits |= TCPFSM_TRAIT_TTL;
    if (sends(v, TCPFSM_ACK) && x->flags & SENDS_STAMPS && !(s->has & TCPFSM_HAS_TS))
        traits |= TCPFSM_TRAIT_NO_TIMESTAMPS; /* RFC 7323 section 3.2: SHOULD be there on a RST of a connection */
    if (ids && (uint16_t)(s->ip_id - x->ip_id) >= ID_FAR && !made_without_socket(v))
        traits |= TCPFSM_TRAIT_IP_ID;
    if (!sends(v, TCPFSM_ACK) && s->window)
        traits |= TCPFSM_TRAIT_WINDOW;
    return traits;
}

/* diagnosis_suspicious: whether that is enough to doubt who sent it: two differences. */
bool diagnosis_suspicious(unsigned traits)
{
    return (traits & (traits - 1)) != 0;
}

/* diagnosis_fits: has this segment of x the TTL of its others, and an IP ID that goes on from theirs? */
bool diagnosis_fits(const struct visit *v)
{
    const struct tcpfsm_segment *s = v->s;
    bool id = s->has & TCPFSM_HAS_IP_ID && v->me->flags & ID_COUNTS && (uint16_t)(s->ip_id - v->me->ip_id) < ID_NEAR;

    return id && s->has & TCPFSM_HAS_TTL && s->ttl == v->me->ttl;
}

/* diagnosis_quote: the text in a RST (RFC 9293 section 3.5.2, as BIG-IP sends it), and a NetScaler's code: a window
 * that x did not offer before. */
void diagnosis_quote(const struct visit *v, struct tcpfsm_finding *f)
{
    const struct tcpfsm_segment *s = v->s;
    unsigned n = 0;

    for (unsigned i = 0; s->text && i < s->text_len && n + 1 < TCPFSM_QUOTE && s->text[i]; i++)
        if (s->text[i] >= ' ' && s->text[i] <= '~')
            f->quote[n++] = (char)s->text[i];
    f->quote[n < 4 ? 0 : n] = '\0'; /* shorter ones are no words */
    if (diagnosis_code(s->window) && s->window != v->me->window && v->me->window)
        f->code = s->window;
}

/* What NetScaler (Citrix ADC) says by the window of a RST, in short words. Only causes that a person can use. */
static const struct { uint16_t window; const char *text; } codes[] = {
    { 8196, "bad SSL record" },
    { 8201, "segment for a server connection already closed" },
    { 8202, "segment for a client connection it does not have" },
    { 8204, "SYN repeated with another number" },
    { 8205, "wrong number in the final ACK of the handshake" },
    { 8206, "stray segment while it opens a connection" },
    { 8207, "SYN inside the window of an open connection" },
    { 8208, "too many retransmissions" },
    { 8209, "out of memory" },
    { 8211, "idle timeout" },
    { 8212, "stray SYN, or no service for it" },
    { 9300, "idle timeout, or the service is down" },
    { 9301, "idle timeout, or the service is down" },
    { 9302, "idle timeout, or the service is down" },
    { 9303, "idle timeout, or the service is down" },
    { 9304, "too many zero-window probes" },
    { 9305, "wrong number in the SYN,ACK" },
    { 9307, "windows too small for too long" },
    { 9308, "windows too small for too long" },
    { 9309, "windows too small for too long" },
    { 9310, "keepalives without an answer" },
    { 9400, "connection of the pool that cannot be used again" },
    { 9401, "makes room for new connections" },
};

const char *diagnosis_code(unsigned window)
{
    for (unsigned i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i].window == window)
            return codes[i].text;
    return NULL;
}
