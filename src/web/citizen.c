/* citizen.c - the page of one request for whoever holds its link: how it stands, what comes next,
 * the messages.
 *
 * Never notes of the office: only what went between the citizen and the office. Opening it changes
 * nothing, since scanners of mail open links. Changes are in citizen_change.c.
 */
#include "base/token.h"
#include "mail/letter.h"
#include "web/citizen_pages.h"
#include "web/pages.h"
#include "web/values.h"

void citizen_case_clear(CitizenCase *at)
{
    request_free(at->request);
    office_free(at->office);
    appointment_free(at->appointment);
    participant_free(at->seat);
}

/* --- the case behind a link ---------------------------------------------------------------- */

static Participant *find_seat(Db *db, gint64 appointment_id, GError **error)
{
    g_autoptr(GPtrArray) all = participant_list(db, appointment_id, error);
    g_autoptr(GError) ignored = NULL;
    for (guint i = 0; all && i < all->len; i++) {
        const Participant *one = all->pdata[i];
        if (one->role == PARTICIPANT_CITIZEN)
            return participant_find_by_seat(db, one->token_hash, &ignored);
    }
    return NULL;
}

static bool read_case(Page *page, CitizenCase *at, GError **error)
{
    char hash[65];
    if (!token_hash(at->token, hash))
        return false;
    at->request = request_find_by_link(page_db(page), hash, &at->person_id, error);
    if (!at->request)
        return false;
    at->office = office_find(page_db(page), at->request->office_id, error);
    if (!at->office)
        return false;
    if (at->request->appointment_id == 0)
        return true;
    at->appointment = appointment_find(page_db(page), at->request->appointment_id, error);
    if (!at->appointment)
        return false;
    at->seat = find_seat(page_db(page), at->appointment->id, error);
    return *error == NULL;
}

bool citizen_open(Page *page, CitizenCase *at)
{
    g_autoptr(GError) error = NULL;
    at->token = page->params[0];
    if (read_case(page, at, &error)) {
        http_reply_header(page->reply, "X-Robots-Tag", "noindex");
        return true;
    }
    if (!error || g_error_matches(error, STORE_ERROR, STORE_ERROR_NOT_FOUND))
        page_problem(page, 404, "stale_link");
    else
        page_failed(page, error);
    return false;
}

CitizenMay citizen_may(const Page *page, const CitizenCase *at)
{
    CitizenMay may = {0};
    const Appointment *appointment = at->appointment;
    if (!appointment)
        return may;
    const gint64 limit_at = appointment->starts_at - at->office->change_until_min * 60LL;
    const gint64 lobby_at = appointment->starts_at - at->office->lobby_min * 60LL;
    const gint64 gone_s = clock_system(page->app->clock) - appointment->cancelled_system_at;
    const bool is_booked = appointment->state == APPOINTMENT_BOOKED;
    may.change = is_booked && page->now < limit_at;
    may.too_late = is_booked && !may.change && page->now < appointment->ends_at;
    may.lobby = appointment_is_open(appointment->state) && page->now >= lobby_at;
    may.restore = appointment->state == APPOINTMENT_CANCELLED &&
                  g_strcmp0(appointment->cancelled_by, "citizen") == 0 &&
                  at->request->state == REQUEST_CLOSED && gone_s < APPOINTMENT_RESTORE_S &&
                  page->now < appointment->starts_at;
    return may;
}

bool citizen_has_calendar(const CitizenCase *at)
{
    const char *email = at->request->person_email;
    return email && email[0] && at->appointment && appointment_is_open(at->appointment->state);
}

/* --- showing ------------------------------------------------------------------------------- */

static void show_appointment(Page *page, const CitizenCase *at)
{
    const Appointment *appointment = at->appointment;
    if (!appointment)
        return;
    Value *object = values_appointment(page, page->value, "appointment", appointment);
    const bool is_cancelled = appointment->state == APPOINTMENT_CANCELLED;
    value_set_boolean(object, "by_citizen",
                      is_cancelled && g_strcmp0(appointment->cancelled_by, "citizen") == 0);
    value_set_boolean(object, "is_past", page->now >= appointment->ends_at);
    value_set_boolean(object, "is_to_come", appointment_is_open(appointment->state));
    value_set_boolean(object, "has_calendar", citizen_has_calendar(at));
    value_set_integer(object, "lobby_min", at->office->lobby_min);
    page_set_when(page, object, "change_until",
                  appointment->starts_at - at->office->change_until_min * 60LL, appointment->zone);
    if (!at->seat || !appointment_is_open(appointment->state))
        return;
    char token[TOKEN_LENGTH + 1];
    token_for_seat(&page->app->key, at->seat->id, at->seat->generation, token);
    value_set_printf(page->value, "room", "/sala/%s", token);
}

void citizen_show(Page *page, const CitizenCase *at)
{
    const CitizenMay may = citizen_may(page, at);
    Value *value = page->value;
    value_set_copy(value_set_object(value, "organisation"), "name", at->office->organisation_name);
    values_request_public(page, value, at->request);
    values_office(value, "office", at->office);
    values_person(value, "person", at->request->person_name, NULL, at->request->person_title, NULL,
                  NULL);
    value_set_printf(value, "url", "/p/%s", at->token);
    if (at->request->promised_at > page->now)
        page_set_when(page, value, "promised", at->request->promised_at, at->office->zone);
    show_appointment(page, at);
    Value *allowed = value_set_object(value, "may");
    value_set_boolean(allowed, "add", citizen_may_add(at));
    value_set_boolean(allowed, "change", may.change);
    value_set_boolean(allowed, "too_late", may.too_late);
    value_set_boolean(allowed, "restore", may.restore);
    value_set_boolean(allowed, "lobby", may.lobby);
}

/* --- the messages -------------------------------------------------------------------------- */

/* What machines wrote is the office's business. */
static bool is_from_a_person(const Message *message)
{
    static const char *const machines[] = {"auto_reply",  "bounce", "bulk",
                                           "pec_receipt", "own",    NULL};
    return message->state != MESSAGE_STORED &&
           (!message->kind || !g_strv_contains(machines, message->kind));
}

static void show_attachments(Value *entry, const Message *message)
{
    Value *list = value_set_list(entry, "attachments");
    for (guint i = 0; message->attachments && i < message->attachments->len; i++) {
        const Attachment *attachment = message->attachments->pdata[i];
        Value *object = value_append_object(list);
        value_set_copy(object, "name", attachment->name);
        value_set_integer(object, "kib", (attachment->size + 1023) / 1024);
        value_set_boolean(object, "is_erased", attachment->erased_at != 0);
    }
    value_set_boolean(entry, "has_attachments", value_length(list) > 0);
}

static void show_entry(Page *page, const ThreadEntry *entry, const char *zone, Value *list)
{
    Value *object = value_append_object(list);
    page_set_when(page, object, "when", entry->at, zone);
    value_set_boolean(object, "is_newest", value_length(list) == 1);
    if (entry->message) {
        value_set_boolean(object, "is_from_citizen", TRUE);
        value_set_copy(object, "subject", entry->message->subject);
        letter_set_text(object, entry->message->text ? entry->message->text : "");
        show_attachments(object, entry->message);
    } else {
        value_set_copy(object, "subject", entry->letter->subject);
        letter_set_text(object, entry->letter->text ? entry->letter->text : "");
    }
}

static bool show_messages(Page *page, const CitizenCase *at, GError **error)
{
    g_autoptr(GPtrArray) thread = request_thread(page_db(page), at->request->id, error);
    if (!thread)
        return false;
    const gint64 system_at = clock_system(page->app->clock);
    Value *list = value_set_list(page->value, "messages");
    for (guint i = thread->len; i > 0; i--) { /* newest first */
        const ThreadEntry *entry = thread->pdata[i - 1];
        const bool is_held = entry->letter && entry->letter->sendable_at > system_at;
        if (!is_held && (entry->letter || is_from_a_person(entry->message)))
            show_entry(page, entry, at->office->zone, list);
    }
    value_set_boolean(page->value, "has_messages", value_length(list) > 0);
    return true;
}

static void show_done(Page *page)
{
    const char *done = http_request_query(page->request, "fatto");
    static const char *const known[] = {"moved", "cancelled", "restored", "sent", NULL};
    if (done && g_strv_contains(known, done))
        value_set_boolean(value_set_object(page->value, "done"), arena_copy(page->arena, done),
                          TRUE);
}

void citizen_show_page(Page *page, const CitizenCase *at)
{
    g_autoptr(GError) error = NULL;
    if (!show_messages(page, at, &error)) {
        page_failed(page, error);
        return;
    }
    citizen_show(page, at);
    value_set_printf(page->value, "here", "/p/%s", at->token);
    show_done(page);
    if (page_has_errors(page))
        page_invalid(page, "pages/citizen");
    else
        page_render(page, "pages/citizen");
}

static void show_case(Page *page)
{
    g_auto(CitizenCase) at = {0};
    if (citizen_open(page, &at))
        citizen_show_page(page, &at);
}

const Route citizen_routes[] = {
    {"GET", "/p", citizen_code_show, ROUTE_PUBLIC},
    {"POST", "/p", citizen_code_ask, ROUTE_PUBLIC},
    {"GET", "/p/{token}", show_case, ROUTE_PUBLIC},
    {"GET", "/p/{token}/annulla", citizen_cancel_show, ROUTE_PUBLIC},
    {"POST", "/p/{token}/annulla", citizen_cancel, ROUTE_PUBLIC},
    {"GET", "/p/{token}/sposta", citizen_move_show, ROUTE_PUBLIC},
    {"POST", "/p/{token}/sposta", citizen_move, ROUTE_PUBLIC},
    {"POST", "/p/{token}/ripristina", citizen_restore, ROUTE_PUBLIC},
    {"POST", "/p/{token}/aggiungi", citizen_add, ROUTE_UPLOAD},
    {"GET", "/p/{token}/appuntamento.ics", citizen_calendar, ROUTE_PUBLIC},
    {"GET", "/p/{token}/qr.svg", citizen_qr, ROUTE_PUBLIC},
    {0},
};
