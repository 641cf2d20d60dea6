/* store.h - the only way to the database: readers, and one queue of writes.
 *
 * Readers are pooled connections. All writes go through the writer thread: it takes what waits,
 * runs each job in a savepoint inside one transaction, commits once and answers everybody (group
 * commit). store_write returns after the commit is durable. The aggregates (request.h,
 * appointment.h, letter.h, ...) work on a Db, which is a reader's connection or the writer's
 * transaction; SQL stands in this folder only.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>

typedef struct Store Store;
typedef struct Db Db;

typedef enum {
    STORE_ERROR_FAILED,   /* the engine said no: I/O, corruption */
    STORE_ERROR_FULL,     /* disk full */
    STORE_ERROR_BUSY,     /* locked by somebody else for too long */
    STORE_ERROR_NEWER,    /* the schema is newer than this program */
    STORE_ERROR_OLDER,    /* the schema is older, and it was not asked to bring it up to date */
    STORE_ERROR_CONFLICT, /* a unique key refused it: e.g. the slot is taken */
    STORE_ERROR_NOT_FOUND,
    STORE_ERROR_TRANSITION, /* not in the transition table */
    STORE_ERROR_INVALID,    /* a value the schema refuses */
    STORE_ERROR_STALE,      /* somebody else changed it since it was read */
} StoreError;
#define STORE_ERROR store_error_quark()
GQuark store_error_quark(void);

/* Opens (and makes, when `create`) the database file, migrates it inside a transaction, starts the
 * writer. */
Store *store_open(const char *file, bool create, GError **error);
/* The same on a database that has exactly this program's schema; else NEWER or OLDER, and nothing
 * is changed. For commands that may meet a running server of another version. */
Store *store_open_current(const char *file, GError **error);
/* One connection that only reads, with the same demand; store_look_done gives it back. */
Db *store_look(const char *file, GError **error);
void store_look_done(Db *db);
void store_close(Store *store); /* runs what waits, checkpoints, closes */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Store, store_close)

/* Runs in the writer thread, inside a savepoint. Return false with error set to undo this job
 * alone. It may run a second time, when what it shared a commit with could not be committed: what
 * it leaves in `data` is that of the last run. */
typedef bool StoreJob(Db *db, gpointer data, GError **error);
/* Blocks until durable. The caller must hold no reader. */
bool store_write(Store *store, StoreJob *job, gpointer data, GError **error);
/* `n` jobs that share a commit, in their order; one that fails undoes itself alone. Does not wait:
 * what `data` points to is the writer's until store_collect. */
typedef struct StoreBatch StoreBatch;
StoreBatch *store_submit(Store *store, StoreJob *job, gpointer *data, guint n);
/* Blocks until they are durable and frees the batch. `errors` has room for one of each job, NULL
 * where it is written; they are owned by the caller. */
void store_collect(StoreBatch *batch, GError **errors);

/* A reader sees one consistent snapshot until it is given back. Never NULL: when none can be opened
 * for ten seconds, each query on what is returned fails with the reason. */
Db *store_reader(Store *store);
void store_reader_done(Store *store, Db *db);

/* Writes done and commits they took since the store was opened. */
void store_counts(Store *store, guint64 *jobs, guint64 *commits);

/* A consistent copy while others work. Of any version: whoever upgrades makes one first. */
bool store_backup(const char *database, const char *file, GError **error);
