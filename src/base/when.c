/* when.c - days, wall clocks and zones.
 *
 * Here lives all calendar arithmetic: civil dates to day numbers, wall clocks to instants, RFC
 * 3339. A zone's transitions are copied once from GTimeZone into a table with an index by time, so
 * that a look-up is an array access and no lock is taken. What is said to people about a moment is
 * in when_value.c.
 */
#include "base/when.h"

#include <string.h>

#define DAY_S 86400
#define TABLE_FROM G_GINT64_CONSTANT(-2208988800) /* 1900-01-01 */
#define TABLE_UNTIL G_GINT64_CONSTANT(4102444800) /* 2100-01-01 */
#define BUCKET_BITS                                                                                \
    22 /* 48.5 days: no zone changes its clock more than twice in them, most never */
#define BUCKETS (((TABLE_UNTIL - TABLE_FROM) >> BUCKET_BITS) + 1)

typedef struct {
    gint64 from; /* first instant of this offset */
    gint32 offset_s;
} Era;

struct Zone {
    char *name;
    Era *eras; /* in order of time, the first holds from ever */
    guint count;
    guint16 first[BUCKETS]; /* the era in force where the bucket begins */
};

/* --- days
 * -------------------------------------------------------------------------------------------- */

static bool is_leap(gint year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static gint month_length(gint year, gint month)
{
    static const gint8 lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return lengths[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}

static gint64 floor_divide(gint64 number, gint64 by)
{
    gint64 quotient = number / by;
    return number % by < 0 ? quotient - 1 : quotient;
}

bool day_is_valid(gint year, gint month, gint day)
{
    return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 &&
           day <= month_length(year, month);
}

/* Years are counted from March, so that the leap day is the last of its year. */
Day day_from_date(gint year, gint month, gint day)
{
    gint march_year = month > 2 ? year : year - 1;
    gint march_month = (month + 9) % 12;
    gint64 leap_days =
        floor_divide(march_year, 4) - floor_divide(march_year, 100) + floor_divide(march_year, 400);
    gint days_before_month = (153 * march_month + 2) / 5;
    return (Day)(365 * (gint64)march_year + leap_days + days_before_month + day - 1 - 719468);
}

void day_to_date(Day day, gint *year, gint *month, gint *day_of_month)
{
    gint64 since_march_0000 = (gint64)day + 719468;
    gint64 era = floor_divide(since_march_0000, 146097); /* 400 years */
    gint in_era = (gint)(since_march_0000 - era * 146097);
    gint year_of_era = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    gint in_year = in_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    gint march_month = (5 * in_year + 2) / 153;

    *day_of_month = in_year - (153 * march_month + 2) / 5 + 1;
    *month = march_month < 10 ? march_month + 3 : march_month - 9;
    *year = (gint)(era * 400) + year_of_era + (*month <= 2 ? 1 : 0);
}

gint day_weekday(Day day)
{
    return (gint)((((gint64)day + 3) % 7 + 7) % 7) + 1; /* 1970-01-01 was a Thursday */
}

/* Exactly `count` digits at `text`, or -1. */
static gint digits(const char *text, gint count)
{
    gint number = 0;
    for (gint i = 0; i < count; i++) {
        if (!g_ascii_isdigit(text[i]))
            return -1;
        number = number * 10 + (text[i] - '0');
    }
    return number;
}

static bool date_at(const char *text, Day *day)
{
    gint year = digits(text, 4);
    if (year < 0 || text[4] != '-')
        return false;
    gint month = digits(text + 5, 2);
    if (month < 0 || text[7] != '-')
        return false;
    gint day_of_month = digits(text + 8, 2);
    if (!day_is_valid(year, month, day_of_month))
        return false;
    *day = day_from_date(year, month, day_of_month);
    return true;
}

bool day_parse(const char *text, Day *day)
{
    return text && strlen(text) == 10 && date_at(text, day);
}

char *day_format(Day day)
{
    gint year, month, day_of_month;
    day_to_date(day, &year, &month, &day_of_month);
    return g_strdup_printf("%04d-%02d-%02d", year, month, day_of_month);
}

/* --- zones
 * ------------------------------------------------------------------------------------------- */

/* The first instant in (low, high] whose interval is `interval` or later. */
static gint64 interval_start(GTimeZone *source, gint interval, gint64 low, gint64 high)
{
    while (high - low > 1) {
        gint64 middle = low + (high - low) / 2;
        if (g_time_zone_find_interval(source, G_TIME_TYPE_UNIVERSAL, middle) >= interval)
            high = middle;
        else
            low = middle;
    }
    return high;
}

static Era *zone_eras(GTimeZone *source, guint *count)
{
    GArray *eras = g_array_new(FALSE, FALSE, sizeof(Era));
    gint first = g_time_zone_find_interval(source, G_TIME_TYPE_UNIVERSAL, TABLE_FROM);
    gint last = g_time_zone_find_interval(source, G_TIME_TYPE_UNIVERSAL, TABLE_UNTIL);
    gint64 from = TABLE_FROM;

    for (gint interval = first; interval <= last; interval++) {
        if (interval > first)
            from = interval_start(source, interval, from - 1, TABLE_UNTIL);
        Era era = {from, g_time_zone_get_offset(source, interval)};
        bool same = eras->len && g_array_index(eras, Era, eras->len - 1).offset_s == era.offset_s;
        if (!same)
            g_array_append_val(eras, era);
    }
    *count = eras->len;
    return (Era *)(gpointer)g_array_free(eras, FALSE);
}

static Zone *zone_new(const char *name, GTimeZone *source)
{
    Zone *zone = g_new0(Zone, 1);
    zone->name = g_strdup(name);
    zone->eras = zone_eras(source, &zone->count);
    guint era = 0;
    for (gsize bucket = 0; bucket < BUCKETS; bucket++) {
        gint64 begins = TABLE_FROM + ((gint64)bucket << BUCKET_BITS);
        while (era + 1 < zone->count && zone->eras[era + 1].from <= begins)
            era++;
        zone->first[bucket] = (guint16)era;
    }
    return zone;
}

/* GTimeZone also takes offsets and files; a zone of ours is a name of the IANA database alone. */
static bool is_iana_name(const char *name)
{
    if (!name || !g_ascii_isalpha(name[0]) || strstr(name, ".."))
        return false;
    for (const char *c = name; *c; c++)
        if (!g_ascii_isalnum(*c) && !strchr("_+-/", *c))
            return false;
    return strlen(name) < 64;
}

const Zone *zone_find(const char *name)
{
    static GMutex lock;
    static GHashTable *zones;

    if (!is_iana_name(name))
        return NULL;
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&lock);
    if (!zones)
        zones = g_hash_table_new(g_str_hash, g_str_equal);
    Zone *zone = g_hash_table_lookup(zones, name);
    if (zone)
        return zone;
    g_autoptr(GTimeZone) source = g_time_zone_new_identifier(name);
    if (!source)
        return NULL;
    zone = zone_new(name, source);
    g_hash_table_insert(zones, zone->name, zone);
    return zone;
}

const char *zone_name(const Zone *zone)
{
    return zone->name;
}

static inline guint era_at(const Zone *zone, gint64 at)
{
    if (G_UNLIKELY(at < TABLE_FROM))
        return 0;
    if (G_UNLIKELY(at >= TABLE_UNTIL))
        return zone->count - 1;
    guint era = zone->first[(at - TABLE_FROM) >> BUCKET_BITS];
    while (era + 1 < zone->count && zone->eras[era + 1].from <= at)
        era++;
    return era;
}

gint zone_offset_s(const Zone *zone, gint64 at)
{
    return zone->eras[era_at(zone, at)].offset_s;
}

Day zone_day(const Zone *zone, gint64 at)
{
    return (Day)floor_divide(at + zone_offset_s(zone, at), DAY_S);
}

guint zone_minute(const Zone *zone, gint64 at)
{
    gint64 local = at + zone_offset_s(zone, at);
    return (guint)((local - floor_divide(local, DAY_S) * DAY_S) / 60);
}

/* The first instant that reads `local` (seconds since 1970 on the wall) or, in a gap, the instant
 * the gap ends; `exists` says which. Offsets are below a day, so the eras around one day back
 * suffice. */
static gint64 wall_instant(const Zone *zone, gint64 local, bool *exists)
{
    guint era = era_at(zone, local - DAY_S);
    for (;; era++) {
        gint64 at = local - zone->eras[era].offset_s;
        bool is_last = era + 1 == zone->count;
        if (is_last || at < zone->eras[era + 1].from) {
            *exists = era == 0 || at >= zone->eras[era].from;
            return *exists ? at : zone->eras[era].from;
        }
    }
}

bool zone_instant(const Zone *zone, Day day, guint minute, gint64 *at)
{
    bool exists;
    gint64 found = wall_instant(zone, (gint64)day * DAY_S + (gint64)minute * 60, &exists);
    if (exists)
        *at = found;
    return exists;
}

gint64 zone_midnight(const Zone *zone, Day day)
{
    bool exists;
    return wall_instant(zone, (gint64)day * DAY_S, &exists);
}

/* --- RFC 3339
 * ---------------------------------------------------------------------------------------- */

/* "Z" or "+01:00" up to the end of the text. */
static bool offset_at(const char *text, gint *offset_s)
{
    *offset_s = 0;
    if ((text[0] == 'Z' || text[0] == 'z') && !text[1])
        return true;
    if ((text[0] != '+' && text[0] != '-') || strlen(text) != 6 || text[3] != ':')
        return false;
    gint hours = digits(text + 1, 2), minutes = digits(text + 4, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
        return false;
    *offset_s = (hours * 3600 + minutes * 60) * (text[0] == '-' ? -1 : 1);
    return true;
}

/* "2026-11-24T10:00:00+01:00"; fractions of a second are dropped, a leap second counts as the next
 * one. */
bool instant_parse_rfc3339(const char *text, gint64 *at)
{
    Day day;
    if (!text || strnlen(text, 20) < 20 || !date_at(text, &day) || !strchr("Tt ", text[10]))
        return false;
    gint hour = digits(text + 11, 2), minute = digits(text + 14, 2), second = digits(text + 17, 2);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60 ||
        text[13] != ':' || text[16] != ':')
        return false;
    const char *rest = text + 19;
    if (*rest == '.') {
        gsize fraction = strspn(rest + 1, "0123456789");
        if (!fraction)
            return false;
        rest += 1 + fraction;
    }
    gint offset_s;
    if (!offset_at(rest, &offset_s))
        return false;
    *at = (gint64)day * DAY_S + (gint64)hour * 3600 + (gint64)minute * 60 + second - offset_s;
    return true;
}

static void append_wall(GString *out, gint64 local)
{
    Day day = (Day)floor_divide(local, DAY_S);
    gint second = (gint)(local - (gint64)day * DAY_S);
    gint year, month, day_of_month;
    day_to_date(day, &year, &month, &day_of_month);
    g_string_append_printf(out, "%04d-%02d-%02dT%02d:%02d:%02d", year, month, day_of_month,
                           second / 3600, second / 60 % 60, second % 60);
}

char *instant_format_rfc3339(gint64 at)
{
    GString *out = g_string_sized_new(24);
    append_wall(out, at);
    g_string_append_c(out, 'Z');
    return g_string_free(out, FALSE);
}

char *zone_format_local(const Zone *zone, gint64 at)
{
    gint offset_s = zone_offset_s(zone, at);
    GString *out = g_string_sized_new(32);
    append_wall(out, at + offset_s);
    gint minutes = ABS(offset_s) / 60;
    g_string_append_printf(out, "%c%02d:%02d", offset_s < 0 ? '-' : '+', minutes / 60,
                           minutes % 60);
    return g_string_free(out, FALSE);
}
