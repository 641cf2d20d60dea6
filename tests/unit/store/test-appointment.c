#include "fixture.h"

#define assert_conflict(error) g_assert_error(error, STORE_ERROR, STORE_ERROR_CONFLICT)

/* --- two on one time --- */

static void refuses(Fixture *fixture, const AppointmentTime *first, const AppointmentTime *second)
{
    g_autoptr(GError) error = NULL;
    g_assert_cmpint(fixture_book(fixture, first, 0, &error), >, 0);
    g_assert_no_error(error);
    g_assert_cmpint(fixture_book(fixture, second, 0, &error), ==, 0);
    assert_conflict(error);
    g_assert_cmpint(fixture_number(fixture, "SELECT COUNT(*) FROM appointment"), ==, 1);
}

static void test_same_time(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    AppointmentTime time = fixture_time(TEN, 20, 0);
    refuses(fixture, &time, &time);
}

static void test_five_minutes_overlap(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    AppointmentTime first = fixture_time(TEN, 20, 0), second = fixture_time(TEN + 900, 20, 0);
    refuses(fixture, &first, &second);
}

static void test_buffer_overlap(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    AppointmentTime first = fixture_time(TEN, 20, 5), second = fixture_time(TEN + 1200, 20, 0);
    refuses(fixture, &first, &second);
}

static void test_back_to_back(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    AppointmentTime first = fixture_time(TEN, 20, 5), second = fixture_time(TEN + 1500, 20, 0);
    g_assert_cmpint(fixture_book(fixture, &first, 0, NULL), >, 0);
    g_assert_cmpint(fixture_book(fixture, &second, 0, NULL), >, 0);
}

/* Past the look for a free counter, the key itself says no. */
static void test_database_refuses(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    AppointmentTime time = fixture_time(TEN, 20, 0);
    g_assert_cmpint(fixture_book(fixture, &time, 0, NULL), >, 0);
    g_autoptr(GError) error = NULL;
    g_assert_false(db_script(
        fixture->db,
        "INSERT INTO appointment SELECT id + 1, organisation_id, office_id, request_id, 2, "
        "service_id, counter_id, officer_id, starts_at + 300, ends_at + 300, buffer_ends_at + 300, "
        "wall_date, wall_minute, zone, state, 0, 'other', NULL, NULL, 0, 0, 0, 0, 0, 0, created_at "
        "FROM appointment",
        &error));
    assert_conflict(error);
    g_assert_cmpstr(error->message, ==,
                    "UNIQUE constraint failed: cell.organisation_id, cell.resource_kind, "
                    "cell.resource_id, cell.cell");
}

static void test_second_counter(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_assert_true(office_set_counters(fixture->db, OFFICE_ID, 2, NULL));
    AppointmentTime time = fixture_time(TEN, 20, 0);
    time.counters = 2;
    gint64 first = fixture_book(fixture, &time, 0, NULL);
    gint64 second = fixture_book(fixture, &time, 0, NULL);
    g_autoptr(Appointment) one = appointment_find(fixture->db, first, NULL);
    g_autoptr(Appointment) two = appointment_find(fixture->db, second, NULL);
    g_assert_cmpint(one->counter_number, ==, 1);
    g_assert_cmpint(two->counter_number, ==, 2);
    g_autoptr(GError) error = NULL;
    g_assert_cmpint(fixture_book(fixture, &time, 0, &error), ==, 0);
    assert_conflict(error);
}

static void test_closed_counter(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_assert_true(office_set_counters(fixture->db, OFFICE_ID, 2, NULL));
    AppointmentTime time = fixture_time(TEN, 20, 0);
    time.counters = 1; /* the second exists, but is not open then */
    refuses(fixture, &time, &time);
}

static void test_officer_overlap(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_assert_true(office_set_counters(fixture->db, OFFICE_ID, 2, NULL));
    AppointmentTime time = fixture_time(TEN, 20, 0);
    g_autoptr(GError) error = NULL;
    g_assert_cmpint(fixture_book(fixture, &time, fixture->officer_id, NULL), >, 0);
    g_assert_cmpint(fixture_book(fixture, &time, fixture->officer_id, &error), ==, 0);
    assert_conflict(error);
    gint64 other = fixture_book(fixture, &time, fixture->other_officer_id, NULL);
    g_assert_cmpint(other, >, 0);
    g_autoptr(GError) busy = NULL;
    g_assert_false(appointment_set_officer(fixture->db, other, fixture->officer_id, &busy));
    assert_conflict(busy);
    g_assert_true(appointment_set_officer(fixture->db, other, 0, NULL));
}

static void test_odd_minutes(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    AppointmentTime times[] = {fixture_time(TEN + 60, 20, 0), fixture_time(TEN, 18, 2),
                               fixture_time(TEN, 20, 3), fixture_time(TEN, -5, 10),
                               fixture_time(TEN, 1445, 0)};
    for (guint i = 0; i < G_N_ELEMENTS(times); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_cmpint(fixture_book(fixture, &times[i], 0, &error), ==, 0);
        g_assert_error(error, STORE_ERROR, STORE_ERROR_INVALID);
    }
    g_assert_cmpint(fixture_number(fixture, "SELECT COUNT(*) FROM cell"), ==, 0);
}

/* --- leaving a time --- */

static void test_cancel_frees(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    AppointmentTime time = fixture_time(TEN, 20, 10);
    gint64 id = fixture_book(fixture, &time, fixture->officer_id, NULL);
    g_assert_cmpint(fixture_number(fixture, "SELECT COUNT(*) FROM cell"), ==, 12);
    g_assert_true(appointment_cancel(fixture->db, id, "malato", 50, &fixture->citizen, NULL));
    g_assert_cmpint(fixture_number(fixture, "SELECT COUNT(*) FROM cell"), ==, 0);
    g_autoptr(Appointment) left = appointment_find(fixture->db, id, NULL);
    g_assert_cmpint(left->state, ==, APPOINTMENT_CANCELLED);
    g_assert_cmpint(left->sequence, ==, 1);
    g_assert_cmpstr(left->cancelled_by, ==, "citizen");
    g_assert_cmpstr(left->cancelled_reason, ==, "malato");
    g_assert_cmpint(left->cancelled_at, ==, MONDAY);
    g_assert_cmpint(left->cancelled_system_at, ==, 50);
    g_assert_cmpint(fixture_book(fixture, &time, fixture->officer_id, NULL), >, 0);
}

static void test_restore(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    AppointmentTime time = fixture_time(TEN, 20, 0);
    gint64 id = fixture_book(fixture, &time, 0, NULL);
    g_assert_true(appointment_cancel(fixture->db, id, NULL, 1000, &fixture->citizen, NULL));
    g_autoptr(GError) late = NULL;
    g_assert_false(appointment_restore(fixture->db, id, 1000 + APPOINTMENT_RESTORE_S + 1,
                                       &fixture->citizen, &late));
    g_assert_error(late, STORE_ERROR, STORE_ERROR_TRANSITION);
    g_assert_true(appointment_restore(fixture->db, id, 1000 + APPOINTMENT_RESTORE_S,
                                      &fixture->citizen, NULL));
    g_autoptr(Appointment) back = appointment_find(fixture->db, id, NULL);
    g_assert_cmpint(back->state, ==, APPOINTMENT_BOOKED);
    g_assert_cmpint(back->sequence, ==, 2);
    g_assert_null(back->cancelled_by);
    g_autoptr(GError) error = NULL;
    g_assert_cmpint(fixture_book(fixture, &time, 0, &error), ==, 0);
    assert_conflict(error);
}

static void test_restore_conflict(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    AppointmentTime time = fixture_time(TEN, 20, 0);
    gint64 id = fixture_book(fixture, &time, 0, NULL);
    g_assert_true(appointment_cancel(fixture->db, id, NULL, 1000, &fixture->citizen, NULL));
    g_assert_cmpint(fixture_book(fixture, &time, 0, NULL), >, 0);
    g_autoptr(GError) error = NULL;
    g_assert_false(appointment_restore(fixture->db, id, 1001, &fixture->citizen, &error));
    assert_conflict(error);
    g_autoptr(Appointment) still = appointment_find(fixture->db, id, NULL);
    g_assert_cmpint(still->state, ==, APPOINTMENT_CANCELLED);
}

static void test_booked_is_not_restored(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    AppointmentTime time = fixture_time(TEN, 20, 0);
    gint64 id = fixture_book(fixture, &time, 0, NULL);
    g_autoptr(GError) error = NULL;
    g_assert_false(appointment_restore(fixture->db, id, 0, &fixture->citizen, &error));
    g_assert_error(error, STORE_ERROR, STORE_ERROR_TRANSITION);
}

/* --- moving --- */

static void test_move(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    AppointmentTime first = fixture_time(TEN, 20, 0), later = fixture_time(TEN + 600, 20, 0);
    gint64 id = fixture_book(fixture, &first, fixture->officer_id, NULL);
    g_assert_true(appointment_move(fixture->db, id, &later, &fixture->officer, NULL));
    g_autoptr(Appointment) moved = appointment_find(fixture->db, id, NULL);
    g_assert_cmpint(moved->starts_at, ==, TEN + 600);
    g_assert_cmpint(moved->sequence, ==, 1);
    g_assert_cmpint(moved->counter_number, ==, 1);
    g_assert_cmpint(fixture_number(fixture, "SELECT MIN(cell) FROM cell"), ==, (TEN + 600) / 300);
    g_assert_cmpint(fixture_number(fixture, "SELECT COUNT(*) FROM cell"), ==, 8);
}

static void test_move_conflict(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    AppointmentTime first = fixture_time(TEN, 20, 0), second = fixture_time(TEN + 1200, 20, 0);
    gint64 id = fixture_book(fixture, &first, 0, NULL);
    g_assert_cmpint(fixture_book(fixture, &second, 0, NULL), >, 0);
    g_autoptr(GError) error = NULL;
    g_assert_false(appointment_move(fixture->db, id, &second, &fixture->citizen, &error));
    assert_conflict(error);
    g_autoptr(Appointment) still = appointment_find(fixture->db, id, NULL);
    g_assert_cmpint(still->starts_at, ==, TEN);
    g_assert_cmpint(still->sequence, ==, 0);
    g_assert_cmpint(fixture_number(fixture, "SELECT COUNT(*) FROM cell"), ==, 8);
}

static void test_move_prefers_own_counter(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_assert_true(office_set_counters(fixture->db, OFFICE_ID, 2, NULL));
    AppointmentTime time = fixture_time(TEN, 20, 0), later = fixture_time(TEN + 3600, 20, 0);
    g_assert_cmpint(fixture_book(fixture, &time, 0, NULL), >, 0);
    gint64 second = fixture_book(fixture, &time, 0, NULL);
    g_assert_true(appointment_move(fixture->db, second, &later, &fixture->officer, NULL));
    g_autoptr(Appointment) moved = appointment_find(fixture->db, second, NULL);
    g_assert_cmpint(moved->counter_number, ==, 2);
}

static void test_waiting_does_not_move(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    AppointmentTime time = fixture_time(TEN, 20, 0), later = fixture_time(TEN + 3600, 20, 0);
    gint64 id = fixture_book(fixture, &time, 0, NULL);
    g_assert_true(
        appointment_change(fixture->db, id, APPOINTMENT_WAITING, &fixture->citizen, NULL));
    g_autoptr(GError) error = NULL;
    g_assert_false(appointment_move(fixture->db, id, &later, &fixture->officer, &error));
    g_assert_error(error, STORE_ERROR, STORE_ERROR_TRANSITION);
}

/* --- the call --- */

static void change(Fixture *fixture, gint64 id, AppointmentState to, gint64 at)
{
    Actor actor = {ACTOR_SYSTEM, 0, at, NULL};
    GError *error = NULL;
    g_assert_true(appointment_change(fixture->db, id, to, &actor, &error));
    g_assert_no_error(error);
}

static void test_call_seconds(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    AppointmentTime time = fixture_time(TEN, 20, 0);
    gint64 id = fixture_book(fixture, &time, 0, NULL);
    change(fixture, id, APPOINTMENT_WAITING, TEN - 100);
    g_autoptr(Appointment) waiting = appointment_find(fixture->db, id, NULL);
    g_assert_cmpint(waiting->waiting_since_at, ==, TEN - 100);
    change(fixture, id, APPOINTMENT_IN_CALL, TEN);
    change(fixture, id, APPOINTMENT_WAITING, TEN + 60);
    change(fixture, id, APPOINTMENT_IN_CALL, TEN + 90);
    g_autoptr(Appointment) calling = appointment_find(fixture->db, id, NULL);
    g_assert_cmpint(calling->call_started_at, ==, TEN + 90);
    g_assert_cmpint(calling->first_call_at, ==, TEN);
    g_assert_cmpint(calling->waiting_since_at, ==, 0);
    change(fixture, id, APPOINTMENT_DONE, TEN + 390);
    g_autoptr(Appointment) done = appointment_find(fixture->db, id, NULL);
    g_assert_cmpint(done->call_seconds, ==, 360);
    g_assert_cmpint(done->call_started_at, ==, 0);
}

static void test_clock_going_back(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    AppointmentTime time = fixture_time(TEN, 20, 0);
    gint64 id = fixture_book(fixture, &time, 0, NULL);
    change(fixture, id, APPOINTMENT_WAITING, TEN);
    change(fixture, id, APPOINTMENT_IN_CALL, TEN);
    change(fixture, id, APPOINTMENT_DONE, TEN - 86400); /* the demo's clock went back to now */
    g_autoptr(Appointment) done = appointment_find(fixture->db, id, NULL);
    g_assert_cmpint(done->call_seconds, ==, 0);
}

static void test_table_is_asked(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    static const AppointmentState refused[] = {APPOINTMENT_BOOKED, APPOINTMENT_IN_CALL,
                                               APPOINTMENT_MISSED_BY_OFFICE, APPOINTMENT_CANCELLED};
    AppointmentTime time = fixture_time(TEN, 20, 0);
    gint64 id = fixture_book(fixture, &time, 0, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(refused); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_false(appointment_change(fixture->db, id, refused[i], &fixture->officer, &error));
        g_assert_error(error, STORE_ERROR, STORE_ERROR_TRANSITION);
    }
    g_autoptr(GError) unknown = NULL;
    g_assert_false(
        appointment_change(fixture->db, 7, APPOINTMENT_DONE, &fixture->officer, &unknown));
    g_assert_error(unknown, STORE_ERROR, STORE_ERROR_NOT_FOUND);
}

static void test_no_show_frees_and_comes_back(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    AppointmentTime time = fixture_time(TEN, 20, 0);
    gint64 id = fixture_book(fixture, &time, 0, NULL);
    change(fixture, id, APPOINTMENT_NO_SHOW, TEN + 600);
    g_assert_cmpint(fixture_number(fixture, "SELECT COUNT(*) FROM cell"), ==, 0);
    change(fixture, id, APPOINTMENT_BOOKED, TEN + 700);
    g_assert_cmpint(fixture_number(fixture, "SELECT COUNT(*) FROM cell"), ==, 4);
}

/* --- reading --- */

static void test_taken(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    AppointmentTime early = fixture_time(TEN, 20, 5), late = fixture_time(TEN + 3600, 20, 0);
    AppointmentTime gone = fixture_time(TEN + 7200, 20, 0);
    fixture_book(fixture, &late, 0, NULL);
    fixture_book(fixture, &early, 0, NULL);
    gint64 cancelled = fixture_book(fixture, &gone, 0, NULL);
    g_assert_true(appointment_cancel(fixture->db, cancelled, NULL, 0, &fixture->officer, NULL));
    g_autoptr(GArray) all =
        appointment_taken(fixture->db, OFFICE_ID, TEN + 1499, TEN + 86400, NULL);
    g_assert_cmpuint(all->len, ==, 2);
    const AppointmentTaken *first = &g_array_index(all, AppointmentTaken, 0);
    g_assert_cmpint(first->starts_at, ==, TEN);
    g_assert_cmpint(first->ends_at, ==, TEN + 1500);
    g_autoptr(GArray) rest =
        appointment_taken(fixture->db, OFFICE_ID, TEN + 1500, TEN + 3600, NULL);
    g_assert_cmpuint(rest->len, ==, 0);
}

static void test_latest_of_request(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    AppointmentTime time = fixture_time(TEN, 20, 0);
    gint64 first = fixture_book(fixture, &time, 0, NULL);
    g_assert_true(appointment_cancel(fixture->db, first, NULL, 0, &fixture->officer, NULL));
    g_autoptr(Appointment) old = appointment_find(fixture->db, first, NULL);
    Appointment again = {.id = 2,
                         .organisation_id = ORGANISATION_ID,
                         .office_id = OFFICE_ID,
                         .request_id = old->request_id,
                         .uid = (char *)"again"};
    Actor earlier = {ACTOR_OFFICER, fixture->officer_id, MONDAY - 86400, NULL};
    g_assert_true(appointment_book(fixture->db, &again, &time, NULL, &earlier, NULL));
    g_autoptr(Appointment) latest =
        appointment_find_for_request(fixture->db, old->request_id, NULL);
    g_assert_cmpint(latest->id, ==, 2);
    g_autoptr(Request) request = request_find(fixture->db, old->request_id, NULL);
    g_assert_cmpint(request->appointment_id, ==, 2);
    g_autoptr(GPtrArray) both = appointment_list_for_request(fixture->db, old->request_id, NULL);
    g_assert_cmpuint(both->len, ==, 2);
    g_assert_cmpint(((Appointment *)both->pdata[0])->id, ==, first);
}

static void test_lists(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    AppointmentTime early = fixture_time(TEN, 20, 0), late = fixture_time(TEN + 3600, 20, 0);
    gint64 second = fixture_book(fixture, &late, 0, NULL);
    gint64 first = fixture_book(fixture, &early, 0, NULL);
    g_assert_true(appointment_cancel(fixture->db, first, NULL, 0, &fixture->officer, NULL));
    change(fixture, second, APPOINTMENT_WAITING, TEN);
    g_autoptr(GPtrArray) kept =
        appointment_list(fixture->db, OFFICE_ID, TEN, TEN + 3601, false, NULL);
    g_assert_cmpuint(kept->len, ==, 1);
    g_autoptr(GPtrArray) all =
        appointment_list(fixture->db, OFFICE_ID, TEN, TEN + 3601, true, NULL);
    g_assert_cmpuint(all->len, ==, 2);
    g_assert_cmpint(((Appointment *)all->pdata[0])->id, ==, first);
    g_autoptr(GPtrArray) short_day =
        appointment_list(fixture->db, OFFICE_ID, TEN, TEN + 3600, true, NULL);
    g_assert_cmpuint(short_day->len, ==, 1);
    g_autoptr(GPtrArray) waiting =
        appointment_list_in_state(fixture->db, APPOINTMENT_WAITING, NULL);
    g_assert_cmpuint(waiting->len, ==, 1);
    g_assert_cmpint(((Appointment *)waiting->pdata[0])->id, ==, second);
}

static void test_person_cap(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    AppointmentTime early = fixture_time(TEN, 20, 0), late = fixture_time(TEN + 3600, 20, 0);
    fixture_book(fixture, &late, 0, NULL);
    gint64 gone = fixture_book(fixture, &early, 0, NULL);
    g_assert_cmpint(appointment_count_for_person(fixture->db, OFFICE_ID, fixture->person_id, TEN,
                                                 TEN + 86400, NULL),
                    ==, 2);
    g_assert_true(appointment_cancel(fixture->db, gone, NULL, 0, &fixture->officer, NULL));
    g_assert_cmpint(appointment_count_for_person(fixture->db, OFFICE_ID, fixture->person_id, TEN,
                                                 TEN + 86400, NULL),
                    ==, 1);
}

static void test_seats(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    AppointmentTime time = fixture_time(TEN, 20, 0);
    gint64 id = fixture_book(fixture, &time, 0, NULL);
    Participant citizen = {.id = 5,
                           .appointment_id = id,
                           .person_id = fixture->person_id,
                           .role = PARTICIPANT_CITIZEN,
                           .name = (char *)"Mario Rossi",
                           .generation = 1,
                           .token_hash = (char *)"aaa"};
    Participant guest = {.id = 4,
                         .appointment_id = id,
                         .role = PARTICIPANT_GUEST,
                         .generation = 1,
                         .token_hash = (char *)"bbb"};
    g_assert_true(participant_add(fixture->db, &guest, NULL));
    g_assert_true(participant_add(fixture->db, &citizen, NULL));
    g_autoptr(GPtrArray) seats = participant_list(fixture->db, id, NULL);
    g_assert_cmpuint(seats->len, ==, 2);
    g_assert_cmpint(((Participant *)seats->pdata[0])->role, ==, PARTICIPANT_CITIZEN);

    g_autoptr(Participant) seat = NULL;
    g_autoptr(Appointment) found = appointment_find_by_seat(fixture->db, "aaa", &seat, NULL);
    g_assert_cmpint(found->id, ==, id);
    g_assert_cmpint(seat->id, ==, 5);
    g_assert_true(participant_renew(fixture->db, 5, 2, "ccc", NULL));
    g_autoptr(GError) revoked = NULL;
    g_assert_null(appointment_find_by_seat(fixture->db, "aaa", NULL, &revoked));
    g_assert_error(revoked, STORE_ERROR, STORE_ERROR_NOT_FOUND);
    g_autoptr(Participant) renewed = participant_find_by_seat(fixture->db, "ccc", NULL);
    g_assert_cmpuint(renewed->generation, ==, 2);
}

static void test_answers(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    AppointmentTime time = fixture_time(TEN, 20, 0), later = fixture_time(TEN + 3600, 20, 0);
    gint64 id = fixture_book(fixture, &time, 0, NULL);
    Participant citizen = {.id = 5,
                           .appointment_id = id,
                           .person_id = fixture->person_id,
                           .generation = 1,
                           .token_hash = (char *)"aaa"};
    g_assert_true(participant_add(fixture->db, &citizen, NULL));
    g_autoptr(Participant) before = participant_find_by_seat(fixture->db, "aaa", NULL);
    g_assert_cmpstr(before->partstat, ==, NULL);
    g_assert_true(participant_answered(fixture->db, 5, "ACCEPTED", 77, NULL));
    g_autoptr(Participant) after = participant_find_by_seat(fixture->db, "aaa", NULL);
    g_assert_cmpstr(after->partstat, ==, "ACCEPTED");
    g_assert_cmpint(after->partstat_at, ==, 77);
    g_assert_true(appointment_move(fixture->db, id, &later, &fixture->officer, NULL));
    g_autoptr(Participant) moved = participant_find_by_seat(fixture->db, "aaa", NULL);
    g_assert_cmpstr(moved->partstat, ==, NULL); /* to that time nobody answered yet */
    g_assert_cmpint(moved->partstat_at, ==, 0);
}

static void test_audit(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    AppointmentTime time = fixture_time(TEN, 20, 0);
    gint64 id = fixture_book(fixture, &time, 0, NULL);
    g_assert_true(appointment_cancel(fixture->db, id, NULL, 0, &fixture->citizen, NULL));
    g_autoptr(Appointment) appointment = appointment_find(fixture->db, id, NULL);
    g_autoptr(GPtrArray) trail = audit_list_for_request(fixture->db, appointment->request_id, NULL);
    g_assert_cmpuint(trail->len, ==, 3); /* the request, the booking, the cancellation */
    const AuditEntry *booked = trail->pdata[1], *cancelled = trail->pdata[2];
    g_assert_cmpstr(booked->action, ==, "appointment_booked");
    g_assert_cmpint(booked->appointment_id, ==, id);
    g_assert_cmpstr(booked->officer_name, ==, "Anna Verdi");
    g_assert_null(booked->from_state);
    g_assert_cmpstr(booked->to_state, ==, "booked");
    g_assert_cmpint(cancelled->actor, ==, ACTOR_CITIZEN);
    g_assert_cmpstr(cancelled->from_state, ==, "booked");
    g_assert_cmpstr(cancelled->to_state, ==, "cancelled");
    g_assert_cmpint(cancelled->at, ==, MONDAY);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(sentence, test) fixture_add("/store/appointment/" sentence, test)
    T("refuses_a_second_one_at_the_same_time", test_same_time);
    T("refuses_five_minutes_of_overlap", test_five_minutes_overlap);
    T("refuses_a_start_within_the_buffer", test_buffer_overlap);
    T("lets_one_follow_the_other", test_back_to_back);
    T("is_refused_by_the_key_itself", test_database_refuses);
    T("takes_the_second_counter_then_none", test_second_counter);
    T("leaves_a_counter_that_is_not_open", test_closed_counter);
    T("refuses_an_officer_who_is_busy", test_officer_overlap);
    T("refuses_what_is_no_multiple_of_five_minutes", test_odd_minutes);
    T("frees_its_time_when_cancelled", test_cancel_frees);
    T("is_restored_within_half_an_hour", test_restore);
    T("is_not_restored_onto_somebody_else", test_restore_conflict);
    T("is_not_restored_unless_cancelled", test_booked_is_not_restored);
    T("moves_over_its_own_time", test_move);
    T("does_not_move_onto_another", test_move_conflict);
    T("keeps_its_counter_when_moved", test_move_prefers_own_counter);
    T("does_not_move_while_waiting", test_waiting_does_not_move);
    T("adds_up_its_calls", test_call_seconds);
    T("counts_no_negative_call", test_clock_going_back);
    T("asks_the_table_before_a_change", test_table_is_asked);
    T("gives_a_no_show_its_time_back", test_no_show_frees_and_comes_back);
    T("shows_what_is_taken_with_the_buffer", test_taken);
    T("is_the_latest_by_order_of_booking", test_latest_of_request);
    T("is_listed_by_day_and_by_state", test_lists);
    T("counts_for_the_cap_while_it_keeps_its_time", test_person_cap);
    T("gives_seats_that_can_be_renewed", test_seats);
    T("keeps_answers_to_the_invitation_for_its_time_only", test_answers);
    T("is_audited_with_its_request", test_audit);
    return g_test_run();
}
