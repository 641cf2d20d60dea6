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

static gboolean is_phone_filler(char c)
{
    return c == ' ' || c == '.' || c == '-' || c == '/';
}

/* The digits of `number`, maybe with spaces, dots, dashes or slashes between them. */
static gsize phone_length(const char *text, const char *number)
{
    const char *at = text;
    while (*number) {
        if (*at != *number)
            return 0;
        at++;
        number++;
        while (*number && is_phone_filler(*at))
            at++;
    }
    return g_ascii_isdigit(*at) ? 0 : (gsize)(at - text);
}

static gboolean is_word(char c)
{
    return g_ascii_isalnum(c) || (c & 0x80);
}

/* The first place of the mark that neither begins nor ends inside a word. */
static gboolean find(const char *text, const RequestMark *mark, RequestPiece *piece)
{
    for (const char *at = text; *at; at++) {
        if (at > text && is_word(at[-1]))
            continue;
        const gsize length =
            mark->is_phone ? phone_length(at, mark->words) : words_length(at, mark->words);
        if (length == 0 || (is_word(at[length - 1]) && is_word(at[length])))
            continue;
        *piece = (RequestPiece){(gsize)(at - text), (gsize)(at - text) + length, mark->number};
        return TRUE;
    }
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
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(RequestPiece));
    for (guint i = 0; i < marks->len; i++) {
        RequestPiece piece;
        const RequestMark *mark = &g_array_index(marks, RequestMark, i);
        if (mark->words && *mark->words && find(text, mark, &piece) && !overlaps(found, &piece))
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
    append_plain(pieces, reached, strlen(text));
    return pieces;
}
