/* test-calendar.c - weeks, months and days without a year, over four hundred years, as GLib counts
 * them.
 */
#include "reading/moments.h"

#define PAST_DAYS 183 /* a day without a year that is so long ago is still this year's */

static Day day_of(const GDate *date)
{
    g_autoptr(GDate) first = g_date_new_dmy(1, G_DATE_JANUARY, 1970);
    return (Day)g_date_get_julian(date) - (Day)g_date_get_julian(first);
}

static void check_week(const GDate *date)
{
    g_autoptr(GDate) monday = g_date_copy(date);
    while (g_date_get_weekday(monday) != G_DATE_MONDAY)
        g_date_subtract_days(monday, 1);
    if (day_monday(day_of(date)) != day_of(monday))
        g_error("the Monday of day %d", day_of(date));
}

static void check_month(const GDate *date, gint later)
{
    g_autoptr(GDate) first = g_date_copy(date);
    g_date_set_day(first, 1);
    if (later > 0)
        g_date_add_months(first, (guint)later);
    else
        g_date_subtract_months(first, (guint)-later);
    Day found = day_month_first(day_of(date), later);
    g_assert_cmpint(found, ==, day_of(first));
    g_date_set_day(first,
                   g_date_get_days_in_month(g_date_get_month(first), g_date_get_year(first)));
    g_assert_cmpint(day_month_last(found), ==, day_of(first));
}

static void weeks_and_months_are_those_of_glib(void)
{
    g_autoptr(GDate) date = g_date_new_dmy(1, G_DATE_JANUARY, 1900);
    for (; g_date_get_year(date) < 2300; g_date_add_days(date, 1)) {
        check_week(date);
        for (gint later = -2; later <= 13; later += 5)
            check_month(date, later);
    }
}

static bool is_to_come(const GDate *today, gint month, gint date)
{
    gint this_month = (gint)g_date_get_month(today);
    return month > this_month || (month == this_month && date >= g_date_get_day(today));
}

/* The day of this year unless it is long past, else that of the next; what exists in neither is
 * none, nor what this year would still have and lacks: 29/2 said in January of 2027. */
static bool complete(const GDate *today, gint month, gint date, Day *day)
{
    GDateYear this_year = g_date_get_year(today);
    if (is_to_come(today, month, date) &&
        !g_date_valid_dmy((GDateDay)date, (GDateMonth)month, this_year))
        return false;
    for (GDateYear year = this_year; year <= this_year + 1; year++) {
        if (!g_date_valid_dmy((GDateDay)date, (GDateMonth)month, year))
            continue;
        g_autoptr(GDate) one = g_date_new_dmy((GDateDay)date, (GDateMonth)month, year);
        *day = day_of(one);
        if (g_date_days_between(one, today) <= PAST_DAYS)
            return true;
    }
    return false;
}

static void check_completion(const GDate *today, gint month, gint date)
{
    Day wanted = NO_DAY, found = NO_DAY;
    bool is = complete(today, month, date, &wanted);
    bool says = day_complete(day_of(today), month, date, &found);
    if (is != says || (is && wanted != found))
        g_error("%d/%d on day %d: %d, not %d", date, month, day_of(today), found, wanted);
}

static void days_without_a_year_are_of_the_year_that_is_meant(void)
{
    g_autoptr(GDate) today = g_date_new_dmy(1, G_DATE_JANUARY, 1900);
    for (; g_date_get_year(today) < 2300; g_date_add_days(today, 1)) {
        g_autoptr(GDate) other = g_date_copy(today);
        static const guint back[] = {0, 1, 182, 1, 1, 100}; /* 0, 1, 183, 184, 185, 285 days ago */
        for (guint i = 0; i < G_N_ELEMENTS(back); i++) {
            g_date_subtract_days(other, back[i]);
            check_completion(today, (gint)g_date_get_month(other), g_date_get_day(other));
        }
        check_completion(today, 2, 29);
        check_completion(today, 2, 30);
        check_completion(today, 11, 31);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define CASE(name) g_test_add_func("/reading/calendar/" #name, name)
    CASE(weeks_and_months_are_those_of_glib);
    CASE(days_without_a_year_are_of_the_year_that_is_meant);
    return g_test_run();
}
