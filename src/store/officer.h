/* officer.h - the people who log in, and the offices they work for. */
#pragma once
#include "store/store.h"

typedef enum { ROLE_NONE, ROLE_OFFICER, ROLE_MANAGER, ROLE_ADMINISTRATOR } OfficerRole;

typedef enum { DIGEST_OFF, DIGEST_DAILY } OfficerDigest;

typedef struct {
    gint64 office_id;
    OfficerRole role;
    char *slug, *name; /* of the office */
} OfficerOffice;

typedef struct Officer {
    gint64 id, organisation_id;
    char *email; /* folded: lower case; unique in the installation */
    char *name;
    char *password_hash;        /* argon2id text, NULL: cannot log in */
    gint64 password_changed_at; /* system time */
    gboolean disabled;
    char *language;
    OfficerDigest digest;
    gboolean urgent;      /* wants a note by mail at once */
    char *digest_sent_on; /* day of the latest digest, "2026-11-24"; "": none yet */
    GPtrArray *offices;   /* OfficerOffice *, by position of the office; what the officer may see */
    /* of the organisation, read only */
    char *organisation_slug, *organisation_name, *zone;
} Officer;

void officer_free(Officer *officer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Officer, officer_free)

const char *officer_role_name(OfficerRole role);       /* "officer", "manager", "administrator" */
const char *officer_digest_name(OfficerDigest digest); /* "off", "daily" */
bool officer_digest_parse(const char *name, OfficerDigest *digest);
bool officer_role_parse(const char *name, OfficerRole *role);
/* The role in one office, ROLE_NONE when the officer does not belong there. */
OfficerRole officer_role_in(const Officer *officer, gint64 office_id);

Officer *officer_find(Db *db, gint64 id, GError **error);
Officer *officer_find_by_email(Db *db, const char *email, GError **error); /* folds it first */
GPtrArray *officer_list(Db *db, gint64 organisation_id, GError **error);   /* Officer *; 0: all */

/* By e-mail; keeps the password and what is NULL in `officer`; writes the id back. */
bool officer_upsert(Db *db, Officer *officer, GError **error);
bool officer_set_password(Db *db, gint64 officer_id, const char *password_hash, gint64 system_at,
                          GError **error);
bool officer_set_disabled(Db *db, gint64 officer_id, bool disabled, GError **error);
bool officer_set_language(Db *db, gint64 officer_id, const char *language, GError **error);
bool officer_set_notices(Db *db, gint64 officer_id, OfficerDigest digest, bool urgent,
                         GError **error);
/* In the job that adds the letter. NOT_FOUND when that day's was sent already. */
bool officer_set_digest_sent(Db *db, gint64 officer_id, const char *day, GError **error);
/* Those not disabled who want a digest or urgent notes: Officer *. */
GPtrArray *officer_list_to_tell(Db *db, GError **error);
/* ROLE_NONE takes the officer out of the office. */
bool officer_assign(Db *db, gint64 officer_id, gint64 office_id, OfficerRole role, GError **error);
