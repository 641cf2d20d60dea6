/* wishes.c - from days, hours and cues to wished times.
 *
 * The text is a row of moments. Commas and "ma" cut a sentence into clauses; in a clause the
 * nearest cue says what a day is: wished, impossible, the date of a document, a deadline. A clause
 * without a cue means what the one before it meant. Hours go to the days they stand beside.
 */
#include "reading/wish.h"

#define BESIDE_TOKENS 2 /* "alle 10 di martedì" */
#define CUE_MOMENTS 40  /* how far a cue reaches within its clause */
#define WISHES_MOST 40
#define MEETING_HANDICAP 4 /* a meeting speaks less clearly than "sono disponibile" */
#define WEAK_HANDICAP                                                                              \
    50 /* "presentare": a deadline only with "entro", or when nothing else is said */

typedef enum {
    POLARITY_NONE,
    POLARITY_WISH,
    POLARITY_EXCLUDE,
    POLARITY_DOCUMENT,
    POLARITY_DEADLINE,
    POLARITY_OPEN
} Polarity;

typedef struct {
    Reading *reading;
    const GArray *moments;
    GArray *wishes;
    guint clause_from, clause_until; /* moments */
    Polarity before;                 /* what the clause before meant */
    Polarity current;                /* of the day that hours would belong to; NONE: none yet */
    guint group;                     /* first wish that still waits for hours */
    guint sentence;                  /* first wish of this sentence */
    guint paragraph;                 /* first wish of this paragraph */
    const Moment *pending;           /* hours that stand before their day */
    const Moment *last_hour;
    const Moment *shared; /* that stood before the first day of a list */
    bool joined;          /* "o", "e" or a comma stands between the last piece and this one */
    bool wants_meeting;
    guint excluded;       /* bit n: weekday n does not suit ... */
    Day excluded_once[8]; /* ... on this day only; NO_DAY: never */
    Day deadline;
} Assembly;

static const Moment *moment_at(const Assembly *assembly, guint index)
{
    return &g_array_index(assembly->moments, Moment, index);
}

static Wish *wish_at(const Assembly *assembly, guint index)
{
    return &g_array_index(assembly->wishes, Wish, index);
}

/* --- what a clause says
 * ------------------------------------------------------------------------------- */

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
    const Moment *moment = moment_at(assembly, index);
    const Moment *before = index > 0 ? moment_at(assembly, index - 1) : NULL;
    const Moment *after =
        index + 1 < assembly->moments->len ? moment_at(assembly, index + 1) : NULL;
    if (before && before->kind == MOMENT_CUE && before->cue == LEX_NOT &&
        before->until + 1 >= moment->from)
        return true;
    return after && after->kind == MOMENT_CUE && after->cue == LEX_NOT &&
           after->from == moment->until && token_is(assembly->reading->body, after->from, "no");
}

static guint distance(const Moment *moment, const Moment *cue)
{
    guint tokens = cue->from < moment->from ? moment->from - MIN(cue->until, moment->from)
                                            : cue->from - MIN(moment->until, cue->from) + 1;
    bool is_weak = cue->cue == LEX_DEADLINE && cue->cue_value == 1 && !moment->is_until;
    return tokens + (cue->cue == LEX_MEETING ? MEETING_HANDICAP : 0) +
           (is_weak ? WEAK_HANDICAP : 0);
}

/* The nearest cue of the clause; NONE when there is none. */
static Polarity nearest_cue(const Assembly *assembly, guint index)
{
    const Moment *moment = moment_at(assembly, index);
    Polarity polarity = POLARITY_NONE;
    guint nearest = G_MAXUINT;
    guint from = MAX(assembly->clause_from, index > CUE_MOMENTS ? index - CUE_MOMENTS : 0);
    guint until = MIN(assembly->clause_until, index + CUE_MOMENTS);
    for (guint i = from; i < until; i++) {
        const Moment *cue = moment_at(assembly, i);
        if (cue->kind != MOMENT_CUE || polarity_of(cue) == POLARITY_NONE)
            continue;
        if (cue->cue == LEX_EXCEPT && i < index)
            return POLARITY_EXCLUDE;
        if (cue->cue == LEX_EXCEPT)
            continue;
        guint tokens = distance(moment, cue);
        if (tokens < nearest) {
            nearest = tokens;
            polarity = polarity_of(cue);
        }
    }
    return polarity;
}

static Polarity polarity_at(const Assembly *assembly, guint index)
{
    if (is_denied(assembly, index))
        return POLARITY_EXCLUDE;
    const Text *text = assembly->reading->body;
    guint from = moment_at(assembly, index)->from;
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
static Polarity clause_polarity(const Assembly *assembly)
{
    Polarity polarity = assembly->before;
    bool has_day = false;
    for (guint i = assembly->clause_from; i < assembly->clause_until; i++) {
        const Moment *cue = moment_at(assembly, i);
        bool counts = cue->kind == MOMENT_CUE && cue->cue != LEX_EXCEPT &&
                      !(cue->cue == LEX_DEADLINE && cue->cue_value == 1);
        has_day |= cue->kind == MOMENT_DAY;
        if (counts && polarity_of(cue) != POLARITY_NONE)
            polarity = has_day && cue->cue == LEX_EXCLUDE ? POLARITY_NONE : polarity_of(cue);
    }
    return polarity;
}

/* --- days
 * -------------------------------------------------------------------------------------------- */

/* "del 5 ottobre" speaks of what exists, but not in "la mattina del 26", "alle 10 di martedì",
 * "nelle giornate di". */
static bool refers_to_existing(const Assembly *assembly, guint index)
{
    const Moment *moment = moment_at(assembly, index);
    if (!moment->refers)
        return false;
    const Moment *before = index > 0 ? moment_at(assembly, index - 1) : NULL;
    bool beside_time = before && before->until + 1 >= moment->from &&
                       (before->kind == MOMENT_HOUR || before->kind == MOMENT_PART);
    bool after_day_word = moment->from > 0 &&
                          lex_at(assembly->reading->body, moment->from - 1, LEX_DAY_WORD, NULL) > 0;
    bool in_list = assembly->joined && assembly->current == POLARITY_WISH && assembly->shared;
    return !beside_time && !after_day_word && !in_list;
}

/* Hours or a part of the day stand right beside it. */
static bool is_beside_hour(const Assembly *assembly, guint index)
{
    const Moment *moment = moment_at(assembly, index);
    const Moment *after =
        index + 1 < assembly->moments->len ? moment_at(assembly, index + 1) : NULL;
    bool before = assembly->pending && assembly->pending->until + BESIDE_TOKENS >= moment->from;
    return before || moment->part != PART_NONE ||
           (after && (after->kind == MOMENT_HOUR || after->kind == MOMENT_PART) &&
            after->from <= moment->until + BESIDE_TOKENS);
}

static bool has_range(const Assembly *assembly)
{
    for (guint i = assembly->paragraph; i < assembly->wishes->len; i++)
        if (wish_at(assembly, i)->moment.kind == MOMENT_RANGE)
            return true;
    return false;
}

/* A day of which the sentence says nothing: is it a wish? */
static bool is_wish_by_itself(const Assembly *assembly, guint index)
{
    const Moment *moment = moment_at(assembly, index);
    bool is_every = moment->kind == MOMENT_RANGE && moment->ambiguous && moment->last == NO_DAY;
    if (!assembly->wants_meeting || moment->is_weak || (moment->kind == MOMENT_RANGE && !is_every))
        return false;
    if (is_every)
        return true;
    return moment->weekday != 0 || is_beside_hour(assembly, index);
}

/* Of a week that was named: "la prossima settimana, martedì o giovedì". */
static bool move_into_week(const Assembly *assembly, Moment *moment)
{
    guint n = assembly->wishes->len;
    if (!moment->only_weekday || n == assembly->sentence)
        return false;
    for (guint i = assembly->sentence; i < n; i++) {
        const Moment *week = &wish_at(assembly, i)->moment;
        if (week->kind != MOMENT_RANGE || !week->is_week || week->last == NO_DAY)
            continue;
        moment->day = week->last - 5 + moment->weekday; /* it ends on Friday */
        moment->ambiguous = false;
        g_array_remove_index(assembly->wishes, i);
        return true;
    }
    return false;
}

/* "martedì o giovedì della prossima settimana": the weekdays before belong to that week too. */
static void pull_into_week(const Assembly *assembly, const Moment *moment)
{
    if (moment->weekday == 0 || moment->only_weekday || moment->is_absolute)
        return;
    Day monday = moment->day - (moment->weekday - 1);
    for (guint i = assembly->group; assembly->joined && i < assembly->wishes->len; i++) {
        Moment *before = &wish_at(assembly, i)->moment;
        if (before->kind == MOMENT_DAY && before->only_weekday && monday > before->day) {
            before->day = monday + before->weekday - 1;
            before->only_weekday = before->ambiguous = false;
        }
    }
}

static void add_wish(Assembly *assembly, guint index, bool is_sure)
{
    Moment moment = *moment_at(assembly, index);
    bool in_week = move_into_week(assembly, &moment);
    pull_into_week(assembly, &moment);
    if (assembly->wishes->len >= WISHES_MOST)
        return;
    Wish wish = wish_new(&moment, is_sure);
    const Moment *shared = moment.refers && assembly->joined ? assembly->shared : NULL;
    bool has_pending = assembly->pending &&
                       assembly->pending->until + BESIDE_TOKENS >= moment.from &&
                       assembly->pending->until <= moment.from;
    if (has_pending) {
        wish_add_hour(&wish, assembly->pending, assembly->reading->office);
        wish_widen(&wish, assembly->pending);
        assembly->shared = assembly->pending;
    } else if (shared) {
        wish_add_hour(&wish, shared, assembly->reading->office); /* "la mattina del 3 o del 10" */
    } else {
        assembly->shared = NULL;
    }
    const Wish *last = assembly->wishes->len > assembly->sentence
                           ? wish_at(assembly, assembly->wishes->len - 1)
                           : NULL;
    bool continues = last && assembly->joined && !last->has_hour && !last->has_part &&
                     last->part == PART_NONE && !in_week;
    if (!continues)
        assembly->group = assembly->wishes->len;
    g_array_append_val(assembly->wishes, wish);
    assembly->pending = NULL;
    assembly->current = POLARITY_WISH;
    assembly->last_hour = has_pending ? moment_at(assembly, index) : NULL;
}

/* "tranne il giovedì", "il giovedì non posso": of every week; "giovedì non posso" is the next one.
 */
static bool is_every_such_day(const Assembly *assembly, const Moment *moment)
{
    const Text *text = assembly->reading->body;
    for (guint i = assembly->clause_from; i < assembly->clause_until; i++)
        if (moment_at(assembly, i)->kind == MOMENT_CUE && moment_at(assembly, i)->cue == LEX_EXCEPT)
            return true;
    return moment->from > 0 && (lex_at(text, moment->from - 1, LEX_ARTICLE, NULL) > 0 ||
                                lex_at(text, moment->from - 1, LEX_OF, NULL) > 0);
}

static void exclude_day(Assembly *assembly, const Moment *moment)
{
    assembly->current = POLARITY_EXCLUDE;
    assembly->pending = NULL;
    if (moment->kind == MOMENT_DAY && moment->weekday != 0 && !moment->is_absolute) {
        assembly->excluded |= 1u << moment->weekday;
        if (!is_every_such_day(assembly, moment))
            assembly->excluded_once[moment->weekday] = moment->day;
    }
}

/* "spostare dal 24 al 26": only the second is wished. */
static Moment new_day_of_span(const Assembly *assembly, const Moment *moment)
{
    if (assembly->reading->kind != KIND_RESCHEDULE || !moment->is_span || moment->last == NO_DAY)
        return *moment;
    if (!lex_within(assembly->reading->body, moment->from > 12 ? moment->from - 12 : 0,
                    moment->from, LEX_MOVE, NULL))
        return *moment;
    Moment day = *moment;
    day.kind = MOMENT_DAY;
    day.day = moment->last;
    return day;
}

static void read_day(Assembly *assembly, guint index)
{
    Moment *moment = &g_array_index(assembly->moments, Moment, index);
    *moment = new_day_of_span(assembly, moment);
    Polarity polarity = polarity_at(assembly, index);
    bool is_nothing = moment->is_past || moment->day == NO_DAY;
    if (is_nothing || refers_to_existing(assembly, index)) {
        assembly->current = POLARITY_DOCUMENT;
        assembly->pending = NULL;
        return;
    }
    if (polarity == POLARITY_EXCLUDE) {
        exclude_day(assembly, moment);
        return;
    }
    bool says_again = moment->kind == MOMENT_RANGE && moment->ambiguous && moment->last == NO_DAY &&
                      has_range(assembly);
    if (says_again)
        return; /* "la settimana prossima, qualsiasi giorno" */
    if (polarity == POLARITY_WISH ||
        (polarity == POLARITY_NONE && is_wish_by_itself(assembly, index))) {
        add_wish(assembly, index, polarity == POLARITY_WISH);
        return;
    }
    Day day = moment->kind == MOMENT_RANGE ? moment->last : moment->day;
    if (polarity == POLARITY_DEADLINE && assembly->deadline == NO_DAY)
        assembly->deadline = day;
    assembly->current = POLARITY_DOCUMENT;
    assembly->pending = NULL;
}

/* --- hours
 * ------------------------------------------------------------------------------------------- */

/* The same day at another hour: "alle 9 o alle 11". */
static void add_alternative(Assembly *assembly, const Moment *hour)
{
    if (assembly->wishes->len >= WISHES_MOST)
        return;
    Wish copy = *wish_at(assembly, assembly->wishes->len - 1);
    Wish again = wish_new(&copy.moment, copy.is_sure);
    again.part = PART_NONE;
    wish_add_hour(&again, hour, assembly->reading->office);
    again.from = hour->from;
    again.until = hour->until;
    g_array_append_val(assembly->wishes, again);
}

static void give_hour(Assembly *assembly, const Moment *hour)
{
    guint n = assembly->wishes->len;
    Wish *last = wish_at(assembly, n - 1);
    bool has_same = hour->kind == MOMENT_HOUR
                        ? last->has_hour && !(hour->hour == HOUR_BEFORE && !last->is_exact &&
                                              last->until_minute < 0)
                        : last->has_part || last->moment.part != PART_NONE;
    if (has_same && assembly->joined && assembly->last_hour) {
        add_alternative(assembly, hour);
        return;
    }
    if (has_same)
        return;
    for (guint i = MIN(assembly->group, n - 1); i < n; i++)
        wish_add_hour(wish_at(assembly, i), hour, assembly->reading->office);
    wish_widen(wish_at(assembly, n - 1), hour);
}

static void exclude_from(const Assembly *assembly, Wish *wish, const Moment *hour)
{
    wish_exclude_hour(wish, hour, assembly->reading->office);
    wish_widen(wish, hour);
}

static void exclude_hour(Assembly *assembly, const Moment *hour)
{
    for (guint i = assembly->paragraph; i < assembly->wishes->len; i++)
        if (i + 1 == assembly->wishes->len)
            exclude_from(assembly, wish_at(assembly, i), hour);
}

static void read_hour(Assembly *assembly, guint index)
{
    const Moment *hour = moment_at(assembly, index);
    const Moment *next = index + 1 < assembly->moments->len ? moment_at(assembly, index + 1) : NULL;
    Polarity polarity = polarity_at(assembly, index);
    bool after_existing =
        assembly->current == POLARITY_DOCUMENT || assembly->current == POLARITY_EXCLUDE;
    bool before_day = next && next->kind == MOMENT_DAY && (!after_existing || next->refers) &&
                      next->from <= hour->until + BESIDE_TOKENS &&
                      (next->refers || assembly->current == POLARITY_NONE ||
                       assembly->wishes->len == assembly->sentence);
    if (before_day) {
        assembly->pending = hour;
        return;
    }
    if (polarity == POLARITY_EXCLUDE && assembly->current != POLARITY_EXCLUDE &&
        assembly->current != POLARITY_DOCUMENT) {
        exclude_hour(assembly, hour);
        return;
    }
    if (assembly->current == POLARITY_EXCLUDE || assembly->current == POLARITY_DOCUMENT)
        return;
    bool has_wish = assembly->wishes->len > assembly->paragraph;
    bool may_have = polarity == POLARITY_WISH || polarity == POLARITY_NONE;
    if (has_wish && may_have)
        give_hour(assembly, hour);
    else if (may_have)
        assembly->pending = hour;
    assembly->last_hour = hour;
}

/* --- the pass
 * ----------------------------------------------------------------------------------------- */

static bool ends_clause(const Moment *moment)
{
    return moment->kind == MOMENT_COMMA || moment->kind == MOMENT_BUT ||
           moment->kind == MOMENT_SENTENCE || moment->kind == MOMENT_LIST ||
           moment->kind == MOMENT_PARAGRAPH;
}

static void begin_clause(Assembly *assembly, guint index)
{
    assembly->clause_from = index;
    for (assembly->clause_until = index; assembly->clause_until < assembly->moments->len;
         assembly->clause_until++)
        if (ends_clause(moment_at(assembly, assembly->clause_until)))
            return;
}

/* What stands between two clauses decides what the second takes over from the first. */
static void cross(Assembly *assembly, const Moment *mark)
{
    Polarity polarity = clause_polarity(assembly);
    assembly->before = polarity;
    bool is_alternative = mark->kind == MOMENT_BUT && mark->cue_value == 2;
    if (is_alternative || (mark->kind == MOMENT_BUT && polarity == POLARITY_EXCLUDE))
        assembly->before = POLARITY_WISH;
    if (mark->kind == MOMENT_LIST && polarity != POLARITY_WISH && polarity != POLARITY_EXCLUDE)
        assembly->before = POLARITY_NONE;
    if (mark->kind == MOMENT_SENTENCE || mark->kind == MOMENT_PARAGRAPH) {
        assembly->before = POLARITY_NONE;
        assembly->sentence = assembly->wishes->len;
    }
    if (mark->kind == MOMENT_PARAGRAPH)
        assembly->paragraph = assembly->wishes->len;
    if (mark->kind != MOMENT_COMMA) {
        assembly->current = POLARITY_NONE;
        assembly->pending = NULL;
    }
    if (mark->kind == MOMENT_LIST || mark->kind == MOMENT_BUT)
        assembly->last_hour = NULL;
    bool after_exception = mark->kind == MOMENT_COMMA && assembly->current == POLARITY_EXCLUDE;
    if (after_exception && assembly->wishes->len > assembly->paragraph)
        assembly->current = POLARITY_WISH;
    assembly->joined = mark->kind == MOMENT_COMMA;
}

static void assemble(Assembly *assembly)
{
    begin_clause(assembly, 0);
    for (guint i = 0; i < assembly->moments->len; i++) {
        const Moment *moment = moment_at(assembly, i);
        if (ends_clause(moment)) {
            cross(assembly, moment);
            begin_clause(assembly, i + 1);
            continue;
        }
        if (moment->kind == MOMENT_DAY || moment->kind == MOMENT_RANGE)
            read_day(assembly, i);
        else if (moment->kind == MOMENT_HOUR || moment->kind == MOMENT_PART)
            read_hour(assembly, i);
        if (moment->kind != MOMENT_CUE)
            assembly->joined = moment->kind == MOMENT_JOIN;
    }
}

static bool wants_meeting(const Reading *reading)
{
    return reading->kind == KIND_RESCHEDULE || reading->kind == KIND_REPLY ||
           lex_within(reading->body, 0, text_count(reading->body), LEX_MEETING, NULL) ||
           lex_within(reading->subject, 0, text_count(reading->subject), LEX_MEETING, NULL) ||
           lex_within(reading->body, 0, text_count(reading->body), LEX_CALL_ME, NULL);
}

/* The weekdays that do not suit within a range. */
static guint excluded_in(const Assembly *assembly, const Moment *range)
{
    guint excluded = assembly->excluded;
    for (gint weekday = 1; weekday <= 7; weekday++) {
        Day once = assembly->excluded_once[weekday];
        bool is_outside =
            once != NO_DAY && (once < range->day || (range->last != NO_DAY && once > range->last));
        if (is_outside)
            excluded &= ~(1u << weekday);
    }
    return excluded;
}

static bool is_worth_proposing(const Wish *wish)
{
    bool is_everything =
        wish->moment.kind == MOMENT_RANGE && wish->moment.last == NO_DAY && wish->moment.ambiguous;
    return !is_everything || wish->excluded || wish->has_hour || wish->part != PART_NONE;
}

void wishes_read(Reading *reading, Value *list, Day *deadline)
{
    Scan scan = {reading, reading->body, reading->today};
    g_autoptr(GArray) moments = moments_scan(&scan);
    g_autoptr(GArray) wishes = g_array_new(FALSE, FALSE, sizeof(Wish));
    Assembly assembly = {
        .reading = reading, .moments = moments, .wishes = wishes, .deadline = NO_DAY};
    for (guint i = 0; i < G_N_ELEMENTS(assembly.excluded_once); i++)
        assembly.excluded_once[i] = NO_DAY;
    assembly.wants_meeting = wants_meeting(reading);
    assemble(&assembly);
    *deadline = assembly.deadline;
    for (guint i = 0; i < wishes->len; i++) {
        Wish *wish = wish_at(&assembly, i);
        if (wish->moment.kind == MOMENT_RANGE)
            wish->excluded |= excluded_in(&assembly, &wish->moment);
        if (is_worth_proposing(wish))
            wish_propose(reading, wish, list);
    }
}
