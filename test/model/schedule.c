/* schedule.c: notation, replay, ladder, shrinking.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "schedule.h"

#include <stdio.h>
#include <string.h>

void scene_start(struct scene *s, char vantage, uint32_t with)
{
    memset(s, 0, sizeof *s);
    world_start(&s->world, vantage, with);
    observer_start(&s->observer);
}

struct verdict scene_step(struct scene *s, struct action a, bool *done)
{
    struct sight sight = { 0 };
    struct verdict v = { 0 };
    *done = world_apply(&s->world, a, &sight);
    if (*done)
        v = observer_look(&s->observer, &s->world, &sight);
    return v;
}

/* oldest: the arrival of the segment that has been on its way longest, those past the capture first. */
static bool oldest(const struct world *w, struct action *a)
{
    for (unsigned down = 1; down < 2; down--)
        for (unsigned end = 0; end < 2; end++)
            if (down ? w->down[end].count : w->up[end].count) {
                *a = (struct action){ (uint8_t)(down ? ACT_DOWN : ACT_UP), (uint8_t)end, 0, 0 };
                return true;
            }
    return false;
}

struct verdict scene_settle(struct scene *s, struct schedule *out)
{
    struct verdict v = { 0 };
    struct action a;
    bool done;
    for (unsigned i = 0; i < 64 && !v.wrong && oldest(&s->world, &a); i++) {
        if (out && out->count < WORLD_SCHEDULE)
            out->action[out->count++] = a;
        v = scene_step(s, a, &done);
    }
    return v;
}

bool switches_read(const char *text, size_t size, uint32_t *with)
{
    *with = 0;
    for (const char *end = text + size; text < end;) {
        const char *comma = memchr(text, ',', (size_t)(end - text));
        size_t n = (size_t)((comma ? comma : end) - text);
        unsigned i = 0;
        while (i < WITH_KINDS && (strlen(world_switch_name(i)) != n || strncmp(world_switch_name(i), text, n)))
            i++;
        if (i == WITH_KINDS)
            return false;
        *with |= 1u << i;
        text += n + 1;
    }
    return true;
}

void switches_write(uint32_t with, char *text)
{
    *text = 0;
    for (unsigned i = 0; i < WITH_KINDS; i++)
        if (with >> i & 1)
            sprintf(text + strlen(text), "%s%s", *text ? "," : "", world_switch_name(i));
}

/* head_read: vantage and switches. */
static bool head_read(const char **text, struct schedule *s)
{
    const char *p = *text, *close;
    s->vantage = *p;
    if (!*p || !strchr("cmsb", *p++))
        return false;
    if (*p == '[') {
        close = strchr(p, ']');
        if (!close || !switches_read(p + 1, (size_t)(close - p - 1), &s->with))
            return false;
        p = close + 1;
    }
    if (*p++ != ':')
        return false;
    *text = p;
    return true;
}

bool schedule_read(const char *text, struct schedule *s)
{
    struct scene scene;
    bool done;
    memset(s, 0, sizeof *s);
    if (!head_read(&text, s)) {
        fprintf(stderr, "not a schedule: it begins with c:, m:, s: or b:, or with c[miss,slow]: and the like\n");
        return false;
    }
    scene_start(&scene, s->vantage, s->with);
    for (; *text && *text != '\n'; ) {
        struct action a;
        if (*text == ' ') {
            text++;
        } else if (*text == '.') {
            text++;
            scene_settle(&scene, s);
        } else if (s->count < WORLD_SCHEDULE && action_read(&text, &a)) {
            s->action[s->count++] = a;
            scene_step(&scene, a, &done);
        } else {
            fprintf(stderr, "not an action: %.12s\n", text);
            return false;
        }
    }
    return true;
}

void schedule_write(const struct schedule *s, char text[NOTATION_MAX])
{
    char words[160];
    switches_write(s->with, words);
    sprintf(text, s->with ? "%c[%s]:" : "%c%s:", s->vantage, words);
    for (unsigned i = 0; i < s->count; i++) {
        strcat(text, " ");
        action_write(s->action[i], text);
    }
}

struct verdict schedule_run(const struct schedule *s, unsigned *ran)
{
    struct scene scene;
    struct verdict v = { 0 };
    bool done;
    scene_start(&scene, s->vantage, s->with);
    for (*ran = 0; *ran < s->count && !v.wrong;)
        v = scene_step(&scene, s->action[(*ran)++], &done);
    return v;
}

static void segment_write(const struct rfc_segment *s, char *text, unsigned size)
{
    int n =
        snprintf(text, size, "%s%s%s%s <SEQ=%u>", s->flags & RFC_SYN ? "SYN " : "", s->flags & RFC_FIN ? "FIN " : "",
                 s->flags & RFC_RST ? "RST " : "", s->flags & RFC_ACK ? "ACK" : "", s->seq);
    if (s->flags & RFC_ACK)
        n += snprintf(text + n, size - (unsigned)n, "<ACK=%u>", s->ack);
    if (s->len)
        n += snprintf(text + n, size - (unsigned)n, "<DATA=%u>", s->len);
    if (s->window != RFC_WINDOW && !(s->flags & RFC_RST))
        snprintf(text + n, size - (unsigned)n, "<WND=%u>", s->window);
}

/* state_line: the truth of both endpoints, what the lane made of it, and why it is held to less than that. */
static void state_line(const struct scene *s, unsigned lane)
{
    const struct tcpfsm_result *r = &s->observer.lane[lane].last;
    const struct world *w = &s->world;
    for (unsigned end = 0; end < 2; end++) {
        char set[200] = "nothing yet";
        enum judged judged = world_judged(w, end);
        if (s->observer.lane[lane].started)
            set_write(r->possible[end], r->state[end], set, sizeof set);
        printf("            %u  %-12s {%s}%s%s%s%s%s%s%s\n", end, rfc_state_name(w->end[end].state), set,
               judged == JUDGED_FULL      ? ""
               : judged == JUDGED_CERTAIN ? " | only `certain` judged:"
                                          : " | not judged:",
               w->hidden[end] ? " a segment of its was never captured" : "", w->silent[end] ? " silent" : "",
               w->owed[end] ? " something unseen and without trace reached it" : "",
               world_observed(w, end) ? "" : " has sent more", w->expired[end] ? " 2MSL expired" : "",
               world_flying(w, end) ? judged ? " | more on its way to it" : " more on its way to it" : "");
    }
}

static const char *describe(struct action a)
{
    static const char *const text[ACT_KINDS] = { "OPEN, active",
                                                 "OPEN, active, ISN inside the old window",
                                                 "OPEN, passive",
                                                 "SEND",
                                                 "CLOSE",
                                                 "CLOSE, reads no more",
                                                 "ABORT",
                                                 "host forgets the connection",
                                                 "retransmission timeout",
                                                 "retransmission timeout, FIN joined to data",
                                                 "delayed acknowledgement",
                                                 "2MSL have passed",
                                                 "SEND and CLOSE in one segment",
                                                 "three seconds pass",
                                                 "its application reads",
                                                 "OPEN, passive, with SYN cookies",
                                                 "its accept queue is full, or no longer",
                                                 "the capture begins",
                                                 "the latest of the capture is captured again",
                                                 "reaches the capture",
                                                 "reaches its receiver",
                                                 "lost before the capture",
                                                 "lost behind the capture",
                                                 "duplicated before the capture",
                                                 "duplicated behind the capture" };
    return text[a.kind];
}

void schedule_ladder(const struct schedule *s, struct verdict v)
{
    struct scene scene;
    struct verdict now = { 0 };
    bool done;
    scene_start(&scene, s->vantage, s->with);
    for (unsigned i = 0; i < s->count && !now.wrong; i++) {
        struct sight sight = { 0 };
        char word[20] = "", text[128];
        const struct action a = s->action[i];
        action_write(a, word);
        done = world_apply(&scene.world, a, &sight);
        printf("    %3u  %-6s %u: %s%s%s\n", i + 1, word, a.end, describe(a), a.miss ? ", missed by the capture" : "",
               done ? "" : " (cannot happen)");
        for (unsigned k = 0; k < sight.count; k++) {
            const struct capture *c = &sight.capture[k];
            segment_write(&c->segment, text, sizeof text);
            printf("         captured at %.5f s   0 %s 1   %s\n", (double)c->time / 1e9, c->from ? "<--" : "-->", text);
        }
        if (done)
            now = observer_look(&scene.observer, &scene.world, &sight);
        state_line(&scene, v.lane);
    }
}

static bool same(struct verdict a, struct verdict b)
{
    return a.wrong == b.wrong && a.end == b.end && a.truth == b.truth;
}

/* shorter: leaves out `n` actions at `at`, and keeps that if it still goes wrong alike. */
static bool shorter(struct schedule *s, unsigned at, unsigned n, struct verdict *v)
{
    struct schedule t = *s;
    unsigned ran;
    memmove(&t.action[at], &t.action[at + n], (t.count - at - n) * sizeof t.action[0]);
    t.count = (uint16_t)(t.count - n);
    struct verdict now = schedule_run(&t, &ran);
    if (!now.wrong || !same(now, *v))
        return false;
    t.count = (uint16_t)ran;
    *s = t;
    *v = now;
    return true;
}

void schedule_shrink(struct schedule *s, struct verdict *v)
{
    unsigned ran;
    schedule_run(s, &ran);
    s->count = (uint16_t)ran;
    for (bool again = true; again;) {
        again = false;
        for (unsigned n = s->count / 2 ? s->count / 2 : 1; n; n /= 2)
            for (unsigned at = 0; at + n <= s->count;)
                if (shorter(s, at, n, v))
                    again = true;
                else
                    at++;
        for (unsigned i = 0; i < s->count; i++) /* captured, where missing it is not needed */
            if (s->action[i].miss) {
                struct schedule t = *s;
                t.action[i].miss = 0;
                struct verdict now = schedule_run(&t, &ran);
                if (now.wrong && same(now, *v)) {
                    t.count = (uint16_t)ran;
                    *s = t;
                    again = true;
                }
            }
        for (unsigned i = 0; i < s->count; i++) /* in order, where overtaking is not needed */
            if (s->action[i].index) {
                struct schedule t = *s;
                t.action[i].index--;
                struct verdict now = schedule_run(&t, &ran);
                if (now.wrong && same(now, *v)) {
                    t.count = (uint16_t)ran;
                    *s = t;
                    again = true;
                }
            }
    }
}
