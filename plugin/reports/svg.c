/* svg.c: drawings.
 *
 * Copyright 2026 the tcpfsm authors
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "reports/svg.h"
#include "engine/tcpfsm.h"

#include <errno.h>

static const char stdout_name[] = "/dev/stdout";
static GHashTable *claims;      /* names of files that reports will write */

GString *svg_begin(unsigned width, unsigned height, const char *title)
{
    GString *out = g_string_new(NULL);
    g_string_append_printf(out,
                           "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" viewBox=\"0 0 %u %u\" "
                           "font-family=\"DejaVu Sans,Verdana,Arial,sans-serif\" font-size=\"12\">\n",
                           width, height, width, height);
    g_string_append(out, "<title>");
    svg_escaped(out, title);
    g_string_append(
        out,
        "</title>\n<style>\n"
        "  .t{fill:#1c2733}.m{fill:#5d6b78}.w{fill:#b3261e}.l{stroke:#5d6b78}.g{stroke:#d5dbe1}.b{fill:#fff}\n"
        "  .cl{fill:#c3cad1}.li{fill:#dfe4e8}.ss{fill:#f2b134}.sr{fill:#e38b29}.es{fill:#4c9f70}.f1{fill:#7fb3e6}"
        ".f2{fill:#4a86c8}\n"
        "  .cw{fill:#d1495b}.cg{fill:#2fa7a0}.la{fill:#e58fb0}.tw{fill:#7a5ba8}.kw{stroke:#7a5ba8}.kc{stroke:#d1495b}\n"
        "  .mono{font-family:'DejaVu Sans Mono',Consolas,Menlo,monospace}\n"
        "  @media (prefers-color-scheme:dark){.t{fill:#e4e9ee}.m{fill:#9aa7b3}.w{fill:#ff8a80}.l{stroke:#9aa7b3}"
        ".g{stroke:#39434d}"
        ".b{fill:#161b20}.cl{fill:#56616b}.li{fill:#39434d}.tw{fill:#a486d6}.kw{stroke:#a486d6}}\n"
        "</style>\n");
    g_string_append_printf(out, "<rect class=\"b\" width=\"%u\" height=\"%u\"/>\n", width, height);
    return out;
}

const char *svg_colour(unsigned state)
{
    static const char *const class[TCPFSM_STATES] = {"cl", "li", "ss", "sr", "es", "f1", "f2", "cw", "cg", "la", "tw"};
    return class[MIN(state, TCPFSM_STATES - 1u)];
}

void svg_escaped(GString *out, const char *text)
{
    char *escaped = g_markup_escape_text(text, -1);
    g_string_append(out, escaped);
    g_free(escaped);
}

void svg_text(GString *out, int digits, double x, double y, const char *class, const char *anchor, const char *text)
{
    g_string_append_printf(out, "<text x=\"%.*f\" y=\"%.*f\" class=\"%s\" text-anchor=\"%s\">", digits, x, digits, y,
                           class, anchor);
    svg_escaped(out, text);
    g_string_append(out, "</text>\n");
}

/* resolved: the path without links; if there is no such file, that of its folder and its name. NULL: there is no
 * such folder either. */
static char *resolved(const char *path)
{
    char *real = compat_path(path);
    if (real)
        return real;
    char *folder = g_path_get_dirname(path), *name = g_path_get_basename(path), *in = compat_path(folder);
    real = in ? g_build_filename(in, name, NULL) : NULL;
    g_free(folder);
    g_free(name);
    g_free(in);
    return real;
}

/* unfit: why a drawing cannot be put there: a constant text, or NULL. An existing file is replaced by a new one in
 * its folder. */
static const char *unfit(const char *path)
{
    GStatBuf status;
    bool exists = g_stat(path, &status) == 0;
    if (exists && S_ISFIFO(status.st_mode))
        return g_access(path, W_OK) ? "cannot be written" : NULL;
    if (exists && !S_ISREG(status.st_mode))
        return "is not a regular file";
    if (exists && compat_file_open(path, &status))
        return "is in use: this program has it open";
    char *folder = g_path_get_dirname(path);
    bool writable = g_access(folder, W_OK) == 0 && (!exists || g_access(path, W_OK) == 0);
    g_free(folder);
    return writable ? NULL : "cannot be written";
}

char *svg_claim(const char *path, char **wrong)
{
    char *name = strcmp(path, stdout_name) ? resolved(path) : g_strdup(path);
    const char *why = !name                       ? "cannot be written: there is no such folder"
                      : strcmp(name, stdout_name) ? unfit(name)
                                                  : NULL;
    if (!claims)
        claims = g_hash_table_new(g_str_hash, g_str_equal);
    if (!why && g_hash_table_contains(claims, name))
        why = "is written by another report";
    if (!why) {
        g_hash_table_add(claims, name);
        return name;
    }
    *wrong = g_strdup_printf("%s %s", path, why);
    g_free(name);
    return NULL;
}

void svg_release(char *claimed)
{
    if (!claimed)
        return;
    g_hash_table_remove(claims, claimed);
    g_free(claimed);
}

bool svg_open_here(const char *claimed)
{
    GStatBuf status;
    return strcmp(claimed, stdout_name) && g_stat(claimed, &status) == 0 && S_ISREG(status.st_mode) &&
           compat_file_open(claimed, &status);
}

/* stream_out: writes to what is no regular file. */
static bool stream_out(const char *path, const GString *out)
{
    bool standard = !strcmp(path, stdout_name);
    FILE *f = standard ? stdout : g_fopen(path, "w");
    if (!f)
        return false;
    bool good = fwrite(out->str, 1, out->len, f) == out->len && fflush(f) == 0;
    return standard ? good : fclose(f) == 0 && good;
}

char *svg_save(const char *claimed, GString *out)
{
    GStatBuf status;
    bool exists = g_stat(claimed, &status) == 0;
    char *wrong = NULL;
    g_string_append(out, "</svg>\n");
    if (!strcmp(claimed, stdout_name) || (exists && S_ISFIFO(status.st_mode))) {
        if (!stream_out(claimed, out))
            wrong = g_strdup_printf("%s cannot be written: %s", claimed, g_strerror(errno));
    } else {
        GError *error = NULL;
        if (!g_file_set_contents(claimed, out->str, (gssize)out->len, &error))
            wrong = g_strdup_printf("%s cannot be written: %s", claimed, error->message);
        else if (exists)
            (void)!g_chmod(claimed, status.st_mode & 07777);
        g_clear_error(&error);
    }
    g_string_free(out, TRUE);
    return wrong;
}
