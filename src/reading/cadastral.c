/* cadastral.c - references to the land register: foglio, mappale and subalterno, and the parcels of
 * the Grundbuch of Trentino-Alto Adige (p.ed./B.P., p.f./G.P., C.C./K.G.). */
#include "reading/internal.h"

#define REGISTER_BESIDE 6 /* tokens from a sheet to "catasto" */
#define PORTIONS_MOST 4
#define COMUNE_WORDS 3
#define COMUNE_REACH 16 /* tokens from a parcel to the comune it shares with others */

/* The "2" of 1204/2, the "a" of 101/a. */
static bool is_division(const Text *text, guint index)
{
    const Token *token = token_at(text, index);
    return token->kind == TOKEN_NUMBER ||
           (token->kind == TOKEN_WORD && token->fold_length == 1 && !token->gap);
}

/* "345 e 346", "100, 101, 102-105", "1204/1", "A": appends the first of the numbers to `list`;
 * where they end. */
static guint numbers_at(const Reading *reading, const Text *text, guint index, Value *list)
{
    guint at = index;
    at += number_sign_at(text, at);
    while (token_at(text, at)->kind == TOKEN_NUMBER && !token_at(text, at)->taken &&
           token_at(text, at)->end - token_at(text, at)->start <= 5) {
        guint from = at++;
        while (token_is_sign(text, at, '/') && token_glued(text, at) && is_division(text, at + 1))
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

/* "Fg 8 n. 112/4": a number sign where the word for a parcel would stand. */
static guint numbered_parcel(const Text *text, guint index)
{
    guint at = index + (token_is_sign(text, index, ',') ? 1 : 0);
    guint sign = number_sign_at(text, at);
    return sign > 0 && token_at(text, at + sign)->kind == TOKEN_NUMBER ? at + sign - index : 0;
}

/* Does the land register stand beside a sheet? */
static bool is_of_register(const Text *text, guint from, guint until)
{
    static const char *const words[] = {
        "catasto",   "catastale", "catastalmente", "nceu",      "nct",      "censito", "censita",
        "catastali", "ncf",       "accatastato",   "censuario", "distinto", NULL};
    guint begin = from > REGISTER_BESIDE ? from - REGISTER_BESIDE : 0;
    for (guint i = begin; i < until + REGISTER_BESIDE; i++)
        for (guint w = 0; words[w]; w++)
            if (token_is(text, i, words[w]))
                return true;
    return false;
}

/* "F. 102 P. 33 S. 5": letters that only mean this between each other. Where the number begins,
 * `index` when there is none. */
static guint skip_letter(const Text *text, guint index, const char *letter)
{
    guint at = index + (token_is_sign(text, index, ',') || token_is_sign(text, index, '-') ? 1 : 0);
    bool is_letter = token_is(text, at, letter) && token_at(text, at)->upper &&
                     token_is_sign(text, at + 1, '.') &&
                     token_at(text, at + 2)->kind == TOKEN_NUMBER;
    return is_letter ? at + 2 : index;
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
    parcels_at = parcels_at == at ? skip_letter(text, at, "p") : parcels_at;
    bool is_single_letter = token_at(text, index)->fold_length == 1;
    if (parcels_at == at && is_single_letter)
        return 0; /* "f. 12" alone may be anything */
    if (parcels_at == at)
        parcels_at += numbered_parcel(text, at);
    if (parcels_at == at && !is_of_register(text, index, at))
        return 0; /* a sheet of paper */
    Value *parcels = value_list(reading->arena), *subs = value_list(reading->arena);
    guint until = parcels_at > at ? numbers_at(reading, text, parcels_at, parcels) : at;
    if (until == parcels_at && parcels_at > at)
        return 0;
    guint subs_at = skip_word(text, until, LEX_SUB);
    subs_at = subs_at == until ? skip_letter(text, until, "s") : subs_at;
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

/* "P.M. 3", "porzione materiale 3": a part of a building, between its parcel and the comune. */
static guint skip_portion(const Text *text, guint index)
{
    guint at = index;
    while (token_is_sign(text, at, ',') || token_is_sign(text, at, '-'))
        at++;
    guint n = lex_at(text, at, LEX_LAND_PART, NULL);
    if (n == 0)
        return index;
    at = skip_stops(text, at + n);
    at += number_sign_at(text, at);
    if (token_at(text, at)->kind != TOKEN_NUMBER)
        return index;
    at++;
    bool has_volume = token_is_sign(text, at, '/') && token_glued(text, at) &&
                      token_glued(text, at + 1); /* E.Z. 78/II */
    return has_volume ? at + 2 : at;
}

/* The words of a name with plain spaces, whatever spaces or line ends stood between them. */
static const char *name_within(const Reading *reading, const Text *text, guint from, guint until)
{
    g_autoptr(GString) name = g_string_new(NULL);
    for (guint i = from; i < until; i++) {
        const Token *token = token_at(text, i);
        if (token->gap && i > from)
            g_string_append_c(name, ' ');
        g_string_append_len(name, text->bytes + token->start, token->end - token->start);
    }
    return arena_copy(reading->arena, name->str);
}

/* "K.G. Dorf", "C.C. di Trento": the name, capitalised words. */
static guint read_land_comune(Reading *reading, const Text *text, guint index, const char **name)
{
    guint at = index;
    for (guint i = 0; i < PORTIONS_MOST && skip_portion(text, at) > at; i++)
        at = skip_portion(text, at);
    while (token_is_sign(text, at, ',') || token_is_sign(text, at, '-') ||
           token_is_sign(text, at, '(') || token_is(text, at, "in") || token_is(text, at, "nel") ||
           token_is(text, at, "del") || token_is(text, at, "der"))
        at++;
    guint n = lex_at(text, at, LEX_LAND_COMUNE, NULL);
    if (n == 0)
        return index;
    at = skip_stops(text, at + n);
    guint from = at, words = 0;
    while (token_at(text, at)->kind == TOKEN_WORD && token_at(text, at)->upper &&
           words++ < COMUNE_WORDS && lex_at(text, at, LEX_PRACTICE, NULL) == 0) {
        bool is_short = token_at(text, at)->fold_length <= 3; /* "St. Michael Eppan" */
        at++;
        bool goes_on = (is_short && token_is_sign(text, at, '.')) ||
                       (token_is_sign(text, at, '-') && token_glued(text, at));
        at += goes_on && token_at(text, at + 1)->upper ? 1 : 0;
    }
    if (at == from)
        return index;
    *name = name_within(reading, text, from, at);
    return at;
}

/* Parcels that wait for a comune that is named after all of them, and one that was named before. */
typedef struct {
    guint first; /* of the list */
    guint until; /* token where the last of them ended */
    const char *named;
    guint named_until;
} LandRun;

static void name_run(LandRun *run, Value *list, const char *name, guint index)
{
    bool is_near = index <= run->until + COMUNE_REACH;
    for (guint i = is_near ? run->first : value_length(list); i < value_length(list); i++) {
        Value *place = (Value *)value_at(list, i);
        if (value_get_text(place, "particella") && !value_get_text(place, "comune_catastale"))
            value_set_text(place, "comune_catastale", name);
    }
    run->first = value_length(list);
}

static guint read_land(Reading *reading, Text *text, Value *list, LandRun *run, guint index,
                       guint n, const char *kind)
{
    guint at = skip_stops(text, index + n);
    Value *parcels = value_list(reading->arena);
    guint until = numbers_at(reading, text, at, parcels);
    if (value_length(parcels) == 0)
        return 0;
    const char *name = NULL;
    guint end = read_land_comune(reading, text, until, &name);
    if (!name && run->named && index <= run->named_until + COMUNE_REACH)
        name = run->named;
    if (index > run->until + COMUNE_REACH)
        run->first = value_length(list);
    run->until = end;
    for (guint i = 0; i < value_length(parcels); i++) {
        Value *place = proposal_new(reading, list, text, index, end, CERTAIN, "cadastral.land");
        value_set_text(place, "kind", kind);
        value_set(place, "particella", (Value *)value_at(parcels, i));
    }
    if (name)
        name_run(run, list, name, index);
    text_take(text, index, end);
    return end;
}

/* "in C.C. Gries, p.ed. 1200": a comune named before its parcels. */
static guint read_comune_first(Reading *reading, Text *text, LandRun *run, guint index)
{
    if (lex_at(text, index, LEX_LAND_COMUNE, NULL) == 0)
        return 0;
    guint until = read_land_comune(reading, text, index, &run->named);
    run->named_until = until;
    return until > index ? until : 0;
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
    guint late_subs = has_sheet && value_length(subs) == 0 ? skip_word(text, end, LEX_SUB) : end;
    if (late_subs > end) /* "mappale 77 del foglio 6, sub. 12" */
        end = numbers_at(reading, text, late_subs, subs);
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

static guint read_at(Reading *reading, Text *text, Value *list, LandRun *run, guint index)
{
    guint n = lex_at(text, index, LEX_LAND_BUILT, NULL);
    if (n > 0)
        return read_land(reading, text, list, run, index, n, "p.ed./B.P.");
    n = lex_at(text, index, LEX_LAND_OPEN, NULL);
    if (n > 0)
        return read_land(reading, text, list, run, index, n, "p.f./G.P.");
    guint named = read_comune_first(reading, text, run, index);
    if (named > 0)
        return named;
    n = lex_at(text, index, LEX_SHEET, NULL);
    guint until = n > 0 ? read_sheet(reading, text, list, index, n) : 0;
    if (until > 0)
        return until;
    n = lex_at(text, index, LEX_PARCEL, NULL);
    return n > 0 ? read_parcel_first(reading, text, list, index, n) : 0;
}

static void read_text(Reading *reading, Text *text, Value *list)
{
    LandRun run = {0};
    LexSet set = LEX_SET(LEX_LAND_BUILT, LEX_LAND_OPEN, LEX_LAND_COMUNE, LEX_SHEET, LEX_PARCEL);
    for (guint i = 0;
         lex_next(text, &i, text_count(text), set) && value_length(list) < PROPOSALS_MOST; i++) {
        const Token *token = token_at(text, i);
        if (!token_is_wish(token) || token->taken)
            continue;
        guint until = read_at(reading, text, list, &run, i);
        if (until > i)
            i = until - 1;
    }
}

void cadastral_read(Reading *reading, Value *list)
{
    read_text(reading, reading->body, list);
    if (value_length(list) == 0 && kind_is_human(reading->kind))
        read_text(reading, reading->subject, list);
}
