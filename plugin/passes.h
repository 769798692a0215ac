/* passes.h: what is known once the file has been read cannot be filtered on while it is read.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_PASSES_H
#define TCPFSM_PASSES_H

#include "compat.h"

/* passes_frame: to be called for each frame with a tree. Notes whether a filter or column asks for a field that
 * depends on later frames. */
void passes_frame(const packet_info *pinfo);

/* passes_end: to be called after the last frame. Says once, on stderr of tshark, that it takes two passes, if such a
 * field was asked for in one. */
void passes_end(void);

#endif
