/* address.c - where the works are: a street with its number in the sender's own words. Every street
 * is marked as taken, since "piazza 4 Novembre 10" is no day. */
#include "reading/internal.h"

#include <string.h>

#define NAME_WORDS 5

static bool is_roman(const Text *text, guint index)
{
    const Token *token = token_at(text, index);
    if (token->kind != TOKEN_WORD || !token->upper || token->fold_length > 6)
        return false;
    for (guint32 i = token->start; i < token->end; i++)
        if (!strchr("IVXL", text->bytes[i]))
            return false;
    return true;
}

/* A house number: "18", "3/A", "n. 5", "12 bis", "snc". Tokens taken. */
static guint house_at(const Text *text, guint index)
{
    guint at = index;
    if (token_is_sign(text, at, ','))
        at++;
    if (token_is(text, at, "snc"))
        return at + 1 - index;
    if (token_is(text, at, "civico") || token_is(text, at, "civ"))
        at = skip_stops(text, at + 1);
    at += number_sign_at(text, at);
    const Token *token = token_at(text, at);
    if (token->kind != TOKEN_NUMBER || token->end - token->start > 4)
        return 0;
    gint year, month, day;
    if (date_at(text, at, &year, &month, &day) == 5 || token_is_sign(text, at + 1, ':'))
        return 0;
    at++;
    const Token *after = token_at(text, at);
    bool is_stair =
        token_is_sign(text, at, '/') && token_glued(text, at) && token_glued(text, at + 1);
    bool is_letter = after->kind == TOKEN_WORD && after->fold_length == 1 && !after->gap;
    if (is_stair)
        at += 2;
    else if (is_letter || token_is(text, at, "bis"))
        at++;
    return at - index;
}

/* "XX Settembre", "4 Novembre", "25 aprile" right after the word street: the name of it. */
static guint street_date(const Text *text, guint index)
{
    gint month;
    bool is_day = token_at(text, index)->kind == TOKEN_NUMBER || is_roman(text, index);
    guint n = is_day ? lex_at(text, index + 1, LEX_MONTH, &month) : 0;
    return n > 0 && token_at(text, index + 1)->fold_length > 3 ? 1 + n : 0;
}

/* Words of a street's name until its number; 0 when it has none. `named` becomes where the name
 * ends. */
static guint street_at(const Text *text, guint index, guint *named)
{
    guint at = skip_stops(text, index);
    guint date = street_date(text, at);
    at += date;
    *named = at;
    guint house = date > 0 ? house_at(text, at) : 0;
    if (house > 0)
        return at + house;
    for (guint words = 0; words < NAME_WORDS; words++) {
        const Token *token = token_at(text, at);
        bool is_name =
            token->upper || !lex_languages(text, at) || lex_at(text, at, LEX_OF, NULL) > 0;
        if (token->kind != TOKEN_WORD || !is_name)
            break;
        at++;
        if (token->upper)
            *named = at;
        while (token_is_sign(text, at, '\'') ||
               (token_is_sign(text, at, '.') && !token_at(text, at)->gap &&
                token_at(text, at + 1)->kind == TOKEN_WORD && token->fold_length <= 3))
            at++;
        house = house_at(text, at);
        if (house > 0)
            return at + house;
    }
    return 0;
}

static void propose(Reading *reading, Value *object, guint from, guint until, Confidence confidence)
{
    const char *raw = proposal_raw(reading, reading->body, from, until);
    value_set_text(object, "address", raw);
    value_set(
        object, "address_span",
        proposal_new(reading, NULL, reading->body, from, until, confidence, "address.street"));
}

/* "Dantestraße 7", "Bahnhofplatz 3" */
static guint german_street(const Text *text, guint index)
{
    static const char *const endings[] = {"strasse", "str", "gasse", "platz", "weg"};
    const Token *token = token_at(text, index);
    const char *word = text->folded->str + token->fold;
    if (token->kind != TOKEN_WORD || !token->upper || token->fold_length < 6)
        return 0;
    for (guint i = 0; i < G_N_ELEMENTS(endings); i++) {
        gsize length = strlen(endings[i]);
        bool ends = token->fold_length > length + 2 &&
                    memcmp(word + token->fold_length - length, endings[i], length) == 0;
        guint house = ends ? house_at(text, skip_stops(text, index + 1)) : 0;
        if (house > 0)
            return skip_stops(text, index + 1) + house;
    }
    return 0;
}

/* "con studio in via Locatelli 9", "residente in": not where the works are. */
static bool is_of_sender(const Text *text, guint index)
{
    static const char *const words[] = {"studio",      "sede",        "residente", "residenti",
                                        "domiciliato", "domiciliata", "domicilio", "recapito",
                                        "ufficio",     "abito",       "residenza", "domiciliati"};
    for (guint back = 1; back <= 4 && back <= index; back++)
        for (guint i = 0; i < G_N_ELEMENTS(words); i++)
            if (token_is(text, index - back, words[i]))
                return true;
    return false;
}

/* `object` gets address (as written) and address_span. */
void address_read(Reading *reading, Value *object)
{
    Text *text = reading->body;
    value_set(object, "address", value_null(reading->arena));
    for (guint i = 0; i < text_count(text); i++) {
        const Token *token = token_at(text, i);
        if (!token_is_read(token) || token->taken || token->kind != TOKEN_WORD)
            continue;
        guint no_street = lex_at(text, i, LEX_NO_STREET, NULL);
        if (no_street > 0) {
            i += no_street - 1;
            continue;
        }
        guint named = 0;
        guint n = lex_at(text, i, LEX_STREET, NULL);
        guint until = n > 0 ? street_at(text, i + n, &named) : german_street(text, i);
        bool has_name_only = until == 0 && n > 0 && named > i + n && token->fold_length > 2;
        if (until == 0 && !has_name_only)
            continue;
        guint end = until > 0 ? until : named;
        text_take(text, i, end);
        bool is_first = !value_get_text(object, "address") && !is_of_sender(text, i);
        if (is_first && token_is_wish(token))
            propose(reading, object, i, end, until > 0 ? CERTAIN : LIKELY);
        i = end - 1;
    }
}
