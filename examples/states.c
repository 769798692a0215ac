/* states.c: the states of every TCP connection in a capture file, a line a segment: libpcap reads, tcpfsm infers.
 *
 *     cc states.c $(pkg-config --cflags --libs tcpfsm libpcap) -o states && ./states capture.pcap
 *
 * Each line: frame, sender and its state after the segment left, receiver and its state after it arrived; "?": assumed.
 * Ethernet, IPv4 and IPv6; not fragments, extension headers, SACK. doc/engine.md says what a caller has to do.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#define _DEFAULT_SOURCE
#include <arpa/inet.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <tcpfsm/tcpfsm.h>

struct end { uint8_t address[16], port[2]; }; /* IPv4 as ::ffff:a.b.c.d */
struct flow {
    struct flow *next;
    struct end end[2];
    struct tcpfsm_path path;
    struct tcpfsm_connection *connection;
};

static uint32_t get(const uint8_t *p, int octets) { return octets ? get(p, octets - 1) << 8 | p[octets - 1] : 0; }

/* read_segment: fills *s and the addresses from an IP packet; false if that is no whole TCP header. */
static bool read_segment(const uint8_t *ip, uint32_t size, struct tcpfsm_segment *s, struct end end[2])
{
    bool v4 = size >= 40 && ip[0] >> 4 == 4 && ip[9] == 6 && !(get(ip + 6, 2) & 0x3fff);
    bool v6 = size >= 60 && ip[0] >> 4 == 6 && ip[6] == 6;
    uint32_t head = v4 ? (ip[0] & 15u) * 4 : 40, total = v4 ? get(ip + 2, 2) : 40 + get(ip + 4, 2), width = v4 ? 4 : 16;
    const uint8_t *tcp = ip + head, *addresses = ip + (v4 ? 12 : 8);
    uint32_t text = head + (size >= head + 20 ? (tcp[12] >> 4) * 4u : 20);

    if (!(v4 || v6) || head < 20 || text < head + 20 || size < text || total < text)
        return false;
    *s = (struct tcpfsm_segment){
        .seq = get(tcp + 4, 4), .ack = get(tcp + 8, 4), .len = total - text, .flags = tcp[13] & 63,
        .window = (uint16_t)get(tcp + 14, 2), .ttl = ip[v4 ? 8 : 7], .ip_id = (uint16_t)(v4 ? get(ip + 4, 2) : 0),
        .has = TCPFSM_HAS_LENGTH | TCPFSM_HAS_TTL | (v4 ? TCPFSM_HAS_IP_ID : 0),
        .local = v4 ? addresses[0] == 127 && addresses[4] == 127
                    : !memcmp(addresses, (uint8_t[32]){ [15] = 1, [31] = 1 }, 32) };
    for (const uint8_t *p = tcp + 20; p + 1 < ip + text && *p; p += *p == 1 ? 1 : p[1] > 1 ? p[1] : 60)
        if (*p == 3 && p + 3 <= ip + text) {
            s->has |= TCPFSM_HAS_WSCALE;
            s->wscale = p[2];
        } else if (*p == 8 && p + 10 <= ip + text) {
            s->has |= TCPFSM_HAS_TS;
            s->tsval = get(p + 2, 4);
            s->tsecr = get(p + 6, 4);
        }
    for (const uint8_t *p = addresses; p < ip + (size < total ? size : total); p++) /* all but the checksum */
        s->digest = p == tcp + 16 || p == tcp + 17 ? s->digest : (s->digest ^ *p) * 16777619u;
    for (int i = 0; i < 2; i++) {
        end[i] = (struct end){ .address = { [10] = 0xff, 0xff }, .port = { tcp[2 * i], tcp[2 * i + 1] } };
        memcpy(end[i].address + 16 - width, addresses + width * i, width);
    }
    return true;
}

/* find: the flow between these two, new if there is none; *from: which of its endpoints is end[0]. Never NULL. */
static struct flow *find(const struct end end[2], uint8_t *from)
{
    static struct tcpfsm_copies copies;
    static struct flow *flows;
    struct flow *f;

    for (f = flows; f; f = f->next)
        for (*from = 0; *from < 2; ++*from)
            if (!memcmp(&f->end[*from], &end[0], sizeof *end) && !memcmp(&f->end[!*from], &end[1], sizeof *end))
                return f;
    if (!(f = calloc(1, sizeof *f)) || !(f->connection = malloc(tcpfsm_connection_size())))
        exit(1);
    *f = (struct flow){ .next = flows, .end = { end[0], end[1] }, .path.copies = &copies, .connection = f->connection };
    tcpfsm_open(f->connection, !memcmp(&end[0], &end[1], sizeof *end),
                (uint16_t[]){ (uint16_t)get(end[0].port, 2), (uint16_t)get(end[1].port, 2) });
    *from = 0;
    return flows = f;
}

static void print(const struct flow *f, unsigned end, const struct tcpfsm_result *r)
{
    bool mapped = !memcmp(f->end[end].address, (uint8_t[12]){ [10] = 0xff, 0xff }, 12);
    bool certain = !(r->possible[end] & (r->possible[end] - 1)); /* the set has one member */
    char text[INET6_ADDRSTRLEN];

    inet_ntop(mapped ? AF_INET : AF_INET6, f->end[end].address + (mapped ? 12 : 0), text, sizeof text);
    printf("  %s.%u %s%s", text, get(f->end[end].port, 2), tcpfsm_state_name(r->state[end]), certain ? "" : "?");
}

int main(int argc, char **argv)
{
    char error[PCAP_ERRBUF_SIZE] = "usage: states FILE";
    pcap_t *in = argc == 2 ? pcap_open_offline_with_tstamp_precision(argv[1], PCAP_TSTAMP_PRECISION_NANO, error) : NULL;
    struct tcpfsm_config config = tcpfsm_config_default();
    struct tcpfsm_segment s;
    struct tcpfsm_result r;
    struct pcap_pkthdr *h;
    struct end end[2];
    const uint8_t *p;

    if (!in || pcap_datalink(in) != DLT_EN10MB)
        return fprintf(stderr, "%s\n", in ? "not Ethernet" : error), 1;
    for (uint32_t frame = 1; pcap_next_ex(in, &h, &p) == 1; frame++) {
        if (h->caplen < 14 || !read_segment(p + 14, h->caplen - 14, &s, end))
            continue;
        struct flow *f = find(end, &s.from);
        s.frame = frame;
        s.time = (int64_t)h->ts.tv_sec * 1000000000 + h->ts.tv_usec; /* nanoseconds, as asked for above */
        tcpfsm_segment(f->connection, &s, &config, &f->path, false, &r);
        printf("%u%s", frame, r.copy_of ? " copy" : r.restarted ? " new" : "");
        print(f, s.from, &r);
        print(f, s.from ^ 1u, &r);
        puts("");
    }
    pcap_close(in);
    return 0;
}
