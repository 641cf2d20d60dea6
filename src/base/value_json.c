/* value_json.c - values as text and as JSON (RFC 8259), and JSON from outside into values.
 *
 * Writing is ours, because a page is written a thousand times for each text that is read; reading
 * is jansson's, whose tree is copied into the arena and freed.
 */
#include "base/value.h"
#include "base/value_internal.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

enum { DEEPEST = 64 };

G_DEFINE_QUARK(sportello - value - error - quark, value_error)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(json_t, json_decref)

static void append_integer(gint64 number, GString *out)
{
    char digits[20];
    guint64 rest = number < 0 ? -(guint64)number : (guint64)number;
    gsize at = sizeof digits;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (number < 0)
        digits[--at] = '-';
    g_string_append_len(out, digits + at, (gssize)(sizeof digits - at));
}

/* The shortest of the two forms that reads back as the same number. */
static void append_real(double number, GString *out)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    g_ascii_formatd(text, sizeof text, "%.15g", number);
    if (g_ascii_strtod(text, NULL) != number)
        g_ascii_formatd(text, sizeof text, "%.17g", number);
    g_string_append(out, text);
}

void value_append_text(const Value *value, GString *out)
{
    switch ((ValueKind)value->kind) {
    case VALUE_TEXT:
        g_string_append_len(out, value->text, value->length);
        break;
    case VALUE_INTEGER:
        append_integer(value->integer, out);
        break;
    case VALUE_REAL:
        append_real(value->real, out);
        break;
    case VALUE_BOOLEAN:
        g_string_append(out, value->integer ? "true" : "false");
        break;
    case VALUE_NULL:
    case VALUE_LIST:
    case VALUE_OBJECT:
        break;
    }
}

static void append_escape(GString *out, guchar byte)
{
    static const char short_forms[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
                                       ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\'};
    if (byte < sizeof short_forms && short_forms[byte]) {
        char escape[] = {'\\', short_forms[byte]};
        g_string_append_len(out, escape, sizeof escape);
        return;
    }
    static const char hex[] = "0123456789abcdef";
    char escape[] = {'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]};
    g_string_append_len(out, escape, sizeof escape);
}

static void append_quoted(const char *text, gsize length, GString *out)
{
    g_autofree char *valid = NULL;
    if (!g_utf8_validate_len(text, length, NULL)) {
        valid = g_utf8_make_valid(text, (gssize)length);
        text = valid;
        length = strlen(valid);
    }
    g_string_append_c(out, '"');
    const char *end = text + length, *plain = text;
    for (const char *at = text; at < end; at++) {
        guchar byte = (guchar)*at;
        if (byte >= 0x20 && byte != '"' && byte != '\\' && byte != 0x7f)
            continue;
        g_string_append_len(out, plain, at - plain);
        append_escape(out, byte);
        plain = at + 1;
    }
    g_string_append_len(out, plain, end - plain);
    g_string_append_c(out, '"');
}

static void append_list(const Value *list, GString *out)
{
    g_string_append_c(out, '[');
    for (guint32 i = 0; i < list->length; i++) {
        if (i > 0)
            g_string_append_c(out, ',');
        value_write_json(list->elements[i], out);
    }
    g_string_append_c(out, ']');
}

static void append_object(const Value *object, GString *out)
{
    g_string_append_c(out, '{');
    for (guint32 i = 0; i < object->length; i++) {
        if (i > 0)
            g_string_append_c(out, ',');
        append_quoted(object->members[i].key, object->members[i].key_length, out);
        g_string_append_c(out, ':');
        value_write_json(object->members[i].value, out);
    }
    g_string_append_c(out, '}');
}

void value_write_json(const Value *value, GString *out)
{
    switch ((ValueKind)value->kind) {
    case VALUE_TEXT:
        append_quoted(value->text, value->length, out);
        break;
    case VALUE_LIST:
        append_list(value, out);
        break;
    case VALUE_OBJECT:
        append_object(value, out);
        break;
    case VALUE_NULL:
        g_string_append(out, "null");
        break;
    case VALUE_REAL: /* JSON has no infinity and no NaN */
        if (isfinite(value->real))
            append_real(value->real, out);
        else
            g_string_append(out, "null");
        break;
    case VALUE_INTEGER:
    case VALUE_BOOLEAN:
        value_append_text(value, out);
        break;
    }
}

static Value *from_jansson(Arena *arena, json_t *json, guint levels_left);

static Value *list_from_jansson(Arena *arena, json_t *json, guint levels_left)
{
    Value *list = value_list(arena);
    for (size_t i = 0; i < json_array_size(json); i++) {
        Value *element = from_jansson(arena, json_array_get(json, i), levels_left);
        if (!element)
            return NULL;
        value_append(list, element);
    }
    return list;
}

static Value *object_from_jansson(Arena *arena, json_t *json, guint levels_left)
{
    Value *object = value_object(arena);
    const char *key;
    json_t *json_member;
    json_object_foreach(json, key, json_member)
    {
        Value *member = from_jansson(arena, json_member, levels_left);
        if (!member)
            return NULL;
        /* jansson has refused doubles: looking for them again would be quadratic on hostile input.
         */
        value_add_member(object, arena_copy(arena, key), strlen(key), member);
    }
    return object;
}

/* NULL when there are more lists and objects inside each other than `levels_left`. */
static Value *from_jansson(Arena *arena, json_t *json, guint levels_left)
{
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return levels_left ? object_from_jansson(arena, json, levels_left - 1) : NULL;
    case JSON_ARRAY:
        return levels_left ? list_from_jansson(arena, json, levels_left - 1) : NULL;
    case JSON_STRING:
        return value_copy(arena, json_string_value(json));
    case JSON_INTEGER:
        return value_integer(arena, json_integer_value(json));
    case JSON_REAL:
        return value_real(arena, json_real_value(json));
    case JSON_TRUE:
    case JSON_FALSE:
        return value_boolean(arena, json_is_true(json));
    case JSON_NULL:
        break;
    }
    return value_null(arena);
}

Value *value_parse_json(Arena *arena, const char *json, gsize length, GError **error)
{
    json_error_t problem;
    g_autoptr(json_t) tree =
        json_loadb(json, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &problem);
    if (!tree) {
        g_set_error(error, VALUE_ERROR, VALUE_ERROR_MALFORMED, "JSON, line %d, column %d: %s",
                    problem.line, problem.column, problem.text);
        return NULL;
    }
    Value *value = from_jansson(arena, tree, DEEPEST);
    if (!value)
        g_set_error(error, VALUE_ERROR, VALUE_ERROR_TOO_DEEP, "JSON: more than %d levels", DEEPEST);
    return value;
}
