/* test-topics.c - an office's lists: what is a list of topics, what is one of what is required, and
 * what is told of one that is none. */
#include "sample.h"

#include <string.h>

static void test_parses(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(ReadingTopics) topics = reading_topics_parse(
        "sismica: deposito sismic~, genio civile; agibilita;\n passi-carrabili : passo carraio ,;",
        &error);
    g_assert_no_error(error);
    g_assert_cmpuint(reading_topics_count(topics), ==, 3);
    g_assert_cmpstr(reading_topics_key(topics, 0), ==, "sismica");
    g_assert_cmpstr(reading_topics_key(topics, 1), ==, "agibilita");
    g_assert_cmpstr(reading_topics_key(topics, 2), ==, "passi-carrabili");
}

static void test_empty(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(ReadingTopics) topics = reading_topics_parse(" ;\n; ", &error);
    g_assert_no_error(error);
    g_assert_cmpuint(reading_topics_count(topics), ==, 0);
}

static const struct {
    const char *text, *told;
} wrong_topics[] = {
    {"Sismica: x", "small letters, digits and hyphens: Sismica"},
    {"agibilità", "small letters"},
    {": deposito", "small letters"},
    {"-a: b", "small letters"},
    {"a-: b", "small letters"},
    {"due parole: b", "small letters"},
    {"a: b; a: c", "twice: a"},
    {"sismica", "wants phrases after \":\": sismica"},
    {"sismica: ,", "wants phrases"},
    {"a: bc~", "three letters before it: bc~"},
    {"a: ~", "words and numbers"},
    {"a: 100%", "words and numbers: 100%"},
    {"a: .", "has a word"},
    {"a: uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici",
     "at most twelve words"},
};

static void test_refuses(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(wrong_topics); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(reading_topics_parse(wrong_topics[i].text, &error));
        g_assert_error(error, READING_ERROR, READING_ERROR_INVALID);
        if (!strstr(error->message, wrong_topics[i].told))
            g_test_fail_printf("%s: %s", wrong_topics[i].text, error->message);
    }
}

/* `format` has a number, `n` times. */
static char *repeated(const char *first, const char *format, guint n)
{
    GString *list = g_string_new(first);
    for (guint i = 0; i < n; i++) {
        g_autofree char *number = g_strdup_printf("%u", i);
        g_auto(GStrv) around = g_strsplit(format, "#", 2);
        g_string_append_printf(list, "%s%s%s", around[0], number, around[1]);
    }
    return g_string_free(list, FALSE);
}

static void test_is_bounded(void)
{
    static const struct {
        const char *first, *format;
        guint most;
        const char *told;
    } lists[] = {{"", "t#: uno;", TOPICS_MOST, "at most 40 topics"},
                 {"a: x", ", p#", TOPIC_PHRASES_MOST - 1, "at most 400 phrases"}};
    for (guint i = 0; i < G_N_ELEMENTS(lists); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *most = repeated(lists[i].first, lists[i].format, lists[i].most);
        g_autofree char *more = repeated(lists[i].first, lists[i].format, lists[i].most + 1);
        g_autoptr(ReadingTopics) topics = reading_topics_parse(most, &error);
        g_assert_no_error(error);
        g_assert_null(reading_topics_parse(more, &error));
        g_assert_nonnull(strstr(error->message, lists[i].told));
    }
    g_autoptr(GError) error = NULL;
    g_autofree char *word = g_strnfill(TOPIC_PHRASE_BYTES + 1, 'a');
    g_autofree char *long_phrase = g_strconcat("a: ", word, NULL);
    g_assert_null(reading_topics_parse(long_phrase, &error));
    g_assert_nonnull(strstr(error->message, "at most 200 bytes"));
}

static void test_not_utf8(void)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(reading_topics_parse("a: \xff", &error));
    g_assert_error(error, READING_ERROR, READING_ERROR_INVALID);
}

static void test_required(void)
{
    static const struct {
        const char *text;
        guint bits;
    } lists[] = {{"", REQUIRED_USUAL},
                 {" , ", REQUIRED_USUAL},
                 {"practice, phone", REQUIRED_PRACTICE | REQUIRED_PHONE | REQUIRED_OWN},
                 {"name surname", REQUIRED_NAME | REQUIRED_SURNAME | REQUIRED_OWN},
                 {"attachments,delegation,drawings,address,cadastral,drawings",
                  REQUIRED_ATTACHMENTS | REQUIRED_DELEGATION | REQUIRED_DRAWINGS |
                      REQUIRED_ADDRESS | REQUIRED_CADASTRAL | REQUIRED_OWN}};
    for (guint i = 0; i < G_N_ELEMENTS(lists); i++) {
        g_autoptr(GError) error = NULL;
        guint required = 0;
        g_assert_true(reading_required_parse(lists[i].text, &required, &error));
        g_assert_no_error(error);
        g_assert_cmpuint(required, ==, lists[i].bits);
    }
    g_autoptr(GError) error = NULL;
    guint required = 7;
    g_assert_false(reading_required_parse("phone, telefono", &required, &error));
    g_assert_error(error, READING_ERROR, READING_ERROR_INVALID);
    g_assert_nonnull(strstr(error->message, "not 'telefono'"));
    g_assert_cmpuint(required, ==, 7);
}

static void test_names(void)
{
    g_assert_cmpstr(reading_required_name("numero di pratica"), ==, "practice");
    g_assert_cmpstr(reading_required_name("dati catastali"), ==, "cadastral");
    g_assert_null(reading_required_name("phone"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/reading/topics/are_keys_with_their_phrases", test_parses);
    g_test_add_func("/reading/topics/an_empty_list_has_none", test_empty);
    g_test_add_func("/reading/topics/says_what_is_wrong", test_refuses);
    g_test_add_func("/reading/topics/are_bounded", test_is_bounded);
    g_test_add_func("/reading/topics/are_utf8", test_not_utf8);
    g_test_add_func("/reading/required/is_names_apart_by_commas_or_spaces", test_required);
    g_test_add_func("/reading/required/knows_the_names_of_what_is_missing", test_names);
    return g_test_run();
}
