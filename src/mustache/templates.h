/* templates.h - all templates of ui/pages and ui/letters, parsed once per language.
 *
 * A text for people stands in {{#_}}…{{/_}}, the Italian text being the msgid; {{#_
 * context}}…{{/_}} carries a msgctxt. Before a template is parsed each such section is replaced by
 * the catalogue's text, HTML-escaped in .html and pages, plain in .txt and .subject. Variables may
 * stand in a text ("apre {{lobby_min}} minuti prima"), no other tags; a translation keeps them.
 * Templates are named after their file without ".mustache": "pages/room", "letters/receipt.txt".
 */
#pragma once
#include "mustache/mustache.h"

typedef struct Templates Templates;
/* Parses what is embedded, for every language of texts_languages. */
Templates *templates_new(GError **error);
void templates_free(Templates *templates);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Templates, templates_free)
/* The set of a language; that of "it" when it is unknown. Lives as long as `templates`. */
const MustacheSet *templates_set(const Templates *templates, const char *language);
/* What templates_new does to one source; owned by the caller. */
char *templates_translate(const char *source, gsize length, const char *language, gboolean escape);
