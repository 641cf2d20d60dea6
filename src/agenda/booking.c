/* booking.c - who may book what: notice, horizon, and why a wished time cannot be had.
 *
 * Notice is counted in working days of the office and in its wall clock: one day means until 23:59
 * of the last working day before.
 */
#include "agenda/agenda.h"
#include "agenda/holidays.h"

#define YEAR_DAYS 366

static bool closed_all_day(const AgendaRules *rules, Day day)
{
    if (rules->closures->len == 0)
        return false;
    gint64 from = zone_midnight(rules->zone, day), until = zone_midnight(rules->zone, day + 1);
    for (guint i = 0; i < rules->closures->len; i++) {
        const AgendaClosure *closure = &g_array_index(rules->closures, AgendaClosure, i);
        if (closure->from_at <= from && closure->until_at >= until)
            return true;
    }
    return false;
}

bool agenda_is_working_day(const AgendaRules *rules, Day day)
{
    return day_weekday(day) <= 5 && !holidays_on(day, rules->patron_month, rules->patron_day) &&
           !closed_all_day(rules, day);
}

Day agenda_add_working_days(const AgendaRules *rules, Day day, guint count)
{
    /* An office closed for a year has no working day to find. */
    for (guint tried = 0; count > 0 && tried < YEAR_DAYS; tried++) {
        day++;
        if (agenda_is_working_day(rules, day))
            count--;
    }
    return day;
}

Day agenda_working_day_before(const AgendaRules *rules, Day day)
{
    for (guint tried = 0; tried < YEAR_DAYS; tried++)
        if (agenda_is_working_day(rules, --day))
            break;
    return day;
}

/* The first day that a citizen may book today: `notice_days` working days lie in [today, day). */
static Day first_bookable_day(const AgendaRules *rules, Day today)
{
    Day day = today;
    guint still = rules->notice_days;
    for (guint tried = 0; still > 0 && tried < YEAR_DAYS; tried++, day++)
        if (agenda_is_working_day(rules, day))
            still--;
    return day;
}

Span agenda_bookable(const AgendaRules *rules, AgendaWho who, gint64 now)
{
    Day today = zone_day(rules->zone, now);
    Day horizon = (Day)MIN(rules->horizon_days, YEAR_DAYS);

    if (who == AGENDA_DESK)
        return (Span){now, zone_midnight(rules->zone, today + 2 * horizon + 1)};
    gint64 from = zone_midnight(rules->zone, first_bookable_day(rules, today));
    return (Span){MAX(from, now), zone_midnight(rules->zone, today + horizon + 1)};
}

static const AgendaClosure *closure_over(const AgendaRules *rules, Span span)
{
    for (guint i = 0; i < rules->closures->len; i++) {
        const AgendaClosure *closure = &g_array_index(rules->closures, AgendaClosure, i);
        if (closure->from_at < span.until && closure->until_at > span.from)
            return closure;
    }
    return NULL;
}

static bool within_hours(const AgendaRules *rules, gint64 starts_at)
{
    Day day = zone_day(rules->zone, starts_at);
    guint minute = zone_minute(rules->zone, starts_at);
    for (guint i = 0; i < rules->openings->len; i++) {
        const AgendaOpening *opening = &g_array_index(rules->openings, AgendaOpening, i);
        if (opening->weekday == day_weekday(day) && day >= opening->valid_from &&
            day <= opening->valid_until && minute >= opening->from_minute &&
            minute + rules->slot_min <= opening->until_minute)
            return true;
    }
    return false;
}

/* What stands against the time itself, whoever asks. */
static AgendaReason why_not_open(const AgendaRules *rules, gint64 starts_at, const char **detail)
{
    Day day = zone_day(rules->zone, starts_at);
    const char *holiday = holidays_on(day, rules->patron_month, rules->patron_day);
    if (holiday) {
        *detail = holiday;
        return AGENDA_HOLIDAY;
    }
    Span wanted = {starts_at, starts_at + (gint64)rules->slot_min * 60};
    const AgendaClosure *closure = closure_over(rules, wanted);
    if (closure) {
        *detail = closure->reason;
        return AGENDA_CLOSURE;
    }
    return within_hours(rules, starts_at) ? AGENDA_CAN : AGENDA_OUTSIDE_HOURS;
}

AgendaReason agenda_why_not(const AgendaRules *rules, const GArray *taken, AgendaWho who,
                            gint64 now, gint64 starts_at, const char **detail)
{
    const char *unused;
    const char **why = detail ? detail : &unused;
    *why = NULL;
    if (starts_at < now)
        return AGENDA_PAST;
    AgendaReason reason = why_not_open(rules, starts_at, why);
    if (reason != AGENDA_CAN)
        return reason;
    Slot slot;
    if (!agenda_slot_at(rules, taken, starts_at, &slot))
        return AGENDA_OFF_GRID;
    if (who == AGENDA_CITIZEN) {
        Span bookable = agenda_bookable(rules, who, now);
        if (starts_at >= bookable.until)
            return AGENDA_HORIZON;
        if (starts_at < bookable.from)
            return AGENDA_NOTICE;
    }
    return slot.free > 0 ? AGENDA_CAN : AGENDA_TAKEN;
}

const char *agenda_reason_name(AgendaReason reason)
{
    static const char *const names[] = {
        [AGENDA_CAN] = "can",
        [AGENDA_PAST] = "past",
        [AGENDA_HOLIDAY] = "holiday",
        [AGENDA_CLOSURE] = "closure",
        [AGENDA_OUTSIDE_HOURS] = "outside_hours",
        [AGENDA_OFF_GRID] = "off_grid",
        [AGENDA_HORIZON] = "horizon",
        [AGENDA_NOTICE] = "notice",
        [AGENDA_TAKEN] = "taken",
    };
    return names[reason];
}
