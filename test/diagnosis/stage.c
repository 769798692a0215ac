/* stage.c: the engine of stage.h.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "stage.h"

struct stage stage;

/* The engine's part, as the test has set it. */
void tcpfsm_numbers(const struct tcpfsm_connection *c, unsigned end, struct tcpfsm_numbers *n)
{
    (void)c;
    *n = stage.n[end & 1];
}
unsigned tcpfsm_client(const struct tcpfsm_connection *c) { (void)c; return CLIENT; }
enum tcpfsm_vantage tcpfsm_vantage(const struct tcpfsm_connection *c) { (void)c; return stage.vantage; }
uint32_t tcpfsm_incarnation(const struct tcpfsm_connection *c) { (void)c; return 1; }
int tcpfsm_reset_by(const struct tcpfsm_connection *c) { (void)c; return stage.reset_by; }
enum tcpfsm_phase tcpfsm_phase(const struct tcpfsm_connection *c) { (void)c; return TCPFSM_PHASE_OPEN; }

/* account: what the engine would know of both ends after the segment. */
static void account(unsigned x, const struct cue *cue, const struct tcpfsm_segment *s)
{
    struct tcpfsm_numbers *n = &stage.n[x], *peer = &stage.n[!x];
    uint32_t end = s->seq + s->len + ((s->flags & (SYN | FIN)) != 0);

    if (s->flags & RST)
        return;
    n->captured = n->sent = n->has_next = true;
    n->frame = s->frame;
    if (s->flags & SYN) {
        n->has_iss = true;
        n->iss = s->seq;
        n->syn_frame = n->syn_frame ? n->syn_frame : s->frame;
        *(s->flags & ACK ? &n->sent_syn_ack : &n->sent_syn) = true;
    }
    if (s->flags & FIN && !n->has_fin) {
        n->has_fin = true;
        n->fin = end - 1;
        n->fin_frame = s->frame;
    }
    if (seq_lt(stage.snd[x], end) && !cue->back)
        stage.snd[x] = n->next = end;
    if (!(s->flags & ACK))
        return;
    if (!peer->ack_frame && seq_lt(peer->iss, s->ack))
        peer->ack_frame = s->frame;
    if (!n->has_ack || seq_lt(n->ack, s->ack))
        n->ack = s->ack;
    n->has_ack = true;
}

/* facts: those that follow from the cue. */
static uint32_t facts(unsigned x, const struct cue *cue, const struct tcpfsm_segment *s)
{
    const struct tcpfsm_numbers *n = &stage.n[x], *peer = &stage.n[!x];
    uint32_t out = cue->facts, ack = s->flags & ACK && peer->has_fin
                                         ? seq_lt(peer->fin, s->ack) ? TCPFSM_FACT_ACKS_FIN : TCPFSM_FACT_MISSES_FIN
                                         : 0;

    if (s->flags & (RST | SYN))
        return out | (s->flags & SYN && n->has_iss && !(s->flags & RST) ? TCPFSM_FACT_SYN_AGAIN : 0);
    if (s->flags & FIN)
        return out | ack | (n->has_fin ? TCPFSM_FACT_FIN_AGAIN : TCPFSM_FACT_NEW_FIN);
    if (cue->back == 1 && s->len <= 1)
        return out | ack | TCPFSM_FACT_KEEPALIVE;
    return out | ack | (s->len ? cue->back ? TCPFSM_FACT_DATA_AGAIN : TCPFSM_FACT_NEW_DATA : 0);
}

static void move(const struct cue *cue, unsigned x)
{
    struct tcpfsm_result *r = &stage.r;

    if (cue->state[0] || cue->state[1])
        memcpy(stage.state, cue->state, sizeof stage.state);
    if (cue->flags & RST && cue->facts & ACCEPTED)
        stage.state[0] = stage.state[1] = TCPFSM_CLOSED, stage.reset_by = (int)x;
    for (unsigned i = 0; i < 2; i++) {
        r->state[i] = stage.state[i];
        r->possible[i] = TCPFSM_BIT(r->state[i]);
        r->changed |= r->state[i] != r->before[i];
    }
}

void stage_segment(unsigned x, struct cue cue)
{
    struct tcpfsm_segment s = { .frame = ++stage.frame,
                                .flags = (uint16_t)cue.flags,
                                .len = cue.len,
                                .from = (uint8_t)x,
                                .has = TCPFSM_HAS_LENGTH | TCPFSM_HAS_TTL | TCPFSM_HAS_IP_ID };

    stage.now += cue.after ? cue.after : MS(20);
    s.time = stage.now;
    s.seq = stage.snd[x] - (uint32_t)cue.back;
    s.ack = stage.snd[!x] - (uint32_t)cue.unacked;
    s.window = cue.closed_window ? 0 : cue.window ? cue.window : 5000;
    s.ttl = cue.ttl ? cue.ttl : 64;
    s.ip_id = cue.id ? cue.id : ++stage.id[x];
    s.text = (const uint8_t *)cue.text;
    s.text_len = (uint8_t)(cue.text ? strlen(cue.text) : 0);
    if (cue.bad)
        s.has |= TCPFSM_HAS_BAD_CHECKSUM;
    if (cue.fast)
        s.has |= TCPFSM_HAS_FASTCLOSE;
    if (cue.stamps)
        s.has |= TCPFSM_HAS_TS, s.tsval = s.tsecr = cue.stamp;
    memset(&stage.r, 0, sizeof stage.r);
    memcpy(stage.r.before, stage.state, sizeof stage.state);
    for (unsigned i = 0; i < 2; i++)
        stage.r.possible_before[i] = TCPFSM_BIT(stage.state[i]);
    stage.r.facts = facts(x, &cue, &s);
    stage.r.evidence = cue.evidence;
    stage.r.restarted = stage.restarts;
    stage.r.copy_of = stage.copy_of;
    stage.restarts = false;
    stage.copy_of = 0;
    account(x, &cue, &s);
    move(&cue, x);
    memset(&stage.said, 0xa5, sizeof stage.said);
    diagnosis_segment(&stage.d, NULL, &s, &stage.config, &stage.r, &stage.pair, false, &stage.said);
}

static void clear(void)
{
    memset(&stage, 0, sizeof stage);
    stage.config = (struct tcpfsm_config){ .time_wait = SECONDS(60), .lingering = SECONDS(10) };
    stage.now = SECONDS(1000);
    stage.reset_by = -1;
    stage.snd[0] = 1000;
    stage.snd[1] = 0xfffffff0u;     /* wraps soon */
    stage.id[0] = 100;
    stage.id[1] = 40000;
}

void begin_unseen(void)
{
    clear();
    stage.state[0] = stage.state[1] = TCPFSM_ESTABLISHED;
}

void begin(void)
{
    clear();
    from(CLIENT, SYN, .state = { TCPFSM_SYN_SENT, TCPFSM_LISTEN });
    from(SERVER, SYN | ACK, .state = { TCPFSM_SYN_SENT, TCPFSM_SYN_RECEIVED });
    from(CLIENT, ACK, .state = { TCPFSM_ESTABLISHED, TCPFSM_ESTABLISHED });
    from(CLIENT, ACK | PSH, .len = 10);
    from(SERVER, ACK);
    from(SERVER, ACK | PSH, .len = 100);
    from(CLIENT, ACK);
    says_not(NULL);
}

void later(int64_t nanoseconds) { stage.now += nanoseconds; }

const struct tcpfsm_finding *says(const char *name, unsigned about)
{
    for (unsigned i = 0; i < stage.said.findings; i++)
        if (!strcmp(tcpfsm_finding_name(stage.said.finding[i].id), name)) {
            assert_int_equal(stage.said.finding[i].end, about);
            return &stage.said.finding[i];
        }
    fail_msg("frame %u: no %s; first of %u: %s", stage.frame, name, stage.said.findings,
             stage.said.findings ? tcpfsm_finding_name(stage.said.finding[0].id) : "none");
    return NULL;
}

void says_not(const char *name)
{
    for (unsigned i = 0; i < stage.said.findings; i++)
        if (!name || !strcmp(tcpfsm_finding_name(stage.said.finding[i].id), name))
            fail_msg("frame %u: %s", stage.frame, tcpfsm_finding_name(stage.said.finding[i].id));
}
