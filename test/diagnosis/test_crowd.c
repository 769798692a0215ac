/* test_crowd.c: scans and floods, and crowds that are neither.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "crowd.h"
#include "stage.h"

static struct diagnosis_source source;
static struct diagnosis_service service;
static struct tcpfsm_finding f;

/* hash: of the n-th address and port. */
static uint32_t hash(uint32_t n) { return n * 2654435761u ^ n << 7; }

static bool syn(uint32_t n, uint32_t frame, int64_t time, bool whole)
{
    struct tcpfsm_segment s = { .time = time, .frame = frame };

    return diagnosis_service(&service, DIAGNOSIS_OPENED, hash(n), &s, whole, SERVER, &f);
}

static void happens(enum diagnosis_event event, uint32_t frame, int64_t time)
{
    struct tcpfsm_segment s = { .time = time, .frame = frame };

    assert_false(diagnosis_service(&service, event, 0, &s, true, SERVER, &f));
}

/* load: n SYNs, 5 ms apart, of `clients` clients, of which each `answered`-th is answered and each `completed`-th
 * completed; 0: none. True if it is a flood. */
static bool load(uint32_t n, uint32_t clients, uint32_t answered, uint32_t completed, bool whole)
{
    bool flood = false;

    memset(&service, 0, sizeof service);
    for (uint32_t i = 1; i <= n; i++) {
        flood |= syn(i % clients, i, SECONDS(50) + MS(5) * i, whole);
        if (answered && i % answered == 0)
            happens(DIAGNOSIS_ANSWERED, i, SECONDS(50) + MS(5) * i);
        if (completed && i % completed == 0)
            happens(DIAGNOSIS_COMPLETED, i, SECONDS(50) + MS(5) * i);
    }
    return flood;
}

static void floods(void **state)
{
    (void)state;
    assert_true(load(300, 300, 1, 0, true));
    assert_int_equal(f.id, TCPFSM_FINDING_FLOOD);
    assert_int_equal(f.count, FLOOD_ANSWERED);
    assert_int_equal(f.detail, 0);
    assert_false(load(250, 250, 0, 0, true));   /* nobody answers: it may be down; */
    assert_true(load(1500, 1500, 0, 0, true));  /* so many it takes then */
    assert_int_equal(f.detail, 1);
    assert_false(load(1500, 3, 0, 0, true));    /* from a few clients it is a dead service */
    assert_false(load(1500, 1500, 1, 1, true)); /* load */
    assert_false(load(1500, 1500, 0, 0, false)); /* a capture of SYNs only */
}

static void a_slow_crowd_is_no_flood(void **state)
{
    (void)state;
    memset(&service, 0, sizeof service);
    for (uint32_t i = 1; i <= 3000; i++)
        assert_false(syn(i, i, MS(100) * i, true)); /* 100 in ten seconds */
}

static void a_flood_is_said_once(void **state)
{
    unsigned said = 0;

    (void)state;
    memset(&service, 0, sizeof service);
    for (uint32_t i = 1; i <= 20000; i++)
        said += syn(i, i, MS(1) * i, true);
    assert_int_equal(said, 1);
    f.id = TCPFSM_FINDING_HALF_OPEN_SYN_ACK;
    assert_false(diagnosis_worth_in_flood(&service, 20001, &f));
    f.id = TCPFSM_FINDING_RST_ABORT;
    assert_true(diagnosis_worth_in_flood(&service, 20001, &f));
    memset(&service, 0, sizeof service);
    f.id = TCPFSM_FINDING_HALF_OPEN_SYN_ACK;
    assert_true(diagnosis_worth_in_flood(&service, 20001, &f));
}

/* ask: the source sends a SYN to its n-th target. */
static bool ask(uint32_t n, uint32_t frame)
{
    return diagnosis_source(&source, DIAGNOSIS_OPENED, hash(n), frame, CLIENT, &f);
}

static void silent_scans(void **state)
{
    bool said = false;

    (void)state;
    memset(&source, 0, sizeof source);
    for (uint32_t i = 1; i <= 60; i++)
        assert_false(ask(i, i));
    for (uint32_t i = 61; i <= 200; i++)
        said |= ask(i, i);
    assert_true(said);
    assert_int_equal(f.id, TCPFSM_FINDING_SCAN);
    assert_int_equal(f.frame, 1);
    assert_in_range(f.count, 83, 160);
}

static void a_busy_client_is_no_scanner(void **state)
{
    (void)state;
    memset(&source, 0, sizeof source);
    for (uint32_t i = 1; i <= 5000; i++) {
        assert_false(ask(i, i));
        diagnosis_source(&source, DIAGNOSIS_ANSWERED, hash(i), i, CLIENT, &f);
    }
    memset(&source, 0, sizeof source);
    for (uint32_t i = 1; i <= 5000; i++)
        assert_false(ask(i % 40, i)); /* the same forty dead services */
}

static void refusals(void **state)
{
    (void)state;
    memset(&source, 0, sizeof source);
    for (uint32_t i = 1; i <= 40; i++) {
        struct tcpfsm_finding refused = { .id = i % 2 ? TCPFSM_FINDING_RST_REFUSED : TCPFSM_FINDING_HALF_OPEN_SYN,
                                          .end = SERVER };
        bool worth = diagnosis_worth(&source, true, i, &refused);

        assert_int_equal(worth, i <= SCAN_REFUSALS);
        assert_int_equal(refused.id == TCPFSM_FINDING_SCAN, i == SCAN_REFUSALS);
        assert_int_equal(refused.end, i == SCAN_REFUSALS ? CLIENT : SERVER);
    }
}

static void probes(void **state)
{
    struct tcpfsm_finding probe = { .id = TCPFSM_FINDING_RST_PROBE };

    (void)state;
    memset(&source, 0, sizeof source);
    assert_true(diagnosis_worth(&source, false, 7, &probe));
    assert_true(diagnosis_worth(&source, false, 7, &probe)); /* that frame again */
    assert_false(diagnosis_worth(&source, false, 8, &probe));
}

static void probes_without_a_connection(void **state)
{
    (void)state;
    memset(&source, 0, sizeof source);
    for (uint32_t i = 1; i <= SCAN_REFUSALS + 3; i++) {
        struct tcpfsm_finding probe = { .id = TCPFSM_FINDING_RST_PROBE, .end = CLIENT, .detail = 2 };
        bool worth = diagnosis_worth(&source, true, i, &probe);

        assert_int_equal(worth, i == 1 || i == SCAN_REFUSALS);
        assert_int_equal(probe.id, i == SCAN_REFUSALS ? TCPFSM_FINDING_SCAN : TCPFSM_FINDING_RST_PROBE);
        assert_int_equal(probe.end, CLIENT);
    }
    memset(&source, 0, sizeof source);
    for (uint32_t i = 1; i <= SCAN_REFUSALS + 3; i++) { /* near miss: one address and port, again and again */
        struct tcpfsm_finding probe = { .id = TCPFSM_FINDING_RST_PROBE, .end = CLIENT, .detail = 2 };

        assert_int_equal(diagnosis_worth(&source, i == 1, i, &probe), i == 1);
        assert_int_equal(probe.id, TCPFSM_FINDING_RST_PROBE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(floods),       T(a_slow_crowd_is_no_flood),    T(a_flood_is_said_once),
        T(silent_scans), T(a_busy_client_is_no_scanner), T(refusals),
        T(probes),       T(probes_without_a_connection),
    };

    return RUN(tests);
}
