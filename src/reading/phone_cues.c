/* phone_cues.c - what is said of a number: a telephone to call, a fax or somebody else's, another
 * thing. */
#include "reading/phone_cues.h"

#include <string.h>

#define PHONE_CUE_WITHIN 6 /* tokens: "mi chiami al mio numero di casa:" */
#define OTHER_CUE_WITHIN 4 /* "codice fiscale e p. iva" */
#define OFFER_WITHIN 12    /* "può chiamarmi dalle 8 alle 12 allo" */
#define CODE_LETTERS 5     /* "REG", "PROT" */

/* Pictures in signatures. */
static PhoneCue cue_of_picture(const Token *token)
{
    static const gunichar phones[] = {0x260e, 0x260f, 0x2706, 0x1f4de, 0x1f4f1, 0x1f4f2};
    if (token->kind != TOKEN_SIGN)
        return CUE_NONE;
    for (guint i = 0; i < G_N_ELEMENTS(phones); i++)
        if (token->value == phones[i])
            return CUE_PHONE;
    return token->value == 0x1f4e0 ? CUE_FAX : CUE_NONE;
}

static PhoneCue cue_at(const Text *text, guint index, guint reach)
{
    static const struct {
        LexClass kind;
        PhoneCue cue;
        guint within;
    } kinds[] = {
        {LEX_FAX, CUE_FAX, PHONE_CUE_WITHIN},        {LEX_PHONE, CUE_PHONE, PHONE_CUE_WITHIN},
        {LEX_VAT, CUE_OTHER, OTHER_CUE_WITHIN},      {LEX_PROTOCOL, CUE_OTHER, OTHER_CUE_WITHIN},
        {LEX_LAW, CUE_OTHER, OTHER_CUE_WITHIN},      {LEX_PRACTICE, CUE_OTHER, OTHER_CUE_WITHIN},
        {LEX_FILE, CUE_OTHER, OTHER_CUE_WITHIN},     {LEX_PARCEL, CUE_OTHER, OTHER_CUE_WITHIN},
        {LEX_REFERENCE, CUE_OTHER, OTHER_CUE_WITHIN}};
    guint longest = 0;
    PhoneCue cue = CUE_NONE;
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        guint n = reach <= kinds[i].within ? lex_at(text, index, kinds[i].kind, NULL) : 0;
        if (n > longest && n <= reach) {
            longest = n;
            cue = kinds[i].cue;
        }
    }
    return cue;
}

/* "tel. e fax", "tel./fax": one number for both. */
static bool is_for_both(const Text *text, guint fax)
{
    guint at = fax;
    while (at > 0 && fax - at < 3 &&
           (phone_is_joint(token_at(text, at - 1)) || token_is(text, at - 1, "e")))
        at--;
    return at > 0 && at < fax && lex_at(text, at - 1, LEX_PHONE, NULL) == 1;
}

static bool is_one_of(const Text *text, guint index, const char *const *words)
{
    for (; *words; words++)
        if (token_is(text, index, *words))
            return true;
    return false;
}

/* "vostro tel.", "ho chiamato il numero verde": nobody is to be called there. */
static bool is_yours(const Text *text, guint cue)
{
    static const char *const owners[] = {"vostro", "vostri", "vs", "ihre", "ihrer", "your", NULL};
    static const char *const small[] = {"il", "al", "allo", "lo", "anche", "the", "die", NULL};
    static const char *const awaited[] = {"chiamata", "telefonata", "riscontro", NULL};
    guint at = cue;
    if (is_one_of(text, cue, awaited))
        return false;
    while (at > 0 && (token_is_sign(text, at - 1, '.') || is_one_of(text, at - 1, small)))
        at--;
    if (at > 0 && is_one_of(text, at - 1, owners))
        return true;
    for (guint back = 1; back <= 3 && back <= at; back++)
        if (lex_at(text, at - back, LEX_FAX, NULL) == back && back > 1)
            return true;
    return false;
}

/* A phrase that begins earlier and reaches as far counts more: "vostro ufficio". */
static PhoneCue cue_over(const Text *text, guint cue_index, guint index, PhoneCue cue)
{
    for (guint back = 1; back <= 2 && back <= cue_index; back++) {
        if (token_ends_line(token_at(text, cue_index - back)))
            return cue;
        PhoneCue longer = CUE_NONE;
        guint n = lex_at(text, cue_index - back, LEX_FAX, NULL);
        longer = n > back && n <= index - cue_index + back ? CUE_FAX : CUE_NONE;
        n = lex_at(text, cue_index - back, LEX_PHONE, NULL);
        longer = longer == CUE_NONE && n > back ? CUE_PHONE : longer;
        if (longer != CUE_NONE)
            return longer;
    }
    return cue;
}

/* "polizza n. 3401234567": a number of something that is no telephone. */
static bool is_numbered_thing(const Text *text, guint index)
{
    static const char *const leads[] = {"al",       "allo", "il",  "mio", "nostro",  "questo",
                                        "seguente", "col",  "dal", "sul", "tramite", "un",
                                        "e",        "ho",   "o",   "a",   "su",      NULL};
    for (guint back = 1; back <= 3 && back < index; back++) {
        if (number_sign_at(text, index - back) != back)
            continue;
        guint before = index - back - 1;
        return token_at(text, before)->kind == TOKEN_WORD && !is_one_of(text, before, leads);
    }
    return false;
}

/* "045 8765433 (fax)" says it behind the number. */
static bool is_fax_behind(const Text *text, guint until)
{
    return token_is_sign(text, until, '(') && lex_at(text, until + 1, LEX_FAX, NULL) == 1 &&
           token_at(text, until + 1)->fold_length > 1;
}

/* "arch. Neri del Vs. ufficio (tel. 045 8077010)": said of the office in parentheses. */
static bool is_behind_yours(const Text *text, guint index)
{
    static const char *const owners[] = {"vostro", "vostra", "vostri", "vs", NULL};
    guint at = index;
    while (at > 0 && index - at < 4 && !token_is_sign(text, at - 1, '('))
        at--;
    if (at < 2 || !token_is_sign(text, at - 1, '('))
        return false;
    for (guint back = 2; back <= PHONE_CUE_WITHIN && back <= at; back++) {
        if (token_ends_line(token_at(text, at - back)) || token_is_sign(text, at - back, ','))
            return false;
        if (is_one_of(text, at - back, owners))
            return true;
    }
    return false;
}

/* "il telefono del vostro geom. Verdi (045 8077123)" */
static bool is_phone_of_yours(const Text *text, guint index)
{
    static const char *const owners[] = {"vostro", "vostra", "vostri", "vs", NULL};
    static const char *const links[] = {"del", "della", "dei", "di", NULL};
    for (guint back = 1; back <= PHONE_CUE_WITHIN && back + 2 <= index; back++) {
        if (token_ends_line(token_at(text, index - back)))
            return false;
        if (is_one_of(text, index - back, owners))
            return is_one_of(text, index - back - 1, links) &&
                   lex_at(text, index - back - 2, LEX_PHONE, NULL) == 1;
    }
    return false;
}

/* "REG. 0456001122", "C.I. AX 3456001122": behind letters of a register. */
static bool is_coded(const Text *text, guint index)
{
    guint at = index;
    while (at > 0 && index - at < 2 && token_is_sign(text, at - 1, '.'))
        at--;
    const Token *word = at > 0 ? token_at(text, at - 1) : &token_nothing;
    if (word->kind != TOKEN_WORD || word->fold_length < 2 || word->fold_length > CODE_LETTERS ||
        lex_languages(text, at - 1) > 0)
        return false;
    for (guint32 i = word->start; i < word->end; i++)
        if (!g_ascii_isupper(text->bytes[i]))
            return false;
    return true;
}

/* "del geometra", "il mio geometra": somebody else by trade or family. */
static bool is_other_person(const Text *text, guint index)
{
    static const char *const others[] = {
        "geometra",  "architetto", "ingegnere", "amministratore", "amministratrice", "tecnico",
        "impresa",   "idraulico",  "moglie",    "marito",         "figlio",          "figlia",
        "padre",     "madre",      "fratello",  "sorella",        "vicino",          "vicina",
        "inquilino", "portinaio",  NULL};
    return is_one_of(text, index, others);
}

/* "il mio geometra ha il 347 …", "tel. del geometra: 347 …", "per urgenze l'amministratore rag.
 * Pozzi, 340 …", "non chiamatemi al 340 …": not where the sender is called. */
static bool is_anothers(const Text *text, guint index)
{
    static const char *const the[] = {"il", "lo", "la", "l", "del", "della", "dell", NULL};
    static const char *const of[] = {"del", "della", "dell", NULL};
    static const char *const calls[] = {"chiamatemi", "chiamarmi",    "chiamate",     "chiamare",
                                        "telefonate", "telefonatemi", "contattatemi", NULL};
    static const char *const urgent[] = {"urgenze", "urgenza", "emergenze", NULL};
    if (index >= 2 && token_is(text, index - 2, "ha") && is_one_of(text, index - 1, the))
        return true;
    bool has_comma = false;
    for (guint back = 1; back <= PHONE_CUE_WITHIN + 2 && back < index; back++) {
        guint at = index - back;
        if (token_ends_line(token_at(text, at)) || token_is_sign(text, at, ';') ||
            token_at(text, at)->kind == TOKEN_NUMBER)
            return false;
        has_comma |= token_is_sign(text, at, ',');
        guint before = at - 1 - (at > 1 && token_is_sign(text, at - 1, '\'') ? 1 : 0);
        if (!has_comma && is_one_of(text, at, calls) && token_is(text, at - 1, "non"))
            return true;
        if (!is_other_person(text, at))
            continue;
        if (before > 0 && is_one_of(text, before, the) && is_one_of(text, before - 1, urgent))
            return true;
        if (!has_comma && before > 0 && is_one_of(text, before, of) &&
            (lex_at(text, before - 1, LEX_PHONE, NULL) == 1 ||
             (token_is_sign(text, before - 1, '.') && before > 1 &&
              lex_at(text, before - 2, LEX_PHONE, NULL) == 1)))
            return true;
    }
    return false;
}

/* The cue nearest to a number, on its line and in its clause. */
PhoneCue phone_cue(const Text *text, guint index, guint until)
{
    if (is_phone_of_yours(text, index) || is_behind_yours(text, index) ||
        is_fax_behind(text, until) || is_anothers(text, index))
        return CUE_FAX;
    for (guint back = 1; back <= PHONE_CUE_WITHIN && back <= index; back++) {
        const Token *token = token_at(text, index - back);
        if (token_ends_line(token) || token->kind == TOKEN_NUMBER ||
            token_is_sign(text, index - back, ';') || token_is_sign(text, index - back, ','))
            break;
        PhoneCue cue = cue_of_picture(token);
        if (cue != CUE_NONE)
            return cue;
        cue = cue_at(text, index - back, back);
        if (cue == CUE_NONE)
            continue;
        cue = cue_over(text, index - back, index, cue);
        if (cue == CUE_FAX && is_for_both(text, index - back))
            return CUE_PHONE;
        return cue == CUE_PHONE && is_yours(text, index - back) ? CUE_FAX : cue;
    }
    return is_numbered_thing(text, index) || is_coded(text, index) ? CUE_OTHER : CUE_NONE;
}

/* "chiamarmi", "contattatemi": a verb that ends in the sender. */
static bool asks_for_me(const Text *text, guint index)
{
    static const char *const words[] = {"mi",     "mio",           "mia",        "miei",     "me",
                                        "nostro", "nostra",        "nostri",     "my",       "mich",
                                        "reach",  "raggiungibile", "reperibile", "rispondo", "ci",
                                        "meine",  "meiner",        "contatti",   NULL};
    const Token *token = token_at(text, index);
    if (is_one_of(text, index, words))
        return true;
    const char *end = text->folded->str + token->fold + token->fold_length;
    return token->kind == TOKEN_WORD && token->fold_length >= 7 &&
           (memcmp(end - 3, "rmi", 3) == 0 || memcmp(end - 4, "temi", 4) == 0 ||
            memcmp(end - 3, "rci", 3) == 0 || memcmp(end - 4, "teci", 4) == 0);
}

bool phone_is_offered(const Text *text, guint index)
{
    const Token *before = index > 0 ? token_at(text, index - 1) : &token_nothing;
    if (token_at(text, index)->section != SECTION_BODY || before->kind != TOKEN_WORD)
        return true;
    for (guint back = 1; back <= OFFER_WITHIN && back <= index; back++) {
        if (token_ends_line(token_at(text, index - back)) || token_is_sign(text, index - back, ';'))
            return false;
        if (asks_for_me(text, index - back))
            return true;
    }
    return false;
}
