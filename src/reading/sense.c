/* sense.c - what a sentence says about the days and hours in it: wished, impossible, a document's,
 * a deadline. The nearest cue of the clause decides; a clause without one means what the clause
 * before meant. */
#include "reading/assembly.h"

#define DENIED_TOKENS 4    /* between "non" and the wish that it denies */
#define CUE_MOMENTS 40     /* how far a cue reaches within its clause */
#define MEETING_HANDICAP 4 /* a meeting speaks less clearly than "sono disponibile" */
/* "presentare" is a deadline only with "entro", or when nothing else is said. */
#define WEAK_HANDICAP 50

static Polarity polarity_of(const Moment *cue)
{
    switch (cue->cue) {
    case LEX_EXCLUDE:
    case LEX_EXCEPT:
        return POLARITY_EXCLUDE;
    case LEX_DOCUMENT:
    case LEX_BOOKED:
        return POLARITY_DOCUMENT;
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

/* "non martedì", "martedì no": right beside the moment. */
static bool is_denied(const Assembly *assembly, guint index)
{
    const Moment *moment = assembly_moment(assembly, index);
    const Moment *before = index > 0 ? assembly_moment(assembly, index - 1) : NULL;
    const Moment *after =
        index + 1 < assembly->moments->len ? assembly_moment(assembly, index + 1) : NULL;
    if (before && before->kind == MOMENT_CUE && before->cue == LEX_NOT &&
        before->until + 1 >= moment->from)
        return true;
    return after && after->kind == MOMENT_CUE && after->cue == LEX_NOT &&
           after->from == moment->until &&
           (token_is(assembly->text, after->from, "no") ||
            token_is(assembly->text, after->from, "nicht"));
}

static guint distance(const Moment *moment, const Moment *cue)
{
    guint tokens = cue->from < moment->from ? moment->from - MIN(cue->until, moment->from)
                                            : cue->from - MIN(moment->until, cue->from) + 1;
    bool is_weak = cue->cue == LEX_DEADLINE && cue->cue_value == 1 && !moment->is_until;
    return tokens + (cue->cue == LEX_MEETING ? MEETING_HANDICAP : 0) +
           (is_weak ? WEAK_HANDICAP : 0);
}

/* "non credo di essere libero": a wish that is denied a few words before. */
static bool is_denied_wish(const Assembly *assembly, guint index)
{
    const Moment *cue = assembly_moment(assembly, index);
    const Moment *before =
        index > assembly->clause_from ? assembly_moment(assembly, index - 1) : NULL;
    return cue->cue == LEX_WISH && before && before->kind == MOMENT_CUE && before->cue == LEX_NOT &&
           before->until + DENIED_TOKENS >= cue->from;
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
        if (cue->kind != MOMENT_CUE || polarity_of(cue) == POLARITY_NONE)
            continue;
        if (cue->cue == LEX_EXCEPT && i < index)
            return POLARITY_EXCLUDE;
        if (cue->cue == LEX_EXCEPT)
            continue;
        guint tokens = distance(moment, cue);
        if (tokens < nearest) {
            nearest = tokens;
            polarity = is_denied_wish(assembly, i) ? POLARITY_EXCLUDE : polarity_of(cue);
        }
    }
    return polarity;
}

/* "Va bene, a martedì!": the farewell of an answer names the day that is booked. */
static bool is_farewell(const Assembly *assembly, guint index)
{
    const Moment *moment = assembly_moment(assembly, index);
    const Token *after = token_at(assembly->text, moment->until);
    bool ends = !token_is_wish(after) || token_ends_line(after) ||
                (after->kind == TOKEN_SIGN &&
                 (after->value == '!' || after->value == '.' || after->value == ','));
    return assembly->reading->kind == KIND_REPLY && ends && moment->from > 0 &&
           (token_is(assembly->text, moment->from - 1, "a") ||
            token_is(assembly->text, moment->from - 1, "bis"));
}

Polarity sense_of(const Assembly *assembly, guint index)
{
    if (is_denied(assembly, index))
        return POLARITY_EXCLUDE;
    if (is_farewell(assembly, index))
        return POLARITY_DOCUMENT;
    const Text *text = assembly->text;
    guint from = assembly_moment(assembly, index)->from;
    bool moves_to =
        assembly->reading->kind == KIND_RESCHEDULE &&
        (lex_at(text, from, LEX_TO, NULL) || (from > 0 && lex_at(text, from - 1, LEX_TO, NULL)));
    if (moves_to)
        return POLARITY_WISH;
    Polarity polarity = nearest_cue(assembly, index);
    return polarity != POLARITY_NONE ? polarity : assembly->before;
}

/* What the clause means for the next one: its last cue. "Martedì non posso, giovedì alle 9" denies
 * only what stands before it. */
Polarity sense_of_clause(const Assembly *assembly)
{
    Polarity polarity = assembly->before;
    bool has_day = false;
    for (guint i = assembly->clause_from; i < assembly->clause_until; i++) {
        const Moment *cue = assembly_moment(assembly, i);
        bool counts = cue->kind == MOMENT_CUE && cue->cue != LEX_EXCEPT && cue->cue != LEX_OPEN &&
                      !(cue->cue == LEX_DEADLINE && cue->cue_value == 1);
        has_day |= cue->kind == MOMENT_DAY;
        if (counts && polarity_of(cue) != POLARITY_NONE)
            polarity = has_day && cue->cue == LEX_EXCLUDE ? POLARITY_NONE : polarity_of(cue);
    }
    return polarity;
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
