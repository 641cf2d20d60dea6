/* cadastral.c - references to the land register: foglio, mappale and subalterno, and the parcels of
 * the Grundbuch of Trentino-Alto Adige (p.ed./B.P., p.f./G.P., C.C./K.G.). */
#include "reading/internal.h"

/* "345 e 346", "100, 101, 102-105", "1204/1", "A": appends the first of the numbers to `list`;
 * where they end. */
static guint numbers_at(const Reading *reading, const Text *text, guint index, Value *list)
{
    guint at = index;
    at += number_sign_at(text, at);
    while (token_at(text, at)->kind == TOKEN_NUMBER && !token_at(text, at)->taken &&
           token_at(text, at)->end - token_at(text, at)->start <= 5) {
        guint from = at++;
        while (token_is_sign(text, at, '/') && token_glued(text, at) &&
               token_at(text, at + 1)->kind == TOKEN_NUMBER)
            at += 2;
        if (value_length(list) < PROPOSALS_MOST)
            value_append(list, value_text(reading->arena, proposal_raw(reading, text, from, at)));
        guint next = at;
        if (token_is_sign(text, next, ',') || token_is_sign(text, next, '-') ||
            token_is_sign(text, next, '+') || token_is_sign(text, next, ';') ||
            lex_at(text, next, LEX_AND, NULL) == 1)
            next++;
        if (lex_at(text, next, LEX_PARCEL, NULL) > 0)
            next = skip_stops(text, next + lex_at(text, next, LEX_PARCEL, NULL));
        bool goes_on = next > at && token_at(text, next)->kind == TOKEN_NUMBER;
        if (!goes_on)
            return at;
        at = next;
    }
    return at > index && token_at(text, at - 1)->kind == TOKEN_NUMBER ? at : index;
}

static guint skip_word(const Text *text, guint index, LexClass kind)
{
    guint at = index;
    while (token_is_sign(text, at, ',') || token_is_sign(text, at, '-') ||
           token_is_sign(text, at, ';') || lex_at(text, at, LEX_AND, NULL) == 1)
        at++;
    guint n = lex_at(text, at, kind, NULL);
    return n > 0 ? skip_stops(text, at + n) : index;
}

/* The words between the number of a sheet and its parcels: "del Catasto Fabbricati", "sez. A". */
static guint skip_register(const Text *text, guint index)
{
    for (guint at = index; at < index + 5; at++) {
        if (skip_word(text, at, LEX_PARCEL) > at)
            return at;
        if (token_at(text, at)->kind != TOKEN_WORD && !token_is_sign(text, at, '.') &&
            !token_is_sign(text, at, ','))
            break;
    }
    return index;
}

static guint read_sheet(Reading *reading, Text *text, Value *list, guint index, guint n)
{
    guint at = skip_stops(text, index + n);
    at += number_sign_at(text, at);
    const Token *sheet = token_at(text, at);
    if (sheet->kind != TOKEN_NUMBER || sheet->end - sheet->start > 4)
        return 0;
    guint sheet_at = at++;
    at = skip_register(text, at);
    guint parcels_at = skip_word(text, at, LEX_PARCEL);
    bool is_single_letter = token_at(text, index)->fold_length == 1;
    if (parcels_at == at && is_single_letter)
        return 0; /* "f. 12" alone may be anything */
    Value *parcels = value_list(reading->arena), *subs = value_list(reading->arena);
    guint until = parcels_at > at ? numbers_at(reading, text, parcels_at, parcels) : at;
    if (until == parcels_at && parcels_at > at)
        return 0;
    guint subs_at = skip_word(text, until, LEX_SUB);
    if (subs_at > until)
        until = numbers_at(reading, text, subs_at, subs);

    Value *place = proposal_new(reading, list, text, index, until,
                                value_length(parcels) > 0 ? CERTAIN : LIKELY, "cadastral.sheet");
    value_set_text(place, "foglio", proposal_token(reading, text, sheet_at));
    value_set(place, "mappali", parcels);
    value_set(place, "sub", subs);
    text_take(text, index, until);
    return until;
}

/* "K.G. Dorf", "C.C. di Trento": the name, capitalised words. */
static guint read_land_comune(Reading *reading, const Text *text, guint index, Value *place)
{
    guint at = index;
    while (token_is_sign(text, at, ',') || token_is_sign(text, at, '-') || token_is(text, at, "in"))
        at++;
    guint n = lex_at(text, at, LEX_LAND_COMUNE, NULL);
    if (n == 0)
        return index;
    at = skip_stops(text, at + n);
    guint from = at;
    while (token_at(text, at)->kind == TOKEN_WORD && token_at(text, at)->upper && at < from + 3)
        at++;
    if (at == from)
        return index;
    value_set_text(place, "comune_catastale", proposal_raw(reading, text, from, at));
    return at;
}

static guint read_land(Reading *reading, Text *text, Value *list, guint index, guint n,
                       const char *kind)
{
    guint at = skip_stops(text, index + n);
    Value *parcels = value_list(reading->arena);
    guint until = numbers_at(reading, text, at, parcels);
    if (value_length(parcels) == 0)
        return 0;
    for (guint i = 0; i < value_length(parcels) && value_length(list) < PROPOSALS_MOST; i++) {
        Value *place = proposal_new(reading, list, text, index, until, CERTAIN, "cadastral.land");
        value_set_text(place, "kind", kind);
        value_set(place, "particella", (Value *)value_at(parcels, i));
        guint end = read_land_comune(reading, text, until, place);
        text_take(text, index, end);
        if (i + 1 == value_length(parcels))
            until = end;
    }
    return until;
}

/* "particella 112 del foglio 3", "mapp. 345 fg. 12" */
static guint read_parcel_first(Reading *reading, Text *text, Value *list, guint index, guint n)
{
    Value *parcels = value_list(reading->arena), *subs = value_list(reading->arena);
    guint at = skip_stops(text, index + n);
    guint until = numbers_at(reading, text, at, parcels);
    if (until == at || value_length(parcels) == 0)
        return 0;
    guint subs_at = skip_word(text, until, LEX_SUB);
    if (subs_at > until)
        until = numbers_at(reading, text, subs_at, subs);
    guint sheet = until;
    sheet += lex_at(text, sheet, LEX_OF, NULL);
    guint after = skip_word(text, sheet, LEX_SHEET);
    bool has_sheet = after > sheet;
    after += number_sign_at(text, after);
    has_sheet = has_sheet && token_at(text, after)->kind == TOKEN_NUMBER;
    bool is_plain_word =
        token_at(text, index)->fold_length >= 6; /* "mappale", not "part" or "num" */
    if (!has_sheet && !is_plain_word)
        return 0;
    guint end = has_sheet ? after + 1 : until;
    Value *place = proposal_new(reading, list, text, index, end, has_sheet ? CERTAIN : LIKELY,
                                "cadastral.parcel");
    value_set(place, "foglio",
              has_sheet ? value_text(reading->arena, proposal_token(reading, text, after))
                        : value_null(reading->arena));
    value_set(place, "mappali", parcels);
    value_set(place, "sub", subs);
    text_take(text, index, end);
    return end;
}

static guint read_at(Reading *reading, Text *text, Value *list, guint index)
{
    guint n = lex_at(text, index, LEX_LAND_BUILT, NULL);
    if (n > 0)
        return read_land(reading, text, list, index, n, "p.ed./B.P.");
    n = lex_at(text, index, LEX_LAND_OPEN, NULL);
    if (n > 0)
        return read_land(reading, text, list, index, n, "p.f./G.P.");
    n = lex_at(text, index, LEX_SHEET, NULL);
    guint until = n > 0 ? read_sheet(reading, text, list, index, n) : 0;
    if (until > 0)
        return until;
    n = lex_at(text, index, LEX_PARCEL, NULL);
    return n > 0 ? read_parcel_first(reading, text, list, index, n) : 0;
}

void cadastral_read(Reading *reading, Value *list)
{
    Text *text = reading->body;
    for (guint i = 0; i < text_count(text) && value_length(list) < PROPOSALS_MOST; i++) {
        const Token *token = token_at(text, i);
        if (!token_is_wish(token) || token->taken)
            continue;
        guint until = read_at(reading, text, list, i);
        if (until > 0)
            i = until - 1;
    }
}
