/* world.c: actions, the network, the clock.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "world.h"

#include <stdio.h>
#include <string.h>

#define MS 1000000LL

static const char letter[] = "AaLSCZXKRrFTDWOYQ^E";

const char *world_switch_name(unsigned i)
{
    static const char *const name[WITH_KINDS] = { "slow",    "miss",    "strict",  "mid",        "fin",    "window",
                                                  "cookies", "lag",     "rfc1337", "strictopen", "rfc793", "ttl",
                                                  "lwip",    "zerofin", "isn",     "one0",       "one1",   "twice" };
    return i < WITH_KINDS ? name[i] : "?";
}

static bool with(const struct world *w, unsigned what) { return (w->with & what) != 0; }

static bool before(uint32_t a, uint32_t b) { return (int32_t)(a - b) < 0; }

static uint32_t later(uint32_t a, uint32_t b) { return before(a, b) ? b : a; }

static uint8_t stack_of(unsigned with)
{
    return (uint8_t)((with & WITH_1337 ? RFC_RST_PROOF : 0) | (with & WITH_OPEN4 ? RFC_STRICT_OPEN : 0) |
                     (with & WITH_793 ? RFC_RST_793 : 0) | (with & WITH_LWIP ? RFC_NO_CROSSING : 0) |
                     (with & WITH_WINDOW ? RFC_SLOW_READER : 0) | (with & WITH_ZEROFIN ? RFC_FIN_AT_ZERO : 0) |
                     (with & WITH_ISN ? RFC_ISN_FALLS : 0));
}

void world_start(struct world *w, char vantage, uint32_t with)
{
    memset(w, 0, sizeof *w);
    w->end[0].next_iss = 100;
    w->end[1].next_iss = 0xfffffff0u; /* so that sequence numbers wrap after the second piece of data */
    w->vantage = vantage;
    w->with = with;
    w->off = (with & WITH_MID) != 0;
    for (unsigned i = 0; i < 2; i++) {
        w->end[i].stack = stack_of(with);
        w->captured_end[i] = w->captured_ack[1 - i] = w->end[i].next_iss;
    }
    w->now = 1000 * MS;
    w->trace = 14695981039346656037u;
    w->shape = w->trace ^ (uint64_t)vantage;
    w->ip_id[0] = 1;
    w->ip_id[1] = 30001;
    w->toggled[0] = w->toggled[1] = 1;
    w->hidden_tcb[0] = w->hidden_tcb[1] = 0xffff;
}

bool world_near(const struct world *w, unsigned end) { return w->vantage == 'b' || w->vantage == (end ? 's' : 'c'); }

bool world_observed(const struct world *w, unsigned end) { return w->up[end].count == 0; }

bool world_flying(const struct world *w, unsigned end) { return w->down[1 - end].count != 0; }

static void mix(uint64_t *h, const void *data, size_t size)
{
    const unsigned char *p = data;
    for (size_t i = 0; i < size; i++)
        *h = (*h ^ p[i]) * 1099511628211u;
}

static void age(struct world *w)
{
    for (unsigned i = 0; i < 2; i++) {
        for (unsigned k = 0; k < w->up[i].count; k++)
            w->up[i].packet[k].age++;
        for (unsigned k = 0; k < w->down[i].count; k++)
            w->down[i].packet[k].age++;
    }
}

static uint32_t end_of(const struct rfc_segment *s)
{
    return s->seq + s->len + ((s->flags & RFC_SYN) != 0) + ((s->flags & RFC_FIN) != 0);
}

/* fresh: nothing of [seq, end), which endpoint y sent unseen, has been captured. */
static bool fresh(const struct world *w, unsigned y, uint32_t seq, uint32_t end)
{
    return before(w->captured_end[y], end) && !before(seq, w->captured_end[y]);
}

/* note: what a captured segment shows of what the capture missed. */
static void note(struct world *w, const struct packet *p)
{
    unsigned x = p->from, y = 1 - x;
    const struct rfc_segment *s = &p->segment;
    bool ack = (s->flags & (RFC_ACK | RFC_RST)) == RFC_ACK;
    bool syn_ack = (s->flags & (RFC_SYN | RFC_ACK)) == (RFC_SYN | RFC_ACK);
    if ((s->flags & RFC_RST) && w->end[x].state == RFC_SYN_SENT && w->hidden[x])
        return; /* with its SYN unseen, what SYN-SENT answers an ACK looks like what nobody answers it */
    if (p->shows && p->ip_id >= w->hidden_id[x] &&
        (syn_ack || w->hidden[x] != HIDDEN_BEFORE || w->end[x].state != RFC_SYN_RECEIVED))
        w->shown[x] = 1;
    if (ack && s->ack == w->end[y].snd_nxt && !with(w, WITH_WINDOW) && w->end[y].state != RFC_SYN_RECEIVED)
        w->shown[y] = 1;
    /* It acknowledges octets that were never captured: some segment brought them, and some ACK. Not where some of them
     * have been captured since, in a retransmission: nothing shows that this was not what brought them. */
    if (ack && !before(s->ack, w->unseen_ack_end[x]) && fresh(w, y, w->unseen_ack_seq[x], w->unseen_ack_end[x]))
        w->owed[x] &= (uint8_t)~OWED_ACK;
    if (ack && !before(s->ack, w->unseen_end[x]) && fresh(w, y, w->unseen_seq[x], w->unseen_end[x]))
        w->owed[x] &= (uint8_t)~OWED_TEXT;
    if ((s->flags & RFC_FIN) && end_of(s) == w->missed_fin[x] && s->ack != w->missed_fin_ack[x] &&
        before(w->captured_end[x], w->missed_fin[x]) && before(w->captured_ack[y], w->missed_fin[x]) && w->hidden[x])
        w->hidden[x] = HIDDEN_ORDER;
    if (ack && before(w->captured_ack[x], s->ack))
        w->captured_ack[x] = s->ack;
    if (!(s->flags & RFC_RST) && before(w->captured_end[x], end_of(s)))
        w->captured_end[x] = end_of(s);
    if (!before(w->captured_ack[x], w->unseen_ack[y]))
        w->owed[y] &= (uint8_t)~OWED_ACK;
    if (!before(s->seq, w->unseen_end[y]))
        w->owed[y] &= (uint8_t)~OWED_TEXT;
}

/* hide: a segment will not be captured, or not this copy of it. */
static void hide(struct world *w, const struct packet *p)
{
    unsigned x = p->from;
    if (p->tcb != w->end[x].tcb)
        return;
    bool first = !w->hidden[x] || w->hidden_tcb[x] != p->tcb || w->missed_fin[x] != end_of(&p->segment);
    if (w->hidden[x] != HIDDEN_ORDER || w->hidden_tcb[x] != p->tcb)
        w->hidden[x] = 1;
    w->hidden_tcb[x] = p->tcb;
    w->hidden_id[x] = (uint16_t)(p->ip_id + 1);
    w->shown[x] = 0;
    if ((p->segment.flags & RFC_FIN) && first) {
        w->missed_fin[x] = end_of(&p->segment);
        w->missed_fin_ack[x] = p->segment.ack;
    }
}

/* unseen: a segment passes a capture that has not begun or misses it. */
static void unseen(struct world *w, struct packet *p, unsigned point)
{
    p->unseen = 1;
    if (point == p->from)
        hide(w, p);
}

/* record: a line of the capture. */
static void record(struct world *w, const struct capture *c, struct sight *sight)
{
    w->frames++;
    mix(&w->shape, &c->segment, sizeof c->segment);
    mix(&w->shape, &c->from, 1);
    mix(&w->trace, &c->segment, sizeof c->segment);
    mix(&w->trace, &c->time, sizeof c->time);
    mix(&w->trace, &c->ip_id, sizeof c->ip_id);
    mix(&w->trace, &c->from, 1);
    mix(&w->trace, &c->ttl, 1);
    if (with(w, WITH_TWICE)) {
        memmove(&w->last[1], &w->last[0], sizeof w->last - sizeof w->last[0]);
        w->last[0] = *c;
    }
    if (sight->count < WORLD_CAPTURES)
        sight->capture[sight->count++] = *c;
}

/* again: the latest `n` captures once more, 0.2 ms later: another interface, a mirror port that copies both directions.
 */
static void again(struct world *w, unsigned n, struct sight *sight)
{
    struct capture copy[WORLD_LAST];
    memcpy(copy, w->last, sizeof copy);
    while (n--) {
        w->now += 200000;
        copy[n].time = w->now;
        record(w, &copy[n], sight);
    }
    w->echoed = 1;
}

/* see: a segment passes the capture. */
static void see(struct world *w, struct packet *p, unsigned point, struct sight *sight)
{
    bool other = (with(w, WITH_ONE0) && p->from == 1) || (with(w, WITH_ONE1) && p->from == 0);
    if (w->off || other || (w->miss >> w->passed++ & 1)) {
        unseen(w, p, point);
        return;
    }
    p->unseen = 0;
    if (!w->jumped)
        w->now += w->answering && world_near(w, p->from) ? 20000 : MS;
    w->jumped = 0;
    w->waited = w->echoed = 0;
    age(w);
    bool away = point != p->from || !world_near(w, p->from);
    struct capture c = {
        p->segment, w->now, p->ip_id, p->from, (uint8_t)((p->bare ? 255 : 64) - away), (uint8_t)point
    };
    record(w, &c, sight);
    if (p->ip_id >= w->silent_id[p->from] && !(w->silent[p->from] == 2 && (p->segment.flags & RFC_RST)))
        w->silent[p->from] = 0; /* a host that closed in SYN_SENT answers an ACK with the very RST that SYN_SENT would
                                   send: that shows nothing */
    if (p->tcb == w->end[p->from].tcb && p->tcb != w->hidden_tcb[p->from])
        w->hidden[p->from] = 0;
    w->expired[0] = w->expired[1] = 0;
    note(w, p);
}

static void push(struct queue *q, const struct packet *p)
{
    if (q->count < WORLD_QUEUE)
        q->packet[q->count++] = *p;
}

static struct packet take(struct queue *q, unsigned index)
{
    struct packet p = q->packet[index];
    memmove(&q->packet[index], &q->packet[index + 1], (q->count - index - 1) * sizeof p);
    q->count--;
    memset(&q->packet[q->count], 0, sizeof p);
    return p;
}

/* depart: what an endpoint sent goes to the network, past the capture at once where that is beside it. */
static void depart(struct world *w, unsigned end, const struct rfc_out *out, bool bare, struct sight *sight)
{
    if (out->count &&
        w->numbers_tcb[end] != w->end[end].tcb) { /* a new connection: its numbers may lie below the old ones */
        w->numbers_tcb[end] = w->end[end].tcb;
        w->captured_end[end] = w->captured_ack[1 - end] = out->segment[0].seq;
        w->unseen_end[1 - end] = w->unseen_ack_end[1 - end] = w->unseen_ack[end] = w->missed_fin[end] =
            out->segment[0].seq;
    }
    for (unsigned i = 0; i < out->count; i++) {
        struct packet p;
        memset(&p, 0, sizeof p);
        p.segment = out->segment[i];
        p.from = (uint8_t)end;
        p.ip_id = w->ip_id[end]++;
        p.tcb = w->end[end].tcb;
        p.shows = (p.segment.flags & RFC_RST) || end_of(&p.segment) == w->end[end].snd_nxt;
        p.bare = bare && with(w, WITH_TTL) && (p.segment.flags & RFC_RST);
        if (world_near(w, end)) {
            see(w, &p, end, sight);
            push(&w->down[end], &p);
        } else {
            push(&w->up[end], &p);
        }
    }
    if (out->time_wait)
        w->time_wait[end] = w->now;
    unsigned s = w->end[end].state;
    if (s != RFC_CLOSED && s != RFC_LISTEN)
        w->toggled[end] = 0;
    else if (out->count && s == RFC_LISTEN)
        w->toggled[end] = (out->segment[0].flags & RFC_RST) != 0; /* a RST from a listener looks like one from nobody */
}

/* reached_unseen: something the capture missed did something to the endpoint it was for. */
static void reached_unseen(struct world *w, const struct packet *p, const struct rfc_endpoint *was)
{
    unsigned y = 1u - p->from;
    const struct rfc_segment *s = &p->segment;
    w->silent[y] = was->state == RFC_SYN_SENT || w->silent[y] == 2 ? 2 : 1;
    w->silent_id[y] = w->ip_id[y];
    if (with(w, WITH_STRICT) || (s->flags & RFC_RST))
        return;
    if (before(w->captured_end[p->from], end_of(s))) {
        bool more = w->owed[y] & OWED_TEXT;
        w->unseen_end[y] = more ? later(w->unseen_end[y], end_of(s)) : end_of(s);
        w->unseen_seq[y] = more && before(w->unseen_seq[y], s->seq) ? w->unseen_seq[y] : s->seq;
        w->owed[y] |= OWED_TEXT;
    }
    if (!(s->flags & RFC_ACK) || !before(w->captured_ack[p->from], s->ack))
        return;
    if (!(w->owed[y] & OWED_ACK) || before(w->unseen_ack[y], s->ack)) {
        w->unseen_ack[y] = s->ack;
        w->unseen_ack_seq[y] = s->seq;
        w->unseen_ack_end[y] = end_of(s);
    }
    w->owed[y] |= OWED_ACK;
}

/* arrive: a segment reaches the endpoint it is for. */
static void arrive(struct world *w, const struct packet *p, struct sight *sight)
{
    unsigned end = 1u - p->from;
    struct rfc_out out = { 0 };
    const struct rfc_endpoint was = w->end[end];
    bool bare = was.state == RFC_CLOSED || was.state == RFC_LISTEN;
    rfc_arrives(&w->end[end], &p->segment, &out);
    if (p->unseen && memcmp(&was, &w->end[end], sizeof was))
        reached_unseen(w, p, &was);
    w->answering = 1;
    depart(w, end, &out, bare, sight);
    w->answering = 0;
}

static bool call(struct world *w, unsigned kind, unsigned end, struct rfc_out *out)
{
    struct rfc_endpoint *e = &w->end[end];
    unsigned was = e->state;
    switch (kind) {
    case ACT_OPEN_NEAR: e->next_iss -= 100000 - 1000; /* fall through */
    case ACT_OPEN: rfc_open_active(e, out); w->opens[end]++; break;
    case ACT_LISTEN: rfc_open_passive(e); w->listens[end]++; break;
    case ACT_SEND: rfc_send(e, out); w->sends[end]++; break;
    case ACT_CLOSE: rfc_close(e, false, out); break;
    case ACT_CLOSE_DEAF: rfc_close(e, true, out); break;
    case ACT_ABORT: rfc_abort(e, out); w->aborts[end]++; break;
    case ACT_CRASH: rfc_user_timeout(e); w->crashes++; break;
    case ACT_RETRANSMIT: case ACT_RETRANSMIT_JOINED:
        w->now += 200 * MS;
        w->jumped = 1;
        rfc_retransmit(e, kind == ACT_RETRANSMIT_JOINED, out);
        break;
    case ACT_DELAYED_ACK: rfc_acknowledge(e, out); break;
    case ACT_SEND_CLOSE: rfc_send_close(e, out); w->sends[end]++; break;
    case ACT_READ: rfc_read(e, out); break;
    case ACT_LISTEN_COOKIES: rfc_open_cookies(e); w->listens[end]++; break;
    case ACT_FULL: e->stack ^= RFC_FULL; return true;
    default: break;
    }
    if (e->state != was && !out->count) {
        bool toggle = !w->silent[end] && (was == RFC_CLOSED || was == RFC_LISTEN) &&
                      (e->state == RFC_CLOSED || e->state == RFC_LISTEN);
        if (toggle)
            w->toggled[end] = 1;
        else {
            w->silent[end] = was == RFC_SYN_SENT || w->silent[end] == 2 ? 2 : 1;
            w->silent_id[end] = w->ip_id[end];
        }
    }
    return e->state != was || out->count || kind == ACT_SEND || kind == ACT_LISTEN || kind == ACT_CLOSE_DEAF ||
           kind == ACT_CLOSE;
}

static void expire(struct world *w, unsigned end)
{
    int64_t due = w->time_wait[end] + 61 * 1000 * MS; /* timers of this length are coarse: a second of grace */
    if (w->now < due)
        w->now = due;
    rfc_time_wait_timeout(&w->end[end]);
    w->expired[end] = 1;
}

/* begin: the capture begins. All before was unseen: nobody is judged before it shows itself. */
static void begin(struct world *w)
{
    w->off = 0;
    w->begun = 1;
    for (unsigned i = 0; i < 2; i++) {
        w->silent[i] = w->end[i].state == RFC_SYN_SENT ? 2 : 1;
        w->silent_id[i] = w->ip_id[i];
        w->shown[i] = w->owed[i] = w->expired[i] = 0;
        w->hidden[i] = HIDDEN_BEFORE;
        w->hidden_tcb[i] = w->end[i].tcb;
        w->hidden_id[i] = w->ip_id[i];
    }
}

static bool network(struct world *w, struct action a, struct sight *sight)
{
    bool up = a.kind == ACT_UP || a.kind == ACT_LOSE_UP || a.kind == ACT_COPY_UP;
    struct queue *q = up ? &w->up[a.end] : &w->down[a.end];
    if (a.kind == ACT_COPY_UP || a.kind == ACT_COPY_DOWN) {
        struct packet copy = q->packet[a.index];
        push(q, &copy);
        return true;
    }
    struct packet p = take(q, a.index);
    if (a.kind == ACT_LOSE_UP)
        hide(w, &p);
    if (a.kind == ACT_UP) {
        see(w, &p, a.end, sight);
        if (world_near(w, 1u - a.end) && !with(w, WITH_LAG))
            arrive(w, &p, sight);
        else
            push(&w->down[a.end], &p);
    } else if (a.kind == ACT_DOWN) {
        if (w->vantage == 'b')
            see(w, &p, 1u - a.end, sight);
        arrive(w, &p, sight);
    }
    return true;
}

static unsigned flying(const struct world *w)
{
    return w->up[0].count + w->up[1].count + w->down[0].count + w->down[1].count;
}

static bool overdue(const struct world *w)
{
    if (with(w, WITH_SLOW))
        return false;
    for (unsigned i = 0; i < 2; i++) {
        for (unsigned k = 0; k < w->up[i].count; k++)
            if (w->up[i].packet[k].age >= WORLD_AGE)
                return true;
        for (unsigned k = 0; k < w->down[i].count; k++)
            if (w->down[i].packet[k].age >= WORLD_AGE)
                return true;
    }
    return false;
}

/* possible: whether an endpoint's action can happen now. */
static bool possible(const struct world *w, unsigned kind, unsigned end)
{
    const struct rfc_endpoint *e = &w->end[end];
    unsigned s = e->state;
    bool quiet = with(w, WITH_SLOW) || !flying(w);
    switch (kind) {
    case ACT_OPEN: return (s == RFC_CLOSED || s == RFC_LISTEN) && w->opens[end] < 3;
    case ACT_OPEN_NEAR: return (s == RFC_CLOSED || s == RFC_LISTEN) && w->opens[end] && w->opens[end] < 3;
    case ACT_LISTEN: return (s == RFC_CLOSED || (s == RFC_TIME_WAIT && !e->reopen)) && w->listens[end] < 3;
    case ACT_SEND:
        return (s == RFC_SYN_SENT || s == RFC_SYN_RECEIVED || s == RFC_ESTABLISHED || s == RFC_CLOSE_WAIT) &&
               !e->close_queued && w->sends[end] < 4;
    case ACT_CLOSE:
        return s == RFC_LISTEN || s == RFC_SYN_SENT || (s == RFC_SYN_RECEIVED && !e->close_queued) ||
               s == RFC_ESTABLISHED || s == RFC_CLOSE_WAIT;
    case ACT_CLOSE_DEAF:
        return ((s == RFC_SYN_RECEIVED && !e->close_queued) || s == RFC_ESTABLISHED || s == RFC_FIN_WAIT_1 ||
                s == RFC_FIN_WAIT_2) &&
               !e->deaf;
    case ACT_ABORT: return s != RFC_CLOSED && s != RFC_LISTEN && w->aborts[end] < 2;
    case ACT_CRASH: return s != RFC_CLOSED && s != RFC_LISTEN && w->crashes < 2;
    case ACT_RETRANSMIT: return quiet && rfc_can_retransmit(e);
    case ACT_RETRANSMIT_JOINED: {
        uint32_t left = e->fin - e->snd_una;
        return quiet && rfc_can_retransmit(e) && e->fin_sent && left && left <= RFC_PIECE && e->snd_una != e->iss;
    }
    case ACT_DELAYED_ACK: return e->ack_owed;
    case ACT_2MSL: return quiet && s == RFC_TIME_WAIT;
    case ACT_SEND_CLOSE: return (s == RFC_ESTABLISHED || s == RFC_CLOSE_WAIT) && w->sends[end] < 4;
    case ACT_READ: return e->unread != 0;
    case ACT_LISTEN_COOKIES: return s == RFC_CLOSED && w->listens[end] < 3;
    case ACT_FULL: return s == RFC_LISTEN || (s == RFC_SYN_RECEIVED && e->passive);
    case ACT_WAIT:
        return !end && !w->waited && w->waits < 2 &&
               (flying(w) || rfc_can_retransmit(&w->end[0]) || rfc_can_retransmit(&w->end[1]));
    case ACT_BEGIN: return !end && w->off;
    case ACT_AGAIN:
        return !w->echoed &&
               w->last[end ? WORLD_LAST - 1 : 0].time + 3 * MS > w->now; /* DESIGN rule 5: bursts of 3 ms */
    default: return false;
    }
}

static bool network_possible(const struct world *w, struct action a)
{
    bool up = a.kind == ACT_UP || a.kind == ACT_LOSE_UP || a.kind == ACT_COPY_UP;
    const struct queue *q = up ? &w->up[a.end] : &w->down[a.end];
    if (a.index >= q->count)
        return false;
    if (!up && w->vantage != 'b' &&
        world_near(w, 1u - a.end)) /* with a lag: what is captured beside its receiver has as good as arrived */
        return a.kind == ACT_DOWN && a.index == 0;
    if (!overdue(w))
        return (a.kind != ACT_COPY_UP && a.kind != ACT_COPY_DOWN) || flying(w) < 6;
    return a.kind != ACT_COPY_UP && a.kind != ACT_COPY_DOWN && q->packet[a.index].age >= WORLD_AGE;
}

static bool can(const struct world *w, struct action a)
{
    if (a.kind >= ACT_UP)
        return network_possible(w, a);
    return !overdue(w) && flying(w) < 6 && possible(w, a.kind, a.end);
}

static bool apply(struct world *w, struct action a, struct sight *sight)
{
    if (a.kind >= ACT_UP)
        return network(w, a, sight);
    if (a.kind == ACT_2MSL) {
        expire(w, a.end);
        return true;
    }
    if (a.kind == ACT_BEGIN) {
        begin(w);
        return true;
    }
    if (a.kind == ACT_AGAIN) {
        again(w, a.end ? WORLD_LAST : 1, sight);
        return true;
    }
    if (a.kind == ACT_WAIT) {
        w->now += 3000 * MS;
        w->waits++;
        w->waited = 1;
        return true;
    }
    struct rfc_out out = { 0 };
    bool done = call(w, a.kind, a.end, &out);
    depart(w, a.end, &out, false, sight);
    return done;
}

bool world_apply(struct world *w, struct action a, struct sight *sight)
{
    if (a.kind >= ACT_KINDS || a.end > 1 || !can(w, a) || (a.miss && w->off))
        return false;
    struct world was;
    if (a.miss)
        was = *w;
    if (world_fault(a))
        w->faults++;
    w->miss = a.miss;
    w->passed = 0;
    bool done = apply(w, a, sight);
    bool too_many = a.miss >> w->passed; /* fewer segments passed the capture than it was to miss */
    w->miss = w->passed = 0;
    if (too_many) {
        *w = was;
        memset(sight, 0, sizeof *sight);
        return false;
    }
    return done;
}

enum judged world_judged(const struct world *w, unsigned end)
{
    if (w->off || !world_observed(w, end) || w->silent[end] || w->expired[end] ||
        (world_near(w, end) && world_flying(w, end) && w->vantage != 'b'))
        return JUDGED_NOT;
    if (w->owed[end])
        return JUDGED_NOT;
    switch (w->hidden[end]) {
    case 0: return JUDGED_FULL;
    case HIDDEN_BEFORE: return w->shown[end] ? JUDGED_FULL : JUDGED_CERTAIN;
    case HIDDEN_ORDER: return JUDGED_NOT;
    default: return with(w, WITH_MISS) && w->shown[end] ? JUDGED_CERTAIN : JUDGED_NOT;
    }
}

bool world_fault(struct action a)
{
    return a.miss || a.kind == ACT_CRASH || a.kind >= ACT_LOSE_UP || (a.kind >= ACT_UP && a.index > 0);
}

/* switched: the switch an action waits for; 0: none. */
static unsigned switched(unsigned kind)
{
    switch (kind) {
    case ACT_SEND_CLOSE: return WITH_FIN;
    case ACT_WAIT: return WITH_SLOW;
    case ACT_READ: return WITH_WINDOW;
    case ACT_LISTEN_COOKIES: case ACT_FULL: return WITH_COOKIES;
    case ACT_BEGIN: return WITH_MID;
    case ACT_AGAIN: return WITH_TWICE;
    default: return 0;
    }
}

/* misses: how many segments an action can show the capture: as many may be missed. At most. */
static unsigned misses(const struct world *w, struct action a)
{
    if (!with(w, WITH_MISS) || w->off)
        return 0;
    switch (a.kind) {
    case ACT_UP: return world_near(w, 1u - a.end) && !with(w, WITH_LAG) ? 2 : 1;
    case ACT_DOWN: return w->vantage == 'b' ? 2 : world_near(w, 1u - a.end);
    case ACT_SEND:
    case ACT_CLOSE:
    case ACT_CLOSE_DEAF:
    case ACT_ABORT:
    case ACT_OPEN:
    case ACT_RETRANSMIT:
    case ACT_RETRANSMIT_JOINED:
    case ACT_DELAYED_ACK:
    case ACT_SEND_CLOSE: case ACT_READ:
        return world_near(w, a.end);
    default: return 0;
    }
}

/* add: an action, and the same with all that the capture may miss of it. */
static unsigned add(const struct world *w, struct action a, struct action *list, unsigned n)
{
    unsigned most = misses(w, a);
    for (unsigned miss = 0; miss < 1u << most && n < WORLD_ACTIONS; miss++) {
        a.miss = (uint8_t)miss;
        list[n++] = a;
    }
    return n;
}

static unsigned add_network(const struct world *w, struct action *list, unsigned n)
{
    for (unsigned end = 0; end < 2; end++)
        for (unsigned kind = ACT_UP; kind < ACT_KINDS; kind++) {
            const struct queue *q = (kind - ACT_UP) % 2 ? &w->down[end] : &w->up[end];
            for (unsigned i = 0; i < q->count && i < 4; i++) {
                struct action a = { (uint8_t)kind, (uint8_t)end, (uint8_t)i, 0 };
                bool twin = i && !memcmp(&q->packet[i], &q->packet[i - 1], sizeof q->packet[i]);
                if (!twin && can(w, a))
                    n = add(w, a, list, n);
            }
        }
    return n;
}

unsigned world_actions(const struct world *w, struct action list[WORLD_ACTIONS])
{
    unsigned n = 0;
    for (unsigned end = 0; end < 2; end++)
        for (unsigned kind = 0; kind < ACT_UP; kind++) {
            struct action a = { (uint8_t)kind, (uint8_t)end, 0, 0 };
            if ((!switched(kind) || with(w, switched(kind))) && can(w, a))
                n = add(w, a, list, n);
        }
    return add_network(w, list, n);
}

uint64_t world_hash(const struct world *w)
{
    uint64_t h = 14695981039346656037u;
    mix(&h, w->end, sizeof w->end);
    for (unsigned i = 0; i < 2; i++) {
        mix(&h, &w->up[i].count, sizeof w->up[i].count);
        mix(&h, w->up[i].packet, w->up[i].count * sizeof w->up[i].packet[0]);
        mix(&h, &w->down[i].count, sizeof w->down[i].count);
        mix(&h, w->down[i].packet, w->down[i].count * sizeof w->down[i].packet[0]);
    }
    mix(&h, &w->vantage, 1);
    mix(&h, &w->with, sizeof w->with);
    mix(&h, &w->now, sizeof w->now);
    mix(&h, w->time_wait, sizeof w->time_wait);
    mix(&h, &w->trace, sizeof w->trace);
    mix(&h, w->hidden_tcb, sizeof w->hidden_tcb);
    mix(&h, w->silent_id, sizeof w->silent_id);
    if (with(w, WITH_MISS | WITH_MID | WITH_ONE0 | WITH_ONE1)) {
        mix(&h, w->numbers_tcb, sizeof w->numbers_tcb);
        mix(&h, w->hidden_id, sizeof w->hidden_id);
        mix(&h, w->captured_end, (size_t)((const char *)(w->missed_fin_ack + 2) - (const char *)w->captured_end));
    }
    mix(&h, w->opens, (size_t)((const char *)(w->expired + 2) - (const char *)w->opens));
    return h;
}

void action_write(struct action a, char *text)
{
    text += strlen(text);
    if (a.kind < ACT_UP)
        text += sprintf(text, "%c%u", letter[a.kind], a.end);
    else
        text += sprintf(text, "%s%c%u.%u",
                        a.kind >= ACT_COPY_UP   ? "+"
                        : a.kind >= ACT_LOSE_UP ? "-"
                                                : "",
                        (a.kind - ACT_UP) % 2 ? 'd' : 'u', a.end, a.index);
    if (a.miss)
        text += sprintf(text, "!");
    if (a.miss > 1)
        sprintf(text, "%u", a.miss);
}

/* digit: one digit, if there is one. */
static bool digit(const char **p, uint8_t *value)
{
    if (**p < '0' || **p > '9')
        return false;
    *value = (uint8_t)(*(*p)++ - '0');
    return true;
}

bool action_read(const char **text, struct action *a)
{
    const char *p = *text;
    unsigned base = ACT_UP;
    memset(a, 0, sizeof *a);
    if (*p == '-' || *p == '+')
        base = *p++ == '-' ? ACT_LOSE_UP : ACT_COPY_UP;
    const char *known = *p ? strchr(letter, *p) : NULL;
    if (known)
        a->kind = (uint8_t)(known - letter);
    else if (*p == 'u' || *p == 'd')
        a->kind = (uint8_t)(base + (*p == 'd'));
    else
        return false;
    p++;
    if (!digit(&p, &a->end) || a->end > 1)
        return false;
    if (!known && *p == '.') {
        p++;
        if (!digit(&p, &a->index))
            return false;
    }
    if (*p == '!') {
        p++;
        if (!digit(&p, &a->miss))
            a->miss = 1;
    }
    *text = p;
    return true;
}
