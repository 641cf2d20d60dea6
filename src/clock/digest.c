/* digest.c - see digest.h. */
#include "clock/digest.h"
#include "agenda/holidays.h"

#include <string.h>

#define SATURDAY 6

bool digest_due(gint64 now, const Zone *zone, gint patron_month, gint patron_day,
                const char *sent_on)
{
    Day today = zone_day(zone, now);
    guint minute = zone_minute(zone, now);
    if (minute < DIGEST_FROM_MINUTE || minute >= DIGEST_UNTIL_MINUTE)
        return false;
    if (day_weekday(today) >= SATURDAY || holidays_on(today, patron_month, patron_day))
        return false;
    g_autofree char *written = day_format(today);
    return g_strcmp0(sent_on, written) != 0;
}
