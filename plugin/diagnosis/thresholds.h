/* thresholds.h: every time and count that makes a finding, with its reason. None of them moves a state.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_DIAGNOSIS_THRESHOLDS_H
#define TCPFSM_DIAGNOSIS_THRESHOLDS_H

#include <stdint.h>

/* What a time measured in ticks may lack (internal.h). */
#define TICK ((int64_t)2 << 20)

#define MS(n) ((int64_t)(n) * 1000000)
#define SECONDS(n) ((int64_t)(n) * 1000000000)

/* Unanswered segments are worth a sentence only after this long and a retransmission: below it, ordinary loss is all
 * that is known. Three timeouts of RFC 6298 section 2 (1 s, doubled) fit in. */
#define HALF_OPEN_AFTER (SECONDS(3) - TICK)
/* So many copies of data, so many keepalives without an answer: two losses in a row are ordinary. */
enum { COPIES = 3, KEEPALIVES = 3 };
/* A RST after keepalives ends the connection for that reason from this many on: stacks send between 2 and 10 (RFC 1122
 * section 4.2.3.6 sets none). */
enum { KEEPALIVES_BEFORE_RST = 2 };
/* Tests set keepalives a second apart; closer ones are not keepalives but something that sends the same octet again. */
#define KEEPALIVES_LAST (SECONDS(1) - TICK)
/* Data sent so often, with no sign of its receiver, may be too large for the path as well as unanswered: Linux would by
 * now have tried for 6 s. */
enum { COPIES_IN_SILENCE = 5 };
/* A host need not accept datagrams above 576 octets (RFC 9293 section 3.7.1: MSS 536): smaller segments do not meet a
 * path MTU. */
enum { SMALL = 536 };
/* Hardly a path passes less than what IPv6 asks of every link (RFC 8200 section 5: 1280 octets). Without a sign of their
 * receiver, segments with no more data than that (40 and 20 octets are headers) speak for a receiver that is gone. */
enum { PASSES_ANYWHERE = 1220 };

/* A silence that people ask about: shorter ones are thinking time of a person or a program. */
#define SILENCE (SECONDS(10) - TICK)
/* A keep-alive timeout of a server is at least this (nginx, Apache and Node.js: 5 s; the smallest that people set: 1
 * s). */
#define CLOSED_IDLE (SECONDS(1) - TICK)
/* A request that crosses a FIN was sent at most this long before it: half of a long round trip. */
#define CROSSING MS(500)

/* Who has spoken more recently than this was not restarted in between: no host starts up faster. */
#define RESTART_TAKES SECONDS(3)
/* A client that got no answer for so long gives up on purpose; */
#define GAVE_UP_AFTER (SECONDS(3) - TICK)
/* after more than this it did not wait for an answer: request timeouts end at 5 min (10 s more for the timer that looks
 * for them). */
#define GAVE_UP_UNTIL SECONDS(310)
/* A connect scan or a health check resets at once what it opened. */
#define PROBE_WITHIN SECONDS(1)
/* A RST that answers a segment follows it after the round trip, and this much more for a slow host. */
#define ANSWERS_WITHIN MS(500)
/* A socket that is closed with unread data sends its RST when the application closes, just after the data came. */
#define UNREAD_WITHIN MS(100)
/* A window of 0 for this long is an application that does not read; shorter ones are ordinary flow control. */
#define ZERO_WINDOW_AFTER (SECONDS(3) - TICK)
/* Two RSTs of one sender, the second beyond what it had sent, with nothing in between to answer, within this: who
 * injects RSTs sends several and hopes that one fits (Weaver, Sommer, Paxson: Detecting Forged TCP Reset Packets, NDSS
 * 2009). */
#define VOLLEY_WITHIN MS(100)
/* What was captured on its way to an endpoint less than max(this, round trip) ago may not have arrived when it sent. */
#define GRACE MS(10)

/* A RST so soon after its sender's FIN belongs to the same close: haproxy (nolinger) sends it at once, socat half a
 * second later (its option -t). */
#define RST_BEHIND_FIN SECONDS(1)
/* Data so long after the acknowledgement of the peer's FIN were not being written when that came. */
#define KNOWS_AFTER SECONDS(1)
/* FIN_WAIT_2 of a closed socket ends by a timer: of 60 s, but people set it lower; not below this. */
#define FORGETS_AFTER SECONDS(3)
/* FIN_WAIT_2 of a socket that its application has closed ends after this on Linux and BSD, silently (no RFC says so).
 */
#define FIN_WAIT_2_ENDS SECONDS(60)
/* A client may hold a connection that its server has closed until it is used again: pools look at theirs every few
 * minutes. Longer is a leak. */
#define CLIENT_LINGERS SECONDS(300)

/* Routes change by a hop or two; more is another place. */
enum { HOPS = 2 };
/* IP IDs that count up differ by less than this between segments of one connection, */
enum { ID_NEAR = 64 };
/* and by more than this they do not continue each other. */
enum { ID_FAR = 4096 };

/* Linux looked at the timestamps of a host's last connection for this long (tcp_tw_recycle, until 4.12): TCP_PAWS_MSL.
 */
#define PAWS_REMEMBERS SECONDS(60)
/* Timestamps of one clock rise by at most one a millisecond (RFC 7323 section 5.4), here by twice that and CLOCK_SLACK,
 * in ticks. Linux gives each pair of addresses an offset of its own (since 4.10), new ones each connection (6.18): those
 * lie anywhere in 2^32, and none of them says anything. */
enum { CLOCK_SLACK = 100 };

/* So many different addresses and ports that refuse a host, or do not answer its repeated SYNs, are a scan: no program
 * that people use asks so many. */
enum { SCAN_REFUSALS = 20 };
/* A scan whose SYNs are not repeated: so many of 256 places (diagnosis_crowd), about 100 different addresses and ports,
 * hardly one of which answers. */
enum { SCAN_PLACES = 83 };
/* SYNs to one service within FLOOD_WITHIN, fewer than one in ten of which become a connection. A service that answers
 * loses so many handshakes to nothing else; one that is silent may be down, with as many clients in vain, so there it
 * takes more, from about 100 addresses. */
#define FLOOD_WITHIN SECONDS(10)
enum { FLOOD_ANSWERED = 200, FLOOD_SILENT = 300 };

#endif
