/* http_form.h - the bodies of forms: urlencoded texts and multipart streams.
 *
 * Input is hostile. Names and values come out as valid UTF-8 without NUL, or the whole form is
 * refused. The multipart reader works on any split of the stream (RFC 7578, RFC 2046 5.1) and keeps
 * at most one header block.
 */
#pragma once
#include <glib.h>

typedef struct {
    char *name;
    char *value;
} HttpField;

GArray *http_fields_new(void); /* of HttpField; frees its texts */
const char *http_fields_get(const GArray *fields,
                            const char *name); /* first of that name or NULL; fields may be NULL */
void http_fields_add(GArray *fields, const char *name, const char *value);

/* Decodes %XX, and '+' to a space when `plus`; owned by the caller. A broken %-sequence stays as it
 * is. NULL when the result is not valid UTF-8 or holds a NUL. */
char *http_decode(const char *text, gsize length, gboolean plus);

/* Adds the pairs of "a=1&b=2" to `fields`. FALSE: invalid UTF-8, NUL, or more than 1,000 pairs. */
gboolean http_form_read(const char *text, gsize length, GArray *fields);

/* What a multipart stream tells. `begin`: a part with a field name starts; file NULL for a plain
 * field; any text may be hostile. Each returns FALSE to end the reading. */
typedef struct {
    gboolean (*begin)(const char *name, const char *file, const char *type, gpointer context);
    gboolean (*data)(const char *bytes, gsize length, gpointer context);
    gboolean (*end)(gpointer context);
} HttpMultipartEvents;

typedef struct HttpMultipart HttpMultipart;
/* content_type: the header of the request. NULL when it is no multipart/form-data with a usable
 * boundary. */
HttpMultipart *http_multipart_new(const char *content_type, const HttpMultipartEvents *events,
                                  gpointer context);
gboolean http_multipart_feed(HttpMultipart *multipart, const char *bytes,
                             gsize length); /* FALSE: malformed or ended by an event */
gboolean http_multipart_ended(const HttpMultipart *multipart); /* the closing boundary was seen */
void http_multipart_free(HttpMultipart *multipart);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HttpMultipart, http_multipart_free)

/* The value of a parameter of a header such as `form-data; name="x"` (quoted or token); NULL when
 * absent. */
char *http_parameter(const char *header, const char *name);
