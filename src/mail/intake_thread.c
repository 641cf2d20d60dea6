/* intake_thread.c - which request a message belongs to.
 *
 * What counts is what only a participant can know: the identifier of one of our letters, the secret
 * tag of a reply address, the identity of an invitation. A request's code is printed on paper and
 * said on the phone, so with a code the sender must be the person; the same for identifiers of
 * others' mail.
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
    thread->letter_id = 0;
    thread->is_duplicate = false;
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
static void take(const IntakeCase *mine, IntakeThread *thread, Request *found)
{
    if (found && found->office_id == mine->office->id && !thread->request)
        thread->request = found;
    else
        request_free(found);
}

static bool take_by_id(Db *db, const IntakeCase *mine, gint64 request_id, IntakeThread *thread,
                       GError **error)
{
    GError *found = NULL;
    take(mine, thread, request_find(db, request_id, &found));
    return settle(found, error);
}

/* --- by what a header refers to ------------------------------------------------------------ */

static bool by_letter(Db *db, const IntakeCase *mine, const char *id, IntakeThread *thread,
                      GError **error)
{
    GError *found = NULL;
    g_autoptr(Letter) letter = letter_find_by_message_id(db, id, &found);
    if (!letter)
        return settle(found, error);
    if (letter->office_id != mine->office->id)
        return true;
    thread->letter_id = letter->id;
    return !letter->request_id || take_by_id(db, mine, letter->request_id, thread, error);
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
    if (!take_by_id(db, mine, message->request_id, &candidate, error))
        return false;
    bool known = candidate.request &&
                 (same(who, candidate.request->person_email) || same(who, message->from_email));
    if (known)
        take(mine, thread, g_steal_pointer(&candidate.request));
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
    add_id(ids, mail->bounce.original_id);
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
        if (!by_letter(db, mine, g_ptr_array_index(ids, i), thread, error))
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
    take(mine, thread, request_find_by_code_and_sender(db, code, who, &found));
    return settle(found, error);
}

/* mailbox+TAG@office: a link's token, or a code, which needs its sender. */
static bool by_tag(Db *db, const IntakeCase *mine, IntakeThread *thread, GError **error)
{
    for (guint i = 0; i < mine->mail->to->len && !thread->request; i++) {
        const MailAddress *to = g_ptr_array_index(mine->mail->to, i);
        const char *plus = strchr(to->email, '+');
        const char *at = strrchr(to->email, '@');
        if (!plus || !at || at < plus)
            continue;
        g_autofree char *tag = g_strndup(plus + 1, (gsize)(at - plus - 1));
        char hash[65];
        if (!token_hash(tag, hash)) {
            if (!by_code(db, mine, tag, thread, error))
                return false;
            continue;
        }
        GError *found = NULL;
        gint64 person_id;
        take(mine, thread, request_find_by_link(db, hash, &person_id, &found));
        if (!settle(found, error))
            return false;
    }
    return true;
}

static bool by_invitation(Db *db, const IntakeCase *mine, IntakeThread *thread, GError **error)
{
    if (!mine->mail->itip.present || !mine->mail->itip.uid || thread->request)
        return true;
    GError *found = NULL;
    g_autoptr(Appointment) appointment = appointment_find_by_uid(db, mine->mail->itip.uid, &found);
    if (!appointment)
        return settle(found, error);
    return take_by_id(db, mine, appointment->request_id, thread, error);
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

/* Two routes or two deliveries differ in their trace headers only: other bytes, one message. */
static bool by_itself(Db *db, const IntakeCase *mine, IntakeThread *thread, GError **error)
{
    const char *id = mine->mail->message_id;
    GError *found = NULL;
    g_autoptr(Message) before =
        id ? message_find_by_header(db, mine->office->id, id, &found) : NULL;
    if (!before)
        return settle(found, error);
    thread->is_duplicate = says_the_same(mine, before);
    return !thread->is_duplicate || !before->request_id ||
           take_by_id(db, mine, before->request_id, thread, error);
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
