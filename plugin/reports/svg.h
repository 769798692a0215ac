/* svg.h: writes a drawing, and puts it where the user wants it without harm to any other file.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_SVG_H
#define TCPFSM_SVG_H

#include "compat.h"

/* svg_begin: the head of a document of that size, with the colours of the states for light and for dark. To be ended
 * by svg_save(). */
GString *svg_begin(unsigned width, unsigned height, const char *title);

/* svg_colour: the class name of a state. */
const char *svg_colour(unsigned state);

/* svg_escaped: appends text with what XML reserves replaced. */
void svg_escaped(GString *out, const char *text);

/* svg_text: a line of text at a place, written with so many digits after the point, of that class; anchor: start,
 * middle or end. */
void svg_text(GString *out, int digits, double x, double y, const char *class, const char *anchor, const char *text);

/* svg_claim: takes `path` for the drawing of one report. Returns its name without links, to be given back by
 * svg_release(), or NULL and sets *wrong to why a drawing cannot be put there, to be freed. Nothing is made or
 * changed yet. */
char *svg_claim(const char *path, char **wrong);
void svg_release(char *claimed);

/* svg_open_here: whether the claimed file is open in this program: as the capture it reads, for example. */
bool svg_open_here(const char *claimed);

/* svg_save: ends the document, puts it into the claimed file and frees it. An existing file is replaced at once,
 * when all is written, or not at all. Returns NULL or what is wrong, to be freed. */
char *svg_save(const char *claimed, GString *out);

#endif
