/* test_wrong.c: situations that the engine does not get right yet. CTest expects each to fail (WILL_FAIL): one that
 * passes
 * is mended, and belongs into the file of its subject. SPDX-License-Identifier: GPL-2.0-or-later */
#include "play.h"

/* case 86: Two SYN,ACKs with different numbers: the ACK of the client chooses which are the server's | 3.10.7.3
 * fourth */
SCENARIO(case_86)
{
    client(SYN);
    server(SYN | ACK);
    server(SYN | ACK, .seq = AT(9000), .ack = AT(101), .forged = true, .micros = 700, .after = AT_ONCE);
    client(ACK, .ack = AT(301));            shows("ESTABLISHED", "ESTABLISHED?");
    server(ACK, .len = 10);                 shows("ESTABLISHED", "ESTABLISHED");
    server(FIN | ACK);                      shows("CLOSE_WAIT?", "FIN_WAIT_1");
}

/* case 90: A stray SYN,ACK in TIME_WAIT, answered by an ACK of the old connection, completes no handshake | 3.10.7.4
 * fourth */
SCENARIO(case_90)
{
    open_connection();
    close_connection();
    server(SYN | ACK, .seq = AT(7000), .ack = AT(5001), .forged = true);
    client(ACK);                            shows("TIME_WAIT", "*");
}

/* case 154: A keepalive after a complete close shows no LAST_ACK and takes nothing back | 3.8.4 */
SCENARIO(case_154)
{
    open_connection();
    close_connection();
    server(ACK, .seq = AT(301), .ack = AT(112), .forged = true, .after = 5 * SECOND);
    shows("TIME_WAIT", "CLOSED.");
}

int main(int count, char **names)
{
    const struct CMUnitTest tests[] = { T(case_86), T(case_90), T(case_154) };

    if (count > 1)
        cmocka_set_test_filter(names[1]);
    return RUN(tests);
}
