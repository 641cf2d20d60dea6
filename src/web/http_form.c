/* Forms as text: percent-decoding, urlencoded pairs, parameters of headers. The multipart stream
 * has its own file. Pure: no I/O, no server. */
#include "web/http_form.h"
#include <string.h>

#define PAIRS_LIMIT 1000

static void field_clear(gpointer data)
{
    HttpField *field = data;
    g_free(field->name);
    g_free(field->value);
}

GArray *http_fields_new(void)
{
    GArray *fields = g_array_new(FALSE, FALSE, sizeof(HttpField));
    g_array_set_clear_func(fields, field_clear);
    return fields;
}

const char *http_fields_get(const GArray *fields, const char *name)
{
    for (guint i = 0; fields && i < fields->len; i++) {
        const HttpField *field = &g_array_index(fields, HttpField, i);
        if (g_str_equal(field->name, name))
            return field->value;
    }
    return NULL;
}

void http_fields_add(GArray *fields, const char *name, const char *value)
{
    HttpField field = {g_strdup(name), g_strdup(value)};
    g_array_append_val(fields, field);
}

static char decoded(const char *text, gsize left, gboolean plus, gsize *used)
{
    *used = 1;
    if (*text == '+' && plus)
        return ' ';
    if (*text != '%' || left < 3)
        return *text;
    int high = g_ascii_xdigit_value(text[1]);
    int low = g_ascii_xdigit_value(text[2]);
    if (high < 0 || low < 0)
        return *text;
    *used = 3;
    return (char)(high * 16 + low);
}

char *http_decode(const char *text, gsize length, gboolean plus)
{
    char *out = g_malloc(length + 1);
    gsize filled = 0;
    gsize used;
    for (gsize i = 0; i < length; i += used)
        out[filled++] = decoded(text + i, length - i, plus, &used);
    out[filled] = '\0';
    if (g_utf8_validate_len(out, filled, NULL)) /* refuses NUL too */
        return out;
    g_free(out);
    return NULL;
}

static gboolean read_pair(const char *pair, gsize length, GArray *fields)
{
    const char *equal = memchr(pair, '=', length);
    const gsize name_length = equal ? (gsize)(equal - pair) : length;
    const gsize value_length = equal ? length - name_length - 1 : 0;
    HttpField field = {
        .name = http_decode(pair, name_length, TRUE),
        .value = http_decode(pair + length - value_length, value_length, TRUE),
    };
    if (field.name && field.value) {
        g_array_append_val(fields, field);
        return TRUE;
    }
    field_clear(&field);
    return FALSE;
}

gboolean http_form_read(const char *text, gsize length, GArray *fields)
{
    guint pairs = 0;
    while (length > 0) {
        const char *end = memchr(text, '&', length);
        gsize pair = end ? (gsize)(end - text) : length;
        if (pair > 0 && (++pairs > PAIRS_LIMIT || !read_pair(text, pair, fields)))
            return FALSE;
        gsize step = end ? pair + 1 : pair;
        text += step;
        length -= step;
    }
    return TRUE;
}

/* Reads `value` or `"quoted value"` at *at and moves past it. Browsers write a quote inside a name
 * as %22 and do not escape backslashes (WHATWG HTML, multipart/form-data); only \" is taken as an
 * escape. */
static char *parameter_value(const char **at)
{
    GString *value = g_string_new(NULL);
    const char *p = *at;
    if (*p != '"') {
        gsize length = strcspn(p, "; \t");
        g_string_append_len(value, p, (gssize)length);
        *at = p + length;
        return g_string_free(value, FALSE);
    }
    for (p++; *p && *p != '"'; p++) {
        if (p[0] == '\\' && p[1] == '"')
            p++;
        g_string_append_c(value, *p);
    }
    *at = *p ? p + 1 : p;
    return g_string_free(value, FALSE);
}

char *http_parameter(const char *header, const char *name)
{
    gsize name_length = strlen(name);
    const char *p = strchr(header, ';');
    while (p && *p) {
        p += strspn(p, "; \t");
        gsize length = strcspn(p, "=; \t");
        if (length == 0 && *p != '=')
            return NULL;
        gboolean same = length == name_length && g_ascii_strncasecmp(p, name, length) == 0;
        p += length;
        p += strspn(p, " \t");
        if (*p != '=')
            continue;
        p++;
        p += strspn(p, " \t");
        g_autofree char *value = parameter_value(&p);
        if (same)
            return g_steal_pointer(&value);
        p = strchr(p, ';');
    }
    return NULL;
}
