#include "fixture.h"
#include "store/db.h"
#include <string.h>

static LetterState state_of(Fixture *fixture, gint64 id)
{
    g_autoptr(Letter) letter = letter_find(fixture->db, id, NULL);
    return letter->state;
}

static void test_take_due(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 request_id = fixture_request(fixture);
    gint64 later = fixture_letter(fixture, request_id, 200);
    gint64 second = fixture_letter(fixture, request_id, 100);
    gint64 first = fixture_letter(fixture, request_id, 50);
    g_assert_cmpint(letter_next_due_at(fixture->db), ==, 50);
    g_autoptr(GPtrArray) due = letter_due(fixture->db, 100, 10, NULL);
    g_assert_cmpuint(due->len, ==, 2);
    g_assert_null(((Letter *)due->pdata[0])->content);

    g_autoptr(GPtrArray) taken = letter_take_due(fixture->db, 100, 10, NULL);
    g_assert_cmpuint(taken->len, ==, 2);
    const Letter *one = taken->pdata[0], *two = taken->pdata[1];
    g_assert_cmpint(one->id, ==, first);
    g_assert_cmpint(two->id, ==, second);
    g_assert_cmpint(one->attempts, ==, 1);
    fixture_assert_bytes(one->content, "Subject: x\r\n\r\nciao\r\n", 20);
    g_assert_cmpint(state_of(fixture, first), ==, LETTER_SENDING);
    g_assert_cmpint(state_of(fixture, later), ==, LETTER_WAITING);
    g_autoptr(GPtrArray) again = letter_take_due(fixture->db, 100, 10, NULL);
    g_assert_cmpuint(again->len, ==, 0);
    g_assert_cmpint(letter_next_due_at(fixture->db), ==, 200);
}

static void test_nothing_due(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_assert_cmpint(letter_next_due_at(fixture->db), ==, G_MAXINT64);
}

static void test_takes_no_more(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 request_id = fixture_request(fixture);
    for (guint i = 0; i < 3; i++)
        fixture_letter(fixture, request_id, 10);
    g_autoptr(GPtrArray) taken = letter_take_due(fixture->db, 10, 2, NULL);
    g_assert_cmpuint(taken->len, ==, 2);
}

static void test_release(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = fixture_letter(fixture, fixture_request(fixture), 10);
    g_autoptr(GPtrArray) taken = letter_take_due(fixture->db, 10, 2, NULL);
    g_assert_cmpuint(taken->len, ==, 1);
    g_assert_true(letter_release_taken(fixture->db, NULL)); /* as after a crash */
    g_assert_cmpint(state_of(fixture, id), ==, LETTER_WAITING);
    g_autoptr(GPtrArray) again = letter_take_due(fixture->db, 10, 2, NULL);
    g_assert_cmpuint(again->len, ==, 1);
    g_assert_cmpint(((Letter *)again->pdata[0])->attempts, ==, 2);
}

static void test_retry_then_fail(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = fixture_letter(fixture, fixture_request(fixture), 10);
    g_autoptr(GPtrArray) taken = letter_take_due(fixture->db, 10, 1, NULL);
    g_assert_cmpuint(taken->len, ==, 1);
    g_assert_true(letter_mark_failed(fixture->db, id, "disk full", 70, NULL));
    g_autoptr(Letter) waiting = letter_find(fixture->db, id, NULL);
    g_assert_cmpint(waiting->state, ==, LETTER_WAITING);
    g_assert_cmpint(waiting->sendable_at, ==, 70);
    g_assert_cmpstr(waiting->last_error, ==, "disk full");
    g_assert_true(letter_mark_failed(fixture->db, id, "gave up", 0, NULL));
    g_assert_cmpint(state_of(fixture, id), ==, LETTER_FAILED);
    g_autoptr(GPtrArray) never = letter_take_due(fixture->db, G_MAXINT32, 9, NULL);
    g_assert_cmpuint(never->len, ==, 0);
}

static void test_postponed(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = fixture_letter(fixture, fixture_request(fixture), 10);
    for (gint64 at = 20; at < 60; at += 20) {
        g_autoptr(GPtrArray) taken = letter_take_due(fixture->db, at, 1, NULL);
        const Letter *letter = taken->pdata[0];
        g_assert_cmpint(letter->due_at, ==, 10);
        g_assert_cmpstr(letter->office_slug, ==, "edilizia");
        g_assert_nonnull(letter->sender);
        g_assert_true(letter_mark_postponed(fixture->db, id, "down", at + 20, NULL));
    }
    g_autoptr(Letter) letter = letter_find(fixture->db, id, NULL);
    g_assert_cmpint(letter->state, ==, LETTER_WAITING);
    g_assert_cmpint(letter->sendable_at, ==, 60);
    g_assert_cmpint(letter->attempts, ==, 1);
    g_assert_cmpstr(letter->last_error, ==, "down");
    g_assert_false(letter_withdraw(fixture->db, id, 50, NULL));
}

static void test_content_gone(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = fixture_letter(fixture, fixture_request(fixture), 10);
    g_assert_true(
        db_run(fixture->db, NULL, "DELETE FROM letter_content WHERE letter_id = ?", "i", id));
    g_autoptr(GPtrArray) taken = letter_take_due(fixture->db, 10, 1, NULL);
    g_assert_cmpuint(taken->len, ==, 1);
    g_assert_null(((Letter *)taken->pdata[0])->content);
    g_assert_true(letter_mark_failed(fixture->db, id, "its content is gone", 0, NULL));
    g_assert_cmpint(letter_next_due_at(fixture->db), ==, G_MAXINT64);
    g_autoptr(GError) error = NULL;
    g_assert_null(letter_find(fixture->db, id, &error));
    g_assert_error(error, STORE_ERROR, STORE_ERROR_NOT_FOUND);
}

static void test_sent(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = fixture_letter(fixture, fixture_request(fixture), 10);
    g_assert_true(letter_mark_sent(fixture->db, id, 12, NULL));
    g_autoptr(Letter) sent = letter_find(fixture->db, id, NULL);
    g_assert_cmpint(sent->state, ==, LETTER_SENT);
    g_assert_cmpint(sent->sent_at, ==, 12);
    g_assert_true(letter_mark_bounced(fixture->db, id, "5.1.1", NULL));
    g_assert_cmpint(state_of(fixture, id), ==, LETTER_FAILED);
    g_autoptr(GError) error = NULL;
    g_assert_false(letter_mark_sent(fixture->db, 7, 12, &error));
    g_assert_error(error, STORE_ERROR, STORE_ERROR_NOT_FOUND);
}

/* --- taking a decision back --- */

static void test_withdraw(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = fixture_letter(fixture, fixture_request(fixture), 100);
    g_assert_true(letter_withdraw(fixture->db, id, 99, NULL));
    g_assert_cmpint(state_of(fixture, id), ==, LETTER_WITHDRAWN);
    g_autoptr(GPtrArray) taken = letter_take_due(fixture->db, 1000, 9, NULL);
    g_assert_cmpuint(taken->len, ==, 0);
}

static void refuses_to_withdraw(Fixture *fixture, gint64 id, gint64 system_at)
{
    g_autoptr(GError) error = NULL;
    g_assert_false(letter_withdraw(fixture->db, id, system_at, &error));
    g_assert_error(error, STORE_ERROR, STORE_ERROR_TRANSITION);
}

static void test_withdraw_too_late(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 id = fixture_letter(fixture, fixture_request(fixture), 100);
    refuses_to_withdraw(fixture, id, 100); /* its time has come */
    g_autoptr(GPtrArray) taken = letter_take_due(fixture->db, 100, 9, NULL);
    g_assert_cmpuint(taken->len, ==, 1);
    refuses_to_withdraw(fixture, id, 50); /* taken, whatever the clock says */
    g_assert_true(letter_mark_sent(fixture->db, id, 101, NULL));
    refuses_to_withdraw(fixture, id, 50);
}

static void test_withdraw_of_request(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 request_id = fixture_request(fixture);
    gint64 receipt = fixture_letter(fixture, request_id, 40);
    gint64 held = fixture_letter(fixture, request_id, 60);
    gint64 retried = fixture_letter(fixture, request_id, 30);
    gint64 other = fixture_letter(fixture, fixture_request(fixture), 60);
    g_autoptr(GPtrArray) taken = letter_take_due(fixture->db, 30, 1, NULL);
    g_assert_cmpuint(taken->len, ==, 1);
    g_assert_true(letter_mark_failed(fixture->db, retried, "busy", 90, NULL));
    guint count = 9;
    g_assert_true(letter_withdraw_for_request(fixture->db, request_id, 50, &count, NULL));
    g_assert_cmpuint(count, ==, 1);
    g_assert_cmpint(state_of(fixture, held), ==, LETTER_WITHDRAWN);
    g_assert_cmpint(state_of(fixture, receipt), ==, LETTER_WAITING);
    g_assert_cmpint(state_of(fixture, retried), ==, LETTER_WAITING);
    g_assert_cmpint(state_of(fixture, other), ==, LETTER_WAITING);
}

static void test_pending(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 request_id = fixture_request(fixture);
    fixture_letter(fixture, request_id, 40);
    gint64 held = fixture_letter(fixture, request_id, 60);
    g_autoptr(Letter) pending = letter_pending_for_request(fixture->db, request_id, 50, NULL);
    g_assert_cmpint(pending->id, ==, held);
    g_autoptr(GError) error = NULL;
    g_assert_null(letter_pending_for_request(fixture->db, request_id, 60, &error));
    g_assert_error(error, STORE_ERROR, STORE_ERROR_NOT_FOUND);
}

typedef struct {
    Store *store;
    gint64 id;
    bool won;
} Rival;

static bool withdraw_job(Db *db, gpointer data, GError **error)
{
    return letter_withdraw(db, ((Rival *)data)->id, 99, error);
}

static bool take_job(Db *db, gpointer data, GError **error)
{
    g_autoptr(GPtrArray) taken = letter_take_due(db, 100, 1, error);
    ((Rival *)data)->won = taken != NULL && taken->len == 1;
    return taken != NULL;
}

static gpointer withdraw(gpointer data)
{
    Rival *rival = data;
    rival->won = store_write(rival->store, withdraw_job, rival, NULL);
    return NULL;
}

static gpointer take(gpointer data)
{
    Rival *rival = data;
    g_assert_true(store_write(rival->store, take_job, rival, NULL));
    return NULL;
}

static void test_race(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(Store) store = store_open(fixture->file, false, NULL);
    gint64 request_id = fixture_request(fixture);
    for (guint round = 0; round < 50; round++) {
        gint64 id = fixture_letter(fixture, request_id, 100);
        Rival sender = {store, id, false}, officer = {store, id, false};
        GThread *one = g_thread_new("take", take, &sender);
        GThread *other = g_thread_new("withdraw", withdraw, &officer);
        g_thread_join(one);
        g_thread_join(other);
        g_assert_cmpint(sender.won + officer.won, ==, 1);
        g_assert_cmpint(state_of(fixture, id), ==, sender.won ? LETTER_SENDING : LETTER_WITHDRAWN);
    }
}

/* --- reading --- */

static void test_found(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gint64 request_id = fixture_request(fixture);
    gint64 id = fixture_letter(fixture, request_id, 10);
    g_autoptr(Letter) whole = letter_find(fixture->db, id, NULL);
    g_autoptr(Letter) found = letter_find_by_message_id(fixture->db, whole->message_id, NULL);
    g_assert_cmpint(found->id, ==, id);
    g_assert_null(found->content);
    g_assert_cmpint(found->size, ==, 20);
    g_assert_cmpstr(found->text, ==, "ciao");
    g_assert_cmpstr(found->kind, ==, "receipt");
    g_assert_nonnull(found->request_code);
    g_autoptr(GPtrArray) list = letter_list_for_request(fixture->db, request_id, NULL);
    g_assert_cmpuint(list->len, ==, 1);
    gint64 newer = fixture_letter(fixture, request_id, 20);
    g_autoptr(GPtrArray) latest = letter_latest(fixture->db, 1, NULL);
    g_assert_cmpuint(latest->len, ==, 1);
    g_assert_cmpint(((Letter *)latest->pdata[0])->id, ==, newer);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(sentence, test) fixture_add("/store/letter/" sentence, test)
    T("is_taken_once_when_its_time_has_come", test_take_due);
    T("one_that_was_not_tried_counts_no_attempt_and_cannot_be_withdrawn", test_postponed);
    T("one_whose_content_is_gone_is_taken_and_can_fail", test_content_gone);
    T("none_is_due_when_there_is_none", test_nothing_due);
    T("no_more_are_taken_than_asked_for", test_takes_no_more);
    T("waits_again_after_a_crash", test_release);
    T("waits_for_its_retry_then_fails", test_retry_then_fail);
    T("is_sent_and_may_still_bounce", test_sent);
    T("is_withdrawn_before_its_time", test_withdraw);
    T("is_not_withdrawn_once_its_time_has_come", test_withdraw_too_late);
    T("of_a_request_is_withdrawn_if_held_back", test_withdraw_of_request);
    T("is_pending_while_held_back", test_pending);
    T("sender_and_officer_never_both_win", test_race);
    T("is_found_and_listed", test_found);
    return g_test_run();
}
