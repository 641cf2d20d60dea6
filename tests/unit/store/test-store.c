#include "fixture.h"
#include "store/migrate.h"
#include <sys/stat.h>

/* The fixture's connection makes the rows; a store of its own works on the same file. */
static Store *open_store(Fixture *fixture)
{
    GError *error = NULL;
    Store *store = store_open(fixture->file, false, &error);
    g_assert_no_error(error);
    return store;
}

static gint64 read_number(Store *store, const char *sql)
{
    Db *db = store_reader(store);
    gint64 number = -1;
    g_assert_true(db_number(db, &number, NULL, sql, ""));
    store_reader_done(store, db);
    return number;
}

/* --- opening and migrating --- */

static void test_makes_a_file(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autofree char *file = g_build_filename(fixture->folder, "new.db", NULL);
    GError *error = NULL;
    g_autoptr(Store) store = store_open(file, true, &error);
    g_assert_no_error(error);
    struct stat status;
    g_assert_cmpint(stat(file, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 0777, ==, 0600);
    g_assert_cmpint(read_number(store, "SELECT COUNT(*) FROM tick"), ==, 288);
    g_assert_cmpint(read_number(store, "PRAGMA user_version"), ==,
                    g_strv_length((GStrv)(gpointer)migrate_steps));
}

static void test_makes_no_file(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autofree char *file = g_build_filename(fixture->folder, "missing.db", NULL);
    g_autoptr(GError) error = NULL;
    g_assert_null(store_open(file, false, &error));
    g_assert_error(error, STORE_ERROR, STORE_ERROR_NOT_FOUND);
    g_assert_false(g_file_test(file, G_FILE_TEST_EXISTS));
}

static void test_refuses_newer(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_assert_true(db_set_schema_version(fixture->db, 99, NULL));
    g_autoptr(GError) error = NULL;
    g_assert_null(store_open(fixture->file, false, &error));
    g_assert_error(error, STORE_ERROR, STORE_ERROR_NEWER);
    g_assert_cmpint(fixture_number(fixture, "PRAGMA user_version"), ==, 99);
}

static void test_refuses_no_database(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autofree char *file = g_build_filename(fixture->folder, "text.db", NULL);
    g_autofree char *text = g_strnfill(8192, 'x');
    g_assert_true(g_file_set_contents(file, text, -1, NULL));
    g_autoptr(GError) error = NULL;
    g_assert_null(store_open(file, false, &error));
    g_assert_error(error, STORE_ERROR, STORE_ERROR_FAILED);
}

static void test_migrates_whole_or_not(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autofree char *file = g_build_filename(fixture->folder, "steps.db", NULL);
    g_assert_true(db_make_file(file, NULL));
    Db *db = db_open(file, DB_WRITER, NULL);
    static const char *const broken[] = {"CREATE TABLE one (n INTEGER);", "CREATE TABLE one;",
                                         NULL};
    g_autoptr(GError) error = NULL;
    g_assert_false(migrate(db, broken, &error));
    g_assert_nonnull(error);
    gint version = -1;
    g_assert_true(db_schema_version(db, &version, NULL));
    g_assert_cmpint(version, ==, 0);

    static const char *const first[] = {"CREATE TABLE one (n INTEGER);", NULL};
    static const char *const both[] = {"CREATE TABLE one (n INTEGER);",
                                       "INSERT INTO one (n) VALUES (7);", NULL};
    g_assert_true(migrate(db, first, NULL));
    g_assert_true(migrate(db, both, NULL)); /* only the second: the table exists */
    g_assert_true(migrate(db, both, NULL)); /* and once */
    gint64 rows = 0;
    g_assert_true(db_number(db, &rows, NULL, "SELECT COUNT(*) FROM one", ""));
    g_assert_cmpint(rows, ==, 1);
    db_close(db);
}

static void test_settings(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    Db *db = db_open(fixture->file, DB_WRITER, NULL);
    static const struct {
        const char *pragma;
        gint64 value;
    } rows[] = {{"PRAGMA synchronous", 2},
                {"PRAGMA foreign_keys", 1},
                {"PRAGMA page_size", 4096},
                {"PRAGMA wal_autocheckpoint", 1000},
                {"PRAGMA secure_delete", 1}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        gint64 value = -1;
        g_assert_true(db_number(db, &value, NULL, rows[i].pragma, ""));
        g_assert_cmpint(value, ==, rows[i].value);
    }
    g_autoptr(Query) mode = db_query(db, NULL, "PRAGMA journal_mode", "");
    g_assert_true(query_step(mode, NULL));
    g_assert_cmpstr(query_text(mode, 0), ==, "wal");
    g_clear_pointer(&mode, query_done);
    db_close(db);
}

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
    g_autoptr(Store) store = open_store(fixture);
    g_autoptr(GError) error = NULL;
    g_assert_false(store_write(store, add_tick_then_refuse, GINT_TO_POINTER(1000), &error));
    g_assert_error(error, STORE_ERROR, STORE_ERROR_INVALID);
    g_autoptr(GError) silent = NULL;
    g_assert_false(store_write(store, refuse_in_silence, GINT_TO_POINTER(1001), &silent));
    g_assert_error(silent, STORE_ERROR, STORE_ERROR_FAILED);
    g_assert_cmpint(read_number(store, "SELECT COUNT(*) FROM tick WHERE n >= 1000"), ==, 0);
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
    g_usleep(100 * 1000);
    return true;
}

#define CALLS 32
/* All calls at once, behind one that pauses. `jobs` run in the order of the array. */
static void call_together(Store *store, Call *calls)
{
    Call first = {.store = store, .job = pause_first};
    GThread *pausing = g_thread_new("pause", call, &first);
    g_usleep(20 * 1000);
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
    g_autoptr(Store) store = open_store(fixture);
    Call calls[CALLS];
    for (gint i = 0; i < CALLS; i++)
        calls[i] = (Call){.job = add_tick, .number = 1000 + i};
    call_together(store, calls);
    guint64 jobs, commits;
    store_counts(store, &jobs, &commits);
    g_assert_cmpuint(jobs, ==, CALLS + 1);
    g_assert_cmpuint(commits, <, jobs / 2);
    g_assert_cmpint(read_number(store, "SELECT COUNT(*) FROM tick WHERE n >= 1000"), ==, CALLS);
}

static void test_failing_jobs_in_a_group(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(Store) store = open_store(fixture);
    Call calls[CALLS];
    for (gint i = 0; i < CALLS; i++)
        calls[i] = (Call){.job = i % 2 ? add_tick_then_refuse : add_tick, .number = 1000 + i};
    call_together(store, calls);
    for (gint i = 0; i < CALLS; i++) {
        g_assert_cmpint(calls[i].ok, ==, i % 2 == 0);
        g_clear_error(&calls[i].error);
    }
    g_assert_cmpint(read_number(store, "SELECT COUNT(*) FROM tick WHERE n >= 1000"), ==, CALLS / 2);
    g_assert_cmpint(read_number(store, "SELECT SUM(n % 2) FROM tick WHERE n >= 1000"), ==, 0);
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

static void test_lost_transaction(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(Store) store = open_store(fixture);
    Call calls[CALLS];
    for (gint i = 0; i < CALLS; i++)
        calls[i] = (Call){.job = i == 16 ? lose_the_transaction : add_tick, .number = 1000 + i};
    call_together(store, calls);
    for (gint i = 0; i < CALLS; i++)
        g_assert_cmpint(calls[i].ok, ==, i != 16);
    g_assert_error(calls[16].error, STORE_ERROR, STORE_ERROR_FULL);
    g_clear_error(&calls[16].error);
    g_assert_cmpint(read_number(store, "SELECT COUNT(*) FROM tick WHERE n >= 1000"), ==, CALLS - 1);
}

/* What is answered is durable: another connection sees it at once. */
static void test_answer_is_durable(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(Store) store = open_store(fixture);
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
    g_autoptr(Store) store = open_store(fixture);
    GThread *threads[8];
    Call calls[8];
    for (gint i = 0; i < 8; i++) {
        calls[i] = (Call){.store = store, .number = i + 1};
        threads[i] = g_thread_new("order", write_in_order, &calls[i]);
    }
    for (gint i = 0; i < 8; i++)
        g_thread_join(threads[i]);
    g_assert_cmpint(read_number(store, "SELECT COUNT(*) FROM audit WHERE action = 'order'"), ==,
                    400);
    g_assert_cmpint(read_number(store,
                                "SELECT COUNT(*) FROM audit a JOIN audit b ON "
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
    g_autoptr(Store) store = open_store(fixture);
    run_race(fixture, store, race_through_store);
}

static void test_race_of_connections(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    run_race(fixture, NULL, race_alone);
}

/* --- reading --- */

static void test_snapshot(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(Store) store = open_store(fixture);
    Db *db = store_reader(store);
    gint64 before, after;
    g_assert_true(db_number(db, &before, NULL, "SELECT MAX(n) FROM tick", ""));
    g_assert_true(db_script(fixture->db, "INSERT INTO tick (n) VALUES (5000)", NULL));
    g_assert_true(db_number(db, &after, NULL, "SELECT MAX(n) FROM tick", ""));
    g_assert_cmpint(after, ==, before);
    store_reader_done(store, db);
    g_assert_cmpint(read_number(store, "SELECT MAX(n) FROM tick"), ==, 5000);
}

static void test_readers_do_not_write(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(Store) store = open_store(fixture);
    Db *db = store_reader(store);
    g_assert_false(add_tick(db, GINT_TO_POINTER(1000), NULL));
    store_reader_done(store, db);
}

static void test_many_readers(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(Store) store = open_store(fixture);
    Db *readers[20];
    for (guint i = 0; i < G_N_ELEMENTS(readers); i++)
        readers[i] = store_reader(store);
    for (guint i = 0; i < G_N_ELEMENTS(readers); i++)
        store_reader_done(store, readers[i]);
    Db *again = store_reader(store); /* a pooled one */
    bool is_known = false;
    for (guint i = 0; i < G_N_ELEMENTS(readers); i++)
        is_known = is_known || readers[i] == again;
    g_assert_true(is_known);
    store_reader_done(store, again);
}

/* --- a disk that fills --- */

static bool shrink_disk(Db *db, gpointer data G_GNUC_UNUSED, GError **error)
{
    return db_script(db, "PRAGMA max_page_count = 1", error); /* as many as there are now */
}

static bool add_much(Db *db, gpointer data G_GNUC_UNUSED, GError **error)
{
    g_autofree char *much = g_strnfill(1024 * 1024, 'x');
    return db_run(db, error,
                  "INSERT INTO audit (organisation_id, office_id, actor, at, action) "
                  "VALUES (1, 1, 'system', 0, ?)",
                  "t", much);
}

static void test_full(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(Store) store = open_store(fixture);
    g_assert_true(store_write(store, shrink_disk, NULL, NULL));
    g_autoptr(GError) error = NULL;
    g_assert_false(store_write(store, add_much, NULL, &error));
    g_assert_error(error, STORE_ERROR, STORE_ERROR_FULL);
    g_assert_cmpint(read_number(store, "SELECT COUNT(*) FROM audit"), ==, 0);
    g_assert_cmpint(fixture_number(fixture, "PRAGMA freelist_count"), ==, 0);
}

static void test_full_costs_nobody_else(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(Store) store = open_store(fixture);
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
    g_assert_cmpint(read_number(store, "SELECT COUNT(*) FROM tick WHERE n >= 1000"), ==, 28);
}

/* --- backup --- */

static gpointer write_ticks(gpointer data)
{
    Call *mine = data;
    for (gint i = 0; i < 300; i++)
        g_assert_true(store_write(mine->store, add_tick, GINT_TO_POINTER(1000 + i), NULL));
    return NULL;
}

static void test_backup(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(Store) store = open_store(fixture);
    g_autofree char *file = g_build_filename(fixture->folder, "copy.db", NULL);
    Call writing = {.store = store};
    GThread *writer = g_thread_new("ticks", write_ticks, &writing);
    g_usleep(10 * 1000);
    GError *error = NULL;
    g_assert_true(store_backup(store, file, &error));
    g_assert_no_error(error);
    g_thread_join(writer);
    g_assert_true(store_backup(store, file, NULL)); /* over the older one */

    struct stat status;
    g_assert_cmpint(stat(file, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 0777, ==, 0600);
    g_autoptr(Store) copy = store_open(file, false, &error);
    g_assert_no_error(error);
    g_assert_cmpint(read_number(copy, "SELECT COUNT(*) FROM tick WHERE n >= 1000"), ==, 300);
    g_assert_cmpint(read_number(copy, "SELECT COUNT(*) FROM office"), ==, 1);
}

static void test_backup_over_itself(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(Store) store = open_store(fixture);
    g_autofree char *same = g_build_filename(fixture->folder, ".", "sportello.db", NULL);
    g_autoptr(GError) error = NULL;
    g_assert_false(store_backup(store, same, &error));
    g_assert_error(error, STORE_ERROR, STORE_ERROR_INVALID);
    g_autofree char *nowhere = g_build_filename(fixture->folder, "no", "copy.db", NULL);
    g_autoptr(GError) missing = NULL;
    g_assert_false(store_backup(store, nowhere, &missing));
    g_assert_error(missing, STORE_ERROR, STORE_ERROR_FAILED);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(sentence, test) fixture_add("/store/" sentence, test)
    T("open/makes_a_file_that_only_we_read", test_makes_a_file);
    T("open/makes_no_file_unless_told", test_makes_no_file);
    T("open/refuses_a_newer_schema", test_refuses_newer);
    T("open/refuses_what_is_no_database", test_refuses_no_database);
    T("open/migrates_all_steps_or_none", test_migrates_whole_or_not);
    T("open/sets_what_durability_needs", test_settings);
    T("write/a_failing_job_undoes_itself", test_failing_job_alone);
    T("write/commits_many_jobs_at_once", test_group_commit);
    T("write/a_failing_job_undoes_only_itself", test_failing_jobs_in_a_group);
    T("write/a_lost_transaction_is_run_again_job_by_job", test_lost_transaction);
    T("write/answers_when_it_is_durable", test_answer_is_durable);
    T("write/keeps_the_order_of_each_caller", test_durable_order);
    T("race/one_of_32_threads_gets_the_slot", test_race_in_queue);
    T("race/one_of_32_connections_gets_the_slot", test_race_of_connections);
    T("read/sees_one_snapshot", test_snapshot);
    T("read/does_not_write", test_readers_do_not_write);
    T("read/makes_readers_when_needed_and_keeps_some", test_many_readers);
    T("full/says_so_and_writes_nothing", test_full);
    T("full/costs_nobody_else_their_write", test_full_costs_nobody_else);
    T("backup/is_consistent_while_others_write", test_backup);
    T("backup/never_overwrites_the_database_itself", test_backup_over_itself);
    return g_test_run();
}
