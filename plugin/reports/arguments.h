/* arguments.h: what follows the name of a report: STREAM, key=value, a display filter. One reader, a table a report.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_ARGUMENTS_H
#define TCPFSM_ARGUMENTS_H

#include "compat.h"

enum arguments_type {
    ARGUMENTS_WORD,             /* one of `words`; unsigned: its number */
    ARGUMENTS_NUMBER,           /* from `low` on; uint32_t */
    ARGUMENTS_SECONDS,          /* int64_t: nanoseconds */
    ARGUMENTS_ADDRESS,          /* IPv4 or IPv6; char *: as addresses are printed */
    ARGUMENTS_FILE,             /* takes all that is left, for names may hold commas; char * */
    ARGUMENTS_FILTER            /* has no key; char * */
};

struct arguments_option {
    const char *key;            /* NULL: it is its place that tells what it is */
    enum arguments_type type;
    size_t at;                  /* where in the report's memory the value goes. Strings are to be freed with g_free() */
    const char *wrong;          /* what a value must be, as a sentence */
    const char *const *words;   /* with ARGUMENTS_WORD, NULL at the end */
    uint32_t low;
    const char *excludes;       /* key of an option that contradicts this one */
    const char *missing;        /* what is said if it is not given; NULL: it need not be */
};

enum { ARGUMENTS_MAX = 8 };

/* arguments_read: reads `text`, which begins with a comma or is empty, by a table of `count` options, at most
 * ARGUMENTS_MAX, into `memory`. Options come in any order, before or after the filter, each once. Returns NULL, or
 * what is wrong, to be freed. */
char *arguments_read(const struct arguments_option *option, unsigned count, const char *text, void *memory);

#endif
