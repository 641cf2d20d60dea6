/* letter.h - the outbox: a letter is a row, written in the same job as the decision that causes it.
 *
 * The row holds the finished message, so sending twice sends the same bytes under the same name.
 * Waiting -> (taken by the outbox thread) sending -> sent, or waiting again later, or failed. Only
 * a waiting one can be withdrawn, so "Annulla la decisione" and the sender never both win.
 */
#pragma once
#include "store/store.h"

typedef enum {
    LETTER_WAITING,
    LETTER_SENDING,
    LETTER_SENT,
    LETTER_WITHDRAWN,
    LETTER_FAILED
} LetterState;
const char *letter_state_name(LetterState state); /* "waiting", ... */

typedef enum { LETTER_BY_MAIL, LETTER_BY_PEC } LetterRoute;

typedef struct Letter {
    gint64 id; /* from token_new_id */
    gint64 office_id;
    gint64 request_id, appointment_id; /* 0: none */
    char *kind; /* "receipt", "confirmation", "moved", "cancelled", "restored", "answer", "ask", ...
                 */
    char *recipient; /* address */
    char *subject;
    char *message_id; /* without angle brackets, unique */
    char *text;       /* the plain part, for the thread */
    GBytes *content;  /* RFC 5322 bytes; NULL in lists */
    LetterState state;
    LetterRoute route;
    gboolean automatic; /* nobody decided it: mail alone caused it */
    gint64 sendable_at; /* system time */
    gint64 due_at;      /* system time it could first leave; 0: not yet taken */
    gint64 sent_at;     /* system time; 0: not yet */
    gint attempts;
    char *last_error;
    gint64 created_at;  /* office's now */
    char *request_code; /* read only: joined */
    gint64 size;        /* read only: bytes of content */
    char *office_slug;  /* read only: joined */
    char *sender;       /* read only: the office's address */
} Letter;

void letter_free(Letter *letter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Letter, letter_free)

/* Borrowed fields: id, office_id, request_id, appointment_id, kind, recipient, subject, message_id,
 * text, content, route, automatic, sendable_at, created_at. State is waiting. */
bool letter_add(Db *db, const Letter *letter, GError **error);
/* TRANSITION when it is no longer waiting or its time has come. */
bool letter_withdraw(Db *db, gint64 id, gint64 system_at, GError **error);
/* All of a request that still wait with a time to come (receipts have none); how many in `count`
 * (may be NULL). */
bool letter_withdraw_for_request(Db *db, gint64 request_id, gint64 system_at, guint *count,
                                 GError **error);

/* --- the outbox thread
 * -------------------------------------------------------------------------------- */
gint64 letter_next_due_at(Db *db); /* system time; G_MAXINT64 when nothing waits */
GPtrArray *letter_due(Db *db, gint64 system_at, guint most,
                      GError **error); /* Letter * without content */
/* In a write job: marks what is due as sending, counts the attempt and returns them with content;
 * one whose content is gone has none, and is no letter any more: mark it failed. */
GPtrArray *letter_take_due(Db *db, gint64 system_at, guint most, GError **error);
bool letter_release_taken(Db *db,
                          GError **error); /* at start: what a crash left sending waits again */
bool letter_mark_sent(Db *db, gint64 id, gint64 system_at, GError **error);
/* Waits again until `retry_at`, or fails for good when `retry_at` is 0; then it shows on the desk.
 */
bool letter_mark_failed(Db *db, gint64 id, const char *reason, gint64 retry_at, GError **error);
/* It was not even tried: waits until `retry_at`, the attempt is not counted. It counts as tried all
 * the same, so that nothing withdraws it. */
bool letter_mark_postponed(Db *db, gint64 id, const char *reason, gint64 retry_at, GError **error);
/* A bounce came back for it: failed, whatever it was. */
bool letter_mark_bounced(Db *db, gint64 id, const char *reason, GError **error);

/* Automatic letters to an address (of any office) since then, whatever became of them; -1 on error.
 * Who counts them breaks the loop of two machines that answer each other. */
gint letter_count_automatic(Db *db, const char *recipient, gint64 since_at);

/* --- reading
 * ------------------------------------------------------------------------------------------ */
Letter *letter_find(Db *db, gint64 id, GError **error); /* with content */
Letter *letter_find_by_message_id(Db *db, const char *message_id,
                                  GError **error); /* without content */
GPtrArray *letter_list_for_request(Db *db, gint64 request_id,
                                   GError **error); /* Letter *, oldest first */
/* The newest of all offices, for the demo's mail page; without content. */
GPtrArray *letter_latest(Db *db, guint most, GError **error);
/* The decision's letter that can still be taken back ("Annulla la decisione"), NOT_FOUND when none.
 */
Letter *letter_pending_for_request(Db *db, gint64 request_id, gint64 system_at, GError **error);
