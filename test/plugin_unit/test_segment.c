/* test_segment.c: TCP options, the digest, ICMP's types, durations and percentages: functions of numbers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"
#include "config.h"
#include "icmp.h"
#include "moment.h"
#include "options.h"
#include "segment.h"
#include "wording.h"

#define READ(...) read_options((const uint8_t[]){__VA_ARGS__}, sizeof (const uint8_t[]){__VA_ARGS__})
static struct tcpfsm_segment read_options(const uint8_t *bytes, size_t n)
{
    struct tcpfsm_segment s = {0};
    options_read(&s, bytes, (unsigned)n);
    return s;
}

static void options_are_read(void **state)
{
    (void)state;
    struct tcpfsm_segment s = READ(1, 1, 8, 10, 0, 0, 1, 2, 0, 0, 3, 4);
    assert_true(s.has == TCPFSM_HAS_TS && s.tsval == 258 && s.tsecr == 772);
    assert_int_equal(READ(8, 9, 0, 0, 1, 2, 0, 0, 3).has, 0);
    s = READ(3, 3, 14);
    assert_true(s.has == TCPFSM_HAS_WSCALE && s.wscale == 14);
    assert_int_equal(READ(3, 3, 15).wscale, 14);
    assert_int_equal(READ(3, 3, 13).wscale, 13);
    assert_int_equal(READ(3, 2).has, 0);
    s = READ(5, 18, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4);
    assert_true(s.sacks == 2 && s.sack[0].left == 1 && s.sack[0].right == 2 && s.sack[1].left == 3 && s.sack[1].right == 4);
    assert_int_equal(READ(5, 9, 0, 0, 0, 1, 0, 0, 0).sacks, 0);
    assert_int_equal(READ(34, 2).has, TCPFSM_HAS_TFO);
    assert_int_equal(READ(254, 4, 0xf9, 0x89).has, TCPFSM_HAS_TFO);
    assert_int_equal(READ(253, 4, 0xf9, 0x88).has, 0);
    assert_int_equal(READ(253, 3, 0xf9, 0x89).has, 0);
    assert_int_equal(READ(30, 12, 0x70, 0, 0, 0, 0, 0, 0, 0, 0, 0).has, TCPFSM_HAS_FASTCLOSE);
    assert_int_equal(READ(30, 12, 0x60, 0, 0, 0, 0, 0, 0, 0, 0, 0).has, 0);
}

static void reading_ends_where_an_option_does_not_fit(void **state)
{
    (void)state;
    assert_int_equal(READ(0, 34, 2).has, 0);
    assert_int_equal(READ(34, 1, 34, 2).has, 0);
    assert_int_equal(READ(34).has, 0);
    assert_int_equal(READ(34, 3).has, 0);
    assert_int_equal(READ(99, 4, 0, 0, 34, 2).has, TCPFSM_HAS_TFO);
    uint8_t many[40] = {5, 40};
    struct tcpfsm_segment s = read_options(many, sizeof many);
    assert_int_equal(s.sacks, TCPFSM_SACK_MAX);
}

/* The digest covers everything but the checksum, bytes 16 and 17. */
static void a_digest_is_of_all_but_the_checksum(void **state)
{
    (void)state;
    uint8_t p[76];
    for (unsigned i = 0; i < sizeof p; i++)
        p[i] = (uint8_t)(i * 7 + 1);
    for (unsigned n = 20; n <= sizeof p; n++) {
        uint32_t before = segment_digest(p, n, 1000);
        assert_int_not_equal(before, segment_digest(p, n, 1001));
        for (unsigned i = 0; i < n; i++) {
            p[i] ^= 0x40;
            bool same = segment_digest(p, n, 1000) == before, tail = n < 24 && i >= 16;
            if (!tail)
                assert_true(same == (i == 16 || i == 17));
            p[i] ^= 0x40;
        }
    }
}

static void hard_errors_are_those_of_the_rfc(void **state)
{
    (void)state;
    static const unsigned hard[] = {2, 3, 9, 10, 13}, hard6[] = {1, 4, 5, 6};
    for (unsigned code = 0; code < 16; code++) {
        enum icmp want = ICMP_UNREACHABLE, want6 = ICMP_UNREACHABLE;
        for (unsigned i = 0; i < array_length(hard); i++)
            want = hard[i] == code ? ICMP_HARD : want;
        for (unsigned i = 0; i < array_length(hard6); i++)
            want6 = hard6[i] == code ? ICMP_HARD : want6;
        assert_int_equal(icmp_of_type(false, 3, code), code == 4 ? ICMP_OTHER : want);
        assert_int_equal(icmp_of_type(true, 1, code), want6);
        assert_int_equal(icmp_of_type(true, 4, code), code == 1 ? ICMP_HARD : ICMP_OTHER);
        assert_int_equal(icmp_of_type(false, 11, code), ICMP_OTHER);
        assert_int_equal(icmp_of_type(true, 3, code), ICMP_OTHER);
    }
}

static void durations_are_short(void **state)
{
    (void)state;
    static const struct { int64_t milliseconds; const char *text; } rows[] = {
        {0, "0 ms"},          {999, "999 ms"},      {1000, "1.0 s"},      {119949, "119.9 s"}, {119999, "120.0 s"},
        {120000, "2 min"},    {7199000, "120 min"}, {7200000, "2.0 h"},   {86400000, "24.0 h"}};
    for (unsigned i = 0; i < array_length(rows); i++) {
        char *text = (char *)(uintptr_t)wording_duration(NULL, rows[i].milliseconds * 1000000);
        assert_string_equal(text, rows[i].text);
        g_free(text);
    }
}

static void percentages_are_rounded_up(void **state)
{
    (void)state;
    assert_int_equal(config_percent(28232, 50), 14116);
    assert_int_equal(config_percent(100, 50), 50);
    assert_int_equal(config_percent(101, 50), 51);
    assert_int_equal(config_percent(28232, 0), 0);
    assert_int_equal(config_percent(28232, 1), 283);
    assert_int_equal(config_percent(65536, 101), 65536);
    assert_int_equal(config_ports(NULL), 0);
}

static void times_stay_within_a_quarter(void **state)
{
    (void)state;
    packet_info pinfo = {.presence_flags = PINFO_HAS_TS, .abs_ts = {5, 7}};
    assert_true(moment_time(&pinfo) == 5 * (int64_t)SECOND + 7);
    pinfo.abs_ts = (nstime_t){-5, 500000000};
    assert_true(moment_time(&pinfo) == -4500000000);
    pinfo.abs_ts = (nstime_t){INT64_MAX, 999999999};
    int64_t late = moment_time(&pinfo);
    pinfo.abs_ts = (nstime_t){INT64_MIN, 0};
    int64_t early = moment_time(&pinfo);
    assert_true(late > 0 && early < 0 && late < INT64_MAX / 4 + SECOND && early >= -(INT64_MAX / 4));
    pinfo.abs_ts = (nstime_t){INT64_MAX / 4 / SECOND - 1, 0};
    assert_true(moment_time(&pinfo) == (INT64_MAX / 4 / SECOND - 1) * SECOND);
    pinfo.presence_flags = 0;
    assert_true(moment_time(&pinfo) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_are_read), cmocka_unit_test(reading_ends_where_an_option_does_not_fit),
        cmocka_unit_test(a_digest_is_of_all_but_the_checksum), cmocka_unit_test(hard_errors_are_those_of_the_rfc),
        cmocka_unit_test(durations_are_short), cmocka_unit_test(percentages_are_rounded_up),
        cmocka_unit_test(times_stay_within_a_quarter)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
