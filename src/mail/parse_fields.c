/* parse_fields.c - absurd lists in header fields, blanked before the parser meets them.
 *
 * GMime needs time that grows with the square of the addresses of a message or the parameters of a
 * part, and a stack frame per group. No honest message comes near the limits. Nothing is moved,
 * since part offsets count from the first byte. The fields of inner messages are met as well, and
 * so is a line of a text that looks like one and is as long.
 */
#include "mail/parse_internal.h"

#include <string.h>

typedef enum { NO_FIELD, ADDRESSES, PARAMETERS } Kind;

/* Those that GMime takes apart. */
static const struct {
    const char *name;
    Kind kind;
} fields[] = {
    {"from", ADDRESSES},
    {"sender", ADDRESSES},
    {"reply-to", ADDRESSES},
    {"to", ADDRESSES},
    {"cc", ADDRESSES},
    {"bcc", ADDRESSES},
    {"content-type", PARAMETERS},
    {"content-disposition", PARAMETERS},
};

static Kind kind_of(const char *line, gsize length)
{
    for (gsize i = 0; i < G_N_ELEMENTS(fields); i++) {
        gsize end = strlen(fields[i].name);
        if (length <= end || g_ascii_strncasecmp(line, fields[i].name, end) != 0)
            continue;
        while (end < length && (line[end] == ' ' || line[end] == '\t'))
            end++;
        if (end < length && line[end] == ':')
            return fields[i].kind;
    }
    return NO_FIELD;
}

/* The end of a line with its line feed. */
static gsize line_end(const char *bytes, gsize length, gsize from)
{
    const char *lf = memchr(bytes + from, '\n', length - from);
    return lf ? (gsize)(lf - bytes) + 1 : length;
}

/* With the lines that continue it. */
static gsize field_end(const char *bytes, gsize length, gsize from)
{
    gsize at = line_end(bytes, length, from);
    while (at < length && (bytes[at] == ' ' || bytes[at] == '\t'))
        at = line_end(bytes, length, at);
    return at;
}

/* Where it becomes too much; `until` when it does not. */
static gsize enough(const char *bytes, gsize from, gsize until, guint *left)
{
    gsize last = MIN(until, from + PARSE_FIELD_MOST);
    for (gsize at = from; at < last; at++) {
        if (bytes[at] != ',' && bytes[at] != ';' && bytes[at] != ':')
            continue;
        if (*left == 0)
            return at;
        (*left)--;
    }
    return last;
}

static void blank(char *bytes, gsize from, gsize until)
{
    for (gsize i = from; i < until; i++)
        if (bytes[i] != '\r' && bytes[i] != '\n')
            bytes[i] = ' ';
}

guint8 *parse_shorten_fields(const guint8 *raw, gsize length)
{
    const char *bytes = (const char *)raw;
    char *copy = NULL;
    guint addresses = PARSE_LIST_MOST; /* GMime joins the fields of one name */
    for (gsize at = 0, end; at < length; at = end) {
        end = line_end(bytes, length, at);
        Kind kind = kind_of(bytes + at, end - at);
        if (kind == NO_FIELD)
            continue;
        guint parameters = PARSE_LIST_MOST;
        gsize value = (gsize)((const char *)memchr(bytes + at, ':', end - at) - bytes) + 1;
        end = field_end(bytes, length, at);
        gsize good = enough(bytes, value, end, kind == ADDRESSES ? &addresses : &parameters);
        if (good == end)
            continue;
        if (!copy)
            copy = g_memdup2(bytes, length);
        blank(copy, good, end);
    }
    return (guint8 *)copy;
}
