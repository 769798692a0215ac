/* wording_group.c: the catalogue's sentences for several findings at once.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "wording_group.h"

/* range_of: "3" or "3 to 7". */
static const char *range_of(wmem_allocator_t *pool, const uint32_t n[2])
{
    return wmem_strdup_printf(pool, n[0] == n[1] ? "%u" : "%u to %u", n[0], n[1]);
}

/* times_of: "3.0 s" or "3.0 s to 21.0 s". */
static const char *times_of(wmem_allocator_t *pool, const int64_t n[2])
{
    const char *low = wording_exactly(pool, n[0]), *high = wording_exactly(pool, n[1]);
    return strcmp(low, high) ? wmem_strdup_printf(pool, "%s to %s", low, high) : low;
}

/* together: what stands for a placeholder where a group of findings is meant. */
static const char *together(wmem_allocator_t *pool, char placeholder, const struct wording_group *g)
{
    switch (placeholder) {
    case 'e': return g->who;
    case 's':
        for (unsigned s = 0; s < TCPFSM_STATES; s++)
            if (g->states == TCPFSM_BIT(s))
                return tcpfsm_state_name(s);
        return "different states";
    case 'n': return range_of(pool, g->count);
    case 'z': return range_of(pool, g->size);
    case 'm': return range_of(pool, g->passed);
    case 't': return times_of(pool, g->time);
    default: return "";
    }
}

/* framed: how long the words are that the text begins with and no group can say: about a frame, or about findings left
 * out; *instead stands for them. 0: none. */
static size_t framed(const char *text, const char **instead)
{
    static const struct { const char *words, *instead; } rule[] = {
        {" from frame %f on,", ""},   {", since frame %f", ""}, {" since frame %f", ""},
        {" in frame %f", ""},         {" in frame %g", ""},     {" after frame %f", " later"},
        {"frame %f", "a segment"},    {"frame %g", "a segment"},
        {" (further ones are not reported)", ""}};      /* the page counts these too */
    for (unsigned i = 0; i < array_length(rule); i++) {
        *instead = rule[i].instead;
        if (!strncmp(text, rule[i].words, strlen(rule[i].words)))
            return strlen(rule[i].words);
    }
    return 0;
}

const char *wording_together(wmem_allocator_t *pool, const struct tcpfsm_finding *first, const struct wording_group *g)
{
    wmem_strbuf_t *out = wmem_strbuf_new(pool, "");
    const char *text = wording_variant(wording_text(first->id), first->detail), *instead;
    while (*text && *text != '|') {
        size_t n = framed(text, &instead);
        if (n) {
            wmem_strbuf_append(out, instead);
            text += n;
        } else if (*text == '%' && text[1]) {
            wmem_strbuf_append(out, together(pool, text[1], g));
            text += 2;
        } else {
            wmem_strbuf_append_c(out, *text++);
        }
    }
    if (g->silence[1])
        wmem_strbuf_append_printf(out, ". Silence before: %s", times_of(pool, g->silence));
    char *s = wmem_strbuf_finalize(out);
    s[0] = g_ascii_toupper(s[0]);
    return s;
}

/* only_here: whether no variant but the one at `own` contains these words. */
static bool only_here(const char *all, const char *own, const char *words)
{
    for (const char *found = strstr(all, words); found; found = strstr(found + 1, words))
        if (found < own || found >= own + strcspn(own, "|"))
            return false;
    return true;
}

/* mark_of: words that only this variant has: *n octets. */
static const char *mark_of(wmem_allocator_t *pool, const char *all, const char *own, size_t *n)
{
    const char *best = own, *end = own + strcspn(own, "|");
    *n = 0;
    for (const char *p = own, *next; p < end; p = next) {
        size_t length = strcspn(p, "%|");
        next = p + length + (p[length] == '%' ? 2 : 1);
        if (length > *n && only_here(all, own, wmem_strndup(pool, p, length))) {
            best = p;
            *n = length;
        }
    }
    return best;
}

/* literal: words as a regular expression: what may mean something else becomes a dot. */
static const char *literal(wmem_allocator_t *pool, const char *words, size_t n)
{
    char *out = wmem_strndup(pool, words, n);
    for (char *p = out; *p; p++)
        if (!g_ascii_isalnum(*p) && !strchr(" ,:;'-", *p))
            *p = '.';
    return out;
}

const char *wording_pattern(wmem_allocator_t *pool, unsigned finding, unsigned detail, const char *who)
{
    enum { AROUND = 24 };               /* so many letters around whom it is about are enough to know the finding */
    const char *all = wording_text(finding), *own = wording_variant(all, detail);
    const char *e = strstr(own, "%e"), *from = e, *after = e ? e + 2 : own;
    size_t marked, n = MIN(strcspn(after, "%|"), (size_t)AROUND);
    const char *mark = mark_of(pool, all, own, &marked);
    if (!e || e > own + strcspn(own, "|"))
        return literal(pool, mark, marked);
    while (from > own && e - from < AROUND && !(from - 1 > own && from[-2] == '%'))
        from--;
    const char *core = wmem_strdup_printf(pool, "%s%s%s", literal(pool, from, (size_t)(e - from)), who,
                                          literal(pool, after, n));
    if (!strchr(all, '|') || (mark >= from && mark < after + n))
        return core;
    return mark < e ? wmem_strdup_printf(pool, "%s.*%s", literal(pool, mark, marked), core)
                    : wmem_strdup_printf(pool, "%s.*%s", core, literal(pool, mark, marked));
}
