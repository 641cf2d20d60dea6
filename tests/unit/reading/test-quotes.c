/* test-quotes.c - what of a message is folded on the desk. */
#include "reading/reading.h"

#include <string.h>

/* In `text` each quotation that is folded stands between [ and ]. */
static const struct {
    const char *name; /* a sentence */
    const char *subject, *text;
} cases[] = {
    {"plain_words_have_none", "Prova", "Buongiorno.\n\nVorrei un appuntamento."},
    {"the_tail_of_gmail", "Re: x",
     "Va bene.\n\n[Il giorno lun 23 nov 2026 alle ore 12:01 Ufficio <u@c.example> ha scritto:\n\n"
     "> Gentile Ada,\n>\n> a presto.]\n"},
    {"the_tail_of_outlook_has_no_marks", "R: x",
     "Confermo.\nAda\n\n[Da: Ufficio <u@c.example>\nInviato: lunedì 23 novembre 2026 12:01\n"
     "A: Ada\nOggetto: x\n\nGentile Ada,\n\na presto.]\n"},
    {"an_answer_below", "Re: x",
     "[Il 23/11/2026 12:01, Ufficio ha scritto:\n> Gentile Ada,\n> a presto.]\n\nConfermo.\n"},
    {"a_line_between_stays", "Re: x", "> Alle 10?\nSì.\n> Di martedì?\nNo, mercoledì.\n"},
    {"a_short_tail_is_folded_too", "Re: x", "Sì.\n\n[> Alle 10?]\n"},
    {"a_forwarded_message_is_none", "I: x",
     "Vedi sotto.\n\nDa: Ada <ada@x.example>\nInviato: lunedì 23 novembre 2026 12:01\nA: Ugo\n"
     "Oggetto: x\n\nVorrei un appuntamento.\n"},
    {"nothing_but_quotation_is_shown", "Re: x", "> Gentile Ada,\n> a presto.\n> Ufficio\n"},
    {"no_text_has_none", NULL, ""},
};

static void test_case(gconstpointer data)
{
    const char *subject = cases[GPOINTER_TO_UINT(data)].subject;
    const char *marked = cases[GPOINTER_TO_UINT(data)].text;
    g_autoptr(GString) text = g_string_new(NULL);
    for (const char *at = marked; *at; at++)
        if (!strchr("[]", *at))
            g_string_append_c(text, *at);
    g_autoptr(GArray) quotes = reading_quotes(text->str, subject);
    g_autoptr(GString) shown = g_string_new(text->str);
    for (guint i = quotes->len; i-- > 0;) {
        const ReadingSpan *quote = &g_array_index(quotes, ReadingSpan, i);
        g_string_insert_c(shown, (gssize)quote->until, ']');
        g_string_insert_c(shown, (gssize)quote->from, '[');
    }
    g_assert_cmpstr(shown->str, ==, marked);
}

static void what_nobody_writes_is_shown_whole(void)
{
    g_autoptr(GString) text = g_string_new("Sì.\n");
    while (text->len < 300000)
        g_string_append(text, "> citato\n");
    g_autoptr(GArray) quotes = reading_quotes(text->str, NULL);
    g_assert_cmpuint(quotes->len, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strdup_printf("/reading/quotes/%s", cases[i].name);
        g_test_add_data_func(path, GUINT_TO_POINTER(i), test_case);
    }
    g_test_add_func("/reading/quotes/what_nobody_writes_is_shown_whole",
                    what_nobody_writes_is_shown_whole);
    return g_test_run();
}
