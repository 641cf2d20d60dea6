/* audit.h - who changed what, when, from which state to which. No personal data in it.
 *
 * Every function of the store that changes a state takes an Actor and appends its own row in the
 * same job.
 */
#pragma once
#include "store/store.h"

typedef enum { ACTOR_SYSTEM, ACTOR_CITIZEN, ACTOR_OFFICER } ActorKind;

/* Who does something, and when. `detail` is a short code or words without personal data, may be
 * NULL. */
typedef struct {
    ActorKind kind;
    gint64 officer_id; /* 0 unless ACTOR_OFFICER */
    gint64 at;         /* the office's now, Unix seconds */
    const char *detail;
} Actor;

typedef struct {
    gint64 id;
    gint64 organisation_id, office_id;
    gint64 request_id, appointment_id; /* 0: none */
    gint64 officer_id;                 /* 0: none */
    ActorKind actor;
    gint64 at;
    char *action; /* "request_created", "request_state", "appointment_booked", "appointment_moved",
                     ... */
    char *from_state, *to_state; /* NULL when the action changes no state */
    char *detail;
    char *officer_name; /* read only: joined, NULL when none */
} AuditEntry;
void audit_entry_free(AuditEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AuditEntry, audit_entry_free)

const char *actor_kind_name(ActorKind kind); /* "system", "citizen", "officer" */

/* For actions that the store does not audit by itself (a login, a setting). Fields are borrowed. */
bool audit_append(Db *db, const AuditEntry *entry, GError **error);
/* The row of what `actor` did: kind, officer, time and detail are the actor's. */
bool audit_record(Db *db, const Actor *actor, const AuditEntry *what, GError **error);
/* AuditEntry *, oldest first; the appointments of the request included. */
GPtrArray *audit_list_for_request(Db *db, gint64 request_id, GError **error);
