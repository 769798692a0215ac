/* schedule.c: notation, replay, ladder, shrinking.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "schedule.h"

#include <stdio.h>
#include <string.h>

void scene_start(struct scene *s, char vantage, bool slow)
{
    memset(s, 0, sizeof *s);
    world_start(&s->world, vantage, slow);
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

bool schedule_read(const char *text, struct schedule *s)
{
    struct scene scene;
    bool done;
    memset(s, 0, sizeof *s);
    s->vantage = *text;
    if (*text && strchr("cms", *text))
        text++;
    s->slow = *text == '~';
    text += s->slow;
    if (!strchr("cms", s->vantage) || *text++ != ':') {
        fprintf(stderr, "not a schedule: it begins with c:, m: or s:\n");
        return false;
    }
    scene_start(&scene, s->vantage, s->slow);
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
    sprintf(text, "%c%s:", s->vantage, s->slow ? "~" : "");
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
    scene_start(&scene, s->vantage, s->slow);
    for (*ran = 0; *ran < s->count && !v.wrong;)
        v = scene_step(&scene, s->action[(*ran)++], &done);
    return v;
}

static void segment_write(const struct rfc_segment *s, char *text, unsigned size)
{
    int n = snprintf(text, size, "%s%s%s%s <SEQ=%u>", s->flags & RFC_SYN ? "SYN " : "", s->flags & RFC_FIN ? "FIN " : "", s->flags & RFC_RST ? "RST " : "",
                     s->flags & RFC_ACK ? "ACK" : "", s->seq);
    if (s->flags & RFC_ACK)
        n += snprintf(text + n, size - (unsigned)n, "<ACK=%u>", s->ack);
    if (s->len)
        snprintf(text + n, size - (unsigned)n, "<DATA=%u>", s->len);
}

static void state_line(const struct scene *s, unsigned lane)
{
    const struct tcpfsm_result *r = &s->observer.lane[lane].last;
    for (unsigned end = 0; end < 2; end++) {
        char set[200] = "nothing yet";
        if (s->observer.lane[lane].started)
            set_write(r->possible[end], r->state[end], set, sizeof set);
        printf("            %u  %-12s {%s}%s%s%s%s\n", end, rfc_state_name(s->world.end[end].state), set,
            s->world.hidden[end] ? " (a segment of its was never captured)" : "",
               s->world.silent[end] ? " (silent)" : "", world_observed(&s->world, end) ? "" : " (has sent more)", world_flying(&s->world,
                   end) ? " (more on its way to it)" : "");
    }
}

static const char *describe(struct action a)
{
    static const char *const text[ACT_KINDS] = {
        "OPEN, active", "OPEN, active, ISN inside the old window", "OPEN, passive", "SEND", "CLOSE", "CLOSE, reads no more", "ABORT",
            "host forgets the connection",
        "retransmission timeout", "retransmission timeout, FIN joined to data", "delayed acknowledgement", "2MSL have passed", "reaches the capture",
            "reaches its receiver",
        "lost before the capture", "lost behind the capture", "duplicated before the capture", "duplicated behind the capture" };
    return text[a.kind];
}

void schedule_ladder(const struct schedule *s, struct verdict v)
{
    struct scene scene;
    struct verdict now = { 0 };
    bool done;
    scene_start(&scene, s->vantage, s->slow);
    for (unsigned i = 0; i < s->count && !now.wrong; i++) {
        struct sight sight = { 0 };
        char word[16] = "", text[128];
        const struct action a = s->action[i];
        action_write(a, word);
        done = world_apply(&scene.world, a, &sight);
        printf("    %3u  %-6s %u: %s%s\n", i + 1, word, a.end, describe(a), done ? "" : " (cannot happen)");
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

static bool same(struct verdict a, struct verdict b) { return a.wrong == b.wrong && a.lane == b.lane && a.end == b.end && a.truth == b.truth; }

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
