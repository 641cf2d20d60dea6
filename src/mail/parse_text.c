/* parse_text.c - bytes to words: transfer encodings, charsets, flowed lines, and what no text may
 * hold.
 *
 * GMime decodes the transfer encodings and glibc the charsets. Labels lie often enough that the
 * order is: what is declared, UTF-8 when it is valid, Windows-1252, which never fails.
 */
#include "mail/parse_internal.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

#define CHUNK 4096

static bool kept(gunichar c)
{
    if (c == '\n' || c == '\t')
        return true;
    if (c < 0x20 || (c >= 0x7f && c < 0xa0))
        return false;
    return c != 0xfeff && c != 0xfffc && !(c >= 0xfff9 && c <= 0xfffb) &&
           !(c >= 0xe0000 && c <= 0xe007f);
}

char *parse_clean(const char *text, gssize length, gsize most, bool *cut)
{
    if (!text || !length)
        return g_strdup(""); /* an empty part has no bytes at all */
    g_autofree char *valid = g_utf8_make_valid(text, length);
    g_autoptr(GString) out = g_string_new(NULL);
    for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (c == '\r' || c == 0x2028 || c == 0x2029)
            c = at[0] == '\r' && at[1] == '\n' ? 0 : '\n';
        if (!c || !kept(c))
            continue;
        if (out->len + 4 > most) {
            if (cut)
                *cut = true;
            break;
        }
        g_string_append_unichar(out, c);
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

char *parse_clean_line(const char *text)
{
    if (!text)
        return NULL;
    char *clean = parse_clean(text, -1, PARSE_LINE_MOST, NULL);
    g_strdelimit(clean, "\n\t", ' ');
    g_strstrip(clean);
    if (!*clean)
        g_clear_pointer(&clean, g_free);
    return clean;
}

gint64 parse_decode(const guint8 *bytes, gsize length, GMimeContentEncoding encoding, gsize most,
                    GByteArray *out)
{
    GMimeEncoding state;
    g_mime_encoding_init_decode(&state, encoding);
    g_autofree char *decoded = g_malloc(g_mime_encoding_outlen(&state, CHUNK));
    gint64 size = 0;
    for (gsize done = 0; done < length;) {
        gsize step = MIN(length - done, CHUNK);
        gsize made = g_mime_encoding_step(&state, (const char *)bytes + done, step, decoded);
        gsize room = out && out->len < most ? most - out->len : 0;
        if (room)
            g_byte_array_append(out, (const guint8 *)decoded, (guint)MIN(made, room));
        size += (gint64)made;
        done += step;
    }
    return size;
}

/* What a label really means: supersets that mailers use without saying so. */
static const char *real_charset(const char *label)
{
    static const struct {
        const char *label, *charset;
    } meant[] = {
        {"us-ascii", "UTF-8"},
        {"ascii", "UTF-8"},
        {"utf8", "UTF-8"},
        {"utf-8", "UTF-8"},
        {"iso-8859-1", "CP1252"},
        {"latin1", "CP1252"},
        {"gb2312", "GB18030"},
        {"gbk", "GB18030"},
        {"shift_jis", "CP932"},
        {"ks_c_5601-1987", "UHC"},
        {"euc-kr", "UHC"},
        {"iso-8859-9", "CP1254"},
        {"unicode-1-1-utf-7", "UTF-7"},
        {"iso-8859-8-i", "CP1255"},
        {"windows-1252", "CP1252"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(meant); i++)
        if (g_ascii_strcasecmp(label, meant[i].label) == 0)
            return meant[i].charset;
    return g_mime_charset_iconv_name(label);
}

/* Wrong bytes become U+FFFD; how many in `wrong`. NULL when there is no such converter. */
static char *convert(const char *bytes, gsize length, const char *charset, guint *wrong)
{
    iconv_t converter = iconv_open("UTF-8", charset);
    if (converter == (iconv_t)-1)
        return NULL;
    g_autoptr(GString) out = g_string_sized_new(length + length / 4);
    char *from = (char *)bytes;
    gsize rest = length;
    while (rest) {
        char buffer[CHUNK];
        char *to = buffer;
        gsize room = sizeof buffer;
        gsize done = iconv(converter, &from, &rest, &to, &room);
        g_string_append_len(out, buffer, to - buffer);
        if (done != (gsize)-1 || errno == E2BIG)
            continue;
        g_string_append(out, "\xef\xbf\xbd");
        (*wrong)++;
        if (errno == EINVAL)
            break; /* cut in the middle of a character */
        from++;
        rest--;
    }
    char last[64]; /* what waits for an accent to follow */
    char *to = last;
    gsize room = sizeof last;
    iconv(converter, NULL, NULL, &to, &room);
    g_string_append_len(out, last, to - last);
    iconv_close(converter);
    for (gsize i = 0; i < out->len; i++)
        if (!out->str[i])
            out->str[i] = 0x01; /* would hide what follows; parse_clean drops it */
    return g_string_free(g_steal_pointer(&out), FALSE);
}

/* More whole characters than wrong bytes: it is UTF-8, damaged. */
static bool looks_like_utf8(const char *text)
{
    guint good = 0, bad = 0;
    while (*text) {
        const char *end;
        gunichar c = g_utf8_get_char_validated(text, -1);
        end = c < 0x80000000U ? g_utf8_next_char(text) : text + 1;
        if (end == text + 1)
            bad += c >= 0x80;
        else
            good++;
        text = end;
    }
    return good > bad;
}

char *parse_to_utf8(const char *bytes, gsize length, const char *charset, gboolean *malformed)
{
    if (!length)
        return g_strdup("");
    const char *declared = charset ? real_charset(charset) : NULL;
    bool labelled = declared && g_ascii_strcasecmp(declared, "UTF-8") != 0;
    guint wrong = 0;
    g_autofree char *as_declared = labelled ? convert(bytes, length, declared, &wrong) : NULL;
    if (as_declared && !wrong)
        return g_steal_pointer(&as_declared);
    g_autofree char *plain = g_strndup(bytes, length);
    for (gsize i = 0; i < length; i++)
        plain[i] = bytes[i] ? bytes[i] : 0x01;
    if (g_utf8_validate(plain, -1, NULL))
        return g_steal_pointer(&plain);
    bool damaged = as_declared || looks_like_utf8(plain);
    *malformed = *malformed || damaged;
    if (as_declared)
        return g_steal_pointer(&as_declared);
    if (damaged)
        return g_utf8_make_valid(plain, -1);
    char *western = convert(bytes, length, "CP1252", &wrong);
    return western ? western : g_utf8_make_valid(plain, -1);
}

static bool soft_break(const char *line, gsize length)
{
    return length > 0 && line[length - 1] == ' ' && !(length == 3 && memcmp(line, "-- ", 3) == 0);
}

static gsize quote_depth(const char *line)
{
    return strspn(line, ">");
}

char *parse_unflow(const char *text, bool delete_space)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    GString *out = g_string_new(NULL);
    bool joins = false;
    gsize depth = 0;
    for (gsize i = 0; lines[i]; i++) {
        char *line = lines[i];
        gsize length = strlen(line);
        if (length && line[length - 1] == '\r')
            line[--length] = '\0';
        gsize quoted = quote_depth(line);
        const char *words = line + quoted;
        if (*words == ' ')
            words++; /* stuffed */
        if (i && !(joins && quoted == depth)) {
            g_string_append_c(out, '\n');
            joins = false;
        }
        if (!joins) {
            for (gsize q = 0; q < quoted; q++)
                g_string_append_c(out, '>');
            if (quoted)
                g_string_append_c(out, ' ');
        }
        g_string_append(out, words);
        joins = soft_break(words, strlen(words));
        depth = quoted;
        if (joins && delete_space)
            g_string_truncate(out, out->len - 1);
    }
    return g_string_free(out, FALSE);
}
