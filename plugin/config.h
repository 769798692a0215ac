/* config.h: what the user can decide: the preferences.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_CONFIG_H
#define TCPFSM_CONFIG_H

#include "compat.h"
#include "engine/tcpfsm.h"

/* What the user decided, as it was when the file was opened or last dissected anew; info_column is read as it is
 * now. */
struct config {
    struct tcpfsm_config engine;
    uint32_t pressure;              /* sockets in TIME_WAIT toward one destination that are a finding; 0: never */
    uint32_t close_wait_pressure;   /* sockets in CLOSE_WAIT at one address and port that are a finding; 0: never */
    uint32_t ephemeral;             /* how many ports clients choose from */
    bool check_checksum;            /* TCP's own preference */
    bool info_column;
};
extern struct config config;

/* config_register: registers the preferences of this protocol. To be called once. */
void config_register(int protocol);

/* config_read: brings `config` up to date with the preferences. */
void config_read(void);

/* config_percent: so many of n, in percent rounded up: at most n. */
uint32_t config_percent(uint64_t n, unsigned percent);

/* config_ports: how many ports a range holds; it may be NULL. */
uint64_t config_ports(const range_t *r);

#endif
