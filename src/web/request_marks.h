/* request_marks.h - the words a proposal came from, found again in the text and cut out of it.
 * Pure. */
#pragma once
#include <glib.h>

typedef struct {
    char *words;  /* as they stand in the text */
    guint number; /* shown beside them, from 1 */
    gsize place;  /* where they were found, in bytes: tried first */
} RequestMark;

/* A piece of the text: bytes [from, until); number 0: not marked. */
typedef struct {
    gsize from, until;
    guint number;
} RequestPiece;

void request_mark_clear(gpointer mark); /* for g_array_set_clear_func */
/* Each mark (RequestMark) at its place, else at its first one in `text`, letter case and white
 * space put aside; a mark that would overlap an earlier one is left out. RequestPiece in order,
 * together the whole text; owned by the caller. */
GArray *request_marks_find(const char *text, const GArray *marks);
