/* demo_mail.c - see demo_mail.h. */
#include "demo/demo_mail.h"
#include "base/token.h"
#include <string.h>

#define LINE_BYTES 57 /* of base64: 76 characters */
#define WORD_BYTES 42 /* of one encoded word, RFC 2047 */

gboolean demo_mail_is_address(const char *text)
{
    const char *at = text ? strchr(text, '@') : NULL;
    if (!at || at == text || !at[1] || strchr(at + 1, '@') || strlen(text) > 254)
        return FALSE;
    for (const char *c = text; *c; c++)
        if (!g_ascii_isalnum(*c) && !strchr("@.-_+", *c))
            return FALSE;
    return TRUE;
}

static void append_base64(GString *out, const guint8 *bytes, gsize length)
{
    for (gsize i = 0; i < length; i += LINE_BYTES) {
        g_autofree char *line = g_base64_encode(bytes + i, MIN((gsize)LINE_BYTES, length - i));
        g_string_append_printf(out, "%s\r\n", line);
    }
}

static gboolean is_plain(const char *text)
{
    for (const char *c = text; *c; c++)
        if (*c < ' ' || *c > '~')
            return FALSE;
    return TRUE;
}

/* As it stands when it is plain ASCII, else as encoded words of whole characters. */
static void append_words(GString *out, const char *text)
{
    if (is_plain(text)) {
        g_string_append(out, text);
        return;
    }
    for (const char *at = text; *at;) {
        const char *end = at;
        while (*end && g_utf8_next_char(end) - at <= WORD_BYTES)
            end = g_utf8_next_char(end);
        g_autofree char *word = g_base64_encode((const guchar *)at, (gsize)(end - at));
        g_string_append_printf(out, "%s=?UTF-8?B?%s?=", at == text ? "" : "\r\n ", word);
        at = end;
    }
}

/* A display name: in quotes where it holds more than words (RFC 5322, 3.2.5). */
static void append_phrase(GString *out, const char *name)
{
    if (!strpbrk(name, ",;:.()<>@[]\"\\") || !is_plain(name)) {
        append_words(out, name);
        return;
    }
    g_autofree char *bare = g_strdelimit(g_strdup(name), "\"\\", ' ');
    g_string_append_printf(out, "\"%s\"", bare);
}

/* RFC 5322, 3.3: English names whatever the locale is. */
static void append_date(GString *out, gint64 at, const Zone *zone)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const Day day = zone_day(zone, at);
    const guint minute = zone_minute(zone, at);
    const gint offset = zone_offset_s(zone, at) / 60;
    gint year, month, of_month;
    day_to_date(day, &year, &month, &of_month);
    g_string_append_printf(out, "Date: %s, %d %s %d %02u:%02u:%02d %c%02d%02d\r\n",
                           days[day_weekday(day) - 1], of_month, months[month - 1], year,
                           minute / 60, minute % 60, (gint)(at % 60), offset < 0 ? '-' : '+',
                           ABS(offset) / 60, ABS(offset) % 60);
}

static void append_header(GString *out, const DemoMail *mail)
{
    char token[TOKEN_LENGTH + 1];
    token_random(token);
    append_date(out, mail->at, mail->zone);
    g_string_append(out, "From: ");
    if (mail->from_name && *mail->from_name) {
        append_phrase(out, mail->from_name);
        g_string_append_c(out, ' ');
    }
    g_string_append_printf(out, "<%s>\r\nTo: %s\r\nMessage-ID: <%s@posta-di-prova.example>\r\n",
                           mail->from, mail->to, token);
    if (mail->in_reply_to && *mail->in_reply_to)
        g_string_append_printf(out, "In-Reply-To: <%s>\r\nReferences: <%s>\r\n", mail->in_reply_to,
                               mail->in_reply_to);
    g_string_append(out, "Subject: ");
    append_words(out, mail->subject ? mail->subject : "");
    g_string_append(out, "\r\nMIME-Version: 1.0\r\n");
    if (mail->is_automatic)
        g_string_append(out, "Auto-Submitted: auto-replied\r\nPrecedence: bulk\r\n");
}

static void append_text(GString *out, const char *text)
{
    g_string_append(out, "Content-Type: text/plain; charset=utf-8\r\n"
                         "Content-Transfer-Encoding: base64\r\n\r\n");
    append_base64(out, (const guint8 *)text, strlen(text));
}

static void append_file(GString *out, const DemoMail *mail)
{
    g_autofree char *name = g_uri_escape_string(mail->file_name, NULL, FALSE);
    g_string_append_printf(out,
                           "Content-Type: %s\r\nContent-Transfer-Encoding: base64\r\n"
                           "Content-Disposition: attachment; filename*=UTF-8''%s\r\n\r\n",
                           mail->file_type, name);
    append_base64(out, mail->file, mail->file_length);
}

GString *demo_mail_compose(const DemoMail *mail)
{
    GString *out = g_string_new(NULL);
    append_header(out, mail);
    if (!mail->file_name) {
        append_text(out, mail->text);
        return out;
    }
    char boundary[TOKEN_LENGTH + 1];
    token_random(boundary);
    g_string_append_printf(out, "Content-Type: multipart/mixed; boundary=%s\r\n\r\n--%s\r\n",
                           boundary, boundary);
    append_text(out, mail->text);
    g_string_append_printf(out, "\r\n--%s\r\n", boundary);
    append_file(out, mail);
    g_string_append_printf(out, "\r\n--%s--\r\n", boundary);
    return out;
}
