/* moment_days.c - days as people write them: dates, weekdays, "domani", weeks, ends of months,
 * ranges of these.
 *
 * All relative to the day of the message. A year or month that is not said is the one that makes
 * the day come next; what was long ago is past, what does not exist is nothing.
 */
#include "reading/moments.h"

#include <string.h>

#define ADVENT_DAYS 10          /* "sotto Natale" */
#define WINTER_FEAST_DAYS 13    /* "le feste": from Christmas Eve to the Epiphany */
#define SAME_DAY_NUMBER_DAYS 45 /* "giovedì 24": how far the 24th that is a Thursday may be */

static guint digits_of(const Token *token)
{
    return token->kind == TOKEN_NUMBER ? token->end - token->start : 0;
}

Moment moment_of_day(Day day)
{
    return (Moment){.kind = MOMENT_DAY,
                    .day = day,
                    .last = NO_DAY,
                    .other = NO_DAY,
                    .from_minute = -1,
                    .until_minute = -1};
}

/* A moment that was understood and proposes nothing. */
static Moment nothing_moment(void)
{
    Moment moment = moment_of_day(NO_DAY);
    moment.is_past = true;
    return moment;
}

/* --- dates
 * -------------------------------------------------------------------------------------------- */

/* The next day with this number; false when there is none in three months. */
static bool next_day_number(Day from, guint number, Day *day)
{
    for (gint month = 0; month < 3; month++) {
        Day first = day_month_first(from, month);
        if (number > (guint)(day_month_last(first) - first + 1))
            continue;
        *day = first + (Day)number - 1;
        if (*day >= from)
            return true;
    }
    return false;
}

static guint skip_apostrophe(const Text *text, guint index)
{
    return token_is_sign(text, index, '\'') ? 1 : 0;
}

/* What makes an ordinal of the number before: "1°", "26th". Tokens. */
static guint ordinal_mark_at(const Text *text, guint index)
{
    bool is_sign = (token_is_sign(text, index, 0xb0) || token_is_sign(text, index, 0xba) ||
                    token_is_sign(text, index, '^')) &&
                   token_glued(text, index);
    return is_sign ? 1 : english_ordinal_at(text, index);
}

/* "26 e 27 novembre", "24, 25 o 26 novembre": the month that a later number of the list brings. */
static bool month_of_list(const Text *text, guint index, gint *year, gint *month)
{
    guint at = index;
    for (guint n = 0; n < 5; n++) {
        guint join = token_is_sign(text, at, ',') ? 1 : 0;
        join = MAX(join, lex_at(text, at, LEX_AND, NULL));
        join = MAX(join, lex_at(text, at, LEX_OR, NULL));
        join = MAX(join, lex_at(text, at, LEX_TO, NULL));
        if (token_is_sign(text, at, '-') || token_is_sign(text, at, '/'))
            join = 1;
        if (join == 0)
            return false;
        at += join;
        at += lex_at(text, at, LEX_OF, NULL);
        at += lex_at(text, at, LEX_WEEKDAY, NULL);
        at += lex_at(text, at, LEX_ARTICLE, NULL);
        at += skip_apostrophe(text, at);
        gint date;
        if (date_at(text, at, year, month, &date) > 0)
            return lex_within(text, at, at + 4, LEX_MONTH, NULL) || *year > 0;
        if (digits_of(token_at(text, at)) == 0 || digits_of(token_at(text, at)) > 2)
            return false;
        at++;
        at += ordinal_mark_at(text, at);
    }
    return false;
}

/* A number that names a day: not "26%", "26 mq", "26/2025", an hour. */
static bool is_day_number(const Text *text, guint index)
{
    const Token *token = token_at(text, index), *after = token_at(text, index + 1);
    if (digits_of(token) == 0 || digits_of(token) > 2 || token->taken || token->value < 1 ||
        token->value > 31)
        return false;
    if (after->kind == TOKEN_SIGN && !after->gap && digits_of(token_at(text, index + 2)) > 0 &&
        !token_at(text, index + 2)->gap)
        return false; /* 26/11, 15.30, 10:00 have their own rules */
    if (after->kind == TOKEN_SIGN && (after->value == '%' || after->value == 0x20ac))
        return false;
    bool noun_follows =
        after->kind == TOKEN_WORD &&
        (!after->gap || (!after->upper && lex_languages(text, index + 1) == 0 &&
                         lex_any(text, index + 1, LEX_TIMED, LEX_BOOKED, NULL, NULL) == 0));
    if (ordinal_mark_at(text, index + 1) > 0)
        return true;
    return !noun_follows && lex_at(text, index + 1, LEX_MINUTES, NULL) == 0 &&
           lex_at(text, index + 1, LEX_DAYS, NULL) == 0 &&
           lex_at(text, index + 1, LEX_OCLOCK, NULL) == 0 &&
           lex_at(text, index + 1, LEX_WEEK, NULL) == 0;
}

/* "31/11", "31 novembre": written like a date and none. Tokens, 0 when it is not even that. */
static guint impossible_date_at(const Text *text, guint index)
{
    const Token *token = token_at(text, index), *third = token_at(text, index + 2);
    gint year, month, date;
    if (digits_of(token) == 0 || digits_of(token) > 2 ||
        date_at(text, index, &year, &month, &date) > 0)
        return 0;
    guint at = index + 1;
    at += token_is_sign(text, at, '.') && token_at(text, at + 1)->gap ? 1 : 0; /* 31. November */
    if (lex_at(text, at, LEX_MONTH, NULL) > 0)
        return at + 1 - index;
    bool has_slash = token_is_sign(text, index + 1, '/') && digits_of(third) > 0 &&
                     digits_of(third) <= 2 && !third->gap;
    return has_slash ? 3 : 0;
}

/* A date at a token, with or without year, or the number of a day. `number_only` when no month was
 * said. */
guint moment_date_at(const Scan *scan, guint index, bool allow_number, Moment *moment,
                     bool *number_only)
{
    const Text *text = scan->text;
    gint year, month, date;
    *number_only = false;
    guint impossible = text_is_taken(text, index, index + 1) ? 0 : impossible_date_at(text, index);
    if (impossible > 0) {
        *moment = nothing_moment();
        return impossible;
    }
    guint n = date_at(text, index, &year, &month, &date);
    if (n > 0 && text_is_taken(text, index, index + n))
        return 0;
    if (n == 0 && allow_number && is_day_number(text, index)) {
        date = (gint)token_at(text, index)->value;
        Day day;
        guint mark = ordinal_mark_at(text, index + 1);
        if (month_of_list(text, index + 1 + mark, &year, &month)) {
            n = 1 + mark;
            if (!day_is_valid(year ? year : 2024, month, date)) {
                *moment = nothing_moment();
                return n;
            }
        } else if (next_day_number(scan->today, (guint)date, &day)) {
            *moment = moment_of_day(day);
            moment->is_weak = moment->has_number = *number_only = true;
            return 1 + mark;
        }
    }
    if (n == 0)
        return 0;
    Day day;
    bool exists =
        year ? day_is_valid(year, month, date) : day_complete(scan->today, month, date, &day);
    if (!exists) {
        *moment = nothing_moment();
        return n;
    }
    *moment = moment_of_day(year ? day_from_date(year, month, date) : day);
    moment->is_absolute = moment->has_number = true;
    moment->is_weak = year == 0 && n == 3 && !lex_within(text, index, index + n, LEX_MONTH, NULL);
    return n;
}

/* --- days
 * -------------------------------------------------------------------------------------------- */

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
    bool is_number = digits_of(token_at(text, at)) > 0 && digits_of(token_at(text, at)) <= 2;
    if (!is_number && lex_at(text, at, LEX_COUNT, &number) != 1)
        return 0;
    guint days = lex_at(text, at + 1, LEX_DAYS, NULL), weeks = lex_at(text, at + 1, LEX_WEEK, NULL);
    if (days == 0 && weeks == 0)
        return 0;
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

static void resolve_weekday(const Scan *scan, Moment *moment, bool next, bool is_this,
                            const gint *weeks)
{
    gint today = day_weekday(scan->today);
    gint distance = (moment->weekday - today + 7) % 7;
    bool same_week = moment->weekday > today;
    if (weeks) {
        moment->day = day_monday(scan->today) + *weeks * 7 + moment->weekday - 1;
        moment->is_past = moment->day < scan->today;
        return;
    }
    moment->day = scan->today + (distance == 0 ? 7 : distance);
    if (is_this)
        moment->day = scan->today + distance;
    else if (next && same_week && distance <= 2)
        moment->other = moment->day + 7;
    else if (!next && ((same_week && distance == 1) || distance == 0))
        moment->ambiguous = true;
    moment->ambiguous |= moment->other != NO_DAY;
    moment->only_weekday = !next && !is_this;
}

/* The day of a weekday that is nearest to a date and not past. */
static Day nearest_weekday(Day day, gint weekday, Day today)
{
    gint ahead = (weekday - day_weekday(day) + 7) % 7;
    Day near = ahead <= 3 ? day + ahead : day + ahead - 7;
    return near < today ? near + 7 : near;
}

/* A weekday and a date that may contradict each other. */
static void reconcile(const Scan *scan, Moment *moment, gint weekday, bool number_only)
{
    moment->weekday = weekday;
    moment->is_weak = false;
    if (moment->day == NO_DAY || day_weekday(moment->day) == weekday || moment->day < scan->today)
        return;
    Day first = moment->day, found = first;
    gint year, month, date;
    day_to_date(first, &year, &month, &date);
    while (number_only && found - first <= SAME_DAY_NUMBER_DAYS && day_weekday(found) != weekday)
        if (!next_day_number(found + 1, (guint)date, &found))
            break;
    bool is_other_month =
        number_only && day_weekday(found) == weekday && found - first <= SAME_DAY_NUMBER_DAYS;
    moment->other = is_other_month ? found : nearest_weekday(first, weekday, scan->today);
    moment->ambiguous = true;
}

/* "giovedì 26 o giovedì 3 dicembre": the month of the list does not fit the first weekday, the next
 * 26th does. */
static bool prefer_weekday(const Scan *scan, guint index, gint weekday, Moment *moment)
{
    Day day;
    bool fits = next_day_number(scan->today, token_at(scan->text, index)->value, &day) &&
                day_weekday(day) == weekday;
    if (!fits || moment->day == NO_DAY || day_weekday(moment->day) == weekday)
        return false;
    moment->day = day;
    return true;
}

/* An apposition that dates a weekday: "martedì prossimo, 24 novembre". Tokens taken, 0 when it is
 * another day. */
static guint apposition_at(const Scan *scan, guint index, Moment *moment)
{
    Moment date;
    bool number_only;
    guint at = index;
    if (!token_is_sign(scan->text, at, ',') && !token_is_sign(scan->text, at, '('))
        return 0;
    at++;
    at += lex_at(scan->text, at, LEX_ARTICLE, NULL);
    guint n = moment_date_at(scan, at, false, &date, &number_only);
    if (n == 0 || date.day == NO_DAY || day_weekday(date.day) != moment->weekday)
        return 0;
    date.weekday = moment->weekday;
    date.is_weak = false;
    *moment = date;
    return at + n - index;
}

/* "giovedì della prima settimana di dicembre", "martedì della settimana del 7": the weekday of the
 * moment in a week that has a name. Tokens of the week. */
static guint named_week_at(const Scan *scan, guint index, Moment *moment)
{
    Moment week;
    guint of = lex_at(scan->text, index, LEX_OF, NULL);
    of += of > 0 && token_is(scan->text, index + of, "la") ? 1 : 0;
    guint n = of > 0 ? moment_named_week_at(scan, index + of, &week) : 0;
    if (n == 0 || week.day == NO_DAY)
        return 0;
    moment->day = week.day + (moment->weekday - day_weekday(week.day) + 7) % 7;
    moment->is_past = moment->day < scan->today || moment->day > week.day + 6;
    return of + n;
}

/* "mar mattina", "Tue or Thu", "do 11h": what shows that two or three letters were a weekday. */
static bool is_beside_time(const Text *text, guint index)
{
    const Token *token = token_at(text, index);
    guint join = MAX(lex_at(text, index, LEX_OR, NULL), lex_at(text, index, LEX_AND, NULL));
    if (join > 0)
        return token_at(text, index - 1)->upper &&
               lex_any(text, index + join, LEX_WEEKDAY, LEX_WEEKDAY_SHORT, NULL, NULL) > 0;
    if (lex_at(text, index, LEX_PART, NULL) || lex_at(text, index, LEX_CLOCK, NULL) ||
        lex_at(text, index, LEX_AM, NULL) || lex_at(text, index, LEX_PM, NULL))
        return true;
    if (digits_of(token) == 0)
        return false;
    return (token_glued(text, index + 1) && digits_of(token_at(text, index + 2)) > 0) ||
           lex_at(text, index + 1, LEX_OCLOCK, NULL) || lex_at(text, index + 1, LEX_AM, NULL) ||
           lex_at(text, index + 1, LEX_PM, NULL);
}

/* "Thursday am", "tues p.m.": the part of a day; tokens. */
static guint half_of_day_at(const Text *text, guint index, Moment *moment)
{
    guint am = token_is(text, index, "am") || token_is(text, index, "a")
                   ? lex_at(text, index, LEX_AM, NULL)
                   : 0;
    guint pm = token_is(text, index, "pm") || token_is(text, index, "p")
                   ? lex_at(text, index, LEX_PM, NULL)
                   : 0;
    if (am + pm > 0)
        moment->part = am > 0 ? PART_MORNING : PART_AFTERNOON;
    return am + pm;
}

/* "giovedì", "gio 26", "martedì 1 dicembre", "giovedì prossimo", "martedì della prossima settimana"
 */
static guint weekday_at(const Scan *scan, guint index, Moment *moment)
{
    const Text *text = scan->text;
    gint weekday = 0;
    guint next = lex_at(text, index, LEX_NEXT, NULL), is_this = lex_at(text, index, LEX_THIS, NULL),
          past = lex_at(text, index, LEX_PAST, NULL);
    guint at = index + MAX(next, MAX(is_this, past));
    guint n = lex_at(text, at, LEX_WEEKDAY, &weekday);
    bool is_short = n == 0;
    if (is_short)
        n = lex_at(text, at, LEX_WEEKDAY_SHORT, &weekday);
    if (n == 0)
        return 0;
    at += n;
    if (is_short && token_is_sign(text, at, '.') && !token_at(text, at)->gap)
        at++;
    guint number_at = at + (token_is_sign(text, at, ',') ? 1 : 0);
    number_at += lex_at(text, number_at, LEX_ARTICLE, NULL);
    number_at += skip_apostrophe(text, number_at);
    bool number_only;
    guint date = moment_date_at(scan, number_at, true, moment, &number_only);
    if (date > 0) {
        if (date == 1)
            number_only |= prefer_weekday(scan, number_at, weekday, moment);
        reconcile(scan, moment, weekday, number_only);
        return number_at + date - index;
    }
    if (is_short && !is_beside_time(text, at) && next == 0 && lex_at(text, at, LEX_NEXT, NULL) == 0)
        return 0;
    *moment = moment_of_day(NO_DAY);
    moment->weekday = weekday;
    gint weeks = 0;
    guint named = named_week_at(scan, at, moment);
    if (named > 0)
        return at + named - index;
    guint week = moment_week_at(scan, at, &weeks);
    guint after = week == 0 ? lex_at(text, at, LEX_NEXT, NULL) : 0;
    guint past_after = week + after == 0 ? lex_at(text, at, LEX_PAST, NULL) : 0;
    resolve_weekday(scan, moment, next + after > 0, is_this > 0, week ? &weeks : NULL);
    moment->is_past |= past + past_after > 0;
    at += week + after + past_after;
    at += half_of_day_at(text, at, moment);
    return at + (week + after > 0 ? apposition_at(scan, at, moment) : 0) - index;
}

/* "un martedì pomeriggio di dicembre", "il primo giovedì di gennaio" */
static guint weekday_of_month_at(const Scan *scan, guint index, Moment *moment)
{
    const Text *text = scan->text;
    gint ordinal = 0, weekday = 0, part = PART_NONE, month = 0;
    guint at = index + lex_at(text, index, LEX_ORDINAL, &ordinal);
    guint n = lex_at(text, at, LEX_WEEKDAY, &weekday);
    if (n == 0)
        return 0;
    at += n;
    at += lex_at(text, at, LEX_PART, &part);
    guint of = lex_at(text, at, LEX_OF, NULL);
    guint named = of > 0 ? lex_at(text, at + of, LEX_MONTH, &month) : 0;
    Day first;
    if (named == 0 || ordinal > 4 || !day_complete(scan->today, month, 28, &first))
        return 0;
    first = MAX(day_month_first(first, 0), scan->today);
    Day day = first + (weekday - day_weekday(first) + 7) % 7 + 7 * (ordinal > 0 ? ordinal - 1 : 0);
    *moment = moment_of_day(day);
    moment->weekday = weekday;
    moment->part = (DayPart)part;
    moment->ambiguous = ordinal == 0;
    return at + of + named - index;
}

guint moment_short_weekday_at(const Scan *scan, guint index, Moment *moment)
{
    gint weekday = 0;
    guint n = lex_at(scan->text, index, LEX_WEEKDAY_SHORT, &weekday);
    if (n == 0 || token_at(scan->text, index)->fold_length < 3)
        return 0;
    *moment = moment_of_day(NO_DAY);
    moment->weekday = weekday;
    resolve_weekday(scan, moment, false, false, NULL);
    return n;
}

/* "Donnerstagvormittag": a weekday and a part of the day in one German word. The part becomes
 * `part`. */
static guint compound_at(const Scan *scan, guint index, Moment *moment)
{
    static const char *const days[] = {"montag",  "dienstag", "mittwoch", "donnerstag",
                                       "freitag", "samstag",  "sonntag"};
    static const struct {
        const char *word;
        DayPart part;
    } parts[] = {{"vormittag", PART_MORNING},
                 {"morgen", PART_MORNING},
                 {"fruh", PART_MORNING},
                 {"nachmittag", PART_AFTERNOON},
                 {"abend", PART_EVENING}};
    const Text *text = scan->text;
    const Token *token = token_at(text, index);
    if (!(text_languages(text, index) & LANGUAGE_DE) || token->kind != TOKEN_WORD ||
        token->fold_length < 10)
        return 0;
    g_autofree char *word = g_strndup(text->folded->str + token->fold, token->fold_length);
    for (guint i = 0; i < G_N_ELEMENTS(days); i++)
        for (guint j = 0; g_str_has_prefix(word, days[i]) && j < G_N_ELEMENTS(parts); j++) {
            const char *rest = word + strlen(days[i]);
            if (!g_str_has_prefix(rest, parts[j].word))
                continue;
            *moment = moment_of_day(NO_DAY);
            moment->weekday = (gint)i + 1;
            moment->part = parts[j].part;
            resolve_weekday(scan, moment, false, false, NULL);
            return 1;
        }
    return 0;
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
    if (n == 0)
        return 0;
    *moment = moment_of_day(scan->today + 1);
    moment->kind = MOMENT_RANGE;
    moment->part = (DayPart)part;
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
    bool is_number = digits_of(token_at(text, at)) == 1;
    guint n = is_number ? 1 : lex_at(text, at, LEX_COUNT, weeks);
    if (n == 0 && token_is(text, at, "a"))
        n = (guint)(*weeks = 1);
    guint week = n == 1 && *weeks <= 4 ? lex_at(text, at + 1, LEX_WEEK, NULL) : 0;
    return week > 0 ? at + 1 + week - index : 0;
}

/* A day and then "in einer Woche", "tra due settimane", or "week" alone: that many weeks later. */
static guint weeks_later_at(const Text *text, guint index, Moment *moment)
{
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
    moment->day += 7 * weeks;
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
        day = weekday_at(scan, at, moment);
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
        n = weekday_at(scan, index, moment);
    return n > 0 ? n + weeks_later_at(scan->text, index + n, moment) : 0;
}

guint moment_single_at(const Scan *scan, guint index, bool allow_number, Moment *moment)
{
    static guint (*const rules[])(const Scan *, guint, Moment *) = {
        weeks_before_at,      moment_named_week_at, whole_week_at,
        moment_month_part_at, compound_at,          weekday_of_month_at,
        named_day_at,         after_count_at,       every_at};
    *moment = moment_of_day(NO_DAY);
    if (text_is_taken(scan->text, index, index + 1))
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
    article += skip_apostrophe(scan->text, index + article); /* l'8 dicembre */
    guint n =
        moment_date_at(scan, index + article, allow_number || article > 0, moment, &number_only);
    if (n > 0 && (article > 0 || allow_number) && !number_only)
        moment->is_weak = false;
    return n > 0 ? article + n : 0;
}
