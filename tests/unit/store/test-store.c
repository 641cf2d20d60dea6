#include "fixture.h"
#include "store/migrate.h"
#include <sys/stat.h>

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
    g_assert_cmpint(fixture_read(store, "SELECT COUNT(*) FROM tick"), ==, 288);
    g_assert_cmpint(fixture_read(store, "PRAGMA user_version"), ==,
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

/* A server of another version may be at work on it. */
static void test_current_changes_nothing(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    gint newest = (gint)g_strv_length((GStrv)(gpointer)migrate_steps);
    const struct {
        gint version;
        gint code;
    } cases[] = {{newest + 1, STORE_ERROR_NEWER}, {newest - 1, STORE_ERROR_OLDER}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_assert_true(db_set_schema_version(fixture->db, cases[i].version, NULL));
        g_autoptr(GError) error = NULL;
        g_assert_null(store_open_current(fixture->file, &error));
        g_assert_error(error, STORE_ERROR, cases[i].code);
        g_clear_error(&error);
        g_assert_null(store_look(fixture->file, &error));
        g_assert_error(error, STORE_ERROR, cases[i].code);
        g_assert_cmpint(fixture_number(fixture, "PRAGMA user_version"), ==, cases[i].version);
        g_autofree char *copy = g_build_filename(fixture->folder, "copy.db", NULL);
        g_assert_true(store_backup(fixture->file, copy, NULL)); /* whoever upgrades has made one */
    }
    g_assert_true(db_set_schema_version(fixture->db, newest, NULL));
    g_autoptr(Store) store = store_open_current(fixture->file, NULL);
    g_assert_nonnull(store);
    Db *db = store_look(fixture->file, NULL);
    g_assert_nonnull(db);
    g_assert_false(db_run(db, NULL, "DELETE FROM office", ""));
    store_look_done(db);
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
    query_done(g_steal_pointer(&mode));
    db_close(db);
}

/* --- reading --- */

static bool add_tick(Db *db, gpointer data, GError **error)
{
    return db_run(db, error, "INSERT INTO tick (n) VALUES (?)", "i", (gint64)GPOINTER_TO_INT(data));
}

static void test_snapshot(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(Store) store = fixture_store(fixture);
    Db *db = store_reader(store);
    gint64 before, after;
    g_assert_true(db_number(db, &before, NULL, "SELECT MAX(n) FROM tick", ""));
    g_assert_true(db_script(fixture->db, "INSERT INTO tick (n) VALUES (5000)", NULL));
    g_assert_true(db_number(db, &after, NULL, "SELECT MAX(n) FROM tick", ""));
    g_assert_cmpint(after, ==, before);
    store_reader_done(store, db);
    g_assert_cmpint(fixture_read(store, "SELECT MAX(n) FROM tick"), ==, 5000);
}

static void test_readers_do_not_write(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(Store) store = fixture_store(fixture);
    Db *db = store_reader(store);
    g_assert_false(add_tick(db, GINT_TO_POINTER(1000), NULL));
    store_reader_done(store, db);
}

static void test_many_readers(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(Store) store = fixture_store(fixture);
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

static void test_closed_reader(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(GError) why = g_error_new_literal(STORE_ERROR, STORE_ERROR_BUSY, "locked");
    Db *db = db_closed(why);
    gint64 number;
    g_autoptr(GError) error = NULL;
    g_assert_false(db_is_open(db));
    g_assert_false(db_number(db, &number, &error, "SELECT 1", ""));
    g_assert_error(error, STORE_ERROR, STORE_ERROR_BUSY);
    g_clear_error(&error);
    g_assert_false(db_copy(db, "nowhere.db", &error));
    g_assert_error(error, STORE_ERROR, STORE_ERROR_BUSY);
    g_assert_false(db_in_transaction(db));
    g_assert_false(db_script(db, "SELECT 1", NULL));
    g_autoptr(Store) store = fixture_store(fixture);
    store_reader_done(store, db); /* not kept for the next */
    Db *next = store_reader(store);
    g_assert_true(db_is_open(next));
    store_reader_done(store, next);
}

/* --- backup --- */

static gpointer write_ticks(gpointer data)
{
    for (gint i = 0; i < 300; i++)
        g_assert_true(store_write(data, add_tick, GINT_TO_POINTER(1000 + i), NULL));
    return NULL;
}

static void test_backup(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(Store) store = fixture_store(fixture);
    g_autofree char *file = g_build_filename(fixture->folder, "copy.db", NULL);
    GThread *writer = g_thread_new("ticks", write_ticks, store);
    g_usleep(10000);
    GError *error = NULL;
    g_assert_true(store_backup(fixture->file, file, &error));
    g_assert_no_error(error);
    g_thread_join(writer);
    g_assert_true(store_backup(fixture->file, file, NULL)); /* over the older one */

    struct stat status;
    g_assert_cmpint(stat(file, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 0777, ==, 0600);
    g_autoptr(Store) copy = store_open(file, false, &error);
    g_assert_no_error(error);
    g_assert_cmpint(fixture_read(copy, "SELECT COUNT(*) FROM tick WHERE n >= 1000"), ==, 300);
    g_assert_cmpint(fixture_read(copy, "SELECT COUNT(*) FROM office"), ==, 1);
}

static void test_backup_over_itself(Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
    g_autofree char *same = g_build_filename(fixture->folder, ".", "sportello.db", NULL);
    g_autoptr(GError) error = NULL;
    g_assert_false(store_backup(fixture->file, same, &error));
    g_assert_error(error, STORE_ERROR, STORE_ERROR_INVALID);
    g_autofree char *nowhere = g_build_filename(fixture->folder, "no", "copy.db", NULL);
    g_autoptr(GError) missing = NULL;
    g_assert_false(store_backup(fixture->file, nowhere, &missing));
    g_assert_error(missing, STORE_ERROR, STORE_ERROR_FAILED);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(sentence, test) fixture_add("/store/" sentence, test)
    T("open/makes_a_file_that_only_we_read", test_makes_a_file);
    T("open/makes_no_file_unless_told", test_makes_no_file);
    T("open/refuses_a_newer_schema", test_refuses_newer);
    T("open/changes_no_schema_when_asked_for_the_current_one", test_current_changes_nothing);
    T("open/refuses_what_is_no_database", test_refuses_no_database);
    T("open/migrates_all_steps_or_none", test_migrates_whole_or_not);
    T("open/sets_what_durability_needs", test_settings);
    T("read/sees_one_snapshot", test_snapshot);
    T("read/does_not_write", test_readers_do_not_write);
    T("read/makes_readers_when_needed_and_keeps_some", test_many_readers);
    T("read/answers_with_the_reason_when_it_cannot_be_opened", test_closed_reader);
    T("backup/is_consistent_while_others_write", test_backup);
    T("backup/never_overwrites_the_database_itself", test_backup_over_itself);
    return g_test_run();
}
