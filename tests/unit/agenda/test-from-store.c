/* test-from-store.c - what is written about an office becomes rules; what is booked is taken. */
#include "fixture.h"
#include "office.h"

static const Span november = {1604185200, 1606777200}; /* 2020-11-01 to 12-01, Europe/Rome */

static void set_hours(Fixture *fixture)
{
    g_autoptr(GArray) openings = g_array_new(FALSE, FALSE, sizeof(OfficeOpening));
    OfficeOpening morning = {.weekday = 2,
                             .from_minute = 540,
                             .until_minute = 660,
                             .valid_from = G_MININT32,
                             .valid_until = G_MAXINT32,
                             .counters = 2};
    g_array_append_val(openings, morning);
    g_assert_true(office_set_openings(fixture->db, OFFICE_ID, openings, NULL));
}

static Office *office_now(Fixture *fixture)
{
    Office *office = office_find(fixture->db, OFFICE_ID, NULL);
    g_assert_nonnull(office);
    return office;
}

static AgendaRules *rules_of(Fixture *fixture, const OfficeService *service)
{
    GError *error = NULL;
    g_autoptr(Office) office = office_now(fixture);
    AgendaRules *rules = agenda_rules_from_office(fixture->db, office, service, november, &error);
    g_assert_no_error(error);
    return rules;
}

static char *free_starts(Fixture *fixture, const AgendaRules *rules, const char *day)
{
    GError *error = NULL;
    gint64 from = zone_midnight(rules->zone, on(day));
    Span span = {from, from + 86400};
    g_autoptr(GArray) taken = agenda_taken_between(fixture->db, OFFICE_ID, span, &error);
    g_assert_no_error(error);
    g_autoptr(GArray) slots = agenda_free(rules, taken, span);
    return starts(slots);
}

static void an_office_is_asked_as_it_was_written(Fixture *fixture, gconstpointer unused)
{
    (void)unused;
    set_hours(fixture);
    g_autoptr(AgendaRules) rules = rules_of(fixture, NULL);
    g_assert_cmpstr(zone_name(rules->zone), ==, "Europe/Rome");
    g_assert_cmpuint(rules->slot_min, ==, 20);
    g_assert_cmpuint(rules->notice_days, ==, 1);
    g_assert_cmpuint(rules->horizon_days, ==, 30);
    g_autofree char *found = free_starts(fixture, rules, "2020-11-24");
    g_assert_cmpstr(found, ==, "24 09:00 24 09:20 24 09:40 24 10:00 24 10:20 24 10:40");
}

static void a_service_has_its_own_length(Fixture *fixture, gconstpointer unused)
{
    (void)unused;
    set_hours(fixture);
    OfficeService service = {.duration_min = 30, .step_min = 60};
    g_autoptr(AgendaRules) rules = rules_of(fixture, &service);
    g_autofree char *found = free_starts(fixture, rules, "2020-11-24");
    g_assert_cmpstr(found, ==, "24 09:00 24 10:00");
}

static void closures_of_office_and_organisation_count(Fixture *fixture, gconstpointer unused)
{
    (void)unused;
    set_hours(fixture);
    OfficeClosure course = {.organisation_id = ORGANISATION_ID,
                            .office_id = OFFICE_ID,
                            .from_at = TEN,
                            .until_at = TEN + 1200,
                            .reason = (char *)"corso"};
    OfficeClosure strike = {.organisation_id = ORGANISATION_ID,
                            .from_at = TEN - 7 * 86400,
                            .until_at = TEN - 7 * 86400 + 7200,
                            .reason = (char *)"sciopero"};
    g_assert_true(office_closure_add(fixture->db, &course, NULL));
    g_assert_true(office_closure_add(fixture->db, &strike, NULL));
    g_autoptr(AgendaRules) rules = rules_of(fixture, NULL);
    g_autofree char *with_course = free_starts(fixture, rules, "2020-11-24");
    g_assert_cmpstr(with_course, ==, "24 09:00 24 09:20 24 09:40 24 10:20 24 10:40");
    g_autofree char *with_strike = free_starts(fixture, rules, "2020-11-17");
    g_assert_cmpstr(with_strike, ==, "17 09:00 17 09:20 17 09:40");
}

static void a_time_is_free_until_every_counter_is_taken(Fixture *fixture, gconstpointer unused)
{
    (void)unused;
    set_hours(fixture);
    AppointmentTime time = fixture_time(TEN, 20, 0);
    g_autoptr(AgendaRules) rules = rules_of(fixture, NULL);
    g_assert_cmpint(fixture_book(fixture, &time, 0, NULL), !=, 0);
    g_autofree char *with_one = free_starts(fixture, rules, "2020-11-24");
    g_assert_cmpstr(with_one, ==, "24 09:00 24 09:20 24 09:40 24 10:00 24 10:20 24 10:40");
    g_assert_cmpint(fixture_book(fixture, &time, 0, NULL), !=, 0);
    g_autofree char *with_two = free_starts(fixture, rules, "2020-11-24");
    g_assert_cmpstr(with_two, ==, "24 09:00 24 09:20 24 09:40 24 10:20 24 10:40");
}

static void a_slot_is_booked_as_it_was_shown(Fixture *fixture, gconstpointer unused)
{
    (void)unused;
    set_hours(fixture);
    g_autoptr(AgendaRules) rules = rules_of(fixture, NULL);
    rules->buffer_min = 10;
    Slot slot;
    char wall_date[11];
    AppointmentTime time;
    g_assert_true(agenda_slot_at(rules, NULL, TEN, &slot));
    agenda_appointment_time(rules, &slot, wall_date, &time);
    g_assert_cmpint(time.starts_at, ==, TEN);
    g_assert_cmpint(time.ends_at, ==, TEN + 1200);
    g_assert_cmpint(time.buffer_ends_at, ==, TEN + 1800);
    g_assert_cmpstr(time.wall_date, ==, "2020-11-24");
    g_assert_cmpint(time.wall_minute, ==, 600);
    g_assert_cmpstr(time.zone, ==, "Europe/Rome");
    g_assert_cmpint(time.counters, ==, 2);
    gint64 id = fixture_book(fixture, &time, 0, NULL);
    g_autoptr(Appointment) appointment = appointment_find(fixture->db, id, NULL);
    g_assert_cmpint(appointment->buffer_ends_at, ==, TEN + 1800);
}

static void an_unknown_zone_is_refused(Fixture *fixture, gconstpointer unused)
{
    (void)unused;
    g_autoptr(Office) office = office_now(fixture);
    g_free(office->zone);
    office->zone = g_strdup("Europe/Atlantis");
    g_autoptr(GError) error = NULL;
    g_assert_null(agenda_rules_from_office(fixture->db, office, NULL, november, &error));
    g_assert_error(error, STORE_ERROR, STORE_ERROR_INVALID);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) fixture_add("/agenda/from_store/" #name, name)
    ADD(an_office_is_asked_as_it_was_written);
    ADD(a_service_has_its_own_length);
    ADD(closures_of_office_and_organisation_count);
    ADD(a_time_is_free_until_every_counter_is_taken);
    ADD(a_slot_is_booked_as_it_was_shown);
    ADD(an_unknown_zone_is_refused);
    return g_test_run();
}
