/* request_marks.c - see request_marks.h. */
#include "web/request_marks.h"
#include <string.h>

static gboolean begins_character(const char *text, gsize at)
{
    return ((guchar)text[at] & 0xC0) != 0x80;
}

static gboolean is_fit(const char *text, gsize length, const RequestMark *mark)
{
    return mark->from < mark->until && mark->until <= length &&
           begins_character(text, mark->from) && begins_character(text, mark->until);
}

static gint by_size(gconstpointer a, gconstpointer b)
{
    const gsize one = *(const gsize *)a, other = *(const gsize *)b;
    return one < other ? -1 : one > other;
}

/* Of marks that end together the innermost begins last. */
static gint innermost_first(gconstpointer a, gconstpointer b)
{
    const RequestMark *one = a, *other = b;
    if (one->from != other->from)
        return one->from > other->from ? -1 : 1;
    return one->number < other->number ? -1 : one->number > other->number;
}

static gint by_number(gconstpointer a, gconstpointer b)
{
    const guint one = *(const guint *)a, other = *(const guint *)b;
    return one < other ? -1 : one > other;
}

static void clear_piece(gpointer data)
{
    RequestPiece *piece = data;
    g_array_unref(piece->within);
    g_array_unref(piece->ends);
}

static GArray *fit_marks(const char *text, gsize length, const GArray *marks)
{
    GArray *fit = g_array_new(FALSE, FALSE, sizeof(RequestMark));
    for (guint i = 0; i < marks->len; i++) {
        const RequestMark mark = g_array_index(marks, RequestMark, i);
        if (is_fit(text, length, &mark))
            g_array_append_val(fit, mark);
    }
    g_array_sort(fit, innermost_first);
    return fit;
}

static GArray *places_of(gsize length, const GArray *marks)
{
    const gsize begin = 0;
    GArray *places = g_array_new(FALSE, FALSE, sizeof(gsize));
    g_array_append_val(places, begin);
    g_array_append_val(places, length);
    for (guint i = 0; i < marks->len; i++) {
        const RequestMark *mark = &g_array_index(marks, RequestMark, i);
        g_array_append_val(places, mark->from);
        g_array_append_val(places, mark->until);
    }
    g_array_sort(places, by_size);
    return places;
}

static void append_piece(GArray *pieces, gsize from, gsize until, const GArray *marks)
{
    RequestPiece piece = {from, until, g_array_new(FALSE, FALSE, sizeof(guint)),
                          g_array_new(FALSE, FALSE, sizeof(guint))};
    for (guint i = 0; i < marks->len; i++) {
        const RequestMark *mark = &g_array_index(marks, RequestMark, i);
        if (mark->from > from || mark->until < until)
            continue;
        g_array_append_val(piece.within, mark->number);
        if (mark->until == until)
            g_array_append_val(piece.ends, mark->number);
    }
    g_array_sort(piece.within, by_number);
    g_array_append_val(pieces, piece);
}

GArray *request_marks_cut(const char *text, const GArray *marks)
{
    const gsize length = strlen(text);
    g_autoptr(GArray) fit = fit_marks(text, length, marks);
    g_autoptr(GArray) places = places_of(length, fit);
    GArray *pieces = g_array_new(FALSE, FALSE, sizeof(RequestPiece));
    g_array_set_clear_func(pieces, clear_piece);
    for (guint i = 1; i < places->len; i++) {
        const gsize from = g_array_index(places, gsize, i - 1);
        const gsize until = g_array_index(places, gsize, i);
        if (from < until)
            append_piece(pieces, from, until, fit);
    }
    return pieces;
}
