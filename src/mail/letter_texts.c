/* letter_texts.c - the words of a letter: its three templates rendered, the plain one wrapped. */
#include "base/texts.h"
#include "mail/letter.h"
#include "mail/letter_header.h"

#include <string.h>

#define COLUMNS 72
#define BULLET "- "

void letter_texts_clear(LetterTexts *texts)
{
    g_clear_pointer(&texts->subject, g_free);
    g_clear_pointer(&texts->text, g_free);
    g_clear_pointer(&texts->html, g_free);
}

bool letter_has_link(const char *words)
{
    g_autofree char *folded = g_ascii_strdown(words, -1);
    return strstr(folded, "://") || strstr(folded, "www.");
}

const char *letter_language(const char *wanted)
{
    const char *const *languages = texts_languages();
    for (guint i = 0; languages[i]; i++)
        if (g_strcmp0(languages[i], wanted) == 0)
            return languages[i];
    return "it";
}

/* --- wrapping --- */

/* One line of the template as lines of at most COLUMNS; a word that is longer (a link) stays whole.
 */
static void append_wrapped(GString *out, const char *line)
{
    const char *indent = g_str_has_prefix(line, BULLET) ? "  " : "";
    g_auto(GStrv) words = g_strsplit(line, " ", -1);
    glong column = 0;
    for (guint i = 0; words[i]; i++) {
        if (*words[i] == '\0')
            continue;
        glong length = g_utf8_strlen(words[i], -1);
        bool starts_line = column == 0;
        if (!starts_line && column + 1 + length > COLUMNS) {
            g_string_append_c(out, '\n');
            g_string_append(out, indent);
            column = (glong)strlen(indent);
            starts_line = true;
        }
        if (!starts_line) {
            g_string_append_c(out, ' ');
            column++;
        }
        g_string_append(out, words[i]);
        column += length;
    }
    g_string_append_c(out, '\n');
}

/* No empty line at the start or the end, never two in a row. */
static char *wrap(const char *rendered)
{
    g_autofree char *valid = g_utf8_make_valid(rendered, -1);
    g_auto(GStrv) lines = g_strsplit(valid, "\n", -1);
    GString *out = g_string_sized_new(strlen(valid) + 64);
    bool after_words = false, empty_wanted = false;
    for (guint i = 0; lines[i]; i++) {
        g_strchomp(lines[i]);
        if (*lines[i] == '\0') {
            empty_wanted = after_words;
            continue;
        }
        if (empty_wanted)
            g_string_append_c(out, '\n');
        append_wrapped(out, lines[i]);
        after_words = true;
        empty_wanted = false;
    }
    return g_string_free(out, FALSE);
}

/* --- rendering --- */

static bool render_one(const MustacheSet *set, const char *kind, const char *form,
                       const Value *value, GString *out, GError **error)
{
    g_autofree char *name = g_strdup_printf("letters/%s.%s", kind, form);
    const Mustache *template = mustache_set_find(set, name);
    if (!template) {
        g_set_error(error, LETTER_ERROR, LETTER_ERROR_TEMPLATE, "no template %s", name);
        return false;
    }
    if (strcmp(form, "html") == 0)
        mustache_render(template, value, out);
    else
        mustache_render_plain(template, value, out);
    return true;
}

bool letter_render(const MustacheSet *set, const char *kind, const Value *value, LetterTexts *texts,
                   GError **error)
{
    g_autoptr(GString) subject = g_string_new(NULL);
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GString) html = g_string_new(NULL);
    if (!render_one(set, kind, "subject", value, subject, error) ||
        !render_one(set, kind, "txt", value, text, error) ||
        !render_one(set, kind, "html", value, html, error))
        return false;
    texts->subject = header_clean(subject->str);
    texts->text = wrap(text->str);
    texts->html = g_string_free(g_steal_pointer(&html), FALSE);
    return true;
}

char *letter_render_words(const MustacheSet *set, const char *name, const Value *value,
                          GError **error)
{
    const Mustache *template = mustache_set_find(set, name);
    if (!template) {
        g_set_error(error, LETTER_ERROR, LETTER_ERROR_TEMPLATE, "no template %s", name);
        return NULL;
    }
    g_autoptr(GString) words = g_string_new(NULL);
    mustache_render_plain(template, value, words);
    g_strstrip(words->str);
    return g_strdup(words->str);
}

/* --- the officer's words --- */

static void append_line(Value **paragraph_lines, Value *paragraphs, const char *line)
{
    if (*line == '\0') {
        *paragraph_lines = NULL;
        return;
    }
    if (!*paragraph_lines)
        *paragraph_lines = value_set_list(value_append_object(paragraphs), "lines");
    value_set_copy(value_append_object(*paragraph_lines), "line", line);
}

void letter_set_text(Value *object, const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text ? text : "", -1);
    g_strstrip(valid);
    g_auto(GStrv) lines = g_strsplit(valid, "\n", -1);
    Value *paragraphs = value_set_list(object, "text_paragraphs");
    Value *paragraph_lines = NULL;
    for (guint i = 0; lines[i]; i++)
        append_line(&paragraph_lines, paragraphs, g_strchomp(lines[i]));
    g_autofree char *joined = g_strjoinv("\n", lines);
    value_set_copy(object, "text", joined);
}
