/* conv.c: -z tcpfsm,conv: a line for each connection, as text, CSV or JSON.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "report.h"

#include <wsutil/json_dumper.h>
#include <string.h>

/* What is counted of a connection. By endpoint 0 and 1. */
struct note {
    uint64_t bytes[2];
    int64_t first, last;
    uint32_t packets[2];
    uint32_t stream;
    bool seen;
};

/* Which connections are printed, in order. */
struct choice {
    uint32_t number;
    unsigned worst;                     /* severity of its worst finding */
};

/* What the lines share; the strings of a line live in `pool`, which is emptied after it. */
struct page {
    const struct report *report;
    wmem_allocator_t *pool;
    GArray *spans;
    const struct choice *choice;
    unsigned lines;
};

/* A connection as it is printed. */
struct line {
    uint32_t number, stream;
    unsigned worst;
    unsigned client;                    /* endpoint */
    bool known;                         /* the stream is */
    const struct note *note;
    struct store_view view;
    const char *who[2];                 /* client, server */
    const char *closer;
    int64_t start, duration;
    int64_t spent[2][TCPFSM_STATES];    /* by client, server */
    bool been[2][TCPFSM_STATES];
};

static const char *argument(struct report *r, const char *key, const char *value)
{
    static const char *const names[] = {"text", "csv", "json"};
    if (!key) {
        r->filter = g_strdup(value);
        return NULL;
    }
    if (strcmp(key, "format"))
        return report_unknown;
    for (unsigned i = 0; i < array_length(names); i++) {
        if (!strcmp(value, names[i])) {
            r->format = (enum report_format)i;
            return NULL;
        }
    }
    return "the format is text, csv or json";
}

static void packet(struct report *r, packet_info *pinfo, const struct report_record *p)
{
    struct note *n = (struct note *)report_note(r, p->view.number);
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
            if (s.event == TCPFSM_EVENT_WITHDRAWN_SENT || s.event == TCPFSM_EVENT_WITHDRAWN_RST) {
                closer = "";
                first = 2;
            } else if (s.to == TCPFSM_FIN_WAIT_1 && !tcpfsm_is_withdrawal(s.event)) {
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

/* line_fill: line i of the page. */
static void line_fill(struct line *l, const struct page *p, unsigned i)
{
    uint32_t number = p->choice[i].number;
    const struct store_connection *c = store_connection(number);
    *l = (struct line){.number = number, .worst = p->choice[i].worst, .note = &((const struct note *)(void *)p->report->notes->data)[number]};
    report_view(number, &l->view);
    l->client = l->view.client;
    l->stream = l->note->stream;
    l->known = l->stream != UINT32_MAX;
    l->closer = closer_of(c, l->client);
    l->start = l->note->first - p->report->clock.first;
    l->duration = l->note->last - l->note->first;
    for (unsigned side = 0; side < 2; side++) {
        l->who[side] = report_endpoint(p->pool, store_tuple(c->tuple), side ^ l->client);
        report_spans(number, side ^ l->client, p->report->clock.last, p->spans);
        for (unsigned j = 0; j < p->spans->len; j++) {
            const struct report_span *s = &g_array_index(p->spans, struct report_span, j);
            l->spent[side][s->state] += s->to - s->from;
            l->been[side][s->state] = true;
        }
    }
}

/* The worst first, then in the order in which they began. */
static int choice_order(const void *a, const void *b)
{
    const struct choice *x = (const struct choice *)a, *y = (const struct choice *)b;
    if (x->worst != y->worst)
        return x->worst > y->worst ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

static bool certain(const struct line *l, unsigned side)
{
    tcpfsm_set set = l->view.end[side ^ l->client].possible;
    return (set & (set - 1u)) == 0;
}

static const char *state_text(wmem_allocator_t *pool, const struct line *l, unsigned side)
{
    return wmem_strdup_printf(pool, "%s%s", tcpfsm_state_name(l->view.end[side ^ l->client].state), certain(l, side) ? "" : " (assumed)");
}

/* spent_text: "SYN_SENT 20 ms, ESTABLISHED 1.2 s": what is no socket's time is left out. */
static const char *spent_text(wmem_allocator_t *pool, const struct line *l, unsigned side)
{
    wmem_strbuf_t *out = wmem_strbuf_new(pool, "");
    for (unsigned s = 0; s < TCPFSM_STATES; s++)
        if (l->been[side][s] && report_socket(s) && l->spent[side][s] > 0)
            wmem_strbuf_append_printf(out, "%s%s %s", wmem_strbuf_get_len(out) ? ", " : "", tcpfsm_state_name(s), render_duration(pool, l->spent[side][s]));
    return wmem_strbuf_finalize(out);
}

/* finding_first: whether finding i is the first of its name in the connection. */
static bool finding_first(const struct store_connection *c, unsigned i)
{
    for (unsigned j = 0; j < i; j++)
        if (store_findings(c)[j].finding.id == store_findings(c)[i].finding.id)
            return false;
    return true;
}

static const char *findings_list(wmem_allocator_t *pool, const struct store_connection *c)
{
    wmem_strbuf_t *out = wmem_strbuf_new(pool, "");
    for (unsigned i = 0; i < c->findings && i < 1000; i++)
        if (finding_first(c, i))
            wmem_strbuf_append_printf(out, "%s%s", wmem_strbuf_get_len(out) ? " " : "", tcpfsm_finding_name(store_findings(c)[i].finding.id));
    return wmem_strbuf_finalize(out);
}

enum { COLUMNS = 17 };
static const char *const heads[COLUMNS] = {"conn", "stream", "use", "client", "server", "role", "client state", "server state", "outcome", "closed by", "start", "duration",
                                           "packets", "bytes", "client spent", "server spent", "findings"};

/* cells: one line as text. */
static void cells(const char *cell[COLUMNS], const struct line *l, wmem_allocator_t *pool)
{
    const struct store_connection *c = store_connection(l->number);
    const struct note *n = l->note;
    cell[0] = wmem_strdup_printf(pool, "%u", l->number);
    cell[1] = l->known ? wmem_strdup_printf(pool, "%u", l->stream) : "";
    cell[2] = wmem_strdup_printf(pool, "%u", store_incarnation(l->number));
    cell[3] = l->who[0];
    cell[4] = l->who[1];
    cell[5] = tcpfsm_role_name(l->view.role);
    cell[6] = state_text(pool, l, 0);
    cell[7] = state_text(pool, l, 1);
    cell[8] = tcpfsm_outcome_name(store_outcome(l->number));
    cell[9] = l->closer;
    cell[10] = wmem_strdup_printf(pool, "%.6f", (double)l->start / 1e9);
    cell[11] = wmem_strdup_printf(pool, "%.6f", (double)l->duration / 1e9);
    cell[12] = wmem_strdup_printf(pool, "%u+%u", n->packets[l->client], n->packets[!l->client]);
    cell[13] = wmem_strdup_printf(pool, "%" G_GUINT64_FORMAT "+%" G_GUINT64_FORMAT, n->bytes[l->client], n->bytes[!l->client]);
    cell[14] = spent_text(pool, l, 0);
    cell[15] = spent_text(pool, l, 1);
    cell[16] = findings_list(pool, c);
    for (unsigned i = 0; i < COLUMNS; i++)
        if (!*cell[i])
            cell[i] = "-";
}

static void text_row(const char *const cell[COLUMNS], const size_t width[COLUMNS])
{
    for (unsigned i = 0; i < COLUMNS - 1; i++)
        printf(i < 3 || (i >= 10 && i < 14) ? "%*s  " : "%-*s  ", (int)width[i], cell[i]);
    puts(cell[COLUMNS - 1]);
}

/* So many lines, and the last one, where numbers and times are largest, decide how wide the columns are; they are kept until they are printed. */
enum { MEASURED = 10000 };

static void draw_text(const struct page *p)
{
    size_t width[COLUMNS];
    unsigned measured = MIN(p->lines, MEASURED);
    const char *(*kept)[COLUMNS] = g_malloc_n(measured + 1u, sizeof *kept);
    struct line l;
    for (unsigned i = 0; i < COLUMNS; i++)
        width[i] = strlen(heads[i]);
    for (unsigned j = 0; j < measured + (p->lines > measured); j++) {
        line_fill(&l, p, j < measured ? j : p->lines - 1);
        cells(kept[j], &l, p->pool);
        for (unsigned i = 0; i < COLUMNS; i++)
            width[i] = MAX(width[i], strlen(kept[j][i]));
    }
    text_row(heads, width);
    for (unsigned j = 0; j < measured; j++)
        text_row(kept[j], width);
    wmem_free_all(p->pool);
    for (unsigned j = measured; j < p->lines; j++) {
        line_fill(&l, p, j);
        cells(kept[0], &l, p->pool);
        text_row(kept[0], width);
        wmem_free_all(p->pool);
    }
    g_free(kept);
}

/* csv: a field as RFC 4180 has it. */
static void csv(const char *text, bool last)
{
    bool quote = text[strcspn(text, ",\"\r\n")] != '\0';
    if (quote)
        putchar('"');
    for (; *text; text++) {
        if (*text == '"')
            putchar('"');
        putchar(*text);
    }
    if (quote)
        putchar('"');
    putchar(last ? '\n' : ',');
}

/* csv_line: seconds and names, nothing rounded for reading: a column for each state and end. */
static void csv_line(const struct line *l, wmem_allocator_t *pool)
{
    const struct store_connection *c = store_connection(l->number);
    const struct note *n = l->note;
    printf("%u,%s,%u,%s,%s,", l->number, l->known ? wmem_strdup_printf(pool, "%u", l->stream) : "", store_incarnation(l->number), l->who[0], l->who[1]);
    csv(tcpfsm_role_name(l->view.role), false);
    for (unsigned side = 0; side < 2; side++)
        printf("%s,%s,", tcpfsm_state_name(l->view.end[side ^ l->client].state), certain(l, side) ? "true" : "false");
    csv(tcpfsm_outcome_name(store_outcome(l->number)), false);
    csv(l->closer, false);
    printf("%.9f,%.9f,%u,%u,%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT ",%u,%u,%u", (double)l->start / 1e9, (double)l->duration / 1e9, n->packets[l->client],
           n->packets[!l->client], n->bytes[l->client], n->bytes[!l->client], c->first_frame, c->opened_in, c->closed_in);
    for (unsigned side = 0; side < 2; side++)
        for (unsigned s = 0; s < TCPFSM_STATES; s++)
            printf(l->been[side][s] ? ",%.9f" : ",", (double)l->spent[side][s] / 1e9);
    printf(",%s,", report_severity_name(l->worst));
    csv(findings_list(pool, c), true);
}

static void draw_csv(const struct page *p)
{
    struct line l;
    fputs("connection,stream,incarnation,client,server,role,client_state,client_certain,server_state,server_certain,outcome,closed_by,start,duration,client_packets,"
          "server_packets,client_bytes,server_bytes,first_frame,opened_in,closed_in", stdout);
    for (unsigned side = 0; side < 2; side++)
        for (unsigned s = 0; s < TCPFSM_STATES; s++)
            printf(",%s_%s", side ? "server" : "client", tcpfsm_state_name(s));
    puts(",worst,findings");
    for (unsigned j = 0; j < p->lines; j++) {
        line_fill(&l, p, j);
        csv_line(&l, p->pool);
        wmem_free_all(p->pool);
    }
}

static void json_string(json_dumper *d, const char *name, const char *value)
{
    json_dumper_set_member_name(d, name);
    json_dumper_value_string(d, value);
}

static void json_number(json_dumper *d, const char *name, uint64_t value)
{
    json_dumper_set_member_name(d, name);
    json_dumper_value_anyf(d, "%" G_GUINT64_FORMAT, value);
}

static void json_seconds(json_dumper *d, const char *name, int64_t value)
{
    json_dumper_set_member_name(d, name);
    json_dumper_value_anyf(d, "%.9f", (double)value / 1e9);
}

/* json_end: the object of the client (side 0) or the server. */
static void json_end(json_dumper *d, const struct line *l, unsigned side, wmem_allocator_t *pool)
{
    const struct store_end *e = &l->view.end[side ^ l->client];
    const struct store_tuple *t = l->view.tuple;
    json_dumper_set_member_name(d, side ? "server" : "client");
    json_dumper_begin_object(d);
    json_string(d, "address", report_host_text(pool, t->host[side ^ l->client]));
    json_number(d, "port", store_port(t, side ^ l->client));
    json_string(d, "state", tcpfsm_state_name(e->state));
    json_dumper_set_member_name(d, "certain");
    json_dumper_value_anyf(d, certain(l, side) ? "true" : "false");
    json_dumper_set_member_name(d, "possible");
    json_dumper_begin_array(d);
    for (unsigned s = 0; s < TCPFSM_STATES; s++)
        if (e->possible & TCPFSM_BIT(s))
            json_dumper_value_string(d, tcpfsm_state_name(s));
    json_dumper_end_array(d);
    json_number(d, "packets", l->note->packets[side ^ l->client]);
    json_number(d, "bytes", l->note->bytes[side ^ l->client]);
    json_dumper_set_member_name(d, "seconds_in");
    json_dumper_begin_object(d);
    for (unsigned s = 0; s < TCPFSM_STATES; s++)
        if (l->been[side][s])
            json_seconds(d, tcpfsm_state_name(s), l->spent[side][s]);
    json_dumper_end_object(d);
    json_dumper_end_object(d);
}

static void json_findings(json_dumper *d, const struct line *l, wmem_allocator_t *pool)
{
    const struct store_connection *c = store_connection(l->number);
    json_dumper_set_member_name(d, "findings");
    json_dumper_begin_array(d);
    for (unsigned i = 0; i < c->findings; i++) {
        const struct store_finding *f = &store_findings(c)[i];
        json_dumper_begin_object(d);
        json_string(d, "name", tcpfsm_finding_name(f->finding.id));
        json_string(d, "severity", report_severity_name(report_severity(f->finding.id)));
        json_number(d, "frame", f->frame);
        json_string(d, "about", (f->finding.end & 1u) == l->client ? "client" : "server");
        json_string(d, "text", findings_text(pool, &l->view, &f->finding));
        json_dumper_end_object(d);
    }
    json_dumper_end_array(d);
}

static void json_line(const struct line *l, int64_t epoch, wmem_allocator_t *pool)
{
    const struct store_connection *c = store_connection(l->number);
    json_dumper d = {.output_file = stdout};
    json_dumper_begin_object(&d);
    json_number(&d, "connection", l->number);
    if (l->known)
        json_number(&d, "stream", l->stream);
    json_number(&d, "incarnation", store_incarnation(l->number));
    json_string(&d, "role", tcpfsm_role_name(l->view.role));
    json_end(&d, l, 0, pool);
    json_end(&d, l, 1, pool);
    json_string(&d, "phase", tcpfsm_phase_name(l->view.phase));
    json_string(&d, "outcome", tcpfsm_outcome_name(store_outcome(l->number)));
    json_string(&d, "closed_by", l->closer);
    json_seconds(&d, "start", l->start);
    json_dumper_set_member_name(&d, "start_epoch");
    json_dumper_value_anyf(&d, "%" G_GINT64_FORMAT ".%09d", (epoch + l->start) / 1000000000, (int)((epoch + l->start) % 1000000000));
    json_seconds(&d, "duration", l->duration);
    json_number(&d, "first_frame", c->first_frame);
    if (c->opened_in)
        json_number(&d, "opened_in", c->opened_in);
    if (c->closed_in)
        json_number(&d, "closed_in", c->closed_in);
    json_string(&d, "worst", report_severity_name(l->worst));
    json_findings(&d, l, pool);
    json_dumper_end_object(&d);
    json_dumper_finish(&d);
}

static void draw_json(const struct page *p)
{
    struct line l;
    for (unsigned j = 0; j < p->lines; j++) {
        line_fill(&l, p, j);
        json_line(&l, p->report->clock.first, p->pool);
        wmem_free_all(p->pool);
    }
}

static void draw(struct report *r)
{
    static void (*const drawers[])(const struct page *) = {draw_text, draw_csv, draw_json};
    struct choice *choice = g_new(struct choice, MAX(r->notes->len, 1));
    struct page p = {r, wmem_allocator_new(WMEM_ALLOCATOR_BLOCK), g_array_new(FALSE, FALSE, sizeof(struct report_span)), choice, 0};
    for (uint32_t i = 0; i < r->notes->len && i < store_connections(); i++) {
        const struct store_connection *c = store_connection(i);
        if (!((const struct note *)(void *)r->notes->data)[i].seen)
            continue;
        choice[p.lines] = (struct choice){i, 0};
        for (unsigned j = 0; j < c->findings; j++)
            choice[p.lines].worst = MAX(choice[p.lines].worst, report_severity(store_findings(c)[j].finding.id));
        p.lines++;
    }
    qsort(choice, p.lines, sizeof *choice, choice_order);
    drawers[r->format](&p);
    g_free(choice);
    g_array_free(p.spans, TRUE);
    wmem_destroy_allocator(p.pool);
}

const struct report_kind report_conv = {.name = "tcpfsm,conv", .usage = "tcpfsm,conv[,format=text|csv|json][,filter]", .note = sizeof(struct note),
                                        .argument = argument, .packet = packet, .draw = draw};
