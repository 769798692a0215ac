/* explore.h: every interleaving to a depth, and random ones beyond.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MODEL_EXPLORE_H
#define MODEL_EXPLORE_H

#include "evidence.h"
#include "schedule.h"

enum { CLASSES = 1024 };

/* One way of being wrong: the shortest schedule that shows it, and how often it was met. */
struct violation {
    struct verdict verdict;
    struct schedule schedule;
    uint64_t met, complete; /* complete: of these, those whose capture a world has that misses and loses nothing before
                             * it: nothing in it speaks of a miss */
    bool alias;           /* a shorter schedule of another class shows it */
};

struct explorer {
    uint64_t states;      /* different worlds with different captures */
    uint64_t steps;       /* actions done */
    uint64_t schedules; /* interleavings: ways from a beginning to the depth, to a state known already, or to the end */
    unsigned classes;
    bool whole;           /* nothing is lost before the capture */
    bool once;            /* with plain: the 4-tuple is used once */
    bool plain; /* only what happens every day: endpoint 0 opens, endpoint 1 listens, nothing is overtaken, no crash, no
                   CLOSE before ESTABLISHED */
    unsigned most;        /* classes printed in full */
    unsigned faults;      /* at most that many failures of network and hosts in one schedule */
    double deadline;      /* seconds of the process's clock */
    bool cut;             /* the time was up before the depth was explored */
    struct violation violation[CLASSES];
    struct { uint64_t hash; uint32_t depth, used; } *seen;
    uint64_t room, held;
    struct evidence evidence;
};

double explore_clock(void);
bool explorer_start(struct explorer *x);
/* explorer_again: forgets what was seen, but not the evidence: for another pass. */
void explorer_again(struct explorer *x, unsigned pass);
void explorer_stop(struct explorer *x);
/* explore_depth: everything that can follow `start` within `depth` actions. */
void explore_depth(struct explorer *x, const struct schedule *start, unsigned depth);
/* explore_random: `count` random schedules of up to `length` actions from `start`. */
void explore_random(struct explorer *x, const struct schedule *start, uint64_t count, unsigned length, uint64_t *seed);
/* explore_report: the classes, grouped by what is wrong, shortest first. */
void explore_report(const struct explorer *x, bool ladders);

#endif
