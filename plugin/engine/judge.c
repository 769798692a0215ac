/* judge.c: findings: what is worth telling a person about the segment just taken.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

/* tcpfsm_tell: adds a finding to the result. */
void tcpfsm_tell(struct tcpfsm_visit *v, unsigned id, const struct tcpfsm_endpoint *e, uint32_t frame, uint32_t count, int64_t time, unsigned state, unsigned detail)
{
    struct tcpfsm_result *out = v->out;

    if (out->findings < TCPFSM_FINDINGS_MAX)
        out->finding[out->findings++] = (struct tcpfsm_finding){ .id = (uint8_t)id, .end = (uint8_t)index_of(v, e), .state = (uint8_t)state, .detail = (uint8_t)detail,
                                                                 .frame = frame, .count = count, .time = time };
}

/* tcpfsm_tell_once: true the first time for this endpoint and finding. */
bool tcpfsm_tell_once(struct tcpfsm_visit *v, unsigned id, struct tcpfsm_endpoint *e)
{
    uint64_t bit = 1ull << (id & 63);

    (void)v;
    if (e->told & bit)
        return false;
    e->told |= bit;
    return true;
}

/* tcpfsm_judge: the findings that depend on how things stand after the segment. */
void tcpfsm_judge(struct tcpfsm_visit *v)
{
    (void)v;
}
