/* office.c - organisations and offices, read and written. What can be booked and when: opening.c.
 */
#include "store/office.h"
#include "store/db.h"
#include "store/person.h"

#include <string.h>

static const DbField organisation_fields[] = {
    DB_INT64(Organisation, id),         DB_TEXT(Organisation, slug),
    DB_TEXT(Organisation, name),        DB_TEXT(Organisation, zone),
    DB_INT(Organisation, patron_month), DB_INT(Organisation, patron_day),
    DB_TEXT(Organisation, language),
};
static const DbShape organisation_shape = {sizeof(Organisation), organisation_fields,
                                           G_N_ELEMENTS(organisation_fields),
                                           (GDestroyNotify)(void (*)(void))organisation_free};
#define ORGANISATION                                                                               \
    "SELECT id, slug, name, zone, patron_month, patron_day, language FROM organisation "

static const DbField office_fields[] = {
    DB_INT64(Office, id),
    DB_INT64(Office, organisation_id),
    DB_TEXT(Office, slug),
    DB_TEXT(Office, name),
    DB_TEXT(Office, purpose),
    DB_TEXT(Office, address),
    DB_TEXT(Office, own_addresses),
    DB_TEXT(Office, own_domains),
    DB_TEXT(Office, code_prefix),
    DB_TEXT(Office, phone),
    DB_INT(Office, slot_min),
    DB_INT(Office, step_min),
    DB_INT(Office, buffer_min),
    DB_INT(Office, notice_days),
    DB_INT(Office, horizon_days),
    DB_INT(Office, lobby_min),
    DB_INT(Office, late_min),
    DB_INT(Office, change_until_min),
    DB_INT(Office, weekly_cap),
    DB_INT(Office, hold_min),
    DB_INT(Office, max_people),
    DB_INT(Office, self_booking),
    DB_TEXT(Office, platform),
    DB_INT(Office, position),
    DB_TEXT(Office, topics),
    DB_TEXT(Office, required),
    DB_TEXT(Office, organisation_slug),
    DB_TEXT(Office, organisation_name),
    DB_TEXT(Office, zone),
    DB_TEXT(Office, language),
    DB_INT(Office, patron_month),
    DB_INT(Office, patron_day),
};
static const DbShape office_shape = {sizeof(Office), office_fields, G_N_ELEMENTS(office_fields),
                                     (GDestroyNotify)(void (*)(void))office_free};
#define OFFICE                                                                                     \
    "SELECT o.id, o.organisation_id, o.slug, o.name, o.purpose, o.address, o.own_addresses, "      \
    "o.own_domains, o.code_prefix, o.phone, o.slot_min, o.step_min, o.buffer_min, o.notice_days, " \
    "o.horizon_days, o.lobby_min, o.late_min, o.change_until_min, o.weekly_cap, o.hold_min, "      \
    "o.max_people, o.self_booking, o.platform, o.position, o.topics, o.required, g.slug, g.name, " \
    "g.zone, g.language, "                                                                         \
    "g.patron_month, g.patron_day "                                                                \
    "FROM office o JOIN organisation g ON g.id = o.organisation_id "

void organisation_free(Organisation *organisation)
{
    if (organisation == NULL)
        return;
    db_clear(&organisation_shape, organisation);
    g_free(organisation);
}

void office_free(Office *office)
{
    if (office == NULL)
        return;
    db_clear(&office_shape, office);
    g_free(office);
}

Organisation *organisation_find(Db *db, gint64 id, GError **error)
{
    return db_one(db, &organisation_shape, error, ORGANISATION "WHERE id = ?", "i", id);
}

Organisation *organisation_find_by_slug(Db *db, const char *slug, GError **error)
{
    return db_one(db, &organisation_shape, error, ORGANISATION "WHERE slug = ?", "t", slug);
}

GPtrArray *organisation_list(Db *db, GError **error)
{
    return db_list(db, &organisation_shape, error, ORGANISATION "ORDER BY name, id", "");
}

Office *office_find(Db *db, gint64 id, GError **error)
{
    return db_one(db, &office_shape, error, OFFICE "WHERE o.id = ?", "i", id);
}

Office *office_find_by_slug(Db *db, const char *slug, GError **error)
{
    return db_one(db, &office_shape, error, OFFICE "WHERE o.slug = ?", "t", slug);
}

GPtrArray *office_list(Db *db, gint64 organisation_id, GError **error)
{
    if (organisation_id == 0)
        return db_list(db, &office_shape, error,
                       OFFICE "ORDER BY g.name, o.organisation_id, o.position, o.name", "");
    return db_list(db, &office_shape, error,
                   OFFICE "WHERE o.organisation_id = ? ORDER BY o.position, o.name", "i",
                   organisation_id);
}

static bool is_address_of(const Office *office, const char *folded)
{
    g_autofree char *joined =
        g_strjoin(" ", office->address ? office->address : "", office->own_addresses, NULL);
    g_auto(GStrv) addresses = g_strsplit(joined, " ", -1);
    for (GStrv address = addresses; *address; address++) {
        g_autofree char *own = person_fold_email(*address);
        if (own && strcmp(own, folded) == 0)
            return true;
    }
    return false;
}

static Office *take_by_address(GPtrArray *offices, const char *folded)
{
    for (guint i = 0; i < offices->len; i++)
        if (is_address_of(g_ptr_array_index(offices, i), folded))
            return g_ptr_array_steal_index(offices, i);
    return NULL;
}

Office *office_find_by_address(Db *db, const char *address, GError **error)
{
    g_autofree char *folded = person_fold_email(address);
    g_autoptr(GPtrArray) offices = office_list(db, 0, error);
    if (!offices)
        return NULL;
    Office *office = folded ? take_by_address(offices, folded) : NULL;
    char *at = folded ? strrchr(folded, '@') : NULL;
    char *plus = folded ? strchr(folded, '+') : NULL;
    if (!office && at && plus && plus > folded && plus < at) {
        memmove(plus, at, strlen(at) + 1);
        office = take_by_address(offices, folded);
    }
    if (!office)
        g_set_error_literal(error, STORE_ERROR, STORE_ERROR_NOT_FOUND, "nobody's address");
    return office;
}

void organisation_defaults(Organisation *organisation)
{
    *organisation = (Organisation){.zone = (char *)"Europe/Rome", .language = (char *)"it"};
}

bool organisation_upsert(Db *db, Organisation *organisation, GError **error)
{
    return db_number(
        db, &organisation->id, error,
        "INSERT INTO organisation (slug, name, zone, patron_month, patron_day, language) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (slug) DO UPDATE SET "
        "name = excluded.name, zone = excluded.zone, "
        "patron_month = excluded.patron_month, patron_day = excluded.patron_day, "
        "language = excluded.language RETURNING id",
        "tttnnt", organisation->slug, organisation->name, organisation->zone,
        organisation->patron_month, organisation->patron_day, organisation->language);
}

void office_defaults(Office *office)
{
    *office = (Office){
        .purpose = (char *)"",
        .address = (char *)"",
        .own_addresses = (char *)"",
        .own_domains = (char *)"",
        .phone = (char *)"",
        .slot_min = 20,
        .step_min = 20,
        .notice_days = 1,
        .horizon_days = 30,
        .lobby_min = 15,
        .late_min = 10,
        .change_until_min = 120,
        .weekly_cap = 2,
        .hold_min = 15,
        .max_people = 4,
        .platform = (char *)"room",
        .topics = (char *)"",
        .required = (char *)"",
    };
}

static const char *or_empty(const char *text)
{
    return text != NULL ? text : "";
}

/* A slug of another organisation is not ours to change: no row comes back then. */
static bool put_office(Db *db, Office *office, GError **error)
{
    return db_number(
        db, &office->id, error,
        "INSERT INTO office (organisation_id, slug, name, purpose, address, own_addresses, "
        "own_domains, code_prefix, phone, slot_min, step_min, buffer_min, notice_days, "
        "horizon_days, lobby_min, late_min, change_until_min, weekly_cap, hold_min, max_people, "
        "self_booking, platform, position, topics, required) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (slug) DO UPDATE SET name = excluded.name, purpose = excluded.purpose, "
        "address = excluded.address, own_addresses = excluded.own_addresses, "
        "own_domains = excluded.own_domains, code_prefix = excluded.code_prefix, "
        "phone = excluded.phone, slot_min = excluded.slot_min, step_min = excluded.step_min, "
        "buffer_min = excluded.buffer_min, notice_days = excluded.notice_days, "
        "horizon_days = excluded.horizon_days, lobby_min = excluded.lobby_min, "
        "late_min = excluded.late_min, change_until_min = excluded.change_until_min, "
        "weekly_cap = excluded.weekly_cap, hold_min = excluded.hold_min, "
        "max_people = excluded.max_people, self_booking = excluded.self_booking, "
        "platform = excluded.platform, position = excluded.position, "
        "topics = excluded.topics, required = excluded.required "
        "WHERE office.organisation_id = excluded.organisation_id RETURNING id",
        "ittttttttnnnnnnnnnnnntntt", office->organisation_id, office->slug, office->name,
        or_empty(office->purpose), or_empty(office->address), or_empty(office->own_addresses),
        or_empty(office->own_domains), office->code_prefix, or_empty(office->phone),
        office->slot_min, office->step_min, office->buffer_min, office->notice_days,
        office->horizon_days, office->lobby_min, office->late_min, office->change_until_min,
        office->weekly_cap, office->hold_min, office->max_people, office->self_booking,
        office->platform, office->position, or_empty(office->topics), or_empty(office->required));
}

bool office_upsert(Db *db, Office *office, GError **error)
{
    g_autoptr(GError) failure = NULL;
    if (put_office(db, office, &failure))
        return office_need_counters(db, office->id, 1, error);
    if (g_error_matches(failure, STORE_ERROR, STORE_ERROR_NOT_FOUND)) {
        g_set_error(error, STORE_ERROR, STORE_ERROR_CONFLICT,
                    "the slug %s belongs to another organisation", office->slug);
        return false;
    }
    g_propagate_error(error, g_steal_pointer(&failure));
    return false;
}
