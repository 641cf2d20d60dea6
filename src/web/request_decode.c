/* request_decode.c - see request_decode.h. Hostile input: what is malformed passes as it stands. */
#include "web/request_decode.h"

typedef enum { DECODE_AS_IS, DECODE_BASE64, DECODE_QUOTED } DecodeKind;

struct RequestDecode {
    DecodeKind kind;
    gint state; /* of base64 */
    guint save;
    GString *pending; /* of quoted-printable: an escape or the blanks at the end of a line not whole
                         yet */
    GString *out;
};

RequestDecode *request_decode_new(const char *encoding)
{
    RequestDecode *decode = g_new0(RequestDecode, 1);
    if (encoding && g_ascii_strcasecmp(encoding, "base64") == 0)
        decode->kind = DECODE_BASE64;
    else if (encoding && g_ascii_strcasecmp(encoding, "quoted-printable") == 0)
        decode->kind = DECODE_QUOTED;
    decode->pending = g_string_new(NULL);
    decode->out = g_string_new(NULL);
    return decode;
}

void request_decode_free(RequestDecode *decode)
{
    g_string_free(decode->pending, TRUE);
    if (decode->out)
        g_string_free(decode->out, TRUE);
    g_free(decode);
}

static void feed_base64(RequestDecode *decode, const char *bytes, gsize length)
{
    const gsize had = decode->out->len;
    g_string_set_size(decode->out, had + length / 4 * 3 + 6);
    const gsize got = g_base64_decode_step(bytes, length, (guchar *)decode->out->str + had,
                                           &decode->state, &decode->save);
    g_string_set_size(decode->out, had + got);
}

static gboolean is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Blanks before the end of a line do not count (RFC 2045, 6.7, rule 3): they wait until something
 * follows. */
static void pass(RequestDecode *decode, char c)
{
    GString *pending = decode->pending;
    if (c == '=' || is_blank(c)) {
        if (c == '=') {
            g_string_append_len(decode->out, pending->str, (gssize)pending->len);
            g_string_truncate(pending, 0);
        }
        g_string_append_c(pending, c);
        return;
    }
    if (c != '\r' && c != '\n')
        g_string_append_len(decode->out, pending->str, (gssize)pending->len);
    g_string_truncate(pending, 0);
    g_string_append_c(decode->out, c);
}

/* `pending` holds an escape that begins with '=': decoded once it is whole. */
static void settle_escape(RequestDecode *decode)
{
    GString *pending = decode->pending;
    const char last = pending->str[pending->len - 1];
    if (last == '\n') { /* soft break, blanks before it included */
        g_string_truncate(pending, 0);
        return;
    }
    if (last == '\r' || (is_blank(last) && pending->len < 80))
        return;
    if (pending->len == 2 && g_ascii_isxdigit(last))
        return;
    if (pending->len == 3 && g_ascii_isxdigit(pending->str[1]) && g_ascii_isxdigit(last))
        g_string_append_c(decode->out, (char)(g_ascii_xdigit_value(pending->str[1]) * 16 +
                                              g_ascii_xdigit_value(last)));
    else
        g_string_append_len(decode->out, pending->str, (gssize)pending->len);
    g_string_truncate(pending, 0);
}

static void feed_quoted(RequestDecode *decode, const char *bytes, gsize length)
{
    for (gsize i = 0; i < length; i++) {
        if (decode->pending->len == 0 || decode->pending->str[0] != '=') {
            pass(decode, bytes[i]);
            continue;
        }
        g_string_append_c(decode->pending, bytes[i]);
        settle_escape(decode);
    }
}

void request_decode_feed(RequestDecode *decode, const void *bytes, gsize length)
{
    if (decode->kind == DECODE_BASE64)
        feed_base64(decode, bytes, length);
    else if (decode->kind == DECODE_QUOTED)
        feed_quoted(decode, bytes, length);
    else
        g_string_append_len(decode->out, bytes, (gssize)length);
}

GString *request_decode_end(RequestDecode *decode)
{
    if (decode->pending->len && decode->pending->str[0] == '=' && decode->pending->len > 1)
        g_string_append_len(decode->out, decode->pending->str, (gssize)decode->pending->len);
    return g_steal_pointer(&decode->out);
}
