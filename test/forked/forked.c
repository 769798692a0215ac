/* forked.c: preloaded into tshark, makes one that has started answer many command lines, each in a copy of itself made
 * by fork().
 *
 * Starting tshark takes a quarter of a second and more, nearly all for loading plugins and registering dissectors;
 * reading one of the project's captures takes milliseconds. So where tshark looks at its first option, this does what
 * comes next in any case, wtap_init() and epan_init(), and waits. For each command line that comes over the socket
 * TCPFSM_FORKED names by number, a child goes on and finds that command line instead of its own; the initializations it
 * then comes to are done already. What runs is tshark's own code, in a process of its own, from the first option to the
 * exit. test/shark.py is the other end.
 *
 * A request is one message: the arguments, each ended by a null byte, and two descriptors, for standard output and
 * standard error. The answer is the status that wait() gives, an int. -G and arguments that are no options are not
 * understood, and -X comes too late. epan_cleanup() is left out: giving back piece by piece what the child shares with
 * its parent means copying that first, which takes as long as all the rest.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define STAND_IN __attribute__((visibility("default")))

enum { REQUEST_MAX = 128 * 1024, ARGUMENTS_MAX = 4096, DESCRIPTORS = 2 };

static char request[REQUEST_MAX];
static char *arguments[ARGUMENTS_MAX + 1];      /* those of the request, behind tshark's name */
static int arguments_count;

/* fail: one line on stderr, and out. */
static void fail(const char *what)
{
    perror(what);
    _exit(2);
}

/* real: the function of this name that is stood in for. */
static void *real(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    if (!found)
        fail(name);
    return found;
}

/* once: what an initialization returned; it is done at the first call. Its arguments, whatever the version of Wireshark
 * says they are, are passed on in the registers they came in. */
static uintptr_t once(const char *name, uintptr_t a, uintptr_t b, uintptr_t c, bool *done, uintptr_t *result)
{
    uintptr_t (*function)(uintptr_t, uintptr_t, uintptr_t);
    if (!*done) {
        *(void **)&function = real(name);
        *result = function(a, b, c);
        *done = true;
    }
    return *result;
}

STAND_IN uintptr_t wtap_init(uintptr_t with_plugins)
{
    static bool done;
    static uintptr_t result;
    return once("wtap_init", with_plugins, 0, 0, &done, &result);
}

STAND_IN uintptr_t epan_init(uintptr_t callback, uintptr_t data, uintptr_t with_plugins)
{
    static bool done;
    static uintptr_t result;
    return once("epan_init", callback, data, with_plugins, &done, &result);
}

/* receive: the next request, its length in bytes; its descriptors in `out`. 0: the other end is closed. */
static size_t receive(int connection, int out[DESCRIPTORS])
{
    union {
        char bytes[CMSG_SPACE(sizeof(int) * DESCRIPTORS)];
        struct cmsghdr aligned;
    } control;
    struct iovec part = {request, sizeof request};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    ssize_t length = recvmsg(connection, &message, 0);
    if (length < 0)
        fail("forked: recvmsg");
    if (length == 0)
        return 0;
    const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    bool whole = !(message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) && request[length - 1] == '\0';
    if (!whole || !header || header->cmsg_type != SCM_RIGHTS)
        fail("forked: not a request");
    memcpy(out, CMSG_DATA(header), sizeof(int) * DESCRIPTORS);
    return (size_t)length;
}

/* become: in a child: the arguments are those of the request, and output goes where the request says. */
static void become(size_t length, const int out[DESCRIPTORS])
{
    arguments_count = 1;
    for (char *at = request; at < request + length; at += strlen(at) + 1) {
        if (arguments_count == ARGUMENTS_MAX)
            fail("forked: too many arguments");
        arguments[arguments_count++] = at;
    }
    if (dup2(out[0], STDOUT_FILENO) < 0 || dup2(out[1], STDERR_FILENO) < 0)
        fail("forked: dup2");
    prctl(PR_SET_PDEATHSIG, SIGKILL);   /* whoever ends the server ends what it is doing */
}

/* serve: answers requests, one after the other. Returns in a child that is to go on as tshark; the server itself ends
 * here. */
static void serve(int connection)
{
    int out[DESCRIPTORS], status;
    size_t length;
    while ((length = receive(connection, out)) > 0) {
        pid_t child = fork();
        if (child < 0)
            fail("forked: fork");
        if (child == 0) {
            close(connection);
            become(length, out);
        }
        close(out[0]);
        close(out[1]);
        if (child == 0)
            return;
        if (waitpid(child, &status, 0) < 0 || send(connection, &status, sizeof status, MSG_NOSIGNAL) < 0)
            fail("forked: an answer");
    }
    _exit(0);
}

STAND_IN void epan_cleanup(void)
{
    void (*function)(void);
    *(void **)&function = real("epan_cleanup");
    if (!arguments_count)
        function();
}

STAND_IN int ws_getopt_long(int argc, char *const argv[], const char *options, const void *long_options, int *index)
{
    static int (*function)(int, char *const *, const char *, const void *, int *);
    const char *number = getenv("TCPFSM_FORKED");
    if (!function)
        *(void **)&function = real("ws_getopt_long");
    if (!number)
        return function(argc, argv, options, long_options, index);
    if (!arguments_count) {
        wtap_init(1);
        epan_init(0, 0, 1);
        arguments[0] = argv[0];
        unsetenv("LD_PRELOAD");         /* programs that tshark starts are started as ever */
        serve(atoi(number));
    }
    return function(arguments_count, arguments, options, long_options, index);
}
