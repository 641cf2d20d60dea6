/* address.c - where the works are: a street with its number in the sender's own words. Every street
 * is marked as taken, since "piazza 4 Novembre 10" is no day. */
#include "reading/internal.h"

#include <string.h>

#define NAME_WORDS 5
#define CONTEXT_BACK 8   /* tokens from a street back to "residente" */
#define WORKS_BACK 6     /* tokens from a street back to "lavori" */
#define HAMLET_BESIDE 4  /* tokens from "frazione Poiano" to its street */
#define GERMAN_LETTERS 6 /* "Bahnweg 3" has more */

/* Values of LEX_STREET. */
enum {
    STREET_PLAIN,
    STREET_HAMLET,   /* "frazione": a street may follow that says more */
    STREET_NUMBERED, /* "corte": a street only with a house number */
};

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

/* ", int. 3", "interno 3" after a house number: tokens taken. */
static guint inside_at(const Text *text, guint index)
{
    guint at = index + (token_is_sign(text, index, ',') || token_is_sign(text, index, '-') ? 1 : 0);
    if (!token_is(text, at, "int") && !token_is(text, at, "interno"))
        return 0;
    at = skip_stops(text, at + 1);
    at += number_sign_at(text, at);
    const Token *token = token_at(text, at);
    bool is_door = (token->kind == TOKEN_NUMBER && token->end - token->start <= 3) ||
                   (token->kind == TOKEN_WORD && token->fold_length == 1 && token->upper);
    return is_door ? at + 1 - index : 0;
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
    if (date_at(text, at, &year, &month, &day) == 5 ||
        (token_is_sign(text, at + 1, ':') && token_at(text, at + 2)->kind == TOKEN_NUMBER &&
         token_glued(text, at + 2)))
        return 0;
    at++;
    const Token *after = token_at(text, at);
    bool is_stair =
        token_is_sign(text, at, '/') && token_glued(text, at) && token_glued(text, at + 1);
    bool is_letter = after->kind == TOKEN_WORD && after->fold_length == 1 && !after->gap;
    if (is_stair)
        at += 2;
    else if (is_letter || token_is(text, at, "bis") || token_is(text, at, "ter"))
        at++;
    return at + inside_at(text, at) - index;
}

/* "XX Settembre", "4 Novembre", "25 aprile" right after the word street: the name of it. */
static guint street_date(const Text *text, guint index)
{
    gint month;
    bool is_day = token_at(text, index)->kind == TOKEN_NUMBER || is_roman(text, index);
    guint at = index + 1;
    while (token_is_sign(text, at, 0x00b0) || token_is_sign(text, at, 0x00ba) ||
           token_is_sign(text, at, '.'))
        at++;
    guint n = is_day ? lex_at(text, at, LEX_MONTH, &month) : 0;
    return n > 0 && token_at(text, at)->fold_length > 3 ? at + n - index : 0;
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
        bool is_name = token->upper || !lex_languages(text, at) ||
                       lex_at(text, at, LEX_OF, NULL) > 0 ||
                       (lex_languages(text, at) == LANGUAGE_IT &&
                        text_languages(text, at) != LANGUAGE_IT); /* "a house at via dei Colli 9" */
        bool is_other_street = !token->upper && lex_at(text, at, LEX_STREET, NULL) > 0;
        if (token->kind != TOKEN_WORD || !is_name || is_other_street)
            break; /* "la corte di via Marsala 8" */
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

static void propose(Reading *reading, Value *object, const Text *text, guint from, guint until,
                    Confidence confidence)
{
    value_set_text(object, "address", proposal_raw(reading, text, from, until));
    value_set(object, "address_span",
              proposal_new(reading, NULL, text, from, until, confidence, "address.street"));
}

/* "Dantestraße", "Bahnhofplatz", or the bare word where `is_alone`: "Meraner Straße". */
static bool names_german_street(const Text *text, guint index, bool is_alone)
{
    static const char *const endings[] = {"strasse", "str", "gasse", "platz", "weg", "allee"};
    const Token *token = token_at(text, index);
    const char *word = text->folded->str + token->fold;
    for (guint i = 0; i < G_N_ELEMENTS(endings); i++) {
        gsize length = strlen(endings[i]);
        bool is_long =
            is_alone ? token->fold_length == length
                     : token->fold_length >= GERMAN_LETTERS && token->fold_length > length + 2;
        if (is_long && memcmp(word + token->fold_length - length, endings[i], length) == 0)
            return true;
    }
    return false;
}

/* "Dantestraße 7", "Meraner Straße 12", "Leonardo-da-Vinci-Straße 8", "Dr.-Streiter-Gasse 3" */
static guint german_street(const Text *text, guint index)
{
    guint at = index;
    for (guint words = 0; words < NAME_WORDS; words++) {
        const Token *token = token_at(text, at);
        bool is_joined = words > 0 && token_glued(text, at);
        if (token->kind != TOKEN_WORD || (!token->upper && !is_joined))
            return 0;
        bool is_street = names_german_street(text, at, words > 0) ||
                         ((words == 0 || is_joined) && names_german_street(text, at, false));
        guint house = is_street ? house_at(text, skip_stops(text, at + 1)) : 0;
        if (house > 0)
            return skip_stops(text, at + 1) + house;
        at++;
        at += token_is_sign(text, at, '.') && token_glued(text, at) ? 1 : 0;
        bool goes_on = token_is_sign(text, at, '-') && token_glued(text, at);
        at += goes_on ? 1 : 0;
        bool before_bare_word =
            words == 0 && token_at(text, at)->upper && names_german_street(text, at, true);
        if (!goes_on && !before_bare_word)
            return 0;
    }
    return 0;
}

static bool is_one_of(const Text *text, guint index, const char *const *words)
{
    for (; *words; words++)
        if (token_is(text, index, *words))
            return true;
    return false;
}

/* "da voi, in via del Municipio 2", "di persona in piazza Dante 1": where the office is. */
static bool is_of_office(const Text *text, guint index)
{
    if (index < 3 || !token_is(text, index - 1, "in"))
        return false;
    guint at = index - 2 - (token_is_sign(text, index - 2, ',') ? 1 : 0);
    return at > 0 && ((token_is(text, at, "voi") && token_is(text, at - 1, "da")) ||
                      (token_is(text, at, "persona") && token_is(text, at - 1, "di")));
}

/* "da magazzino a residenza in via Carducci 44", "uso residenza": a use, nobody's home. */
static bool is_use(const Text *text, guint index)
{
    static const char *const before[] = {"a", "ad", "in", "uso", "come", "prima", NULL};
    return index > 0 && token_is(text, index, "residenza") && is_one_of(text, index - 1, before);
}

/* "Indirizzo: via Volta 7" on a line or in a sentence of its own: a field of a form. */
static bool is_field(const Text *text, guint index)
{
    const Token *before = index > 0 ? token_at(text, index - 1) : &token_nothing;
    return token_is(text, index, "indirizzo") && token_is_sign(text, index + 1, ':') &&
           (index == 0 || token_ends_line(before) || before->kind == TOKEN_SIGN);
}

/* "con studio in via Locatelli 9", "residente a Verona in": not where the works are; neither is
 * where we are, "nei vostri uffici di". */
static bool is_elsewhere(const Text *text, guint index)
{
    static const char *const elsewhere[] = {
        "studio",    "sede",        "residente", "residenti",  "domiciliato", "domiciliata",
        "domicilio", "recapito",    "abito",     "residenza",  "domiciliati", "abitiamo",
        "abitante",  "nato",        "nata",      "vivo",       "viviamo",     "corrispondenza",
        "municipio", "domiciliate", "spedire",   "recapitare", "sportello",   "uffici",
        "notaio",    "indirizzo",   "risposta",  "mandate",    "inviate",     "mandatemi",
        "inviarmi",  "mandarmi",    "spedite",   "scrivermi",  "lettera",     "raccomandata",
        NULL};
    static const char *const ours[] = {"vostro", "vostra", "vs",     "vostri", "nostro",
                                       "suo",    "mio",    "vostre", NULL};
    static const char *const works[] = {
        "lavori",    "immobile", "intervento",   "cantiere", "casa",      "fabbricato", "edificio",
        "ubicato",   "ubicata",  "appartamento", "sito",     "sita",      "opere",      "terreno",
        "capannone", "negozio",  "condominio",   "villetta", "proprieta", NULL};
    if (is_of_office(text, index))
        return true;
    for (guint back = 1; back <= CONTEXT_BACK && back <= index; back++) {
        guint at = index - back;
        const Token *token = token_at(text, at);
        if (token_ends_line(token) || token_is_sign(text, at, ';') ||
            (token_is_sign(text, at, '.') && token_at(text, at + 1)->gap &&
             token_at(text, at + 1)->upper && at > 0 && token_at(text, at - 1)->fold_length > 4))
            return false;
        if (is_one_of(text, at, works))
            return false;
        if (is_one_of(text, at, elsewhere) && !is_use(text, at))
            return !is_field(text, at);
        if ((token_is(text, at, "ufficio") || token_is(text, at, "comune")) && at > 0 &&
            is_one_of(text, at - 1, ours))
            return true;
    }
    return false;
}

/* "corso d'opera", "via mail": no street, unless it is one of those that a name may follow: "in
 * corso Milano". Tokens taken. */
static guint no_street_at(const Text *text, guint index)
{
    gint may_be_street = 0;
    guint n = lex_at(text, index, LEX_NO_STREET, &may_be_street);
    return n > 0 && may_be_street && token_at(text, index + n)->upper ? 0 : n;
}

/* "i lavori invece sono in via Volta 7" */
static bool is_of_works(const Text *text, guint index)
{
    static const char *const works[] = {"lavori", "intervento", "cantiere", "opere", NULL};
    for (guint back = 1; back <= WORKS_BACK && back <= index; back++) {
        if (token_ends_line(token_at(text, index - back)) || token_is_sign(text, index - back, '.'))
            return false;
        if (is_one_of(text, index - back, works))
            return true;
    }
    return false;
}

/* "la SCIA di via Roma 3", "l'immobile di": nothing that stands later says more. */
static bool is_named(const Text *text, guint index)
{
    static const char *const things[] = {"immobile",   "casa",      "appartamento",
                                         "fabbricato", "edificio",  "sito",
                                         "sita",       "capannone", NULL};
    for (guint back = 1; back <= CONTEXT_BACK && back <= index; back++)
        if (lex_any(text, index - back, LEX_PRACTICE, LEX_FILE, NULL, NULL) > 0 ||
            is_one_of(text, index - back, things))
            return true;
    return is_of_works(text, index);
}

/* What was found so far. */
typedef struct {
    guint until;    /* where it ended */
    bool is_hamlet; /* "frazione Poiano": a street beside it says more */
    bool is_found;
    bool is_named; /* as where the works are, or of a practice */
} Found;

static bool is_better(const Text *text, const Found *found, guint index, bool has_house)
{
    if (!found->is_found)
        return !is_elsewhere(text, index);
    if (found->is_hamlet && has_house && index <= found->until + HAMLET_BESIDE)
        return true;
    return !found->is_named && has_house && is_of_works(text, index) && !is_elsewhere(text, index);
}

/* A street at a token: where it ends, 0 when there is none; `has_house` becomes whether with its
 * number. */
static guint street_until(const Text *text, guint index, guint n, gint kind, bool *has_house)
{
    static const char *const whole[] = {"via",   "viale",  "vicolo",   "piazza", "corso",
                                        "borgo", "strada", "contrada", NULL};
    guint named = 0;
    *has_house = false;
    if (n == 1 && is_one_of(text, index, whole) && token_is_sign(text, index + 1, '.'))
        return 0; /* "sono via. Poi" */
    guint until = n > 0 ? street_at(text, index + n, &named) : german_street(text, index);
    *has_house = until > 0;
    if (until > 0)
        return until;
    bool has_name_only = n > 0 && named > skip_stops(text, index + n) &&
                         token_at(text, index)->fold_length > 2 && kind != STREET_NUMBERED;
    return has_name_only ? named : 0;
}

/* One that begins with the word for it, or ends with it in German. */
static bool may_be_street(const Text *text, guint index)
{
    const Token *token = token_at(text, index);
    return lex_may_begin(text, index, LEX_STREET, LEX_NO_STREET) ||
           (token->upper && (token->fold_length >= GERMAN_LETTERS ||
                             (token_is_sign(text, index + 1, '.') &&
                              token_is_sign(text, index + 2, '-')))); /* "Dr.-" */
}

/* piano "Borgo Nord", «Corte Bassa»: a name in quotes, without a house number. */
static bool is_quoted_name(const Text *text, guint index, guint until)
{
    static const gunichar signs[] = {'"', 0xab, 0xbb, 0x201c, 0x201d, 0x201e};
    bool opens = false, closes = false;
    for (guint i = 0; i < G_N_ELEMENTS(signs); i++) {
        opens |= index > 0 && token_is_sign(text, index - 1, signs[i]);
        closes |= token_is_sign(text, until, signs[i]);
    }
    return opens && closes;
}

static void read_text(Reading *reading, Text *text, Value *object)
{
    Found found = {0};
    for (guint i = 0; i < text_count(text); i++) {
        const Token *token = token_at(text, i);
        if (!may_be_street(text, i) || !token_is_read(token) || token->taken)
            continue;
        guint no_street = no_street_at(text, i);
        if (no_street > 0) {
            i += no_street - 1;
            continue;
        }
        gint kind = STREET_PLAIN;
        bool has_house = false;
        guint n = lex_at(text, i, LEX_STREET, &kind);
        guint end = street_until(text, i, n, kind, &has_house);
        if (end == 0)
            continue;
        text_take(text, i, end);
        if (!has_house && is_quoted_name(text, i, end)) {
            i = end - 1;
            continue;
        }
        if (token_is_wish(token) && is_better(text, &found, i, has_house)) {
            propose(reading, object, text, i, end, has_house ? CERTAIN : LIKELY);
            found = (Found){end, kind == STREET_HAMLET && !has_house, true, is_named(text, i)};
        }
        i = end - 1;
    }
}

/* `object` gets address (as written) and address_span. */
void address_read(Reading *reading, Value *object)
{
    value_set(object, "address", value_null(reading->arena));
    read_text(reading, reading->body, object);
    bool is_new = reading->kind == KIND_REQUEST || reading->kind == KIND_QUESTION;
    if (is_new && !value_get_text(object, "address"))
        read_text(reading, reading->subject, object);
}
