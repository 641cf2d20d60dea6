/* request_marks.h - a text cut at the words that proposals came from. Pure. */
#pragma once
#include <glib.h>

/* Bytes [from, until) became the proposal `number`, from 1. */
typedef struct {
    gsize from, until;
    guint number;
} RequestMark;

/* A piece of the text: bytes [from, until). */
typedef struct {
    gsize from, until;
    GArray *within; /* guint, ascending: the marks that cover it; empty: not marked */
    GArray *ends;   /* guint: those of them that end with it, the innermost first */
} RequestPiece;

/* The text in order, together all of it; marks may lie in, over and beside each other. One that is
 * empty, lies outside of the text or begins or ends within a character is left out. RequestPiece,
 * owned by the caller. */
GArray *request_marks_cut(const char *text, const GArray *marks);
