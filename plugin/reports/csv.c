/* csv.c: comma-separated values.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/csv.h"

#include <stdio.h>
#include <string.h>

void csv_field(const char *text, bool last)
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
