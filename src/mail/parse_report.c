/* parse_report.c - what a mail server says about a letter of ours it could not deliver.
 *
 * RFC 3464 reports; for the other half of the servers a header that names the recipient, or words
 * for people with the returned letter below them (qmail, Exim, Exchange, the web mailers). Words
 * count only in what a machine sent: a person may well quote them.
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

/* "Message-ID: <...>", also where the returned letter is quoted with "> ". */
void parse_returned_headers(const char *headers, MailMessage *message)
{
    g_auto(GStrv) lines = g_strsplit(headers, "\n", 5000);
    for (gsize i = 0; lines[i] && !message->bounce.original_id; i++) {
        const char *value = field(lines[i] + strspn(lines[i], "> \t"), "Message-ID");
        if (!value)
            continue;
        bool folded = !*(value + strspn(value, " \t")) && lines[i + 1];
        message->bounce.original_id = parse_message_id(folded ? lines[i + 1] : value);
    }
}

/* --- reports in words ---------------------------------------------------------------------- */

#define WORDS_WITHIN ((gsize)16 * 1024) /* bytes of a text in which a server says what happened */

typedef struct {
    const char *words; /* lower case */
    const char *action;
} Phrase;

/* Delays first: their texts also say what will fail in the end. */
static const Phrase phrases[] = {
    {"will keep trying", "delayed"},
    {"will be retried", "delayed"},
    {"will retry", "delayed"},
    {"still being retried", "delayed"},
    {"will continue to be", "delayed"},
    {"will continue trying", "delayed"},
    {"not need to resend", "delayed"},
    {"could not send message for past", "delayed"},
    {"delivery is delayed", "delayed"},
    {"delivery has been delayed", "delayed"},
    {"has not yet been delivered", "delayed"},
    {"(delay)", "delayed"},
    {"(delayed)", "delayed"},
    {"delayed mail", "delayed"},
    {"consegna ritardata", "delayed"},
    {"recapito ritardato", "delayed"},
    {"consegna in ritardo", "delayed"},
    {"ulteriori tentativi", "delayed"},
    {"zustellung verz\u00f6gert", "delayed"},
    {"wasn't able to deliver", "failed"},
    {"unable to deliver", "failed"},
    {"not be delivered", "failed"},
    {"couldn't be delivered", "failed"},
    {"was not delivered", "failed"},
    {"wasn't delivered", "failed"},
    {"delivery failed", "failed"},
    {"delivery has failed", "failed"},
    {"delivery failure", "failed"},
    {"delivery to the following recipient", "failed"},
    {"failed permanently", "failed"},
    {"undeliverable", "failed"},
    {"undelivered mail", "failed"},
    {"returned mail", "failed"},
    {"returned to sender", "failed"},
    {"failure notice", "failed"},
    {"(failure)", "failed"},
    {"did not reach the following", "failed"},
    {"address not found", "failed"},
    {"user unknown", "failed"},
    {"non recapitabile", "failed"},
    {"mancato recapito", "failed"},
    {"mancata consegna", "failed"},
    {"non consegnato", "failed"},
    {"non \u00e8 stato recapitato", "failed"},
    {"non \u00e8 stato consegnato", "failed"},
    {"non \u00e8 stato possibile recapitare", "failed"},
    {"non \u00e8 stato possibile consegnare", "failed"},
    {"impossibile recapitare", "failed"},
    {"impossibile consegnare", "failed"},
    {"recapito non riuscito", "failed"},
    {"consegna non riuscita", "failed"},
    {"indirizzo non trovato", "failed"},
    {"unzustellbar", "failed"},
    {"nicht zugestellt werden", "failed"},
    {"nicht zustellbar", "failed"},
};

static const char *action_in(const char *text)
{
    if (!text)
        return NULL;
    g_autofree char *start = g_strndup(text, WORDS_WITHIN);
    g_autofree char *valid = g_utf8_make_valid(start, -1); /* it may end within a character */
    g_autofree char *folded = g_utf8_strdown(valid, -1);
    for (gsize i = 0; i < G_N_ELEMENTS(phrases); i++)
        if (strstr(folded, phrases[i].words))
            return phrases[i].action;
    return NULL;
}

/* "5.1.1" (RFC 3463), no piece of a number or an address. */
static char *status_in(const char *text)
{
    const char *end = text + strnlen(text, WORDS_WITHIN);
    for (const char *at = text; at + 5 <= end; at++) {
        bool begins = strchr("245", *at) && at[1] == '.' && g_ascii_isdigit(at[2]) &&
                      (at == text || !(g_ascii_isalnum(at[-1]) || at[-1] == '.'));
        if (!begins)
            continue;
        gsize detail = 2 + strspn(at + 2, "0123456789");
        gsize length = detail + 1 + (at[detail] == '.' ? strspn(at + detail + 1, "0123456789") : 0);
        bool ends = at[detail] == '.' && detail <= 5 && length > detail + 1 &&
                    length <= detail + 4 && !g_ascii_isalnum(at[length]) &&
                    !(at[length] == '.' && g_ascii_isdigit(at[length + 1]));
        if (ends)
            return g_strndup(at, length);
    }
    return NULL;
}

static bool is_of_address(char c)
{
    return g_ascii_isalnum(c) || (c && strchr(".!#$%&'*+/=?^_`{|}~-", c));
}

/* The first address that is neither the server's nor the one it writes to. */
static char *recipient_in(const char *text, const MailMessage *message)
{
    const char *end = text + strnlen(text, WORDS_WITHIN);
    const MailAddress *to = message->to->len ? g_ptr_array_index(message->to, 0) : NULL;
    for (const char *at = memchr(text, '@', (gsize)(end - text)); at;
         at = memchr(at + 1, '@', (gsize)(end - at - 1))) {
        const char *from = at, *until = at + 1;
        while (from > text && is_of_address(from[-1]) && at - from < 64)
            from--;
        while (until < end && (g_ascii_isalnum(*until) || *until == '.' || *until == '-'))
            until++;
        while (until > at + 1 && until[-1] == '.')
            until--;
        if (from == at || until == at + 1 || until - at > 255)
            continue;
        g_autofree char *address = g_strndup(from, (gsize)(until - from));
        bool is_us = to && to->email && g_ascii_strcasecmp(to->email, address) == 0;
        if (!is_us && !mail_address_is_system(address) && strchr(address, '.'))
            return g_steal_pointer(&address);
    }
    return NULL;
}

/* Our letters leave with a tagged sender (mailbox+b-TOKEN@...), where only their reports come. */
static bool is_for_reports(const MailMessage *message)
{
    g_autoptr(GPtrArray) recipients = mail_message_recipients(message);
    for (guint i = 0; i < recipients->len; i++) {
        const char *plus = strchr(g_ptr_array_index(recipients, i), '+');
        if (plus && g_ascii_strncasecmp(plus, "+b-", 3) == 0)
            return true;
    }
    return false;
}

static const char *action_of(const MailMessage *message, const char *text)
{
    bool is_system = mail_address_is_system(message->from.email);
    bool is_for_us = is_for_reports(message);
    if (!is_system && !is_for_us && !(message->return_path && !*message->return_path))
        return NULL;
    const char *action = action_in(message->subject);
    if (!action)
        action = action_in(text);
    return action || !(is_system && is_for_us) ? action : "failed"; /* in a tongue we do not know */
}

static void read_words(MailMessage *message)
{
    MailBounce *bounce = &message->bounce;
    const char *text = message->text ? message->text : "";
    const char *action = action_of(message, text);
    if (!action)
        return;
    bounce->present = TRUE;
    g_free(bounce->action);
    bounce->action = g_strdup(action);
    bounce->status = status_in(text);
    if (!bounce->recipient)
        bounce->recipient = recipient_in(text, message);
}

void parse_failed_recipients(MailMessage *message)
{
    MailBounce *bounce = &message->bounce;
    bool is_report = bounce->present;
    const char *failed = mail_message_header(message, "x-failed-recipients");
    if (failed && !bounce->recipient) {
        g_auto(GStrv) addresses = g_strsplit(failed, ",", 2);
        bounce->present = TRUE;
        bounce->recipient = parse_message_id(addresses[0]);
        bounce->action = g_strdup("failed");
    }
    if (!is_report && message->pec.kind == PEC_NONE)
        read_words(message);
    if (!bounce->present)
        g_clear_pointer(&bounce->original_id, g_free); /* of a message that a person passed on */
    else if (!bounce->original_id && message->text)
        parse_returned_headers(message->text, message); /* the letter quoted in the words */
}
