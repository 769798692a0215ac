/* states.c: the names of things.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "tcpfsm.h"

#define COUNT(array) (sizeof (array) / sizeof (array)[0])
#define NAME(array, index) ((index) < COUNT(array) && (array)[index] ? (array)[index] : "?")

static const char *const state_names[TCPFSM_STATES] = {
    "CLOSED",     "LISTEN",     "SYN_SENT", "SYN_RECEIVED", "ESTABLISHED", "FIN_WAIT_1",
    "FIN_WAIT_2", "CLOSE_WAIT", "CLOSING",  "LAST_ACK",     "TIME_WAIT",
};

static const char *const event_texts[TCPFSM_EVENTS] = {
    "nothing",
#define TCPFSM_EVENT_ROW(id, text, rule) text,
#include "events.def"
#undef TCPFSM_EVENT_ROW
};

static const char *const event_rules[TCPFSM_EVENTS] = {
    "",
#define TCPFSM_EVENT_ROW(id, text, rule) rule,
#include "events.def"
#undef TCPFSM_EVENT_ROW
};

static const char *const role_names[] = { "unknown", "SYN", "SYN,ACK", "port" };
static const char *const phase_names[] = { "opening", "open", "closing", "closed", "reset" };

const char *tcpfsm_state_name(unsigned state) { return NAME(state_names, state); }
const char *tcpfsm_event_text(unsigned event) { return NAME(event_texts, event); }
const char *tcpfsm_event_rule(unsigned event) { return NAME(event_rules, event); }
const char *tcpfsm_role_name(unsigned role) { return NAME(role_names, role); }
const char *tcpfsm_phase_name(unsigned phase) { return NAME(phase_names, phase); }
