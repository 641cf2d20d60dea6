/* wants.c - what a person wants of us, by their own words: an appointment, another time, none any
 * more, an answer.
 *
 * In an answer to a letter of ours a bare "annullo" or "meglio venerdì" is about the appointment;
 * out of the blue it has to be named. "Spostare la parete" and "annullare la SCIA" are about
 * neither.
 */
#include "reading/wants.h"

#define OBJECT_WITHIN 6   /* tokens from a verb to what it is done to */
#define OBJECT_BEFORE 10  /* the same where the verb stands last */
#define DAY_BESIDE 4      /* tokens from "meglio" to its day */
#define UNWANTED_REACH 2  /* tokens from "non intendo" to its verb */
#define SUPPOSED_WITHIN 2 /* tokens from "se" to "non posso" */
#define ONLY_IF_WITHIN 14 /* tokens from "se" to the "annullo" that hangs on it */

typedef struct {
    bool is_excluded; /* the time that was given does not suit */
    bool is_past_it;  /* and the clause that says so is over */
    bool confirms;
} Progress;

static bool is_one_of(const Text *text, guint index, const char *const *words)
{
    for (; *words; words++)
        if (token_is(text, index, *words))
            return true;
    return false;
}

static bool is_article(const Text *text, guint index)
{
    static const char *const articles[] = {"il", "lo",  "la",  "l",   "i",   "gli", "le",
                                           "un", "una", "den", "die", "das", "the", NULL};
    return is_one_of(text, index, articles);
}

static bool is_day(const Text *text, guint index)
{
    return lex_any(text, index, LEX_WEEKDAY, LEX_TODAY_PART, NULL, NULL) > 0;
}

static bool ends_clause(const Text *text, guint index)
{
    const Token *token = token_at(text, index);
    return token->kind == TOKEN_END || token_ends_line(token) ||
           (token->kind == TOKEN_SIGN && token->value != '\'' && token->value != '-');
}

/* --- what a verb is about ------------------------------------------------------------------ */

/* "il", "rinunciare al": a thing follows, or a day. */
static bool is_before_thing(const Text *text, guint index)
{
    static const char *const joined[] = {"al", "allo", "alla", "ai", "agli", NULL};
    return is_article(text, index) || is_one_of(text, index, joined);
}

/* "spostare l'appuntamento", and for an answer "spostare a giovedì" or "annullare" alone; not
 * "spostare la parete". */
static bool is_about_meeting(const Text *text, guint after, bool answers)
{
    if (lex_within(text, after, after + OBJECT_WITHIN, LEX_MEETING, NULL))
        return true;
    if (!answers || !is_before_thing(text, after))
        return answers;
    if (token_at(text, after + 1)->kind == TOKEN_NUMBER)
        return true;
    for (guint i = after; i < after + DAY_BESIDE; i++)
        if (lex_any(text, i, LEX_WEEKDAY, LEX_DAY_WORD, NULL, NULL) > 0 ||
            lex_at(text, i, LEX_CLOCK, NULL) > 0)
            return true;
    return false;
}

/* "chiedo l'annullamento", not "la marca da bollo con l'annullamento". */
static bool is_loose_noun(const Text *text, guint at)
{
    static const char *const links[] = {"con",  "dopo",  "per",   "di", "del",
                                        "dell", "dello", "della", "da", NULL};
    while (at > 0 && (token_is_sign(text, at - 1, '\'') || is_article(text, at - 1)))
        at--;
    return at > 0 && is_one_of(text, at - 1, links);
}

/* "den Termin verschieben", "ich muss leider absagen"; not "die Wand um 20 cm verschieben". */
static bool meeting_stands_before(const Text *text, guint at, bool answers)
{
    static const char *const articles[] = {"die",   "das",    "den",   "eine", "einen",
                                           "meine", "meinen", "unser", NULL};
    bool has_object = false;
    for (guint i = at; i-- > 0 && at - i <= OBJECT_BEFORE && !ends_clause(text, i);) {
        if (lex_at(text, i, LEX_MEETING, NULL) > 0)
            return true;
        has_object |=
            is_one_of(text, i, articles) && token_at(text, i + 1)->upper && !is_day(text, i + 1);
    }
    return !has_object && is_about_meeting(text, at + 1, answers);
}

/* "di non annullare", "spero di non dover annullare". */
static bool is_denied_verb(const Text *text, guint at)
{
    static const char *const between[] = {"dover",  "dovere",  "voler",   "volere",  "poter",
                                          "potere", "doverlo", "doverla", "volerlo", NULL};
    if (at > 0 && is_one_of(text, at - 1, between))
        at--;
    return at > 0 && lex_at(text, at - 1, LEX_NOT, NULL) > 0;
}

/* "se possibile vorrei annullare" is said out of politeness. */
static bool is_polite_if(const Text *text, guint at)
{
    static const char *const words[] = {"possibile", "potete",   "puo",     "riuscite", "dispiace",
                                        "problema",  "possible", "moglich", "moeglich", NULL};
    for (guint i = at + 1; i < at + 5 && !ends_clause(text, i); i++)
        if (is_one_of(text, i, words))
            return true;
    return false;
}

/* "se dovessi annullare vi avviso", "in caso di imprevisti disdico": nothing is cancelled yet. */
static bool hangs_on_if(const Text *text, guint at)
{
    static const char *const words[] = {
        "se", "qualora",   "caso",       "eventualmente", "dovessi",   "dovessimo", "wenn", "falls",
        "if", "eventuell", "imprevisti", "imprevisto",    "eventuale", "case",      NULL};
    for (guint i = at; i-- > 0 && at - i <= ONLY_IF_WITHIN;) {
        if (token_ends_line(token_at(text, i)) || token_is_sign(text, i, '.') ||
            token_is_sign(text, i, ';') || token_is_sign(text, i, '?'))
            return false;
        if (is_one_of(text, i, words) && !is_polite_if(text, i))
            return true;
    }
    return false;
}

/* "io ci sarò", not "non ci sarò". */
static bool comes(const Text *text, guint at)
{
    static const char *const words[] = {"saro", "saremo", NULL};
    return at > 0 && token_is(text, at - 1, "ci") && is_one_of(text, at, words) &&
           !(at > 1 && lex_at(text, at - 2, LEX_NOT, NULL) > 0);
}

/* Is there a verb or noun of this class at a token, about the appointment? */
static bool wants_it(const Text *text, guint at, LexClass kind, bool answers)
{
    gint build = BUILD_VERB;
    guint n = lex_at(text, at, kind, &build);
    if (n == 0 || is_denied_verb(text, at) || hangs_on_if(text, at))
        return false;
    if (build == BUILD_VERB_LAST)
        return meeting_stands_before(text, at, answers);
    return is_about_meeting(text, at + n,
                            answers && !(build == BUILD_NOUN && is_loose_noun(text, at)));
}

/* --- without the verb ---------------------------------------------------------------------- */

/* "non posso più", "non posso più venire martedì"; not "non posso più aspettare". */
static bool nothing_else_follows(const Text *text, guint after)
{
    static const char *const words[] = {
        "e",       "ed",         "per",        "perche",      "quindi",  "ma",
        "causa",   "purtroppo",  "scusi",      "grazie",      "scusate", "venire",
        "esserci", "tutto",      "in",         "partecipare", "it",      "and",
        "but",     "collegarmi", "collegarci", "presentarmi", "because", NULL};
    const Token *token = token_at(text, after);
    if (ends_clause(text, after) || token->kind == TOKEN_NUMBER || is_day(text, after))
        return true;
    if (is_article(text, after) &&
        (is_day(text, after + 1) || lex_at(text, after + 1, LEX_DAY_WORD, NULL)))
        return true;
    return is_one_of(text, after, words) ||
           lex_within(text, after, after + OBJECT_WITHIN, LEX_MEETING, NULL);
}

/* "se non posso partecipare, ..." asks; it gives nothing up. */
static bool is_supposed(const Text *text, guint at)
{
    static const char *const words[] = {"se", "qualora", "falls", "wenn", "if", NULL};
    for (guint i = at; i-- > 0 && at - i <= SUPPOSED_WITHIN;)
        if (is_one_of(text, i, words))
            return true;
    return false;
}

static bool gives_up(const Text *text, guint at, bool answers)
{
    gint is_open = 0;
    guint n = lex_at(text, at, LEX_GIVE_UP, &is_open);
    if (n == 0 || is_supposed(text, at))
        return false;
    if (!answers)
        return lex_within(text, at + n, at + n + OBJECT_WITHIN, LEX_MEETING, NULL);
    return !is_open || nothing_else_follows(text, at + n);
}

/* "un'altra data"; "meglio venerdì", "Thursday instead". */
static bool wants_other_day(const Text *text, guint at)
{
    gint beside = 0;
    guint n = lex_at(text, at, LEX_OTHER_DAY, &beside);
    if (n == 0 || !beside)
        return n > 0;
    for (guint i = at > DAY_BESIDE ? at - DAY_BESIDE : 0; i < at + n + DAY_BESIDE; i++)
        if (is_day(text, i))
            return true;
    return false;
}

/* "ein neuer Termin ist nicht nötig", "un'altra data non serve": tokens, 0 when it is wanted. */
static guint unneeded_other_day(const Text *text, guint at)
{
    static const char *const needs[] = {
        "notig",    "noetig", "erforderlich", "notwendig",  "gebraucht", "needed", "necessary",
        "required", "serve",  "necessario",   "necessaria", "occorre",   NULL};
    gint beside = 0;
    guint n = lex_at(text, at, LEX_OTHER_DAY, &beside);
    bool is_denied = false;
    if (n == 0 || beside)
        return 0;
    for (guint i = at + n; i < at + n + OBJECT_WITHIN && !ends_clause(text, i); i++) {
        is_denied |= lex_at(text, i, LEX_NOT, NULL) > 0;
        if (is_denied && is_one_of(text, i, needs))
            return i + 1 - at;
    }
    return 0;
}

/* "martedì no, giovedì sì": the day that was given is refused and another is named in the next
 * clause. */
static bool names_other_day(const Text *text, guint at, Progress *progress)
{
    static const char *const confirming[] = {"confermo",  "confermiamo", "confirm",
                                             "confirmed", "bestatige",   NULL};
    static const char *const others[] = {"altri", "anderen", "other", NULL};
    progress->confirms |= is_one_of(text, at, confirming);
    bool is_refused = lex_any(text, at, LEX_EXCLUDE, LEX_EXCLUDE, NULL, NULL) > 0 ||
                      gives_up(text, at, true) ||
                      (lex_at(text, at, LEX_NOT, NULL) > 0 && at > 0 && is_day(text, at - 1));
    bool is_other = is_day(text, at) ||
                    (is_one_of(text, at, others) && lex_at(text, at + 1, LEX_DAYS, NULL) > 0);
    if (progress->is_past_it && is_other)
        return !progress->confirms;
    progress->is_excluded |= is_refused;
    progress->is_past_it |= progress->is_excluded && ends_clause(text, at + 1);
    return false;
}

/* "avevo un appuntamento", "la videochiamata fissata per": who says so speaks of it like somebody
 * who answers. Not "ho un appuntamento", which may be with anybody. */
static bool is_booked(const Text *text, guint at)
{
    guint from = at > OBJECT_WITHIN ? at - OBJECT_WITHIN : 0;
    return lex_at(text, at, LEX_HAD, NULL) > 0 &&
           lex_within(text, from, at + OBJECT_WITHIN, LEX_MEETING, NULL);
}

/* --- the whole ----------------------------------------------------------------------------- */

static void add(Wants *wants, const Text *text, guint i, bool answers)
{
    wants->cancel |= wants_it(text, i, LEX_CANCEL, answers);
    wants->move |= wants_it(text, i, LEX_MOVE, answers);
    wants->move |= answers && wants_other_day(text, i);
    wants->give_up |= gives_up(text, i, answers);
    wants->meeting |= lex_at(text, i, LEX_MEETING, NULL) > 0;
    gint is_how = 0;
    bool is_needed = i > 0 && (token_is(text, i - 1, "mi") || token_is(text, i - 1, "ci")) &&
                     token_is(text, i, "serve"); /* "mi serve un appuntamento" asks for one */
    wants->ask |= !is_needed && lex_at(text, i, LEX_ASK, &is_how) > 0;
    wants->how |= is_how > 0;
    wants->call |= lex_at(text, i, LEX_CALL_ME, NULL) > 0;
}

/* The token past what is denied there; `at` when nothing is. */
static guint past_unwanted(const Text *text, guint at)
{
    gint is_whole = 0;
    guint n = lex_at(text, at, LEX_UNWANTED, &is_whole);
    if (n == 0 || lex_at(text, at, LEX_GIVE_UP, NULL) > 0)
        return at;
    if (is_whole)
        return at + n;
    for (guint i = at + n; i < at + n + UNWANTED_REACH && !ends_clause(text, i); i++)
        if (lex_at(text, i, LEX_CANCEL, NULL) > 0 || lex_at(text, i, LEX_MOVE, NULL) > 0)
            return i + 1;
    return at;
}

Wants wants_of(const Text *text, bool answers)
{
    Wants wants = {0};
    Progress progress = {0};
    bool is_coming = false;
    LexSet begins = LEX_SET(LEX_QUESTION, LEX_NO_OTHER, LEX_UNWANTED, LEX_HAD, LEX_CANCEL, LEX_MOVE,
                            LEX_OTHER_DAY, LEX_GIVE_UP, LEX_MEETING, LEX_ASK, LEX_CALL_ME);
    /* who answers may mean it with any word */
    for (guint i = 0; answers ? i < text_count(text) : lex_next(text, &i, text_count(text), begins);
         i++) {
        if (!token_is_wish(token_at(text, i)))
            continue;
        wants.mark |= token_is_sign(text, i, '?');
        if (token_at(text, i)->kind != TOKEN_WORD)
            continue;
        guint no_other = lex_at(text, i, LEX_NO_OTHER, NULL);
        no_other = no_other > 0 ? no_other : unneeded_other_day(text, i);
        if (no_other > 0) {
            wants.no_other = true;
            i += no_other - 1;
            continue;
        }
        guint past = past_unwanted(text, i);
        if (past > i) {
            i = past - 1;
            continue;
        }
        answers = answers || is_booked(text, i);
        add(&wants, text, i, answers);
        is_coming |= comes(text, i);
        wants.move |= answers && names_other_day(text, i, &progress);
    }
    if (is_coming) /* whoever else cannot come */
        wants.cancel = wants.give_up = false;
    return wants;
}
