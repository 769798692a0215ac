/* path_line.h: what one direction of a connection shows between two points of capture, whatever the layout.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_PATH_LINE_H
#define TCPFSM_PATH_LINE_H

#include "view.h"

/* One direction of one connection, from the point where it was sent to the one where it arrived. */
struct path_line {
    uint32_t connection, stream;        /* stream: UINT32_MAX if not known */
    unsigned from, client;              /* endpoints */
    bool whole;                         /* from the point nearest to the sender to the one nearest to the receiver */
    unsigned beside[2];                 /* the endpoint that each of the two points is nearest to; 2: between */
    uint32_t interface[2];              /* of the points, see path_interface(); 0: the file names none */
    bool clock;                         /* what follows is known */
    int64_t ahead, uncertainty;         /* nanoseconds: of the clock of the second point before that of the first */
    struct between_sum sum;
};

/* path_lines: appends the lines of a connection to an array of struct path_line: the client's direction first, and of
 * each direction the whole way before its parts. False: it was captured at one point, or nothing shows which point is
 * where. */
bool path_lines(GArray *lines, uint32_t number, uint32_t stream);

/* path_unknown: segments captured beside their sender of which it is not known whether they arrived, because the other
 * capture had ended. */
uint32_t path_unknown(const struct path_line *l);

/* path_point: "0" or, in a file of several sections, "1:0": section and interface; "" if the file names none. Allocated
 * in `pool`. path_named: the number of the interface of a point; 0: the file names none. */
const char *path_point(wmem_allocator_t *pool, uint32_t interface);
uint32_t path_named(const struct points *p, unsigned point);
uint32_t path_section(uint32_t interface);
uint32_t path_interface(uint32_t interface);

#endif
