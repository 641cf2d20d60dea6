/* db.h - the thin layer between the aggregates and the engine. Used inside src/store only.
 *
 * SQL is portable (ON CONFLICT, RETURNING, no functions of one engine), parameters are `?` in
 * order. The texts of statements are string literals: each connection keeps them prepared, found by
 * their address.
 *
 * Arguments are described by one letter each:
 *   i  gint64            r  gint64, 0 stands for NULL
 *   n  int, bool, enum   t  const char *, NULL stands for NULL
 *   b  const void *, gsize
 */
#pragma once
#include "store/store.h"

typedef enum { DB_READER, DB_WRITER } DbRole;

/* --- connections (sqlite.c) --- */
bool db_make_file(const char *file,
                  GError **error); /* an empty file of our own, mode 0600, when missing */
Db *db_open(const char *file, DbRole role, GError **error);
/* Stands for a connection that could not be opened: each query on it fails with a copy of `why`. */
Db *db_closed(const GError *why);
bool db_is_open(const Db *db);
void db_close(Db *db);
bool db_begin(Db *db, bool to_write, GError **error);
bool db_commit(Db *db, GError **error);
void db_rollback(Db *db);
bool db_in_transaction(Db *db); /* the engine may have rolled back by itself, e.g. on a full disk */
bool db_savepoint(Db *db, GError **error);
bool db_release(Db *db, GError **error);
void db_undo_savepoint(Db *db); /* rolls back to it and forgets it */
bool db_script(Db *db, const char *sql, GError **error);
bool db_schema_version(Db *db, gint *version, GError **error);
bool db_set_schema_version(Db *db, gint version, GError **error);
bool db_copy(Db *db, const char *file, GError **error);
void db_checkpoint(Db *db);

/* --- queries (sqlite.c, db.c) --- */
typedef struct Query Query;
Query *db_query(Db *db, GError **error, const char *sql, const char *types, ...);
Query *db_query_va(Db *db, GError **error, const char *sql, const char *types, va_list arguments);
/* True for a row; false at the end or on an error, which is then set. */
bool query_step(Query *query, GError **error);
gint query_columns(Query *query);
gint64 query_int(Query *query, gint column);       /* 0 for NULL */
const char *query_text(Query *query, gint column); /* borrowed until the next step; NULL for NULL */
const void *query_bytes(Query *query, gint column,
                        gsize *length); /* borrowed until the next step */
void query_done(Query *query);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Query, query_done)
gint64 db_changes(Db *db); /* rows of the last INSERT, UPDATE or DELETE, triggers not counted */

/* --- rows into structs (db.c) --- */
typedef enum { FIELD_INT64, FIELD_INT, FIELD_TEXT, FIELD_ENUM } DbFieldKind;
typedef struct {
    DbFieldKind kind;
    guint offset;
    const char *const *names; /* of a FIELD_ENUM, ended by NULL; the index is the value */
} DbField;
/* Fields stand in the order of the columns. The struct begins zeroed. */
typedef struct {
    gsize size;
    const DbField *fields;
    guint n_fields;
    GDestroyNotify free; /* of one heap struct; NULL for plain values */
} DbShape;
#define DB_INT64(type, member)                                                                     \
    {                                                                                              \
        FIELD_INT64, (guint)G_STRUCT_OFFSET(type, member), NULL                                    \
    }
#define DB_INT(type, member)                                                                       \
    {                                                                                              \
        FIELD_INT, (guint)G_STRUCT_OFFSET(type, member), NULL                                      \
    }
#define DB_TEXT(type, member)                                                                      \
    {                                                                                              \
        FIELD_TEXT, (guint)G_STRUCT_OFFSET(type, member), NULL                                     \
    }
#define DB_ENUM(type, member, names)                                                               \
    {                                                                                              \
        FIELD_ENUM, (guint)G_STRUCT_OFFSET(type, member), names                                    \
    }

void db_clear(const DbShape *shape, gpointer row); /* frees its texts */
/* The first row as a heap struct; NULL with STORE_ERROR_NOT_FOUND when there is none. */
gpointer db_one(Db *db, const DbShape *shape, GError **error, const char *sql, const char *types,
                ...);
/* All rows; NULL on an error. */
GPtrArray *db_list(Db *db, const DbShape *shape, GError **error, const char *sql, const char *types,
                   ...);
GArray *db_values(Db *db, const DbShape *shape, GError **error, const char *sql, const char *types,
                  ...);
/* Runs to the end, rows are dropped. */
bool db_run(Db *db, GError **error, const char *sql, const char *types, ...);
/* The same, NOT_FOUND when no row was touched. */
bool db_touch(Db *db, GError **error, const char *sql, const char *types, ...);
/* First column of the first row; NOT_FOUND when there is none. */
bool db_number(Db *db, gint64 *number, GError **error, const char *sql, const char *types, ...);

gint db_name_index(const char *const *names, const char *name); /* -1 when unknown or NULL */
/* For search: lower case without accents. */
char *db_fold(const char *text);
/* "%folded words%" with the wildcards of LIKE escaped by a backslash. */
char *db_like(const char *word);
