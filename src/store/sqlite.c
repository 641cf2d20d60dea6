/* sqlite.c - the engine: connections, prepared statements, errors. The only file that knows SQLite.
 */
#include "store/db.h"
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#define BUSY_MS 10000

struct Query {
    sqlite3_stmt *statement;
    Db *db;
    bool is_cached;
};

struct Db {
    sqlite3 *handle;        /* NULL: it could not be opened, `why` answers everything */
    GHashTable *statements; /* address of the SQL literal -> sqlite3_stmt */
    GError *why;
};

static void configure_once(void)
{
    static gsize done = 0;
    if (!g_once_init_enter(&done))
        return;
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); /* one lock less on each allocation */
    g_once_init_leave(&done, 1);
}

static StoreError code_of(int extended)
{
    if (extended == SQLITE_CONSTRAINT_UNIQUE || extended == SQLITE_CONSTRAINT_PRIMARYKEY)
        return STORE_ERROR_CONFLICT;
    switch (extended & 0xff) {
    case SQLITE_FULL:
        return STORE_ERROR_FULL;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return STORE_ERROR_BUSY;
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
        return STORE_ERROR_INVALID;
    default:
        return STORE_ERROR_FAILED;
    }
}

/* A write that finds no room is SQLITE_FULL, but growing the shared index of the log is an I/O
 * error. */
static StoreError code_of_handle(sqlite3 *handle)
{
    StoreError code = code_of(sqlite3_extended_errcode(handle));
    gint system = sqlite3_system_errno(handle);
    if (code == STORE_ERROR_FAILED && (system == ENOSPC || system == EDQUOT))
        return STORE_ERROR_FULL;
    return code;
}

static bool fail(Db *db, GError **error)
{
    if (db->why) {
        if (error)
            *error = g_error_copy(db->why);
        return false;
    }
    g_set_error_literal(error, STORE_ERROR, (gint)code_of_handle(db->handle),
                        sqlite3_errmsg(db->handle));
    return false;
}

bool db_make_file(const char *file, GError **error)
{
    gint fd = open(file, O_CREAT | O_CLOEXEC | O_RDWR, 0600);
    if (fd >= 0) {
        close(fd);
        return true;
    }
    g_set_error(error, STORE_ERROR, errno == ENOSPC ? STORE_ERROR_FULL : STORE_ERROR_FAILED,
                "%s: %s", file, g_strerror(errno));
    return false;
}

/* Foreign keys and the overwriting of what is deleted matter to who writes. So does what is not
 * committed yet: a page that leaves the cache early and changes again makes SQLite read back the
 * log and sum it up anew, so up to 2,048 pages stay (a batch of mail has 600). Readers keep their
 * memory small. */
static const char writer_settings[] = "PRAGMA journal_mode = WAL;"
                                      "PRAGMA synchronous = FULL;"
                                      "PRAGMA wal_autocheckpoint = 1000;"
                                      "PRAGMA journal_size_limit = 67108864;"
                                      "PRAGMA foreign_keys = ON;"
                                      "PRAGMA secure_delete = ON;"
                                      "PRAGMA cache_size = -6144;"
                                      "PRAGMA cache_spill = 2048;"
                                      "PRAGMA temp_store = MEMORY;";
static const char reader_settings[] = "PRAGMA query_only = ON;"
                                      "PRAGMA cache_size = -256;"
                                      "PRAGMA temp_store = MEMORY;";

static Db *db_new(void)
{
    Db *db = g_new0(Db, 1);
    db->statements =
        g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)(void (*)(void))sqlite3_finalize);
    return db;
}

Db *db_closed(const GError *why)
{
    Db *db = db_new();
    db->why = g_error_copy(why);
    return db;
}

bool db_is_open(const Db *db)
{
    return db->why == NULL;
}

Db *db_open(const char *file, DbRole role, GError **error)
{
    configure_once();
    Db *db = db_new();
    int code =
        sqlite3_open_v2(file, &db->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK) {
        sqlite3_extended_result_codes(db->handle, 1);
        sqlite3_busy_timeout(db->handle, BUSY_MS);
        if (db_script(db, role == DB_WRITER ? writer_settings : reader_settings, error))
            return db;
        g_prefix_error(error, "%s: ", file);
    } else {
        g_set_error(error, STORE_ERROR, (gint)code_of(code), "%s: %s", file, sqlite3_errstr(code));
    }
    db_close(db);
    return NULL;
}

void db_close(Db *db)
{
    if (db == NULL)
        return;
    g_hash_table_destroy(db->statements);
    sqlite3_close(db->handle);
    g_clear_error(&db->why);
    g_free(db);
}

bool db_script(Db *db, const char *sql, GError **error)
{
    return (db->handle && sqlite3_exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK) ||
           fail(db, error);
}

bool db_begin(Db *db, bool to_write, GError **error)
{
    return db_run(db, error, to_write ? "BEGIN IMMEDIATE" : "BEGIN", "");
}

bool db_commit(Db *db, GError **error)
{
    return db_run(db, error, "COMMIT", "");
}

void db_rollback(Db *db)
{
    if (db_in_transaction(db))
        db_run(db, NULL, "ROLLBACK", "");
}

bool db_in_transaction(Db *db)
{
    return db->handle && sqlite3_get_autocommit(db->handle) == 0;
}

bool db_savepoint(Db *db, GError **error)
{
    return db_run(db, error, "SAVEPOINT job", "");
}

bool db_release(Db *db, GError **error)
{
    return db_run(db, error, "RELEASE job", "");
}

void db_undo_savepoint(Db *db)
{
    if (!db_in_transaction(db))
        return;
    db_run(db, NULL, "ROLLBACK TO job", "");
    db_run(db, NULL, "RELEASE job", "");
}

bool db_schema_version(Db *db, gint *version, GError **error)
{
    g_autoptr(Query) query = db_query(db, error, "PRAGMA user_version", "");
    if (query == NULL || !query_step(query, error))
        return false;
    *version = (gint)query_int(query, 0);
    return true;
}

bool db_set_schema_version(Db *db, gint version, GError **error)
{
    g_autofree char *sql = g_strdup_printf("PRAGMA user_version = %d", version);
    return db_script(db, sql, error);
}

void db_checkpoint(Db *db)
{
    sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
}

/* One step over all pages: the source's read transaction keeps it consistent while others write. */
bool db_copy(Db *db, const char *file, GError **error)
{
    if (!db->handle)
        return fail(db, error);
    sqlite3 *target = NULL;
    int code = sqlite3_open_v2(
        file, &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK) {
        sqlite3_backup *copy = sqlite3_backup_init(target, "main", db->handle, "main");
        if (copy != NULL) {
            sqlite3_backup_step(copy, -1);
            sqlite3_backup_finish(copy);
        }
        code = sqlite3_extended_errcode(target);
    }
    if (code != SQLITE_OK)
        g_set_error(error, STORE_ERROR, (gint)code_of(code), "%s: %s", file, sqlite3_errstr(code));
    sqlite3_close(target);
    return code == SQLITE_OK;
}

static sqlite3_stmt *prepare(Db *db, const char *sql, guint flags, GError **error)
{
    sqlite3_stmt *statement = NULL;
    if (!db->handle ||
        sqlite3_prepare_v3(db->handle, sql, -1, flags, &statement, NULL) != SQLITE_OK)
        fail(db, error);
    return statement;
}

/* The same statement inside itself gets a copy of its own. */
static sqlite3_stmt *statement_for(Db *db, const char *sql, bool *is_cached, GError **error)
{
    sqlite3_stmt *statement = g_hash_table_lookup(db->statements, sql);
    *is_cached = statement == NULL || !sqlite3_stmt_busy(statement);
    if (!*is_cached)
        return prepare(db, sql, 0, error);
    if (statement == NULL) {
        statement = prepare(db, sql, SQLITE_PREPARE_PERSISTENT, error);
        if (statement != NULL)
            g_hash_table_insert(db->statements, (gpointer)(guintptr)sql, statement);
    }
    return statement;
}

static int bind_reference(sqlite3_stmt *statement, int index, gint64 id)
{
    return id != 0 ? sqlite3_bind_int64(statement, index, id) : sqlite3_bind_null(statement, index);
}

static int bind_bytes(sqlite3_stmt *statement, int index, const void *bytes, gsize length)
{
    return sqlite3_bind_blob64(statement, index, length > 0 ? bytes : "", length, SQLITE_STATIC);
}

static int bind_all(sqlite3_stmt *statement, const char *types, va_list arguments)
{
    int code = SQLITE_OK;
    for (int i = 1; types[i - 1] != '\0' && code == SQLITE_OK; i++) {
        switch (types[i - 1]) {
        case 'i':
            code = sqlite3_bind_int64(statement, i, va_arg(arguments, gint64));
            break;
        case 'r':
            code = bind_reference(statement, i, va_arg(arguments, gint64));
            break;
        case 'n':
            code = sqlite3_bind_int(statement, i, va_arg(arguments, int));
            break;
        case 't':
            code =
                sqlite3_bind_text(statement, i, va_arg(arguments, const char *), -1, SQLITE_STATIC);
            break;
        case 'b': {
            const void *bytes = va_arg(arguments, const void *);
            code = bind_bytes(statement, i, bytes, va_arg(arguments, gsize));
            break;
        }
        default:
            g_assert_not_reached();
        }
    }
    return code;
}

Query *db_query_va(Db *db, GError **error, const char *sql, const char *types, va_list arguments)
{
    bool is_cached;
    sqlite3_stmt *statement = statement_for(db, sql, &is_cached, error);
    if (statement == NULL)
        return NULL;
    Query *query = g_new(Query, 1);
    *query = (Query){statement, db, is_cached};
    g_assert((int)strlen(types) == sqlite3_bind_parameter_count(statement));
    if (bind_all(statement, types, arguments) == SQLITE_OK)
        return query;
    fail(db, error);
    query_done(query);
    return NULL;
}

bool query_step(Query *query, GError **error)
{
    int code = sqlite3_step(query->statement);
    if (code == SQLITE_ROW)
        return true;
    if (code != SQLITE_DONE)
        fail(query->db, error);
    return false;
}

gint query_columns(Query *query)
{
    return sqlite3_column_count(query->statement);
}

gint64 query_int(Query *query, gint column)
{
    return sqlite3_column_int64(query->statement, column);
}

const char *query_text(Query *query, gint column)
{
    return (const char *)sqlite3_column_text(query->statement, column);
}

const void *query_bytes(Query *query, gint column, gsize *length)
{
    const void *bytes = sqlite3_column_blob(query->statement, column);
    *length = (gsize)sqlite3_column_bytes(query->statement, column);
    return bytes;
}

void query_done(Query *query)
{
    if (query == NULL)
        return;
    if (query->is_cached) {
        sqlite3_reset(query->statement);
        sqlite3_clear_bindings(query->statement); /* they point into the caller's memory */
    } else {
        sqlite3_finalize(query->statement);
    }
    g_free(query);
}

gint64 db_changes(Db *db)
{
    return sqlite3_changes64(db->handle);
}
