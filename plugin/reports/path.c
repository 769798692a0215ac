/* path.c: -z tcpfsm,path: of a merged capture, what happened between its points: a line for each connection, direction
 * and pair of points, as text, CSV or JSON.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/kinds.h"
#include "reports/path_layouts.h"
#include "streams.h"

enum { TEXT, CSV, JSON };

/* Of each connection by number. */
struct path_note {
    uint32_t stream;
    bool seen;
};

struct path {
    struct report base;
    unsigned format;
    uint32_t interface;         /* of the first segment */
    bool interfaces;            /* there are others */
    GArray *notes;              /* struct path_note; NULL: none yet */
};

static void packet(struct report *r, packet_info *pinfo, const struct report_record *p)
{
    struct path *path = (struct path *)r;
    uint32_t interface = compat_interface(pinfo);
    if (!path->notes)
        path->notes = g_array_new(FALSE, TRUE, sizeof(struct path_note));
    if (!path->interface)
        path->interface = interface;
    path->interfaces |= path->interface != interface;
    struct path_note *n = (struct path_note *)report_note(path->notes, p->view.number);
    if (!n->seen)
        n->stream = streams_of(pinfo, &p->view.ends, p->view.first_frame);
    n->seen = true;
}

static void draw(struct report *r)
{
    static void (*const layouts[])(const struct path_page *) = {
        [TEXT] = path_text, [CSV] = path_csv, [JSON] = path_json};
    const struct path *path = (const struct path *)r;
    GArray *lines = g_array_new(FALSE, FALSE, sizeof(struct path_line));
    struct path_page p = {.interfaces = path->interfaces, .pool = wmem_allocator_new(WMEM_ALLOCATOR_BLOCK)};
    for (uint32_t i = 0; path->notes && i < path->notes->len; i++) {
        const struct path_note *n = &g_array_index(path->notes, struct path_note, i);
        p.left_out += n->seen && !path_lines(lines, i, n->stream);
    }
    p.line = (const struct path_line *)(void *)lines->data;
    p.lines = lines->len;
    layouts[path->format](&p);
    wmem_destroy_allocator(p.pool);
    g_array_free(lines, TRUE);
}

static void reset(struct report *r)
{
    struct path *path = (struct path *)r;
    path->interface = 0;
    path->interfaces = false;
    if (path->notes)
        g_array_set_size(path->notes, 0);
}

static void finish(struct report *r)
{
    struct path *path = (struct path *)r;
    if (path->notes)
        g_array_free(path->notes, TRUE);
}

static const char *const formats[] = {"text", "csv", "json", NULL};
static const struct arguments_option options[] = {{.key = "format",
                                                   .type = ARGUMENTS_WORD,
                                                   .at = offsetof(struct path, format),
                                                   .words = formats,
                                                   .wrong = "the format is text, csv or json"},
                                                  {.type = ARGUMENTS_FILTER, .at = offsetof(struct report, filter)}};

const struct report_kind report_path = {.name = "tcpfsm,path",
                                        .usage = "tcpfsm,path[,format=text|csv|json][,filter]",
                                        .size = sizeof(struct path),
                                        .option = options,
                                        .options = array_length(options),
                                        .packet = packet,
                                        .draw = draw,
                                        .reset = reset,
                                        .finish = finish};
