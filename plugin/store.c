/* store.c: tuples, connections, changes.
 *
 * Lookups are by hash of both addresses and ports, the same for both directions; a quiet segment touches the tuple and its two hosts only.
 *
 * A frame number may be analysed more than once: with a read filter in two passes (-2 -R) a rejected frame gives its number back. A record of a frame therefore
 * replaces what an earlier frame of that number left; the states go on from what the engine has seen, for it did see that segment.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "store.h"
#include "hosts.h"
#include "index.h"
#include "plugin.h"
#include "pool.h"
#include "sources.h"

#include <string.h>

enum { ADDRESS_MAX = 16, BACK_MAX = 65535, FINDINGS_MAX = 65535 };

/* A segment that the capture has twice. */
struct copy { uint32_t frame, order, of; };

static struct tcpfsm_copies recent;  /* what the capture may have twice */

struct path { uint32_t low, high; struct tcpfsm_path path; struct diagnosis_pair pair; };

static struct pool tuples = {.size = sizeof(struct store_tuple)}, connections = {.size = sizeof(struct store_connection)},
                   paths = {.size = sizeof(struct path)}, lists = {.size = sizeof(uint32_t *)}, found = {.size = sizeof(struct store_finding *)};
static struct index tuple_index, path_index;
static struct { struct copy *at; uint32_t used, room; } copies;    /* in the order of their frames */

/* list_of: the numbers of the connections of a tuple that has had several, oldest first; room for the next power of two. */
static uint32_t **list_of(uint32_t number) { return (uint32_t **)pool_at(&lists, number); }

/* found_of: the findings of a connection that has some; room for the next power of two. */
static struct store_finding **found_of(uint32_t number) { return (struct store_finding **)pool_at(&found, number); }

void store_open(void)
{
    store_close();
    hosts_open();
}

void store_close(void)
{
    for (uint32_t i = 0; i < connections.count; i++)
        g_free(store_connection_of(i)->change);
    for (uint32_t i = 0; i < lists.count; i++)
        g_free(*list_of(i));
    for (uint32_t i = 0; i < found.count; i++)
        g_free(*found_of(i));
    pool_clear(&lists);
    pool_clear(&found);
    pool_clear(&tuples);
    pool_clear(&connections);
    pool_clear(&paths);
    memset(&recent, 0, sizeof recent);
    g_free(copies.at);
    memset(&copies, 0, sizeof copies);
    index_clear(&tuple_index);
    index_clear(&path_index);
    sources_close();
    hosts_close();
}

uint32_t store_connections(void) { return connections.count; }
struct store_connection *store_connection_of(uint32_t number) { return (struct store_connection *)pool_at(&connections, number); }
const struct store_connection *store_connection(uint32_t number) { return store_connection_of(number); }
const struct store_tuple *store_tuple(uint32_t number) { return (const struct store_tuple *)pool_at(&tuples, number); }

/* A packed step: end 1 bit, from 4, to 4, event 7. */
static uint16_t step_pack(struct tcpfsm_step s)
{
    return (uint16_t)((s.end & 1u) | (s.from & 15u) << 1 | (s.to & 15u) << 5 | (s.event & 127u) << 9);
}

struct tcpfsm_step store_step(const struct store_change *change, unsigned i)
{
    unsigned s = change->step[i];
    return (struct tcpfsm_step){.end = s & 1u, .from = s >> 1 & 15u, .to = s >> 5 & 15u, .event = (uint8_t)(s >> 9)};
}

/* tuple_hash: the same for both directions. */
static uint32_t tuple_hash(const address *src, const address *dst, uint16_t sport, uint16_t dport)
{
    return (uint32_t)index_mix(hosts_hash(src, sport) + hosts_hash(dst, dport));
}

/* tuple_find: the number of the tuple of these addresses and ports, UINT32_MAX if there is none; *from: which endpoint src is. */
static uint32_t tuple_find(uint32_t hash, const address *src, const address *dst, uint16_t sport, uint16_t dport, unsigned *from)
{
    uint32_t at = hash, i;
    while ((i = index_next(&tuple_index, hash, &at)) != UINT32_MAX) {
        const struct store_tuple *t = store_tuple(i);
        for (*from = 0; *from < 2; ++*from)
            if (store_port(t, *from) == sport && store_port(t, !*from) == dport && hosts_is(t->host[*from], src) && hosts_is(t->host[!*from], dst))
                return i;
    }
    return UINT32_MAX;
}

static uint32_t path_intern(uint32_t low, uint32_t high)
{
    uint32_t hash = (uint32_t)index_mix((uint64_t)high << 32 | low), at = hash, i;
    while ((i = index_next(&path_index, hash, &at)) != UINT32_MAX) {
        const struct path *p = (const struct path *)pool_at(&paths, i);
        if (p->low == low && p->high == high)
            return i;
    }
    i = paths.count;
    struct path *p = (struct path *)pool_add(&paths);
    p->low = low;
    p->high = high;
    p->path.copies = &recent;
    index_add(&path_index, hash, i);
    return i;
}

/* tuple_add: a new 4-tuple whose endpoint 0 is src. */
static uint32_t tuple_add(uint32_t hash, const address *src, const address *dst, uint16_t sport, uint16_t dport)
{
    uint32_t number = tuples.count, a = hosts_intern(src), b = hosts_intern(dst);
    struct store_tuple *t = (struct store_tuple *)pool_add(&tuples);
    index_add(&tuple_index, hash, number);
    t->host[0] = a;
    t->host[1] = b;
    t->path = path_intern(MIN(a, b), MAX(a, b)) & 0x7fffffffu;
    t->flip = a > b;
    tcpfsm_open(&t->engine, a == b && sport == dport, (uint16_t[]){sport, dport});
    return number;
}

static uint32_t tuple_connection(const struct store_tuple *t, uint32_t i)
{
    return t->connections == 1 ? t->of : (*list_of(t->of))[i];
}

/* connection_add: the next incarnation of the tuple, which begins with this segment. */
static struct store_connection *connection_add(uint32_t tuple, const struct tcpfsm_segment *s, unsigned order)
{
    struct store_tuple *t = (struct store_tuple *)pool_at(&tuples, tuple);
    uint32_t number = connections.count, n = t->connections;
    struct store_connection *c = (struct store_connection *)pool_add(&connections);
    c->tuple = tuple;
    c->first_frame = s->frame;
    c->first_order = (uint8_t)order;
    c->counted[0] = c->counted[1] = STORE_UNCOUNTED;
    if (n == 0) {
        t->of = number;
    } else {
        if (n == 1) {
            uint32_t first = t->of;
            t->of = lists.count;
            *(uint32_t **)pool_add(&lists) = g_new(uint32_t, 2);
            (*list_of(t->of))[0] = first;
        } else if ((n & (n - 1)) == 0) {
            *list_of(t->of) = g_renew(uint32_t, *list_of(t->of), (size_t)n * 2);
        }
        (*list_of(t->of))[n] = number;
    }
    t->connections++;
    return c;
}

static bool change_before(const struct store_change *r, uint32_t frame, unsigned order)
{
    return r->frame < frame || (r->frame == frame && r->order < order);
}

/* connection_drop: removes what an earlier frame of this number left. began[e]: endpoint e's state began in what was removed. */
static bool connection_drop(struct store_connection *c, uint32_t frame, unsigned order, bool began[2])
{
    bool dropped = false;
    for (; c->changes && !change_before(&c->change[c->changes - 1], frame, order); c->changes--) {
        began[0] |= c->change[c->changes - 1].back[0] == 0;
        began[1] |= c->change[c->changes - 1].back[1] == 0;
        dropped = true;
    }
    while (c->findings) {
        const struct store_finding *f = &store_findings(c)[c->findings - 1];
        if (f->frame < frame || (f->frame == frame && f->order < order))
            break;
        c->findings--;
    }
    return dropped;
}

static void finding_add(struct store_connection *c, const struct tcpfsm_finding *finding, uint32_t frame, unsigned order)
{
    if (c->findings == FINDINGS_MAX)
        return;
    if (!c->finding) {
        pool_add(&found);
        c->finding = found.count;
    }
    struct store_finding **list = found_of(c->finding - 1);
    if ((c->findings & (c->findings - 1)) == 0)
        *list = g_renew(struct store_finding, *list, MAX((size_t)c->findings * 2, 1));
    (*list)[c->findings++] = (struct store_finding){*finding, frame, order};
}

/* change_step: by how many changes a list of n, which is full, grows: to 1, 2, 3, 4, 6 ... 16, 20 ... 32, 40: by a quarter or less from 8 on. 0: it is not full. */
static uint32_t change_step(uint32_t n)
{
    if (n < 4)
        return 1;
    uint32_t step = MAX(1u << (g_bit_storage(n) - 1) >> 2, 2u);     /* a quarter of the power of two at or below n */
    return n & (step - 1) ? 0 : step;
}

static struct store_change *change_add(struct store_connection *c, const struct store_change *r)
{
    uint32_t step = change_step(c->changes);
    if (step)
        c->change = g_renew(struct store_change, c->change, c->changes + step);
    c->change[c->changes] = *r;
    return &c->change[c->changes++];
}

/* What a record says besides the states, packed: phase 3 bits, client 1, role 2, vantage 3. */
static uint16_t meta_of(const struct tcpfsm_connection *e)
{
    return (uint16_t)((unsigned)tcpfsm_phase(e) | (tcpfsm_client(e) & 1u) << 3 | (unsigned)tcpfsm_role(e) << 4 | (unsigned)tcpfsm_vantage(e) << 6);
}

/* change_record: writes what this frame changed: one record, and one more for every further three steps. */
static void change_record(struct store_connection *c, struct store_tuple *t, const struct tcpfsm_segment *s, unsigned order,
                          const struct tcpfsm_result *out, const struct diagnosis_result *said, const bool began[2])
{
    const struct store_change *before = c->changes ? &c->change[c->changes - 1] : NULL;
    struct store_change r = {
        .time = s->time, .frame = s->frame, .possible = {out->possible[0], out->possible[1]}, .state0 = out->state[0] & 15u,
        .state1 = out->state[1] & 15u, .order = order & 127u, .phase = t->engine.note & 7u, .client = t->engine.note >> 3 & 1u, .role = t->engine.note >> 4 & 3u,
        .vantage = t->engine.note >> 6 & 7u, .outcome = (unsigned)diagnosis_outcome(&t->diagnosis, &t->engine) & 15u,
        .closed_by = (unsigned)(tcpfsm_closed_by(&t->engine) + 1) & 3u, .reset_by = (unsigned)(tcpfsm_reset_by(&t->engine) + 1) & 3u};
    bool known = before && before->reset_by && before->reset_by == r.reset_by;  /* what it found does not change */
    r.at_reset0 = (known ? before->at_reset0 : tcpfsm_at_reset(&t->engine, 0)) & 15u;
    r.at_reset1 = (known ? before->at_reset1 : tcpfsm_at_reset(&t->engine, 1)) & 15u;
    bool moved[2] = {began[0] || !before, began[1] || !before};
    for (unsigned i = 0; i < out->steps; i++)
        moved[out->step[i].end & 1] = true;
    for (unsigned e = 0; e < 2; e++)
        r.back[e] = moved[e] || store_state(before, e) != out->state[e] ? 0 : (uint16_t)MIN(before->back[e] + 1u, (unsigned)BACK_MAX);
    unsigned done = 0;
    do {
        for (r.steps = 0; done < out->steps && r.steps < STORE_STEPS; r.steps++)
            r.step[r.steps] = step_pack(out->step[done++]);
        change_add(c, &r);
        for (unsigned e = 0; e < 2; e++)
            if (r.back[e] && r.back[e] < BACK_MAX)
                r.back[e]++;
    } while (done < out->steps);
    for (unsigned i = 0; i < said->findings; i++) {
        struct tcpfsm_finding finding = said->finding[i];
        if (sources_worth(t, &finding, s->frame))
            finding_add(c, &finding, s->frame, order);
    }
}

/* connection_update: what a change means for the connection as a whole. */
static void connection_update(struct store_connection *c, uint32_t number, const struct store_tuple *t, const struct tcpfsm_segment *s, unsigned order,
                              const struct tcpfsm_result *out)
{
    unsigned phase = t->engine.note & 7u, ends = t->host[0] == t->host[1] && store_port(t, 0) == store_port(t, 1) ? 1 : 2;
    c->opened_in = tcpfsm_opened_in(&t->engine);
    if (phase != TCPFSM_PHASE_CLOSED && phase != TCPFSM_PHASE_RESET)
        c->closed_in = 0;
    else if (!c->closed_in)
        c->closed_in = s->frame;
    for (unsigned e = 0; e < ends; e++) {
        bool restart = (s->flags & TCPFSM_FIN) && s->from != e && order != STORE_ORDER_QUOTE;
        uint32_t pressure = hosts_move(c, number, e, out->state[e], restart, s->frame, s->time);
        if (pressure) {
            bool waits = out->state[e] == TCPFSM_TIME_WAIT;
            struct tcpfsm_finding f = {.id = waits ? TCPFSM_FINDING_TIME_WAIT_PRESSURE : TCPFSM_FINDING_CLOSE_WAIT_PRESSURE, .end = (uint8_t)e,
                                       .state = out->state[e], .count = pressure};
            finding_add(c, &f, s->frame, order);
        }
    }
}

/* segment_store: keeps what the engine says of a segment; true if that includes a finding. `begin`: it is the first of a new connection. */
static bool segment_store(uint32_t tuple, const struct tcpfsm_segment *s, unsigned order, const struct tcpfsm_result *out,
                          const struct diagnosis_result *said, bool begin)
{
    struct store_tuple *t = (struct store_tuple *)pool_at(&tuples, tuple);
    bool began[2] = {false, false};
    uint16_t meta = meta_of(&t->engine);
    bool again = t->last_change >= s->frame;    /* usually another layer of this frame, or a number given back */
    bool changed = out->changed || said->findings;
    bool fin_wait = (s->flags & TCPFSM_FIN) && out->state[!s->from] == TCPFSM_TIME_WAIT;
    uint32_t number = begin ? connections.count : tuple_connection(t, t->connections - 1);
    if (!begin && !again && !fin_wait && !changed && meta == t->engine.note)
        return false;
    struct store_connection *c = begin ? connection_add(tuple, s, order) : store_connection_of(number);
    bool dropped = again && connection_drop(c, s->frame, order, began);
    if (begin || dropped || changed || meta != t->engine.note) {
        t->engine.note = meta;
        t->last_change = s->frame;
        change_record(c, t, s, order, out, said, began);
    }
    connection_update(c, number, t, s, order, out);
    const struct store_finding *last = c->findings ? &store_findings(c)[c->findings - 1] : NULL;
    return last && last->frame == s->frame && last->order == order;
}

/* What the engine knew of a connection before a segment that may begin another. */
struct ended {
    enum tcpfsm_outcome outcome;
    uint8_t history[6];
};

static struct ended ended_of(const struct tcpfsm_connection *engine, const struct diagnosis *diagnosis)
{
    struct ended e = {.outcome = diagnosis_outcome(diagnosis, engine)};
    memcpy(e.history, engine->history, sizeof e.history);
    return e;
}

/* connection_replace: the tuple's present connection ends because another takes its place. */
static void connection_replace(const struct store_tuple *t, const struct ended *ended, const struct tcpfsm_segment *s)
{
    uint32_t number = tuple_connection(t, t->connections - 1);
    struct store_connection *c = store_connection_of(number);
    bool open = ended->outcome == TCPFSM_OUTCOME_OPEN || ended->outcome == TCPFSM_OUTCOME_CLOSING;
    c->outcome = (uint8_t)(open ? TCPFSM_OUTCOME_REPLACED : ended->outcome);
    memcpy(c->history, ended->history, sizeof c->history);
    for (unsigned e = 0; e < 2; e++)
        hosts_move(c, number, e, STORE_UNCOUNTED, false, s->frame, s->time);
}

/* copy_note: remembers whether the capture has this segment twice, and forgets what an earlier frame of this number was. */
static void copy_note(uint32_t frame, unsigned order, uint32_t of)
{
    while (copies.used && (copies.at[copies.used - 1].frame > frame || (copies.at[copies.used - 1].frame == frame && copies.at[copies.used - 1].order >= order)))
        copies.used--;
    if (!of)
        return;
    if (copies.used == copies.room) {
        copies.room = copies.room ? copies.room + copies.room / 2 : 64;
        copies.at = g_renew(struct copy, copies.at, copies.room);
    }
    copies.at[copies.used++] = (struct copy){frame, order, of};
}

bool store_segment(const address *src, const address *dst, uint16_t sport, uint16_t dport, struct tcpfsm_segment *s, unsigned order)
{
    unsigned from;
    if (src->len > ADDRESS_MAX || dst->len > ADDRESS_MAX)
        return false;
    hosts_tick(s->time, s->frame);
    uint32_t hash = tuple_hash(src, dst, sport, dport);
    uint32_t tuple = tuple_find(hash, src, dst, sport, dport, &from);
    bool begin = tuple == UINT32_MAX;
    if (begin) {
        tuple = tuple_add(hash, src, dst, sport, dport);
        from = 0;
    }
    struct store_tuple *t = (struct store_tuple *)pool_at(&tuples, tuple);
    struct path *path = (struct path *)pool_at(&paths, t->path);
    struct tcpfsm_result out;
    struct diagnosis_result said;
    bool may_end = !begin && (s->flags & (TCPFSM_SYN | TCPFSM_RST) || t->engine.attempt.pending);  /* only these begin another connection */
    struct ended ended = may_end ? ended_of(&t->engine, &t->diagnosis) : (struct ended){.outcome = TCPFSM_OUTCOME_UNKNOWN};
    s->from = (uint8_t)from;
    s->digest ^= tuple * 2654435761u;
    tcpfsm_segment(&t->engine, s, &plugin_config.engine, &path->path, t->flip, &out);
    diagnosis_segment(&t->diagnosis, &t->engine, s, &plugin_config.engine, &out, &path->pair, t->flip, &said);
    sources_segment(t, s, &out, begin || out.restarted, &said);
    copy_note(s->frame, order, out.copy_of);
    if (!begin && out.restarted) {
        connection_replace(t, &ended, s);
        begin = true;
    }
    return segment_store(tuple, s, order, &out, &said, begin);
}

void store_unreachable(packet_info *pinfo, uint16_t sport, uint16_t dport, uint32_t seq, bool hard)
{
    const address *src = &pinfo->net_src, *dst = &pinfo->net_dst;
    unsigned from;
    if (src->len > ADDRESS_MAX || dst->len > ADDRESS_MAX)
        return;
    uint32_t tuple = tuple_find(tuple_hash(src, dst, sport, dport), src, dst, sport, dport, &from);
    if (tuple == UINT32_MAX)
        return;
    struct tcpfsm_segment event = {.frame = pinfo->num, .time = plugin_time(pinfo), .from = (uint8_t)from};
    struct tcpfsm_result out;
    struct diagnosis_result said;
    struct store_tuple *t = (struct store_tuple *)pool_at(&tuples, tuple);
    tcpfsm_unreachable(&t->engine, from, seq, hard, event.frame, event.time, &out);
    diagnosis_unreachable(&t->diagnosis, &t->engine, from, seq, event.frame, event.time, &said);
    segment_store(tuple, &event, STORE_ORDER_QUOTE, &out, &said, false);
}

bool store_find(const address *src, const address *dst, uint16_t sport, uint16_t dport, uint32_t frame, unsigned order, struct store_place *place)
{
    if (src->len > ADDRESS_MAX || dst->len > ADDRESS_MAX)
        return false;
    place->tuple = tuple_find(tuple_hash(src, dst, sport, dport), src, dst, sport, dport, &place->from);
    if (place->tuple == UINT32_MAX)
        return false;
    const struct store_tuple *t = store_tuple(place->tuple);
    uint32_t low = 0, high = t->connections;    /* the last connection that begins at or before the frame is below high */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct store_connection *c = store_connection(tuple_connection(t, middle));
        if (c->first_frame < frame || (c->first_frame == frame && c->first_order <= order))
            low = middle + 1;
        else
            high = middle;
    }
    if (!low)
        return false;
    place->connection = tuple_connection(t, low - 1);
    return true;
}

/* change_at: the number of records at or before the frame. */
static uint32_t change_at(const struct store_connection *c, uint32_t frame, unsigned order)
{
    uint32_t low = 0, high = c->changes;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (change_before(&c->change[middle], frame, order + 1))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* change_began: the record in which the state that endpoint `end` has in record i began. */
static const struct store_change *change_began(const struct store_connection *c, uint32_t i, unsigned end)
{
    while (c->change[i].back[end] == BACK_MAX)
        i -= BACK_MAX;
    return &c->change[i - c->change[i].back[end]];
}

/* view_end: one endpoint, from record `last`; `first` is the first record of that frame, `here`: it is the frame looked at. */
static void view_end(struct store_view *v, unsigned end, uint32_t first, uint32_t last, bool here, int64_t time)
{
    const struct store_connection *c = v->connection;
    struct store_end *e = &v->end[end];
    const struct store_change *began = change_began(c, last, end);
    *e = (struct store_end){.state = store_state(&c->change[last], end), .possible = c->change[last].possible[end], .since = began->frame};
    e->timed_state = e->previous = e->state;
    for (unsigned i = 0; i < v->steps && !e->changed; i++) {
        e->changed = v->step[i].end == end;
        if (e->changed)
            e->previous = v->step[i].from;
    }
    if (e->changed) {
        if (!here || !first)
            return;
        began = change_began(c, first - 1, end);
        e->timed_state = store_state(&c->change[first - 1], end);
    }
    e->timed_since = began->frame;
    e->spent = time > began->time ? time - began->time : 0;
}

void store_view(const struct store_place *place, uint32_t frame, unsigned order, int64_t time, struct store_view *v)
{
    const struct store_connection *c = store_connection(place->connection);
    uint32_t after = change_at(c, frame, order), last = after ? after - 1 : 0, first = last;
    const struct store_change *r = &c->change[last];
    bool here = after && r->frame == frame && r->order == order;
    *v = (struct store_view){.connection = c, .tuple = store_tuple(c->tuple), .number = place->connection, .from = place->from, .client = r->client,
                             .role = r->role, .phase = r->phase, .vantage = r->vantage, .outcome = r->outcome, .closed_by = r->closed_by,
                             .reset_by = r->reset_by, .at_reset = {r->at_reset0, r->at_reset1}};
    if (here) {
        while (first && c->change[first - 1].frame == frame && c->change[first - 1].order == order)
            first--;
        for (uint32_t i = first; i <= last; i++)
            for (unsigned j = 0; j < c->change[i].steps && v->steps < TCPFSM_STEPS_MAX; j++)
                v->step[v->steps++] = store_step(&c->change[i], j);
    }
    for (unsigned e = 0; e < 2; e++)
        view_end(v, e, first, last, here, time);
    while (after < c->changes && c->change[after].frame == frame)
        after++;
    while (after < c->changes && !c->change[after].steps)
        after++; /* a set alone is no change of state */
    v->next_change = after < c->changes ? c->change[after].frame : 0;
    const struct store_finding *finding = store_findings(c);
    unsigned low = 0, high = c->findings;
    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        if (finding[middle].frame < frame || (finding[middle].frame == frame && finding[middle].order < order))
            low = middle + 1;
        else
            high = middle;
    }
    v->finding = finding ? finding + low : NULL;
    while (low + v->findings < c->findings && v->finding[v->findings].frame == frame && v->finding[v->findings].order == order)
        v->findings++;
}

uint32_t store_copy_of(uint32_t frame, unsigned order)
{
    uint32_t low = 0, high = copies.used;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct copy *c = &copies.at[middle];
        if (c->frame == frame && c->order == order)
            return c->of;
        if (c->frame < frame || (c->frame == frame && c->order < order))
            low = middle + 1;
        else
            high = middle;
    }
    return 0;
}

uint32_t store_incarnation(uint32_t connection)
{
    const struct store_tuple *t = store_tuple(store_connection(connection)->tuple);
    uint32_t low = 0, high = t->connections - 1;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (tuple_connection(t, middle) < connection)
            low = middle + 1;
        else
            high = middle;
    }
    return low + 1;
}

uint32_t store_after(uint32_t connection)
{
    const struct store_tuple *t = store_tuple(store_connection(connection)->tuple);
    uint32_t incarnation = store_incarnation(connection);
    return incarnation < t->connections ? tuple_connection(t, incarnation) : UINT32_MAX;
}

const struct store_finding *store_findings(const struct store_connection *c)
{
    return c->finding ? *found_of(c->finding - 1) : NULL;
}

enum tcpfsm_outcome store_outcome(uint32_t connection)
{
    const struct store_connection *c = store_connection(connection);
    const struct store_tuple *t = store_tuple(c->tuple);
    return tuple_connection(t, t->connections - 1) == connection ? diagnosis_outcome(&t->diagnosis, &t->engine) : (enum tcpfsm_outcome)c->outcome;
}

const uint8_t *store_history(uint32_t connection)
{
    const struct store_connection *c = store_connection(connection);
    const struct store_tuple *t = store_tuple(c->tuple);
    return tuple_connection(t, t->connections - 1) == connection ? t->engine.history : c->history;
}
