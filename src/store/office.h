/* office.h - organisations, their offices, what can be booked there and when they receive.
 *
 * Lists are GPtrArray that own their elements (g_ptr_array_unref frees all). Upserts find the row
 * by its natural key (slug, name, e-mail), so that running the same command twice changes nothing.
 */
#pragma once
#include "base/when.h"
#include "store/store.h"

typedef struct Organisation {
    gint64 id;
    char *slug; /* unique in the installation */
    char *name;
    char *zone;                    /* IANA name */
    gint patron_month, patron_day; /* 0, 0: none */
    char *language;                /* "it" */
} Organisation;

typedef struct Office {
    gint64 id;
    gint64 organisation_id;
    char *slug; /* unique in the installation */
    char *name;
    char *purpose;       /* what it is for, one paragraph */
    char *address;       /* mailbox people write to; From of letters */
    char *own_addresses; /* separated by spaces: PEC twins and the like */
    char *own_domains;   /* separated by spaces */
    char *code_prefix;   /* "EDI" */
    char *phone;
    gint slot_min, step_min, buffer_min; /* multiples of five */
    gint notice_days, horizon_days;
    gint lobby_min, late_min, change_until_min;
    gint weekly_cap, hold_min, max_people;
    gboolean self_booking;
    char *platform; /* "room" */
    gint position;  /* order in lists */
    char *topics;   /* what its requests are about, see reading/topics.h; "": all known ones */
    char *required; /* what it needs to know of one, see reading/required.h; "": the usual */
    /* of its organisation, read only */
    char *organisation_slug, *organisation_name, *zone, *language;
    gint patron_month, patron_day;
} Office;

typedef struct OfficeService {
    gint64 id, office_id;
    char *name;
    gint duration_min, step_min;
    gint position;
} OfficeService;

typedef struct OfficeOpening {
    gint64 id, office_id;
    gint weekday;                   /* 1 Monday ... 7 Sunday */
    gint from_minute, until_minute; /* wall clock, 0-1440 */
    Day valid_from, valid_until;    /* inclusive; G_MININT32 and G_MAXINT32: no limit */
    gint counters;                  /* parallel appointments: counters 1 to this */
} OfficeOpening;

typedef struct OfficeClosure {
    gint64 id, organisation_id;
    gint64 office_id; /* 0: the whole organisation */
    gint64 from_at, until_at;
    char *reason;
} OfficeClosure;

typedef struct OfficeCounter {
    gint64 id, office_id;
    gint number; /* from 1 */
} OfficeCounter;

void organisation_free(Organisation *organisation);
void office_free(Office *office);
void office_service_free(OfficeService *service);
void office_closure_free(OfficeClosure *closure);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Organisation, organisation_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Office, office_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OfficeService, office_service_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OfficeClosure, office_closure_free)

/* Reading. A missing row is NULL with STORE_ERROR_NOT_FOUND; lists are never NULL but on an engine
 * error. */
Organisation *organisation_find(Db *db, gint64 id, GError **error);
Organisation *organisation_find_by_slug(Db *db, const char *slug, GError **error);
GPtrArray *organisation_list(Db *db, GError **error); /* Organisation * */

Office *office_find(Db *db, gint64 id, GError **error);
Office *office_find_by_slug(Db *db, const char *slug, GError **error);
/* The office that mail to this address is for: its own, one of its other addresses, or either with
 * a tag (name+tag@...). Case does not matter. NOT_FOUND when it is nobody's. */
Office *office_find_by_address(Db *db, const char *address, GError **error);
GPtrArray *office_list(Db *db, gint64 organisation_id,
                       GError **error); /* Office *; 0: of all organisations */

OfficeService *office_service_find(Db *db, gint64 id, GError **error);
GPtrArray *office_services(Db *db, gint64 office_id,
                           GError **error); /* OfficeService *, by position */
GArray *office_openings(Db *db, gint64 office_id,
                        GError **error); /* OfficeOpening, weekday and minute */
/* OfficeClosure * of the office and of its whole organisation that overlap [from, until), by start.
 */
GPtrArray *office_closures(Db *db, gint64 office_id, gint64 from, gint64 until, GError **error);
GArray *office_counters(Db *db, gint64 office_id, GError **error); /* OfficeCounter by number */

/* Writing, idempotent. The id is written back into the struct; other members are borrowed. */
void organisation_defaults(
    Organisation *organisation); /* zone, language: fills with static texts; do not free */
bool organisation_upsert(Db *db, Organisation *organisation, GError **error);
void office_defaults(
    Office *office); /* product.md, "Rules of an office"; static texts, do not free */
bool office_upsert(Db *db, Office *office, GError **error); /* by slug; makes counter 1 */
bool office_service_upsert(Db *db, OfficeService *service, GError **error); /* by office and name */
/* Replaces all openings of the office; makes the counters they need. Elements are OfficeOpening. */
bool office_set_openings(Db *db, gint64 office_id, const GArray *openings, GError **error);
bool office_set_counters(Db *db, gint64 office_id, gint counters,
                         GError **error); /* never removes one in use */
bool office_need_counters(Db *db, gint64 office_id, gint counters,
                          GError **error); /* counters 1 to this exist; none is removed */
bool office_closure_add(Db *db, OfficeClosure *closure,
                        GError **error); /* the same one twice is one */
bool office_closure_remove(Db *db, gint64 id, GError **error);
