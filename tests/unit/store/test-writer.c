#include "fixture.h"

/* --- writing --- */

static bool add_tick(Db *db, gpointer data, GError **error)
{
    return db_run(db, error, "INSERT INTO tick (n) VALUES (?)", "i", (gint64)GPOINTER_TO_INT(data));
}

/* Writes, then finds that it cannot. */
static bool add_tick_then_refuse(Db *db, gpointer data, GError **error)
{
    if (add_tick(db, data, error))
        g_set_error_literal(error, STORE_ERROR, STORE_ERROR_INVALID, "second thoughts");
    return false;
}

static bool refuse_in_silence(Db *db, gpointer data, GError **error)
{
    return add_tick(db, data, error) && false;
}

static void test_failing_job_alone(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(Store) store = fixture_store(fixture);
    g_autoptr(GError) error = NULL;
    g_assert_false(store_write(store, add_tick_then_refuse, GINT_TO_POINTER(1000), &error));
    g_assert_error(error, STORE_ERROR, STORE_ERROR_INVALID);
    g_autoptr(GError) silent = NULL;
    g_assert_false(store_write(store, refuse_in_silence, GINT_TO_POINTER(1001), &silent));
    g_assert_error(silent, STORE_ERROR, STORE_ERROR_FAILED);
    g_assert_cmpint(fixture_read(store, "SELECT COUNT(*) FROM tick WHERE n >= 1000"), ==, 0);
}

typedef struct {
    Store *store;
    StoreJob *job;
    gint number;
    bool ok;
    GError *error;
} Call;

static gpointer call(gpointer data)
{
    Call *call = data;
    call->ok = store_write(call->store, call->job, GINT_TO_POINTER(call->number), &call->error);
    return NULL;
}

/* Lets a group gather behind it. */
static bool pause_first(Db *db G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
                        GError **error G_GNUC_UNUSED)
{
    g_usleep(100000);
    return true;
}

#define CALLS 32
/* All calls at once, behind one that pauses. */
static void call_together(Store *store, Call *calls)
{
    Call first = {.store = store, .job = pause_first};
    GThread *pausing = g_thread_new("pause", call, &first);
    g_usleep(20000);
    GThread *threads[CALLS];
    for (guint i = 0; i < CALLS; i++) {
        calls[i].store = store;
        threads[i] = g_thread_new("call", call, &calls[i]);
    }
    for (guint i = 0; i < CALLS; i++)
        g_thread_join(threads[i]);
    g_thread_join(pausing);
}

static void test_group_commit(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(Store) store = fixture_store(fixture);
    Call calls[CALLS];
    for (gint i = 0; i < CALLS; i++)
        calls[i] = (Call){.job = add_tick, .number = 1000 + i};
    call_together(store, calls);
    guint64 jobs, commits;
    store_counts(store, &jobs, &commits);
    g_assert_cmpuint(jobs, ==, CALLS + 1);
    g_assert_cmpuint(commits, <, jobs / 2);
    g_assert_cmpint(fixture_read(store, "SELECT COUNT(*) FROM tick WHERE n >= 1000"), ==, CALLS);
}

static void test_failing_jobs_in_a_group(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(Store) store = fixture_store(fixture);
    Call calls[CALLS];
    for (gint i = 0; i < CALLS; i++)
        calls[i] = (Call){.job = i % 2 ? add_tick_then_refuse : add_tick, .number = 1000 + i};
    call_together(store, calls);
    for (gint i = 0; i < CALLS; i++) {
        g_assert_cmpint(calls[i].ok, ==, i % 2 == 0);
        g_clear_error(&calls[i].error);
    }
    g_assert_cmpint(fixture_read(store, "SELECT COUNT(*) FROM tick WHERE n >= 1000"), ==,
                    CALLS / 2);
    g_assert_cmpint(fixture_read(store, "SELECT SUM(n % 2) FROM tick WHERE n >= 1000"), ==, 0);
}

/* Takes the whole transaction away, as the engine does on a full disk. */
static bool lose_the_transaction(Db *db, gpointer data, GError **error)
{
    if (!add_tick(db, data, error))
        return false;
    db_rollback(db);
    g_set_error_literal(error, STORE_ERROR, STORE_ERROR_FULL, "disk full");
    return false;
}

static void test_submitted_jobs(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(Store) store = fixture_store(fixture);
    guint64 jobs, commits, jobs_before, commits_before;
    store_counts(store, &jobs_before, &commits_before);
    gpointer good[] = {GINT_TO_POINTER(1000), GINT_TO_POINTER(1001), GINT_TO_POINTER(1002)};
    GError *errors[3] = {0};
    store_collect(store_submit(store, add_tick, good, 3), errors);
    for (guint i = 0; i < 3; i++)
        g_assert_no_error(errors[i]);
    store_counts(store, &jobs, &commits);
    g_assert_cmpuint(jobs - jobs_before, ==, 3);
    g_assert_cmpuint(commits - commits_before, ==, 1);
    g_assert_cmpint(fixture_read(store, "SELECT COUNT(*) FROM tick WHERE n >= 1000"), ==, 3);
    /* the second is there already, the last comes all the same */
    gpointer mixed[] = {GINT_TO_POINTER(1003), GINT_TO_POINTER(1001), GINT_TO_POINTER(1004)};
    store_collect(store_submit(store, add_tick, mixed, 3), errors);
    g_assert_no_error(errors[0]);
    g_assert_error(errors[1], STORE_ERROR, STORE_ERROR_CONFLICT);
    g_assert_no_error(errors[2]);
    g_clear_error(&errors[1]);
    g_assert_cmpint(fixture_read(store, "SELECT COUNT(*) FROM tick WHERE n >= 1000"), ==, 5);
    store_collect(store_submit(store, add_tick, NULL, 0), NULL);
}

static void test_lost_transaction(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(Store) store = fixture_store(fixture);
    Call calls[CALLS];
    for (gint i = 0; i < CALLS; i++)
        calls[i] = (Call){.job = i == 16 ? lose_the_transaction : add_tick, .number = 1000 + i};
    call_together(store, calls);
    for (gint i = 0; i < CALLS; i++)
        g_assert_cmpint(calls[i].ok, ==, i != 16);
    g_assert_error(calls[16].error, STORE_ERROR, STORE_ERROR_FULL);
    g_clear_error(&calls[16].error);
    g_assert_cmpint(fixture_read(store, "SELECT COUNT(*) FROM tick WHERE n >= 1000"), ==,
                    CALLS - 1);
}

/* What is answered is durable: another connection sees it at once. */
static void test_answer_is_durable(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(Store) store = fixture_store(fixture);
    for (gint i = 0; i < 50; i++) {
        g_assert_true(store_write(store, add_tick, GINT_TO_POINTER(1000 + i), NULL));
        g_assert_cmpint(fixture_number(fixture, "SELECT MAX(n) FROM tick"), ==, 1000 + i);
    }
}

static bool append_order(Db *db, gpointer data, GError **error)
{
    return db_run(db, error,
                  "INSERT INTO audit (organisation_id, office_id, actor, at, action) "
                  "VALUES (?, 0, 'system', ?, 'order')",
                  "ii", (gint64)(GPOINTER_TO_INT(data) / 1000),
                  (gint64)(GPOINTER_TO_INT(data) % 1000));
}

static gpointer write_in_order(gpointer data)
{
    Call *mine = data;
    for (gint i = 0; i < 50; i++)
        g_assert_true(
            store_write(mine->store, append_order, GINT_TO_POINTER(mine->number * 1000 + i), NULL));
    return NULL;
}

static void test_durable_order(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(Store) store = fixture_store(fixture);
    GThread *threads[8];
    Call calls[8];
    for (gint i = 0; i < 8; i++) {
        calls[i] = (Call){.store = store, .number = i + 1};
        threads[i] = g_thread_new("order", write_in_order, &calls[i]);
    }
    for (gint i = 0; i < 8; i++)
        g_thread_join(threads[i]);
    g_assert_cmpint(fixture_read(store, "SELECT COUNT(*) FROM audit WHERE action = 'order'"), ==,
                    400);
    g_assert_cmpint(
        fixture_read(store, "SELECT COUNT(*) FROM audit a JOIN audit b ON "
                            "b.organisation_id = a.organisation_id AND b.id > a.id "
                            "AND b.at <= a.at WHERE a.action = 'order' AND b.action = 'order'"),
        ==, 0);
}

/* --- one slot, many who want it --- */

typedef struct {
    Fixture *fixture;
    Store *store;
    Appointment appointment;
    AppointmentTime time;
    GError *error;
    bool ok;
} Race;

static bool book_job(Db *db, gpointer data, GError **error)
{
    Race *race = data;
    return appointment_book(db, &race->appointment, &race->time, NULL, &race->fixture->officer,
                            error);
}

static gpointer race_through_store(gpointer data)
{
    Race *race = data;
    race->ok = store_write(race->store, book_job, race, &race->error);
    return NULL;
}

/* A connection each, as other processes would have: only the file is shared. */
static gpointer race_alone(gpointer data)
{
    Race *race = data;
    Db *db = db_open(race->fixture->file, DB_WRITER, &race->error);
    race->ok = db != NULL && db_begin(db, true, &race->error) && book_job(db, race, &race->error) &&
               db_commit(db, &race->error);
    if (db != NULL)
        db_rollback(db);
    db_close(db);
    return NULL;
}

static void run_race(Fixture *fixture, Store *store, GThreadFunc racer)
{
    Race races[CALLS] = {0};
    GThread *threads[CALLS];
    for (guint i = 0; i < CALLS; i++) {
        races[i] = (Race){.fixture = fixture, .store = store, .time = fixture_time(TEN, 20, 0)};
        races[i].appointment = (Appointment){.id = fixture_id(fixture),
                                             .organisation_id = ORGANISATION_ID,
                                             .office_id = OFFICE_ID,
                                             .request_id = fixture_request(fixture),
                                             .uid = g_strdup_printf("race-%u", i)};
    }
    for (guint i = 0; i < CALLS; i++)
        threads[i] = g_thread_new("race", racer, &races[i]);
    guint winners = 0;
    for (guint i = 0; i < CALLS; i++) {
        g_thread_join(threads[i]);
        winners += races[i].ok;
        if (!races[i].ok)
            g_assert_error(races[i].error, STORE_ERROR, STORE_ERROR_CONFLICT);
        g_clear_error(&races[i].error);
        g_free(races[i].appointment.uid);
    }
    g_assert_cmpuint(winners, ==, 1);
    g_assert_cmpint(fixture_number(fixture, "SELECT COUNT(*) FROM appointment"), ==, 1);
    g_assert_cmpint(fixture_number(fixture, "SELECT COUNT(*) FROM cell"), ==, 4);
}

static void test_race_in_queue(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(Store) store = fixture_store(fixture);
    run_race(fixture, store, race_through_store);
}

static void test_race_of_connections(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    run_race(fixture, NULL, race_alone);
}

/* --- a disk that fills --- */

static bool shrink_disk(Db *db, gpointer data G_GNUC_UNUSED, GError **error)
{
    return db_script(db, "PRAGMA max_page_count = 1", error); /* as many as there are now */
}

static bool add_much(Db *db, gpointer data G_GNUC_UNUSED, GError **error)
{
    g_autofree char *much = g_strnfill(1048576, 'x');
    return db_run(db, error,
                  "INSERT INTO audit (organisation_id, office_id, actor, at, action) "
                  "VALUES (1, 1, 'system', 0, ?)",
                  "t", much);
}

static void test_full(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(Store) store = fixture_store(fixture);
    g_assert_true(store_write(store, shrink_disk, NULL, NULL));
    g_autoptr(GError) error = NULL;
    g_assert_false(store_write(store, add_much, NULL, &error));
    g_assert_error(error, STORE_ERROR, STORE_ERROR_FULL);
    g_assert_cmpint(fixture_read(store, "SELECT COUNT(*) FROM audit"), ==, 0);
    g_assert_cmpint(fixture_number(fixture, "PRAGMA freelist_count"), ==, 0);
}

static void test_full_costs_nobody_else(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(Store) store = fixture_store(fixture);
    g_assert_true(store_write(store, shrink_disk, NULL, NULL));
    Call calls[CALLS];
    for (gint i = 0; i < CALLS; i++)
        calls[i] = (Call){.job = i % 8 == 0 ? add_much : add_tick, .number = 1000 + i};
    call_together(store, calls);
    for (gint i = 0; i < CALLS; i++) {
        g_assert_cmpint(calls[i].ok, ==, i % 8 != 0);
        if (!calls[i].ok)
            g_assert_error(calls[i].error, STORE_ERROR, STORE_ERROR_FULL);
        g_clear_error(&calls[i].error);
    }
    g_assert_cmpint(fixture_read(store, "SELECT COUNT(*) FROM tick WHERE n >= 1000"), ==, 28);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(sentence, test) fixture_add("/store/" sentence, test)
    T("write/a_failing_job_undoes_itself", test_failing_job_alone);
    T("write/commits_many_jobs_at_once", test_group_commit);
    T("write/a_failing_job_undoes_only_itself", test_failing_jobs_in_a_group);
    T("write/submitted_jobs_share_a_commit_and_fail_alone", test_submitted_jobs);
    T("write/a_lost_transaction_is_run_again_job_by_job", test_lost_transaction);
    T("write/answers_when_it_is_durable", test_answer_is_durable);
    T("write/keeps_the_order_of_each_caller", test_durable_order);
    T("race/one_of_32_threads_gets_the_slot", test_race_in_queue);
    T("race/one_of_32_connections_gets_the_slot", test_race_of_connections);
    T("full/says_so_and_writes_nothing", test_full);
    T("full/costs_nobody_else_their_write", test_full_costs_nobody_else);
    return g_test_run();
}
