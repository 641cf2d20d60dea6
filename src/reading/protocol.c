/* protocol.c - protocol numbers with their year or date. */
#include "reading/internal.h"

#define NUMBER_TOKENS 16
#define FILLERS_MOST 4
#define DIGITS_LEAST 3 /* of a number that nothing else marks as one */

typedef struct {
    guint from, until; /* of the number without its year */
    guint end;         /* past the year too */
    gint year;         /* 0: not said */
} ProtocolNumber;

static bool is_part(const Token *token)
{
    return token->kind == TOKEN_WORD || token->kind == TOKEN_NUMBER ||
           (token->kind == TOKEN_SIGN &&
            (token->value == '/' || token->value == '_' || token->value == '-'));
}

static guint digits_of(const Token *token)
{
    return token->kind == TOKEN_NUMBER ? token->end - token->start : 0;
}

/* "12.345": stops between thousands; tokens after the first. */
static guint thousands_at(const Text *text, guint index)
{
    guint at = index;
    if (digits_of(token_at(text, at)) == 0 || digits_of(token_at(text, at)) > 3)
        return 0;
    while (token_is_sign(text, at + 1, '.') && token_glued(text, at + 1) &&
           digits_of(token_at(text, at + 2)) == 3 && token_glued(text, at + 2))
        at += 2;
    return at - index;
}

/* "2026/0041233": the year before its number. */
static bool year_first_at(const Text *text, guint index, ProtocolNumber *number)
{
    const Token *year = token_at(text, index), *second = token_at(text, index + 2);
    bool has_pair = digits_of(year) == 4 && token_is_sign(text, index + 1, '/') &&
                    token_glued(text, index + 1) && digits_of(second) > 0 && !second->gap;
    if (!has_pair || full_year(year->value, 4) < 1990 ||
        (digits_of(second) == 4 && full_year(second->value, 4)) || digits_of(second) < 3 ||
        (token_glued(text, index + 3) && token_is_sign(text, index + 3, '/')))
        return false;
    *number = (ProtocolNumber){index + 2, index + 3, index + 3, (gint)year->value};
    return true;
}

/* "REP_PROV_VR/VR-SUPRO/0012345", "0045123", "12345/A", "12.345/2026": the number as written. */
static bool number_at(const Text *text, guint index, ProtocolNumber *number)
{
    gint year, month, day;
    if (year_first_at(text, index, number))
        return true;
    if (date_at(text, index, &year, &month, &day) == 5)
        return false; /* "protocollo del 05/10/2026" */
    guint at = index;
    bool has_digits = false;
    *number = (ProtocolNumber){.from = index};
    for (; at < text_count(text) && at - index <= NUMBER_TOKENS; at++) {
        const Token *token = token_at(text, at);
        if (token_ends_line(token) || (at > index && token->gap) || !is_part(token))
            break;
        bool is_year = has_digits && digits_of(token) > 0 && token_is_sign(text, at - 1, '/');
        gint found = is_year ? full_year(token->value, digits_of(token)) : 0;
        bool goes_on = token_glued(text, at + 1) && is_part(token_at(text, at + 1));
        if (found > 0 && !goes_on) {
            number->year = found;
            number->until = at - 1;
        }
        has_digits |= token->kind == TOKEN_NUMBER;
        at += thousands_at(text, at);
    }
    while (at > index && token_at(text, at - 1)->kind == TOKEN_SIGN)
        at--;
    if (number->until == 0 || number->until > at)
        number->until = at;
    number->end = at;
    return has_digits;
}

/* "5544 del 2 settembre": what was registered is past, so its year is known. */
static gint past_year(const Reading *reading, gint month, gint day)
{
    gint year, this_month, this_day;
    day_to_date(reading->today, &year, &this_month, &this_day);
    bool is_ahead = month > this_month || (month == this_month && day > this_day);
    return is_ahead ? year - 1 : year;
}

/* "05/10/2026", "2 settembre u.s.": tokens taken, 0 when there is no date. */
static guint day_at(const Reading *reading, const Text *text, guint index, Day *day)
{
    gint year, month, date;
    guint n = date_at(text, index, &year, &month, &date);
    if (n == 0)
        return 0;
    if (year == 0)
        year = past_year(reading, month, date);
    if (!day_is_valid(year, month, date))
        return 0;
    *day = day_from_date(year, month, date);
    return n;
}

/* "del", "in data", "il": tokens before a date. */
static guint skip_of(const Text *text, guint index)
{
    guint of = lex_at(text, index, LEX_OF, NULL);
    of = MAX(of, lex_at(text, index, LEX_ARTICLE, NULL));
    if (of == 0 && token_is(text, index, "dell"))
        of = 1;
    if (of > 0 && token_is_sign(text, index + of, '\'')) /* "dell'8 gennaio" */
        of++;
    if (token_is(text, index + of, "data"))
        of++;
    return of;
}

/* "del 05/10/2026", "in data 5 ottobre 2026": tokens taken, 0 when there is no date. */
static guint date_after(const Reading *reading, const Text *text, guint index, Day *day)
{
    guint at = index;
    if (token_is_sign(text, at, ',') || token_is_sign(text, at, '-'))
        at++;
    at += lex_at(text, at, LEX_DOCUMENT, NULL); /* "presentata il" */
    guint of = skip_of(text, at);
    gint year, month, date;
    guint n = date_at(text, at + of, &year, &month, &date);
    if (n == 0 || (year == 0 && of == 0))
        return 0;
    n = day_at(reading, text, at + of, day);
    return n > 0 ? at + of + n - index : 0;
}

/* "in data 05/10/2026, prot. 31877"; in "SCIA n. 77 del 03/02/2026, prot. 8811" it is the
 * practice's.
 */
static bool is_own_date(const Text *text, guint at, bool is_apart)
{
    if (at == 0)
        return !is_apart;
    if (token_is(text, at - 1, "data"))
        return true;
    bool is_letter =
        at > 1 && (token_is(text, at - 2, "schreiben") || token_is(text, at - 2, "letter") ||
                   token_is(text, at - 2, "mitteilung"));
    if (is_letter)
        return true; /* "Ihr Schreiben vom 05.10.2026, Prot. Nr. 31877" */
    bool has_of = lex_at(text, at - 1, LEX_OF, NULL) > 0 || lex_at(text, at - 1, LEX_ARTICLE, NULL);
    return !is_apart && !(has_of && at > 1 && token_at(text, at - 2)->kind == TOKEN_NUMBER);
}

/* "del 05/10/2026 prot. 31877": a date that ends right before. */
static bool date_before(const Text *text, guint index, Day *day)
{
    for (guint back = 3; back <= 6 && back <= index; back++) {
        gint year, month, date;
        guint n = date_at(text, index - back, &year, &month, &date);
        guint end = index - back + n;
        bool reaches =
            n > 0 && year > 0 &&
            (end == index || (end + 1 == index && !token_ends_line(token_at(text, end))));
        if (!reaches)
            continue;
        *day = day_from_date(year, month, date);
        return is_own_date(text, index - back, end < index);
    }
    return false;
}

/* "il protocollo 3 settimane fa", "del protocollo 045 5550134": a number that nothing marks as one
 * must look like it. */
static bool is_plausible(const Text *text, const ProtocolNumber *number)
{
    const Token *next = token_at(text, number->end), *first = token_at(text, number->from);
    bool is_single = number->end == number->from + 1;
    if (number->year > 0 || !is_single)
        return true;
    bool is_year = digits_of(first) == 4 && full_year(first->value, 4) > 0;
    return digits_of(first) >= DIGITS_LEAST && !is_year && next->kind != TOKEN_NUMBER &&
           !(next->kind == TOKEN_SIGN && !next->gap && (next->value == ':' || next->value == '%'));
}

static void propose(Reading *reading, Text *text, Value *list, guint from, guint until,
                    const ProtocolNumber *number, const Day *day)
{
    gint date_year = 0, month, date;
    if (day)
        day_to_date(*day, &date_year, &month, &date);
    Value *protocol = proposal_new(reading, list, text, from, until, CERTAIN, "protocol.number");
    value_set_text(protocol, "number", proposal_raw(reading, text, number->from, number->until));
    if (number->year || date_year)
        value_set_integer(protocol, "year", number->year ? number->year : date_year);
    if (day) {
        g_autofree char *written = day_format(*day);
        value_set_copy(protocol, "date", written);
    }
    text_take(text, from, until);
}

static guint skip_fillers(const Text *text, guint index)
{
    static const char *const words[] = {
        "con",      "al",       "in",      "arrivo", "entrata", "ingresso", "uscita", "partenza",
        "generale", "comunale", "interno", "ente",   "nostro",  "vostro",   "il",     "numero",
        "sotto",    "comune",   "codesto", "suap",   "pec",     NULL};
    guint at = skip_stops(text, index);
    for (guint skipped = 0; skipped < FILLERS_MOST; skipped++) {
        bool is_of_comune =
            (token_is(text, at, "del") || token_is(text, at, "di") || token_is(text, at, "dell")) &&
            (token_is(text, at + 1, "comune") || token_is(text, at + 1, "codesto") ||
             token_is(text, at + 1, "vostro") || token_is(text, at + 2, "ente"));
        if (is_of_comune)
            at += token_is_sign(text, at + 1, '\'') ? 2 : 1;
        guint i = 0;
        while (words[i] && !token_is(text, at, words[i]))
            i++;
        if (!words[i])
            break;
        at = skip_stops(text, at + 1);
    }
    return at;
}

/* "in data 12/03/2026 con n. 9911": the date before the number; where it ends, 0 when there is
 * none.
 */
static guint read_date_first(Reading *reading, Text *text, Value *list, guint index, guint after)
{
    Day day = 0;
    guint at = skip_stops(text, after);
    guint in_data = token_is(text, at, "in") && token_is(text, at + 1, "data") ? 2 : 0;
    guint of = in_data ? in_data : skip_of(text, at);
    guint n = day_at(reading, text, at + of, &day);
    if (n == 0)
        return 0;
    at += of + n;
    at += token_is_sign(text, at, ',') ? 1 : 0;
    at = skip_fillers(text, at);
    guint sign = number_sign_at(text, at);
    ProtocolNumber number;
    if (sign == 0 || !number_at(text, at + sign, &number))
        return 0;
    propose(reading, text, list, index, number.end, &number, &day);
    return number.end;
}

/* "nn. 1001/2026 e 1002/2026": further numbers with their years. */
static guint more_numbers(Reading *reading, Text *text, Value *list, guint index)
{
    guint until = index;
    while (value_length(list) < PROPOSALS_MOST) {
        guint at = until;
        if (!token_is_sign(text, at, ',') && lex_at(text, at, LEX_AND, NULL) != 1)
            break;
        at++;
        at += number_sign_at(text, at);
        ProtocolNumber number;
        bool is_number = token_at(text, at)->kind == TOKEN_NUMBER && !token_at(text, at)->taken &&
                         number_at(text, at, &number) && number.year > 0;
        if (!is_number)
            break;
        propose(reading, text, list, at, number.end, &number, NULL);
        until = number.end;
    }
    return until;
}

static guint read_one(Reading *reading, Text *text, Value *list, guint index, guint after)
{
    guint until = read_date_first(reading, text, list, index, after);
    if (until > 0)
        return until;
    guint at = skip_fillers(text, after);
    guint sign = number_sign_at(text, at);
    at = skip_stops(text, at + sign);
    ProtocolNumber number;
    if (!number_at(text, at, &number))
        return 0;
    Day day = G_MININT32;
    guint dated = date_after(reading, text, number.end, &day);
    bool has_date = dated > 0 || date_before(text, index, &day);
    if (sign == 0 && !has_date && !is_plausible(text, &number))
        return 0;
    propose(reading, text, list, index, number.end + dated, &number, has_date ? &day : NULL);
    return more_numbers(reading, text, list, number.end + dated);
}

/* "registrata al n. 3312 di protocollo del 15/06/2026": the number before the word; where it ends,
 * 0 when there is none. */
static guint read_number_first(Reading *reading, Text *text, Value *list, guint index, guint after)
{
    bool is_of =
        index >= 3 && (token_is(text, index - 1, "di") || token_is(text, index - 1, "del"));
    if (!is_of || digits_of(token_at(text, index - 2)) == 0)
        return 0;
    guint from = index - 3;
    while (from > 0 && token_at(text, from)->kind == TOKEN_SIGN && from + 5 > index)
        from--;
    if (from + number_sign_at(text, from) != index - 2 || token_at(text, from)->taken)
        return 0;
    ProtocolNumber number = {index - 2, index - 1, index - 1, 0};
    Day day = G_MININT32;
    guint dated = date_after(reading, text, after, &day);
    propose(reading, text, list, from, after + dated, &number, dated > 0 ? &day : NULL);
    return after + dated;
}

static void read_text(Reading *reading, Text *text, Value *list)
{
    for (guint i = 0; lex_next(text, &i, text_count(text), LEX_SET(LEX_PROTOCOL)) &&
                      value_length(list) < PROPOSALS_MOST;
         i++) {
        if (!token_is_read(token_at(text, i)))
            continue;
        guint n = lex_at(text, i, LEX_PROTOCOL, NULL);
        guint until = n > 0 ? read_one(reading, text, list, i, i + n) : 0;
        if (n > 0 && until == 0)
            until = read_number_first(reading, text, list, i, i + n);
        if (until > 0)
            i = until - 1;
    }
}

void protocols_read(Reading *reading, Value *list)
{
    read_text(reading, reading->body, list);
    if (value_length(list) == 0 && kind_is_human(reading->kind))
        read_text(reading, reading->subject, list);
}
