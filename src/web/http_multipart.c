/* The multipart/form-data reader: a stream of bytes in, parts out, whatever way the stream is cut.
 * It holds back only what could be the beginning of a boundary, and one block of part headers of at
 * most 8 KiB. */
#include "web/http_form.h"
#include <string.h>

#define HEAD_LIMIT 8192
#define PARTS_LIMIT 256

typedef enum {
    IN_PREAMBLE, /* before the first boundary */
    AFTER_BOUNDARY,
    IN_HEAD,
    IN_BODY,
    IN_EPILOGUE,
} Stage;

struct HttpMultipart {
    HttpMultipartEvents events;
    gpointer context;
    char *mark; /* CRLF "--" boundary */
    gsize mark_length;
    GString *held; /* bytes not yet understood */
    Stage stage;
    guint parts;
    gboolean wanted; /* the part has a field name */
};

HttpMultipart *http_multipart_new(const char *content_type, const HttpMultipartEvents *events,
                                  gpointer context)
{
    static const char kind[] = "multipart/form-data";
    if (g_ascii_strncasecmp(content_type, kind, sizeof kind - 1) != 0)
        return NULL;
    g_autofree char *boundary = http_parameter(content_type, "boundary");
    if (!boundary || !*boundary || strlen(boundary) > 70) /* RFC 2046, 5.1.1 */
        return NULL;

    HttpMultipart *multipart = g_new0(HttpMultipart, 1);
    multipart->events = *events;
    multipart->context = context;
    multipart->mark = g_strconcat("\r\n--", boundary, NULL);
    multipart->mark_length = strlen(multipart->mark);
    multipart->held = g_string_new("\r\n"); /* so that the first boundary looks like the others */
    return multipart;
}

void http_multipart_free(HttpMultipart *multipart)
{
    if (!multipart)
        return;
    g_string_free(multipart->held, TRUE);
    g_free(multipart->mark);
    g_free(multipart);
}

gboolean http_multipart_ended(const HttpMultipart *multipart)
{
    return multipart->stage == IN_EPILOGUE;
}

static gboolean body_bytes(HttpMultipart *multipart, gsize length)
{
    if (multipart->stage != IN_BODY || !multipart->wanted || length == 0)
        return TRUE;
    return multipart->events.data(multipart->held->str, length, multipart->context);
}

/* Preamble and body: hands on what is surely no boundary. */
static gboolean until_boundary(HttpMultipart *multipart, gboolean *more)
{
    GString *held = multipart->held;
    const char *mark = memmem(held->str, held->len, multipart->mark, multipart->mark_length);
    if (!mark) {
        gsize keep = MIN(held->len, multipart->mark_length - 1);
        gsize length = held->len - keep;
        *more = FALSE;
        if (!body_bytes(multipart, length))
            return FALSE;
        g_string_erase(held, 0, (gssize)length);
        return TRUE;
    }
    gsize length = (gsize)(mark - held->str);
    if (!body_bytes(multipart, length))
        return FALSE;
    g_string_erase(held, 0, (gssize)(length + multipart->mark_length));
    gboolean was_part = multipart->stage == IN_BODY && multipart->wanted;
    multipart->stage = AFTER_BOUNDARY;
    return !was_part || multipart->events.end(multipart->context);
}

/* "--" ends the form; blanks and CRLF begin a part. */
static gboolean after_boundary(HttpMultipart *multipart, gboolean *more)
{
    GString *held = multipart->held;
    if (held->len >= 2 && held->str[0] == '-' && held->str[1] == '-') {
        multipart->stage = IN_EPILOGUE;
        return TRUE;
    }
    gsize blanks = strspn(held->str, " \t");
    if (blanks > 64)
        return FALSE;
    if (held->len < blanks + 2) {
        *more = FALSE;
        return TRUE;
    }
    if (held->str[blanks] != '\r' || held->str[blanks + 1] != '\n')
        return FALSE;
    g_string_erase(held, 0, (gssize)blanks); /* keeps CRLF: an empty head is then CRLF CRLF too */
    multipart->stage = IN_HEAD;
    return ++multipart->parts <= PARTS_LIMIT;
}

static char *head_value(char **lines, const char *name)
{
    gsize length = strlen(name);
    for (; *lines; lines++)
        if (g_ascii_strncasecmp(*lines, name, length) == 0 && (*lines)[length] == ':')
            return g_strstrip(*lines + length + 1);
    return NULL;
}

static gboolean begin_part(HttpMultipart *multipart, const char *head)
{
    g_auto(GStrv) lines = g_strsplit(head, "\r\n", -1);
    const char *disposition = head_value(lines, "content-disposition");
    const char *type = head_value(lines, "content-type");
    g_autofree char *name = disposition ? http_parameter(disposition, "name") : NULL;
    g_autofree char *file = disposition ? http_parameter(disposition, "filename") : NULL;

    multipart->wanted = name != NULL;
    if (!name)
        return TRUE;
    if (!g_utf8_validate(name, -1, NULL) || (file && !g_utf8_validate(file, -1, NULL)) ||
        (type && !g_utf8_validate(type, -1, NULL)))
        return FALSE;
    return multipart->events.begin(name, file, type, multipart->context);
}

static gboolean in_head(HttpMultipart *multipart, gboolean *more)
{
    GString *held = multipart->held;
    const char *end = memmem(held->str, held->len, "\r\n\r\n", 4);
    if (!end) {
        *more = FALSE;
        return held->len < HEAD_LIMIT + 4; /* a part of the end may be there */
    }
    gsize length = (gsize)(end - held->str);
    if (length > HEAD_LIMIT || memchr(held->str, '\0', length))
        return FALSE;
    g_autofree char *head = g_strndup(held->str, length);
    g_string_erase(held, 0, (gssize)(length + 4));
    if (!begin_part(multipart, head))
        return FALSE;
    multipart->stage = IN_BODY;
    return TRUE;
}

gboolean http_multipart_feed(HttpMultipart *multipart, const char *bytes, gsize length)
{
    gboolean good = TRUE;
    gboolean more = TRUE;
    if (multipart->stage == IN_EPILOGUE)
        return TRUE; /* RFC 2046: to be ignored */
    g_string_append_len(multipart->held, bytes, (gssize)length);
    while (good && more) {
        switch (multipart->stage) {
        case IN_PREAMBLE:
        case IN_BODY:
            good = until_boundary(multipart, &more);
            break;
        case AFTER_BOUNDARY:
            good = after_boundary(multipart, &more);
            break;
        case IN_HEAD:
            good = in_head(multipart, &more);
            break;
        case IN_EPILOGUE:
            g_string_truncate(multipart->held, 0);
            more = FALSE;
            break;
        }
    }
    return good;
}
