/* practice.c - building practices: their type, number and year. Law citations are taken out of the
 * way first. */
#include "reading/internal.h"

#include <string.h>

#define NUMBER_DIGITS_MOST 7 /* a longer number is a telephone */
#define FILLERS_MOST 3
#define CITED_MOST 20    /* tokens of a law between a practice and its number */
#define PLANNED_BEFORE 4 /* tokens from "presentare" to "una SCIA" */

/* The Italian sigla, also for German and English words. */
static const char *const sigle[N_PRACTICES] = {"SCIA",
                                               "CILA",
                                               "CILA-S",
                                               "CIL",
                                               "PdC",
                                               "SCA",
                                               "DIA",
                                               "CE",
                                               "licenza",
                                               "condono",
                                               "sanatoria",
                                               "paesaggistica",
                                               "accesso agli atti",
                                               "PUA"};

/* Law 47 of 1985 and its like, which are cited without the word law: "condono 47/85". */
static const struct {
    guint number, year;
} laws[] = {{47, 1985}, {724, 1994},  {326, 2003}, {269, 2003},  {380, 2001}, {241, 1990},
            {42, 2004}, {1150, 1942}, {765, 1967}, {10, 1977},   {160, 2019}, {76, 2020},
            {69, 2024}, {105, 2024},  {445, 2000}, {679, 2016},  {222, 2016}, {160, 2010},
            {31, 2017}, {34, 2020},   {77, 2020},  {1444, 1968}, {13, 1989},  {192, 2005}};

typedef struct {
    char *number;
    gint year;
    guint until;
} Numbered;

/* "36 DPR 380/2001", "2016/679", "n. 47/85": numbers with stops and slashes after the word of a
 * law. */
void laws_take(Text *text)
{
    for (guint i = 0; i < text_count(text); i++) {
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
    if ((token_is_sign(text, index, '/') || token_is_sign(text, index, '-')) &&
        digits_of(token) > 0 && !token->gap) {
        *year = full_year(token->value, digits_of(token));
        return *year ? 2 : 0;
    }
    guint at = index;
    if (token_is_sign(text, at, ','))
        at++;
    for (guint skipped = 0;
         skipped < 3 && (lex_at(text, at, LEX_DOCUMENT, NULL) || lex_at(text, at, LEX_OF, NULL) ||
                         token_is(text, at, "anno") || token_is(text, at, "dell") ||
                         token_is_sign(text, at, '\''));
         skipped++)
        at += MAX(1, MAX(lex_at(text, at, LEX_DOCUMENT, NULL), lex_at(text, at, LEX_OF, NULL)));
    if (lex_at(text, at, LEX_ARTICLE, NULL) && at > index)
        at += lex_at(text, at, LEX_ARTICLE, NULL);
    gint month, day;
    guint n = date_at(text, at, year, &month, &day);
    if (n > 0 && *year > 0 && at > index)
        return at + n - index;
    *year = 0;
    if (digits_of(token_at(text, at)) == 4 && at > index)
        *year = full_year(token_at(text, at)->value, 4);
    return *year ? at + 1 - index : 0;
}

/* "SCIA 214": no sign before it and no year; not "condono 60 mila euro", "mi dia 15 minuti". */
static bool is_bare_number(const Text *text, guint index, guint digits)
{
    const Token *next = token_at(text, index + 1);
    bool is_glued_sign = token_glued(text, index + 1) && next->kind == TOKEN_SIGN &&
                         strchr("/-:,%", text->bytes[next->start]);
    bool is_counted =
        next->kind == TOKEN_NUMBER ||
        (next->kind == TOKEN_WORD && !next->upper && !lex_languages(text, index + 1) &&
         !lex_at(text, index + 1, LEX_DOCUMENT, NULL) &&
         !lex_at(text, index + 1, LEX_STREET, NULL)) ||
        token_is_sign(text, index + 1, 0x20ac) || token_is_sign(text, index + 1, '%');
    guint32 value = token_at(text, index)->value;
    return !is_glued_sign && !is_counted && digits >= 2 &&
           full_year(value, digits == 4 ? 4 : 0) == 0 &&
           lex_at(text, index + 1, LEX_MONTH, NULL) == 0;
}

/* A number that may be the practice's at a token. */
static bool number_at(const Reading *reading, const Text *text, guint index, bool has_sign,
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
    return !is_law(token->value, found->year);
}

/* 01234567890-12012026-1030, the code of the national SUAP portal. */
static bool suap_code_at(const Reading *reading, const Text *text, guint index, Numbered *found)
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

static const char *text_of(const Value *practice, const char *key)
{
    const char *text = value_get_text(practice, key);
    return text ? text : "";
}

/* Folds a practice into one that is already there: the same number, one of them without type or
 * year. */
static bool is_known(Value *list, const char *type, const Numbered *numbered)
{
    for (guint i = 0; i < value_length(list); i++) {
        Value *known = (Value *)value_at(list, i);
        gint64 year = value_get_integer(known, "year");
        bool same_type =
            !type || !value_get_text(known, "type") || strcmp(type, text_of(known, "type")) == 0;
        bool same_number =
            numbered->number && strcmp(numbered->number, text_of(known, "number")) == 0;
        bool same_year = year == 0 || numbered->year == 0 || year == numbered->year;
        if (!same_type || !same_year || !same_number)
            continue;
        if (type && !value_get_text(known, "type"))
            value_set_text(known, "type", type);
        if (numbered->year && year == 0)
            value_set_integer(known, "year", numbered->year);
        return true;
    }
    return false;
}

static void add(Reading *reading, Text *text, Value *list, const char *type, guint index,
                const Numbered *numbered)
{
    text_take(text, index, numbered->until);
    if (is_known(list, type, numbered))
        return;
    Value *practice = proposal_new(reading, list, text, index, numbered->until,
                                   type && numbered->year ? CERTAIN : LIKELY, "practice.number");
    value_set(practice, "type", value_text(reading->arena, type));
    value_set_text(practice, "number", numbered->number);
    value_set(practice, "year",
              numbered->year ? value_integer(reading->arena, numbered->year)
                             : value_null(reading->arena));
}

static bool is_one_of(const Text *text, guint index, const char *const *words)
{
    for (; *words; words++)
        if (token_is(text, index, *words))
            return true;
    return false;
}

/* "ordinaria", "con", "ex art. 36-bis DPR 380/2001": what may stand between a practice and its
 * number. `cites` becomes whether a law is among it. */
static guint skip_fillers(const Text *text, guint index, bool *cites)
{
    static const char *const words[] = {
        "edilizia",     "edilizio",      "pratica",      "con",        "avente",    "in",
        "sanatoria",    "variante",      "suap",         "sue",        "ordinaria", "semplificata",
        "ordinario",    "tardiva",       "comunale",     "telematica", "digitale",  "unica",
        "condizionata", "convenzionato", "identificata", NULL};
    static const char *const citing[] = {"ex",    "ai",  "sensi", "dell", "del",
                                         "della", "bis", "ter",   "e",    NULL};
    guint at = skip_stops(text, index);
    for (guint skipped = 0; skipped < FILLERS_MOST && is_one_of(text, at, words); skipped++)
        at++;
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

/* The number after the words of a practice: "n. 214/2026", "edilizia nr. 12 del 2026", "2026/214",
 * "è la n. 18/2026". */
static bool number_after(const Reading *reading, const Text *text, guint index, Numbered *found)
{
    static const char *const articles[] = {"la", "il", NULL};
    bool cites, is_told = false;
    guint at = skip_fillers(text, index, &cites);
    if (!cites && token_is(text, at, "e") && is_one_of(text, at + 1, articles)) {
        is_told = true; /* "è la n. 18/2026": a number and its year */
        at += 2;
    }
    guint sign = number_sign_at(text, at);
    if (suap_code_at(reading, text, at + sign, found))
        return true;
    if (cites && sign == 0)
        return false;
    if (sign == 0 && (token_is_sign(text, at, '(') || token_is_sign(text, at, '-') ||
                      (token_is_sign(text, at, '/') && token_glued(text, at + 1))))
        at++;
    return number_at(reading, text, at + sign, sign > 0, found) &&
           (found->year > 0 || (!is_told && !cites));
}

/* "214/2026 SCIA", "n. 12/2026 (SCIA)": the number right before the words at `index`; where it
 * begins, G_MAXUINT when there is none. */
static guint number_before(const Reading *reading, const Text *text, guint index, Numbered *found)
{
    guint end = index;
    if (end > 0 && (token_is_sign(text, end - 1, '(') || token_is_sign(text, end - 1, '-') ||
                    token_is_sign(text, end - 1, '/')))
        end--;
    if (end < 3 || !number_at(reading, text, end - 3, true, found) || found->until != end ||
        found->year == 0 ||
        (end > 3 && token_glued(text, end - 3) && token_is_sign(text, end - 4, '/')))
        return G_MAXUINT;
    return end - 3;
}

/* "SCIA 12/2026 e 15/2026": further numbers of the same type. */
static guint more_numbers(Reading *reading, Text *text, Value *list, const char *type, guint index)
{
    guint until = index;
    for (;;) {
        guint at = until;
        if (!token_is_sign(text, at, ',') && lex_at(text, at, LEX_AND, NULL) != 1)
            return until;
        at++;
        at += number_sign_at(text, at);
        Numbered numbered;
        const Token *token = token_at(text, at);
        bool is_pair = token->kind == TOKEN_NUMBER && token_is_sign(text, at + 1, '/') &&
                       token_glued(text, at + 1);
        if (!is_pair || !number_at(reading, text, at, true, &numbered) || numbered.year == 0)
            return until;
        add(reading, text, list, type, at, &numbered);
        until = numbered.until;
    }
}

typedef struct {
    const char *type; /* of practices without a number: NULL none, "" several */
    Text *text;
    guint from, until;
} Unnumbered;

/* "presentare una SCIA", "se la CILA basta": one that is not there yet. */
static bool is_planned(const Text *text, guint from, guint until)
{
    static const char *const verbs[] = {"presentare", "fare",     "depositare",  "serve",
                                        "servirebbe", "occorre",  "predisporre", "aprire",
                                        "basta",      "bisogno",  "preparare",   "servono",
                                        "necessaria", "chiedere", "richiedere",  NULL};
    static const char *const after[] = {"basta", "serve", "occorre", "servirebbe", NULL};
    static const char *const the[] = {"la", "il", "della", "del", NULL};
    bool is_needed = from > 1 && is_one_of(text, from - 2, after) && is_one_of(text, from - 1, the);
    if (is_needed || is_one_of(text, until, after) ||
        (token_is(text, until, "da") && is_one_of(text, until + 1, verbs)))
        return true;
    if (from > 0 && is_one_of(text, from - 1, the))
        return false;
    for (guint back = 1; back <= PLANNED_BEFORE && back <= from; back++)
        if (is_one_of(text, from - back, verbs))
            return true;
    return false;
}

static void note_unnumbered(Unnumbered *note, Text *text, PracticeType type, guint from,
                            guint until)
{
    if (type > PRACTICE_SCA || token_at(text, from)->section == SECTION_FORWARD ||
        is_planned(text, from, until))
        return;
    if (note->type && strcmp(note->type, sigle[type]) != 0) {
        note->type = "";
        return;
    }
    *note = (Unnumbered){sigle[type], text, from, until};
}

/* "mi dia 15 minuti", "c'è": letters of a practice that are words too. */
static bool is_plain_word(const Text *text, guint index, gint type)
{
    const Token *token = token_at(text, index);
    if (type == PRACTICE_CONCESSION || type == PRACTICE_LICENCE)
        return token->fold_length == 1 && !(token->upper && token_is_sign(text, index + 1, '.'));
    return type == PRACTICE_DIA && token->fold_length == 3 && !token->upper &&
           number_sign_at(text, index + 1) == 0 && !token_is_sign(text, index + 2, '/');
}

/* The words of a practice at a token: how many, with "(CIL)" after "comunicazione di inizio
 * lavori".
 */
static guint practice_at(const Text *text, guint index, gint *type)
{
    guint n = lex_at(text, index, LEX_PRACTICE, type);
    if (n == 0 || is_plain_word(text, index, *type))
        return 0;
    gint inner = *type;
    guint more =
        token_is_sign(text, index + n, '(') ? lex_at(text, index + n + 1, LEX_PRACTICE, &inner) : 0;
    if (more == 0 || !token_is_sign(text, index + n + 1 + more, ')'))
        return n;
    *type = inner;
    return n + more + 2;
}

/* "pratica 12/2026 (SCIA)", "2024/1178/PdC": the type after the number, if it has none of its own.
 */
static guint type_after(const Reading *reading, const Text *text, guint index, gint *type)
{
    bool is_joined = token_is_sign(text, index, '/') || token_is_sign(text, index, '(') ||
                     token_is_sign(text, index, '-');
    guint n = is_joined ? lex_at(text, index + 1, LEX_PRACTICE, type) : 0;
    Numbered other;
    if (n == 0 || number_after(reading, text, index + 1 + n, &other))
        return 0;
    return n + 1;
}

/* A practice of any kind at a token, with its number after it or before. Where it ends, 0 when
 * there is none. */
static guint read_numbered(Reading *reading, Text *text, Value *list, guint index, guint n,
                           gint type)
{
    Numbered numbered;
    const char *sigla = type == PRACTICE_NONE ? NULL : sigle[type];
    if (number_after(reading, text, index + n, &numbered)) {
        guint more = sigla ? 0 : type_after(reading, text, numbered.until, &type);
        numbered.until += more;
        add(reading, text, list, more > 0 ? sigle[type] : sigla, index, &numbered);
        return more_numbers(reading, text, list, sigla, numbered.until);
    }
    guint from = sigla ? number_before(reading, text, index, &numbered) : G_MAXUINT;
    if (from == G_MAXUINT)
        return 0;
    numbered.until = index + n;
    add(reading, text, list, sigla, from, &numbered);
    return index + n;
}

/* "rif. 2026/0123": a reference is a practice only with its year. */
static guint read_reference(Reading *reading, Text *text, Value *list, guint index)
{
    guint n = lex_at(text, index, LEX_REFERENCE, NULL);
    Numbered numbered;
    if (n == 0 || !number_after(reading, text, index + n, &numbered) || numbered.year == 0 ||
        numbered.until < index + n + 3)
        return 0;
    add(reading, text, list, NULL, index, &numbered);
    return numbered.until;
}

/* Where what is said of a practice at a token ends; `index` when there is nothing. */
static guint read_at(Reading *reading, Text *text, Value *list, Unnumbered *note, guint index)
{
    gint type = PRACTICE_NONE;
    Numbered code;
    if (digits_of(token_at(text, index)) == 11 && suap_code_at(reading, text, index, &code)) {
        add(reading, text, list, NULL, index, &code);
        return code.until;
    }
    guint n = practice_at(text, index, &type);
    bool is_typed = n > 0;
    if (!is_typed) {
        type = PRACTICE_NONE;
        n = lex_at(text, index, LEX_FILE, NULL);
    }
    if (n == 0)
        return MAX(index, read_reference(reading, text, list, index));
    guint until = read_numbered(reading, text, list, index, n, type);
    if (until > 0)
        return until;
    if (is_typed && token_at(text, index)->section == SECTION_BODY)
        note_unnumbered(note, text, (PracticeType)type, index, index + n);
    return index + n;
}

static void read_text(Reading *reading, Text *text, Value *list, Unnumbered *note)
{
    for (guint i = 0; i < text_count(text) && value_length(list) < PROPOSALS_MOST; i++) {
        const Token *token = token_at(text, i);
        if (!token_is_read(token) || token->taken)
            continue;
        guint until = read_at(reading, text, list, note, i);
        if (until > i)
            i = until - 1;
    }
}

/* "la cila di via Mazzini": the one practice that is named, without its number. */
static void add_unnumbered(Reading *reading, Value *list, const Unnumbered *note)
{
    bool is_wanted = note->type && note->type[0] && value_length(list) == 0 &&
                     reading->kind == KIND_REQUEST && reading->topic != TOPIC_ORIENTATION &&
                     reading->topic != TOPIC_ACCESS;
    if (!is_wanted)
        return;
    Value *practice =
        proposal_new(reading, list, note->text, note->from, note->until, LIKELY, "practice.type");
    value_set_text(practice, "type", note->type);
    value_set(practice, "number", value_null(reading->arena));
    value_set(practice, "year", value_null(reading->arena));
}

void practices_read(Reading *reading, Value *list)
{
    Unnumbered note = {0};
    read_text(reading, reading->body, list, &note);
    if (reading->kind == KIND_REQUEST || reading->kind == KIND_QUESTION)
        read_text(reading, reading->subject, list, &note);
    add_unnumbered(reading, list, &note);
}
