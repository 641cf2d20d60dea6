/* wishes.c - free slots in the order a person would like them, from the proposals of a reading.
 *
 * A wish is an object of the reading's `preferences`: a date or a range of dates, an hour or a
 * range of hours, "about", weekdays that do not suit. Nothing is decided here: the desk sees every
 * free time, the wished ones first, and of these the ones that an officer confirmed.
 */
#include "agenda/agenda.h"

#include <string.h>

#define APPROX_MIN 30          /* "verso le 10" */
#define UNWANTED_S (7 * 86400) /* how far away a day counts that was excluded */
#define NOT_WISHED_S G_MAXINT64
#define DAYS_LOOKED_AT 62           /* of a wish without an end, to say why not */
#define MIDDLE_OF_MORNING (10 * 60) /* asked for a day that names no hour */

typedef struct {
    bool has_day;
    Day from_day, until_day; /* inclusive */
    bool has_hour;
    guint from_minute;  /* 0 when open */
    guint until_minute; /* 1440 when open */
    bool approx;
    guint excluded; /* bit n: weekday n does not suit */
    bool confirmed; /* an officer says so: before all others */
} Wish;

/* "10:00" */
static bool parse_hour(const char *text, guint *minute)
{
    if (!text || strlen(text) != 5 || text[2] != ':')
        return false;
    for (gint i = 0; i < 5; i++)
        if (i != 2 && !g_ascii_isdigit(text[i]))
            return false;
    *minute = (guint)((text[0] - '0') * 10 + (text[1] - '0')) * 60 +
              (guint)((text[3] - '0') * 10 + (text[4] - '0'));
    return *minute <= 1440;
}

/* A weekday as the reading gives it: 1-7, or its Italian name. 0: none. */
static guint parse_weekday(const Value *value)
{
    static const char *const names[] = {"lun", "mar", "mer", "gio", "ven", "sab", "dom"};
    g_autoptr(GString) text = g_string_new(NULL);
    value_append_text(value, text);
    if (text->len == 1 && text->str[0] >= '1' && text->str[0] <= '7')
        return (guint)(text->str[0] - '0');
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        if (g_ascii_strncasecmp(text->str, names[i], 3) == 0)
            return i + 1;
    return 0;
}

static void read_days(Wish *wish, const Value *preference)
{
    Day day;
    wish->from_day = G_MININT32;
    wish->until_day = G_MAXINT32;
    if (day_parse(value_get_text(preference, "date"), &day)) {
        wish->from_day = wish->until_day = day;
        wish->has_day = true;
        return;
    }
    if (day_parse(value_get_text(preference, "date_from"), &day)) {
        wish->from_day = day;
        wish->has_day = true;
    }
    if (day_parse(value_get_text(preference, "date_to"), &day)) {
        wish->until_day = day;
        wish->has_day = true;
    }
}

static void read_wish(Wish *wish, const Value *preference)
{
    *wish = (Wish){.until_minute = 1440};
    read_days(wish, preference);
    guint minute;
    if (parse_hour(value_get_text(preference, "from"), &minute)) {
        wish->from_minute = minute;
        wish->has_hour = true;
    }
    if (parse_hour(value_get_text(preference, "to"), &minute)) {
        wish->until_minute = minute;
        wish->has_hour = true;
    }
    wish->approx = value_get_boolean(preference, "approx");
    wish->confirmed = value_get_boolean(preference, "confirmed");
    const Value *excluded = value_get(preference, "exclude_weekdays");
    for (guint i = 0; excluded && i < value_length(excluded); i++)
        wish->excluded |= 1u << parse_weekday(value_at(excluded, i)) & ~1u;
}

static bool day_fits(const Wish *wish, Day day)
{
    return day >= wish->from_day && day <= wish->until_day &&
           !(wish->excluded & (1u << day_weekday(day)));
}

/* Words alone ("quando potete") are no wish. */
static bool asks_for_something(const Wish *wish)
{
    return wish->has_day || wish->has_hour || wish->excluded;
}

/* Seconds from the wish to a slot that fits it; NOT_WISHED_S when it does not fit. */
static gint64 fit_distance_s(const Wish *wish, const Slot *slot)
{
    if (!asks_for_something(wish) || !day_fits(wish, slot->day))
        return NOT_WISHED_S;
    gint minute = (gint)slot->minute;
    gint from = (gint)wish->from_minute, until = (gint)wish->until_minute;
    gint slack = wish->approx ? APPROX_MIN : 0;
    if (wish->approx && until == 1440 && wish->has_hour)
        until = from + 1; /* about that hour, not from it on */
    if (minute < from - slack || minute >= until + slack)
        return NOT_WISHED_S;
    bool is_range = wish->until_minute < 1440;
    if (!wish->has_hour || (is_range && minute >= from && minute < until))
        return 0;
    return (gint64)ABS(minute - from) * 60;
}

/* Seconds from the wish to a slot that does not fit it, by day and hour. */
static gint64 miss_distance_s(const Wish *wish, const Slot *slot)
{
    gint64 days = 0;
    if (slot->day < wish->from_day)
        days = (gint64)wish->from_day - slot->day;
    else if (slot->day > wish->until_day)
        days = (gint64)slot->day - wish->until_day;
    gint64 minutes = 0;
    if (slot->minute < wish->from_minute)
        minutes = wish->from_minute - slot->minute;
    else if (slot->minute >= wish->until_minute)
        minutes = slot->minute - wish->until_minute + 1;
    else if (wish->until_minute == 1440)
        minutes = slot->minute - wish->from_minute;
    gint64 unwanted = wish->excluded & (1u << day_weekday(slot->day)) ? UNWANTED_S : 0;
    return days * 86400 + (wish->has_hour ? minutes * 60 : 0) + unwanted;
}

static AgendaOffer offer_for(const Slot *slot, const GArray *wishes)
{
    AgendaOffer offer = {*slot, -1, false, NOT_WISHED_S};
    for (guint i = 0; i < wishes->len; i++) {
        const Wish *wish = &g_array_index(wishes, Wish, i);
        const gint64 distance_s = fit_distance_s(wish, slot);
        if (distance_s == NOT_WISHED_S || offer.confirmed > wish->confirmed)
            continue;
        if (wish->confirmed > offer.confirmed || distance_s < offer.distance_s)
            offer = (AgendaOffer){*slot, (gint)i, wish->confirmed, distance_s};
    }
    return offer;
}

/* Is there a slot for it? */
static bool is_met(const Wish *wish, const GArray *slots)
{
    for (guint i = 0; i < slots->len; i++)
        if (fit_distance_s(wish, &g_array_index(slots, Slot, i)) != NOT_WISHED_S)
            return true;
    return false;
}

/* How far what fits no wish is from those that nothing fits. */
static void measure_misses(GArray *offers, const GArray *wishes, const GArray *slots)
{
    g_autofree bool *counts = g_new0(bool, wishes->len + 1);
    bool all_met = true;
    for (guint i = 0; i < wishes->len; i++) {
        counts[i] = !is_met(&g_array_index(wishes, Wish, i), slots);
        all_met = all_met && !counts[i];
    }
    for (guint i = 0; i < offers->len; i++) {
        AgendaOffer *offer = &g_array_index(offers, AgendaOffer, i);
        if (offer->wish >= 0)
            continue;
        if (wishes->len == 0)
            offer->distance_s = 0;
        for (guint j = 0; j < wishes->len; j++)
            if (counts[j] || all_met)
                offer->distance_s =
                    MIN(offer->distance_s,
                        miss_distance_s(&g_array_index(wishes, Wish, j), &offer->slot));
    }
}

static gint compare_offers(gconstpointer a, gconstpointer b)
{
    const AgendaOffer *first = a, *second = b;
    if ((first->wish >= 0) != (second->wish >= 0))
        return first->wish >= 0 ? -1 : 1;
    if (first->confirmed != second->confirmed)
        return first->confirmed ? -1 : 1;
    if (first->distance_s != second->distance_s)
        return first->distance_s < second->distance_s ? -1 : 1;
    if (first->wish != second->wish)
        return first->wish - second->wish;
    return first->slot.starts_at < second->slot.starts_at ? -1 : 1;
}

GArray *agenda_offers(const GArray *slots, const Value *preferences, const Zone *zone)
{
    (void)zone; /* slots carry the wall clock that wishes are written in */
    guint count =
        preferences && value_kind(preferences) == VALUE_LIST ? value_length(preferences) : 0;
    g_autoptr(GArray) wishes = g_array_sized_new(FALSE, FALSE, sizeof(Wish), count);
    g_array_set_size(wishes, count);
    for (guint i = 0; i < count; i++)
        read_wish(&g_array_index(wishes, Wish, i), value_at(preferences, i));

    GArray *offers = g_array_sized_new(FALSE, FALSE, sizeof(AgendaOffer), slots->len);
    for (guint i = 0; i < slots->len; i++) {
        AgendaOffer offer = offer_for(&g_array_index(slots, Slot, i), wishes);
        g_array_append_val(offers, offer);
    }
    measure_misses(offers, wishes, slots);
    g_array_sort(offers, compare_offers);
    return offers;
}

bool agenda_wish_instant(const Value *preference, const Zone *zone, gint64 *at)
{
    Wish wish;
    read_wish(&wish, preference);
    guint hour;
    return wish.has_day && wish.from_day == wish.until_day &&
           parse_hour(value_get_text(preference, "from"), &hour) &&
           zone_instant(zone, wish.from_day, hour, at);
}

const Slot *agenda_wish_nearest(const GArray *slots, const Value *preference)
{
    Wish wish;
    read_wish(&wish, preference);
    const Slot *nearest = NULL;
    gint64 least_s = NOT_WISHED_S;
    for (guint i = 0; i < slots->len; i++) {
        const Slot *slot = &g_array_index(slots, Slot, i);
        const gint64 distance_s = miss_distance_s(&wish, slot);
        if (distance_s >= least_s)
            continue;
        nearest = slot;
        least_s = distance_s;
    }
    return nearest;
}

/* The days of a wish that are worth a look: no more than DAYS_LOOKED_AT, none when all are past. */
static Span span_of(const Wish *wish, const Zone *zone, gint64 now)
{
    const Day today = zone_day(zone, now);
    const Day from = MAX(wish->from_day, today);
    const Day last = MIN(wish->until_day, from + DAYS_LOOKED_AT);
    if (last < from)
        return (Span){now, now};
    return (Span){zone_midnight(zone, from), zone_midnight(zone, last + 1)};
}

/* Of the times that fit, whether they are taken, gone or too far away; AGENDA_OUTSIDE_HOURS when
 * none fits. */
static AgendaReason why_none_of(const AgendaRules *rules, const GArray *taken, const Wish *wish,
                                Span days, gint64 now)
{
    const Span bookable = agenda_bookable(rules, AGENDA_DESK, now);
    g_autoptr(GArray) slots = agenda_slots(rules, taken, days);
    AgendaReason why = AGENDA_OUTSIDE_HOURS;
    for (guint i = 0; i < slots->len; i++) {
        const Slot *slot = &g_array_index(slots, Slot, i);
        if (fit_distance_s(wish, slot) == NOT_WISHED_S)
            continue;
        if (slot->starts_at < bookable.from)
            why = why == AGENDA_TAKEN ? why : AGENDA_PAST;
        else if (slot->starts_at >= bookable.until)
            return why == AGENDA_TAKEN ? why : AGENDA_HORIZON;
        else if (slot->free > 0)
            return AGENDA_CAN;
        else
            why = AGENDA_TAKEN;
    }
    return why;
}

AgendaReason agenda_wish_why_not(const AgendaRules *rules, const GArray *taken, gint64 now,
                                 const Value *preference, const char **detail)
{
    Wish wish;
    gint64 at;
    read_wish(&wish, preference);
    if (detail)
        *detail = NULL;
    if (agenda_wish_instant(preference, rules->zone, &at)) {
        const AgendaReason why = agenda_why_not(rules, taken, AGENDA_DESK, now, at, detail);
        if (why != AGENDA_CAN)
            return why;
    }
    if (!asks_for_something(&wish))
        return AGENDA_CAN;
    const Span days = span_of(&wish, rules->zone, now);
    if (days.from >= days.until)
        return AGENDA_PAST;
    const AgendaReason why = why_none_of(rules, taken, &wish, days, now);
    const bool is_one_day = wish.has_day && wish.from_day == wish.until_day;
    if (why != AGENDA_OUTSIDE_HOURS || !is_one_day ||
        !zone_instant(rules->zone, wish.from_day, MIDDLE_OF_MORNING, &at))
        return why;
    const AgendaReason of_day = agenda_why_not(rules, taken, AGENDA_DESK, now, at, detail);
    return of_day == AGENDA_HOLIDAY || of_day == AGENDA_CLOSURE ? of_day : why;
}
