/* desk_rows.c - see desk_pages.h: requests as rows of a list, with the wish and the hint of their
 * reading. */
#include "mail/outbox.h"
#include "store/verdict.h"
#include "web/desk_pages.h"
#include "web/desk_proposals.h"
#include "web/live.h"
#include "web/values.h"

static void list_offices(Page *page, const Office *chosen)
{
    const GPtrArray *offices = page->officer->offices;
    value_set_boolean(page->value, "has_offices", offices->len > 1);
    Value *list = value_set_list(page->value, "offices");
    for (guint i = 0; i < offices->len; i++) {
        const OfficerOffice *one = offices->pdata[i];
        Value *element = value_append_object(list);
        value_set_copy(element, "slug", one->slug);
        value_set_copy(element, "name", one->name);
        value_set_boolean(element, "is_chosen", one->office_id == chosen->id);
    }
}

static const OfficerOffice *wanted_office(const Page *page)
{
    const GPtrArray *offices = page->officer->offices;
    const char *slug = http_request_query(page->request, "ufficio");
    if (!slug)
        slug = http_request_form(page->request, "ufficio");
    for (guint i = 0; i < offices->len; i++) {
        const OfficerOffice *one = offices->pdata[i];
        if (!slug || g_strcmp0(one->slug, slug) == 0)
            return one;
    }
    return NULL;
}

Office *desk_office(Page *page)
{
    const GPtrArray *offices = page->officer->offices;
    if (!offices || offices->len == 0) {
        http_reply_status(page->reply, 403);
        page_render(page, "pages/desk-nowhere");
        return NULL;
    }
    const OfficerOffice *wanted = wanted_office(page);
    g_autoptr(Office) office = wanted ? office_find(page_db(page), wanted->office_id, NULL) : NULL;
    if (!office) {
        page_not_found(page);
        return NULL;
    }
    values_office(page->value, "office", office);
    list_offices(page, office);
    if (offices->len > 1) /* the links to the other language keep the office */
        value_set_printf(page->value, "keep", "ufficio=%s", office->slug);
    return g_steal_pointer(&office);
}

Actor desk_actor(const Page *page, const char *detail)
{
    return (Actor){ACTOR_OFFICER, page->officer->id, page->now, detail};
}

const Value *desk_reading(Page *page, const Request *request)
{
    if (!request->reading)
        return NULL;
    const Value *reading =
        value_parse_json(page->arena, request->reading, strlen(request->reading), NULL);
    return reading && value_kind(reading) == VALUE_OBJECT ? reading : NULL;
}

bool desk_is_passed_on(const Value *reading)
{
    const Value *sender = reading ? value_get(reading, "sender") : NULL;
    return sender && value_kind(sender) == VALUE_OBJECT && value_get_text(sender, "forwarded_by");
}

void desk_set_age(Page *page, Value *parent, const char *key, gint64 at, const Zone *zone)
{
    const Day today = zone_day(zone, page->now), day = zone_day(zone, at);
    page_set_when(page, parent, key, at, zone_name(zone));
    Value *age = value_set_object(parent, arena_printf(page->arena, "%s_is", key));
    value_set_boolean(age, "today", day == today);
    value_set_boolean(age, "yesterday", day == today - 1);
    value_set_boolean(age, "tomorrow", day == today + 1);
    value_set_boolean(age, "past", day < today);
    value_set_boolean(age, "near", ABS(day - today) >= 2 && ABS(day - today) <= 6);
    value_set_boolean(age, "far", ABS(day - today) > 6);
}

static GArray *fitting(const DeskTimes *times, const GArray *open, const Value *preferences)
{
    return times && open && preferences ? agenda_offers(open, preferences, times->zone) : NULL;
}

static const Slot *first_fitting(const GArray *offers, guint wish)
{
    for (guint i = 0; offers && i < offers->len; i++) {
        const AgendaOffer *offer = &g_array_index(offers, AgendaOffer, i);
        if (offer->wish == (gint)wish)
            return &offer->slot;
    }
    return NULL;
}

/* Somebody who signs "Arch. Rossi" is not shown as "arch. Arch. Rossi". */
static const char *title_beside(const char *title, const char *name)
{
    return title && name && g_ascii_strncasecmp(name, title, strlen(title)) == 0 ? NULL : title;
}

Value *desk_person(Value *parent, const char *name, const char *email, const char *title,
                   const char *phone, const char *phone_e164)
{
    return values_person(parent, "person", name, email, title_beside(title, name), phone,
                         phone_e164);
}

/* Why a wish cannot be had, and the free time that is nearest to it. */
static void set_reason(Page *page, Value *element, const Value *preference, const DeskTimes *times,
                       const GArray *open)
{
    gint64 at;
    if (agenda_wish_instant(preference, times->zone, &at))
        page_set_when(page, element, "when", at, zone_name(times->zone));
    if (!desk_times_wish_why_not(times, page->now, preference, element))
        return;
    const Slot *nearest = open ? agenda_wish_nearest(open, preference) : NULL;
    if (!nearest)
        return;
    Value *object = value_set_object(element, "nearest");
    page_set_when(page, object, "when", nearest->starts_at, zone_name(times->zone));
    value_set_integer(object, "start", nearest->starts_at);
}

void desk_set_wishes(Page *page, Value *parent, const Value *preferences, const DeskTimes *times,
                     const GArray *open, guint most)
{
    Value *list = value_set_list(parent, "wishes");
    if (!preferences || value_kind(preferences) != VALUE_LIST)
        return;
    g_autoptr(GArray) offers = fitting(times, open, preferences);
    for (guint i = 0; i < value_length(preferences) && i < most; i++) {
        const Value *preference = value_at(preferences, i);
        Value *element = value_append_object(list);
        value_set_copy(element, "raw", value_get_text(preference, "raw"));
        const Slot *slot = first_fitting(offers, i);
        value_set_boolean(element, "fits", slot != NULL);
        if (slot) {
            page_set_when(page, element, "when", slot->starts_at, zone_name(times->zone));
            value_set_integer(element, "start", slot->starts_at);
        } else if (times)
            set_reason(page, element, preference, times, open);
    }
}

static void set_hint(Value *row, const Value *reading)
{
    const Value *triage = reading ? value_get(reading, "triage") : NULL;
    if (!triage || value_kind(triage) != VALUE_OBJECT)
        return;
    const char *needs = value_get_text(triage, "needs_video");
    Value *hint = value_set_object(row, "hint");
    value_set_boolean(hint, "yes", g_strcmp0(needs, "yes") == 0);
    value_set_boolean(hint, "no", g_strcmp0(needs, "no") == 0);
    value_set_copy(hint, "why", value_get_text(triage, "why"));
    value_set_boolean(hint, "suspicious", value_get_boolean(triage, "suspicious"));
}

/* Those that count: a verdict is obeyed. */
static const Value *wishes_of(Page *page, const Request *request, const Value *reading)
{
    if (!reading)
        return NULL;
    g_autoptr(GPtrArray) verdicts = verdict_list(page_db(page), request->id, NULL);
    g_autoptr(GArray) proposals = desk_proposals(page->arena, reading, verdicts);
    return desk_preferences(proposals, page->arena);
}

void desk_row(Page *page, Value *row, const Request *request, const DeskTimes *times,
              const GArray *open)
{
    const Zone *zone = zone_find(request->zone);
    const Value *reading = desk_reading(page, request);
    values_request(page, row, request);
    value_set_printf(row, "url", "/scrivania/r/%s", request->code);
    desk_person(row, request->person_name, request->person_email, request->person_title,
                request->person_phone, request->person_phone_e164);
    value_set_boolean(row, "is_pec", request->source == SOURCE_PEC);
    value_set_boolean(row, "is_by_phone", request->source == SOURCE_PHONE);
    value_set_boolean(row, "is_undelivered", request->letters_failed > 0);
    value_set_integer(row, "attachments", request->attachments);
    value_set_boolean(row, "has_attachments", request->attachments > 0);
    if (zone) {
        desk_set_age(page, row, "promised", request->promised_at, zone);
        desk_set_age(page, row, "arrived", request->received_at, zone);
    }
    if (zone && request->appointment_id && appointment_is_open(request->appointment_state))
        desk_set_age(page, row, "meeting", request->starts_at, zone);
    set_hint(row, reading);
    if (times)
        desk_set_wishes(page, row, wishes_of(page, request, reading), times, open, 1);
}

void desk_changed(Page *page, const Request *request, const char *event)
{
    outbox_wake(page->app->outbox);
    live_desk(page->app->hub, request->office_id, event, request->code, NULL);
}
