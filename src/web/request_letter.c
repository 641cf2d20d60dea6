/* request_letter.c - what every decision ends with: its letter, the refusal of a write, the way
 * back to the page. */
#include "base/when.h"
#include "web/request_pages.h"
#include "web/values.h"

#define NEAREST_SHOWN 6

Letter *request_letter(Page *page, const RequestAtHand *at, Correspondence *what, GError **error)
{
    g_autoptr(GPtrArray) references = NULL;
    g_autofree char *in_reply_to =
        correspondence_thread(page_db(page), at->request->id, &references);
    what->office = at->office;
    what->request = at->request;
    what->officer_name = page->officer->name;
    what->in_reply_to = in_reply_to;
    what->references = references;
    what->now = page->now;
    what->system_now = clock_system(page->app->clock);
    Letter *letter = correspondence_letter(page->app->letters, what, error);
    what->in_reply_to = NULL;
    what->references = NULL;
    return letter;
}

void request_show_letter(Page *page, const Letter *letter)
{
    if (!letter)
        return;
    Value *shown = value_set_object(page->value, "letter");
    value_set_copy(shown, "recipient", letter->recipient);
    value_set_copy(shown, "subject", letter->subject);
    value_set_copy(shown, "text", letter->text);
}

gint request_version(Page *page)
{
    gint64 version;
    const char *text = page_field(page, "versione", 16);
    return page_number(text, &version) && version > 0 && version < G_MAXINT ? (gint)version : 0;
}

bool request_is_preview(Page *page)
{
    return g_strcmp0(http_request_form(page->request, "passo"), "anteprima") == 0;
}

static bool take_as_read(Db *db, gpointer data, GError **error)
{
    const Decision *decision = data;
    return decision_take(db, data, error) &&
           request_set_to_read(db, decision->request_id, false, &decision->actor, error);
}

StoreJob *request_decision_job(const RequestAtHand *at)
{
    return at->request->to_read ? take_as_read : decision_take;
}

/* --- ends --- */

static void show_conflict(Page *page, const RequestAtHand *at)
{
    g_autoptr(Request) current = request_find(page_db(page), at->request->id, NULL);
    request_show_self(page, at);
    if (current)
        desk_row(page, value_set_object(page->value, "current"), current, NULL, NULL);
    http_reply_status(page->reply, 409);
    page_render(page, "pages/request-stale");
}

void request_not_written(Page *page, const RequestAtHand *at, GError *error)
{
    if (g_error_matches(error, STORE_ERROR, STORE_ERROR_STALE) ||
        g_error_matches(error, STORE_ERROR, STORE_ERROR_TRANSITION))
        show_conflict(page, at);
    else
        page_failed(page, error);
    g_clear_error(&error);
}

void request_written(Page *page, const RequestAtHand *at, const char *done)
{
    desk_changed(page, at->request, "decision");
    page_redirect(page, "/scrivania/r/%s?fatto=%s", at->request->code, done);
}

/* --- a chosen time --- */

static const char *form_or_query(Page *page, const char *name)
{
    const char *text = http_request_form(page->request, name);
    return text ? text : http_request_query(page->request, name);
}

gint64 request_time_wanted(Page *page, const RequestAtHand *at)
{
    const char *text = form_or_query(page, "inizio"), *local = form_or_query(page, "quando");
    const Zone *zone = zone_find(at->office->zone);
    gint64 wanted;
    if (text && (page_instant(text, &wanted) || instant_parse_rfc3339(text, &wanted)))
        return wanted;
    return local && zone && desk_times_parse_local(zone, local, &wanted) ? wanted : 0;
}

DeskTimes *request_times_of_day(Page *page, const RequestAtHand *at, gint64 at_s, GError **error)
{
    return desk_times_new(page_db(page), at->office, desk_times_day(at->office, at_s), error);
}

/* What was typed comes back, so that nothing is lost. */
static void keep_form(Page *page)
{
    page_field(page, "testo", 8000);
    page_field(page, "versione", 16);
}

static void show_nearest(Page *page, const RequestAtHand *at, gint64 starts_at)
{
    GError *error = NULL;
    g_autoptr(DeskTimes) times =
        desk_times_new(page_db(page), at->office, desk_times_ahead(at->office, page->now), &error);
    if (times)
        desk_times_show_nearest(page, times, starts_at, NEAREST_SHOWN, page->value, "nearest");
    g_clear_error(&error);
    request_show_self(page, at);
    if (starts_at)
        page_set_when(page, value_set_object(page->value, "wanted"), "when", starts_at,
                      at->office->zone);
    value_set_copy(page->value, "action", http_request_path(page->request));
    keep_form(page);
}

void request_time_taken(Page *page, const RequestAtHand *at, gint64 starts_at)
{
    show_nearest(page, at, starts_at);
    value_set_boolean(value_set_object(page->value, "reason"), "taken", TRUE);
    http_reply_status(page->reply, 409);
    page_render(page, "pages/request-taken");
}

bool request_time_open(Page *page, const RequestAtHand *at, const DeskTimes *times,
                       RequestTime *time)
{
    const gint64 wanted = request_time_wanted(page, at);
    if (wanted > page->now && agenda_slot_at(times->rules, times->taken, wanted, &time->slot)) {
        if (time->slot.free == 0) {
            request_time_taken(page, at, wanted);
            return false;
        }
        agenda_appointment_time(times->rules, &time->slot, time->wall_date, &time->time);
        return true;
    }
    show_nearest(page, at, wanted);
    if (wanted == 0)
        value_set_boolean(value_set_object(page->value, "reason"), "missing", TRUE);
    else
        desk_times_why_not(times, page->now, wanted, page->value);
    page_invalid(page, "pages/request-taken");
    return false;
}
