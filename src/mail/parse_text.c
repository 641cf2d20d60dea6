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
#define LABEL_MOST 64 /* bytes of the name of a charset */

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

/* --- labels of charsets -------------------------------------------------------------------- */

/* Supersets that mailers use without saying so, and names of their own; with hyphens, in lower
 * case. NULL: they say that they do not know. */
static const struct {
    const char *label, *charset;
} meant[] = {
    {"us-ascii", "UTF-8"},
    {"ascii", "UTF-8"},
    {"ansi-x3.4-1968", "UTF-8"},
    {"iso-646.irv:1991", "UTF-8"},
    {"7bit", "UTF-8"},
    {"8bit", "UTF-8"},
    {"utf8", "UTF-8"},
    {"utf-8", "UTF-8"},
    {"utf8mb4", "UTF-8"},
    {"utf-8-mac", "UTF-8"},
    {"unicode-1-1-utf-8", "UTF-8"},
    {"cp65001", "UTF-8"},
    {"unicode-1-1-utf-7", "UTF-7"},
    {"unicode-2-0-utf-7", "UTF-7"},
    {"iso-8859-1", "CP1252"},
    {"iso8859-1", "CP1252"},
    {"iso88591", "CP1252"},
    {"8859-1", "CP1252"},
    {"latin1", "CP1252"},
    {"latin-1", "CP1252"},
    {"ansi", "CP1252"},
    {"iso-8859-8-i", "CP1255"},
    {"iso-8859-8-e", "CP1255"},
    {"iso-8859-6-i", "ISO-8859-6"},
    {"iso-8859-6-e", "ISO-8859-6"},
    {"iso-8859-9", "CP1254"},
    {"iso-8859-11", "CP874"},
    {"gb2312", "GB18030"},
    {"gbk", "GB18030"},
    {"gb-2312-80", "GB18030"},
    {"hz-gb-2312", "GB18030"},
    {"shift-jis", "CP932"},
    {"sjis", "CP932"},
    {"windows-31j", "CP932"},
    {"ks-c-5601-1987", "UHC"},
    {"ksc5601", "UHC"},
    {"korean", "UHC"},
    {"euc-kr", "UHC"},
    {"iso-2022-jp-ms", "ISO-2022-JP"},
    {"mac", "MACINTOSH"},
    {"mac-roman", "MACINTOSH"},
    {"macroman", "MACINTOSH"},
    {"mac-cyrillic", "MAC-CYRILLIC"},
    {"mac-ce", "MAC-CENTRALEUROPE"},
    {"unknown", NULL},
    {"unknown-8bit", NULL},
    {"user-defined", NULL},
    {"default", NULL},
    {"binary", NULL},
};

/* In lower case, without the quotes, blanks and other signs around it. */
static char *bare_label(const char *label)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:+()";
    while (*label && !g_ascii_isalnum(*label))
        label++;
    return g_ascii_strdown(label, (gssize)MIN(strspn(label, letters), LABEL_MOST));
}

static bool known_to_iconv(const char *charset)
{
    iconv_t converter = iconv_open("UTF-8", charset);
    if (converter == (iconv_t)-1)
        return false;
    iconv_close(converter);
    return true;
}

/* "windows1252", "win-1251", "cp-850" to "CP1252", ...; NULL for any other name. */
static char *windows_name(const char *label)
{
    static const char *const prefixes[] = {"windows", "win", "cp", "ms", "ibm"};
    for (gsize i = 0; i < G_N_ELEMENTS(prefixes); i++) {
        if (!g_str_has_prefix(label, prefixes[i]))
            continue;
        const char *number = label + strlen(prefixes[i]);
        number += strspn(number, "-_");
        gsize digits = strspn(number, "0123456789");
        return digits >= 3 ? g_strdup_printf("CP%.*s", (int)digits, number) : NULL;
    }
    return NULL;
}

/* What stands before words that were glued to it: "windows-1252http-equiv". */
static char *without_tail(const char *label)
{
    g_autofree char *shorter = g_strdup(label);
    for (gsize length = strlen(shorter); length > 4; length--) {
        shorter[length - 1] = '\0';
        if (g_ascii_isdigit(shorter[length - 2]) && known_to_iconv(shorter))
            return g_steal_pointer(&shorter);
    }
    return NULL;
}

/* The name that iconv knows; NULL when the label says nothing. */
static char *real_charset(const char *label)
{
    g_autofree char *bare = bare_label(label);
    if (!*bare)
        return NULL; /* to iconv the charset of its surroundings */
    g_autofree char *hyphens = g_strdelimit(g_strdup(bare), "_", '-');
    const char *name = g_str_has_prefix(hyphens, "x-") ? hyphens + 2 : hyphens;
    for (gsize i = 0; i < G_N_ELEMENTS(meant); i++)
        if (strcmp(name, meant[i].label) == 0)
            return g_strdup(meant[i].charset);
    const char *tries[] = {bare, hyphens, name};
    for (gsize i = 0; i < G_N_ELEMENTS(tries); i++)
        if (known_to_iconv(tries[i]))
            return g_strdup(tries[i]);
    g_autofree char *windows = windows_name(name);
    if (windows && known_to_iconv(windows))
        return g_steal_pointer(&windows);
    return without_tail(name);
}

/* --- bytes of a charset -------------------------------------------------------------------- */

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

/* Two or four bytes for each letter. */
static bool is_wide(const char *charset)
{
    return g_ascii_strncasecmp(charset, "utf-16", 6) == 0 ||
           g_ascii_strncasecmp(charset, "utf-32", 6) == 0 ||
           g_ascii_strncasecmp(charset, "ucs", 3) == 0 ||
           g_ascii_strcasecmp(charset, "unicode") == 0;
}

/* UTF-8 without a control character: the half of a wide letter outside China and Japan is one. */
static bool is_plain(const char *bytes, gsize length)
{
    for (gsize i = 0; i < length; i++)
        if ((guchar)bytes[i] < 0x20 && !strchr("\t\r\n", bytes[i] ? bytes[i] : 1))
            return false;
    return g_utf8_validate(bytes, (gssize)length, NULL);
}

char *parse_to_utf8(const char *bytes, gsize length, const char *charset, gboolean *malformed)
{
    if (!length)
        return g_strdup("");
    g_autofree char *declared = charset ? real_charset(charset) : NULL;
    if (declared && is_wide(declared) && is_plain(bytes, length))
        g_clear_pointer(&declared, g_free); /* a label that survived another program's recoding */
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
