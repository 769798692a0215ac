/* test_once.c: what is reported once a host or a service; loopback addresses.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"
#include "addresses.h"
#include "engine/connection.h"
#include "once.h"

enum { SCAN = 20 };             /* so many different refusals are one */

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
    for (uint16_t i = 1; i <= SCAN - 1; i++) {
        assert_true(asked(&f, TCPFSM_FINDING_RST_REFUSED, 1, a, b, i, 100u + i));
        assert_int_equal(f.id, TCPFSM_FINDING_RST_REFUSED);
        assert_true(asked(&f, TCPFSM_FINDING_RST_REFUSED, 1, a, b, 1, 100u + i));    /* the same port again counts once */
        assert_int_equal(f.id, TCPFSM_FINDING_RST_REFUSED);
    }
    assert_true(asked(&f, TCPFSM_FINDING_RST_REFUSED, 1, a, b, SCAN, 200));
    assert_int_equal(f.id, TCPFSM_FINDING_SCAN);
    assert_int_equal(f.count, 20);
    assert_int_equal(f.end, 0);
    assert_int_equal(f.frame, 101);
    assert_false(asked(&f, TCPFSM_FINDING_RST_REFUSED, 1, a, b, 99, 201));
    assert_true(asked(&f, TCPFSM_FINDING_RST_REFUSED, 1, a, b, 99, 200));            /* the frame number was given back */
    assert_true(asked(&f, TCPFSM_FINDING_RST_REFUSED, 1, b, a, 99, 202));            /* another host */
}

/* taken: a segment of endpoint `from` between these, which begins a connection or not; *said: what is found. */
static void taken(struct diagnosis_result *said, uint32_t client, uint32_t server, uint16_t port, unsigned from, uint16_t flags, bool begin, uint32_t frame)
{
    struct tcpfsm_connection engine;
    const uint16_t ports[2] = {40000, port};
    const uint32_t hosts[2] = {client, server};
    const struct tcpfsm_segment s = {.frame = frame, .time = frame * (int64_t)1000000, .flags = flags, .from = (uint8_t)from};
    const struct tcpfsm_result r = {.changed = true};
    const struct connections_taken t = {&engine, hosts, ports, &s, &r, begin};
    memset(said, 0, sizeof *said);
    tcpfsm_open(&engine, false, ports);
    once_taken(&t, said);
}

/* SYNs from many addresses, nearly none answered, to one service: a flood, said once; its half-open handshakes are part of it. */
static void a_flood_is_reported_once_a_service(void **state)
{
    (void)state;
    struct diagnosis_result said;
    struct tcpfsm_finding f;
    uint32_t server = ip4(10, 2), frame = 1, floods = 0, at = 0;
    taken(&said, ip4(10, 1), server, 80, 0, TCPFSM_ACK, false, frame++);        /* more than SYNs was captured */
    for (unsigned i = 0; i < 1000; i++, frame++) {
        taken(&said, ip4((uint8_t)(20 + i / 200), (uint8_t)(i % 200)), server, 80, 0, TCPFSM_SYN, true, frame);
        for (unsigned j = 0; j < said.findings; j++) {
            assert_int_equal(said.finding[j].id, TCPFSM_FINDING_FLOOD);
            assert_int_equal(said.finding[j].end, 1);
            floods++;
            at = frame;
        }
    }
    assert_int_equal(floods, 1);
    assert_true(at >= 300);
    assert_false(asked(&f, TCPFSM_FINDING_HALF_OPEN_SYN_ACK, 1, ip4(10, 1), server, 80, frame));
    assert_true(asked(&f, TCPFSM_FINDING_HALF_OPEN_SYN_ACK, 1, ip4(10, 1), server, 81, frame));
    once_close();
    assert_true(asked(&f, TCPFSM_FINDING_HALF_OPEN_SYN_ACK, 1, ip4(10, 1), server, 80, frame));
}

/* SYNs to many ports, none answered: a scan, said once of the host that sends them. */
static void a_scan_is_reported_once_a_source(void **state)
{
    (void)state;
    struct diagnosis_result said;
    uint32_t client = ip4(10, 1), server = ip4(10, 2), scans = 0;
    for (uint16_t i = 1; i <= 500; i++) {
        taken(&said, client, server, i, 0, TCPFSM_SYN, true, i);
        for (unsigned j = 0; j < said.findings; j++) {
            assert_int_equal(said.finding[j].id, TCPFSM_FINDING_SCAN);
            assert_int_equal(said.finding[j].end, 0);
            assert_int_equal(said.finding[j].frame, 1);
            scans++;
        }
    }
    assert_int_equal(scans, 1);
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
        cmocka_unit_test_setup(a_flood_is_reported_once_a_service, begin), cmocka_unit_test_setup(a_scan_is_reported_once_a_source, begin),
        cmocka_unit_test_setup(nothing_forges_on_a_loopback, begin), cmocka_unit_test_setup(addresses_are_kept_once, begin)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
