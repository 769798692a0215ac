/* judge.c: findings: what is worth telling a person about the segment just taken.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

#include <assert.h>

/* tcpfsm_tell: adds a finding to the result. */
void tcpfsm_tell(struct tcpfsm_visit *v, unsigned id, const struct tcpfsm_endpoint *e, uint32_t frame, uint32_t count, int64_t time, unsigned state, unsigned detail)
{
    struct tcpfsm_result *out = v->out;

    if (out->findings < TCPFSM_FINDINGS_MAX)
        out->finding[out->findings++] = (struct tcpfsm_finding){ .id = (uint8_t)id, .end = (uint8_t)index_of(v, e), .state = (uint8_t)state, .detail = (uint8_t)detail,
                                                                 .frame = frame, .count = count, .time = time };
}

/* tcpfsm_tell_once: true the first time for this endpoint and finding. */
bool tcpfsm_tell_once(struct tcpfsm_visit *v, unsigned id, struct tcpfsm_endpoint *e)
{
    uint32_t bit = 1u << (id - TCPFSM_FINDING_RST_CHALLENGED), told = e->told;

    static_assert(TCPFSM_FINDINGS - TCPFSM_FINDING_RST_CHALLENGED <= 32, "told has 32 bits; the causes of a RST, the first in the catalogue, need none");
    (void)v;
    e->told |= bit;
    return !(told & bit);
}

/* Half-open findings need this long and a retransmission: below it, loss is all that is known. */
#define HALF_OPEN_AFTER SECONDS(3)

/* FIN_WAIT_2 of a socket its application has closed ends after this long on Linux and BSD, silently (no RFC says so). */
#define FIN_WAIT_2_ENDS SECONDS(60)

/* lingers: how long e has been where it is with nothing sent by `sender`, if longer than `limit`; else 0. */
static int64_t lingers(const struct tcpfsm_visit *v, const struct tcpfsm_endpoint *e, const struct tcpfsm_endpoint *sender, int64_t limit)
{
    uint32_t from = sender->sent_data && later(sender->sent_data, e->since) ? sender->sent_data : e->since;

    return ago(v, from) > limit ? ago(v, e->since) : 0;
}

/* judge_lingering: CLOSE_WAIT means its application has not closed; FIN_WAIT_2 that the peer's has not. Told once for a stay, as a segment passes after
 * the threshold. */
static void judge_lingering(struct tcpfsm_visit *v, struct tcpfsm_endpoint *e)
{
    const struct tcpfsm_endpoint *peer = e == v->x ? v->y : v->x;
    bool proven = knows(peer, TCPFSM_SENT_FIN) && knows(e, TCPFSM_KNOWS_ACK) && seq_lt(peer->snd_fin, e->ack);
    int64_t time;

    if (e->state == TCPFSM_CLOSE_WAIT && proven) {
        time = lingers(v, e, e, v->config->lingering);
        if (time && tcpfsm_tell_once(v, TCPFSM_FINDING_CLOSE_WAIT_LINGERING, e))
            tcpfsm_tell(v, TCPFSM_FINDING_CLOSE_WAIT_LINGERING, e, peer->fin_frame, 0, time, e->state, 0);
    } else if (e->state == TCPFSM_FIN_WAIT_2) {
        time = lingers(v, e, peer, FIN_WAIT_2_ENDS > v->config->lingering ? FIN_WAIT_2_ENDS : v->config->lingering);
        if (time && tcpfsm_tell_once(v, TCPFSM_FINDING_FIN_WAIT_2_LINGERING, e))
            tcpfsm_tell(v, TCPFSM_FINDING_FIN_WAIT_2_LINGERING, e, e->ack_frame, 0, time, e->state, 0);
    }
}

/* tcpfsm_judge_wait: what the time since the last segment tells, before this one changes anything. */
void tcpfsm_judge_wait(struct tcpfsm_visit *v)
{
    if (v->c->attempt.pending)
        return;
    judge_lingering(v, v->x);
    if (v->y != v->x)
        judge_lingering(v, v->y);
}

/* judge_repeat: x repeats its SYN, SYN,ACK or FIN. */
static void judge_repeat(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;
    int64_t waited = since_sent(v, x);

    if (v->is.syn_again && !sends(v, TCPFSM_ACK)) {
        if (!knows(y, TCPFSM_SENT) && waited >= HALF_OPEN_AFTER && tcpfsm_tell_once(v, TCPFSM_FINDING_HALF_OPEN_SYN, y))
            tcpfsm_tell(v, TCPFSM_FINDING_HALF_OPEN_SYN, y, x->syn_frame, x->copies, waited, y->state, 0);
    } else if (v->is.syn_again && x->ack_arrived) {
        if (ago(v, x->ack_arrived) >= HALF_OPEN_AFTER && tcpfsm_tell_once(v, TCPFSM_FINDING_HALF_OPEN_NOT_ACCEPTED, x))
            tcpfsm_tell(v, TCPFSM_FINDING_HALF_OPEN_NOT_ACCEPTED, x, x->ack_frame, x->copies, ago(v, x->ack_arrived), x->state, 0);
    } else if (v->is.syn_again) {
        if (waited >= HALF_OPEN_AFTER && tcpfsm_tell_once(v, TCPFSM_FINDING_HALF_OPEN_SYN_ACK, x))
            tcpfsm_tell(v, TCPFSM_FINDING_HALF_OPEN_SYN_ACK, x, x->syn_frame, x->copies, waited, x->state, 0);
    } else if (v->is.fin_again && y->frame < x->fin_frame && !(knows(y, TCPFSM_KNOWS_ACK) && seq_lt(x->snd_fin, y->ack))) {
        if (waited >= HALF_OPEN_AFTER && tcpfsm_tell_once(v, TCPFSM_FINDING_HALF_OPEN_FIN, x))
            tcpfsm_tell(v, TCPFSM_FINDING_HALF_OPEN_FIN, x, x->fin_frame, x->copies, waited, x->state, 0);
    }
}

/* judge_data: data or keepalives without an answer, and data after the peer's FIN. */
static void judge_data(struct tcpfsm_visit *v)
{
    struct tcpfsm_endpoint *x = v->x, *y = v->y;

    if (v->is.data_again && !knows(x, TCPFSM_SENT_FIN) && x->data_copies >= 3 && y->asked && ago(v, y->asked) >= HALF_OPEN_AFTER && tcpfsm_tell_once(v, TCPFSM_FINDING_HALF_OPEN_IDLE, x))
        tcpfsm_tell(v, TCPFSM_FINDING_HALF_OPEN_IDLE, x, x->data_frame, x->data_copies, ago(v, y->asked), x->state, 0);
    if (v->is.keepalive && x->keepalives >= 3 && tcpfsm_tell_once(v, TCPFSM_FINDING_KEEPALIVE_UNANSWERED, x))
        tcpfsm_tell(v, TCPFSM_FINDING_KEEPALIVE_UNANSWERED, x, y->frame, x->keepalives, 0, x->state, 0);
    if (v->is.new_data && v->is.acks_fin && x->state == TCPFSM_CLOSE_WAIT && tcpfsm_tell_once(v, TCPFSM_FINDING_CLOSE_HALF, x))
        tcpfsm_tell(v, TCPFSM_FINDING_CLOSE_HALF, x, y->fin_frame, 0, 0, x->state, 0);
}

/* judge_challenge: the receiver of a RST that was in the window but not exact asks whether it was meant (RFC 5961 section 3.2). */
static void judge_challenge(struct tcpfsm_visit *v)
{
    struct tcpfsm_connection *c = v->c;

    if (!c->challenged_frame || sends(v, TCPFSM_RST) || v->s->len || !sends(v, TCPFSM_ACK) || v->is.fin || v->s->frame == c->challenged_frame)
        return;
    if (v->y->knows & TCPFSM_SENT_RST && tcpfsm_tell_once(v, TCPFSM_FINDING_CHALLENGE_ACK, v->x))
        tcpfsm_tell(v, TCPFSM_FINDING_CHALLENGE_ACK, v->x, c->challenged_frame, 0, 0, v->x->state, 0);
    c->challenged_frame = 0;
}

/* tcpfsm_judge: what the segment tells, after it has had its effect. */
void tcpfsm_judge(struct tcpfsm_visit *v)
{
    judge_repeat(v);
    judge_data(v);
    judge_challenge(v);
    if (v->s->has & TCPFSM_HAS_FASTCLOSE && tcpfsm_tell_once(v, TCPFSM_FINDING_MPTCP_FASTCLOSE, v->x))
        tcpfsm_tell(v, TCPFSM_FINDING_MPTCP_FASTCLOSE, v->x, 0, 0, 0, v->x->state, 0);
}
