/* moment.h: when in a capture: the time of a frame, and where in the frame.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_MOMENT_H
#define TCPFSM_MOMENT_H

#include "compat.h"

/* The order of what an ICMP error quotes; TCP headers of a frame have lower ones, increasing within it. */
enum { MOMENT_QUOTE = 127 };

/* moment_time: capture time of this frame in nanoseconds since 1970, within a quarter of what 64 bits hold, so that
 * differences fit too; 0 if the frame has none. */
static inline int64_t moment_time(const packet_info *pinfo)
{
    const int64_t second = 1000000000, limit = INT64_MAX / 4 / 1000000000;
    if (!(pinfo->presence_flags & PINFO_HAS_TS))
        return 0;
    int64_t seconds = pinfo->abs_ts.secs;
    return CLAMP(seconds, -limit, limit) * second + CLAMP(pinfo->abs_ts.nsecs, 0, 999999999);
}

#endif
