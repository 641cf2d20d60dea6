/* templates.c - the templates of ui/ in every language (see templates.h).
 *
 * Texts are put in before a template is parsed, so that a page of any language costs the same.
 * Sections of Mustache proper are left as they are; only {{#_}} is ours.
 */
#include "mustache/templates.h"
#include "base/embedded.h"
#include "base/texts.h"

#include <string.h>

struct Templates {
    guint n_languages;
    MustacheSet **sets; /* in the order of texts_languages */
};

static const char suffix[] = ".mustache";

/* A text section of a source: "{{#_ context}}msgid{{/_}}". */
typedef struct {
    const char *from, *until; /* the whole of it */
    char *context;            /* NULL: none */
    char *msgid;
} Section;

static void section_clear(Section *section)
{
    g_free(section->context);
    g_free(section->msgid);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Section, section_clear)

static const char *find(const char *from, const char *end, const char *what)
{
    return memmem(from, (gsize)(end - from), what, strlen(what));
}

/* The first text section at or after `from`. What looks like one but is not closed is no section:
 * the parser will complain about it, with its line. */
static gboolean find_section(const char *from, const char *end, Section *section)
{
    for (; (from = find(from, end, "{{#_")); from += 4) {
        const char *name_end = find(from, end, "}}");
        if (!name_end || (from[4] != ' ' && from[4] != '}'))
            continue;
        const char *close = find(name_end, end, "{{/_");
        const char *close_end = close ? find(close, end, "}}") : NULL;
        if (!close_end)
            continue;
        char *context = g_strstrip(g_strndup(from + 4, (gsize)(name_end - from - 4)));
        section->context = *context ? context : NULL;
        if (!section->context)
            g_free(context);
        section->msgid = g_strndup(name_end + 2, (gsize)(close - name_end - 2));
        section->from = from;
        section->until = close_end + 2;
        return TRUE;
    }
    return FALSE;
}

/* A tag of a text: "{{appointment.lobby_min}}". Variables alone may stand in texts. */
static const char *tag_end(const char *tag)
{
    gsize length = strspn(tag + 2, "abcdefghijklmnopqrstuvwxyz_.");
    return length > 0 && g_str_has_prefix(tag + 2 + length, "}}") ? tag + 2 + length + 2 : NULL;
}

/* Has a text only variables that the msgid has too? A catalogue must not be able to write
 * templates. */
static gboolean tags_are_known(const char *text, const char *msgid)
{
    for (const char *tag = text; (tag = strstr(tag, "{{"));) {
        const char *end = tag_end(tag);
        g_autofree char *copy = end ? g_strndup(tag, (gsize)(end - tag)) : NULL;
        if (!copy || !strstr(msgid, copy))
            return FALSE;
        tag = end;
    }
    return TRUE;
}

/* Escapes the words and leaves the variables as they are. */
static void append_escaped(GString *out, const char *text)
{
    while (*text) {
        const char *tag = strstr(text, "{{");
        const char *words_end = tag ? tag : text + strlen(text);
        g_autofree char *escaped = g_markup_escape_text(text, words_end - text);
        g_string_append(out, escaped);
        const char *end = tag ? tag_end(tag) : words_end;
        if (!end) /* no variable: the parser says what is wrong with it */
            end = words_end + strlen(words_end);
        g_string_append_len(out, words_end, end - words_end);
        text = end;
    }
}

static void append_text(GString *out, const Section *section, const char *language, gboolean escape)
{
    const char *text = texts_get_context(language, section->context, section->msgid);
    if (!tags_are_known(text, section->msgid)) {
        g_warning("event=text_with_tag language=%s text=%s", language, section->msgid);
        text = section->msgid;
    }
    if (escape)
        append_escaped(out, text);
    else
        g_string_append(out, text);
}

char *templates_translate(const char *source, gsize length, const char *language, gboolean escape)
{
    GString *out = g_string_sized_new(length);
    const char *at = source, *end = source + length;
    for (;;) {
        g_auto(Section) section = {0};
        if (!find_section(at, end, &section))
            break;
        g_string_append_len(out, at, section.from - at);
        append_text(out, &section, language, escape);
        at = section.until;
    }
    g_string_append_len(out, at, end - at);
    return g_string_free(out, FALSE);
}

static gboolean is_template(const EmbeddedFile *file)
{
    return g_str_has_suffix(file->name, suffix) &&
           (g_str_has_prefix(file->name, "pages/") || g_str_has_prefix(file->name, "letters/"));
}

static gboolean add_file(MustacheSet *set, const EmbeddedFile *file, const char *language,
                         GError **error)
{
    g_autofree char *name = g_strndup(file->name, strlen(file->name) - strlen(suffix));
    gboolean is_html = g_str_has_prefix(name, "pages/") || g_str_has_suffix(name, ".html");
    g_autofree char *source =
        templates_translate((const char *)file->bytes, file->length, language, is_html);
    return mustache_set_add(set, name, source, -1, error) != NULL;
}

static MustacheSet *set_of(const char *language, GError **error)
{
    g_autoptr(MustacheSet) set = mustache_set_new();
    for (guint i = 0; i < embedded_n_files; i++)
        if (is_template(&embedded_files[i]) && !add_file(set, &embedded_files[i], language, error))
            return NULL;
    return mustache_set_check(set, error) ? g_steal_pointer(&set) : NULL;
}

Templates *templates_new(GError **error)
{
    const char *const *languages = texts_languages();
    Templates *templates = g_new0(Templates, 1);
    templates->n_languages = g_strv_length((GStrv)languages);
    templates->sets = g_new0(MustacheSet *, templates->n_languages);
    for (guint i = 0; i < templates->n_languages; i++) {
        templates->sets[i] = set_of(languages[i], error);
        if (!templates->sets[i]) {
            templates_free(templates);
            return NULL;
        }
    }
    return templates;
}

void templates_free(Templates *templates)
{
    if (!templates)
        return;
    for (guint i = 0; i < templates->n_languages; i++)
        mustache_set_free(templates->sets[i]);
    g_free(templates->sets);
    g_free(templates);
}

const MustacheSet *templates_set(const Templates *templates, const char *language)
{
    const char *const *languages = texts_languages();
    for (guint i = 0; language && i < templates->n_languages; i++)
        if (g_str_equal(languages[i], language))
            return templates->sets[i];
    return templates->sets[0];
}
