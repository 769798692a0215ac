/* test_arguments.c: what follows the name of a report.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"
#include "reports/arguments.h"

struct memory {
    unsigned word;
    uint32_t number, first;
    int64_t seconds;
    char *address, *file, *filter;
};

static const char *const words[] = {"text", "csv", NULL};
#define AT(member) .at = offsetof(struct memory, member)
static const struct arguments_option keyed[] = {
    {.key = "format", .type = ARGUMENTS_WORD, AT(word), .words = words, .wrong = "word"},
    {.key = "frame", .type = ARGUMENTS_NUMBER, AT(number), .low = 1, .excludes = "at", .wrong = "number"},
    {.key = "at", .type = ARGUMENTS_SECONDS, AT(seconds), .excludes = "frame", .wrong = "seconds"},
    {.key = "host", .type = ARGUMENTS_ADDRESS, AT(address), .wrong = "address"},
    {.type = ARGUMENTS_FILTER, AT(filter), .wrong = "filter"}};
static const struct arguments_option placed[] = {
    {.type = ARGUMENTS_NUMBER, AT(first), .wrong = "one number", .missing = "it is missing"}, {.key = "svg", .type = ARGUMENTS_FILE, AT(file), .wrong = "file"}};

static struct memory m;

static void forget(void)
{
    g_free(m.address);
    g_free(m.file);
    g_free(m.filter);
    memset(&m, 0, sizeof m);
}

static void accepts(const struct arguments_option *table, unsigned n, const char *text)
{
    forget();
    char *wrong = arguments_read(table, n, text, &m);
    assert_null(wrong);
}

static void refuses(const struct arguments_option *table, unsigned n, const char *text, const char *why)
{
    forget();
    char *wrong = arguments_read(table, n, text, &m);
    assert_non_null(wrong);
    assert_non_null(strstr(wrong, why));
    g_free(wrong);
}

#define KEYED(text) accepts(keyed, array_length(keyed), text)
#define PLACED(text) accepts(placed, array_length(placed), text)
#define NOT_KEYED(text, why) refuses(keyed, array_length(keyed), text, why)
#define NOT_PLACED(text, why) refuses(placed, array_length(placed), text, why)

static void values_are_read(void **state)
{
    (void)state;
    KEYED("");
    KEYED(",format=csv,frame=1,host=::1");
    assert_int_equal(m.word, 1);
    assert_int_equal(m.number, 1);
    assert_string_equal(m.address, "::1");
    KEYED(",frame=4294967294");
    assert_int_equal(m.number, 4294967294u);
    KEYED(",at=2.5");
    assert_true(m.seconds == 2500000000);
    KEYED(",at=1e9");
    assert_true(m.seconds == 1000000000000000000);
    KEYED(",host=10.0.0.1");
    assert_string_equal(m.address, "10.0.0.1");
    KEYED(",host=2001:DB8:0::1");
    assert_string_equal(m.address, "2001:db8::1");
    PLACED(",0");
    PLACED(",7,svg=a,b.svg");
    assert_int_equal(m.first, 7);
    assert_string_equal(m.file, "a,b.svg");
    PLACED(",8");
    assert_null(m.file);
}

static void a_filter_may_hold_commas(void **state)
{
    (void)state;
    KEYED(",tcp.port in {80, 443},format=csv");
    assert_string_equal(m.filter, "tcp.port in {80, 443}");
    assert_int_equal(m.word, 1);
    KEYED(",format=csv,ip.addr==1.2.3.4,frame=3,host=::1");
    assert_string_equal(m.filter, "ip.addr==1.2.3.4");
    assert_int_equal(m.number, 3);
    KEYED(",format==1");
    assert_string_equal(m.filter, "format==1");
    NOT_KEYED(",tcp,format=xml", "word");
}

static void wrong_ones_are_named(void **state)
{
    (void)state;
    NOT_KEYED("x", "no such report");
    NOT_KEYED(",", "missing after the comma");
    NOT_KEYED(",format=csv,", "missing after the comma");
    NOT_KEYED(",format=xml", "word");
    NOT_KEYED(",frame=0", "number");
    NOT_KEYED(",frame=4294967295", "number");
    NOT_KEYED(",frame=-1", "number");
    NOT_KEYED(",at=", "seconds");
    NOT_KEYED(",at=-1", "seconds");
    NOT_KEYED(",at=nan", "seconds");
    NOT_KEYED(",at=1000000001", "seconds");
    NOT_KEYED(",at=1x", "seconds");
    NOT_KEYED(",host=10.0.0.256", "address");
    NOT_KEYED(",colour=red", "no such argument");
    NOT_KEYED(",format=csv,format=csv", "format is given twice");
    NOT_KEYED(",format=csv,tcp,format=csv", "format is given twice");
    NOT_KEYED(",at=1,frame=2", "at and frame exclude each other");
    NOT_KEYED(",frame=2,at=1", "exclude each other");
    NOT_PLACED("", "it is missing");
    NOT_PLACED(",svg=a", "it is missing");
    NOT_PLACED(",1,2", "one number");
    NOT_PLACED(",x", "one number");
    NOT_PLACED(",1,svg=", "no such argument");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(values_are_read), cmocka_unit_test(a_filter_may_hold_commas), cmocka_unit_test(wrong_ones_are_named)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
