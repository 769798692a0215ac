/* conv_line.c: what a line of tcpfsm,conv says.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/conv_line.h"
#include "reports/spans.h"

/* Who began to close, as far as the steps so far say. */
struct closer {
    const char *text;
    unsigned first;             /* endpoint; 2: none */
};

static void closer_step(struct closer *c, struct tcpfsm_step s, unsigned client)
{
    static const char *const fin[] = {"client", "server", "both"}, *const rst[] = {"client, RST", "server, RST"};
    if (s.event == TCPFSM_EVENT_WITHDRAWN_SENT || s.event == TCPFSM_EVENT_WITHDRAWN_RST) {
        *c = (struct closer){"", 2};
    } else if (s.to == TCPFSM_FIN_WAIT_1 && !tcpfsm_is_withdrawal(s.event)) {
        if (c->first == 2)
            c->text = fin[s.end != client];
        else if (c->first != s.end)
            c->text = fin[2];
        c->first = c->first == 2 ? s.end : c->first;
    } else if (s.event == TCPFSM_EVENT_SND_RST && c->first == 2) {
        *c = (struct closer){rst[s.end != client], s.end};
    }
}

/* closer_of: who began to close, and how: the first FIN or RST sent, that of both ends if neither had seen the
 * other's. */
static const char *closer_of(uint32_t number, unsigned client)
{
    struct closer closer = {"", 2};
    struct history_change c;
    for (uint32_t i = 0; view_change(number, i, &c); i++)
        for (unsigned j = 0; j < c.steps; j++)
            closer_step(&closer, view_step(number, i, j), client);
    return closer.text;
}

void conv_line(struct conv_line *l, const struct conv_page *p, unsigned i)
{
    uint32_t number = p->choice[i].number;
    *l = (struct conv_line){.number = number, .worst = p->choice[i].worst, .note = &p->note[number]};
    view_last(&l->view, number);
    l->client = l->view.client;
    l->stream = l->note->stream;
    l->known = l->stream != UINT32_MAX;
    l->closer = closer_of(number, l->client);
    l->start = l->note->first - p->first;
    l->duration = l->note->last - l->note->first;
    for (unsigned side = 0; side < 2; side++) {
        l->who[side] = view_endpoint(p->pool, &l->view.ends, side ^ l->client);
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
    return view_certain(l->view.end[side ^ l->client].possible);
}

/* first_named: whether finding i is the first of its name. */
static bool first_named(const struct history_finding *f, unsigned i)
{
    for (unsigned j = 0; j < i; j++)
        if (f[j].finding.id == f[i].finding.id)
            return false;
    return true;
}

enum { FINDINGS_READ = 1000 };  /* of a connection: those that follow name nothing new */

const char *conv_findings(wmem_allocator_t *pool, uint32_t number)
{
    unsigned n;
    const struct history_finding *f = view_findings(number, &n);
    wmem_strbuf_t *out = wmem_strbuf_new(pool, "");
    for (unsigned i = 0; i < n && i < FINDINGS_READ; i++)
        if (first_named(f, i))
            wmem_strbuf_append_printf(out, "%s%s", wmem_strbuf_get_len(out) ? " " : "",
                                      tcpfsm_finding_name(f[i].finding.id));
    return wmem_strbuf_finalize(out);
}
