// consumer.cpp: C++17 that uses the installed engine: one SYN, and what it says of both ends.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdio>
#include <memory>
#include <tcpfsm/tcpfsm.h>

static_assert(TCPFSM_VERSION_NUMBER >= TCPFSM_VERSION_OF(1, 0, 0), "the version is known to the compiler");

int main()
{
    auto memory = std::make_unique<unsigned char[]>(tcpfsm_connection_size());
    auto *connection = reinterpret_cast<struct tcpfsm_connection *>(memory.get());
    const struct tcpfsm_config config = tcpfsm_config_default();
    const uint16_t port[2] = {40000, 80};
    struct tcpfsm_segment syn = {};
    struct tcpfsm_result result;

    syn.frame = 1;
    syn.seq = 100;
    syn.flags = TCPFSM_SYN;
    syn.has = TCPFSM_HAS_LENGTH;
    tcpfsm_open(connection, false, port);
    tcpfsm_segment(connection, &syn, &config, nullptr, false, &result);
    std::printf("%s %s\n", tcpfsm_state_name(result.state[0]), tcpfsm_state_name(result.state[1]));
}
