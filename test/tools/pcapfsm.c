/* pcapfsm: runs the engine over a capture file without Wireshark: a line per TCP segment, tab-separated:
 *   frame, connection, source, port, destination, port, flags, client's state, server's state, client's set, server's set, client certain, server certain, client, steps, findings
 * Reads classic pcap files, Ethernet or Linux "any" link types, IPv4 and IPv6 without tunnels. For those who work on the engine; the plugin is what users run.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "connection.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TUPLES_MAX = 4096, PATHS_MAX = 1024 };

struct address { uint8_t byte[16]; bool v6; };
struct tuple { struct address address[2]; uint16_t port[2]; struct tcpfsm_connection c; int number; };
struct route { struct address address[2]; struct tcpfsm_path path; };

static struct tuple tuples[TUPLES_MAX];
static struct route routes[PATHS_MAX];
static struct tcpfsm_copies copies;
static unsigned tuple_count, route_count;
static int connections;

static uint32_t get32(const uint8_t *p) { return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]; }
static uint16_t get16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }
static bool same(const struct address *a, const struct address *b) { return a->v6 == b->v6 && !memcmp(a->byte, b->byte, sizeof a->byte); }

static struct tuple *find_tuple(const struct address *src, const struct address *dst, uint16_t sport, uint16_t dport, uint8_t *from)
{
    for (unsigned i = 0; i < tuple_count; i++) {
        struct tuple *t = &tuples[i];

        if (same(&t->address[0], src) && same(&t->address[1], dst) && t->port[0] == sport && t->port[1] == dport)
            return *from = 0, t;
        if (same(&t->address[1], src) && same(&t->address[0], dst) && t->port[1] == sport && t->port[0] == dport)
            return *from = 1, t;
    }
    if (tuple_count == TUPLES_MAX)
        return NULL;
    struct tuple *t = &tuples[tuple_count++];
    *t = (struct tuple){ .address = { *src, *dst }, .port = { sport, dport }, .number = connections++ };
    tcpfsm_open(&t->c, same(src, dst) && sport == dport, t->port);
    *from = 0;
    return t;
}

static struct tcpfsm_path *find_route(const struct tuple *t, bool *flip)
{
    for (unsigned i = 0; i < route_count; i++) {
        if (same(&routes[i].address[0], &t->address[0]) && same(&routes[i].address[1], &t->address[1]))
            return *flip = false, &routes[i].path;
        if (same(&routes[i].address[1], &t->address[0]) && same(&routes[i].address[0], &t->address[1]))
            return *flip = true, &routes[i].path;
    }
    *flip = false;
    if (route_count == PATHS_MAX)
        return NULL;
    routes[route_count] = (struct route){ .address = { t->address[0], t->address[1] }, .path.copies = &copies };
    return &routes[route_count++].path;
}

static void parse_options(struct tcpfsm_segment *s, const uint8_t *p, const uint8_t *end)
{
    while (p < end && *p) {
        unsigned len = *p == 1 ? 1 : p + 1 < end ? p[1] : 0;

        if (!len || (*p != 1 && len < 2) || p + len > end)
            return;
        if (*p == 8 && len == 10) {
            s->has |= TCPFSM_HAS_TS;
            s->tsval = get32(p + 2);
            s->tsecr = get32(p + 6);
        } else if (*p == 3 && len == 3) {
            s->has |= TCPFSM_HAS_WSCALE;
            s->wscale = p[2];
        } else if (*p == 34) {
            s->has |= TCPFSM_HAS_TFO;
        } else if (*p == 5) {
            for (unsigned i = 2; i + 8 <= len && s->sacks < TCPFSM_SACK_MAX; i += 8, s->sacks++) {
                s->sack[s->sacks].left = get32(p + i);
                s->sack[s->sacks].right = get32(p + i + 4);
            }
        }
        p += len;
    }
}

static void put_address(const struct address *a, char text[64])
{
    inet_ntop(a->v6 ? AF_INET6 : AF_INET, a->byte, text, 64);
}

static void put_set(tcpfsm_set set)
{
    const char *comma = "";

    putchar('\t');
    for (unsigned i = 0; i < TCPFSM_STATES; i++)
        if (set & TCPFSM_BIT(i)) {
            printf("%s%s", comma, tcpfsm_state_name(i));
            comma = ",";
        }
}

static void print(const struct tuple *t, const struct tcpfsm_segment *s, const struct tcpfsm_result *r)
{
    unsigned client = tcpfsm_client(&t->c);
    char src[64], dst[64], text[64];

    put_address(&t->address[s->from], src);
    put_address(&t->address[s->from ^ 1], dst);
    put_address(&t->address[client], text);
    printf("%u\t%d\t%s\t%u\t%s\t%u\t0x%04x\t%s\t%s", s->frame, t->number, src, t->port[s->from], dst, t->port[s->from ^ 1], s->flags, tcpfsm_state_name(r->state[client]),
           tcpfsm_state_name(r->state[client ^ 1]));
    put_set(r->possible[client]);
    put_set(r->possible[client ^ 1]);
    for (unsigned i = 0; i < 2; i++) {
        tcpfsm_set set = r->possible[client ^ i];

        printf("\t%d", !(set & (set - 1)));
    }
    printf(t->address[client].v6 ? "\t[%s]:%u\t" : "\t%s:%u\t", text, t->port[client]);
    for (unsigned i = 0; i < r->steps; i++)
        printf("%s %s->%s (%s); ", r->step[i].end == client ? "client" : "server", tcpfsm_state_name(r->step[i].from), tcpfsm_state_name(r->step[i].to),
               tcpfsm_event_text(r->step[i].event));
    putchar('\t');
    printf("%x", r->facts);
    printf("\tv%u\n", tcpfsm_vantage(&t->c));
}

static void take(const uint8_t *p, uint32_t size, uint32_t frame, int64_t time)
{
    struct tcpfsm_segment s = { .time = time, .frame = frame, .has = TCPFSM_HAS_LENGTH | TCPFSM_HAS_TTL };
    struct tcpfsm_config config = tcpfsm_config_default();
    struct address src = { 0 }, dst = { 0 };
    uint32_t head, total;
    bool flip;

    if (size < 40 + 20)
        size = size < 40 ? 0 : size;
    if (size >= 40 && p[0] >> 4 == 4 && p[9] == 6 && !(get16(p + 6) & 0x1fff)) {
        head = (p[0] & 15u) * 4;
        total = get16(p + 2);
        memcpy(src.byte, p + 12, 4);
        memcpy(dst.byte, p + 16, 4);
        s.ip_id = get16(p + 4);
        s.has |= TCPFSM_HAS_IP_ID;
        s.ttl = p[8];
    } else if (size >= 60 && p[0] >> 4 == 6 && p[6] == 6) {
        head = 40;
        total = 40u + get16(p + 4);
        memcpy(src.byte, p + 8, 16);
        memcpy(dst.byte, p + 24, 16);
        src.v6 = dst.v6 = true;
        s.ttl = p[7];
    } else {
        return;
    }
    if (size < head + 20)
        return;
    const uint8_t *tcp = p + head;
    uint32_t offset = (uint32_t)(tcp[12] >> 4) * 4;

    s.seq = get32(tcp + 4);
    s.ack = get32(tcp + 8);
    s.flags = (uint16_t)(get16(tcp + 12) & 0x0fff);
    s.window = get16(tcp + 14);
    s.len = total > head + offset ? total - head - offset : 0;
    if (offset > 20 && size >= head + offset)
        parse_options(&s, tcp + 20, tcp + offset);
    s.digest = 2166136261u;
    for (uint32_t i = 0; i < offset && head + i < size; i++)
        if (i != 16 && i != 17)
            s.digest = (s.digest ^ tcp[i]) * 16777619u;

    struct tuple *t = find_tuple(&src, &dst, get16(tcp), get16(tcp + 2), &s.from);
    struct tcpfsm_result r;

    if (!t)
        return;
    s.digest = ((s.digest ^ s.len) * 16777619u ^ (uint32_t)(t - tuples) * 2654435761u) | 1;
    struct tcpfsm_path *path = find_route(t, &flip);
    tcpfsm_segment(&t->c, &s, &config, path, flip, &r);
    if (r.restarted)
        t->number = connections++;
    print(t, &s, &r);
}

int main(int argc, char **argv)
{
    uint8_t head[24], record[16], *data = malloc(1 << 18);
    FILE *f = argc > 1 ? fopen(argv[1], "rb") : NULL;
    uint32_t magic, frame = 0;

    if (!f || !data || fread(head, 1, 24, f) != 24) {
        fprintf(stderr, "usage: pcapfsm FILE.pcap\n");
        return 2;
    }
    memcpy(&magic, head, 4);
    while (fread(record, 1, 16, f) == 16) {
        uint32_t r[4];

        memcpy(r, record, sizeof r);
        if (r[2] > 1 << 18 || fread(data, 1, r[2], f) != r[2])
            break;
        frame++;
        if (r[2] > 14)
            take(data + 14, r[2] - 14, frame, r[0] * 1000000000ll + (int64_t)r[1] * (magic == 0xa1b23c4d ? 1 : 1000));
    }
    free(data);
    fclose(f);
    return 0;
}
