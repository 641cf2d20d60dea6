/* moment_dates.c - dates as people write them: "26/11", "il 26", "24, 25 o 26 novembre", and what
 * looks like a date and is none.
 *
 * A year or month that is not said is the one that makes the day come next; what does not exist is
 * a moment that proposes nothing.
 */
#include "reading/moments.h"

#include <string.h>

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
#define SWAPPED_DAYS 60 /* how much nearer the other reading of "12/3" must be */
static Moment nothing_moment(void)
{
    Moment moment = moment_of_day(NO_DAY);
    moment.is_past = true;
    return moment;
}

/* --- dates
 * -------------------------------------------------------------------------------------------- */

/* The next day with this number; false when there is none in three months. */
bool moment_next_number(Day from, guint number, Day *day)
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

guint moment_skip_apostrophe(const Text *text, guint index)
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

/* The full stop of "24. oder 26. November". Tokens. */
static guint german_stop_at(const Text *text, guint index)
{
    return token_is_sign(text, index, '.') && token_glued(text, index) &&
                   token_at(text, index + 1)->gap && text_languages(text, index) == LANGUAGE_DE
               ? 1
               : 0;
}

/* "26 e 27 novembre", "24, 25 o 26 novembre": the month that a later number of the list brings. */
static bool month_of_list(const Text *text, guint index, gint *year, gint *month)
{
    guint at = index;
    for (guint n = 0; n < 5; n++) {
        at += german_stop_at(text, at);
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
        at += moment_skip_apostrophe(text, at);
        gint date;
        if (date_at(text, at, year, month, &date) > 0)
            return lex_within(text, at, at + 4, LEX_MONTH, NULL) || *year > 0;
        if (token_digits(token_at(text, at)) == 0 || token_digits(token_at(text, at)) > 2)
            return false;
        at++;
        at += ordinal_mark_at(text, at);
    }
    return false;
}

static bool ends_in_mente(const Text *text, guint index)
{
    static const char ending[] = "mente";
    const Token *token = token_at(text, index);
    gsize length = sizeof ending - 1;
    return token->kind == TOKEN_WORD && token->fold_length > length + 2 &&
           memcmp(text->folded->str + token->fold + token->fold_length - length, ending, length) ==
               0;
}

/* "tassativamente", "sempre": says more of a day, counts nothing. */
static bool is_adverb(const Text *text, guint index)
{
    static const char *const words[] = {"in",  "sempre", "sicuramente", "pure",
                                        "gia", "ancora", "immer",       "always"};
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        if (token_is(text, index, words[i]))
            return true;
    return ends_in_mente(text, index);
}

/* A number that names a day: not "26%", "26 mq", "26/2025", an hour. */
static bool is_day_number(const Text *text, guint index)
{
    const Token *token = token_at(text, index), *after = token_at(text, index + 1);
    if (token_digits(token) == 0 || token_digits(token) > 2 || token->taken || token->value < 1 ||
        token->value > 31)
        return false;
    if (after->kind == TOKEN_SIGN && !after->gap && token_digits(token_at(text, index + 2)) > 0 &&
        !token_at(text, index + 2)->gap)
        return false; /* 26/11, 15.30, 10:00 have their own rules */
    if (after->kind == TOKEN_SIGN && (after->value == '%' || after->value == 0x20ac))
        return false;
    bool noun_follows =
        after->kind == TOKEN_WORD &&
        (!after->gap || (!after->upper && lex_languages(text, index + 1) == 0 &&
                         lex_any(text, index + 1, LEX_TIMED, LEX_BOOKED, NULL, NULL) == 0 &&
                         !is_adverb(text, index + 1)));
    if (ordinal_mark_at(text, index + 1) > 0)
        return true;
    guint stop = german_stop_at(text, index + 1);
    const Token *counted = token_at(text, index + 1 + stop);
    if (stop > 0 && counted->kind == TOKEN_WORD && counted->upper &&
        lex_languages(text, index + 2) == 0 &&
        lex_any(text, index + 2, LEX_CLOSING, LEX_BOOKED, NULL, NULL) == 0)
        return false; /* "im 3. Stock" */
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
    if (token_digits(token) == 0 || token_digits(token) > 2 ||
        date_at(text, index, &year, &month, &date) > 0)
        return 0;
    guint at = index + 1;
    at += token_is_sign(text, at, '.') && token_at(text, at + 1)->gap ? 1 : 0; /* 31. November */
    if (lex_at(text, at, LEX_MONTH, NULL) > 0)
        return at + 1 - index;
    bool has_slash = token_is_sign(text, index + 1, '/') && token_digits(third) > 0 &&
                     token_digits(third) <= 2 && !third->gap;
    return has_slash ? 3 : 0;
}

/* "la tavola 3/4", "il rapporto 1/8": a stroke that divides. */
static bool is_divided(const Text *text, guint index)
{
    static const char *const words[] = {"tavola", "tavole", "tav",    "rapporto", "scala",
                                        "foglio", "quota",  "classe", "plan",     "blatt",
                                        "sheet",  "figura", "pagina", "pag",      "sezione"};
    if (index == 0 || !token_is_sign(text, index + 1, '/'))
        return false;
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        if (token_is(text, index - 1, words[i]))
            return true;
    return false;
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
    guint n = is_divided(text, index) ? 0 : date_at(text, index, &year, &month, &date);
    if (n > 0 && text_is_taken(text, index, index + n))
        return 0;
    if (n == 0 && allow_number && lex_at(text, index, LEX_COUNT, &date) == 1 && date >= 1 &&
        date <= 31 && month_of_list(text, index + 1, &year, &month))
        n = day_is_valid(year ? year : 2024, month, date) ? 1 : 0; /* "il ventiquattro o il ..." */
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
        } else if (moment_next_number(scan->today, (guint)date, &day)) {
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
    Day swapped;
    bool may_be_swapped = year == 0 && token_is_sign(text, index + 1, '/') && date <= 12 &&
                          date != month && text_languages(text, index) == LANGUAGE_EN &&
                          day_complete(scan->today, date, month, &swapped);
    if (may_be_swapped && swapped >= scan->today &&
        (day < scan->today || day > swapped + SWAPPED_DAYS)) { /* "12/3" of an American */
        moment->other = day < scan->today ? NO_DAY : swapped;
        moment->day = day < scan->today ? swapped : day;
        moment->ambiguous = true;
    }
    moment->is_absolute = moment->has_number = true;
    moment->is_weak = year == 0 && n == 3 && !lex_within(text, index, index + n, LEX_MONTH, NULL);
    return n;
}
