/* json.h: members of a JSON object, on top of Wireshark's json_dumper.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_JSON_H
#define TCPFSM_JSON_H

#include "compat.h"

#include <wsutil/json_dumper.h>

/* json_string, json_number, json_truth: a member of this name. */
void json_string(json_dumper *d, const char *name, const char *value);
void json_number(json_dumper *d, const char *name, uint64_t value);
void json_truth(json_dumper *d, const char *name, bool value);

/* json_seconds: nanoseconds as seconds. json_epoch: nanoseconds since 1970 as exact seconds. */
void json_seconds(json_dumper *d, const char *name, int64_t value);
void json_epoch(json_dumper *d, const char *name, int64_t value);

#endif
