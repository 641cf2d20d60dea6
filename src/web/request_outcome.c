/* request_outcome.c - what a call or a phone call concluded: written, maybe sent, and the request
 * closes. */
#include "room/room.h"
#include "web/request_pages.h"
#include "web/values.h"

#define WORDS_MOST 16000
#define CALL_MIN_MOST 480 /* minutes */

static const char *const outcomes[] = {"resolved",  "documents", "another_call",
                                       "in_person", "other",     NULL};

static void show_outcome(Page *page, const RequestAtHand *at, const Letter *letter)
{
    request_show_self(page, at);
    request_show_letter(page, letter);
    g_autoptr(Appointment) appointment =
        at->request->appointment_id
            ? appointment_find(page_db(page), at->request->appointment_id, NULL)
            : NULL;
    if (appointment)
        values_appointment(page, page->value, "appointment", appointment);
    value_set_copy(page->value, "action", http_request_path(page->request));
    if (page_has_errors(page))
        page_invalid(page, "pages/request-outcome");
    else
        page_render(page, "pages/request-outcome");
}

void request_outcome_show(Page *page)
{
    g_auto(RequestAtHand) at = {0};
    if (!request_at_hand_open(page, &at))
        return;
    value_set_boolean(page->value, "is_blank", TRUE);
    show_outcome(page, &at, NULL);
}

/* `minuti`, of a call by phone: seconds, -1 when none were given. */
static gint64 call_seconds(Page *page)
{
    gint64 minutes;
    const char *text = page_field(page, "minuti", 8);
    if (!*text)
        return -1;
    if (page_number(text, &minutes) && minutes >= 0 && minutes <= CALL_MIN_MOST)
        return minutes * 60;
    page_error(page, "minuti", "invalid");
    return -1;
}

static const char *outcome_kind(Page *page)
{
    const char *kind = page_field(page, "esito", 32);
    if (!g_strv_contains(outcomes, kind))
        page_error(page, "esito", "required");
    else /* the page shows the choice again */
        value_set_boolean(value_set_object(page->value, "chosen"), kind, TRUE);
    return kind;
}

static Letter *outcome_letter(Page *page, const RequestAtHand *at, const DecisionOutcome *outcome,
                              GError **error)
{
    if (page_has_errors(page) || !*page_field(page, "invia", 8))
        return NULL;
    Correspondence what = {.kind = "outcome", .text = outcome->text, .outcome_kind = outcome->kind};
    return request_letter(page, at, &what, error);
}

/* StoreJob, DecisionOutcome: of a request that is closed already, the words alone are changed. */
static bool correct(Db *db, gpointer data, GError **error)
{
    const DecisionOutcome *outcome = data;
    return request_set_outcome(db, outcome->request_id, outcome->kind, outcome->text,
                               &outcome->actor, error) &&
           (!outcome->letter || letter_add(db, outcome->letter, error));
}

/* Pressed twice, or on an old page: else a second letter would leave. */
static bool was_changed(Page *page, const RequestAtHand *at)
{
    const gint version = request_version(page);
    return version != 0 && version != at->request->version;
}

void request_outcome(Page *page)
{
    g_auto(RequestAtHand) at = {0};
    GError *error = NULL;
    if (!request_at_hand_open(page, &at))
        return;
    const char *words = page_field(page, "testo", WORDS_MOST);
    DecisionOutcome outcome = {.request_id = at.request->id,
                               .kind = outcome_kind(page),
                               .text = *words ? words : NULL,
                               .call_seconds = call_seconds(page),
                               .actor = desk_actor(page, NULL)};
    if (was_changed(page, &at)) {
        request_not_written(
            page, &at,
            g_error_new_literal(STORE_ERROR, STORE_ERROR_STALE, "the outcome of an old page"));
        return;
    }
    g_autoptr(Letter) letter = outcome_letter(page, &at, &outcome, &error);
    if (error) {
        page_failed(page, error);
        g_clear_error(&error);
        return;
    }
    if (page_has_errors(page) || request_is_preview(page)) {
        show_outcome(page, &at, letter);
        return;
    }
    outcome.letter = letter;
    StoreJob *job = at.request->state == REQUEST_CLOSED ? correct : decision_close;
    if (!page_write(page, job, &outcome, &error)) {
        request_not_written(page, &at, error);
        return;
    }
    if (at.request->appointment_id)
        rooms_end(page->app->rooms, at.request->appointment_id, "ended");
    request_written(page, &at, "outcome");
}
