/* parse_report.c - what a mail server says about a letter of ours it could not deliver.
 *
 * RFC 3464 reports, and the older habit of a header that names the recipient.
 */
#include "mail/parse_internal.h"

#include <string.h>

typedef struct {
    char *recipient, *action, *status;
} Recipient;

static void recipient_clear(Recipient *recipient)
{
    g_free(recipient->recipient);
    g_free(recipient->action);
    g_free(recipient->status);
    *recipient = (Recipient){0};
}

/* Value of "Name: value" when the line is that field. */
static const char *field(const char *line, const char *name)
{
    gsize length = strlen(name);
    if (g_ascii_strncasecmp(line, name, length) != 0)
        return NULL;
    line += length;
    line += strspn(line, " \t");
    return *line == ':' ? line + 1 : NULL;
}

static void set(char **to, const char *value)
{
    if (!*to)
        *to = parse_clean_line(value);
}

/* "rfc822; name@host" (RFC 3464, 2.3.2) */
static char *address_of(const char *value)
{
    const char *semicolon = strchr(value, ';');
    return parse_message_id(semicolon ? semicolon + 1 : value);
}

static void read_line(Recipient *recipient, const char *line)
{
    const char *value;
    if ((value = field(line, "Final-Recipient"))) {
        g_free(recipient->recipient);
        recipient->recipient = address_of(value);
    } else if ((value = field(line, "Original-Recipient")) && !recipient->recipient) {
        recipient->recipient = address_of(value);
    } else if ((value = field(line, "Action"))) {
        set(&recipient->action, value);
    } else if ((value = field(line, "Status"))) {
        set(&recipient->status, value);
    }
}

/* The first failure is what the desk has to know; without one, the first recipient. */
static void keep(MailBounce *bounce, Recipient *recipient)
{
    bool failed = recipient->action && g_ascii_strcasecmp(recipient->action, "failed") == 0;
    bool better = !bounce->recipient || (failed && g_strcmp0(bounce->action, "failed") != 0);
    if (recipient->recipient && better) {
        g_free(bounce->recipient);
        g_free(bounce->action);
        g_free(bounce->status);
        bounce->recipient = g_steal_pointer(&recipient->recipient);
        bounce->action = recipient->action ? g_ascii_strdown(recipient->action, -1) : NULL;
        bounce->status = g_steal_pointer(&recipient->status);
        if (bounce->status)
            bounce->status[strspn(bounce->status, "0123456789.")] = '\0';
    }
    recipient_clear(recipient);
}

void parse_delivery_status(const char *status, MailMessage *message)
{
    message->bounce.present = TRUE;
    Recipient recipient = {0};
    g_auto(GStrv) lines = g_strsplit(status, "\n", 2000);
    for (gsize i = 0; lines[i]; i++) {
        if (*lines[i])
            read_line(&recipient, lines[i]);
        else
            keep(&message->bounce, &recipient);
    }
    keep(&message->bounce, &recipient);
}

void parse_returned_headers(const char *headers, MailMessage *message)
{
    g_auto(GStrv) lines = g_strsplit(headers, "\n", 5000);
    for (gsize i = 0; lines[i] && !message->bounce.original_id; i++) {
        const char *value = field(lines[i], "Message-ID");
        if (!value)
            continue;
        bool folded = !*(value + strspn(value, " \t")) && lines[i + 1];
        message->bounce.original_id = parse_message_id(folded ? lines[i + 1] : value);
    }
}

void parse_failed_recipients(MailMessage *message)
{
    MailBounce *bounce = &message->bounce;
    const char *failed = mail_message_header(message, "x-failed-recipients");
    if (failed && !bounce->recipient) {
        g_auto(GStrv) addresses = g_strsplit(failed, ",", 2);
        bounce->present = TRUE;
        bounce->recipient = parse_message_id(addresses[0]);
        bounce->action = g_strdup("failed");
    }
    if (bounce->present && !bounce->original_id && message->text)
        parse_returned_headers(message->text, message); /* the letter quoted in the words */
}
