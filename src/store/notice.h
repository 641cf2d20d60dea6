/* notice.h - what officers are told of at once by mail, and that they were told.
 *
 * Found in the rows themselves, not where they are written: whatever made an appointment cancelled
 * or a letter fail, nothing is forgotten over a restart, and what was told is marked in the job
 * that adds the letters.
 */
#pragma once
#include "store/store.h"

typedef enum {
    NOTICE_CANCELLED,   /* the citizen cancelled an appointment that was to be soon */
    NOTICE_DECLINED,    /* the citizen's calendar declined it */
    NOTICE_UNDELIVERED, /* a letter about an appointment to come could not be delivered */
    NOTICE_REQUEST      /* a new request came in; whether it is urgent, its reading says */
} NoticeKind;
const char *notice_kind_name(NoticeKind kind); /* "cancelled", ... */

typedef struct Notice {
    NoticeKind kind;
    gint64 subject_id; /* row of appointment, participant, letter or request */
    gint64 at;         /* of what happened; tells a second cancellation from the first. 0: once */
    char *code;        /* of the request */
    char *subject, *practice;
    char *reading; /* JSON text of the proposals, NULL when none */
    char *person_name, *person_phone, *person_email;
    gint64 starts_at; /* of the appointment, 0: none */
    char *zone;       /* its */
} Notice;

/* What happened in the office and nobody was told of yet: Notice *, by time. Appointments that
 * start in [now, until), letters about appointments that start at now or later, new requests that
 * came in since `since`. */
GPtrArray *notice_list(Db *db, gint64 office_id, gint64 now, gint64 until, gint64 since,
                       GError **error);
/* CONFLICT when it was told already. */
bool notice_mark_told(Db *db, const Notice *notice, GError **error);
