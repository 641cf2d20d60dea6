/* moment_days.c - days as people write them: dates, weekdays, "domani", weeks, ends of months,
 * ranges of these.
 *
 * All relative to the day of the message. A year or month that is not said is the one that makes
 * the day come next; what was long ago is past, what does not exist is nothing.
 */
#include "reading/moments.h"

#define ADVENT_DAYS 10       /* "sotto Natale" */
#define WINTER_FEAST_DAYS 13 /* "le feste": from Christmas Eve to the Epiphany */
/* --- days
 * -------------------------------------------------------------------------------------------- */

/* "fra una settimana esatta": that day, not that week. */
static bool is_exactly(const Text *text, guint index)
{
    static const char *const words[] = {"esatta", "esatte", "precisa", "precise",
                                        "giusta", "giuste", "tonde",   "tonda"};
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        if (token_is(text, index, words[i]))
            return true;
    return false;
}

static guint exact_weeks_at(const Scan *scan, guint index, Moment *moment)
{
    gint is_within = 0, number = 0;
    guint n = lex_at(scan->text, index, LEX_IN, &is_within);
    guint at = index + n;
    bool is_number = token_digits(token_at(scan->text, at)) == 1;
    if (n == 0 || is_within || (!is_number && lex_at(scan->text, at, LEX_COUNT, &number) != 1))
        return 0;
    number = is_number ? (gint)token_at(scan->text, at)->value : number;
    guint weeks = lex_at(scan->text, at + 1, LEX_WEEK, NULL);
    if (weeks == 0 || !is_exactly(scan->text, at + 1 + weeks))
        return 0;
    *moment = moment_of_day(scan->today + 7 * number);
    return at + 2 + weeks - index;
}

/* "tra 3 giorni", "fra una settimana" */
static guint after_count_at(const Scan *scan, guint index, Moment *moment)
{
    const Text *text = scan->text;
    gint is_within = 0;
    guint n = lex_at(text, index, LEX_IN, &is_within);
    if (n == 0)
        return 0;
    guint at = index + n;
    gint number = (gint)token_at(text, at)->value;
    bool is_number = token_digits(token_at(text, at)) > 0 && token_digits(token_at(text, at)) <= 2;
    if (!is_number && lex_at(text, at, LEX_COUNT, &number) != 1)
        return 0;
    guint days = lex_at(text, at + 1, LEX_DAYS, NULL), weeks = lex_at(text, at + 1, LEX_WEEK, NULL);
    if (days == 0 && weeks == 0)
        return 0;
    guint end = at + 1 + MAX(days, weeks);
    if (is_within && lex_at(text, end, LEX_FROM, NULL) > 0) {
        *moment = moment_of_day(NO_DAY); /* "entro 30 giorni dalla notifica" */
        moment->is_past = true;
        return end - index;
    }
    bool is_fortnight = !is_within && weeks == 0 && (number == 14 || number == 15);
    bool is_weeks = weeks > 0 || is_fortnight; /* "in 14 Tagen", "tra 15 giorni" */
    number = is_fortnight ? 14 : number;
    *moment = moment_of_day(scan->today + number * (weeks ? 7 : 1));
    moment->ambiguous = true;
    if (is_within) {
        moment->kind = MOMENT_RANGE;
        moment->last = moment->day;
        moment->day = scan->today;
        moment->is_until = true;
    } else if (is_weeks) {
        *moment = moment_of_week(day_monday(moment->day), scan->today);
    }
    return at + 1 + MAX(days, weeks) - index;
}

static guint today_at(const Scan *scan, guint index, Moment *moment)
{
    gint value = 0;
    guint n = lex_at(scan->text, index, LEX_TODAY, &value);
    if (n > 0 && value > TODAY_OF_NAMED / 2) {
        *moment = moment_of_day(scan->anchor);
        if (scan->anchor == NO_DAY)
            return 0;
        moment->day += value - TODAY_OF_NAMED;
        return n;
    }
    if (n > 0) {
        *moment = moment_of_day(scan->today + value);
        return n;
    }
    n = lex_at(scan->text, index, LEX_TODAY_PART, &value);
    if (n == 0)
        return 0;
    *moment = moment_of_day(scan->today + value / 16);
    moment->part = (DayPart)(value % 16);
    return n;
}

/* "prima di Natale", "sotto Natale" */
static guint feast_at(const Scan *scan, guint index, Moment *moment)
{
    gint value = 0;
    Day day;
    guint n = lex_at(scan->text, index, LEX_FEAST, &value);
    bool is_advent = value == FEAST_ADVENT;
    if (n == 0 || value == FEAST_WINTER ||
        !day_complete(scan->today, is_advent ? 12 : value / 100, is_advent ? 25 : value % 100,
                      &day))
        return 0;
    *moment = moment_of_day(day);
    if (!is_advent)
        return n;
    moment->kind = MOMENT_RANGE;
    moment->ambiguous = true;
    moment->day = MAX(day - ADVENT_DAYS, scan->today);
    moment->last = day - 1;
    return n;
}

guint moment_feasts_at(const Scan *scan, guint index, Moment *moment)
{
    gint value = 0;
    Day eve;
    guint n = lex_at(scan->text, index, LEX_FEAST, &value);
    if (n == 0 || value != FEAST_WINTER || !day_complete(scan->today, 12, 24, &eve))
        return 0;
    *moment = moment_of_day(eve);
    moment->kind = MOMENT_RANGE;
    moment->last = eve + WINTER_FEAST_DAYS;
    return n;
}

/* "tutti i giorni", "tutte le mattine" */
static guint every_at(const Scan *scan, guint index, Moment *moment)
{
    gint part = PART_NONE;
    guint n = lex_at(scan->text, index, LEX_EVERY, &part);
    bool is_any_time = part == PART_ALL_DAY; /* of a day, unless days are excepted from it */
    if (n == 0 || (is_any_time && lex_at(scan->text, index + n, LEX_EXCEPT, NULL) == 0))
        return 0;
    *moment = moment_of_day(scan->today + 1);
    moment->kind = MOMENT_RANGE;
    moment->part = is_any_time ? PART_NONE : (DayPart)part;
    moment->ambiguous = true;
    return n;
}

static guint whole_week_at(const Scan *scan, guint index, Moment *moment)
{
    gint weeks = 0;
    guint n = moment_week_at(scan, index, &weeks);
    if (n > 0)
        *moment = moment_of_week(day_monday(scan->today) + weeks * 7, scan->today);
    return n;
}

/* "tra due settimane", "in einer Woche", "a week", "a fortnight": how many weeks. Tokens, 0 when it
 * is none. */
static guint count_of_weeks_at(const Text *text, guint index, gint *weeks)
{
    guint at = index;
    gint is_fortnight = 0;
    guint fortnight = lex_at(text, index, LEX_AFTER_NEXT, &is_fortnight);
    if (fortnight > 0 && is_fortnight) {
        *weeks = 2;
        return fortnight;
    }
    *weeks = (gint)token_at(text, at)->value;
    bool is_number = token_digits(token_at(text, at)) == 1;
    guint n = is_number ? 1 : lex_at(text, at, LEX_COUNT, weeks);
    if (n == 0 && token_is(text, at, "a"))
        n = (guint)(*weeks = 1);
    guint week = n == 1 && *weeks <= 4 ? lex_at(text, at + 1, LEX_WEEK, NULL) : 0;
    return week > 0 ? at + 1 + week - index : 0;
}

/* A day and then "in einer Woche", "tra due settimane", or "week" alone: that many weeks later. */
static guint weeks_later_at(const Scan *scan, guint index, Moment *moment)
{
    const Text *text = scan->text;
    gint weeks = 1;
    bool is_english = (text_languages(text, index) & LANGUAGE_EN) > 0;
    guint n = is_english ? lex_at(text, index, LEX_WEEK, NULL) : 0; /* "Tuesday week" */
    guint in = lex_at(text, index, LEX_IN, NULL);
    if (n == 0 && in > 0) {
        n = count_of_weeks_at(text, index + in, &weeks);
        n += n > 0 ? in : 0;
    }
    if (n == 0 || moment->day == NO_DAY || moment->is_past)
        return 0;
    bool is_from_today = in > 0 && moment->only_weekday && moment->day == scan->today + 7;
    moment->day += 7 * (is_from_today ? weeks - 1 : weeks); /* "Donnerstag in einer Woche" */
    moment->other = NO_DAY;
    moment->only_weekday = moment->ambiguous = false;
    return n;
}

/* "a week on Tuesday", "two weeks from tomorrow", "a fortnight today" */
static guint weeks_before_at(const Scan *scan, guint index, Moment *moment)
{
    const Text *text = scan->text;
    gint weeks = 0;
    if (!(text_languages(text, index) & LANGUAGE_EN))
        return 0;
    guint n = count_of_weeks_at(text, index, &weeks);
    if (n == 0)
        return 0;
    guint at = index + n;
    bool is_linked = token_is(text, at, "on") || token_is(text, at, "from");
    at += is_linked ? 1 : 0;
    guint day = today_at(scan, at, moment);
    if (day == 0 && is_linked)
        day = moment_weekday_at(scan, at, moment);
    if (day == 0 || moment->day == NO_DAY || moment->is_past)
        return 0;
    moment->day += 7 * weeks;
    moment->other = NO_DAY;
    moment->only_weekday = moment->ambiguous = false;
    return at + day - index;
}

static guint named_day_at(const Scan *scan, guint index, Moment *moment)
{
    guint n = today_at(scan, index, moment);
    if (n == 0)
        n = moment_weekday_at(scan, index, moment);
    return n > 0 ? n + weeks_later_at(scan, index + n, moment) : 0;
}

guint moment_single_at(const Scan *scan, guint index, bool allow_number, Moment *moment)
{
    static guint (*const rules[])(const Scan *, guint,
                                  Moment *) = {exact_weeks_at,       weeks_before_at,
                                               moment_named_week_at, whole_week_at,
                                               moment_month_part_at, moment_weekday_of_month_at,
                                               moment_compound_at,   named_day_at,
                                               after_count_at,       every_at};
    *moment = moment_of_day(NO_DAY);
    if (token_at(scan->text, index)->taken)
        return 0;
    for (guint i = 0; i < G_N_ELEMENTS(rules); i++) {
        guint n = rules[i](scan, index, moment);
        if (n > 0)
            return n;
    }
    bool number_only;
    guint feast = feast_at(scan, index, moment);
    if (feast > 0)
        return feast;
    guint article = lex_at(scan->text, index, LEX_ARTICLE, NULL);
    article += moment_skip_apostrophe(scan->text, index + article); /* l'8 dicembre */
    guint n =
        moment_date_at(scan, index + article, allow_number || article > 0, moment, &number_only);
    if (n > 0 && (article > 0 || allow_number) && !number_only)
        moment->is_weak = false;
    guint half =
        n > 0 && !number_only ? moment_half_of_day_at(scan->text, index + article + n, moment) : 0;
    return n > 0 ? article + n + half : 0;
}
