/* test-config-manual.c - the man page sportello.conf(5) says what the table of keys says: the part
 * between its two marks is exactly what is made here from config_reference.
 */
#include "base/config.h"

#include <glib/gstdio.h>
#include <string.h>

#define FIRST_MARK ".\\\" keys: made from the table, see tests/unit/base/test-config-manual.c\n"
#define LAST_MARK ".\\\" end of keys\n"

static void append_roff(GString *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\\' || *text == '-')
            g_string_append_c(out, '\\');
        g_string_append_c(out, *text);
    }
}

static void append_key(GString *out, char *line, const char *comment)
{
    char *equals = strstr(line, " =");
    g_assert_nonnull(equals);
    *equals = '\0';
    const char *fallback = g_strstrip(equals + 2);
    g_string_append_printf(out, ".TP\n.B %s\n", line);
    append_roff(out, comment);
    g_string_append(out, "\nDefault: ");
    append_roff(out, *fallback ? fallback : "none");
    g_string_append(out, ".\n");
}

/* The reference is a configuration file: sections, comments, and keys with their defaults; those of
 * sections with a name stand behind a semicolon. */
static char *keys_as_roff(void)
{
    g_autofree char *reference = config_reference();
    g_auto(GStrv) lines = g_strsplit(reference, "\n", -1);
    g_autoptr(GString) comment = g_string_new(NULL);
    GString *out = g_string_new(NULL);
    for (GStrv line = lines; *line; line++) {
        char *text = **line == ';' ? *line + 1 : *line;
        if (*text == '[') {
            g_string_append_printf(out, ".SS %s\n", text);
        } else if (**line == '#') {
            g_string_append(comment, *line + (comment->len ? 1 : 2));
        } else if (**line) {
            append_key(out, text, comment->str);
            g_string_truncate(comment, 0);
        }
    }
    return g_string_free(out, FALSE);
}

static char *manual(void)
{
    char *page = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *path =
        g_build_filename(g_getenv("SOURCE_ROOT"), "docs", "man", "sportello.conf.5", NULL);
    if (!g_file_get_contents(path, &page, NULL, &error))
        g_error("%s", error->message);
    return page;
}

/* What stands between two marks of the page; ends the page there. */
static char *between(char *page, const char *first, const char *last)
{
    char *from = strstr(page, first);
    char *until = from ? strstr(from, last) : NULL;
    g_assert_nonnull(until);
    *until = '\0';
    return from + strlen(first);
}

static void the_manual_has_every_key_as_the_table_has_it(void)
{
    g_autofree char *page = manual(), *expected = keys_as_roff();
    g_assert_cmpuint(strlen(expected), >, 2000);
    g_assert_cmpstr(between(page, FIRST_MARK, LAST_MARK), ==, expected);
}

static void the_example_of_the_manual_loads(void)
{
    g_autofree char *page = manual();
    g_autofree char *folder = g_dir_make_tmp("sportello-manual-XXXXXX", NULL);
    g_autofree char *file = g_build_filename(folder, "sportello.conf", NULL);
    g_autoptr(GError) error = NULL;
    g_assert_true(g_file_set_contents(file, between(page, ".nf\n", ".fi\n"), -1, NULL));
    g_autoptr(Config) config = config_load(file, &error);
    g_unlink(file);
    g_rmdir(folder);
    g_assert_no_error(error);
    g_assert_cmpstr(config->public_url, ==, "https://sportello.comune.example");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define CASE(name) g_test_add_func("/base/config_manual/" #name, name)
    CASE(the_manual_has_every_key_as_the_table_has_it);
    CASE(the_example_of_the_manual_loads);
    return g_test_run();
}
