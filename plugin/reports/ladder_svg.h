/* ladder_svg.h: the ladder as a drawing.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_LADDER_SVG_H
#define TCPFSM_LADDER_SVG_H

#include "reports/report.h"
#include "reports/rungs.h"

/* ladder_svg: draws the rungs of a TCP stream into the file of the report. */
void ladder_svg(const struct report *r, uint32_t stream, const struct rung *rung, unsigned rungs);

#endif
