#include "fixture.h"
#include "store/report.h"

static void test_report(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    AppointmentTime time = fixture_time(TEN, 20, 0), later = fixture_time(TEN + 1200, 20, 0);
    gint64 held = fixture_book(fixture, &time, 0, NULL);
    gint64 gone = fixture_book(fixture, &later, 0, NULL);
    Actor call = {ACTOR_SYSTEM, 0, TEN, NULL}, end = {ACTOR_SYSTEM, 0, TEN + 600, NULL};
    g_assert_true(appointment_change(fixture->db, held, APPOINTMENT_WAITING, &call, NULL));
    g_assert_true(appointment_change(fixture->db, held, APPOINTMENT_IN_CALL, &call, NULL));
    g_assert_true(appointment_change(fixture->db, held, APPOINTMENT_DONE, &end, NULL));
    g_assert_true(appointment_cancel(fixture->db, gone, NULL, 0, &fixture->citizen, NULL));
    g_autoptr(Appointment) appointment = appointment_find(fixture->db, held, NULL);
    g_assert_true(request_change(fixture->db, appointment->request_id, REQUEST_BOOKED, 0,
                                 &fixture->officer, NULL));

    ReportCounts counts;
    g_assert_true(report_counts(fixture->db, OFFICE_ID, MONDAY, MONDAY + 7 * 86400, &counts, NULL));
    g_assert_cmpint(counts.received, ==, 2);
    g_assert_cmpint(counts.how[HOW_VIDEO], ==, 1);
    g_assert_cmpint(counts.how[HOW_OPEN], ==, 1);
    g_assert_cmpint(counts.meetings, ==, 1);
    g_assert_cmpint(counts.cancelled, ==, 1);
    g_assert_cmpint(counts.call_seconds, ==, 600);

    g_autoptr(GArray) requests = report_requests(fixture->db, OFFICE_ID, MONDAY, MONDAY + 1, NULL);
    g_assert_cmpuint(requests->len, ==, 2);
    gint64 met = 0;
    for (guint i = 0; i < requests->len; i++)
        met += g_array_index(requests, ReportRequest, i).met_at;
    g_assert_cmpint(met, ==, TEN); /* one of them met */
    g_autoptr(GArray) appointments =
        report_appointments(fixture->db, OFFICE_ID, MONDAY, MONDAY + 7 * 86400, NULL);
    g_assert_cmpuint(appointments->len, ==, 2);
    g_assert_true(g_array_index(appointments, ReportAppointment, 1).by_citizen);
    g_autoptr(GArray) before = report_requests(fixture->db, OFFICE_ID, 0, MONDAY, NULL);
    g_assert_cmpuint(before->len, ==, 0);
}

static void test_names(void)
{
    static const char *const names[HOWS] = {"open", "video",    "phone",  "answer",
                                            "ask",  "redirect", "refuse", "cancelled"};
    for (guint how = 0; how < HOWS; how++)
        g_assert_cmpstr(answered_how_name(how), ==, names[how]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    fixture_add("/store/report/rows_and_counts_are_of_the_period", test_report);
    g_test_add_func("/store/report/ways_of_answering_have_names", test_names);
    return g_test_run();
}
