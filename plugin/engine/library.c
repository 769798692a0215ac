/* library.c: for those who hold a connection without knowing its members (doc/engine.md): its size, its alignment, its
 * history.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

size_t tcpfsm_connection_size(void)
{
    return sizeof(struct tcpfsm_connection);
}

size_t tcpfsm_connection_alignment(void)
{
    return _Alignof(struct tcpfsm_connection);
}

const uint8_t *tcpfsm_history(const struct tcpfsm_connection *c)
{
    return c->history;
}
