/* appointment_list.c - appointments as they are read: found, listed, counted, and the times taken.
 */
#include "store/appointment.h"
#include "store/db.h"
#include "store/names.h"

static const DbField appointment_fields[] = {
    DB_INT64(Appointment, id),
    DB_INT64(Appointment, organisation_id),
    DB_INT64(Appointment, office_id),
    DB_INT64(Appointment, request_id),
    DB_INT64(Appointment, service_id),
    DB_INT64(Appointment, counter_id),
    DB_INT64(Appointment, officer_id),
    DB_INT64(Appointment, starts_at),
    DB_INT64(Appointment, ends_at),
    DB_INT64(Appointment, buffer_ends_at),
    DB_TEXT(Appointment, wall_date),
    DB_INT(Appointment, wall_minute),
    DB_TEXT(Appointment, zone),
    DB_ENUM(Appointment, state, appointment_state_names),
    DB_INT(Appointment, sequence),
    DB_TEXT(Appointment, uid),
    DB_TEXT(Appointment, cancelled_by),
    DB_TEXT(Appointment, cancelled_reason),
    DB_INT64(Appointment, cancelled_at),
    DB_INT64(Appointment, cancelled_system_at),
    DB_INT64(Appointment, waiting_since_at),
    DB_INT64(Appointment, call_started_at),
    DB_INT64(Appointment, first_call_at),
    DB_INT64(Appointment, call_seconds),
    DB_INT64(Appointment, created_at),
    DB_TEXT(Appointment, request_code),
    DB_ENUM(Appointment, request_state, request_state_names),
    DB_TEXT(Appointment, subject),
    DB_TEXT(Appointment, practice),
    DB_TEXT(Appointment, summary),
    DB_TEXT(Appointment, language),
    DB_INT64(Appointment, person_id),
    DB_TEXT(Appointment, person_name),
    DB_TEXT(Appointment, person_email),
    DB_TEXT(Appointment, person_title),
    DB_TEXT(Appointment, person_phone),
    DB_TEXT(Appointment, person_phone_e164),
    DB_INT(Appointment, counter_number),
    DB_TEXT(Appointment, service_name),
    DB_TEXT(Appointment, officer_name),
    DB_TEXT(Appointment, office_slug),
    DB_TEXT(Appointment, office_name),
};
static const DbShape appointment_shape = {sizeof(Appointment), appointment_fields,
                                          G_N_ELEMENTS(appointment_fields),
                                          (GDestroyNotify)(void (*)(void))appointment_free};
#define APPOINTMENT                                                                                \
    "SELECT a.id, a.organisation_id, a.office_id, a.request_id, a.service_id, a.counter_id, "      \
    "a.officer_id, a.starts_at, a.ends_at, a.buffer_ends_at, a.wall_date, a.wall_minute, a.zone, " \
    "a.state, a.sequence, a.uid, a.cancelled_by, a.cancelled_reason, a.cancelled_at, "             \
    "a.cancelled_system_at, a.waiting_since_at, a.call_started_at, a.first_call_at, "              \
    "a.call_seconds, a.created_at, r.code, r.state, r.subject, r.practice, r.summary, "            \
    "r.language, r.person_id, p.name, p.email, p.title, p.phone, p.phone_e164, c.number, "         \
    "s.name, f.name, o.slug, o.name "                                                              \
    "FROM appointment a JOIN request r ON r.id = a.request_id "                                    \
    "JOIN person p ON p.id = r.person_id JOIN counter c ON c.id = a.counter_id "                   \
    "JOIN office o ON o.id = a.office_id LEFT JOIN service s ON s.id = a.service_id "              \
    "LEFT JOIN officer f ON f.id = a.officer_id "
#define TAKEN_AT_FIRST 64 /* room for so many rows at first */
#define KEEPS_TIME "state IN ('booked', 'waiting', 'in_call', 'done')"

void appointment_free(Appointment *appointment)
{
    if (appointment == NULL)
        return;
    db_clear(&appointment_shape, appointment);
    g_free(appointment);
}

Appointment *appointment_find(Db *db, gint64 id, GError **error)
{
    return db_one(db, &appointment_shape, error, APPOINTMENT "WHERE a.id = ?", "i", id);
}

Appointment *appointment_find_by_uid(Db *db, const char *uid, GError **error)
{
    return db_one(db, &appointment_shape, error, APPOINTMENT "WHERE a.uid = ?", "t", uid);
}

Appointment *appointment_find_by_seat(Db *db, const char *token_hash, Participant **participant,
                                      GError **error)
{
    g_autoptr(Participant) seat = participant_find_by_seat(db, token_hash, error);
    if (seat == NULL)
        return NULL;
    Appointment *appointment = appointment_find(db, seat->appointment_id, error);
    if (appointment != NULL && participant != NULL)
        *participant = g_steal_pointer(&seat);
    return appointment;
}

Appointment *appointment_find_for_request(Db *db, gint64 request_id, GError **error)
{
    return db_one(db, &appointment_shape, error,
                  APPOINTMENT "WHERE a.request_id = ? ORDER BY a.number DESC LIMIT 1", "i",
                  request_id);
}

GPtrArray *appointment_list_for_request(Db *db, gint64 request_id, GError **error)
{
    return db_list(db, &appointment_shape, error,
                   APPOINTMENT "WHERE a.request_id = ? ORDER BY a.number", "i", request_id);
}

GPtrArray *appointment_list(Db *db, gint64 office_id, gint64 from, gint64 until, bool cancelled,
                            GError **error)
{
    return db_list(db, &appointment_shape, error,
                   APPOINTMENT "WHERE a.office_id = ? AND a.starts_at >= ? AND a.starts_at < ? "
                               "AND (? = 1 OR a.state <> 'cancelled') "
                               "ORDER BY a.starts_at, c.number, a.number",
                   "iiin", office_id, from, until, (gint)cancelled);
}

/* Few are waiting or in call, and those have an index of their own; the rest is for small lists. */
GPtrArray *appointment_list_in_state(Db *db, AppointmentState state, GError **error)
{
    if (state == APPOINTMENT_WAITING || state == APPOINTMENT_IN_CALL)
        return db_list(db, &appointment_shape, error,
                       APPOINTMENT "WHERE a.state IN ('waiting', 'in_call') AND a.state = ? "
                                   "ORDER BY a.starts_at, a.id",
                       "t", appointment_state_name(state));
    return db_list(db, &appointment_shape, error,
                   APPOINTMENT "WHERE a.state = ? ORDER BY a.starts_at, a.id", "t",
                   appointment_state_name(state));
}

/* --- availability --- */

/* No appointment is longer than a day (a CHECK of the schema), so the index bounds both sides. Read
 * by hand: this is the one query of hundreds of rows that a page asks for. */
GArray *appointment_taken(Db *db, gint64 office_id, gint64 from, gint64 until, GError **error)
{
    g_autoptr(Query) query =
        db_query(db, error,
                 "SELECT starts_at, buffer_ends_at, counter_id FROM appointment WHERE " KEEPS_TIME
                 " AND office_id = ? AND starts_at > ? AND starts_at < ? "
                 "ORDER BY starts_at, buffer_ends_at, counter_id",
                 "iii", office_id, from - 86400, until);
    if (query == NULL)
        return NULL;
    g_autoptr(GArray) taken =
        g_array_sized_new(FALSE, FALSE, sizeof(AppointmentTaken), TAKEN_AT_FIRST);
    GError *failure = NULL;
    while (query_step(query, &failure)) {
        const AppointmentTaken one = {query_int(query, 0), query_int(query, 1),
                                      query_int(query, 2)};
        if (one.ends_at > from)
            g_array_append_vals(taken, &one, 1);
    }
    if (failure == NULL)
        return g_steal_pointer(&taken);
    g_propagate_error(error, failure);
    return NULL;
}

gint appointment_count_for_person(Db *db, gint64 office_id, gint64 person_id, gint64 from,
                                  gint64 until, GError **error)
{
    gint64 count;
    return db_number(db, &count, error,
                     "SELECT COUNT(*) FROM request r JOIN appointment a ON a.request_id = r.id "
                     "WHERE r.person_id = ? AND a.office_id = ? AND a." KEEPS_TIME
                     " AND a.starts_at >= ? AND a.starts_at < ?",
                     "iiii", person_id, office_id, from, until)
               ? (gint)count
               : -1;
}
