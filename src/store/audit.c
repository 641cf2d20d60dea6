/* audit.c - the rows that say who changed what. Rows are appended here, never changed. */
#include "store/audit.h"
#include "store/db.h"
#include "store/names.h"

const char *const actor_kind_names[] = {"system", "citizen", "officer", NULL};

static const DbField entry_fields[] = {
    DB_INT64(AuditEntry, id),
    DB_INT64(AuditEntry, organisation_id),
    DB_INT64(AuditEntry, office_id),
    DB_INT64(AuditEntry, request_id),
    DB_INT64(AuditEntry, appointment_id),
    DB_INT64(AuditEntry, officer_id),
    DB_ENUM(AuditEntry, actor, actor_kind_names),
    DB_INT64(AuditEntry, at),
    DB_TEXT(AuditEntry, action),
    DB_TEXT(AuditEntry, from_state),
    DB_TEXT(AuditEntry, to_state),
    DB_TEXT(AuditEntry, detail),
    DB_TEXT(AuditEntry, officer_name),
};
static const DbShape entry_shape = {sizeof(AuditEntry), entry_fields, G_N_ELEMENTS(entry_fields),
                                    (GDestroyNotify)(void (*)(void))audit_entry_free};

void audit_entry_free(AuditEntry *entry)
{
    if (entry == NULL)
        return;
    db_clear(&entry_shape, entry);
    g_free(entry);
}

const char *actor_kind_name(ActorKind kind)
{
    return kind <= ACTOR_OFFICER ? actor_kind_names[kind] : "system";
}

bool audit_append(Db *db, const AuditEntry *entry, GError **error)
{
    return db_run(db, error,
                  "INSERT INTO audit (organisation_id, office_id, request_id, appointment_id, "
                  "officer_id, actor, at, action, from_state, to_state, detail) "
                  "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                  "iirrrtitttt", entry->organisation_id, entry->office_id, entry->request_id,
                  entry->appointment_id, entry->officer_id, actor_kind_name(entry->actor),
                  entry->at, entry->action, entry->from_state, entry->to_state, entry->detail);
}

bool audit_record(Db *db, const Actor *actor, const AuditEntry *what, GError **error)
{
    AuditEntry entry = *what;
    entry.actor = actor->kind;
    entry.officer_id = actor->officer_id;
    entry.at = actor->at;
    entry.detail = (char *)actor->detail;
    return audit_append(db, &entry, error);
}

GPtrArray *audit_list_for_request(Db *db, gint64 request_id, GError **error)
{
    return db_list(db, &entry_shape, error,
                   "SELECT a.id, a.organisation_id, a.office_id, a.request_id, a.appointment_id, "
                   "a.officer_id, a.actor, a.at, a.action, a.from_state, a.to_state, a.detail, "
                   "f.name FROM audit a LEFT JOIN officer f ON f.id = a.officer_id "
                   "WHERE a.request_id = ? ORDER BY a.id",
                   "i", request_id);
}
