/* numbers.c: sequence numbers: what those of a segment say, and the accounts they are compared with (RFC 9293 section
 * 3.4; 3.10.7.4, first).
 *
 * Of each direction two numbers are kept: the end of what the capture has seen of it, and the highest number that shows
 * at all, in its own segments or in its peer's acknowledgements. Received is what lies between what the receiver has
 * acknowledged and what was captured.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

#include <stddef.h>

static bool far_away(uint32_t a, uint32_t b)
{
    return a - b > LIMIT_WINDOW && b - a > LIMIT_WINDOW;
}

static uint32_t distance(uint32_t a, uint32_t b)
{
    return seq_lt(a, b) ? b - a : a - b;
}

/* in_rival_space: does SEQ belong to the numbers of x's other SYN,ACK, as on the far side of a device that changes
 * them? */
static bool in_rival_space(const struct tcpfsm_endpoint *x, uint32_t seq)
{
    return x->has_rival && x->has_next && distance(seq, x->next + (x->rival - x->iss)) < distance(seq, x->next);
}

/* foreign: SEQ is nowhere near what x sends, or below its ISS: of an earlier incarnation. */
static bool is_foreign(const struct tcpfsm_visit *v)
{
    const struct tcpfsm_endpoint *x = v->x;
    uint32_t seq = v->s->seq;

    if (!x->has_next || sends(v, TCPFSM_SYN))
        return false;
    return far_away(seq, x->next) || (x->has_iss && seq_lt(seq, x->iss)) || in_rival_space(x, seq);
}

/* waits_for_syn_ack: y is in SYN_SENT, as far as its own segments and the answers of x show: an ACK must lie between
 * ISS and SND.NXT (3.10.7.3 first). */
static bool waits_for_syn_ack(const struct tcpfsm_endpoint *x, const struct tcpfsm_endpoint *y)
{
    bool answered = x->sent_syn_ack && seq_lt(y->iss, x->open_mark) && seq_le(x->open_mark, y->next);

    return y->sent_syn && y->iss_captured && !y->has_ack && !y->sent_syn_ack && !y->open_shown && !answered;
}

static void read_ack(struct tcpfsm_visit *v)
{
    const struct tcpfsm_endpoint *x = v->x, *y = v->y;
    struct tcpfsm_reading *is = &v->is;
    uint32_t ack = v->s->ack;

    if (!sends(v, TCPFSM_ACK))
        return;
    is->stale = x->has_ack && seq_lt(ack, x->ack);
    is->same_ack = x->has_ack && ack == x->ack && !v->s->len;
    if (y->has_rival && in_rival_space(y, ack))
        is->bad_ack = true;
    else if (waits_for_syn_ack(x, y))
        is->bad_ack = !seq_lt(y->iss, ack) || seq_lt(y->next, ack);
    else if (y->has_next)
        is->bad_ack = far_away(ack, y->next) || (y->has_iss && y->iss_captured && seq_le(ack, y->iss));
    if (y->sent_fin) {
        is->acks_fin = ack == y->fin.seq + 1;
        is->first_acks_fin = is->acks_fin && !(x->has_ack && seq_le(ack, x->ack));
        is->misses_fin = !is->bad_ack && seq_le(ack, y->fin.seq);
        is->bad_ack |= seq_lt(y->fin.seq + 1, ack);
    }
    is->acks_syn = y->has_iss && !is->bad_ack && seq_lt(y->iss, ack);
    is->unseen = !is->bad_ack && !is->stale && y->has_next && seq_lt(y->next, ack);
    is->one_unseen = is->unseen && ack == y->next + 1;
}

/* read_fin: is there a FIN, is it new, and can it be its sender's? A FIN on a SYN is not processed (3.10.7.2 fourth).
 */
static void read_fin(struct tcpfsm_visit *v)
{
    const struct tcpfsm_segment *s = v->s;
    const struct tcpfsm_endpoint *x = v->x, *y = v->y;
    uint32_t place = s->seq + s->len;
    bool beyond_edge = y->has_edge && !v->c->midstream && seq_lt(y->edge, place) && !tcpfsm_beside(v, x);

    if (!sends(v, TCPFSM_FIN) || sends(v, TCPFSM_SYN) || !has(v, TCPFSM_HAS_LENGTH) || v->is.foreign)
        return;
    if (x->has_iss && seq_le(place, x->iss))
        return; /* at the number of its SYN: not acceptable, 3.10.7.4 first */
    if (x->sent_fin) {
        bool copy = has(v, TCPFSM_HAS_IP_ID) && s->ip_id && s->ip_id == x->ip_id; /* made by the network */

        v->is.fin = place == x->fin.seq;
        v->is.fin_again = v->is.fin && !copy;
        return;
    }
    if (x->captured && x->has_next && seq_lt(place, x->seen))
        return; /* among the data it has sent: it is not its own */
    if (beyond_edge) {
        v->is.odd_fin = true;
        return;
    }
    v->is.fin = v->is.new_fin = true;
}

static void read_data(struct tcpfsm_visit *v, uint32_t length)
{
    const struct tcpfsm_endpoint *x = v->x, *y = v->y;
    struct tcpfsm_reading *is = &v->is;
    uint32_t seq = v->s->seq, end = seq + length;

    is->skips = x->has_next && seq_lt(x->next, seq);
    is->one_skipped = is->skips && seq == x->next + 1;
    is->beyond_window = y->has_edge && is->end != seq && seq_lt(y->edge, is->end);
    if (length) {
        is->new_data = !x->has_next || seq_lt(x->next, end);
        is->data_again = !is->new_data;
        is->refutes_fin = x->sent_fin && seq_le(seq, x->fin.seq) && seq_lt(x->fin.seq, end);
    }
    is->disowns_fin = x->sent_fin && !length && !is->fin && seq == x->fin.seq && x->has_ack && sends(v, TCPFSM_ACK) &&
                      !is->bad_ack && seq_lt(x->ack, v->s->ack);
    if (x->has_next && !is->fin && length <= 1 && seq + 1 == x->next && sends(v, TCPFSM_ACK) && !is->disowns_fin) {
        is->keepalive = true;
        is->data_again = false;
    }
    is->at_end = has(v, TCPFSM_HAS_LENGTH) && !length && !is->fin && x->has_next && x->captured && seq == x->next &&
                 x->seen == x->next && sends(v, TCPFSM_ACK);
}

/* tcpfsm_read: fills v->is from the segment and what is known before it. */
void tcpfsm_read(struct tcpfsm_visit *v)
{
    bool syn = sends(v, TCPFSM_SYN);
    uint32_t length = has(v, TCPFSM_HAS_LENGTH) ? v->s->len : 0;

    v->is = (struct tcpfsm_reading){ .end = v->s->seq + length + (syn ? 1u : 0u) };
    v->is.foreign = is_foreign(v);
    v->is.rival = syn && sends(v, TCPFSM_ACK) && v->x->sent_syn_ack && v->x->has_iss && v->x->iss != v->s->seq;
    read_fin(v);
    read_ack(v);
    if (v->is.fin)
        v->is.end++;
    if (!v->is.foreign && !syn)
        read_data(v, length);
}

/* absorb: stretches that now join what arrived in order. */
static void absorb(struct tcpfsm_endpoint *y)
{
    for (unsigned round = 0; round < 2; round++)
        for (unsigned i = 0; i < 2; i++) {
            struct tcpfsm_stretch *b = &y->beyond[i];

            if (b->left != b->right && seq_le(b->left, y->in_order)) {
                y->in_order = seq_max(y->in_order, b->right);
                b->left = b->right = 0;
            }
        }
}

/* set_beyond: a stretch beyond a gap; joined to one it touches, else in a free place, else it widens the last (losses
 * come in bursts). */
static void set_beyond(struct tcpfsm_endpoint *y, uint32_t left, uint32_t right)
{
    struct tcpfsm_stretch *place = NULL;

    for (unsigned i = 0; i < 2; i++) {
        struct tcpfsm_stretch *b = &y->beyond[i];

        if (b->left == b->right) {
            place = place ? place : b;
        } else if (seq_le(left, b->right) && seq_le(b->left, right)) {
            b->left = seq_lt(left, b->left) ? left : b->left;
            b->right = seq_max(b->right, right);
            return;
        }
    }
    if (!place) {
        place = &y->beyond[1];
        place->right = seq_max(place->right, right);
    } else {
        *place = (struct tcpfsm_stretch){ left, right };
    }
}

/* enter_arrival: RCV.NXT of the receiver if everything captured arrives and fits its window. */
static void enter_arrival(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *y = v->y;
    uint32_t seq = v->s->seq, end = v->is.end;

    if (sends(v, TCPFSM_SYN)) {
        if (!y->has_in_order || seq_lt(y->in_order, seq + 1))
            y->in_order = seq + 1;
        y->has_in_order = true;
        return;
    }
    if (!y->has_in_order) {
        y->in_order = y->has_ack && !far_away(y->ack, seq) && seq_lt(seq, y->ack) ? y->ack : seq;
        y->has_in_order = true;
    }
    if (end == seq)
        return;
    if (seq_le(seq, y->in_order)) {
        y->in_order = seq_max(y->in_order, end);
        absorb(y);
    } else {
        set_beyond(y, seq, end);
    }
}

static void enter_ack(struct tcpfsm_visit *v)
{
    const struct tcpfsm_segment *s = v->s;
    struct tcpfsm_endpoint *x = v->x, *y = v->y;

    x->last_ack = s->ack;
    x->has_last_ack = true;
    if (v->is.bad_ack)
        return;
    if (!x->has_ack || seq_lt(x->ack, s->ack)) {
        x->ack = s->ack;
        x->misses = 0;
    }
    x->has_ack = true;
    /* it has what it acknowledges: missing from the capture only */
    if (!x->has_in_order || seq_lt(x->in_order, s->ack)) {
        x->in_order = s->ack;
        x->has_in_order = true;
        absorb(x);
    }
    if (!y->has_next) {
        y->next = s->ack;
        y->seen = s->ack - 1;
        y->has_next = true;
    } else if (seq_lt(y->next, s->ack)) {
        y->next = s->ack;
        tcpfsm_unseen(v);
    }
    for (unsigned i = 0; i < s->sacks && i < TCPFSM_SACK_MAX; i++)
        if (!x->has_sack || seq_lt(x->sack_right, s->sack[i].right)) {
            x->sack_right = s->sack[i].right;
            x->has_sack = true;
        }
}

/* enter_window: how far y may send. The scale holds if both SYNs offered one (RFC 7323 section 2.2); without the
 * handshake nothing is known of it. */
static void enter_window(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;
    bool scaled = !sends(v, TCPFSM_SYN) && x->has_scale && y->has_scale;
    uint32_t edge;

    x->window = (uint32_t)v->s->window << (scaled ? x->wscale : 0);
    if (!sends(v, TCPFSM_ACK) || v->is.bad_ack || v->is.stale || v->c->midstream || !x->iss_captured ||
        !y->iss_captured)
        return;
    edge = v->s->ack + x->window;
    if (!x->has_edge || seq_lt(x->edge, edge))
        x->edge = edge;
    x->has_edge = true;
}

/* enter_sent: what the segment shows of x's own numbers. */
static void enter_sent(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x;
    bool octets = v->is.end != v->s->seq;

    if (!x->has_next) {
        x->next = x->seen = v->is.end;
        if (!octets)
            x->seen--; /* the octet before a pure ACK was not captured: it may be a FIN */
        x->next_sure = sends(v, TCPFSM_SYN);
        x->has_next = true;
    }
    if (octets && seq_lt(x->seen, v->is.end))
        x->seen = v->is.end;
    if (seq_lt(x->next, v->is.end))
        x->next = v->is.end;
    if (v->is.at_end || v->is.skips)
        x->next_sure = true;
    if (x->has_iss && x->next - x->iss > LIMIT_ISS_KEPT)
        x->iss = x->next - LIMIT_ISS_KEPT;
}

/* enter_profile: what the segment shows of x's stack. */
static void enter_profile(struct tcpfsm_visit *v)
{
    const struct tcpfsm_segment *s = v->s;
    struct tcpfsm_endpoint *x = v->x;

    if (has(v, TCPFSM_HAS_TTL)) {
        x->ttl_varies |= x->ttl && x->ttl != s->ttl;
        x->ttl = s->ttl;
    }
    if (has(v, TCPFSM_HAS_IP_ID) && s->ip_id)
        x->last_id = s->ip_id;
    x->sends_ts |= has(v, TCPFSM_HAS_TS);
    if (sends(v, TCPFSM_SYN) && has(v, TCPFSM_HAS_WSCALE)) {
        x->wscale = s->wscale > 14 ? 14 : s->wscale;
        x->has_scale = true;
    }
}

/* tcpfsm_enter: enters the segment into the accounts of both endpoints. After tcpfsm_read; not for RSTs, whose numbers
 * prove nothing. */
void tcpfsm_enter(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x;

    v->before_heard = x->heard;
    v->before_next = x->has_next ? x->next : v->s->seq;
    x->asked = 0;
    if (v->is.end != v->s->seq && !v->y->asked)
        v->y->asked = v->now;
    x->frame = v->s->frame;
    x->heard = v->now;
    if (v->is.foreign)
        return;
    enter_profile(v);
    if (!v->is.rival)
        enter_sent(v);
    x->sent = x->captured = true;
    if (v->is.new_fin) {
        x->fin.seq = v->is.end - 1;
        x->fin.frame = v->s->frame;
    }
    if (sends(v, TCPFSM_ACK))
        enter_ack(v);
    enter_window(v);
    if (!v->is.beyond_window && !v->is.rival)
        enter_arrival(v);
}

/* tcpfsm_note_sent: e sent its SYN, SYN,ACK or FIN, for the first time. */
void tcpfsm_note_sent(const struct tcpfsm_visit *v, struct tcpfsm_endpoint *e)
{
    e->sent_at = v->now;
    e->sent_part = tcpfsm_part(v->s->time);
    e->copies = 1;
}

/* tcpfsm_since_sent: how long before this segment e first sent its SYN, SYN,ACK or FIN, nanoseconds, right to 16 ns. */
int64_t tcpfsm_since_sent(const struct tcpfsm_visit *v, const struct tcpfsm_endpoint *e)
{
    return ago(v, e->sent_at) + ((int64_t)tcpfsm_part(v->s->time) - e->sent_part) * 16;
}

void tcpfsm_numbers(const struct tcpfsm_connection *c, unsigned end, struct tcpfsm_numbers *n)
{
    const struct tcpfsm_endpoint *e = &c->end[end & 1];

    *n = (struct tcpfsm_numbers){
        .has_iss = e->has_iss,
        .has_next = e->has_next,
        .has_ack = e->has_ack,
        .has_fin = e->sent_fin,
        .has_in_order = e->has_in_order,
        .sent_syn = e->sent_syn,
        .sent_syn_ack = e->sent_syn_ack,
        .captured = e->captured,
        .sent = e->sent,
        .iss = e->iss,
        .next = e->next,
        .ack = e->ack,
        .in_order = e->in_order,
        .fin = e->fin.seq,
        .window = e->window,
        .syn_frame = e->syn_frame,
        .fin_frame = e->sent_fin ? e->fin.frame : 0,
        .frame = e->frame,
        .ack_frame = e->ack_frame,
    };
}
