/* schedule.h: a list of actions, its notation, its replay, and its shrinking to a short counterexample.
 *
 * Notation, one line: vantage, the switches of the world in brackets, a colon, the actions:   m: L1 A0 u0.0 d0.0 u1.0
 * c[miss,slow]: L1 A0! ...
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MODEL_SCHEDULE_H
#define MODEL_SCHEDULE_H

#include "observer.h"

#include <stddef.h>

struct schedule {
    char vantage;
    uint32_t with;
    uint16_t count;
    struct action action[WORLD_SCHEDULE];
};

/* A world and its observer, moved together. */
struct scene { struct world world; struct observer observer; };

enum { NOTATION_MAX = WORLD_SCHEDULE * 8 + 160 };

void scene_start(struct scene *s, char vantage, uint32_t with);
/* scene_step: one action; *done says whether it could happen. What is wrong after it. */
struct verdict scene_step(struct scene *s, struct action a, bool *done);
/* scene_settle: appends to *out, if not NULL, and does the arrival of all that is on its way, oldest first. */
struct verdict scene_settle(struct scene *s, struct schedule *out);

/* switches_read: a list of words separated by commas. switches_write: at most 140 characters. */
bool switches_read(const char *text, size_t size, uint32_t *with);
void switches_write(uint32_t with, char *text);
/* schedule_read: parses a notation and writes out its dots. False, with a word on stderr, if it is none. */
bool schedule_read(const char *text, struct schedule *s);
void schedule_write(const struct schedule *s, char text[NOTATION_MAX]);
/* schedule_run: from the start; stops at the first thing wrong; *ran is how many actions that took. */
struct verdict schedule_run(const struct schedule *s, unsigned *ran);
/* schedule_ladder: prints a run, a line an action: the segments, the truth, and what the lane of `v` made of it. */
void schedule_ladder(const struct schedule *s, struct verdict v);
/* schedule_pairs: for every pair of states that two endpoints can be in at once, a short way there: open, close, loss
 * and arrival are enough; unless `plain`, also by any of both opening and by crashes. Writes to way[] at most PAIRS of
 * them, and says how many. */
enum { PAIRS = RFC_STATES * RFC_STATES };
unsigned schedule_pairs(char vantage, uint32_t with, bool plain, struct schedule way[PAIRS]);
/* schedule_shrink: the shortest schedule found by leaving actions out that still goes wrong in the same way. */
void schedule_shrink(struct schedule *s, struct verdict *v);

#endif
