/* test-notice.c - what officers are told of at once, found in the rows; and who wants to be told.
 */
#include "fixture.h"
#include "store/notice.h"

#define DAY_S 86400
#define NOW (TEN - DAY_S) /* the day before */

static GPtrArray *look(Fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    GPtrArray *found =
        notice_list(fixture->db, OFFICE_ID, NOW, NOW + 2 * DAY_S, NOW - DAY_S, &error);
    g_assert_no_error(error);
    return found;
}

static void tell_all(Fixture *fixture)
{
    g_autoptr(GPtrArray) found = look(fixture);
    for (guint i = 0; i < found->len; i++)
        g_assert_true(notice_mark_told(fixture->db, found->pdata[i], NULL));
}

static gint64 book(Fixture *fixture)
{
    AppointmentTime time = fixture_time(TEN, 20, 0);
    gint64 id = fixture_book(fixture, &time, 0, NULL);
    g_assert_cmpint(id, !=, 0);
    return id;
}

static void run(Fixture *fixture, const char *sql)
{
    g_autoptr(GError) error = NULL;
    g_assert_true(db_script(fixture->db, sql, &error));
    g_assert_no_error(error);
}

static void a_new_request_is_told_once(Fixture *fixture, gconstpointer unused)
{
    (void)unused;
    gint64 id = fixture_request(fixture);
    run(fixture, "UPDATE request SET reading = '{\"triage\":{\"urgent\":true}}'");
    g_autoptr(GPtrArray) first = look(fixture);
    g_assert_cmpuint(first->len, ==, 1);
    const Notice *notice = first->pdata[0];
    g_assert_cmpint(notice->kind, ==, NOTICE_REQUEST);
    g_assert_cmpint(notice->subject_id, ==, id);
    g_assert_cmpstr(notice->reading, ==, "{\"triage\":{\"urgent\":true}}");
    g_assert_true(notice_mark_told(fixture->db, notice, NULL));
    g_autoptr(GPtrArray) again = look(fixture);
    g_assert_cmpuint(again->len, ==, 0);
    g_autoptr(GError) error = NULL;
    g_assert_false(notice_mark_told(fixture->db, notice, &error));
    g_assert_error(error, STORE_ERROR, STORE_ERROR_CONFLICT);
}

static void what_became_of_an_appointment(Fixture *fixture, gconstpointer unused)
{
    (void)unused;
    static const struct {
        const char *change;
        gint kind; /* -1: nobody is told */
    } cases[] = {
        {"UPDATE appointment SET state = 'cancelled', cancelled_by = 'citizen', "
         "cancelled_system_at = 5",
         NOTICE_CANCELLED},
        {"UPDATE appointment SET state = 'booked'", -1},
        {"UPDATE appointment SET state = 'cancelled', cancelled_system_at = 6", NOTICE_CANCELLED},
        {"UPDATE appointment SET cancelled_by = 'officer', cancelled_system_at = 7", -1},
        {"UPDATE appointment SET state = 'booked'; UPDATE participant SET partstat = 'ACCEPTED', "
         "partstat_at = 8",
         -1},
        {"UPDATE participant SET partstat = 'DECLINED', partstat_at = 9", NOTICE_DECLINED},
        {"UPDATE participant SET partstat = 'DECLINED', partstat_at = 10", NOTICE_DECLINED},
        {"UPDATE appointment SET state = 'done'; UPDATE participant SET partstat_at = 11", -1},
    };
    gint64 id = book(fixture);
    Participant seat = {.id = fixture_id(fixture),
                        .appointment_id = id,
                        .person_id = fixture->person_id,
                        .generation = 1,
                        .token_hash = (char *)"h"};
    g_assert_true(participant_add(fixture->db, &seat, NULL));
    tell_all(fixture);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        run(fixture, cases[i].change);
        g_test_message("%s", cases[i].change);
        g_autoptr(GPtrArray) found = look(fixture);
        g_assert_cmpuint(found->len, ==, cases[i].kind < 0 ? 0 : 1);
        if (found->len == 0)
            continue;
        const Notice *notice = found->pdata[0];
        g_assert_cmpint((gint)notice->kind, ==, cases[i].kind);
        g_assert_cmpint(notice->starts_at, ==, TEN);
        g_assert_nonnull(zone_find(notice->zone));
        tell_all(fixture);
    }
}

static void only_what_is_soon_is_urgent(Fixture *fixture, gconstpointer unused)
{
    (void)unused;
    book(fixture);
    tell_all(fixture);
    run(fixture, "UPDATE appointment SET state = 'cancelled', cancelled_by = 'citizen', "
                 "cancelled_system_at = 5");
    static const struct {
        gint64 now;
        guint found;
    } cases[] = {{TEN - 3 * DAY_S, 0}, {TEN - DAY_S, 1}, {TEN, 1}, {TEN + 1, 0}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        gint64 now = cases[i].now;
        g_autoptr(GPtrArray) found =
            notice_list(fixture->db, OFFICE_ID, now, now + 2 * DAY_S, now, NULL);
        g_assert_cmpuint(found->len, ==, cases[i].found);
    }
    g_autoptr(GPtrArray) elsewhere =
        notice_list(fixture->db, OFFICE_ID + 1, NOW, NOW + 2 * DAY_S, 0, NULL);
    g_assert_cmpuint(elsewhere->len, ==, 0);
}

/* A letter about anything else waits on the desk; one to an officer has no appointment. */
static void letters_about_appointments_to_come(Fixture *fixture, gconstpointer unused)
{
    (void)unused;
    gint64 id = book(fixture);
    gint64 about = fixture_letter(fixture, fixture_request(fixture), 0);
    fixture_letter(fixture, fixture_request(fixture), 0);
    tell_all(fixture);
    g_autofree char *join = g_strdup_printf("UPDATE letter SET appointment_id = %" G_GINT64_FORMAT
                                            " WHERE id = %" G_GINT64_FORMAT,
                                            id, about);
    run(fixture, join);
    g_autoptr(GPtrArray) nothing = look(fixture);
    g_assert_cmpuint(nothing->len, ==, 0);
    run(fixture, "UPDATE letter SET state = 'failed'");
    g_autoptr(GPtrArray) found = look(fixture);
    g_assert_cmpuint(found->len, ==, 1);
    g_assert_cmpint(((const Notice *)found->pdata[0])->kind, ==, NOTICE_UNDELIVERED);
    g_assert_cmpint(((const Notice *)found->pdata[0])->subject_id, ==, about);
    g_autoptr(GPtrArray) over =
        notice_list(fixture->db, OFFICE_ID, TEN + 1, TEN + DAY_S, TEN, NULL);
    g_assert_cmpuint(over->len, ==, 0);
}

static guint to_tell(Fixture *fixture)
{
    g_autoptr(GPtrArray) list = officer_list_to_tell(fixture->db, NULL);
    return list->len;
}

static void officers_choose_what_they_are_told(Fixture *fixture, gconstpointer unused)
{
    (void)unused;
    Db *db = fixture->db;
    g_autoptr(Officer) before = officer_find(db, fixture->officer_id, NULL);
    g_assert_cmpint(before->digest, ==, DIGEST_OFF);
    g_assert_false(before->urgent);
    g_assert_cmpstr(before->digest_sent_on, ==, "");
    g_assert_cmpuint(to_tell(fixture), ==, 0);
    g_assert_true(officer_set_notices(db, fixture->officer_id, DIGEST_DAILY, false, NULL));
    g_assert_cmpuint(to_tell(fixture), ==, 1);
    g_assert_true(officer_set_notices(db, fixture->officer_id, DIGEST_OFF, true, NULL));
    g_assert_cmpuint(to_tell(fixture), ==, 1);
    g_autoptr(Officer) after = officer_find(db, fixture->officer_id, NULL);
    g_assert_cmpint(after->digest, ==, DIGEST_OFF);
    g_assert_true(after->urgent);
    g_assert_true(officer_set_disabled(db, fixture->officer_id, true, NULL));
    g_assert_cmpuint(to_tell(fixture), ==, 0);
    OfficerDigest digest;
    g_assert_true(officer_digest_parse("daily", &digest));
    g_assert_cmpint(digest, ==, DIGEST_DAILY);
    g_assert_false(officer_digest_parse("weekly", &digest));
}

static void a_days_digest_is_marked_once(Fixture *fixture, gconstpointer unused)
{
    (void)unused;
    Db *db = fixture->db;
    g_autoptr(GError) error = NULL;
    g_assert_true(officer_set_digest_sent(db, fixture->officer_id, "2026-11-24", NULL));
    g_assert_false(officer_set_digest_sent(db, fixture->officer_id, "2026-11-24", &error));
    g_assert_error(error, STORE_ERROR, STORE_ERROR_NOT_FOUND);
    g_assert_true(officer_set_digest_sent(db, fixture->officer_id, "2026-11-25", NULL));
    g_autoptr(Officer) officer = officer_find(db, fixture->officer_id, NULL);
    g_assert_cmpstr(officer->digest_sent_on, ==, "2026-11-25");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) fixture_add("/store/notice/" #name, name)
    ADD(a_new_request_is_told_once);
    ADD(what_became_of_an_appointment);
    ADD(only_what_is_soon_is_urgent);
    ADD(letters_about_appointments_to_come);
    ADD(officers_choose_what_they_are_told);
    ADD(a_days_digest_is_marked_once);
    return g_test_run();
}
