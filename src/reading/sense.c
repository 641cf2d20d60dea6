/* sense.c - what a sentence says about the days and hours in it: wished, impossible, a document's,
 * a deadline. The nearest cue of the clause decides; a clause without one means what the clause
 * before meant. */
#include "reading/assembly.h"

#define DENIED_TOKENS 4    /* between "non" and the wish that it denies */
#define SUPPOSED_WITHIN 2  /* tokens from "falls" to its day */
#define CUE_MOMENTS 40     /* how far a cue reaches within its clause */
#define MEETING_HANDICAP 4 /* a meeting speaks less clearly than "sono disponibile" */
/* "presentare" is a deadline only with "entro", or when nothing else is said. */
#define WEAK_HANDICAP 50
#define MEANING_LETTERS 3  /* of a word that is more than "in", "ci", "x" */
#define BARE_TOKENS 40     /* looked at on each side */
#define SENTENCE_TOKENS 60 /* a longer sentence says more than a time */

static Polarity polarity_of(const Moment *cue)
{
    switch (cue->cue) {
    case LEX_EXCLUDE:
    case LEX_EXCEPT:
        return POLARITY_EXCLUDE;
    case LEX_DOCUMENT:
        return POLARITY_DOCUMENT;
    case LEX_BOOKED:
        return cue->is_question ? POLARITY_WISH : POLARITY_DOCUMENT;
    case LEX_DEADLINE:
        return POLARITY_DEADLINE;
    case LEX_OPEN:
        return POLARITY_OPEN;
    case LEX_WISH:
    case LEX_IF_NOT:
    case LEX_MEETING:
        return POLARITY_WISH;
    default:
        return POLARITY_NONE;
    }
}

static bool is_time(const Moment *moment)
{
    return moment && (moment->kind == MOMENT_DAY || moment->kind == MOMENT_RANGE ||
                      moment->kind == MOMENT_HOUR || moment->kind == MOMENT_PART);
}

static const Moment *moment_or_null(const Assembly *assembly, guint index)
{
    return index < assembly->moments->len ? assembly_moment(assembly, index) : NULL;
}

/* "no", "nicht": denies what stands before it. */
static bool denies_back(const Assembly *assembly, const Moment *cue)
{
    static const char *const words[] = {"no", "nicht", "nit", "net", "not"};
    for (guint i = 0;
         cue && cue->kind == MOMENT_CUE && cue->cue == LEX_NOT && i < G_N_ELEMENTS(words); i++)
        if (token_is(assembly->text, cue->from, words[i]))
            return true;
    return false;
}

/* "non martedì", "martedì no", "martedì - no": right beside the moment. */
static bool is_denied(const Assembly *assembly, guint index)
{
    const Moment *moment = assembly_moment(assembly, index);
    const Moment *before = index > 0 ? assembly_moment(assembly, index - 1) : NULL;
    const Moment *after = moment_or_null(assembly, index + 1);
    bool is_answer = index > 1 && denies_back(assembly, before) &&
                     is_time(assembly_moment(assembly, index - 2)) &&
                     assembly_moment(assembly, index - 2)->until == before->from;
    if (before && before->kind == MOMENT_CUE && before->cue == LEX_NOT && !is_answer &&
        before->until + 1 >= moment->from)
        return true;
    bool is_apart = after && after->kind == MOMENT_COMMA && after->from == moment->until;
    if (is_apart) {
        const Moment *following = moment_or_null(assembly, index + 3);
        after = moment_or_null(assembly, index + 2);
        if (after && following && is_time(following) && following->from == after->until)
            return false; /* "martedì, no giovedì" */
    }
    if (!denies_back(assembly, after))
        return false;
    const Moment *next = moment_or_null(assembly, index + 2);
    bool ends_there = !next || next->kind >= MOMENT_COMMA;
    bool is_german = text_languages(assembly->text, moment->from) == LANGUAGE_DE;
    guint reach = is_german && ends_there ? DENIED_TOKENS : 1; /* "am 26.11. doch nicht" */
    return after->from <= moment->until + reach;
}

/* "Thursday's call": a day that belongs to what is booked. */
static bool owns_meeting(const Text *text, const Moment *moment)
{
    guint at = moment->until;
    return token_is_sign(text, at, '\'') && token_is(text, at + 1, "s") &&
           (lex_at(text, at + 2, LEX_MEETING, NULL) > 0 || token_is(text, at + 2, "call"));
}

/* A colon between them: what follows it explains or begins anew. */
static bool is_behind_colon(const Text *text, const Moment *moment, const Moment *cue)
{
    guint until = MIN(cue->from, moment->until + BARE_TOKENS);
    for (guint i = moment->until; i < until; i++)
        if (token_is_sign(text, i, ':') && token_at(text, i + 1)->gap)
            return true;
    return false;
}

static guint distance(const Moment *moment, const Moment *cue)
{
    guint tokens = cue->from < moment->from ? moment->from - MIN(cue->until, moment->from)
                                            : cue->from - MIN(moment->until, cue->from) + 1;
    bool is_weak = cue->cue == LEX_DEADLINE && cue->cue_value == 1 && !moment->is_until;
    return tokens + (cue->cue == LEX_MEETING ? MEETING_HANDICAP : 0) +
           (is_weak ? WEAK_HANDICAP : 0);
}

/* "kann ich leider nie", "passt mir nicht": German denies after the verb. Not "kann, nicht am
 * Dienstag". */
static bool is_denied_after(const Assembly *assembly, guint index)
{
    const Moment *cue = assembly_moment(assembly, index);
    const Moment *after =
        index + 1 < assembly->clause_until ? assembly_moment(assembly, index + 1) : NULL;
    if (cue->cue != LEX_WISH || !after || after->kind != MOMENT_CUE ||
        after->from > cue->until + DENIED_TOKENS ||
        text_languages(assembly->text, cue->from) != LANGUAGE_DE)
        return false;
    const Moment *next = moment_or_null(assembly, index + 2);
    bool denies_next = next && is_time(next) && next->from <= after->until + 1;
    return after->cue == LEX_EXCLUDE || (after->cue == LEX_NOT && !denies_next);
}

/* "non credo di essere libero": a wish that is denied a few words before. */
static bool is_denied_wish(const Assembly *assembly, guint index)
{
    const Moment *cue = assembly_moment(assembly, index);
    const Moment *before =
        index > assembly->clause_from ? assembly_moment(assembly, index - 1) : NULL;
    if (is_denied_after(assembly, index))
        return true;
    return cue->cue == LEX_WISH && before && before->kind == MOMENT_CUE && before->cue == LEX_NOT &&
           before->until + DENIED_TOKENS >= cue->from;
}

/* "se martedì non si può": the day is asked for all the same. */
static bool is_condition(const Assembly *assembly, const Moment *cue)
{
    static const char *const words[] = {"se",   "qualora", "caso",    "if",    "falls",
                                        "wenn", "sollte",  "sollten", "should"};
    if (cue->cue != LEX_EXCLUDE || cue->cue_value != 1)
        return false;
    guint from =
        assembly->clause_from > 0 ? assembly_moment(assembly, assembly->clause_from - 1)->until : 0;
    from = MAX(from, cue->from > BARE_TOKENS ? cue->from - BARE_TOKENS : 0);
    for (guint i = from; i < cue->from; i++)
        for (guint j = 0; j < G_N_ELEMENTS(words); j++)
            if (token_is(assembly->text, i, words[j]))
                return true;
    return false;
}

/* The first time behind a cue. */
static bool is_next_time(const Assembly *assembly, guint cue, guint index)
{
    guint at = cue + 1;
    while (at < index && !is_time(assembly_moment(assembly, at)))
        at++;
    return at == index;
}

/* "giovedì 3 è un problema", not "ho una domanda e un problema". */
static bool is_out_of_place(const Assembly *assembly, guint index)
{
    const Moment *cue = assembly_moment(assembly, index);
    const Moment *before = index > 0 ? assembly_moment(assembly, index - 1) : NULL;
    if (cue->cue != LEX_EXCLUDE || cue->cue_value != RIGHT_AFTER_ONLY)
        return false;
    return !before || !is_time(before) || before->until + 1 < cue->from;
}

/* The nearest cue of the clause; NONE when there is none. */
static Polarity nearest_cue(const Assembly *assembly, guint index)
{
    const Moment *moment = assembly_moment(assembly, index);
    Polarity polarity = POLARITY_NONE;
    guint nearest = G_MAXUINT;
    guint from = MAX(assembly->clause_from, index > CUE_MOMENTS ? index - CUE_MOMENTS : 0);
    guint until = MIN(assembly->clause_until, index + CUE_MOMENTS);
    for (guint i = from; i < until; i++) {
        const Moment *cue = assembly_moment(assembly, i);
        if (cue->kind != MOMENT_CUE || polarity_of(cue) == POLARITY_NONE ||
            is_out_of_place(assembly, i))
            continue;
        if (cue->cue == LEX_BOOKED && cue->cue_value == OF_NEXT_ONLY &&
            !is_next_time(assembly, i, index))
            continue;
        if (cue->cue == LEX_EXCEPT && i < index)
            return POLARITY_EXCLUDE;
        bool is_mere_word =
            cue->cue == LEX_OPEN && cue->cue_value == 1 && moment->kind == MOMENT_HOUR &&
            assembly->wishes->len > assembly->sentence; /* "come orario dopo le 9" */
        if (cue->cue == LEX_EXCEPT || is_mere_word || is_behind_colon(assembly->text, moment, cue))
            continue;
        guint tokens = distance(moment, cue);
        if (tokens < nearest) {
            nearest = tokens;
            polarity = is_denied_wish(assembly, i)   ? POLARITY_EXCLUDE
                       : is_condition(assembly, cue) ? POLARITY_WISH
                                                     : polarity_of(cue);
        }
    }
    return polarity;
}

static bool begins_sentence(const Text *text, guint index)
{
    if (index == 0)
        return true;
    const Token *before = token_at(text, index - 1);
    return token_ends_line(before) || !token_is_wish(before) ||
           token_is_sign(text, index - 1, '.') || token_is_sign(text, index - 1, '!');
}

/* "Va bene, a martedì!": the farewell of an answer names the day that is booked. */
static bool is_farewell(const Assembly *assembly, guint index)
{
    const Moment *moment = assembly_moment(assembly, index);
    const Token *after = token_at(assembly->text, moment->until);
    bool ends = !token_is_wish(after) || token_ends_line(after) ||
                (after->kind == TOKEN_SIGN &&
                 (after->value == '!' || after->value == '.' || after->value == ','));
    ends |= token_is(assembly->text, moment->until, "then") ||
            token_is(assembly->text, moment->until, "dann");
    bool opens = begins_sentence(
        assembly->text, moment->is_until || moment->from == 0 ? moment->from : moment->from - 1);
    if ((assembly->reading->kind != KIND_REPLY && !opens) || !ends)
        return false;
    bool is_until = moment->is_until && (token_is(assembly->text, moment->from, "bis") ||
                                         token_is(assembly->text, moment->from, "until") ||
                                         token_is(assembly->text, moment->from, "till"));
    return is_until || (moment->from > 0 && (token_is(assembly->text, moment->from - 1, "a") ||
                                             token_is(assembly->text, moment->from - 1, "bis") ||
                                             token_is(assembly->text, moment->from - 1, "until") ||
                                             token_is(assembly->text, moment->from - 1, "till")));
}

/* Words in [from, until) that speak of something else than time and wishes, at most `most` + 1. */
static guint other_words(const Text *text, guint from, guint until, guint most)
{
    guint words = 0;
    for (guint i = from; i < until && words <= most; i++) {
        const Token *token = token_at(text, i);
        guint phrase = lex_any(text, i, LEX_CLOSING, LEX_BOOKED, NULL, NULL);
        if (phrase > 0) {
            i += phrase - 1;
            continue;
        }
        bool is_other = token->kind == TOKEN_WORD && token->section == SECTION_BODY &&
                        token->fold_length >= MEANING_LETTERS && !token->taken &&
                        lex_languages(text, i) == 0;
        words += is_other ? 1 : 0;
    }
    return words;
}

bool sense_is_bare(const Assembly *assembly, const Moment *moment, guint most)
{
    guint from =
        assembly->clause_from > 0 ? assembly_moment(assembly, assembly->clause_from - 1)->until : 0;
    guint until = assembly->clause_until < assembly->moments->len
                      ? assembly_moment(assembly, assembly->clause_until)->from
                      : text_count(assembly->text);
    from = MAX(from, moment->from > BARE_TOKENS ? moment->from - BARE_TOKENS : 0);
    until = MIN(until, moment->until + BARE_TOKENS);
    return other_words(assembly->text, from, until, most) <= most;
}

bool sense_begins_bare(const Assembly *assembly, const Moment *moment)
{
    guint from =
        assembly->clause_from > 0 ? assembly_moment(assembly, assembly->clause_from - 1)->until : 0;
    from = MAX(from, moment->from > BARE_TOKENS ? moment->from - BARE_TOKENS : 0);
    return other_words(assembly->text, from, moment->from, 0) == 0;
}

bool sense_is_bare_sentence(const Assembly *assembly, guint index)
{
    const Moment *moment = assembly_moment(assembly, index);
    guint first = index, last = index;
    while (first > 0 && index - first < CUE_MOMENTS &&
           assembly_moment(assembly, first - 1)->kind < MOMENT_SENTENCE)
        first--;
    while (last + 1 < assembly->moments->len && last - index < CUE_MOMENTS &&
           assembly_moment(assembly, last)->kind < MOMENT_SENTENCE)
        last++;
    guint from = first > 0 ? assembly_moment(assembly, first - 1)->until : 0;
    guint until = assembly_moment(assembly, last)->kind >= MOMENT_SENTENCE
                      ? assembly_moment(assembly, last)->from
                      : text_count(assembly->text);
    if (moment->from - from > SENTENCE_TOKENS || until - moment->until > SENTENCE_TOKENS)
        return false;
    return other_words(assembly->text, from, until, 0) == 0;
}

/* "Martedì 24, alle 10, non posso": a clause that is nothing but a time means what the next ones
 * say of it. */
static Polarity sense_of_rest(const Assembly *assembly, guint index)
{
    bool is_denied_next = false;
    guint last = assembly_moment(assembly, index)->until;
    if (!sense_is_bare(assembly, assembly_moment(assembly, index), 0))
        return POLARITY_NONE;
    guint until = MIN(assembly->moments->len, assembly->clause_until + CUE_MOMENTS);
    for (guint i = assembly->clause_until; i < until; i++) {
        const Moment *moment = assembly_moment(assembly, i);
        bool ends = moment->kind == MOMENT_DAY || moment->kind == MOMENT_RANGE ||
                    moment->kind == MOMENT_BUT || moment->kind >= MOMENT_SENTENCE;
        if (ends)
            return POLARITY_NONE;
        if (moment->kind != MOMENT_CUE || moment->cue == LEX_EXCEPT) {
            last = moment->until;
            continue;
        }
        Polarity polarity = polarity_of(moment);
        bool is_right_there = moment->from <= last + 1; /* not "..., in mezzo ho una riunione" */
        if (polarity == POLARITY_WISH || (polarity != POLARITY_NONE && is_right_there))
            return is_denied_next ? POLARITY_EXCLUDE : polarity;
        if (polarity != POLARITY_NONE)
            return POLARITY_NONE;
        is_denied_next |= moment->cue == LEX_NOT;
    }
    return POLARITY_NONE;
}

/* "il deposito, che vorrei fare entro fine gennaio": speaks of what was named before it. */
static bool is_relative_clause(const Assembly *assembly)
{
    static const char *const words[] = {"che", "which", "welche", "welcher"};
    if (assembly->clause_from == 0)
        return false;
    guint at = assembly_moment(assembly, assembly->clause_from - 1)->until;
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        if (token_is(assembly->text, at, words[i]))
            return true;
    return false;
}

/* "sollte Dienstag, der 24., nicht möglich sein": asked for all the same. */
static bool is_supposed(const Text *text, guint index)
{
    static const char *const words[] = {"sollte", "falls", "should", "qualora"};
    for (guint back = 1; back <= SUPPOSED_WITHIN && back <= index; back++)
        for (guint i = 0; i < G_N_ELEMENTS(words); i++)
            if (token_is(text, index - back, words[i]))
                return true;
    return false;
}

/* "il lunedì lavoro, il mercoledì pure": means what the day before meant. */
static bool is_likewise(const Assembly *assembly, guint index)
{
    static const char *const words[] = {"pure", "idem", "nemmeno", "neanche", "neppure"};
    guint until = assembly_moment(assembly, index)->until;
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        if (token_is(assembly->text, until, words[i]))
            return true;
    return false;
}

Polarity sense_of(const Assembly *assembly, guint index)
{
    bool is_excluded_too = is_likewise(assembly, index) && assembly->lost;
    if (is_denied(assembly, index) || is_excluded_too)
        return POLARITY_EXCLUDE;
    const Text *text = assembly->text;
    if (is_farewell(assembly, index) || owns_meeting(text, assembly_moment(assembly, index)))
        return POLARITY_DOCUMENT;
    if (sense_is_done(assembly, index))
        return POLARITY_DOCUMENT;
    guint from = assembly_moment(assembly, index)->from;
    bool moves_to =
        assembly->reading->kind == KIND_RESCHEDULE &&
        (lex_at(text, from, LEX_TO, NULL) || (from > 0 && lex_at(text, from - 1, LEX_TO, NULL)));
    if (moves_to)
        return POLARITY_WISH;
    if (assembly_moment(assembly, index)->is_until && is_relative_clause(assembly))
        return POLARITY_DEADLINE;
    Polarity polarity = nearest_cue(assembly, index);
    if (polarity == POLARITY_NONE && is_supposed(text, from))
        polarity = POLARITY_WISH;
    if (polarity == POLARITY_NONE)
        polarity = assembly->before;
    return polarity != POLARITY_NONE ? polarity : sense_of_rest(assembly, index);
}

/* What the clause means for the next one: its last cue. "Martedì non posso, giovedì alle 9" denies
 * only what stands before it. */
Polarity sense_of_clause(const Assembly *assembly)
{
    Polarity polarity = assembly->before;
    bool has_day = false;
    for (guint i = assembly->clause_from; i < assembly->clause_until; i++) {
        const Moment *cue = assembly_moment(assembly, i);
        bool is_mere_having = cue->cue == LEX_EXCLUDE && cue->cue_value == 2; /* "ho una pratica" */
        bool counts = cue->kind == MOMENT_CUE && !is_mere_having && !is_out_of_place(assembly, i) &&
                      cue->cue != LEX_EXCEPT && cue->cue != LEX_OPEN &&
                      !(cue->cue == LEX_DEADLINE && cue->cue_value == 1);
        has_day |= cue->kind == MOMENT_DAY || cue->kind == MOMENT_RANGE;
        if (counts && polarity_of(cue) != POLARITY_NONE)
            polarity = is_condition(assembly, cue)          ? POLARITY_NONE
                       : has_day && cue->cue == LEX_EXCLUDE ? POLARITY_NONE
                                                            : polarity_of(cue);
    }
    return polarity;
}

Polarity sense_of_own(const Assembly *assembly, guint index)
{
    return is_denied(assembly, index) ? POLARITY_EXCLUDE : nearest_cue(assembly, index);
}

bool sense_is_strong_deadline(const Assembly *assembly, guint index)
{
    guint from = MAX(assembly->clause_from, index > CUE_MOMENTS ? index - CUE_MOMENTS : 0);
    guint until = MIN(assembly->clause_until, index + CUE_MOMENTS);
    for (guint i = from; i < until; i++) {
        const Moment *cue = assembly_moment(assembly, i);
        if (cue->kind == MOMENT_CUE && cue->cue == LEX_DEADLINE && cue->cue_value == 0)
            return true;
    }
    return false;
}
