/* request.h - one need of one citizen: a thread of messages with a code and a state. */
#pragma once
#include "store/audit.h"
#include "store/message.h"
#include "store/states.h"
#include "store/store.h"

struct Letter; /* store/letter.h */

typedef enum { SOURCE_MAIL, SOURCE_PEC, SOURCE_WEB, SOURCE_PHONE } RequestSource;
const char *request_source_name(RequestSource source); /* "mail", "pec", "web", "phone" */

typedef struct Request {
    gint64 id; /* from token_new_id: the link in the receipt is computed from it */
    gint64 organisation_id, office_id, person_id;
    char *code; /* "EDI-7K3M-Q2" */
    RequestState state;
    gboolean to_read;    /* nobody understood it: a person has to read the message */
    char *kind, *action; /* of the reading; NULL when none */
    RequestSource source;
    char *subject;    /* clean */
    char *practice;   /* "SCIA 214/2026", NULL when none */
    char *summary;    /* first words, or a note of the officer */
    char *reading;    /* JSON text of the proposals, NULL when none */
    char *language;   /* of the letters */
    guint generation; /* of the person's link */
    gint64 received_at, updated_at;
    gint64 promised_at; /* by when an answer was promised; the desk's order */
    gint64 decided_at;  /* first decision, 0: none yet */
    gint64 closed_at;   /* 0: open */
    char *answered_how; /* "open", "video", "phone", "answer", "ask", "redirect", "refuse",
                           "cancelled" */
    char *outcome_kind, *outcome;
    gint version; /* rises with each change */
    /* the person */
    char *person_name, *person_email, *person_title, *person_phone, *person_phone_e164;
    /* the office */
    char *office_slug, *office_name, *zone;
    /* its latest appointment, 0 when it never had one */
    gint64 appointment_id;
    AppointmentState appointment_state;
    gint64 starts_at, ends_at;
    /* counts */
    gint messages, attachments, letters_failed, letters_waiting;
} Request;

void request_free(Request *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Request, request_free)

/* --- making and changing
 * ------------------------------------------------------------------------------ */
/* Borrowed fields used: id, organisation_id, office_id, person_id, code, to_read, kind, action,
 * source, subject, practice, summary, reading, language, received_at, promised_at (0: received_at).
 * State is new. CONFLICT when the code exists: take another one. Audited. */
bool request_create(Db *db, const Request *request, const Actor *actor, GError **error);
/* Checked by the table (TRANSITION), by `version` unless 0 (STALE: somebody else was first);
 * audited. The first decision sets decided_at, each decision answered_how. */
bool request_change(Db *db, gint64 id, RequestState to, gint version, const Actor *actor,
                    GError **error);
/* Becomes closed with its outcome. `how` sets answered_how (NULL keeps it); texts may be NULL. */
bool request_close(Db *db, gint64 id, const char *outcome_kind, const char *outcome,
                   const char *how, const Actor *actor, GError **error);
bool request_set_outcome(Db *db, gint64 id, const char *outcome_kind, const char *outcome,
                         const Actor *actor, GError **error); /* of a closed one, corrected */
/* The citizen wrote again: to_read as given; state becomes new unless booked or new; promised_at
 * set. */
bool request_wrote_again(Db *db, gint64 id, bool to_read, gint64 promised_at, const Actor *actor,
                         GError **error);
bool request_set_to_read(Db *db, gint64 id, bool to_read, const Actor *actor, GError **error);
/* What the reading or the officer corrected; NULL keeps. */
bool request_set_reading(Db *db, gint64 id, const char *subject, const char *practice,
                         const char *summary, const char *reading, GError **error);
/* NULL: it is about none. */
bool request_set_practice(Db *db, gint64 id, const char *practice, GError **error);
bool request_set_person(Db *db, gint64 id, gint64 person_id, GError **error);

/* --- links
 * ------------------------------------------------------------------------------------------- */
/* The hash (token_hash) of a person's link to the request; a newer generation replaces the older
 * one. */
bool request_link_put(Db *db, gint64 request_id, gint64 person_id, guint generation,
                      const char *token_hash, GError **error);
Request *request_find_by_link(Db *db, const char *token_hash, gint64 *person_id, GError **error);

/* --- finding: NULL with STORE_ERROR_NOT_FOUND when there is none
 * ---------------------------------------- */
Request *request_find(Db *db, gint64 id, GError **error);
Request *request_find_by_code(Db *db, const char *code,
                              GError **error); /* canonical, token_request_code_parse */
Request *request_find_by_code_and_sender(Db *db, const char *code, const char *email,
                                         GError **error);
/* By a Message-ID (no angle brackets) that one of our letters or a stored message of the office
 * carries. */
Request *request_find_by_message_id(Db *db, gint64 office_id, const char *message_id,
                                    GError **error);
/* The first hit of `ids` (char *, e.g. In-Reply-To then References from the end). */
Request *request_find_by_references(Db *db, gint64 office_id, const GPtrArray *ids, GError **error);

/* --- lists: Request *
 * --------------------------------------------------------------------------------- */
/* One state, oldest promise first. */
GPtrArray *request_list(Db *db, gint64 office_id, RequestState state, guint most, GError **error);
GPtrArray *request_list_to_read(Db *db, gint64 office_id, guint most, GError **error);
GPtrArray *request_list_undelivered(Db *db, gint64 office_id, guint most,
                                    GError **error); /* a letter failed */
/* Others of the office on the same practice, newest first. */
GPtrArray *request_list_on_practice(Db *db, gint64 office_id, const char *practice,
                                    gint64 except_id, GError **error);
GPtrArray *request_list_for_person(Db *db, gint64 office_id, gint64 person_id, guint most,
                                   GError **error);
/* Every word of `text` in code, practice, subject, summary, name or e-mail; newest first. */
GPtrArray *request_search(Db *db, gint64 office_id, const char *text, guint most, GError **error);

typedef struct {
    gint by_state[REQUEST_STATES];
    gint to_read;
    gint undelivered; /* requests with a failed letter that are not over */
} RequestCounts;
bool request_counts(Db *db, gint64 office_id, RequestCounts *counts, GError **error);

/* --- the thread
 * --------------------------------------------------------------------------------------- */
typedef struct {
    gint64 at;
    Message *message;      /* came in, with attachments; or */
    struct Letter *letter; /* went out (withdrawn ones left out), without content */
} ThreadEntry;
GPtrArray *request_thread(Db *db, gint64 request_id,
                          GError **error); /* ThreadEntry *, oldest first */
