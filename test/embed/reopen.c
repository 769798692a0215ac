/* reopen.c: opens, dissects in two passes and closes captures again and again, with preferences changed in between, and watches the heap.
 *
 *   reopen ROUNDS [--without] [--leak] CAPTURE ...     prints by how many bytes the heap grew after the first ROUNDS / 4 rounds
 *
 * --without leaves the plugin out: Wireshark's own growth (name resolution), to compare with. --leak loses 32 bytes a capture, to show that it would be seen.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "embed.h"

#include <malloc.h>
#include <string.h>

/* changed: a round dissects all captures after each of these, so that all rounds are alike. */
static const char *const changed[] = {"tcpfsm.time_wait:30", "tcpfsm.rst_validation:rfc793", "tcpfsm.vantage:client", "tcpfsm.info_column:TRUE",
                                      "tcpfsm.time_wait:60", "tcpfsm.rst_validation:rfc5961", "tcpfsm.vantage:auto", "tcpfsm.info_column:FALSE"};

/* in_use: bytes of the heap that are allocated. */
static long in_use(void)
{
    struct mallinfo2 m = mallinfo2();
    return (long)(m.uordblks + m.hblkhd);
}

/* lose: what the test must notice. Its result is written to memory that nothing reads. */
static void lose(void)
{
    void *volatile lost = malloc(32);
    (void)lost;
}

/* round_of: every capture once for each preference. */
static void round_of(const struct embed_capture *capture, unsigned captures, bool with_plugin, bool leak)
{
    for (unsigned set = 0; set < array_length(changed); set++) {
        if (with_plugin)
            embed_set(changed[set]);
        for (unsigned i = 0; i < captures; i++) {
            embed_dissect(&capture[i], NULL, NULL);
            if (leak)
                lose();
        }
    }
}

int main(int argc, char **argv)
{
    bool with_plugin = true, leak = false;
    int first = 2;
    for (; first < argc && argv[first][0] == '-'; first++) {
        with_plugin = with_plugin && strcmp(argv[first], "--without") != 0;
        leak = leak || strcmp(argv[first], "--leak") == 0;
    }
    long rounds = argc > first ? strtol(argv[1], NULL, 10) : 0;
    if (rounds < 4) {
        fprintf(stderr, "usage: reopen ROUNDS [--without] [--leak] CAPTURE ...    (at least 4 rounds)\n");
        return 2;
    }
    setenv("WIRESHARK_DEBUG_WMEM_OVERRIDE", "simple", 1);   /* each allocation on its own */
    embed_start(with_plugin);
    unsigned captures = (unsigned)(argc - first);
    struct embed_capture *capture = g_new(struct embed_capture, captures);
    for (unsigned i = 0; i < captures; i++)
        capture[i] = embed_load(argv[first + (int)i]);
    long level = 0;
    for (long round = 1; round <= rounds; round++) {
        round_of(capture, captures, with_plugin, leak);
        if (round == rounds / 4)
            level = in_use();
    }
    printf("%ld\n", in_use() - level);
    for (unsigned i = 0; i < captures; i++)
        embed_free(&capture[i]);
    g_free(capture);
    epan_cleanup();
    wtap_cleanup();
    return 0;
}
