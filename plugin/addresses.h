/* addresses.h: the addresses of a capture, each kept once and known by its number.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_ADDRESSES_H
#define TCPFSM_ADDRESSES_H

#include "compat.h"

/* addresses_open, addresses_close: begin and end the memory of one capture. */
void addresses_open(void);
void addresses_close(void);

/* addresses_hash: a hash of an address and a port, different in every process. Only addresses of at most 16 bytes
 * have one. */
uint64_t addresses_hash(const address *a, uint16_t port);

/* addresses_intern: the number of this address, of at most 16 bytes; entered if new. */
uint32_t addresses_intern(const address *a);

/* addresses_is: whether address `number` is this one. */
bool addresses_is(uint32_t number, const address *a);

/* addresses_get: *a refers to address `number`; its bytes live until addresses_close(). */
void addresses_get(uint32_t number, address *a);

/* addresses_loopback: whether address `number` is one of a host to itself: 127.0.0.0/8 or ::1. */
bool addresses_loopback(uint32_t number);

/* addresses_text: "10.0.0.1". addresses_endpoint: "10.0.0.1:51515" or "[2001:db8::1]:443". Allocated in `pool`. */
const char *addresses_text(wmem_allocator_t *pool, uint32_t number);
const char *addresses_endpoint(wmem_allocator_t *pool, uint32_t number, uint16_t port);

#endif
