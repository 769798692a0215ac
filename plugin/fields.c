/* fields.c: the one table of fields. Names and meanings are public: filters, columns and scripts depend on them.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "fields.h"

struct fields fields;
int trees[TREES];

#define FIELD(number, name, abbrev, type, display, blurb)                                                              \
    {&fields.number, {name, abbrev, type, display, NULL, 0, blurb, HFILL}}
#define STRING(number, name, abbrev, blurb) FIELD(number, name, abbrev, FT_STRING, BASE_NONE, blurb)
#define FRAME(number, name, abbrev, blurb) FIELD(number, name, abbrev, FT_FRAMENUM, BASE_NONE, blurb)
#define TIME(number, name, abbrev, blurb) FIELD(number, name, abbrev, FT_RELATIVE_TIME, BASE_NONE, blurb)
#define NUMBER(number, name, abbrev, blurb) FIELD(number, name, abbrev, FT_UINT32, BASE_DEC, blurb)

/* The rows of one end. END: its index in fields.end; Name: as a sentence begins; name: as filters spell it. */
#define END_ROWS(END, Name, name)                                                                                      \
    STRING(end[END].endpoint, Name, "tcpfsm." name, "Address and port of the " name),                                  \
        STRING(end[END].state, Name " state", "tcpfsm." name ".state",                                                 \
               "RFC 9293 state of the " name " after this segment has left its sender and reached its receiver"),      \
        STRING(end[END].shown, Name " state as shown", "tcpfsm." name ".shown",                                        \
               "The state of the " name ", with ? where it is only assumed: for columns and colours"),                 \
        STRING(end[END].previous, Name " previous state", "tcpfsm." name ".previous",                                  \
               "State of the " name " before this segment, present where it changed"),                                 \
        FIELD(end[END].certain, Name " state certain", "tcpfsm." name ".certain", FT_BOOLEAN, BASE_NONE,               \
              "True if the segments captured leave the " name " only one possible state"),                             \
        STRING(end[END].possible, Name " possible state", "tcpfsm." name ".possible",                                  \
               "A state the " name " may be in, given the segments captured"),                                         \
        FRAME(end[END].since, Name " state since", "tcpfsm." name ".since",                                            \
              "Frame that began the present state of the " name),                                                      \
        TIME(end[END].time_in_state, Name " time in state", "tcpfsm." name ".time_in_state",                           \
             "How long the " name                                                                                      \
             " has been in its state; where the state changes, how long it was in the one it leaves"),                 \
        STRING(end[END].at_reset, Name " state at the RST", "tcpfsm." name ".at_reset",                                \
               "State the RST that ended the connection found the " name " in; present from that RST on"),             \
        NUMBER(end[END].time_wait, Name " host sockets in TIME_WAIT", "tcpfsm." name ".time_wait",                     \
               "Sockets of the " name "'s host in TIME_WAIT at this moment, as far as captured"),                      \
        NUMBER(end[END].close_wait, Name " host sockets in CLOSE_WAIT", "tcpfsm." name ".close_wait",                  \
               "Sockets of the " name "'s host in CLOSE_WAIT at this moment, as far as captured")

static hf_register_info table[] = {
    END_ROWS(0, "Client", "client"),
    END_ROWS(1, "Server", "server"),
    STRING(state, "State of either endpoint", "tcpfsm.state",
           "RFC 9293 state of either endpoint: two values, the client's, then the server's"),
    STRING(src_state, "Sender state", "tcpfsm.src.state", "RFC 9293 state of the endpoint that sent this segment"),
    STRING(dst_state, "Receiver state", "tcpfsm.dst.state", "RFC 9293 state of the endpoint this segment was sent to"),
    STRING(transition, "Transition", "tcpfsm.transition",
           "An edge of the state machine taken with this segment: endpoint, state left, state entered"),
    STRING(event, "Event", "tcpfsm.event", "What moved the endpoint"),
    STRING(rule, "Rule", "tcpfsm.rule", "The section of the RFC that says so"),
    NUMBER(connection, "Connection", "tcpfsm.connection",
           "Number of the connection in the capture, from 0; unlike tcp.stream one for each incarnation of a 4-tuple"),
    NUMBER(incarnation, "Incarnation", "tcpfsm.incarnation",
           "Which use of its addresses and ports this connection is, from 1"),
    STRING(role, "Client known by", "tcpfsm.role", "How client and server were told apart: SYN, SYN,ACK or port"),
    STRING(phase, "Phase", "tcpfsm.phase", "Phase of the connection: opening, open, closing, closed or reset"),
    STRING(vantage, "Vantage", "tcpfsm.vantage",
           "Where the capture was taken, as far as it shows: near client, near server, between, both or unknown"),
    NUMBER(stream, "Stream", "tcpfsm.stream", "The value of tcp.stream where this connection began"),
    FRAME(opened_in, "Opened in", "tcpfsm.opened_in", "Frame of the SYN that opened this connection"),
    FRAME(closed_in, "Closed in", "tcpfsm.closed_in",
          "Frame with which this connection ended (known once the file has been read)"),
    FRAME(next_change_in, "Next change in", "tcpfsm.next_change_in",
          "Next frame of this connection that changes a state (known once the file has been read)"),
    STRING(outcome_so_far, "Outcome so far", "tcpfsm.outcome_so_far", "How this connection went, up to this segment"),
    STRING(closed_by, "Closed first by", "tcpfsm.closed_by",
           "client or server: whose FIN came first; present from that FIN on"),
    STRING(reset_by, "Reset by", "tcpfsm.reset_by",
           "client or server: whose RST ended the connection; present from that RST on"),
    NUMBER(
        pressure_time_wait, "TIME_WAIT toward the server", "tcpfsm.pressure.time_wait",
        "Sockets of the client's host in TIME_WAIT toward this server's address and port at this moment, as far as "
        "captured; present if there are any"),
    NUMBER(pressure_percent, "Ephemeral ports in TIME_WAIT (percent)", "tcpfsm.pressure.percent",
           "The same in percent of the ephemeral ports, a preference"),
    NUMBER(
        pressure_close_wait, "CLOSE_WAIT at the server", "tcpfsm.pressure.close_wait",
        "Sockets of this server's address and port in CLOSE_WAIT at this moment, as far as captured; present if "
        "there are any"),
    STRING(zeek_state, "Zeek conn_state", "tcpfsm.zeek.conn_state",
           "What Zeek would call this connection, such as SF, S0 or RSTO (known once the file has been read)"),
    STRING(
        zeek_history, "Zeek history", "tcpfsm.zeek.history",
        "Kinds of segments in the order of their first appearance, as Zeek writes them: S H A D F R, the server's in "
        "lower case (known once the file has been read)"),
    STRING(outcome, "Outcome", "tcpfsm.outcome", "How this connection went (known once the file has been read)"),
    STRING(finding, "Finding", "tcpfsm.finding",
           "Name of an expert item made at this segment, without the leading tcpfsm."),
    STRING(finding_text, "Finding in words", "tcpfsm.finding.text",
           "What happened, with endpoints, frames and times: one value for each tcpfsm.finding, in the same order"),
    STRING(finding_action, "Action for finding", "tcpfsm.finding.action",
           "What to do and who must do this: one value for each tcpfsm.finding, in the same order; empty if nothing "
           "need be done"),
    STRING(finding_severity, "Severity of finding", "tcpfsm.finding.severity",
           "chat, note or warning: one value for each tcpfsm.finding, in the same order"),
    FIELD(rst_suspicious, "RST unlike its sender", "tcpfsm.rst.suspicious", FT_BOOLEAN, BASE_NONE,
          "True if this RST differs in two traits or more (TTL, timestamps, IP ID, window) from the other segments of "
          "its sender: a device between has probably sent the RST; present only where true"),
    TIME(idle, "Idle before this segment", "tcpfsm.idle",
         "For how long nothing was captured of this connection before this segment; present if longer than a second"),
    FRAME(duplicate_of, "Duplicate of", "tcpfsm.duplicate_of",
          "The capture has this segment twice: the frame that has it too"),
    STRING(point, "Capture point", "tcpfsm.point",
           "In a capture merged from several points: the point at which this segment was captured: client, server or "
           "between (known once the file has been read)"),
    FIELD(lost, "Lost between the points", "tcpfsm.lost", FT_BOOLEAN, BASE_NONE,
          "True if this segment was captured beside its sender and never beside its receiver (known once the file has "
          "been read); present only where true"),
    FRAME(evidence, "Evidence", "tcpfsm.evidence", "An earlier frame that a finding rests on"),
};

void fields_register(int protocol)
{
    static int *numbers[TREES];
    fields.protocol = protocol;
    for (unsigned i = 0; i < array_length(table); i++)
        *table[i].p_id = -1;
    for (unsigned i = 0; i < TREES; i++) {
        trees[i] = -1;
        numbers[i] = &trees[i];
    }
    proto_register_field_array(protocol, table, array_length(table));
    proto_register_subtree_array(numbers, TREES);
}

void fields_unfold(void)
{
    static bool done;
    if (done)
        return;
    done = true;
    tree_expanded_set(trees[TREE_PROTOCOL_FINDING], true);
    tree_expanded_set(trees[TREE_FIRST_FINDING], true);
}

const int *const *fields_later(unsigned *n)
{
    static const int *const later[] = {&fields.closed_in, &fields.next_change_in, &fields.outcome, &fields.zeek_state,
                                       &fields.zeek_history, &fields.point, &fields.lost};
    *n = array_length(later);
    return later;
}
