/* reset_cause.c: why was an accepted RST sent? The first question with the answer yes decides; the order is that of
 * certainty. SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

#include <stddef.h>

/* last_data_is: was the newest data of the connection sent by this one of the two? */
static bool last_data_is(const struct diagnosis_end *mine, const struct diagnosis_end *other)
{
    return mine->data_frame > other->data_frame;
}

/* add_sender: what the RST shows of who sent it, and what it says itself. */
static void add_sender(struct visit *v, struct tcpfsm_finding *f)
{
    const struct diagnosis *d = v->d;

    f->traits = d->traits;
    f->ttl = d->ttl;
    f->usual_ttl = d->usual_ttl;
    f->suspicious = d->suspicious;
    if (f->traits)
        f->other = v->me->frame;
    diagnosis_quote(v, f);
}

/* tell: the finding about x, or about y, with the silence before the RST, or before the segment that it answers. */
static struct tcpfsm_finding *tell(struct visit *v, unsigned id, unsigned end, uint32_t frame)
{
    struct tcpfsm_finding *f = diagnosis_tell(v, id, end, frame);
    bool of_answered = diagnosis_answers(v) && v->you->open.kind != OPEN_NOTHING && v->you->open.kind < ANSWERED;
    int64_t silence = of_answered ? (int64_t)v->you->open.idle << 20 : v->out->silence;

    v->d->cause = (uint8_t)id;
    f->state = v->r->before[end];
    if (end == v->x && v->me->flags & SENT_RST && f->state == TCPFSM_CLOSED)
        f->state = v->d->rst_state;
    f->silence = silence >= SILENCE ? silence : 0;
    add_sender(v, f);
    return f;
}

/* refused: y's SYN finds nobody. */
static bool refused(struct visit *v)
{
    if (v->r->before[v->y] != TCPFSM_SYN_SENT && (v->me->frame || v->ny.has_ack))
        return false;
    tell(v, TCPFSM_FINDING_RST_REFUSED, v->x, v->ny.syn_frame);
    return true;
}

/* handshake_given_up: x has repeated its SYN,ACK in vain. */
static bool handshake_given_up(struct visit *v)
{
    const struct diagnosis_end *x = v->me;
    struct tcpfsm_finding *f;

    if (x->open.kind != OPEN_SYN_ACK || x->open.copies < 2 || v->ny.has_ack)
        return false;
    f = tell(v, TCPFSM_FINDING_RST_RETRANSMISSIONS, v->x, x->open.frame);
    f->count = x->open.copies;
    f->time = ago(v, x->open.since);
    f->silence = 0;
    f->detail = 2;
    return true;
}

/* probed: x resets what it began: before it is open, at once when it is, or in answer to a SYN,ACK that comes late. */
static bool probed(struct visit *v)
{
    bool opener = v->nx.sent_syn && v->ny.sent_syn_ack,
         silent = !v->me->data_frame && !v->you->data_frame && !v->nx.has_fin && !v->ny.has_fin;
    bool before_open = opener && (!v->nx.has_ack ||
                                  (v->you->flags & LAST_WAS_SYN && diagnosis_answers(v) && !sends(v, TCPFSM_ACK)));

    if (!before_open && !(opener && silent && ago(v, v->you->heard) < PROBE_WITHIN))
        return false;
    tell(v, TCPFSM_FINDING_RST_PROBE, v->x, v->ny.syn_frame)->detail = !before_open;
    return true;
}

/* discards: x had closed, and y's data came all the same: nobody will read it (3.6.1). */
static bool discards(const struct visit *v)
{
    return v->you->data_frame > v->nx.fin_frame && !has_acked(&v->nx, v->ny.next - v->ny.has_fin);
}

/* after_both: both had closed. */
static bool after_both(struct visit *v)
{
    bool killed = v->r->before[v->y] == TCPFSM_TIME_WAIT, late;
    struct tcpfsm_finding *f;

    if (!v->nx.has_fin || !v->ny.has_fin || (discards(v) && !killed))
        return false;
    late = !killed && v->you->frame == v->ny.fin_frame && !has_acked(&v->nx, v->ny.fin + 1);
    f = tell(v, TCPFSM_FINDING_RST_TIME_WAIT, killed ? v->y : v->x, late ? v->ny.fin_frame : v->nx.fin_frame);
    f->state = v->r->before[v->y];
    f->detail = killed ? 0 : late ? 2 : 1;
    return true;
}

/* raced: x closed an idle connection while a request of y was under way: sent before x's FIN reached y, as its
 * acknowledgement shows. Beside y the request is captured before the FIN, and the RST just behind that. */
static bool raced(struct visit *v)
{
    const struct diagnosis_end *x = v->me, *y = v->you;
    bool before = y->open.kind == OPEN_DATA && y->open.frame < v->nx.fin_frame && ago(v, y->open.since) < CROSSING &&
                  !has_acked(&v->nx, y->open.seq + 1);
    bool after = y->open.kind == OPEN_DATA && y->open.frame > v->nx.fin_frame && y->flags & CROSSED;
    uint32_t idle = before ? y->open.idle : x->open.idle;
    struct tcpfsm_finding *f;

    if (!v->nx.has_fin || v->ny.has_fin || (!before && !after) || ((int64_t)idle << 20) < CLOSED_IDLE ||
        (!before && !diagnosis_answers(v)))
        return false;
    f = tell(v, TCPFSM_FINDING_RST_RACE, v->x, y->open.frame);
    f->other = v->nx.fin_frame;
    f->time = (int64_t)idle << 20;
    f->silence = 0;
    return true;
}

/* after_close: x had closed, and answers what y sent after that. Long after it y's host knew, and its application had
 * not looked: a client that uses the connection again, or a server that answers when its client has given up. */
static bool after_close(struct visit *v)
{
    int64_t later = elapsed(v->d->data_time, v->me->open.since);
    struct tcpfsm_finding *f;

    if (!v->nx.has_fin || (!diagnosis_answers(v) && !discards(v)))
        return false;
    if (v->you->data_frame < v->nx.fin_frame && v->ny.fin_frame < v->nx.fin_frame)
        return false;
    f = tell(v, TCPFSM_FINDING_RST_AFTER_CLOSE, v->x, v->nx.fin_frame);
    if (v->me->open.kind == ANSWERED_FIN && !v->ny.has_fin && later >= KNOWS_AFTER) {
        f->detail = tcpfsm_client(v->c) == v->y ? 2 : 3;
        f->time = later;
        f->silence = 0;
    }
    return true;
}

/* no_socket: the RST of a host without a socket for the segment that it answers (3.10.7.1). */
static bool no_socket(const struct visit *v)
{
    return !sends(v, TCPFSM_ACK) && v->ny.has_ack && v->s->seq == v->ny.ack && diagnosis_answers(v);
}

/* forgot: x had closed, its FIN was acknowledged, and y stayed half-open for so long that x's host forgot the
 * connection (FIN_WAIT_2 of a closed socket ends by a timer): y asks, without data, and is answered by a RST. */
static bool forgot(struct visit *v)
{
    struct tcpfsm_finding *f;

    if (!v->nx.has_fin || v->ny.has_fin || !has_acked(&v->ny, v->nx.fin + 1) || !no_socket(v) ||
        ago(v, v->me->heard) < FORGETS_AFTER)
        return false;
    f = tell(v, TCPFSM_FINDING_RST_AFTER_CLOSE, v->x, v->nx.fin_frame);
    f->detail = 1;
    f->time = ago(v, v->me->heard);
    f->silence = 0;
    return true;
}

/* deceived: x's host has no socket any more because x took the forged RST that was reported: no cause of its own. */
static bool deceived(struct visit *v)
{
    if (!no_socket(v) || !diagnosis_told(v, TCPFSM_FINDING_RST_FORGED, v->y))
        return false;
    v->d->cause = TCPFSM_FINDING_RST_FORGED;
    return true;
}

/* stranger: y's segments, without data, are all that was captured before this RST: nothing shows that there was a
 * connection. */
static bool stranger(struct visit *v)
{
    if (!no_socket(v) || v->me->frame || v->you->data_frame || v->ny.sent_syn || v->ny.sent_syn_ack)
        return false;
    tell(v, TCPFSM_FINDING_RST_PROBE, v->y, v->you->frame)->detail = 2;
    return true;
}

/* unknown: x knows nothing of the connection: the RST is that of a host without a socket, and x has not spoken for as
 * long as a restart takes. One that has sent a RST before has ended the connection itself. */
static bool unknown(struct visit *v)
{
    bool quiet = !v->me->frame || ago(v, v->me->heard) >= RESTART_TAKES;
    bool never = (v->r->possible_before[v->x] & (BIT(LISTEN) | BIT(SYN_RECEIVED))) == (BIT(LISTEN) | BIT(SYN_RECEIVED));

    if (!no_socket(v) || !quiet || v->me->flags & SENT_RST)
        return false;
    tell(v, TCPFSM_FINDING_RST_NO_CONNECTION, v->x, v->you->frame)->detail = never;
    return true;
}

/* given_up: x has repeated in vain: data, its FIN, keepalives, probes of a window of 0. */
static bool given_up(struct visit *v)
{
    static const struct { unsigned id, least; int64_t after; } kinds[] = {
        [OPEN_ZERO_WINDOW] = { TCPFSM_FINDING_RST_ZERO_WINDOW, 1, ZERO_WINDOW_AFTER },
        [OPEN_KEEPALIVE] = { TCPFSM_FINDING_RST_KEEPALIVE, KEEPALIVES_BEFORE_RST, KEEPALIVES_LAST },
        [OPEN_DATA] = { TCPFSM_FINDING_RST_RETRANSMISSIONS, COPIES, HALF_OPEN_AFTER },
        [OPEN_FIN] = { TCPFSM_FINDING_RST_RETRANSMISSIONS, COPIES, HALF_OPEN_AFTER },
        [ANSWERED_FIN] = { 0 },
    };
    const struct diagnosis_end *x = v->me;
    unsigned kind = x->open.kind, id = kinds[kind].id;
    struct tcpfsm_finding *f;

    if (!id || x->open.copies < kinds[kind].least || ago(v, x->open.since) < kinds[kind].after)
        return false;
    f = tell(v, id, kind == OPEN_ZERO_WINDOW ? v->y : v->x, kind == OPEN_KEEPALIVE ? v->you->frame : x->open.frame);
    f->count = x->open.copies;
    f->time = ago(v, x->open.since);
    f->detail = kind == OPEN_FIN;
    f->silence = (int64_t)x->open.idle << 20;
    if (f->silence < SILENCE || kind == OPEN_ZERO_WINDOW)
        f->silence = 0;
    return true;
}

/* waited: x, who asks, sent the last data, all of it was acknowledged, and nothing has come back since. A server's last
 * data is an answer. */
static bool waited(struct visit *v)
{
    const struct diagnosis_end *x = v->me;
    int64_t time = v->d->data_time ? ago(v, v->d->data_time) : 0;
    bool asked = x->data_frame && last_data_is(x, v->you) && tcpfsm_client(v->c) == v->x &&
                 has_acked(&v->ny, v->nx.next);

    if (!asked || v->nx.has_fin || v->ny.has_fin || time < GAVE_UP_AFTER || time > GAVE_UP_UNTIL ||
        diagnosis_answers(v))
        return false;
    tell(v, TCPFSM_FINDING_RST_GAVE_UP, v->x, x->data_frame)->time = time;
    return true;
}

/* closed_idle: x sent its FIN after a long silence, and this RST just behind it: balancers close so. That silence in
 * ticks, else 0. */
static uint32_t closed_idle(const struct visit *v)
{
    const struct diagnosis_end *x = v->me;
    bool closing = x->open.kind == OPEN_FIN || x->open.kind == ANSWERED_FIN;

    return closing && !v->ny.has_fin && sends(v, TCPFSM_ACK) && v->you->data_frame < v->nx.fin_frame &&
                   ago(v, x->open.since) < RST_BEHIND_FIN
               ? x->open.idle
               : 0;
}

/* idle: nothing had happened for long. Who ended it, the host itself or a device between, its traits tell, if anything.
 */
static bool idle(struct visit *v)
{
    int64_t before_fin = (int64_t)closed_idle(v) << 20;
    bool closed = before_fin >= SILENCE, half = !closed && (v->nx.has_fin || v->ny.has_fin),
         itself = tcpfsm_vantage(v->c) == TCPFSM_VANTAGE_BOTH || diagnosis_fits(v);
    struct tcpfsm_finding *f;

    if (!closed && (v->out->silence < SILENCE || diagnosis_answers(v)))
        return false;
    f = tell(v, TCPFSM_FINDING_RST_IDLE, v->x, 0);
    f->time = closed ? before_fin : v->out->silence;
    f->silence = 0;
    f->detail = half ? 3 : v->d->suspicious ? 2 : itself && !v->d->traits ? 1 : 0;
    return true;
}

/* just_asked: the newest data are y's, and came just now. */
static bool just_asked(const struct visit *v)
{
    return v->you->data_frame && last_data_is(v->you, v->me) && ago(v, v->d->data_time) < UNREAD_WITHIN;
}

/* complete: everything sent by both had been acknowledged, and the last data ended what its application wrote: nothing
 * was lost on the way. What a client has just sent was no answer: a server that resets then has not taken it. */
static bool complete(struct visit *v)
{
    const struct diagnosis_end *last = last_data_is(v->me, v->you) ? v->me : v->you;
    bool both = v->me->data_frame && v->you->data_frame && !v->nx.has_fin && !v->ny.has_fin;
    bool answer = !sends(v, TCPFSM_ACK) && diagnosis_answers(v); /* of a host that has no socket any more */
    bool all = has_acked(&v->nx, v->ny.next) && has_acked(&v->ny, v->nx.next);
    bool asked = just_asked(v) && tcpfsm_client(v->c) == v->y;

    if (!both || !all || answer || asked || !(last->flags & LAST_PUSHED) || v->d->traits)
        return false;
    tell(v, TCPFSM_FINDING_RST_CLOSE, v->x, last->data_frame);
    return true;
}

static void aborted(struct visit *v)
{
    bool bare = no_socket(v) && !(v->me->flags & SENT_RST), unread = just_asked(v);
    uint32_t frame = bare ? v->you->frame : unread ? v->you->data_frame : 0;

    tell(v, TCPFSM_FINDING_RST_ABORT, v->x, frame)->detail = bare ? 2 : unread;
}

/* fastclosed: the RST is, or answers, a Multipath TCP fast close (RFC 8684 section 3.5), which has a finding of its
 * own. */
static bool fastclosed(struct visit *v)
{
    if (!(v->s->has & TCPFSM_HAS_FASTCLOSE) &&
        !(diagnosis_answers(v) && diagnosis_told(v, TCPFSM_FINDING_MPTCP_FASTCLOSE, v->y)))
        return false;
    v->d->cause = TCPFSM_FINDING_MPTCP_FASTCLOSE;
    return true;
}

/* diagnosis_cause: the finding that says why. */
void diagnosis_cause(struct visit *v)
{
    static bool (*const questions[])(
        struct visit * v) = { fastclosed, handshake_given_up, refused, probed, after_both, raced, after_close,
                              forgot,     deceived,           stranger, unknown, given_up, waited, idle,
                              complete };

    for (unsigned i = 0; i < sizeof questions / sizeof questions[0]; i++)
        if (questions[i](v))
            return;
    aborted(v);
}
