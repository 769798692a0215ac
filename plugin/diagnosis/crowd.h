/* crowd.h: what is true of a host or a service and not of one connection: scans and floods. Counters only; the caller
 * keeps one struct a host or service, finds it, and says what happens. Zeroed memory is a good start.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_DIAGNOSIS_CROWD_H
#define TCPFSM_DIAGNOSIS_CROWD_H

#include "diagnosis.h"

enum { CROWD_BYTES = 32 };

/* How many different things were seen, by a bit each in a place that their hash chooses (linear counting: 83 bits of
 * 256 are about 100 of them). */
struct diagnosis_crowd { uint8_t bits[CROWD_BYTES]; };

/* A host that opens connections. */
struct diagnosis_source {
    struct diagnosis_crowd silent;          /* addresses and ports to which it sent a SYN */
    uint32_t silent_frame;                  /* the first of those */
    uint32_t refused,
        refused_frame; /* how many refused it, or did not answer although it asked again; the first of those */
    uint32_t opened, answered;              /* SYNs of new connections, and how many of them were answered */
    uint32_t scan_frame;                    /* where its scan was reported; 0: nowhere */
    uint32_t probe_frame;                   /* where its first rst.probe was */
};

/* An address and port to which connections are opened. */
struct diagnosis_service {
    struct diagnosis_crowd sources;
    uint32_t first_frame, since;            /* where this count began: frame and tick */
    uint32_t opened, answered, completed;   /* SYNs of new connections; SYN,ACKs; handshakes */
    uint32_t flood_frame;                   /* where its flood was reported; 0: nowhere */
};

/* What happens to a connection, for its source and its service. */
enum diagnosis_event { DIAGNOSIS_OPENED, DIAGNOSIS_ANSWERED, DIAGNOSIS_COMPLETED };

/* diagnosis_event: what a segment is to the crowd; -1: nothing. `begin`: a connection begins with it. */
int diagnosis_event(const struct tcpfsm_segment *s, const struct tcpfsm_result *r, unsigned client, bool begin);

/* diagnosis_source, diagnosis_service: takes an event; true if it makes the source a scanner, or the service a victim,
 * for the first time: *f is then the finding, about endpoint `end`. target, source: hashes of the address and port, or
 * of the address, at the other end. `whole`: the capture is known to have more than SYNs. */
bool diagnosis_source(struct diagnosis_source *h, enum diagnosis_event event, uint32_t target, uint32_t frame,
                      unsigned end, struct tcpfsm_finding *f);
bool diagnosis_service(struct diagnosis_service *h, enum diagnosis_event event, uint32_t source,
                       const struct tcpfsm_segment *s, bool whole, unsigned end, struct tcpfsm_finding *f);

/* diagnosis_probes: whether the finding is about a host that sends to connections that nobody has. */
bool diagnosis_probes(const struct tcpfsm_finding *f);

/* diagnosis_worth: is a finding of one connection to be reported, or is it part of what was said of its source? The
 * twentieth address and port that refuses or does not answer turns it into a scan. `fresh`: that address and port had
 * not before. */
bool diagnosis_worth(struct diagnosis_source *h, bool fresh, uint32_t frame, struct tcpfsm_finding *f);

/* diagnosis_worth_in_flood: the same for a service: its half-open handshakes are part of a flood that was reported. */
bool diagnosis_worth_in_flood(const struct diagnosis_service *h, uint32_t frame, const struct tcpfsm_finding *f);

#endif
