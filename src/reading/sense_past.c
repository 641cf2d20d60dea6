/* sense_past.c - "stamattina ho provato a chiamare alle 11": what somebody did on a day that is
 * not to come is no wish. Italian and German have an auxiliary and a participle, English a form of
 * its own behind the person. */
#include "reading/assembly.h"

#include <string.h>

#define PAST_TOKENS 30    /* looked at on each side of the day */
#define ADVERBS_MOST 2    /* "ho già anche provato" */
#define BRACKET_TOKENS 16 /* "habe ... versucht" */
#define PERSON_TOKENS 3   /* "I have already tried" */
#define OBJECT_TOKENS 5   /* "provato a farmi richiamare": what was tried is no wish */

static bool is_one_of(const Text *text, guint index, const char *const *words)
{
    for (; *words; words++)
        if (token_is(text, index, *words))
            return true;
    return false;
}

/* "provato", "telefonato", "scritto": not "tutto", "subito". */
static bool is_participle(const Text *text, guint index)
{
    static const char *const others[] = {"tutto",   "subito",  "posto",     "molto",    "contatto",
                                         "diritto", "impegno", "impegnato", "concetto", NULL};
    static const char *const endings[] = {"ato", "uto", "ito", "tto",  "sto",
                                          "rso", "sso", "eso", "erto", "lto"};
    const Token *token = token_at(text, index);
    if (token->kind != TOKEN_WORD || token->fold_length < 5 || is_one_of(text, index, others))
        return token_is(text, index, "visto");
    const char *word = text->folded->str + token->fold;
    for (guint i = 0; i < G_N_ELEMENTS(endings); i++) {
        gsize length = strlen(endings[i]);
        if (memcmp(word + token->fold_length - length, endings[i], length) == 0)
            return true;
    }
    return false;
}

/* "ho provato", "avevamo già chiamato", "sono passata", "non rispondeva". Tokens. */
static guint italian_past_at(const Text *text, guint index)
{
    static const char *const having[] = {"ho",    "ha",      "abbiamo", "avete",   "hanno", "avevo",
                                         "aveva", "avevamo", "avevate", "avevano", NULL};
    static const char *const being[] = {"sono", "siamo", "ero", "eravamo", NULL};
    static const char *const adverbs[] = {"gia",   "anche",  "appena",      "pure", "sempre",
                                          "anche", "invano", "inutilmente", "poi",  NULL};
    static const char *const moved[] = {"passato", "passata",  "passati",  "passate",  "venuto",
                                        "venuta",  "venuti",   "venute",   "stato",    "stata",
                                        "stati",   "state",    "andato",   "andata",   "andati",
                                        "andate",  "riuscito", "riuscita", "riusciti", NULL};
    static const char *const lasting[] = {"rispondeva", "rispondevano", "suonava", "squillava",
                                          "provavo",    "chiamavo",     NULL};
    if (is_one_of(text, index, lasting))
        return 1;
    bool has = is_one_of(text, index, having), is = is_one_of(text, index, being);
    guint at = index + 1;
    while ((has || is) && at <= index + ADVERBS_MOST && is_one_of(text, at, adverbs))
        at++;
    bool is_past = (has && is_participle(text, at)) || (is && is_one_of(text, at, moved));
    return is_past ? at + 1 - index : 0;
}

/* "habe ich versucht", "hatten wir schon angerufen", "war niemand erreichbar". `having` is the
 * token behind the last auxiliary, 0 before the first. */
static guint german_past_at(const Text *text, guint index, guint *having)
{
    static const char *const auxiliaries[] = {"habe",   "hab", "haben", "hat",   "hatte",
                                              "hatten", "bin", "sind",  "wurde", NULL};
    static const char *const done[] = {
        "versucht",      "probiert",   "telefoniert",    "angerufen", "gerufen",
        "gelautet",      "angelautet", "geschrieben",    "geschickt", "gesprochen",
        "erreicht",      "gewartet",   "vorbeigeschaut", "gewesen",   "gekommen",
        "gemeldet",      "probiert",   "vorbeigekommen", "abgehoben", "durchgekommen",
        "angeschrieben", NULL};
    if (token_is(text, index, "war"))
        return 1;
    if (is_one_of(text, index, auxiliaries))
        *having = index + 1;
    return *having > 0 && index < *having + BRACKET_TOKENS && is_one_of(text, index, done) ? 1 : 0;
}

/* "I called", "we have already tried", "nobody answered". Tokens. */
static guint english_past_at(const Text *text, guint index)
{
    static const char *const done[] = {"called",  "tried", "phoned",     "rang",   "rung",
                                       "emailed", "wrote", "written",    "spoke",  "spoken",
                                       "came",    "went",  "telephoned", "missed", "stopped",
                                       "dropped", NULL};
    static const char *const persons[] = {"i",    "we",   "you",     "he", "she",
                                          "they", "wife", "husband", NULL};
    static const char *const nobody[] = {"answered", "picked", "replied", NULL};
    if (is_one_of(text, index, nobody))
        return 1;
    if (!is_one_of(text, index, done))
        return 0;
    for (guint back = 1; back <= PERSON_TOKENS && back <= index; back++)
        if (is_one_of(text, index - back, persons))
            return 1;
    return 0;
}

/* The clause speaks of a wish too, apart from what was tried: "ho chiamato e oggi sono libero". */
static bool wishes_apart(const Assembly *assembly, guint from, guint until)
{
    guint first = assembly->clause_from;
    guint last = MIN(assembly->clause_until, first + PAST_TOKENS);
    for (guint i = first; i < last; i++) {
        const Moment *cue = assembly_moment(assembly, i);
        bool is_wish = cue->kind == MOMENT_CUE && cue->cue == LEX_WISH;
        if (is_wish && (cue->until <= from || cue->from >= until + OBJECT_TOKENS))
            return true;
    }
    return false;
}

/* Of the clause, and of the part of its sentence before it. */
bool sense_is_done(const Assembly *assembly, guint index)
{
    const Text *text = assembly->text;
    const Moment *day = assembly_moment(assembly, index);
    if (day->kind != MOMENT_DAY || day->day == NO_DAY || day->day > assembly->reading->today)
        return false;
    guint from = day->from > PAST_TOKENS ? day->from - PAST_TOKENS : 0;
    for (guint i = index; i-- > 0 && assembly_moment(assembly, i)->until > from;)
        if (assembly_moment(assembly, i)->kind >= MOMENT_BUT) {
            from = assembly_moment(assembly, i)->until;
            break;
        }
    guint until = assembly->clause_until < assembly->moments->len
                      ? assembly_moment(assembly, assembly->clause_until)->from
                      : text_count(text);
    until = MIN(until, day->until + PAST_TOKENS);
    guint having = 0;
    for (guint i = from; i < until; i++) {
        guint german = german_past_at(text, i, &having), italian = italian_past_at(text, i);
        guint n = MAX(german, MAX(italian, english_past_at(text, i)));
        if (n > 0)
            return !wishes_apart(assembly, i, i + n);
    }
    return false;
}
