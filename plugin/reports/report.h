/* report.h: what the reports share.
 *
 * A report is fed by the tap `tcpfsm`, whose records say what the store knows as of a segment, and written when the whole capture has been read. It asks for no
 * protocol tree: a report costs what its few words a segment or a connection cost.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_REPORT_H
#define TCPFSM_REPORT_H

#include "../findings.h"
#include "../hosts.h"
#include "../plugin.h"
#include "../render.h"
#include "../store.h"
#include "reports.h"

#include <stdio.h>

/* A record of the tap `tcpfsm`. Lives as long as the frame. */
struct report_record {
    struct tcpfsm_segment segment;      /* all zero with `quote` */
    struct store_view view;
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

enum report_format { REPORT_TEXT, REPORT_CSV, REPORT_JSON };

/* One report that the user asked for. What the arguments said, the clock, and what it collected. */
struct report {
    const struct report_kind *kind;
    struct report_clock clock;
    char *filter;                       /* display filter; NULL: none */
    char *svg;                          /* file to write; NULL: text on stdout */
    enum report_format format;
    unsigned style;                     /* ss.c */
    char *host_text;                    /* ss.c: the address wanted; NULL: all */
    uint32_t stream;                    /* ladder.c */
    GArray *rungs;                      /* ladder.c; NULL: none yet */
    GArray *notes;                      /* of kind->note bytes each, zeroed: by number of the connection, or what the report makes of it */
};

/* A report of -z: `name` is what follows -z, `usage` its form for the user. */
struct report_kind {
    const char *name, *usage;
    unsigned note;                                              /* size of an element of notes */
    const char *(*argument)(struct report *, const char *key, const char *value);   /* takes key=value, or says what is wrong; key NULL: takes all that is left */
    void (*packet)(struct report *, packet_info *, const struct report_record *);   /* NULL: this report needs no segments */
    void (*draw)(struct report *);
};

/* Why an argument is wrong, beside a sentence of its own. */
extern const char report_unknown[];     /* no such argument */

extern const struct report_kind report_conv, report_ss, report_hosts, report_ladder, report_timeline;

/* report_note: the note of this number, zeroed when new. Valid until the next call. */
void *report_note(struct report *r, uint32_t number);

/* report_number: reads an unsigned decimal number from 0 to UINT32_MAX that is the whole of `text`; false if it is none. */
bool report_number(const char *text, uint32_t *number);

/* report_failed: tells the user on stderr why a report cannot be made after all, printf's format. tshark then ends with status 1, after the other reports. */
void report_failed(const struct report *r, const char *why, ...) G_GNUC_PRINTF(2, 3);

/* report_svg_open: opens r->svg for writing; NULL after report_failed. */
FILE *report_svg_open(const struct report *r);

/* report_svg_close: ends the document and closes it; report_failed if it could not all be written. */
void report_svg_close(const struct report *r, FILE *f);

/* report_stream: tcp.stream of that connection where it began; UINT32_MAX if Wireshark knows no such conversation. For use in a packet callback. */
uint32_t report_stream(packet_info *pinfo, const struct store_view *view);

/* report_stream_now: the same for the frame being dissected. */
uint32_t report_stream_now(packet_info *pinfo, const struct store_view *view);

/* A stretch of time in one state. Nanoseconds since 1970; to >= from. */
struct report_span {
    int64_t from, to;
    uint32_t frame;                     /* that began it */
    uint8_t state;
    bool assumed;
};

/* report_spans: fills *spans (elements: struct report_span) with the states that endpoint `end` of connection `number` was in, oldest first, until that time or
 * until the next connection of the 4-tuple took its place. TIME_WAIT ends by the clock: CLOSED follows, assumed. */
void report_spans(uint32_t number, unsigned end, int64_t until, GArray *spans);

/* report_time_wait_until: when a TIME_WAIT of this endpoint that began at `from` ends. */
int64_t report_time_wait_until(uint32_t number, unsigned end, int64_t from);

/* report_socket: whether a socket in this state is one that a host's list of connections shows: neither CLOSED nor LISTEN. */
bool report_socket(unsigned state);

/* report_endpoint, report_host: "10.0.0.1:51515", "10.0.0.1". Allocated in `pool`. */
const char *report_endpoint(wmem_allocator_t *pool, const struct store_tuple *tuple, unsigned end);
const char *report_host_text(wmem_allocator_t *pool, uint32_t host);

/* report_severity: 0 none, 1 chat, 2 note, 3 warning: of a finding. */
unsigned report_severity(unsigned finding);
const char *report_severity_name(unsigned severity);

/* report_last: the last record of a connection, which always has one. */
const struct store_change *report_last(const struct store_connection *c);

/* report_view: the connection as of its end. */
void report_view(uint32_t number, struct store_view *view);

/* report_colour: of a state, for SVG: a class name of report_svg_style(). */
const char *report_colour(unsigned state);

/* report_svg_begin: the head of an SVG document of that size, with the colours of the states for light and for dark. */
void report_svg_begin(FILE *f, unsigned width, unsigned height, const char *title);

/* report_svg_text: writes text with what XML reserves replaced. */
void report_svg_text(FILE *f, const char *text);

#endif
