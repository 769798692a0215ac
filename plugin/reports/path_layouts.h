/* path_layouts.h: the layouts of tcpfsm,path.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_PATH_LAYOUTS_H
#define TCPFSM_PATH_LAYOUTS_H

#include "reports/path_line.h"

struct path_page {
    const struct path_line *line;
    unsigned lines;
    unsigned left_out;                  /* connections of which nothing shows two points */
    bool interfaces;                    /* the capture has several */
    wmem_allocator_t *pool;             /* for what is printed */
};

/* path_text, path_csv, path_json: print the page on stdout. */
void path_text(const struct path_page *p);
void path_csv(const struct path_page *p);
void path_json(const struct path_page *p);

#endif
