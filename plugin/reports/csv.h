/* csv.h: comma-separated values, RFC 4180, on stdout.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_CSV_H
#define TCPFSM_CSV_H

#include <stdbool.h>

/* csv_field: writes a field, quoted where it must be, and what comes after it: the end of the line if it is the
 * `last`. */
void csv_field(const char *text, bool last);

#endif
