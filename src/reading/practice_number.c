/* practice_number.c - the number and the year of a practice, whatever stands between them and its
 * type. Law citations are taken out of the way first. */
#include "reading/practice.h"

#include <string.h>

#define NUMBER_DIGITS_MOST 7 /* a longer number is a telephone */
#define FILLERS_MOST 3
#define CITED_MOST 20   /* tokens of a law between a practice and its number */
#define QUOTED_MOST 10  /* tokens of a name in quotes */
#define NEAR_WITHIN 6   /* to its number with other words between: "in deroga" */
#define LATER_WITHIN 14 /* tokens from a practice to its number past a street */

/* Law 47 of 1985 and its like, which are cited without the word law: "condono 47/85". */
static const struct {
    guint number, year;
} laws[] = {{47, 1985},  {724, 1994},  {326, 2003},  {269, 2003}, {380, 2001},
            {241, 1990}, {42, 2004},   {1150, 1942}, {765, 1967}, {10, 1977},
            {160, 2019}, {76, 2020},   {69, 2024},   {105, 2024}, {445, 2000},
            {679, 2016}, {222, 2016},  {160, 2010},  {31, 2017},  {34, 2020},
            {77, 2020},  {1444, 1968}, {104, 1992},  {13, 1989},  {192, 2005}};

/* "36 DPR 380/2001", "2016/679", "n. 47/85": numbers with stops and slashes after the word of a
 * law. */
void laws_take(Text *text)
{
    for (guint i = 0; lex_next(text, &i, text_count(text), LEX_SET(LEX_LAW)); i++) {
        guint n = lex_at(text, i, LEX_LAW, NULL);
        bool is_letter = n == 1 && token_at(text, i)->fold_length == 1; /* "L. 47/85", not "l'8" */
        if (n == 0 || (is_letter && !token_is_sign(text, i + 1, '.') && !token_at(text, i)->upper))
            continue;
        guint at = skip_stops(text, i + n);
        at += number_sign_at(text, at);
        guint first = at;
        while (token_at(text, at)->kind == TOKEN_NUMBER || token_is_sign(text, at, '/') ||
               (token_is_sign(text, at, '.') && !token_at(text, at)->gap &&
                token_at(text, at + 1)->kind == TOKEN_NUMBER))
            at++;
        if (at == first)
            continue;
        gint year, month, day;
        guint date = lex_at(text, at, LEX_OF, NULL);
        guint taken = date_at(text, at + date, &year, &month, &day);
        if (taken == 0 && date_at(text, first, &year, &month, &day) > 0) {
            at =
                first + date_at(text, first, &year, &month, &day); /* legge 7 agosto 1990, n. 241 */
            at += token_is_sign(text, at, ',') ? 1 : 0;
            guint sign = number_sign_at(text, at);
            at += sign > 0 ? sign + 1 : 0;
        }
        text_take(text, i, at + (taken > 0 ? date + taken : 0));
        i = at - 1;
    }
}

static bool is_law(guint number, gint year)
{
    for (guint i = 0; i < G_N_ELEMENTS(laws); i++)
        if (laws[i].number == number && (gint)laws[i].year == year)
            return true;
    return false;
}

static guint digits_of(const Token *token)
{
    return token->kind == TOKEN_NUMBER ? token->end - token->start : 0;
}

/* The year of "214/2026", "214 del 2026", "n. 214 presentata il 12/03/2026"; tokens taken. */
static guint year_at(const Text *text, guint index, gint *year)
{
    const Token *token = token_at(text, index + 1);
    bool is_spaced = token_is_sign(text, index, '/') && digits_of(token) == 4; /* "214 / 2026" */
    if ((token_is_sign(text, index, '/') || token_is_sign(text, index, '-')) &&
        digits_of(token) > 0 && (!token->gap || is_spaced)) {
        *year = full_year(token->value, digits_of(token));
        return *year ? 2 : 0;
    }
    const Token *last = token_at(text, index + 3); /* "55/P/2007" */
    if (token_is_sign(text, index, '/') && token->kind == TOKEN_WORD && token->fold_length <= 3 &&
        token_is_sign(text, index + 2, '/') && token_glued(text, index + 3)) {
        *year = full_year(last->kind == TOKEN_NUMBER ? last->value : 0, digits_of(last));
        return *year ? 4 : 0;
    }
    guint at = index;
    if (token_is_sign(text, at, ','))
        at++;
    for (guint skipped = 0;
         skipped < 3 && (lex_at(text, at, LEX_DOCUMENT, NULL) || lex_at(text, at, LEX_OF, NULL) ||
                         token_is(text, at, "anno") || token_is(text, at, "dell") ||
                         token_is(text, at, "nel") || token_is_sign(text, at, '\''));
         skipped++)
        at += MAX(1, MAX(lex_at(text, at, LEX_DOCUMENT, NULL), lex_at(text, at, LEX_OF, NULL)));
    if (lex_at(text, at, LEX_ARTICLE, NULL) && at > index)
        at += lex_at(text, at, LEX_ARTICLE, NULL);
    gint month, day;
    guint n = date_at(text, at, year, &month, &day);
    if (n > 0 && *year > 0 && at > index)
        return at + n - index;
    *year = 0;
    if (digits_of(token_at(text, at)) == 2 && at > index + 1 && token_is_sign(text, at - 1, '\''))
        *year = full_year(token_at(text, at)->value, 2); /* "dell'86" */
    if (digits_of(token_at(text, at)) == 4 && at > index)
        *year = full_year(token_at(text, at)->value, 4);
    return *year ? at + 1 - index : 0;
}

static bool is_one_of(const Text *text, guint index, const char *const *words)
{
    for (; *words; words++)
        if (token_is(text, index, *words))
            return true;
    return false;
}

/* "SCIA 214": no sign before it and no year; not "condono 60 mila euro", "mi dia 15 minuti". */
static bool is_bare_number(const Text *text, guint index, guint digits)
{
    static const char *const units[] = {
        "giorni", "mesi",  "anni", "ore",      "minuti",  "mq",   "mc",        "metri",
        "euro",   "mila",  "cm",   "volte",    "ml",      "kw",   "settimane", "persone",
        "metro",  "piani", "h",    "abitanti", "milioni", "lire", "copie",     NULL};
    const Token *next = token_at(text, index + 1);
    bool is_glued_sign = token_glued(text, index + 1) && next->kind == TOKEN_SIGN &&
                         strchr("/-:,%", text->bytes[next->start]);
    bool is_long = digits >= 4 && !is_one_of(text, index + 1, units);
    bool is_counted =
        next->kind == TOKEN_NUMBER ||
        (next->kind == TOKEN_WORD && !next->upper && !is_long && !lex_languages(text, index + 1) &&
         !lex_at(text, index + 1, LEX_DOCUMENT, NULL) &&
         !lex_at(text, index + 1, LEX_STREET, NULL)) ||
        token_is_sign(text, index + 1, 0x20ac) || token_is_sign(text, index + 1, '%');
    guint32 value = token_at(text, index)->value;
    return !is_glued_sign && !is_counted && digits >= 2 &&
           full_year(value, digits == 4 ? 4 : 0) == 0 &&
           lex_at(text, index + 1, LEX_MONTH, NULL) == 0;
}

/* A number that may be the practice's at a token. */
bool practice_number_at(const Reading *reading, const Text *text, guint index, bool has_sign,
                        Numbered *found)
{
    const Token *token = token_at(text, index);
    gint year, month, day;
    if (token->kind != TOKEN_NUMBER || token->taken)
        return false;
    guint digits = digits_of(token);
    const Token *third = token_at(text, index + 2);
    bool has_pair = token_is_sign(text, index + 1, '/') && token_glued(text, index + 1) &&
                    digits_of(third) > 0 && !third->gap;
    bool is_dashed = digits == 4 && full_year(token->value, 4) >= 1990 && /* "2025-00871" */
                     token_is_sign(text, index + 1, '-') && token_glued(text, index + 1) &&
                     token_glued(text, index + 2) && digits_of(third) >= 3 &&
                     digits_of(third) < 6 && !token_is_sign(text, index + 3, '-');
    if (is_dashed) {
        *found =
            (Numbered){proposal_token(reading, text, index + 2), (gint)token->value, index + 3};
        return true;
    }
    bool year_first = has_pair && digits == 4 && full_year(token->value, 4) >= 1990 &&
                      digits_of(third) < 6 && full_year(third->value, digits_of(third)) < 1990;
    if (year_first) { /* 2026/214 */
        *found =
            (Numbered){proposal_token(reading, text, index + 2), (gint)token->value, index + 3};
        return true;
    }
    if (date_at(text, index, &year, &month, &day) == 5 ||
        (digits > NUMBER_DIGITS_MOST && !has_sign) || digits > 17)
        return false;
    *found = (Numbered){proposal_token(reading, text, index), 0, index + 1};
    found->until += year_at(text, index + 1, &found->year);
    if (!has_sign && found->year == 0)
        return is_bare_number(text, index, digits);
    static const char *const counted[] = {
        "tavole",       "alloggi", "elaborati", "allegati", "copie", "piani",
        "appartamenti", "unita",   "fogli",     "posti",    NULL};
    if (found->year == 0 && digits <= 2 && is_one_of(text, index + 1, counted))
        return false; /* "SCIA n. 5 tavole" */
    return !is_law(token->value, found->year);
}

/* 01234567890-12012026-1030, the code of the national SUAP portal. */
bool practice_suap_code_at(const Reading *reading, const Text *text, guint index, Numbered *found)
{
    guint at = index;
    guint words = 0;
    while (token_at(text, at)->kind == TOKEN_WORD || token_at(text, at)->kind == TOKEN_NUMBER) {
        if (at > index && token_at(text, at)->gap)
            break;
        words++;
        at++;
        if (words > 12)
            return false;
    }
    if (at == index || !token_is_sign(text, at, '-') || digits_of(token_at(text, at + 1)) != 8 ||
        !token_is_sign(text, at + 2, '-') || digits_of(token_at(text, at + 3)) != 4)
        return false;
    guint32 length = token_at(text, at - 1)->end - token_at(text, index)->start;
    if (length != 11 && length != 16)
        return false;
    *found = (Numbered){proposal_raw(reading, text, index, at + 4),
                        (gint)(token_at(text, at + 1)->value % 10000), at + 4};
    return true;
}

static bool is_quote(const Text *text, guint index)
{
    const Token *token = token_at(text, index);
    return token->kind == TOKEN_SIGN &&
           (token->value == '"' || token->value == 0xab || token->value == 0xbb ||
            token->value == 0x201c || token->value == 0x201d);
}

/* PUA "Le Corti" n. 4/2019: the name of a practice. */
static guint skip_quoted(const Text *text, guint index)
{
    if (!is_quote(text, index))
        return index;
    for (guint at = index + 1; at < index + QUOTED_MOST; at++)
        if (is_quote(text, at))
            return at + 1;
    return index;
}

/* "PC/2023/0045", "PE-2024/12": letters before a year and its number. Tokens taken. */
static guint prefix_at(const Text *text, guint index)
{
    const Token *word = token_at(text, index);
    bool is_prefix = word->kind == TOKEN_WORD && word->upper && word->fold_length <= 5 &&
                     lex_at(text, index, LEX_PRACTICE, NULL) == 0 &&
                     (token_is_sign(text, index + 1, '/') || token_is_sign(text, index + 1, '-')) &&
                     token_glued(text, index + 1) && token_glued(text, index + 2) &&
                     digits_of(token_at(text, index + 2)) > 0;
    return is_prefix ? 2 : 0;
}

/* "ordinaria", "con", "ex art. 36-bis DPR 380/2001": what may stand between a practice and its
 * number. `cites` becomes whether a law is among it. */
static guint skip_fillers(const Text *text, guint index, bool *cites)
{
    static const char *const words[] = {
        "edilizia",     "edilizio",      "pratica",      "con",        "avente",    "in",
        "sanatoria",    "variante",      "suap",         "sue",        "ordinaria", "semplificata",
        "ordinario",    "tardiva",       "comunale",     "telematica", "digitale",  "unica",
        "condizionata", "convenzionato", "identificata", "reg",        "registro",  NULL};
    static const char *const citing[] = {"ex",    "ai",  "sensi", "dell", "del",
                                         "della", "bis", "ter",   "e",    NULL};
    guint at = skip_quoted(text, skip_stops(text, index));
    for (guint skipped = 0; skipped < FILLERS_MOST && is_one_of(text, at, words); skipped++)
        at = skip_stops(text, at + 1);
    guint law = at;
    *cites = false;
    while (law < at + CITED_MOST &&
           (token_at(text, law)->taken || is_one_of(text, law, citing) ||
            token_is_sign(text, law, '\'') || token_is_sign(text, law, '-') ||
            token_is_sign(text, law, ',') || token_is_sign(text, law, '(') ||
            token_is_sign(text, law, ')'))) {
        *cites |= token_at(text, law)->taken && token_at(text, law)->kind == TOKEN_NUMBER;
        law++;
    }
    return *cites ? law : at;
}

/* "è", "e'" and "e' la", "era la": tokens taken; 0 for the bare "e". */
static guint is_told_at(const Text *text, guint index)
{
    static const char *const articles[] = {"la", "il", NULL};
    if (token_is(text, index, "era") || token_is(text, index, "sarebbe"))
        return is_one_of(text, index + 1, articles) ? 2 : 1;
    if (!token_is(text, index, "e"))
        return 0;
    bool has_mark = token_is_sign(text, index + 1, '\'') || token_is_sign(text, index + 1, '`') ||
                    token_is_sign(text, index + 1, 0x2019);
    const Token *token = token_at(text, index);
    guint n = has_mark ? 2 : 1;
    if (is_one_of(text, index + n, articles))
        return n + 1;
    return has_mark || token->end - token->start > 1 ? n : 0;
}

/* "del 12/04/1974 n. 88": the date before the number, which has its year from it. */
static bool number_after_date(const Reading *reading, const Text *text, guint index,
                              Numbered *found)
{
    gint year, month, day;
    guint at = index;
    guint of = lex_at(text, at, LEX_OF, NULL);
    guint n = of > 0 ? date_at(text, at + of, &year, &month, &day) : 0;
    const Token *first = token_at(text, at + of);
    if (of > 0 && n == 0 && digits_of(first) == 4) { /* "condono del 1986 n. 3321" */
        year = full_year(first->value, 4);
        n = year ? 1 : 0;
    }
    if (n == 0 || year == 0)
        return false;
    at += of + n;
    at += token_is_sign(text, at, ',') ? 1 : 0;
    guint sign = number_sign_at(text, at);
    if (sign == 0 || !practice_number_at(reading, text, at + sign, true, found) ||
        (found->year > 0 && found->year != year))
        return false;
    const Token *next = token_at(text, found->until);
    found->year = year;
    return next->kind != TOKEN_WORD || next->upper || lex_languages(text, found->until);
}

/* The number after the words of a practice: "n. 214/2026", "edilizia nr. 12 del 2026", "2026/214",
 * "è la n. 18/2026". */
bool practice_number_after(const Reading *reading, const Text *text, guint index, Numbered *found)
{
    bool cites;
    guint at = skip_fillers(text, index, &cites);
    guint told = cites ? 0 : is_told_at(text, at);
    bool is_told = told > 0; /* "è la n. 18/2026": a number and its year */
    at += told;
    if (number_after_date(reading, text, at, found))
        return true;
    guint sign = number_sign_at(text, at);
    if (practice_suap_code_at(reading, text, at + sign, found))
        return true;
    if (cites && sign == 0)
        return false;
    if (sign == 0 && (token_is_sign(text, at, '(') || token_is_sign(text, at, '-') ||
                      (token_is_sign(text, at, '/') && token_glued(text, at + 1))))
        at++;
    guint prefix = prefix_at(text, at + sign);
    return practice_number_at(reading, text, at + sign + prefix, sign > 0, found) &&
           (found->year > 0 || (!is_told && !cites && prefix == 0));
}

/* "214/2026 SCIA", "n. 12/2026 (SCIA)": the number right before the words at `index`; where it
 * begins, G_MAXUINT when there is none. */
guint practice_number_before(const Reading *reading, const Text *text, guint index, Numbered *found)
{
    guint end = index;
    if (end > 0 && (token_is_sign(text, end - 1, '(') || token_is_sign(text, end - 1, '-') ||
                    token_is_sign(text, end - 1, '/')))
        end--;
    if (end < 3 || !practice_number_at(reading, text, end - 3, true, found) ||
        found->until != end || found->year == 0 ||
        (end > 3 && token_glued(text, end - 3) && token_is_sign(text, end - 4, '/')))
        return G_MAXUINT;
    return end - 3;
}

/* Words whose number it is rather than the practice's: "SCIA e fattura n. 14/2026". */
static bool has_own_number(const Text *text, guint index)
{
    static const char *const words[] = {
        "fattura",  "fatture",    "determina", "nota",      "note",       "lettera",
        "rep",      "repertorio", "raccolta",  "racc",      "atto",       "polizza",
        "tavola",   "tav",        "allegato",  "elaborato", "bollettino", "pagamento",
        "articolo", "scheda",     "ricevuta",  "mail",      "pec",        "parere",
        "civico",   "civ",        "interno",   "int",       "sub",        "scala",
        "piano",    "pagina",     "pag",       "gazzetta",  "bur",        "contratto",
        "ordine",   "iscrizione", "albo",      "tessera",   "conto",      "deliberazione",
        "decreto",  "legge",      "foglio",    "mappale",   "particella", "punto",
        NULL};
    return is_one_of(text, index, words) || lex_at(text, index, LEX_DOCUMENT, NULL) > 0;
}

static bool ends_clause(const Text *text, guint index)
{
    const Token *token = token_at(text, index);
    return token_ends_line(token) || token->kind == TOKEN_END || token->taken ||
           token_is_sign(text, index, ';') ||
           (token_is_sign(text, index, '.') && token_at(text, index + 1)->gap &&
            token_at(text, index + 1)->upper);
}

/* Is the sign of a number at `index` set apart from the words before it, past a street? */
static bool is_apart(const Text *text, guint index)
{
    const Token *before = token_at(text, index - 1);
    return before->kind == TOKEN_NUMBER ||
           (before->kind == TOKEN_SIGN &&
            (before->value == ',' || before->value == '(' || before->value == '-'));
}

guint practice_number_later(const Reading *reading, const Text *text, guint index, Numbered *found)
{
    bool has_street = false;
    for (guint at = index; at < index + LATER_WITHIN && !ends_clause(text, at); at++) {
        if (lex_any(text, at, LEX_PRACTICE, LEX_FILE, NULL, NULL) > 0)
            return G_MAXUINT;
        has_street |= lex_at(text, at, LEX_STREET, NULL) > 0;
        guint sign = at > index ? number_sign_at(text, at) : 0;
        if (sign == 0)
            continue;
        bool is_its_own = has_street ? is_apart(text, at) : at <= index + NEAR_WITHIN;
        if (has_own_number(text, at - 1) || !is_its_own)
            return G_MAXUINT;
        return practice_number_at(reading, text, at + sign, true, found) && found->year > 0
                   ? at
                   : G_MAXUINT;
    }
    return G_MAXUINT;
}
