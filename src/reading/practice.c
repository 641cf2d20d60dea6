/* practice.c - building practices: their type, with number and year (practice_number.c). */
#include "reading/practice.h"

#include <string.h>

#define SUAP_DIGITS 11   /* of a firm; of a person it has letters, and a word before it */
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

static bool is_one_of(const Text *text, guint index, const char *const *words)
{
    for (; *words; words++)
        if (token_is(text, index, *words))
            return true;
    return false;
}

/* "non si tratta della SCIA 12/2025", "il vicino ha la CILA 9/2024", "polizza CILA 9/26". */
static bool is_not_meant(const Reading *reading, const Text *text, guint index)
{
    static const char *const things[] = {"polizza", "fattura", NULL};
    static const char *const the[] = {"la", "il", "una", "un", NULL};
    static const char *const about[] = {"tratta", "riguarda", "parlo", "parliamo", NULL};
    static const char *const neighbours[] = {"vicino", "vicina", "confinante", NULL};
    if (index > 0 && is_one_of(text, index - 1, things))
        return true;
    if (index < 3)
        return false;
    if (reading->topic != TOPIC_ACCESS && is_one_of(text, index - 1, the) &&
        token_is(text, index - 2, "ha") && is_one_of(text, index - 3, neighbours))
        return true;
    return is_one_of(text, index - 2, about) &&
           (token_is(text, index - 3, "non") ||
            (index > 3 && token_is(text, index - 3, "si") && token_is(text, index - 4, "non")));
}

static void add(Reading *reading, Text *text, Value *list, const char *type, guint index,
                const Numbered *numbered)
{
    text_take(text, index, numbered->until);
    if (is_not_meant(reading, text, index) || is_known(list, type, numbered))
        return;
    Value *practice = proposal_new(reading, list, text, index, numbered->until,
                                   type && numbered->year ? CERTAIN : LIKELY, "practice.number");
    value_set(practice, "type", value_text(reading->arena, type));
    value_set_text(practice, "number", numbered->number);
    value_set(practice, "year",
              numbered->year ? value_integer(reading->arena, numbered->year)
                             : value_null(reading->arena));
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
        if (!is_pair || !practice_number_at(reading, text, at, true, &numbered) ||
            numbered.year == 0)
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
    if (is_needed || is_one_of(text, until, after))
        return true;
    static const char *const about[] = {"per", "x", "su", NULL}; /* "colloquio per CILA da fare" */
    if (token_is(text, until, "da") && is_one_of(text, until + 1, verbs))
        return from == 0 || !is_one_of(text, from - 1, about);
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

/* "the condono file 771/1995", "SCIA pratica n. 12/2026": the word for a file between a practice
 * and its number. */
static guint file_after(const Text *text, guint index)
{
    guint n = lex_at(text, index, LEX_FILE, NULL);
    guint at = skip_stops(text, index + n);
    bool has_number = number_sign_at(text, at) > 0 || token_at(text, at)->kind == TOKEN_NUMBER;
    return has_number ? n : 0;
}

/* The words of a practice at a token: how many, with "(CIL)" after "comunicazione di inizio
 * lavori".
 */
static guint practice_at(const Text *text, guint index, gint *type)
{
    guint n = lex_at(text, index, LEX_PRACTICE, type);
    if (n == 0 || is_plain_word(text, index, *type))
        return 0;
    n += file_after(text, index + n);
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
    if (n == 0 || practice_number_after(reading, text, index + 1 + n, &other))
        return 0;
    return n + 1;
}

/* "licenza", "permesso": one of building only with its year. */
static bool is_vague_at(const Text *text, guint index, guint n, gint type)
{
    bool is_permit = type == PRACTICE_PDC && token_is(text, index, "permesso");
    return n == 1 && (is_permit || type == PRACTICE_CONCESSION || type == PRACTICE_LICENCE);
}

/* A practice of any kind at a token, with its number after it or before. Where it ends, 0 when
 * there is none. */
static guint read_numbered(Reading *reading, Text *text, Value *list, guint index, guint n,
                           gint type)
{
    Numbered numbered;
    const char *sigla = type == PRACTICE_NONE ? NULL : sigle[type];
    bool is_vague = is_vague_at(text, index, n, type);
    bool is_bare_permit = is_vague && type == PRACTICE_PDC;
    if (practice_number_after(reading, text, index + n, &numbered) &&
        !(is_vague && numbered.year == 0)) {
        guint more = sigla ? 0 : type_after(reading, text, numbered.until, &type);
        numbered.until += more;
        add(reading, text, list, more > 0 ? sigle[type] : sigla, index, &numbered);
        return more_numbers(reading, text, list, sigla, numbered.until);
    }
    if (is_bare_permit)
        return index + n;
    guint from = sigla ? practice_number_before(reading, text, index, &numbered) : G_MAXUINT;
    guint later = from == G_MAXUINT && sigla
                      ? practice_number_later(reading, text, index + n, &numbered)
                      : G_MAXUINT;
    if (later != G_MAXUINT) {
        add(reading, text, list, sigla, later, &numbered);
        return index + n;
    }
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
    if (n == 0 || !practice_number_after(reading, text, index + n, &numbered) ||
        numbered.year == 0 || numbered.until < index + n + 3)
        return 0;
    add(reading, text, list, NULL, index, &numbered);
    return numbered.until;
}

/* Where what is said of a practice at a token ends; `index` when there is nothing. */
static guint read_at(Reading *reading, Text *text, Value *list, Unnumbered *note, guint index)
{
    gint type = PRACTICE_NONE;
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
    LexSet set = LEX_SET(LEX_PRACTICE, LEX_FILE, LEX_REFERENCE);
    for (guint i = 0;
         lex_next(text, &i, text_count(text), set) && value_length(list) < PROPOSALS_MOST; i++) {
        const Token *token = token_at(text, i);
        if (!token_is_read(token) || token->taken)
            continue;
        guint until = read_at(reading, text, list, note, i);
        if (until > i)
            i = until - 1;
    }
}

/* Codes of the SUAP portal without a word for them: they are like nothing else. */
static void read_codes(Reading *reading, Text *text, Value *list)
{
    LexSet begins = LEX_SET(LEX_FIGURES);
    for (guint i = 0;
         lex_next(text, &i, text_count(text), begins) && value_length(list) < PROPOSALS_MOST; i++) {
        const Token *token = token_at(text, i);
        Numbered code;
        if (token->end - token->start != SUAP_DIGITS || token->taken || !token_is_read(token) ||
            !practice_suap_code_at(reading, text, i, &code))
            continue;
        add(reading, text, list, NULL, i, &code);
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
    read_codes(reading, reading->body, list);
    if (reading->kind == KIND_REQUEST || reading->kind == KIND_QUESTION)
        read_text(reading, reading->subject, list, &note);
    add_unnumbered(reading, list, &note);
}
