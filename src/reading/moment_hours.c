/* moment_hours.c - hours as people write them: "verso le 10", "9,30", "dalle 9 alle 11", "halb
 * zehn", "3 pm". */
#include "reading/moments.h"

#include <string.h>

#define OFFICE_NIGHT_MINUTE (7 * 60) /* an hour before is meant after noon: "alle 3" */
#define NOON_MINUTE (12 * 60)

typedef struct {
    guint until;
    gint minute;
    bool has_minutes; /* "10:30", "10.30", "10h" */
    bool has_word;    /* "Uhr", "pm" */
    bool is_fixed;    /* am or pm was said */
    bool ambiguous;   /* "half nine" */
} Clock;

/* Phrases before hours come with value 0 (hours), 1 (days) or 2 (both). */
#define FOR_DAYS_ONLY 1

static guint before_hours(const Text *text, guint index, LexClass kind)
{
    gint use = 0;
    guint n = lex_at(text, index, kind, &use);
    return use == FOR_DAYS_ONLY ? 0 : n;
}

/* Past the full stop of "ca.", "zw.", "u." */
static guint past_stop(const Text *text, guint index)
{
    return index + (token_is_sign(text, index, '.') && token_glued(text, index) &&
                            token_at(text, index + 1)->gap
                        ? 1
                        : 0);
}

/* ":30", ".30", ",30", "h30" after an hour. */
static guint minutes_at(const Text *text, guint index, gint *minutes)
{
    const Token *sign = token_at(text, index), *number = token_at(text, index + 1);
    bool is_h = sign->kind == TOKEN_WORD && sign->fold_length == 1 && token_is(text, index, "h") &&
                !sign->gap;
    bool is_sign = sign->kind == TOKEN_SIGN && sign->value < 0x80 &&
                   strchr(":.,", (gint)sign->value) && !sign->gap;
    bool has_number = token_digits(number) == 2 && !number->gap && number->value < 60;
    if ((is_h || is_sign) && has_number &&
        !(token_is_sign(text, index + 2, sign->value) &&
          token_digits(token_at(text, index + 3)) > 0 && sign->value != ':')) {
        *minutes = (gint)number->value;
        guint seconds = sign->value == ':' && token_is_sign(text, index + 2, ':') &&
                                token_digits(token_at(text, index + 3)) == 2
                            ? 2
                            : 0;
        return 2 + seconds;
    }
    *minutes = 0;
    return is_h ? 1 : 0;
}

/* ":75" after an hour: no time at all. */
static bool is_broken_minutes(const Text *text, guint index)
{
    return (token_is_sign(text, index, ':') || token_is_sign(text, index, '.')) &&
           token_glued(text, index) && token_digits(token_at(text, index + 1)) > 0 &&
           token_glued(text, index + 1);
}

/* Words after an hour: "e mezza", "Uhr 30", "pm", "circa". */
static void read_after(const Text *text, Clock *clock)
{
    gint minutes = 0;
    guint n = lex_at(text, clock->until, LEX_QUARTER, &minutes);
    if (n > 0 && !clock->has_minutes) {
        clock->minute += minutes;
        clock->until += n;
        clock->has_minutes = true;
    }
    const Token *spoken = token_at(text, clock->until + 1); /* "15 e 30" */
    bool is_spoken = !clock->has_minutes && lex_at(text, clock->until, LEX_AND, NULL) == 1 &&
                     token_digits(spoken) == 2 && (spoken->value == 15 || spoken->value >= 30) &&
                     spoken->value < 60 && spoken->value % 5 == 0;
    if (is_spoken) {
        clock->minute += (gint)spoken->value;
        clock->until += 2;
        clock->has_minutes = true;
    }
    n = lex_at(text, clock->until, LEX_OCLOCK, NULL);
    if (n > 0) {
        clock->has_word = true;
        clock->until += n;
        const Token *after = token_at(text, clock->until);
        if (token_digits(after) == 2 && after->value < 60 && !clock->has_minutes &&
            !token_ends_line(after)) {
            clock->minute += (gint)after->value;
            clock->until++;
        }
    }
    n = lex_at(text, clock->until, LEX_PM, NULL);
    if (n > 0) {
        clock->minute += clock->minute < NOON_MINUTE ? NOON_MINUTE : 0;
    } else {
        n = lex_at(text, clock->until, LEX_AM, NULL);
    }
    if (n > 0) {
        clock->is_fixed = clock->has_word = true;
        clock->until += n;
    }
}

/* "halb zehn", "viertel vor zehn", "half past nine", "fünf vor halb elf" */
static bool clock_before(const Text *text, guint index, Clock *clock)
{
    gint minutes = 0;
    guint n = lex_at(text, index, LEX_QUARTER_BEFORE, &minutes);
    bool ambiguous = minutes > QUESTIONED / 2;
    minutes -= ambiguous ? QUESTIONED : 0;
    guint half = lex_at(text, index + n, LEX_HALF_BEFORE, NULL);
    minutes -= half > 0 ? 30 : 0;
    n += half;
    if (n == 0)
        return false;
    const Token *token = token_at(text, index + n);
    gint hour = (gint)token->value;
    bool is_number = token_digits(token) > 0 && token_digits(token) <= 2;
    if (!is_number && lex_at(text, index + n, LEX_COUNT, &hour) != 1)
        return false;
    if (hour < 1 || hour > 24)
        return false;
    *clock = (Clock){.until = index + n + 1,
                     .minute = hour * 60 + minutes,
                     .has_minutes = true,
                     .has_word = true,
                     .ambiguous = ambiguous};
    return true;
}

/* "verso una soluzione", "um ein Gespräch": one is an hour only in "l'una", "eins", "ein Uhr", "one
 * o'clock". */
static bool is_article_of_one(const Text *text, guint index, const Clock *clock)
{
    const Token *token = token_at(text, index);
    gint number = 0;
    if (token->kind != TOKEN_WORD || lex_at(text, index, LEX_COUNT, &number) != 1 || number != 1)
        return false;
    bool is_said = clock->has_word || token_is(text, index, "eins") ||
                   (index > 0 && token_is_sign(text, index - 1, '\''));
    return !is_said;
}

/* An hour in figures or words. */
static bool clock_at(const Text *text, guint index, Clock *clock)
{
    if (token_is_sign(text, index, '\''))
        index++; /* all'una */
    if (clock_before(text, index, clock)) {
        read_after(text, clock);
    } else {
        const Token *token = token_at(text, index);
        gint hour = (gint)token->value, minutes = 0;
        guint noon = lex_at(text, index, LEX_NOON, &hour);
        bool is_number = token_digits(token) > 0 && token_digits(token) <= 2 &&
                         token->value <= 24 && !token->taken;
        if (!is_number && noon == 0 && (lex_at(text, index, LEX_COUNT, &hour) != 1 || hour > 24))
            return false;
        *clock = (Clock){.until = index + MAX(noon, 1), .minute = hour * 60, .has_word = noon > 0};
        guint n = is_number ? minutes_at(text, clock->until, &minutes) : 0;
        if (is_number && n == 0 && is_broken_minutes(text, clock->until))
            return false;
        clock->has_minutes = n > 0;
        clock->minute += minutes;
        clock->until += n;
        if (clock->minute > 24 * 60)
            return false;
        read_after(text, clock);
    }
    if (is_article_of_one(text, index, clock))
        return false;
    if (!clock->is_fixed && clock->minute < OFFICE_NIGHT_MINUTE && clock->minute >= 60)
        clock->minute += NOON_MINUTE;
    return clock->minute >= 0 && clock->minute <= 24 * 60;
}

/* After "le" and the like, a noun makes it a count: "le 3 tavole"; what may follow an hour does
 * not. */
static bool noun_follows(const Text *text, guint index)
{
    const Token *token = token_at(text, index);
    bool is_german = text_languages(text, index) == LANGUAGE_DE; /* nouns are capitals there */
    if (token->kind != TOKEN_WORD || (token->upper && !is_german))
        return false;
    return lex_languages(text, index) == 0 &&
           lex_any(text, index, LEX_TIMED, LEX_BOOKED, NULL, NULL) == 0;
}

/* Something that counts or measures follows: "dopo 10 giorni", "le 3 tavole", "26/11", "18%". */
static bool is_no_hour(const Text *text, const Clock *clock, guint index)
{
    const Token *after = token_at(text, clock->until);
    if (clock->has_minutes || clock->has_word)
        return false;
    if (after->kind == TOKEN_SIGN && !after->gap && after->value < 0x80 &&
        strchr("/%-", (gint)after->value) && token_digits(token_at(text, clock->until + 1)) > 2)
        return true;
    if (after->kind == TOKEN_SIGN && !after->gap &&
        (after->value == '%' || after->value == '/' || after->value == 0x20ac))
        return true;
    if (lex_at(text, clock->until, LEX_DAYS, NULL) || lex_at(text, clock->until, LEX_WEEK, NULL) ||
        lex_at(text, clock->until, LEX_MINUTES, NULL) ||
        lex_at(text, clock->until, LEX_MONTH_WORD, NULL) ||
        lex_at(text, clock->until, LEX_MONTH, NULL))
        return true;
    bool is_word = token_at(text, index)->kind == TOKEN_WORD;
    return is_word ? noun_follows(text, clock->until) : token_is(text, clock->until, "metri");
}

static void set_hour(Moment *moment, guint index, const Clock *from, const Clock *until,
                     HourKind kind)
{
    moment->kind = MOMENT_HOUR;
    moment->from = index;
    moment->hour = kind;
    moment->from_minute = from ? from->minute : -1;
    moment->until_minute = until ? until->minute : -1;
    moment->until = MAX(from ? from->until : 0, until ? until->until : 0);
    moment->ambiguous = (from && from->ambiguous) || (until && until->ambiguous);
    if (from && until && moment->until_minute <= moment->from_minute &&
        moment->until_minute + NOON_MINUTE <= 24 * 60 &&
        moment->until_minute + NOON_MINUTE > moment->from_minute)
        moment->until_minute += NOON_MINUTE;
    if (from && until && moment->until_minute <= moment->from_minute)
        moment->until_minute = -1;
}

/* The end of a range after its beginning: "alle 11", "- 12.30", "und 11 Uhr". */
static bool range_end(const Text *text, guint index, bool between, Clock *end)
{
    guint at = index;
    guint n = before_hours(text, at, LEX_TO);
    if (n == 0 && between)
        n = lex_at(text, at, LEX_AND, NULL);
    if (n == 0 && (token_is_sign(text, at, '-') || token_is_sign(text, at, '/')))
        n = 1;
    if (n == 0)
        return false;
    at = past_stop(text, at + n);
    at += lex_at(text, at, LEX_CLOCK, NULL);
    return clock_at(text, at, end) && !is_no_hour(text, end, at);
}

/* "dalle 9 alle 11", "tra le 9 e le 11", "dalle 15 in poi", "ab 15 Uhr" */
static guint range_at(const Text *text, guint index, Moment *moment)
{
    guint from = before_hours(text, index, LEX_FROM),
          between = before_hours(text, index, LEX_BETWEEN);
    guint n = MAX(from, between);
    if (n == 0)
        return 0;
    guint at = past_stop(text, index + n);
    at += lex_at(text, at, LEX_CLOCK, NULL);
    Clock begin, end;
    if (!clock_at(text, at, &begin) || is_no_hour(text, &begin, at))
        return 0;
    if (range_end(text, begin.until, between > 0, &end)) {
        set_hour(moment, index, &begin, &end, HOUR_RANGE);
        return moment->until - index;
    }
    gint use = 0;
    lex_at(text, index, LEX_FROM, &use);
    bool is_said = begin.has_minutes || begin.has_word || use == 0 ||
                   lex_at(text, begin.until, LEX_ONWARD, NULL) > 0;
    if (between > 0 || !is_said)
        return 0;
    begin.until += lex_at(text, begin.until, LEX_ONWARD, NULL);
    set_hour(moment, index, &begin, NULL, HOUR_AFTER);
    return moment->until - index;
}

/* "dopo le 15.30", "entro le 12", "verso le 10" */
static guint bound_at(const Text *text, guint index, Moment *moment)
{
    static const LexClass classes[] = {LEX_AFTER, LEX_BEFORE, LEX_UNTIL_BY, LEX_ABOUT};
    for (guint i = 0; i < G_N_ELEMENTS(classes); i++) {
        gint use = 0;
        guint n = lex_at(text, index, classes[i], &use);
        if (n == 0 || use == FOR_DAYS_ONLY)
            continue;
        guint at = past_stop(text, index + n);
        guint clock_words = lex_at(text, at, LEX_CLOCK, NULL);
        Clock clock;
        if (!clock_at(text, at + clock_words, &clock) || is_no_hour(text, &clock, at + clock_words))
            continue;
        bool is_said = use == 0 || clock_words > 0 || clock.has_minutes || clock.has_word;
        if (!is_said &&
            (noun_follows(text, clock.until) ||
             (token_at(text, at)->kind != TOKEN_NUMBER && text_languages(text, at) == LANGUAGE_IT)))
            continue;
        bool after = classes[i] == LEX_AFTER, about = classes[i] == LEX_ABOUT;
        Clock end;
        if (about && range_end(text, clock.until, false, &end)) {
            set_hour(moment, index, &clock, &end, HOUR_RANGE); /* "verso le 10-11" */
        } else {
            set_hour(moment, index, after || about ? &clock : NULL, after || about ? NULL : &clock,
                     about   ? HOUR_AT
                     : after ? HOUR_AFTER
                             : HOUR_BEFORE);
        }
        moment->approx = about;
        return moment->until - index;
    }
    return 0;
}

/* "alle 10", "ore 9,30 - 11", "le 10", "um halb zehn" */
static guint exact_at(const Text *text, guint index, Moment *moment)
{
    guint n = lex_at(text, index, LEX_CLOCK, NULL);
    if (n == 0)
        return 0;
    Clock clock, end;
    guint at = index + n;
    if (token_is_sign(text, at, '.') || token_is_sign(text, at, ':'))
        at++;
    guint about = lex_at(text, at, LEX_ABOUT_AFTER, NULL);
    at += about;
    if (!clock_at(text, at, &clock) || is_no_hour(text, &clock, at))
        return 0;
    bool is_article = token_is(text, index, "le") || token_is(text, index, "l") ||
                      token_is(text, index, "all") || token_is(text, index, "delle");
    bool is_said = clock.has_minutes || clock.has_word;
    bool is_word = token_at(text, at)->kind == TOKEN_WORD || token_is_sign(text, at, '\'');
    if (is_article && !is_said && noun_follows(text, clock.until))
        return 0;
    if ((token_is(text, index, "l") || token_is(text, index, "all")) &&
        !(is_word && clock.minute % NOON_MINUTE == 60))
        return 0; /* only "l'una" */
    if (!is_article && !is_said && is_word && noun_follows(text, clock.until))
        return 0; /* "alle due tavole" */
    if (range_end(text, clock.until, false, &end) &&
        !(is_article && token_is_sign(text, clock.until, '/')))
        set_hour(moment, index, &clock, &end, HOUR_RANGE);
    else
        set_hour(moment, index, &clock, NULL, HOUR_AT);
    moment->approx = about > 0;
    return moment->until - index;
}

/* "9-11 on Thursday" */
static bool before_weekday(const Text *text, guint index)
{
    guint at = index;
    at += MAX(lex_at(text, at, LEX_ARTICLE, NULL), lex_at(text, at, LEX_OF, NULL));
    return lex_at(text, at, LEX_WEEKDAY, NULL) > 0;
}

/* Without a word before: "10:30", "15.30" beside a day, "9-12" and "9.00/11.00" beside a day. */
static guint naked_at(const Text *text, guint index, bool after_day, Moment *moment)
{
    Clock clock, end;
    if (token_at(text, index)->kind != TOKEN_NUMBER && !clock_before(text, index, &clock) &&
        lex_at(text, index, LEX_NOON, NULL) == 0)
        return 0;
    if (!clock_at(text, index, &clock))
        return 0;
    bool has_colon = token_is_sign(text, index + 1, ':') && clock.has_minutes;
    bool is_about = after_day && token_glued(text, clock.until) &&
                    lex_at(text, clock.until, LEX_ABOUT_AFTER, NULL) > 0; /* "10ish" */
    bool is_said = has_colon || clock.has_word || is_about ||
                   (clock.has_minutes && (after_day || before_weekday(text, clock.until)));
    bool is_range = range_end(text, clock.until, false, &end);
    if (is_range &&
        (is_said ||
         ((after_day || before_weekday(text, end.until)) && end.minute > clock.minute)) &&
        !(token_is_sign(text, clock.until, '/') && !clock.has_minutes)) {
        set_hour(moment, index, &clock, &end, HOUR_RANGE);
        return moment->until - index;
    }
    if (!is_said || is_no_hour(text, &clock, index))
        return 0;
    set_hour(moment, index, &clock, NULL, HOUR_AT);
    return moment->until - index;
}

guint moment_listed_hour_at(const Scan *scan, guint index, Moment *moment)
{
    const Text *text = scan->text;
    Clock clock;
    if (token_at(text, index)->kind != TOKEN_NUMBER || !clock_at(text, index, &clock) ||
        is_no_hour(text, &clock, index) || noun_follows(text, clock.until) ||
        token_at(text, index)->value < OFFICE_NIGHT_MINUTE / 60)
        return 0;
    *moment = (Moment){.day = NO_DAY, .last = NO_DAY, .other = NO_DAY};
    set_hour(moment, index, &clock, NULL, HOUR_AT);
    return moment->until - index;
}

guint moment_hour_at(const Scan *scan, guint index, bool after_day, Moment *moment)
{
    const Text *text = scan->text;
    *moment = (Moment){.day = NO_DAY, .last = NO_DAY, .other = NO_DAY};
    guint n = range_at(text, index, moment);
    if (n == 0)
        n = bound_at(text, index, moment);
    if (n == 0)
        n = exact_at(text, index, moment);
    if (n == 0)
        n = naked_at(text, index, after_day, moment);
    if (n == 0)
        return 0;
    guint onward = moment->hour == HOUR_AT ? lex_at(text, index + n, LEX_ONWARD, NULL) : 0;
    if (onward > 0)
        moment->hour = HOUR_AFTER;
    guint about = lex_at(text, index + n + onward, LEX_ABOUT_AFTER, NULL);
    moment->approx |= about > 0;
    moment->until += onward + about;
    return n + onward + about;
}

guint moment_part_at(const Scan *scan, guint index, Moment *moment)
{
    gint part = PART_NONE;
    guint n = lex_at(scan->text, index, LEX_PART, &part);
    *moment = (Moment){.kind = MOMENT_PART,
                       .from = index,
                       .until = index + n,
                       .day = NO_DAY,
                       .last = NO_DAY,
                       .other = NO_DAY,
                       .part = (DayPart)part,
                       .from_minute = -1,
                       .until_minute = -1};
    return n;
}
