/* mutate.c: fuzzing of whole captures: changes captures, dissects them with the plugin in two passes, and checks what the plugin shows.
 *
 *   mutate SEED SECONDS CAPTURE ...            changed captures one after the other, for so many seconds
 *   mutate SEED --only NUMBER CAPTURE ...      that one again, as a crash or a broken promise names it, telling what is shown
 *
 * The promises: every state shown is a state and is among the possible ones; `certain` means that there is one; both passes show the same, except for what
 * looks forward. A broken one aborts. To be built with sanitizers, which see the rest.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "embed.h"

#include <string.h>
#include <time.h>

static uint64_t state;          /* of the generator; set anew from seed and number for each changed capture */
static unsigned long number;    /* of the changed capture */
static long seed;
static bool told;               /* print what is shown, with --only */

/* draw: a number below `below`, which is not 0. */
static uint32_t draw(uint32_t below)
{
    state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = state;
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((z ^ z >> 31) % below);
}

/* broken: a promise was not kept. */
static void broken(const char *promise, unsigned frame)
{
    fflush(stdout);
    fprintf(stderr, "broken promise: %s, in frame %u of changed capture %lu (seed %ld)\n", promise, frame, number, seed);
    abort();
}

#if defined(__has_include)
#if __has_include(<sanitizer/common_interface_defs.h>)
#include <sanitizer/common_interface_defs.h>
#define HAVE_DEATH_CALLBACK 1
#endif
#endif

static void died(void)
{
    fprintf(stderr, "in changed capture %lu (seed %ld)\n", number, seed);
}

/* ---- what is shown ---- */

enum { SHOWN_STATES = 11, FRAMES_MAX = 4096 };

/* shown: what one layer of one frame shows of one end. */
struct shown {
    char state[16];
    unsigned possible;
    bool certain, has_certain, displayed_possible;
};

static uint64_t first_pass[FRAMES_MAX];

/* name_known: whether this is the name of a state. */
static bool name_known(const char *name)
{
    static const char *const names[SHOWN_STATES] = {"CLOSED", "LISTEN", "SYN_SENT", "SYN_RECEIVED", "ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2", "CLOSE_WAIT",
                                                    "CLOSING", "LAST_ACK", "TIME_WAIT"};
    for (unsigned i = 0; i < SHOWN_STATES; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/* end_check: the promises about one end of one layer, once all its items were seen. */
static void end_check(struct shown *s, unsigned frame)
{
    if (!s->state[0])
        return;
    if (!name_known(s->state))
        broken("a state is one of eleven", frame);
    if (s->has_certain && !s->displayed_possible)
        broken("the state shown is possible", frame);
    if (s->has_certain && s->certain != (s->possible == 1))
        broken("certain means that one state is possible", frame);
}

/* end_item: takes one item of an end: `what` is its name after "tcpfsm.client." or "tcpfsm.server.". */
static void end_item(struct shown *s, const char *what, const field_info *fi)
{
    fvalue_t *value = (fvalue_t *)compat_fvalue(fi);
    if (strcmp(what, "state") == 0)
        g_strlcpy(s->state, fvalue_get_string(value), sizeof s->state);
    if (strcmp(what, "possible") == 0) {
        s->possible++;
        s->displayed_possible = s->displayed_possible || strcmp(fvalue_get_string(value), s->state) == 0;
    }
    if (strcmp(what, "certain") == 0) {
        s->has_certain = true;
        s->certain = fvalue_get_uinteger64(value) != 0;
    }
}

/* mixed: a hash of all that was mixed into it. */
static uint64_t mixed(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (uint8_t)*text) * UINT64_C(0x100000001b3);
    return hash * 31;
}

/* looks_forward: whether a field tells of the whole connection: in the second pass it knows more. */
static bool looks_forward(const char *name)
{
    return strcmp(name, "tcpfsm.outcome") == 0 || strcmp(name, "tcpfsm.point") == 0 || strncmp(name, "tcpfsm.zeek.", 12) == 0;
}

/* check: the promises about one frame. */
static void check(unsigned frame, int pass, proto_tree *tree, void *context)
{
    struct shown end[2];
    uint64_t hash = 14695981039346656037u;
    GPtrArray *all = proto_all_finfos(tree);
    (void)context;
    memset(end, 0, sizeof end);
    for (unsigned i = 0; i < all->len; i++) {
        const field_info *fi = (const field_info *)g_ptr_array_index(all, i);
        const char *name = fi->hfinfo->abbrev;
        if (strcmp(name, "tcpfsm") == 0) {
            end_check(&end[0], frame);
            end_check(&end[1], frame);
            memset(end, 0, sizeof end);
        }
        if (strncmp(name, "tcpfsm.", 7) != 0)
            continue;
        if (strncmp(name + 7, "client.", 7) == 0 || strncmp(name + 7, "server.", 7) == 0)
            end_item(&end[name[7] == 's'], name + 14, fi);
        if (fi->hfinfo->type != FT_STRING || looks_forward(name))
            continue;
        if (told)
            printf("pass %d frame %u %s %s\n", pass, frame, name, fvalue_get_string((fvalue_t *)compat_fvalue(fi)));
        hash = mixed(mixed(hash, name), fvalue_get_string((fvalue_t *)compat_fvalue(fi)));
    }
    end_check(&end[0], frame);
    end_check(&end[1], frame);
    g_ptr_array_free(all, TRUE);
    if (frame >= FRAMES_MAX)
        return;
    if (pass == 1)
        first_pass[frame] = hash;
    else if (first_pass[frame] != hash)
        broken("both passes show the same", frame);
}

/* ---- what is changed ---- */

/* tcp_of: the TCP header of a packet of plain IPv4 in Ethernet, or NULL. */
static uint8_t *tcp_of(const struct embed_packet *p)
{
    if (p->encapsulation != WTAP_ENCAP_ETHERNET || p->captured < 54 || p->data[12] != 8 || p->data[13] != 0 || p->data[23] != 6)
        return NULL;
    unsigned at = 14 + (p->data[14] & 15u) * 4;
    return at + 20 <= p->captured ? p->data + at : NULL;
}

static void exchange(uint8_t *a, uint8_t *b, unsigned n)
{
    while (n--) {
        uint8_t kept = a[n];
        a[n] = b[n];
        b[n] = kept;
    }
}

/* header_change: something in a TCP header that matters to its receiver. */
static void header_change(struct embed_packet *p)
{
    static const int32_t steps[] = {-1, 1, 2, -2, 100, -100, 0x7fffffff, 65535, -65535, 1460};
    static const uint8_t flags[] = {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x11, 0x12, 0x14};
    uint8_t *tcp = tcp_of(p);
    if (!tcp)
        return;
    unsigned field = draw(2) ? 4 : 8;
    uint32_t value = (uint32_t)tcp[field] << 24 | (uint32_t)tcp[field + 1] << 16 | (uint32_t)tcp[field + 2] << 8 | tcp[field + 3];
    switch (draw(6)) {
    case 0: tcp[13] ^= flags[draw(array_length(flags))]; break;
    case 1: tcp[13] = flags[draw(array_length(flags))]; break;
    case 2:
    case 3:
        value += (uint32_t)steps[draw(array_length(steps))];
        for (unsigned i = 0; i < 4; i++)
            tcp[field + i] = (uint8_t)(value >> (24 - 8 * i));
        break;
    case 4:                     /* as if the other end had sent it */
        exchange(p->data + 26, p->data + 30, 4);
        exchange(tcp, tcp + 2, 2);
        break;
    default: tcp[12] = (uint8_t)(draw(16) << 4); break;
    }
}

/* insert: a copy of packet `from`, at place `at`. */
static void insert(struct embed_capture *c, const struct embed_packet *from, unsigned at)
{
    if (c->count + 1 >= FRAMES_MAX)
        return;
    struct embed_packet copy = *from;
    copy.data = (uint8_t *)g_malloc(copy.captured ? copy.captured : 1);
    memcpy(copy.data, from->data, copy.captured);
    c->packet = g_renew(struct embed_packet, c->packet, c->count + 1);
    memmove(c->packet + at + 1, c->packet + at, (c->count - at) * sizeof *c->packet);
    c->packet[at] = copy;
    c->count++;
}

/* drop: packet `at` goes. */
static void drop(struct embed_capture *c, unsigned at)
{
    g_free(c->packet[at].data);
    memmove(c->packet + at, c->packet + at + 1, (c->count - at - 1) * sizeof *c->packet);
    c->count--;
}

/* clock_change: the time of one packet, or of it and all after it, by a span that means something to TCP. */
static void clock_change(struct embed_capture *c, unsigned at)
{
    static const int64_t spans[] = {1, 500000, 3000000, 10000000, 1000000000, 11000000000, 61000000000, 240000000000, 86400000000000, -1000000, -5000000000};
    int64_t by = spans[draw(array_length(spans))];
    unsigned end = draw(2) ? c->count : at + 1;
    for (unsigned i = at; i < end; i++)
        c->packet[i].time += by;
}

/* change: one change somewhere in the capture; `other` is a capture to take packets from. */
static void change(struct embed_capture *c, const struct embed_capture *other)
{
    if (!c->count)
        return;
    unsigned at = draw(c->count);
    struct embed_packet *p = &c->packet[at], kept;
    switch (draw(12)) {
    case 0: drop(c, at); break;
    case 1: insert(c, p, at + 1); break;
    case 2: insert(c, p, draw(c->count + 1)); break;
    case 3:
        kept = *p;
        *p = c->packet[c->count - 1 - at];
        c->packet[c->count - 1 - at] = kept;
        break;
    case 4:
        if (p->captured)
            p->data[draw(p->captured)] = (uint8_t)draw(256);
        break;
    case 5: p->captured = p->captured ? draw(p->captured) : 0; break;
    case 6: clock_change(c, at); break;
    case 7:
        if (other->count)
            insert(c, &other->packet[draw(other->count)], at);
        break;
    default: header_change(p); break;
    }
}

/* one: makes changed capture `number` and dissects it. */
static void one(const struct embed_capture *capture, unsigned captures)
{
    state = (uint64_t)seed * UINT64_C(0x2545f4914f6cdd1d) + number * UINT64_C(0x9e3779b97f4a7c15);
    struct embed_capture c = embed_copy(&capture[draw(captures)]);
    for (unsigned changes = 1 + draw(8); changes; changes--)
        change(&c, &capture[draw(captures)]);
    embed_dissect(&c, check, NULL);
    embed_free(&c);
}

int main(int argc, char **argv)
{
    bool only = argc > 4 && strcmp(argv[2], "--only") == 0;
    int first = only ? 4 : 3;
    if (argc <= first) {
        fprintf(stderr, "usage: mutate SEED SECONDS CAPTURE ... | mutate SEED --only NUMBER CAPTURE ...\n");
        return 2;
    }
    seed = strtol(argv[1], NULL, 10);
#ifdef HAVE_DEATH_CALLBACK
    __sanitizer_set_death_callback(died);
#else
    atexit(died);
#endif
    setenv("WIRESHARK_DEBUG_WMEM_OVERRIDE", "simple", 1);   /* each allocation on its own, so that the sanitizer sees its bounds */
    embed_start(true);
    unsigned captures = (unsigned)(argc - first);
    struct embed_capture *capture = g_new(struct embed_capture, captures);
    for (unsigned i = 0; i < captures; i++)
        capture[i] = embed_load(argv[first + (int)i]);
    if (only) {
        told = true;
        number = strtoul(argv[3], NULL, 10);
        one(capture, captures);
    } else {
        time_t end = time(NULL) + strtol(argv[2], NULL, 10);
        for (number = 0; time(NULL) < end; number++)
            one(capture, captures);
        printf("%lu changed captures, no promise broken\n", number);
    }
    for (unsigned i = 0; i < captures; i++)
        embed_free(&capture[i]);
    g_free(capture);
    fflush(stdout);
    _Exit(0);
}
