/* conv.c: -z tcpfsm,conv: a line for each connection, as text, CSV or JSON.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/conv_layouts.h"
#include "reports/kinds.h"
#include "reports/spans.h"
#include "streams.h"
#include "wording.h"

enum { TEXT, CSV, JSON };

struct conv {
    struct report base;
    unsigned format;
    GArray *notes;                      /* struct conv_note, by number of the connection; NULL: none yet */
};

static void packet(struct report *r, packet_info *pinfo, const struct report_record *p)
{
    struct conv *conv = (struct conv *)r;
    if (!conv->notes)
        conv->notes = g_array_new(FALSE, TRUE, sizeof(struct conv_note));
    struct conv_note *n = (struct conv_note *)report_note(conv->notes, p->view.number);
    if (!n->seen) {
        n->seen = true;
        n->stream = streams_of(pinfo, &p->view.ends, p->view.first_frame);
        n->first = n->last = p->time;
    }
    n->first = MIN(n->first, p->time);
    n->last = MAX(n->last, p->time);
    if (p->quote)
        return;
    n->packets[p->segment.from]++;
    n->bytes[p->segment.from] += p->segment.len;
}

/* The worst first, then in the order in which they began. */
static int choice_order(const void *a, const void *b)
{
    const struct conv_choice *x = (const struct conv_choice *)a, *y = (const struct conv_choice *)b;
    if (x->worst != y->worst)
        return x->worst > y->worst ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

/* worst_of: the severity of a connection's worst finding. */
static unsigned worst_of(uint32_t number)
{
    unsigned n, worst = 0;
    const struct history_finding *f = view_findings(number, &n);
    for (unsigned i = 0; i < n; i++)
        worst = MAX(worst, wording_severity(f[i].finding.id));
    return worst;
}

static void draw(struct report *r)
{
    static void (*const layouts[])(const struct conv_page *) = {
        [TEXT] = conv_text, [CSV] = conv_csv, [JSON] = conv_json};
    const struct conv *conv = (const struct conv *)r;
    unsigned n = conv->notes ? conv->notes->len : 0;
    struct conv_choice *choice = g_new(struct conv_choice, MAX(n, 1));
    struct conv_page p = {.first = r->clock.first,
                          .last = r->clock.last,
                          .note = n ? (const struct conv_note *)(void *)conv->notes->data : NULL,
                          .pool = wmem_allocator_new(WMEM_ALLOCATOR_BLOCK),
                          .spans = g_array_new(FALSE, FALSE, sizeof(struct span)),
                          .choice = choice};
    for (uint32_t i = 0; i < n; i++) {
        if (p.note[i].seen)
            choice[p.lines++] = (struct conv_choice){i, worst_of(i)};
    }
    qsort(choice, p.lines, sizeof *choice, choice_order);
    layouts[conv->format](&p);
    g_free(choice);
    g_array_free(p.spans, TRUE);
    wmem_destroy_allocator(p.pool);
}

static void reset(struct report *r)
{
    struct conv *conv = (struct conv *)r;
    if (conv->notes)
        g_array_set_size(conv->notes, 0);
}

static void finish(struct report *r)
{
    struct conv *conv = (struct conv *)r;
    if (conv->notes)
        g_array_free(conv->notes, TRUE);
}

static const char *const formats[] = {"text", "csv", "json", NULL};
static const struct arguments_option options[] = {{.key = "format",
                                                   .type = ARGUMENTS_WORD,
                                                   .at = offsetof(struct conv, format),
                                                   .words = formats,
                                                   .wrong = "the format is text, csv or json"},
                                                  {.type = ARGUMENTS_FILTER, .at = offsetof(struct report, filter)}};

const struct report_kind report_conv = {.name = "tcpfsm,conv",
                                        .usage = "tcpfsm,conv[,format=text|csv|json][,filter]",
                                        .size = sizeof(struct conv),
                                        .option = options,
                                        .options = array_length(options),
                                        .packet = packet,
                                        .draw = draw,
                                        .reset = reset,
                                        .finish = finish};
