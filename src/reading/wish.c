/* wish.c - one wished time: its hours, and its proposal. */
#include "reading/wish.h"

#include "reading/opening.h"

#define RANGE_DAYS_MOST 62 /* days of an open range that are tried against the hours */

static const char *const weekdays[] = {"",        "lunedì",  "martedì", "mercoledì",
                                       "giovedì", "venerdì", "sabato",  "domenica"};

Wish wish_new(const Text *text, const Moment *day, bool is_sure)
{
    Wish wish = {.text = text,
                 .moment = *day,
                 .has_day = true,
                 .from_minute = -1,
                 .until_minute = -1,
                 .is_sure = is_sure,
                 .from = day->from + (day->refers ? 1 : 0),
                 .until = day->until,
                 .part = day->part};
    return wish;
}

/* --- hours
 * -------------------------------------------------------------------------------------------- */

static void fill_part(Wish *wish, const ReadingOffice *office)
{
    gint weekday = wish->moment.kind == MOMENT_DAY && wish->moment.day != NO_DAY
                       ? day_weekday(wish->moment.day)
                       : 0;
    opening_part(office, wish->part, weekday, &wish->from_minute, &wish->until_minute);
    wish->has_part = wish->part != PART_NONE;
}

void wish_widen(Wish *wish, const Moment *hour)
{
    bool is_near =
        hour->from <= wish->until + 40; /* else the words between would be shown as its own */
    if (is_near)
        wish->until = MAX(wish->until, hour->until);
    wish->from = MIN(wish->from, hour->from);
}

/* "alle 4" of an afternoon. */
static gint in_part(const Wish *wish, gint minute)
{
    bool after_noon = wish->part == PART_AFTERNOON || wish->part == PART_EVENING ||
                      wish->part == PART_EARLY_AFTERNOON || wish->part == PART_MIDDLE_AFTERNOON ||
                      wish->part == PART_LATE_AFTERNOON;
    return after_noon && minute >= 60 && minute < 9 * 60 ? minute + 12 * 60 : minute;
}

void wish_add_hour(Wish *wish, const Moment *hour, const ReadingOffice *office)
{
    if (wish->part != PART_NONE && !wish->has_part)
        fill_part(wish, office);
    if (hour->kind == MOMENT_PART) {
        wish->part = hour->part;
        gint from = wish->from_minute, until = wish->until_minute;
        bool had_hour = wish->has_hour;
        fill_part(wish, office);
        if (had_hour) {
            wish->from_minute = from >= 0 ? in_part(wish, from) : wish->from_minute;
            wish->until_minute = wish->is_exact ? until
                                 : until >= 0   ? in_part(wish, until)
                                                : wish->until_minute;
        }
        return;
    }
    gint from = in_part(wish, hour->from_minute), until = in_part(wish, hour->until_minute);
    wish->has_hour = true;
    wish->approx = hour->approx;
    wish->moment.ambiguous |= hour->ambiguous;
    switch (hour->hour) {
    case HOUR_AT:
    case HOUR_RANGE:
        wish->from_minute = from;
        wish->until_minute = until;
        wish->is_exact = hour->hour == HOUR_AT;
        return;
    case HOUR_AFTER:
        wish->from_minute = from;
        if (wish->until_minute >= 0 && wish->until_minute <= from)
            wish->until_minute = -1;
        return;
    case HOUR_BEFORE:
        wish->until_minute = until;
        if (wish->from_minute >= until)
            wish->from_minute = -1;
        return;
    }
}

void wish_exclude_hour(Wish *wish, const Moment *hour, const ReadingOffice *office)
{
    Moment rest = *hour;
    if (hour->kind == MOMENT_PART) {
        if (hour->part != PART_MORNING && hour->part != PART_AFTERNOON)
            return;
        rest.part = hour->part == PART_MORNING ? PART_AFTERNOON : PART_MORNING;
        wish_add_hour(wish, &rest, office);
        return;
    }
    if (hour->hour == HOUR_AFTER) {
        rest.hour = HOUR_BEFORE;
        rest.until_minute = hour->from_minute;
    } else if (hour->hour == HOUR_BEFORE) {
        rest.hour = HOUR_AFTER;
        rest.from_minute = hour->until_minute;
    } else {
        return; /* what remains of a range has two ends */
    }
    bool approx = wish->approx;
    wish_add_hour(wish, &rest, office);
    wish->approx = approx;
}

/* --- the proposal
 * ------------------------------------------------------------------------------------- */

static void set_minute(const Reading *reading, Value *object, const char *key, gint minute)
{
    if (minute < 0)
        value_set(object, key, value_null(reading->arena));
    else
        value_set_printf(object, key, "%02d:%02d", minute / 60, minute % 60);
}

static void set_day(const Reading *reading, Value *object, const char *key, Day day)
{
    if (day == NO_DAY) {
        value_set(object, key, value_null(reading->arena));
        return;
    }
    g_autofree char *written = day_format(day);
    value_set_copy(object, key, written);
}

/* NULL when some day of the range suits the office, else why the first does not. */
static const char *range_refuses(const ReadingOffice *office, const Wish *wish)
{
    const char *why = NULL;
    Day last = wish->moment.last == NO_DAY ? wish->moment.day + RANGE_DAYS_MOST : wish->moment.last;
    last = MIN(last, wish->moment.day + RANGE_DAYS_MOST);
    for (Day day = wish->moment.day; day <= last; day++) {
        if (wish->excluded & (1u << day_weekday(day)))
            continue;
        const char *refusal = opening_refuses(office, day, wish->from_minute, wish->until_minute);
        if (!refusal)
            return NULL;
        why = why ? why : refusal;
    }
    return why;
}

static void set_opening(const Reading *reading, Value *object, const Wish *wish, Day day)
{
    const char *why =
        wish->moment.kind == MOMENT_RANGE
            ? range_refuses(reading->office, wish)
            : opening_refuses(reading->office, day, wish->from_minute, wish->until_minute);
    if (!wish->has_day)
        return;
    value_set_boolean(object, "inside_opening_hours", why == NULL);
    if (why)
        value_set_text(object, "why", why);
}

static void set_excluded(const Reading *reading, Value *object, guint excluded)
{
    if (excluded == 0)
        return;
    Value *list = value_set_list(object, "exclude_weekdays");
    for (gint weekday = 1; weekday <= 7; weekday++)
        if (excluded & (1u << weekday))
            value_append(list, value_text(reading->arena, weekdays[weekday]));
}

static const char *daypart_name(DayPart part)
{
    static const char *const names[N_PARTS] = {
        NULL,      "mattina", "pomeriggio", "sera",       "mezzogiorno", "giornata",
        "mattina", "mattina", "pomeriggio", "pomeriggio", "mattina",     "pomeriggio"};
    return names[part];
}

static void propose_day(Reading *reading, const Wish *wish, Day day, Value *preferences)
{
    bool is_ambiguous = wish->moment.ambiguous || wish->moment.other != NO_DAY;
    /* "martedì 24": two ways to say the same day that agree */
    bool is_fixed =
        wish->moment.is_absolute || (wish->moment.has_number && wish->moment.weekday != 0);
    Confidence confidence = is_ambiguous ? AMBIGUOUS : is_fixed && wish->is_sure ? CERTAIN : LIKELY;
    bool is_range = wish->moment.kind == MOMENT_RANGE;
    Value *preference =
        proposal_new(reading, preferences, wish->text, wish->from, wish->until, confidence,
                     is_range                                              ? "when.range"
                     : wish->moment.is_absolute || wish->moment.has_number ? "when.date"
                     : wish->moment.weekday                                ? "when.weekday"
                                                                           : "when.relative");
    if (is_range) {
        value_set(preference, "date", value_null(reading->arena));
        set_day(reading, preference, "date_from", wish->moment.day);
        set_day(reading, preference, "date_to", wish->moment.last);
    } else {
        set_day(reading, preference, "date", wish->has_day ? day : NO_DAY);
        if (wish->has_day)
            value_set_text(preference, "weekday", weekdays[day_weekday(day)]);
    }
    set_minute(reading, preference, "from", wish->from_minute);
    set_minute(reading, preference, "to", wish->until_minute);
    value_set_boolean(preference, "approx", wish->approx);
    if (daypart_name(wish->part))
        value_set_text(preference, "daypart", daypart_name(wish->part));
    if (is_ambiguous)
        value_set_boolean(preference, "ambiguous", true);
    set_excluded(reading, preference, wish->excluded);
    set_opening(reading, preference, wish, day);
}

/* "dalle 19 alle 5, la mattina": hours that contradict each other, or midnight as a beginning, are
 * not guessed at. */
static void drop_impossible_hours(Wish *wish)
{
    bool is_backwards = wish->until_minute >= 0 && wish->from_minute >= wish->until_minute;
    if (!is_backwards && wish->from_minute < 24 * 60)
        return;
    wish->from_minute = wish->until_minute = -1;
    wish->moment.ambiguous = true;
}

void wish_propose(Reading *reading, const Wish *wish, Value *preferences)
{
    Wish whole = *wish;
    if (whole.part != PART_NONE && !whole.has_part && !whole.has_hour)
        fill_part(&whole, reading->office);
    drop_impossible_hours(&whole);
    propose_day(reading, &whole, whole.moment.day, preferences);
    if (whole.moment.other != NO_DAY)
        propose_day(reading, &whole, whole.moment.other, preferences);
}
