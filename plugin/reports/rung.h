/* rung.h: one segment of a ladder.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_RUNG_H
#define TCPFSM_RUNG_H

#include "view.h"

/* A segment as it was captured, and what looking at the others made of it. */
struct rung {
    int64_t time;
    uint32_t connection, frame, order;
    uint32_t seq, ack, len;         /* relative to the first number of each side */
    uint32_t copy_of;               /* frame of the same octets before; 0: first copy */
    uint32_t missed;                /* so many octets before it were not captured */
    uint16_t flags;
    uint8_t from;
    bool lost;                      /* sent again, and nothing captured between acknowledges it; or lost for certain */
    /* of a connection with a point of capture for each end: frame, order and time are those beside the sender, if it
     * was captured there; times are by the clock of the client's point */
    bool merged;
    bool departed, arrived;         /* captured beside its sender, beside its receiver */
    bool made, copied;              /* made between the points; a duplicate that the network made */
    uint32_t arrived_frame, arrived_order;
    int64_t arrived_time;
};

#endif
