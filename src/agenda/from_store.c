/* from_store.c - an office's rules and appointments as the store has them, turned into the agenda's
 * values. The one file of the agenda that reads the store.
 */
#include "agenda/agenda.h"

static bool add_openings(AgendaRules *rules, Db *db, gint64 office_id, GError **error)
{
    g_autoptr(GArray) openings = office_openings(db, office_id, error);
    if (!openings)
        return false;
    for (guint i = 0; i < openings->len; i++) {
        const OfficeOpening *row = &g_array_index(openings, OfficeOpening, i);
        AgendaOpening opening = {row->weekday,    (guint)row->from_minute, (guint)row->until_minute,
                                 row->valid_from, row->valid_until,        (guint)row->counters};
        g_array_append_val(rules->openings, opening);
    }
    return true;
}

static bool add_closures(AgendaRules *rules, Db *db, gint64 office_id, Span span, GError **error)
{
    g_autoptr(GPtrArray) closures = office_closures(db, office_id, span.from, span.until, error);
    if (!closures)
        return false;
    for (guint i = 0; i < closures->len; i++) {
        const OfficeClosure *row = closures->pdata[i];
        AgendaClosure closure = {row->from_at, row->until_at, g_strdup(row->reason)};
        g_array_append_val(rules->closures, closure);
    }
    return true;
}

AgendaRules *agenda_rules_from_office(Db *db, const Office *office, const OfficeService *service,
                                      Span span, GError **error)
{
    const Zone *zone = zone_find(office->zone);
    if (!zone) {
        g_set_error(error, STORE_ERROR, STORE_ERROR_INVALID, "unknown zone %s", office->zone);
        return NULL;
    }
    g_autoptr(AgendaRules) rules = agenda_rules_new(zone);
    rules->slot_min =
        (guint)(service && service->duration_min > 0 ? service->duration_min : office->slot_min);
    rules->step_min =
        (guint)(service && service->step_min > 0 ? service->step_min : office->step_min);
    rules->buffer_min = (guint)office->buffer_min;
    rules->notice_days = (guint)office->notice_days;
    rules->horizon_days = (guint)office->horizon_days;
    rules->patron_month = office->patron_month;
    rules->patron_day = office->patron_day;
    if (!add_openings(rules, db, office->id, error) ||
        !add_closures(rules, db, office->id, span, error))
        return NULL;
    return g_steal_pointer(&rules);
}

static guint counter_number(const GArray *counters, gint64 id)
{
    for (guint i = 0; i < counters->len; i++) {
        const OfficeCounter *counter = &g_array_index(counters, OfficeCounter, i);
        if (counter->id == id)
            return (guint)counter->number;
    }
    return 0; /* of another office: cannot be, and takes nothing here */
}

GArray *agenda_taken_between(Db *db, gint64 office_id, Span span, GError **error)
{
    g_autoptr(GArray) counters = office_counters(db, office_id, error);
    if (!counters)
        return NULL;
    g_autoptr(GArray) rows = appointment_taken(db, office_id, span.from, span.until, error);
    if (!rows)
        return NULL;
    GArray *taken = g_array_sized_new(FALSE, FALSE, sizeof(AgendaTaken), rows->len);
    g_array_set_size(taken, rows->len);
    for (guint i = 0; i < rows->len; i++) {
        const AppointmentTaken *row = &g_array_index(rows, AppointmentTaken, i);
        g_array_index(taken, AgendaTaken, i) =
            (AgendaTaken){row->starts_at, row->ends_at, counter_number(counters, row->counter_id)};
    }
    return taken;
}

void agenda_appointment_time(const AgendaRules *rules, const Slot *slot, char wall_date[11],
                             AppointmentTime *time)
{
    g_autofree char *date = day_format(slot->day);
    g_strlcpy(wall_date, date, 11);
    *time = (AppointmentTime){
        .starts_at = slot->starts_at,
        .ends_at = slot->ends_at,
        .buffer_ends_at = slot->ends_at + (gint64)rules->buffer_min * 60,
        .wall_date = wall_date,
        .wall_minute = (gint)slot->minute,
        .zone = zone_name(rules->zone),
        .counters = (gint)slot->counters,
    };
}
