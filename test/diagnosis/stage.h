/* stage.h: what the tests of the diagnosis play on: an engine that says what the test wants, and a diagnosis that hears
 * it. No real engine: a finding is to follow from the facts and numbers alone.
 *
 *     begin();                                        an open connection, both ends ESTABLISHED, frames 1 to 3 behind
 * it from(CLIENT, ACK, .len = 10);                   ten octets, NEW_DATA, 20 ms later later(SECONDS(60)); nothing for
 * a minute from(SERVER, RST | ACK, .facts = ACCEPTED);     a RST that the engine says was accepted says("rst.idle",
 * SERVER);                       the finding, about the server; returned
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_DIAGNOSIS_STAGE_H
#define TCPFSM_DIAGNOSIS_STAGE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka.h needs those before it */
#include <cmocka.h>

#include "internal.h"

enum { FIN = TCPFSM_FIN, SYN = TCPFSM_SYN, RST = TCPFSM_RST, PSH = TCPFSM_PSH, ACK = TCPFSM_ACK };
enum { CLIENT, SERVER };
enum { ACCEPTED = TCPFSM_FACT_RST_ACCEPTED };

struct cue {
    unsigned flags;
    uint32_t len, facts, evidence;
    int32_t back;           /* SEQ this far below SND.NXT */
    int32_t unacked;        /* ACK this far below what the peer has sent */
    int64_t after;          /* nanoseconds since the segment before; 0: 20 ms */
    const char *text;
    uint16_t window, id;
    uint8_t ttl;
    uint32_t stamp;         /* with stamps: TSval and TSecr */
    bool stamps, closed_window, fast, bad;
    uint8_t state[2];       /* of client and server from this segment on; 0, 0: as before (CLOSED is said by RST) */
};

struct stage {
    struct diagnosis d;
    struct diagnosis_pair pair;
    struct diagnosis_result said;
    struct tcpfsm_result r;
    struct tcpfsm_config config;
    struct tcpfsm_numbers n[2];
    uint32_t snd[2];
    uint16_t id[2];
    int64_t now;
    uint32_t frame;
    enum tcpfsm_vantage vantage;
    int reset_by;
    uint8_t state[2];
    bool restarts;          /* the next segment begins a new incarnation */
    uint32_t copy_of;       /* the next segment is a copy of that frame */
};
extern struct stage stage;

void begin(void);
/* begin_unseen: the same, but the capture begins with the next segment. */
void begin_unseen(void);
void stage_segment(unsigned from, struct cue cue);
#define from(who, ...) stage_segment(who, (struct cue){ .flags = __VA_ARGS__ })
void later(int64_t nanoseconds);
/* says: the last segment made this finding about that end; returned. says_not: it did not; NULL: none at all. */
const struct tcpfsm_finding *says(const char *name, unsigned about);
void says_not(const char *name);

#define T(id) cmocka_unit_test(id)
#define RUN(tests) cmocka_run_group_tests(tests, NULL, NULL)

#endif
