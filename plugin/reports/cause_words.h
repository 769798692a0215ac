/* cause_words.h: a cause in words, and the display filter that shows its packets.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_CAUSE_WORDS_H
#define TCPFSM_CAUSE_WORDS_H

#include "reports/cause.h"

/* cause_name: "rst.refused", the name of a finding; of sockets that wait "close_wait.open_at_end" and the like. */
const char *cause_name(const struct cause *k);

/* cause_who: whom it is about: "server 10.0.0.2:80", "client 10.0.0.1". cause_peer: other end i: "10.0.0.1". All that
 * follows is allocated in `pool`. */
const char *cause_who(wmem_allocator_t *pool, const struct cause *k);
const char *cause_peer(wmem_allocator_t *pool, const struct cause *k, unsigned i);

/* cause_text: what happened, and the evidence, of all that is put together. cause_action: what to do; "" if nothing
 * need be done. */
const char *cause_text(wmem_allocator_t *pool, const struct cause *k);
const char *cause_action(wmem_allocator_t *pool, const struct cause *k);

/* cause_filter: a display filter that shows the packets of this cause, for one pass: those with its findings; of
 * sockets that wait, those in that state. *exact becomes false if it shows others too. */
const char *cause_filter(wmem_allocator_t *pool, const struct causes *c, const struct cause *k, bool *exact);

#endif
