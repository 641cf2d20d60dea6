/* desk_proposals.c - see desk_proposals.h. */
#include "web/desk_proposals.h"
#include <string.h>

static const char *confidence_of(const ReadingProposal *read)
{
    const char *confidence = read->span ? value_get_text(read->span, "confidence") : NULL;
    return confidence ? confidence : "likely";
}

static bool is_same_place(const Value *span, const Value *other)
{
    return span && other &&
           g_strcmp0(value_get_text(span, "source"), value_get_text(other, "source")) == 0 &&
           value_get_integer(span, "start") == value_get_integer(other, "start") &&
           value_get_integer(span, "end") == value_get_integer(other, "end");
}

static bool is_twin(const DeskProposal *one, const DeskProposal *other)
{
    return strcmp(one->read.kind, other->read.kind) == 0 &&
           strcmp(one->confidence, "ambiguous") == 0 &&
           strcmp(other->confidence, "ambiguous") == 0 &&
           is_same_place(one->read.span, other->read.span);
}

/* Where one that is like others of the list belongs: behind the last of them. */
static guint place_for(const GArray *list, const DeskProposal *proposal)
{
    for (guint i = list->len; i > 0; i--)
        if (is_twin(&g_array_index(list, DeskProposal, i - 1), proposal))
            return i;
    return list->len;
}

static void mark_choices(GArray *list)
{
    for (guint i = 1; i < list->len; i++) {
        DeskProposal *before = &g_array_index(list, DeskProposal, i - 1);
        DeskProposal *proposal = &g_array_index(list, DeskProposal, i);
        if (!is_twin(before, proposal))
            continue;
        if (before->choice == 0)
            before->choice = i;
        proposal->choice = before->choice;
    }
}

GArray *desk_proposals(Arena *arena, const Value *reading, const GPtrArray *verdicts)
{
    g_autoptr(GArray) found = reading_proposals(arena, reading);
    GArray *list = g_array_new(FALSE, FALSE, sizeof(DeskProposal));
    for (guint i = 0; i < found->len && list->len < DESK_PROPOSALS_MOST; i++) {
        const ReadingProposal *read = &g_array_index(found, ReadingProposal, i);
        if (desk_proposals_find(list, read->kind, read->value))
            continue;
        const DeskProposal proposal = {
            .read = *read,
            .confidence = confidence_of(read),
            .answer = verdict_of(verdicts, read->kind, read->value),
        };
        g_array_insert_val(list, place_for(list, &proposal), proposal);
    }
    mark_choices(list);
    return list;
}

guint desk_proposals_find(const GArray *proposals, const char *kind, const char *value)
{
    for (guint i = 0; i < proposals->len; i++) {
        const ReadingProposal *read = &g_array_index(proposals, DeskProposal, i).read;
        if (g_strcmp0(read->kind, kind) == 0 && g_strcmp0(read->value, value) == 0)
            return i + 1;
    }
    return 0;
}

const DeskProposal *desk_proposals_at(const GArray *proposals, guint number)
{
    return &g_array_index(proposals, DeskProposal, number - 1);
}

bool desk_proposal_is_certain_and_open(const DeskProposal *proposal)
{
    return proposal->answer == VERDICT_OPEN && strcmp(proposal->confidence, "certain") == 0;
}

/* --- choices --- */

static const char *day_of(const DeskProposal *proposal)
{
    const Value *object = proposal->read.object;
    const char *day = object ? value_get_text(object, "date") : NULL;
    return day || !object ? day : value_get_text(object, "date_from");
}

static bool has_another_day(const GArray *proposals, guint choice, const char *day)
{
    for (guint i = choice; i <= proposals->len; i++) {
        const DeskProposal *one = desk_proposals_at(proposals, i);
        if (one->choice == choice && g_strcmp0(day_of(one), day) != 0)
            return true;
    }
    return false;
}

bool desk_proposals_exclude(const GArray *proposals, guint number, guint other)
{
    const DeskProposal *right = desk_proposals_at(proposals, number);
    const DeskProposal *wrong = desk_proposals_at(proposals, other);
    if (number == other || right->choice == 0 || right->choice != wrong->choice)
        return false;
    return g_strcmp0(day_of(right), day_of(wrong)) != 0 ||
           !has_another_day(proposals, right->choice, day_of(right));
}

/* --- what follows --- */

static bool can_be_the_practice(const DeskProposal *proposal)
{
    return !proposal->read.object || value_get_text(proposal->read.object, "number");
}

static bool may_settle(const DeskProposal *proposal, const char *kind)
{
    return strcmp(proposal->read.kind, kind) == 0 &&
           (strcmp(kind, "practice") != 0 || can_be_the_practice(proposal));
}

static const char *first_answered(const GArray *proposals, const char *kind, VerdictAnswer answer)
{
    for (guint i = 1; i <= proposals->len; i++) {
        const DeskProposal *one = desk_proposals_at(proposals, i);
        if (may_settle(one, kind) && one->answer == answer)
            return one->read.value;
    }
    return NULL;
}

const char *desk_proposals_settle(const GArray *proposals, const char *kind, const char *current,
                                  const char *said, VerdictAnswer answer)
{
    const guint at = current ? desk_proposals_find(proposals, kind, current) : 0;
    const VerdictAnswer holds = at ? desk_proposals_at(proposals, at)->answer : VERDICT_OPEN;
    const char *confirmed = first_answered(proposals, kind, VERDICT_CONFIRMED);
    if (answer == VERDICT_CONFIRMED && said) {
        const guint number = desk_proposals_find(proposals, kind, said);
        return number && may_settle(desk_proposals_at(proposals, number), kind) ? said : current;
    }
    if (answer == VERDICT_CONFIRMED)
        return confirmed && holds != VERDICT_CONFIRMED ? confirmed : current;
    if (current && holds != VERDICT_REJECTED)
        return current;
    return confirmed ? confirmed : first_answered(proposals, kind, VERDICT_OPEN);
}

/* --- wishes --- */

static bool append_wishes(Value *list, const GArray *proposals, VerdictAnswer answer)
{
    for (guint i = 1; i <= proposals->len; i++) {
        const DeskProposal *one = desk_proposals_at(proposals, i);
        if (strcmp(one->read.kind, "wish") != 0 || one->answer != answer || !one->read.object)
            continue;
        if (answer == VERDICT_CONFIRMED)
            value_set_boolean((Value *)one->read.object, "confirmed", TRUE);
        value_append(list, (Value *)one->read.object);
    }
    return value_length(list) > 0;
}

const Value *desk_preferences(const GArray *proposals, Arena *arena)
{
    Value *list = value_list(arena);
    const bool has_confirmed = append_wishes(list, proposals, VERDICT_CONFIRMED);
    return append_wishes(list, proposals, VERDICT_OPEN) || has_confirmed ? list : NULL;
}
