/* public_times.c - see public_times.h. The list of days is the page most asked for: texts are
 * borrowed or made once a day, never once a slot.
 */
#include "web/public_times.h"
#include "agenda/holidays.h"
#include "base/when_value.h"

PublicTimes *public_times_new(Db *db, const Office *office, const OfficeService *service,
                              gint64 now, GError **error)
{
    /* Closures that matter are those of the horizon; a day more, since it counts whole days. */
    const Span around = {now, now + (office->horizon_days + 2) * 86400LL};
    g_autoptr(AgendaRules) rules = agenda_rules_from_office(db, office, service, around, error);
    if (!rules)
        return NULL;
    const Span span = agenda_bookable(rules, AGENDA_CITIZEN, now);
    GArray *taken = agenda_taken_between(db, office->id, span, error);
    if (!taken)
        return NULL;
    PublicTimes *times = g_new(PublicTimes, 1);
    times->span = span;
    times->taken = taken;
    times->slots = agenda_slots(rules, taken, span);
    times->rules = g_steal_pointer(&rules);
    return times;
}

void public_times_free(PublicTimes *times)
{
    if (!times)
        return;
    agenda_rules_free(times->rules);
    g_array_unref(times->taken);
    g_array_unref(times->slots);
    g_free(times);
}

static GArray *free_slots(const PublicTimes *times, guint most)
{
    GArray *open = g_array_new(FALSE, FALSE, sizeof(Slot));
    for (guint i = 0; i < times->slots->len && open->len < most; i++) {
        const Slot *slot = &g_array_index(times->slots, Slot, i);
        if (slot->free > 0)
            g_array_append_vals(open, slot, 1);
    }
    return open;
}

guint public_times_free_count(const PublicTimes *times)
{
    guint count = 0;
    for (guint i = 0; i < times->slots->len; i++)
        count += g_array_index(times->slots, Slot, i).free > 0;
    return count;
}

void public_times_show_next(Page *page, const PublicTimes *times, Value *parent)
{
    const char *zone = zone_name(times->rules->zone);
    g_autoptr(GArray) open = free_slots(times, 3);
    gint64 third_at;
    if (open->len > 0)
        page_set_when(page, parent, "next", g_array_index(open, Slot, 0).starts_at, zone);
    if (agenda_third_next(open, &third_at))
        page_set_when(page, parent, "third_next", third_at, zone);
}

/* --- day by day ---------------------------------------------------------------------------- */

/* Does the office receive on that day of the week, closures apart? */
static bool receives_on(const AgendaRules *rules, Day day)
{
    for (guint i = 0; i < rules->openings->len; i++) {
        const AgendaOpening *opening = &g_array_index(rules->openings, AgendaOpening, i);
        if (opening->weekday == day_weekday(day) && opening->valid_from <= day &&
            day <= opening->valid_until)
            return true;
    }
    return false;
}

static Value *add_day(Page *page, Value *days, Day day)
{
    Value *object = value_append_object(days);
    value_set_text(object, "date", when_date(page->arena, day));
    value_set_text(object, "day_long", when_day_long(page->arena, day, page->language));
    return object;
}

/* Why a day on which the office receives has no slot at all. */
static void show_closed(Page *page, const AgendaRules *rules, Day day, Value *object)
{
    const char *holiday = holidays_on(day, rules->patron_month, rules->patron_day);
    const gint64 from = zone_midnight(rules->zone, day),
                 until = zone_midnight(rules->zone, day + 1);
    value_set_boolean(object, "is_closed", TRUE);
    if (holiday) {
        value_set_boolean(object, "is_holiday", TRUE);
        return;
    }
    for (guint i = 0; i < rules->closures->len; i++) {
        const AgendaClosure *closure = &g_array_index(rules->closures, AgendaClosure, i);
        if (closure->from_at < until && from < closure->until_at && closure->reason &&
            closure->reason[0]) {
            value_set_text(object, "reason", arena_copy(page->arena, closure->reason));
            return;
        }
    }
}

/* "00:00" to "23:55" by five minutes, made once. */
static const char *clock_text(guint minute)
{
    static char texts[288][6];
    static gsize made;
    if (g_once_init_enter(&made)) {
        for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
            g_snprintf(texts[i], sizeof texts[i], "%02u:%02u", i / 12, i % 12 * 5);
        g_once_init_leave(&made, 1);
    }
    return texts[minute / 5 % G_N_ELEMENTS(texts)];
}

/* The slots of `day` from index `first` on; the index after them is returned. */
static guint show_day(Page *page, const PublicTimes *times, Day day, guint first, Value *days)
{
    Value *list = NULL;
    guint i = first;
    Value *object = add_day(page, days, day);
    for (; i < times->slots->len; i++) {
        const Slot *slot = &g_array_index(times->slots, Slot, i);
        if (slot->day != day)
            break;
        if (slot->free == 0)
            continue;
        if (!list)
            list = value_set_list(object, "times");
        value_append(list, value_text(page->arena, clock_text(slot->minute)));
    }
    if (list)
        value_set_boolean(object, "has_times", TRUE);
    else if (i > first)
        value_set_boolean(object, "is_full", TRUE);
    else
        show_closed(page, times->rules, day, object);
    return i;
}

void public_times_show_days(Page *page, const PublicTimes *times, Value *parent)
{
    Value *days = value_set_list(parent, "days");
    const Zone *zone = times->rules->zone;
    guint next = 0;
    if (times->span.from >= times->span.until)
        return;
    const Day last = zone_day(zone, times->span.until - 1);
    for (Day day = zone_day(zone, times->span.from); day <= last; day++)
        if (receives_on(times->rules, day))
            next = show_day(page, times, day, next, days);
}

void public_times_show_choices(Page *page, const PublicTimes *times, gint64 chosen_at,
                               Value *parent)
{
    Value *days = value_set_list(parent, "days");
    Value *choices = NULL;
    Day shown = G_MININT32;
    g_autoptr(GArray) open = free_slots(times, G_MAXUINT);
    for (guint i = 0; i < open->len; i++) {
        const Slot *slot = &g_array_index(open, Slot, i);
        if (slot->day != shown)
            choices = value_set_list(add_day(page, days, slot->day), "choices");
        shown = slot->day;
        Value *choice = value_append_object(choices);
        value_set_integer(choice, "at", slot->starts_at);
        value_set_text(choice, "time", clock_text(slot->minute));
        value_set_boolean(choice, "is_first", i == 0);
        value_set_boolean(choice, "is_chosen", slot->starts_at == chosen_at);
    }
}

void public_times_show_nearest(Page *page, const PublicTimes *times, gint64 at, guint most,
                               Value *parent)
{
    Value *list = value_set_list(parent, "nearest");
    g_autoptr(GArray) open = free_slots(times, G_MAXUINT);
    g_autoptr(GArray) nearest = agenda_nearest(open, at, most);
    for (guint i = 0; i < nearest->len; i++)
        page_set_when(page, value_append_object(list), "when",
                      g_array_index(nearest, Slot, i).starts_at, zone_name(times->rules->zone));
    value_set_boolean(parent, "has_nearest", nearest->len > 0);
}
