/* statistics.c - see statistics.h. Days are calendar days of the office's zone: a request of Friday
 * evening that is met on Monday has waited three.
 */
#include "report/statistics.h"

#include <string.h>

#define DAYS_OF_WEEK 7

static gint compare_days(gconstpointer a, gconstpointer b)
{
    return *(const gint *)a - *(const gint *)b;
}

/* Sorts `days` (gint); -1 when there are none. */
static double median(GArray *days)
{
    if (days->len == 0)
        return -1;
    g_array_sort(days, compare_days);
    guint middle = days->len / 2;
    gint upper = g_array_index(days, gint, middle);
    if (days->len % 2 == 1)
        return upper;
    return (g_array_index(days, gint, middle - 1) + upper) / 2.0;
}

static void add_days(GArray *days, const Zone *zone, gint64 from_at, gint64 until_at)
{
    if (until_at == 0)
        return;
    gint waited = MAX(0, zone_day(zone, until_at) - zone_day(zone, from_at));
    g_array_append_val(days, waited);
}

static bool is_solved_remotely(const ReportRequest *request)
{
    bool without_visit =
        request->how == HOW_VIDEO || request->how == HOW_PHONE || request->how == HOW_ANSWER;
    return without_visit &&
           (request->state == REQUEST_CLOSED || request->state == REQUEST_ANSWERED);
}

static void count_requests(const GArray *requests, const Zone *zone, Statistics *statistics)
{
    g_autoptr(GArray) to_decision = g_array_new(FALSE, FALSE, sizeof(gint));
    g_autoptr(GArray) to_meeting = g_array_new(FALSE, FALSE, sizeof(gint));
    for (guint i = 0; i < requests->len; i++) {
        const ReportRequest *request = &g_array_index(requests, ReportRequest, i);
        statistics->received++;
        statistics->how[request->how]++;
        statistics->solved_remotely += is_solved_remotely(request);
        add_days(to_decision, zone, request->received_at, request->decided_at);
        add_days(to_meeting, zone, request->received_at, request->met_at);
    }
    statistics->median_days_to_decision = median(to_decision);
    statistics->median_days_to_meeting = median(to_meeting);
}

static void count_appointments(const GArray *appointments, Statistics *statistics)
{
    for (guint i = 0; i < appointments->len; i++) {
        const ReportAppointment *appointment = &g_array_index(appointments, ReportAppointment, i);
        statistics->meetings += appointment->state == APPOINTMENT_DONE;
        statistics->no_shows += appointment->state == APPOINTMENT_NO_SHOW;
        statistics->missed_by_office += appointment->state == APPOINTMENT_MISSED_BY_OFFICE;
        statistics->cancelled += appointment->state == APPOINTMENT_CANCELLED;
        statistics->call_seconds += appointment->call_seconds;
    }
}

static void count_weeks(const GArray *requests, const Zone *zone, Span period,
                        Statistics *statistics)
{
    if (period.from >= period.until)
        return;
    Day first = zone_day(zone, period.from);
    Day monday = first - (day_weekday(first) - 1);
    guint weeks = (guint)(zone_day(zone, period.until - 1) - monday) / DAYS_OF_WEEK + 1;
    statistics->weeks = MIN(weeks, G_N_ELEMENTS(statistics->by_week));
    for (guint i = 0; i < requests->len; i++) {
        const ReportRequest *request = &g_array_index(requests, ReportRequest, i);
        gint week = (zone_day(zone, request->received_at) - monday) / DAYS_OF_WEEK;
        if (request->received_at >= period.from && week < (gint)statistics->weeks)
            statistics->by_week[week]++;
    }
}

void statistics_count(const GArray *requests, const GArray *appointments, const Zone *zone,
                      Span period, Statistics *statistics)
{
    memset(statistics, 0, sizeof *statistics);
    count_requests(requests, zone, statistics);
    count_appointments(appointments, statistics);
    count_weeks(requests, zone, period, statistics);
}
