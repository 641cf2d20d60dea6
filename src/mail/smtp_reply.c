/* smtp_reply.c - see smtp_reply.h. */
#include "mail/smtp_reply.h"

#include <string.h>

#define PATH_MOST 254 /* bytes, without the brackets (RFC 5321, 4.5.3.1.3) */

/* "5.1.1" at the start of `text`: class.subject.detail of 1, 1-3 and 1-3 digits. */
static gsize status_length(const char *text, gsize length)
{
    gsize at = 0;
    for (guint part = 0; part < 3; part++) {
        gsize digits = 0, most = part == 0 ? 1 : 3;
        while (at < length && digits < most && g_ascii_isdigit(text[at])) {
            at++;
            digits++;
        }
        if (digits == 0)
            return 0;
        if (part < 2 && (at >= length || text[at++] != '.'))
            return 0;
    }
    bool ends = at == length || g_ascii_isspace(text[at]);
    return ends && strchr("245", text[0]) ? at : 0;
}

SmtpReply smtp_reply_read(const char *line, gsize length)
{
    SmtpReply reply = {0};
    if (length < 3 || !strchr("2345", line[0]) || !line[0])
        return reply;
    for (gsize i = 0; i < 3; i++)
        if (!g_ascii_isdigit(line[i]))
            return reply;
    if (length > 3 && !strchr(" -\r\n", line[3]))
        return reply;
    reply.code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    gsize status = length > 4 ? status_length(line + 4, length - 4) : 0;
    if (status > 0 && status < sizeof reply.status)
        memcpy(reply.status, line + 4, status);
    return reply;
}

gint64 smtp_reply_size(const char *line, gsize length)
{
    static const char keyword[] = "SIZE ";
    const gsize before = 4, word = sizeof keyword - 1;
    if (smtp_reply_read(line, length).code != 250 || length <= before + word ||
        g_ascii_strncasecmp(line + before, keyword, word) != 0)
        return 0;
    gint64 size = 0;
    for (gsize i = before + word; i < length && g_ascii_isdigit(line[i]); i++) {
        if (size > G_MAXINT64 / 10 - 1)
            return 0;
        size = size * 10 + (line[i] - '0');
    }
    return size;
}

SmtpOutcome smtp_outcome(bool taken, bool about_letter, int code)
{
    static const int of_the_channel[] = {421, 454, 530, 534, 535, 538};
    if (taken)
        return SMTP_SENT;
    for (gsize i = 0; i < G_N_ELEMENTS(of_the_channel); i++)
        if (code == of_the_channel[i])
            return SMTP_DOWN;
    if (!about_letter || code < 400 || code > 599)
        return SMTP_DOWN;
    return code < 500 ? SMTP_LATER : SMTP_REFUSED;
}

const char *smtp_outcome_name(SmtpOutcome outcome)
{
    static const char *const names[] = {"sent", "later", "refused", "down"};
    return names[outcome];
}

bool smtp_is_path(const char *address)
{
    const char *at = address ? strrchr(address, '@') : NULL;
    if (!at || at == address || !at[1] || strlen(address) > PATH_MOST)
        return false;
    for (const char *c = address; *c; c++)
        if (!g_ascii_isgraph(*c) || strchr("<>", *c))
            return false;
    return true;
}
