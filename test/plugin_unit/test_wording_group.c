/* test_wording_group.c: sentences of several findings, and the expressions that know them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"
#include "addresses.h"
#include "wording_group.h"

#include <epan/address_types.h>
#include <stdio.h>

static struct view view;

/* Wireshark's own types of addresses are known after epan_init() only: this one is of the test, written as IPv4 is. */
static int text(const address *a, gchar *out, int size)
{
    const uint8_t *p = (const uint8_t *)a->data;
    return snprintf(out, (size_t)size, "%u.%u.%u.%u", p[0], p[1], p[2], p[3]) + 1;
}

static int length(const address *a)
{
    (void)a;
    return sizeof "255.255.255.255";
}

static int begin(void **state)
{
    static int type;
    address a;
    if (!type)
        type = address_type_dissector_register("TEST", "of this test", text, length, NULL, NULL, NULL, NULL, NULL);
    (void)state;
    addresses_close();
    addresses_open();
    for (unsigned end = 0; end < 2; end++) {
        set_address(&a, type, 4, end ? "\x0a\x00\x00\x02" : "\x0a\x00\x00\x01");
        view.ends.host[end] = addresses_intern(&a);
        view.ends.port[end] = end ? 80 : 40000;
    }
    return 0;
}

/* variants: how many wordings a finding has. */
static unsigned variants(unsigned id)
{
    unsigned n = 1;
    for (const char *p = wording_text(id); *p; p++)
        n += *p == '|';
    return n;
}

static struct tcpfsm_finding finding(unsigned id, unsigned detail)
{
    return (struct tcpfsm_finding){.id = (uint8_t)id,
                                   .end = 1,
                                   .detail = (uint8_t)detail,
                                   .state = TCPFSM_ESTABLISHED,
                                   .frame = 12,
                                   .other = 13,
                                   .count = 3,
                                   .time = 5 * (int64_t)SECOND,
                                   .size = 1460,
                                   .passed = 1000};
}

/* A group's sentence names no frame and leaves no placeholder, whatever the finding. */
static void test_no_frames(void **state)
{
    (void)state;
    for (unsigned id = 1; id < TCPFSM_FINDINGS; id++) {
        for (unsigned i = 0; i < variants(id) && wording_severity(id) > 1; i++) {
            struct tcpfsm_finding f = finding(id, i);
            const struct wording_group g = {.who = "server 10.0.0.2:80",
                                            .count = {3, 7},
                                            .time = {SECOND, 2 * (int64_t)SECOND},
                                            .states = TCPFSM_BIT(TCPFSM_ESTABLISHED)};
            char *said = (char *)(uintptr_t)wording_together(NULL, &f, &g);
            static const char *const wrong[] = {"frame", "%", "  ", " ,", "()"};
            for (unsigned w = 0; w < array_length(wrong); w++)
                if (strstr(said, wrong[w]))
                    fail_msg("%s: %s", tcpfsm_finding_name(id), said);
            wmem_free(NULL, said);
        }
    }
}

static void test_ranges(void **state)
{
    (void)state;
    wmem_allocator_t *pool = wmem_allocator_new(WMEM_ALLOCATOR_SIMPLE);
    struct tcpfsm_finding f = finding(TCPFSM_FINDING_HALF_OPEN_SYN, 0);
    struct wording_group g = {
        .who = "server 10.0.0.2:80", .count = {3, 7}, .time = {3 * (int64_t)SECOND, 21 * (int64_t)SECOND}};
    assert_string_equal(wording_together(pool, &f, &g), "No answer from server 10.0.0.2:80 to 3 to 7 SYNs in 3.0 s to "
                                                        "21.0 s: down, or the SYNs or answers are dropped");
    f = finding(TCPFSM_FINDING_RST_ABORT, 0);
    g.states = TCPFSM_BIT(TCPFSM_ESTABLISHED) | TCPFSM_BIT(TCPFSM_CLOSE_WAIT);
    g.silence[0] = g.silence[1] = 350 * (int64_t)SECOND;
    assert_string_equal(wording_together(pool, &f, &g), "Server 10.0.0.2:80 aborted the connection in different "
                                                        "states, by RST instead of FIN. Silence before: 350.0 s");
    wmem_destroy_allocator(pool);
}

/* The expression for a variant fits its own sentence and no other of that finding, and no other endpoint. */
static void test_patterns(void **state)
{
    (void)state;
    wmem_allocator_t *pool = wmem_allocator_new(WMEM_ALLOCATOR_SIMPLE);
    for (unsigned id = 1; id < TCPFSM_FINDINGS; id++) {
        for (unsigned i = 0; i < variants(id) && wording_severity(id) > 1; i++) {
            bool host = wording_of_host(id);
            const char *own = wording_pattern(pool, id, i, host ? "server 10.0.0.2" : "server 10.0.0.2:80");
            const char *other = wording_pattern(pool, id, i, host ? "server 10.0.0.3" : "server 10.0.0.2:8");
            for (unsigned j = 0; j < variants(id); j++) {
                struct tcpfsm_finding f = finding(id, j);
                const char *said = wording_sentence(pool, &view, &f);
                if (g_regex_match_simple(own, said, G_REGEX_CASELESS, 0) != (i == j) ||
                    g_regex_match_simple(other, said, G_REGEX_CASELESS, 0))
                    fail_msg("%s, variant %u: %s against %s", tcpfsm_finding_name(id), i, own, said);
                assert_null(strpbrk(own, "\"\\"));
            }
        }
    }
    wmem_destroy_allocator(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup(test_no_frames, begin),
                                       cmocka_unit_test_setup(test_ranges, begin),
                                       cmocka_unit_test_setup(test_patterns, begin)};
    wmem_init();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    addresses_close();
    return failed;
}
