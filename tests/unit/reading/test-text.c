/* test-text.c - tokens and sections. */
#include "sample.h"

#include "reading/internal.h"

#include <string.h>

static char *words_of(const Text *text)
{
    GString *words = g_string_new(NULL);
    for (guint i = 0; i < text_count(text); i++) {
        const Token *token = token_at(text, i);
        if (token->kind == TOKEN_WORD)
            g_string_append_len(words, text->folded->str + token->fold, token->fold_length);
        else if (token->kind == TOKEN_NUMBER)
            g_string_append_printf(words, "%u", token->value);
        else
            g_string_append_unichar(words, token->kind == TOKEN_SIGN ? (gunichar)token->value
                                                                     : (gunichar)'|');
        g_string_append_c(words, ' ');
    }
    return g_string_free(words, FALSE);
}

static void test_folding(void)
{
    static const char *const cases[][2] = {{"Giovedì È già", "giovedi e gia "},
                                           {"mercoledi' 2", "mercoledi 2 "},
                                           {"l\u2019altro", "l ' altro "},
                                           {"Dantestraße", "dantestrasse "},
                                           {"nächsten", "nachsten "},
                                           {"10h30", "10 h 30 "},
                                           {"a\u0300b", "ab "},
                                           {"fg3 n\u00b0 5", "fg 3 n \u00b0 5 "},
                                           {"9\u201311", "9 - 11 "}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Text) text = text_new(cases[i][0], strlen(cases[i][0]));
        g_autofree char *words = words_of(text);
        g_assert_cmpstr(words, ==, cases[i][1]);
    }
}

static void test_offsets(void)
{
    const char *bytes = "Sì, martedì 24";
    g_autoptr(Text) text = text_new(bytes, strlen(bytes));
    const Token *day = token_at(text, 2);
    g_autofree char *word = g_strndup(bytes + day->start, day->end - day->start);
    g_assert_cmpstr(word, ==, "martedì");
    g_assert_cmpuint(token_at(text, 3)->start, ==, strlen("Sì, martedì "));
}

static void test_wrapping(void)
{
    const char *bytes =
        "Sarei disponibile per una videochiamata nella giornata di\nmartedì\n\nGrazie\nMario";
    g_autoptr(Text) text = text_new(bytes, strlen(bytes));
    text_join_lines(text);
    g_autofree char *words = words_of(text);
    g_assert_cmpstr(
        words, ==,
        "sarei disponibile per una videochiamata nella giornata di martedi | grazie | mario ");
}

typedef struct {
    const char *name, *text, *sections; /* a letter per line: B S Q F D */
} SectionCase;

static const SectionCase section_cases[] = {
    {"a_closing_begins_the_signature",
     "Testo lungo della lettera.\nCordiali saluti\nMario Neri\ntel. 045", "BSSS"},
    {"dashes_begin_the_signature", "Testo.\n--\nMario", "BSS"},
    {"quoted_lines_are_older", "Va bene.\n> Le proponiamo\n> martedì", "BQQ"},
    {"an_answer_below_the_quote_is_the_senders",
     "Il giorno 17 nov 2026 A <a@b.c> ha scritto:\n> proponiamo\nVa bene", "QQB"},
    {"an_attribution_without_marks_takes_the_rest",
     "Va bene.\nIl 17/11/2026 alle 10 A ha scritto:\nProponiamo\nmartedì", "BQQQ"},
    {"an_attribution_may_wrap",
     "Va bene.\nIl giorno 17 nov 2026 Sportello Edilizia\n<a@b.c> ha scritto:\n> x", "BQQQ"},
    {"an_original_message_is_older", "Va bene.\n-----Messaggio originale-----\nDa: X\nProponiamo",
     "BQQQ"},
    {"a_header_block_is_older",
     "Va bene.\nDa: X <a@b.c>\nInviato: martedì 17 novembre\nA: Y\nProponiamo", "BQQQQ"},
    {"a_forwarded_message_is_for_us",
     "Inoltro.\n---------- Forwarded message ---------\nFrom: X\nChiedo un incontro", "BQFF"},
    {"a_disclaimer_goes_to_the_end",
     "Testo.\nLe informazioni contenute in questo messaggio\nsono riservate", "BDD"},
    {"a_postscript_is_the_senders", "Testo.\nCordiali saluti\nMario\nP.S. anche giovedì", "BSSB"},
    {"the_mark_of_a_telephone_is_no_text", "Testo.\nInviato da iPhone", "BS"},
    {"thanks_in_the_middle_close_nothing",
     "Grazie.\nInoltre vorrei sapere se la tavola che ho mandato va bene così", "BB"},
};

static void test_sections(gconstpointer data)
{
    static const char letters[] = {'B', 'S', 'Q', 'F', 'D'};
    const SectionCase *one = data;
    g_auto(GStrv) lines = g_strsplit(one->text, "\n", -1);
    g_autoptr(Text) text = text_new(one->text, strlen(one->text));
    g_autoptr(GString) found = g_string_new(NULL);
    sections_mark(text, "Paola Verdi", false);
    guint32 offset = 0;
    for (guint i = 0; lines[i]; i++) {
        g_string_append_c(found, letters[token_at(text, text_token_from(text, offset))->section]);
        offset += (guint32)strlen(lines[i]) + 1;
    }
    g_assert_cmpstr(found->str, ==, one->sections);
}

/* --- any bytes
 * ---------------------------------------------------------------------------------------- */

/* What the sandbox lets through is UTF-8; the reader must not depend on it. */
static void test_any_bytes(void)
{
    GRand *random = g_rand_new_with_seed(7);
    for (guint run = 0; run < 2000; run++) {
        char bytes[120];
        gsize length = (gsize)g_rand_int_range(random, 0, (gint32)sizeof bytes);
        for (gsize i = 0; i < length; i++)
            bytes[i] = (char)g_rand_int_range(random, 1, 256);
        g_autoptr(Text) text = text_new(bytes, length);
        sections_mark(text, NULL, false);
        guint32 last = 0;
        for (guint i = 0; i < text_count(text); i++) {
            const Token *token = token_at(text, i);
            g_assert_cmpuint(token->start, >=, last);
            g_assert_cmpuint(token->end, >, token->start);
            g_assert_cmpuint(token->end, <=, length);
            last = token->start;
        }
    }
    g_rand_free(random);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/reading/text/words_are_folded", test_folding);
    g_test_add_func("/reading/text/offsets_are_those_of_the_text", test_offsets);
    g_test_add_func("/reading/text/wrapped_lines_are_joined", test_wrapping);
    for (guint i = 0; i < G_N_ELEMENTS(section_cases); i++) {
        g_autofree char *name = g_strdup_printf("/reading/sections/%s", section_cases[i].name);
        g_test_add_data_func(name, &section_cases[i], test_sections);
    }
    g_test_add_func("/reading/tokens_lie_inside_any_bytes", test_any_bytes);
    return g_test_run();
}
