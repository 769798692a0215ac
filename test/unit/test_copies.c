/* test_copies.c: segments that the capture has twice (plugin/engine/copies.c; DESIGN rule 5).
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "play.h"

/* copied: the last segment again, so many microseconds later; it must be recognised, or must not. */
static void copied(int32_t micros, uint8_t ttl, bool recognised)
{
    client(0, .copy = true, .after = AT_ONCE, .micros = micros, .ttl = ttl);
    assert_int_equal(play.result.copy_of, recognised ? play.frame - 1 : 0);
    if (recognised) {
        shows("=", "=");
        assert_int_equal(play.result.steps, 0);
    }
}

SCENARIO(rule_5_duplicates_of_the_capture_change_nothing)
{
    play.paths = true;
    client(SYN);                copied(10, 0, true);
    server(SYN | ACK);          copied(10, 0, true);
    client(ACK);                copied(10, 0, true);
    client(ACK, .len = 10);     copied(10, 0, true);
    server(ACK);                copied(10, 0, true);
    shows("ESTABLISHED", "ESTABLISHED");
    client(FIN | ACK);          copied(10, 0, true);
    shows("FIN_WAIT_1", "CLOSE_WAIT?");
    server(ACK);                copied(10, 0, true);
    server(FIN | ACK);          copied(10, 0, true);
    client(ACK);                copied(10, 0, true);
    shows("TIME_WAIT", "CLOSED?");
}

/* case 06: The same SYN with the same IP ID within milliseconds is a second capture of it; with another IP ID it is a
 * retransmission. Neither changes
 * anything | 3.5 */
SCENARIO(case_06)
{
    play.paths = true;
    client(SYN);                shows("SYN_SENT", "LISTEN?");
    copied(300, 0, true);
    wait_ms(1000);
    client(SYN);                shows("SYN_SENT", "LISTEN?");
    assert_int_equal(play.result.copy_of, 0);
    same_connection();
    client(SYN, .after = 1);
    assert_int_equal(play.result.copy_of, 0);
}

/* case 76: Copies by two interfaces, SPAN in both directions, VLANs or a router (TTL one less) are one segment,
 * before any retransmission logic | */
SCENARIO(case_76)
{
    play.paths = true;
    open_connection();
    client(FIN | ACK);
    copied(900, 63, true);      /* before and after a router */
    server(ACK);
    copied(2900, 0, true);
    client(0, .copy = true, .after = AT_ONCE, .micros = 1990000);
    assert_int_equal(play.result.copy_of, play.frame - 2);      /* LIMIT_COPY_ID, 2 s, since the first */
    copied(20000, 0, false);    /* too late: an honest segment */
    server(ACK, .len = 5, .no_ip_id = true);
    copied(900, 0, true);
    copied(1100, 0, false);
}

/* Without an IP ID two pure ACKs can be honest duplicate ACKs (RFC 5681), and every segment draws its own RST. */
SCENARIO(pure_acks_without_ip_id_are_not_duplicates)
{
    play.paths = true;
    open_connection();
    server(ACK, .no_ip_id = true);
    copied(100, 0, false);
    client(RST | ACK, .no_ip_id = true);
    copied(100, 0, false);
}

/* An IP ID of 0 identifies nothing (RFC 6864): the short span holds. */
SCENARIO(ip_id_zero_is_no_identification)
{
    play.paths = true;
    open_connection();
    client(ACK, .len = 10);
    play.segment.ip_id = 0;
    copied(10, 0, false);       /* the first with the ID 0 */
    copied(900, 0, true);
    copied(1500, 0, false);
}

/* The same numbers from the other endpoint are another segment. */
SCENARIO(direction_matters)
{
    play.paths = true;
    open_connection();
    client(ACK, .len = 10);
    play.segment.from ^= 1;
    copied(10, 0, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(rule_5_duplicates_of_the_capture_change_nothing), T(case_06), T(case_76),
        T(pure_acks_without_ip_id_are_not_duplicates), T(ip_id_zero_is_no_identification), T(direction_matters),
    };

    return RUN(tests);
}
