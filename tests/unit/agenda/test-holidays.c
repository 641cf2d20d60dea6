/* test-holidays.c - the days on which no Italian office receives. */
#include "agenda/holidays.h"

static void easter_falls_where_the_calendar_says(void)
{
    static const struct {
        gint year, month, day;
    } known[] = {
        {1818, 3, 22}, {1886, 4, 25}, {1943, 4, 25}, {1954, 4, 18}, {1961, 4, 2},
        {1981, 4, 19}, {2000, 4, 23}, {2008, 3, 23}, {2011, 4, 24}, {2016, 3, 27},
        {2019, 4, 21}, {2020, 4, 12}, {2024, 3, 31}, {2025, 4, 20}, {2026, 4, 5},
        {2027, 3, 28}, {2038, 4, 25}, {2049, 4, 18}, {2076, 4, 19}, {2285, 3, 22},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(known); i++) {
        Day day = holidays_easter(known[i].year);
        gint year, month, day_of_month;
        day_to_date(day, &year, &month, &day_of_month);
        if (month != known[i].month || day_of_month != known[i].day)
            g_error("easter of %d: %d/%d", known[i].year, day_of_month, month);
        g_assert_cmpint(year, ==, known[i].year);
    }
}

static void easter_is_a_sunday_of_march_or_april_in_every_year(void)
{
    for (gint year = 1583; year <= 9999; year++) {
        Day day = holidays_easter(year);
        g_assert_cmpint(day_weekday(day), ==, 7);
        g_assert_cmpint(day, >=, day_from_date(year, 3, 22));
        g_assert_cmpint(day, <=, day_from_date(year, 4, 25));
    }
}

static void names_each_holiday(void)
{
    static const struct {
        gint year, month, day;
        const char *key;
    } cases[] = {
        {2026, 1, 1, "new_year"},   {2026, 1, 6, "epiphany"},
        {1984, 1, 6, NULL},         {1986, 1, 6, "epiphany"},
        {2026, 4, 5, "easter"},     {2026, 4, 6, "easter_monday"},
        {2026, 4, 7, NULL},         {2026, 4, 25, "liberation"},
        {2026, 5, 1, "labour_day"}, {2026, 6, 2, "republic"},
        {2000, 6, 2, NULL},         {2026, 8, 15, "assumption"},
        {2025, 10, 4, NULL},        {2026, 10, 4, "francis"},
        {2027, 10, 4, "francis"},   {2026, 11, 1, "all_saints"},
        {2026, 11, 2, NULL},        {2026, 12, 8, "immaculate"},
        {2026, 12, 24, NULL},       {2026, 12, 25, "christmas"},
        {2026, 12, 26, "stephen"},  {2027, 3, 29, "easter_monday"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *key =
            holidays_on(day_from_date(cases[i].year, cases[i].month, cases[i].day), 0, 0);
        if (g_strcmp0(key, cases[i].key) != 0)
            g_error("%d-%d-%d: %s", cases[i].year, cases[i].month, cases[i].day, key);
    }
}

static void the_patron_is_kept_every_year_where_there_is_one(void)
{
    g_assert_cmpstr(holidays_on(day_from_date(2026, 5, 21), 5, 21), ==, "patron");
    g_assert_cmpstr(holidays_on(day_from_date(2027, 5, 21), 5, 21), ==, "patron");
    g_assert_null(holidays_on(day_from_date(2026, 5, 21), 0, 0));
    g_assert_null(holidays_on(day_from_date(2026, 5, 20), 5, 21));
    /* a patron on a day that is kept anyway */
    g_assert_cmpstr(holidays_on(day_from_date(2026, 12, 26), 12, 26), ==, "stephen");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/agenda/holidays/easter_falls_where_the_calendar_says",
                    easter_falls_where_the_calendar_says);
    g_test_add_func("/agenda/holidays/easter_is_a_sunday_of_march_or_april_in_every_year",
                    easter_is_a_sunday_of_march_or_april_in_every_year);
    g_test_add_func("/agenda/holidays/names_each_holiday", names_each_holiday);
    g_test_add_func("/agenda/holidays/the_patron_is_kept_every_year_where_there_is_one",
                    the_patron_is_kept_every_year_where_there_is_one);
    return g_test_run();
}
