/* target.c: the fuzz target of the engine. Bytes become segments of one 4-tuple, near each other often enough to open and close connections, wild otherwise;
 * what the engine answers must keep the promises of tcpfsm.h whatever it is given.
 *
 * Layout: HEADER_SIZE bytes of settings, then records of RECORD_SIZE bytes (make_corpus.py writes the same):
 *
 *     header  0 vantage (mod 4), bit 2 RFC 793, bit 3 self-connect, bit 4 no path, bit 5 ports the other way   1-3 the shift of both sequence spaces
 *     record  0 bit 0 from; bits 1 to 7: has IP ID, timestamps, window scale, Fast Open, no length, bad checksum, MP_FASTCLOSE
 *             1 control bits   2 bits 0-1 where SEQ counts from, 2-3 where ACK does, 4 SACK, 5 ICMP instead, 6-7 unit of time   3 time   4-5 SEQ   6-7 ACK
 *             8-9 length   10-11 window   12 IP ID   13 TTL   14 shift count   15 digest
 *     SEQ and ACK count from: 0 the first ISN, 1 the second (an incarnation later), 2 the highest sent so far, 3 everywhere (times 65537)
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "../../plugin/engine/connection.h"
#include "diagnosis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_SIZE = 4, RECORD_SIZE = 16, VIEWS = 3, SEGMENTS = 400 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One engine, fed a transformed copy of the same segments. */
struct view {
    struct tcpfsm_connection connection;
    struct tcpfsm_path path;
    struct tcpfsm_copies copies;
    struct tcpfsm_result now, before;
    struct diagnosis diagnosis;
    struct diagnosis_pair pair;
    struct diagnosis_result said;
    uint32_t shift[2]; /* added to the sequence numbers of endpoint 0 and 1 */
    bool swapped;      /* endpoints 0 and 1 exchanged */
};

struct run {
    struct view view[VIEWS];
    struct tcpfsm_config config;
    uint32_t highest[2];
    int64_t time;
    uint32_t frame;
    bool self, paths;
    bool began;        /* before this segment the connection had begun: what came before said nothing (bad checksum, no length, a lone RST) */
};

static void fail(const struct run *r, unsigned view, const char *what)
{
    fprintf(stderr, "segment %u, view %u (0 as it is, 1 sequence numbers shifted, 2 endpoints exchanged): %s\n", r->frame, view, what);
    abort();
}

static uint32_t get16(const uint8_t *p) { return (uint32_t)p[0] << 8 | p[1]; }

/* place: a sequence number of endpoint `end`. */
static uint32_t place(const struct run *r, unsigned end, unsigned mode, uint32_t offset)
{
    static const uint32_t isn[2] = { 1000, 0xfffffff0u };
    if (r->self)
        end = 0;
    uint32_t signed_offset = offset & 0x8000 ? offset | 0xffff0000u : offset;
    switch (mode) {
    case 0: return isn[end] + signed_offset;
    case 1: return isn[end] + 0x00200000u + signed_offset;
    case 2: return r->highest[end] + signed_offset;
    default: return offset * 65537u;
    }
}

static void decode(struct run *r, const uint8_t *p, struct tcpfsm_segment *s)
{
    static const int64_t unit[4] = { 1000, 1000000, 1000000000, -1000000 };
    memset(s, 0, sizeof *s);
    r->time += unit[p[2] >> 6] * p[3];
    s->time = r->time;
    s->frame = ++r->frame;
    s->from = (uint8_t)(p[0] & 1);
    unsigned has = TCPFSM_HAS_TTL | (p[0] & 0x02 ? TCPFSM_HAS_IP_ID : 0u) | (p[0] & 0x04 ? TCPFSM_HAS_TS : 0u) | (p[0] & 0x08 ? TCPFSM_HAS_WSCALE : 0u);
    has |= (p[0] & 0x10 ? TCPFSM_HAS_TFO : 0u) | (p[0] & 0x20 ? 0u : TCPFSM_HAS_LENGTH) | (p[0] & 0x40 ? TCPFSM_HAS_BAD_CHECKSUM : 0u);
    s->has = (uint8_t)(has | (p[0] & 0x80 ? TCPFSM_HAS_FASTCLOSE : 0u));
    s->flags = p[1] & 0x3f;
    s->seq = place(r, s->from, p[2] & 3, get16(p + 4));
    s->ack = s->flags & TCPFSM_ACK ? place(r, 1u - s->from, p[2] >> 2 & 3, get16(p + 6)) : 0;
    s->len = get16(p + 8);
    s->window = (uint16_t)get16(p + 10);
    s->ip_id = p[12];
    s->ttl = p[13];
    s->wscale = p[14] % 15;
    s->digest = p[15];
    s->tsval = (uint32_t)(r->time / 1000000) + p[15];
    s->tsecr = s->tsval - 1000;
    s->text = s->flags & TCPFSM_RST && s->len ? p : NULL;
    s->text_len = s->text ? RECORD_SIZE : 0;
    s->sacks = p[2] & 0x10 ? 1 : 0;
    if (s->sacks) {
        s->sack[0].left = s->ack + p[12];
        s->sack[0].right = s->ack + p[12] + 1 + p[15];
    }
    unsigned space = r->self ? 0 : s->from;
    uint32_t end = s->seq + s->len + (s->flags & TCPFSM_SYN ? 1 : 0) + (s->flags & TCPFSM_FIN ? 1 : 0);
    if ((int32_t)(end - r->highest[space]) > 0)
        r->highest[space] = end;
}

/* transform: the segment as a view sees it. */
static struct tcpfsm_segment transform(const struct view *v, const struct tcpfsm_segment *s)
{
    struct tcpfsm_segment t = *s;
    t.seq += v->shift[s->from];
    if (s->flags & TCPFSM_ACK)
        t.ack += v->shift[1 - s->from];
    for (unsigned i = 0; i < s->sacks; i++) {
        t.sack[i].left += v->shift[1 - s->from];
        t.sack[i].right += v->shift[1 - s->from];
    }
    if (v->swapped)
        t.from = 1 - s->from;
    return t;
}

/* refusal: LISTEN was assumed, and a RST in answer to the SYN shows that nobody listened (3.10.7.1): no row of the table, which leaves a listener listening.
 * */
static bool refusal(const struct tcpfsm_step *s) { return s->event == TCPFSM_EVENT_SND_RST && s->from == TCPFSM_LISTEN && s->to == TCPFSM_CLOSED; }

/* rewritten: events that are no transition of a socket; the table has no say in where they lead. */
static bool rewritten(unsigned event)
{
    return tcpfsm_is_withdrawal(event) || event == TCPFSM_EVENT_REPLACED || event == TCPFSM_EVENT_MISSED;
}

static void check_steps(const struct run *r, unsigned view)
{
    const struct view *v = &r->view[view];
    for (unsigned end = 0; end < (r->self ? 1u : 2u); end++) { /* one socket: its steps are told of endpoint 0 */
        bool free_start = !r->began || v->now.restarted;
        unsigned at = v->before.state[end];
        for (unsigned i = 0; i < v->now.steps; i++) {
            const struct tcpfsm_step *s = &v->now.step[i];
            if (s->end > 1 || s->event == TCPFSM_EVENT_NONE || s->event >= TCPFSM_EVENTS || s->from >= TCPFSM_STATES || s->to >= TCPFSM_STATES)
                fail(r, view, "a step out of range");
            if (s->end != end)
                continue;
            if (s->from == s->to)
                fail(r, view, "a step from a state to itself");
            if (!free_start && s->from != at)
                fail(r, view, "the steps do not chain");
            if (!rewritten(s->event) && !refusal(s) && tcpfsm_next(s->event, s->from) != (enum tcpfsm_state)s->to)
                fail(r, view, "a step that is not in the table");
            at = s->to;
            free_start = false;
        }
        if (!free_start && at != v->now.state[end])
            fail(r, view, "the steps do not lead to the state shown");
    }
}

/* check_evidence: a receiver that the capture is not beside loses no state, unless what arrived says why: evidence narrows, and nothing else does. */
static void check_evidence(const struct run *r, unsigned view, const struct tcpfsm_segment *s)
{
    const struct view *v = &r->view[view];
    const struct tcpfsm_result *o = &v->now;
    unsigned to = 1u - s->from;
    enum tcpfsm_vantage at = tcpfsm_vantage(&v->connection);
    bool beside = at == TCPFSM_VANTAGE_BOTH || at == (to ? TCPFSM_VANTAGE_NEAR_1 : TCPFSM_VANTAGE_NEAR_0);
    uint32_t reasons = TCPFSM_FACT_FIRST | TCPFSM_FACT_NO_MISSED_FIN | TCPFSM_FACT_FIN_REFUTED | TCPFSM_FACT_SYN_REFUTED |
                       TCPFSM_FACT_RST_REFUTED_BY_SENDER | TCPFSM_FACT_RST_REFUTED_BY_RECEIVER | TCPFSM_FACT_RST_REJECTS | TCPFSM_FACT_UNSEEN | TCPFSM_FACT_NEW_FIN;

    if (r->self || beside || !r->began || o->restarted || o->facts & reasons)
        return;
    if (o->possible_before[to] & ~o->possible[to] & ~TCPFSM_BIT(o->before[to])) {
        fprintf(stderr, "receiver %u: {%03x} -> {%03x}, facts %x\n", to, o->possible_before[to], o->possible[to], o->facts);
        fail(r, view, "a state was removed from its receiver's set without evidence");
    }
}

static void check_result(const struct run *r, unsigned view)
{
    const struct view *v = &r->view[view];
    const struct tcpfsm_result *o = &v->now;
    const struct diagnosis_result *said = &v->said;
    bool differs = o->steps != 0;
    if (o->steps > TCPFSM_STEPS_MAX || said->findings > TCPFSM_FINDINGS_MAX || said->silence < 0)
        fail(r, view, "more steps or findings than there is room for");
    check_steps(r, view);
    for (unsigned i = 0; i < said->findings; i++)
        if (said->finding[i].id == TCPFSM_FINDING_NONE || said->finding[i].id >= TCPFSM_FINDINGS || said->finding[i].end > 1 ||
            said->finding[i].state >= TCPFSM_STATES || said->finding[i].frame > r->frame || said->finding[i].other > r->frame ||
            said->finding[i].time < 0 || said->finding[i].silence < 0 || said->finding[i].quote[TCPFSM_QUOTE - 1])
            fail(r, view, "a finding out of range");
    if (r->self && (o->state[0] != o->state[1] || o->possible[0] != o->possible[1]))
        fail(r, view, "one socket in two states");
    for (unsigned end = 0; end < 2; end++) {
        if (o->state[end] >= TCPFSM_STATES || !(o->possible[end] & TCPFSM_BIT(o->state[end])))
            fail(r, view, "the state shown is not possible");
        if (o->possible[end] & ~TCPFSM_SET_ALL)
            fail(r, view, "a possible state that does not exist");
        if (r->frame > 1)
            differs |= o->state[end] != v->before.state[end] || o->possible[end] != v->before.possible[end];
    }
    if (differs && !o->changed)
        fail(r, view, "something changed, and it says nothing did");
    if (tcpfsm_client(&v->connection) > 1 || !*tcpfsm_role_name(tcpfsm_role(&v->connection)) || !*tcpfsm_phase_name(tcpfsm_phase(&v->connection)) ||
        !*tcpfsm_outcome_name(diagnosis_outcome(&v->diagnosis, &v->connection)) || tcpfsm_opened_in(&v->connection) > r->frame)
        fail(r, view, "the summary is out of range");
}

/* check_same: a view must answer as the first does, endpoints exchanged where it has them so. */
static void check_same(const struct run *r, unsigned view)
{
    const struct tcpfsm_result *a = &r->view[0].now, *b = &r->view[view].now;
    unsigned x = r->view[view].swapped;
    if (a->restarted != b->restarted || !a->copy_of != !b->copy_of || a->changed != b->changed || a->steps != b->steps)
        fail(r, view, "another answer than the first view's: what happened");
    for (unsigned end = 0; end < 2; end++)
        if (a->state[end] != b->state[end ^ x] || a->possible[end] != b->possible[end ^ x])
            fail(r, view, "another answer than the first view's: states");
    for (unsigned i = 0; i < a->steps; i++)
        if (a->step[i].end != (b->step[i].end ^ x) || a->step[i].from != b->step[i].from || a->step[i].to != b->step[i].to ||
            a->step[i].event != b->step[i].event)
            fail(r, view, "another answer than the first view's: steps");
    const struct diagnosis_result *f = &r->view[0].said, *g = &r->view[view].said;
    if (f->findings != g->findings || f->silence != g->silence)
        fail(r, view, "another answer than the first view's: findings");
    for (unsigned i = 0; i < f->findings; i++)
        if (f->finding[i].id != g->finding[i].id || f->finding[i].end != (g->finding[i].end ^ x) || f->finding[i].frame != g->finding[i].frame ||
            f->finding[i].count != g->finding[i].count || f->finding[i].detail != g->finding[i].detail || f->finding[i].time != g->finding[i].time ||
            f->finding[i].other != g->finding[i].other || f->finding[i].traits != g->finding[i].traits)
            fail(r, view, "another answer than the first view's: findings");
    const struct tcpfsm_connection *c = &r->view[0].connection, *d = &r->view[view].connection;
    if (tcpfsm_role(c) != tcpfsm_role(d) || (tcpfsm_role(c) != TCPFSM_ROLE_UNKNOWN && tcpfsm_client(c) != (tcpfsm_client(d) ^ x)) ||
        diagnosis_outcome(&r->view[0].diagnosis, c) != diagnosis_outcome(&r->view[view].diagnosis, d))
        fail(r, view, "another answer than the first view's: client or outcome");
}

/* show: with TCPFSM_FUZZ_SHOW in the environment, each segment and what was made of it, for reading a corpus file or a crash. */
static void show(const struct run *r, const struct tcpfsm_segment *s)
{
    const struct tcpfsm_result *o = &r->view[0].now;
    fprintf(stderr, "%4u %10.6f s  %u  flags %02x  seq %u  ack %u  len %u  has %02x  %s%s(%03x) %s(%03x)%s\n", s->frame, (double)s->time / 1e9, s->from,
        s->flags, s->seq, s->ack,
            s->len, s->has, o->restarted ? "restarted " : "", tcpfsm_state_name(o->state[0]), o->possible[0], tcpfsm_state_name(o->state[1]), o->possible[1],
            o->copy_of ? " duplicate" : "");
    for (unsigned i = 0; i < o->steps; i++)
        fprintf(stderr, "         step: %u %s -> %s, %s\n", o->step[i].end, tcpfsm_state_name(o->step[i].from), tcpfsm_state_name(o->step[i].to),
                tcpfsm_event_text(o->step[i].event));
}

static void begin(struct run *r, const uint8_t *p)
{
    uint16_t port[2] = { p[0] & 0x20 ? 80 : 40000, p[0] & 0x20 ? 40000 : 80 };
    memset(r, 0, sizeof *r);
    r->config = tcpfsm_config_default();
    r->config.vantage = p[0] & 3;
    r->config.rst_rfc793 = (p[0] & 4) != 0;
    r->self = (p[0] & 8) != 0;
    r->paths = !(p[0] & 16);
    r->time = 1000000000;
    r->view[1].shift[0] = (uint32_t)p[1] << 24 | (uint32_t)p[3] << 8 | 1;
    r->view[1].shift[1] = (uint32_t)p[2] << 24 | (uint32_t)p[3] << 4 | 3;
    r->view[2].swapped = !r->self;
    if (r->self) {
        port[1] = port[0];
        r->view[1].shift[1] = r->view[1].shift[0]; /* one socket, one sequence space */
    }
    for (unsigned i = 0; i < VIEWS; i++) {
        uint16_t mine[2] = { port[r->view[i].swapped], port[!r->view[i].swapped] };
        r->view[i].path.copies = &r->view[i].copies;
        tcpfsm_open(&r->view[i].connection, r->self, mine);
    }
}

static void feed(struct run *r, unsigned view, const struct tcpfsm_segment *s, bool icmp)
{
    struct view *v = &r->view[view];
    struct tcpfsm_segment t = transform(v, s);
    v->before = v->now;
    memset(&v->now, 0xa5, sizeof v->now); /* the engine must write all of it */
    memset(&v->said, 0xa5, sizeof v->said);
    if (icmp) {
        tcpfsm_unreachable(&v->connection, t.from, t.seq, (s->digest & 1) != 0, t.frame, t.time, &v->now);
        diagnosis_unreachable(&v->diagnosis, &v->connection, t.from, t.seq, t.frame, t.time, &v->said);
    } else {
        struct diagnosis_pair *pair = r->paths ? &v->pair : NULL;
        tcpfsm_segment(&v->connection, &t, &r->config, r->paths ? &v->path : NULL, v->swapped, &v->now);
        diagnosis_segment(&v->diagnosis, &v->connection, &t, &r->config, &v->now, pair, v->swapped, &v->said);
        check_evidence(r, view, &t);
    }
#ifdef FUZZ_BROKEN /* to show that the checks check */
    if (v->now.state[0] == TCPFSM_FIN_WAIT_2 || v->now.state[1] == TCPFSM_FIN_WAIT_2)
        v->now.possible[0] = v->now.possible[1] = TCPFSM_BIT(TCPFSM_LISTEN);
#endif
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct run r;
    bool shown = getenv("TCPFSM_FUZZ_SHOW") != NULL;
    if (size < HEADER_SIZE)
        return 0;
    begin(&r, data);
    data += HEADER_SIZE;
    size -= HEADER_SIZE;
    for (unsigned i = 0; size >= RECORD_SIZE && i < SEGMENTS; i++, data += RECORD_SIZE, size -= RECORD_SIZE) {
        struct tcpfsm_segment s;
        decode(&r, data, &s);
        r.began = tcpfsm_role(&r.view[0].connection) != TCPFSM_ROLE_UNKNOWN;
        for (unsigned view = 0; view < VIEWS; view++) {
            feed(&r, view, &s, (data[2] & 0x20) != 0);
            if (!view && shown)
                show(&r, &s);
            check_result(&r, view);
            if (view)
                check_same(&r, view);
        }
    }
    return 0;
}
