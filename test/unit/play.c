/* play.c: the stage on which the tests of the engine are played; play.h describes it.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "play.h"

#include <stdio.h>
#include <string.h>

struct play play;
static struct tcpfsm_copies copies;

/* Views: what is added to every sequence number. Client ISS 100 and server ISS 300 then lie at 0, just before the
 * wrap, and across the sign. */
static const uint32_t shifts[] = { 0, 0u - 100, 0u - 101, 0xfffffff0u - 100, 0xfffffff0u - 300, 0x80000000u - 101 };

static unsigned play_index(enum who who)
{
    return (who == SERVER ? 1u : 0u) ^ (play.swap ? 1u : 0u);
}

static void print_set(char *text, size_t size, tcpfsm_set set, unsigned state)
{
    int used = snprintf(text, size, "%s of {", tcpfsm_state_name(state));

    for (unsigned i = 0; i < TCPFSM_STATES; i++)
        if (set & TCPFSM_BIT(i) && used < (int)size)
            used += snprintf(text + used, size - (size_t)used, " %s", tcpfsm_state_name(i));
    if (used < (int)size)
        snprintf(text + used, size - (size_t)used, " }");
}

/* fail_at: fails the test, saying where and in which view. */
static void fail_at(const char *file, int line, const char *what)
{
    fail_msg("%s:%d: %s, frame %u (shift 0x%08x%s): %s", file, line, play.name, play.frame, play.shift,
        play.swap ? ", endpoints exchanged" : "", what);
}

/* check_result: a result must not contradict itself, nor the one before it. */
static void check_result(void)
{
    const struct tcpfsm_result *r = &play.result;
    unsigned at[2] = { play.before.state[0], play.before.state[1] };
    bool differs = r->restarted || r->steps;

    for (unsigned i = 0; i < 2; i++) {
        if (r->state[i] >= TCPFSM_STATES || !(r->possible[i] & TCPFSM_BIT(r->state[i])) || r->possible[i] & (tcpfsm_set)~TCPFSM_SET_ALL)
            fail_at(__FILE__, __LINE__, "the state shown is not possible");
        differs |= r->state[i] != play.before.state[i] || r->possible[i] != play.before.possible[i];
    }
    if (differs && !r->changed)
        fail_at(__FILE__, __LINE__, "something changed and `changed` is false");
    if (r->copy_of && (r->steps || r->restarted))
        fail_at(__FILE__, __LINE__, "a duplicate moved something");
    for (unsigned i = 0; i < r->steps && !play.self; i++) {
        const struct tcpfsm_step *s = &r->step[i];

        if (s->from == s->to || s->event == TCPFSM_EVENT_NONE || (!r->restarted && s->from != at[s->end] && play.frame > 1))
            fail_at(__FILE__, __LINE__, "a step that does not begin where its endpoint was");
        at[s->end] = s->to;
    }
}

static uint32_t mix(uint32_t h, uint32_t v)
{
    return (h ^ v) * 16777619u;
}

/* deliver: the segment arrives at `to`; what lies beyond a gap is held until the gap is filled. */
static void deliver(unsigned to, uint32_t seq, uint32_t end, bool syn)
{
    if (syn) {
        play.end[to].rcv = seq + 1;
        play.end[to].holds = 0;
        return;
    }
    if (end == seq)
        return;
    if ((int32_t)(seq - play.end[to].rcv) > 0) {
        if (play.end[to].holds < 4) {
            play.end[to].held[play.end[to].holds][0] = seq;
            play.end[to].held[play.end[to].holds++][1] = end;
        }
        return;
    }
    if ((int32_t)(end - play.end[to].rcv) > 0)
        play.end[to].rcv = end;
    for (unsigned i = 0; i < play.end[to].holds; i++)
        if ((int32_t)(play.end[to].held[i][0] - play.end[to].rcv) <= 0 && (int32_t)(play.end[to].held[i][1] - play.end[to].rcv) > 0) {
            play.end[to].rcv = play.end[to].held[i][1];
            i = (unsigned)-1;
        }
}

static uint32_t number(int64_t script, uint32_t automatic)
{
    return script ? (uint32_t)(script - (1ll << 40)) + play.shift : automatic;
}

/* build: the segment a cue describes. */
static struct tcpfsm_segment build(enum who from, const struct cue *c)
{
    unsigned x = from == SERVER;
    struct tcpfsm_segment s = { .time = play.now, .frame = play.frame,
        .from = (uint8_t)(play.self ? 0 : play_index(from)), .flags = (uint16_t)c->flags,
        .len = c->len,
                                .window = c->window ? c->window : 8000, .ttl = c->ttl ? c->ttl : 64, .local = c->local,
                                    .has = TCPFSM_HAS_TTL };

    s.seq = number(c->seq, c->flags & SYN ? play.end[x].iss : play.end[x].snd - (uint32_t)c->back + (uint32_t)c->ahead);
    s.ack = c->flags & ACK ? number(c->ack, play.end[x].rcv - (uint32_t)c->unacked + (uint32_t)c->over) : 0;
    if (!c->no_length)
        s.has |= TCPFSM_HAS_LENGTH;
    if (!c->no_ip_id) {
        s.has |= TCPFSM_HAS_IP_ID;
        s.ip_id = c->ip_id ? c->ip_id : ++play.end[x].ip_id;
    }
    if (c->stamps) {
        s.has |= TCPFSM_HAS_TS;
        s.tsval = (uint32_t)(play.now / 1000000) + 1;
    }
    s.has |= (uint8_t)((c->fast_open ? TCPFSM_HAS_TFO : 0) | (c->bad_checksum ? TCPFSM_HAS_BAD_CHECKSUM : 0) | (c->fastclose ? TCPFSM_HAS_FASTCLOSE : 0));
    if (c->sack_right) {
        s.sacks = 1;
        s.sack[0].left = number(c->sack_left, 0);
        s.sack[0].right = number(c->sack_right, 0);
    }
    s.digest = mix(mix(mix(mix(mix(mix(2166136261u, s.seq), s.ack), s.flags), s.len), s.window), s.tsval) | 1;
    return s;
}

/* capture: the observer gets a segment. */
static void capture(const struct tcpfsm_segment *s)
{
    play.before = play.result;
    tcpfsm_segment(&play.connection, s, &play.config, play.paths ? &play.path : NULL, play.swap, &play.result);
    check_result();
}

void play_segment(enum who from, struct cue cue)
{
    unsigned x = from == SERVER, y = play.self ? x : x ^ 1;
    struct tcpfsm_segment s;
    uint32_t end;

    play.now += (cue.after == AT_ONCE ? 0 : cue.after ? cue.after : 20) * 1000000ll + cue.micros * 1000ll;
    play.frame++;
    if (cue.copy) {
        s = play.segment;
        s.time = play.now;
        s.frame = play.frame;
        s.ttl = cue.ttl ? cue.ttl : s.ttl;
    } else {
        s = build(from, &cue);
    }
    end = s.seq + s.len + ((s.flags & (SYN | FIN)) != 0);
    if (!cue.forged && !cue.copy && !(s.flags & RST)) {
        if (s.flags & SYN)
            play.end[x].iss = s.seq;
        if (s.flags & SYN || (int32_t)(end - play.end[x].snd) > 0)
            play.end[x].snd = end;
        if (!cue.lost)
            deliver(y, s.seq, end, (s.flags & SYN) != 0);
    }
    play.segment = s;
    if (cue.unseen)
        play.frame--;
    else
        capture(&s);
}

void play_each(const char *name, void (*scenario)(void))
{
    for (unsigned view = 0; view < 2 * sizeof shifts / sizeof shifts[0]; view++) {
        uint16_t port[2] = { 40000, 80 };

        memset(&play, 0, sizeof play);
        memset(&copies, 0, sizeof copies);
        play.path.copies = &copies;
        play.name = name;
        play.swap = view & 1;
        play.shift = shifts[view / 2];
        play.config = tcpfsm_config_default();
        play.now = 1000000000000ll;
        for (unsigned i = 0; i < 2; i++) {
            play.end[i].iss = (i ? 300 : 100) + play.shift;
            play.end[i].snd = play.end[i].iss + 1;
            play.end[i].rcv = (i ? 101 : 301) + play.shift;
            play.end[i].ip_id = (uint16_t)(i ? 5000 : 1000);
        }
        if (play.swap) {
            port[0] = 80;
            port[1] = 40000;
        }
        tcpfsm_open(&play.connection, false, port);
        play.result.possible[0] = play.result.possible[1] = TCPFSM_BIT(TCPFSM_CLOSED);
        scenario();
        }
}

void play_self(void)
{
    uint16_t port[2] = { 40000, 40000 };

    play.self = true;
    tcpfsm_open(&play.connection, true, port);
}

void near(enum who who)
{
    play.config.vantage = who == CLIENT ? TCPFSM_VANTAGE_NEAR_0 : TCPFSM_VANTAGE_NEAR_1;
}

void wait_ms(int64_t ms)
{
    play.now += ms * 1000000;
}

void open_connection(void)
{
    client(SYN);
    server(SYN | ACK);
    client(ACK);
    client(ACK, .len = 10);
    server(ACK);
    shows("ESTABLISHED", "ESTABLISHED");
}

void close_connection(void)
{
    client(FIN | ACK);
    server(ACK);
    server(FIN | ACK);
    client(ACK);
    shows("TIME_WAIT", "CLOSED?");
}

void unreachable(enum who who, int64_t seq, bool hard)
{
    play.now += 20000000;
    play.frame++;
    play.before = play.result;
    tcpfsm_unreachable(&play.connection, play_index(who), number(seq, 0), hard, play.frame, play.now, &play.result);
    check_result();
}

/* parse: reads names separated by '|' or ' ' into an ordered list; returns how many. Fails on a word that is no
 * state. */
static unsigned parse(const char *text, uint8_t states[TCPFSM_STATES], const char *file, int line)
{
    unsigned count = 0;

    while (*text) {
        size_t length = strcspn(text, "| ?.");
        unsigned i = 0;

        while (i < TCPFSM_STATES && (strncmp(tcpfsm_state_name(i), text, length) || tcpfsm_state_name(i)[length]))
            i++;
        if (i == TCPFSM_STATES || count == TCPFSM_STATES)
            fail_at(file, line, "the test names a state that is none");
        states[count++] = (uint8_t)i;
        text += length;
        text += strspn(text, "| ?.");
    }
    return count;
}

static tcpfsm_set set_of(const uint8_t *states, unsigned count)
{
    tcpfsm_set set = 0;

    for (unsigned i = 0; i < count; i++)
        set |= TCPFSM_BIT(states[i]);
    return set;
}

static void shows_one(enum who who, const char *want, const char *file, int line)
{
    unsigned at = play_index(who);
    tcpfsm_set set = play.result.possible[at];
    unsigned state = play.result.state[at], count;
    uint8_t states[TCPFSM_STATES] = { 0 };
    char text[320], got[200];
    bool right;

    if (!strcmp(want, "*"))
        return;
    if (!strcmp(want, "=")) {
        right = state == play.before.state[at] && set == play.before.possible[at];
    } else {
        count = parse(want, states, file, line);
        right = state == states[0];
        if (count > 1)
            right &= set == set_of(states, count);
        else if (!strchr(want, '.'))
            right &= ((set & (set - 1)) != 0) == (strchr(want, '?') != NULL);
    }
    if (!right) {
        print_set(got, sizeof got, set, state);
        snprintf(text, sizeof text, "%s: expected %s, got %s", who == CLIENT ? "client" : "server", want, got);
        fail_at(file, line, text);
    }
}

void play_shows(const char *c, const char *s, const char *file, int line)
{
    shows_one(CLIENT, c, file, line);
    shows_one(SERVER, s, file, line);
}

void play_path(enum who who, const char *states, const char *file, int line)
{
    uint8_t want[TCPFSM_STATES] = { 0 };
    unsigned count = parse(states, want, file, line), at = 1;
    char text[320] = "went";
    bool right = true;

    for (unsigned i = 0; i < play.result.steps; i++) {
        const struct tcpfsm_step *s = &play.result.step[i];

        if (s->end != play_index(who))
            continue;
        right &= at < count && want[at - 1] == s->from && want[at] == s->to;
        at++;
        snprintf(text + strlen(text), sizeof text - strlen(text), " %s->%s", tcpfsm_state_name(s->from),
            tcpfsm_state_name(s->to));
    }
    if (!right || (count ? at != count : at != 1)) {
        snprintf(text + strlen(text), sizeof text - strlen(text), ", not %s", states);
        fail_at(file, line, text);
    }
}

void play_set(enum who who, const char *states, bool in, const char *file, int line)
{
    uint8_t list[TCPFSM_STATES];
    tcpfsm_set want = set_of(list, parse(states, list, file, line)), set = play.result.possible[play_index(who)];
    char text[320], got[200];

    if (in ? (set & want) == want : !(set & want))
        return;
    print_set(got, sizeof got, set, play.result.state[play_index(who)]);
    snprintf(text, sizeof text, "%s: %s %s, got %s", who == CLIENT ? "client" : "server",
        in ? "may be" : "cannot be", states, got);
    fail_at(file, line, text);
}

void play_restarts(bool wanted, const char *file, int line)
{
    if (play.result.restarted != wanted)
        fail_at(file, line, wanted ? "a new connection should begin here" : "this is the same connection still");
}
