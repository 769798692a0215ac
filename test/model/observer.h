/* observer.h: the engine, fed what the capture sees, and judged against the truth. The only part of the model that
 * knows the engine, by its public header.
 *
 * One capture feeds several engines ("lanes"), which differ in what they were told about where the capture sits.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MODEL_OBSERVER_H
#define MODEL_OBSERVER_H

#include "connection.h"
#include "world.h"

enum lane_kind { LANE_UNKNOWN, LANE_INFERRED, LANE_BETWEEN, LANE_NEAR, LANES };

struct lane {
    struct tcpfsm_connection connection;
    struct tcpfsm_path path;
    struct tcpfsm_result last;
    uint8_t client; /* NEAR_0 means the client: which end that is */
    bool started, retired; /* retired: who the client is changed, and the preference no longer says the truth */
};

struct observer { struct lane lane[LANES]; };

/* What can be wrong, in the words of the report. */
enum wrong {
    RIGHT,
    WRONG_UNSOUND,          /* the truth is not in `possible` */
    WRONG_CERTAIN,          /* `possible` has one member, and it is not the truth */
    WRONG_DISPLAY,          /* the displayed state is not in `possible` */
    WRONG_EDGE,             /* a step that is no edge of section 3.10 for that event */
    WRONG_CHAIN,            /* the steps do not lead from the state displayed before to the one displayed now */
    WRONG_CHANGED,          /* something changed and result.changed is false, or a duplicate did something */
    WRONG_KINDS
};

struct verdict {
    uint8_t wrong, lane, end;
    uint8_t lanes;          /* 1 << lane for every lane that is wrong after this action */
    uint8_t truth;          /* enum rfc_state */
    uint8_t shown;          /* enum tcpfsm_state */
    bool near, flying;      /* the endpoint sits beside the capture; something was on its way to it */
    uint16_t possible;
    uint8_t event;          /* of the wrong step */
    uint8_t from, to;
    uint64_t shape;         /* of the world: what the capture says */
};

void observer_start(struct observer *o);

/* observer_look: one action's captures, then, where the convention makes truth and inference comparable, the judgement.
 * RIGHT, or the first thing that is wrong. */
struct verdict observer_look(struct observer *o, const struct world *w, const struct sight *sight);

/* How sharp the engine was wherever it was judged and right: per lane, for far endpoints and near ones. */
struct sharpness { uint64_t judged, certain, display, members; };
/* observer_sharpness: of all observers of this process so far. */
struct sharpness observer_sharpness(unsigned lane, bool near);

/* observer_truth: the true state of an endpoint as the engine's bit; two bits where CLOSED and LISTEN are one. */
uint16_t observer_truth(const struct world *w, unsigned end);

const char *lane_name(unsigned lane);
const char *wrong_name(unsigned wrong);
bool lane_used(unsigned lane, const struct world *w);
/* set_write: the members of a set, spelt as the engine spells them. */
void set_write(uint16_t set, unsigned shown, char *text, unsigned size);

/* edge_known: edges.c: whether RFC 9293 section 3.10 lets `event` take an endpoint from `from` to `to`. */
bool edge_known(unsigned event, unsigned from, unsigned to);

#endif
