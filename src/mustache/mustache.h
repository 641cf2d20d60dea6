/* mustache.h - Mustache templates (specification 1.3 with inheritance) over base/value.
 *
 * A template is parsed once into a flat program and rendered many times, from any thread. Partials
 * and parents are found by name in the set the template belongs to, when rendering, so order of
 * adding is free.
 */
#pragma once
#include "base/value.h"

typedef struct MustacheSet MustacheSet;
typedef struct Mustache Mustache;

MustacheSet *mustache_set_new(void);
void mustache_set_free(MustacheSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MustacheSet, mustache_set_free)

/* Parses `source` and keeps it in `set` as `name`. Errors: MUSTACHE_ERROR with name and line. */
const Mustache *mustache_set_add(MustacheSet *set, const char *name, const char *source,
                                 gssize length, GError **error);
const Mustache *mustache_set_find(const MustacheSet *set, const char *name); /* NULL when unknown */

/* False when a partial or parent of the set is named that the set has not: MUSTACHE_ERROR with name
 * and line. Rendering such a template leaves the place empty. */
gboolean mustache_set_check(const MustacheSet *set, GError **error);

/* Sections: null, false, zero, the empty text and the empty list count as false; inside a section
 * its value is the innermost context. Blocks ({{$x}}) take the argument of the outermost caller
 * (specification, inheritance). Whitespace of the template is kept; a tag alone on its line
 * vanishes with the line.
 *
 * Appends the rendering to `out`. HTML escaping unless `{{{x}}}` or `{{&x}}`.
 * Recursion of partials ends at 64 levels. */
void mustache_render(const Mustache *template, const Value *context, GString *out);
/* The same without any escaping: for the plain-text part of letters. */
void mustache_render_plain(const Mustache *template, const Value *context, GString *out);

#define MUSTACHE_ERROR mustache_error_quark()
GQuark mustache_error_quark(void);
