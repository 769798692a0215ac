/* vantage.c: where the capture sits, inferred from what it shows: who answers at once is beside it.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

/* must_answer: a SYN or SYN,ACK, sent for the first time, is answered by the kernel without waiting for an application (no delayed ACK). */
static bool waits_for_answer(const struct tcpfsm_endpoint *e)
{
    return e->sent_syn && e->copies == 1 && (e->possible & (BIT(SYN_SENT) | BIT(SYN_RECEIVED)));
}

static void note_answer(struct tcpfsm_visit *v)
{
    struct tcpfsm_connection *c = v->c;
    int64_t took = since_sent(v, v->y);
    unsigned at = index_of(v, v->x) ^ (v->flip ? 1u : 0u);
    uint32_t micros;

    if (took < 0 || took > SECONDS(10))
        return;
    if (took > c->rtt && took < SECONDS(3))
        c->rtt = (uint32_t)took;
    if (!v->path)
        return;
    micros = (uint32_t)(took / 1000) + 1;
    if (!v->path->quickest[at] || micros < v->path->quickest[at])
        v->path->quickest[at] = micros;
}

/* tcpfsm_locate: where the capture sits: as the user says, or beside the address that answers more than three times as fast as the other, and within half
 * a millisecond. */
void tcpfsm_locate(struct tcpfsm_visit *v)
{
    const uint32_t *q;
    unsigned flip = v->flip ? 1 : 0;
    unsigned vantage = TCPFSM_VANTAGE_UNKNOWN;

    if (v->config->vantage != TCPFSM_VANTAGE_UNKNOWN) {
        unsigned client = v->c->client;

        vantage = v->config->vantage;
        if (vantage == TCPFSM_VANTAGE_NEAR_0)
            vantage = client ? TCPFSM_VANTAGE_NEAR_1 : TCPFSM_VANTAGE_NEAR_0;
        else if (vantage == TCPFSM_VANTAGE_NEAR_1)
            vantage = client ? TCPFSM_VANTAGE_NEAR_0 : TCPFSM_VANTAGE_NEAR_1;
    } else if (v->c->self) {
        vantage = TCPFSM_VANTAGE_BOTH;
    } else if (v->path) {
        q = v->path->quickest;
        if (q[0] && q[1] && q[flip] < 500 && q[flip] * 3 < q[flip ^ 1])
            vantage = TCPFSM_VANTAGE_NEAR_0;
        else if (q[0] && q[1] && q[flip ^ 1] < 500 && q[flip ^ 1] * 3 < q[flip])
            vantage = TCPFSM_VANTAGE_NEAR_1;
    }
    v->c->vantage = (uint8_t)vantage;
}

/* tcpfsm_observe: learns from the segment where the capture sits. Before anything else is made of it. */
void tcpfsm_observe(struct tcpfsm_visit *v)
{
    bool answer = sends(v, TCPFSM_ACK) && v->c->began && v->y != v->x && waits_for_answer(v->y) && !knows(v->y, TCPFSM_DEAF) && v->s->ack == v->y->snd_nxt;

    if (answer && v->x->frame < v->y->syn_frame)
        note_answer(v);
    tcpfsm_locate(v);
}
