/* preferences.h: what the user can decide.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_PREFERENCES_H
#define TCPFSM_PREFERENCES_H

/* preferences_register: registers the preferences of this protocol. To be called once. */
void preferences_register(int protocol);

/* preferences_read: brings plugin_config up to date with the preferences. */
void preferences_read(void);

#endif
