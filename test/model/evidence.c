/* evidence.c: a table of captures, in it the true states of all worlds that have them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "evidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* INSIDE: captures met with fewer actions left are on the rim of the exploration: too few worlds have them. */
enum { INSIDE = 2 };

bool evidence_start(struct evidence *e)
{
    memset(e, 0, sizeof *e);
    e->room = 1u << 16;
    e->entry = calloc(e->room, sizeof *e->entry);
    return e->entry != NULL;
}

void evidence_stop(struct evidence *e)
{
    free(e->entry);
    e->entry = NULL;
}

static struct evidence_entry *slot_of(struct evidence *e, uint64_t key)
{
    uint64_t i = (key * 0x9e3779b97f4a7c15u) >> 20 & (e->room - 1);
    while (e->entry[i].used && e->entry[i].key != key)
        i = (i + 1) & (e->room - 1);
    return &e->entry[i];
}

static void grow(struct evidence *e)
{
    struct evidence_entry *old = e->entry;
    uint64_t room = e->room;
    struct evidence_entry *bigger = calloc(room * 2, sizeof *bigger);
    if (!bigger)
        return;
    e->entry = bigger;
    e->room = room * 2;
    for (uint64_t i = 0; i < room; i++)
        if (old[i].used)
            *slot_of(e, old[i].key) = old[i];
    free(old);
}

static unsigned members(unsigned set)
{
    unsigned n = 0;
    for (; set; set &= set - 1)
        n++;
    return n;
}

/* excess: what the engine holds possible and no world showed. CLOSED and LISTEN are one where either was true. */
static uint16_t excess(const struct evidence_entry *n)
{
    const uint16_t none = TCPFSM_BIT(TCPFSM_CLOSED) | TCPFSM_BIT(TCPFSM_LISTEN);
    return (uint16_t)(n->possible & ~(n->truths & none ? n->truths | none : n->truths));
}

static void note(struct evidence *e, const struct scene *s, unsigned end, unsigned left)
{
    const struct lane *l = &s->observer.lane[LANE_INFERRED];
    uint64_t key = s->world.trace * 2 + end;
    if (e->held * 2 >= e->room)
        grow(e);
    if (e->held + 2 >= e->room)
        return;
    struct evidence_entry *n = slot_of(e, key);
    e->held += !n->used;
    n->used = 1;
    n->key = key;
    n->near = world_near(&s->world, end);
    n->possible = l->last.possible[end];
    n->truths |= observer_truth(&s->world, end);
    n->left = left > n->left ? (uint8_t)left : n->left;
}

static void class(struct evidence *e, const struct scene *s, unsigned end, const struct schedule *path)
{
    struct evidence_entry *n = slot_of(e, s->world.trace * 2 + end);
    unsigned i = 0;
    if (!n->used || n->left < INSIDE || !excess(n))
        return;
    while (i < e->classes &&
           (e->class[i].truths != n->truths || e->class[i].possible != n->possible || e->class[i].near != n->near))
        i++;
    if (i == EVIDENCE_CLASSES)
        return;
    struct evidence_class *c = &e->class[i];
    if (i == e->classes) {
        *c = (struct evidence_class){ n->truths, n->possible, n->near, s->observer.lane[LANE_INFERRED].last.state[end],
                                      0,         *path };
        e->classes++;
    }
    if (path->count < c->schedule.count)
        c->schedule = *path;
    c->captures += !n->counted;
    n->counted = 1;
}

bool evidence_complete(struct evidence *e, uint64_t shape)
{
    return e->pass == EVIDENCE_KNOWN && slot_of(e, shape)->used;
}

static void shape(struct evidence *e, uint64_t key)
{
    if (e->held * 2 >= e->room)
        grow(e);
    struct evidence_entry *n = slot_of(e, key);
    if (n->used || e->held + 2 >= e->room)
        return;
    n->used = 1;
    n->key = key;
    e->held++;
}

void evidence_note(struct evidence *e, const struct scene *s, const struct schedule *path, unsigned left)
{
    const struct lane *l = &s->observer.lane[LANE_INFERRED];
    if (e->pass == EVIDENCE_SHAPES)
        shape(e, s->world.shape);
    if (e->pass != EVIDENCE_NOTE && e->pass != EVIDENCE_CLASS)
        return;
    for (unsigned end = 0; l->started && end < 2; end++) {
        if (world_judged(&s->world, end) != JUDGED_FULL)
            continue;
        if (e->pass == EVIDENCE_NOTE)
            note(e, s, end, left);
        else
            class(e, s, end, path);
    }
}

static void totals(const struct evidence *e, unsigned near)
{
    uint64_t all = 0, tight = 0, single = 0, certain = 0, ideal = 0, held = 0;
    for (uint64_t i = 0; i < e->room; i++) {
        const struct evidence_entry *n = &e->entry[i];
        if (!n->used || n->left < INSIDE || n->near != near)
            continue;
        all++;
        tight += !excess(n);
        ideal += members(n->truths);
        held += members(n->possible);
        single += members(n->truths) == 1;
        certain += members(n->truths) == 1 && members(n->possible) == 1;
    }
    if (all)
        printf("evidence, %s: %llu captures; no wider than it allows in %.1f %%; mean set %.2f, ideal %.2f; one truth "
               "in %.1f %%, of these certain in %.1f %%\n",
               near ? "near" : "far", (unsigned long long)all, 100.0 * (double)tight / (double)all,
               (double)held / (double)all, (double)ideal / (double)all, 100.0 * (double)single / (double)all,
               single ? 100.0 * (double)certain / (double)single : 0.0);
}

void evidence_report(const struct evidence *e, unsigned most)
{
    static bool printed[EVIDENCE_CLASSES];
    char truths[200], possible[200], notation[NOTATION_MAX];
    memset(printed, 0, sizeof printed);
    for (unsigned near = 0; near < 2; near++)
        totals(e, near);
    for (unsigned k = 0; k < most && k < e->classes; k++) { /* the most frequent first */
        unsigned best = e->classes;
        for (unsigned i = 0; i < e->classes; i++)
            if (!printed[i] && (best == e->classes || e->class[i].captures > e->class[best].captures))
                best = i;
        const struct evidence_class *c = &e->class[best];
        printed[best] = true;
        set_write(c->truths, TCPFSM_STATES, truths, sizeof truths);
        set_write(c->possible, c->shown, possible, sizeof possible);
        schedule_write(&c->schedule, notation);
        printf("%3u. %s: only {%s} was ever true, possible {%s}; %llu captures\n     model --replay '%s' --lane "
               "inferred\n",
               k + 1, c->near ? "near" : "far", truths, possible, (unsigned long long)c->captures, notation);
    }
}
