/* when_value.c - moments in words (see when_value.h).
 *
 * The catalogue has the names and the order of the words: a pattern is a msgid with {weekday},
 * {day}, {month}, {year}, {weekday_short} and {month_number} in braces, because a language may want
 * them in another order. All are looked up once per language, since a page shows many moments.
 */
#include "base/when_value.h"
#include "base/texts.h"

#include <string.h>

enum { N_WEEKDAYS = 7, N_MONTHS = 12, LONGEST = 256 };

typedef struct {
    const char *weekday[N_WEEKDAYS], *weekday_short[N_WEEKDAYS], *month[N_MONTHS];
    const char *day_long, *date_long, *short_form; /* patterns */
    const char *time_separator;                    /* one byte: "10:00" or "10.00" */
} Names;

static const Names italian = {
    .weekday = {"lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"},
    .weekday_short = {"lun", "mar", "mer", "gio", "ven", "sab", "dom"},
    .month = {"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto",
              "settembre", "ottobre", "novembre", "dicembre"},
    .day_long = "{weekday} {day} {month}",
    .date_long = "{weekday} {day} {month} {year}",
    .short_form = "{weekday_short} {day}/{month_number}",
    .time_separator = ":",
};

static Names *names_load(const char *language)
{
    Names *names = g_new0(Names, 1);
    for (gsize i = 0; i < N_WEEKDAYS; i++) {
        names->weekday[i] = texts_get_context(language, "weekday", italian.weekday[i]);
        names->weekday_short[i] =
            texts_get_context(language, "weekday short", italian.weekday_short[i]);
    }
    for (gsize i = 0; i < N_MONTHS; i++)
        names->month[i] = texts_get_context(language, "month", italian.month[i]);
    names->day_long = texts_get_context(language, "date", italian.day_long);
    names->date_long = texts_get_context(language, "date", italian.date_long);
    names->short_form = texts_get_context(language, "date", italian.short_form);
    names->time_separator = texts_get_context(language, "time", italian.time_separator);
    return names;
}

static const Names *names_of(const char *language)
{
    enum { MOST = 8 };
    static gsize loaded[MOST]; /* pointers to Names */
    const char *const *languages = texts_languages();
    for (gsize i = 0; language && languages[i] && i < MOST; i++) {
        if (!g_str_equal(languages[i], language))
            continue;
        if (g_once_init_enter(&loaded[i]))
            g_once_init_leave(&loaded[i], GPOINTER_TO_SIZE(names_load(language)));
        return GSIZE_TO_POINTER(loaded[i]);
    }
    return &italian;
}

typedef struct {
    const Names *names;
    gint year, month, day, weekday; /* weekday 1 Monday ... 7 Sunday */
} Date;

static Date date_of(Day day, const char *language)
{
    Date date = {.names = names_of(language), .weekday = day_weekday(day)};
    day_to_date(day, &date.year, &date.month, &date.day);
    return date;
}

/* --- digits: printf would cost more than all the rest --- */

static char *put_number(char *at, gint number, gint digits)
{
    for (gint i = digits - 1; i >= 0; i--, number /= 10)
        at[i] = (char)('0' + number % 10);
    return at + digits;
}

static char *put_year(char *at, gint year)
{
    return put_number(at, CLAMP(year, 0, 9999), 4);
}

static char *put_time(char *at, gint minute, char separator)
{
    at = put_number(at, minute / 60, 2);
    *at++ = separator;
    return put_number(at, minute % 60, 2);
}

static char *put_date(char *at, const Date *date)
{
    at = put_year(at, date->year);
    *at++ = '-';
    at = put_number(at, date->month, 2);
    *at++ = '-';
    return put_number(at, date->day, 2);
}

/* RFC 3339 with the offset of the zone; offsets of seconds, as before 1900, lose them. */
static char *put_iso(char *at, const Date *date, gint second_of_day, gint offset_s)
{
    gint offset_min = ABS(offset_s) / 60;
    at = put_date(at, date);
    *at++ = 'T';
    at = put_time(at, second_of_day / 60, ':');
    *at++ = ':';
    at = put_number(at, second_of_day % 60, 2);
    *at++ = offset_s < 0 ? '-' : '+';
    return put_time(at, offset_min, ':');
}

/* --- patterns --- */

static char *put_text(char *at, const char *end, const char *text)
{
    while (*text && at < end)
        *at++ = *text++;
    return at;
}

static bool is_word(const char *word, gsize length, const char *name)
{
    return length == strlen(name) && memcmp(word, name, length) == 0;
}

/* `word` is `length` bytes with its braces. */
static char *put_word(char *at, const char *end, const Date *date, const char *word, gsize length)
{
    const Names *names = date->names;
    char digits[8] = "";
    const char *text = digits;
    if (is_word(word, length, "{weekday}"))
        text = names->weekday[date->weekday - 1];
    else if (is_word(word, length, "{weekday_short}"))
        text = names->weekday_short[date->weekday - 1];
    else if (is_word(word, length, "{month}"))
        text = names->month[date->month - 1];
    else if (is_word(word, length, "{month_number}"))
        put_number(digits, date->month, date->month < 10 ? 1 : 2);
    else if (is_word(word, length, "{day}"))
        put_number(digits, date->day, date->day < 10 ? 1 : 2);
    else if (is_word(word, length, "{year}"))
        put_year(digits, date->year);
    return put_text(at, end, text);
}

static const char *in_words(Arena *arena, const Date *date, const char *pattern)
{
    char text[LONGEST], *at = text;
    const char *end = text + sizeof text - 1;
    while (*pattern && at < end) {
        const char *close = *pattern == '{' ? strchr(pattern, '}') : NULL;
        if (close) {
            at = put_word(at, end, date, pattern, (gsize)(close + 1 - pattern));
            pattern = close + 1;
        } else {
            *at++ = *pattern++;
        }
    }
    *at = '\0';
    return arena_copy(arena, text);
}

const char *when_day_long(Arena *arena, Day day, const char *language)
{
    Date date = date_of(day, language);
    return in_words(arena, &date, date.names->day_long);
}

const char *when_day_short(Arena *arena, Day day, const char *language)
{
    Date date = date_of(day, language);
    return in_words(arena, &date, date.names->short_form);
}

const char *when_date(Arena *arena, Day day)
{
    Date date = {0};
    char *text = arena_alloc(arena, sizeof "2026-11-24");
    day_to_date(day, &date.year, &date.month, &date.day);
    put_date(text, &date);
    return text;
}

const char *when_time(Arena *arena, guint minute, const char *language)
{
    char *text = arena_alloc(arena, sizeof "10:00");
    put_time(text, (gint)(minute % 6000), *names_of(language)->time_separator);
    return text;
}

void when_value(Value *object, const char *key, gint64 at, const Zone *zone, const char *language)
{
    Arena *arena = value_arena(object);
    Value *when = value_set_object(object, key);
    Date date = date_of(zone_day(zone, at), language);
    gint offset_s = zone_offset_s(zone, at);
    gint second_of_day = (gint)((((at + offset_s) % 86400) + 86400) % 86400);
    char *iso = arena_alloc(arena, sizeof "2026-11-24T10:00:00+01:00");
    char *day = arena_alloc(arena, sizeof "2026-11-24");
    put_iso(iso, &date, second_of_day, offset_s);
    put_date(day, &date);

    value_set_integer(when, "at", at);
    value_set_text(when, "iso", iso);
    value_set_text(when, "date", day);
    value_set_text(when, "weekday", date.names->weekday[date.weekday - 1]);
    value_set_integer(when, "day", date.day);
    value_set_text(when, "month", date.names->month[date.month - 1]);
    value_set_integer(when, "month_number", date.month);
    value_set_integer(when, "year", date.year);
    value_set_text(when, "time", when_time(arena, zone_minute(zone, at), language));
    value_set_text(when, "day_long", in_words(arena, &date, date.names->day_long));
    value_set_text(when, "date_long", in_words(arena, &date, date.names->date_long));
    value_set_text(when, "short", in_words(arena, &date, date.names->short_form));
}
