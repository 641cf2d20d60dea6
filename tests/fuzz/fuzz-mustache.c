/* fuzz-mustache.c - templates of any bytes: parsed, then rendered twice over fixed data. What
 * follows the first NUL is a second template, "part"; both may name each other and themselves.
 */
#include "mustache/mustache.h"

#include <string.h>

enum { LONGEST = 1024 };

static const char data_json[] = "{\"a\":\"<&>\\\"'\",\"b\":{\"c\":{\"d\":1.5},\"a\":\"inner\"},"
                                "\"l\":[{\"a\":\"one\\n\\ttwo\"}],"
                                "\"t\":true,\"f\":false,\"n\":null,\"e\":[],\"i\":-12}";

static char *rendered(const Mustache *template, const Value *data)
{
    GString *out = g_string_new(NULL);
    mustache_render(template, data, out);
    g_assert_cmpuint(strlen(out->str), <=, out->len);
    return g_string_free(out, FALSE);
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length);

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length)
{
    if (length > LONGEST)
        return 0;
    const guint8 *split = length ? memchr(bytes, '\0', length) : NULL;
    gsize first = split ? (gsize)(split - bytes) : length;
    g_autoptr(MustacheSet) set = mustache_set_new();
    const Mustache *template = mustache_set_add(set, "t", (const char *)bytes, (gssize)first, NULL);
    if (split)
        mustache_set_add(set, "part", (const char *)split + 1, (gssize)(length - first - 1), NULL);
    if (!template)
        return 0;

    g_autoptr(Arena) arena = arena_new();
    const Value *data = value_parse_json(arena, data_json, strlen(data_json), NULL);
    g_autofree char *one = rendered(template, data), *two = rendered(template, data);
    g_assert_cmpstr(one, ==, two);
    /* Without a tag the template is the text. */
    if (!memmem(bytes, first, "{{", 2))
        g_assert_cmpint(strncmp(one, (const char *)bytes, first), ==, 0);
    mustache_set_check(set, NULL);
    g_autoptr(GString) plain = g_string_new(NULL);
    mustache_render_plain(template, data, plain);
    return 0;
}
