/* room.c - the pages of a call: the citizen's by the seat's link, the officer's by the request's
 * code.
 *
 * Both show the same page; the live connection beside it carries the lobby and the signalling
 * (room/). Opening the page changes nothing: nobody is present before "Entra".
 */
#include "room/room.h"
#include "base/token.h"
#include "store/officer.h"
#include "web/pages.h"
#include "web/values.h"

static Appointment *find_by_seat(Page *page, Participant **participant, GError **error)
{
    char hash[65];
    if (!token_hash(page->params[0], hash))
        return NULL;
    return appointment_find_by_seat(page_db(page), hash, participant, error);
}

static void fill(Page *page, const Appointment *appointment, const Office *office, bool is_officer)
{
    Value *value = page->value;
    value_set_copy(value_set_object(value, "organisation"), "name", office->organisation_name);
    values_appointment(page, value, "appointment", appointment);
    values_office(value, "office", office);
    values_person(value, "person", appointment->person_name, appointment->person_email,
                  appointment->person_title, appointment->person_phone,
                  appointment->person_phone_e164);
    value_set_boolean(value, "is_officer", is_officer);
    value_set_text(value, "role", is_officer ? "officer" : "citizen");
    value_set_printf(value, "live", "%s/live", http_request_path(page->request));
}

/* An ended or cancelled appointment: a page that says what became of it and what to do. */
static void show_over(Page *page, const Appointment *appointment, const Office *office)
{
    values_appointment(page, page->value, "appointment", appointment);
    values_office(page->value, "office", office);
    value_set_copy(value_set_object(page->value, "organisation"), "name",
                   office->organisation_name);
    http_reply_status(page->reply, 404);
    page_render(page, "pages/room-over");
}

static void set_request_link(Page *page, const Appointment *appointment)
{
    g_autoptr(Request) request = request_find(page_db(page), appointment->request_id, NULL);
    char token[TOKEN_LENGTH + 1];
    if (!request)
        return;
    token_for_request(&page->app->key, request->id, request->person_id, request->generation, token);
    value_set_printf(page->value, "back", "/p/%s", token);
}

static void show_citizen(Page *page)
{
    g_autoptr(Participant) participant = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(Appointment) appointment = find_by_seat(page, &participant, &error);
    http_reply_header(page->reply, "X-Robots-Tag", "noindex");
    if (!appointment && (!error || g_error_matches(error, STORE_ERROR, STORE_ERROR_NOT_FOUND))) {
        page_problem(page, 404, "stale_link");
        return;
    }
    if (!appointment) {
        page_failed(page, error);
        return;
    }
    g_autoptr(Office) office = office_find(page_db(page), appointment->office_id, NULL);
    if (!office) {
        page_not_found(page);
        return;
    }
    if (!appointment_is_open(appointment->state)) {
        show_over(page, appointment, office);
        return;
    }
    fill(page, appointment, office, false);
    set_request_link(page, appointment);
    page_render(page, "pages/room");
}

static void live_citizen(Page *page)
{
    g_autoptr(Participant) participant = NULL;
    g_autoptr(Appointment) appointment = find_by_seat(page, &participant, NULL);
    if (!appointment || !appointment_is_open(appointment->state)) {
        page_not_found(page);
        return;
    }
    g_autoptr(Office) office = office_find(page_db(page), appointment->office_id, NULL);
    if (!office) {
        page_not_found(page);
        return;
    }
    const RoomSeatSettings settings = {
        .participant = participant->id,
        .role = participant->role,
        .name = participant->name ? participant->name : participant->email,
        .lobby_min = (guint)office->lobby_min,
        .max_people = (guint)office->max_people,
    };
    g_autofree char *topic = room_topic(appointment->id);
    http_reply_websocket(page->reply, page->app->hub, topic, room_seat_new(appointment, &settings),
                         room_seat_free);
}

/* The appointment of the request in the path, when the officer works in its office. */
static Appointment *find_by_code(Page *page)
{
    g_autofree char *code = token_request_code_parse(page->params[0]);
    g_autoptr(Request) request = code ? request_find_by_code(page_db(page), code, NULL) : NULL;
    if (!request || officer_role_in(page->officer, request->office_id) == ROLE_NONE)
        return NULL;
    return appointment_find_for_request(page_db(page), request->id, NULL);
}

static void show_officer(Page *page)
{
    g_autoptr(Appointment) appointment = find_by_code(page);
    if (!appointment) {
        page_not_found(page);
        return;
    }
    g_autoptr(Office) office = office_find(page_db(page), appointment->office_id, NULL);
    if (!office || !appointment_is_open(appointment->state)) {
        page_redirect(page, "/scrivania/r/%s", appointment->request_code);
        return;
    }
    fill(page, appointment, office, true);
    value_set_printf(page->value, "back", "/scrivania/r/%s#esito", appointment->request_code);
    value_set_copy(page->value, "code", appointment->request_code);
    page_render(page, "pages/room");
}

static void live_officer(Page *page)
{
    g_autoptr(Appointment) appointment = find_by_code(page);
    if (!appointment || !appointment_is_open(appointment->state)) {
        page_not_found(page);
        return;
    }
    g_autoptr(Office) office = office_find(page_db(page), appointment->office_id, NULL);
    if (!office) {
        page_not_found(page);
        return;
    }
    const RoomSeatSettings settings = {
        .participant = -page->officer->id,
        .role = PARTICIPANT_OFFICER,
        .name = page->officer->name,
        .max_people = (guint)office->max_people,
    };
    g_autofree char *topic = room_topic(appointment->id);
    http_reply_websocket(page->reply, page->app->hub, topic, room_seat_new(appointment, &settings),
                         room_seat_free);
}

const Route room_routes[] = {
    {"GET", "/sala/{token}", show_citizen, ROUTE_PUBLIC},
    {"GET", "/sala/{token}/live", live_citizen, ROUTE_LIVE},
    {"GET", "/scrivania/r/{code}/sala", show_officer, ROUTE_OFFICER},
    {"GET", "/scrivania/r/{code}/sala/live", live_officer, ROUTE_OFFICER | ROUTE_LIVE},
    {0},
};
