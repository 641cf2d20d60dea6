/* results.c - /risultati: a period counted, compared with the one before, drawn, and worth
 * extending or not.
 *
 * The counting is report/statistics.h. The assumptions behind hours and kilometres are named here
 * and shown on the page.
 */
#include "report/statistics.h"
#include "web/desk_pages.h"
#include "web/pages.h"
#include "web/results_picture.h"

#define DEFAULT_DAYS 28
#define DAYS_MOST 400
/* "Conviene estenderlo?": what one visit to the office costs, cautiously. */
#define TRIP_MIN 60
#define TRIP_KM 12
#define HALF_A_MINUTE_S 30 /* rounds; what lasted less on the average is no minute to speak of */
#define PICTURE_WIDTH 640
#define PICTURE_HEIGHT 160
#define LYING_WIDTH 400

typedef struct {
    Day from, until; /* both included */
    Span span;
} Period;

typedef struct {
    Period period;
    Statistics now, before;
    gint64 third_next_at; /* 0: fewer than three free times */
} Report;

/* --- the period --- */

static Period period_of(const Zone *zone, Day from, Day until)
{
    return (Period){from, until, {zone_midnight(zone, from), zone_midnight(zone, until + 1)}};
}

/* ?da=&a=, both included; false: an error of the form was set and the default is used. */
static bool read_period(Page *page, const Zone *zone, Period *period)
{
    const char *from_text = http_request_query(page->request, "da");
    const char *until_text = http_request_query(page->request, "a");
    const Day today = zone_day(zone, page->now);
    Day from = today - DEFAULT_DAYS + 1, until = today;
    *period = period_of(zone, from, until);
    if (from_text && *from_text && !day_parse(from_text, &from))
        page_error(page, "da", "invalid");
    if (until_text && *until_text && !day_parse(until_text, &until))
        page_error(page, "a", "invalid");
    if (page_has_errors(page))
        return false;
    if (from > until || until - from >= DAYS_MOST) {
        page_error(page, "a", from > until ? "before_start" : "too_far");
        return false;
    }
    *period = period_of(zone, from, until);
    return true;
}

static bool count(Page *page, const Office *office, const Zone *zone, Span span,
                  Statistics *statistics, GError **error)
{
    g_autoptr(GArray) requests =
        report_requests(page_db(page), office->id, span.from, span.until, error);
    g_autoptr(GArray) appointments =
        requests ? report_appointments(page_db(page), office->id, span.from, span.until, error)
                 : NULL;
    if (!appointments)
        return false;
    statistics_count(requests, appointments, zone, span, statistics);
    return true;
}

static bool make_report(Page *page, const Office *office, const Zone *zone, Report *report)
{
    GError *error = NULL;
    const Day days = report->period.until - report->period.from + 1;
    const Period before = period_of(zone, report->period.from - days, report->period.from - 1);
    g_autoptr(DeskTimes) times = NULL;
    if (count(page, office, zone, report->period.span, &report->now, &error) &&
        count(page, office, zone, before.span, &report->before, &error))
        times = desk_times_new(page_db(page), office, desk_times_ahead(office, page->now), &error);
    if (!times) {
        page_failed(page, error);
        g_clear_error(&error);
        return false;
    }
    g_autoptr(GArray) open = desk_times_open(times, page->now);
    if (!agenda_third_next(open, &report->third_next_at))
        report->third_next_at = 0;
    return true;
}

/* --- the page's members --- */

/* {value, before, change, is_up, is_down, is_same, is_known}; whole numbers. */
static Value *set_figure(Value *figures, const char *key, gint64 value, gint64 before)
{
    Value *figure = value_set_object(figures, key);
    value_set_integer(figure, "value", value);
    value_set_integer(figure, "before", before);
    value_set_integer(figure, "change", ABS(value - before));
    value_set_boolean(figure, "is_up", value > before);
    value_set_boolean(figure, "is_down", value < before);
    value_set_boolean(figure, "is_same", value == before);
    return figure;
}

/* Days, not negative, with one decimal. */
static void set_days(Value *object, const char *key, double days)
{
    value_set(object, key, value_real(value_arena(object), (double)(gint64)(days * 10 + 0.5) / 10));
}

static void set_days_figure(Value *figures, const char *key, double now, double before)
{
    Value *figure = value_set_object(figures, key);
    const bool known = now >= 0, both = known && before >= 0;
    value_set_boolean(figure, "is_known", known);
    if (known)
        set_days(figure, "value", now);
    value_set_boolean(figure, "is_compared", both);
    if (!both)
        return;
    set_days(figure, "before", before);
    set_days(figure, "change", ABS(now - before));
    value_set_boolean(figure, "is_up", now - before >= 0.05);
    value_set_boolean(figure, "is_down", before - now >= 0.05);
    value_set_boolean(figure, "is_same", ABS(now - before) < 0.05);
}

static void set_figures(Page *page, const Office *office, const Report *report)
{
    const Statistics *now = &report->now, *before = &report->before;
    Value *figures = value_set_object(page->value, "figures");
    set_figure(figures, "requests", now->received, before->received);
    Value *solved = set_figure(figures, "solved", now->solved_remotely, before->solved_remotely);
    value_set_integer(
        solved, "percent",
        now->received ? (100 * now->solved_remotely + now->received / 2) / now->received : 0);
    value_set_boolean(solved, "has_percent", now->received > 0);
    set_days_figure(figures, "to_decision", now->median_days_to_decision,
                    before->median_days_to_decision);
    set_days_figure(figures, "to_meeting", now->median_days_to_meeting,
                    before->median_days_to_meeting);
    set_figure(figures, "meetings", now->meetings, before->meetings);
    set_figure(figures, "call_min", (now->call_seconds + HALF_A_MINUTE_S) / 60,
               (before->call_seconds + HALF_A_MINUTE_S) / 60);
    set_figure(figures, "no_shows", now->no_shows, before->no_shows);
    set_figure(figures, "missed", now->missed_by_office, before->missed_by_office);
    set_figure(figures, "cancelled", now->cancelled, before->cancelled);
    if (report->third_next_at) {
        page_set_when(page, figures, "third_next", report->third_next_at, office->zone);
        set_days(figures, "third_next_days", (double)(report->third_next_at - page->now) / 86400);
    }
}

static void set_weeks(Page *page, const Office *office, const Report *report)
{
    const Statistics *now = &report->now;
    const Zone *zone = zone_find(office->zone);
    g_autoptr(GArray) bars =
        results_columns(now->by_week, now->weeks, PICTURE_WIDTH, PICTURE_HEIGHT, 8);
    const Day monday = report->period.from - (day_weekday(report->period.from) - 1);
    Value *weeks = value_set_list(page->value, "weeks");
    for (guint i = 0; i < now->weeks; i++) {
        const ResultsBar *bar = &g_array_index(bars, ResultsBar, i);
        Value *week = value_append_object(weeks);
        page_set_when(page, week, "from", zone_midnight(zone, monday + 7 * (Day)i), office->zone);
        value_set_integer(week, "count", now->by_week[i]);
        value_set_integer(week, "x", bar->x);
        value_set_integer(week, "y", bar->y + 24); /* room for the number above */
        value_set_integer(week, "width", bar->width);
        value_set_integer(week, "height", bar->height);
        value_set_integer(week, "middle", bar->x + bar->width / 2);
        value_set_integer(week, "above", bar->y + 18);
        value_set_boolean(week, "is_labelled",
                          now->weeks <= 12 || i % ((now->weeks + 11) / 12) == 0);
    }
    value_set_boolean(page->value, "has_requests", now->received > 0);
}

static void set_how(Page *page, const Statistics *now)
{
    Value *list = value_set_list(page->value, "how");
    guint most = 0;
    for (guint i = 0; i < HOWS; i++)
        most = MAX(most, now->how[i]);
    for (guint i = 0; i < HOWS; i++) {
        if (now->how[i] == 0)
            continue;
        Value *how = value_append_object(list);
        value_set_boolean(
            how, arena_printf(page->arena, "is_%s", answered_how_name((AnsweredHow)i)), TRUE);
        value_set_text(how, "name", answered_how_name((AnsweredHow)i));
        value_set_integer(how, "count", now->how[i]);
        value_set_integer(how, "y", 36 * (gint64)(value_length(list) - 1));
        value_set_integer(how, "length", results_length(now->how[i], most, LYING_WIDTH));
    }
    value_set_integer(page->value, "how_height", MAX(36, 36 * (gint64)value_length(list)));
}

/* What was saved, and by which assumption each number is computed. */
static void set_benefit(Page *page, const Report *report)
{
    const gint64 trips = report->now.solved_remotely, meetings = report->now.meetings;
    Value *benefit = value_set_object(page->value, "benefit");
    value_set_integer(benefit, "trips", trips);
    value_set_integer(benefit, "trip_min", TRIP_MIN);
    value_set_integer(benefit, "trip_km", TRIP_KM);
    value_set_integer(benefit, "hours", trips * TRIP_MIN / 60);
    value_set_integer(benefit, "km", trips * TRIP_KM);
    value_set_boolean(benefit, "any", trips > 0);
    value_set_boolean(benefit, "has_calls",
                      meetings > 0 && report->now.call_seconds >= meetings * HALF_A_MINUTE_S);
    if (meetings > 0)
        value_set_integer(benefit, "call_min",
                          (report->now.call_seconds / meetings + HALF_A_MINUTE_S) / 60);
    /* A tenth of the meetings missed, or longer waits than before: look first, extend later. */
    const gint64 lost = (gint64)report->now.no_shows + report->now.missed_by_office;
    const bool missed = 10 * lost > meetings + lost;
    const bool slower =
        report->before.median_days_to_meeting >= 0 &&
        report->now.median_days_to_meeting > report->before.median_days_to_meeting + 1;
    value_set_boolean(benefit, "many_missed", missed && meetings > 0);
    value_set_boolean(benefit, "slower", slower);
    value_set_boolean(benefit, "good", trips > 0 && !missed && !slower);
}

static void set_period(Page *page, const Office *office, const Period *period)
{
    const Zone *zone = zone_find(office->zone);
    Value *shown = value_set_object(page->value, "period");
    page_set_when(page, shown, "from", period->span.from, office->zone);
    page_set_when(page, shown, "until", zone_midnight(zone, period->until), office->zone);
    value_set_integer(shown, "days", period->until - period->from + 1);
}

/* --- pages --- */

/* The office when the officer may see its results; NULL: answered. */
static Office *open_office(Page *page)
{
    g_autoptr(Office) office = desk_office(page);
    if (office && officer_role_in(page->officer, office->id) >= ROLE_MANAGER)
        return g_steal_pointer(&office);
    if (office)
        page_forbidden(page);
    return NULL;
}

static void show(Page *page)
{
    Report report = {0};
    g_autoptr(Office) office = open_office(page);
    const Zone *zone = office ? zone_find(office->zone) : NULL;
    if (!zone)
        return;
    const bool is_good = read_period(page, zone, &report.period);
    if (!make_report(page, office, zone, &report))
        return;
    set_period(page, office, &report.period);
    set_figures(page, office, &report);
    set_weeks(page, office, &report);
    set_how(page, &report.now);
    set_benefit(page, &report);
    if (is_good)
        page_render(page, "pages/results");
    else
        page_invalid(page, "pages/results");
}

/* One line a number; the names are those of the JSON, for programs. */
static void csv_line(GString *csv, const char *name, double now, double before)
{
    char text[2][G_ASCII_DTOSTR_BUF_SIZE];
    g_ascii_formatd(text[0], sizeof text[0], "%.10g", now);
    g_ascii_formatd(text[1], sizeof text[1], "%.10g", before);
    g_string_append_printf(csv, "%s,%s,%s\r\n", name, now < 0 ? "" : text[0],
                           before < 0 ? "" : text[1]);
}

static GString *csv_of(const Report *report)
{
    const Statistics *now = &report->now, *before = &report->before;
    GString *csv = g_string_new("name,period,previous_period\r\n");
    csv_line(csv, "requests", now->received, before->received);
    csv_line(csv, "solved_remotely", now->solved_remotely, before->solved_remotely);
    for (guint i = 0; i < HOWS; i++) {
        g_autofree char *name = g_strdup_printf("how_%s", answered_how_name((AnsweredHow)i));
        csv_line(csv, name, now->how[i], before->how[i]);
    }
    csv_line(csv, "meetings", now->meetings, before->meetings);
    csv_line(csv, "no_shows", now->no_shows, before->no_shows);
    csv_line(csv, "missed_by_office", now->missed_by_office, before->missed_by_office);
    csv_line(csv, "cancelled", now->cancelled, before->cancelled);
    csv_line(csv, "call_seconds", (double)now->call_seconds, (double)before->call_seconds);
    csv_line(csv, "median_days_to_decision", now->median_days_to_decision,
             before->median_days_to_decision);
    csv_line(csv, "median_days_to_meeting", now->median_days_to_meeting,
             before->median_days_to_meeting);
    for (guint i = 0; i < now->weeks; i++) {
        g_autofree char *name = g_strdup_printf("week_%u", i + 1);
        csv_line(csv, name, now->by_week[i], i < before->weeks ? (double)before->by_week[i] : -1);
    }
    return csv;
}

static void download(Page *page)
{
    Report report = {0};
    g_autoptr(Office) office = open_office(page);
    const Zone *zone = office ? zone_find(office->zone) : NULL;
    if (!zone)
        return;
    if (!read_period(page, zone, &report.period)) {
        page_redirect(page, "/risultati?ufficio=%s", office->slug);
        return;
    }
    if (!make_report(page, office, zone, &report))
        return;
    g_autofree char *from = day_format(report.period.from),
                    *until = day_format(report.period.until);
    g_autofree char *disposition =
        g_strdup_printf("attachment; filename=\"%s-%s-%s.csv\"", office->slug, from, until);
    http_reply_type(page->reply, "text/csv; charset=utf-8");
    http_reply_header(page->reply, "Content-Disposition", disposition);
    http_reply_header(page->reply, "X-Content-Type-Options", "nosniff");
    http_reply_header(page->reply, "Cache-Control", "no-store");
    http_reply_body(page->reply, csv_of(&report));
}

const Route results_routes[] = {
    {"GET", "/risultati", show, ROUTE_OFFICER},
    {"GET", "/risultati.csv", download, ROUTE_OFFICER},
    {0},
};
