/* fields.h: what can be filtered on and shown in columns: the fields of the protocol tcpfsm.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_FIELDS_H
#define TCPFSM_FIELDS_H

#include "compat.h"

/* The fields that exist once for the client and once for the server. */
struct end_fields {
    int endpoint, state, shown, previous, certain, possible, since, time_in_state, at_reset, time_wait, close_wait;
};

/* The numbers Wireshark gave our protocol and its fields. */
struct fields {
    int protocol;
    struct end_fields end[2];       /* client, server */
    int state, src_state, dst_state, transition, event, rule, connection, incarnation, role, phase, outcome,
        outcome_so_far, closed_by, reset_by, zeek_state, zeek_history, vantage, stream, opened_in, closed_in,
        next_change_in, pressure_time_wait, pressure_percent, pressure_close_wait, idle, duplicate_of, point, lost,
        finding, finding_text, finding_action, finding_severity, rst_suspicious, evidence;
};
extern struct fields fields;

/* Subtrees. Those of a protocol item with findings and of the first finding are unfolded until the user folds them. */
enum tree {
    TREE_PROTOCOL,
    TREE_PROTOCOL_FINDING,
    TREE_FIRST_FINDING,
    TREE_FINDING,
    TREE_CLIENT,
    TREE_SERVER,
    TREE_TRANSITION,
    TREE_CONNECTION,
    TREE_CODES,
    TREES
};
extern int trees[TREES];

/* fields_register: registers all fields and subtrees for this protocol, and keeps its number. To be called once. */
void fields_register(int protocol);

/* fields_unfold: has Wireshark unfold the subtrees that begin unfolded. For the first file: Wireshark remembers which
 * ones the user folds, and knows the subtrees only once all dissectors are registered. */
void fields_unfold(void);

/* fields_later: the fields that depend on later frames, *n of them. */
const int *const *fields_later(unsigned *n);

#endif
