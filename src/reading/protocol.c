/* protocol.c - protocol numbers with their year or date. */
#include "reading/internal.h"

/* "REP_PROV_VR/VR-SUPRO/0012345", "0045123", "12345/A": the number as written. `year` from "/2026",
 * else 0. */
static guint number_at(const Text *text, guint index, gint *year, guint *number_until)
{
    guint at = index;
    bool has_digits = false;
    *year = 0;
    *number_until = 0;
    for (; at < text_count(text); at++) {
        const Token *token = token_at(text, at);
        if (token_ends_line(token) || (at > index && token->gap))
            break;
        bool is_part = token->kind == TOKEN_WORD || token->kind == TOKEN_NUMBER ||
                       (token->kind == TOKEN_SIGN &&
                        (token->value == '/' || token->value == '_' || token->value == '-'));
        if (!is_part || at - index > 16)
            break;
        bool is_year =
            has_digits && token->kind == TOKEN_NUMBER && token_is_sign(text, at - 1, '/');
        gint found = is_year ? full_year(token->value, token->end - token->start) : 0;
        const Token *after = token_at(text, at + 1);
        bool goes_on =
            token_glued(text, at + 1) && (after->kind != TOKEN_SIGN || after->value == '/' ||
                                          after->value == '-' || after->value == '_');
        if (found > 0 && !goes_on) {
            *year = found;
            *number_until = at - 1;
        }
        has_digits |= token->kind == TOKEN_NUMBER;
    }
    while (at > index && token_at(text, at - 1)->kind == TOKEN_SIGN)
        at--;
    if (*number_until == 0 || *number_until > at)
        *number_until = at;
    return has_digits ? at - index : 0;
}

/* "del 05/10/2026", "in data 5 ottobre 2026": tokens taken, 0 when there is no date. */
static guint date_after(const Text *text, guint index, Day *day)
{
    guint at = index;
    if (token_is_sign(text, at, ','))
        at++;
    guint of = lex_at(text, at, LEX_OF, NULL);
    of = MAX(of, lex_at(text, at, LEX_ARTICLE, NULL));
    gint year, month, date;
    guint n = date_at(text, at + of, &year, &month, &date);
    if (n == 0 || year == 0)
        return 0;
    *day = day_from_date(year, month, date);
    return at + of + n - index;
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
        return true;
    }
    return false;
}

static guint read_one(Reading *reading, Text *text, Value *list, guint index, guint at)
{
    gint year;
    guint number_until;
    guint n = number_at(text, at, &year, &number_until);
    if (n == 0)
        return 0;
    Day day = G_MININT32;
    guint until = at + n;
    bool has_date = date_after(text, until, &day) > 0;
    guint end = until + (has_date ? date_after(text, until, &day) : 0);
    if (!has_date)
        has_date = date_before(text, index, &day);
    gint date_year = 0, month, date;
    if (has_date)
        day_to_date(day, &date_year, &month, &date);

    Value *protocol = proposal_new(reading, list, text, index, end, CERTAIN, "protocol.number");
    value_set_text(protocol, "number", proposal_raw(reading, text, at, number_until));
    if (year || date_year)
        value_set_integer(protocol, "year", year ? year : date_year);
    if (has_date) {
        g_autofree char *written = day_format(day);
        value_set_copy(protocol, "date", written);
    }
    text_take(text, index, end);
    return end;
}

static void read_text(Reading *reading, Text *text, Value *list)
{
    for (guint i = 0; i < text_count(text) && value_length(list) < PROPOSALS_MOST; i++) {
        if (!token_is_read(token_at(text, i)))
            continue;
        guint n = lex_at(text, i, LEX_PROTOCOL, NULL);
        if (n == 0)
            continue;
        guint at = skip_stops(text, i + n);
        while (token_is(text, at, "con") || token_is(text, at, "al") || token_is(text, at, "in") ||
               token_is(text, at, "arrivo"))
            at++;
        at += number_sign_at(text, at);
        at = skip_stops(text, at);
        guint until = read_one(reading, text, list, i, at);
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
