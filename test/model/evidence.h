/* evidence.h: what the evidence allows. Of all worlds explored that one capture cannot tell apart, the true states of
 * an endpoint make the set that an ideal observer would give. The engine's set may be wider where the exploration is
 * too shallow to reach the rest, so this is a hint, never a test.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MODEL_EVIDENCE_H
#define MODEL_EVIDENCE_H

#include "schedule.h"

enum { EVIDENCE_CLASSES = 512 };

enum evidence_pass { EVIDENCE_NONE, EVIDENCE_NOTE, EVIDENCE_CLASS, EVIDENCE_SHAPES, EVIDENCE_KNOWN };

/* One capture up to some segment, and one endpoint. */
struct evidence_entry { uint64_t key; uint16_t truths, possible; uint8_t used, near, left, counted; };

/* One way of saying less than the evidence allows. */
struct evidence_class { uint16_t truths, possible; uint8_t near, shown; uint64_t captures; struct schedule schedule; };

struct evidence {
    unsigned pass; /* NOTE: worlds are noted; CLASS: classes are made; SHAPES: only what is captured is; KNOWN: that can
                      be asked */
    uint64_t room, held;
    struct evidence_entry *entry;
    unsigned classes;
    struct evidence_class class[EVIDENCE_CLASSES];
};

bool evidence_start(struct evidence *e);
void evidence_stop(struct evidence *e);
/* evidence_note: a world that was reached with `left` actions still to be explored. */
void evidence_note(struct evidence *e, const struct scene *s, const struct schedule *path, unsigned left);
/* evidence_complete: whether a world noted in the pass SHAPES has this capture. */
bool evidence_complete(struct evidence *e, uint64_t shape);
void evidence_report(const struct evidence *e, unsigned most);

#endif
