/* passes.c: one pass or two.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "passes.h"
#include "fields.h"

static bool looked;             /* for such a field, in this capture */
static int asked;               /* the field asked for; 0: none */
static bool again;              /* a frame was seen a second time */

void passes_frame(const packet_info *pinfo)
{
    unsigned n;
    const int *const *later = fields_later(&n);
    if (pinfo->fd->visited)
        again = true;
    if (looked || again)
        return;
    looked = true;
    for (unsigned i = 0; i < n && !asked; i++)
        if (proto_registrar_get_nth((unsigned)*later[i])->ref_type == HF_REF_TYPE_DIRECT)
            asked = *later[i];
}

void passes_end(void)
{
    static bool said;
    if (asked && !again && !said && compat_tshark()) {
        fprintf(
            stderr,
            "tcpfsm: %s is known once the file has been read: in one pass it has no value and no filter finds it. "
            "Use tshark -2\n",
            proto_registrar_get_nth((unsigned)asked)->abbrev);
        said = true;
    }
    looked = again = false;
    asked = 0;
}
