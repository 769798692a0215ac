/* vantage.c: where the capture sits, inferred from what it shows: who answers at once is beside it.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

/* waits_for_answer: a SYN or SYN,ACK, sent for the first time, is answered by the kernel without waiting for an
 * application (no delayed ACK). */
static bool waits_for_answer(const struct tcpfsm_endpoint *e)
{
    return e->sent_at && e->copies == 1 && (e->possible & (BIT(SYN_SENT) | BIT(SYN_RECEIVED)));
}

static void note_answer(struct tcpfsm_visit *v)
{
    struct tcpfsm_connection *c = v->c;
    int64_t took = tcpfsm_since_sent(v, v->y);
    unsigned at = index_of(v, v->x) ^ (v->flip ? 1u : 0u);
    uint32_t micros;

    if (took < 0 || took > LIMIT_ANSWER)
        return;
    if (took > c->rtt && took < LIMIT_RTT_BELIEVED)
        c->rtt = (uint32_t)took;
    if (!v->path)
        return;
    micros = (uint32_t)(took / 1000) + 1;
    if (!v->path->quickest[at] || micros < v->path->quickest[at])
        v->path->quickest[at] = micros;
}

/* undiminished: no router has counted down this TTL or hop limit: it is one that stacks begin with. */
static bool undiminished(uint8_t ttl)
{
    return ttl == 64 || ttl == 128 || ttl == 255;
}

/* elsewhere: is there a path between the capture and the address? What was captured on its way there was lost; or what
 * the address sent passed elsewhere, while the capture itself misses little, as the other side shows. */
static bool elsewhere(const struct tcpfsm_path *p, unsigned at)
{
    return p->lost[at] >= LIMIT_OFTEN ||
           (p->unseen[at] >= LIMIT_OFTEN && p->unseen[at ^ 1] < p->unseen[at] / LIMIT_UNSEEN_SHARE);
}

/* beside_address: is the capture beside address `at` of the path? It answers within half a millisecond and more than
 * three times as fast as the other, or faster at all if routers have counted down the other's TTL and not its own. */
static bool beside_address(const struct tcpfsm_path *p, unsigned at)
{
    uint32_t own = p->quickest[at], other = p->quickest[at ^ 1];
    bool nearer = undiminished(p->ttl[at]) && p->ttl[at ^ 1] && !undiminished(p->ttl[at ^ 1]);

    return own && other && own < LIMIT_NEAR_MICROSECONDS && own * (nearer ? 1 : LIMIT_NEAR_FACTOR) < other &&
           !elsewhere(p, at);
}

/* between_addresses: is it beside neither? Both answer slowly, or things were lost on both sides. */
static bool between_addresses(const struct tcpfsm_path *p)
{
    return (p->quickest[0] > LIMIT_BETWEEN_MICROSECONDS && p->quickest[1] > LIMIT_BETWEEN_MICROSECONDS) ||
           (elsewhere(p, 0) && elsewhere(p, 1));
}

/* asked_for: what the user says, in terms of endpoints. */
static unsigned asked_for(const struct tcpfsm_visit *v)
{
    unsigned near_client = v->c->client ? TCPFSM_VANTAGE_NEAR_1 : TCPFSM_VANTAGE_NEAR_0,
             near_server = v->c->client ? TCPFSM_VANTAGE_NEAR_0 : TCPFSM_VANTAGE_NEAR_1;

    return v->config->vantage == TCPFSM_VANTAGE_NEAR_0   ? near_client
           : v->config->vantage == TCPFSM_VANTAGE_NEAR_1 ? near_server
                                                         : v->config->vantage;
}

/* on_one_host: are both endpoints on the host that captured, and nothing is lost between? A firewall there may drop
 * what was captured. */
static bool on_one_host(const struct tcpfsm_visit *v)
{
    return v->c->local && !(v->path && (elsewhere(v->path, 0) || elsewhere(v->path, 1)));
}

/* tcpfsm_locate: where the capture sits: as the user says, or as the path has shown. */
void tcpfsm_locate(struct tcpfsm_visit *v)
{
    unsigned flip = v->flip ? 1 : 0;
    unsigned vantage = TCPFSM_VANTAGE_UNKNOWN;

    if (v->config->vantage != TCPFSM_VANTAGE_UNKNOWN)
        vantage = asked_for(v);
    else if (v->c->self || on_one_host(v))
        vantage = TCPFSM_VANTAGE_BOTH;
    else if (v->path && beside_address(v->path, flip))
        vantage = TCPFSM_VANTAGE_NEAR_0;
    else if (v->path && beside_address(v->path, flip ^ 1))
        vantage = TCPFSM_VANTAGE_NEAR_1;
    else if (v->path && between_addresses(v->path))
        vantage = TCPFSM_VANTAGE_BETWEEN;
    v->c->vantage = (uint8_t)vantage;
}

/* tcpfsm_unseen: this segment acknowledges what its peer had sent and the capture had not seen. */
void tcpfsm_unseen(struct tcpfsm_visit *v)
{
    unsigned at = index_of(v, v->y) ^ (v->flip ? 1u : 0u);

    if (v->path && v->y->captured && v->path->unseen[at] < UINT8_MAX)
        v->path->unseen[at]++;
}

/* tcpfsm_lost: something captured on its way to the sender of this segment proved not to have arrived. */
void tcpfsm_lost(struct tcpfsm_visit *v)
{
    unsigned at = index_of(v, v->x) ^ (v->flip ? 1u : 0u);

    if (v->x->misses < UINT8_MAX)
        v->x->misses++;
    if (v->path && v->path->lost[at] < UINT8_MAX)
        v->path->lost[at]++;
}

/* tcpfsm_observe: learns from the segment where the capture sits. Before anything else is made of it. */
void tcpfsm_observe(struct tcpfsm_visit *v)
{
    bool answer =
        sends(v, TCPFSM_ACK) && v->c->began && v->y != v->x && waits_for_answer(v->y) && v->s->ack == v->y->next;

    if (v->s->local)
        v->c->local = true;
    if (v->path && sends(v, TCPFSM_SYN) && has(v, TCPFSM_HAS_TTL))
        v->path->ttl[index_of(v, v->x) ^ (v->flip ? 1u : 0u)] = v->s->ttl;
    if (answer && v->x->frame < v->y->syn_frame)
        note_answer(v);
    tcpfsm_locate(v);
}

/* tcpfsm_beside: is the capture beside this endpoint? */
bool tcpfsm_beside(const struct tcpfsm_visit *v, const struct tcpfsm_endpoint *e)
{
    uint8_t at = v->c->vantage;

    return at == TCPFSM_VANTAGE_BOTH || at == (e == &v->c->end[0] ? TCPFSM_VANTAGE_NEAR_0 : TCPFSM_VANTAGE_NEAR_1);
}
