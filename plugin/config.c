/* config.c: preferences, few, and each with a default that is right for most.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

struct config config;

enum { SECONDS_MAX = 1000000000 };

static guint time_wait_seconds = 60, lingering_seconds = 10, pressure_percent = 50, close_wait_sockets = 100;
static range_t *ephemeral_ports;
static int rst_validation, vantage;
static compat_bool info_column;

static const enum_val_t rst_validations[] = {{"rfc5961", "RFC 5961: exactly the next sequence number", 0},
                                             {"rfc793", "RFC 793: anywhere in the window", 1},
                                             {NULL, NULL, 0}};
static const enum_val_t vantages[] = {{"auto", "Infer it from the capture", TCPFSM_VANTAGE_UNKNOWN},
                                      {"client", "Near the client", TCPFSM_VANTAGE_NEAR_0},
                                      {"server", "Near the server", TCPFSM_VANTAGE_NEAR_1},
                                      {"between", "Between, near neither", TCPFSM_VANTAGE_BETWEEN},
                                      {NULL, NULL, 0}};

uint64_t config_ports(const range_t *r)
{
    uint64_t n = 0;
    for (unsigned i = 0; r && i < r->nranges; i++)
        n += (uint64_t)r->ranges[i].high - r->ranges[i].low + 1;
    return n;
}

uint32_t config_percent(uint64_t n, unsigned percent)
{
    return (uint32_t)((n * MIN(percent, 100u) + 99) / 100);
}

void config_read(void)
{
    const int64_t second = 1000000000;
    struct tcpfsm_config *c = &config.engine;
    *c = tcpfsm_config_default();
    c->time_wait = MIN(time_wait_seconds, (guint)SECONDS_MAX) * second;
    c->lingering = MIN(lingering_seconds, (guint)SECONDS_MAX) * second;
    c->rst_rfc793 = rst_validation == 1;
    c->vantage = (uint8_t)vantage;
    config.ephemeral = (uint32_t)config_ports(ephemeral_ports);
    config.pressure = config_percent(config_ports(ephemeral_ports), pressure_percent);
    config.close_wait_pressure = close_wait_sockets;
    config.check_checksum = compat_prefs_bool("tcp", "check_checksum");
    config.info_column = info_column;
}

/* The Info column is decided frame by frame; everything else when a file is dissected, which a changed preference
 * makes Wireshark do anew. */
static void changed(void)
{
    config.info_column = info_column;
}

void config_register(int protocol)
{
    module_t *m = prefs_register_protocol(protocol, changed);
    range_convert_str(wmem_epan_scope(), &ephemeral_ports, "32768-60999", 65535);
    prefs_register_uint_preference(
        m, "time_wait", "TIME_WAIT lasts (seconds)",
        "2MSL: how long a socket stays in TIME_WAIT. RFC 9293 says 240 s; Linux holds 60 s, Windows 30 to 240 s.", 10,
        &time_wait_seconds);
    prefs_register_uint_preference(m, "lingering", "Lingering after (seconds)",
                                   "CLOSE_WAIT and FIN_WAIT_2 that last longer than this are reported.", 10,
                                   &lingering_seconds);
    prefs_register_uint_preference(
        m, "pressure", "TIME_WAIT pressure (percent)",
        "Sockets in TIME_WAIT toward one destination that are reported, in percent of the ephemeral ports. 0: never.",
        10, &pressure_percent);
    prefs_register_uint_preference(
        m, "close_wait_pressure", "CLOSE_WAIT pressure (sockets)",
        "Sockets in CLOSE_WAIT at one address and port of a server that are reported. 0: never.", 10,
        &close_wait_sockets);
    prefs_register_range_preference(
        m, "ephemeral_ports", "Ephemeral ports",
        "The ports that clients choose from; Linux: 32768-60999, RFC 6335 and Windows: 49152-65535.", &ephemeral_ports,
        65535);
    prefs_register_enum_preference(m, "rst_validation", "A RST is accepted",
                                   "Which RST a receiver accepts: RFC 5961 (today's systems) or RFC 793 (older ones).",
                                   &rst_validation, rst_validations, FALSE);
    prefs_register_enum_preference(m, "vantage", "The capture was taken",
                                   "Beside an endpoint, what is captured on its way there has as good as arrived.",
                                   &vantage, vantages, FALSE);
    prefs_register_bool_preference(
        m, "info_column", "Append the states to the Info column",
        "Adds both endpoints' states to the Info column; the Flow Graph then shows them too.", &info_column);
}
