/* conv_layouts.h: the layouts of tcpfsm,conv.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_CONV_LAYOUTS_H
#define TCPFSM_CONV_LAYOUTS_H

#include "reports/conv_line.h"

/* conv_text, conv_csv, conv_json: print the page on stdout. */
void conv_text(const struct conv_page *p);
void conv_csv(const struct conv_page *p);
void conv_json(const struct conv_page *p);

#endif
