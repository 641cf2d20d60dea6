/* moment_weeks.c - weeks and parts of months as people name them, and the arithmetic of weeks and
 * months. */
#include "reading/moments.h"

#include <string.h>

#define PAST_MONTHS_DAYS 183 /* "5 ottobre" said in November is past, said in May it is to come */
#define FRIDAY 5
enum { OF_WHAT_FOLLOWS, OF_THIS_MONTH, OF_THIS_WEEK }; /* "Monatsende", "Wochenanfang" */
#define HALF_DAYS 15
#define LAST_WEEK 5 /* "ultima settimana di novembre" */

Day day_monday(Day day)
{
    return day - (day_weekday(day) - 1);
}

Day day_month_first(Day day, gint months_later)
{
    gint year, month, date;
    day_to_date(day, &year, &month, &date);
    gint index = year * 12 + month - 1 + months_later;
    return day_from_date(index / 12, index % 12 + 1, 1);
}

Day day_month_last(Day first)
{
    return day_month_first(first, 1) - 1;
}

bool day_complete(Day today, gint month, gint date, Day *day)
{
    gint year, this_month, this_date;
    day_to_date(today, &year, &this_month, &this_date);
    if (day_is_valid(year, month, date)) {
        *day = day_from_date(year, month, date);
        if (*day >= today || today - *day <= PAST_MONTHS_DAYS)
            return true;
    }
    bool was_to_come = month > this_month || (month == this_month && date >= this_date);
    bool is_missing = was_to_come && !day_is_valid(year, month, date); /* "29 febbraio" */
    if (is_missing || !day_is_valid(year + 1, month, date))
        return false;
    *day = day_from_date(year + 1, month, date);
    return true;
}

/* --- weeks
 * -------------------------------------------------------------------------------------------- */

static guint skip_small_words(const Text *text, guint index)
{
    gint is_small = 0;
    return lex_at(text, index, LEX_LEAD, &is_small) > 0 && is_small ? 1 : 0;
}

/* Weeks from this one to that of the day that was named last. */
static gint weeks_of_named(const Scan *scan)
{
    return scan->anchor == NO_DAY ? 0 : (day_monday(scan->anchor) - day_monday(scan->today)) / 7;
}

/* "in settimana": this one. */
static bool is_week_alone(const Text *text, guint index)
{
    return token_is(text, index, "settimana") && lex_at(text, index + 1, LEX_NEXT, NULL) == 0 &&
           lex_at(text, index + 1, LEX_THIS, NULL) == 0 &&
           lex_at(text, index + 1, LEX_PAST, NULL) == 0 && !token_is(text, index + 1, "dopo") &&
           !token_is(text, index + 1, "successiva") && !token_is(text, index + 1, "seguente");
}

/* "prossima settimana", "della settimana prossima", "in zwei Wochen": weeks from this one. */
guint moment_week_at(const Scan *scan, guint index, gint *weeks)
{
    const Text *text = scan->text;
    guint at = index;
    bool is_next_one =
        scan->anchor != NO_DAY && token_is(text, index, "quella") &&
        (token_is(text, index + 1, "dopo") || token_is(text, index + 1, "successiva") ||
         token_is(text, index + 1, "seguente")); /* "la prossima no, quella dopo" */
    if (is_next_one) {
        *weeks = weeks_of_named(scan) + 1;
        return 2;
    }
    for (guint i = 0;
         i < 2 && skip_small_words(text, at) && lex_at(text, at, LEX_AFTER_NEXT, NULL) == 0 &&
         lex_at(text, at, LEX_THIS, NULL) == 0;
         i++)
        at += token_is_sign(text, at + 1, '\'') ? 2 : 1;
    gint is_whole = 0; /* "in a fortnight" says the week too */
    guint after_next = lex_at(text, at, LEX_AFTER_NEXT, &is_whole);
    if (after_next > 0) {
        *weeks = 2;
        at += after_next;
        bool says_week = is_whole || lex_within(text, at - after_next, at, LEX_WEEK, NULL);
        guint n = lex_at(text, at, LEX_WEEK, NULL);
        return says_week || n > 0 ? at + n - index : 0;
    }
    if (index + 1 == at && token_is(text, index, "in") && is_week_alone(text, at)) {
        *weeks = 0;
        return at + 1 - index;
    }
    guint before = lex_at(text, at, LEX_NEXT, NULL);
    *weeks = before > 0 ? 1 : 0;
    if (before == 0)
        before = lex_at(text, at, LEX_THIS, NULL);
    bool is_other = before == 0 && token_is(text, at, "altra"); /* "l'altra settimana" */
    if (is_other && lex_at(text, at + 1, LEX_WEEK, NULL) == 1) {
        *weeks = weeks_of_named(scan) + 1;
        return at + 2 - index;
    }
    guint week = lex_at(text, at + before, LEX_WEEK, NULL);
    if (week == 0)
        return 0;
    at += before + week;
    if (before > 0)
        return at - index;
    guint after = lex_at(text, at, LEX_NEXT, NULL);
    bool following =
        after == 0 && (token_is(text, at, "successiva") || token_is(text, at, "dopo") ||
                       token_is(text, at, "darauf") || token_is(text, at, "danach") ||
                       token_is(text, at, "seguente") ||
                       (token_is(text, at, "after") && token_at(text, at + 1)->kind == TOKEN_WORD &&
                        !token_is(text, at + 1, "the") && !token_at(text, at + 1)->upper));
    bool is_counted = index > 0 && lex_at(text, index - 1, LEX_COUNT, NULL) > 0; /* "una" */
    bool preceding = !is_counted && scan->anchor != NO_DAY &&
                     (token_is(text, at, "precedente") || token_is(text, at, "prima"));
    *weeks = following || preceding ? weeks_of_named(scan) + (preceding ? -1 : 1) : 1;
    if (after == 0 && lex_at(text, at, LEX_PAST, NULL) > 0) {
        *weeks = -1;
        after = 1;
    }
    if (after == 0 && lex_at(text, at, LEX_THIS, NULL) > 0) {
        *weeks = 0;
        after = lex_at(text, at, LEX_THIS, NULL);
    }
    after = following || preceding ? 1 : after;
    return after > 0 ? at + after - index : 0;
}

Moment moment_of_week(Day monday, Day today)
{
    Moment moment = moment_of_day(MAX(monday, today));
    moment.kind = MOMENT_RANGE;
    moment.last = monday + FRIDAY - 1;
    moment.is_week = true;
    moment.is_past = moment.last < today;
    return moment;
}

/* The Monday of a week by its number (ISO 8601), of this year or, when that is past, the next. */
static bool numbered_week(Day today, guint number, Day *monday)
{
    gint year, month, date;
    if (number < 1 || number > 53)
        return false;
    day_to_date(today, &year, &month, &date);
    for (gint later = 0; later < 2; later++) {
        Day first = day_monday(day_from_date(year + later, 1, 4));
        *monday = first + 7 * ((Day)number - 1);
        if (*monday >= day_monday(day_from_date(year + later + 1, 1, 4)))
            return false; /* a 53rd week that this year has not */
        if (*monday + FRIDAY > today)
            return true;
    }
    return false;
}

/* "KW 49", "49. Kalenderwoche" */
static guint week_number_at(const Scan *scan, guint index, Moment *moment)
{
    const Text *text = scan->text;
    guint n = lex_at(text, index, LEX_WEEK_NUMBER, NULL), at = index + n;
    at += n > 0 && token_is_sign(text, at, '.') ? 1 : 0;
    const Token *number = token_at(text, n > 0 ? at : index);
    guint after = index + 1;
    after += token_is_sign(text, after, '.') ? 1 : 0;
    guint last = n == 0 ? lex_at(text, after, LEX_WEEK_NUMBER, NULL) : 0;
    Day monday;
    if (number->kind != TOKEN_NUMBER || number->taken || n + last == 0 ||
        number->end - number->start > 2 || !numbered_week(scan->today, number->value, &monday))
        return 0;
    *moment = moment_of_week(monday, scan->today);
    return n > 0 ? at + 1 - index : after + last - index;
}

/* "Dezemberwoche": a month and another word in one. The month, 0 when it is none. */
static gint month_of_compound(const Text *text, guint index, const char *ending)
{
    static const char *const months[] = {"janner",    "februar", "marz",     "april",
                                         "mai",       "juni",    "juli",     "august",
                                         "september", "oktober", "november", "dezember"};
    const Token *token = token_at(text, index);
    gsize length = strlen(ending);
    if (token->kind != TOKEN_WORD || token->fold_length < 8 ||
        !(text_languages(text, index) & LANGUAGE_DE))
        return 0;
    const char *word = text->folded->str + token->fold;
    for (guint i = 0; i < G_N_ELEMENTS(months); i++)
        if (token->fold_length == strlen(months[i]) + length &&
            memcmp(word, months[i], strlen(months[i])) == 0 &&
            memcmp(word + strlen(months[i]), ending, length) == 0)
            return (gint)i + 1;
    return 0;
}

/* The first to fourth or the last seven days of a month. */
static bool set_week_of_month(const Scan *scan, gint ordinal, gint month, Moment *moment)
{
    Day first;
    if (ordinal > LAST_WEEK || !day_complete(scan->today, month, 28, &first))
        return false;
    first = day_month_first(first, 0);
    *moment =
        moment_of_day(ordinal == LAST_WEEK ? day_month_last(first) - 6 : first + 7 * (ordinal - 1));
    moment->kind = MOMENT_RANGE;
    moment->last = MIN(moment->day + 6, day_month_last(first));
    moment->is_past = moment->last < scan->today;
    moment->day = MAX(moment->day, scan->today);
    return true;
}

/* "seconda metà di dicembre", "zweite Dezemberhälfte", "second half of December", past the ordinal.
 */
static guint half_of_month_at(const Scan *scan, guint index, gint ordinal, Moment *moment)
{
    const Text *text = scan->text;
    gint month = month_of_compound(text, index, "halfte");
    month = month > 0 ? month : month_of_compound(text, index, "haelfte");
    guint n = month > 0 ? 1 : 0;
    bool is_half = token_is(text, index, "half") || token_is(text, index, "meta") ||
                   token_is(text, index, "halfte") || token_is(text, index, "haelfte");
    if (is_half) {
        guint at = index + 1;
        at += MAX(lex_at(text, at, LEX_OF, NULL), token_is(text, at, "des") ? 1 : 0);
        guint named = lex_at(text, at, LEX_MONTH, &month);
        n = named > 0 ? at + named - index : 0;
    }
    Day first;
    if (n == 0 || ordinal < 1 || ordinal > 2 || !day_complete(scan->today, month, 28, &first))
        return 0;
    first = day_month_first(first, 0);
    *moment = moment_of_day(ordinal == 1 ? first : first + HALF_DAYS);
    moment->kind = MOMENT_RANGE;
    moment->last = ordinal == 1 ? first + HALF_DAYS - 1 : day_month_last(first);
    moment->is_past = moment->last < scan->today;
    moment->day = MAX(moment->day, scan->today);
    return n;
}

/* "la settimana del 30 novembre", "prima settimana di dicembre" */
guint moment_named_week_at(const Scan *scan, guint index, Moment *moment)
{
    const Text *text = scan->text;
    gint ordinal = 0, month = 0;
    guint numbered = week_number_at(scan, index, moment);
    if (numbered > 0)
        return numbered;
    guint n = lex_at(text, index, LEX_ORDINAL, &ordinal);
    guint half = n > 0 ? half_of_month_at(scan, index + n, ordinal, moment) : 0;
    if (half > 0)
        return n + half;
    guint last = n == 0 ? lex_at(text, index, LEX_PAST, NULL) : 0; /* "letzte Novemberwoche" */
    month = n + last > 0 ? month_of_compound(text, index + n + last, "woche") : 0;
    if (month > 0)
        return set_week_of_month(scan, last > 0 ? LAST_WEEK : ordinal, month, moment) ? n + last + 1
                                                                                      : 0;
    guint week = lex_at(text, index + n, LEX_WEEK, NULL);
    if (week == 0)
        return 0;
    guint at = index + n + week;
    at += lex_at(text, at, LEX_OF, NULL);
    at += n == 0 ? lex_at(text, at, LEX_ARTICLE, NULL) : 0;
    if (n == 0) {
        bool number_only;
        Moment day;
        guint taken = at > index + week ? moment_date_at(scan, at, true, &day, &number_only) : 0;
        if (taken == 0 || day.day == NO_DAY)
            return 0;
        *moment = moment_of_week(day_monday(day.day), scan->today);
        return at + taken - index;
    }
    guint named = lex_at(text, at, LEX_MONTH, &month);
    return named > 0 && set_week_of_month(scan, ordinal, month, moment) ? at + named - index : 0;
}

/* --- parts of a month
 * --------------------------------------------------------------------------------- */

/* "a dicembre", "im Dezember" */
static guint whole_month_at(const Scan *scan, guint index, Moment *moment)
{
    const Text *text = scan->text;
    gint month = 0;
    Day first;
    bool begins =
        token_is(text, index, "a") || token_is(text, index, "in") || token_is(text, index, "im");
    guint n = begins ? lex_at(text, index + 1, LEX_MONTH, &month) : 0;
    const Token *after = token_at(text, index + 1 + n);
    bool is_date = after->kind == TOKEN_NUMBER && (text_languages(text, index) & LANGUAGE_EN);
    if (n == 0 || is_date || token_at(text, index + 1)->fold_length < 4 ||
        !day_complete(scan->today, month, 28, &first))
        return 0;
    first = day_month_first(first, 0);
    *moment = moment_of_day(MAX(first, scan->today));
    moment->kind = MOMENT_RANGE;
    moment->last = day_month_last(first);
    moment->is_past = moment->last < scan->today;
    return 1 + n;
}

guint moment_bare_month_at(const Scan *scan, guint index, Moment *moment)
{
    gint month = 0;
    Day first;
    guint n = lex_at(scan->text, index, LEX_MONTH, &month);
    if (n == 0 || token_at(scan->text, index)->fold_length < 4 ||
        token_at(scan->text, index + n)->kind == TOKEN_NUMBER ||
        text_is_taken(scan->text, index, index + n) ||
        !day_complete(scan->today, month, 28, &first))
        return 0;
    first = day_month_first(first, 0);
    *moment = moment_of_day(first);
    moment->kind = MOMENT_RANGE;
    moment->last = day_month_last(first);
    moment->is_past = moment->last < scan->today;
    return n;
}

/* "mese prossimo", "mese", "dicembre" after "fine": tokens, and the first day of that month. */
static guint month_at(const Scan *scan, guint index, bool needs_next, Day *first)
{
    const Text *text = scan->text;
    gint month = 0;
    guint named = lex_at(text, index, LEX_MONTH, &month);
    if (named > 0) {
        if (!day_complete(scan->today, month, 28, first))
            return 0;
        *first = day_month_first(*first, 0);
        return named;
    }
    guint next = lex_at(text, index, LEX_NEXT, NULL);
    guint before = next > 0 ? next : lex_at(text, index, LEX_THIS, NULL);
    guint word = lex_at(text, index + before, LEX_MONTH_WORD, NULL);
    if (word == 0)
        return 0;
    guint after = lex_at(text, index + before + word, LEX_NEXT, NULL);
    bool is_next = next + after > 0;
    if (needs_next && !is_next)
        return 0;
    *first = day_month_first(scan->today, is_next ? 1 : 0);
    return before + word + after;
}

/* The beginning, middle or end of the week that is so many weeks later. */
static void set_week_part(const Scan *scan, gint weeks, bool early, bool late, Moment *moment)
{
    bool middle = !early && !late;
    Day monday = day_monday(scan->today) + 7 * weeks;
    *moment = moment_of_week(monday, scan->today);
    moment->day = MAX(monday + (late ? 3 : middle ? 1 : 0), scan->today);
    moment->last = early ? MAX(moment->day, moment->last - 3) : moment->last - (middle ? 1 : 0);
    moment->is_past |= moment->last < scan->today;
}

/* "fine settimana", "inizio settimana prossima" */
static guint week_part_at(const Scan *scan, guint index, bool early, bool late, Moment *moment)
{
    guint before = lex_at(scan->text, index, LEX_NEXT, NULL);
    guint n = lex_at(scan->text, index + before, LEX_WEEK, NULL);
    if (n == 0)
        return 0;
    guint after = lex_at(scan->text, index + before + n, LEX_NEXT, NULL);
    set_week_part(scan, before + after > 0 ? 1 : 0, early, late, moment);
    return before + n + after;
}

/* "nel mese di dicembre", "il mese prossimo", "a dicembre" */
static guint month_itself_at(const Scan *scan, guint index, Moment *moment)
{
    guint word = lex_at(scan->text, index, LEX_MONTH_WORD, NULL);
    guint of = word > 0 ? lex_at(scan->text, index + word, LEX_OF, NULL) : 0;
    Day first;
    guint n = of > 0 ? month_at(scan, index + word + of, true, &first)
                     : month_at(scan, index, true, &first);
    bool is_said =
        n > 0 && (of > 0 || lex_within(scan->text, index, index + n, LEX_MONTH_WORD, NULL));
    if (!is_said)
        return whole_month_at(scan, index, moment);
    *moment = moment_of_day(MAX(first, scan->today));
    moment->kind = MOMENT_RANGE;
    moment->last = day_month_last(first);
    moment->is_past = moment->last < scan->today;
    return (of > 0 ? word + of : 0) + n;
}

/* "fine mese", "inizio dicembre", "metà del mese prossimo" */
guint moment_month_part_at(const Scan *scan, guint index, Moment *moment)
{
    const Text *text = scan->text;
    gint of_what = 0;
    guint early = lex_at(text, index, LEX_EARLY, &of_what);
    guint middle = lex_at(text, index, LEX_MIDDLE, &of_what);
    guint late = lex_at(text, index, LEX_LATE, &of_what);
    guint part = MAX(early, MAX(middle, late));
    if (part == 0)
        return month_itself_at(scan, index, moment);
    guint at = index + part;
    bool is_joined = token_is_sign(text, at, '-') && token_glued(text, at);
    at += is_joined ? 1 : lex_at(text, at, LEX_OF, NULL); /* "mid-December" */
    if (of_what == OF_THIS_WEEK) {
        set_week_part(scan, 0, early > 0, late > 0, moment);
        return part;
    }
    guint week = week_part_at(scan, at, early > 0, late > 0, moment);
    if (week > 0)
        return at + week - index;
    Day first = day_month_first(scan->today, 0);
    guint n = of_what == OF_THIS_MONTH ? 0 : month_at(scan, at, false, &first);
    if (n == 0 && of_what != OF_THIS_MONTH)
        return 0;
    *moment = moment_of_day(middle ? first + 10 : late ? first + 20 : first);
    moment->kind = MOMENT_RANGE;
    moment->last = early ? first + 9 : middle ? first + 19 : day_month_last(first);
    moment->is_past = moment->last < scan->today;
    moment->day = MAX(moment->day, scan->today);
    return at + n - index;
}
