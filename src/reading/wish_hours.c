/* wish_hours.c - hours and parts of the day go to the days they stand beside. */
#include "reading/assembly.h"

#define CLAUSE_PIECES 40 /* of a clause, in which a day is looked for */

/* The first token of the clause that is read. */
static guint clause_start(const Assembly *assembly)
{
    return assembly->clause_from > 0 ? assembly_moment(assembly, assembly->clause_from - 1)->until
                                     : 0;
}

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

/* "martedì 12, giovedì 14 o martedì 19, mai prima delle 10": begins a clause of its own. */
static bool is_limit_of_all(const Assembly *assembly, const Moment *hour)
{
    static const char *const words[] = {"mai", "comunque", "sempre", "purche", "never", "nie"};
    if (hour->hour != HOUR_AFTER && hour->hour != HOUR_BEFORE)
        return false;
    guint start = clause_start(assembly);
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        if (token_is(assembly->text, start, words[i]) && hour->from <= start + 2)
            return true;
    return false;
}

/* "jeweils ab 10", "both at 10": for each day of the sentence that has no hours. */
static bool give_each(Assembly *assembly, const Moment *hour)
{
    static const char *const words[] = {"jeweils", "both",     "each",
                                        "beide",   "entrambi", "rispettivamente"};
    bool is_each = is_limit_of_all(assembly, hour);
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        is_each |= hour->from > 0 && token_is(assembly->text, hour->from - 1, words[i]);
    if (!is_each)
        return false;
    for (guint i = assembly->sentence; i < assembly->wishes->len; i++) {
        Wish *wish = assembly_wish(assembly, i);
        if (wish->has_hour)
            continue;
        wish_add_hour(wish, hour, assembly->reading->office);
    }
    wish_widen(assembly_wish(assembly, assembly->wishes->len - 1), hour);
    return true;
}

static void give_hour(Assembly *assembly, const Moment *hour)
{
    if (give_each(assembly, hour))
        return;
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
    if (wish->is_exact)
        return; /* "alle 10? Dopo le 11 sono fuori" */
    wish_exclude_hour(wish, hour, assembly->reading->office);
    if (wish == assembly_wish(assembly, assembly->wishes->len - 1))
        wish_widen(wish, hour);
}

static void exclude_hour(Assembly *assembly, const Moment *hour)
{
    bool is_of_all = is_limit_of_all(assembly, hour);
    for (guint i = assembly->paragraph; i < assembly->wishes->len; i++)
        if (i + 1 == assembly->wishes->len || (is_of_all && i >= assembly->sentence))
            exclude_from(assembly, assembly_wish(assembly, i), hour);
}

/* "martedì alle 10 non riesco, ma dopo le 15 sì": the hours that do suit of a day that did not. */
static bool revives_day(const Assembly *assembly, guint index)
{
    if (!assembly->lost || assembly->wishes->len > assembly->sentence ||
        assembly->lost->from >= clause_start(assembly) ||
        sense_of_own(assembly, index) != POLARITY_WISH)
        return false;
    for (guint i = assembly->clause_from; i < MIN(assembly->clause_until, index + CLAUSE_PIECES);
         i++)
        if (assembly_moment(assembly, i)->kind == MOMENT_DAY ||
            assembly_moment(assembly, i)->kind == MOMENT_RANGE)
            return false;
    return true;
}

static void revive_day(Assembly *assembly, const Moment *hour)
{
    const Moment *day = assembly->lost;
    Moment whole = *day;
    whole.part = PART_NONE;
    if (day->weekday != 0)
        assembly->excluded &= ~(1u << day->weekday);
    Wish wish = wish_new(assembly->text, &whole, true);
    wish_add_hour(&wish, hour, assembly->reading->office);
    wish_widen(&wish, hour);
    assembly->group = assembly->wishes->len;
    if (assembly->wishes->len < WISHES_MOST)
        g_array_append_val(assembly->wishes, wish);
    assembly->current = POLARITY_WISH;
    assembly->last_hour = hour;
    assembly->lost = NULL;
}

static void set_pending(Assembly *assembly, const Moment *hour)
{
    assembly->pending = hour;
    assembly->pending_alone = sense_is_bare(assembly, hour, 1);
}

/* "solo la mattina", "nur vormittags" */
static bool is_only(const Text *text, const Moment *hour)
{
    static const char *const words[] = {"solo", "soltanto", "solamente", "esclusivamente",
                                        "nur",  "only",     "unicamente"};
    guint back = hour->from > 2 ? hour->from - 2 : 0;
    for (guint at = back; hour->kind == MOMENT_PART && at < hour->from; at++)
        for (guint i = 0; i < G_N_ELEMENTS(words); i++)
            if (token_is(text, at, words[i]))
                return true;
    return false;
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
        set_pending(assembly, hour);
        return;
    }
    if (revives_day(assembly, index)) {
        revive_day(assembly, hour);
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
        set_pending(assembly, hour);
    if (!has_wish && may_have && is_only(assembly->text, hour))
        assembly->limit = hour;
    assembly->last_hour = hour;
}
