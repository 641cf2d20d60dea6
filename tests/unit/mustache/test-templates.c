/* test-templates.c - texts of templates in the languages there are. The embedded files are a few of
 * this test's own; test-templates-of-ui.c looks at the real ones.
 */
#include "base/embedded.h"
#include "mustache/templates.h"

#include <string.h>

/* A catalogue for one byte order is enough here: see test-texts.c for both. */
static guint8 english[1024];
static const char *const pairs[][2] = {
    {"Non c'è posto", "We're <full>"}, {"Apre {{min}} min prima", "<Opens> {{min}} min before"},
    {"Pericolo", "{{evil}}"},          {"Prenota", "Book"},
    {"verbo\004Prenota", "Do book"},
};

#define FILE(file_name, text)                                                                      \
    {                                                                                              \
        .name = file_name, .bytes = (const guint8 *)(text), .length = sizeof(text) - 1             \
    }
const EmbeddedFile embedded_files[] = {
    FILE("assets/x.mustache", "{{#no template}}"),
    FILE("letters/a.html.mustache", "<p>{{#_}}Non c'è posto{{/_}}</p>"),
    FILE("letters/a.txt.mustache", "{{#_}}Non c'è posto{{/_}}"),
    {.name = "locale/de.mo", .bytes = english, .length = sizeof english},
    {.name = "locale/en.mo", .bytes = english, .length = sizeof english},
    FILE("pages/a.mustache", "{{>pages/b}} {{#_}}Non c'è posto{{/_}}"),
    FILE("pages/b.mustache", "{{#_}}Prenota{{/_}} {{#_ verbo}}Prenota{{/_}}"),
};
const guint embedded_n_files = G_N_ELEMENTS(embedded_files);
const char embedded_assets_hash[] = "00000000";

static void put_word(gsize offset, gsize word)
{
    guint32 exact = (guint32)word;
    memcpy(english + offset, &exact, sizeof exact);
}

static void make_catalogue(void)
{
    enum { N = G_N_ELEMENTS(pairs), TABLES = 28 };
    gsize at = TABLES + N * 16;
    put_word(0, 0x950412de);
    put_word(8, N);
    put_word(12, TABLES);
    put_word(16, TABLES + N * 8);
    for (gsize i = 0; i < 2 * (gsize)N; i++) {
        const char *text = pairs[i % N][i / N];
        put_word(TABLES + i * 8, strlen(text));
        put_word(TABLES + i * 8 + 4, at);
        g_assert_cmpuint(at + strlen(text) + 1, <=, sizeof english);
        memcpy(english + at, text, strlen(text) + 1);
        at += strlen(text) + 1;
    }
}

static void texts_are_replaced_and_nothing_else(void)
{
    static const struct {
        const char *source, *italian, *other;
    } cases[] = {
        {"", "", ""},
        {"no text", "no text", "no text"},
        {"{{#_}}Prenota{{/_}}", "Prenota", "Book"},
        {"{{#_ verbo}}Prenota{{/_}}", "Prenota", "Do book"},
        {"{{#_  verbo }}Prenota{{/_ verbo}}", "Prenota", "Do book"},
        {"a{{#_}}Prenota{{/_}}b{{#_}}Prenota{{/_}}c", "aPrenotabPrenotac", "aBookbBookc"},
        {"{{#_}}Mai visto{{/_}}", "Mai visto", "Mai visto"},
        {"{{#_}}Apre {{min}} min prima{{/_}}", "Apre {{min}} min prima",
         "&lt;Opens&gt; {{min}} min before"},
        {"{{#_x}}Prenota{{/_x}}", "{{#_x}}Prenota{{/_x}}", "{{#_x}}Prenota{{/_x}}"},
        {"{{#a}}{{b}}{{/a}}", "{{#a}}{{b}}{{/a}}", "{{#a}}{{b}}{{/a}}"},
        {"{{#_}}Prenota", "{{#_}}Prenota", "{{#_}}Prenota"},
        {"{{#_}}Prenota{{/_", "{{#_}}Prenota{{/_", "{{#_}}Prenota{{/_"},
        {"{{#_", "{{#_", "{{#_"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        gsize length = strlen(cases[i].source);
        g_autofree char *exact = g_memdup2(cases[i].source, length); /* without a NUL, for ASan */
        const char *source = exact ? exact : "";
        g_autofree char *italian = templates_translate(source, length, "it", TRUE);
        g_autofree char *other = templates_translate(source, length, "en", TRUE);
        g_assert_cmpstr(italian, ==, cases[i].italian);
        g_assert_cmpstr(other, ==, cases[i].other);
    }
}

static void texts_are_escaped_where_html_is_written(void)
{
    const char *source = "{{#_}}Non c'è posto{{/_}}";
    g_autofree char *html = templates_translate(source, strlen(source), "en", TRUE);
    g_autofree char *plain = templates_translate(source, strlen(source), "en", FALSE);
    g_autofree char *italian = templates_translate(source, strlen(source), "it", TRUE);
    g_assert_cmpstr(html, ==, "We&apos;re &lt;full&gt;");
    g_assert_cmpstr(plain, ==, "We're <full>");
    g_assert_cmpstr(italian, ==, "Non c&apos;è posto");
}

static void a_catalogue_cannot_bring_in_tags(void)
{
    const char *source = "{{#_}}Pericolo{{/_}}";
    g_test_expect_message("sportello", G_LOG_LEVEL_WARNING, "event=text_with_tag language=en*");
    g_autofree char *text = templates_translate(source, strlen(source), "en", TRUE);
    g_test_assert_expected_messages();
    g_assert_cmpstr(text, ==, "Pericolo");
}

static void assert_renders(const Templates *templates, const char *language, const char *name,
                           const char *expected)
{
    const Mustache *template = mustache_set_find(templates_set(templates, language), name);
    g_assert_nonnull(template);
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(GString) out = g_string_new(NULL);
    mustache_render(template, value_object(arena), out);
    g_assert_cmpstr(out->str, ==, expected);
}

static void each_language_has_its_set(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Templates) templates = templates_new(&error);
    g_assert_no_error(error);
    assert_renders(templates, "it", "pages/a", "Prenota Prenota Non c&apos;è posto");
    assert_renders(templates, "en", "pages/a", "Book Do book We&apos;re &lt;full&gt;");
    assert_renders(templates, "en", "letters/a.html", "<p>We&apos;re &lt;full&gt;</p>");
    assert_renders(templates, "en", "letters/a.txt", "We're <full>");
    g_assert_true(templates_set(templates, "fr") == templates_set(templates, "it"));
    g_assert_true(templates_set(templates, NULL) == templates_set(templates, "it"));
    g_assert_null(mustache_set_find(templates_set(templates, "it"), "assets/x"));
}

int main(int argc, char **argv)
{
    make_catalogue();
    g_test_init(&argc, &argv, NULL);
#define CASE(name) g_test_add_func("/mustache/templates/" #name, name)
    CASE(texts_are_replaced_and_nothing_else);
    CASE(texts_are_escaped_where_html_is_written);
    CASE(a_catalogue_cannot_bring_in_tags);
    CASE(each_language_has_its_set);
    return g_test_run();
}
