/* report.h - what /risultati is computed from: one plain row per request and per appointment of a
 * period.
 *
 * The statistics themselves (medians, weeks) are pure and live in src/report.
 */
#pragma once
#include "store/states.h"
#include "store/store.h"

typedef enum {
    HOW_OPEN,
    HOW_VIDEO,
    HOW_PHONE,
    HOW_ANSWER,
    HOW_ASK, /* more information was asked for */
    HOW_REDIRECT,
    HOW_REFUSE,
    HOW_CANCELLED,
    HOWS
} AnsweredHow;
const char *
answered_how_name(AnsweredHow how); /* "open", "video", ... as in request.answered_how */

typedef struct {
    gint64 received_at;
    gint64 decided_at; /* 0: none yet */
    gint64 closed_at;  /* 0: open */
    RequestState state;
    AnsweredHow how;
    gint64 met_at;       /* start of its first appointment that was held, 0: none */
    gint64 call_seconds; /* of all its appointments */
} ReportRequest;

typedef struct {
    gint64 created_at, starts_at, ends_at;
    gint64 received_at; /* of its request */
    gint64 call_seconds;
    AppointmentState state;
    gboolean by_citizen; /* of a cancellation */
} ReportAppointment;

/* Received in [from, until), by time: ReportRequest. */
GArray *report_requests(Db *db, gint64 office_id, gint64 from, gint64 until, GError **error);
/* Starting in [from, until), by time: ReportAppointment. */
GArray *report_appointments(Db *db, gint64 office_id, gint64 from, gint64 until, GError **error);

typedef struct {
    gint received;
    gint how[HOWS];
    gint meetings, no_shows, missed_by_office,
        cancelled; /* appointments that start in the period */
    gint64 call_seconds;
} ReportCounts;
/* The same rows counted. */
bool report_counts(Db *db, gint64 office_id, gint64 from, gint64 until, ReportCounts *counts,
                   GError **error);
