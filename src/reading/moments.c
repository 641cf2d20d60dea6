/* moments.c - ranges of days, and the one pass over the text that finds every moment; cues and
 * breaks are in moment_breaks.c. */
#include "reading/moments.h"

#define OLD_DAYS 30          /* since such a day nobody is available from now on */
#define LISTED_MOMENTS 6     /* between two days of one list */
#define TIME_WITHIN 10       /* tokens from "a partire dalle ore" to the number */
#define SAME_HOUR_MOMENTS 30 /* how far "allo stesso orario" looks back */

enum { FOR_HOURS, FOR_DAYS, FOR_BOTH };

/* --- ranges
 * ------------------------------------------------------------------------------------------- */

static void make_range(Moment *moment, Day day, Day last)
{
    moment->kind = MOMENT_RANGE;
    moment->day = day;
    moment->last = last;
    moment->other = NO_DAY;
    moment->weekday = 0;
    moment->only_weekday = false;
    moment->is_weak = false;
    moment->is_past = last != NO_DAY && last < day;
}

static Day last_of(const Moment *moment)
{
    return moment->kind == MOMENT_RANGE ? moment->last : moment->day;
}

/* "dal 24 al 27 novembre", "tra martedì e giovedì", "dal 10 dicembre" */
static guint span_at(const Scan *scan, guint index, Moment *moment)
{
    gint from_use = FOR_HOURS, between_use = FOR_HOURS;
    guint from = lex_at(scan->text, index, LEX_FROM, &from_use),
          between = lex_at(scan->text, index, LEX_BETWEEN, &between_use);
    bool is_between = between > 0 && between_use != FOR_HOURS;
    if (!is_between && (from == 0 || from_use == FOR_HOURS))
        return 0;
    guint at = index + (is_between ? between : from);
    guint n = moment_single_at(scan, at, (is_between ? between_use : from_use) == FOR_DAYS, moment);
    bool number_only = false;
    if (n == 0) /* "between 24 and 26 November": the month follows */
        n = moment_date_at(scan, at, true, moment, &number_only);
    if (n == 0)
        n = moment_bare_month_at(scan, at, moment); /* "ab Dezember" */
    if (n == 0 || number_only)
        return 0;
    at += n;
    guint stop = token_is_sign(scan->text, at, '.') && token_glued(scan->text, at) ? 1 : 0;
    bool goes_on = lex_at(scan->text, at + stop, LEX_TO, NULL) > 0 ||
                   (is_between && lex_at(scan->text, at + stop, LEX_AND, NULL) > 0);
    at += goes_on ? stop : 0; /* "24. bis" */
    guint to = lex_at(scan->text, at, LEX_TO, NULL);
    if (to == 0 && is_between)
        to = lex_at(scan->text, at, LEX_AND, NULL);
    Moment last;
    guint m = to > 0 ? moment_single_at(scan, at + to, true, &last) : 0;
    if (m > 0 && last.day != NO_DAY && moment->day != NO_DAY) {
        if (last.is_absolute && !moment->is_absolute && moment->is_weak && moment->day > last.day)
            moment->day =
                last.day; /* the first number has the month of the second: see month_of_list */
        make_range(moment, MAX(moment->day, scan->today), last_of(&last));
        moment->is_past |= last_of(&last) < scan->today;
        moment->is_span = true;
        return at + to + m - index;
    }
    bool is_old = moment->day != NO_DAY && moment->day + OLD_DAYS < scan->today;
    if (is_between || moment->is_past || is_old)
        return 0;
    if (token_is(scan->text, index, "vom") && !token_is(scan->text, at, "an"))
        return 0; /* "vom 30. November" alone speaks of what exists */
    at += lex_at(scan->text, at, LEX_ONWARD, NULL);
    make_range(moment, MAX(moment->day, scan->today), NO_DAY);
    return at - index;
}

/* "dopo il 10", "prima di giovedì", "entro fine mese" */
static guint bounded_at(const Scan *scan, guint index, Moment *moment)
{
    static const LexClass classes[] = {LEX_AFTER, LEX_BEFORE, LEX_UNTIL_BY};
    for (guint i = 0; i < G_N_ELEMENTS(classes); i++) {
        gint use = FOR_HOURS;
        guint n = lex_at(scan->text, index, classes[i], &use);
        if (n == 0)
            continue;
        guint at = index + n + (token_is_sign(scan->text, index + n, '\'') ? 1 : 0);
        guint m = moment_feasts_at(scan, at, moment);
        if (m == 0 && use != FOR_HOURS)
            m = moment_single_at(scan, at, use == FOR_DAYS, moment);
        if (m == 0 && use != FOR_HOURS)
            m = moment_bare_month_at(scan, at, moment);
        n = at - index; /* "dopo l'Immacolata" */
        if (m == 0)
            continue;
        if (moment->day == NO_DAY || moment->is_past)
            return n + m;
        bool has_end = lex_at(scan->text, at, LEX_LATE, NULL) > 0; /* "vor Ende des Monats" */
        if (classes[i] == LEX_AFTER)
            make_range(moment, last_of(moment) + 1, NO_DAY);
        else
            make_range(moment, scan->today,
                       classes[i] == LEX_BEFORE && !has_end ? moment->day - 1 : last_of(moment));
        moment->is_until = classes[i] == LEX_UNTIL_BY;
        return n + m;
    }
    return 0;
}

/* "Monday to Wednesday", "Montag bis Mittwoch"; in Italian "martedì a giovedì" may be a move. */
static guint weekdays_at(const Scan *scan, guint index, Moment *moment)
{
    const Text *text = scan->text;
    gint first = 0, last = 0, use = FOR_HOURS;
    guint n = lex_at(text, index, LEX_WEEKDAY, &first);
    guint to = n > 0 ? lex_at(text, index + n, LEX_TO, &use) : 0;
    guint m = to > 0 && use != FOR_HOURS ? lex_at(text, index + n + to, LEX_WEEKDAY, &last) : 0;
    if (m == 0 || last <= first || text_languages(text, index) == LANGUAGE_IT ||
        scan->reading->kind == KIND_RESCHEDULE)
        return 0;
    if (moment_single_at(scan, index, false, moment) != n || moment->day == NO_DAY)
        return 0;
    make_range(moment, moment->day, moment->day + last - first);
    moment->is_span = true;
    return n + to + m;
}

/* "24-27 novembre" */
static guint dashed_at(const Scan *scan, guint index, Moment *moment)
{
    const Text *text = scan->text;
    bool is_dashed = token_at(text, index)->kind == TOKEN_NUMBER &&
                     token_is_sign(text, index + 1, '-') &&
                     token_at(text, index + 2)->kind == TOKEN_NUMBER &&
                     lex_at(text, index + 3, LEX_MONTH, NULL) > 0;
    if (!is_dashed || text_is_taken(text, index, index + 3))
        return 0;
    Moment last;
    bool number_only;
    guint n = moment_date_at(scan, index + 2, false, &last, &number_only);
    guint32 first = token_at(text, index)->value;
    if (n == 0 || last.day == NO_DAY || first == 0 || first >= token_at(text, index + 2)->value)
        return 0;
    *moment = last;
    make_range(moment, MAX(last.day - (Day)(token_at(text, index + 2)->value - first), scan->today),
               last.day);
    moment->is_past |= last.day < scan->today;
    return 2 + n;
}

guint moment_day_at(const Scan *scan, guint index, Moment *moment)
{
    *moment = moment_of_day(NO_DAY);
    gint has_article = 0;
    guint of = lex_at(scan->text, index, LEX_OF, &has_article) == 1 ? 1 : 0;
    bool is_of_part = of > 0 && index > 0 && lex_at(scan->text, index - 1, LEX_PART, NULL) > 0;
    guint n = span_at(scan, index, moment); /* "von" and "vom" begin spans too */
    if (n == 0 && of == 0)
        n = bounded_at(scan, index, moment);
    if (n == 0)
        n = dashed_at(scan, index, moment);
    if (n == 0)
        n = weekdays_at(scan, index, moment);
    if (n == 0) {
        n = moment_single_at(scan, index + of, of > 0 && (has_article || is_of_part), moment);
        if (n == 0)
            return 0;
        moment->refers = of > 0 && moment->kind == MOMENT_DAY;
        n += of;
    }
    moment->from = index;
    moment->until = index + n;
    if (moment->day != NO_DAY && last_of(moment) != NO_DAY && last_of(moment) < scan->today)
        moment->is_past = true;
    return n;
}

/* --- the pass
 * ----------------------------------------------------------------------------------------- */

/* "è", "e'": not "e". */
static bool is_copula(const Text *text, guint index)
{
    const Token *token = token_at(text, index);
    bool has_accent = token->kind == TOKEN_WORD && token->fold_length == 1 &&
                      token_is(text, index, "e") && token->end - token->start > 1;
    return has_accent || (token_is(text, index, "e") && token_is_sign(text, index + 1, '\'') &&
                          token_glued(text, index + 1) && token_at(text, index + 2)->gap);
}

static guint join_at(const Text *text, guint index, Moment *moment)
{
    bool is_or = lex_at(text, index, LEX_OR, NULL) > 0;
    if (!is_or && (lex_at(text, index, LEX_AND, NULL) == 0 || is_copula(text, index)))
        return 0;
    *moment = moment_of_day(NO_DAY);
    moment->kind = MOMENT_JOIN;
    moment->cue = is_or ? LEX_OR : LEX_AND;
    moment->from = index;
    moment->until = index + 1; /* "e il": the article belongs to what follows */
    return 1;
}

/* "9-10.30 / 15.30-17", "26/1 ore 9 / 28/1 ore 10": a stroke with room on both sides. */
static bool is_stroke(const Text *text, const GArray *moments, guint index)
{
    const Moment *last =
        moments->len > 0 ? &g_array_index(moments, Moment, moments->len - 1) : NULL;
    return token_is_sign(text, index, '/') && token_at(text, index)->gap &&
           token_at(text, index + 1)->gap && last && last->until == index &&
           last->kind <= MOMENT_PART;
}

/* The nth moment from the end, NULL when there are fewer. */
static const Moment *moment_back(const GArray *moments, guint n)
{
    return moments->len >= n ? &g_array_index(moments, Moment, moments->len - n) : NULL;
}

/* "24, 25 o 26 novembre", "il 26 o 27", "giovedì mattina o ven.": goes on with a list of days. */
static guint listed_at(const Scan *scan, const GArray *moments, guint index, Moment *moment)
{
    const Moment *joint = moment_back(moments, 1), *day = moment_back(moments, 2);
    if (!joint || !day || (joint->kind != MOMENT_COMMA && joint->kind != MOMENT_JOIN) ||
        (index > joint->until && !token_is(scan->text, index - 1, "anche")))
        return 0;
    bool number_only;
    bool after_number = day->kind == MOMENT_DAY && (day->is_absolute || day->is_weak);
    bool after_time =
        day->kind == MOMENT_DAY || day->kind == MOMENT_PART || day->kind == MOMENT_HOUR;
    guint n = 0;
    if (token_at(scan->text, index)->kind == TOKEN_NUMBER)
        n = after_number ? moment_date_at(scan, index, true, moment, &number_only) : 0;
    else if (after_time)
        n = moment_short_weekday_at(scan, index, moment);
    moment->from = index;
    moment->until = index + n;
    return n;
}

/* "allo stesso orario": the hour that was named last. */
static guint same_hour_at(const Text *text, const GArray *moments, guint index, Moment *moment)
{
    guint n = lex_at(text, index, LEX_SAME_HOUR, NULL);
    if (n == 0)
        return 0;
    for (guint back = 1; back <= moments->len && back <= SAME_HOUR_MOMENTS; back++) {
        const Moment *hour = moment_back(moments, back);
        if (!hour || hour->kind != MOMENT_HOUR)
            continue;
        *moment = *hour;
        moment->from = index;
        moment->until = index + n;
        return n;
    }
    return 0;
}

/* "nei seguenti giorni: 1, 3 o 10 dicembre": the month comes at the end of the list. */
static guint list_begins_at(const Scan *scan, guint index, Moment *moment)
{
    const Text *text = scan->text;
    bool number_only;
    bool is_announced = index > 0 && (token_is_sign(text, index - 1, ':') ||
                                      lex_at(text, index - 1, LEX_DAYS, NULL) == 1 ||
                                      lex_at(text, index - 1, LEX_DAY_WORD, NULL) == 1);
    if (token_at(text, index)->kind != TOKEN_NUMBER || !is_announced)
        return 0;
    guint n = moment_date_at(scan, index, true, moment, &number_only);
    moment->from = index;
    moment->until = index + n;
    return number_only ? 0 : n;
}

static guint time_at(const Scan *scan, const GArray *moments, guint index, bool after_day,
                     Moment *moment)
{
    guint n = moment_day_at(scan, index, moment);
    if (n == 0)
        n = same_hour_at(scan->text, moments, index, moment);
    if (n == 0)
        n = listed_at(scan, moments, index, moment);
    if (n == 0)
        n = list_begins_at(scan, index, moment);
    if (n == 0)
        n = moment_hour_at(scan, index, after_day, moment);
    const Moment *joint = moment_back(moments, 1), *hour = moment_back(moments, 2);
    bool is_listed = n == 0 && joint && hour && joint->kind == MOMENT_JOIN &&
                     joint->until == index && hour->kind == MOMENT_HOUR && hour->hour == HOUR_AT &&
                     hour->until == joint->from;
    return is_listed ? moment_listed_hour_at(scan, index, moment) : n;
}

/* "Donnerstagvormittag" */
static bool may_be_compound(const Text *text, guint index)
{
    return (text_languages(text, index) & LANGUAGE_DE) && token_at(text, index)->fold_length >= 10;
}

/* A number or a word that means time by itself: every day and hour has one, while articles and the
 * like only lead to it. A rule for a time that is said otherwise has its class here. */
static bool says_time(const Text *text, guint index)
{
    return token_at(text, index)->kind == TOKEN_NUMBER || may_be_compound(text, index) ||
           lex_any(text, index, LEX_WEEKDAY, LEX_ORDINAL, NULL, NULL) > 0 ||
           lex_at(text, index, LEX_AFTER, NULL) > 0 || /* "quella dopo" */
           lex_any(text, index, LEX_ONWARD, LEX_QUARTER_BEFORE, NULL, NULL) > 0;
}

/* Does a token say time at `index` or right after it? `next` is where one did when it was asked
 * before, and only moves on. */
static bool is_time_near(const Text *text, guint index, guint *next)
{
    *next = MAX(*next, index);
    while (*next < text_count(text) && *next < index + TIME_WITHIN && !says_time(text, *next))
        ++*next;
    return *next < index + TIME_WITHIN;
}

/* Most words begin nothing that speaks of time. */
static bool may_be_time(const Text *text, guint index)
{
    return lex_may_begin(text, index, LEX_LEAD, LEX_QUARTER_BEFORE) ||
           token_at(text, index)->kind != TOKEN_WORD || may_be_compound(text, index);
}

static bool may_be_piece(const Text *text, guint index)
{
    const Token *token = token_at(text, index);
    if (token->kind == TOKEN_WORD && token->phrase == 0)
        return may_be_compound(text, index);
    return may_be_time(text, index) || lex_may_begin(text, index, LEX_AND, LEX_BOOKED) ||
           lex_may_begin(text, index, LEX_MEETING, LEX_MEETING) ||
           lex_may_begin(text, index, LEX_SALUTATION, LEX_SALUTATION);
}

static guint piece_at(const Scan *scan, const GArray *moments, guint index, bool after_day,
                      guint *next_time, Moment *moment)
{
    bool may_be = may_be_time(scan->text, index) && is_time_near(scan->text, index, next_time);
    guint n = may_be ? time_at(scan, moments, index, after_day, moment) : 0;
    if (n == 0)
        n = moment_cue_at(scan->text, index, after_day, moment);
    if (n == 0)
        n = moment_part_at(scan, index, moment);
    if (n == 0)
        n = join_at(scan->text, index, moment);
    return n;
}

/* "9.30 - 10.30 e 11.30 - 12.30" */
static bool joins_hours(const GArray *moments)
{
    const Moment *joint = moment_back(moments, 1), *hour = moment_back(moments, 2);
    return joint && hour && joint->kind == MOMENT_JOIN && hour->kind == MOMENT_HOUR &&
           hour->hour == HOUR_RANGE;
}

/* "martedì 26 o giovedì": that of the same week; perhaps the next one. */
static void follow_dated_day(const GArray *moments, Moment *moment)
{
    if (moment->kind != MOMENT_DAY || !moment->only_weekday || moment->other != NO_DAY)
        return;
    for (guint back = 1; back <= LISTED_MOMENTS; back++) {
        const Moment *day = moment_back(moments, back);
        bool is_alternative = day && day->kind == MOMENT_BUT && day->cue_value == 2;
        if (!day || day->kind >= MOMENT_SENTENCE || (day->kind == MOMENT_BUT && !is_alternative))
            return;
        if (day->kind != MOMENT_DAY && day->kind != MOMENT_RANGE)
            continue;
        bool is_dated = day->kind == MOMENT_DAY && day->has_number && day->day != NO_DAY &&
                        !day->is_past && !day->refers && day->day > moment->day;
        Day same_week = is_dated ? day_monday(day->day) + moment->weekday - 1 : NO_DAY;
        if (!is_dated || same_week <= day->day)
            return;
        moment->day = same_week;
        moment->ambiguous = true;
        return;
    }
}

/* "domani è sabato": says what day it is. */
static void say_what_day_is(const Text *text, const GArray *moments, Moment *moment)
{
    Moment *before = moments->len > 0 ? &g_array_index(moments, Moment, moments->len - 1) : NULL;
    if (!before || before->kind != MOMENT_DAY || moment->kind != MOMENT_DAY ||
        before->until >= moment->from || moment->from > before->until + 2 ||
        !is_copula(text, before->until))
        return;
    before->is_past = moment->is_past = true;
}

GArray *moments_scan(const Scan *given)
{
    GArray *moments = g_array_new(FALSE, FALSE, sizeof(Moment));
    Scan own = *given;
    const Scan *scan = &own;
    guint next_time = 0;
    for (guint i = 0; i < text_count(scan->text); i++) {
        const Token *token = token_at(scan->text, i);
        Moment moment;
        if (!may_be_piece(scan->text, i) || !token_is_wish(token))
            continue;
        guint greeting = lex_at(scan->text, i, LEX_SALUTATION, NULL);
        if (greeting > 0) { /* "Guten Morgen" */
            i += greeting - 1;
            continue;
        }
        if (moment_break_at(scan->text, i, &moment)) {
            g_array_append_val(moments, moment);
            continue;
        }
        if (is_stroke(scan->text, moments, i)) {
            moment = moment_of_day(NO_DAY);
            moment.kind = MOMENT_JOIN;
            moment.cue = LEX_OR;
            moment.from = i;
            moment.until = i + 1;
            g_array_append_val(moments, moment);
            continue;
        }
        if (token->taken || token->kind == TOKEN_SIGN)
            continue;
        const Moment *last =
            moments->len > 0 ? &g_array_index(moments, Moment, moments->len - 1) : NULL;
        bool after_day =
            last && last->until + 1 >= i &&
            (last->kind == MOMENT_DAY || last->kind == MOMENT_PART || last->kind == MOMENT_HOUR ||
             (last->kind == MOMENT_COMMA && moments->len > 1) || joins_hours(moments));
        guint n = piece_at(scan, moments, i, after_day, &next_time, &moment);
        if (n == 0)
            continue;
        say_what_day_is(scan->text, moments, &moment);
        follow_dated_day(moments, &moment);
        bool is_named = moment.kind == MOMENT_DAY || moment.is_week;
        if (is_named && moment.day != NO_DAY && !moment.is_past)
            own.anchor = moment.day;
        g_array_append_val(moments, moment);
        i += n - 1;
    }
    return moments;
}
