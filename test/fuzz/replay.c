/* replay.c: runs the fuzz target over files, for compilers without libFuzzer. The corpus is replayed this way in every test run.
 *
 *     fuzz_replay FILE...        exit status 0, 2 if a file cannot be read; a broken promise aborts
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *path)
{
    enum { LARGEST = 1 << 20 };
    FILE *f = fopen(path, "rb");
    uint8_t *data = malloc(LARGEST);
    if (!f || !data) {
        fprintf(stderr, "%s: cannot be read\n", path);
        free(data);
        if (f)
            fclose(f);
        return 2;
    }
    size_t size = fread(data, 1, LARGEST, f);
    fclose(f);
    fprintf(stderr, "%s\n", path); /* before the run: if it aborts, this was it */
    uint8_t *exact = malloc(size ? size : 1); /* so that the sanitizer sees a read beyond the end */
    if (exact) {
        for (size_t i = 0; i < size; i++)
            exact[i] = data[i];
        LLVMFuzzerTestOneInput(exact, size);
    }
    free(exact);
    free(data);
    return 0;
}

int main(int argc, char **argv)
{
    int status = 0;
    if (argc < 2) {
        fprintf(stderr, "usage: fuzz_replay FILE...\n");
        return 2;
    }
    for (int i = 1; i < argc; i++)
        if (replay(argv[i]))
            status = 2;
    fprintf(stderr, "%d files replayed\n", argc - 1);
    return status;
}
