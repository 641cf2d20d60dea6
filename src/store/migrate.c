/* migrate.c - applies the numbered schema files that the database has not seen, in one transaction.
 */
#include "store/migrate.h"
#include "store/db.h"

static gint count_steps(const char *const *steps)
{
    return (gint)g_strv_length((GStrv)(gpointer)steps);
}

static bool check_version(Db *db, gint newest, gint *version, GError **error)
{
    if (!db_schema_version(db, version, error))
        return false;
    if (*version <= newest)
        return true;
    g_set_error(error, STORE_ERROR, STORE_ERROR_NEWER,
                "the database has schema %d, this program knows up to %d: use the newer program",
                *version, newest);
    return false;
}

static bool apply(Db *db, const char *const *steps, gint newest, GError **error)
{
    gint version; /* read again: another process may have migrated since */
    if (!check_version(db, newest, &version, error))
        return false;
    for (gint step = version; step < newest; step++)
        if (!db_script(db, steps[step], error))
            return false;
    return db_set_schema_version(db, newest, error);
}

bool migrate(Db *db, const char *const *steps, GError **error)
{
    gint newest = count_steps(steps);
    gint version;
    if (!check_version(db, newest, &version, error))
        return false;
    if (version == newest)
        return true;
    if (!db_begin(db, true, error))
        return false;
    if (apply(db, steps, newest, error) && db_commit(db, error))
        return true;
    db_rollback(db);
    return false;
}

bool migrate_is_current(Db *db, const char *const *steps, GError **error)
{
    gint newest = count_steps(steps);
    gint version;
    if (!check_version(db, newest, &version, error))
        return false;
    if (version == newest)
        return true;
    g_set_error(error, STORE_ERROR, STORE_ERROR_OLDER,
                "the database has schema %d, this program needs %d: start the server of this "
                "program, which brings it up to date",
                version, newest);
    return false;
}
