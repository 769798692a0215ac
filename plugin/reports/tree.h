/* tree.h: the stats tree: -z tcpfsm,tree and an entry of the Statistics menu.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_TREE_H
#define TCPFSM_TREE_H

/* tree_register: registers the stats tree `tcpfsm`. To be called once, after register_tap(). */
void tree_register(void);

#endif
