/* letter_header.c - see letter_header.h. */
#include "mail/letter_header.h"

#include <string.h>

#define LINE_MOST 76         /* of a line with encoded words (RFC 2047, 2) */
#define ENCODED_WORD_MOST 75 /* with its delimiters */
#define PLAIN_WORD_MOST 60   /* a longer run without a space is encoded, so that it can be folded */
#define ADDRESS_MOST 254     /* RFC 5321, 4.5.3.1.3 */
#define LOCAL_MOST 64        /* RFC 5321, 4.5.3.1.1 */
#define IDENTIFIER_MOST 250
#define ENCODED_BEGIN "=?UTF-8?Q?"
#define ENCODED_END "?="

static bool breaks_the_line(gunichar c)
{
    bool turns_direction =
        (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x200E || c == 0x200F;
    return g_unichar_isspace(c) || g_unichar_iscntrl(c) || c == 0x2028 || c == 0x2029 ||
           turns_direction;
}

char *header_clean(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text ? text : "", -1);
    GString *clean = g_string_sized_new(strlen(valid));
    for (const char *at = valid; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (!breaks_the_line(c))
            g_string_append_unichar(clean, c);
        else if (clean->len > 0 && clean->str[clean->len - 1] != ' ')
            g_string_append_c(clean, ' ');
    }
    if (clean->len > 0 && clean->str[clean->len - 1] == ' ')
        g_string_truncate(clean, clean->len - 1);
    return g_string_free(clean, FALSE);
}

/* --- checks --- */

static bool is_atom_character(char c)
{
    return g_ascii_isalnum(c) || (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

static bool is_dot_atom(const char *text, gsize length)
{
    bool after_dot = true;
    for (gsize i = 0; i < length; i++) {
        if (text[i] == '.' ? after_dot : !is_atom_character(text[i]))
            return false;
        after_dot = text[i] == '.';
    }
    return length > 0 && !after_dot;
}

static bool is_domain(const char *text)
{
    bool after_dot = true;
    for (const char *c = text; *c != '\0'; c++) {
        bool fits = *c == '.' ? !after_dot && c[-1] != '-'
                              : g_ascii_isalnum(*c) || (*c == '-' && !after_dot);
        if (!fits)
            return false;
        after_dot = *c == '.';
    }
    return !after_dot && text[strlen(text) - 1] != '-';
}

bool header_is_address(const char *address)
{
    const char *at = address ? strrchr(address, '@') : NULL;
    if (!at || strlen(address) > ADDRESS_MOST)
        return false;
    gsize local = (gsize)(at - address);
    return local <= LOCAL_MOST && is_dot_atom(address, local) && is_domain(at + 1);
}

bool header_is_identifier(const char *identifier)
{
    gsize length = identifier ? strlen(identifier) : 0;
    if (length == 0 || length > IDENTIFIER_MOST)
        return false;
    for (gsize i = 0; i < length; i++)
        if (!g_ascii_isgraph(identifier[i]) || strchr("<>\"\\()", identifier[i]))
            return false;
    return true;
}

/* --- words --- */

static bool is_plain(const char *text)
{
    gsize run = 0;
    for (const char *c = text; *c != '\0'; c++) {
        run = *c == ' ' ? 0 : run + 1;
        if (!g_ascii_isprint(*c) || run > PLAIN_WORD_MOST)
            return false;
    }
    return !strstr(text, "=?");
}

/* The letters that a phrase takes as they are (RFC 2047, 5, rule 3); the rest is written in hex. */
static gsize append_q(GString *out, const char *character, gsize length)
{
    gsize before = out->len;
    if (length == 1 && *character == ' ')
        g_string_append_c(out, '_');
    else if (length == 1 && (g_ascii_isalnum(*character) || strchr("!*+-/", *character)))
        g_string_append_c(out, *character);
    else
        for (gsize i = 0; i < length; i++)
            g_string_append_printf(out, "=%02X", (guint8)character[i]);
    return out->len - before;
}

/* `column` is where the line stands; returns where it stands after. Words never split a character.
 */
static gsize append_encoded(GString *out, const char *text, gsize column)
{
    const gsize frame = strlen(ENCODED_BEGIN) + strlen(ENCODED_END);
    g_autoptr(GString) letter = g_string_new(NULL);
    gsize word = 0; /* characters of the word that is open, 0: none is */

    for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at)) {
        g_string_truncate(letter, 0);
        gsize length = append_q(letter, at, (gsize)(g_utf8_next_char(at) - at));
        bool full =
            word + length > ENCODED_WORD_MOST || column + length + strlen(ENCODED_END) > LINE_MOST;
        if (word && full) {
            g_string_append(out, ENCODED_END "\r\n ");
            word = 0;
            column = 1;
        }
        if (!word) {
            g_string_append(out, ENCODED_BEGIN);
            word = frame;
            column += strlen(ENCODED_BEGIN);
        }
        g_string_append(out, letter->str);
        word += length;
        column += length;
    }
    if (word)
        g_string_append(out, ENCODED_END);
    return column + (word ? strlen(ENCODED_END) : 0);
}

/* Plain words, folded before the word that would not fit. */
static gsize append_folded(GString *out, const char *text, gsize column)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    for (guint i = 0; words[i]; i++) {
        gsize length = strlen(words[i]);
        if (i > 0 && column + 1 + length > LINE_MOST) {
            g_string_append(out, "\r\n");
            column = 0;
        }
        if (i > 0) {
            g_string_append_c(out, ' ');
            column++;
        }
        g_string_append(out, words[i]);
        column += length;
    }
    return column;
}

static gsize append_quoted(GString *out, const char *text, gsize column)
{
    g_autoptr(GString) quoted = g_string_new("\"");
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            g_string_append_c(quoted, '\\');
        g_string_append_c(quoted, *c);
    }
    g_string_append_c(quoted, '"');
    return append_folded(out, quoted->str, column);
}

static bool needs_quotes(const char *phrase)
{
    for (const char *c = phrase; *c != '\0'; c++)
        if (*c != ' ' && !is_atom_character(*c))
            return true;
    return false;
}

/* --- fields --- */

static gsize begin_field(GString *out, const char *name)
{
    g_string_append(out, name);
    g_string_append(out, ": ");
    return strlen(name) + 2;
}

void header_append(GString *out, const char *name, const char *value)
{
    begin_field(out, name);
    g_string_append(out, value);
    g_string_append(out, "\r\n");
}

void header_append_text(GString *out, const char *name, const char *text)
{
    g_autofree char *clean = header_clean(text);
    gsize column = begin_field(out, name);
    if (is_plain(clean))
        append_folded(out, clean, column);
    else
        append_encoded(out, clean, column);
    g_string_append(out, "\r\n");
}

void header_append_mailbox(GString *out, const char *name, const char *display, const char *address)
{
    g_autofree char *clean = header_clean(display);
    gsize column = begin_field(out, name);
    if (*clean == '\0') {
        g_string_append_printf(out, "%s\r\n", address);
        return;
    }
    if (!is_plain(clean))
        column = append_encoded(out, clean, column);
    else if (needs_quotes(clean))
        column = append_quoted(out, clean, column);
    else
        column = append_folded(out, clean, column);
    bool fits = column + strlen(address) + 3 <= LINE_MOST;
    g_string_append_printf(out, "%s <%s>\r\n", fits ? "" : "\r\n", address);
}

void header_append_identifiers(GString *out, const char *name, const GPtrArray *identifiers)
{
    if (!identifiers || identifiers->len == 0)
        return;
    g_string_append_printf(out, "%s:", name);
    for (guint i = 0; i < identifiers->len; i++)
        g_string_append_printf(out, "%s <%s>", i ? "\r\n" : "",
                               (const char *)identifiers->pdata[i]);
    g_string_append(out, "\r\n");
}
