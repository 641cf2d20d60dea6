/* invitation_zone.c - see invitation_zone.h. The rule of a zone is found in its own changes: the
 * same month, weekday and hour for some years in a row is a rule. Nothing is known here about any
 * zone.
 */
#include "mail/invitation_zone.h"

#define DAY_S G_GINT64_CONSTANT(86400)
#define RULE_YEARS 6 /* enough to tell "the fourth" from "the last" weekday of a month */
#define CHANGES_MOST 8
#define PROBE_S (7 * DAY_S) /* no zone changes its clock and back within a week */
#define RULE_FROM_YEAR 1970 /* where yearly rules begin, as calendar programs write them */

/* One change of the clock. */
typedef struct {
    gint before_s, after_s; /* seconds east of UTC */
    gint month, day_of_month, weekday;
    gint second; /* of the day, on the clock before the change */
    Day day;
    char name[16]; /* of the time after it, "CEST" */
} Change;

static void set_name(Change *change, const Zone *zone, gint64 at)
{
    g_autoptr(GTimeZone) source = g_time_zone_new_identifier(zone_name(zone));
    gint interval = source ? g_time_zone_find_interval(source, G_TIME_TYPE_UNIVERSAL, at) : -1;
    if (interval >= 0)
        g_strlcpy(change->name, g_time_zone_get_abbreviation(source, interval),
                  sizeof change->name);
}

static gint64 change_between(const Zone *zone, gint64 low, gint64 high)
{
    gint before_s = zone_offset_s(zone, low);
    while (high - low > 1) {
        gint64 middle = low + (high - low) / 2;
        if (zone_offset_s(zone, middle) == before_s)
            low = middle;
        else
            high = middle;
    }
    return high;
}

static Change describe(const Zone *zone, gint64 at)
{
    Change change = {.before_s = zone_offset_s(zone, at - 1), .after_s = zone_offset_s(zone, at)};
    gint64 wall = at + change.before_s;
    change.day = (Day)(wall / DAY_S);
    change.second = (gint)(wall % DAY_S);
    gint year;
    day_to_date(change.day, &year, &change.month, &change.day_of_month);
    change.weekday = day_weekday(change.day);
    set_name(&change, zone, at);
    return change;
}

/* The changes of one year (UTC), at most CHANGES_MOST. */
static guint changes_of_year(const Zone *zone, gint year, Change changes[CHANGES_MOST])
{
    gint64 until = day_from_date(year + 1, 1, 1) * DAY_S;
    guint count = 0;
    for (gint64 at = day_from_date(year, 1, 1) * DAY_S; at < until && count < CHANGES_MOST;
         at += PROBE_S) {
        gint64 next = MIN(at + PROBE_S, until);
        if (zone_offset_s(zone, at) != zone_offset_s(zone, next))
            changes[count++] = describe(zone, change_between(zone, at, next));
    }
    return count;
}

static bool is_last_of_month(Day day)
{
    gint year, month, next_month, day_of_month;
    day_to_date(day, &year, &month, &day_of_month);
    day_to_date(day + 7, &year, &next_month, &day_of_month);
    return month != next_month;
}

/* Which weekday of its month the change keeps to over the years: 1-4, -1 the last, 0 no rule. */
static gint rule_of(const Change changes[RULE_YEARS])
{
    bool all_last = true, all_nth = true;
    gint nth = (changes[0].day_of_month - 1) / 7 + 1;
    for (guint i = 0; i < RULE_YEARS; i++) {
        const Change *change = &changes[i];
        if (change->month != changes[0].month || change->weekday != changes[0].weekday ||
            change->second != changes[0].second || change->before_s != changes[0].before_s ||
            change->after_s != changes[0].after_s)
            return 0;
        all_last &= is_last_of_month(change->day);
        all_nth &= (change->day_of_month - 1) / 7 + 1 == nth;
    }
    if (all_last)
        return -1;
    return all_nth ? nth : 0;
}

static Day nth_weekday(gint year, gint month, gint weekday, gint nth)
{
    Day first = day_from_date(year, month, 1);
    Day day = first + (weekday - day_weekday(first) + 7) % 7;
    if (nth > 0)
        return day + 7 * (nth - 1);
    while (!is_last_of_month(day))
        day += 7;
    return day;
}

static void append_offset(GString *out, const char *name, gint offset_s)
{
    gint seconds = ABS(offset_s);
    g_string_append_printf(out, "%s:%c%02d%02d", name, offset_s < 0 ? '-' : '+', seconds / 3600,
                           seconds / 60 % 60);
    if (seconds % 60)
        g_string_append_printf(out, "%02d", seconds % 60);
    g_string_append(out, "\r\n");
}

static void append_observance(GString *out, const Change *change, Day starts_on, gint nth)
{
    static const char *const weekdays[] = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"};
    const char *kind = change->after_s > change->before_s ? "DAYLIGHT" : "STANDARD";
    gint year, month, day;
    day_to_date(starts_on, &year, &month, &day);
    g_string_append_printf(out, "BEGIN:%s\r\n", kind);
    g_string_append_printf(out, "DTSTART:%04d%02d%02dT%02d%02d%02d\r\n", year, month, day,
                           change->second / 3600, change->second / 60 % 60, change->second % 60);
    if (nth)
        g_string_append_printf(out, "RRULE:FREQ=YEARLY;BYMONTH=%d;BYDAY=%d%s\r\n", change->month,
                               nth, weekdays[change->weekday - 1]);
    append_offset(out, "TZOFFSETFROM", change->before_s);
    append_offset(out, "TZOFFSETTO", change->after_s);
    if (*change->name)
        g_string_append_printf(out, "TZNAME:%s\r\n", change->name);
    g_string_append_printf(out, "END:%s\r\n", kind);
}

/* True when the zone changes twice a year by one rule, which is then written. */
static bool append_rules(GString *out, const Zone *zone, gint year)
{
    Change first[RULE_YEARS], second[RULE_YEARS];
    for (gint i = 0; i < RULE_YEARS; i++) {
        Change changes[CHANGES_MOST];
        if (changes_of_year(zone, year + i, changes) != 2)
            return false;
        first[i] = changes[0];
        second[i] = changes[1];
    }
    const Change *rules[] = {first, second};
    gint nth[] = {rule_of(first), rule_of(second)};
    if (nth[0] == 0 || nth[1] == 0)
        return false;
    for (guint i = 0; i < G_N_ELEMENTS(rules); i++)
        append_observance(out, rules[i],
                          nth_weekday(RULE_FROM_YEAR, rules[i]->month, rules[i]->weekday, nth[i]),
                          nth[i]);
    return true;
}

static void append_changes(GString *out, const Zone *zone, gint year)
{
    gint64 begins = day_from_date(year - 1, 1, 1) * DAY_S;
    gint offset_s = zone_offset_s(zone, begins);
    Change standing = {.before_s = offset_s, .after_s = offset_s};
    set_name(&standing, zone, begins);
    append_observance(out, &standing, day_from_date(RULE_FROM_YEAR, 1, 1), 0);
    for (gint y = year - 1; y <= year + 1; y++) {
        Change changes[CHANGES_MOST];
        guint count = changes_of_year(zone, y, changes);
        for (guint i = 0; i < count; i++)
            append_observance(out, &changes[i], changes[i].day, 0);
    }
}

void invitation_append_zone(GString *out, const Zone *zone, gint64 at)
{
    /* GLib keeps it in memory while somebody holds it. */
    g_autoptr(GTimeZone) held = g_time_zone_new_identifier(zone_name(zone));
    gint year, month, day;
    day_to_date(zone_day(zone, at), &year, &month, &day);
    g_string_append_printf(out, "BEGIN:VTIMEZONE\r\nTZID:%s\r\n", zone_name(zone));
    if (!append_rules(out, zone, year))
        append_changes(out, zone, year);
    g_string_append(out, "END:VTIMEZONE\r\n");
}
