/* world.c: actions, the network, the clock.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "world.h"

#include <stdio.h>
#include <string.h>

#define MS 1000000LL

static const char letter[] = "AaLSCZXKRrFT";

void world_start(struct world *w, char vantage, bool slow)
{
    memset(w, 0, sizeof *w);
    w->end[0].next_iss = 100;
    w->end[1].next_iss = 0xfffffff0u; /* so that sequence numbers wrap after the second piece of data */
    w->vantage = vantage;
    w->slow = slow;
    w->now = 1000 * MS;
    w->trace = 14695981039346656037u;
    w->ip_id[0] = 1;
    w->ip_id[1] = 30001;
    w->toggled[0] = w->toggled[1] = 1;
    w->hidden_tcb[0] = w->hidden_tcb[1] = 0xffff;
}

bool world_near(const struct world *w, unsigned end) { return w->vantage == (end ? 's' : 'c'); }

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

/* see: a segment passes the capture. */
static void see(struct world *w, const struct packet *p, struct sight *sight)
{
    if (!w->jumped)
        w->now += w->answering && world_near(w, p->from) ? 20000 : MS;
    w->jumped = 0;
    w->frames++;
    age(w);
    struct capture c = { p->segment, w->now, p->ip_id, p->from, world_near(w, p->from) ? 64 : 63 };
    mix(&w->trace, &c.segment, sizeof c.segment);
    mix(&w->trace, &c.time, sizeof c.time);
    mix(&w->trace, &c.ip_id, sizeof c.ip_id);
    mix(&w->trace, &c.from, 1);
    if (p->ip_id >= w->silent_id[p->from] && !(w->silent[p->from] == 2 && (p->segment.flags & RFC_RST)))
        w->silent[p->from] = 0; /* a host that closed in SYN_SENT answers an ACK with the very RST that SYN_SENT would send: that shows nothing */
    if (p->tcb == w->end[p->from].tcb && p->tcb != w->hidden_tcb[p->from])
        w->hidden[p->from] = 0;
    w->expired[0] = w->expired[1] = 0;
    if (sight->count < WORLD_CAPTURES)
        sight->capture[sight->count++] = c;
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
static void depart(struct world *w, unsigned end, const struct rfc_out *out, struct sight *sight)
{
    for (unsigned i = 0; i < out->count; i++) {
        struct packet p;
        memset(&p, 0, sizeof p);
        p.segment = out->segment[i];
        p.from = (uint8_t)end;
        p.ip_id = w->ip_id[end]++;
        p.tcb = w->end[end].tcb;
        if (world_near(w, end)) {
            see(w, &p, sight);
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
        w->toggled[end] = 1; /* a RST from a listener looks like one from nobody */
}

/* arrive: a segment reaches the endpoint it is for. */
static void arrive(struct world *w, const struct packet *p, struct sight *sight)
{
    unsigned end = 1u - p->from;
    struct rfc_out out = { 0 };
    rfc_arrives(&w->end[end], &p->segment, &out);
    w->answering = 1;
    depart(w, end, &out, sight);
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
    default: break;
    }
    if (e->state != was && !out->count) {
        bool toggle = !w->silent[end] && (was == RFC_CLOSED || was == RFC_LISTEN) && (e->state == RFC_CLOSED || e->state == RFC_LISTEN);
        if (toggle)
            w->toggled[end] = 1;
        else {
            w->silent[end] = was == RFC_SYN_SENT || w->silent[end] == 2 ? 2 : 1;
            w->silent_id[end] = w->ip_id[end];
        }
    }
    return e->state != was || out->count || kind == ACT_SEND || kind == ACT_LISTEN || kind == ACT_CLOSE_DEAF || kind == ACT_CLOSE;
}

static void expire(struct world *w, unsigned end)
{
    int64_t due = w->time_wait[end] + 61 * 1000 * MS; /* timers of this length are coarse: a second of grace */
    if (w->now < due)
        w->now = due;
    rfc_time_wait_timeout(&w->end[end]);
    w->expired[end] = 1;
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
    if (a.kind == ACT_LOSE_UP && p.tcb == w->end[a.end].tcb) {
        w->hidden[a.end] = 1;
        w->hidden_tcb[a.end] = p.tcb;
    }
    if (a.kind == ACT_UP) {
        see(w, &p, sight);
        if (world_near(w, 1u - a.end))
            arrive(w, &p, sight);
        else
            push(&w->down[a.end], &p);
    } else if (a.kind == ACT_DOWN) {
        arrive(w, &p, sight);
    }
    return true;
}

static unsigned flying(const struct world *w) { return w->up[0].count + w->up[1].count + w->down[0].count + w->down[1].count; }

static bool overdue(const struct world *w)
{
    if (w->slow)
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
    bool quiet = w->slow || !flying(w);
    switch (kind) {
    case ACT_OPEN: return (s == RFC_CLOSED || s == RFC_LISTEN) && w->opens[end] < 3;
    case ACT_OPEN_NEAR: return (s == RFC_CLOSED || s == RFC_LISTEN) && w->opens[end] && w->opens[end] < 3;
    case ACT_LISTEN: return (s == RFC_CLOSED || (s == RFC_TIME_WAIT && !e->reopen)) && w->listens[end] < 3;
    case ACT_SEND: return (s == RFC_SYN_SENT || s == RFC_SYN_RECEIVED || s == RFC_ESTABLISHED || s == RFC_CLOSE_WAIT) && !e->close_queued &&
        w->sends[end] < 4;
    case ACT_CLOSE: return s == RFC_LISTEN || s == RFC_SYN_SENT || (s == RFC_SYN_RECEIVED && !e->close_queued) || s == RFC_ESTABLISHED || s == RFC_CLOSE_WAIT;
    case ACT_CLOSE_DEAF: return ((s == RFC_SYN_RECEIVED && !e->close_queued) || s == RFC_ESTABLISHED || s == RFC_FIN_WAIT_1 || s == RFC_FIN_WAIT_2) &&
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
    default: return false;
    }
}

static bool network_possible(const struct world *w, struct action a)
{
    bool up = a.kind == ACT_UP || a.kind == ACT_LOSE_UP || a.kind == ACT_COPY_UP;
    const struct queue *q = up ? &w->up[a.end] : &w->down[a.end];
    if (a.index >= q->count)
        return false;
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

bool world_apply(struct world *w, struct action a, struct sight *sight)
{
    if (a.kind >= ACT_KINDS || a.end > 1 || !can(w, a))
        return false;
    if (world_fault(a))
        w->faults++;
    if (a.kind >= ACT_UP)
        return network(w, a, sight);
    if (a.kind == ACT_2MSL) {
        expire(w, a.end);
        return true;
    }
    struct rfc_out out = { 0 };
    bool done = call(w, a.kind, a.end, &out);
    depart(w, a.end, &out, sight);
    return done;
}

bool world_fault(struct action a) { return a.kind == ACT_CRASH || a.kind >= ACT_LOSE_UP || (a.kind >= ACT_UP && a.index > 0); }

static unsigned add_network(const struct world *w, struct action *list, unsigned n)
{
    for (unsigned end = 0; end < 2; end++)
        for (unsigned kind = ACT_UP; kind < ACT_KINDS; kind++) {
            const struct queue *q = (kind - ACT_UP) % 2 ? &w->down[end] : &w->up[end];
            for (unsigned i = 0; i < q->count && i < 4; i++) {
                struct action a = { (uint8_t)kind, (uint8_t)end, (uint8_t)i, 0 };
                bool twin = i && !memcmp(&q->packet[i], &q->packet[i - 1], sizeof q->packet[i]);
                if (!twin && n < WORLD_ACTIONS && can(w, a))
                    list[n++] = a;
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
            if (can(w, a))
                list[n++] = a;
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
    mix(&h, &w->slow, sizeof w->slow);
    mix(&h, &w->now, sizeof w->now);
    mix(&h, w->time_wait, sizeof w->time_wait);
    mix(&h, &w->trace, sizeof w->trace);
    mix(&h, w->hidden_tcb, sizeof w->hidden_tcb);
    mix(&h, w->silent_id, sizeof w->silent_id);
    mix(&h, w->opens, (size_t)((const char *)(w->expired + 2) - (const char *)w->opens));
    return h;
}

void action_write(struct action a, char *text)
{
    text += strlen(text);
    if (a.kind < ACT_UP)
        sprintf(text, "%c%u", letter[a.kind], a.end);
    else
        sprintf(text, "%s%c%u.%u", a.kind >= ACT_COPY_UP ? "+" : a.kind >= ACT_LOSE_UP ? "-" : "", (a.kind - ACT_UP) % 2 ? 'd' : 'u', a.end, a.index);
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
    if (*p != '0' && *p != '1')
        return false;
    a->end = (uint8_t)(*p++ - '0');
    if (!known && p[0] == '.' && p[1] >= '0' && p[1] <= '9') {
        a->index = (uint8_t)(p[1] - '0');
        p += 2;
    }
    *text = p;
    return true;
}
