/* when.h - days, wall clocks and zones.
 *
 * A Day counts days since 1970-01-01 (Monday is found by arithmetic). A Zone is any IANA zone,
 * several in one process: its transitions are read once from GTimeZone into a table and kept for
 * ever.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>

typedef gint32 Day; /* days since 1970-01-01 in the proleptic Gregorian calendar */

typedef struct {
    gint64 from, until; /* Unix seconds UTC, half open */
} Span;

typedef struct Zone Zone;
const Zone *
zone_find(const char *name); /* "Europe/Rome"; NULL when unknown; lives for ever; thread-safe */
const char *zone_name(const Zone *zone);

Day day_from_date(gint year, gint month,
                  gint day); /* month 1-12; must be valid, see day_is_valid */
bool day_is_valid(gint year, gint month, gint day);
void day_to_date(Day day, gint *year, gint *month, gint *day_of_month);
gint day_weekday(Day day);                  /* 1 Monday ... 7 Sunday */
bool day_parse(const char *text, Day *day); /* "2026-11-24" exactly */
char *day_format(Day day);                  /* "2026-11-24" */

Day zone_day(const Zone *zone, gint64 at);
guint zone_minute(const Zone *zone, gint64 at);  /* minute of the day, wall clock, 0-1439 */
gint zone_offset_s(const Zone *zone, gint64 at); /* seconds east of UTC */
/* The instant of a wall clock; false when it does not exist (spring). When it exists twice, the
 * first (RFC 5545, 3.3.5). `minute` may be 0-1440. */
bool zone_instant(const Zone *zone, Day day, guint minute, gint64 *at);
gint64 zone_midnight(const Zone *zone, Day day); /* first instant of the day */

bool instant_parse_rfc3339(const char *text, gint64 *at);
char *instant_format_rfc3339(gint64 at);              /* "2026-11-24T09:00:00Z" */
char *zone_format_local(const Zone *zone, gint64 at); /* "2026-11-24T10:00:00+01:00" */
