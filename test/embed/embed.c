/* embed.c: see embed.h. What differs between Wireshark's versions and no plugin needs is here, the rest in plugin/compat.h.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "embed.h"
#include <wsutil/buffer.h>
#include <wsutil/filesystem.h>
#include <wsutil/privileges.h>
#include <wsutil/wslog.h>

#include <string.h>

/* fail: one line on stderr, and out. */
static void fail(const char *what, const char *which)
{
    fprintf(stderr, "%s: %s\n", what, which);
    exit(2);
}

static void say(const char *format, va_list arguments)
{
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
}

void embed_start(bool with_plugin)
{
    static const struct report_message_routines routines = {.vreport_failure = say, .vreport_warning = say};
    setenv("XDG_CONFIG_HOME", "/nonexistent", 1);   /* nobody's own preferences */
    init_report_message("embed", &routines);
    ws_log_set_level(LOG_LEVEL_MESSAGE);
    init_process_policies();
#if COMPAT_VERSION(4, 5)
    g_free(configuration_init("embed"));
#else
    g_free(configuration_init("embed", NULL));
#endif
    wtap_init(false);
    if (with_plugin)
        plugin_register();
    if (!epan_init(NULL, NULL, false))
        fail("libwireshark", "cannot be initialized");
    epan_load_settings();
    prefs_apply_all();
}

/* record_read: the next record of a file; its data in *buf. */
static bool record_read(wtap *file, wtap_rec *rec, Buffer *buf, int *err, char **info)
{
    int64_t offset;
#if COMPAT_VERSION(4, 5)
    (void)buf;
    return wtap_read(file, rec, err, info, &offset);
#else
    return wtap_read(file, rec, buf, err, info, &offset);
#endif
}

/* record_keep: appends a record to the capture. */
static void record_keep(struct embed_capture *capture, const wtap_rec *rec, const uint8_t *data)
{
    const wtap_packet_header *h = &rec->rec_header.packet_header;
    capture->packet = g_renew(struct embed_packet, capture->packet, capture->count + 1);
    struct embed_packet *p = &capture->packet[capture->count++];
    p->data = (uint8_t *)g_malloc(h->caplen ? h->caplen : 1);
    memcpy(p->data, data, h->caplen);
    p->captured = h->caplen;
    p->length = h->len;
    p->encapsulation = h->pkt_encap;
    p->time = (int64_t)rec->ts.secs * 1000000000 + rec->ts.nsecs;
}

struct embed_capture embed_load(const char *path)
{
    struct embed_capture capture = {NULL, 0};
    int err = 0;
    char *info = NULL;
    wtap *file = wtap_open_offline(path, WTAP_TYPE_AUTO, &err, &info, false);
    if (!file)
        fail("cannot read", path);
    wtap_rec rec;
    Buffer buf;
    ws_buffer_init(&buf, 1514);
#if COMPAT_VERSION(4, 5)
    wtap_rec_init(&rec, 1514);
#else
    wtap_rec_init(&rec);
#endif
    while (record_read(file, &rec, &buf, &err, &info)) {
        if (rec.rec_type == REC_TYPE_PACKET) {
#if COMPAT_VERSION(4, 5)
            record_keep(&capture, &rec, ws_buffer_start_ptr(&rec.data));
#else
            record_keep(&capture, &rec, ws_buffer_start_ptr(&buf));
#endif
        }
        wtap_rec_reset(&rec);
    }
    g_free(info);
    wtap_rec_cleanup(&rec);
    ws_buffer_free(&buf);
    wtap_close(file);
    return capture;
}

struct embed_capture embed_copy(const struct embed_capture *from)
{
    struct embed_capture to = {g_new(struct embed_packet, from->count + 1), from->count};
    for (unsigned i = 0; i < from->count; i++) {
        to.packet[i] = from->packet[i];
        to.packet[i].data = (uint8_t *)g_malloc(from->packet[i].captured ? from->packet[i].captured : 1);
        memcpy(to.packet[i].data, from->packet[i].data, from->packet[i].captured);
    }
    return to;
}

void embed_free(struct embed_capture *capture)
{
    for (unsigned i = 0; i < capture->count; i++)
        g_free(capture->packet[i].data);
    g_free(capture->packet);
    capture->packet = NULL;
    capture->count = 0;
}

void embed_set(const char *preference)
{
    char *text = g_strdup(preference), *error = NULL;
    if (prefs_set_pref(text, &error) != PREFS_SET_OK)
        fail("no such preference", preference);
    g_free(text);
    g_free(error);
    prefs_apply_all();
}

/* provider: what libwireshark asks the program that embeds it; behind Wireshark's pointer to a packet_provider_data. */
struct provider {
    const struct embed_capture *capture;
    nstime_t asked;
};

/* stamp: nanoseconds as Wireshark keeps them; the part below a second is never negative. */
static nstime_t stamp(int64_t time)
{
    nstime_t t = {(time_t)(time / 1000000000), (int)(time % 1000000000)};
    if (t.nsecs < 0) {
        t.nsecs += 1000000000;
        t.secs--;
    }
    return t;
}

static const nstime_t *frame_time(struct packet_provider_data *asked, uint32_t frame)
{
    struct provider *provider = (struct provider *)(void *)asked;
    if (frame < 1 || frame > provider->capture->count)
        return NULL;
    provider->asked = stamp(provider->capture->packet[frame - 1].time);
    return &provider->asked;
}

/* record_of: the record Wireshark wants for a packet. */
static void record_of(wtap_rec *rec, const struct embed_packet *p)
{
#if COMPAT_VERSION(4, 5)
    wtap_setup_packet_rec(rec, p->encapsulation);   /* the record's name too, without which dissection ends in an assertion */
#else
    rec->rec_type = REC_TYPE_PACKET;
#endif
    rec->presence_flags = WTAP_HAS_TS | WTAP_HAS_CAP_LEN;
    rec->ts = stamp(p->time);
    rec->tsprec = WTAP_TSPREC_NSEC;
    rec->rec_header.packet_header.caplen = p->captured;
    rec->rec_header.packet_header.len = p->length;
    rec->rec_header.packet_header.pkt_encap = p->encapsulation;
    rec->rec_header.packet_header.pseudo_header.eth.fcs_len = -1;
}

/* frame_dissect: one frame, one pass. */
static void frame_dissect(epan_dissect_t *edt, const struct embed_packet *p, frame_data *fd, wtap_rec *rec)
{
#if COMPAT_VERSION(4, 5)
    ws_buffer_clean(&rec->data);
    ws_buffer_append(&rec->data, p->data, p->captured);
    epan_dissect_run_with_taps(edt, WTAP_FILE_TYPE_SUBTYPE_UNKNOWN, rec, fd, NULL);
#else
    epan_dissect_run_with_taps(edt, WTAP_FILE_TYPE_SUBTYPE_UNKNOWN, rec, tvb_new_real_data(p->data, p->captured, (int)p->length), fd, NULL);
#endif
}

/* passes: dissects every frame, twice. */
static void passes(epan_t *session, const struct embed_capture *capture, frame_data *frames, embed_seen *seen, void *context)
{
    epan_dissect_t *edt = epan_dissect_new(session, true, true);
    wtap_rec rec;
#if COMPAT_VERSION(4, 5)
    wtap_rec_init(&rec, 1514);
#else
    wtap_rec_init(&rec);
#endif
    for (int pass = 1; pass <= 2; pass++) {
        const frame_data *reference = NULL, *previous = NULL;
        nstime_t elapsed = {0, 0};
        uint32_t bytes = 0;
        for (unsigned i = 0; i < capture->count; i++) {
            record_of(&rec, &capture->packet[i]);
            if (pass == 1)
                frame_data_init(&frames[i], i + 1, &rec, 0, bytes);
            frame_data_set_before_dissect(&frames[i], &elapsed, &reference, previous);
            frame_dissect(edt, &capture->packet[i], &frames[i], &rec);
            if (seen)
                seen(i + 1, pass, edt->tree, context);
            frame_data_set_after_dissect(&frames[i], &bytes);
            previous = &frames[i];
            epan_dissect_reset(edt);
        }
        if (pass == 1)
            postseq_cleanup_all_protocols();
    }
    wtap_rec_cleanup(&rec);
    epan_dissect_free(edt);
}

void embed_dissect(const struct embed_capture *capture, embed_seen *seen, void *context)
{
    static const struct packet_provider_funcs asked = {.get_frame_ts = frame_time};
    struct provider provider = {.capture = capture};
    frame_data *frames = g_new0(frame_data, capture->count + 1);
    epan_t *session = epan_new((struct packet_provider_data *)(void *)&provider, &asked);
    passes(session, capture, frames, seen, context);
    epan_free(session);
    for (unsigned i = 0; i < capture->count; i++)
        frame_data_destroy(&frames[i]);
    g_free(frames);
}
