/* wishes.c - from days, hours and cues to wished times.
 *
 * The text is a row of moments. Commas and "ma" cut a sentence into clauses; sense.c says what a
 * clause means, wish_days.c and wish_hours.c take the pieces in.
 */
#include "reading/assembly.h"

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
        if (ends_clause(assembly_moment(assembly, assembly->clause_until)))
            return;
}

/* What stands between two clauses decides what the second takes over from the first. */
static void cross(Assembly *assembly, const Moment *mark)
{
    Polarity polarity = sense_of_clause(assembly);
    assembly->before = polarity;
    bool is_alternative = mark->kind == MOMENT_BUT && mark->cue_value == 2;
    if (is_alternative || (mark->kind == MOMENT_BUT && polarity == POLARITY_EXCLUDE))
        assembly->before = POLARITY_WISH;
    bool is_consequence = mark->kind == MOMENT_BUT && mark->cue_value == 3; /* "quindi" */
    if (is_consequence && polarity != POLARITY_EXCLUDE && polarity != POLARITY_WISH)
        assembly->before = POLARITY_NONE;
    if (mark->kind == MOMENT_LIST && polarity != POLARITY_WISH && polarity != POLARITY_EXCLUDE)
        assembly->before = POLARITY_NONE;
    if (mark->kind == MOMENT_SENTENCE || mark->kind == MOMENT_PARAGRAPH) {
        assembly->before = POLARITY_NONE;
        assembly->sentence = assembly->wishes->len;
        assembly->week = NO_DAY;
        assembly->lost = NULL;
        assembly->limit = NULL;
    }
    if (is_alternative) {
        assembly->sentence = assembly->wishes->len; /* no day of the week that was named before */
        assembly->week = NO_DAY;
    }
    if (mark->kind == MOMENT_PARAGRAPH)
        assembly->paragraph = assembly->wishes->len;
    if (mark->kind != MOMENT_COMMA) {
        assembly->current = POLARITY_NONE;
        assembly->pending = NULL;
    }
    if (mark->kind == MOMENT_LIST || (mark->kind == MOMENT_BUT && !is_alternative))
        assembly->last_hour = NULL;
    bool after_exception = mark->kind == MOMENT_COMMA && assembly->current == POLARITY_EXCLUDE;
    if (after_exception && assembly->wishes->len > assembly->paragraph)
        assembly->current = POLARITY_WISH;
    assembly->joined = mark->kind == MOMENT_COMMA || is_alternative;
    assembly->joined_or = is_alternative;
}

static void set_joined(Assembly *assembly, const Moment *moment)
{
    assembly->joined = moment->kind == MOMENT_JOIN;
    assembly->joined_or = assembly->joined && moment->cue == LEX_OR;
}

static void assemble(Assembly *assembly)
{
    begin_clause(assembly, 0);
    for (guint i = 0; i < assembly->moments->len; i++) {
        const Moment *moment = assembly_moment(assembly, i);
        if (ends_clause(moment)) {
            cross(assembly, moment);
            begin_clause(assembly, i + 1);
            continue;
        }
        if (moment->kind == MOMENT_DAY || moment->kind == MOMENT_RANGE)
            wish_read_day(assembly, i);
        else if (moment->kind == MOMENT_HOUR || moment->kind == MOMENT_PART)
            wish_read_hour(assembly, i);
        if (moment->kind != MOMENT_CUE)
            set_joined(assembly, moment);
    }
}

static bool wants_meeting(const Reading *reading)
{
    return reading->kind == KIND_RESCHEDULE || reading->kind == KIND_REPLY ||
           lex_within(reading->body, 0, text_count(reading->body), LEX_MEETING, NULL) ||
           lex_within(reading->subject, 0, text_count(reading->subject), LEX_MEETING, NULL) ||
           lex_within(reading->body, 0, text_count(reading->body), LEX_CALL_ME, NULL);
}

/* The weekdays that do not suit within a range. "Tranne giovedì 26" of a range without an end
 * cannot be said: not every Thursday. */
static guint excluded_in(const Assembly *assembly, const Moment *range)
{
    guint excluded = assembly->excluded;
    for (gint weekday = 1; weekday <= 7; weekday++) {
        Day once = assembly->excluded_once[weekday];
        bool is_outside =
            once != NO_DAY && (once < range->day || range->last == NO_DAY || once > range->last);
        if (is_outside)
            excluded &= ~(1u << weekday);
    }
    return excluded;
}

/* "tutti i giorni" without an end. */
static bool is_everything(const Wish *wish)
{
    return wish->moment.kind == MOMENT_RANGE && wish->moment.last == NO_DAY &&
           wish->moment.ambiguous;
}

static bool is_worth_proposing(const Wish *wish)
{
    return !is_everything(wish) || wish->excluded || wish->has_hour || wish->part != PART_NONE;
}

/* "any day next week": the week says it better. */
static bool names_other_range(const Assembly *assembly, guint index)
{
    for (guint i = 0; i < assembly->wishes->len; i++)
        if (i != index && assembly_wish(assembly, i)->moment.kind == MOMENT_RANGE &&
            !is_everything(assembly_wish(assembly, i)))
            return true;
    return false;
}

static bool is_same_time(const Wish *one, const Wish *other)
{
    return one->from_minute == other->from_minute && one->until_minute == other->until_minute &&
           one->part == other->part && one->moment.part == other->moment.part;
}

/* "quindi il giovedì. Il 26 dopo le 10", "il 24 alle 9; se il 24 non va bene": said again, or
 * better elsewhere. */
static bool is_said_again(const Assembly *assembly, guint index)
{
    const Wish *wish = assembly_wish(assembly, index);
    bool is_vague = !wish->has_hour && wish->part == PART_NONE;
    if (wish->moment.kind != MOMENT_DAY)
        return false;
    for (guint i = 0; i < assembly->wishes->len; i++) {
        const Wish *other = assembly_wish(assembly, i);
        bool is_same = i != index && other->moment.kind == MOMENT_DAY &&
                       other->moment.day == wish->moment.day &&
                       other->moment.other == wish->moment.other;
        if (!is_same)
            continue;
        bool is_better = i < index || (wish->moment.only_weekday && other->moment.has_number);
        if ((is_vague && is_better) || (i < index && is_same_time(wish, other)))
            return true;
    }
    return false;
}

static void read_text(Reading *reading, const Text *text, Value *list, Day *deadline)
{
    Scan scan = {reading, text, reading->today, NO_DAY};
    g_autoptr(GArray) moments = moments_scan(&scan);
    g_autoptr(GArray) wishes = g_array_new(FALSE, FALSE, sizeof(Wish));
    Assembly assembly = {.reading = reading,
                         .text = text,
                         .moments = moments,
                         .wishes = wishes,
                         .deadline = NO_DAY,
                         .week = NO_DAY};
    for (guint i = 0; i < G_N_ELEMENTS(assembly.excluded_once); i++)
        assembly.excluded_once[i] = NO_DAY;
    assembly.wants_meeting = wants_meeting(reading);
    assemble(&assembly);
    *deadline = assembly.deadline;
    for (guint i = 0; i < wishes->len; i++) {
        Wish *wish = assembly_wish(&assembly, i);
        if (wish->moment.kind == MOMENT_RANGE)
            wish->excluded |= excluded_in(&assembly, &wish->moment);
        bool is_repeated =
            is_everything(wish) && !wish->has_hour && names_other_range(&assembly, i);
        bool has_exception = is_everything(wish) && assembly.excluded != 0;
        if ((has_exception || is_worth_proposing(wish)) && !is_repeated &&
            !is_said_again(&assembly, i))
            wish_propose(reading, wish, list);
    }
}

/* The subject of an answer repeats an older time; that of a request may be all that is said. */
void wishes_read(Reading *reading, Value *list, Day *deadline)
{
    Day in_subject;
    read_text(reading, reading->body, list, deadline);
    if (value_length(list) == 0 && reading->kind == KIND_REQUEST && !reading->booking)
        read_text(reading, reading->subject, list, &in_subject);
}
