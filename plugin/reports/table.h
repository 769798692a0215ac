/* table.h: the table of connections: an entry of the Statistics menu, and -z tcpfsm,table.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_TABLE_H
#define TCPFSM_TABLE_H

/* table_register: registers the table. To be called once, when the tap `tcpfsm` is registered. */
void table_register(void);

#endif
