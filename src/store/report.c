/* report.c - the rows that results are computed from, and the same rows counted. */
#include "store/report.h"
#include "store/db.h"
#include "store/names.h"

const char *const answered_how_names[] = {
    [HOW_OPEN] = "open",     [HOW_VIDEO] = "video",
    [HOW_PHONE] = "phone",   [HOW_ANSWER] = "answer",
    [HOW_ASK] = "ask",       [HOW_REDIRECT] = "redirect",
    [HOW_REFUSE] = "refuse", [HOW_CANCELLED] = "cancelled",
    [HOWS] = NULL,
};

const char *answered_how_name(AnsweredHow how)
{
    return how < HOWS ? answered_how_names[how] : "open";
}

static const DbField request_fields[] = {
    DB_INT64(ReportRequest, received_at),
    DB_INT64(ReportRequest, decided_at),
    DB_INT64(ReportRequest, closed_at),
    DB_ENUM(ReportRequest, state, request_state_names),
    DB_ENUM(ReportRequest, how, answered_how_names),
    DB_INT64(ReportRequest, met_at),
    DB_INT64(ReportRequest, call_seconds),
};
static const DbShape request_shape = {sizeof(ReportRequest), request_fields,
                                      G_N_ELEMENTS(request_fields), NULL};

GArray *report_requests(Db *db, gint64 office_id, gint64 from, gint64 until, GError **error)
{
    return db_values(db, &request_shape, error,
                     "SELECT r.received_at, r.decided_at, r.closed_at, r.state, r.answered_how, "
                     "(SELECT MIN(a.starts_at) FROM appointment a WHERE a.request_id = r.id "
                     "AND a.state IN ('in_call', 'done')), "
                     "(SELECT SUM(a.call_seconds) FROM appointment a WHERE a.request_id = r.id) "
                     "FROM request r WHERE r.office_id = ? AND r.received_at >= ? "
                     "AND r.received_at < ? ORDER BY r.received_at, r.id",
                     "iii", office_id, from, until);
}

static const DbField appointment_fields[] = {
    DB_INT64(ReportAppointment, created_at),
    DB_INT64(ReportAppointment, starts_at),
    DB_INT64(ReportAppointment, ends_at),
    DB_INT64(ReportAppointment, received_at),
    DB_INT64(ReportAppointment, call_seconds),
    DB_ENUM(ReportAppointment, state, appointment_state_names),
    DB_INT(ReportAppointment, by_citizen),
};
static const DbShape appointment_shape = {sizeof(ReportAppointment), appointment_fields,
                                          G_N_ELEMENTS(appointment_fields), NULL};

GArray *report_appointments(Db *db, gint64 office_id, gint64 from, gint64 until, GError **error)
{
    return db_values(db, &appointment_shape, error,
                     "SELECT a.created_at, a.starts_at, a.ends_at, r.received_at, a.call_seconds, "
                     "a.state, CASE WHEN a.cancelled_by = 'citizen' THEN 1 ELSE 0 END "
                     "FROM appointment a JOIN request r ON r.id = a.request_id "
                     "WHERE a.office_id = ? AND a.starts_at >= ? AND a.starts_at < ? "
                     "ORDER BY a.starts_at, a.id",
                     "iii", office_id, from, until);
}

static void count_request(ReportCounts *counts, const ReportRequest *request)
{
    counts->received++;
    counts->how[request->how]++;
}

static void count_appointment(ReportCounts *counts, const ReportAppointment *appointment)
{
    counts->call_seconds += appointment->call_seconds;
    counts->meetings += appointment->state == APPOINTMENT_DONE;
    counts->no_shows += appointment->state == APPOINTMENT_NO_SHOW;
    counts->missed_by_office += appointment->state == APPOINTMENT_MISSED_BY_OFFICE;
    counts->cancelled += appointment->state == APPOINTMENT_CANCELLED;
}

bool report_counts(Db *db, gint64 office_id, gint64 from, gint64 until, ReportCounts *counts,
                   GError **error)
{
    *counts = (ReportCounts){0};
    g_autoptr(GArray) requests = report_requests(db, office_id, from, until, error);
    if (requests == NULL)
        return false;
    g_autoptr(GArray) appointments = report_appointments(db, office_id, from, until, error);
    if (appointments == NULL)
        return false;
    for (guint i = 0; i < requests->len; i++)
        count_request(counts, &g_array_index(requests, ReportRequest, i));
    for (guint i = 0; i < appointments->len; i++)
        count_appointment(counts, &g_array_index(appointments, ReportAppointment, i));
    return true;
}
