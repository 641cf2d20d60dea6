/* desk_times.c - see desk_times.h. What a free time is, is the agenda's business; here it is read
 * and shown. */
#include "web/desk_times.h"
#include <string.h>

void desk_times_free(DeskTimes *times)
{
    if (!times)
        return;
    if (times->rules)
        agenda_rules_free(times->rules);
    if (times->service)
        office_service_free(times->service);
    if (times->taken)
        g_array_unref(times->taken);
    g_free(times);
}

static bool load(DeskTimes *times, Db *db, const Office *office, GError **error)
{
    g_autoptr(GPtrArray) services = office_services(db, office->id, error);
    if (!services)
        return false;
    if (services->len > 0)
        times->service = g_ptr_array_steal_index(services, 0);
    times->rules = agenda_rules_from_office(db, office, times->service, times->span, error);
    if (!times->rules)
        return false;
    times->zone = times->rules->zone;
    times->taken = agenda_taken_between(db, office->id, times->span, error);
    return times->taken != NULL;
}

DeskTimes *desk_times_new(Db *db, const Office *office, Span span, GError **error)
{
    DeskTimes *times = g_new0(DeskTimes, 1);
    times->span = span;
    if (load(times, db, office, error))
        return times;
    desk_times_free(times);
    return NULL;
}

Span desk_times_ahead(const Office *office, gint64 now)
{
    const Zone *zone = zone_find(office->zone);
    const Day today = zone ? zone_day(zone, now) : 0;
    return (Span){zone ? zone_midnight(zone, today) : now,
                  now + (gint64)(2 * office->horizon_days + 2) * 86400};
}

Span desk_times_day(const Office *office, gint64 at)
{
    const Zone *zone = zone_find(office->zone);
    if (!zone)
        return (Span){at, at};
    const Day day = zone_day(zone, at);
    return (Span){zone_midnight(zone, day), zone_midnight(zone, day + 1)};
}

GArray *desk_times_open(const DeskTimes *times, gint64 now)
{
    return agenda_free(times->rules, times->taken, agenda_bookable(times->rules, AGENDA_DESK, now));
}

/* One of several readings of the same words, and nobody has said yet which is right: the others
 * of a chosen one are no preferences any more. */
static bool is_doubtful(const Value *preferences, const AgendaOffer *offer)
{
    if (offer->wish < 0)
        return false;
    const Value *wish = value_at(preferences, (guint)offer->wish);
    if (!value_get_boolean(wish, "ambiguous"))
        return false;
    for (guint i = 0; i < value_length(preferences); i++) {
        const Value *other = value_at(preferences, i);
        if (other != wish && value_get_boolean(other, "ambiguous") &&
            value_get_integer(other, "start") == value_get_integer(wish, "start"))
            return true;
    }
    return false;
}

static Value *append_slot(Page *page, const DeskTimes *times, const Slot *slot, Value *list)
{
    Value *element = value_append_object(list);
    page_set_when(page, element, "when", slot->starts_at, zone_name(times->zone));
    page_set_when(page, element, "until", slot->ends_at, zone_name(times->zone));
    value_set_integer(element, "start", slot->starts_at);
    return element;
}

/* Every wish gets its share, so that the first does not hide the second. */
static bool is_shown(const AgendaOffer *offer, GArray *shown_of_wish, guint share)
{
    return offer->wish < 0 || (guint)offer->wish >= shown_of_wish->len ||
           g_array_index(shown_of_wish, guint, offer->wish)++ < share;
}

void desk_times_show(Page *page, const DeskTimes *times, const GArray *open,
                     const Value *preferences, guint most, Value *parent, const char *key)
{
    g_autoptr(GArray) offers = agenda_offers(open, preferences, times->zone);
    const guint n_wishes = preferences ? value_length(preferences) : 0;
    const guint share = n_wishes > 1 ? MAX(1, most / n_wishes) : most;
    g_autoptr(GArray) shown_of_wish = g_array_new(FALSE, TRUE, sizeof(guint));
    g_array_set_size(shown_of_wish, n_wishes);
    Value *list = value_set_list(parent, key);
    for (guint i = 0; i < offers->len && value_length(list) < most; i++) {
        const AgendaOffer *offer = &g_array_index(offers, AgendaOffer, i);
        if (!is_shown(offer, shown_of_wish, share))
            continue;
        Value *element = append_slot(page, times, &offer->slot, list);
        value_set_boolean(element, "is_wished", offer->wish >= 0);
        value_set_boolean(element, "is_doubtful", is_doubtful(preferences, offer));
        value_set_boolean(element, "is_first", value_length(list) == 1);
    }
}

void desk_times_show_nearest(Page *page, const DeskTimes *times, gint64 at, guint most,
                             Value *parent, const char *key)
{
    g_autoptr(GArray) open = desk_times_open(times, page->now);
    g_autoptr(GArray) nearest = agenda_nearest(open, at, most);
    Value *list = value_set_list(parent, key);
    for (guint i = 0; i < nearest->len; i++)
        append_slot(page, times, &g_array_index(nearest, Slot, i), list);
}

static bool set_reason(Value *parent, AgendaReason reason, const char *detail)
{
    if (reason == AGENDA_CAN)
        return false;
    Value *object = value_set_object(parent, "reason");
    value_set_boolean(object, agenda_reason_name(reason), TRUE);
    value_set_copy(object, "detail", reason == AGENDA_CLOSURE ? detail : NULL);
    return true;
}

bool desk_times_why_not(const DeskTimes *times, gint64 now, gint64 at, Value *parent)
{
    const char *detail = NULL;
    const AgendaReason reason =
        agenda_why_not(times->rules, times->taken, AGENDA_DESK, now, at, &detail);
    return set_reason(parent, reason, detail);
}

bool desk_times_wish_why_not(const DeskTimes *times, gint64 now, const Value *preference,
                             Value *parent)
{
    const char *detail = NULL;
    const AgendaReason reason =
        agenda_wish_why_not(times->rules, times->taken, now, preference, &detail);
    return set_reason(parent, reason, detail);
}

/* "09:50" as a minute of the day; false when it is none. */
static bool parse_minute(const char *text, guint *minute)
{
    if (strlen(text) < 5 || text[2] != ':')
        return false;
    for (guint i = 0; i < 5; i++)
        if (i != 2 && !g_ascii_isdigit(text[i]))
            return false;
    *minute = (guint)((text[0] - '0') * 10 + text[1] - '0') * 60 +
              (guint)((text[3] - '0') * 10 + text[4] - '0');
    return text[3] < '6' && *minute < 1440;
}

bool desk_times_parse_local(const Zone *zone, const char *text, gint64 *at)
{
    Day day;
    guint minute;
    if (strlen(text) < 16 || text[10] != 'T')
        return false;
    g_autofree char *date = g_strndup(text, 10);
    return day_parse(date, &day) && parse_minute(text + 11, &minute) &&
           zone_instant(zone, day, minute, at);
}
