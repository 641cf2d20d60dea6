/* names.c - names of persons and of firms in a text: capitalised words, with what may stand before,
 * inside and after them. Whose name it is, is asked elsewhere. */
#include "reading/people.h"

#include <string.h>

#define NAME_WORDS_MOST 4
#define PARTY_WORDS_MOST 6    /* "Condominio Le Rose di via Mazzini" */
#define PARTIES_MOST 6        /* "Mario, Anna e Luca Rossi" */
#define TITLES_MOST 8         /* "la società agricola", "l'egr. sig. dott. ing." */
#define WORDS_OF_BOTH_MOST 12 /* of two names that are compared */

bool people_is_word(const Text *text, guint index, const char *const *words)
{
    for (; *words; words++)
        if (token_is(text, index, *words))
            return true;
    return false;
}

/* --- before a name
 * ------------------------------------------------------------------------------------- */

/* "la mia", "del signor": small words that lead to a name. */
static bool leads_to_name(const Text *text, guint index)
{
    static const char *const small[] = {
        "il",       "la",     "l",      "i",       "gli",      "le",       "mio",      "mia",
        "miei",     "nostro", "nostra", "nostri",  "anche",    "dal",      "dalla",    "dall",
        "dai",      "dagli",  "dalle",  "dei",     "degli",    "del",      "della",    "dell",
        "con",      "lo",     "suo",    "sua",     "al",       "alla",     "all",      "ai",
        "di",       "da",     "un",     "una",     "uno",      "ricevuto", "ricevuta", "conferito",
        "agricola", "edile",  "ditte",  "der",     "die",      "des",      "meiner",   "meines",
        "meine",    "meinen", "unsere", "unseren", "meinem",   "the",      "my",       "our",
        "e",        "ossia",  "cioe",   "ovvero",  "nominata", "nome",     "nominato", "chiamata",
        "parte",    NULL};
    return !token_at(text, index)->upper && people_is_word(text, index, small);
}

static bool is_light_sign(const Text *text, guint index)
{
    static const char signs[] = "'.:,(\"-";
    const Token *token = token_at(text, index);
    return token->kind == TOKEN_SIGN && token->value < 0x80 && token->value > 0 &&
           strchr(signs, (gint)token->value);
}

/* Does the kind of party belong to its name? "Condominio Le Rose", not "ditta Edil Rossi". */
static guint named_kind_at(const Text *text, guint index)
{
    gint stays = 0;
    guint n = lex_at(text, index, LEX_PERSON, &stays);
    return stays ? n : 0;
}

/* "sig.ra", "geom.", "l'": what stands before a name. */
guint people_skip_titles(const Text *text, guint index)
{
    guint at = index;
    for (guint i = 0; i < TITLES_MOST; i++) {
        if (named_kind_at(text, at) > 0)
            return at;
        guint n = lex_at(text, at, LEX_PERSON, NULL);
        n = MAX(n, lex_at(text, at, LEX_TITLE, NULL));
        if (n == 0 && (leads_to_name(text, at) || is_light_sign(text, at)))
            n = 1;
        if (n == 0)
            return at;
        at = skip_stops(text, at + n);
    }
    return at;
}

/* --- a name
 * -------------------------------------------------------------------------------------------- */

/* Words of the office and of what it does: whoever is called so is no sender and no guest. */
bool people_is_office(const Text *text, guint index)
{
    static const char *const words[] = {"comune",
                                        "comunale",
                                        "municipio",
                                        "ufficio",
                                        "uffici",
                                        "sportello",
                                        "sue",
                                        "suap",
                                        "edilizia",
                                        "urbanistica",
                                        "vostro",
                                        "vostra",
                                        "vostri",
                                        "vostre",
                                        "vs",
                                        "segreteria",
                                        "protocollo",
                                        "responsabile",
                                        "dirigente",
                                        "funzionario",
                                        "funzionaria",
                                        "istruttore",
                                        "istruttrice",
                                        "rup",
                                        "settore",
                                        "servizio",
                                        "regione",
                                        "tribunale",
                                        "soprintendenza",
                                        "assessore",
                                        "sindaco",
                                        "amministrazione",
                                        "direzione",
                                        NULL};
    return people_is_word(text, index, words);
}

/* "De", "Dal", "Lo": function words that begin surnames and names of houses. */
static bool is_particle(const Text *text, guint index)
{
    static const char *const words[] = {
        "de", "di", "del", "della", "dello", "dei",  "dal", "dalla", "dall", "la", "lo",
        "le", "li", "d",   "da",    "al",    "dell", "san", "von",   "van",  "zu", NULL};
    return people_is_word(text, index, words);
}

/* "sig. Nereo Piva", but "Edil Rossi P.IVA 0123": letters that no number follows are a name. */
static bool is_of_number(const Text *text, guint index)
{
    const Token *token = token_at(text, index);
    guint n = lex_at(text, index, LEX_VAT, NULL);
    return n != 1 || token->fold_length < 3 || token_at(text, index + 1)->kind == TOKEN_NUMBER ||
           token_is_sign(text, index + 1, ':') ||
           token_at(text, skip_stops(text, index + 1))->kind == TOKEN_NUMBER;
}

/* What begins a word of another kind, or ends a name that has begun. */
static bool is_other_kind(const Text *text, guint index, guint words, bool is_house)
{
    static const LexClass never[] = {LEX_TITLE,   LEX_PRACTICE, LEX_FILE,    LEX_PROTOCOL,
                                     LEX_SHEET,   LEX_PARCEL,   LEX_CLOSING, LEX_SALUTATION,
                                     LEX_MEETING, LEX_THANKS,   LEX_LAW};
    static const LexClass later[] = {LEX_PHONE, LEX_FAX, LEX_VAT, LEX_ROLE, LEX_WEEKDAY, LEX_MONTH};
    const Token *token = token_at(text, index);
    if (token->fold_length == 1 && token_is_sign(text, index + 1, '.'))
        return false; /* an initial */
    if (lex_languages(text, index) > 0 && !is_particle(text, index) &&
        !(is_house && words == 0 && token_is(text, index, "il")))
        return true;
    if (token->word == 0)
        return false;
    for (guint i = 0; i < G_N_ELEMENTS(never); i++)
        if (lex_at(text, index, never[i], NULL) > 0)
            return true;
    for (guint i = 0; words > 0 && token->fold_length > 1 && i < G_N_ELEMENTS(later); i++)
        if (lex_at(text, index, later[i], NULL) > 0 &&
            (later[i] != LEX_VAT || is_of_number(text, index)))
            return true;
    return words >= 2 && lex_at(text, index, LEX_STREET, NULL) > 0;
}

/* Past what is glued to a word: "O'Neill", "Rossi-Bianchi", "F.lli", "M. Rossi". */
static guint past_glued(const Text *text, guint at)
{
    bool is_hinge = (token_is_sign(text, at, '\'') || token_is_sign(text, at, '-')) &&
                    token_glued(text, at) && token_glued(text, at + 1) &&
                    token_at(text, at + 1)->kind == TOKEN_WORD;
    if (is_hinge)
        return at + 1;
    const Token *word = token_at(text, at - 1), *after = token_at(text, at + 1);
    bool is_short = word->fold_length <= 2 && token_is_sign(text, at, '.') &&
                    token_glued(text, at) && after->kind == TOKEN_WORD;
    return is_short && (after->upper || !after->gap) ? at + 1 : at;
}

static bool is_upper_word(const Text *text, guint index)
{
    const Token *token = token_at(text, index);
    return token->kind == TOKEN_WORD && token->upper;
}

/* "Edil Rossi s.r.l.": the legal form belongs to the name. */
static guint legal_form_at(const Text *text, guint index)
{
    static const char *const forms[][4] = {{"a", "r", "l"},
                                           {"s", "c", "r", "l"},
                                           {"s", "c", "a"},
                                           {"s", "c"},
                                           {"s", "r", "l", "s"},
                                           {"s", "r", "l"},
                                           {"s", "p", "a"},
                                           {"s", "n", "c"},
                                           {"s", "a", "s"},
                                           {"s", "s"},
                                           {"srls"},
                                           {"srl"},
                                           {"spa"},
                                           {"snc"},
                                           {"sas"},
                                           {"gmbh"},
                                           {"ohg"},
                                           {"ag"},
                                           {"kg"},
                                           {"ltd"}};
    for (guint i = 0; i < G_N_ELEMENTS(forms); i++) {
        guint at = index, j = 0, last = index;
        for (; j < 4 && forms[i][j] && token_is(text, at, forms[i][j]); j++) {
            last = ++at;
            if (token_is_sign(text, at, '.') && token_glued(text, at))
                last = ++at;
        }
        if (j < 4 && forms[i][j])
            continue;
        /* the last stop ends a sentence unless the letters have stops */
        bool has_stop = token_is_sign(text, last - 1, '.');
        bool is_spelt =
            j > 1 && (token_is_sign(text, index + 1, '.') || token_is_sign(text, index + 2, '.'));
        return has_stop && !is_spelt ? last - 1 - index : last - index;
    }
    return 0;
}

/* Capitalised words, at most `most`; `is_house`: "Parrocchia di San Zeno" may have small ones. */
static guint words_at(const Text *text, guint index, guint most, bool is_house)
{
    guint at = index, words = 0;
    bool is_joined = false; /* to the word before */
    while (words < most) {
        const Token *token = token_at(text, at);
        if (token->kind != TOKEN_WORD || (token->taken && !token_at(text, index)->taken) ||
            (words > 0 && !is_joined && legal_form_at(text, at) > 0))
            break;
        bool is_small =
            !token->upper && (words > 0 || is_house) && is_upper_word(text, at + 1) &&
            !lex_at(text, at + 1, LEX_STREET, NULL) &&
            (token_is(text, at, "de") || token_is(text, at, "von") || token_is(text, at, "van") ||
             (words > 0 && token_is(text, at, "d")) || (is_house && is_particle(text, at)));
        if (!token->upper && !is_small && !is_joined)
            break;
        bool is_lost_particle = is_particle(text, at) && !is_upper_word(text, at + 1) &&
                                token_at(text, at + 1)->kind != TOKEN_SIGN && words == 0;
        if (!is_joined && (is_other_kind(text, at, words, is_house) || is_lost_particle))
            break;
        bool leads = is_small || (is_particle(text, at) && is_upper_word(text, at + 1));
        words += leads ? 0 : 1;
        at++;
        guint next = past_glued(text, at);
        is_joined = next > at;
        at = next;
        if (words == 0 && !is_upper_word(text, at))
            break;
    }
    return words > 0 ? at - index : 0;
}

/* Capitalised words: tokens of the name, 0 when there is none. Small words may stand inside
 * ("Ludovica von Berg"). */
guint people_name_at(const Text *text, guint index)
{
    return words_at(text, index, NAME_WORDS_MOST, false);
}

/* --- a firm or a house
 * ------------------------------------------------------------------------------------ */

/* "& C.", "e figli": partners that are not named. */
static guint partners_at(const Text *text, guint index)
{
    static const char *const words[] = {"c", "co", "figli", "figlio", "fratelli", "soci", NULL};
    bool joins = token_is_sign(text, index, '&') || token_is(text, index, "e");
    if (!joins || !people_is_word(text, index + 1, words))
        return 0;
    bool has_stop = token_is_sign(text, index + 2, '.') && token_glued(text, index + 2);
    return has_stop ? 3 : 2;
}

static bool is_quotation(const Text *text, guint index)
{
    static const gunichar signs[] = {'"', 0x201c, 0x201d, 0x201e, 0xab, 0xbb, '\''};
    for (guint i = 0; i < G_N_ELEMENTS(signs); i++)
        if (token_is_sign(text, index, signs[i]))
            return true;
    return false;
}

/* One name with its legal form: tokens, 0 when there is none. */
static guint one_party(const Text *text, guint index)
{
    guint kind = named_kind_at(text, index);
    guint at = skip_stops(text, index + kind);
    bool opens = kind > 0 && is_quotation(text, at);
    bool is_quoted = opens || (index > 0 && is_quotation(text, index - 1) &&
                               !token_is_sign(text, index - 1, '\''));
    bool is_house = kind > 0 || is_quoted;
    at += opens ? 1 : 0;
    guint n = words_at(text, at, is_house ? PARTY_WORDS_MOST : NAME_WORDS_MOST, is_house);
    if (n == 0 || (kind == 0 && people_is_office(text, index)))
        return 0;
    at += n;
    if (!opens && is_quoted)
        return at - index;
    if (opens && is_quotation(text, at))
        at++;
    at += partners_at(text, at);
    return at + legal_form_at(text, at) - index;
}

static bool is_and(const Text *text, guint index)
{
    static const char *const words[] = {"e", "ed", "und", "and", NULL};
    return token_is_sign(text, index, '&') || people_is_word(text, index, words);
}

/* The party that a comma or "e" leads to, behind its titles; 0 tokens when none. */
static guint next_party(const Text *text, guint joint, guint *at)
{
    *at = people_skip_titles(text, joint + 1);
    guint n = one_party(text, *at);
    return n > 0 && !people_is_office(text, *at) ? n : 0;
}

/* Who is meant, at a token behind the titles: "Edil Rossi s.r.l.", "Mario Rossi e Anna Bianchi",
 * "Condominio "Le Rose"". Tokens, 0 when nobody is named. A comma goes on only to an "e". */
guint people_party_at(const Text *text, guint index)
{
    guint n = one_party(text, index), until = index + n, at;
    for (guint i = 0; n > 0 && i < PARTIES_MOST; i++) {
        bool is_last = is_and(text, until);
        if (!is_last && !token_is_sign(text, until, ','))
            return n;
        guint length = next_party(text, until, &at);
        if (length == 0)
            return n;
        until = at + length;
        if (is_last)
            return until - index;
    }
    return n;
}

/* --- comparing
 * ---------------------------------------------------------------------------------------- */

/* Does each word of the name at [from, until) stand in `name`? "Rossi" is "ROSSI MARIO". */
bool people_is_named(const Text *text, guint from, guint until, const char *name)
{
    if (!name || from >= until)
        return false;
    g_autoptr(Text) other = text_new(name, MIN(strlen(name), 512));
    for (guint i = from; i < until && i < from + WORDS_OF_BOTH_MOST; i++) {
        bool is_there = token_at(text, i)->kind != TOKEN_WORD;
        for (guint j = 0; !is_there && j < text_count(other) && j < WORDS_OF_BOTH_MOST; j++)
            is_there = tokens_equal(text, i, other, j);
        if (!is_there)
            return false;
    }
    return true;
}
