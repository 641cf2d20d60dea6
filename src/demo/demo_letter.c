/* demo_letter.c - see demo_letter.h. */
#include "demo/demo_letter.h"
#include "web/request_decode.h"
#include <string.h>

/* The value of a field of the header block [from, until), up to the end of its first line; NULL
 * when absent. */
static char *field_of(const char *from, const char *until, const char *name)
{
    const gsize length = strlen(name);
    for (const char *line = from; line < until;) {
        const char *end = memchr(line, '\n', (gsize)(until - line));
        end = end ? end : until;
        if ((gsize)(end - line) > length && g_ascii_strncasecmp(line, name, length) == 0 &&
            line[length] == ':')
            return g_strstrip(g_strndup(line + length + 1, (gsize)(end - line) - length - 1));
        line = end + 1;
    }
    return NULL;
}

static GString *decode(const char *bytes, gsize length, const char *encoding)
{
    g_autoptr(RequestDecode) decode = request_decode_new(encoding);
    request_decode_feed(decode, bytes, length);
    return request_decode_end(decode);
}

/* The field with its folded lines, up to the end of the last; NULL when absent. */
static const char *find_field(const char *header, const char *end, const char *name, gsize *length)
{
    const gsize named = strlen(name);
    for (const char *line = header; line < end;) {
        const char *next = g_strstr_len(line, end - line, "\r\n");
        const char *stop = next ? next : end;
        while (next && next + 2 < end && (next[2] == ' ' || next[2] == '\t')) {
            next = g_strstr_len(next + 2, end - next - 2, "\r\n");
            stop = next ? next : end;
        }
        if ((gsize)(stop - line) > named && g_ascii_strncasecmp(line, name, named) == 0 &&
            line[named] == ':') {
            *length = (gsize)(stop - line) - named - 1;
            return line + named + 1;
        }
        line = next ? next + 2 : end;
    }
    return NULL;
}

char *demo_letter_reply_to(const char *message, gsize length)
{
    const char *end = g_strstr_len(message, (gssize)length, "\r\n\r\n");
    gsize found = 0;
    const char *field = end ? find_field(message, end, "Reply-To", &found) : NULL;
    if (!field)
        return NULL;
    g_autofree char *value = g_strndup(field, found);
    char *opens = strrchr(value, '<'), *closes = opens ? strchr(opens, '>') : NULL;
    if (!closes)
        return g_strdup(g_strstrip(value));
    *closes = '\0';
    return g_strdup(opens + 1);
}

/* Where the body of the part that begins at `part` ends: before the next boundary line. */
static const char *end_of_part(const char *body, const char *end)
{
    for (const char *at = body; at < end; at++) {
        at = memchr(at, '\n', (gsize)(end - at));
        if (!at)
            return end;
        if (end - at > 3 && at[1] == '-' && at[2] == '-' && !g_ascii_isspace(at[3]))
            return at > body && at[-1] == '\r' ? at - 1 : at;
    }
    return end;
}

GString *demo_letter_part(const char *message, gsize length, const char *type)
{
    const char *end = message + length;
    for (const char *at = message; at < end;) {
        const char *blank = g_strstr_len(at, end - at, "\r\n\r\n");
        if (!blank)
            return NULL;
        g_autofree char *found = field_of(at, blank, "Content-Type");
        const char *body = blank + 4;
        if (found && g_ascii_strncasecmp(found, type, strlen(type)) == 0) {
            g_autofree char *encoding = field_of(at, blank, "Content-Transfer-Encoding");
            return decode(body, (gsize)(end_of_part(body, end) - body), encoding);
        }
        const char *next = end_of_part(body, end);
        const char *line = next < end ? memchr(next + 1 + (*next == '\r'), '\n',
                                               (gsize)(end - next) - 1 - (*next == '\r'))
                                      : NULL;
        at = line ? line + 1 : end;
    }
    return NULL;
}

static gsize link_length(const char *text)
{
    if (!g_str_has_prefix(text, "https://") && !g_str_has_prefix(text, "http://"))
        return 0;
    gsize length = strcspn(text, " \t\r\n<>\"");
    while (length > 0 && strchr(".,;:)", text[length - 1]))
        length--;
    return length;
}

static void append_run(GArray *runs, gsize from, gsize until, gboolean is_link)
{
    const DemoRun run = {from, until, is_link};
    if (from < until)
        g_array_append_val(runs, run);
}

GArray *demo_letter_runs(const char *text)
{
    GArray *runs = g_array_new(FALSE, FALSE, sizeof(DemoRun));
    gsize reached = 0, at = 0;
    while (text[at]) {
        const gsize length = text[at] == 'h' ? link_length(text + at) : 0;
        if (length == 0) {
            at++;
            continue;
        }
        append_run(runs, reached, at, FALSE);
        append_run(runs, at, at + length, TRUE);
        at += length;
        reached = at;
    }
    append_run(runs, reached, at, FALSE);
    return runs;
}
