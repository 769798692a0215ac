/* diagnosis.c: one segment's way through the diagnosis, and what is remembered of a connection as a whole.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

#include <assert.h>
#include <string.h>

void diagnosis_begin(struct diagnosis *d)
{
    memset(d, 0, sizeof *d);
}

/* Findings that are made once an endpoint: a bit of diagnosis_end.told each. Those not listed can come once only, or
 * are worth repeating. */
static const uint8_t once[] = {
    TCPFSM_FINDING_RST_CHALLENGED,
    TCPFSM_FINDING_RST_DROPPED,
    TCPFSM_FINDING_RST_FORGED,
    TCPFSM_FINDING_RST_REJECTED_SYN_ACK,
    TCPFSM_FINDING_HALF_OPEN_SYN,
    TCPFSM_FINDING_HALF_OPEN_SYN_ACK,
    TCPFSM_FINDING_HALF_OPEN_FIN,
    TCPFSM_FINDING_HALF_OPEN_ONE_SIDED,
    TCPFSM_FINDING_HALF_OPEN_IDLE,
    TCPFSM_FINDING_HALF_OPEN_NOT_ACCEPTED,
    TCPFSM_FINDING_CLOSE_WAIT_LINGERING,
    TCPFSM_FINDING_FIN_WAIT_2_LINGERING,
    TCPFSM_FINDING_TIME_WAIT_FIN_RETRANSMISSION,
    TCPFSM_FINDING_CLOSE_HALF,
    TCPFSM_FINDING_CHALLENGE_ACK,
    TCPFSM_FINDING_DATA_AFTER_FIN,
    TCPFSM_FINDING_ROLLBACK,
    TCPFSM_FINDING_DUPLICATE,
    TCPFSM_FINDING_KEEPALIVE_UNANSWERED,
    TCPFSM_FINDING_ICMP_UNREACHABLE,
    TCPFSM_FINDING_MPTCP_FASTCLOSE,
    TCPFSM_FINDING_MIDSTREAM,
    TCPFSM_FINDING_PATH_MTU,
    TCPFSM_FINDING_SYN_PAWS,
};
static_assert(sizeof once <= 32, "diagnosis_end.told has 32 bits");

struct tcpfsm_finding *diagnosis_tell(struct visit *v, unsigned id, unsigned end, uint32_t frame)
{
    struct diagnosis_result *out = v->out;

    if (out->findings < TCPFSM_FINDINGS_MAX)
        out->findings++;
    out->finding[out->findings - 1] =
        (struct tcpfsm_finding){ .id = (uint8_t)id, .end = (uint8_t)end, .state = v->r->state[end], .frame = frame };
    return &out->finding[out->findings - 1];
}

/* bit_of: the bit of a finding that is made once; 0: it may be made again. */
static uint32_t bit_of(unsigned id)
{
    for (unsigned i = 0; i < sizeof once; i++)
        if (once[i] == id)
            return 1u << i;
    return 0;
}

bool diagnosis_told(const struct visit *v, unsigned id, unsigned end)
{
    return (v->d->end[end].told & bit_of(id)) != 0;
}

struct tcpfsm_finding *diagnosis_tell_once(struct visit *v, unsigned id, unsigned end, uint32_t frame)
{
    if (diagnosis_told(v, id, end))
        return NULL;
    v->d->end[end].told |= bit_of(id);
    return diagnosis_tell(v, id, end, frame);
}

/* ignored: the engine makes nothing of it: a wrong checksum, or none of ACK, SYN and RST. */
static bool ignored(const struct tcpfsm_segment *s)
{
    return s->has & TCPFSM_HAS_BAD_CHECKSUM || !(s->flags & (TCPFSM_ACK | TCPFSM_SYN | TCPFSM_RST)) || s->from > 1;
}

/* resume: a new incarnation begins. If it began with a SYN remembered from an earlier frame, that is entered as if it
 * had been seen there. */
static void resume(struct visit *v)
{
    struct diagnosis old = *v->d;
    struct diagnosis_end *from = &v->d->end[old.attempt_by];
    struct tcpfsm_numbers n;

    diagnosis_begin(v->d);
    tcpfsm_numbers(v->c, old.attempt_by, &n);
    if (!old.attempt_frame || n.syn_frame != old.attempt_frame)
        return;
    v->d->began = true;
    v->d->last = old.last;
    from->heard = from->since = from->open.since = old.attempt_time;
    from->frame = from->open.frame = old.attempt_frame;
    from->open.kind = OPEN_SYN;
    from->open.copies = 1;
    from->flags = LAST_WAS_SYN;
}

/* told_of_copies: the capture has a segment twice; said once a connection. */
static void told_of_copies(struct visit *v)
{
    if (v->d->began && diagnosis_tell_once(v, TCPFSM_FINDING_DUPLICATE, 0, v->r->copy_of))
        v->out->finding[v->out->findings - 1].end = (uint8_t)v->x;
}

/* uneventful: new data or an acknowledgement between two open endpoints, without a pause: nothing to say, whatever went
 * before. */
static bool uneventful(const struct visit *v)
{
    const struct tcpfsm_result *r = v->r;

    return !r->changed && !(r->facts & ~(uint32_t)TCPFSM_FACT_NEW_DATA) && v->d->began && !v->d->rst_frame &&
           (v->s->flags & (TCPFSM_SYN | TCPFSM_FIN | TCPFSM_RST | TCPFSM_ACK)) == TCPFSM_ACK &&
           r->state[0] == TCPFSM_ESTABLISHED && r->state[1] == TCPFSM_ESTABLISHED &&
           !(v->s->has & TCPFSM_HAS_FASTCLOSE);
}

/* begin_or_go_on: the first segment, and how long before this one nothing was captured. */
static void begin_or_go_on(struct visit *v)
{
    struct diagnosis *d = v->d;

    if (v->r->restarted)
        resume(v);
    v->out->silence = d->began && v->s->time > d->last ? v->s->time - d->last : 0;
    d->began = true;
}

/* rest: whatever happens seldom, by subject. */
static void say(struct visit *v)
{
    tcpfsm_numbers(v->c, v->x, &v->nx);
    tcpfsm_numbers(v->c, v->y, &v->ny);
    diagnosis_lingering(v);
    diagnosis_handshake(v);
    if (sends(v, TCPFSM_RST)) {
        diagnosis_reset(v);
        return;
    }
    diagnosis_refuted(v);
    diagnosis_closing(v);
    diagnosis_note_numbers(v);
    diagnosis_syn_again(v);
    diagnosis_silence(v);
}

/* settle: what the segment left behind. */
static void settle(struct visit *v)
{
    struct diagnosis *d = v->d;

    for (unsigned i = 0; i < 2; i++) {
        if (v->r->state[i] != d->state[i] || !d->end[i].since)
            d->end[i].since = v->now;
        d->state[i] = v->r->state[i];
    }
    d->certain = (uint8_t)((v->r->possible[0] == TCPFSM_BIT(d->state[0])) |
                           (v->r->possible[1] == TCPFSM_BIT(d->state[1])) << 1);
    d->last = v->s->time;
}

void diagnosis_segment(struct diagnosis *d, const struct tcpfsm_connection *c, const struct tcpfsm_segment *s,
                       const struct tcpfsm_config *config, const struct tcpfsm_result *r, struct diagnosis_pair *pair,
                       bool flip, struct diagnosis_result *out)
{
    struct visit v; /* not cleared as a whole: the numbers in it are filled where they are needed */

    v.d = d;
    v.c = c;
    v.s = s;
    v.config = config;
    v.r = r;
    v.pair = pair;
    v.out = out;
    v.flip = flip;
    v.x = s->from & 1;
    v.y = !v.x;
    v.now = tick(s->time);
    v.me = &d->end[v.x];
    v.you = &d->end[v.y];
    out->findings = 0;
    out->suspicious = false;
    out->silence = 0;
    if (ignored(s))
        return;
    if (r->copy_of) {
        told_of_copies(&v);
        return;
    }
    begin_or_go_on(&v);
    if (uneventful(&v))
        diagnosis_note(&v);
    else
        say(&v);
    settle(&v);
}

void diagnosis_unreachable(struct diagnosis *d, const struct tcpfsm_connection *c, unsigned from, uint32_t seq,
                           uint32_t frame, int64_t time, struct diagnosis_result *out)
{
    struct tcpfsm_segment s = { .time = time, .frame = frame, .from = (uint8_t)(from & 1) };
    struct tcpfsm_result r = { .state = { d->state[0], d->state[1] } };
    struct visit v = {
        .d = d, .c = c, .s = &s, .r = &r, .out = out, .x = from & 1, .y = !(from & 1), .now = tick(time)
    };
    bool opening, its_own;

    out->findings = 0;
    out->suspicious = false;
    out->silence = 0;
    tcpfsm_numbers(c, v.x, &v.nx);
    opening = v.nx.sent_syn && v.nx.iss == seq && d->state[v.x] == TCPFSM_SYN_SENT;
    its_own = v.nx.has_next && v.nx.next - seq < 1u << 30;
    if ((opening || its_own) &&
        diagnosis_tell_once(&v, TCPFSM_FINDING_ICMP_UNREACHABLE, v.x, opening ? v.nx.syn_frame : 0))
        out->finding[0].detail = !opening;
}

static const char *const finding_names[TCPFSM_FINDINGS] = {
    "",
#define TCPFSM_FINDING_ROW(id, name, severity, group, text, action, cases, summary) name,
#include "findings.def"
#undef TCPFSM_FINDING_ROW
};

const char *tcpfsm_finding_name(unsigned finding)
{
    return finding < TCPFSM_FINDINGS ? finding_names[finding] : "?";
}
