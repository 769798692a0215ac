/* conv_line.h: a connection as a line of tcpfsm,conv, whatever the layout.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_CONV_LINE_H
#define TCPFSM_CONV_LINE_H

#include "view.h"

/* What is counted of a connection. By endpoint 0 and 1. */
struct conv_note {
    uint64_t bytes[2];
    int64_t first, last;
    uint32_t packets[2];
    uint32_t stream;
    bool seen;
};

/* Which connections are printed, in order. */
struct conv_choice {
    uint32_t number;
    unsigned worst;                     /* severity of its worst finding */
};

/* What the lines share; the strings of a line live in `pool`, which is emptied after it. */
struct conv_page {
    int64_t first, last;                /* time of the first frame, and the latest of all */
    const struct conv_note *note;       /* by number of the connection */
    wmem_allocator_t *pool;
    GArray *spans;
    const struct conv_choice *choice;
    unsigned lines;
};

/* A connection as it is printed. */
struct conv_line {
    uint32_t number, stream;
    unsigned worst;
    unsigned client;                    /* endpoint */
    bool known;                         /* the stream is */
    const struct conv_note *note;
    struct view view;
    const char *who[2];                 /* client, server */
    const char *closer;
    int64_t start, duration;
    int64_t spent[2][TCPFSM_STATES];    /* by client, server */
    bool been[2][TCPFSM_STATES];
};


/* conv_line: line i of the page. */
void conv_line(struct conv_line *l, const struct conv_page *p, unsigned i);

/* conv_certain: whether the client's (side 0) or the server's state is proven. */
bool conv_certain(const struct conv_line *l, unsigned side);

/* conv_findings: the names of a connection's findings, each once, with blanks between. Allocated in `pool`. */
const char *conv_findings(wmem_allocator_t *pool, uint32_t number);

#endif
