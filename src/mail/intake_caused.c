/* intake_caused.c - what a message of a thread causes besides being filed: the answer of a calendar
 * is noted, wished times replace older ones, and a cancellation is carried out.
 *
 * Mail decides nothing but that one thing, and it only when nothing about it is in doubt: the
 * sender is the requester, the way in is one that only a participant knows, and no other time is
 * wanted. A refused invitation is no cancellation, since a calendar program may send it by itself:
 * the person is asked, once for each time.
 */
#include "mail/intake_internal.h"
#include "store/appointment.h"
#include "store/verdict.h"

#include <string.h>

#define REASON_MOST 300 /* characters of the person's words */

bool intake_had_enough(Db *db, const char *recipient, gint64 now)
{
    return letter_count_automatic(db, recipient, now - AUTOMATIC_S) >= AUTOMATIC_MOST;
}

static bool is_kind(const IntakeCase *mine, const char *kind)
{
    return g_strcmp0(intake_kind(mine), kind) == 0;
}

static Letter *compose(const IntakePlan *plan, const char *kind, const Appointment *appointment,
                       const Participant *seat)
{
    const IntakeCase *mine = plan->mine;
    const Correspondence what = {
        .kind = kind,
        .office = mine->office,
        .request = plan->thread.request,
        .appointment = appointment,
        .seat = seat,
        .by_citizen = true,
        .in_reply_to = mine->mail->message_id,
        .references = mine->mail->references,
        .now = mine->actor.at,
        .system_now = clock_system(mine->settings->clock),
    };
    g_autoptr(GError) error = NULL;
    Letter *letter = correspondence_letter(mine->settings->letters, &what, &error);
    if (error) /* the message counts; that nobody can be written to does not stop it */
        g_info("event=letter_impossible message=%" G_GINT64_FORMAT " kind=%s", mine->row->id, kind);
    return letter;
}

/* --- the answer of a calendar -------------------------------------------------------------- */

static const char *answer_of(const MailItip *itip)
{
    static const char *const answers[] = {"ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED"};
    if (g_strcmp0(itip->method, "COUNTER") == 0)
        return "COUNTER";
    for (guint i = 0; i < G_N_ELEMENTS(answers); i++)
        if (g_strcmp0(itip->partstat, answers[i]) == 0)
            return answers[i];
    return NULL;
}

/* Asked already about the time that holds now? Each confirmation or move begins anew. */
static bool was_asked(Db *db, const Appointment *appointment)
{
    static const char *const fresh[] = {"confirmation", "moved", "restored", NULL};
    g_autoptr(GPtrArray) letters = letter_list_for_request(db, appointment->request_id, NULL);
    bool asked = false;
    for (guint i = 0; letters && i < letters->len; i++) {
        const Letter *letter = g_ptr_array_index(letters, i);
        if (letter->appointment_id != appointment->id)
            continue;
        bool asks = strcmp(letter->kind, "ask_cancel") == 0;
        asked = asks || (asked && !g_strv_contains(fresh, letter->kind));
    }
    return asked;
}

static bool may_ask(Db *db, const IntakePlan *plan)
{
    const Appointment *appointment = plan->thread.invitation;
    const char *recipient = plan->thread.request->person_email;
    return recipient && appointment->state == APPOINTMENT_BOOKED &&
           appointment->starts_at > plan->mine->actor.at && !was_asked(db, appointment) &&
           !intake_had_enough(db, recipient, plan->mine->actor.at);
}

/* An answer to an older invitation says nothing about the time that holds now. */
static void plan_answer(IntakePlan *plan, Db *db)
{
    const IntakeThread *thread = &plan->thread;
    const MailItip *itip = &plan->mine->mail->itip;
    if (!is_kind(plan->mine, "itip_reply") || !thread->seat ||
        itip->sequence < thread->invitation->sequence)
        return;
    plan->partstat = answer_of(itip);
    bool declines = g_strcmp0(plan->partstat, "DECLINED") == 0;
    if (declines && thread->seat->role == PARTICIPANT_CITIZEN && may_ask(db, plan))
        plan->letter = compose(plan, "ask_cancel", thread->invitation, thread->seat);
}

/* --- the times of a move ------------------------------------------------------------------- */

static const Value *wishes_of(const Value *reading)
{
    const Value *wishes = value_get(reading, "preferences");
    bool has_any = wishes && value_kind(wishes) == VALUE_LIST && value_length(wishes) > 0;
    return has_any ? wishes : NULL;
}

/* The receipt asks for times where the request has none: then any reply with times has them. */
static bool answers_with_times(const IntakePlan *plan, const Value *reading)
{
    return is_kind(plan->mine, "reply") && !plan->thread.request->appointment_id &&
           !wishes_of(reading);
}

/* The desk proposes what is asked for now, not what the first message asked for. */
static void plan_wishes(IntakePlan *plan)
{
    const IntakeCase *mine = plan->mine;
    const char *before = plan->thread.request->reading;
    bool moves = is_kind(mine, "reschedule") || g_strcmp0(plan->partstat, "COUNTER") == 0;
    const Value *wishes = wishes_of(mine->reading);
    if (!wishes)
        return;
    Arena *arena = value_arena(mine->reading);
    Value *reading = before ? value_parse_json(arena, before, strlen(before), NULL) : NULL;
    if (!reading || value_kind(reading) != VALUE_OBJECT)
        reading = value_object(arena);
    if (!moves && !answers_with_times(plan, reading))
        return;
    value_set(reading, "preferences", (Value *)wishes);
    /* the words stand in this message, those of the other proposals in the first */
    value_set_integer(reading, "preferences_message", mine->row->id);
    g_autoptr(GString) json = g_string_new(NULL);
    value_write_json(reading, json);
    plan->wishes = g_string_free(g_steal_pointer(&json), FALSE);
}

/* --- a cancellation ------------------------------------------------------------------------ */

static bool says_it_is_final(const IntakeCase *mine)
{
    const Value *triage = value_get(mine->reading, "triage");
    return is_kind(mine, "cancel") && triage && value_get_boolean(triage, "final") &&
           !mine->mail->malformed && !mine->row->truncated;
}

static bool is_from_the_requester(const IntakePlan *plan)
{
    const char *person = plan->thread.request->person_email;
    g_autofree char *who = person_fold_email(plan->mine->mail->from.email);
    g_autofree char *requester = person_fold_email(person);
    bool has_secret = plan->thread.key == THREAD_BY_TAG || plan->thread.key == THREAD_BY_LETTER;
    bool has_sender = !plan->mine->mail->return_path || *plan->mine->mail->return_path;
    return who && requester && strcmp(who, requester) == 0 && has_secret && has_sender &&
           plan->mine->mail->pec.kind != PEC_ANOMALY;
}

/* The rules of the citizen's page (web/citizen.c), and it is the appointment that was meant. */
static bool can_be_cancelled(const IntakePlan *plan, const Appointment *appointment)
{
    const gint64 limit_at =
        appointment->starts_at - (gint64)plan->mine->office->change_until_min * 60;
    const gint64 meant_id = plan->thread.letter_appointment_id;
    return appointment->state == APPOINTMENT_BOOKED && plan->mine->actor.at < limit_at &&
           (meant_id == 0 || meant_id == appointment->id);
}

static char *reason_of(const IntakeCase *mine)
{
    const Value *triage = value_get(mine->reading, "triage");
    const char *words = triage ? value_get_text(triage, "words") : NULL;
    if (!words)
        return NULL;
    g_autofree char *line = g_strdup(words);
    g_strstrip(g_strdelimit(line, "\r\n\t", ' '));
    if (g_utf8_strlen(line, -1) <= REASON_MOST)
        return g_steal_pointer(&line);
    return g_utf8_substring(line, 0, REASON_MOST);
}

static bool plan_cancel(IntakePlan *plan, Db *db, GError **error)
{
    const IntakeCase *mine = plan->mine;
    const gint64 appointment_id = plan->thread.request->appointment_id;
    if (!says_it_is_final(mine) || !is_from_the_requester(plan) || !appointment_id)
        return true;
    g_autoptr(Appointment) appointment = appointment_find(db, appointment_id, error);
    g_autoptr(GPtrArray) seats = appointment ? participant_list(db, appointment_id, error) : NULL;
    if (!seats)
        return false;
    if (!can_be_cancelled(plan, appointment))
        return true;
    appointment->sequence++; /* as it will be */
    plan->letter =
        compose(plan, "cancelled", appointment, seats->len ? g_ptr_array_index(seats, 0) : NULL);
    plan->reason = reason_of(mine);
    plan->cancel = g_new0(AppointmentDecision, 1);
    *plan->cancel = (AppointmentDecision){
        .appointment_id = appointment_id,
        .reason = plan->reason,
        .system_at = clock_system(mine->settings->clock),
        .letter = plan->letter,
        .sequence = appointment->sequence,
        .actor = {ACTOR_CITIZEN, 0, mine->actor.at, "mail"},
    };
    return true;
}

/* --- both ---------------------------------------------------------------------------------- */

bool intake_plan_caused(IntakePlan *plan, Db *db, GError **error)
{
    plan_answer(plan, db);
    plan_wishes(plan);
    return plan_cancel(plan, db, error);
}

/* Changed meanwhile: the message is planned anew. */
static bool cancel(Db *db, IntakePlan *plan, GError **error)
{
    GError *failure = NULL;
    if (decision_cancel(db, plan->cancel, &failure))
        return true;
    if (g_error_matches(failure, STORE_ERROR, STORE_ERROR_TRANSITION))
        failure->code = STORE_ERROR_STALE;
    g_propagate_error(error, failure);
    return false;
}

bool intake_write_caused(Db *db, IntakePlan *plan, GError **error)
{
    const gint64 request_id = plan->thread.request->id;
    if (plan->cancel)
        return cancel(db, plan, error);
    if (plan->partstat && !participant_answered(db, plan->thread.seat->id, plan->partstat,
                                                plan->mine->actor.at, error))
        return false;
    /* what was said of the times before is said of nothing any more */
    if (plan->wishes &&
        !(request_set_reading(db, request_id, NULL, NULL, NULL, plan->wishes, error) &&
          verdict_forget(db, request_id, "wish", error)))
        return false;
    if (plan->letter && !may_ask(db, plan)) /* another message of the same batch was first */
        g_clear_pointer(&plan->letter, letter_free);
    return !plan->letter || letter_add(db, plan->letter, error);
}
