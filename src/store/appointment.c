/* appointment.c - taking, moving and leaving a time. Reading them is appointment_list.c.
 *
 * Nothing here checks for overlaps by itself: the cells' key refuses them, whoever forgets to ask.
 * The look for a free counter only chooses among several.
 */
#include "store/appointment.h"
#include "store/db.h"
#include "store/names.h"

/* What a change needs to know of the row it changes. */
typedef struct {
    gint64 organisation_id, office_id, request_id, counter_id;
    gint64 starts_at, buffer_ends_at;
    AppointmentState state;
    gint64 cancelled_system_at, call_started_at;
} Current;

static const DbField current_fields[] = {
    DB_INT64(Current, organisation_id),
    DB_INT64(Current, office_id),
    DB_INT64(Current, request_id),
    DB_INT64(Current, counter_id),
    DB_INT64(Current, starts_at),
    DB_INT64(Current, buffer_ends_at),
    DB_ENUM(Current, state, appointment_state_names),
    DB_INT64(Current, cancelled_system_at),
    DB_INT64(Current, call_started_at),
};
static const DbShape current_shape = {sizeof(Current), current_fields, G_N_ELEMENTS(current_fields),
                                      g_free};

static Current *read_current(Db *db, gint64 id, GError **error)
{
    return db_one(db, &current_shape, error,
                  "SELECT organisation_id, office_id, request_id, counter_id, starts_at, "
                  "buffer_ends_at, state, cancelled_system_at, call_started_at "
                  "FROM appointment WHERE id = ?",
                  "i", id);
}

static bool may_become(const Current *current, AppointmentState to, GError **error)
{
    if (appointment_may_become(current->state, to))
        return true;
    g_set_error(error, STORE_ERROR, STORE_ERROR_TRANSITION, "appointment: %s cannot become %s",
                appointment_state_name(current->state), appointment_state_name(to));
    return false;
}

static bool record(Db *db, const Actor *actor, const Current *current, gint64 id,
                   const char *action, AppointmentState to, GError **error)
{
    AuditEntry entry = {
        .organisation_id = current->organisation_id,
        .office_id = current->office_id,
        .request_id = current->request_id,
        .appointment_id = id,
        .action = (char *)action,
        .from_state = (char *)appointment_state_name(current->state),
        .to_state = (char *)appointment_state_name(to),
    };
    return audit_record(db, actor, &entry, error);
}

/* The first counter whose cells are free, `current`'s own (counter and cells) before the others. */
static bool free_counter(Db *db, const Current *current, const AppointmentTime *time,
                         gint64 *counter_id, GError **error)
{
    gint64 first = time->starts_at / 300, end = time->buffer_ends_at / 300;
    gint64 own_first = current->starts_at / 300, own_end = current->buffer_ends_at / 300;
    g_autoptr(GError) failure = NULL;
    if (db_number(db, counter_id, &failure,
                  "SELECT c.id FROM counter c WHERE c.office_id = ? AND c.number <= ? "
                  "AND NOT EXISTS (SELECT 1 FROM cell WHERE organisation_id = ? "
                  "AND resource_kind = 1 AND resource_id = c.id AND cell >= ? AND cell < ? "
                  "AND NOT (c.id = ? AND cell >= ? AND cell < ?)) "
                  "ORDER BY CASE WHEN c.id = ? THEN 0 ELSE c.number END LIMIT 1",
                  "iniiiiiii", current->office_id, time->counters > 0 ? time->counters : G_MAXINT,
                  current->organisation_id, first, end, current->counter_id, own_first, own_end,
                  current->counter_id))
        return true;
    if (g_error_matches(failure, STORE_ERROR, STORE_ERROR_NOT_FOUND))
        g_set_error_literal(error, STORE_ERROR, STORE_ERROR_CONFLICT, "no counter is free then");
    else
        g_propagate_error(error, g_steal_pointer(&failure));
    return false;
}

/* --- booking --- */

static bool insert(Db *db, const Appointment *appointment, const AppointmentTime *time,
                   gint64 counter_id, gint64 created_at, GError **error)
{
    return db_run(
        db, error,
        "INSERT INTO appointment (id, organisation_id, office_id, request_id, number, service_id, "
        "counter_id, officer_id, starts_at, ends_at, buffer_ends_at, wall_date, wall_minute, zone, "
        "state, uid, created_at) VALUES (?, ?, ?, ?, "
        "(SELECT COALESCE(MAX(number), 0) + 1 FROM appointment WHERE request_id = ?), "
        "?, ?, ?, ?, ?, ?, ?, ?, ?, 'booked', ?, ?)",
        "iiiiiririiitntti", appointment->id, appointment->organisation_id, appointment->office_id,
        appointment->request_id, appointment->request_id, appointment->service_id, counter_id,
        appointment->officer_id, time->starts_at, time->ends_at, time->buffer_ends_at,
        time->wall_date, time->wall_minute, time->zone, appointment->uid, created_at);
}

static bool add_participants(Db *db, gint64 appointment_id, const GPtrArray *participants,
                             GError **error)
{
    for (guint i = 0; participants != NULL && i < participants->len; i++) {
        Participant seat = *(const Participant *)g_ptr_array_index(participants, i);
        seat.appointment_id = appointment_id;
        if (!participant_add(db, &seat, error))
            return false;
    }
    return true;
}

bool appointment_book(Db *db, const Appointment *appointment, const AppointmentTime *time,
                      const GPtrArray *participants, const Actor *actor, GError **error)
{
    Current place = {.organisation_id = appointment->organisation_id,
                     .office_id = appointment->office_id};
    AuditEntry entry = {
        .organisation_id = appointment->organisation_id,
        .office_id = appointment->office_id,
        .request_id = appointment->request_id,
        .appointment_id = appointment->id,
        .action = (char *)"appointment_booked",
        .to_state = (char *)appointment_state_name(APPOINTMENT_BOOKED),
    };
    gint64 counter_id;
    return free_counter(db, &place, time, &counter_id, error) &&
           insert(db, appointment, time, counter_id, actor->at, error) &&
           add_participants(db, appointment->id, participants, error) &&
           audit_record(db, actor, &entry, error);
}

/* --- moving --- */

static bool is_movable(const Current *current, GError **error)
{
    if (current->state == APPOINTMENT_BOOKED)
        return true;
    g_set_error(error, STORE_ERROR, STORE_ERROR_TRANSITION, "appointment: %s cannot be moved",
                appointment_state_name(current->state));
    return false;
}

bool appointment_move(Db *db, gint64 id, const AppointmentTime *time, const Actor *actor,
                      GError **error)
{
    g_autofree Current *current = read_current(db, id, error);
    gint64 counter_id;
    return current != NULL && is_movable(current, error) &&
           free_counter(db, current, time, &counter_id, error) &&
           db_run(db, error,
                  "UPDATE appointment SET counter_id = ?, starts_at = ?, ends_at = ?, "
                  "buffer_ends_at = ?, wall_date = ?, wall_minute = ?, zone = ?, "
                  "sequence = sequence + 1 WHERE id = ?",
                  "iiiitnti", counter_id, time->starts_at, time->ends_at, time->buffer_ends_at,
                  time->wall_date, time->wall_minute, time->zone, id) &&
           participant_forget_answers(db, id, error) &&
           record(db, actor, current, id, "appointment_moved", current->state, error);
}

/* --- leaving and coming back --- */

bool appointment_cancel(Db *db, gint64 id, const char *reason, gint64 system_at, const Actor *actor,
                        GError **error)
{
    g_autofree Current *current = read_current(db, id, error);
    return current != NULL && may_become(current, APPOINTMENT_CANCELLED, error) &&
           db_run(db, error,
                  "UPDATE appointment SET state = 'cancelled', sequence = sequence + 1, "
                  "cancelled_by = ?, cancelled_reason = ?, cancelled_at = ?, "
                  "cancelled_system_at = ?, waiting_since_at = 0 WHERE id = ?",
                  "ttiii", actor_kind_name(actor->kind), reason, actor->at, system_at, id) &&
           record(db, actor, current, id, "appointment_cancelled", APPOINTMENT_CANCELLED, error);
}

static bool is_restorable(const Current *current, gint64 system_at, GError **error)
{
    if (current->state == APPOINTMENT_CANCELLED &&
        system_at - current->cancelled_system_at <= APPOINTMENT_RESTORE_S)
        return true;
    g_set_error_literal(error, STORE_ERROR, STORE_ERROR_TRANSITION,
                        "appointment: not cancelled, or too long ago to be restored");
    return false;
}

bool appointment_restore(Db *db, gint64 id, gint64 system_at, const Actor *actor, GError **error)
{
    g_autofree Current *current = read_current(db, id, error);
    return current != NULL && is_restorable(current, system_at, error) &&
           db_run(db, error,
                  "UPDATE appointment SET state = 'booked', sequence = sequence + 1, "
                  "cancelled_by = NULL, cancelled_reason = NULL, cancelled_at = 0, "
                  "cancelled_system_at = 0 WHERE id = ?",
                  "i", id) &&
           participant_forget_answers(db, id, error) &&
           record(db, actor, current, id, "appointment_restored", APPOINTMENT_BOOKED, error);
}

/* --- the other changes of state --- */

static bool is_for_change(const Current *current, AppointmentState to, GError **error)
{
    if (to != APPOINTMENT_CANCELLED && current->state != APPOINTMENT_CANCELLED)
        return true;
    g_set_error_literal(error, STORE_ERROR, STORE_ERROR_TRANSITION,
                        "appointment: cancelling and restoring say by whom and when");
    return false;
}

bool appointment_change(Db *db, gint64 id, AppointmentState to, const Actor *actor, GError **error)
{
    g_autofree Current *current = read_current(db, id, error);
    if (current == NULL || !may_become(current, to, error) || !is_for_change(current, to, error))
        return false;
    bool is_calling = to == APPOINTMENT_IN_CALL;
    bool was_calling = current->state == APPOINTMENT_IN_CALL;
    gint64 called = was_calling ? MAX(0, actor->at - current->call_started_at) : 0;
    return db_run(db, error,
                  "UPDATE appointment SET state = ?, waiting_since_at = ?, call_started_at = ?, "
                  "first_call_at = CASE WHEN first_call_at = 0 THEN ? ELSE first_call_at END, "
                  "call_seconds = call_seconds + ? WHERE id = ?",
                  "tiiiii", appointment_state_name(to),
                  to == APPOINTMENT_WAITING ? actor->at : (gint64)0,
                  is_calling ? actor->at : (gint64)0, is_calling ? actor->at : (gint64)0, called,
                  id) &&
           record(db, actor, current, id, "appointment_state", to, error);
}

bool appointment_set_officer(Db *db, gint64 id, gint64 officer_id, GError **error)
{
    return db_touch(db, error, "UPDATE appointment SET officer_id = ? WHERE id = ?", "ri",
                    officer_id, id);
}

bool appointment_set_call_seconds(Db *db, gint64 id, gint64 seconds, GError **error)
{
    return db_touch(db, error, "UPDATE appointment SET call_seconds = ? WHERE id = ?", "ii",
                    seconds, id);
}
