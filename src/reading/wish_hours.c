/* wish_hours.c - hours and parts of the day go to the days they stand beside. */
#include "reading/assembly.h"

/* The same days at another hour: "alle 9 o alle 11". */
static void add_alternatives(Assembly *assembly, const Moment *hour)
{
    guint n = assembly->wishes->len;
    for (guint i = MIN(assembly->group, n - 1); i < n && assembly->wishes->len < WISHES_MOST; i++) {
        const Wish *first = assembly_wish(assembly, i);
        bool is_again = i > assembly->group &&
                        first->moment.from == assembly_wish(assembly, i - 1)->moment.from;
        if (is_again)
            continue; /* an alternative itself */
        Wish again = wish_new(assembly->text, &first->moment, first->is_sure);
        again.part = PART_NONE;
        wish_add_hour(&again, hour, assembly->reading->office);
        again.from = hour->from;
        again.until = hour->until;
        g_array_append_val(assembly->wishes, again);
    }
}

/* Has it hours of this kind already? "dopo le 9" leaves room for "e prima delle 11". */
static bool has_same_kind(const Assembly *assembly, const Wish *wish, const Moment *hour)
{
    if (wish->is_shared)
        return false;
    if (hour->kind == MOMENT_PART)
        return wish->has_part || wish->moment.part != PART_NONE;
    bool narrows = hour->hour == HOUR_BEFORE && !wish->is_exact && wish->until_minute < 0 &&
                   !assembly->joined_or;
    return wish->has_hour && !narrows;
}

static void give_hour(Assembly *assembly, const Moment *hour)
{
    guint n = assembly->wishes->len;
    if (has_same_kind(assembly, assembly_wish(assembly, n - 1), hour)) {
        if (assembly->joined && assembly->last_hour)
            add_alternatives(assembly, hour);
        return;
    }
    for (guint i = MIN(assembly->group, n - 1); i < n; i++)
        wish_add_hour(assembly_wish(assembly, i), hour, assembly->reading->office);
    assembly_wish(assembly, n - 1)->is_shared = false;
    wish_widen(assembly_wish(assembly, n - 1), hour);
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
            exclude_from(assembly, assembly_wish(assembly, i), hour);
}

void wish_read_hour(Assembly *assembly, guint index)
{
    const Moment *hour = assembly_moment(assembly, index);
    const Moment *next =
        index + 1 < assembly->moments->len ? assembly_moment(assembly, index + 1) : NULL;
    Polarity polarity = sense_of(assembly, index);
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
