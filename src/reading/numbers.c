/* numbers.c - dates and the words before numbers, as several extractors meet them. */
#include "reading/internal.h"

gint full_year(guint32 written, guint digits)
{
    if (digits == 4 && written >= 1900 && written <= 2100)
        return (gint)written;
    if (digits == 2)
        return (gint)(written <= 69 ? 2000 + written : 1900 + written);
    return 0;
}

guint number_sign_at(const Text *text, guint index)
{
    guint n = lex_at(text, index, LEX_NUMBER_SIGN, NULL);
    if (n == 0 && !token_is_sign(text, index, '#') && !token_is_sign(text, index, 0x2116))
        return 0;
    guint at = index + MAX(n, 1);
    while (token_is_sign(text, at, '.') || token_is_sign(text, at, 0x00b0) ||
           token_is_sign(text, at, ':'))
        at++;
    return at - index;
}

static guint digits_of(const Token *token)
{
    return token->kind == TOKEN_NUMBER ? token->end - token->start : 0;
}

/* 05/10/2026, 5.10.26, 5-10-2026, 2026-10-05; the year may be missing. */
static guint date_in_figures(const Text *text, guint index, gint *year, gint *month, gint *day)
{
    const Token *first = token_at(text, index), *sign = token_at(text, index + 1),
                *second = token_at(text, index + 2);
    bool is_date = digits_of(first) > 0 && digits_of(second) > 0 && sign->kind == TOKEN_SIGN &&
                   !second->gap && !sign->gap &&
                   (sign->value == '/' || sign->value == '.' || sign->value == '-');
    if (!is_date)
        return 0;
    const Token *third = token_at(text, index + 4);
    bool has_third = token_is_sign(text, index + 3, sign->value) && token_glued(text, index + 3) &&
                     digits_of(third) > 0 && !third->gap;
    if (digits_of(first) == 4 && has_third && digits_of(third) <= 2) {
        *year = (gint)first->value;
        *month = (gint)second->value;
        *day = (gint)third->value;
        return day_is_valid(*year, *month, *day) ? 5 : 0;
    }
    if (digits_of(first) > 2 || digits_of(second) > 2)
        return 0;
    *day = (gint)first->value;
    *month = (gint)second->value;
    *year = has_third ? full_year(third->value, digits_of(third)) : 0;
    if ((has_third && *year == 0) || (!has_third && sign->value == '-'))
        return 0; /* "9-12" is hours */
    return day_is_valid(*year ? *year : 2024, *month, *day) ? (has_third ? 5 : 3) : 0;
}

/* The year after a date in words: "2026", "del 2026", ", 2026". */
static guint year_after(const Text *text, guint index, gint *year)
{
    guint at = index;
    if (token_is_sign(text, at, ',') || lex_at(text, at, LEX_OF, NULL) == 1)
        at++;
    const Token *token = token_at(text, at);
    *year = digits_of(token) == 4 ? full_year(token->value, 4) : 0;
    return *year ? at + 1 - index : 0;
}

guint english_ordinal_at(const Text *text, guint index)
{
    bool is_ordinal = token_is(text, index, "st") || token_is(text, index, "nd") ||
                      token_is(text, index, "rd") || token_is(text, index, "th");
    return is_ordinal && token_glued(text, index) ? 1 : 0;
}

/* 5 ottobre 2026, 1° dicembre, 24. November, 24th of November. */
static guint date_day_first(const Text *text, guint index, gint *year, gint *month, gint *day)
{
    const Token *token = token_at(text, index);
    guint at = index + 1;
    gint ordinal = 0;
    guint ordinals = 0;
    if (digits_of(token) > 0 && digits_of(token) <= 2) {
        *day = (gint)token->value;
    } else if ((ordinals = lex_at(text, index, LEX_ORDINAL, &ordinal)) > 0 &&
               (ordinal == 1 || text_languages(text, index) != LANGUAGE_IT)) {
        *day = ordinal; /* "dritten Dezember", "twenty fourth of November" */
        at = index + ordinals;
    } else if (lex_at(text, index, LEX_COUNT, day) != 1) {
        return 0;
    }
    at += english_ordinal_at(text, at);
    while (token_is_sign(text, at, 0x00b0) || token_is_sign(text, at, '.'))
        at++;
    at += lex_at(text, at, LEX_OF, NULL);
    guint n = lex_at(text, at, LEX_MONTH, month);
    if (n == 0)
        return 0;
    at += n;
    bool is_short = token_at(text, at - 1)->fold_length <= 4 && !token_at(text, at + 1)->upper &&
                    token_at(text, at + 1)->kind != TOKEN_END &&
                    !token_ends_line(token_at(text, at + 1));
    if (is_short && token_is_sign(text, at, '.') && !token_at(text, at)->gap)
        at++;
    at += year_after(text, at, year);
    return day_is_valid(*year ? *year : 2024, *month, *day) ? at - index : 0;
}

/* November 24, 2026. */
static guint date_month_first(const Text *text, guint index, gint *year, gint *month, gint *day)
{
    if (!(text_languages(text, index) & LANGUAGE_EN))
        return 0;
    guint n = lex_at(text, index, LEX_MONTH, month);
    const Token *token = token_at(text, index + n);
    if (n == 0 || digits_of(token) == 0 || digits_of(token) > 2)
        return 0;
    *day = (gint)token->value;
    guint at = index + n + 1;
    if (token_at(text, at)->kind == TOKEN_WORD && token_glued(text, at))
        at++; /* th */
    at += year_after(text, at, year);
    return day_is_valid(*year ? *year : 2024, *month, *day) ? at - index : 0;
}

guint date_at(const Text *text, guint index, gint *year, gint *month, gint *day)
{
    *year = 0;
    guint n = date_in_figures(text, index, year, month, day);
    if (n == 0)
        n = date_day_first(text, index, year, month, day);
    if (n == 0)
        n = date_month_first(text, index, year, month, day);
    return n;
}
