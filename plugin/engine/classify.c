/* classify.c: what the sequence numbers of a segment say: all sequence arithmetic of the engine, and the accounts it is made on (RFC 9293 section 3.4).
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

#include <stddef.h>

/* Beyond the largest window (RFC 7323 section 2.2: 2^30) no number belongs to this connection. */
#define FAR_AWAY (1 << 30)

static bool far_away(uint32_t a, uint32_t b)
{
    int32_t d = seq_diff(a, b);

    return d > FAR_AWAY || d < -FAR_AWAY;
}

/* classify_fin: is there a FIN, is it new, and can it be its sender's? A FIN on a SYN is not processed (3.10.7.2 fourth). */
static void classify_fin(struct tcpfsm_visit *v)
{
    const struct tcpfsm_segment *s = v->s;
    const struct tcpfsm_endpoint *x = v->x;
    uint32_t place = s->seq + s->len;

    if (!sends(v, TCPFSM_FIN) || sends(v, TCPFSM_SYN) || !(s->has & TCPFSM_HAS_LENGTH) || v->is.wild)
        return;
    if (knows(x, TCPFSM_KNOWS_ISS) && seq_le(place, x->iss))
        return; /* at the number of its SYN: not acceptable, 3.10.7.4 first */
    if (knows(x, TCPFSM_SENT_FIN)) {
        v->is.fin = v->is.fin_again = place == x->snd_fin;
        if (v->is.fin_again && s->has & TCPFSM_HAS_IP_ID && s->ip_id && s->ip_id == x->ip_id)
            v->is.fin_again = false; /* the network made a copy */
        return;
    }
    /* among the data it has sent, it is not its own */
    if (knows(x, TCPFSM_SENT_DATA) && seq_lt(place, x->snd_data))
        return;
    v->is.fin = v->is.new_fin = true;
}

static void classify_ack(struct tcpfsm_visit *v)
{
    const struct tcpfsm_segment *s = v->s;
    const struct tcpfsm_endpoint *x = v->x, *y = v->y;

    if (!sends(v, TCPFSM_ACK))
        return;
    v->is.stale = knows(x, TCPFSM_KNOWS_ACK) && seq_lt(s->ack, x->ack);
    if (knows(y, TCPFSM_KNOWS_SND) && far_away(s->ack, y->snd_nxt))
        v->is.ack_wild = true;
    if (knows(y, TCPFSM_UNSENT) && s->ack == y->snd_nxt + 1)
        v->is.ack_wild = v->is.refused = true;
    if (knows(y, TCPFSM_SENT_FIN)) {
        uint32_t all = y->snd_fin + 1;

        v->is.acks_fin = s->ack == all;
        v->is.misses_fin = !v->is.ack_wild && seq_lt(s->ack, all);
        v->is.ack_wild |= seq_lt(all, s->ack);
    }
    if (!knows(y, TCPFSM_SENT_FIN) && !v->is.ack_wild && !v->is.stale && knows(y, TCPFSM_KNOWS_SND | TCPFSM_SENT)) {
        v->is.acks_one_more = s->ack == y->snd_nxt + 1 && !sends(v, TCPFSM_SYN) && !(y->possible & BIT(SYN_SENT));
        v->is.refutes_fin = knows(y, TCPFSM_FIN_UNSEEN) && seq_lt(y->snd_fin + 1, s->ack);
    }
    if (knows(y, TCPFSM_KNOWS_ISS))
        v->is.acks_syn = !v->is.ack_wild && seq_lt(y->iss, s->ack);
}

/* tcpfsm_classify: fills v->is from the segment and what is known before it. */
void tcpfsm_classify(struct tcpfsm_visit *v)
{
    const struct tcpfsm_segment *s = v->s;
    const struct tcpfsm_endpoint *x = v->x;
    uint32_t length = (s->has & TCPFSM_HAS_LENGTH ? s->len : 0) + (sends(v, TCPFSM_SYN) ? 1u : 0u);

    v->is = (struct tcpfsm_facts){ .end = s->seq + length };
    if (knows(x, TCPFSM_KNOWS_SND) && !sends(v, TCPFSM_SYN))
        v->is.wild = far_away(s->seq, x->snd_nxt) || (knows(x, TCPFSM_KNOWS_ISS) && seq_lt(s->seq, x->iss)); /* below ISS: of an earlier incarnation */
    if (knows(x, TCPFSM_KNOWS_SND) && !v->is.wild && !sends(v, TCPFSM_SYN | TCPFSM_FIN) && !s->len)
        v->is.skips_one = s->seq == x->snd_nxt + 1;
    classify_fin(v);
    classify_ack(v);
    if (v->is.fin)
        v->is.end++;
    v->is.old_text = v->is.end != s->seq && !sends(v, TCPFSM_SYN) && knows(v->y, TCPFSM_KNOWS_RCV) && seq_le(v->is.end, v->y->rcv_nxt);
    if (v->is.wild)
        return;
    if (length && !sends(v, TCPFSM_SYN)) {
        v->is.new_data = !knows(x, TCPFSM_KNOWS_SND) || seq_lt(x->snd_nxt, s->seq + length);
        v->is.data_again = !v->is.new_data && knows(v->y, TCPFSM_KNOWS_RCV) && seq_le(s->seq + length, v->y->rcv_nxt);
    }
    if (knows(x, TCPFSM_KNOWS_SND) && !v->is.fin && !sends(v, TCPFSM_SYN) && s->seq + 1 == x->snd_nxt && length <= 1 && sends(v, TCPFSM_ACK)) {
        v->is.keepalive = true;
        v->is.data_again = false;
    }
}

/* absorb: stretches that now join what arrived in order. */
static void absorb(struct tcpfsm_endpoint *y)
{
    for (unsigned round = 0; round < 2; round++)
        for (unsigned i = 0; i < 2; i++) {
            struct tcpfsm_stretch *b = &y->beyond[i];

            if (b->left != b->right && seq_le(b->left, y->rcv_nxt)) {
                y->rcv_nxt = seq_max(y->rcv_nxt, b->right);
                b->left = b->right = 0;
            }
        }
}

/* stash: a stretch beyond a gap; joined to one it touches, else in a free place, else it widens the last (nearly always right: losses come in bursts). */
static void stash(struct tcpfsm_endpoint *y, uint32_t left, uint32_t right)
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

/* deliver: RCV.NXT of the receiver if everything captured arrives. */
static void deliver(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *y = v->y;
    uint32_t seq = v->s->seq, end = v->is.end;

    if (sends(v, TCPFSM_SYN)) {
        if (!knows(y, TCPFSM_KNOWS_RCV) || seq_lt(y->rcv_nxt, seq + 1)) {
            y->rcv_nxt = seq + 1;
            y->knows |= TCPFSM_KNOWS_RCV;
        }
        return;
    }
    if (!knows(y, TCPFSM_KNOWS_RCV)) {
        y->rcv_nxt = knows(y, TCPFSM_KNOWS_ACK) && !far_away(y->ack, seq) && seq_lt(seq, y->ack) ? y->ack : seq;
        y->knows |= TCPFSM_KNOWS_RCV;
    }
    if (end == seq)
        return;
    if (seq_le(seq, y->rcv_nxt)) {
        y->rcv_nxt = seq_max(y->rcv_nxt, end);
        absorb(y);
    } else {
        stash(y, seq, end);
    }
}

static void account_ack(struct tcpfsm_visit *v)
{
    const struct tcpfsm_segment *s = v->s;
    struct tcpfsm_endpoint *x = v->x, *y = v->y;

    x->last_ack = s->ack;
    x->knows |= TCPFSM_HAS_ACKED;
    if (v->is.ack_wild)
        return;
    if (!knows(x, TCPFSM_KNOWS_ACK) || seq_lt(x->ack, s->ack)) {
        x->ack = s->ack;
        x->misses = 0;
    }
    x->knows |= TCPFSM_KNOWS_ACK;
    /* it has what it acknowledges: missing from the capture only */
    if (!knows(x, TCPFSM_KNOWS_RCV) || seq_lt(x->rcv_nxt, s->ack)) {
        x->rcv_nxt = s->ack;
        x->knows |= TCPFSM_KNOWS_RCV;
        absorb(x);
    }
    if (!knows(y, TCPFSM_KNOWS_SND)) {
        y->snd_nxt = s->ack;
        y->knows |= TCPFSM_KNOWS_SND;
    } else if (seq_lt(y->snd_nxt, s->ack)) {
        y->snd_nxt = s->ack;
        tcpfsm_unseen(v);
    }
    for (unsigned i = 0; i < s->sacks && i < TCPFSM_SACK_MAX; i++)
        if (!knows(x, TCPFSM_SACKED) || seq_lt(x->sack_right, s->sack[i].right)) {
            x->sack_right = s->sack[i].right;
            x->knows |= TCPFSM_SACKED;
        }
}

/* account_data: which data of x is oldest without an acknowledgement, and how often it was sent. */
static void account_data(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;
    uint32_t seq = v->s->seq;

    if (x->data_frame && knows(y, TCPFSM_KNOWS_ACK) && seq_lt(x->data_seq, y->ack))
        x->data_frame = 0;
    if (v->is.keepalive) {
        if (x->keepalives < UINT8_MAX)
            x->keepalives++;
        return;
    }
    if (!v->s->len || sends(v, TCPFSM_SYN) || (knows(y, TCPFSM_KNOWS_ACK) && seq_lt(seq, y->ack)))
        return;
    if (!x->data_frame) {
        x->data_frame = v->s->frame;
        x->data_seq = seq;
        x->data_copies = 1;
    } else if (seq == x->data_seq && x->data_copies < UINT8_MAX) {
        x->data_copies++;
    }
}

/* tcpfsm_account: enters the segment into the accounts of both endpoints. After tcpfsm_classify; not for RSTs, whose numbers prove nothing. */
void tcpfsm_account(struct tcpfsm_visit *v)
{
    const struct tcpfsm_segment *s = v->s;
    struct tcpfsm_endpoint *x = v->x;
    bool syn = sends(v, TCPFSM_SYN);

    v->before_heard = x->heard;
    v->before_known = knows(x, TCPFSM_KNOWS_SND) && knows(x, TCPFSM_CAPTURED);
    v->before_next = knows(x, TCPFSM_KNOWS_SND) ? x->snd_nxt : s->seq;
    x->asked = 0;
    v->y->keepalives = 0;
    if (v->is.end != s->seq && !v->y->asked)
        v->y->asked = v->now;
    x->frame = s->frame;
    x->heard = v->now;
    x->knows |= TCPFSM_SENT | TCPFSM_CAPTURED;
    if (v->is.wild)
        return;
    tcpfsm_note_profile(v);
    if (s->has & TCPFSM_HAS_TS)
        x->knows |= TCPFSM_SENDS_TS;
    if (syn && s->has & TCPFSM_HAS_WSCALE) {
        x->wscale = s->wscale > 14 ? 14 : s->wscale;
        x->knows |= TCPFSM_SCALED;
    }
    x->window = (uint32_t)s->window << (!syn && knows(x, TCPFSM_SCALED) && knows(v->y, TCPFSM_SCALED) ? x->wscale : 0);
    if (!knows(x, TCPFSM_KNOWS_SND) || seq_lt(x->snd_nxt, v->is.end))
        x->snd_nxt = v->is.end;
    x->knows |= TCPFSM_KNOWS_SND;
    if (knows(x, TCPFSM_KNOWS_ISS) && x->snd_nxt - x->iss > FAR_AWAY / 2)
        x->iss = x->snd_nxt - FAR_AWAY / 2; /* long past: "beyond ISS" must stay decidable modulo 2^32 */
    if (s->len && s->has & TCPFSM_HAS_LENGTH && !syn && (!knows(x, TCPFSM_SENT_DATA) || seq_lt(x->snd_data, s->seq + s->len))) {
        x->snd_data = s->seq + s->len;
        x->sent_data = v->now;
        x->last_data_frame = s->frame;
        x->knows |= TCPFSM_SENT_DATA;
        x->knows &= ~(uint32_t)TCPFSM_UNSENT;
    }
    if (v->is.new_fin) {
        x->snd_fin = v->is.end - 1;
        x->fin_frame = s->frame;
    }
    if (sends(v, TCPFSM_ACK))
        account_ack(v);
    account_data(v);
    if (!v->is.refused)
        deliver(v);
}
