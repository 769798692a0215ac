/* marks.h: what is remembered of single segments: which the capture has twice, which end a silence, and which are RSTs
 * that do not look like their sender's other segments.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_MARKS_H
#define TCPFSM_MARKS_H

#include "compat.h"

/* A silence longer than this, in nanoseconds, is one that people ask about. */
enum { MARKS_SILENCE = 1000000000 };

/* The frame of the newest mark, 0: there is none; and what has to be done seldom. For marks_note() only. */
extern uint32_t marks_newest;
void marks_change(uint32_t frame, unsigned order, uint32_t copy_of, int64_t silence, bool suspicious);

/* marks_note: remembers of a segment, at its place in the capture, that it is a copy of the one in frame `copy_of`
 * (0: it is not), or for how long nothing was captured of its connection before it, in nanoseconds, and whether it is a
 * suspicious RST. Forgets what lay at or after this place: with -2 -R, frame numbers of rejected frames are used again.
 * Inline, for most segments are nothing of all that. */
static inline void marks_note(uint32_t frame, unsigned order, uint32_t copy_of, int64_t silence, bool suspicious)
{
    if (frame <= marks_newest || copy_of || silence > MARKS_SILENCE || suspicious)
        marks_change(frame, order, copy_of, silence, suspicious);
}

/* marks_copy_of: the frame that holds the same segment as this one, if the capture has it twice; else 0. */
uint32_t marks_copy_of(uint32_t frame, unsigned order);

/* marks_idle: the silence before this segment, in nanoseconds, if that is more than MARKS_SILENCE; else 0. */
int64_t marks_idle(uint32_t frame, unsigned order);

/* marks_suspicious: whether this segment is a RST that does not look like its sender's. */
bool marks_suspicious(uint32_t frame, unsigned order);

/* marks_close: forgets all of them: a capture ends. */
void marks_close(void);

#endif
