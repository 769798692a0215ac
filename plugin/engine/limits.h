/* limits.h: every threshold of the engine, with its source. A time decides what is displayed, or makes a state
 * possible; no time removes one (DESIGN section 3).
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_LIMITS_H
#define TCPFSM_LIMITS_H

#define MS(n) ((int64_t)(n) * 1000000)
#define SECONDS(n) ((int64_t)(n) * 1000000000)

/* Numbers. */
/* the largest window, RFC 7323 section 2.2: beyond it no number belongs to the connection */
#define LIMIT_WINDOW (1u << 30)
/* "beyond ISS" must stay decidable modulo 2^32: ISS follows SND.NXT at this distance */
#define LIMIT_ISS_KEPT (1u << 29)

/* Display: how long after something was captured on its way to an endpoint a segment of it may still have left before
 * it arrived. */
/* a scheduler's turn and a queue in a host; measured on Linux: 0.01 to 0.3 ms, a tenth of a percent above 4 ms */
#define LIMIT_GRACE_FLOOR MS(10)
/* an answer of the handshake that takes longer waited for a retransmission (RFC 6298: first after 1 s, then 3 s) */
#define LIMIT_RTT_BELIEVED SECONDS(3)
/* so often in a row what was captured beside a host proved not to have arrived: its host drops it */
#define LIMIT_MISSES 2
/* a RST that answers a segment follows it at once, give or take the round trip; a later one may be anybody's */
#define LIMIT_RST_ANSWERS MS(5)
/* so many copies of a FIN without a word: a TIME_WAIT or CLOSE_WAIT socket would have answered */
#define LIMIT_SILENT_COPIES 3

/* Clock: what happens without a segment. */
#define LIMIT_FIN_WAIT_2 SECONDS(60)     /* Linux tcp_fin_timeout, BSD finwait2_timeout; no RFC */
#define LIMIT_UNANSWERED SECONDS(100)    /* R2: RFC 9293 section 3.8.3, at least 100 s */
/* RFC 6298 section 2.1: 1 s, and half as much for a slow timer; repeated after at most twice the time before */
#define LIMIT_FIRST_RTO MS(1500)

/* Copies that the capture made (DESIGN rule 5). */
/* with an IP ID: a retransmission gets a new one; IDs come again after 65,536 datagrams */
#define LIMIT_COPY_ID SECONDS(2)
/* without: the shortest retransmission timeout is 200 ms, but honest segments may be alike */
#define LIMIT_COPY_NO_ID MS(1)

/* Vantage (doc/decisions.md): who answers at once is beside the capture. */
#define LIMIT_ANSWER SECONDS(10)         /* a later answer of a handshake is no measurement */
#define LIMIT_NEAR_MICROSECONDS 500      /* a kernel answers a SYN in 10 to 100 us; a switch and a cable add as much */
#define LIMIT_NEAR_FACTOR 3              /* and so many times faster than the other side */
#define LIMIT_BETWEEN_MICROSECONDS 1000  /* both slower: beside neither */
#define LIMIT_OFTEN 8                    /* so many losses on one side show a path there */
#define LIMIT_UNSEEN_SHARE 4             /* and so many times more than on the other side */

/* Several points of capture. */
/* twice the way between two points; one host captures a packet on two of its interfaces within some microseconds */
#define LIMIT_POINTS_APART 20000

#endif
