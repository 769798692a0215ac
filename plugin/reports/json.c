/* json.c: members of a JSON object.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/json.h"

void json_string(json_dumper *d, const char *name, const char *value)
{
    json_dumper_set_member_name(d, name);
    json_dumper_value_string(d, value);
}

void json_number(json_dumper *d, const char *name, uint64_t value)
{
    json_dumper_set_member_name(d, name);
    json_dumper_value_anyf(d, "%" G_GUINT64_FORMAT, value);
}

void json_seconds(json_dumper *d, const char *name, int64_t value)
{
    json_dumper_set_member_name(d, name);
    json_dumper_value_anyf(d, "%.9f", (double)value / 1e9);
}

void json_truth(json_dumper *d, const char *name, bool value)
{
    json_dumper_set_member_name(d, name);
    json_dumper_value_anyf(d, value ? "true" : "false");
}

void json_epoch(json_dumper *d, const char *name, int64_t value)
{
    /* sign and digits apart, for the quotient of a negative number may be 0 */
    int64_t size = value < 0 ? -value : value;
    json_dumper_set_member_name(d, name);
    json_dumper_value_anyf(d, "%s%" G_GINT64_FORMAT ".%09d", value < 0 ? "-" : "", size / 1000000000,
                           (int)(size % 1000000000));
}
