/* endpoint.c: RFC 9293 section 3.10, read literally, in its order. Section numbers stand beside each rule.
 *
 * Three places are a choice the RFC leaves, taken as deployed stacks take it: the ACK field of a segment beyond a gap
 * is processed when it arrives (its text is held, SHLD-31); in a simultaneous open the SYN of a SYN,ACK at IRS is
 * trimmed and its ACK processed, as figure 7 shows; RFC 5961 is implemented (3.10.7.4, second, fourth and fifth).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "endpoint.h"

#include <string.h>

static bool before(uint32_t a, uint32_t b) { return (int32_t)(a - b) < 0; }
static bool up_to(uint32_t a, uint32_t b) { return (int32_t)(a - b) <= 0; }

const char *rfc_state_name(unsigned state)
{
    static const char *const name[RFC_STATES] = { "CLOSED",      "LISTEN",     "SYN_SENT",   "SYN_RECEIVED",
                                                  "ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2", "CLOSE_WAIT",
                                                  "CLOSING",     "LAST_ACK",   "TIME_WAIT" };
    return state < RFC_STATES ? name[state] : "?";
}

/* receive_window: RCV.WND. Its right edge never moves back: what fills the buffer has moved RCV.NXT. */
static unsigned receive_window(const struct rfc_endpoint *e)
{
    return e->stack & RFC_SLOW_READER ? RFC_SMALL - (unsigned)e->unread : RFC_WINDOW;
}

/* emit: puts a segment on the wire; any ACK it carries settles the one owed. */
static void emit(struct rfc_endpoint *e, struct rfc_out *out, uint32_t seq, uint32_t ack, unsigned len, unsigned flags)
{
    if (out->count < RFC_OUT)
        out->segment[out->count++] = (struct rfc_segment){ seq,
                                                           (flags & RFC_ACK) ? ack : 0,
                                                           (uint16_t)len,
                                                           (uint16_t)flags,
                                                           (flags & RFC_RST) ? 0 : (uint16_t)receive_window(e),
                                                           0 };
    if ((flags & RFC_ACK) && !(flags & RFC_RST))
        e->ack_owed = 0;
}

/* acknowledge: <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>, the answer to everything unacceptable and the challenge ACK of RFC
 * 5961. */
static void acknowledge(struct rfc_endpoint *e, struct rfc_out *out)
{
    emit(e, out, e->snd_nxt, e->rcv_nxt, 0, RFC_ACK);
}

/* delete_tcb: CLOSED or back to LISTEN: nothing is remembered but the clock of initial sequence numbers and what the
 * host is. */
static void delete_tcb(struct rfc_endpoint *e, unsigned state)
{
    uint32_t next_iss = e->next_iss;
    uint16_t tcb = e->tcb;
    uint8_t stack = e->stack;
    memset(e, 0, sizeof *e);
    e->stack = stack;
    e->next_iss = next_iss;
    e->tcb = tcb;
    e->state = (uint8_t)state;
}

static void enter_time_wait(struct rfc_endpoint *e, struct rfc_out *out)
{
    e->state = RFC_TIME_WAIT;
    out->time_wait = true;
}

/* count_iss: 3.4.1: each connection begins beyond the last one, if the numbers are not random. */
static void count_iss(struct rfc_endpoint *e) { e->next_iss += e->stack & RFC_ISN_FALLS ? 0u - 100000u : 100000u; }

/* select_iss: 3.4.1. */
static void select_iss(struct rfc_endpoint *e)
{
    e->iss = e->snd_una = e->next_iss;
    e->snd_nxt = e->iss + 1;
    count_iss(e);
    e->tcb++;
}

/* 3.10.1 OPEN. */
void rfc_open_active(struct rfc_endpoint *e, struct rfc_out *out)
{
    if (e->state != RFC_CLOSED && e->state != RFC_LISTEN)
        return;
    delete_tcb(e, RFC_SYN_SENT);
    select_iss(e);
    emit(e, out, e->iss, 0, 0, RFC_SYN);
}

/* In TIME-WAIT the call is for another TCB, with the remote socket unspecified: from now on 3.6.1 MAY-2 applies. */
void rfc_open_passive(struct rfc_endpoint *e)
{
    if (e->state == RFC_CLOSED)
        delete_tcb(e, RFC_LISTEN);
    else if (e->state == RFC_TIME_WAIT)
        e->reopen = 1;
}

void rfc_open_cookies(struct rfc_endpoint *e)
{
    if (e->state != RFC_CLOSED)
        return;
    delete_tcb(e, RFC_LISTEN);
    e->cookies = 1;
}

static void send_fin(struct rfc_endpoint *e, struct rfc_out *out)
{
    e->fin = e->snd_nxt++;
    e->fin_sent = 1;
    emit(e, out, e->fin, e->rcv_nxt, 0, RFC_FIN | RFC_ACK);
    e->state = e->state == RFC_CLOSE_WAIT ? RFC_LAST_ACK : RFC_FIN_WAIT_1;
}

/* flush: what was queued before ESTABLISHED is sent (3.10.2, 3.10.4). */
static void flush(struct rfc_endpoint *e, struct rfc_out *out)
{
    if (e->state != RFC_ESTABLISHED && e->state != RFC_CLOSE_WAIT)
        return;
    for (; e->unsent; e->unsent--) {
        emit(e, out, e->snd_nxt, e->rcv_nxt, RFC_PIECE, RFC_ACK);
        e->snd_nxt += RFC_PIECE;
    }
    if (e->close_queued) {
        e->close_queued = 0;
        send_fin(e, out);
    }
}

/* 3.10.2 SEND. */
void rfc_send(struct rfc_endpoint *e, struct rfc_out *out)
{
    switch (e->state) {
    case RFC_SYN_SENT: case RFC_SYN_RECEIVED: case RFC_ESTABLISHED: case RFC_CLOSE_WAIT:
        if (!e->close_queued) {
            e->unsent++;
            flush(e, out);
        }
        break;
    default:
        break; /* LISTEN would become an active OPEN: the application calls that itself */
    }
}

void rfc_send_close(struct rfc_endpoint *e, struct rfc_out *out)
{
    if (e->state != RFC_ESTABLISHED && e->state != RFC_CLOSE_WAIT)
        return;
    emit(e, out, e->snd_nxt, e->rcv_nxt, RFC_PIECE, RFC_FIN | RFC_ACK);
    e->fin = e->snd_nxt + RFC_PIECE;
    e->snd_nxt = e->fin + 1;
    e->fin_sent = 1;
    e->state = e->state == RFC_CLOSE_WAIT ? RFC_LAST_ACK : RFC_FIN_WAIT_1;
}

/* 3.10.3 RECEIVE. */
void rfc_read(struct rfc_endpoint *e, struct rfc_out *out)
{
    if (!e->unread)
        return;
    e->unread = 0;
    acknowledge(e, out);
}

/* 3.10.4 CLOSE. */
void rfc_close(struct rfc_endpoint *e, bool deaf, struct rfc_out *out)
{
    switch (e->state) {
    case RFC_LISTEN: case RFC_SYN_SENT:
        delete_tcb(e, RFC_CLOSED);
        break;
    case RFC_SYN_RECEIVED:
        if (e->close_queued)
            break;
        e->deaf = deaf;
        if (e->unsent)
            e->close_queued = 1;
        else
            send_fin(e, out);
        break;
    case RFC_ESTABLISHED: case RFC_CLOSE_WAIT:
        e->deaf = deaf;
        send_fin(e, out);
        break;
    case RFC_FIN_WAIT_1: case RFC_FIN_WAIT_2:
        if (deaf)
            e->deaf = 1; /* shutdown() earlier, close() now */
        break;
    default:
        break;
    }
}

/* 3.10.5 ABORT. */
void rfc_abort(struct rfc_endpoint *e, struct rfc_out *out)
{
    switch (e->state) {
    case RFC_SYN_RECEIVED: case RFC_ESTABLISHED: case RFC_FIN_WAIT_1: case RFC_FIN_WAIT_2: case RFC_CLOSE_WAIT:
        emit(e, out, e->snd_nxt, 0, 0, RFC_RST);
        break;
    default:
        break;
    }
    delete_tcb(e, RFC_CLOSED);
}

/* become_syn_received: 3.10.7.2, third. */
static void become_syn_received(struct rfc_endpoint *e, const struct rfc_segment *s, struct rfc_out *out)
{
    delete_tcb(e, RFC_SYN_RECEIVED);
    select_iss(e);
    e->passive = 1;
    e->irs = s->seq;
    e->rcv_nxt = s->seq + 1;
    emit(e, out, e->iss, e->rcv_nxt, 0, RFC_SYN | RFC_ACK);
}

static uint32_t length(const struct rfc_segment *s)
{
    return s->len + ((s->flags & RFC_SYN) ? 1u : 0u) + ((s->flags & RFC_FIN) ? 1u : 0u);
}

/* 3.10.7.1 CLOSED. */
static void closed_arrives(struct rfc_endpoint *e, const struct rfc_segment *s, struct rfc_out *out)
{
    if (s->flags & RFC_RST)
        return;
    if (s->flags & RFC_ACK)
        emit(e, out, s->ack, 0, 0, RFC_RST);
    else
        emit(e, out, 0, s->seq + length(s), 0, RFC_RST | RFC_ACK);
}

static void other_arrives(struct rfc_endpoint *e, const struct rfc_segment *s, struct rfc_out *out);

/* send_cookie: the same SYN gets the same SYN,ACK; there is no TCB. */
static void send_cookie(struct rfc_endpoint *e, const struct rfc_segment *s, struct rfc_out *out)
{
    if (e->cookies != 2 || e->cookie_irs != s->seq) {
        e->cookie_iss = e->next_iss;
        count_iss(e);
        e->cookie_irs = s->seq;
        e->cookies = 2;
        e->tcb++;
    }
    emit(e, out, e->cookie_iss, e->cookie_irs + 1, 0, RFC_SYN | RFC_ACK);
}

/* take_cookie: an ACK with the cookie makes the TCB; what else the segment holds is processed by it. */
static void take_cookie(struct rfc_endpoint *e, const struct rfc_segment *s, struct rfc_out *out)
{
    uint32_t iss = e->cookie_iss, irs = e->cookie_irs;
    if (e->stack & RFC_FULL)
        return;
    delete_tcb(e, RFC_ESTABLISHED);
    e->passive = 1;
    e->iss = iss;
    e->snd_una = e->snd_nxt = iss + 1;
    e->irs = irs;
    e->rcv_nxt = irs + 1;
    other_arrives(e, s, out);
}

/* 3.10.7.2 LISTEN. */
static void listen_arrives(struct rfc_endpoint *e, const struct rfc_segment *s, struct rfc_out *out)
{
    if (s->flags & RFC_RST)
        return;
    if (e->cookies == 2 && (s->flags & (RFC_SYN | RFC_ACK)) == RFC_ACK && s->ack == e->cookie_iss + 1 &&
        s->seq == e->cookie_irs + 1)
        take_cookie(e, s, out);
    else if (s->flags & RFC_ACK)
        emit(e, out, s->ack, 0, 0, RFC_RST);
    else if ((s->flags & RFC_SYN) && e->cookies)
        send_cookie(e, s, out);
    else if (s->flags & RFC_SYN)
        become_syn_received(e, s, out);
}

/* take_fin: eighth. */
static void take_fin(struct rfc_endpoint *e, struct rfc_out *out)
{
    e->rcv_nxt++;
    e->ack_owed = 1;
    switch (e->state) {
    case RFC_SYN_RECEIVED: case RFC_ESTABLISHED:
        e->state = RFC_CLOSE_WAIT;
        break;
    case RFC_FIN_WAIT_1: /* had our FIN been acknowledged, the fifth step would have left this state */
        e->state = RFC_CLOSING;
        break;
    case RFC_FIN_WAIT_2:
        enter_time_wait(e, out);
        break;
    default:
        break;
    }
}

/* take_text: seventh and eighth for one segment that may begin before, at or beyond RCV.NXT. False: held or nothing
 * new. */
static bool take_text(struct rfc_endpoint *e, const struct rfc_segment *s, struct rfc_out *out)
{
    uint32_t end = s->seq + s->len, edge = e->rcv_nxt + receive_window(e);
    bool fin = (s->flags & RFC_FIN) != 0;
    if (before(edge, end + fin)) { /* 3.10.7.4 first: what lies beyond the window is trimmed */
        fin = fin && (e->stack & RFC_FIN_AT_ZERO) && end == edge;
        end = before(edge, end) ? edge : end;
    }
    if (e->state != RFC_ESTABLISHED && e->state != RFC_FIN_WAIT_1 && e->state != RFC_FIN_WAIT_2)
        return false;
    if (before(e->rcv_nxt, s->seq))
        return false;
    if (before(end + fin, e->rcv_nxt + 1))
        return false;
    if (before(e->rcv_nxt, end)) {
        if (e->stack & RFC_SLOW_READER)
            e->unread = (uint8_t)(e->unread + (end - e->rcv_nxt));
        e->rcv_nxt = end;
        e->ack_owed = 1;
    }
    if (fin && e->rcv_nxt == end)
        take_fin(e, out);
    return true;
}

static void hold(struct rfc_endpoint *e, const struct rfc_segment *s)
{
    for (unsigned i = 0; i < e->held_count; i++)
        if (!memcmp(&e->held[i], s, sizeof *s))
            return;
    if (e->held_count < RFC_HELD)
        e->held[e->held_count++] = *s;
}

/* text: sixth to eighth, and what was held before. */
static void text(struct rfc_endpoint *e, const struct rfc_segment *s, struct rfc_out *out)
{
    bool open = e->state == RFC_ESTABLISHED || e->state == RFC_FIN_WAIT_1 || e->state == RFC_FIN_WAIT_2;
    if (!open || !(s->len || (s->flags & RFC_FIN)))
        return;
    if (e->deaf && s->len &&
        before(e->rcv_nxt, s->seq + s->len)) { /* 3.6.1 SHLD-3: new data after CLOSE: a RST shows that data was lost */
        emit(e, out, e->snd_nxt, 0, 0, RFC_RST);
        delete_tcb(e, RFC_CLOSED);
        return;
    }
    if (!take_text(e, s, out)) {
        struct rfc_segment body = { s->seq, 0, s->len, s->flags & RFC_FIN, 0, 0 };
        uint32_t edge = e->rcv_nxt + receive_window(e);
        if (before(edge, body.seq + body.len + 1))
            body.flags = 0;
        if (before(edge, body.seq + body.len))
            body.len = (uint16_t)(edge - body.seq);
        if (before(e->rcv_nxt, body.seq) && before(body.seq, edge) && (body.len || body.flags))
            hold(e, &body);
        acknowledge(e, out); /* MAY-13 */
        return;
    }
    for (bool again = true; again;) {
        again = false;
        for (unsigned i = 0; i < e->held_count && !again; i++) {
            struct rfc_segment body = e->held[i];
            again = take_text(e, &body, out);
        }
    }
}

/* 3.10.7.3 SYN-SENT. */
static void syn_sent_arrives(struct rfc_endpoint *e, const struct rfc_segment *s, struct rfc_out *out)
{
    bool ack = (s->flags & RFC_ACK) != 0;
    if (ack && (up_to(s->ack, e->iss) || before(e->snd_nxt, s->ack))) {
        if (!(s->flags & RFC_RST))
            emit(e, out, s->ack, 0, 0, RFC_RST);
        return;
    }
    if (s->flags & RFC_RST) {
        if (ack)
            delete_tcb(e, RFC_CLOSED);
        return;
    }
    if (!(s->flags & RFC_SYN) || (!ack && (e->stack & RFC_NO_CROSSING)))
        return;
    e->rcv_nxt = s->seq + 1;
    e->irs = s->seq;
    if (!ack) {
        e->state = RFC_SYN_RECEIVED;
        emit(e, out, e->iss, e->rcv_nxt, 0, RFC_SYN | RFC_ACK);
        return;
    }
    e->snd_una = s->ack;
    e->state = RFC_ESTABLISHED;
    if (!e->unsent)
        acknowledge(e, out);
    struct rfc_segment rest = { s->seq + 1, s->ack, s->len, (uint16_t)(s->flags & ~RFC_SYN), s->window, 0 };
    text(e, &rest, out);
    flush(e, out);
}

/* acceptable: 3.10.7.4, first: table 6. With a window of zero, "special allowance" is made for the ACK and the RST of a
 * segment at RCV.NXT; text() trims it. */
static bool acceptable(const struct rfc_endpoint *e, const struct rfc_segment *s)
{
    uint32_t n = length(s), edge = e->rcv_nxt + receive_window(e);
    if (edge == e->rcv_nxt)
        return s->seq == e->rcv_nxt && !(s->flags & RFC_SYN);
    bool begins = up_to(e->rcv_nxt, s->seq) && before(s->seq, edge);
    bool ends = n && up_to(e->rcv_nxt, s->seq + n - 1) && before(s->seq + n - 1, edge);
    return begins || ends;
}

/* reset_arrives: second, for a RST within the window. */
static void reset_arrives(struct rfc_endpoint *e, const struct rfc_segment *s, struct rfc_out *out)
{
    if (e->state == RFC_TIME_WAIT && (e->stack & RFC_RST_PROOF))
        return;
    if (s->seq != e->rcv_nxt && !(e->stack & RFC_RST_793))
        acknowledge(e, out);
    else
        delete_tcb(e, e->state == RFC_SYN_RECEIVED && e->passive ? RFC_LISTEN : RFC_CLOSED);
}

/* take_ack: fifth. False: stop processing. */
static bool take_ack(struct rfc_endpoint *e, const struct rfc_segment *s, struct rfc_out *out)
{
    if (!(s->flags & RFC_ACK))
        return false;
    if (e->state == RFC_SYN_RECEIVED) {
        if (!(before(e->snd_una, s->ack) && up_to(s->ack, e->snd_nxt))) {
            emit(e, out, s->ack, 0, 0, RFC_RST);
            return false;
        }
        e->state = RFC_ESTABLISHED;
    }
    if (before(e->snd_nxt, s->ack) || before(s->ack, e->snd_una - RFC_WINDOW)) {
        acknowledge(e, out);
        return false;
    }
    if (before(e->snd_una, s->ack))
        e->snd_una = s->ack;
    bool fin_acked = e->fin_sent && before(e->fin, e->snd_una);
    switch (e->state) {
    case RFC_FIN_WAIT_1:
        if (fin_acked)
            e->state = RFC_FIN_WAIT_2;
        return true;
    case RFC_CLOSING:
        if (fin_acked)
            enter_time_wait(e, out);
        return fin_acked;
    case RFC_LAST_ACK:
        if (fin_acked)
            delete_tcb(e, RFC_CLOSED);
        return !fin_acked;
    case RFC_TIME_WAIT:
        if (s->flags & RFC_FIN) {
            acknowledge(e, out);
            out->time_wait = true;
        }
        return false;
    default:
        return true;
    }
}

/* 3.10.7.4 Other states. */
static void other_arrives(struct rfc_endpoint *e, const struct rfc_segment *s, struct rfc_out *out)
{
    struct rfc_segment trimmed = *s;
    if (e->state == RFC_SYN_RECEIVED && !e->passive && !(e->stack & RFC_STRICT_OPEN) &&
        (s->flags & (RFC_SYN | RFC_ACK | RFC_RST)) == (RFC_SYN | RFC_ACK) && s->seq == e->irs) {
        trimmed.seq++;
        trimmed.flags &= (uint16_t)~RFC_SYN;
    } else if (e->state == RFC_TIME_WAIT && e->reopen && (s->flags & (RFC_SYN | RFC_ACK | RFC_RST)) == RFC_SYN &&
               before(e->rcv_nxt, s->seq)) {
        become_syn_received(e, s, out); /* 3.6.1 MAY-2 */
        return;
    }
    s = &trimmed;
    if (!acceptable(e, s)) {
        if (!(s->flags & RFC_RST))
            acknowledge(e, out);
        if (e->state == RFC_TIME_WAIT && (s->flags & RFC_FIN))
            out->time_wait = true;
        return;
    }
    if (s->flags & RFC_RST) {
        reset_arrives(e, s, out);
        return;
    }
    if (s->flags & RFC_SYN) { /* fourth */
        if (e->state == RFC_SYN_RECEIVED && e->passive)
            delete_tcb(e, RFC_LISTEN);
        else
            acknowledge(e, out);
        return;
    }
    if (e->state == RFC_SYN_RECEIVED && e->passive && (e->stack & RFC_FULL))
        return;
    if (!take_ack(e, s, out))
        return;
    text(e, s, out);
    flush(e, out);
}

void rfc_arrives(struct rfc_endpoint *e, const struct rfc_segment *s, struct rfc_out *out)
{
    switch (e->state) {
    case RFC_CLOSED: closed_arrives(e, s, out); break;
    case RFC_LISTEN: listen_arrives(e, s, out); break;
    case RFC_SYN_SENT: syn_sent_arrives(e, s, out); break;
    default: other_arrives(e, s, out); break;
    }
}

/* The retransmission queue is what lies between SND.UNA and SND.NXT. */
bool rfc_can_retransmit(const struct rfc_endpoint *e)
{
    return e->state != RFC_CLOSED && e->state != RFC_LISTEN && e->state != RFC_TIME_WAIT && e->snd_una != e->snd_nxt;
}

/* 3.10.8 RETRANSMISSION TIMEOUT: the segment at the front of the queue again; with `coalesce` the FIN rides on the last
 * data. */
void rfc_retransmit(struct rfc_endpoint *e, bool coalesce, struct rfc_out *out)
{
    if (!rfc_can_retransmit(e))
        return;
    if (e->snd_una == e->iss) {
        bool got_syn = e->state != RFC_SYN_SENT;
        emit(e, out, e->iss, e->rcv_nxt, 0, got_syn ? RFC_SYN | RFC_ACK : RFC_SYN);
        return;
    }
    uint32_t end = e->fin_sent ? e->fin : e->snd_nxt;
    uint32_t left = end - e->snd_una;
    bool fin = e->fin_sent && (left == 0 || (coalesce && left <= RFC_PIECE));
    emit(e, out, e->snd_una, e->rcv_nxt, left < RFC_PIECE ? left : RFC_PIECE, RFC_ACK | (fin ? RFC_FIN : 0u));
}

/* 3.10.8 USER TIMEOUT, and a host that crashes: nothing is sent. */
void rfc_user_timeout(struct rfc_endpoint *e) { delete_tcb(e, RFC_CLOSED); }

/* 3.10.8 TIME-WAIT TIMEOUT. */
void rfc_time_wait_timeout(struct rfc_endpoint *e)
{
    if (e->state == RFC_TIME_WAIT)
        delete_tcb(e, RFC_CLOSED);
}

void rfc_acknowledge(struct rfc_endpoint *e, struct rfc_out *out)
{
    if (e->ack_owed)
        acknowledge(e, out);
}
