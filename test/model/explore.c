/* explore.c: depth-first over all actions with a table of what was seen, random walks, and the classes of what went
 * wrong.
 *
 * The table holds a hash of the world and of all captures so far. The engine is a function of the captures, so two
 * equal entries have equal engines: nothing is pruned that could still differ.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "explore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

double explore_clock(void)
{
    struct timespec t;
    timespec_get(&t, TIME_UTC);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

bool explorer_start(struct explorer *x)
{
    memset(x, 0, sizeof *x);
    x->room = 1u << 16;
    x->seen = calloc(x->room, sizeof *x->seen);
    x->faults = UINT8_MAX;
    return x->seen != NULL;
}

void explorer_again(struct explorer *x, unsigned pass)
{
    memset(x->seen, 0, x->room * sizeof *x->seen);
    x->held = x->states = x->steps = x->schedules = 0;
    x->classes = 0;
    x->evidence.pass = pass;
}

void explorer_stop(struct explorer *x)
{
    free(x->seen);
    x->seen = NULL;
}

static uint64_t slot_of(const struct explorer *x, uint64_t hash)
{
    uint64_t i = (hash * 0x9e3779b97f4a7c15u) >> 20 & (x->room - 1);
    while (x->seen[i].used && x->seen[i].hash != hash)
        i = (i + 1) & (x->room - 1);
    return i;
}

static void grow(struct explorer *x)
{
    struct explorer bigger = *x;
    bigger.room = x->room * 2;
    bigger.seen = calloc(bigger.room, sizeof *x->seen);
    if (!bigger.seen)
        return;
    for (uint64_t i = 0; i < x->room; i++)
        if (x->seen[i].used)
            bigger.seen[slot_of(&bigger, x->seen[i].hash)] = x->seen[i];
    free(x->seen);
    x->seen = bigger.seen;
    x->room = bigger.room;
}

/* worth: false if this world was explored at least as deep before. */
static bool worth(struct explorer *x, const struct world *w, unsigned depth)
{
    uint64_t hash = world_hash(w) ^ w->faults;
    uint64_t i = slot_of(x, hash);
    if (x->seen[i].used) {
        if (x->seen[i].depth >= depth)
            return false;
        x->seen[i].depth = depth;
        return true;
    }
    x->states++;
    if (x->held * 2 >= x->room) {
        grow(x);
        if (x->held + 2 >= x->room)
            return true; /* no memory: explore without remembering */
        i = slot_of(x, hash);
    }
    x->seen[i].hash = hash;
    x->seen[i].depth = depth;
    x->seen[i].used = 1;
    x->held++;
    return true;
}

static bool alike(const struct verdict *a, const struct verdict *b)
{
    if (a->wrong != b->wrong || a->near != b->near)
        return false;
    if (a->wrong == WRONG_EDGE || a->wrong == WRONG_CHAIN)
        return a->event == b->event && a->from == b->from && a->to == b->to;
    return a->truth == b->truth && a->possible == b->possible;
}

static void record(struct explorer *x, struct schedule s, struct verdict v)
{
    struct verdict first = v;
    bool known = false, complete = evidence_complete(&x->evidence, v.shape);
    for (unsigned i = 0; i < x->classes; i++)
        if (alike(&x->violation[i].verdict, &v)) {
            x->violation[i].met++;
            x->violation[i].complete += complete;
            x->violation[i].verdict.lanes |= v.lanes;
            return;
        }
    schedule_shrink(&s, &v);
    first.lanes |= v.lanes;
    for (unsigned i = 0; i < x->classes; i++)
        if (alike(&x->violation[i].verdict, &v)) {
            x->violation[i].met++;
            x->violation[i].complete += complete;
            if (s.count < x->violation[i].schedule.count)
                x->violation[i].schedule = s;
            known = true;
        }
    if (!known && x->classes < CLASSES)
        x->violation[x->classes++] = (struct violation){ v, s, 1, complete, false };
    if (!alike(&first, &v) && x->classes < CLASSES)
        x->violation[x->classes++] = (struct violation){ first, s, 1, complete, true };
}

/* allowed: whether this exploration goes there. */
static bool allowed(const struct explorer *x, const struct world *w, struct action a)
{
    unsigned state = w->end[a.end].state;
    if (world_fault(a) && w->faults >= x->faults)
        return false;
    if (x->whole && a.kind == ACT_LOSE_UP)
        return false;
    if (!x->plain)
        return true;
    switch (a.kind) {
    case ACT_OPEN:
        return (a.end == 0 || (w->with & (WITH_OPEN4 | WITH_LWIP))) && !(x->once && w->opens[0]) &&
               world_observed(w, 0) && world_observed(w, 1) && !world_flying(w, 0) && !world_flying(w, 1);
    case ACT_LISTEN: case ACT_LISTEN_COOKIES: case ACT_FULL: return a.end == 1;
    case ACT_OPEN_NEAR: case ACT_CRASH: return false;
    case ACT_CLOSE:
        if (state == RFC_SYN_SENT && (w->with & WITH_ISN))
            return true;
        return state != RFC_LISTEN && state != RFC_SYN_SENT && state != RFC_SYN_RECEIVED;
    case ACT_CLOSE_DEAF:
    case ACT_ABORT: return state != RFC_LISTEN && state != RFC_SYN_SENT && state != RFC_SYN_RECEIVED;
    default: return a.kind < ACT_UP || a.index == 0;
    }
}

static void descend(struct explorer *x, const struct scene *scene, struct schedule *path, unsigned depth)
{
    struct action list[WORLD_ACTIONS];
    unsigned n;
    if (explore_clock() > x->deadline)
        x->cut = true;
    if (!depth || x->cut || path->count >= WORLD_SCHEDULE || !worth(x, &scene->world, depth) ||
        !(n = world_actions(&scene->world, list))) {
        x->schedules++;
        return;
    }
    for (unsigned i = 0; i < n; i++) {
        struct scene next = *scene;
        bool done;
        if (!allowed(x, &scene->world, list[i]))
            continue;
        struct verdict v = scene_step(&next, list[i], &done);
        if (!done)
            continue;
        x->steps++;
        path->action[path->count++] = list[i];
        if (v.wrong) {
            x->schedules++;
            record(x, *path, v);
        } else {
            evidence_note(&x->evidence, &next, path, depth - 1);
            descend(x, &next, path, depth - 1);
        }
        path->count--;
    }
}

/* begin: brings a scene to where a start schedule leads. */
static bool begin(struct explorer *x, const struct schedule *start, struct scene *scene)
{
    scene_start(scene, start->vantage, start->with);
    for (unsigned i = 0; i < start->count; i++) {
        bool done;
        struct verdict v = scene_step(scene, start->action[i], &done);
        if (v.wrong) {
            struct schedule s = *start;
            s.count = (uint16_t)(i + 1);
            record(x, s, v);
            return false;
        }
    }
    scene->world.faults = 0;
    return true;
}

void explore_depth(struct explorer *x, const struct schedule *start, unsigned depth)
{
    struct schedule path = *start;
    struct scene scene;
    if (begin(x, start, &scene))
        descend(x, &scene, &path, depth);
}

static uint32_t random_next(uint64_t *seed)
{
    *seed += 0x9e3779b97f4a7c15u; /* splitmix64 */
    uint64_t z = *seed;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (uint32_t)(z >> 32);
}

/* weight: how likely an action is, so that connections get somewhere. */
static unsigned weight(struct action a)
{
    if (a.miss)
        return 3;
    switch (a.kind) {
    case ACT_UP: case ACT_DOWN: return a.index ? 4 : 30;
    case ACT_OPEN: case ACT_LISTEN: return 12;
    case ACT_SEND: case ACT_DELAYED_ACK: return 8;
    case ACT_RETRANSMIT: return 12;
    case ACT_CLOSE: case ACT_SEND_CLOSE: case ACT_READ: case ACT_BEGIN: return 5;
    case ACT_ABORT: case ACT_CRASH: return 1;
    case ACT_LOSE_UP: return 3;
    case ACT_LOSE_DOWN: return 4;
    default: return 2;
    }
}

static struct action choose(const struct action *list, unsigned n, uint64_t *seed)
{
    unsigned total = 0, at;
    for (unsigned i = 0; i < n; i++)
        total += weight(list[i]);
    at = random_next(seed) % total;
    for (unsigned i = 0; i + 1 < n; i++) {
        if (at < weight(list[i]))
            return list[i];
        at -= weight(list[i]);
    }
    return list[n - 1];
}

void explore_random(struct explorer *x, const struct schedule *start, uint64_t count, unsigned length, uint64_t *seed)
{
    struct scene first;
    if (!begin(x, start, &first))
        return;
    for (uint64_t k = 0; k < count && explore_clock() < x->deadline; k++) {
        struct schedule path = *start;
        struct scene scene = first;
        struct verdict v = { 0 };
        unsigned goal = 5 + random_next(seed) % length;
        for (unsigned i = 0; i < goal && path.count < WORLD_SCHEDULE && !v.wrong; i++) {
            struct action list[WORLD_ACTIONS];
            unsigned all = world_actions(&scene.world, list), n = 0;
            bool done;
            for (unsigned at = 0; at < all; at++)
                if (allowed(x, &scene.world, list[at]))
                    list[n++] = list[at];
            if (!n)
                break;
            struct action a = choose(list, n, seed);
            path.action[path.count++] = a;
            v = scene_step(&scene, a, &done);
            x->steps++;
            worth(x, &scene.world, 0);
        }
        x->schedules++;
        if (v.wrong)
            record(x, path, v);
    }
}

/* needs_write: which failures of network, hosts and capture a schedule contains. */
static void needs_write(const struct schedule *s)
{
    static const char *const name[6] = { "overtaking before the capture",  "overtaking behind it",
                                         "loss before the capture",        "loss behind it",
                                         "a copy made before the capture", "a copy made behind it" };
    unsigned count[8] = { 0 };
    for (unsigned i = 0; i < s->count; i++) {
        struct action a = s->action[i];
        count[7] += a.kind == ACT_CRASH;
        for (unsigned miss = a.miss; miss; miss &= miss - 1)
            count[6]++;
        if (a.kind >= ACT_LOSE_UP || (a.kind >= ACT_UP && a.index))
            count[a.kind - ACT_UP]++;
    }
    for (unsigned i = 0, any = 0; i < 8; i++)
        if (count[i])
            printf("%s%u %s", any++ ? ", " : "; needs ", count[i],
                   i == 7   ? "crash"
                   : i == 6 ? "missed by the capture"
                            : name[i]);
    printf("\n");
}

static void report_one(const struct violation *f, unsigned number)
{
    char set[200], notation[NOTATION_MAX];
    const struct verdict *v = &f->verdict;
    schedule_write(&f->schedule, notation);
    set_write(v->possible, v->shown, set, sizeof set);
    printf("%3u. %s%s: ", number, v->near ? "near" : "far", v->flying ? " (more on its way)" : "");
    if (v->wrong == WRONG_EDGE || v->wrong == WRONG_CHAIN)
        printf("event \"%s\", %s -> %s", tcpfsm_event_text(v->event), tcpfsm_state_name(v->from),
               tcpfsm_state_name(v->to));
    else
        printf("truth %s, possible {%s}", rfc_state_name(v->truth), set);
    printf("; met %llu times", (unsigned long long)f->met);
    if (f->complete)
        printf(", %llu of them look complete", (unsigned long long)f->complete);
    printf("; lanes");
    for (unsigned lane = 0; lane < LANES; lane++)
        if (v->lanes >> lane & 1)
            printf(" %s", lane_name(lane));
    needs_write(&f->schedule);
    printf("     model --replay '%s'\n", notation);
}

/* next_best: the shortest class of one kind not yet printed. */
static unsigned next_best(const struct explorer *x, unsigned wrong, const bool *printed)
{
    unsigned best = CLASSES;
    for (unsigned i = 0; i < x->classes; i++)
        if (!printed[i] && x->violation[i].verdict.wrong == wrong &&
            (best == CLASSES || x->violation[i].schedule.count < x->violation[best].schedule.count))
            best = i;
    return best;
}

/* sharpness_write: how much the engine said where it was right: what a set that is never wrong because it holds
 * everything would lose. */
static void sharpness_write(void)
{
    for (unsigned lane = 0; lane < LANES; lane++)
        for (unsigned near = 0; near < 2; near++) {
            struct sharpness s = observer_sharpness(lane, near);
            double n = s.judged ? (double)s.judged : 1;
            if (s.judged)
                printf(
                    "sharpness, lane %-8s %s: judged %10llu, certain %5.1f %%, display right %5.1f %%, mean set %.2f\n",
                    lane_name(lane), near ? "near" : "far ", (unsigned long long)s.judged, 100 * (double)s.certain / n,
                    100 * (double)s.display / n, (double)s.members / n);
        }
}

void explore_report(const struct explorer *x, bool ladders)
{
    static bool printed[CLASSES];
    memset(printed, 0, sizeof printed);
    sharpness_write();
    for (unsigned wrong = RIGHT + 1; wrong < WRONG_KINDS; wrong++) {
        unsigned count = 0, number = 0, best;
        unsigned long long met = 0;
        for (unsigned i = 0; i < x->classes; i++)
            if (x->violation[i].verdict.wrong == wrong)
                count++, met += x->violation[i].met;
        if (!count)
            continue;
        printf("\n%s: %u classes, met %llu times\n", wrong_name(wrong), count, met);
        while ((best = next_best(x, wrong, printed)) != CLASSES && number < x->most) {
            printed[best] = true;
            if (x->violation[best].alias)
                continue;
            report_one(&x->violation[best], ++number);
            if (ladders)
                schedule_ladder(&x->violation[best].schedule, x->violation[best].verdict);
        }
        if (best != CLASSES)
            printf("     ... (--all prints them all)\n");
    }
}
