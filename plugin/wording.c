/* wording.c: sentences about findings. The catalogue is engine/findings.def; nothing else lists findings.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "wording.h"
#include "addresses.h"

/* Who must act. */
enum action { NOBODY, APPLICATION, PEER, ADMIN, NETWORK };

/* The catalogue's words for how bad it is. */
enum { NONE, CHAT, NOTE, WARN };

struct wording_row {
    const char *text;
    enum action action;
    uint8_t severity;
};

static const struct wording_row rows[TCPFSM_FINDINGS] = {
#define TCPFSM_FINDING_ROW(id, name, severity, group, text, action, cases)                                             \
    [TCPFSM_FINDING_##id] = {text, action, severity},
#include "engine/findings.def"
#undef TCPFSM_FINDING_ROW
};

/* What stands for a placeholder where a finding is meant in general. */
static const char *general(char placeholder)
{
    switch (placeholder) {
    case 'e': return "the endpoint";
    case 'p': return "its peer";
    case 's': return "its state";
    case 'f': return "an earlier frame";
    case 'n': return "several";
    case 't': return "some time";
    default: return "";
    }
}

/* particular: the same for one finding of one connection. */
static const char *particular(wmem_allocator_t *pool, char placeholder, const struct view *view,
                              const struct tcpfsm_finding *f)
{
    unsigned end = f->end & 1;
    switch (placeholder) {
    case 'e':
        return wmem_strdup_printf(pool, "%s %s", end == view->client ? "client" : "server",
                                  view_endpoint(pool, &view->ends, end));
    case 'p':
        return wmem_strdup_printf(pool, "%s %s", end == view->client ? "server" : "client",
                                  view_endpoint(pool, &view->ends, !end));
    case 's': return tcpfsm_state_name(f->state);
    case 'f': return wmem_strdup_printf(pool, "%u", f->frame);
    case 'n': return wmem_strdup_printf(pool, "%u", f->count);
    case 't': return wording_duration(pool, f->time);
    default: return "";
    }
}

/* variant: the start of variant n of a wording; the last one if there are not so many. */
static const char *variant(const char *text, unsigned n)
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
    for (text = variant(text, n); *text && *text != '|'; text++) {
        if (*text == '%' && text[1]) {
            text++;
            /* "frame %f" in general: "an earlier frame" */
            wmem_strbuf_append(out, view ? particular(pool, *text, view, f) : general(*text));
        } else if (!view && strncmp(text, "frame %f", 8) == 0) {
            wmem_strbuf_append(out, general('f'));
            text += 7;
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

/* forgery: what is said instead of the cause of a RST that does not look like its sender's. */
static const char *forgery(wmem_allocator_t *pool, const struct view *view, const struct tcpfsm_finding *f)
{
    return wmem_strdup_printf(
        pool,
        "RST in the name of %s, but with %s (frame %u): probably sent by a device between. To act: who runs the "
        "network between",
        particular(pool, 'e', view, f), odd(pool, f), f->frame);
}

const char *wording_finding(wmem_allocator_t *pool, const struct view *view, const struct tcpfsm_finding *f)
{
    const struct wording_row *row = &rows[f->id < TCPFSM_FINDINGS ? f->id : 0];
    if (!row->text)
        return "?";
    if (f->traits && f->id != TCPFSM_FINDING_RST_FORGED)
        return forgery(pool, view, f);
    const char *text = sentence(pool, row->text, f->detail, view, f);
    if (f->traits)
        text = wmem_strdup_printf(pool, "%s (%s)", text, odd(pool, f));
    const char *host = addresses_text(pool, view->ends.host[row->action == PEER ? !(f->end & 1) : f->end & 1]);
    switch (row->action) {
    case APPLICATION: return wmem_strdup_printf(pool, "%s. To act: the application on %s", text, host);
    case PEER:
    case ADMIN: return wmem_strdup_printf(pool, "%s. To act: who runs %s", text, host);
    case NETWORK: return wmem_strdup_printf(pool, "%s. To act: who runs the network between", text);
    case NOBODY:
    default: return text;
    }
}

const char *wording_general(unsigned finding)
{
    return sentence(wmem_epan_scope(), rows[finding].text, 0, NULL, NULL);
}

const char *wording_blurb(unsigned finding)
{
    static const char *const who[] = {[NOBODY] = "nobody needs to act",
                                      [APPLICATION] = "who runs the application should act",
                                      [PEER] = "who runs its peer should act",
                                      [ADMIN] = "who runs the host should act",
                                      [NETWORK] = "who runs the network between should act"};
    char *text = wmem_strdup_printf(wmem_epan_scope(), "%s: %s", wording_severity_name(wording_severity(finding)),
                                    who[rows[finding].action]);
    text[0] = g_ascii_toupper(text[0]);
    return text;
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
