/* holidays.c - which days are public holidays in Italy. No clock, no table of years: all is
 * computed. */
#include "agenda/holidays.h"

typedef struct {
    gint month, day;
    gint from_year; /* the first year it is kept in this form */
    const char *key;
} FixedHoliday;

static const FixedHoliday fixed[] = {
    {1, 1, 0, "new_year"},    {1, 6, 1986, "epiphany"}, {4, 25, 0, "liberation"},
    {5, 1, 0, "labour_day"},  {6, 2, 2001, "republic"}, {8, 15, 0, "assumption"},
    {10, 4, 2026, "francis"}, {11, 1, 0, "all_saints"}, {12, 8, 0, "immaculate"},
    {12, 25, 0, "christmas"}, {12, 26, 0, "stephen"},
};

/* Gauss's rule in the form for the Gregorian calendar: the paschal full moon is `moon` days after
 * 21 March, Easter the Sunday after it. */
Day holidays_easter(gint year)
{
    gint century = year / 100;
    gint golden = year % 19;
    gint moon_correction = (13 + 8 * century) / 25;
    gint epact_shift = (15 - moon_correction + century - century / 4) % 30;
    gint moon = (19 * golden + epact_shift) % 30;
    if (moon == 29 || (moon == 28 && golden > 10))
        moon--;
    Day full_moon = day_from_date(year, 3, 21) + moon;
    return full_moon + 7 - day_weekday(full_moon) % 7;
}

const char *holidays_on(Day day, gint patron_month, gint patron_day)
{
    gint year, month, day_of_month;
    day_to_date(day, &year, &month, &day_of_month);

    for (gsize i = 0; i < G_N_ELEMENTS(fixed); i++)
        if (fixed[i].month == month && fixed[i].day == day_of_month && year >= fixed[i].from_year)
            return fixed[i].key;
    if (month == 3 || month == 4) {
        Day easter = holidays_easter(year);
        if (day == easter)
            return "easter";
        if (day == easter + 1)
            return "easter_monday";
    }
    return patron_month == month && patron_day == day_of_month ? "patron" : NULL;
}
