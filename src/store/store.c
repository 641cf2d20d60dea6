/* store.c - opening and closing, the pool of readers, backup. The queue of writes is writer.c. */
#include "store/store.h"
#include "store/db.h"
#include "store/migrate.h"
#include "store/writer.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

#define IDLE_READERS 8 /* more than these are closed when they come back */
#define RETRY_US 50000 /* between two tries to open a reader */
#define RETRY_MOST_US ((gint64)10 * G_USEC_PER_SEC)

G_DEFINE_QUARK(sportello - store - error, store_error)

struct Store {
    char *file;
    Writer *writer;
    pthread_mutex_t lock;
    GPtrArray *idle; /* Db *, under the lock */
};

static bool is_there(const char *file, GError **error)
{
    if (g_file_test(file, G_FILE_TEST_EXISTS))
        return true;
    g_set_error(error, STORE_ERROR, STORE_ERROR_NOT_FOUND, "%s: %s", file, g_strerror(ENOENT));
    return false;
}

static Db *open_migrated(const char *file, bool create, GError **error)
{
    if (create && !db_make_file(file, error))
        return NULL;
    if (!create && !is_there(file, error))
        return NULL;
    Db *db = db_open(file, DB_WRITER, error);
    if (db == NULL || migrate(db, migrate_steps, error))
        return db;
    g_prefix_error(error, "%s: ", file);
    db_close(db);
    return NULL;
}

/* Not migrated: a server of the older program may be at work on it. */
static Db *open_current(const char *file, DbRole role, GError **error)
{
    Db *db = is_there(file, error) ? db_open(file, role, error) : NULL;
    if (db == NULL || migrate_is_current(db, migrate_steps, error))
        return db;
    g_prefix_error(error, "%s: ", file);
    db_close(db);
    return NULL;
}

static Store *store_new(const char *file, Db *db)
{
    if (db == NULL)
        return NULL;
    Store *store = g_new0(Store, 1);
    store->file = g_strdup(file);
    store->idle = g_ptr_array_new_with_free_func((GDestroyNotify)db_close);
    pthread_mutex_init(&store->lock, NULL);
    store->writer = writer_new(db);
    return store;
}

Store *store_open(const char *file, bool create, GError **error)
{
    return store_new(file, open_migrated(file, create, error));
}

Store *store_open_current(const char *file, GError **error)
{
    return store_new(file, open_current(file, DB_WRITER, error));
}

Db *store_look(const char *file, GError **error)
{
    return open_current(file, DB_READER, error);
}

void store_look_done(Db *db)
{
    db_close(db);
}

void store_close(Store *store)
{
    if (store == NULL)
        return;
    g_ptr_array_unref(store->idle); /* before the writer, whose checkpoint waits for readers */
    writer_free(store->writer);
    pthread_mutex_destroy(&store->lock);
    g_free(store->file);
    g_free(store);
}

bool store_write(Store *store, StoreJob *job, gpointer data, GError **error)
{
    return writer_run(store->writer, job, data, error);
}

StoreBatch *store_submit(Store *store, StoreJob *job, gpointer *data, guint n)
{
    return writer_submit(store->writer, job, data, n);
}

void store_collect(StoreBatch *batch, GError **errors)
{
    writer_collect(batch, errors);
}

static Db *idle_reader(Store *store)
{
    pthread_mutex_lock(&store->lock);
    Db *db = store->idle->len > 0 ? g_ptr_array_steal_index_fast(store->idle, store->idle->len - 1)
                                  : NULL;
    pthread_mutex_unlock(&store->lock);
    return db;
}

static Db *begin_reader(Store *store, GError **error)
{
    Db *db = idle_reader(store);
    if (db == NULL)
        db = db_open(store->file, DB_READER, error);
    if (db == NULL || db_begin(db, false, error))
        return db;
    db_close(db);
    return NULL;
}

/* Descriptors and memory come back, so whoever waits a little is served; what is wrong for longer
 * must not hold every page and every mail for ever. */
Db *store_reader(Store *store)
{
    gint64 until = g_get_monotonic_time() + RETRY_MOST_US;
    for (;;) {
        g_autoptr(GError) error = NULL;
        Db *db = begin_reader(store, &error);
        if (db != NULL)
            return db;
        if (g_get_monotonic_time() >= until) {
            g_warning("event=reader_failed error=\"%s\"", error->message);
            return db_closed(error);
        }
        g_usleep(RETRY_US);
    }
}

void store_reader_done(Store *store, Db *db)
{
    db_rollback(db);
    pthread_mutex_lock(&store->lock);
    bool is_kept = db_is_open(db) && store->idle->len < IDLE_READERS;
    if (is_kept)
        g_ptr_array_add(store->idle, db);
    pthread_mutex_unlock(&store->lock);
    if (!is_kept)
        db_close(db);
}

void store_counts(Store *store, guint64 *jobs, guint64 *commits)
{
    writer_counts(store->writer, jobs, commits);
}

static bool is_same_file(const char *one, const char *other)
{
    struct stat a, b;
    return stat(one, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

/* The copy takes its name when it is complete: a backup that failed leaves the older one alone. */
static bool copy_then_name(Db *db, const char *file, GError **error)
{
    g_autofree char *partial = g_strconcat(file, ".partial", NULL);
    g_unlink(partial);
    bool ok = db_make_file(partial, error) && db_copy(db, partial, error);
    if (ok && g_rename(partial, file) != 0) {
        g_set_error(error, STORE_ERROR, STORE_ERROR_FAILED, "%s: %s", file, g_strerror(errno));
        ok = false;
    }
    if (!ok)
        g_unlink(partial);
    return ok;
}

bool store_backup(const char *database, const char *file, GError **error)
{
    if (is_same_file(database, file)) {
        g_set_error(error, STORE_ERROR, STORE_ERROR_INVALID, "%s: is the database itself", file);
        return false;
    }
    Db *db = is_there(database, error) ? db_open(database, DB_READER, error) : NULL;
    if (db == NULL)
        return false;
    bool ok = db_begin(db, false, error) && copy_then_name(db, file, error);
    db_rollback(db);
    db_close(db);
    return ok;
}
