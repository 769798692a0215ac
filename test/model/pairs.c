/* pairs.c: how to get to every pair of states, for captures that begin there. A search by growing depth over few kinds
 * of moves; no engine, no capture.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "schedule.h"

#include <stdlib.h>
#include <string.h>

enum { MOVES_MAX = 11, SEEN = 1 << 18 };

struct search {
    struct schedule way[PAIRS];
    bool found[PAIRS];
    bool plain;
    struct schedule path;
    uint64_t seen[SEEN]; /* worlds met with as many moves left, or more, by their hash; older ones are overwritten */
    uint8_t left[SEEN];
};

/* one: does an action and notes it; false if it cannot happen. */
static bool one(struct search *s, struct world *w, unsigned kind, unsigned end)
{
    struct sight sight = { 0 };
    struct action a = { (uint8_t)kind, (uint8_t)end, 0, 0 };
    if (!world_apply(w, a, &sight))
        return false;
    s->path.action[s->path.count++] = a;
    return true;
}

/* everyday: as in a plain exploration, endpoint 0 opens and endpoint 1 listens. */
static bool everyday(const struct world *w, unsigned kind, unsigned end)
{
    unsigned state = w->end[end].state;
    switch (kind) {
    case ACT_OPEN: return end == 0;
    case ACT_LISTEN: return end == 1;
    case ACT_CLOSE: return state == RFC_ESTABLISHED || state == RFC_CLOSE_WAIT;
    default: return kind != ACT_CRASH;
    }
}

/* move: number `m` of what can happen. What is sent arrives, or is lost, in one move, whatever the capture's place. */
static bool move(struct search *s, struct world *w, unsigned m)
{
    static const uint8_t kind[] = { ACT_OPEN, ACT_LISTEN, ACT_CLOSE, ACT_CRASH, ACT_2MSL };
    unsigned end = m & 1, what = m / 2;
    if (what < sizeof kind)
        return (!s->plain || everyday(w, kind[what], end)) && one(s, w, kind[what], end);
    bool lose = what > sizeof kind;
    if (lose && w->faults > 1)
        return false;
    if (w->up[end].count && !one(s, w, ACT_UP, end))
        return false;
    bool passed = w->down[end].count != 0;
    if (passed)
        return one(s, w, lose ? ACT_LOSE_DOWN : ACT_DOWN, end);
    return !lose && s->path.count && s->path.action[s->path.count - 1].kind == ACT_UP;
}

static void search(struct search *s, const struct world *w, unsigned left)
{
    unsigned pair = w->end[0].state * RFC_STATES + w->end[1].state;
    uint64_t hash = world_hash(w), slot = hash % SEEN;
    if (!s->found[pair]) {
        s->found[pair] = true;
        s->way[pair] = s->path;
    }
    if (!left || (s->seen[slot] == hash && s->left[slot] >= left))
        return;
    s->seen[slot] = hash;
    s->left[slot] = (uint8_t)left;
    for (unsigned m = 0; m < 14; m++) {
        struct world next = *w;
        uint16_t count = s->path.count;
        if (move(s, &next, m))
            search(s, &next, left - 1);
        s->path.count = count;
    }
}

unsigned schedule_pairs(char vantage, uint32_t with, bool plain, struct schedule way[PAIRS])
{
    struct search *s = calloc(1, sizeof *s);
    unsigned n = 0;
    if (!s)
        return 0;
    /* the plain ways first, so that a pair is reached by one where there is one */
    for (unsigned left = 1; left <= (plain ? 1u : 2u) * MOVES_MAX; left++) {
        struct world w;
        s->plain = left <= MOVES_MAX;
        if (left == MOVES_MAX + 1)
            memset(s->left, 0, sizeof s->left); /* what was met with everyday moves alone may lead further now */
        world_start(&w, vantage, with | WITH_MID);
        memset(&s->path, 0, sizeof s->path);
        s->path.vantage = vantage;
        s->path.with = with | WITH_MID;
        search(s, &w, s->plain ? left : left - MOVES_MAX);
    }
    for (unsigned pair = 0; pair < PAIRS; pair++)
        if (s->found[pair])
            way[n++] = s->way[pair];
    free(s);
    return n;
}
