/* citizen_change.c - the citizen cancels, moves or restores the appointment by the link.
 *
 * Each is one write job with its letter and calendar part (desk/decision.h); the letter leaves at
 * once, there is nobody to take it back. Notice, horizon and weekly cap bind the citizen; who wins
 * a time is decided by the store.
 */
#include "agenda/agenda.h"
#include "mail/outbox.h"
#include "room/room.h"
#include "web/citizen_pages.h"
#include "web/live.h"
#include "web/public_times.h"

#define NEAREST 6
#define WORDS_MOST 500

/* --- writing ------------------------------------------------------------------------------- */

/* `after`: the appointment as it will be. */
static Letter *make_letter(Page *page, const CitizenCase *at, const char *kind,
                           const Appointment *after, GError **error)
{
    g_autoptr(GPtrArray) references = NULL;
    g_autofree char *in_reply_to =
        correspondence_thread(page_db(page), at->request->id, &references);
    const Correspondence what = {
        .kind = kind,
        .office = at->office,
        .request = at->request,
        .appointment = after,
        .seat = at->seat,
        .moved_from_at = at->appointment->starts_at,
        .by_citizen = true,
        .in_reply_to = in_reply_to,
        .references = references,
        .now = page->now,
        .system_now = clock_system(page->app->clock),
    };
    return correspondence_letter(page->app->letters, &what, error);
}

static void tell(Page *page, const CitizenCase *at, const char *event)
{
    outbox_wake(page->app->outbox);
    live_desk(page->app->hub, at->office->id, event, at->request->code, NULL);
}

typedef struct {
    StoreJob *job;
    const char *letter; /* its kind */
    AppointmentDecision decision;
} Change;

/* `starts_at`, `ends_at` are those after the change. */
static bool write_change(Page *page, const CitizenCase *at, Change *change, gint64 starts_at,
                         gint64 ends_at, GError **error)
{
    Appointment after = *at->appointment; /* texts borrowed */
    after.starts_at = starts_at;
    after.ends_at = ends_at;
    after.sequence++;
    g_autoptr(Letter) letter = make_letter(page, at, change->letter, &after, error);
    if (*error)
        return false;
    change->decision.appointment_id = at->appointment->id;
    change->decision.system_at = clock_system(page->app->clock);
    change->decision.letter = letter;
    change->decision.sequence = after.sequence;
    change->decision.actor = (Actor){ACTOR_CITIZEN, 0, page->now, NULL};
    if (!page_write(page, change->job, &change->decision, error))
        return false;
    tell(page, at, "decision");
    return true;
}

static bool was_too_late(const GError *error)
{
    return g_error_matches(error, STORE_ERROR, STORE_ERROR_TRANSITION) ||
           g_error_matches(error, STORE_ERROR, STORE_ERROR_STALE);
}

/* Somebody else changed the appointment meanwhile: the page as it is now says what holds. */
static void not_written(Page *page, const CitizenCase *at, const GError *error)
{
    if (was_too_late(error))
        page_redirect(page, "/p/%s", at->token);
    else
        page_failed(page, error);
}

/* --- cancelling ---------------------------------------------------------------------------- */

static void show_cancel(Page *page, const CitizenCase *at)
{
    citizen_show(page, at);
    if (page_has_errors(page))
        page_invalid(page, "pages/citizen-cancel");
    else
        page_render(page, "pages/citizen-cancel");
}

/* Opens the case and sends back to its page what can no longer be changed. */
static bool open_changeable(Page *page, CitizenCase *at)
{
    if (!citizen_open(page, at))
        return false;
    if (citizen_may(page, at).change)
        return true;
    page_redirect(page, "/p/%s", at->token);
    return false;
}

void citizen_cancel_show(Page *page)
{
    g_auto(CitizenCase) at = {0};
    if (open_changeable(page, &at))
        show_cancel(page, &at);
}

bool citizen_offers_reason(const char *reason)
{
    static const char *const reasons[] = {"commitment", "solved", "not_ready", "other", NULL};
    return reason && g_strv_contains(reasons, reason);
}

/* One of the reasons offered; NULL with an error on the page when none was chosen. */
static const char *chosen_reason(Page *page)
{
    const char *reason = page_field(page, "motivo", 32);
    if (citizen_offers_reason(reason)) {
        value_set_boolean(page->value, arena_printf(page->arena, "chose_%s", reason), TRUE);
        return reason;
    }
    page_error(page, "motivo", reason[0] ? "invalid" : "required");
    return NULL;
}

void citizen_cancel(Page *page)
{
    g_auto(CitizenCase) at = {0};
    g_autoptr(GError) error = NULL;
    if (!open_changeable(page, &at))
        return;
    const char *reason = chosen_reason(page);
    const char *words = page_field(page, "parole", WORDS_MOST);
    if (page_has_errors(page)) {
        show_cancel(page, &at);
        return;
    }
    Change change = {.job = decision_cancel, .letter = "cancelled"};
    change.decision.reason = words[0] ? words : reason;
    if (!write_change(page, &at, &change, at.appointment->starts_at, at.appointment->ends_at,
                      &error)) {
        not_written(page, &at, error);
        return;
    }
    rooms_end(page->app->rooms, at.appointment->id, "cancelled");
    page_redirect(page, "/p/%s?fatto=cancelled", at.token);
}

/* --- moving -------------------------------------------------------------------------------- */

static PublicTimes *times_of(Page *page, const CitizenCase *at, GError **error)
{
    g_autoptr(OfficeService) service = NULL;
    if (at->appointment->service_id != 0) {
        service = office_service_find(page_db(page), at->appointment->service_id, error);
        if (!service)
            return NULL;
    }
    return public_times_new(page_db(page), at->office, service, page->now, error);
}

static void show_move(Page *page, const CitizenCase *at, const PublicTimes *times, gint64 chosen_at)
{
    citizen_show(page, at);
    public_times_show_choices(page, times, chosen_at, page->value);
    value_set_boolean(page->value, "has_days", public_times_free_count(times) > 0);
    if (page_has_errors(page) && chosen_at)
        public_times_show_nearest(page, times, chosen_at, NEAREST, page->value);
    if (page_has_errors(page))
        page_invalid(page, "pages/citizen-move");
    else
        page_render(page, "pages/citizen-move");
}

void citizen_move_show(Page *page)
{
    g_auto(CitizenCase) at = {0};
    g_autoptr(GError) error = NULL;
    if (!open_changeable(page, &at))
        return;
    g_autoptr(PublicTimes) times = times_of(page, &at, &error);
    if (times)
        show_move(page, &at, times, 0);
    else
        page_failed(page, error);
}

/* Has the person as many appointments in that week as the office allows, this one apart? */
static bool week_is_full(Page *page, const CitizenCase *at, const AgendaRules *rules,
                         gint64 starts_at)
{
    const Day day = zone_day(rules->zone, starts_at);
    const Day monday = day - (day_weekday(day) - 1);
    const gint64 from = zone_midnight(rules->zone, monday),
                 until = zone_midnight(rules->zone, monday + 7);
    const gint count = appointment_count_for_person(page_db(page), at->office->id,
                                                    at->request->person_id, from, until, NULL);
    const gint64 own_at = at->appointment->starts_at;
    const gint own = from <= own_at && own_at < until;
    return at->office->weekly_cap > 0 && count - own >= at->office->weekly_cap;
}

/* The free slot that starts then, if this citizen may have it; false with an error on the page. */
static bool check_time(Page *page, const CitizenCase *at, const PublicTimes *times,
                       gint64 starts_at, Slot *slot)
{
    const AgendaReason why =
        agenda_why_not(times->rules, times->taken, AGENDA_CITIZEN, page->now, starts_at, NULL);
    if (why != AGENDA_CAN)
        page_error(page, "inizio", agenda_reason_name(why));
    else if (week_is_full(page, at, times->rules, starts_at))
        page_error(page, "inizio", "week_full");
    else
        return agenda_slot_at(times->rules, times->taken, starts_at, slot);
    return false;
}

static void write_move(Page *page, const CitizenCase *at, const PublicTimes *times,
                       const Slot *slot)
{
    g_autoptr(GError) error = NULL;
    AppointmentTime time;
    char wall_date[11];
    agenda_appointment_time(times->rules, slot, wall_date, &time);
    Change change = {.job = decision_move, .letter = "moved"};
    change.decision.time = &time;
    if (write_change(page, at, &change, slot->starts_at, slot->ends_at, &error)) {
        page_redirect(page, "/p/%s?fatto=moved", at->token);
        return;
    }
    if (!g_error_matches(error, STORE_ERROR, STORE_ERROR_CONFLICT)) {
        not_written(page, at, error);
        return;
    }
    g_autoptr(GError) again = NULL;
    g_autoptr(PublicTimes) now = times_of(page, at, &again); /* without the time that is gone */
    page_error(page, "inizio", "taken");
    if (now)
        show_move(page, at, now, slot->starts_at);
    else
        page_failed(page, again);
}

void citizen_move(Page *page)
{
    g_auto(CitizenCase) at = {0};
    g_autoptr(GError) error = NULL;
    if (!open_changeable(page, &at))
        return;
    g_autoptr(PublicTimes) times = times_of(page, &at, &error);
    if (!times) {
        page_failed(page, error);
        return;
    }
    Slot slot;
    gint64 starts_at = 0;
    const char *wanted = page_field(page, "inizio", 20);
    if (!wanted[0])
        page_error(page, "inizio", "required");
    else if (!page_instant(wanted, &starts_at))
        page_error(page, "inizio", "invalid");
    else if (starts_at == at.appointment->starts_at) { /* pressed twice */
        page_redirect(page, "/p/%s?fatto=moved", at.token);
        return;
    } else if (check_time(page, &at, times, starts_at, &slot)) {
        write_move(page, &at, times, &slot);
        return;
    }
    show_move(page, &at, times, starts_at);
}

/* --- restoring ----------------------------------------------------------------------------- */

/* Somebody has taken the time: the nearest that are left. */
static void show_taken(Page *page, const CitizenCase *at)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PublicTimes) times = times_of(page, at, &error);
    if (!times) {
        page_failed(page, error);
        return;
    }
    citizen_show(page, at);
    public_times_show_nearest(page, times, at->appointment->starts_at, NEAREST, page->value);
    http_reply_status(page->reply, 409);
    page_render(page, "pages/citizen-taken");
}

void citizen_restore(Page *page)
{
    g_auto(CitizenCase) at = {0};
    g_autoptr(GError) error = NULL;
    if (!citizen_open(page, &at))
        return;
    if (!citizen_may(page, &at).restore) {
        page_redirect(page, "/p/%s", at.token);
        return;
    }
    Change change = {.job = decision_restore, .letter = "restored"};
    if (write_change(page, &at, &change, at.appointment->starts_at, at.appointment->ends_at,
                     &error))
        page_redirect(page, "/p/%s?fatto=restored", at.token);
    else if (g_error_matches(error, STORE_ERROR, STORE_ERROR_CONFLICT))
        show_taken(page, &at);
    else
        not_written(page, &at, error);
}
