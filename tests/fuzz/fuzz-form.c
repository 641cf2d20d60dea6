/* fuzz-form.c - bodies of forms. Urlencoded: what is read is UTF-8 and is read again from what it
 * is written as. Multipart: whatever way the stream is cut, the same parts come out as from the
 * whole.
 *
 * The first byte says how long the pieces are; up to the first line feed stands the Content-Type,
 * then the body.
 */
#include "web/http_form.h"
#include <string.h>

enum { LONGEST = 16 * 1024 };

/* --- multipart
 * ------------------------------------------------------------------------------------ */

typedef struct {
    GString *parts; /* name, file, type and bytes of each */
    gboolean inside;
} Seen;

static gboolean seen_begin(const char *name, const char *file, const char *type, gpointer context)
{
    Seen *seen = context;
    g_assert_false(seen->inside);
    g_assert_true(g_utf8_validate(name, -1, NULL));
    g_assert_true(!file || g_utf8_validate(file, -1, NULL));
    g_assert_true(!type || g_utf8_validate(type, -1, NULL));
    seen->inside = TRUE;
    g_string_append_printf(seen->parts, "\n[%s|%s|%s]", name, file ? file : "-", type ? type : "-");
    return TRUE;
}

static gboolean seen_data(const char *bytes, gsize length, gpointer context)
{
    Seen *seen = context;
    g_assert_true(seen->inside && length > 0);
    g_string_append_len(seen->parts, bytes, (gssize)length);
    return TRUE;
}

static gboolean seen_end(gpointer context)
{
    Seen *seen = context;
    g_assert_true(seen->inside);
    seen->inside = FALSE;
    return TRUE;
}

/* NULL when it is refused. */
static GString *read_parts(const char *type, const char *body, gsize length, gsize piece)
{
    static const HttpMultipartEvents events = {seen_begin, seen_data, seen_end};
    Seen seen = {g_string_new(NULL), FALSE};
    g_autoptr(HttpMultipart) multipart = http_multipart_new(type, &events, &seen);
    gboolean good = multipart != NULL;
    for (gsize at = 0; good && at < length; at += piece)
        good = http_multipart_feed(multipart, body + at, MIN(piece, length - at));
    if (good && http_multipart_ended(multipart)) {
        g_assert_false(seen.inside);
        return seen.parts;
    }
    g_string_free(seen.parts, TRUE);
    return NULL;
}

static void check_multipart(const char *type, const char *body, gsize length, gsize piece)
{
    GString *whole = read_parts(type, body, length, MAX(length, 1));
    GString *cut = read_parts(type, body, length, piece);
    g_assert_true((whole == NULL) == (cut == NULL));
    if (!whole)
        return;
    g_assert_true(g_string_equal(whole, cut));
    g_string_free(whole, TRUE);
    g_string_free(cut, TRUE);
}

/* --- urlencoded
 * -------------------------------------------------------------------------------------- */

static void append_encoded(GString *out, const char *text)
{
    g_autofree char *encoded = g_uri_escape_string(text, NULL, FALSE);
    g_string_append(out, encoded);
}

static GString *write_form(const GArray *fields)
{
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < fields->len; i++) {
        const HttpField *field = &g_array_index(fields, HttpField, i);
        g_assert_true(g_utf8_validate(field->name, -1, NULL) &&
                      g_utf8_validate(field->value, -1, NULL));
        g_string_append(out, i ? "&" : "");
        append_encoded(out, field->name);
        g_string_append_c(out, '=');
        append_encoded(out, field->value);
    }
    return out;
}

static void check_urlencoded(const char *body, gsize length)
{
    g_autoptr(GArray) fields = http_fields_new();
    g_autoptr(GArray) again = http_fields_new();
    if (!http_form_read(body, length, fields))
        return;
    g_autoptr(GString) written = write_form(fields);
    g_assert_true(http_form_read(written->str, written->len, again));
    g_assert_cmpuint(again->len, ==, fields->len);
    for (guint i = 0; i < fields->len; i++) {
        g_assert_cmpstr(g_array_index(again, HttpField, i).name, ==,
                        g_array_index(fields, HttpField, i).name);
        g_assert_cmpstr(g_array_index(again, HttpField, i).value, ==,
                        g_array_index(fields, HttpField, i).value);
    }
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length);

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length)
{
    if (length < 2 || length > LONGEST)
        return 0;
    const gsize piece = (gsize)bytes[0] % 64 + 1;
    const char *rest = (const char *)bytes + 1;
    const char *line = memchr(rest, '\n', length - 1);
    const gsize type_length = line ? (gsize)(line - rest) : 0;
    const char *body = line ? line + 1 : rest;
    const gsize body_length = length - 1 - (gsize)(body - rest);
    g_autofree char *type = g_strndup(rest, type_length);
    g_autofree char *value = http_parameter(type, "boundary");

    check_multipart(type, body, body_length, piece);
    check_urlencoded(body, body_length);
    return 0;
}
