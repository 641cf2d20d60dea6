/* test-when-glib.c - four hundred years of days, and every change of the clocks of 1980 to 2099,
 * as GLib has them.
 */
#include "base/when.h"

/* --- days */

static void same_day(Day day, const GDate *date)
{
    gint year, month, day_of_month;
    day_to_date(day, &year, &month, &day_of_month);
    bool same = year == g_date_get_year(date) && month == (gint)g_date_get_month(date) &&
                day_of_month == g_date_get_day(date) &&
                day_weekday(day) == (gint)g_date_get_weekday(date) &&
                day_from_date(year, month, day_of_month) == day;
    if (!same)
        g_error("day %d is %d-%d-%d, weekday %d", day, year, month, day_of_month, day_weekday(day));
}

/* A Day as GLib counts: its first Julian day is 1 January of the year 1. */
static Day from_julian(guint32 julian)
{
    g_autoptr(GDate) first = g_date_new_dmy(1, G_DATE_JANUARY, 1970);
    return (Day)julian - (Day)g_date_get_julian(first);
}

static void every_day_of_seven_centuries_is_that_of_glib(void)
{
    g_autoptr(GDate) date = g_date_new_dmy(1, G_DATE_JANUARY, 1600);
    g_autoptr(GDate) end = g_date_new_dmy(1, G_DATE_JANUARY, 2301);
    guint days = 0;
    for (; g_date_compare(date, end) < 0; g_date_add_days(date, 1), days++)
        same_day(from_julian(g_date_get_julian(date)), date);
    g_assert_cmpuint(days, ==, 256035); /* 701 years, 170 of them leap years */
}

static void the_same_dates_exist_as_for_glib(void)
{
    guint leap_days = 0;
    for (gint year = 1600; year <= 2300; year++)
        for (gint month = 0; month <= 13; month++)
            for (gint day = 0; day <= 32; day++) {
                bool valid = g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year);
                leap_days += valid && month == 2 && day == 29 ? 1 : 0;
                if (day_is_valid(year, month, day) != valid)
                    g_error("%d-%d-%d", year, month, day);
            }
    g_assert_cmpuint(leap_days, ==, 170);
}

static void days_are_written_and_read_as_glib_writes_them(void)
{
    Day until = day_from_date(2300, 1, 1);
    for (Day day = day_from_date(1900, 1, 1), read = 0; day < until; day++) {
        g_autoptr(GDateTime) noon = g_date_time_new_from_unix_utc((gint64)day * 86400 + 43200);
        g_autofree char *wanted = g_date_time_format(noon, "%Y-%m-%d");
        g_autofree char *written = day_format(day);
        if (!g_str_equal(wanted, written) || !day_parse(written, &read) || read != day)
            g_error("%s is written %s", wanted, written);
    }
}

/* --- changes of the clocks */

typedef struct {
    const Zone *zone;
    GTimeZone *source;
    const char *name;
} Clocks;

static gint offset_at(const Clocks *clocks, gint64 at)
{
    gint interval = g_time_zone_find_interval(clocks->source, G_TIME_TYPE_UNIVERSAL, at);
    return g_time_zone_get_offset(clocks->source, interval);
}

static void same_wall(const Clocks *clocks, gint64 at)
{
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(at);
    g_autoptr(GDateTime) local = g_date_time_to_timezone(utc, clocks->source);
    gint year, month, day;
    day_to_date(zone_day(clocks->zone, at), &year, &month, &day);
    bool same =
        g_date_time_get_utc_offset(local) / G_USEC_PER_SEC == zone_offset_s(clocks->zone, at) &&
        year == g_date_time_get_year(local) && month == g_date_time_get_month(local) &&
        day == g_date_time_get_day_of_month(local) &&
        (gint)zone_minute(clocks->zone, at) ==
            g_date_time_get_hour(local) * 60 + g_date_time_get_minute(local);
    if (!same)
        g_error("%s at %" G_GINT64_FORMAT, clocks->name, at);
}

enum { AROUND_MIN = 4 * 60 };

/* What the clock on the wall reads, as GLib sets it, each minute around a change. */
typedef gint64 Walls[2 * AROUND_MIN];

/* The first instant that reads `local`. */
static bool first_reading(const Walls walls, gint64 change, gint64 local, gint64 *at)
{
    for (gint i = 0; i < 2 * AROUND_MIN; i++) {
        *at = change + (gint64)(i - AROUND_MIN) * 60;
        if (walls[i] == local)
            return true;
    }
    return false;
}

static void same_instants(const Clocks *clocks, gint64 change, guint *missing)
{
    gint before = offset_at(clocks, change - 1), after = offset_at(clocks, change);
    gint64 from = change + MIN(before, after) - 1800, until = change + MAX(before, after) + 1800;
    Walls walls;
    for (gint i = 0; i < 2 * AROUND_MIN; i++) {
        gint64 at = change + (gint64)(i - AROUND_MIN) * 60;
        walls[i] = at + offset_at(clocks, at);
    }
    for (gint64 local = from; local < until; local += 60) {
        gint64 wanted, found = 0;
        bool is = first_reading(walls, change, local, &wanted);
        bool says =
            zone_instant(clocks->zone, (Day)(local / 86400), (guint)(local % 86400 / 60), &found);
        *missing += is ? 0 : 1;
        if (is != says || (is && wanted != found))
            g_error("%s, wall %" G_GINT64_FORMAT " at a change", clocks->name, local);
    }
}

/* Half an hour around each change, from instants to clocks on the wall and back. */
static void check_changes(const char *name, guint changes_wanted, guint missing_wanted)
{
    g_autoptr(GTimeZone) source = g_time_zone_new_identifier(name);
    Clocks clocks = {zone_find(name), source, name};
    gint64 from = (gint64)day_from_date(1980, 1, 1) * 86400;
    gint64 until = (gint64)day_from_date(2099, 12, 31) * 86400;
    gint offset = offset_at(&clocks, from);
    guint changes = 0, missing = 0;
    for (gint64 hour = from; hour < until; hour += 3600) { /* all change at a full hour of UTC */
        gint now = offset_at(&clocks, hour);
        if (now == offset)
            continue;
        offset = now;
        changes++;
        for (gint64 at = hour - 1800; at <= hour + 1800; at += 30)
            same_wall(&clocks, at);
        same_instants(&clocks, hour, &missing);
    }
    g_assert_cmpuint(changes, ==, changes_wanted);
    g_assert_cmpuint(missing, ==, missing_wanted);
}

static void each_change_of_romes_clocks_is_that_of_glib(void)
{
    check_changes("Europe/Rome", 240, 120 * 60); /* 120 springs lose an hour */
}

static void each_change_of_other_clocks_is_that_of_glib(void)
{
    check_changes("America/New_York", 240, 120 * 60);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define CASE(name) g_test_add_func("/base/when/glib/" #name, name)
    CASE(every_day_of_seven_centuries_is_that_of_glib);
    CASE(the_same_dates_exist_as_for_glib);
    CASE(days_are_written_and_read_as_glib_writes_them);
    CASE(each_change_of_romes_clocks_is_that_of_glib);
    CASE(each_change_of_other_clocks_is_that_of_glib);
    return g_test_run();
}
