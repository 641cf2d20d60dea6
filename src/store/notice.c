/* notice.c - see notice.h. Composing the letters is elsewhere (src/mail). */
#include "store/notice.h"
#include "store/db.h"

static const char *const kind_names[] = {"cancelled", "declined", "undelivered", "request", NULL};

static void notice_free(gpointer data);
static const DbField notice_fields[] = {
    DB_ENUM(Notice, kind, kind_names),
    DB_INT64(Notice, subject_id),
    DB_INT64(Notice, at),
    DB_TEXT(Notice, code),
    DB_TEXT(Notice, subject),
    DB_TEXT(Notice, practice),
    DB_TEXT(Notice, reading),
    DB_TEXT(Notice, person_name),
    DB_TEXT(Notice, person_phone),
    DB_TEXT(Notice, person_email),
    DB_INT64(Notice, starts_at),
    DB_TEXT(Notice, zone),
};
static const DbShape notice_shape = {sizeof(Notice), notice_fields, G_N_ELEMENTS(notice_fields),
                                     notice_free};

static void notice_free(gpointer data)
{
    db_clear(&notice_shape, data);
    g_free(data);
}

const char *notice_kind_name(NoticeKind kind)
{
    return kind <= NOTICE_REQUEST ? kind_names[kind] : "";
}

#define ABOUT                                                                                      \
    "r.code, r.subject, r.practice, r.reading, p.name, COALESCE(p.phone_e164, p.phone), p.email "
#define PERSON "JOIN person p ON p.id = r.person_id "
#define UNTOLD(kind, id, at)                                                                       \
    "AND NOT EXISTS (SELECT 1 FROM notice_told t WHERE t.kind = '" kind "' AND t.subject_id = " id \
    " AND t.at = " at ") "

static const char notices[] =
    "SELECT 'cancelled', a.id, a.cancelled_system_at, " ABOUT ", a.starts_at, a.zone "
    "FROM appointment a JOIN request r ON r.id = a.request_id " PERSON
    "WHERE a.office_id = ? AND a.starts_at >= ? AND a.starts_at < ? AND a.state = 'cancelled' "
    "AND a.cancelled_by = 'citizen' " UNTOLD(
        "cancelled", "a.id",
        "a.cancelled_system_at") "UNION ALL "
                                 "SELECT 'declined', s.id, s.partstat_at, " ABOUT
                                 ", a.starts_at, a.zone "
                                 "FROM appointment a JOIN participant s ON s.appointment_id = a.id "
                                 "AND s.role = 'citizen' "
                                 "JOIN request r ON r.id = a.request_id " PERSON
                                 "WHERE a.office_id = ? AND a.starts_at >= ? AND a.starts_at < ? "
                                 "AND a.state = 'booked' "
                                 "AND s.partstat = 'DECLINED' " UNTOLD(
                                     "declined", "s.id",
                                     "s.partstat_at") "UNION ALL "
                                                      "SELECT 'undelivered', l.id, 0, " ABOUT
                                                      ", a.starts_at, a.zone "
                                                      "FROM letter l JOIN appointment a ON a.id = "
                                                      "l.appointment_id "
                                                      "JOIN request r ON r.id = "
                                                      "a.request_id " PERSON
                                                      "WHERE l.office_id = ? AND l.state = "
                                                      "'failed' "
                                                      "AND a.starts_at >= ? " UNTOLD(
                                                          "undelivered", "l.id",
                                                          "0") "UNION ALL "
                                                               "SELECT 'request', r.id, 0, " ABOUT
                                                               ", 0, NULL FROM request r " PERSON
                                                               "WHERE r.office_id = ? AND "
                                                               "r.received_at >= ? AND r.state = "
                                                               "'new' " UNTOLD("request", "r.id",
                                                                               "0") "ORDER BY 3, 2";

GPtrArray *notice_list(Db *db, gint64 office_id, gint64 now, gint64 until, gint64 since,
                       GError **error)
{
    return db_list(db, &notice_shape, error, notices, "iiiiiiiiii", office_id, now, until,
                   office_id, now, until, office_id, now, office_id, since);
}

bool notice_mark_told(Db *db, const Notice *notice, GError **error)
{
    return db_run(db, error, "INSERT INTO notice_told (kind, subject_id, at) VALUES (?, ?, ?)",
                  "tii", notice_kind_name(notice->kind), notice->subject_id, notice->at);
}
