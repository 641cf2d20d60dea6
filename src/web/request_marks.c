/* request_marks.c - see request_marks.h. */
#include "web/request_marks.h"
#include <string.h>

void request_mark_clear(gpointer mark)
{
    g_free(((RequestMark *)mark)->words);
}

/* Does `words` stand at `text`? Any run of white space is like any other. Its length in bytes, 0:
 * no. */
static gsize words_length(const char *text, const char *words)
{
    const char *at = text;
    while (*words) {
        if (g_ascii_isspace(*words)) {
            if (!g_ascii_isspace(*at))
                return 0;
            while (g_ascii_isspace(*words))
                words++;
            while (g_ascii_isspace(*at))
                at++;
            continue;
        }
        if (g_ascii_tolower(*at) != g_ascii_tolower(*words))
            return 0;
        at++;
        words++;
    }
    return (gsize)(at - text);
}

static gboolean is_word(char c)
{
    return g_ascii_isalnum(c) || (c & 0x80);
}

/* Do the words stand there, beginning and ending no other word? */
static gboolean stands_at(const char *text, gsize at, const RequestMark *mark, RequestPiece *piece)
{
    const gsize length = words_length(text + at, mark->words);
    const char *end = text + at + length;
    if (length == 0 || (at > 0 && is_word(text[at - 1]) && is_word(text[at])) ||
        (is_word(end[-1]) && is_word(*end)))
        return FALSE;
    *piece = (RequestPiece){at, at + length, mark->number};
    return TRUE;
}

static gboolean find(const char *text, gsize length, const RequestMark *mark, RequestPiece *piece)
{
    if (mark->place < length && stands_at(text, mark->place, mark, piece))
        return TRUE;
    for (gsize at = 0; at < length; at++)
        if (stands_at(text, at, mark, piece))
            return TRUE;
    return FALSE;
}

static gboolean overlaps(const GArray *pieces, const RequestPiece *piece)
{
    for (guint i = 0; i < pieces->len; i++) {
        const RequestPiece *other = &g_array_index(pieces, RequestPiece, i);
        if (piece->from < other->until && other->from < piece->until)
            return TRUE;
    }
    return FALSE;
}

static gint by_place(gconstpointer a, gconstpointer b)
{
    const RequestPiece *first = a, *second = b;
    return first->from < second->from ? -1 : first->from > second->from;
}

static void append_plain(GArray *pieces, gsize from, gsize until)
{
    const RequestPiece plain = {from, until, 0};
    if (from < until)
        g_array_append_val(pieces, plain);
}

GArray *request_marks_find(const char *text, const GArray *marks)
{
    const gsize length = strlen(text);
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(RequestPiece));
    for (guint i = 0; i < marks->len; i++) {
        RequestPiece piece;
        const RequestMark *mark = &g_array_index(marks, RequestMark, i);
        if (mark->words && *mark->words && find(text, length, mark, &piece) &&
            !overlaps(found, &piece))
            g_array_append_val(found, piece);
    }
    g_array_sort(found, by_place);
    GArray *pieces = g_array_new(FALSE, FALSE, sizeof(RequestPiece));
    gsize reached = 0;
    for (guint i = 0; i < found->len; i++) {
        const RequestPiece piece = g_array_index(found, RequestPiece, i);
        append_plain(pieces, reached, piece.from);
        g_array_append_val(pieces, piece);
        reached = piece.until;
    }
    append_plain(pieces, reached, length);
    return pieces;
}
