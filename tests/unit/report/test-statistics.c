/* test-statistics.c - what /risultati counts. */
#include "report/statistics.h"

static gint64 at(const char *rfc3339)
{
    gint64 instant = 0;
    if (!instant_parse_rfc3339(rfc3339, &instant))
        g_error("no instant: %s", rfc3339);
    return instant;
}

typedef struct {
    GArray *requests, *appointments;
    Statistics found;
} Case;

static void case_clear(Case *c)
{
    g_array_unref(c->requests);
    g_array_unref(c->appointments);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Case, case_clear)

static Case empty(void)
{
    return (Case){g_array_new(FALSE, TRUE, sizeof(ReportRequest)),
                  g_array_new(FALSE, TRUE, sizeof(ReportAppointment)),
                  {0}};
}

static void request(Case *c, const char *received, const char *decided, const char *met,
                    AnsweredHow how, RequestState state)
{
    ReportRequest row = {.received_at = at(received),
                         .decided_at = decided ? at(decided) : 0,
                         .met_at = met ? at(met) : 0,
                         .how = how,
                         .state = state};
    g_array_append_val(c->requests, row);
}

static void count(Case *c, const char *from, const char *until)
{
    statistics_count(c->requests, c->appointments, zone_find("Europe/Rome"),
                     (Span){at(from), at(until)}, &c->found);
}

static void an_empty_period_has_no_medians(void)
{
    g_auto(Case) c = empty();
    count(&c, "2026-11-02T00:00:00+01:00", "2026-11-16T00:00:00+01:00");
    g_assert_cmpuint(c.found.received, ==, 0);
    g_assert_cmpfloat(c.found.median_days_to_decision, ==, -1);
    g_assert_cmpfloat(c.found.median_days_to_meeting, ==, -1);
    g_assert_cmpuint(c.found.weeks, ==, 2);
    count(&c, "2026-11-16T00:00:00+01:00", "2026-11-16T00:00:00+01:00");
    g_assert_cmpuint(c.found.weeks, ==, 0);
}

static void counts_how_requests_were_answered(void)
{
    g_auto(Case) c = empty();
    const char *when = "2026-11-03T10:00:00+01:00";
    request(&c, when, when, when, HOW_VIDEO, REQUEST_CLOSED);
    request(&c, when, when, NULL, HOW_VIDEO, REQUEST_BOOKED);
    request(&c, when, when, NULL, HOW_PHONE, REQUEST_PHONE);
    request(&c, when, when, NULL, HOW_PHONE, REQUEST_CLOSED);
    request(&c, when, when, NULL, HOW_ANSWER, REQUEST_ANSWERED);
    request(&c, when, when, NULL, HOW_REFUSE, REQUEST_REFUSED);
    request(&c, when, when, NULL, HOW_CANCELLED, REQUEST_CLOSED);
    request(&c, when, NULL, NULL, HOW_OPEN, REQUEST_NEW);
    count(&c, "2026-11-02T00:00:00+01:00", "2026-11-09T00:00:00+01:00");
    static const guint how[HOWS] = {[HOW_OPEN] = 1,   [HOW_VIDEO] = 2,  [HOW_PHONE] = 2,
                                    [HOW_ANSWER] = 1, [HOW_REFUSE] = 1, [HOW_CANCELLED] = 1};
    g_assert_cmpuint(c.found.received, ==, 8);
    for (guint i = 0; i < HOWS; i++)
        g_assert_cmpuint(c.found.how[i], ==, how[i]);
    g_assert_cmpuint(c.found.solved_remotely, ==, 3);
}

static void waits_are_counted_in_calendar_days_of_the_office(void)
{
    g_auto(Case) c = empty();
    /* half an hour over midnight is a day; summer time ends between the two of the last one */
    request(&c, "2026-11-03T23:45:00+01:00", "2026-11-04T00:15:00+01:00", NULL, HOW_ANSWER,
            REQUEST_ANSWERED);
    request(&c, "2026-11-03T08:00:00+01:00", "2026-11-03T18:00:00+01:00",
            "2026-11-05T09:00:00+01:00", HOW_VIDEO, REQUEST_CLOSED);
    request(&c, "2026-10-23T23:30:00+02:00", "2026-10-30T00:30:00+01:00",
            "2026-11-03T09:00:00+01:00", HOW_VIDEO, REQUEST_CLOSED);
    count(&c, "2026-10-19T00:00:00+02:00", "2026-11-09T00:00:00+01:00");
    g_assert_cmpfloat(c.found.median_days_to_decision, ==, 1);
    g_assert_cmpfloat(c.found.median_days_to_meeting, ==, 6.5);
}

static void counts_meetings_and_what_came_in_between(void)
{
    g_auto(Case) c = empty();
    static const ReportAppointment rows[] = {
        {.state = APPOINTMENT_DONE, .call_seconds = 900},
        {.state = APPOINTMENT_DONE, .call_seconds = 300},
        {.state = APPOINTMENT_NO_SHOW},
        {.state = APPOINTMENT_MISSED_BY_OFFICE},
        {.state = APPOINTMENT_CANCELLED, .by_citizen = TRUE},
        {.state = APPOINTMENT_CANCELLED},
        {.state = APPOINTMENT_BOOKED},
    };
    g_array_append_vals(c.appointments, rows, G_N_ELEMENTS(rows));
    count(&c, "2026-11-02T00:00:00+01:00", "2026-11-09T00:00:00+01:00");
    g_assert_cmpuint(c.found.meetings, ==, 2);
    g_assert_cmpuint(c.found.no_shows, ==, 1);
    g_assert_cmpuint(c.found.missed_by_office, ==, 1);
    g_assert_cmpuint(c.found.cancelled, ==, 2);
    g_assert_cmpint(c.found.call_seconds, ==, 1200);
}

static void weeks_begin_on_monday_also_when_the_clock_changes(void)
{
    g_auto(Case) c = empty();
    request(&c, "2026-10-21T10:00:00+02:00", NULL, NULL, HOW_OPEN, REQUEST_NEW);
    request(&c, "2026-10-25T23:59:59+01:00", NULL, NULL, HOW_OPEN, REQUEST_NEW);
    request(&c, "2026-10-26T00:00:00+01:00", NULL, NULL, HOW_OPEN, REQUEST_NEW);
    request(&c, "2026-11-07T10:00:00+01:00", NULL, NULL, HOW_OPEN, REQUEST_NEW);
    /* from Wednesday to Saturday: three weeks are touched */
    count(&c, "2026-10-21T00:00:00+02:00", "2026-11-08T00:00:00+01:00");
    g_assert_cmpuint(c.found.weeks, ==, 3);
    g_assert_cmpuint(c.found.by_week[0], ==, 2);
    g_assert_cmpuint(c.found.by_week[1], ==, 1);
    g_assert_cmpuint(c.found.by_week[2], ==, 1);
}

static void a_long_period_ends_with_its_last_week_that_fits(void)
{
    g_auto(Case) c = empty();
    request(&c, "2026-01-01T10:00:00+01:00", NULL, NULL, HOW_OPEN, REQUEST_NEW);
    request(&c, "2027-12-01T10:00:00+01:00", NULL, NULL, HOW_OPEN, REQUEST_NEW);
    count(&c, "2026-01-01T00:00:00+01:00", "2028-01-01T00:00:00+01:00");
    g_assert_cmpuint(c.found.weeks, ==, G_N_ELEMENTS(c.found.by_week));
    g_assert_cmpuint(c.found.by_week[0], ==, 1);
    g_assert_cmpuint(c.found.received, ==, 2);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/report/statistics/" #name, name)
    ADD(an_empty_period_has_no_medians);
    ADD(counts_how_requests_were_answered);
    ADD(waits_are_counted_in_calendar_days_of_the_office);
    ADD(counts_meetings_and_what_came_in_between);
    ADD(weeks_begin_on_monday_also_when_the_clock_changes);
    ADD(a_long_period_ends_with_its_last_week_that_fits);
    return g_test_run();
}
