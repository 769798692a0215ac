/* page_text.c: the page of tcpfsm,diagnosis as text for a ticket: ASCII, lines of at most 100 columns where names
 * allow.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/cause_words.h"
#include "reports/page.h"

/* ENTRIES: who reads more wants them as JSON. */
enum { COLUMNS = 100, INDENT = 4, ENTRIES = 20 };

/* word: how long the word is that a text begins with; a number takes what it counts with it: "3.0 s". */
static size_t word(const char *text)
{
    size_t n = strcspn(text, " "), next = text[n] ? strcspn(text + n + 1, " ") : 0;
    return n && g_ascii_isdigit(text[n - 1]) && next && next <= 3 ? n + 1 + next : n;
}

/* wrapped: prints words in lines that begin with so many blanks; at column `at` of the first. */
static void wrapped(const char *text, unsigned indent, unsigned at)
{
    bool first = true;
    while (*text) {
        unsigned n = (unsigned)word(text);
        if (!first && at + 1 + n > COLUMNS) {
            printf("\n%*s", (int)indent, "");
            at = indent;
        } else if (!first) {
            putchar(' ');
            at++;
        }
        printf("%.*s", (int)n, text);
        at += n;
        first = false;
        text += n + (text[n] == ' ');
    }
    putchar('\n');
}

/* paragraph: prints a sentence of an entry, and ends it. */
static void paragraph(const struct page *p, const char *label, const char *text)
{
    size_t n = strlen(text);
    const char *end = n && strchr(".\"?", text[n - 1]) ? "" : ".";
    printf("%*s", INDENT, "");
    wrapped(wmem_strdup_printf(p->pool, "%s%s%s", label, text, end), INDENT, INDENT);
}

/* plural: "1 connection", "2 connections". */
static const char *plural(wmem_allocator_t *pool, uint64_t n, const char *what)
{
    return wmem_strdup_printf(pool, "%" G_GUINT64_FORMAT " %s%s", n, what, n == 1 ? "" : "s");
}

/* bytes: "480 bytes", "14.2 kB". */
static const char *bytes(wmem_allocator_t *pool, uint64_t n)
{
    static const char *const unit[] = {"kB", "MB", "GB", "TB"};
    double size = (double)n / 1000;
    unsigned i = 0;
    if (n < 10000)
        return plural(pool, n, "byte");
    for (; size >= 1000 && i + 1 < array_length(unit); i++)
        size /= 1000;
    return wmem_strdup_printf(pool, "%.1f %s", size, unit[i]);
}

/* peers: "with 10.0.0.1, 10.0.0.7 and others". */
static const char *peers(wmem_allocator_t *pool, const struct cause *k)
{
    wmem_strbuf_t *out = wmem_strbuf_new(pool, "with ");
    unsigned n = MIN(k->peers, (unsigned)CAUSE_PEERS);
    for (unsigned i = 0; i < n; i++)
        wmem_strbuf_append_printf(out, "%s%s", i == 0 ? "" : i + 1 < n || k->peers > n ? ", " : " and ",
                                  cause_peer(pool, k, i));
    if (k->peers > n)
        wmem_strbuf_append(out, " and others");
    return wmem_strbuf_finalize(out);
}

/* head_of: " 1. WARNING  rst.no_connection: 3 connections with 10.0.0.1, 14.2 kB". */
static void head_of(const struct page *p, const struct cause *k, unsigned rank)
{
    char *severity = g_ascii_strup(wording_severity_name(cause_severity(k)), -1);
    char *text = wmem_strdup_printf(p->pool, "%2u. %s %s: %s %s", rank, severity, cause_name(k),
                                    plural(p->pool, k->connections, "connection"), peers(p->pool, k));
    if (k->bytes)
        text = wmem_strdup_printf(p->pool, "%s, %s", text, bytes(p->pool, k->bytes));
    if (k->lost && k->connections > 1)
        text = wmem_strdup_printf(p->pool, "%s, %s in vain", text, wording_duration(p->pool, k->lost));
    wrapped(text + (*text == ' '), INDENT, (unsigned)(*text == ' ' && putchar(' ')));
    g_free(severity);
}

static void entry(const struct page *p, const struct cause *k, unsigned rank)
{
    bool exact;
    const char *action = cause_action(p->pool, k), *filter = cause_filter(p->pool, p->causes, k, &exact);
    head_of(p, k, rank);
    paragraph(p, "", cause_text(p->pool, k));
    if (*action)
        paragraph(p, "Action: ", wmem_strdup_printf(p->pool, "%c%s", g_ascii_tolower(*action), action + 1));
    /* not broken: it is to be pasted */
    printf("%*sFirst in frame %u. Filter%s:\n%*s%s\n\n", INDENT, "", k->frame, exact ? "" : " (shows others too)",
           INDENT, "", filter);
}

/* left_out: says which findings of severity chat there are. */
static void left_out(const struct page *p)
{
    const struct causes *c = p->causes;
    wmem_strbuf_t *out = wmem_strbuf_new(p->pool, "");
    if (!c->chat)
        return;
    wmem_strbuf_append_printf(out, "Left out, for no action is needed: %s of severity chat: ",
                              plural(p->pool, c->chat, "finding"));
    for (unsigned i = 0, n = 0; i < TCPFSM_FINDINGS; i++)
        if (c->chats[i])
            wmem_strbuf_append_printf(out, "%s%s %" G_GUINT64_FORMAT, n++ ? ", " : "", tcpfsm_finding_name(i),
                                      c->chats[i]);
    wmem_strbuf_append(out, ".");
    wrapped(wmem_strbuf_get_str(out), 0, 0);
    putchar('\n');
}

static void problems(const struct page *p)
{
    const struct causes *c = p->causes;
    unsigned shown = MIN(c->count, (unsigned)ENTRIES);
    if (!c->count) {
        printf("Nothing found: no warning and no note about %s.\n\n", plural(p->pool, p->connections, "connection"));
        return;
    }
    printf("What is wrong: %s, %s; the worst first.\n\n", plural(p->pool, c->of[2], "warning"),
           plural(p->pool, c->of[1], "note"));
    for (unsigned i = 0; i < shown; i++)
        entry(p, c->sorted[i], i + 1);
    if (c->count > shown)
        printf("And %u more; format=json lists all.\n\n", c->count - shown);
}

/* number: a line of the second part. "*" in the text: an s, unless the number is 1. */
static void number(const struct page *p, uint64_t n, const char *text)
{
    size_t stem = strcspn(text, "*");
    char *line = wmem_strdup_printf(p->pool, "%8" G_GUINT64_FORMAT "  ", n);
    fputs(line, stdout);
    wrapped(wmem_strdup_printf(p->pool, "%.*s%s%s", (int)stem, text, text[stem] && n != 1 ? "s" : "",
                               text + stem + (text[stem] == '*')),
            10, (unsigned)strlen(line));
}

/* Clocks of two interfaces differ by so much; larger steps back mean that the order of segments is not known. */
#define STEP_BACK INT64_C(1000000)

/* verdict: what the numbers mean for the findings. */
static const char *verdict(const struct page *p)
{
    const struct traffic *t = p->traffic;
    if (p->one_way || p->gaps)
        return "Parts of the traffic are missing: a finding may be about what was not captured.";
    if (t->back_most > STEP_BACK)
        return "Nothing is missing, but the order of segments may not be that on the wire.";
    return p->unopened ? "Connections that began before the capture are known from there on only."
                       : "Nothing speaks against it.";
}

static void trust(const struct page *p)
{
    const struct traffic *t = p->traffic;
    wmem_allocator_t *pool = p->pool;
    puts("Can this capture be trusted?\n");
    number(p, p->connections, wmem_strdup_printf(pool, "connection* with %s", plural(pool, p->segments, "segment")));
    number(p, p->unopened, "of them began before the capture, or it lacks their SYN");
    number(p, p->one_way, "of them in one direction only");
    number(p, p->gaps,
           p->gaps ? wmem_strdup_printf(pool, "gap* at least: %s received and not captured, in %s",
                                        bytes(pool, p->octets), plural(pool, p->gapped, "connection"))
                   : "gap* in what was captured");
    number(p, p->copies, "segment* twice in the capture");
    number(p, t->back,
           t->back ? wmem_strdup_printf(pool, "time* the clock goes back between two segments, by at most %.6f s",
                                        (double)t->back_most / 1e9)
                   : "time* the clock goes back");
    number(p, p->cut, "packet* cut by the snaplen");
    if (p->checks || p->bad)
        number(p, p->bad, "segment* with a bad checksum or header, which were ignored");
    printf("\n%s\n", verdict(p));
}

/* when: "2026-01-01 00:00:00 UTC"; NULL beyond the calendar. */
static const char *when(wmem_allocator_t *pool, int64_t time)
{
    GDateTime *date = g_date_time_new_from_unix_utc(time / 1000000000);
    if (!date)
        return NULL;
    char *text = g_date_time_format(date, "%Y-%m-%d %H:%M:%S UTC");
    const char *copy = text ? wmem_strdup(pool, text) : NULL;
    g_free(text);
    g_date_time_unref(date);
    return copy;
}

void page_text(const struct page *p)
{
    const struct report_clock *clock = &p->report->clock;
    const char *begin = when(p->pool, clock->first);
    printf("TCP diagnosis: %s in %s", plural(p->pool, clock->frames, "frame"),
           wording_duration(p->pool, clock->last - clock->first));
    if (clock->frames && begin)
        printf(", from %s", begin);
    puts("\n");
    if (p->report->filter)
        printf("Only connections with a packet that matches %s\n\n", p->report->filter);
    if (!p->connections) {
        puts(p->report->filter ? "Nothing found: no TCP segment matches." : "Nothing found: the capture has no TCP.");
        return;
    }
    problems(p);
    left_out(p);
    trust(p);
}
