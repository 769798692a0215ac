/* causes.h: what is wrong with a capture, the worst first.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_CAUSES_H
#define TCPFSM_CAUSES_H

#include "reports/cause.h"

/* causes_of: the causes of the connections seen; `until` is the time at which the capture ends. causes_free frees
 * them. */
void causes_of(struct causes *c, const struct traffic *t, int64_t until);
void causes_free(struct causes *c);

#endif
