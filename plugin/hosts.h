/* hosts.h: addresses, and how many sockets each host has in TIME_WAIT and CLOSE_WAIT, over time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_HOSTS_H
#define TCPFSM_HOSTS_H

#include "store.h"

/* The states that are counted. */
enum hosts_column { HOSTS_TIME_WAIT, HOSTS_CLOSE_WAIT, HOSTS_COLUMNS };

void hosts_open(void);
void hosts_close(void);

/* hosts_hash: a hash of an address and a port, different in every process. Only addresses of at most 16 bytes have one. */
uint64_t hosts_hash(const address *a, uint16_t port);

/* hosts_intern: the number of this address, entered if new. */
uint32_t hosts_intern(const address *a);

/* hosts_is: whether host `number` is this address. */
bool hosts_is(uint32_t number, const address *a);

/* hosts_address: *a refers to the address of host `number`, whose bytes live until hosts_close(). */
void hosts_address(uint32_t number, address *a);
uint32_t hosts_count(void);

/* hosts_tick: the clock: sockets whose 2MSL have passed at `time` leave TIME_WAIT, as seen from `frame` on. */
void hosts_tick(int64_t time, uint32_t frame);

/* hosts_move: endpoint `end` of a connection is in `state` from this frame on; STORE_UNCOUNTED: it has no socket any more. `restart`: 2MSL begin anew.
 * Returns how many sockets weigh on the same service (hosts_pressure) if that number just reached its threshold, else 0. */
uint32_t hosts_move(struct store_connection *c, uint32_t number, unsigned end, unsigned state, bool restart, uint32_t frame, int64_t time);

/* hosts_sockets: how many sockets of host `host` were in that state at `frame`. */
uint32_t hosts_sockets(uint32_t host, enum hosts_column column, uint32_t frame);

/* hosts_pressure: how many at `frame` weighed on one service. HOSTS_TIME_WAIT: the sockets of the client's host (`end` is the client) toward the address and
 * port of its server, each of which takes an ephemeral port. HOSTS_CLOSE_WAIT: those at the server's address and port (`end` is the server). */
uint32_t hosts_pressure(const struct store_tuple *t, unsigned end, enum hosts_column column, uint32_t frame);

#endif
