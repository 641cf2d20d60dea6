/* request_proposals.c - what the reading found, as numbered proposals, and the times that fit the
 * wishes. */
#include "web/request_pages.h"

#define TIMES_SHOWN 8
#define WISHES_SHOWN 6

/* --- proposals --- */

/* One numbered line: what it is (`kind` becomes is_<kind>) and the words it came from (`from`: a
 * proposal of the reading with raw and start; NULL when it has none). */
static Value *append_found(Page *page, Value *items, const char *kind, const Value *from)
{
    Value *item = value_append_object(items);
    value_set_integer(item, "n", value_length(items));
    value_set_boolean(item, arena_printf(page->arena, "is_%s", kind), TRUE);
    const char *words = from ? value_get_text(from, "raw") : NULL;
    value_set_copy(item, "found", words ? words : "");
    value_set_integer(item, "place", from ? value_get_integer(from, "start") : 0);
    return item;
}

/* The same, shown as `text`; nothing for no text. */
static void append_item(Page *page, Value *items, const char *kind, const char *text,
                        const Value *from)
{
    if (text && *text)
        value_set_copy(append_found(page, items, kind, from), "text", text);
}

static const Value *list_of(const Value *reading, const char *key)
{
    const Value *list = value_get(reading, key);
    return list && value_kind(list) == VALUE_LIST ? list : NULL;
}

/* A member as text, numbers too; NULL when absent. */
static const char *text_of(Page *page, const Value *object, const char *key)
{
    const Value *member = value_get(object, key);
    if (!member || value_kind(member) == VALUE_NULL)
        return NULL;
    g_autoptr(GString) text = g_string_new(NULL);
    value_append_text(member, text);
    return arena_copy(page->arena, text->str);
}

static void append_practices(Page *page, Value *items, const Value *reading)
{
    const Value *list = list_of(reading, "practices");
    for (guint i = 0; list && i < value_length(list); i++) {
        const Value *one = value_at(list, i);
        const char *type = text_of(page, one, "type"), *number = text_of(page, one, "number");
        const char *year = text_of(page, one, "year");
        if (!number)
            continue;
        const char *bare = year ? arena_printf(page->arena, "%s/%s", number, year) : number;
        append_item(page, items, "practice",
                    type ? arena_printf(page->arena, "%s %s", type, bare) : bare, one);
    }
}

static void append_protocols(Page *page, Value *items, const Value *reading)
{
    const Value *list = list_of(reading, "protocols");
    for (guint i = 0; list && i < value_length(list); i++) {
        const Value *one = value_at(list, i);
        const char *number = text_of(page, one, "number");
        const char *when = text_of(page, one, "date");
        if (!when)
            when = text_of(page, one, "year");
        append_item(page, items, "protocol",
                    number && when ? arena_printf(page->arena, "%s (%s)", number, when) : number,
                    one);
    }
}

static const char *joined(Page *page, const Value *list)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; list && i < value_length(list); i++) {
        if (text->len)
            g_string_append(text, ", ");
        value_append_text(value_at(list, i), text);
    }
    return arena_copy(page->arena, text->str);
}

static void append_cadastral(Page *page, Value *items, const Value *reading)
{
    const Value *list = list_of(reading, "cadastral");
    for (guint i = 0; list && i < value_length(list); i++) {
        const Value *one = value_at(list, i);
        const char *foglio = text_of(page, one, "foglio");
        const char *mappali = joined(page, list_of(one, "mappali"));
        const char *sub = joined(page, list_of(one, "sub"));
        Value *item = append_found(page, items, "cadastral", one);
        value_set_text(item, "foglio", foglio);
        value_set_text(item, "mappali", *mappali ? mappali : NULL);
        value_set_text(item, "sub", *sub ? sub : NULL);
        value_set_text(item, "particella", text_of(page, one, "particella"));
        value_set_text(item, "comune_catastale", text_of(page, one, "comune_catastale"));
    }
}

/* The numbers themselves are texts; what they came from stands beside them, in the same order. */
static void append_phones(Page *page, Value *items, const Value *reading)
{
    const Value *list = list_of(reading, "phones"), *spans = list_of(reading, "phone_spans");
    for (guint i = 0; list && i < value_length(list); i++) {
        g_autoptr(GString) phone = g_string_new(NULL);
        value_append_text(value_at(list, i), phone);
        append_item(page, items, "phone", phone->str,
                    spans && i < value_length(spans) ? value_at(spans, i) : NULL);
    }
}

static void append_wishes(Page *page, Value *items, const Value *reading)
{
    const Value *list = list_of(reading, "preferences");
    for (guint i = 0; list && i < value_length(list); i++)
        append_item(page, items, "wish", text_of(page, value_at(list, i), "raw"),
                    value_at(list, i));
}

static const Value *object_of(const Value *reading, const char *key)
{
    const Value *object = value_get(reading, key);
    return object && value_kind(object) == VALUE_OBJECT ? object : NULL;
}

static void append_participants(Page *page, Value *proposals, const Value *reading)
{
    const Value *list = list_of(reading, "participants");
    Value *shown = value_set_list(proposals, "participants");
    for (guint i = 0; list && i < value_length(list); i++) {
        const Value *one = value_at(list, i);
        Value *element = value_append_object(shown);
        value_set_text(element, "name", text_of(page, one, "name"));
        value_set_text(element, "email", text_of(page, one, "email"));
        value_set_text(element, "role", text_of(page, one, "role"));
    }
}

/* A colleague passed the message on: whose it is. */
static void show_writer(Page *page, Value *proposals, const Value *reading)
{
    const Value *sender = object_of(reading, "sender");
    if (!sender || !value_get_text(sender, "forwarded_by"))
        return;
    Value *writer = value_set_object(proposals, "writer");
    value_set_text(writer, "name", text_of(page, sender, "name"));
    value_set_text(writer, "email", text_of(page, sender, "email"));
}

/* What the reading misses, by its own names, as truths that the template can ask for. */
static const char *missing_member(const char *name)
{
    static const struct {
        const char *name, *member;
    } known[] = {{"cognome", "is_surname"},
                 {"numero di pratica", "is_practice"},
                 {"telefono", "is_phone"},
                 {"allegati", "is_attachments"},
                 {"nome", "is_name"},
                 {"delega", "is_delegation"},
                 {"tavole", "is_drawings"},
                 {"indirizzo", "is_address"},
                 {"dati catastali", "is_cadastral"}};
    for (guint i = 0; i < G_N_ELEMENTS(known); i++)
        if (g_str_equal(known[i].name, name))
            return known[i].member;
    return "is_other";
}

static void show_triage(Page *page, Value *proposals, const Value *reading)
{
    const Value *triage = value_get(reading, "triage");
    if (!triage || value_kind(triage) != VALUE_OBJECT)
        return;
    const Value *missing = list_of(triage, "missing");
    Value *list = value_set_list(proposals, "missing");
    for (guint i = 0; missing && i < value_length(missing); i++) {
        g_autoptr(GString) name = g_string_new(NULL);
        value_append_text(value_at(missing, i), name);
        Value *element = value_append_object(list);
        value_set_copy(element, "name", name->str);
        value_set_boolean(element, missing_member(name->str), TRUE);
    }
    value_set_boolean(proposals, "has_missing", value_length(list) > 0);
    value_set_text(proposals, "requested_minutes", text_of(page, triage, "requested_minutes"));
    value_set_boolean(proposals, "is_suspicious", value_get_boolean(triage, "suspicious"));
}

void request_show_proposals(Page *page, const Value *reading)
{
    Value *proposals = value_set_object(page->value, "proposals");
    Value *items = value_set_list(proposals, "items");
    if (!reading)
        return;
    append_practices(page, items, reading);
    append_wishes(page, items, reading);
    append_protocols(page, items, reading);
    append_cadastral(page, items, reading);
    append_phones(page, items, reading);
    append_item(page, items, "address", text_of(page, reading, "address"),
                object_of(reading, "address_span"));
    append_item(page, items, "on_behalf_of", text_of(page, reading, "on_behalf_of"),
                object_of(reading, "on_behalf_of_span"));
    value_set_boolean(proposals, "has_items", value_length(items) > 0);
    const Value *professional = value_get(reading, "professional");
    if (professional && value_kind(professional) == VALUE_OBJECT)
        value_set_text(proposals, "role", text_of(page, professional, "role"));
    value_set_text(proposals, "topic", text_of(page, reading, "topic"));
    append_participants(page, proposals, reading);
    show_writer(page, proposals, reading);
    show_triage(page, proposals, reading);
}

/* --- times --- */

bool request_show_times(Page *page, const RequestAtHand *at, const Value *reading, GError **error)
{
    const Value *preferences = reading ? list_of(reading, "preferences") : NULL;
    g_autoptr(DeskTimes) times =
        desk_times_new(page_db(page), at->office, desk_times_ahead(at->office, page->now), error);
    if (!times)
        return false;
    g_autoptr(GArray) open = desk_times_open(times, page->now);
    desk_set_wishes(page, page->value, preferences, times, open, WISHES_SHOWN);
    desk_times_show(page, times, open, preferences, TIMES_SHOWN, page->value, "times");
    value_set_boolean(page->value, "has_times", open->len > 0);
    gint64 third;
    if (agenda_third_next(open, &third))
        page_set_when(page, page->value, "third_next", third, at->office->zone);
    return true;
}
