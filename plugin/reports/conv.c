/* conv.c: -z tcpfsm,conv: a line for each connection, as text, CSV or JSON.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "conv.h"

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
    int64_t time = plugin_time(pinfo);
    if (!n->seen) {
        n->seen = true;
        n->stream = report_stream(pinfo, &p->view);
        n->first = n->last = time;
    }
    n->first = MIN(n->first, time);
    n->last = MAX(n->last, time);
    if (p->quote)
        return;
    n->packets[p->segment.from]++;
    n->bytes[p->segment.from] += p->segment.len;
}

/* closer_of: who began to close, and how: the first FIN or RST sent, that of both ends if neither had seen the other's. */
static const char *closer_of(const struct store_connection *c, unsigned client)
{
    static const char *const fin[] = {"client", "server", "both"}, *const rst[] = {"client, RST", "server, RST"};
    const char *closer = "";
    unsigned first = 2;
    for (uint32_t i = 0; i < c->changes; i++) {
        for (unsigned j = 0; j < c->change[i].steps; j++) {
            struct tcpfsm_step s = store_step(&c->change[i], j);
            if (s.event == TCPFSM_EVENT_UNDO_SENT || s.event == TCPFSM_EVENT_UNDO_RST) {
                closer = "";
                first = 2;
            } else if (s.to == TCPFSM_FIN_WAIT_1 && s.event < TCPFSM_EVENT_UNDO_FIN) {
                if (first == 2)
                    closer = fin[s.end != client];
                else if (first != s.end)
                    closer = fin[2];
                first = first == 2 ? s.end : first;
            } else if (s.event == TCPFSM_EVENT_SND_RST && first == 2) {
                closer = rst[s.end != client];
                first = s.end;
            }
        }
    }
    return closer;
}

/* conv_line: line i of the page. */
void conv_line(struct conv_line *l, const struct conv_page *p, unsigned i)
{
    uint32_t number = p->choice[i].number;
    const struct store_connection *c = store_connection(number);
    *l = (struct conv_line){.number = number, .worst = p->choice[i].worst, .note = &p->note[number]};
    report_view(number, &l->view);
    l->client = l->view.client;
    l->stream = l->note->stream;
    l->known = l->stream != UINT32_MAX;
    l->closer = closer_of(c, l->client);
    l->start = l->note->first - p->first;
    l->duration = l->note->last - l->note->first;
    for (unsigned side = 0; side < 2; side++) {
        l->who[side] = report_endpoint(p->pool, store_tuple(c->tuple), side ^ l->client);
        spans_of(number, side ^ l->client, p->last, p->spans);
        for (unsigned j = 0; j < p->spans->len; j++) {
            const struct span *s = &g_array_index(p->spans, struct span, j);
            l->spent[side][s->state] += s->to - s->from;
            l->been[side][s->state] = true;
        }
    }
}

bool conv_certain(const struct conv_line *l, unsigned side)
{
    tcpfsm_set set = l->view.end[side ^ l->client].possible;
    return (set & (set - 1u)) == 0;
}

/* finding_first: whether finding i is the first of its name in the connection. */
static bool finding_first(const struct store_connection *c, unsigned i)
{
    for (unsigned j = 0; j < i; j++)
        if (store_findings(c)[j].finding.id == store_findings(c)[i].finding.id)
            return false;
    return true;
}

const char *conv_findings(wmem_allocator_t *pool, const struct store_connection *c)
{
    wmem_strbuf_t *out = wmem_strbuf_new(pool, "");
    for (unsigned i = 0; i < c->findings && i < 1000; i++)
        if (finding_first(c, i))
            wmem_strbuf_append_printf(out, "%s%s", wmem_strbuf_get_len(out) ? " " : "", tcpfsm_finding_name(store_findings(c)[i].finding.id));
    return wmem_strbuf_finalize(out);
}

/* The worst first, then in the order in which they began. */
static int choice_order(const void *a, const void *b)
{
    const struct conv_choice *x = (const struct conv_choice *)a, *y = (const struct conv_choice *)b;
    if (x->worst != y->worst)
        return x->worst > y->worst ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

static void draw(struct report *r)
{
    static void (*const layouts[])(const struct conv_page *) = {[TEXT] = conv_text, [CSV] = conv_csv, [JSON] = conv_json};
    const struct conv *conv = (const struct conv *)r;
    unsigned n = conv->notes ? conv->notes->len : 0;
    struct conv_choice *choice = g_new(struct conv_choice, MAX(n, 1));
    struct conv_page p = {.first = r->clock.first, .last = r->clock.last, .note = n ? (const struct conv_note *)(void *)conv->notes->data : NULL,
                          .pool = wmem_allocator_new(WMEM_ALLOCATOR_BLOCK), .spans = g_array_new(FALSE, FALSE, sizeof(struct span)), .choice = choice};
    for (uint32_t i = 0; i < n; i++) {
        const struct store_connection *c = store_connection(i);
        if (!p.note[i].seen)
            continue;
        choice[p.lines] = (struct conv_choice){i, 0};
        for (unsigned j = 0; j < c->findings; j++)
            choice[p.lines].worst = MAX(choice[p.lines].worst, report_severity(store_findings(c)[j].finding.id));
        p.lines++;
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
static const struct arguments_option options[] = {
    {.key = "format", .type = ARGUMENTS_WORD, .at = offsetof(struct conv, format), .words = formats, .wrong = "the format is text, csv or json"},
    {.type = ARGUMENTS_FILTER, .at = offsetof(struct report, filter)}};

const struct report_kind report_conv = {.name = "tcpfsm,conv", .usage = "tcpfsm,conv[,format=text|csv|json][,filter]", .size = sizeof(struct conv), .option = options,
                                        .options = array_length(options), .packet = packet, .draw = draw, .reset = reset, .finish = finish};
