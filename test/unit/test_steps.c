/* test_steps.c: keeps true the table in internal.h that leads from a step of RFC 9293 section 3.10.7 to a file and a
 * function.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "play.h"

#include <stdio.h>
#include <string.h>

static char text[65536];

static const char *source(const char *file)
{
    char path[512];
    FILE *f;

    snprintf(path, sizeof path, "%s/%s", ENGINE_FOLDER, file);
    f = fopen(path, "r");
    if (!f)
        fail_msg("internal.h names %s, which is no file", file);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    return text;
}

/* The head comment names the step with this file and function, and that file defines that function. */
static void step(const char *name, const char *file, const char *function)
{
    const char *head = source("internal.h"), *at = strstr(head, name), *end = strstr(head, "*/");
    char definition[128];

    if (!at || at > end || !(at = strstr(at, file)) || at > end || !(at = strstr(at, function)) || at > end)
        fail_msg("internal.h does not lead from %s to %s, %s", name, file, function);
    snprintf(definition, sizeof definition, "%s(struct tcpfsm_visit *v", function);
    at = strstr(source(file), definition);
    while (at && strchr(at, '{') > strchr(at, ';'))
        at = strstr(at + 1, definition);
    if (!at)
        fail_msg("%s does not define %s", file, function);
}

static void the_map_names_functions_that_exist(void **unused)
{
    (void)unused;
    step("first, sequence number", "numbers.c", "tcpfsm_read");
    step("second, RST", "reset.c", "tcpfsm_reset");
    step("fourth, SYN", "open.c", "tcpfsm_open_arrives");
    step("on a live one", "reuse.c", "tcpfsm_reuse");
    step("fifth, ACK of the SYN", "open.c", "tcpfsm_open_arrives");
    step("fifth, ACK of the FIN", "close.c", "tcpfsm_close_arrives");
    step("eighth, FIN", "close.c", "tcpfsm_close_arrives");
    step("3.10.8, timeouts", "clock.c", "tcpfsm_clock");
}

SCENARIO(each_step_moves_the_state_as_it_says)
{
    client(SYN);
    server(SYN | ACK);                      path(CLIENT, "SYN_SENT ESTABLISHED");           /* fourth */
    client(ACK);                            path(SERVER, "SYN_RECEIVED ESTABLISHED");       /* fifth, ACK of the SYN */
    client(ACK, .len = 10);
    server(ACK);
    client(ACK, .seq = AT(0x60000000), .len = 1, .forged = true);  path(SERVER, "");        /* first: not acceptable */
    server(RST, .ahead = 900000000, .forged = true);                path(CLIENT, "");
    client(FIN | ACK);                      path(SERVER, "ESTABLISHED CLOSE_WAIT");         /* eighth */
    server(ACK);                            path(CLIENT, "FIN_WAIT_1 FIN_WAIT_2");          /* fifth, ACK of the FIN */
    server(FIN | ACK);                      path(CLIENT, "FIN_WAIT_2 TIME_WAIT");
    client(ACK);                            path(SERVER, "LAST_ACK CLOSED");
    wait_ms(61 * SECOND);
    client(SYN, .seq = AT(90000));          new_connection();                               /* 3.10.8, then a SYN */
}

SCENARIO(second_the_rst_bit)
{
    open_connection();
    client(RST | ACK);                      path(SERVER, "ESTABLISHED CLOSED");
}

int main(void)
{
    const struct CMUnitTest tests[] = { T(the_map_names_functions_that_exist),
        T(each_step_moves_the_state_as_it_says), T(second_the_rst_bit) };

    return RUN(tests);
}
