/* model.c: the command.
 *
 *     model [--depth N] [--faults N] [--random COUNT] [--length N] [--seed S] [--vantage c|m|s|b] [--seconds T]
 *           [--plain [--once]] [--with SWITCH,...] [--pairs] [--evidence|--complete] [--ladders] [--all]
 *     model --replay NOTATION [--lane unknown|inferred|between|near]
 *     model --regress FILE [--ladders]
 *
 * Exit status: 0 nothing wrong, 1 something wrong, 2 a wrong argument.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "explore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where explorations begin: from nothing, and from places that would take many actions to reach. */
static const struct { const char *name, *actions; bool plain; } start[] = {
    { "nothing", "", true },
    { "SYN sent", "L1 A0", true },
    { "established", "L1 A0 .", true },
    { "simultaneous open", "A0 A1", false },
    { "data", "L1 A0 . S0 . S1 . F0", true },
    { "one side closed", "L1 A0 . C0 .", true },
    { "both closed at once", "L1 A0 . C0 C1", true },
    { "TIME_WAIT", "L1 A0 . C0 . C1 .", true },
    { "TIME_WAIT, a new SYN", "L1 A0 . C0 . C1 . L0 A1", false },
    { "half-open, a new SYN", "L1 A0 . K0 A0", false },
    { "half-open, data", "L1 A0 . K1 S0", false },
};

struct options {
    unsigned depth, faults, length;
    uint64_t random, seed;
    const char *vantages, *replay, *regress;
    double seconds;
    unsigned lane;
    uint32_t with;
    bool plain, once, ladders, all, pairs, evidence, complete;
};

static int usage(void)
{
    fprintf(stderr,
            "usage: model [--depth N] [--faults N] [--random COUNT] [--length N] [--seed S] [--vantage c|m|s|b]\n"
            "             [--seconds T] [--plain [--once]] [--with SWITCH,...] [--pairs] [--evidence|--complete]\n"
            "             [--ladders] [--all]\n"
            "       model --replay NOTATION [--lane unknown|inferred|between|near] | --regress FILE [--ladders]\n"
            "switches:");
    for (unsigned i = 0; i < WITH_KINDS; i++)
        fprintf(stderr, " %s", world_switch_name(i));
    fprintf(stderr, "\n");
    return 2;
}

static bool take_lane(struct options *o, const char *value)
{
    for (o->lane = 0; o->lane < LANES && strcmp(value, lane_name(o->lane));)
        o->lane++;
    return o->lane < LANES;
}

static bool take_option(struct options *o, const char *name, const char *value)
{
    char *end = NULL;
    unsigned long long n = strtoull(value, &end, 0);
    bool number = *value && !*end;
    if (!strcmp(name, "--replay"))
        o->replay = value;
    else if (!strcmp(name, "--regress"))
        o->regress = value;
    else if (!strcmp(name, "--vantage"))
        return o->vantages = value, *value && strspn(value, "cmsb") == strlen(value);
    else if (!strcmp(name, "--with"))
        return switches_read(value, strlen(value), &o->with);
    else if (!strcmp(name, "--lane"))
        return take_lane(o, value);
    else if (!number)
        return false;
    else if (!strcmp(name, "--depth"))
        o->depth = (unsigned)n;
    else if (!strcmp(name, "--faults"))
        o->faults = n < 255 ? (unsigned)n : 255;
    else if (!strcmp(name, "--random"))
        o->random = n;
    else if (!strcmp(name, "--length"))
        o->length = n ? (unsigned)n : 1;
    else if (!strcmp(name, "--seed"))
        o->seed = n;
    else if (!strcmp(name, "--seconds"))
        o->seconds = (double)n;
    else
        return false;
    return true;
}

static bool take_options(struct options *o, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--slow"))
            o->with |= WITH_SLOW;
        else if (!strcmp(argv[i], "--all"))
            o->all = true;
        else if (!strcmp(argv[i], "--pairs"))
            o->pairs = true;
        else if (!strcmp(argv[i], "--complete"))
            o->complete = true;
        else if (!strcmp(argv[i], "--evidence"))
            o->evidence = true;
        else if (!strcmp(argv[i], "--plain"))
            o->plain = true;
        else if (!strcmp(argv[i], "--once"))
            o->once = true;
        else if (!strcmp(argv[i], "--ladders"))
            o->ladders = true;
        else if (i + 1 >= argc || !take_option(o, argv[i], argv[i + 1]))
            return false;
        else
            i++;
    }
    return true;
}

static int replay(const char *notation, unsigned lane)
{
    struct schedule s;
    unsigned ran;
    if (!schedule_read(notation, &s))
        return 2;
    struct verdict v = schedule_run(&s, &ran);
    v.lane = (uint8_t)(lane < LANES ? lane : v.lane);
    printf("lane %s\n", lane_name(v.lane));
    schedule_ladder(&s, v);
    if (!v.wrong) {
        printf("nothing wrong in %u actions\n", ran);
        return 0;
    }
    char set[200];
    set_write(v.possible, v.shown, set, sizeof set);
    printf("%s after %u actions: lanes", wrong_name(v.wrong), ran);
    for (unsigned i = 0; i < LANES; i++)
        if (v.lanes >> i & 1)
            printf(" %s", lane_name(i));
    printf(", endpoint %u, truth %s, possible {%s}, step \"%s\" %s -> %s\n", v.end, rfc_state_name(v.truth), set,
           tcpfsm_event_text(v.event), tcpfsm_state_name(v.from), tcpfsm_state_name(v.to));
    return 1;
}

/* regress_line: one counterexample. A name that begins with "~" is a limit: known to be wrong still, and to be struck
 * off this list when it is not. */
static int regress_line(char *line, bool ladders)
{
    struct schedule s;
    unsigned ran;
    char *colon = strchr(line, ':');
    bool limit = *line == '~';
    if (*line == '#' || !colon)
        return 0;
    *colon = 0;
    if (!schedule_read(colon + 1 + strspn(colon + 1, " "), &s))
        return 2;
    struct verdict v = schedule_run(&s, &ran);
    if (limit == (v.wrong != RIGHT))
        return 0;
    char set[200], notation[NOTATION_MAX];
    set_write(v.possible, v.shown, set, sizeof set);
    schedule_write(&s, notation);
    if (limit)
        printf("%s: right now: take the ~ away\n", line);
    else
        printf("%s: %s: truth %s, possible {%s}\n     model --replay '%s'\n", line, wrong_name(v.wrong),
               rfc_state_name(v.truth), set, notation);
    if (!limit && ladders)
        schedule_ladder(&s, v);
    return 1;
}

/* regress: every line of the file is "name: notation"; none may go wrong any more. */
static int regress(const char *path, bool ladders)
{
    static char line[NOTATION_MAX + 200];
    unsigned count = 0, bad = 0;
    FILE *f = fopen(path, "r");
    if (!f) {
        fprintf(stderr, "%s: cannot be read\n", path);
        return 2;
    }
    while (fgets(line, sizeof line, f)) {
        int status = regress_line(line, ladders);
        if (status == 2) {
            fprintf(stderr, "%s\n", line);
            fclose(f);
            return 2;
        }
        count += *line != '#' && *line != '\n';
        bad += (unsigned)status;
    }
    fclose(f);
    printf("%u counterexamples replayed, %u wrong\n", count, bad);
    return bad || !count ? 1 : 0;
}

/* explore_from: everything that can follow one beginning. */
static void explore_from(struct explorer *x, const struct options *o, const struct schedule *s, uint64_t *seed,
                         unsigned beginnings, const char *name)
{
    uint64_t states = x->states, schedules = x->schedules;
    x->cut = false;
    if (o->depth)
        explore_depth(x, s, o->depth);
    bool cut = x->cut;
    if (o->random)
        explore_random(x, s, (o->random + beginnings - 1) / beginnings, o->length, seed);
    if (!name)
        return;
    printf("%c  from \"%s\": %llu states, %llu schedules%s\n", s->vantage, name,
           (unsigned long long)(x->states - states), (unsigned long long)(x->schedules - schedules),
           cut ? ", cut short by the clock" : "");
    fflush(stdout);
}

/* explore_pairs: the capture begins in every pair of states. */
static void explore_pairs(struct explorer *x, const struct options *o, char vantage)
{
    static struct schedule way[PAIRS];
    unsigned n = schedule_pairs(vantage, o->with, o->plain, way);
    double end = x->deadline, begin = explore_clock();
    uint64_t seed = o->seed, states = x->states, cut = 0;
    for (unsigned i = 0; i < n; i++) {
        way[i].action[way[i].count++] = (struct action){ ACT_BEGIN, 0, 0, 0 };
        x->deadline = begin + (end - begin) * (i + 1) / n;
        explore_from(x, o, &way[i], &seed, n, NULL);
        cut += x->cut;
    }
    printf("%c  from %u pairs of states: %llu states", vantage, n, (unsigned long long)(x->states - states));
    printf(cut ? ", %llu pairs cut short by the clock\n" : "\n", (unsigned long long)cut);
}

/* begins_here: whether an exploration uses a beginning. */
static bool begins_here(const struct options *o, unsigned i)
{
    bool opens = (o->with & (WITH_OPEN4 | WITH_LWIP)) && !strcmp(start[i].name, "simultaneous open");
    return !o->plain || start[i].plain || opens;
}

static void explore_vantage(struct explorer *x, const struct options *o, char vantage)
{
    unsigned starts = sizeof start / sizeof start[0];
    double end = x->deadline, begin = explore_clock();
    uint64_t seed = o->seed;
    struct schedule s;
    for (unsigned i = 0; i < starts; i++) {
        char text[280], words[160];
        if (!begins_here(o, i))
            continue;
        switches_write(o->with, words);
        snprintf(text, sizeof text, o->with ? "%c[%s]: %s" : "%c%s: %s", vantage, words, start[i].actions);
        if (!schedule_read(text, &s))
            return;
        x->deadline = begin + (end - begin) * (i + 1) / starts;
        explore_from(x, o, &s, &seed, starts, start[i].name);
    }
}

static void explore_all(struct explorer *x, const struct options *o)
{
    double begin = explore_clock();
    size_t n = strlen(o->vantages);
    for (size_t i = 0; i < n; i++) {
        x->deadline = begin + o->seconds * (double)(i + 1) / (double)n;
        if (o->pairs)
            explore_pairs(x, o, o->vantages[i]);
        else
            explore_vantage(x, o, o->vantages[i]);
    }
}

/* explore_shapes: notes the captures of all worlds whose capture misses nothing, one action and two failures further.
 */
static void explore_shapes(struct explorer *x, const struct options *o)
{
    struct options whole = *o;
    whole.with &= ~(WITH_MISS | WITH_MID | WITH_ONE0 | WITH_ONE1);
    whole.pairs = false;
    whole.depth++;
    x->faults += 1;
    x->whole = true;
    x->evidence.pass = EVIDENCE_SHAPES;
    explore_all(x, &whole);
    x->faults -= 1;
    x->whole = false;
    explorer_again(x, EVIDENCE_KNOWN);
}

int main(int argc, char **argv)
{
    static struct explorer x;
    struct options o = { .faults = 255, .length = 60, .seed = 1, .vantages = "cms", .seconds = 3600, .lane = LANES };
    if (argc < 2 || !take_options(&o, argc, argv))
        return usage();
    if (o.replay)
        return replay(o.replay, o.lane);
    if (o.regress)
        return regress(o.regress, o.ladders);
    if (!explorer_start(&x))
        return 2;
    x.faults = o.faults;
    x.plain = o.plain;
    x.once = o.once;
    x.most = o.all ? CLASSES : 12;
    double begin = explore_clock();
    if (o.evidence && !evidence_start(&x.evidence))
        return 2;
    if (o.complete) {
        if (!evidence_start(&x.evidence))
            return 2;
        explore_shapes(&x, &o);
    }
    if (o.evidence)
        x.evidence.pass = EVIDENCE_NOTE;
    explore_all(&x, &o);
    if (o.evidence) {
        explorer_again(&x, EVIDENCE_CLASS);
        explore_all(&x, &o);
    }
    printf("depth %u, at most %u faults, %llu random schedules: %llu states, %llu schedules, %llu steps, %u violations "
           "(classes and what shrinks to them), %.0f s\n",
           o.depth, o.faults, (unsigned long long)o.random, (unsigned long long)x.states,
           (unsigned long long)x.schedules, (unsigned long long)x.steps, x.classes, explore_clock() - begin);
    explore_report(&x, o.ladders);
    if (o.evidence)
        evidence_report(&x.evidence, o.all ? EVIDENCE_CLASSES : 20);
    evidence_stop(&x.evidence);
    explorer_stop(&x);
    return x.classes ? 1 : 0;
}
