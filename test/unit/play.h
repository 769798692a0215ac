/* play.h: a play for two endpoints and an observer: the tests of the engine are written in it.
 *
 *     SCENARIO(name)                              a test; it runs once a view: several sequence number shifts (wraps
 * among them), the endpoints both ways round
 *     {
 *         client(SYN);                            a segment; numbers follow from what was sent and delivered before
 *         shows("SYN_SENT", "LISTEN?");           the states of client and server after it
 *         server(SYN | ACK, .after = 5);          five milliseconds later (20 unless told)
 *     }
 *
 * A result that contradicts itself fails the test (see check_result in play.c). Findings have tests of their own:
 * test/diagnosis.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_TEST_PLAY_H
#define TCPFSM_TEST_PLAY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs those four before it */
#include <cmocka.h>

#include "connection.h"
#include "internal.h"

enum { FIN = TCPFSM_FIN, SYN = TCPFSM_SYN, RST = TCPFSM_RST, PSH = TCPFSM_PSH, ACK = TCPFSM_ACK, URG = TCPFSM_URG };
enum who { CLIENT, SERVER, NOBODY };

/* AT: a sequence number of the script (client ISS 100, server ISS 300, as in RFC 9293's figures), for .seq and .ack. */
#define AT(n) ((int64_t)(n) + (1ll << 40))
#define AT_ONCE (-1)
#define SECOND 1000
#define MINUTE 60000

/* What a segment differs in from the one its sender's stack would send now. */
struct cue {
    unsigned flags;
    uint32_t len;
    int64_t seq, ack;       /* AT(n) */
    int32_t back, ahead;    /* SEQ this far below or above SND.NXT */
    int32_t unacked;        /* ACK this far below RCV.NXT */
    int32_t over;           /* ACK this far above RCV.NXT */
    /* milliseconds since the segment before; 0: 20; AT_ONCE: none; others may be negative from -2 on */
    int32_t after;
    int32_t micros;         /* microseconds more */
    bool lost;              /* captured, but not delivered, or not accepted */
    bool unseen;            /* delivered, but not captured */
    bool forged;            /* by a third party: its alleged sender's numbers stay; not delivered */
    bool copy;              /* the capture has the previous segment twice */
    bool no_ip_id, no_length, fast_open, bad_checksum, fastclose, stamps, local;
    uint16_t ip_id, window;
    uint8_t ttl;
    int64_t sack_left, sack_right;
};

/* The stage. `result` is what the last captured segment did. */
struct play {
    struct tcpfsm_connection connection;
    struct tcpfsm_config config;
    struct tcpfsm_path path;
    struct tcpfsm_result result, before;
    struct tcpfsm_segment segment;
    struct { uint32_t iss, snd, rcv, held[4][2]; uint16_t ip_id; unsigned holds; } end[2];
    int64_t now;
    uint32_t frame, shift;
    bool swap, self, paths;
    const char *name;
};
extern struct play play;

void play_segment(enum who from, struct cue cue);
#define client(...) play_segment(CLIENT, (struct cue){ .flags = __VA_ARGS__ })
#define server(...) play_segment(SERVER, (struct cue){ .flags = __VA_ARGS__ })

/* play_each: runs a scenario in every view. */
void play_each(const char *name, void (*scenario)(void));
/* play_self: both endpoints are one socket, from the first segment on. */
void play_self(void);
/* near: the capture is beside that endpoint (the user says so). */
void near(enum who who);
/* wait: nothing is captured for so many milliseconds. */
void wait_ms(int64_t ms);
/* open_connection: figure 6, then ten bytes and their acknowledgement: both ESTABLISHED, proven. Five segments. */
void open_connection(void);
/* close_connection: figure 12: the client closes first. Four segments. */
void close_connection(void);
/* unreachable: an ICMP error quoting a segment of `who` with that SEQ. */
void unreachable(enum who who, int64_t seq, bool hard);

/* shows: the states of client and server after the last segment. "X": X, certain. "X?": X, assumed. "X|Y": X of
 * exactly {X, Y}. "X.": X, certain or not. "*":
 * whatever. "=": as before it. */
void play_shows(const char *c, const char *s, const char *file, int line);
#define shows(c, s) play_shows(c, s, __FILE__, __LINE__)
/* path: the states an endpoint went through in the last segment: "ESTABLISHED CLOSE_WAIT LAST_ACK"; "" for none. */
void play_path(enum who who, const char *states, const char *file, int line);
#define path(who, states) play_path(who, states, __FILE__, __LINE__)
/* may_be: the set of an endpoint contains all of these. not_in: none of them. */
void play_set(enum who who, const char *states, bool in, const char *file, int line);
#define may_be(who, states) play_set(who, states, true, __FILE__, __LINE__)
#define cannot_be(who, states) play_set(who, states, false, __FILE__, __LINE__)
/* restarts: did a new connection begin at the last segment? */
void play_restarts(bool wanted, const char *file, int line);
#define new_connection() play_restarts(true, __FILE__, __LINE__)
#define same_connection() play_restarts(false, __FILE__, __LINE__)

/* SCENARIO: a test. */
#define SCENARIO(id) \
    static void id##_once(void); \
    static void id(void **state) { (void)state; play_each(#id, id##_once); } \
    static void id##_once(void)
#define T(id) cmocka_unit_test(id)
#define RUN(tests) cmocka_run_group_tests(tests, NULL, NULL)

#endif
