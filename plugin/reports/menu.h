/* menu.h: entries of the Tools menu.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_MENU_H
#define TCPFSM_MENU_H

/* menu_register: adds "TCP State Machine" to the Tools menu. To be called once, when proto_tcpfsm is known; without
 * a GUI it does nothing that shows. */
void menu_register(void);

#endif
