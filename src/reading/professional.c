/* professional.c - the sender's own title and role, not those of people the letter speaks of. */
#include "reading/people.h"

#include <string.h>

#define REST_WORDS_MOST 14 /* after the line a letter is signed with */
#define NAME_TOKENS_MOST 7
#define TITLE_TOKENS_MOST 4
#define FIRM_TOKENS_MOST 8 /* "per lo Studio Tecnico Associato Rossi," */
#define TAIL_WORDS_MOST 4  /* "geometra libero professionista" */

const char *const people_titles[N_TITLES] = {"geom.", "arch.", "ing.",
                                             "p.i.",  "avv.",  "dott. agr."};
static const char *const roles[N_ROLES] = {"tecnico incaricato",
                                           "progettista",
                                           "direttore lavori",
                                           "progettista e direttore lavori",
                                           "delegato",
                                           "proprietario",
                                           "committente",
                                           "amministratore di condominio",
                                           "legale rappresentante",
                                           "impresa",
                                           "erede",
                                           "affittuario",
                                           "professionista"};

/* --- the title
 * ---------------------------------------------------------------------------------------- */

static bool begins_line(const Text *text, guint index)
{
    return index == 0 || token_ends_line(token_at(text, index - 1)) ||
           token_at(text, index - 1)->section != token_at(text, index)->section;
}

/* "sono il geom.", "la sottoscritta arch.", "scrive l'ing.": who writes presents himself. */
static bool is_presented(const Text *text, guint index)
{
    static const char *const between[] = {
        "il",           "la",   "l",      "un",    "una", "uno",
        "io",           "ich",  "a",      "an",    "the", "sottoscritto",
        "sottoscritta", "dott", "libero", "anche", NULL};
    static const char *const verbs[] = {"sono",
                                        "sottoscritto",
                                        "sottoscritta",
                                        "chiamo",
                                        "scrive",
                                        "bin",
                                        "am",
                                        "unterfertigte",
                                        "unterfertigter",
                                        "unterzeichnete",
                                        "unterzeichner",
                                        "undersigned",
                                        "schreibt",
                                        NULL};
    guint at = index;
    for (guint i = 0; i < 4 && at > 0; i++) {
        if (people_is_word(text, at - 1, verbs))
            return true;
        if (!people_is_word(text, at - 1, between) && !token_is_sign(text, at - 1, '\'') &&
            !token_is_sign(text, at - 1, '.'))
            return false;
        at--;
    }
    return false;
}

/* Few words follow in the sender's part: this is where the letter ends. */
static bool ends_letter(const Text *text, guint index)
{
    guint words = 0;
    for (guint i = index; i < index + 4 * REST_WORDS_MOST; i++) {
        const Token *token = token_at(text, i);
        if (token->kind == TOKEN_END || token->section != SECTION_BODY)
            return true;
        words += token->kind == TOKEN_WORD;
        if (words > REST_WORDS_MOST)
            return false;
    }
    return false;
}

/* "Silvano Pretto, architetto": where the line begins with a name and the letter ends. */
static bool ends_line_of_name(const Text *text, guint index)
{
    guint at = index;
    while (at > 0 && index - at < NAME_TOKENS_MOST && !token_ends_line(token_at(text, at - 1)))
        at--;
    return token_is_sign(text, index - 1, ',') && people_name_at(text, at) == index - 1 - at &&
           ends_letter(text, index);
}

/* "Silvia Neri⏎architetto", "Silvia Neri, architetto": the title alone behind the name. */
static bool stands_behind_name(const Text *text, guint index, guint n)
{
    if (index == 0 || token_is_sign(text, index + n, '.') || token_at(text, index)->fold_length < 6)
        return false;
    if (token_at(text, index)->section == SECTION_BODY)
        return ends_line_of_name(text, index);
    if (!begins_line(text, index) && token_at(text, index - 1)->kind != TOKEN_SIGN)
        return false;
    for (guint i = index + n; i <= index + n + TAIL_WORDS_MOST; i++) {
        const Token *token = token_at(text, i);
        if (token->kind == TOKEN_END || token_ends_line(token) || token->kind == TOKEN_SIGN ||
            token->section != SECTION_SIGNATURE)
            return true;
        if (token->upper || token->kind == TOKEN_NUMBER)
            return false;
    }
    return false;
}

/* "Chiedo un incontro. Arch. Lia Zeni": signed without a new line. Not a list of guests: "saranno
 * presenti:". */
static bool signs_in_body(const Text *text, guint index, guint n)
{
    guint name = people_skip_titles(text, index);
    guint words = people_name_at(text, name);
    if (index == 0 || words == 0 || !ends_letter(text, index + n))
        return false;
    guint before = index - 1;
    while (before > 0 && token_ends_line(token_at(text, before)))
        before--;
    if (begins_line(text, index))
        return !token_is_sign(text, before, ':') && !lex_at(text, before, LEX_SALUTATION, NULL) &&
               !token_is(text, before, "attenzione");
    const Token *after = token_at(text, name + words);
    bool is_last = after->kind == TOKEN_END || token_ends_line(after) ||
                   after->section != SECTION_BODY || token_is_sign(text, name + words, '.');
    return is_last && token_at(text, index)->upper && token_is_sign(text, before, '.') &&
           token_at(text, index)->gap && token_at(text, before - 1)->fold_length > 3;
}

/* "Per lo studio, arch. Paola Lonardi" where the letter ends: who signs for a firm. */
static bool signs_for_firm(const Text *text, guint index, guint n)
{
    guint at = index;
    while (at > 0 && index - at < FIRM_TOKENS_MOST && !begins_line(text, at))
        at--;
    return token_is(text, at, "per") && begins_line(text, at) &&
           token_is_sign(text, index - 1, ',') &&
           people_name_at(text, people_skip_titles(text, index)) > 0 &&
           ends_letter(text, index + n);
}

/* "Avv. Chiara Dolci, difensore del …", "Geom. R. Tosi per PDC 201/24": the letter's first words,
 * and what follows is no greeting to somebody of that name. */
static bool opens_letter(const Text *text, guint index, guint n)
{
    static const char *const after[] = {
        "difensore",  "incaricato", "incaricata",     "tecnico",        "progettista", "direttore",
        "legale",     "quale",      "iscritto",       "iscritta",       "delegato",    "delegata",
        "consulente", "direttrice", "domiciliatario", "domiciliataria", "scrivo",      NULL};
    if (index > 0 && token_at(text, index - 1)->section == SECTION_BODY)
        return false;
    guint name = people_skip_titles(text, index + n), words = people_name_at(text, name);
    guint at = name + words;
    bool is_apart = token_is_sign(text, at, ',') || token_is_sign(text, at, '(') ||
                    token_is_sign(text, at, '-');
    guint next = at + (is_apart ? 1 : 0);
    return words > 1 && token_at(text, index)->section == SECTION_BODY &&
           (people_is_word(text, next, after) || (!is_apart && token_is(text, next, "per")) ||
            lex_at(text, next, LEX_BEHALF, NULL) > 0 || lex_at(text, next, LEX_PHONE, NULL) > 0);
}

/* "Avv. Elisa Corti" when Elisa Corti writes. */
static bool stands_before_sender(const Reading *reading, guint index, guint n)
{
    const Text *text = reading->body;
    guint name = skip_stops(text, index + n), words = people_name_at(text, name);
    return words > 1 && people_is_named(text, name, name + words, reading->message->from.name);
}

static bool is_own_title(const Reading *reading, guint index, guint n)
{
    const Text *text = reading->body;
    if (is_presented(text, index) || stands_before_sender(reading, index, n) ||
        stands_behind_name(text, index, n) || opens_letter(text, index, n))
        return true;
    if (token_at(text, index)->section == SECTION_BODY)
        return signs_in_body(text, index, n) || (index > 0 && signs_for_firm(text, index, n));
    return token_at(text, skip_stops(text, index + n))->upper;
}

/* A title of the sender's own: in the signature, after "sono il", or before the sender's name. */
static bool own_title(const Reading *reading, gint *title, guint *from, guint *until)
{
    const Text *text = reading->body;
    for (guint i = 0; lex_next(text, &i, text_count(text), LEX_SET(LEX_TITLE)); i++) {
        const Token *token = token_at(text, i);
        if (token->section != SECTION_SIGNATURE && token->section != SECTION_BODY)
            continue;
        guint n = lex_at(text, i, LEX_TITLE, title);
        if (n == 0)
            continue;
        if (is_own_title(reading, i, n)) {
            *from = i;
            *until = i + n;
            return true;
        }
        i += n - 1;
    }
    return false;
}

static bool title_in_name(const Reading *reading, gint *title)
{
    const char *name = reading->message->from.name;
    if (!name)
        return false;
    g_autoptr(Text) text = text_new(name, MIN(strlen(name), 512));
    for (guint i = 0; i < text_count(text); i++)
        if (lex_at(text, i, LEX_TITLE, title) > 0)
            return true;
    return false;
}

/* --- the role
 * ----------------------------------------------------------------------------------------- */

/* "il progettista", "dal nostro direttore lavori", not "sono il progettista". */
static bool belongs_to_other(const Text *text, guint index)
{
    static const char *const articles[] = {
        "il",     "la",     "l",      "al",  "alla", "all",   "dal",  "dalla", "dall", "mio",
        "mia",    "nostro", "nostra", "col", "del",  "della", "dell", "suo",   "sua",  "vostro",
        "vostra", "con",    "un",     "the", "der",  "die",   "den",  "dem",   NULL};
    static const char *const own[] = {"sono", "siamo", "quale", "come", "io",  "e", "ed",
                                      "bin",  "am",    "m",     "as",   "als", NULL};
    guint at = index;
    bool has_article = false;
    while (at > 0 &&
           (people_is_word(text, at - 1, articles) || token_is_sign(text, at - 1, '\''))) {
        at--;
        has_article |= token_at(text, at)->kind == TOKEN_WORD;
    }
    return has_article && (at == 0 || !people_is_word(text, at - 1, own));
}

/* "per conto della sig.ra Elena Fiorini, proprietaria": said of whom it follows. */
static bool follows_other(const Reading *reading, guint index)
{
    const Text *text = reading->body;
    static const char *const own[] = {"sono", "siamo", "ich", "i", "we", "wir", NULL};
    if (index == 0 || people_is_word(text, index, own) || /* "Gentile geom. Verdi, sono il …" */
        !(token_is_sign(text, index - 1, ',') || token_is_sign(text, index - 1, '(')))
        return false;
    guint until = index - 1, from = until;
    while (from > 0 && until - from < NAME_TOKENS_MOST &&
           token_at(text, from - 1)->kind == TOKEN_WORD && token_at(text, from - 1)->upper)
        from--;
    guint titled = from;
    while (titled > 0 && from - titled < TITLE_TOKENS_MOST &&
           people_skip_titles(text, titled - 1) == from)
        titled--;
    bool is_signed = titled == 0 || begins_line(text, titled) ||
                     (token_is_sign(text, titled - 1, '.') && ends_letter(text, index));
    return until > from && people_name_at(text, from) == until - from && !is_signed &&
           !people_is_named(text, from, until, reading->message->from.name) &&
           !is_presented(text, titled);
}

/* "progettista arch. Bianchi", "direttore lavori: ing. Neri": said of somebody who is named. */
static bool names_other(const Reading *reading, guint after)
{
    const Text *text = reading->body;
    static const char *const links[] = {"e", "l", "il", "la", "sara", NULL};
    guint at = after;
    while (at < after + 3 && (token_is_sign(text, at, ':') || token_is_sign(text, at, ',') ||
                              token_is_sign(text, at, '\'') || people_is_word(text, at, links)))
        at++;
    guint name = people_skip_titles(text, at);
    bool is_titled =
        lex_within(text, at, name, LEX_TITLE, NULL) || lex_within(text, at, name, LEX_PERSON, NULL);
    guint n = is_titled ? people_name_at(text, name) : 0;
    return n > 0 && !people_is_named(text, name, name + n, reading->message->from.name) &&
           !ends_letter(text, name + n);
}

/* What the sender says of himself. */
static bool own_role(const Reading *reading, gint *role, guint *from, guint *until)
{
    const Text *text = reading->body;
    for (guint i = 0; lex_next(text, &i, text_count(text), LEX_SET(LEX_ROLE)); i++) {
        const Token *token = token_at(text, i);
        if (token->section != SECTION_BODY && token->section != SECTION_SIGNATURE)
            continue;
        guint n = lex_at(text, i, LEX_ROLE, role);
        if (n == 0)
            continue;
        if (token->section == SECTION_SIGNATURE ||
            !(belongs_to_other(text, i) || follows_other(reading, i) ||
              names_other(reading, i + n))) {
            *from = i;
            *until = i + n;
            return true;
        }
        i += n - 1;
    }
    return false;
}

/* Who has a title and says no more: in talks about a project not yet filed it is the designer. */
static gint role_of_title(const Reading *reading, gint title)
{
    bool designs = title == TITLE_ARCH || title == TITLE_ING || title == TITLE_GEOM;
    return designs && reading->topic == TOPIC_EVALUATION ? ROLE_DESIGNER : ROLE_PROFESSIONAL;
}

void professional_read(Reading *reading, Value *object)
{
    gint title = -1, role = -1;
    guint from = 0, until = 0, role_from = 0, role_until = 0;
    bool has_span = own_title(reading, &title, &from, &until);
    bool may_use_name = reading->kind == KIND_REQUEST || reading->kind == KIND_QUESTION;
    bool has_title = has_span || (may_use_name && title_in_name(reading, &title));
    bool has_role = may_use_name && own_role(reading, &role, &role_from, &role_until);
    if (!has_title && !has_role) {
        value_set(object, "professional", value_null(reading->arena));
        return;
    }
    if (has_role)
        value_set(object, "role_span",
                  proposal_new(reading, NULL, reading->body, role_from, role_until, LIKELY,
                               "professional.role"));
    else
        role = role_of_title(reading, title);
    Value *professional = has_span ? proposal_new(reading, NULL, reading->body, from, until,
                                                  CERTAIN, "professional.title")
                                   : value_object(reading->arena);
    value_set(professional, "title",
              value_text(reading->arena, has_title ? people_titles[title] : NULL));
    value_set_text(professional, "role", roles[role]);
    value_set(object, "professional", professional);
}
