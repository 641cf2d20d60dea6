/* slots.c - the slots of an office's openings, and what is still free of them.
 *
 * Slots are made in order of time, then closures and appointments, also in order of time, are laid
 * over them in one pass each. Which of them somebody may take is in booking.c.
 */
#include "agenda/agenda.h"
#include "agenda/holidays.h"

#define SPAN_MOST_S (G_GINT64_CONSTANT(2) * 366 * 86400)

static bool opening_applies(const AgendaOpening *opening, Day day)
{
    return opening->weekday == day_weekday(day) && day >= opening->valid_from &&
           day <= opening->valid_until;
}

/* Where an opening stands in time. On nearly all days the wall clock runs evenly through it, and
 * one look at the zone is enough for all its starts. */
typedef struct {
    const Zone *zone;
    Day day;
    guint from_minute;
    gint64 from_at;
    bool is_even;
} Opened;

static Opened opened_on(const Zone *zone, const AgendaOpening *opening, Day day)
{
    Opened opened = {zone, day, opening->from_minute, 0, false};
    gint64 until_at;
    opened.is_even =
        zone_instant(zone, day, opening->from_minute, &opened.from_at) &&
        zone_instant(zone, day, opening->until_minute, &until_at) &&
        until_at - opened.from_at == ((gint64)opening->until_minute - opening->from_minute) * 60;
    return opened;
}

static bool opened_instant(const Opened *opened, guint minute, gint64 *at)
{
    if (!opened->is_even)
        return zone_instant(opened->zone, opened->day, minute, at);
    *at = opened->from_at + ((gint64)minute - opened->from_minute) * 60;
    return true;
}

static void add_opening(GArray *slots, const AgendaRules *rules, const AgendaOpening *opening,
                        Day day, Span span)
{
    const Opened opened = opened_on(rules->zone, opening, day);
    const guint counters = MIN(opening->counters, AGENDA_COUNTERS_MOST), before = slots->len;
    const gint64 slot_s = (gint64)rules->slot_min * 60;
    if (opening->from_minute + rules->slot_min > opening->until_minute)
        return;
    const guint most = (opening->until_minute - opening->from_minute) / rules->step_min + 1;
    g_array_set_size(slots, before + most);
    Slot *slot = &g_array_index(slots, Slot, before);
    for (guint minute = opening->from_minute; minute + rules->slot_min <= opening->until_minute;
         minute += rules->step_min) {
        gint64 starts_at;
        if (!opened_instant(&opened, minute, &starts_at))
            continue; /* the hour skipped in spring */
        if (starts_at < span.from || starts_at >= span.until)
            continue;
        *slot++ = (Slot){starts_at, starts_at + slot_s, day, minute, counters, counters};
    }
    g_array_set_size(slots, (guint)(slot - (Slot *)(gpointer)slots->data));
}

static gint compare_slots(gconstpointer a, gconstpointer b)
{
    const Slot *first = a, *second = b;
    if (first->starts_at != second->starts_at)
        return first->starts_at < second->starts_at ? -1 : 1;
    return (gint)second->counters - (gint)first->counters;
}

/* Openings may overlap: in order of time, and of two with one start the one with more counters. */
static void put_in_order(GArray *slots)
{
    bool in_order = true;
    for (guint i = 1; i < slots->len && in_order; i++)
        in_order =
            g_array_index(slots, Slot, i - 1).starts_at < g_array_index(slots, Slot, i).starts_at;
    if (in_order)
        return;
    g_array_sort(slots, compare_slots);
    guint kept = 1;
    for (guint i = 1; i < slots->len; i++) {
        const Slot *slot = &g_array_index(slots, Slot, i);
        if (slot->starts_at != g_array_index(slots, Slot, kept - 1).starts_at)
            g_array_index(slots, Slot, kept++) = *slot;
    }
    g_array_set_size(slots, kept);
}

/* Takes out the slots that a closure touches. */
static void leave_out_closed(GArray *slots, const GArray *closures)
{
    guint kept = 0;
    if (closures->len == 0)
        return;
    for (guint i = 0; i < slots->len; i++) {
        const Slot *slot = &g_array_index(slots, Slot, i);
        bool closed = false;
        for (guint c = 0; c < closures->len && !closed; c++) {
            const AgendaClosure *closure = &g_array_index(closures, AgendaClosure, c);
            if (closure->from_at >= slot->ends_at)
                break;
            closed = closure->until_at > slot->starts_at;
        }
        if (!closed)
            g_array_index(slots, Slot, kept++) = *slot;
    }
    g_array_set_size(slots, kept);
}

/* The counters of `slot` that one of [taken, end) needs, one bit each. */
static guint64 busy_counters(const Slot *slot, const AgendaTaken *taken, const AgendaTaken *end,
                             gint64 buffer_s)
{
    const gint64 until = slot->ends_at + buffer_s;
    guint64 busy = 0;
    for (; taken < end && taken->starts_at < until; taken++)
        if (taken->ends_at > slot->starts_at && taken->counter >= 1 &&
            taken->counter <= slot->counters)
            busy |= G_GUINT64_CONSTANT(1) << (taken->counter - 1);
    return busy;
}

/* A slot wants its buffer free too, as the appointment will take it. */
static void count_free(GArray *slots, const GArray *taken, gint64 buffer_s)
{
    const AgendaTaken *first = (const AgendaTaken *)(gconstpointer)taken->data;
    const AgendaTaken *end = first + taken->len;
    Slot *slot = (Slot *)(gpointer)slots->data;
    for (guint i = 0; i < slots->len; i++, slot++) {
        while (first < end && first->ends_at <= slot->starts_at)
            first++; /* all before it have ended */
        slot->free = slot->counters;
        for (guint64 busy = busy_counters(slot, first, end, buffer_s); busy; busy &= busy - 1)
            slot->free--;
    }
}

GArray *agenda_slots(const AgendaRules *rules, const GArray *taken, Span span)
{
    GArray *slots = g_array_new(FALSE, FALSE, sizeof(Slot));
    span.until = MIN(span.until, span.from + SPAN_MOST_S);
    if (span.from >= span.until || rules->step_min == 0 || rules->slot_min == 0)
        return slots;

    Day last = zone_day(rules->zone, span.until - 1);
    for (Day day = zone_day(rules->zone, span.from); day <= last; day++) {
        bool asked = false;
        for (guint i = 0; i < rules->openings->len; i++) {
            const AgendaOpening *opening = &g_array_index(rules->openings, AgendaOpening, i);
            if (!opening_applies(opening, day))
                continue;
            if (!asked && holidays_on(day, rules->patron_month, rules->patron_day))
                break;
            asked = true;
            add_opening(slots, rules, opening, day, span);
        }
    }
    put_in_order(slots);
    leave_out_closed(slots, rules->closures);
    if (taken)
        count_free(slots, taken, (gint64)rules->buffer_min * 60);
    return slots;
}

GArray *agenda_free(const AgendaRules *rules, const GArray *taken, Span span)
{
    GArray *slots = agenda_slots(rules, taken, span);
    guint kept = 0;
    for (guint i = 0; i < slots->len; i++) {
        const Slot *slot = &g_array_index(slots, Slot, i);
        if (slot->free > 0)
            g_array_index(slots, Slot, kept++) = *slot;
    }
    g_array_set_size(slots, kept);
    return slots;
}

bool agenda_slot_at(const AgendaRules *rules, const GArray *taken, gint64 starts_at, Slot *slot)
{
    g_autoptr(GArray) slots = agenda_slots(rules, taken, (Span){starts_at, starts_at + 1});
    if (slots->len == 0)
        return false;
    *slot = g_array_index(slots, Slot, 0);
    return true;
}

/* Slots are in order of time, so the nearest are a window that grows from the place of `at`. */
GArray *agenda_nearest(const GArray *slots, gint64 at, guint count)
{
    guint until = 0;
    while (until < slots->len && g_array_index(slots, Slot, until).starts_at < at)
        until++;
    guint from = until;
    while (until - from < count && (from > 0 || until < slots->len)) {
        bool earlier = until == slots->len;
        if (from > 0 && until < slots->len)
            earlier = at - g_array_index(slots, Slot, from - 1).starts_at <=
                      g_array_index(slots, Slot, until).starts_at - at;
        if (earlier)
            from--;
        else
            until++;
    }
    GArray *nearest = g_array_sized_new(FALSE, FALSE, sizeof(Slot), until - from);
    if (until > from)
        g_array_append_vals(nearest, &g_array_index(slots, Slot, from), until - from);
    return nearest;
}

bool agenda_third_next(const GArray *free, gint64 *at)
{
    if (free->len < 3)
        return false;
    *at = g_array_index(free, Slot, 2).starts_at;
    return true;
}
