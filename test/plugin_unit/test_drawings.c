/* test_drawings.c: what the reports share: files of drawings, rungs of a ladder.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"
#include "moment.h"
#include "reports/rungs.h"
#include "reports/svg.h"

static char *folder;

static int begin(void **state)
{
    (void)state;
    folder = g_dir_make_tmp("tcpfsm-unit-XXXXXX", NULL);
    return folder ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    GDir *d = g_dir_open(folder, 0, NULL);
    const char *name;
    unsigned left = 0;
    while ((name = g_dir_read_name(d))) {
        char *path = g_build_filename(folder, name, NULL);
        g_remove(path);
        g_free(path);
        left++;
    }
    g_dir_close(d);
    g_rmdir(folder);
    g_free(folder);
    return left <= 2 ? 0 : -1;      /* no temporary file stays behind */
}

static char *claim(const char *name)
{
    char *path = g_build_filename(folder, name, NULL), *wrong = NULL, *claimed = svg_claim(path, &wrong);
    assert_true(!claimed == !!wrong);
    g_free(wrong);
    g_free(path);
    return claimed;
}

static void a_file_is_claimed_once(void **state)
{
    (void)state;
    char *a = claim("a.svg");
    assert_non_null(a);
    assert_null(claim("a.svg"));
    assert_null(claim("./a.svg"));
    assert_null(claim("no/such/folder/a.svg"));
    assert_null(claim("."));
    assert_false(g_file_test(a, G_FILE_TEST_EXISTS));
    svg_release(a);
    a = claim("a.svg");
    assert_non_null(a);
    svg_release(a);
}

static void a_file_is_replaced_whole(void **state)
{
    (void)state;
    char *text, *a = claim("b.svg");
    g_file_set_contents(a, "before", -1, NULL);
    g_chmod(a, 0640);
    GString *drawing = svg_begin(10, 20, "a < b");
    svg_text(drawing, 1, 2, 3, "t", "end", "\"&\"");
    char *wrong = svg_save(a, drawing);
    assert_null(wrong);
    assert_true(g_file_get_contents(a, &text, NULL, NULL));
    assert_true(g_str_has_prefix(text, "<svg") && g_str_has_suffix(text, "</svg>\n"));
    assert_non_null(strstr(text, "<title>a &lt; b</title>"));
    assert_non_null(strstr(text, "x=\"2.0\" y=\"3.0\" class=\"t\" text-anchor=\"end\">&quot;&amp;&quot;<"));
    GStatBuf status;
    assert_true(g_stat(a, &status) == 0 && (status.st_mode & 0777) == 0640);
    g_free(text);
    svg_release(a);
}

static void an_open_file_is_seen(void **state)
{
    (void)state;
    char *a = claim("c.svg");
    g_file_set_contents(a, "x", -1, NULL);
    assert_false(svg_open_here(a));
    FILE *f = g_fopen(a, "r");
    assert_true(svg_open_here(a));
    assert_null(claim("c.svg"));
    fclose(f);
    svg_release(a);
}

/* rung: a segment of endpoint `from`. */
static struct rung rung(uint32_t frame, unsigned from, uint32_t seq, uint32_t len, unsigned flags, uint32_t ack)
{
    return (struct rung){.frame = frame, .from = (uint8_t)from, .seq = seq, .len = len, .flags = (uint16_t)flags, .ack = ack};
}

static void what_is_sent_again_is_lost_unless_answered(void **state)
{
    (void)state;
    struct rung g[] = {rung(1, 0, 100, 10, TCPFSM_ACK, 1), rung(2, 0, 100, 10, TCPFSM_ACK, 1), rung(3, 1, 1, 0, TCPFSM_ACK, 110),
                       rung(4, 1, 1, 0, TCPFSM_ACK, 100),  rung(5, 0, 100, 10, TCPFSM_ACK, 1), rung(6, 1, 1, 0, TCPFSM_ACK, 109),
                       rung(7, 0, 100, 10, TCPFSM_ACK, 1)};
    rungs_sort(g, array_length(g));
    assert_int_equal(g[0].copy_of, 0);
    assert_true(g[0].lost && g[1].copy_of == 1);
    assert_true(!g[1].lost && g[4].copy_of == 2);       /* 110 came between, though a lower one came after it */
    assert_true(g[4].lost && g[6].copy_of == 5);        /* 109 does not cover the last octet */
    assert_false(g[6].lost);
    assert_int_equal(g[0].seq, 1);
}

/* A copy is looked for among the 999 rungs before. */
static void a_copy_lies_near(void **state)
{
    (void)state;
    for (unsigned distance = 999; distance <= 1000; distance++) {
        struct rung *g = g_new0(struct rung, distance + 1);
        for (unsigned i = 0; i <= distance; i++)
            g[i] = rung(i + 1, 0, 100 + i * 10, 10, TCPFSM_ACK, 1);
        g[distance].seq = 100;
        rungs_sort(g, distance + 1);
        assert_int_equal(g[distance].copy_of, distance < 1000 ? 1 : 0);
        g_free(g);
    }
}

static void numbers_are_relative_and_gaps_are_marked(void **state)
{
    (void)state;
    struct rung g[] = {rung(3, 0, 1101, 5, TCPFSM_ACK, 5001), rung(1, 0, 1000, 0, TCPFSM_SYN, 0), rung(2, 1, 5000, 0, TCPFSM_SYN | TCPFSM_ACK, 1001)};
    rungs_sort(g, array_length(g));
    assert_int_equal(g[0].frame, 1);
    assert_int_equal(g[0].seq, 0);
    assert_int_equal(g[1].ack, 1);
    assert_int_equal(g[2].seq, 101);
    assert_int_equal(g[2].missed, 100);
    assert_int_equal(g[2].ack, 1);
    g[0].order = MOMENT_QUOTE;
    wmem_allocator_t *pool = NULL;
    char *text = (char *)(uintptr_t)rungs_segment(pool, &g[2]);
    assert_string_equal(text, "<SEQ=101><ACK=1><DATA=5><CTL=ACK>");
    g_free(text);
    assert_string_equal(rungs_segment(pool, &g[0]), "(ICMP error)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_claimed_once), cmocka_unit_test(a_file_is_replaced_whole), cmocka_unit_test(an_open_file_is_seen),
        cmocka_unit_test(what_is_sent_again_is_lost_unless_answered), cmocka_unit_test(a_copy_lies_near),
        cmocka_unit_test(numbers_are_relative_and_gaps_are_marked)};
    return cmocka_run_group_tests(tests, begin, end);
}
