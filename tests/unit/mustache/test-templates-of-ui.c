/* test-templates-of-ui.c - the templates that are in the program: all parse in every language, name
 * no template that is not there, and leave no text section behind.
 */
#include "base/embedded.h"
#include "base/texts.h"
#include "mustache/templates.h"

#include <string.h>

static void all_templates_parse_and_find_each_other(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Templates) templates = templates_new(&error);
    g_assert_no_error(error);
    guint n_templates = 0;
    for (guint i = 0; i < embedded_n_files; i++) {
        g_autofree char *name = g_strdup(embedded_files[i].name);
        if (!g_str_has_suffix(name, ".mustache"))
            continue;
        n_templates++;
        name[strlen(name) - strlen(".mustache")] = '\0';
        for (const char *const *language = texts_languages(); *language; language++)
            g_assert_nonnull(mustache_set_find(templates_set(templates, *language), name));
    }
    g_assert_cmpuint(n_templates, >, 20);
}

static void no_text_section_is_left(void)
{
    for (guint i = 0; i < embedded_n_files; i++) {
        const EmbeddedFile *file = &embedded_files[i];
        if (!g_str_has_suffix(file->name, ".mustache"))
            continue;
        g_autofree char *source =
            templates_translate((const char *)file->bytes, file->length, "en", FALSE);
        if (strstr(source, "{{#_") || strstr(source, "{{/_"))
            g_error("%s: a text section that is not understood", file->name);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define CASE(name) g_test_add_func("/mustache/templates_of_ui/" #name, name)
    CASE(all_templates_parse_and_find_each_other);
    CASE(no_text_section_is_left);
    return g_test_run();
}
