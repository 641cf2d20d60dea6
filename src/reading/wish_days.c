/* wish_days.c - days become wishes, exclusions or nothing. */
#include "reading/assembly.h"

#define CLAUSE_MOMENTS 40 /* of a clause, in which "tranne" is looked for */
#define LIST_TOKENS 3     /* between two days of one list */
#define BARE_WORDS_MOST 1 /* that mean something else, in a clause that is nothing but a time */

/* "del 5 ottobre" speaks of what exists, but not in "la mattina del 26", "alle 10 di martedì",
 * "nelle giornate di". */
static bool refers_to_existing(const Assembly *assembly, guint index)
{
    const Moment *moment = assembly_moment(assembly, index);
    if (!moment->refers)
        return false;
    const Moment *before = index > 0 ? assembly_moment(assembly, index - 1) : NULL;
    bool beside_time = before && before->until + 1 >= moment->from &&
                       (before->kind == MOMENT_HOUR || before->kind == MOMENT_PART);
    bool after_day_word =
        moment->from > 0 && lex_at(assembly->text, moment->from - 1, LEX_DAY_WORD, NULL) > 0;
    bool after_such =
        assembly->wishes->len > assembly->sentence &&
        assembly_wish(assembly, assembly->wishes->len - 1)->moment.refers; /* "del 1 o del 3" */
    bool in_list =
        assembly->joined && assembly->current == POLARITY_WISH && (assembly->shared || after_such);
    const Moment *week =
        before && before->kind == MOMENT_COMMA && index > 1 && before->until == moment->from
            ? assembly_moment(assembly, index - 2)
            : before; /* "fra due settimane, di martedì" */
    bool of_week = week && week->kind == MOMENT_RANGE && week->is_week &&
                   week->until + 1 >= moment->from && moment->weekday != 0;
    bool after_wish =
        before && before->kind == MOMENT_CUE && before->until == moment->from &&
        (before->cue == LEX_WISH || before->cue == LEX_NOT || before->cue == LEX_EXCEPT);
    return !beside_time && !after_day_word && !in_list && !of_week &&
           !after_wish; /* "se possibile di martedì" */
}

/* Hours or a part of the day stand right beside it. */
static bool is_beside_hour(const Assembly *assembly, guint index)
{
    const Moment *moment = assembly_moment(assembly, index);
    const Moment *after =
        index + 1 < assembly->moments->len ? assembly_moment(assembly, index + 1) : NULL;
    bool before = assembly->pending && assembly->pending->until + BESIDE_TOKENS >= moment->from;
    return before || moment->part != PART_NONE ||
           (after && (after->kind == MOMENT_HOUR || after->kind == MOMENT_PART) &&
            after->from <= moment->until + BESIDE_TOKENS);
}

static bool has_range(const Assembly *assembly)
{
    for (guint i = assembly->paragraph; i < assembly->wishes->len; i++)
        if (assembly_wish(assembly, i)->moment.kind == MOMENT_RANGE)
            return true;
    return false;
}

/* "il 26 o il 3, dopo le 10" */
static bool has_hour_in_sentence(const Assembly *assembly, guint index)
{
    for (guint i = index + 1; i < MIN(assembly->moments->len, index + CLAUSE_MOMENTS); i++) {
        MomentKind kind = assembly_moment(assembly, i)->kind;
        if (kind == MOMENT_HOUR || kind == MOMENT_PART)
            return true;
        if (kind >= MOMENT_SENTENCE)
            return false;
    }
    return false;
}

/* Another day of the same sentence: "martedì 19 o martedì 26". */
static bool is_in_list(const Assembly *assembly, guint index)
{
    gint n = 0;
    guint first = index > CLAUSE_MOMENTS ? index - CLAUSE_MOMENTS : 0;
    for (guint i = index; i-- > first && assembly_moment(assembly, i)->kind < MOMENT_SENTENCE;)
        n += assembly_moment(assembly, i)->kind == MOMENT_DAY;
    for (guint i = index + 1; i < MIN(assembly->moments->len, index + CLAUSE_MOMENTS) &&
                              assembly_moment(assembly, i)->kind < MOMENT_SENTENCE;
         i++)
        n += assembly_moment(assembly, i)->kind == MOMENT_DAY;
    return n > 0;
}

/* Nobody named an appointment, but who writes to its office "martedì 26, ore 10" asks for one. */
static bool is_offered(const Assembly *assembly, guint index)
{
    const Moment *moment = assembly_moment(assembly, index);
    bool may = assembly->reading->kind == KIND_REQUEST || assembly->reading->kind == KIND_QUESTION;
    bool has_hour = is_beside_hour(assembly, index) || has_hour_in_sentence(assembly, index);
    return may && moment->kind == MOMENT_DAY && (has_hour || is_in_list(assembly, index)) &&
           sense_is_bare_sentence(assembly, index);
}

/* A day of which the sentence says nothing: is it a wish? */
static bool is_wish_by_itself(const Assembly *assembly, guint index)
{
    const Moment *moment = assembly_moment(assembly, index);
    bool is_every = moment->kind == MOMENT_RANGE && moment->ambiguous && moment->last == NO_DAY;
    if (!assembly->wants_meeting && !is_offered(assembly, index))
        return false;
    if (is_every)
        return true;
    if (moment->is_weak || moment->kind == MOMENT_RANGE)
        return !moment->ambiguous &&
               (moment->is_absolute || moment->kind == MOMENT_RANGE ||
                has_hour_in_sentence(assembly, index)) &&
               sense_is_bare_sentence(assembly, index);
    return sense_is_bare(assembly, moment, BARE_WORDS_MOST) &&
           sense_begins_bare(assembly, moment) &&
           (moment->weekday != 0 || is_beside_hour(assembly, index) ||
            (moment->is_absolute && is_in_list(assembly, index) &&
             has_hour_in_sentence(assembly, index)));
}

/* Of a week or range that was named: "la prossima settimana, martedì o giovedì", "dal 30, meglio
 * martedì". */
static bool move_into_week(Assembly *assembly, Moment *moment)
{
    guint n = assembly->wishes->len;
    if (!moment->only_weekday)
        return false;
    for (guint i = assembly->sentence; i < n; i++) {
        const Moment *range = &assembly_wish(assembly, i)->moment;
        if (range->kind != MOMENT_RANGE || range->ambiguous || range->day == NO_DAY)
            continue;
        assembly->week = range->day;
        g_array_remove_index(assembly->wishes, i);
        break;
    }
    if (assembly->week == NO_DAY)
        return false;
    gint ahead = (moment->weekday - day_weekday(assembly->week) + 7) % 7;
    moment->day = assembly->week + ahead;
    moment->ambiguous = false;
    return true;
}

/* "la settimana successiva, martedì 2 marzo", "fra due settimane (giovedì 17)": the day says which
 * one is meant. */
static void drop_explained(Assembly *assembly, const Moment *moment)
{
    guint n = assembly->wishes->len;
    if (n == assembly->sentence || !assembly->joined || assembly->joined_or ||
        moment->kind != MOMENT_DAY || !moment->has_number)
        return;
    const Wish *last = assembly_wish(assembly, n - 1);
    const Moment *named = &last->moment;
    bool is_week = named->kind == MOMENT_RANGE && named->is_week && named->day <= moment->day &&
                   named->last != NO_DAY && moment->day <= named->last + 2;
    bool is_day = named->kind == MOMENT_DAY && !named->has_number && named->day == moment->day;
    bool is_near = moment->from <= last->until + LIST_TOKENS && moment->from > last->until &&
                   !lex_within(assembly->text, last->until, moment->from, LEX_AND, NULL);
    if ((is_week || is_day) && is_near && !last->has_hour && last->part == PART_NONE)
        g_array_set_size(assembly->wishes, n - 1);
}

/* "martedì o giovedì della prossima settimana": the weekdays before belong to that week too. */
static void pull_into_week(const Assembly *assembly, const Moment *moment)
{
    if (moment->weekday == 0 || moment->only_weekday || moment->is_absolute)
        return;
    Day monday = moment->day - (moment->weekday - 1);
    for (guint i = assembly->group; assembly->joined && i < assembly->wishes->len; i++) {
        Moment *before = &assembly_wish(assembly, i)->moment;
        if (assembly_wish(assembly, i)->has_hour)
            continue; /* "giovedì alle 11 o martedì della settimana dopo" */
        if (before->kind == MOMENT_DAY && before->only_weekday && monday > before->day) {
            before->day = monday + before->weekday - 1;
            before->only_weekday = before->ambiguous = false;
        }
    }
}

/* Words that mean something stand between the day before and this one. */
static bool has_cue_before(const Assembly *assembly, guint index)
{
    while (index-- > 0) {
        MomentKind kind = assembly_moment(assembly, index)->kind;
        if (kind != MOMENT_JOIN && kind != MOMENT_COMMA)
            return kind == MOMENT_CUE;
    }
    return false;
}

/* "a gennaio, dopo l'Epifania": two ranges that bound each other are one. */
static bool narrows_range(const Assembly *assembly, const Moment *range)
{
    if (range->kind != MOMENT_RANGE || range->ambiguous || !assembly->joined ||
        assembly->joined_or || assembly->wishes->len == assembly->sentence)
        return false;
    Wish *wish = assembly_wish(assembly, assembly->wishes->len - 1);
    Moment *last = &wish->moment;
    bool may = last->kind == MOMENT_RANGE && !last->ambiguous && !wish->has_hour &&
               range->from <= wish->until + LIST_TOKENS;
    if (may && range->last == NO_DAY && last->last != NO_DAY && range->day >= last->day &&
        range->day <= last->last)
        last->day = range->day;
    else if (may && last->last == NO_DAY && range->last != NO_DAY && range->last >= last->day &&
             range->day <= last->day)
        last->last = range->last;
    else
        return false;
    wish->until = range->until;
    return true;
}

/* Do the hours that stand before a day belong to it? "L'autobus arriva alle 10, giovedì 26 dopo le
 * 10.15": not those of a clause that says something else, or when the day has its own. */
static bool takes_pending(const Assembly *assembly, guint index)
{
    const Moment *hour = assembly->pending, *day = assembly_moment(assembly, index);
    if (!hour || hour->until + BESIDE_TOKENS < day->from || hour->until > day->from)
        return false;
    bool same_clause = assembly->clause_from == 0 ||
                       hour->from >= assembly_moment(assembly, assembly->clause_from)->from;
    if (same_clause || hour->kind != MOMENT_HOUR)
        return same_clause || assembly->pending_alone;
    const Moment *next =
        index + 1 < assembly->moments->len ? assembly_moment(assembly, index + 1) : NULL;
    bool has_own = next && next->kind == MOMENT_HOUR && next->from <= day->until + BESIDE_TOKENS;
    return assembly->pending_alone && !has_own;
}

/* "alle 10 o alle 11 di giovedì": the first of two hours before a day. NULL when there is one. */
static const Moment *other_pending(const Assembly *assembly, guint index)
{
    if (index < 3)
        return NULL;
    const Moment *hour = assembly_moment(assembly, index - 3),
                 *joint = assembly_moment(assembly, index - 2);
    bool are_two = assembly_moment(assembly, index - 1) == assembly->pending &&
                   assembly->pending->kind == MOMENT_HOUR && joint->kind == MOMENT_JOIN &&
                   joint->cue == LEX_OR && hour->kind == MOMENT_HOUR &&
                   hour->until == joint->from && hour->hour == assembly->pending->hour;
    return are_two ? hour : NULL;
}

/* The same day at the first of two hours that stand before it. */
static void add_other_pending(Assembly *assembly, const Wish *wish, const Moment *hour)
{
    if (!hour || assembly->wishes->len >= WISHES_MOST)
        return;
    Wish again = wish_new(assembly->text, &wish->moment, wish->is_sure);
    wish_add_hour(&again, hour, assembly->reading->office);
    again.from = hour->from;
    again.until = hour->until;
    g_array_append_val(assembly->wishes, again);
}

static void add_wish(Assembly *assembly, guint index, bool is_sure)
{
    Moment moment = *assembly_moment(assembly, index);
    if (narrows_range(assembly, &moment))
        return;
    drop_explained(assembly, &moment);
    bool in_week = move_into_week(assembly, &moment);
    pull_into_week(assembly, &moment);
    if (assembly->wishes->len >= WISHES_MOST)
        return;
    Wish wish = wish_new(assembly->text, &moment, is_sure);
    const Moment *shared = assembly->joined ? assembly->shared : NULL;
    bool has_pending = takes_pending(assembly, index);
    if (has_pending) {
        wish_add_hour(&wish, assembly->pending, assembly->reading->office);
        wish_widen(&wish, assembly->pending);
        assembly->shared = assembly->pending;
    } else if (shared) {
        wish_add_hour(&wish, shared, assembly->reading->office); /* "la mattina del 3 o del 10" */
        wish.is_shared = true;
    } else {
        assembly->shared = NULL;
        if (assembly->limit) {
            wish_add_hour(&wish, assembly->limit, assembly->reading->office);
            wish.is_shared = true;
        }
    }
    const Wish *last = assembly->wishes->len > assembly->sentence
                           ? assembly_wish(assembly, assembly->wishes->len - 1)
                           : NULL;
    bool is_near = last && !has_cue_before(assembly, index) &&
                   moment.from <= last->until + LIST_TOKENS; /* no other words between */
    bool continues = is_near && assembly->joined && !last->has_hour && !last->has_part &&
                     last->part == PART_NONE && !in_week;
    if (!continues)
        assembly->group = assembly->wishes->len;
    add_other_pending(assembly, &wish, has_pending ? other_pending(assembly, index) : NULL);
    g_array_append_val(assembly->wishes, wish);
    assembly->pending = NULL;
    assembly->current = POLARITY_WISH;
    assembly->last_hour = has_pending ? assembly_moment(assembly, index) : NULL;
}

/* "tranne il giovedì", "il giovedì non posso": of every week; "giovedì non posso" is the next one,
 * "tranne giovedì 26" that one. */
static bool is_every_such_day(const Assembly *assembly, const Moment *moment)
{
    const Text *text = assembly->text;
    if (moment->has_number)
        return false;
    for (guint i = assembly->clause_from;
         i < MIN(assembly->clause_until, assembly->clause_from + CLAUSE_MOMENTS); i++)
        if (assembly_moment(assembly, i)->kind == MOMENT_CUE &&
            assembly_moment(assembly, i)->cue == LEX_EXCEPT)
            return true;
    return moment->from > 0 && (lex_at(text, moment->from - 1, LEX_ARTICLE, NULL) > 0 ||
                                lex_at(text, moment->from - 1, LEX_OF, NULL) > 0);
}

static void exclude_day(Assembly *assembly, const Moment *moment)
{
    assembly->current = POLARITY_EXCLUDE;
    assembly->pending = NULL;
    assembly->lost = moment->kind == MOMENT_DAY ? moment : NULL;
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
    if (!lex_within(assembly->text, moment->from > 12 ? moment->from - 12 : 0, moment->from,
                    LEX_MOVE, NULL))
        return *moment;
    Moment day = *moment;
    day.kind = MOMENT_DAY;
    day.day = moment->last;
    return day;
}

void wish_read_day(Assembly *assembly, guint index)
{
    Moment *moment = &g_array_index(assembly->moments, Moment, index);
    *moment = new_day_of_span(assembly, moment);
    Polarity polarity = sense_of(assembly, index);
    bool is_forwarded = token_at(assembly->text, moment->from)->section == SECTION_FORWARD;
    bool is_nothing = moment->is_past || moment->day == NO_DAY ||
                      (is_forwarded && !moment->has_number &&
                       !moment->is_absolute); /* relative to an older day */
    if (is_nothing || refers_to_existing(assembly, index)) {
        assembly->current = POLARITY_DOCUMENT;
        assembly->pending = NULL;
        return;
    }
    if (polarity == POLARITY_EXCLUDE) {
        exclude_day(assembly, moment);
        return;
    }
    bool is_every = moment->kind == MOMENT_RANGE && moment->ambiguous && moment->last == NO_DAY;
    const Wish *last = assembly->wishes->len > assembly->sentence
                           ? assembly_wish(assembly, assembly->wishes->len - 1)
                           : NULL;
    bool is_all_day = last && moment->from <= last->until + LIST_TOKENS &&
                      !assembly->joined; /* "martedì quando volete" */
    bool is_end = moment->kind == MOMENT_RANGE && moment->is_until && is_all_day &&
                  last->moment.kind == MOMENT_DAY; /* "ogni giovedì fino a Natale" */
    if (is_end || (is_every && (is_all_day || has_range(assembly))))
        return; /* "la settimana prossima, qualsiasi giorno" */
    if (polarity == POLARITY_WISH ||
        (polarity == POLARITY_NONE && is_wish_by_itself(assembly, index))) {
        add_wish(assembly, index, polarity == POLARITY_WISH);
        return;
    }
    bool is_moved = polarity == POLARITY_DOCUMENT && moment->kind == MOMENT_DAY &&
                    assembly->reading->kind == KIND_RESCHEDULE; /* perhaps within its day */
    assembly->lost = is_moved ? moment : assembly->lost;
    Day day = moment->kind == MOMENT_RANGE ? moment->last : moment->day;
    bool is_counted = moment->ambiguous; /* "entro 30 giorni" of what? */
    bool is_said = moment->is_until || sense_is_strong_deadline(assembly, index);
    if (polarity == POLARITY_DEADLINE && assembly->deadline == NO_DAY && !is_counted && is_said)
        assembly->deadline = day;
    assembly->current = POLARITY_DOCUMENT;
    assembly->pending = NULL;
}
