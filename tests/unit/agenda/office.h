/* office.h - the office that the agenda's tests ask: the building office of product.md, Tuesday
 * 9:00-12:30 and 15:00-17:30, Thursday 9:00-12:30, Europe/Rome. */
#pragma once
#include "agenda/agenda.h"

static inline gint64 at(const char *rfc3339)
{
    gint64 instant = 0;
    if (!instant_parse_rfc3339(rfc3339, &instant))
        g_error("no instant: %s", rfc3339);
    return instant;
}

static inline Day on(const char *date)
{
    Day day = 0;
    if (!day_parse(date, &day))
        g_error("no date: %s", date);
    return day;
}

static inline void open_on(AgendaRules *rules, gint weekday, guint from_hour, guint from_minute,
                           guint until_hour, guint until_minute)
{
    AgendaOpening opening = {weekday,
                             from_hour * 60 + from_minute,
                             until_hour * 60 + until_minute,
                             G_MININT32,
                             G_MAXINT32,
                             1};
    g_array_append_val(rules->openings, opening);
}

static inline void close_between(AgendaRules *rules, const char *from, const char *until,
                                 const char *reason)
{
    AgendaClosure closure = {at(from), at(until), g_strdup(reason)};
    g_array_append_val(rules->closures, closure);
}

static inline AgendaRules *building_office(void)
{
    AgendaRules *rules = agenda_rules_new(zone_find("Europe/Rome"));
    open_on(rules, 2, 9, 0, 12, 30);
    open_on(rules, 2, 15, 0, 17, 30);
    open_on(rules, 4, 9, 0, 12, 30);
    return rules;
}

static inline void take(GArray *taken, const char *from, const char *until, guint counter)
{
    AgendaTaken one = {at(from), at(until), counter};
    g_array_append_val(taken, one);
}

static inline GArray *nothing_taken(void)
{
    return g_array_new(FALSE, FALSE, sizeof(AgendaTaken));
}

/* "24 10:00 24 10:20": day of the month and wall clock of each start, for comparing whole lists. */
static inline char *starts(const GArray *slots)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < slots->len; i++) {
        const Slot *slot = &g_array_index(slots, Slot, i);
        gint year, month, day;
        day_to_date(slot->day, &year, &month, &day);
        g_string_append_printf(text, "%s%d %02u:%02u", i ? " " : "", day, slot->minute / 60,
                               slot->minute % 60);
    }
    return g_string_free(text, FALSE);
}
