/* A text cut at the words that proposals came from, however these lie over each other. */
#include "web/request_marks.h"
#include <string.h>

/* "pl[words/2]ain": the covered words, then the marks that end there; "[words/]": within a mark
 * that goes on. */
static char *shown(const char *text, const RequestMark *marks, guint n)
{
    g_autoptr(GArray) array = g_array_new(FALSE, FALSE, sizeof(RequestMark));
    g_array_append_vals(array, marks, n);
    g_autoptr(GArray) pieces = request_marks_cut(text, array);
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < pieces->len; i++) {
        const RequestPiece *piece = &g_array_index(pieces, RequestPiece, i);
        g_autofree char *words = g_strndup(text + piece->from, piece->until - piece->from);
        if (piece->within->len == 0) {
            g_string_append(out, words);
            continue;
        }
        g_string_append_printf(out, "[%s/", words);
        for (guint k = 0; k < piece->ends->len; k++)
            g_string_append_printf(out, "%s%u", k ? "," : "", g_array_index(piece->ends, guint, k));
        g_string_append_c(out, ']');
    }
    return g_string_free(out, FALSE);
}

static void cuts_where_marks_begin_and_end(void)
{
    static const struct {
        const char *what, *text;
        RequestMark marks[4];
        guint n;
        const char *expected;
    } cases[] = {
        {"none", "niente da segnare", {{0}}, 0, "niente da segnare"},
        {"beside each other",
         "SCIA 12, lunedì.",
         {{9, 16, 2}, {0, 7, 1}},
         2,
         "[SCIA 12/1], [lunedì/2]."},
        {"touching", "ab", {{0, 1, 1}, {1, 2, 2}}, 2, "[a/1][b/2]"},
        {"one in the other",
         "incaricato da Elena Fiorini oggi",
         {{0, 27, 1}, {14, 27, 2}},
         2,
         "[incaricato da /][Elena Fiorini/2,1] oggi"},
        {"one in the middle of the other",
         "la SCIA 12 del 3 maggio",
         {{3, 23, 1}, {8, 10, 2}},
         2,
         "la [SCIA /][12/2][ del 3 maggio/1]"},
        {"crossing", "abcdef", {{0, 4, 1}, {2, 6, 2}}, 2, "[ab/][cd/1][ef/2]"},
        {"the same words twice",
         "martedì prossimo",
         {{0, 17, 2}, {0, 17, 1}},
         2,
         "[martedì prossimo/1,2]"},
        {"the whole text", "lunedì", {{0, 7, 1}}, 1, "[lunedì/1]"},
        {"outside of the text",
         "breve",
         {{0, 6, 1}, {90, 95, 2}, {G_MAXSIZE, G_MAXSIZE, 3}},
         3,
         "breve"},
        {"empty or turned around", "breve", {{2, 2, 1}, {4, 2, 2}}, 2, "breve"},
        {"within a character", "perché no", {{0, 6, 1}, {6, 9, 2}}, 2, "perché no"},
        {"no text", "", {{0, 0, 1}, {0, 1, 2}}, 2, ""},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].what);
        g_autofree char *got = shown(cases[i].text, cases[i].marks, cases[i].n);
        g_assert_cmpstr(got, ==, cases[i].expected);
    }
}

static void tells_which_marks_cover_a_piece(void)
{
    const RequestMark marks[] = {{0, 10, 7}, {5, 10, 3}, {4, 12, 5}};
    g_autoptr(GArray) array = g_array_new(FALSE, FALSE, sizeof(RequestMark));
    g_array_append_vals(array, marks, G_N_ELEMENTS(marks));
    g_autoptr(GArray) pieces = request_marks_cut("0123456789abcdef", array);
    const RequestPiece *piece = &g_array_index(pieces, RequestPiece, 2);
    g_assert_cmpuint(piece->from, ==, 5);
    g_assert_cmpuint(piece->until, ==, 10);
    g_assert_cmpuint(piece->within->len, ==, 3);
    const guint expected[] = {3, 5, 7};
    for (guint i = 0; i < G_N_ELEMENTS(expected); i++)
        g_assert_cmpuint(g_array_index(piece->within, guint, i), ==, expected[i]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/request/marks/cuts_where_marks_begin_and_end",
                    cuts_where_marks_begin_and_end);
    g_test_add_func("/request/marks/tells_which_marks_cover_a_piece",
                    tells_which_marks_cover_a_piece);
    return g_test_run();
}
