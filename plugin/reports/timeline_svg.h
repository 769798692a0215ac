/* timeline_svg.h: the timeline as a drawing.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_TIMELINE_SVG_H
#define TCPFSM_TIMELINE_SVG_H

#include "reports/report.h"

/* timeline_svg: draws the first `drawn` connections into the file of the report. */
void timeline_svg(const struct report *r, unsigned drawn);

#endif
