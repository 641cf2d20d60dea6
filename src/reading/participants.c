/* participants.c - others who will take part: "parteciperà anche l'ing. Carlo Bassi
 * (c.bassi@studio.example)". */
#include "reading/people.h"

#define BEFORE_TOKENS 24 /* how far a sentence is searched from "parteciperà" */
#define AFTER_TOKENS 48
#define OFFICE_WITHIN 6  /* tokens from a name to "vostro ufficio" */
#define APPOSED_TOKENS 5 /* ", nostro strutturista" */
#define DENIED_WITHIN 3  /* "non potrà partecipare" */

/* What stands around an address: "<a@b>", "[mailto:a@b]", "(a@b, c@d)". */
static bool is_around_email(const Text *text, guint index)
{
    const Token *token = token_at(text, index);
    return token_ends_line(token) || (token->kind == TOKEN_SIGN && token->value < 0x80 &&
                                      token->value && strchr("()<>[],;:\"", (int)token->value));
}

char *people_email_within(const Reading *reading, const Text *text, guint from, guint until)
{
    for (guint i = from; i < until; i++) {
        if (!token_is_sign(text, i, '@') || i == 0)
            continue;
        guint begin = i, end = i + 1;
        while (begin > from && !token_at(text, begin)->gap && !is_around_email(text, begin - 1))
            begin--;
        while (end < text_count(text) && !token_at(text, end)->gap && !is_around_email(text, end))
            end++;
        while (end > i + 1 && token_is_sign(text, end - 1, '.'))
            end--;
        return proposal_raw(reading, text, begin, end);
    }
    return NULL;
}

/* --- roles
 * -------------------------------------------------------------------------------------------- */

/* What somebody is, as written and, in another language or for several, as it is called here. */
static const char *const role_words[] = {
    "committente",  "cliente",       "collega",        "proprietario", "proprietaria",
    "strutturista", "impresa",       "progettista",    "termotecnico", "notaio",
    "avvocato",     "impiantista",   "geologo",        "geologa",      "amministratore",
    "consulente",   "collaboratore", "collaboratrice", "socio",        "socia",
    "delegato",     "delegata",      "commercialista", "agronomo",     "tecnico"};
static const struct {
    const char *word, *role;
} role_meanings[] = {{"committenti", "committente"},
                     {"colleghi", "collega"},
                     {"proprietari", "proprietario"},
                     {"clienti", "cliente"},
                     {"bauherr", "committente"},
                     {"bauherrin", "committente"},
                     {"bauherren", "committente"},
                     {"auftraggeber", "committente"},
                     {"auftraggeberin", "committente"},
                     {"eigentumer", "proprietario"},
                     {"eigentuemer", "proprietario"},
                     {"eigentumerin", "proprietaria"},
                     {"eigentuemerin", "proprietaria"},
                     {"owner", "proprietario"},
                     {"kunde", "cliente"},
                     {"kundin", "cliente"},
                     {"client", "cliente"},
                     {"statiker", "strutturista"},
                     {"statikerin", "strutturista"},
                     {"geologe", "geologo"},
                     {"geologin", "geologa"},
                     {"geologist", "geologo"},
                     {"notar", "notaio"},
                     {"notary", "notaio"},
                     {"projektant", "progettista"},
                     {"projektantin", "progettista"},
                     {"designer", "progettista"},
                     {"planer", "progettista"},
                     {"bauleiter", "direttore lavori"},
                     {"bauunternehmer", "impresa"},
                     {"structural", "strutturista"},
                     {"contractor", "impresa"},
                     {"builder", "impresa"},
                     {"kollege", "collega"},
                     {"kollegin", "collega"},
                     {"colleague", "collega"},
                     {"mitarbeiter", "collaboratore"},
                     {"mitarbeiterin", "collaboratrice"}};

/* What a word says that somebody is, NULL when nothing. */
static const char *role_at(const Text *text, guint at)
{
    for (guint j = 0; j < G_N_ELEMENTS(role_words); j++)
        if (token_is(text, at, role_words[j]))
            return role_words[j];
    for (guint j = 0; j < G_N_ELEMENTS(role_meanings); j++)
        if (token_is(text, at, role_meanings[j].word))
            return role_meanings[j].role;
    return NULL;
}

/* The first role in [from, until). */
static const char *role_word(const Text *text, guint from, guint until)
{
    const char *role = NULL;
    for (guint i = from; i < until && !role; i++)
        role = role_at(text, i);
    return role;
}

/* The role in [from, name) that stands closest to the name; "Luca Bassi come strutturista e Anna
 * Conti" is said of the one before. */
static const char *role_before(const Text *text, guint from, guint name)
{
    static const char *const as[] = {"come", "quale", "als", "as", NULL};
    for (guint i = name; i-- > from;) {
        const char *role = role_at(text, i);
        if (role)
            return i > from && people_is_word(text, i - 1, as) ? NULL : role;
    }
    return NULL;
}

/* "direttore lavori": phrases of a role, before a name. */
static const char *title_word(const Text *text, guint from, guint until)
{
    gint title;
    for (guint i = from; i < until; i++) {
        guint person = lex_at(text, i, LEX_PERSON, NULL), n = lex_at(text, i, LEX_TITLE, &title);
        if (n > person || (n > 0 && n == person))
            return people_titles[title];
        i += MAX(MAX(person, n), 1) - 1;
    }
    return NULL;
}

/* Where what is said behind a name ends: "Dora Sala, strutturista, e …". `after` when nothing is;
 * ", il committente sig. …" is said of the next one. */
static guint apposition_end(const Text *text, guint after, guint until)
{
    static const char *const articles[] = {"il",  "la",  "lo",  "l",     "i",   "e",    "ed",
                                           "con", "und", "and", "sowie", "mit", "with", NULL};
    bool is_apart = token_is_sign(text, after, ',') || token_is_sign(text, after, '(') ||
                    token_is_sign(text, after, '-');
    if (!is_apart || people_is_word(text, after + 1, articles))
        return after;
    for (guint i = after + 1; i <= after + APPOSED_TOKENS && i <= until; i++) {
        const Token *token = token_at(text, i);
        bool ends = i == until || token->kind == TOKEN_SIGN || token_ends_line(token) ||
                    token_is(text, i, "e") || token_is(text, i, "ed");
        if (ends)
            return i;
        bool is_title =
            lex_at(text, i, LEX_TITLE, NULL) > 0 || lex_at(text, i, LEX_PERSON, NULL) > 0;
        bool is_next = is_title && !token_is_sign(text, after, '(') &&
                       people_name_at(text, people_skip_titles(text, i)) > 0;
        if (is_next && !role_word(text, i, i + 1))
            return after;
        if (token->kind != TOKEN_WORD)
            return role_word(text, after + 1, i) ? i : after;
    }
    return after;
}

/* "strutturista ing. Costa" in [before, name), "Dora Sala, strutturista" in [after, apposed). */
static const char *role_of_other(const Text *text, guint before, guint name, guint after,
                                 guint apposed)
{
    const char *role = role_before(text, before, name);
    if (!role)
        role = role_word(text, after, apposed);
    if (!role)
        role = title_word(text, before, name);
    return role ? role : title_word(text, after, apposed);
}

/* --- a sentence
 * --------------------------------------------------------------------------------------- */

static bool is_break(const Text *text, guint index)
{
    const Token *token = token_at(text, index), *after = token_at(text, index + 1);
    if (token->section != SECTION_BODY || token->kind == TOKEN_PARAGRAPH)
        return true;
    if (token->kind != TOKEN_SIGN)
        return false;
    if (token->value == ';' || token->value == '?' || token->value == '!')
        return true;
    static const char *const closings[] = {"saluti", "cordiali", "distinti", "grazie", NULL};
    if (token->value == '.' && after->gap && after->upper &&
        people_is_word(text, index + 1, closings))
        return true; /* "l'ing. Zar. Saluti al geom. Rana" */
    bool is_short = index > 0 && token_at(text, index - 1)->kind == TOKEN_WORD &&
                    token_at(text, index - 1)->fold_length <= 4 &&
                    !token_is(text, index - 1, "piu");
    return token->value == '.' &&
           (token_ends_line(after) || (after->gap && after->upper && !is_short));
}

static guint sentence_start(const Text *text, guint index)
{
    guint least = index > BEFORE_TOKENS ? index - BEFORE_TOKENS : 0;
    while (index > least && !is_break(text, index - 1))
        index--;
    return index;
}

static guint sentence_end(const Text *text, guint index)
{
    guint most = index + AFTER_TOKENS;
    while (index < most && index < text_count(text) && !is_break(text, index))
        index++;
    return index;
}

/* --- names in it
 * -------------------------------------------------------------------------------------- */

/* The full stop of "ing.", not of a sentence. */
static bool is_title_stop(const Text *text, guint index)
{
    return index > 0 && token_is_sign(text, index, '.') &&
           (lex_at(text, index - 1, LEX_TITLE, NULL) > 0 ||
            lex_at(text, index - 1, LEX_PERSON, NULL) > 0);
}

/* "arch. Neri del vostro ufficio" */
static bool is_of_office(const Text *text, guint after)
{
    for (guint i = after; i < after + OFFICE_WITHIN; i++) {
        const Token *token = token_at(text, i);
        if (token->kind == TOKEN_END || token_ends_line(token) || token_is(text, i, "e") ||
            token_is(text, i, "ed") || token_is_sign(text, i, '.') || token_is_sign(text, i, ';'))
            return false;
        if (people_is_office(text, i))
            return true;
    }
    return false;
}

/* "il vostro istruttore arch. Neri": of the office, or the sender himself. */
static bool is_no_guest(const Reading *reading, guint before, guint name, guint until)
{
    const Text *text = reading->body;
    for (guint i = MAX(before, name > OFFICE_WITHIN ? name - OFFICE_WITHIN : 0); i < until; i++)
        if (people_is_office(text, i))
            return true;
    bool is_sender =
        until - name > 1 && people_is_named(text, name, until, reading->message->from.name);
    return is_sender || is_of_office(text, until);
}

/* A person's name at a token: two words, or one after a title. 0: none. */
static guint person_at(const Text *text, guint index, guint from)
{
    const Token *token = token_at(text, index);
    static const LexClass others[] = {LEX_TITLE,  LEX_PERSON,     LEX_PRACTICE,
                                      LEX_STREET, LEX_MEETING,    LEX_WEEKDAY,
                                      LEX_MONTH,  LEX_SALUTATION, LEX_ROLE};
    if (token->kind != TOKEN_WORD || !token->upper || token->taken)
        return 0;
    for (guint i = 0; i < G_N_ELEMENTS(others); i++)
        if (lex_at(text, index, others[i], NULL) > 0)
            return 0;
    guint n = people_name_at(text, index);
    bool is_titled = index > from && (lex_within(text, index - 1, index, LEX_TITLE, NULL) ||
                                      is_title_stop(text, index - 1) ||
                                      lex_within(text, index - 1, index, LEX_PERSON, NULL));
    return n >= 2 || is_titled ? n : 0;
}

/* "sigg. Bo e Cigni": the second of two names behind a title for several. 0: none. */
static guint second_at(const Text *text, guint index, guint name)
{
    static const char *const several[] = {
        "sigg", "signori", "coniugi", "fratelli", "sorelle", "colleghi", "ri", "committenti", NULL};
    guint title = name > 0 ? name - 1 : 0;
    title -= title > 0 && token_is_sign(text, title, '.') ? 1 : 0;
    if (!token_is(text, index - 1, "e") || !people_is_word(text, title, several) ||
        !token_at(text, index)->upper)
        return 0;
    return people_name_at(text, index);
}

/* One person, [begin, end) being what is said of him. */
typedef struct {
    guint begin, name, name_until, apposed, end;
} Guest;

static bool propose(Reading *reading, Value *list, const Guest *guest)
{
    const Text *text = reading->body;
    if (is_no_guest(reading, guest->begin, guest->name, guest->name_until))
        return false;
    char *email = people_email_within(reading, text, guest->name_until, guest->end);
    Value *person = proposal_new(reading, list, text, guest->name, guest->name_until, LIKELY,
                                 "participant.phrase");
    value_set_text(person, "name", proposal_raw(reading, text, guest->name, guest->name_until));
    value_set(person, "email", value_text(reading->arena, email));
    value_set(person, "role",
              value_text(reading->arena, role_of_other(text, guest->begin, guest->name,
                                                       guest->name_until, guest->apposed)));
    return true;
}

/* All persons named in [from, until): how many, those of the office too. */
static guint read_names(Reading *reading, Value *list, guint from, guint until)
{
    const Text *text = reading->body;
    Guest guest = {.begin = from};
    guint found = 0;
    for (guint i = from; i <= until && value_length(list) < PROPOSALS_MOST; i++) {
        guint n = i < until ? person_at(text, i, from) : 0;
        if (n == 0 && i < until && guest.name_until > 0 && i == guest.name_until + 1)
            n = second_at(text, i, guest.name);
        if (n == 0 && i < until)
            continue;
        if (guest.name_until > 0) {
            guest.end = i;
            guest.apposed = apposition_end(text, guest.name_until, i);
            propose(reading, list, &guest);
            guest.begin = guest.apposed;
            found++;
        }
        if (i == until)
            break;
        guest.name = i;
        guest.name_until = MIN(i + n, until);
        i = guest.name_until - 1;
    }
    return found;
}

/* --- where they are named
 * ---------------------------------------------------------------------------------- */

/* "non parteciperà": the word stands close before. */
static bool is_denied(const Text *text, guint index)
{
    static const char *const words[] = {"non", "ne", "senza", "nicht", "not", "without", NULL};
    for (guint i = 1; i <= DENIED_WITHIN && i <= index; i++) {
        if (token_at(text, index - i)->kind != TOKEN_WORD)
            return false;
        if (people_is_word(text, index - i, words))
            return true;
    }
    return false;
}

/* "insieme al geom. Rossi" says who comes along only where a meeting is meant. */
static bool is_of_meeting(const Text *text, guint from, guint until)
{
    static const char *const words[] = {
        "collego",     "colleghiamo",  "partecipo",   "partecipiamo", "collegarmi",
        "collegarci",  "collegheremo", "collegherei", "partecipare",  "parteciperei",
        "partecipero", "venire",       "verrei",      "verro",        "verremo",
        "saro",        "saremo",       "vederci",     "sentirci",     NULL};
    for (guint i = from; i < until; i++)
        if (lex_at(text, i, LEX_MEETING, NULL) > 0 || people_is_word(text, i, words))
            return true;
    return false;
}

/* "L'arch. Bianchi parteciperà insieme al geom. Neri": is the last name right before the phrase? */
static bool subject_stands_before(const Text *text, guint from, guint index)
{
    static const char *const between[] = {"che", "anche", "vi", "si", "ci", "mi", "pure", NULL};
    guint at = index;
    while (at > from && (people_is_word(text, at - 1, between) ||
                         token_is_sign(text, at - 1, ',') || token_is_sign(text, at - 1, ')')))
        at--;
    return at > from && token_at(text, at - 1)->kind == TOKEN_WORD && token_at(text, at - 1)->upper;
}

void participants_read(Reading *reading, Value *list)
{
    const Text *text = reading->body;
    for (guint i = 0; value_length(list) < PROPOSALS_MOST &&
                      lex_next(text, &i, text_count(text), LEX_SET(LEX_TAKES_PART));
         i++) {
        gint needs_meeting = 0;
        guint n = token_at(text, i)->section == SECTION_BODY
                      ? lex_at(text, i, LEX_TAKES_PART, &needs_meeting)
                      : 0;
        if (n == 0 || is_denied(text, i))
            continue;
        guint from = sentence_start(text, i), until = sentence_end(text, i + n);
        if (needs_meeting && !is_of_meeting(text, from, until))
            continue;
        bool has_subject = subject_stands_before(text, from, i);
        if (has_subject)
            read_names(reading, list, from, i);
        if (read_names(reading, list, i + n, until) == 0 && !has_subject)
            read_names(reading, list, from, i);
        i = MAX(until, i + 1) - 1;
    }
}
