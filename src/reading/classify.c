/* classify.c - what kind of message this is, before anything else is read: whether a machine wrote
 * it says machine.c; what a person wants, wants.c.
 */
#include "reading/wants.h"

#include <string.h>

static const char *const kind_names[N_KINDS] = {"request",     "question",   "reply",  "reschedule",
                                                "cancel",      "auto_reply", "bounce", "bulk",
                                                "pec_receipt", "itip_reply", "own"};

const char *kind_name(Kind kind)
{
    return kind_names[kind];
}

bool kind_is_human(Kind kind)
{
    return kind <= KIND_CANCEL;
}

/* --- addresses
 * ---------------------------------------------------------------------------------------- */

static bool in_list(const char *const *list, const char *folded)
{
    return list && g_strv_contains(list, folded);
}

/* Also with a tag: "mailbox+r-...@". */
bool classify_is_own(const ReadingOffice *office, const char *email)
{
    const char *at = email ? strrchr(email, '@') : NULL;
    if (!at)
        return false;
    g_autofree char *bare = g_strdup_printf("%.*s%s", (int)strcspn(email, "+@"), email, at);
    g_autofree char *folded = g_utf8_casefold(bare, -1);
    g_autofree char *domain = g_utf8_casefold(at + 1, -1);
    return in_list(office->own_addresses, folded) || in_list(office->own_domains, domain);
}

/* "s." and a token (mail/correspondence.c), in the domain of one of the office's mailboxes. */
static bool is_letter_id(const ReadingOffice *office, const char *message_id, const char *domain)
{
    if (!g_str_has_prefix(message_id, "s."))
        return false;
    gsize length = strspn(message_id + 2, "0123456789ABCDEFGHJKMNPQRSTVWXYZ");
    if (length != 26 || message_id[28] != '@')
        return false;
    for (guint i = 0; office->own_addresses && office->own_addresses[i]; i++) {
        const char *at = strrchr(office->own_addresses[i], '@');
        if (at && strcmp(at + 1, domain) == 0)
            return true;
    }
    return false;
}

/* Did one of our letters have this Message-ID? */
bool classify_is_own_id(const ReadingOffice *office, const char *message_id)
{
    const char *at = message_id ? strrchr(message_id, '@') : NULL;
    if (!at)
        return false;
    g_autofree char *domain = g_utf8_casefold(at + 1, -1);
    return in_list(office->own_domains, domain) || is_letter_id(office, message_id, domain);
}

/* --- people
 * ------------------------------------------------------------------------------------------- */

/* Does it answer a letter of ours? */
static bool is_answer(const Reading *reading)
{
    const MailMessage *message = reading->message;
    if (reading->booking || classify_is_own_id(reading->office, message->in_reply_to))
        return true;
    for (guint i = 0; message->references && i < message->references->len; i++)
        if (classify_is_own_id(reading->office, g_ptr_array_index(message->references, i)))
            return true;
    return false;
}

/* An attendee takes the event back: no answer that RFC 5546 knows, but clear. */
static bool takes_back_event(const MailItip *itip)
{
    return itip->present && g_strcmp0(itip->method, "CANCEL") == 0;
}

static Kind kind_of_person(const Reading *reading)
{
    if (takes_back_event(&reading->message->itip))
        return KIND_CANCEL;
    bool answers = is_answer(reading);
    Wants body = wants_of(reading->body, answers), subject = wants_of(reading->subject, false);
    bool moves = body.move || (subject.move && !answers);
    bool cancels = body.cancel || body.give_up || (subject.cancel && !answers);

    if (cancels && (body.no_other || !moves))
        return KIND_CANCEL;
    if (moves)
        return KIND_RESCHEDULE;
    if (answers)
        return KIND_REPLY;
    bool wants_meeting = body.meeting || body.call || subject.meeting;
    bool asks = body.ask || subject.ask || body.mark;
    return body.how || (asks && !wants_meeting) ? KIND_QUESTION : KIND_REQUEST;
}

bool classify_asks(const Reading *reading)
{
    Wants body = wants_of(reading->body, false), subject = wants_of(reading->subject, false);
    return body.ask || body.how || subject.ask || subject.how;
}

bool cancel_is_final(const Reading *reading)
{
    return wants_of(reading->body, is_answer(reading)).no_other;
}

Kind classify(const Reading *reading, const char **reason)
{
    Kind kind = KIND_REQUEST;
    *reason = NULL;
    if (!machine_kind(reading, &kind))
        return kind_of_person(reading);
    *reason = kind_names[kind];
    return kind;
}

gboolean reading_makes_request(const char *kind)
{
    static const char *const kinds[] = {"request",    "question", "reply",
                                        "reschedule", "cancel",   NULL};
    return kind && g_strv_contains(kinds, kind);
}
