/* intake_write.c - what a plan writes, as one job: a new request with its receipt, one more message
 * of a thread, or other mail with what it says about our letters.
 */
#include "mail/intake_internal.h"

#include <string.h>

static bool mark(Db *db, const IntakePlan *plan, GError **error)
{
    const Message *marked = &plan->marked;
    if (plan->mine->mail)
        return message_mark_read(db, marked, error);
    /* it has its request, so it is no other mail: its state says that nobody could read it */
    return message_mark_failed(db, marked, error) &&
           message_link(db, marked->id, marked->request_id, error);
}

static bool write_request(Db *db, IntakePlan *plan, GError **error)
{
    const IntakeCase *mine = plan->mine;
    gint64 person_id;
    if (!person_find_or_make(db, &plan->person, &person_id, error))
        return false;
    if (person_id != plan->request.person_id) {
        g_set_error_literal(error, STORE_ERROR, STORE_ERROR_STALE, "the person was made meanwhile");
        return false;
    }
    char token[TOKEN_LENGTH + 1], hash[65];
    token_for_request(mine->settings->letters->key, plan->request.id, person_id, 1, token);
    bool is_token = token_hash(token, hash);
    g_assert(is_token);
    if (!request_create(db, &plan->request, &mine->actor, error) ||
        !request_link_put(db, plan->request.id, person_id, 1, hash, error))
        return false;
    bool good = mine->forced ? message_link(db, mine->row->id, plan->request.id, error)
                             : mark(db, plan, error);
    /* counted once more: other messages of the same batch may have been answered meanwhile */
    if (plan->letter && intake_had_enough(db, plan->email, mine->actor.at))
        g_clear_pointer(&plan->letter, letter_free);
    return good && (!plan->letter || letter_add(db, plan->letter, error));
}

/* A time that is asked for or given back must be seen; so must words about what was decided
 * already. */
static bool wants_eyes(const IntakePlan *plan)
{
    const char *kind = intake_kind(plan->mine);
    bool changes = g_strcmp0(kind, "cancel") == 0 || g_strcmp0(kind, "reschedule") == 0;
    return changes || plan->thread.request->state != REQUEST_NEW || plan->mine->row->truncated;
}

/* An acceptance of an invitation changes nothing, nor does an answer to an older one. */
static bool is_only_a_nod(const IntakePlan *plan)
{
    static const char *const nods[] = {"ACCEPTED", "TENTATIVE", NULL};
    if (g_strcmp0(intake_kind(plan->mine), "itip_reply") != 0)
        return false;
    const MailItip *itip = &plan->mine->mail->itip;
    if (plan->thread.seat && !plan->partstat)
        return true;
    return g_strcmp0(itip->method, "REPLY") == 0 && itip->partstat &&
           g_strv_contains(nods, itip->partstat);
}

static bool write_thread(Db *db, IntakePlan *plan, GError **error)
{
    const IntakeCase *mine = plan->mine;
    if (!mark(db, plan, error) || !intake_write_caused(db, plan, error))
        return false;
    return plan->cancel || is_only_a_nod(plan) ||
           request_wrote_again(db, plan->thread.request->id, wants_eyes(plan), mine->actor.at,
                               &mine->actor, error);
}

static bool write_other(Db *db, IntakePlan *plan, GError **error)
{
    return mark(db, plan, error) && receipt_note(db, plan, error);
}

bool intake_write(Db *db, gpointer data, GError **error)
{
    IntakePlan *plan = data;
    switch (plan->fate) {
    case FILE_REQUEST:
        return write_request(db, plan, error);
    case FILE_THREAD:
        return write_thread(db, plan, error);
    case FILE_LINKED:
    case FILE_OTHER:
        return write_other(db, plan, error);
    }
    g_assert_not_reached();
}
