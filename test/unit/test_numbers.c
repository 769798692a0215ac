/* test_numbers.c: what the numbers of a segment say, gaps, lengths, windows, the wrap (plugin/engine/numbers.c).
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "play.h"

/* case 24: Keepalives (SND.NXT - 1, no data or one byte) and their answers move nobody, in CLOSE_WAIT and FIN_WAIT_2
 * neither | 3.8.4 */
SCENARIO(case_24)
{
    open_connection();
    for (unsigned i = 0; i < 5; i++) {
        client(ACK, .back = 1, .len = i & 1, .after = MINUTE);  shows("=", "=");
        server(ACK);                                            shows("=", "=");
    }
    client(FIN | ACK);
    server(ACK);
    wait_ms(5000);
    server(ACK, .back = 1);                                     shows("=", "=");
    client(ACK);                                                shows("FIN_WAIT_2.", "CLOSE_WAIT");
    client(ACK, .back = 1);     /* a keepalive after its own FIN: that sequence number is the FIN's, and no data */
    shows("FIN_WAIT_2.", "CLOSE_WAIT");
}

/* case 25: Zero-window probes move nobody; the byte counts once it is acknowledged | 3.8.6.1 */
SCENARIO(case_25)
{
    open_connection();
    server(ACK, .window = 1);
    client(ACK, .len = 1, .after = 300);    shows("ESTABLISHED", "ESTABLISHED");
    server(ACK, .ack = AT(111));            shows("ESTABLISHED", "ESTABLISHED");
    client(ACK, .back = 1, .len = 1, .after = 600);
    server(ACK, .ack = AT(111));            shows("ESTABLISHED", "ESTABLISHED");
    server(ACK, .ack = AT(112));            shows("ESTABLISHED", "ESTABLISHED");
    client(FIN | ACK, .seq = AT(112));      shows("FIN_WAIT_1", "CLOSE_WAIT?");
}

/* case 39: Comparisons are modulo 2^32: a close whose numbers wrap, and a segment half the space away, which belongs
 * to nobody here | 3.4 */
SCENARIO(case_39)
{
    open_connection();
    client(ACK, .seq = AT(111 + 0x7ffffff0u), .len = 1, .forged = true);        shows("=", "=");
    server(FIN | ACK, .seq = AT(301 + 0x50000000u), .forged = true);            shows("=", "=");
    client(ACK, .len = 0x20000000);         shows("ESTABLISHED", "ESTABLISHED");
    server(ACK);
    client(ACK, .len = 0x20000000);
    server(ACK);
    client(ACK, .len = 0x20000000);
    server(ACK);
    client(ACK, .len = 0x20000000);
    server(ACK);                            shows("ESTABLISHED", "ESTABLISHED"); /* 2 GiB sent */
    client(FIN | ACK);                      shows("FIN_WAIT_1", "CLOSE_WAIT?");
    server(ACK, .unacked = 1);              shows("FIN_WAIT_1", "ESTABLISHED?");
    server(ACK);                            shows("FIN_WAIT_2?", "CLOSE_WAIT");
}

/* case 43: A FIN beyond a gap waits: its receiver moves at the segment that fills the gap | 3.10.7.4 first */
SCENARIO(case_43)
{
    open_connection();
    client(ACK, .len = 100, .seq = AT(211));    /* 111..210 missing */
    client(ACK, .len = 100, .seq = AT(411));    /* 311..410 missing */
    client(FIN | ACK, .seq = AT(511));          shows("FIN_WAIT_1", "ESTABLISHED");
    client(ACK, .len = 100, .seq = AT(111));    shows("FIN_WAIT_1", "ESTABLISHED.");
    client(ACK, .len = 100, .seq = AT(311));    shows("FIN_WAIT_1", "CLOSE_WAIT?");
    path(SERVER, "ESTABLISHED CLOSE_WAIT");
    server(ACK, .ack = AT(512));                shows("FIN_WAIT_2?", "CLOSE_WAIT");
}

/* A segment without ACK, SYN and RST is dropped (3.10.7.4 fifth): a FIN alone closes nothing. */
SCENARIO(fin_without_ack_is_dropped)
{
    open_connection();
    client(FIN, .forged = true);                shows("=", "=");
    client(PSH, .len = 5, .forged = true);      shows("=", "=");
    client(0, .forged = true);                  shows("=", "=");
    client(URG, .forged = true);                shows("=", "=");
}

/* What lies wholly before RCV.NXT gives its receiver no event. */
SCENARIO(old_text_moves_nobody)
{
    open_connection();
    client(ACK, .len = 90);
    server(ACK);
    client(ACK, .seq = AT(101), .len = 10, .after = 300);   shows("ESTABLISHED", "ESTABLISHED");
    path(SERVER, "");
}

/* case 81: Of a first fragment only the header is known: its FIN was sent, but without the length it has no place, so
 * nothing takes it for received | 3.4 */
SCENARIO(case_81)
{
    open_connection();
    client(FIN | ACK, .no_length = true, .forged = true);
    may_be(CLIENT, "FIN_WAIT_1");
    path(SERVER, "");
    client(FIN | ACK, .len = 40);                                       shows("FIN_WAIT_1", "CLOSE_WAIT?");
}

/* case 82: A segment cut by the snaplen counts with the length in its IP header | 3.4 */
SCENARIO(case_82)
{
    open_connection();
    client(ACK, .len = 1460);
    client(ACK, .no_length = true, .len = 0, .forged = true);   /* header cut: flags and numbers only */
    shows("ESTABLISHED", "ESTABLISHED");
    server(ACK);
    client(FIN | ACK, .seq = AT(1571));                         shows("FIN_WAIT_1", "CLOSE_WAIT?");
}

/* case 83: A segment of 60 KiB, as offloading shows it, is one segment; a FIN merged into it stands at its end | 3.4 */
SCENARIO(case_83)
{
    open_connection();
    server(ACK, .window = 65535);
    client(FIN | ACK, .len = 61440);            shows("FIN_WAIT_1", "CLOSE_WAIT?");
    server(ACK, .ack = AT(111 + 61440));        shows("FIN_WAIT_1", "ESTABLISHED?");
    server(ACK, .ack = AT(112 + 61440));        shows("FIN_WAIT_2?", "CLOSE_WAIT");
}

SCENARIO(keepalive_answered)
{
    open_connection();
    for (unsigned i = 0; i < 6; i++) {
        client(ACK, .back = 1, .after = 10 * SECOND);
        server(ACK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(case_24), T(case_25), T(case_39), T(case_43), T(fin_without_ack_is_dropped), T(old_text_moves_nobody),
        T(case_81), T(case_82), T(case_83), T(keepalive_answered),
    };

    return RUN(tests);
}
