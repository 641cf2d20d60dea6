/* officer.c - officers and where they work. Sessions and passwords' arithmetic are elsewhere. */
#include "store/officer.h"
#include "store/db.h"
#include "store/person.h"

static const char *const role_names[] = {"", "officer", "manager", "administrator", NULL};

static const char *const digest_names[] = {"off", "daily", NULL};

static const DbField officer_fields[] = {
    DB_INT64(Officer, id),
    DB_INT64(Officer, organisation_id),
    DB_TEXT(Officer, email),
    DB_TEXT(Officer, name),
    DB_TEXT(Officer, password_hash),
    DB_INT64(Officer, password_changed_at),
    DB_INT(Officer, disabled),
    DB_TEXT(Officer, language),
    DB_ENUM(Officer, digest, digest_names),
    DB_INT(Officer, urgent),
    DB_TEXT(Officer, digest_sent_on),
    DB_TEXT(Officer, organisation_slug),
    DB_TEXT(Officer, organisation_name),
    DB_TEXT(Officer, zone),
};
static const DbShape officer_shape = {sizeof(Officer), officer_fields, G_N_ELEMENTS(officer_fields),
                                      (GDestroyNotify)(void (*)(void))officer_free};
#define OFFICER                                                                                    \
    "SELECT f.id, f.organisation_id, f.email, f.name, f.password_hash, f.password_changed_at, "    \
    "f.disabled, f.language, f.digest, f.urgent, f.digest_sent_on, g.slug, g.name, g.zone "        \
    "FROM officer f JOIN organisation g ON g.id = f.organisation_id "

static const DbField place_fields[] = {
    DB_INT64(OfficerOffice, office_id),
    DB_ENUM(OfficerOffice, role, role_names),
    DB_TEXT(OfficerOffice, slug),
    DB_TEXT(OfficerOffice, name),
};
static void place_free(gpointer place);
static const DbShape place_shape = {sizeof(OfficerOffice), place_fields, G_N_ELEMENTS(place_fields),
                                    place_free};

static void place_free(gpointer place)
{
    db_clear(&place_shape, place);
    g_free(place);
}

void officer_free(Officer *officer)
{
    if (officer == NULL)
        return;
    db_clear(&officer_shape, officer);
    if (officer->offices != NULL)
        g_ptr_array_unref(officer->offices);
    g_free(officer);
}

const char *officer_role_name(OfficerRole role)
{
    return role <= ROLE_ADMINISTRATOR ? role_names[role] : "";
}

const char *officer_digest_name(OfficerDigest digest)
{
    return digest == DIGEST_DAILY ? digest_names[DIGEST_DAILY] : digest_names[DIGEST_OFF];
}

bool officer_digest_parse(const char *name, OfficerDigest *digest)
{
    gint index = db_name_index(digest_names, name);
    if (index < 0)
        return false;
    *digest = (OfficerDigest)index;
    return true;
}

bool officer_role_parse(const char *name, OfficerRole *role)
{
    gint index = db_name_index(role_names, name);
    if (index < (gint)ROLE_OFFICER)
        return false;
    *role = (OfficerRole)index;
    return true;
}

OfficerRole officer_role_in(const Officer *officer, gint64 office_id)
{
    for (guint i = 0; officer->offices != NULL && i < officer->offices->len; i++) {
        const OfficerOffice *place = g_ptr_array_index(officer->offices, i);
        if (place->office_id == office_id)
            return place->role;
    }
    return ROLE_NONE;
}

static bool fill_offices(Db *db, Officer *officer, GError **error)
{
    officer->offices = db_list(db, &place_shape, error,
                               "SELECT w.office_id, w.role, o.slug, o.name FROM officer_office w "
                               "JOIN office o ON o.id = w.office_id WHERE w.officer_id = ? "
                               "ORDER BY o.position, o.name",
                               "i", officer->id);
    return officer->offices != NULL;
}

static Officer *with_offices(Db *db, Officer *found, GError **error)
{
    g_autoptr(Officer) officer = found;
    return officer != NULL && fill_offices(db, officer, error) ? g_steal_pointer(&officer) : NULL;
}

Officer *officer_find(Db *db, gint64 id, GError **error)
{
    return with_offices(db, db_one(db, &officer_shape, error, OFFICER "WHERE f.id = ?", "i", id),
                        error);
}

Officer *officer_find_by_email(Db *db, const char *email, GError **error)
{
    g_autofree char *folded = person_fold_email(email);
    return with_offices(
        db, db_one(db, &officer_shape, error, OFFICER "WHERE f.email = ?", "t", folded), error);
}

static GPtrArray *all_with_offices(Db *db, GPtrArray *found, GError **error)
{
    g_autoptr(GPtrArray) list = found;
    for (guint i = 0; list != NULL && i < list->len; i++)
        if (!fill_offices(db, g_ptr_array_index(list, i), error))
            return NULL;
    return g_steal_pointer(&list);
}

GPtrArray *officer_list(Db *db, gint64 organisation_id, GError **error)
{
    return all_with_offices(db,
                            db_list(db, &officer_shape, error,
                                    OFFICER
                                    "WHERE ? IN (0, f.organisation_id) ORDER BY f.name, f.id",
                                    "i", organisation_id),
                            error);
}

GPtrArray *officer_list_to_tell(Db *db, GError **error)
{
    return all_with_offices(db,
                            db_list(db, &officer_shape, error,
                                    OFFICER "WHERE f.disabled = 0 AND (f.digest <> 'off' OR "
                                            "f.urgent = 1) ORDER BY f.id",
                                    ""),
                            error);
}

/* The address of somebody of another organisation is refused: no row comes back then. */
static bool put_officer(Db *db, Officer *officer, const char *email, GError **error)
{
    return db_number(
        db, &officer->id, error,
        "INSERT INTO officer (organisation_id, email, name, language) "
        "VALUES (?, ?, COALESCE(?, ''), COALESCE(?, 'it')) ON CONFLICT (email) DO UPDATE SET "
        "name = COALESCE(?, officer.name), language = COALESCE(?, officer.language) "
        "WHERE officer.organisation_id = excluded.organisation_id RETURNING id",
        "ittttt", officer->organisation_id, email, officer->name, officer->language, officer->name,
        officer->language);
}

bool officer_upsert(Db *db, Officer *officer, GError **error)
{
    g_autofree char *email = person_fold_email(officer->email);
    g_autoptr(GError) failure = NULL;
    if (put_officer(db, officer, email, &failure))
        return true;
    if (g_error_matches(failure, STORE_ERROR, STORE_ERROR_NOT_FOUND)) {
        g_set_error_literal(error, STORE_ERROR, STORE_ERROR_CONFLICT,
                            "the address belongs to an officer of another organisation");
        return false;
    }
    g_propagate_error(error, g_steal_pointer(&failure));
    return false;
}

bool officer_set_password(Db *db, gint64 officer_id, const char *password_hash, gint64 system_at,
                          GError **error)
{
    return db_touch(db, error,
                    "UPDATE officer SET password_hash = ?, password_changed_at = ? WHERE id = ?",
                    "tii", password_hash, system_at, officer_id);
}

bool officer_set_disabled(Db *db, gint64 officer_id, bool disabled, GError **error)
{
    return db_touch(db, error, "UPDATE officer SET disabled = ? WHERE id = ?", "ni", (gint)disabled,
                    officer_id);
}

bool officer_set_language(Db *db, gint64 officer_id, const char *language, GError **error)
{
    return db_touch(db, error, "UPDATE officer SET language = ? WHERE id = ?", "ti", language,
                    officer_id);
}

bool officer_set_notices(Db *db, gint64 officer_id, OfficerDigest digest, bool urgent,
                         GError **error)
{
    return db_touch(db, error, "UPDATE officer SET digest = ?, urgent = ? WHERE id = ?", "tni",
                    officer_digest_name(digest), (gint)urgent, officer_id);
}

bool officer_set_digest_sent(Db *db, gint64 officer_id, const char *day, GError **error)
{
    return db_touch(db, error,
                    "UPDATE officer SET digest_sent_on = ? WHERE id = ? AND digest_sent_on <> ?",
                    "tit", day, officer_id, day);
}

bool officer_assign(Db *db, gint64 officer_id, gint64 office_id, OfficerRole role, GError **error)
{
    if (role == ROLE_NONE)
        return db_run(db, error,
                      "DELETE FROM officer_office WHERE officer_id = ? AND office_id = ?", "ii",
                      officer_id, office_id);
    return db_run(db, error,
                  "INSERT INTO officer_office (officer_id, office_id, role) VALUES (?, ?, ?) "
                  "ON CONFLICT (officer_id, office_id) DO UPDATE SET role = excluded.role",
                  "iit", officer_id, office_id, officer_role_name(role));
}
