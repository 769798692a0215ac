/* report.h: what the reports of -z share: the user's arguments, the clock of the capture, the moment to begin anew, and
 * how to fail.
 *
 * A report is fed by the tap `tcpfsm`, whose records say what is known as of a segment, and written when the whole
 * capture has been read. It asks for no protocol tree: a report costs what its few words a segment or a connection
 * cost.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_REPORT_H
#define TCPFSM_REPORT_H

#include "view.h"
#include "reports/arguments.h"

/* A record of the tap `tcpfsm`. Lives as long as the frame. */
struct report_record {
    struct tcpfsm_segment segment;      /* all zero with `quote` */
    struct view view;
    int64_t time;                       /* of the frame, nanoseconds since 1970 */
    unsigned order;                     /* where in the frame */
    bool quote;                         /* a header quoted in an ICMP error */
};

/* The clock of the capture, from the tap `frame`. Times are nanoseconds since 1970. */
struct report_clock {
    int64_t first, last;                /* of the first frame, and the latest of all */
    uint32_t frames;                    /* number of the last frame; 0: none */
    uint32_t frame;                     /* wanted: the last frame to count; 0: by time */
    int64_t until;                      /* wanted: so many nanoseconds after the first frame; negative: to the end */
    uint32_t at_frame;                  /* the last frame within what is wanted */
    int64_t at_time;                    /* the moment wanted: of that frame, or `until` after the first */
};

/* One report that the user asked for; the kind's own memory begins with this. */
struct report {
    const struct report_kind *kind;
    struct report_clock clock;
    char *filter;                       /* display filter; NULL: none */
    char *svg;                          /* file to write, as the user named it; NULL: text on stdout */
    char *claimed;                      /* the same without links */
    bool svg_open;                      /* this program read that file when the capture began */
    char every;                         /* not used: its address stands for the listener to all segments */
    uint32_t generation;                /* view_generation() of what it has collected; 0: nothing yet */
    bool anew;                          /* it has been said that the report began anew */
};

/* A report of -z: `name` is what follows -z, `usage` its form for the user. */
struct report_kind {
    const char *name, *usage;
    size_t size;                        /* of the memory, which begins with struct report; it is zeroed */
    const struct arguments_option *option;
    unsigned options;
    /* of all segments, whatever the filter; NULL: it does not need them */
    void (*every)(struct report *, packet_info *, const struct report_record *);
    /* of those the filter matches; NULL: this report needs no segments */
    void (*packet)(struct report *, packet_info *, const struct report_record *);
    void (*draw)(struct report *);
    void (*reset)(struct report *);     /* forgets all segments; NULL: it keeps none */
    void (*finish)(struct report *);    /* frees what the memory holds; NULL: nothing */
};

/* report_register: makes -z `kind`->name known. */
void report_register(const struct report_kind *kind);

/* report_anew: says on stderr, once for each *said, that the report `name` covers one session of several only. */
void report_anew(const char *name, bool *said);

/* report_note: element `number` of an array of zeroed elements, which grows as needed. Valid until the next call. */
void *report_note(GArray *notes, uint32_t number);

/* report_failed: tells the user on stderr why a report cannot be made after all, printf's format. tshark then ends
 * with status 1, after the other reports. */
void report_failed(const struct report *r, const char *why, ...) G_GNUC_PRINTF(2, 3);

/* report_svg: ends a drawing and writes it to the file of the report; report_failed if that cannot be done. Frees
 * it. */
void report_svg(const struct report *r, GString *drawing);

#endif
