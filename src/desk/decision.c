/* decision.c - see decision.h. Each job is a few steps of the store in one savepoint, so the first
 * that fails undoes the others. Which states may follow each other is asked of store/states.h
 * alone.
 */
#include "desk/decision.h"
#include <string.h>

static const struct {
    const char *name, *letter;
    RequestState state;
} decisions[DECISIONS] = {
    [DECISION_VIDEO] = {"video", "confirmation", REQUEST_BOOKED},
    [DECISION_PHONE] = {"phone", "phone", REQUEST_PHONE},
    [DECISION_ANSWER] = {"answer", "answer", REQUEST_ANSWERED},
    [DECISION_ASK] = {"ask", "ask_info", REQUEST_WAITING_CITIZEN},
    [DECISION_REDIRECT] = {"redirect", "redirect", REQUEST_REDIRECTED},
    [DECISION_REFUSE] = {"refuse", "refuse", REQUEST_REFUSED},
};

const char *decision_name(DecisionKind kind)
{
    return decisions[kind].name;
}

bool decision_parse(const char *name, DecisionKind *kind)
{
    for (guint i = 0; i < DECISIONS; i++)
        if (g_strcmp0(name, decisions[i].name) == 0) {
            *kind = (DecisionKind)i;
            return true;
        }
    return false;
}

RequestState decision_state(DecisionKind kind)
{
    return decisions[kind].state;
}

const char *decision_letter_kind(DecisionKind kind)
{
    return decisions[kind].letter;
}

static bool is_decision_letter(const char *letter_kind)
{
    for (guint i = 0; i < DECISIONS; i++)
        if (strcmp(letter_kind, decisions[i].letter) == 0)
            return true;
    return false;
}

static bool refuse(GError **error, StoreError code, const char *why)
{
    g_set_error_literal(error, STORE_ERROR, code, why);
    return false;
}

static Actor with_detail(const Actor *actor, const char *detail)
{
    Actor detailed = *actor;
    if (!detailed.detail)
        detailed.detail = detail;
    return detailed;
}

static bool add_letter(Db *db, const Letter *letter, GError **error)
{
    return !letter || letter_add(db, letter, error);
}

/* The latest appointment of the request; *appointment is NULL when it never had one. */
static bool latest_appointment(Db *db, gint64 request_id, Appointment **appointment, GError **error)
{
    GError *failure = NULL;
    *appointment = appointment_find_for_request(db, request_id, &failure);
    if (*appointment)
        return true;
    if (g_error_matches(failure, STORE_ERROR, STORE_ERROR_NOT_FOUND)) {
        g_error_free(failure);
        return true;
    }
    g_propagate_error(error, failure);
    return false;
}

static bool cancel_open_appointment(Db *db, gint64 request_id, gint64 system_at, const Actor *actor,
                                    GError **error)
{
    g_autoptr(Appointment) appointment = NULL;
    if (!latest_appointment(db, request_id, &appointment, error))
        return false;
    if (!appointment || !appointment_is_open(appointment->state))
        return true;
    return appointment_cancel(db, appointment->id, NULL, system_at, actor, error);
}

bool decision_take(Db *db, gpointer data, GError **error)
{
    const Decision *decision = data;
    Actor actor = with_detail(&decision->actor, decision_name(decision->kind));

    /* The request first: who decides on an old page is told so, not that the time is taken. */
    if (!request_change(db, decision->request_id, decision_state(decision->kind), decision->version,
                        &actor, error))
        return false;
    /* Nobody restores an appointment that a decision replaced, so its system time is of no use. */
    if (!cancel_open_appointment(db, decision->request_id, 0, &actor, error))
        return false;
    if (decision->kind == DECISION_VIDEO &&
        !appointment_book(db, decision->appointment, decision->time, decision->participants, &actor,
                          error))
        return false;
    return add_letter(db, decision->letter, error);
}

bool decision_undo(Db *db, gpointer data, GError **error)
{
    const DecisionUndo *undo = data;
    Actor actor = with_detail(&undo->actor, "undo");
    GError *failure = NULL;

    g_autoptr(Letter) letter =
        letter_pending_for_request(db, undo->request_id, undo->system_at, &failure);
    if (!letter && g_error_matches(failure, STORE_ERROR, STORE_ERROR_NOT_FOUND)) {
        g_error_free(failure);
        return refuse(error, STORE_ERROR_TRANSITION, "the letter has left");
    }
    if (!letter) {
        g_propagate_error(error, failure);
        return false;
    }
    /* A letter that waits may also tell of a move, a cancellation or an outcome: those are undone
     * elsewhere. */
    if (!is_decision_letter(letter->kind))
        return refuse(error, STORE_ERROR_TRANSITION, "the waiting letter is of no decision");
    return letter_withdraw(db, letter->id, undo->system_at, error) &&
           cancel_open_appointment(db, undo->request_id, 0, &actor, error) &&
           request_change(db, undo->request_id, REQUEST_NEW, 0, &actor, error);
}

static bool end_appointment(Db *db, const DecisionOutcome *outcome, GError **error)
{
    g_autoptr(Appointment) appointment = NULL;
    if (!latest_appointment(db, outcome->request_id, &appointment, error))
        return false;
    if (!appointment)
        return true;
    bool was_open = appointment_is_open(appointment->state);
    if (was_open &&
        !appointment_change(db, appointment->id, APPOINTMENT_DONE, &outcome->actor, error))
        return false;
    bool held = was_open || appointment->state == APPOINTMENT_DONE;
    return !held || outcome->call_seconds < 0 ||
           appointment_set_call_seconds(db, appointment->id, outcome->call_seconds, error);
}

bool decision_close(Db *db, gpointer data, GError **error)
{
    const DecisionOutcome *outcome = data;
    const char *how = outcome->call_seconds >= 0 ? decision_name(DECISION_PHONE) : NULL;
    return end_appointment(db, outcome, error) &&
           request_close(db, outcome->request_id, outcome->kind, outcome->text, how,
                         &outcome->actor, error) &&
           add_letter(db, outcome->letter, error);
}

/* Somebody else moved, cancelled or restored it after the letter was written: the calendar would be
 * told wrongly. */
static bool sequence_is_as_written(Db *db, const AppointmentDecision *decision, GError **error)
{
    if (decision->sequence == 0)
        return true;
    g_autoptr(Appointment) appointment = appointment_find(db, decision->appointment_id, error);
    if (!appointment)
        return false;
    if (appointment->sequence == decision->sequence)
        return true;
    return refuse(error, STORE_ERROR_STALE, "the appointment was changed meanwhile");
}

bool decision_move(Db *db, gpointer data, GError **error)
{
    const AppointmentDecision *decision = data;
    return appointment_move(db, decision->appointment_id, decision->time, &decision->actor,
                            error) &&
           sequence_is_as_written(db, decision, error) && add_letter(db, decision->letter, error);
}

/* What a cancelled or missed appointment leaves to do with its request. */
static bool release_request(Db *db, const Appointment *appointment, const Actor *actor,
                            GError **error)
{
    if (appointment->request_state != REQUEST_BOOKED)
        return true;
    if (actor->kind == ACTOR_CITIZEN)
        return request_close(db, appointment->request_id, NULL, NULL, "cancelled", actor, error);
    return request_change(db, appointment->request_id, REQUEST_NEW, 0, actor, error);
}

bool decision_cancel(Db *db, gpointer data, GError **error)
{
    const AppointmentDecision *decision = data;
    g_autoptr(Appointment) appointment = appointment_find(db, decision->appointment_id, error);
    return appointment &&
           appointment_cancel(db, appointment->id, decision->reason, decision->system_at,
                              &decision->actor, error) &&
           release_request(db, appointment, &decision->actor, error) &&
           sequence_is_as_written(db, decision, error) && add_letter(db, decision->letter, error);
}

bool decision_restore(Db *db, gpointer data, GError **error)
{
    const AppointmentDecision *decision = data;
    g_autoptr(Appointment) appointment = appointment_find(db, decision->appointment_id, error);
    if (!appointment)
        return false;
    /* Decided anew since: the old time must not come back beside the new decision. */
    if (appointment->request_state != REQUEST_CLOSED && appointment->request_state != REQUEST_NEW)
        return refuse(error, STORE_ERROR_TRANSITION, "the request was decided anew");
    return appointment_restore(db, appointment->id, decision->system_at, &decision->actor, error) &&
           request_change(db, appointment->request_id, REQUEST_BOOKED, 0, &decision->actor,
                          error) &&
           sequence_is_as_written(db, decision, error) && add_letter(db, decision->letter, error);
}

bool decision_no_show(Db *db, gpointer data, GError **error)
{
    const AppointmentDecision *decision = data;
    g_autoptr(Appointment) appointment = appointment_find(db, decision->appointment_id, error);
    if (!appointment ||
        !appointment_change(db, appointment->id, APPOINTMENT_NO_SHOW, &decision->actor, error))
        return false;
    if (appointment->request_state == REQUEST_BOOKED &&
        !request_change(db, appointment->request_id, REQUEST_NEW, 0, &decision->actor, error))
        return false;
    return add_letter(db, decision->letter, error);
}
