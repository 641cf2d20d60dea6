/* The words of proposals found again in a text. */
#include "web/request_marks.h"
#include <string.h>

/* "pl[2:words]ain" of the pieces, to compare at a glance. */
static char *shown(const char *text, const RequestMark *marks, guint n)
{
    g_autoptr(GArray) array = g_array_new(FALSE, FALSE, sizeof(RequestMark));
    g_array_append_vals(array, marks, n);
    g_autoptr(GArray) pieces = request_marks_find(text, array);
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < pieces->len; i++) {
        const RequestPiece *piece = &g_array_index(pieces, RequestPiece, i);
        g_autofree char *words = g_strndup(text + piece->from, piece->until - piece->from);
        if (piece->number)
            g_string_append_printf(out, "[%u:%s]", piece->number, words);
        else
            g_string_append(out, words);
    }
    return g_string_free(out, FALSE);
}

static void check(const char *text, const RequestMark *marks, guint n, const char *expected)
{
    g_autofree char *got = shown(text, marks, n);
    g_assert_cmpstr(got, ==, expected);
}

static void marks_words_where_they_stand(void)
{
    const RequestMark marks[] = {{(char *)"martedì prossimo", 1, 0},
                                 {(char *)"SCIA n. 214/2026", 2, 0}};
    check("per la SCIA n. 214/2026, martedì prossimo.", marks, 2,
          "per la [2:SCIA n. 214/2026], [1:martedì prossimo].");
}

static void prefers_the_place_it_was_found_at(void)
{
    const RequestMark marks[] = {{(char *)"dieci", 1, 12}};
    check("alle dieci, dieci in punto", marks, 1, "alle dieci, [1:dieci] in punto");
}

static void takes_any_white_space_and_letter_case(void)
{
    const RequestMark marks[] = {{(char *)"Giovedì mattina", 1, 0}};
    check("giovedì\r\n  mattina va bene", marks, 1, "[1:giovedì\r\n  mattina] va bene");
}

static void marks_no_part_of_a_word(void)
{
    const RequestMark marks[] = {{(char *)"87", 1, 0}};
    check("nel 1987 la pratica 87", marks, 1, "nel 1987 la pratica [1:87]");
}

static void leaves_out_what_overlaps(void)
{
    const RequestMark marks[] = {{(char *)"prot. 12", 1, 0}, {(char *)"12", 2, 0}};
    check("prot. 12", marks, 2, "[1:prot. 12]");
}

static void ignores_empty_and_absent_words(void)
{
    const RequestMark marks[] = {{(char *)"", 1, 0}, {NULL, 2, 0}, {(char *)"altrove", 3, 900}};
    check("niente", marks, 3, "niente");
    check("", marks, 3, "");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/request/marks/marks_words_where_they_stand", marks_words_where_they_stand);
    g_test_add_func("/request/marks/prefers_the_place_it_was_found_at",
                    prefers_the_place_it_was_found_at);
    g_test_add_func("/request/marks/takes_any_white_space_and_letter_case",
                    takes_any_white_space_and_letter_case);
    g_test_add_func("/request/marks/marks_no_part_of_a_word", marks_no_part_of_a_word);
    g_test_add_func("/request/marks/leaves_out_what_overlaps", leaves_out_what_overlaps);
    g_test_add_func("/request/marks/ignores_empty_and_absent_words",
                    ignores_empty_and_absent_words);
    return g_test_run();
}
