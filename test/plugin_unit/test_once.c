/* test_once.c: what is reported once a host; loopback addresses.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"
#include "addresses.h"
#include "once.h"

static uint32_t host(const char *bytes, int type, int n)
{
    address a;
    set_address(&a, type, n, bytes);
    return addresses_intern(&a);
}

static uint32_t ip4(uint8_t a, uint8_t b)
{
    return host((const char[]){(char)a, 0, 0, (char)b}, AT_IPv4, 4);
}

static int begin(void **state)
{
    (void)state;
    once_close();
    addresses_close();
    addresses_open();
    return 0;
}

/* asked: whether finding `id` about endpoint `end` of a connection between these is reported; *f is what it became. */
static bool asked(struct tcpfsm_finding *f, unsigned id, unsigned end, uint32_t client, uint32_t server, uint16_t port, uint32_t frame)
{
    const struct connections_event e = {.ends = {{client, server}, {40000, port}}, .frame = frame};
    *f = (struct tcpfsm_finding){.id = (uint8_t)id, .end = (uint8_t)end};
    return once_finding(&e, f);
}

/* The 20th different address and port that refuses is a scan, and nothing after it is reported. */
static void twenty_refusals_are_a_scan(void **state)
{
    (void)state;
    struct tcpfsm_finding f;
    uint32_t a = ip4(10, 1), b = ip4(10, 2);
    for (uint16_t i = 1; i <= ONCE_SCAN - 1; i++) {
        assert_true(asked(&f, TCPFSM_FINDING_RST_REFUSED, 1, a, b, i, 100u + i));
        assert_int_equal(f.id, TCPFSM_FINDING_RST_REFUSED);
        assert_true(asked(&f, TCPFSM_FINDING_RST_REFUSED, 1, a, b, 1, 100u + i));    /* the same port again counts once */
        assert_int_equal(f.id, TCPFSM_FINDING_RST_REFUSED);
    }
    assert_true(asked(&f, TCPFSM_FINDING_RST_REFUSED, 1, a, b, ONCE_SCAN, 200));
    assert_int_equal(f.id, TCPFSM_FINDING_SCAN);
    assert_int_equal(f.count, 20);
    assert_int_equal(f.end, 0);
    assert_int_equal(f.frame, 101);
    assert_false(asked(&f, TCPFSM_FINDING_RST_REFUSED, 1, a, b, 99, 201));
    assert_true(asked(&f, TCPFSM_FINDING_RST_REFUSED, 1, a, b, 99, 200));            /* the frame number was given back */
    assert_true(asked(&f, TCPFSM_FINDING_RST_REFUSED, 1, b, a, 99, 202));            /* another host */
}

static void a_probe_is_reported_once(void **state)
{
    (void)state;
    struct tcpfsm_finding f;
    uint32_t a = ip4(10, 1), b = ip4(10, 2);
    assert_true(asked(&f, TCPFSM_FINDING_RST_PROBE, 0, a, b, 80, 5));
    assert_false(asked(&f, TCPFSM_FINDING_RST_PROBE, 0, a, b, 81, 6));
    assert_true(asked(&f, TCPFSM_FINDING_RST_PROBE, 1, a, b, 81, 7));
    assert_true(asked(&f, TCPFSM_FINDING_RST_ABORT, 0, a, b, 81, 8));
}

static void nothing_forges_on_a_loopback(void **state)
{
    (void)state;
    struct tcpfsm_finding f;
    static const char six[16] = {[15] = 1}, other[16] = {[15] = 2};
    uint32_t a = ip4(127, 1), b = ip4(127, 9), c = ip4(126, 1), d = ip4(128, 1);
    uint32_t e = host(six, AT_IPv6, 16), g = host(other, AT_IPv6, 16);
    assert_false(asked(&f, TCPFSM_FINDING_RST_FORGED, 0, a, b, 80, 1));
    assert_false(asked(&f, TCPFSM_FINDING_RST_FORGED, 0, e, e, 80, 1));
    assert_true(asked(&f, TCPFSM_FINDING_RST_FORGED, 0, a, c, 80, 1));
    assert_true(asked(&f, TCPFSM_FINDING_RST_FORGED, 0, d, a, 80, 1));
    assert_true(asked(&f, TCPFSM_FINDING_RST_FORGED, 0, g, e, 80, 1));
}

static void addresses_are_kept_once(void **state)
{
    (void)state;
    static const char six[16] = {[0] = 10, [3] = 1};
    uint32_t a = ip4(10, 1);
    for (unsigned i = 0; i < 1000; i++)
        ip4((uint8_t)(i >> 4), (uint8_t)i);
    assert_int_equal(ip4(10, 1), a);
    assert_int_not_equal(host(six, AT_IPv6, 16), a);        /* the same first bytes, another type */
    assert_int_not_equal(host(six, AT_ETHER, 6), host(six, AT_IPv6, 16));
    address back;
    addresses_get(a, &back);
    assert_true(back.type == AT_IPv4 && back.len == 4 && ((const uint8_t *)back.data)[3] == 1);
    assert_true(addresses_is(a, &back));
    assert_true(addresses_hash(&back, 1) != addresses_hash(&back, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(twenty_refusals_are_a_scan, begin), cmocka_unit_test_setup(a_probe_is_reported_once, begin),
        cmocka_unit_test_setup(nothing_forges_on_a_loopback, begin), cmocka_unit_test_setup(addresses_are_kept_once, begin)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
