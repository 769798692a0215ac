/* ss.c: -z tcpfsm,ss: what each host would have said of its sockets at one moment, in the layout of ss, netstat or IOS.
 *
 * What the wire does not show is `-`. Send-Q is what was sent and not acknowledged. Recv-Q can be told only from the
 * window: octets that keep it closed have not been read; a receiver whose window is more than half open reads, and its
 * queue is taken to be empty.
 *
 * Copyright 2026 the tcpfsm authors SPDX-License-Identifier: GPL-2.0-or-later */
#include "addresses.h"
#include "counts.h"
#include "engine/seq.h"
#include "moment.h"
#include "reports/kinds.h"
#include "sockets.h"


enum { SS, NETSTAT, IOS };

/* What is known of an endpoint's queues. */
enum { KNOWS_NEXT = 1, KNOWS_ACKED = 2, KNOWS_SCALE = 4, KNOWS_WINDOW = 8 };
struct queue {
    int64_t time_wait;      /* when a FIN last came into TIME_WAIT; 0: none did */
    uint32_t next, acked;   /* beyond what it sent; what of it is acknowledged */
    uint32_t window, widest;/* offered now, and at most; bytes */
    uint32_t received;      /* its peer's octets that it has acknowledged, since the first seen */
    uint32_t ack;           /* its latest acknowledgement */
    uint8_t scale, knows;
};

struct ss_note { struct queue end[2]; };

/* A row of a host's list. */
struct ss_row {
    uint32_t host, peer;
    uint16_t port, peer_port;
    uint8_t state;
    bool assumed;
    uint32_t id;            /* for IOS, which names each by the address of its control block */
    int64_t receive, send;  /* -1: not known */
};

struct ss {
    struct report base;
    unsigned style;
    char *host;             /* the address wanted; NULL: all */
    GArray *notes;          /* struct ss_note, by number of the connection; NULL: none yet */
};

/* queue_window: what this segment says of its sender's receive queue. */
static void queue_window(struct queue *q, const struct queue *peer, const struct tcpfsm_segment *s)
{
    bool syn = s->flags & TCPFSM_SYN;
    if (syn) {
        q->scale = s->has & TCPFSM_HAS_WSCALE ? MIN(s->wscale, 14) : 0;
        q->knows |= KNOWS_SCALE;
    }
    if (!(q->knows & peer->knows & KNOWS_SCALE) || (s->flags & TCPFSM_RST))
        return;
    q->window = (uint32_t)s->window << (syn ? 0 : q->scale);
    q->widest = q->knows & KNOWS_WINDOW ? MAX(q->widest, q->window) : q->window;
    q->knows |= KNOWS_WINDOW;
}

static void packet(struct report *r, packet_info *pinfo, const struct report_record *p)
{
    const struct tcpfsm_segment *s = &p->segment;
    int64_t since = r->clock.frames ? p->time - r->clock.first : 0;
    if (p->quote || (r->clock.frame && pinfo->num > r->clock.frame) || (r->clock.until >= 0 && since > r->clock.until))
        return;
    if (s->has & TCPFSM_HAS_BAD_CHECKSUM)
        return;
    struct ss *ss = (struct ss *)r;
    if (!ss->notes)
        ss->notes = g_array_new(FALSE, TRUE, sizeof(struct ss_note));
    struct ss_note *n = (struct ss_note *)report_note(ss->notes, p->view.number);
    struct queue *q = &n->end[s->from], *peer = &n->end[!s->from];
    if ((s->flags & TCPFSM_FIN) && p->view.end[!s->from].state == TCPFSM_TIME_WAIT)
        peer->time_wait = p->time;
    if (!(s->flags & TCPFSM_RST)) {
        uint32_t end = s->seq + s->len + !!(s->flags & TCPFSM_SYN) + !!(s->flags & TCPFSM_FIN);
        if (!(q->knows & KNOWS_NEXT) || seq_lt(q->next, end))
            q->next = end;
        if (!(q->knows & (KNOWS_ACKED | KNOWS_NEXT)))
            q->acked = s->seq;
        q->knows |= KNOWS_NEXT;
    }
    if ((s->flags & (TCPFSM_ACK | TCPFSM_RST)) == TCPFSM_ACK) {
        if (!(peer->knows & KNOWS_NEXT) || seq_lt(peer->next, s->ack))
            peer->next = s->ack;        /* the capture missed what is acknowledged here */
        if (!(peer->knows & (KNOWS_ACKED | KNOWS_NEXT)) || seq_lt(peer->acked, s->ack)) {
            q->received += peer->knows & KNOWS_ACKED ? s->ack - peer->acked : 0;
            peer->acked = s->ack;
        }
        peer->knows |= KNOWS_ACKED | KNOWS_NEXT;
    }
    queue_window(q, peer, s);
}

/* queues: Recv-Q and Send-Q of a socket in that state. */
static void queues(struct ss_row *row, const struct queue *q)
{
    row->receive = q->knows & KNOWS_WINDOW ? 0 : -1;
    row->send = q->knows & KNOWS_NEXT ? (int64_t)(q->next - q->acked) : -1;
    if (row->state == TCPFSM_TIME_WAIT || row->state == TCPFSM_SYN_RECEIVED || row->state == TCPFSM_SYN_SENT)
        row->receive = 0;
    if (row->state == TCPFSM_TIME_WAIT || row->state == TCPFSM_SYN_RECEIVED || row->state == TCPFSM_FIN_WAIT_2)
        row->send = 0;          /* nothing is left to send; of a connection request there is no queue yet */
    if (row->receive == 0 && q->window < q->widest / 2 &&
        (row->state == TCPFSM_ESTABLISHED || row->state == TCPFSM_CLOSE_WAIT))
        row->receive = MIN(q->widest - q->window, q->received);
}

/* row_add: the socket of endpoint `end` of a connection as of the moment wanted, if it has one. */
static void row_add(const struct ss *ss, GArray *rows, uint32_t number, unsigned end, const struct view *v)
{
    struct ss_row row = {.host = v->ends.host[end],
                      .peer = v->ends.host[!end],
                      .port = v->ends.port[end],
                      .peer_port = v->ends.port[!end],
                      .state = (uint8_t)v->end[end].state,
                      .id = 2 * number + end};
    const struct queue none = {0}, *q = ss->notes && number < ss->notes->len
                                            ? &g_array_index(ss->notes, struct ss_note, number).end[end]
                                            : &none;
    const struct report *r = &ss->base;
    if (!counts_socket(row.state))
        return;
    if (row.state == TCPFSM_TIME_WAIT) {
        int64_t began = MAX(q->time_wait, r->clock.at_time - v->end[end].spent);
        if (r->clock.at_time - began >= sockets_time_wait())
            return;
    }
    row.assumed = !view_certain(v->end[end].possible);
    queues(&row, q);
    g_array_append_val(rows, row);
}

static uint64_t listener_key(uint32_t number, unsigned end)
{
    struct connections_ends ends = view_ends(number);
    return (uint64_t)ends.host[end] << 16 | ends.port[end];
}

/* listener_note: hosts and ports that are proved to listen: a SYN,ACK came from there, and no RST to a SYN since. */
static void listener_note(GHashTable *listeners, uint32_t number, uint32_t frame)
{
    struct history_change c;
    for (uint32_t i = 0; view_change(number, i, &c) && c.frame <= frame; i++) {
        for (unsigned j = 0; j < c.steps; j++) {
            struct tcpfsm_step s = view_step(number, i, j);
            uint64_t key = listener_key(number, s.end);
            if (s.event == TCPFSM_EVENT_SND_SYN_ACK && s.from != TCPFSM_SYN_SENT && s.to == TCPFSM_SYN_RECEIVED)
                g_hash_table_insert(listeners, g_memdup2(&key, sizeof key), GUINT_TO_POINTER(c.frame));
        }
    }
}

static void listener_forget(GHashTable *listeners, uint32_t number, uint32_t frame)
{
    unsigned n;
    const struct history_finding *f = view_findings(number, &n);
    for (unsigned i = 0; i < n && f[i].frame <= frame; i++) {
        uint64_t key = listener_key(number, f[i].finding.end & 1u);
        uint32_t listened = GPOINTER_TO_UINT(g_hash_table_lookup(listeners, &key));
        if (f[i].finding.id == TCPFSM_FINDING_RST_REFUSED && listened < f[i].frame)
            g_hash_table_remove(listeners, &key);
    }
}

static void rows_listen(GArray *rows, uint32_t frame)
{
    GHashTable *listeners = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    for (uint32_t i = 0; i < view_count(); i++)
        listener_note(listeners, i, frame);
    for (uint32_t i = 0; i < view_count(); i++)
        listener_forget(listeners, i, frame);
    GHashTableIter at;
    gpointer key;
    g_hash_table_iter_init(&at, listeners);
    while (g_hash_table_iter_next(&at, &key, NULL)) {
        uint64_t k = *(const uint64_t *)key;
        struct ss_row row = {.host = (uint32_t)(k >> 16),
                          .port = (uint16_t)k,
                          .state = TCPFSM_LISTEN,
                          .id = 0x80000000u + rows->len,
                          .receive = -1,
                          .send = -1};
        g_array_append_val(rows, row);
    }
    g_hash_table_destroy(listeners);
}

/* rows_connections: of each 4-tuple the connection it had at the moment wanted. */
static void rows_connections(const struct ss *ss, GArray *rows)
{
    const struct report_clock *clock = &ss->base.clock;
    for (uint32_t i = 0; i < view_count(); i++) {
        struct view v;
        uint32_t first, next = view_after(i);
        unsigned order;
        view_first(i, &first, &order);
        if (first > clock->at_frame)
            continue;
        if (next != UINT32_MAX)
            view_first(next, &first, &order);
        if (next != UINT32_MAX && first <= clock->at_frame)
            continue;
        view_at(&v, i, 0, clock->at_frame, MOMENT_QUOTE, clock->at_time);
        row_add(ss, rows, i, v.client, &v);
        if (!connections_self(&v.ends))
            row_add(ss, rows, i, !v.client, &v);
    }
}

/* By host, listeners first, then by ports. */
static int row_order(const void *a, const void *b)
{
    const struct ss_row *x = (const struct ss_row *)a, *y = (const struct ss_row *)b;
    const uint64_t k[2][5] = {{x->host, x->state != TCPFSM_LISTEN, x->port, x->peer, x->peer_port},
                              {y->host, y->state != TCPFSM_LISTEN, y->port, y->peer, y->peer_port}};
    for (unsigned i = 0; i < 5; i++)
        if (k[0][i] != k[1][i])
            return k[0][i] < k[1][i] ? -1 : 1;
    return 0;
}

static const char *const state_names[3][TCPFSM_STATES] = {
    {"UNCONN", "LISTEN", "SYN-SENT", "SYN-RECV", "ESTAB", "FIN-WAIT-1", "FIN-WAIT-2", "CLOSE-WAIT", "CLOSING",
     "LAST-ACK", "TIME-WAIT"},
    {"CLOSE", "LISTEN", "SYN_SENT", "SYN_RECV", "ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2", "CLOSE_WAIT", "CLOSING",
     "LAST_ACK", "TIME_WAIT"},
    {"CLOSED", "LISTEN", "SYNSENT", "SYNRCVD", "ESTAB", "FINWAIT1", "FINWAIT2", "CLOSEWAIT", "CLOSING", "LASTACK",
     "TIMEWAIT"}};

/* end_text: address and port as this style writes them; port 0 is any. */
static const char *end_text(wmem_allocator_t *pool, unsigned style, uint32_t host, unsigned port, bool any, bool v6)
{
    const char *name = any ? (style == IOS ? "*"
                              : v6         ? "::"
                                           : "0.0.0.0")
                           : addresses_text(pool, host),
               *p = any ? "*" : wmem_strdup_printf(pool, "%u", port);
    bool bracket = style == SS && strchr(name, ':');
    return wmem_strdup_printf(pool, style == IOS ? "%s%s%s.%s" : "%s%s%s:%s", bracket ? "[" : "", name,
                              bracket ? "]" : "", p);
}

static void row_print(const struct ss_row *row, unsigned style, wmem_allocator_t *pool)
{
    char receive[24] = "-", send[24] = "-";
    bool any = row->state == TCPFSM_LISTEN, v6 = strchr(addresses_text(pool, row->host), ':') != NULL;
    const char *local = end_text(pool, style, row->host, row->port, false, v6),
               *peer = end_text(pool, style, row->peer, row->peer_port, any, v6);
    const char *state = state_names[style][row->state], *tail = row->assumed ? "  assumed" : "";
    if (row->receive >= 0)
        snprintf(receive, sizeof receive, "%" G_GINT64_FORMAT, row->receive);
    if (row->send >= 0)
        snprintf(send, sizeof send, "%" G_GINT64_FORMAT, row->send);
    if (style == SS)
        printf("%-10s %-6s %-6s %24s %24s%s\n", state, receive, send, local, peer, tail);
    else if (style == NETSTAT)
        printf("%-5s %6s %6s %-23s %-23s %-*s%s\n", v6 ? "tcp6" : "tcp", receive, send, local, peer,
               row->assumed ? 11 : 0, state, tail);
    else
        printf("%08X  %-26s %-26s %-*s%s\n", row->id, local, peer, row->assumed ? 11 : 0, state, tail);
}

static void draw(struct report *r)
{
    static const char *const heads[] = {"State      Recv-Q Send-Q       Local Address:Port        Peer Address:Port",
                                        "Proto Recv-Q Send-Q Local Address           Foreign Address         State",
                                        "TCB       Local Address              Foreign Address            (state)"};
    const struct ss *ss = (const struct ss *)r;
    wmem_allocator_t *pool = wmem_allocator_new(WMEM_ALLOCATOR_BLOCK);
    GArray *rows = g_array_new(FALSE, FALSE, sizeof(struct ss_row));
    uint32_t host = UINT32_MAX;
    rows_connections(ss, rows);
    rows_listen(rows, r->clock.at_frame);
    g_array_sort(rows, row_order);
    for (unsigned i = 0; i < rows->len; i++) {
        const struct ss_row *row = &g_array_index(rows, struct ss_row, i);
        const char *name = addresses_text(pool, row->host);
        if (ss->host && g_ascii_strcasecmp(ss->host, name))
            continue;
        if (row->host != host)
            printf("%s%s, %.6f seconds after the first frame (frame %u)\n%s\n", host == UINT32_MAX ? "" : "\n", name,
                   (double)(r->clock.at_time - r->clock.first) / 1e9, r->clock.at_frame, heads[ss->style]);
        host = row->host;
        row_print(row, ss->style, pool);
        wmem_free_all(pool);
    }
    if (host == UINT32_MAX)
        printf("No sockets%s%s, %.6f seconds after the first frame (frame %u)\n", ss->host ? " on " : "",
               ss->host ? ss->host : "", (double)(r->clock.at_time - r->clock.first) / 1e9, r->clock.at_frame);
    g_array_free(rows, TRUE);
    wmem_destroy_allocator(pool);
}

static void reset(struct report *r)
{
    struct ss *ss = (struct ss *)r;
    if (ss->notes)
        g_array_set_size(ss->notes, 0);
}

static void finish(struct report *r)
{
    struct ss *ss = (struct ss *)r;
    g_free(ss->host);
    if (ss->notes)
        g_array_free(ss->notes, TRUE);
}

static const char *const styles[] = {"ss", "netstat", "ios", NULL};
static const struct arguments_option options[] = {{.key = "at",
                                                   .type = ARGUMENTS_SECONDS,
                                                   .at = offsetof(struct report, clock.until),
                                                   .excludes = "frame",
                                                   .wrong = "at is a number of seconds after the first frame"},
                                                  {.key = "frame",
                                                   .type = ARGUMENTS_NUMBER,
                                                   .low = 1,
                                                   .at = offsetof(struct report, clock.frame),
                                                   .excludes = "at",
                                                   .wrong = "frame is a number from 1 on"},
                                                  {.key = "host",
                                                   .type = ARGUMENTS_ADDRESS,
                                                   .at = offsetof(struct ss, host),
                                                   .wrong = "host is an IPv4 or IPv6 address"},
                                                  {.key = "style",
                                                   .type = ARGUMENTS_WORD,
                                                   .at = offsetof(struct ss, style),
                                                   .words = styles,
                                                   .wrong = "the style is ss, netstat or ios"}};

const struct report_kind report_ss = {.name = "tcpfsm,ss",
                                      .usage = "tcpfsm,ss[,at=SECONDS|frame=N][,host=ADDR][,style=ss|netstat|ios]",
                                      .size = sizeof(struct ss),
                                      .option = options,
                                      .options = array_length(options),
                                      .packet = packet,
                                      .draw = draw,
                                      .reset = reset,
                                      .finish = finish};
