/* history.c: what kinds of segments each endpoint has sent, in the order of their first appearance, and what Zeek would
 * call such a connection. For people who think in Zeek's codes: nothing in the engine depends on it.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

#include <string.h>

enum letter { LETTER_SYN, LETTER_SYN_ACK, LETTER_ACK, LETTER_DATA, LETTER_FIN, LETTER_RST };

/* code_at: the i-th code: 1 + 2 * letter + endpoint; 0: none. */
static unsigned code_at(const uint8_t code[6], unsigned i)
{
    return code[i / 2] >> i % 2 * 4 & 15u;
}

static void note(struct tcpfsm_connection *c, enum letter letter, unsigned from)
{
    unsigned place = 2 * (unsigned)letter + from, i = 0;

    if (c->letters & 1u << place)
        return;
    c->letters = (uint16_t)(c->letters | 1u << place);
    while (i < 11 && code_at(c->history, i))
        i++;
    c->history[i / 2] = (uint8_t)(c->history[i / 2] | (place + 1) << i % 2 * 4);
}

/* tcpfsm_note_syn: endpoint `from` sent a SYN that was entered nowhere when it was captured. */
void tcpfsm_note_syn(struct tcpfsm_connection *c, unsigned from)
{
    note(c, LETTER_SYN, from);
}

/* tcpfsm_note_history: enters the segment. Not for duplicates that the capture made. */
void tcpfsm_note_history(struct tcpfsm_visit *v)
{
    unsigned from = index_of(v, v->x);

    if (sends(v, TCPFSM_RST)) {
        note(v->c, LETTER_RST, from);
        return;
    }
    if (sends(v, TCPFSM_SYN))
        note(v->c, sends(v, TCPFSM_ACK) ? LETTER_SYN_ACK : LETTER_SYN, from);
    else if (!v->s->len && !sends(v, TCPFSM_FIN))
        note(v->c, LETTER_ACK, from);
    if (v->s->len)
        note(v->c, LETTER_DATA, from);
    if (sends(v, TCPFSM_FIN))
        note(v->c, LETTER_FIN, from);
}

void tcpfsm_history_text(const uint8_t code[6], unsigned client, char text[TCPFSM_HISTORY_TEXT])
{
    unsigned first = code_at(code, 0);
    size_t n = 0;

    if (first && (first - 1) % 2 != client)
        text[n++] = '^';
    for (unsigned i = 0; i < 12 && code_at(code, i); i++) {
        unsigned place = code_at(code, i) - 1;

        text[n++] = (place % 2 == client ? "SHADFR" : "shadfr")[place / 2 % 6];
    }
    text[n] = '\0';
}

/* never_open: the code of a connection without a handshake of both sides; NULL if there was one. */
static const char *never_open(const char *text)
{
    bool client_syn = strchr(text, 'S'), server_syn = strpbrk(text, "hs"), client_more = strpbrk(text, "AD"),
         server_more = strpbrk(text, "ad");

    if (client_syn && !server_syn && !server_more) {
        if (strchr(text, 'r'))
            return "REJ";
        return strchr(text, 'R') ? "RSTOS0" : strchr(text, 'F') ? "SH" : "S0";
    }
    if (!client_syn && server_syn && !client_more && !strpbrk(text, "FR"))
        return strchr(text, 'r') ? "RSTRH" : strchr(text, 'f') ? "SHR" : "OTH";
    return client_syn || server_syn ? NULL : "OTH";
}

const char *tcpfsm_conn_state(const uint8_t code[6], unsigned client)
{
    char text[TCPFSM_HISTORY_TEXT];
    const char *state, *rst;

    tcpfsm_history_text(code, client, text);
    state = never_open(text);
    if (state)
        return state;
    rst = strpbrk(text, "Rr");
    if (rst)
        return *rst == 'R' ? "RSTO" : "RSTR";
    if (strchr(text, 'F'))
        return strchr(text, 'f') ? "SF" : "S2";
    return strchr(text, 'f') ? "S3" : "S1";
}
