/* crowd.c: scans and floods.
 *
 * A frame number may be analysed more than once (a read filter in two passes gives numbers back): what was reported at
 * that frame or a later one may be reported again.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "crowd.h"
#include "internal.h"

#include <string.h>

/* enter: notes a hash; whether its place was free. */
static bool enter(struct diagnosis_crowd *c, uint32_t hash)
{
    uint32_t bit = (hash ^ hash >> 16) % (CROWD_BYTES * 8u), mask = 1u << bit % 8;
    bool fresh = !(c->bits[bit / 8] & mask);

    c->bits[bit / 8] |= (uint8_t)mask;
    return fresh;
}

/* places: how many places are taken. */
static unsigned places(const struct diagnosis_crowd *c)
{
    unsigned n = 0;

    for (unsigned i = 0; i < CROWD_BYTES; i++)
        for (unsigned b = c->bits[i]; b; b &= b - 1)
            n++;
    return n;
}

int diagnosis_event(const struct tcpfsm_segment *s, const struct tcpfsm_result *r, unsigned client, bool begin)
{
    unsigned server = !client;

    if (r->copy_of)
        return -1;
    if ((s->flags & (TCPFSM_SYN | TCPFSM_ACK | TCPFSM_RST)) == TCPFSM_SYN)
        return begin && s->from == client ? DIAGNOSIS_OPENED : -1;
    if (s->flags & TCPFSM_SYN)
        return s->from == server && !(r->facts & TCPFSM_FACT_SYN_AGAIN) ? DIAGNOSIS_ANSWERED : -1;
    if (s->flags & TCPFSM_RST || r->before[server] >= TCPFSM_ESTABLISHED || r->state[server] < TCPFSM_ESTABLISHED)
        return -1;
    return DIAGNOSIS_COMPLETED;
}

static bool reported(uint32_t at, uint32_t frame)
{
    return at && at < frame;
}

/* tell_scan: from now on h is a scanner. */
static void tell_scan(struct diagnosis_source *h, uint32_t count, uint32_t since, uint32_t frame, unsigned end,
                      struct tcpfsm_finding *f)
{
    unsigned state = f->state;

    h->scan_frame = frame;
    memset(f, 0, sizeof *f);
    f->id = TCPFSM_FINDING_SCAN;
    f->end = (uint8_t)end;
    f->state = (uint8_t)state;
    f->count = count;
    f->frame = since;
}

bool diagnosis_source(struct diagnosis_source *h, enum diagnosis_event event, uint32_t target, uint32_t frame,
                      unsigned end, struct tcpfsm_finding *f)
{
    if (event == DIAGNOSIS_ANSWERED)
        h->answered++;
    if (event != DIAGNOSIS_OPENED)
        return false;
    if (!h->opened++)
        h->silent_frame = frame;
    if (!enter(&h->silent, target) || reported(h->scan_frame, frame) || h->answered * 10 > h->opened ||
        places(&h->silent) < SCAN_PLACES)
        return false;
    f->state = TCPFSM_SYN_SENT;
    tell_scan(h, h->opened - h->answered, h->silent_frame, frame, end, f);
    return true;
}

/* is_flood: many SYNs within a short time, hardly a handshake completed; of a service that answers, or from many
 * addresses. */
static bool is_flood(const struct diagnosis_service *h)
{
    uint32_t open = h->opened - h->completed;

    if (h->completed * 10 > h->opened)
        return false;
    return h->answered * 10 > h->opened ? open >= FLOOD_ANSWERED
                                        : open >= FLOOD_SILENT && places(&h->sources) >= SCAN_PLACES;
}

bool diagnosis_service(struct diagnosis_service *h, enum diagnosis_event event, uint32_t source,
                       const struct tcpfsm_segment *s, bool whole, unsigned end, struct tcpfsm_finding *f)
{
    uint32_t now = tick(s->time), flood = h->flood_frame;

    if (!h->since || (int64_t)(now - h->since) << 20 > FLOOD_WITHIN) {
        *h = (struct diagnosis_service){ .since = now, .first_frame = s->frame, .flood_frame = flood };
    }
    h->opened += event == DIAGNOSIS_OPENED;
    h->answered += event == DIAGNOSIS_ANSWERED;
    h->completed += event == DIAGNOSIS_COMPLETED;
    if (event != DIAGNOSIS_OPENED)
        return false;
    enter(&h->sources, source);
    if (!whole || reported(flood, s->frame) || !is_flood(h))
        return false;
    h->flood_frame = s->frame;
    *f = (struct tcpfsm_finding){ .id = TCPFSM_FINDING_FLOOD,
                                  .end = (uint8_t)end,
                                  .state = TCPFSM_LISTEN,
                                  .frame = h->first_frame,
                                  .count = h->opened,
                                  .size = h->completed,
                                  .time = (int64_t)(now - h->since) << 20,
                                  .detail = h->answered * 10 <= h->opened };
    return true;
}

bool diagnosis_probes(const struct tcpfsm_finding *f)
{
    return f->id == TCPFSM_FINDING_RST_PROBE && f->detail == 2;
}

bool diagnosis_worth(struct diagnosis_source *h, bool fresh, uint32_t frame, struct tcpfsm_finding *f)
{
    bool probe = f->id == TCPFSM_FINDING_RST_PROBE, probes = diagnosis_probes(f),
         refusal = f->id == TCPFSM_FINDING_RST_REFUSED || f->id == TCPFSM_FINDING_HALF_OPEN_SYN || probes,
         again = probe && reported(h->probe_frame, frame);

    if (probe && !again)
        h->probe_frame = frame;
    if (!refusal)
        return !again;
    if (reported(h->scan_frame, frame))
        return false;
    if (!h->refused)
        h->refused_frame = frame;
    if (!fresh || ++h->refused != SCAN_REFUSALS)
        return !again;
    tell_scan(h, h->refused, h->refused_frame, frame, probes ? f->end : !f->end, f);
    return true;
}

bool diagnosis_worth_in_flood(const struct diagnosis_service *h, uint32_t frame, const struct tcpfsm_finding *f)
{
    bool half_open = f->id == TCPFSM_FINDING_HALF_OPEN_SYN || f->id == TCPFSM_FINDING_HALF_OPEN_SYN_ACK;

    return !half_open || !reported(h->flood_frame, frame);
}
