/* path_csv.c: what happened between the points of capture as comma-separated values, RFC 4180.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/csv.h"
#include "reports/path_layouts.h"

/* first: ",N" or, where there is none, ",". */
static void first(uint32_t frame)
{
    if (frame)
        printf(",%u", frame);
    else
        putchar(',');
}

static void csv_line(const struct path_line *l, wmem_allocator_t *pool)
{
    const struct connections_ends ends = view_ends(l->connection);
    const struct between_sum *s = &l->sum;
    printf("%u,", l->connection);
    csv_field(l->stream != UINT32_MAX ? wmem_strdup_printf(pool, "%u", l->stream) : "", false);
    csv_field(view_endpoint(pool, &ends, l->from), false);
    csv_field(view_endpoint(pool, &ends, !l->from), false);
    printf("%s,%s,%s,%s,%u,%u,%u", l->from == l->client ? "client" : "server", path_point(pool, l->interface[0]),
           path_point(pool, l->interface[1]), l->whole ? "true" : "false", s->sent, s->arrived, s->lost);
    first(s->first_lost);
    printf(",%u", path_unknown(l));
    if (l->clock && s->arrived)
        printf(",%.9f,%.9f,%.9f", (double)s->least / 1e9, (double)s->median / 1e9, (double)s->most / 1e9);
    else
        fputs(",,,", stdout);
    if (l->clock)
        printf(",%.9f,%.9f", (double)l->ahead / 1e9, (double)l->uncertainty / 1e9);
    else
        fputs(",,", stdout);
    printf(",%u", s->changed);
    first(s->first_changed);
    printf(",%u,%u", s->made, s->made_rst);
    first(s->first_made);
    putchar('\n');
}

void path_csv(const struct path_page *p)
{
    puts("connection,stream,from,to,sender,sender_point,receiver_point,whole_way,sent,arrived,lost,first_lost,unknown,"
         "delay_least,delay_median,delay_most,clock_ahead,clock_uncertainty,changed,first_changed,made_between,"
         "rst_made_between,first_made_between");
    for (unsigned i = 0; i < p->lines; i++) {
        csv_line(&p->line[i], p->pool);
        wmem_free_all(p->pool);
    }
}
