/* opening.c - what an office offers and when it receives: services, openings, closures, counters.
 */
#include "store/db.h"
#include "store/office.h"

static const DbField service_fields[] = {
    DB_INT64(OfficeService, id),     DB_INT64(OfficeService, office_id),
    DB_TEXT(OfficeService, name),    DB_INT(OfficeService, duration_min),
    DB_INT(OfficeService, step_min), DB_INT(OfficeService, position),
};
static const DbShape service_shape = {sizeof(OfficeService), service_fields,
                                      G_N_ELEMENTS(service_fields),
                                      (GDestroyNotify)(void (*)(void))office_service_free};
#define SERVICE "SELECT id, office_id, name, duration_min, step_min, position FROM service "

static const DbField opening_fields[] = {
    DB_INT64(OfficeOpening, id),         DB_INT64(OfficeOpening, office_id),
    DB_INT(OfficeOpening, weekday),      DB_INT(OfficeOpening, from_minute),
    DB_INT(OfficeOpening, until_minute), DB_INT(OfficeOpening, valid_from),
    DB_INT(OfficeOpening, valid_until),  DB_INT(OfficeOpening, counters),
};
static const DbShape opening_shape = {sizeof(OfficeOpening), opening_fields,
                                      G_N_ELEMENTS(opening_fields), NULL};

static const DbField closure_fields[] = {
    DB_INT64(OfficeClosure, id),        DB_INT64(OfficeClosure, organisation_id),
    DB_INT64(OfficeClosure, office_id), DB_INT64(OfficeClosure, from_at),
    DB_INT64(OfficeClosure, until_at),  DB_TEXT(OfficeClosure, reason),
};
static const DbShape closure_shape = {sizeof(OfficeClosure), closure_fields,
                                      G_N_ELEMENTS(closure_fields),
                                      (GDestroyNotify)(void (*)(void))office_closure_free};

static const DbField counter_fields[] = {
    DB_INT64(OfficeCounter, id),
    DB_INT64(OfficeCounter, office_id),
    DB_INT(OfficeCounter, number),
};
static const DbShape counter_shape = {sizeof(OfficeCounter), counter_fields,
                                      G_N_ELEMENTS(counter_fields), NULL};

void office_service_free(OfficeService *service)
{
    if (service == NULL)
        return;
    db_clear(&service_shape, service);
    g_free(service);
}

void office_closure_free(OfficeClosure *closure)
{
    if (closure == NULL)
        return;
    db_clear(&closure_shape, closure);
    g_free(closure);
}

/* --- reading --- */

OfficeService *office_service_find(Db *db, gint64 id, GError **error)
{
    return db_one(db, &service_shape, error, SERVICE "WHERE id = ?", "i", id);
}

GPtrArray *office_services(Db *db, gint64 office_id, GError **error)
{
    return db_list(db, &service_shape, error, SERVICE "WHERE office_id = ? ORDER BY position, name",
                   "i", office_id);
}

GArray *office_openings(Db *db, gint64 office_id, GError **error)
{
    return db_values(db, &opening_shape, error,
                     "SELECT id, office_id, weekday, from_minute, until_minute, valid_from, "
                     "valid_until, counters FROM opening WHERE office_id = ? "
                     "ORDER BY weekday, from_minute, id",
                     "i", office_id);
}

GPtrArray *office_closures(Db *db, gint64 office_id, gint64 from, gint64 until, GError **error)
{
    return db_list(db, &closure_shape, error,
                   "SELECT id, organisation_id, office_id, from_at, until_at, reason FROM closure "
                   "WHERE organisation_id = (SELECT organisation_id FROM office WHERE id = ?) "
                   "AND (office_id IS NULL OR office_id = ?) AND until_at > ? AND from_at < ? "
                   "ORDER BY from_at, id",
                   "iiii", office_id, office_id, from, until);
}

GArray *office_counters(Db *db, gint64 office_id, GError **error)
{
    return db_values(
        db, &counter_shape, error,
        "SELECT id, office_id, number FROM counter WHERE office_id = ? ORDER BY number", "i",
        office_id);
}

/* --- writing --- */

bool office_service_upsert(Db *db, OfficeService *service, GError **error)
{
    return db_number(db, &service->id, error,
                     "INSERT INTO service (office_id, name, duration_min, step_min, position) "
                     "VALUES (?, ?, ?, ?, ?) ON CONFLICT (office_id, name) DO UPDATE SET "
                     "duration_min = excluded.duration_min, step_min = excluded.step_min, "
                     "position = excluded.position RETURNING id",
                     "itnnn", service->office_id, service->name, service->duration_min,
                     service->step_min, service->position);
}

bool office_need_counters(Db *db, gint64 office_id, gint counters, GError **error)
{
    for (gint number = 1; number <= counters; number++)
        if (!db_run(db, error,
                    "INSERT INTO counter (office_id, number) VALUES (?, ?) "
                    "ON CONFLICT (office_id, number) DO NOTHING",
                    "in", office_id, number))
            return false;
    return true;
}

static bool add_opening(Db *db, gint64 office_id, const OfficeOpening *opening, GError **error)
{
    return db_run(db, error,
                  "INSERT INTO opening (office_id, weekday, from_minute, until_minute, valid_from, "
                  "valid_until, counters) VALUES (?, ?, ?, ?, ?, ?, ?)",
                  "innnnnn", office_id, opening->weekday, opening->from_minute,
                  opening->until_minute, opening->valid_from, opening->valid_until,
                  opening->counters) &&
           office_need_counters(db, office_id, opening->counters, error);
}

bool office_set_openings(Db *db, gint64 office_id, const GArray *openings, GError **error)
{
    if (!db_run(db, error, "DELETE FROM opening WHERE office_id = ?", "i", office_id))
        return false;
    for (guint i = 0; i < openings->len; i++)
        if (!add_opening(db, office_id, &g_array_index(openings, OfficeOpening, i), error))
            return false;
    return true;
}

/* In use is what an appointment, even an old one, or an opening refers to. */
bool office_set_counters(Db *db, gint64 office_id, gint counters, GError **error)
{
    return office_need_counters(db, office_id, counters, error) &&
           db_run(db, error,
                  "DELETE FROM counter WHERE office_id = ? AND number > ? AND number > "
                  "(SELECT COALESCE(MAX(counters), 0) FROM opening WHERE office_id = ?) "
                  "AND NOT EXISTS (SELECT 1 FROM appointment WHERE counter_id = counter.id)",
                  "ini", office_id, counters, office_id);
}

static bool put_closure(Db *db, OfficeClosure *closure, GError **error)
{
    const char *reason = closure->reason != NULL ? closure->reason : "";
    if (closure->id != 0)
        return db_run(db, error, "UPDATE closure SET reason = ? WHERE id = ?", "ti", reason,
                      closure->id);
    return db_number(db, &closure->id, error,
                     "INSERT INTO closure (organisation_id, office_id, from_at, until_at, reason) "
                     "VALUES (?, ?, ?, ?, ?) RETURNING id",
                     "iriit", closure->organisation_id, closure->office_id, closure->from_at,
                     closure->until_at, reason);
}

bool office_closure_add(Db *db, OfficeClosure *closure, GError **error)
{
    return db_number(db, &closure->id, error,
                     "SELECT COALESCE(MIN(id), 0) FROM closure WHERE organisation_id = ? "
                     "AND COALESCE(office_id, 0) = ? AND from_at = ? AND until_at = ?",
                     "iiii", closure->organisation_id, closure->office_id, closure->from_at,
                     closure->until_at) &&
           put_closure(db, closure, error);
}

bool office_closure_remove(Db *db, gint64 id, GError **error)
{
    return db_touch(db, error, "DELETE FROM closure WHERE id = ?", "i", id);
}
