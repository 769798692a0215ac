/* traffic.c: counts segments for the page of tcpfsm,diagnosis.
 *
 * What the capture lacks: octets that their receiver acknowledged and that were not captured. A gap that is filled
 * later, by a retransmission or out of order, was no fault of the capture. One stretch a direction is followed at a
 * time: what is counted is the least that is missing.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/traffic.h"

/* Numbers farther apart than any window do not belong together (RFC 7323 section 2.3: 2^30). */
enum { WINDOW_MAX = 1 << 30 };

/* beyond: by how much sequence number a lies above b, modulo 2^32; 0 if it does not. */
static uint32_t beyond(uint32_t a, uint32_t b)
{
    uint32_t n = a - b;
    return n <= WINDOW_MAX ? n : 0;
}

/* lack: from..to of a direction is missing. */
static void lack(struct traffic_note *n, struct traffic_way *w)
{
    w->open = false;
    w->lacks = true;
    n->gaps++;
    n->octets += w->to - w->from;
}

/* found: what is missing was captured after all, later than its acknowledgement. */
static void found(struct traffic_note *n, struct traffic_way *w)
{
    w->lacks = false;
    n->gaps--;
    n->octets -= w->to - w->from;
}

/* sent: a segment of this direction, seq..end. */
static void sent(struct traffic_note *n, struct traffic_way *w, uint32_t seq, uint32_t end)
{
    if (w->lacks && seq == w->from && beyond(end, w->from))
        found(n, w);
    if (w->open && !beyond(seq, w->from) && beyond(end, w->from)) {
        w->from = end;
        w->open = beyond(w->to, end) != 0;
    }
    if (!w->known) {
        w->known = true;
        w->end = end;
    }
    if (!w->open && beyond(seq, w->end)) {
        w->from = w->end;
        w->to = seq;
        w->open = true;
        w->lacks = false;
    }
    if (beyond(end, w->end))
        w->end = end;
}

/* acknowledged: the receiver of this direction has everything before `ack`. */
static void acknowledged(struct traffic_note *n, struct traffic_way *w, uint32_t ack)
{
    if (w->open && (ack == w->to || beyond(ack, w->to)))
        lack(n, w);
    if (!w->known || !beyond(ack, w->end))
        return;
    w->from = w->end;
    w->to = w->end = ack;
    lack(n, w);
}

/* gaps: what this segment shows to be missing. */
static void gaps(struct traffic_note *n, const struct tcpfsm_segment *s)
{
    struct traffic_way *own = &n->way[s->from & 1], *other = &n->way[!(s->from & 1)];
    if (s->flags & TCPFSM_RST)
        return;
    uint32_t end = s->seq + s->len + !!(s->flags & TCPFSM_SYN) + !!(s->flags & TCPFSM_FIN);
    if (!(s->has & TCPFSM_HAS_LENGTH))
        *own = (struct traffic_way){0};         /* a fragment: how far it reaches is not known */
    else if (!(s->flags & TCPFSM_SYN))
        sent(n, own, s->seq, end);
    else if (!own->known || own->end - end > WINDOW_MAX)
        *own = (struct traffic_way){.known = true, .end = end};         /* a new numbering begins */
    if (s->flags & TCPFSM_ACK)
        acknowledged(n, other, s->ack);
}

/* clock_back: notes whether a segment is older than the one before it. */
static void clock_back(struct traffic *t, int64_t time)
{
    if (t->began && time < t->time) {
        t->back++;
        t->back_most = MAX(t->back_most, t->time - time);
    }
    t->began = true;
    t->time = time;
}

/* note_of: what is known of the record's connection. */
static struct traffic_note *note_of(struct traffic *t, const struct report_record *p)
{
    if (!t->notes)
        t->notes = g_array_new(FALSE, TRUE, sizeof(struct traffic_note));
    return (struct traffic_note *)report_note(t->notes, p->view.number);
}

void traffic_choose(struct traffic *t, const struct report_record *p)
{
    note_of(t, p)->chosen = true;
}

void traffic_packet(struct traffic *t, packet_info *pinfo, const struct report_record *p)
{
    const struct tcpfsm_segment *s = &p->segment;
    if (p->quote)
        return;
    struct traffic_note *n = note_of(t, p);
    clock_back(t, p->time);
    n->segments++;
    n->cut += pinfo->fd->cap_len < pinfo->fd->pkt_len;
    n->copies += view_copy_of(pinfo->num, p->order) != 0;
    if (s->has & TCPFSM_HAS_BAD_CHECKSUM) {
        n->bad++;
        return;
    }
    n->sent[s->from & 1] = true;
    n->acked[s->from & 1] |= (s->flags & (TCPFSM_ACK | TCPFSM_RST)) == TCPFSM_ACK;
    n->bytes += s->len;
    if (s->len)
        n->data = p->time;
    gaps(n, s);
}

void traffic_free(struct traffic *t)
{
    if (t->notes)
        g_array_free(t->notes, TRUE);
    *t = (struct traffic){0};
}

uint32_t traffic_count(const struct traffic *t)
{
    return t->notes ? t->notes->len : 0;
}

const struct traffic_note *traffic_note(const struct traffic *t, uint32_t number)
{
    return &g_array_index(t->notes, struct traffic_note, number);
}

bool traffic_one_way(const struct traffic_note *n)
{
    return n->sent[0] != n->sent[1] && n->acked[n->sent[1]];
}
