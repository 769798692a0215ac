/* diagnosis.c: -z tcpfsm,diagnosis: one page: what is wrong, ranked by damage, and whether the capture can be trusted.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "reports/kinds.h"
#include "reports/page.h"

enum { TEXT, JSON };

struct diagnosis_report {
    struct report base;
    unsigned format;
    struct traffic traffic;
};

static void every(struct report *r, packet_info *pinfo, const struct report_record *p)
{
    traffic_packet(&((struct diagnosis_report *)r)->traffic, pinfo, p);
}

static void choose(struct report *r, packet_info *pinfo, const struct report_record *p)
{
    (void)pinfo;
    traffic_choose(&((struct diagnosis_report *)r)->traffic, p);
}

/* count_connections: counts what the page says of connections. */
static void count_connections(struct page *p)
{
    struct view v;
    for (uint32_t i = 0; i < traffic_count(p->traffic); i++) {
        const struct traffic_note *n = traffic_note(p->traffic, i);
        if (!n->chosen)
            continue;
        view_last(&v, i);
        p->connections++;
        p->segments += n->segments;
        p->copies += n->copies;
        p->cut += n->cut;
        p->bad += n->bad;
        p->gaps += n->gaps;
        p->octets += n->octets;
        p->unopened += !v.opened_in;
        p->one_way += traffic_one_way(n);
        p->gapped += n->gaps != 0;
    }
}

static void draw(struct report *r)
{
    static void (*const layouts[])(const struct page *) = {[TEXT] = page_text, [JSON] = page_json};
    const struct diagnosis_report *own = (const struct diagnosis_report *)r;
    struct causes causes;
    struct page p = {.report = r,
                     .traffic = &own->traffic,
                     .causes = &causes,
                     .pool = wmem_allocator_new(WMEM_ALLOCATOR_BLOCK),
                     .checks = config.check_checksum};
    count_connections(&p);
    causes_of(&causes, &own->traffic, r->clock.last);
    layouts[own->format](&p);
    causes_free(&causes);
    wmem_destroy_allocator(p.pool);
}

static void forget(struct report *r)
{
    traffic_free(&((struct diagnosis_report *)r)->traffic);
}

static const char *const formats[] = {"text", "json", NULL};
static const struct arguments_option options[] = {{.key = "format",
                                                   .type = ARGUMENTS_WORD,
                                                   .at = offsetof(struct diagnosis_report, format),
                                                   .words = formats,
                                                   .wrong = "the format is text or json"},
                                                  {.type = ARGUMENTS_FILTER, .at = offsetof(struct report, filter)}};

const struct report_kind report_diagnosis = {.name = "tcpfsm,diagnosis",
                                             .usage = "tcpfsm,diagnosis[,format=text|json][,filter]",
                                             .size = sizeof(struct diagnosis_report),
                                             .option = options,
                                             .options = array_length(options),
                                             .every = every,
                                             .packet = choose,
                                             .draw = draw,
                                             .reset = forget,
                                             .finish = forget};
