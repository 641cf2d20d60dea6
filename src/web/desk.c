/* desk.c - /scrivania: the officer's morning in three parts: now, to decide, today. And its search
 * and lists.
 *
 * Decisions are in request_decide.c; mail that made no request in desk_other.c; a phone call typed
 * in in desk_phone.c. Live: the page fetches itself anew when the topic desk/{office} says that
 * something happened.
 */
#include "store/appointment.h"
#include "web/desk_pages.h"
#include "web/pages.h"
#include "web/values.h"

#define ROWS_MOST 100
#define SEARCH_MOST 50
#define SOON_S 5400 /* with a countdown */

/* --- now --- */

static void fill_meeting(Page *page, Value *element, const Appointment *appointment)
{
    values_appointment(page, element, "appointment", appointment);
    desk_person(element, appointment->person_name, appointment->person_email,
                appointment->person_title, appointment->person_phone,
                appointment->person_phone_e164);
    value_set_copy(element, "practice", appointment->practice);
    value_set_copy(element, "subject", appointment->subject);
    value_set_copy(element, "code", appointment->request_code);
    value_set_printf(element, "url", "/scrivania/r/%s", appointment->request_code);
    value_set_printf(element, "room", "/scrivania/r/%s/sala", appointment->request_code);
    const gint64 left_s = appointment->starts_at - page->now;
    value_set_integer(element, "start", appointment->starts_at);
    value_set_integer(element, "in_min", (left_s + 59) / 60);
    value_set_boolean(element, "is_soon", left_s > 0 && left_s <= SOON_S);
    value_set_boolean(element, "has_begun", left_s <= 0);
    if (appointment->waiting_since_at)
        value_set_integer(element, "waiting_min",
                          MAX(0, page->now - appointment->waiting_since_at) / 60);
}

static bool is_next(const Appointment *appointment, gint64 now)
{
    return appointment->state == APPOINTMENT_BOOKED && appointment->ends_at > now;
}

static void fill_now(Page *page, const GPtrArray *meetings)
{
    Value *now = value_set_object(page->value, "now");
    Value *waiting = value_set_list(now, "waiting"), *calls = value_set_list(now, "calls");
    Value *next = value_set_list(now, "next");
    for (guint i = 0; i < meetings->len; i++) {
        const Appointment *appointment = meetings->pdata[i];
        if (appointment->state == APPOINTMENT_WAITING)
            fill_meeting(page, value_append_object(waiting), appointment);
        else if (appointment->state == APPOINTMENT_IN_CALL)
            fill_meeting(page, value_append_object(calls), appointment);
        else if (is_next(appointment, page->now) && value_length(next) == 0)
            fill_meeting(page, value_append_object(next), appointment);
    }
    value_set_integer(now, "waiting_count", value_length(waiting));
    value_set_boolean(now, "is_quiet",
                      value_length(waiting) + value_length(calls) + value_length(next) == 0);
    page_set_when(page, now, "clock", page->now, page->officer->zone);
}

/* --- to decide --- */

/* The lists behind the counts of the second part: ?elenco=NAME. */
typedef struct {
    const char *name;
    RequestState state; /* REQUEST_STATES: by `list` */
    GPtrArray *(*list)(Db *db, gint64 office_id, guint most, GError **error);
} DeskList;

static const DeskList lists[] = {
    {"valutare", REQUEST_NEW, NULL},
    {"chiamare", REQUEST_PHONE, NULL},
    {"attesa", REQUEST_WAITING_CITIZEN, NULL},
    {"risposte", REQUEST_ANSWERED, NULL},
    {"appuntamenti", REQUEST_BOOKED, NULL},
    {"non-consegnate", REQUEST_STATES, request_list_undelivered},
    {"da-leggere", REQUEST_STATES, request_list_to_read},
};

static const DeskList *wanted_list(const Page *page)
{
    const char *name = http_request_query(page->request, "elenco");
    for (guint i = 0; name && i < G_N_ELEMENTS(lists); i++)
        if (strcmp(lists[i].name, name) == 0)
            return &lists[i];
    return &lists[0];
}

static bool fill_counts(Page *page, const Office *office, GError **error)
{
    RequestCounts counts = {0};
    if (!request_counts(page_db(page), office->id, &counts, error))
        return false;
    Value *object = value_set_object(page->value, "counts");
    value_set_integer(object, "to_decide", counts.by_state[REQUEST_NEW]);
    value_set_integer(object, "phone", counts.by_state[REQUEST_PHONE]);
    value_set_integer(object, "waiting_citizen", counts.by_state[REQUEST_WAITING_CITIZEN]);
    value_set_integer(object, "answered", counts.by_state[REQUEST_ANSWERED]);
    value_set_integer(object, "booked", counts.by_state[REQUEST_BOOKED]);
    value_set_integer(object, "undelivered", counts.undelivered);
    value_set_integer(object, "to_read", counts.to_read);
    value_set_boolean(object, "has_undelivered", counts.undelivered > 0);
    value_set_boolean(object, "has_to_read", counts.to_read > 0);
    const gint64 other = message_count_other(page_db(page), office->id, error);
    value_set_integer(object, "other", other);
    return other >= 0;
}

static void fill_rows(Page *page, const GPtrArray *requests, const DeskTimes *times)
{
    g_autoptr(GArray) open = times ? desk_times_open(times, page->now) : NULL;
    Value *rows = value_set_list(page->value, "rows");
    for (guint i = 0; i < requests->len; i++)
        desk_row(page, value_append_object(rows), requests->pdata[i], times, open);
    value_set_boolean(page->value, "has_rows", value_length(rows) > 0);
}

static bool fill_list(Page *page, const Office *office, const DeskTimes *times, GError **error)
{
    const DeskList *list = wanted_list(page);
    g_autoptr(GPtrArray) requests =
        list->list ? list->list(page_db(page), office->id, ROWS_MOST, error)
                   : request_list(page_db(page), office->id, list->state, ROWS_MOST, error);
    if (!requests)
        return false;
    Value *shown = value_set_object(page->value, "list");
    value_set_text(shown, "name", list->name);
    value_set_boolean(shown, arena_printf(page->arena, "is_%s", list->name), TRUE);
    for (guint i = 0; i < G_N_ELEMENTS(lists); i++)
        value_set_text(shown, arena_printf(page->arena, "current_%s", lists[i].name),
                       list == &lists[i] ? "page" : NULL);
    value_set_boolean(shown, "is_to_decide", list == &lists[0]);
    fill_rows(page, requests, list->state == REQUEST_NEW ? times : NULL);
    return true;
}

/* --- today --- */

static void append_meeting(Page *page, Value *strip, const Appointment *appointment)
{
    Value *element = value_append_object(strip);
    fill_meeting(page, element, appointment);
    value_set_boolean(element, "is_past", appointment->ends_at <= page->now);
}

static void append_gap(Page *page, Value *strip, const Slot *slot, const char *zone)
{
    Value *element = value_append_object(strip);
    value_set_boolean(element, "is_free", TRUE);
    page_set_when(page, element, "when", slot->starts_at, zone);
}

/* Appends the meetings that start before `until`, from `index` on; how many of them last beyond
 * `from`. */
static guint append_meetings(Page *page, Value *strip, const GPtrArray *meetings, guint *index,
                             gint64 from, gint64 until)
{
    guint lasting = 0;
    for (; *index < meetings->len; (*index)++) {
        const Appointment *appointment = meetings->pdata[*index];
        if (appointment->starts_at >= until)
            break;
        append_meeting(page, strip, appointment);
        lasting += appointment->ends_at > from;
    }
    return lasting;
}

/* The day's meetings in order, and between them the slots that are still free. */
static void fill_today(Page *page, const Office *office, const DeskTimes *times,
                       const GPtrArray *meetings)
{
    const Span day = desk_times_day(office, page->now);
    g_autoptr(GArray) slots = agenda_slots(times->rules, times->taken, day);
    Value *today = value_set_object(page->value, "today");
    Value *strip = value_set_list(today, "strip");
    guint index = 0;
    for (guint i = 0; i < slots->len; i++) {
        const Slot *slot = &g_array_index(slots, Slot, i);
        const guint lasting =
            append_meetings(page, strip, meetings, &index, slot->starts_at, slot->ends_at);
        if (lasting == 0 && slot->free > 0 && slot->starts_at >= page->now)
            append_gap(page, strip, slot, office->zone);
    }
    append_meetings(page, strip, meetings, &index, day.from, day.until);
    value_set_boolean(today, "is_closed", slots->len == 0);
    value_set_boolean(today, "has_strip", value_length(strip) > 0);
    value_set_integer(today, "count", meetings->len);
}

/* The first day ahead with a free time: what a closed day shows instead of its strip. */
static void fill_next_day(Page *page, const DeskTimes *times)
{
    g_autoptr(GArray) open = desk_times_open(times, page->now);
    if (open->len == 0)
        return;
    page_set_when(page, page->value, "next_free", g_array_index(open, Slot, 0).starts_at,
                  zone_name(times->zone));
}

/* --- the page --- */

/* What looks like a code may be a name all the same: "Montresor" does. */
static GPtrArray *search(Page *page, const Office *office, const char *words, GError **error)
{
    g_autofree char *code = token_request_code_parse(words);
    g_autoptr(GPtrArray) found =
        code ? request_search(page_db(page), office->id, code, SEARCH_MOST, error) : NULL;
    if (code && (!found || found->len > 0))
        return g_steal_pointer(&found);
    return request_search(page_db(page), office->id, words, SEARCH_MOST, error);
}

static void show_search(Page *page, const Office *office, const char *words)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) found = search(page, office, words, &error);
    if (!found || !fill_counts(page, office, &error)) {
        page_failed(page, error);
        return;
    }
    value_set_boolean(page->value, "is_search", TRUE);
    fill_rows(page, found, NULL);
    page_render(page, "pages/desk-search");
}

static void show(Page *page)
{
    g_autoptr(Office) office = desk_office(page);
    if (!office)
        return;
    const char *words = http_request_query(page->request, "cerca");
    value_set_copy(page->value, "search", words);
    if (words && *words) {
        show_search(page, office, words);
        return;
    }
    g_autoptr(GError) error = NULL;
    const Span day = desk_times_day(office, page->now);
    g_autoptr(DeskTimes) times =
        desk_times_new(page_db(page), office, desk_times_ahead(office, page->now), &error);
    g_autoptr(GPtrArray) meetings =
        times ? appointment_list(page_db(page), office->id, day.from, day.until, false, &error)
              : NULL;
    if (!meetings || !fill_counts(page, office, &error) ||
        !fill_list(page, office, times, &error)) {
        page_failed(page, error);
        return;
    }
    fill_now(page, meetings);
    fill_today(page, office, times, meetings);
    fill_next_day(page, times);
    value_set_printf(page->value, "live", "/scrivania/live?ufficio=%s", office->slug);
    page_render(page, "pages/desk");
}

static void live(Page *page)
{
    g_autoptr(Office) office = desk_office(page);
    if (!office)
        return;
    g_autofree char *topic = g_strdup_printf("desk/%" G_GINT64_FORMAT, office->id);
    http_reply_websocket(page->reply, page->app->hub, topic, NULL, NULL);
}

const Route desk_routes[] = {
    {"GET", "/scrivania", show, ROUTE_OFFICER},
    {"GET", "/scrivania/live", live, ROUTE_OFFICER | ROUTE_LIVE},
    {"GET", "/scrivania/altra-posta", desk_other_show, ROUTE_OFFICER},
    {"POST", "/scrivania/altra-posta", desk_other_make, ROUTE_OFFICER},
    {"GET", "/scrivania/altra-posta/{message}", desk_other_raw, ROUTE_OFFICER},
    {"GET", "/scrivania/avvisi", desk_notices_show, ROUTE_OFFICER},
    {"POST", "/scrivania/avvisi", desk_notices_set, ROUTE_OFFICER},
    {"GET", "/scrivania/nuova", desk_phone_show, ROUTE_OFFICER},
    {"POST", "/scrivania/nuova", desk_phone_make, ROUTE_OFFICER},
    {0},
};
