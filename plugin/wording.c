/* wording.c: sentences about findings. The catalogue is diagnosis/findings.def; nothing else lists findings.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "wording.h"
#include "addresses.h"

/* The catalogue's words for how bad it is. */
enum { NONE, CHAT, NOTE, WARN };

struct wording_row {
    const char *text, *action, *summary;
    uint8_t severity;
};

static const struct wording_row rows[TCPFSM_FINDINGS] = {
#define TCPFSM_FINDING_ROW(id, name, severity, group, text, action, cases, summary)                                    \
    [TCPFSM_FINDING_##id] = {text, action, summary, severity},
#include "diagnosis/findings.def"
#undef TCPFSM_FINDING_ROW
};

/* What stands for a placeholder where an action is meant in general. */
static const char *general(char placeholder)
{
    switch (placeholder) {
    case 'h': return "that host";
    case 'k': return "the other host";
    default: return "";
    }
}

/* A time as people ask for it: in seconds, with the digit after the point that distinguishes one timeout from another;
 * below a second in milliseconds. */
const char *wording_exactly(wmem_allocator_t *pool, int64_t time)
{
    int64_t tenths = (time + 50000000) / 100000000;
    if (tenths < 10)
        return wmem_strdup_printf(pool, "%u ms", (unsigned)(time / 1000000));
    return wmem_strdup_printf(pool, "%u.%u s", (unsigned)(tenths / 10), (unsigned)(tenths % 10));
}

/* host: an endpoint's host, which the sentence before has named with its address. */
static const char *host(const struct view *view, unsigned end)
{
    return (end & 1) == view->client ? "the client" : "the server";
}

bool wording_of_host(unsigned finding)
{
    return finding == TCPFSM_FINDING_SCAN || finding == TCPFSM_FINDING_TIME_WAIT_PRESSURE;
}

/* particular: the same for one finding of one connection. */
static const char *particular(wmem_allocator_t *pool, char placeholder, const struct view *view,
                              const struct tcpfsm_finding *f)
{
    unsigned end = f->end & 1;
    switch (placeholder) {
    case 'e':
        return wmem_strdup_printf(pool, "%s %s", end == view->client ? "client" : "server",
                                  wording_of_host(f->id) ? addresses_text(pool, view->ends.host[end])
                                                 : view_endpoint(pool, &view->ends, end));
    case 'p':
        return wmem_strdup_printf(pool, "%s %s", end == view->client ? "server" : "client",
                                  view_endpoint(pool, &view->ends, !end));
    case 's': return tcpfsm_state_name(f->state);
    case 'f': return wmem_strdup_printf(pool, "%u", f->frame);
    case 'g': return wmem_strdup_printf(pool, "%u", f->other);
    case 'n': return wmem_strdup_printf(pool, "%u", f->count);
    case 'z': return wmem_strdup_printf(pool, "%u", f->size);
    case 'm': return wmem_strdup_printf(pool, "%u", f->passed);
    case 't': return wording_exactly(pool, f->time);
    case 'h': return host(view, end);
    case 'k': return host(view, !end);
    default: return "";
    }
}

const char *wording_variant(const char *text, unsigned n)
{
    for (const char *bar; n && (bar = strchr(text, '|')); n--)
        text = bar + 1;
    return text;
}

/* sentence: variant n of a text with its placeholders filled in, its first letter large. view NULL: in general. */
static const char *sentence(wmem_allocator_t *pool, const char *text, unsigned n, const struct view *view,
                            const struct tcpfsm_finding *f)
{
    wmem_strbuf_t *out = wmem_strbuf_new(pool, "");
    for (text = wording_variant(text, n); *text && *text != '|'; text++) {
        if (*text == '%' && text[1]) {
            text++;
            wmem_strbuf_append(out, view ? particular(pool, *text, view, f) : general(*text));
        } else {
            wmem_strbuf_append_c(out, *text);
        }
    }
    char *s = wmem_strbuf_finalize(out);
    s[0] = g_ascii_toupper(s[0]);
    return s;
}

/* odd: in what a RST differs from its alleged sender's other segments; "" if in nothing. */
static const char *odd(wmem_allocator_t *pool, const struct tcpfsm_finding *f)
{
    const char *part[4];
    unsigned n = 0;
    if (f->traits & TCPFSM_TRAIT_TTL)
        part[n++] = wmem_strdup_printf(pool, "TTL %u instead of %u", f->ttl, f->usual_ttl);
    if (f->traits & TCPFSM_TRAIT_NO_TIMESTAMPS)
        part[n++] = "no timestamps";
    if (f->traits & TCPFSM_TRAIT_IP_ID)
        part[n++] = "an IP ID out of order";
    if (f->traits & TCPFSM_TRAIT_WINDOW)
        part[n++] = "a window without ACK";
    wmem_strbuf_t *out = wmem_strbuf_new(pool, "");
    for (unsigned i = 0; i < n; i++)
        wmem_strbuf_append_printf(out, "%s%s", i == 0 ? "" : i + 1 < n ? ", " : " and ", part[i]);
    return wmem_strbuf_finalize(out);
}

/* The longest text of an item that Wireshark shows whole. */
enum { TEXT_MAX = 239 };

/* add: a sentence more, if there is room for it. */
static void add(wmem_strbuf_t *out, const char *more)
{
    if (wmem_strbuf_get_len(out) + strlen(more) <= TEXT_MAX)
        wmem_strbuf_append(out, more);
}

/* details: what a RST says itself, the silence before, and what its sender is like. */
static void details(wmem_allocator_t *pool, wmem_strbuf_t *out, const struct tcpfsm_finding *f)
{
    if (f->quote[0])
        add(out, wmem_strdup_printf(pool, ". It says: \"%s\"", f->quote));
    if (f->code)
        add(out,
            wmem_strdup_printf(pool, ". Its window %u is a NetScaler's code: %s", f->code, diagnosis_code(f->code)));
    if (f->silence)
        add(out, wmem_strdup_printf(pool, ". Silence before: %s", wording_exactly(pool, f->silence)));
    if (f->traits && f->suspicious)
        add(out, wmem_strdup_printf(pool, ". The RST has %s (frame %u): probably a device between sent it",
                                    odd(pool, f), f->other));
    else if (f->traits & TCPFSM_TRAIT_TTL)
        add(out, wmem_strdup_printf(pool, ". The RST has %s (frame %u)", odd(pool, f), f->other));
}

/* row_of: the row of a finding; one without text for a number out of range. */
static const struct wording_row *row_of(const struct tcpfsm_finding *f)
{
    return &rows[f->id < TCPFSM_FINDINGS ? f->id : 0];
}

const char *wording_sentence(wmem_allocator_t *pool, const struct view *view, const struct tcpfsm_finding *f)
{
    const struct wording_row *row = row_of(f);
    return row->text ? sentence(pool, row->text, f->detail, view, f) : "?";
}

const char *wording_action(wmem_allocator_t *pool, const struct view *view, const struct tcpfsm_finding *f)
{
    const struct wording_row *row = row_of(f);
    if (!row->action || !row->action[0])
        return "";
    if (f->suspicious && f->id != TCPFSM_FINDING_RST_FORGED && f->id != TCPFSM_FINDING_RST_IDLE)
        return "Whoever runs the network: find the device";
    return sentence(pool, row->action, f->detail, view, f);
}

const char *wording_facts(wmem_allocator_t *pool, const struct view *view, const struct tcpfsm_finding *f)
{
    wmem_strbuf_t *out = wmem_strbuf_new(pool, wording_sentence(pool, view, f));
    details(pool, out, f);
    return wmem_strbuf_finalize(out);
}

const char *wording_finding(wmem_allocator_t *pool, const struct view *view, const struct tcpfsm_finding *f)
{
    const char *action = wording_action(pool, view, f);
    wmem_strbuf_t *out = wmem_strbuf_new(pool, wording_facts(pool, view, f));
    if (action[0])
        add(out, wmem_strdup_printf(pool, ". Action: %c%s", g_ascii_tolower(action[0]), action + 1));
    return wmem_strbuf_finalize(out);
}

const char *wording_details(wmem_allocator_t *pool, const struct tcpfsm_finding *f)
{
    wmem_strbuf_t *out = wmem_strbuf_new(pool, "");
    details(pool, out, f);
    return wmem_strbuf_finalize(out);
}

const char *wording_summary(unsigned finding)
{
    return finding < TCPFSM_FINDINGS && rows[finding].summary ? rows[finding].summary : "?";
}

const char *wording_key(wmem_allocator_t *pool, unsigned finding)
{
    const char *summary = wording_summary(finding);
    char *key = wmem_strndup(pool, summary, strcspn(summary, ":"));
    if (g_ascii_islower(key[1])) /* a word, not a name such as SYN */
        key[0] = g_ascii_tolower(key[0]);
    return key;
}

const char *wording_blurb(unsigned finding)
{
    const char *action = rows[finding].action;
    char *text = wmem_strdup_printf(wmem_epan_scope(), "%s: %s",
                                    wording_severity_name(wording_severity(finding)),
                                    action[0] ? sentence(wmem_epan_scope(), action, 0, NULL, NULL)
                                              : "no action needed");
    text[0] = g_ascii_toupper(text[0]);
    return text;
}

const char *wording_text(unsigned finding)
{
    return finding < TCPFSM_FINDINGS && rows[finding].text ? rows[finding].text : "?";
}

unsigned wording_severity(unsigned finding)
{
    return finding < TCPFSM_FINDINGS ? rows[finding].severity : NONE;
}

const char *wording_severity_name(unsigned severity)
{
    static const char *const name[] = {"none", "chat", "note", "warning"};
    return name[MIN(severity, (unsigned)WARN)];
}

const char *wording_duration(wmem_allocator_t *pool, int64_t nanoseconds)
{
    double s = (double)nanoseconds / 1e9;
    if (s < 1)
        return wmem_strdup_printf(pool, "%.0f ms", s * 1e3);
    if (s < 120)
        return wmem_strdup_printf(pool, "%.1f s", s);
    if (s < 7200)
        return wmem_strdup_printf(pool, "%.0f min", s / 60);
    return wmem_strdup_printf(pool, "%.1f h", s / 3600);
}

const char *wording_vantage(unsigned vantage, unsigned client)
{
    switch (vantage) {
    case TCPFSM_VANTAGE_NEAR_0: return client == 0 ? "near client" : "near server";
    case TCPFSM_VANTAGE_NEAR_1: return client == 1 ? "near client" : "near server";
    case TCPFSM_VANTAGE_BETWEEN: return "between";
    case TCPFSM_VANTAGE_BOTH: return "both";
    default: return "unknown";
    }
}

const char *wording_outcome_so_far(unsigned outcome)
{
    switch (outcome) {
    case TCPFSM_OUTCOME_OPEN: return "open";
    case TCPFSM_OUTCOME_CLOSING: return "closing";
    default: return tcpfsm_outcome_name(outcome);
    }
}
