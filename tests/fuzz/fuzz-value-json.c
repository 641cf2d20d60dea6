/* fuzz-value-json.c - JSON of any bytes: what is read can be written, and what was written reads
 * back as the same.
 */
#include "base/value.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length);

/* `json` read and written again; NULL when it cannot be read. */
static char *through_value(const char *json, gsize length)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(GError) error = NULL;
    const Value *value = value_parse_json(arena, json, length, &error);
    g_assert_true((value == NULL) == (error != NULL));
    if (!value)
        return NULL;
    GString *out = g_string_new(NULL);
    value_write_json(value, out);
    g_assert_true(g_utf8_validate_len(out->str, out->len, NULL));
    return g_string_free(out, FALSE);
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length)
{
    g_autofree char *first = through_value((const char *)bytes, length);
    if (!first)
        return 0;
    /* The first writing may change the kind of a number (-0.0 is written -0), the second nothing.
     */
    g_autofree char *second = through_value(first, strlen(first));
    g_assert_nonnull(second);
    g_autofree char *third = through_value(second, strlen(second));
    g_assert_cmpstr(second, ==, third);
    return 0;
}
