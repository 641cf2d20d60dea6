/* test-when.c - days, zones and instants: what the calendar says, above all in March and October.
 */
#include "base/when.h"

#include <time.h>

#define MINUTE(hour, minute) ((hour)*60 + (minute))

static gint64 at(const char *text)
{
    gint64 instant = G_MININT64;
    g_assert_true(instant_parse_rfc3339(text, &instant));
    return instant;
}

static void days_and_dates_are_each_others_inverse(void)
{
    for (Day day = -800000; day <= 2900000; day += 1) {
        gint year, month, day_of_month;
        day_to_date(day, &year, &month, &day_of_month);
        if (day_from_date(year, month, day_of_month) != day)
            g_error("day %d comes back as %d", day, day_from_date(year, month, day_of_month));
        if (year >= 1)
            g_assert_true(day_is_valid(year, month, day_of_month));
    }
    g_assert_cmpint(day_from_date(1970, 1, 1), ==, 0);
    g_assert_cmpint(day_from_date(2000, 2, 29), ==, 11016);
    g_assert_cmpint(day_from_date(2026, 11, 24), ==, 20781);
}

static void knows_which_dates_exist(void)
{
    g_assert_true(day_is_valid(2028, 2, 29));
    g_assert_false(day_is_valid(2026, 2, 29));
    g_assert_false(day_is_valid(2100, 2, 29));
    g_assert_true(day_is_valid(2000, 2, 29));
    g_assert_false(day_is_valid(2026, 4, 31));
    g_assert_false(day_is_valid(2026, 13, 1));
    g_assert_false(day_is_valid(2026, 0, 1));
    g_assert_false(day_is_valid(2026, 1, 0));
}

static void weekdays_count_from_monday(void)
{
    g_assert_cmpint(day_weekday(0), ==, 4);
    g_assert_cmpint(day_weekday(-1), ==, 3);
    g_assert_cmpint(day_weekday(day_from_date(2026, 11, 24)), ==, 2);
    g_assert_cmpint(day_weekday(day_from_date(2026, 11, 29)), ==, 7);
    g_assert_cmpint(day_weekday(day_from_date(2020, 11, 2)), ==, 1);
}

static void parses_only_whole_dates(void)
{
    Day day = 0;
    g_assert_true(day_parse("2026-11-24", &day));
    g_assert_cmpint(day, ==, 20781);
    static const char *const wrong[] = {"",           "2026-11-2",   "2026-11-241", "2026/11/24",
                                        "2026-02-30", " 2026-11-24", "+026-11-24",  "2026-1a-24"};
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++)
        g_assert_false(day_parse(wrong[i], &day));
    g_assert_false(day_parse(NULL, &day));
    g_autofree char *text = day_format(20781);
    g_assert_cmpstr(text, ==, "2026-11-24");
}

static void unknown_zones_are_refused(void)
{
    static const char *const wrong[] = {"Europe/Atlantis", "../../etc/passwd", "/etc/localtime",
                                        "+02:00",          ":Europe/Rome",     ""};
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++)
        g_assert_null(zone_find(wrong[i]));
    g_assert_null(zone_find(NULL));
    g_assert_true(zone_find("Europe/Rome") == zone_find("Europe/Rome"));
    g_assert_cmpstr(zone_name(zone_find("Europe/Rome")), ==, "Europe/Rome");
}

static void the_hour_skipped_in_spring_does_not_exist(void)
{
    const Zone *rome = zone_find("Europe/Rome");
    Day day = day_from_date(2027, 3, 28);
    gint64 instant = 0;

    g_assert_true(zone_instant(rome, day, MINUTE(1, 59), &instant));
    g_assert_cmpint(instant, ==, at("2027-03-28T00:59:00Z"));
    g_assert_false(zone_instant(rome, day, MINUTE(2, 0), &instant));
    g_assert_false(zone_instant(rome, day, MINUTE(2, 59), &instant));
    g_assert_true(zone_instant(rome, day, MINUTE(3, 0), &instant));
    g_assert_cmpint(instant, ==, at("2027-03-28T01:00:00Z"));
}

static void the_hour_repeated_in_autumn_means_the_first(void)
{
    const Zone *rome = zone_find("Europe/Rome");
    Day day = day_from_date(2026, 10, 25);
    gint64 instant = 0;

    g_assert_true(zone_instant(rome, day, MINUTE(2, 30), &instant));
    g_assert_cmpint(instant, ==, at("2026-10-25T02:30:00+02:00"));
    g_assert_true(zone_instant(rome, day, MINUTE(3, 0), &instant));
    g_assert_cmpint(instant, ==, at("2026-10-25T03:00:00+01:00"));
    g_assert_cmpuint(zone_minute(rome, at("2026-10-25T02:30:00+01:00")), ==, MINUTE(2, 30));
}

static void nine_oclock_stays_nine_oclock_across_the_change(void)
{
    const Zone *rome = zone_find("Europe/Rome");
    gint64 instant = 0;
    g_assert_true(zone_instant(rome, day_from_date(2026, 10, 22), MINUTE(9, 0), &instant));
    g_assert_cmpint(instant, ==, at("2026-10-22T07:00:00Z"));
    g_assert_true(zone_instant(rome, day_from_date(2026, 10, 27), MINUTE(9, 0), &instant));
    g_assert_cmpint(instant, ==, at("2026-10-27T08:00:00Z"));
}

static void zones_live_side_by_side(void)
{
    static const struct {
        const char *zone, *at, *local;
    } cases[] = {
        {"Europe/Rome", "2026-07-01T12:00:00Z", "2026-07-01T14:00:00+02:00"},
        {"Europe/London", "2026-07-01T12:00:00Z", "2026-07-01T13:00:00+01:00"},
        {"America/New_York", "2026-11-01T05:59:59Z", "2026-11-01T01:59:59-04:00"},
        {"America/New_York", "2026-11-01T06:00:00Z", "2026-11-01T01:00:00-05:00"},
        {"America/St_Johns", "2026-01-01T00:00:00Z", "2025-12-31T20:30:00-03:30"},
        {"Asia/Kathmandu", "2026-01-01T00:00:00Z", "2026-01-01T05:45:00+05:45"},
        {"Australia/Lord_Howe", "2026-01-01T00:00:00Z", "2026-01-01T11:00:00+11:00"},
        {"Australia/Lord_Howe", "2026-07-01T00:00:00Z", "2026-07-01T10:30:00+10:30"},
        {"Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29T23:59:59-10:00"},
        {"Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31T00:00:00+14:00"},
        {"UTC", "1969-12-31T23:59:59Z", "1969-12-31T23:59:59+00:00"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Zone *zone = zone_find(cases[i].zone);
        g_assert_nonnull(zone);
        g_autofree char *local = zone_format_local(zone, at(cases[i].at));
        g_assert_cmpstr(local, ==, cases[i].local);
        g_assert_cmpint(at(local), ==, at(cases[i].at));
    }
}

static void midnight_is_the_first_instant_of_the_day(void)
{
    gint64 instant = 0;
    const Zone *rome = zone_find("Europe/Rome");
    g_assert_cmpint(zone_midnight(rome, day_from_date(2026, 11, 24)), ==,
                    at("2026-11-24T00:00:00+01:00"));
    g_assert_true(zone_instant(rome, day_from_date(2026, 11, 24), 1440, &instant));
    g_assert_cmpint(instant, ==, at("2026-11-25T00:00:00+01:00"));
    /* Beirut skips from 0:00 to 1:00: the day begins at one. */
    const Zone *beirut = zone_find("Asia/Beirut");
    Day day = day_from_date(2026, 3, 29);
    g_assert_false(zone_instant(beirut, day, 0, &instant));
    g_assert_cmpint(zone_midnight(beirut, day), ==, at("2026-03-29T01:00:00+03:00"));
    g_assert_cmpint(zone_day(beirut, zone_midnight(beirut, day)), ==, day);
    g_assert_cmpint(zone_day(beirut, zone_midnight(beirut, day) - 1), ==, day - 1);
}

/* The table against GLib itself, over every zone rule people meet, each 5 h 17 min from 1971 to
 * 2037. */
static void agrees_with_glib(void)
{
    static const char *const names[] = {"Europe/Rome",       "America/New_York",
                                        "Africa/Casablanca", "Australia/Lord_Howe",
                                        "Asia/Tehran",       "America/Sao_Paulo"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(GTimeZone) source = g_time_zone_new_identifier(names[i]);
        const Zone *zone = zone_find(names[i]);
        for (gint64 t = at("1971-01-01T00:00:00Z"); t < at("2037-12-31T00:00:00Z"); t += 19020) {
            gint interval = g_time_zone_find_interval(source, G_TIME_TYPE_UNIVERSAL, t);
            if (zone_offset_s(zone, t) != g_time_zone_get_offset(source, interval))
                g_error("%s at %" G_GINT64_FORMAT, names[i], t);
        }
    }
}

static void wall_clocks_come_back(void)
{
    static const char *const names[] = {"Europe/Rome", "America/New_York", "Africa/Casablanca",
                                        "Australia/Lord_Howe"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        const Zone *zone = zone_find(names[i]);
        for (Day day = day_from_date(2026, 1, 1); day < day_from_date(2029, 1, 1); day++)
            for (guint minute = 0; minute < 1440; minute += 15) {
                gint64 instant;
                if (!zone_instant(zone, day, minute, &instant))
                    continue;
                if (zone_day(zone, instant) != day || zone_minute(zone, instant) != minute)
                    g_error("%s %d %u", names[i], day, minute);
            }
    }
}

static void rfc3339_is_read_strictly(void)
{
    static const struct {
        const char *text;
        gint64 instant;
    } right[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01t00:00:01z", 1},
        {"1970-01-01 01:00:00+01:00", 0},
        {"1969-12-31T16:00:00-08:00", 0},
        {"2026-11-24T09:00:00.123456Z", 1795510800},
        {"1990-12-31T23:59:60Z", 662688000},
    };
    static const char *const wrong[] = {"",
                                        "2026-11-24",
                                        "2026-11-24T09:00:00",
                                        "2026-11-24T24:00:00Z",
                                        "2026-11-24T09:60:00Z",
                                        "2026-11-24T09:00Z",
                                        "2026-11-24T09:00:00.Z",
                                        "2026-11-24T09:00:00+0100",
                                        "2026-11-24T09:00:00+01:00x",
                                        "2026-11-31T09:00:00Z",
                                        "2026-11-24T09:00:00Zjunk",
                                        "2026-11-24T09-00-00Z"};
    for (gsize i = 0; i < G_N_ELEMENTS(right); i++)
        g_assert_cmpint(at(right[i].text), ==, right[i].instant);
    gint64 instant;
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++)
        g_assert_false(instant_parse_rfc3339(wrong[i], &instant));
    g_assert_false(instant_parse_rfc3339(NULL, &instant));
    g_autofree char *text = instant_format_rfc3339(-1);
    g_assert_cmpstr(text, ==, "1969-12-31T23:59:59Z");
}

enum { LOOK_UPS = 10000000 };

static double ns_of_each(clock_t start)
{
    return (double)(clock() - start) / CLOCKS_PER_SEC * 1e9 / LOOK_UPS;
}

static void a_look_up_costs_nanoseconds(void)
{
    const Zone *rome = zone_find("Europe/Rome");
    gint64 from = at("2026-11-24T00:00:00Z"), sum = 0;
    clock_t start = clock(); /* of the processor: the machine may be busy */
    for (gint i = 0; i < LOOK_UPS; i++)
        sum += zone_offset_s(rome, from + i * 60);
    double lookup_ns = ns_of_each(start);
    start = clock();
    for (gint i = 0; i < LOOK_UPS; i++) {
        gint64 instant = 0;
        sum += zone_instant(rome, 20781 + i % 30, (guint)i % 1440, &instant) ? instant & 1 : 0;
    }
    double instant_ns = ns_of_each(start);
    g_test_message("offset %.1f ns, wall clock to instant %.1f ns (%" G_GINT64_FORMAT ")",
                   lookup_ns, instant_ns, sum);
    g_assert_cmpfloat(lookup_ns, <, 200); /* far above what is measured: only a lost table fails */
    g_assert_cmpfloat(instant_ns, <, 400);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define CASE(name) g_test_add_func("/base/when/" #name, name)
    CASE(days_and_dates_are_each_others_inverse);
    CASE(knows_which_dates_exist);
    CASE(weekdays_count_from_monday);
    CASE(parses_only_whole_dates);
    CASE(unknown_zones_are_refused);
    CASE(the_hour_skipped_in_spring_does_not_exist);
    CASE(the_hour_repeated_in_autumn_means_the_first);
    CASE(nine_oclock_stays_nine_oclock_across_the_change);
    CASE(zones_live_side_by_side);
    CASE(midnight_is_the_first_instant_of_the_day);
    CASE(agrees_with_glib);
    CASE(wall_clocks_come_back);
    CASE(rfc3339_is_read_strictly);
    CASE(a_look_up_costs_nanoseconds);
    return g_test_run();
}
