/* test-parse-charset.c - words in every charset that iconv knows, under its names and under those
 * that mailers invent.
 */
#include "mail/parse.h"
#include "mail/parse_internal.h"

#include <iconv.h>
#include <string.h>

/* From one charset to another; NULL when something is lost. */
static char *convert(const char *bytes, gsize rest, const char *to, const char *from, gsize *length)
{
    enum { ROOM = 1024 };
    iconv_t converter = iconv_open(to, from);
    if (converter == (iconv_t)-1)
        return NULL;
    char *out = g_malloc0(ROOM), *at = (char *)bytes, *end = out;
    gsize room = ROOM - 1;
    gsize lossy = iconv(converter, &at, &rest, &end, &room);
    bool good = lossy == 0 && iconv(converter, NULL, NULL, &end, &room) == 0;
    iconv_close(converter);
    *length = (gsize)(end - out);
    if (!good)
        g_clear_pointer(&out, g_free);
    return out;
}

/* False when the charset has no such word; glibc writes some with other letters. */
static bool reads_back(const char *charset, const char *word)
{
    gsize length, back_length;
    g_autofree char *bytes = convert(word, strlen(word), charset, "UTF-8", &length);
    if (!bytes)
        return false;
    g_autofree char *back = convert(bytes, length, "UTF-8", charset, &back_length);
    if (!back || strcmp(back, word) != 0)
        return false;
    gboolean malformed = FALSE;
    g_autofree char *text = parse_to_utf8(bytes, length, charset, &malformed);
    g_autofree char *clean = parse_clean(text, -1, 1000, NULL); /* without a byte order mark */
    if (strcmp(clean, word) != 0 || malformed)
        g_error("%s: \"%s\" is read as \"%s\"", charset, word, clean);
    return true;
}

static void reads_every_charset_of_iconv(void)
{
    static const char *const words[] = {"perché", "Müller", "Čačak",  "Жуков", "Ελλάς",   "שלום",
                                        "سلام",   "日本",   "한국어", "中文",  "Mario 12"};
    g_autofree char *list = NULL;
    if (!g_spawn_command_line_sync("iconv -l", &list, NULL, NULL, NULL)) {
        g_test_skip("no iconv to ask");
        return;
    }
    g_auto(GStrv) names = g_strsplit_set(list, " ,\n", -1);
    guint n_names = 0, n_read = 0;
    for (gsize i = 0; names[i]; i++) {
        g_autofree char *name = g_strndup(names[i], strcspn(names[i], "/"));
        if (!*name)
            continue;
        n_names++;
        guint n_words = 0;
        for (gsize w = 0; w < G_N_ELEMENTS(words); w++)
            n_words += reads_back(name, words[w]);
        n_read += n_words > 0;
    }
    g_test_message("%u names, %u with a word of ours", n_names, n_read);
    g_assert_cmpuint(n_names, >, 1000);
    g_assert_cmpuint(n_read, >, n_names * 9 / 10);
}

static void understands_labels_that_are_no_names(void)
{
    static const struct {
        const char *label, *bytes, *text;
    } cases[] = {
        {"utf8", "perch\xc3\xa9", "perché"},
        {"UTF8", "perch\xc3\xa9", "perché"},
        {"\"utf-8\"", "perch\xc3\xa9", "perché"},
        {"'UTF-8'", "perch\xc3\xa9", "perché"},
        {" utf-8 ;", "perch\xc3\xa9", "perché"},
        {"utf_8", "perch\xc3\xa9", "perché"},
        {"x-utf-8", "perch\xc3\xa9", "perché"},
        {"unicode-1-1-utf-8", "perch\xc3\xa9", "perché"},
        {"unicode-1-1-utf-7", "perch+AOk-", "perché"},
        {"x-unicode-2-0-utf-7", "perch+AOk-", "perché"},
        {"UTF-16", "perch\xc3\xa9", "perché"}, /* a lie: no byte is zero */
        {"unicode", "quattro?", "quattro?"},
        {"x-mac-roman", "perch\x8e", "perché"},
        {"MacRoman", "perch\x8e", "perché"},
        {"x-mac-cyrillic", "\x8f\xf0\xe8\xe2\xe5\xf2", "Привет"},
        {"windows-1252http-equivContent-Type", "perch\xe9 \x80", "perché €"},
        {"windows-1251charset", "\xcf\xf0\xe8\xe2\xe5\xf2", "Привет"},
        {"windows1252", "perch\xe9 \x80", "perché €"},
        {"win-1251", "\xcf\xf0\xe8\xe2\xe5\xf2", "Привет"},
        {"x-cp1250", "Dvo\xf8\xe1k", "Dvořák"},
        {"cp1252", "perch\xe9 \x80", "perché €"},
        {"CP-850", "perch\x82", "perché"},
        {"ISO8859-1", "perch\xe9 \x80", "perché €"},
        {"iso_8859-1", "perch\xe9 \x80", "perché €"},
        {"Latin-1", "perch\xe9 \x80", "perché €"},
        {"iso-8859-15", "\xa4 12", "€ 12"},
        {"iso-8859-8-i", "\xf9\xec\xe5\xed", "שלום"},
        {"ks_c_5601-1987", "\xc7\xd1\xb1\xb9", "한국"},
        {"x-sjis", "\x93\xfa\x96\x7b", "日本"},
        {"Windows-31J", "\x93\xfa\x96\x7b", "日本"},
        {"x-gbk", "\xd6\xd0\xce\xc4", "中文"},
        {"gb2312", "\x98\x87 \xd6\xd0", "槆 中"}, /* the first is no letter of GB 2312 itself */
        {"unknown-8bit", "perch\xe9", "perché"},
        {"x-unknown", "perch\xc3\xa9", "perché"},
        {"default", "perch\xe9", "perché"},
        {"utf-8//IGNORE", "perch\xc3\xa9", "perché"},
        {"", "perch\xe9", "perché"},
        {"//TRANSLIT", "perch\xe9", "perché"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        gboolean malformed = FALSE;
        g_autofree char *text =
            parse_to_utf8(cases[i].bytes, strlen(cases[i].bytes), cases[i].label, &malformed);
        if (strcmp(text, cases[i].text) != 0 || malformed)
            g_error("%s: \"%s\", not \"%s\"", cases[i].label, text, cases[i].text);
    }
}

static void a_label_of_any_length_costs_nothing(void)
{
    g_autofree char *label = g_strnfill(60000, '1');
    gboolean malformed = FALSE;
    gint64 before = g_get_monotonic_time();
    g_autofree char *text = parse_to_utf8("perch\xe9", 6, label, &malformed);
    g_assert_cmpint(g_get_monotonic_time() - before, <, 500000);
    g_assert_cmpstr(text, ==, "perché");
}

#define TEST(function) g_test_add_func("/mail/parse/charset/" #function, function)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    parse_warm(NULL);
    TEST(reads_every_charset_of_iconv);
    TEST(understands_labels_that_are_no_names);
    TEST(a_label_of_any_length_costs_nothing);
    return g_test_run();
}
