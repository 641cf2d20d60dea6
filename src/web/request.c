/* request.c - /scrivania/r/{code}: one request with its thread, proposals, times and what can be
 * decided.
 *
 * Here: the page itself and the table of routes. Decisions: request_confirm.c (video),
 * request_decide.c (in words), request_after.c (outcome, cancel, move, ...).
 */
#include "store/appointment.h"
#include "web/citizen_pages.h"
#include "web/pages.h"
#include "web/request_pages.h"
#include "web/values.h"

void request_at_hand_clear(RequestAtHand *at)
{
    if (at->request)
        request_free(at->request);
    if (at->office)
        office_free(at->office);
    *at = (RequestAtHand){0};
}

bool request_at_hand_open(Page *page, RequestAtHand *at)
{
    g_autofree char *code = token_request_code_parse(page->params[0]);
    g_autoptr(GError) error = NULL;
    *at = (RequestAtHand){0};
    at->request = code ? request_find_by_code(page_db(page), code, &error) : NULL;
    if (at->request && officer_role_in(page->officer, at->request->office_id) != ROLE_NONE)
        at->office = office_find(page_db(page), at->request->office_id, &error);
    if (at->office)
        return true;
    request_at_hand_clear(at);
    page_failed(page, error); /* without an error: not found */
    return false;
}

/* --- what can be done --- */

static void show_decisions(Page *page, const Request *request)
{
    Value *can = value_set_object(page->value, "can");
    bool any = false;
    for (DecisionKind kind = 0; kind < DECISIONS; kind++) {
        const bool may = request_may_become(request->state, decision_state(kind));
        value_set_boolean(can, decision_name(kind), may);
        any = any || may;
    }
    value_set_boolean(can, "decide", any);
    value_set_boolean(can, "is_over", request_is_over(request->state));
    value_set_boolean(can, "outcome",
                      !request_is_over(request->state) && request->state != REQUEST_NEW);
    value_set_boolean(can, "correct_outcome",
                      request->state == REQUEST_CLOSED && request->outcome_kind);
}

/* A reason that was chosen from the citizen's list is a code, which the template puts into words.
 */
static void show_cancelling(Page *page, Value *shown, const Appointment *appointment)
{
    const char *reason = appointment->cancelled_reason;
    const bool by_citizen = g_strcmp0(appointment->cancelled_by, "citizen") == 0;

    value_set_boolean(shown, "by_citizen", by_citizen);
    value_set_copy(shown, "cancelled_reason", reason);
    if (!by_citizen || !citizen_offers_reason(reason))
        return;
    value_set_boolean(shown, "has_listed_reason", true);
    value_set_boolean(shown, arena_printf(page->arena, "is_for_%s", reason), true);
}

/* What the calendars of those invited say: shown.answers = [{name, is_accepted, ...}]. */
static void show_answers(Page *page, Value *shown, const Appointment *appointment)
{
    g_autoptr(GPtrArray) seats = participant_list(page_db(page), appointment->id, NULL);
    Value *list = value_set_list(shown, "answers");
    for (guint i = 0; seats && i < seats->len; i++) {
        const Participant *seat = g_ptr_array_index(seats, i);
        if (!seat->partstat)
            continue;
        Value *answer = value_append_object(list);
        const bool is_citizen = seat->role == PARTICIPANT_CITIZEN;
        g_autofree char *folded = g_ascii_strdown(seat->partstat, -1);
        value_set_copy(answer, "name",
                       seat->name    ? seat->name
                       : is_citizen  ? appointment->person_name
                       : seat->email ? seat->email
                                     : NULL);
        value_set_boolean(answer, arena_printf(page->arena, "is_%s", folded), true);
        page_set_when(page, answer, "when", seat->partstat_at, appointment->zone);
    }
    value_set_boolean(shown, "has_answers", value_length(list) > 0);
}

static void show_appointment(Page *page, const RequestAtHand *at)
{
    g_autoptr(Appointment) appointment =
        at->request->appointment_id
            ? appointment_find(page_db(page), at->request->appointment_id, NULL)
            : NULL;
    if (!appointment)
        return;
    const gint64 system_now = clock_system(page->app->clock);
    Value *shown = values_appointment(page, page->value, "appointment", appointment);
    const bool is_open = appointment_is_open(appointment->state);
    const bool has_begun = appointment->starts_at <= page->now;
    value_set_boolean(shown, "can_enter", is_open);
    value_set_boolean(shown, "can_cancel", is_open && appointment->state != APPOINTMENT_IN_CALL);
    value_set_boolean(shown, "can_move", appointment->state == APPOINTMENT_BOOKED);
    value_set_boolean(shown, "can_restore",
                      appointment->state == APPOINTMENT_CANCELLED &&
                          system_now - appointment->cancelled_system_at <= APPOINTMENT_RESTORE_S);
    value_set_boolean(shown, "can_no_show",
                      appointment->state == APPOINTMENT_BOOKED &&
                          page->now >= appointment->starts_at + (gint64)at->office->late_min * 60);
    value_set_boolean(shown, "has_begun", has_begun);
    value_set_boolean(shown, "was_held", appointment->call_seconds > 0);
    show_cancelling(page, shown, appointment);
    if (is_open)
        show_answers(page, shown, appointment);
}

/* Only the letters of decisions can be taken back; those of a move or an outcome leave. */
static bool is_decision_letter(const Letter *letter)
{
    for (DecisionKind kind = 0; kind < DECISIONS; kind++)
        if (g_strcmp0(letter->kind, decision_letter_kind(kind)) == 0)
            return true;
    return false;
}

/* The notice after a decision, and how long its letter can still be taken back. */
static void show_notice(Page *page, const Request *request)
{
    const char *done = http_request_query(page->request, "fatto");
    if (done && strspn(done, "abcdefghijklmnopqrstuvwxyz_") == strlen(done) && *done) {
        Value *notice = value_set_object(page->value, "notice");
        value_set_boolean(notice, arena_printf(page->arena, "is_%s", done), TRUE);
    }
    const gint64 system_now = clock_system(page->app->clock);
    g_autoptr(Letter) letter =
        letter_pending_for_request(page_db(page), request->id, system_now, NULL);
    if (!letter || !is_decision_letter(letter) || request->letters_waiting > 1)
        return;
    Value *pending = value_set_object(page->value, "pending");
    value_set_integer(pending, "seconds", MAX(0, letter->sendable_at - system_now));
    value_set_copy(pending, "recipient", letter->recipient);
    value_set_copy(pending, "subject", letter->subject);
}

static bool show_others(Page *page, const Request *request, GError **error)
{
    Value *list = value_set_list(page->value, "others");
    g_autoptr(GPtrArray) others =
        request->practice ? request_list_on_practice(page_db(page), request->office_id,
                                                     request->practice, request->id, error)
                          : NULL;
    for (guint i = 0; others && i < others->len; i++)
        desk_row(page, value_append_object(list), others->pdata[i], NULL, NULL);
    value_set_boolean(page->value, "has_others", value_length(list) > 0);
    return others || !request->practice;
}

static void show(Page *page)
{
    g_auto(RequestAtHand) at = {0};
    GError *error = NULL;
    if (!request_at_hand_open(page, &at))
        return;
    const Value *reading = desk_reading(page, at.request);
    g_autoptr(GPtrArray) verdicts = verdict_list(page_db(page), at.request->id, &error);
    request_show_self(page, &at);
    show_decisions(page, at.request);
    show_appointment(page, &at);
    show_notice(page, at.request);
    if (verdicts)
        request_show_proposals(page, &at, reading, verdicts);
    if (!verdicts || !request_show_thread(page, &at, reading, &error) ||
        !request_show_history(page, &at, &error) || !show_others(page, at.request, &error) ||
        !request_show_times(page, &at, reading, verdicts, &error)) {
        page_failed(page, error);
        g_clear_error(&error);
        return;
    }
    page_render(page, "pages/request");
}

void request_show_self(Page *page, const RequestAtHand *at)
{
    Value *request = value_set_object(page->value, "request");
    desk_row(page, request, at->request, NULL, NULL);
    value_set_copy(request, "outcome", at->request->outcome);
    if (at->request->outcome_kind)
        value_set_boolean(value_set_object(request, "outcome_kind"),
                          arena_copy(page->arena, at->request->outcome_kind), TRUE);
    value_set_boolean(request, "has_email", at->request->person_email != NULL);
    values_office(page->value, "office", at->office);
}

const Route request_routes[] = {
    {"GET", "/scrivania/r/{code}", show, ROUTE_OFFICER},
    {"GET", "/scrivania/r/{code}/allegato/{attachment}", request_attachment, ROUTE_OFFICER},
    {"GET", "/scrivania/r/{code}/conferma", request_confirm_show, ROUTE_OFFICER},
    {"POST", "/scrivania/r/{code}/conferma", request_confirm, ROUTE_OFFICER},
    {"GET", "/scrivania/r/{code}/telefono", request_decide_show, ROUTE_OFFICER},
    {"POST", "/scrivania/r/{code}/telefono", request_decide, ROUTE_OFFICER},
    {"GET", "/scrivania/r/{code}/rispondi", request_decide_show, ROUTE_OFFICER},
    {"POST", "/scrivania/r/{code}/rispondi", request_decide, ROUTE_OFFICER},
    {"GET", "/scrivania/r/{code}/chiedi", request_decide_show, ROUTE_OFFICER},
    {"POST", "/scrivania/r/{code}/chiedi", request_decide, ROUTE_OFFICER},
    {"GET", "/scrivania/r/{code}/indirizza", request_decide_show, ROUTE_OFFICER},
    {"POST", "/scrivania/r/{code}/indirizza", request_decide, ROUTE_OFFICER},
    {"GET", "/scrivania/r/{code}/rifiuta", request_decide_show, ROUTE_OFFICER},
    {"POST", "/scrivania/r/{code}/rifiuta", request_decide, ROUTE_OFFICER},
    {"POST", "/scrivania/r/{code}/annulla-decisione", request_undo, ROUTE_OFFICER},
    {"POST", "/scrivania/r/{code}/letta", request_mark_read, ROUTE_OFFICER},
    {"POST", "/scrivania/r/{code}/proposte", request_verdict, ROUTE_OFFICER},
    {"GET", "/scrivania/r/{code}/esito", request_outcome_show, ROUTE_OFFICER},
    {"POST", "/scrivania/r/{code}/esito", request_outcome, ROUTE_OFFICER},
    {"GET", "/scrivania/r/{code}/annulla", request_cancel_show, ROUTE_OFFICER},
    {"POST", "/scrivania/r/{code}/annulla", request_cancel, ROUTE_OFFICER},
    {"GET", "/scrivania/r/{code}/sposta", request_move_show, ROUTE_OFFICER},
    {"POST", "/scrivania/r/{code}/sposta", request_move, ROUTE_OFFICER},
    {"POST", "/scrivania/r/{code}/ripristina", request_restore, ROUTE_OFFICER},
    {"POST", "/scrivania/r/{code}/assente", request_no_show, ROUTE_OFFICER},
    {0},
};
