/* intake_thread.c - which request a message belongs to.
 *
 * What counts is what only a participant can know: the identifier of one of our letters, the tag of
 * a reply address, the identity of an invitation together with a seat. A request's code is printed
 * on paper and said on the phone, so with a code the sender must be the person; the same for
 * identifiers of others' mail.
 */
#include "base/token.h"
#include "mail/intake_internal.h"
#include "store/appointment.h"
#include "store/person.h"

#include <string.h>

#define IDS_MOST 40

void intake_thread_clear(IntakeThread *thread)
{
    g_clear_pointer(&thread->request, request_free);
    g_clear_pointer(&thread->invitation, appointment_free);
    g_clear_pointer(&thread->seat, participant_free);
    *thread = (IntakeThread){0};
}

/* "Nothing there" is an answer, not an error. */
static bool settle(GError *found, GError **error)
{
    if (!found || g_error_matches(found, STORE_ERROR, STORE_ERROR_NOT_FOUND)) {
        g_clear_error(&found);
        return true;
    }
    g_propagate_error(error, found);
    return false;
}

static char *sender(const IntakeCase *mine)
{
    return person_fold_email(mine->mail->from.email);
}

/* Takes the request when it is the office's own. */
static void take(const IntakeCase *mine, IntakeThread *thread, ThreadKey key, Request *found)
{
    if (!found || found->office_id != mine->office->id || thread->request) {
        request_free(found);
        return;
    }
    thread->request = found;
    thread->key = key;
}

static bool take_by_id(Db *db, const IntakeCase *mine, gint64 request_id, ThreadKey key,
                       IntakeThread *thread, GError **error)
{
    GError *found = NULL;
    take(mine, thread, key, request_find(db, request_id, &found));
    return settle(found, error);
}

/* --- by what a header refers to ------------------------------------------------------------ */

static bool by_letter(Db *db, const IntakeCase *mine, const char *id, ThreadKey key,
                      IntakeThread *thread, GError **error)
{
    GError *found = NULL;
    g_autoptr(Letter) letter = letter_find_by_message_id(db, id, &found);
    if (!letter)
        return settle(found, error);
    if (letter->office_id != mine->office->id)
        return true;
    thread->letter_id = letter->id;
    thread->letter_appointment_id = letter->appointment_id;
    return !letter->request_id || take_by_id(db, mine, letter->request_id, key, thread, error);
}

static bool same(const char *folded, const char *email)
{
    g_autofree char *other = person_fold_email(email);
    return folded && other && strcmp(folded, other) == 0;
}

/* Somebody else's Message-ID is no secret: only for the person, or who wrote that message. */
static bool by_message(Db *db, const IntakeCase *mine, const char *id, IntakeThread *thread,
                       GError **error)
{
    GError *found = NULL;
    g_autoptr(Message) message = message_find_by_header(db, mine->office->id, id, &found);
    if (!message)
        return settle(found, error);
    if (!message->request_id)
        return true;
    g_autofree char *who = sender(mine);
    IntakeThread candidate = {0};
    if (!take_by_id(db, mine, message->request_id, THREAD_BY_MESSAGE, &candidate, error))
        return false;
    bool known = candidate.request &&
                 (same(who, candidate.request->person_email) || same(who, message->from_email));
    if (known)
        take(mine, thread, THREAD_BY_MESSAGE, g_steal_pointer(&candidate.request));
    intake_thread_clear(&candidate);
    return true;
}

static void add_id(GPtrArray *ids, const char *id)
{
    if (id && ids->len < IDS_MOST)
        g_ptr_array_add(ids, (gpointer)id);
}

/* Newest first. */
static GPtrArray *ids_of(const MailMessage *mail)
{
    GPtrArray *ids = g_ptr_array_new();
    add_id(ids, mail->bounce.present ? mail->bounce.original_id : NULL);
    add_id(ids, mail->pec.kind == PEC_RECEIPT ? mail->pec.refers_to : NULL);
    add_id(ids, mail->pec.kind == PEC_RECEIPT ? mail->pec.msgid : NULL);
    add_id(ids, mail->in_reply_to);
    for (guint i = mail->references->len; i > 0; i--)
        add_id(ids, g_ptr_array_index(mail->references, i - 1));
    return ids;
}

static bool by_references(Db *db, const IntakeCase *mine, IntakeThread *thread, GError **error)
{
    g_autoptr(GPtrArray) ids = ids_of(mine->mail);
    for (guint i = 0; i < ids->len && !thread->request; i++)
        if (!by_letter(db, mine, g_ptr_array_index(ids, i), THREAD_BY_LETTER, thread, error))
            return false;
    for (guint i = 0; i < ids->len && !thread->request; i++)
        if (!by_message(db, mine, g_ptr_array_index(ids, i), thread, error))
            return false;
    return true;
}

/* --- by a tag, an invitation, a code ------------------------------------------------------- */

static bool by_code(Db *db, const IntakeCase *mine, const char *typed, IntakeThread *thread,
                    GError **error)
{
    g_autofree char *code = typed ? token_request_code_parse(typed) : NULL;
    g_autofree char *who = sender(mine);
    if (!code || !who || thread->request)
        return true;
    GError *found = NULL;
    take(mine, thread, THREAD_BY_CODE, request_find_by_code_and_sender(db, code, who, &found));
    return settle(found, error);
}

/* r-CODE.MAC: where our letters ask to be answered. */
static bool by_reply_tag(Db *db, const IntakeCase *mine, const char *tag, const char *code,
                         IntakeThread *thread, GError **error)
{
    GError *found = NULL;
    g_autoptr(Request) request = request_find_by_code(db, code, &found);
    if (request &&
        token_reply_matches(mine->settings->letters->key, tag, request->id, request->generation))
        take(mine, thread, THREAD_BY_TAG, g_steal_pointer(&request));
    return settle(found, error);
}

/* b-TOKEN: the envelope sender of a letter whose Message-ID is s.TOKEN@. Servers may have folded
 * the case. */
static bool by_sender_tag(Db *db, const IntakeCase *mine, const char *tag, IntakeThread *thread,
                          GError **error)
{
    const char *domain = mine->office->address ? strrchr(mine->office->address, '@') : NULL;
    if (!domain)
        return true;
    g_autofree char *token = g_ascii_strup(tag + strlen("b-"), -1);
    g_autofree char *id = g_strconcat("s.", token, domain, NULL);
    return by_letter(db, mine, id, THREAD_BY_TAG, thread, error);
}

/* The tag of an address, NULL: it has none. */
static char *tag_of(const char *address)
{
    const char *plus = strchr(address, '+');
    const char *at = strrchr(address, '@');
    return plus && at && plus < at ? g_strndup(plus + 1, (gsize)(at - plus - 1)) : NULL;
}

/* mailbox+TAG@office */
static bool by_tag(Db *db, const IntakeCase *mine, IntakeThread *thread, GError **error)
{
    g_autoptr(GPtrArray) recipients = mail_message_recipients(mine->mail);
    for (guint i = 0; i < recipients->len && !thread->request; i++) {
        g_autofree char *tag = tag_of(g_ptr_array_index(recipients, i));
        if (!tag)
            continue;
        g_autofree char *code = token_reply_code(tag);
        bool good = code ? by_reply_tag(db, mine, tag, code, thread, error)
                    : g_ascii_strncasecmp(tag, "b-", 2) == 0
                        ? by_sender_tag(db, mine, tag, thread, error)
                        : by_code(db, mine, tag, thread, error);
        if (!good)
            return false;
    }
    return true;
}

/* The seat whose calendar answers: the attendee's, else the sender's (aliases differ). */
static bool find_seat(const IntakeCase *mine, const Appointment *appointment,
                      const GPtrArray *seats, guint *index)
{
    g_autofree char *attendee = person_fold_email(mine->mail->itip.attendee);
    g_autofree char *who = sender(mine);
    const char *const addresses[] = {attendee, who};
    for (guint a = 0; a < G_N_ELEMENTS(addresses); a++)
        for (guint i = 0; addresses[a] && i < seats->len; i++) {
            const Participant *seat = g_ptr_array_index(seats, i);
            bool is_persons =
                seat->role == PARTICIPANT_CITIZEN && same(addresses[a], appointment->person_email);
            if (!is_persons && !same(addresses[a], seat->email))
                continue;
            *index = i;
            return true;
        }
    return false;
}

/* RFC 5546, 3.2.3: by UID and ATTENDEE. Nothing else: Outlook.com leaves ORGANIZER out. Also what
 * no attendee should send, a CANCEL. */
static bool by_invitation(Db *db, const IntakeCase *mine, IntakeThread *thread, GError **error)
{
    if (!mine->mail->itip.present || !mine->mail->itip.uid)
        return true;
    GError *found = NULL;
    g_autoptr(Appointment) appointment = appointment_find_by_uid(db, mine->mail->itip.uid, &found);
    if (!appointment)
        return settle(found, error);
    g_autoptr(GPtrArray) seats = participant_list(db, appointment->id, error);
    if (!seats)
        return false;
    guint index;
    if (!find_seat(mine, appointment, seats, &index))
        return true; /* a stranger's */
    if (!take_by_id(db, mine, appointment->request_id, THREAD_BY_INVITATION, thread, error))
        return false;
    if (!thread->request || thread->request->id != appointment->request_id)
        return true;
    thread->seat = g_ptr_array_steal_index(seats, index);
    thread->invitation = g_steal_pointer(&appointment);
    return true;
}

/* --- once more ----------------------------------------------------------------------------- */

static bool says_the_same(const IntakeCase *mine, const Message *before)
{
    g_autofree char *who = sender(mine);
    g_autofree char *text = intake_text(mine);
    return before->state == MESSAGE_READ && same(who, before->from_email) &&
           g_strcmp0(mine->mail->subject, before->subject) == 0 &&
           g_strcmp0(text, before->text) == 0;
}

/* A scanner's mails may differ in nothing but the document. */
static bool brings_the_same(const IntakeCase *mine, const GPtrArray *before)
{
    g_autoptr(GPtrArray) now = intake_attachments(mine->mail);
    if (now->len != before->len)
        return false;
    for (guint i = 0; i < now->len; i++) {
        const Attachment *one = g_ptr_array_index(now, i), *other = g_ptr_array_index(before, i);
        if (one->size != other->size || g_strcmp0(one->name, other->name) != 0)
            return false;
    }
    return true;
}

/* Two routes or two deliveries differ in their trace headers only: other bytes, one message. */
static bool by_itself(Db *db, const IntakeCase *mine, IntakeThread *thread, GError **error)
{
    const char *id = mine->mail->message_id;
    GError *found = NULL;
    g_autoptr(Message) before =
        id ? message_find_by_header(db, mine->office->id, id, &found) : NULL;
    if (!before)
        return settle(found, error);
    thread->is_duplicate =
        says_the_same(mine, before) && brings_the_same(mine, before->attachments);
    return !thread->is_duplicate || !before->request_id ||
           take_by_id(db, mine, before->request_id, THREAD_BY_MESSAGE, thread, error);
}

bool intake_find_thread(Db *db, const IntakeCase *mine, IntakeThread *thread, GError **error)
{
    if (!mine->mail)
        return true;
    if (!by_itself(db, mine, thread, error))
        return false;
    if (thread->is_duplicate)
        return true;
    const Value *triage = mine->reading ? value_get(mine->reading, "triage") : NULL;
    const char *code = triage ? value_get_text(triage, "booking") : NULL;
    return by_tag(db, mine, thread, error) && by_references(db, mine, thread, error) &&
           by_invitation(db, mine, thread, error) && by_code(db, mine, code, thread, error);
}
