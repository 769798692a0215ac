/* arguments.c: the arguments of -z.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/arguments.h"

#include <wsutil/inet_addr.h>

static const char unknown[] = "there is no such argument", comma_missing[] = "an argument is missing after the comma";

struct reader {
    const struct arguments_option *option;
    unsigned count;
    char *memory;
    bool given[ARGUMENTS_MAX];
};

static bool address_read(const char *text, char **value)
{
    char printed[WS_INET6_ADDRSTRLEN];
    ws_in4_addr ip4;
    ws_in6_addr ip6;
    if (ws_inet_pton4(text, &ip4))
        ws_inet_ntop4(&ip4, printed, sizeof printed);
    else if (ws_inet_pton6(text, &ip6))
        ws_inet_ntop6(&ip6, printed, sizeof printed);
    else
        return false;
    *value = g_strdup(printed);
    return true;
}

static bool seconds_read(const char *text, int64_t *value)
{
    char *end;
    double seconds = g_ascii_strtod(text, &end);
    if (*end || end == text || !(seconds >= 0) || seconds > 1e9)
        return false;
    *value = (int64_t)(seconds * 1e9 + 0.5);
    return true;
}

static bool word_read(const char *const *words, const char *text, unsigned *value)
{
    for (unsigned i = 0; words[i]; i++) {
        if (!strcmp(words[i], text)) {
            *value = i;
            return true;
        }
    }
    return false;
}

/* value_read: whether the text is a value of this option, which is then stored. */
static bool value_read(const struct arguments_option *o, const char *text, char *memory)
{
    guint64 n;
    void *at = memory + o->at;
    switch (o->type) {
    case ARGUMENTS_WORD: return word_read(o->words, text, (unsigned *)at);
    case ARGUMENTS_SECONDS: return seconds_read(text, (int64_t *)at);
    case ARGUMENTS_ADDRESS: return address_read(text, (char **)at);
    case ARGUMENTS_NUMBER:
        if (!g_ascii_string_to_unsigned(text, 10, o->low, UINT32_MAX - 1, &n, NULL))
            return false;
        *(uint32_t *)at = (uint32_t)n;
        return true;
    case ARGUMENTS_FILE:
    case ARGUMENTS_FILTER:
    default:
        *(char **)at = g_strdup(text);
        return true;
    }
}

/* key_length: the length of `key` if the text begins with key=, as a filter with == does not; else 0. */
static size_t key_length(const char *text)
{
    size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz");
    return text[n] == '=' && text[n + 1] != '=' ? n : 0;
}

/* option_of: the number of the option that the text begins with, `count` if none. A text without a key is the option
 * that has none. */
static unsigned option_of(const struct reader *r, const char *text)
{
    size_t n = key_length(text);
    for (unsigned i = 0; i < r->count; i++) {
        const char *key = r->option[i].key;
        if (key ? strlen(key) == n && !strncmp(key, text, n) : !n)
            return i;
    }
    return r->count;
}

/* store: takes option i with this value. Returns what is wrong, to be freed, or NULL. */
static char *store(struct reader *r, unsigned i, const char *value)
{
    const struct arguments_option *o = &r->option[i];
    if (r->given[i])
        return o->key ? g_strdup_printf("%s is given twice", o->key) : g_strdup(o->wrong);
    if (!value_read(o, value, r->memory))
        return g_strdup(o->wrong);
    r->given[i] = true;
    for (unsigned j = 0; j < r->count && o->excludes; j++)
        if (r->given[j] && r->option[j].key && !strcmp(r->option[j].key, o->excludes))
            return g_strdup_printf("%s and %s exclude each other", r->option[j].key, o->key);
    return NULL;
}

/* filter_read: takes a filter, which may hold commas, and the options after it: what the last commas are followed
 * by, as long as that is an option. */
static char *filter_read(struct reader *r, unsigned filter, char *rest)
{
    char *comma, *wrong = NULL;
    while (!wrong && (comma = strrchr(rest, ','))) {
        unsigned i = option_of(r, comma + 1);
        if (i == r->count || !r->option[i].key || r->option[i].type == ARGUMENTS_FILE)
            break;
        wrong = store(r, i, comma + 1 + strlen(r->option[i].key) + 1);
        *comma = '\0';
    }
    return wrong ? wrong : store(r, filter, rest);
}

/* next_read: takes one argument from the front of *rest. */
static char *next_read(struct reader *r, char **rest)
{
    char *begin = *rest, *comma;
    unsigned i = option_of(r, begin);
    if (i == r->count)
        return g_strdup(unknown);
    const struct arguments_option *o = &r->option[i];
    if (o->type == ARGUMENTS_FILTER) {
        *rest += strlen(begin);
        return filter_read(r, i, begin);
    }
    comma = o->type == ARGUMENTS_FILE ? NULL : strchr(begin, ',');
    *rest = comma ? comma + 1 : begin + strlen(begin);
    if (comma)
        *comma = '\0';
    if (comma && !**rest)
        return g_strdup(comma_missing);
    const char *value = begin + (o->key ? strlen(o->key) + 1 : 0);
    return o->type == ARGUMENTS_FILE && !*value ? g_strdup(unknown) : store(r, i, value);
}

char *arguments_read(const struct arguments_option *option, unsigned count, const char *text, void *memory)
{
    struct reader r = {.option = option, .count = count, .memory = (char *)memory};
    char *copy = g_strdup(*text ? text + 1 : text), *rest = copy, *wrong = NULL;
    if (*text && *text != ',')
        wrong = g_strdup("there is no such report");
    else if (*text && !*rest)
        wrong = g_strdup(comma_missing);
    while (!wrong && *rest)
        wrong = next_read(&r, &rest);
    for (unsigned i = 0; i < count && !wrong; i++)
        if (option[i].missing && !r.given[i])
            wrong = g_strdup(option[i].missing);
    g_free(copy);
    return wrong;
}
