/* addresses.c: addresses and their text.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "addresses.h"
#include "index.h"
#include "pool.h"

#include <string.h>

struct kept {
    uint8_t bytes[16];
    int16_t type;               /* AT_IPv4 ... */
    uint16_t len;
};

static struct pool entries = {.size = sizeof(struct kept)};
static struct index entry_index;
static uint64_t seed;

void addresses_open(void)
{
    if (!seed)
        seed = (uint64_t)g_random_int() << 32 | g_random_int();
}

void addresses_close(void)
{
    pool_clear(&entries);
    index_clear(&entry_index);
}

uint64_t addresses_hash(const address *a, uint16_t port)
{
    uint64_t h = seed ^ port ^ (uint64_t)(unsigned)a->len << 32;
    const uint8_t *p = (const uint8_t *)a->data;
    for (int left = a->len; left > 0; left -= 8, p += 8) {
        uint64_t word = 0;
        if (left >= 8)
            memcpy(&word, p, 8);
        else if (left == 4)
            memcpy(&word, p, 4);
        else
            memcpy(&word, p, (size_t)left);
        h = index_mix(h + word);
    }
    return h;
}

bool addresses_is(uint32_t number, const address *a)
{
    const struct kept *e = (const struct kept *)pool_at(&entries, number);
    if (e->type != a->type || e->len != a->len)
        return false;
    /* 4: one comparison, no call */
    return e->len == 4 ? memcmp(e->bytes, a->data, 4) == 0 : memcmp(e->bytes, a->data, e->len) == 0;
}

uint32_t addresses_intern(const address *a)
{
    uint32_t hash = (uint32_t)addresses_hash(a, 0), at = hash, i;
    while ((i = index_next(&entry_index, hash, &at)) != UINT32_MAX)
        if (addresses_is(i, a))
            return i;
    i = entries.count;
    struct kept *e = (struct kept *)pool_add(&entries);
    e->type = (int16_t)a->type;
    e->len = (uint16_t)a->len;
    memcpy(e->bytes, a->data, (size_t)a->len);
    index_add(&entry_index, hash, i);
    return i;
}

void addresses_get(uint32_t number, address *a)
{
    const struct kept *e = (const struct kept *)pool_at(&entries, number);
    set_address(a, e->type, e->len, e->bytes);
}

bool addresses_loopback(uint32_t number)
{
    static const uint8_t ipv6[16] = {[15] = 1};
    const struct kept *e = (const struct kept *)pool_at(&entries, number);
    return (e->type == AT_IPv4 && e->bytes[0] == 127) || (e->type == AT_IPv6 && memcmp(e->bytes, ipv6, 16) == 0);
}

const char *addresses_text(wmem_allocator_t *pool, uint32_t number)
{
    address a;
    addresses_get(number, &a);
    return address_to_str(pool, &a);
}

const char *addresses_endpoint(wmem_allocator_t *pool, uint32_t number, uint16_t port)
{
    const char *s = addresses_text(pool, number);
    return wmem_strdup_printf(pool, strchr(s, ':') ? "[%s]:%u" : "%s:%u", s, port);
}
