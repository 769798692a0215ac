/* render.h: the store's view of a frame as a protocol tree.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_RENDER_H
#define TCPFSM_RENDER_H

#include "layers.h"
#include "store.h"

/* render_handoff: looks up what is not ours. To be called once, when all dissectors are registered. */
void render_handoff(void);

/* render_layer: adds one TCP layer's subtree, its expert items and, if the user wants it, the states in the Info column. `tree` may be NULL. */
void render_layer(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo, const struct layer *layer);

/* render_endpoint: "10.0.0.1:51515" or "[2001:db8::1]:443": endpoint 0 or 1 of the view's tuple. Allocated in `pool`. */
const char *render_endpoint(wmem_allocator_t *pool, const struct store_view *view, unsigned end);

/* render_duration: "20 ms", "3.2 s", "12 min", "2.5 h": nanoseconds for a sentence. Allocated in `pool`. */
const char *render_duration(wmem_allocator_t *pool, int64_t nanoseconds);

#endif
