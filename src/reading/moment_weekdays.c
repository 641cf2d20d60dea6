/* moment_weekdays.c - weekdays as people name them: "martedì", "gio 26", "giovedì prossimo", "il
 * primo giovedì di gennaio", "Donnerstagvormittag".
 *
 * A weekday and a date that contradict each other are two ways to understand it, both ambiguous.
 */
#include "reading/moments.h"

#include <string.h>

#define LAST_ORDINAL 5          /* "ultimo" */
#define SAME_DAY_NUMBER_DAYS 45 /* "giovedì 24": how far the 24th that is a Thursday may be */

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
        if (!moment_next_number(found + 1, (guint)date, &found))
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
    bool fits = moment_next_number(scan->today, token_at(scan->text, index)->value, &day) &&
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

static bool is_after_word(const Text *text, guint index)
{
    static const char *const words[] = {"successivo", "successiva", "seguente", "dopo",
                                        "darauf",     "danach",     "following"};
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        if (token_is(text, index, words[i]))
            return true;
    return false;
}

/* "il giovedì successivo", "martedì dopo": the first such weekday after the day that was named.
 * Not "martedì dopo le 10". Tokens. */
static guint following_at(const Scan *scan, guint index, Moment *moment)
{
    const Text *text = scan->text;
    bool is_said = is_after_word(text, index);
    const Token *after = token_at(text, index + 1);
    gint number = 0;
    bool is_bound = lex_any(text, index, LEX_AFTER, LEX_AFTER, NULL, NULL) > 1 ||
                    after->kind == TOKEN_NUMBER || lex_at(text, index + 1, LEX_COUNT, &number) ||
                    lex_at(text, index + 1, LEX_NOON, NULL) ||
                    lex_at(text, index + 1, LEX_CLOCK, NULL);
    bool is_again = token_is(text, index, "dopo") && after->kind == TOKEN_WORD &&
                    lex_languages(text, index + 1) == 0 &&
                    lex_any(text, index + 1, LEX_AND, LEX_BOOKED, NULL, NULL) == 0;
    if (!is_said || scan->anchor == NO_DAY || (token_is(text, index, "dopo") && is_bound) ||
        is_again) /* "martedì dopo pranzo" */
        return 0;
    Day next = scan->anchor + 1;
    *moment = moment_of_day(next + (moment->weekday - day_weekday(next) + 7) % 7);
    moment->weekday = day_weekday(moment->day);
    return 1;
}

/* "mar mattina", "Tue or Thu", "do 11h": what shows that two or three letters were a weekday. */
static bool is_beside_time(const Text *text, guint index)
{
    const Token *token = token_at(text, index);
    guint join = MAX(lex_at(text, index, LEX_OR, NULL), lex_at(text, index, LEX_AND, NULL));
    if (join > 0)
        return (token_at(text, index - 1)->upper ||
                text_languages(text, index) == LANGUAGE_IT) && /* "mar e gio" */
               lex_any(text, index + join, LEX_WEEKDAY, LEX_WEEKDAY_SHORT, NULL, NULL) > 0;
    if (lex_at(text, index, LEX_PART, NULL) || lex_at(text, index, LEX_CLOCK, NULL) ||
        lex_at(text, index, LEX_AM, NULL) || lex_at(text, index, LEX_PM, NULL) ||
        lex_any(text, index, LEX_AFTER, LEX_BETWEEN, NULL, NULL) > 0)
        return true;
    if (token_digits(token) == 0)
        return false;
    return (token_glued(text, index + 1) && token_digits(token_at(text, index + 2)) > 0) ||
           lex_at(text, index + 1, LEX_OCLOCK, NULL) || lex_at(text, index + 1, LEX_AM, NULL) ||
           lex_at(text, index + 1, LEX_PM, NULL);
}

/* "Thursday am", "tues p.m.": the part of a day; tokens. */
guint moment_half_of_day_at(const Text *text, guint index, Moment *moment)
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

/* "the following Tuesday", "am darauffolgenden Dienstag", "il successivo martedì" */
static bool says_following(const Text *text, guint index)
{
    static const char *const words[] = {"following",       "darauffolgenden", "darauffolgende",
                                        "darauffolgender", "successivo",      "seguente",
                                        "folgenden"};
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        if (token_is(text, index, words[i]))
            return true;
    return false;
}

/* "giovedì", "gio 26", "martedì 1 dicembre", "giovedì prossimo", "martedì della prossima settimana"
 */
guint moment_weekday_at(const Scan *scan, guint index, Moment *moment)
{
    const Text *text = scan->text;
    gint weekday = 0;
    guint next = lex_at(text, index, LEX_NEXT, NULL), is_this = lex_at(text, index, LEX_THIS, NULL),
          past = lex_at(text, index, LEX_PAST, NULL);
    guint after_next = lex_at(text, index, LEX_AFTER_NEXT, NULL); /* "übernächsten Dienstag" */
    guint at = index + MAX(MAX(next, after_next), MAX(is_this, past));
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
    number_at += moment_skip_apostrophe(text, number_at);
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
    bool is_following = says_following(text, index) ||
                        (at > index + n + 1 && says_following(text, index + 1)) ||
                        (index > 0 && says_following(text, index - 1));
    if (scan->anchor != NO_DAY && is_following) {
        *moment =
            moment_of_day(scan->anchor + 1 + (weekday - day_weekday(scan->anchor + 1) + 7) % 7);
        moment->weekday = weekday;
        return at - index;
    }
    gint weeks = 0;
    guint named = named_week_at(scan, at, moment);
    if (named > 0)
        return at + named - index;
    guint dated = is_after_word(text, at) ? apposition_at(scan, at + 1, moment) : 0;
    if (dated > 0) /* "il martedì dopo, 22 dicembre" */
        return at + 1 + dated - index;
    guint following = following_at(scan, at, moment);
    if (following > 0)
        return at + following + apposition_at(scan, at + following, moment) - index;
    guint week = moment_week_at(scan, at, &weeks);
    guint after = week == 0 ? lex_at(text, at, LEX_NEXT, NULL) : 0;
    guint past_after = week + after == 0 ? lex_at(text, at, LEX_PAST, NULL) : 0;
    resolve_weekday(scan, moment, next + after > 0, is_this > 0, week ? &weeks : NULL);
    moment->is_past |= past + past_after > 0;
    at += week + after + past_after;
    guint later = week + after == 0 ? lex_at(text, at, LEX_AFTER_NEXT, NULL) : 0;
    if (later + after_next > 0) { /* "the Tuesday after next" */
        moment->day += 7;
        moment->other = NO_DAY;
        moment->ambiguous = true;
        at += later;
    }
    at += moment_half_of_day_at(text, at, moment);
    return at + (week + after > 0 ? apposition_at(scan, at, moment) : 0) - index;
}

/* "mese", "prossimo mese", "month": tokens, and how many months later. */
static guint month_word_at(const Text *text, guint index, gint *later)
{
    guint the = token_is(text, index, "the") ? 1 : 0;
    guint next = lex_at(text, index + the, LEX_NEXT, NULL);
    guint before = next > 0 ? next : lex_at(text, index + the, LEX_THIS, NULL);
    guint word = lex_at(text, index + the + before, LEX_MONTH_WORD, NULL);
    if (word == 0)
        return 0;
    guint after = lex_at(text, index + the + before + word, LEX_NEXT, NULL);
    *later = next + after > 0 ? 1 : 0;
    return the + before + word + after;
}

/* "un martedì pomeriggio di dicembre", "il primo giovedì di gennaio" */
guint moment_weekday_of_month_at(const Scan *scan, guint index, Moment *moment)
{
    const Text *text = scan->text;
    gint ordinal = 0, weekday = 0, part = PART_NONE, month = 0;
    guint at = index + lex_at(text, index, LEX_ORDINAL, &ordinal);
    guint past = at == index ? lex_at(text, index, LEX_PAST, NULL) : 0; /* "letzter", "last" */
    ordinal = past > 0 ? LAST_ORDINAL : ordinal;
    at += past;
    guint n = lex_at(text, at, LEX_WEEKDAY, &weekday);
    Moment compound;
    if (n == 0 && moment_compound_at(scan, at, &compound) == 1) { /* "Dienstagnachmittag" */
        n = 1;
        weekday = compound.weekday;
        part = (gint)compound.part;
    }
    if (n == 0)
        return 0;
    at += n;
    at += lex_at(text, at, LEX_PART, &part);
    guint of = lex_at(text, at, LEX_OF, NULL);
    of = of == 0 && (token_is(text, at, "im") || token_is(text, at, "in")) ? 1 : of;
    guint named = of > 0 ? lex_at(text, at + of, LEX_MONTH, &month) : 0;
    Day first;
    gint later = 0;
    guint word = of > 0 && named == 0 && ordinal > 0 ? month_word_at(text, at + of, &later) : 0;
    if (word > 0) {
        first = day_month_first(scan->today, later);
        named = word;
    } else if (named == 0 || !day_complete(scan->today, month, 28, &first)) {
        return 0;
    }
    first = day_month_first(first, 0);
    Day last = day_month_last(first);
    if (ordinal == LAST_ORDINAL)
        first = last - 6;
    else if (ordinal == 0)
        first = MAX(first, scan->today);
    gint weeks = ordinal > 0 && ordinal < LAST_ORDINAL ? ordinal - 1 : 0;
    *moment = moment_of_day(first + (weekday - day_weekday(first) + 7) % 7 + 7 * weeks);
    moment->is_past = moment->day < scan->today || moment->day > last;
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
guint moment_compound_at(const Scan *scan, guint index, Moment *moment)
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
