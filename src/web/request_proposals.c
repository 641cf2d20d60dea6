/* request_proposals.c - what the reading found, as numbered proposals with what was said of them,
 * and the times that fit the wishes. */
#include "web/desk_proposals.h"
#include "web/request_pages.h"

#include <string.h>

#define TIMES_SHOWN 8
#define WISHES_SHOWN 12
#define A_MONDAY 4 /* 1970-01-05 */

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

static const char *joined(Page *page, const Value *list)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; list && i < value_length(list); i++) {
        if (text->len)
            g_string_append(text, ", ");
        value_append_text(value_at(list, i), text);
    }
    return text->len ? arena_copy(page->arena, text->str) : NULL;
}

/* --- values in words: the numbers and dates that the template puts between its own --- */

static void fill_cadastral(Page *page, Value *item, const RequestAtHand *at, const Value *one)
{
    (void)at;
    value_set_text(item, "foglio", text_of(page, one, "foglio"));
    value_set_text(item, "mappali", joined(page, list_of(one, "mappali")));
    value_set_text(item, "sub",
                   list_of(one, "sub") ? joined(page, list_of(one, "sub"))
                                       : text_of(page, one, "sub"));
    value_set_text(item, "particella", text_of(page, one, "particella"));
    value_set_text(item, "comune_catastale", text_of(page, one, "comune_catastale"));
}

/* Sets item.<key> to the day of `text`, when it is one. */
static bool set_day(Page *page, Value *item, const char *key, const RequestAtHand *at,
                    const char *text)
{
    const Zone *zone = zone_find(at->office->zone);
    Day day;
    gint64 noon;
    if (!zone || !text || !day_parse(text, &day) || !zone_instant(zone, day, 720, &noon))
        return false;
    page_set_when(page, item, key, noon, at->office->zone);
    return true;
}

static void fill_protocol(Page *page, Value *item, const RequestAtHand *at, const Value *one)
{
    value_set_text(item, "number", text_of(page, one, "number"));
    if (!set_day(page, item, "on", at, value_get_text(one, "date")))
        value_set_text(item, "year", text_of(page, one, "year"));
}

/* item.without = [{weekday, is_next}] */
static void set_weekdays(Page *page, Value *item, const RequestAtHand *at, const Value *list)
{
    static const char *const names[] = {"lun", "mar", "mer", "gio", "ven", "sab", "dom"};
    const Zone *zone = zone_find(at->office->zone);
    Value *shown = value_set_list(item, "without");
    for (guint i = 0; list && zone && i < value_length(list); i++) {
        g_autoptr(GString) name = g_string_new(NULL);
        value_append_text(value_at(list, i), name);
        for (gint k = 0; k < (gint)G_N_ELEMENTS(names); k++) {
            gint64 noon;
            if (!g_str_has_prefix(name->str, names[k]) ||
                !zone_instant(zone, A_MONDAY + k, 720, &noon))
                continue;
            Value *one = value_append_object(shown);
            page_set_when(page, one, "when", noon, at->office->zone);
            value_set_boolean(one, "is_next", value_length(shown) > 1);
        }
    }
    value_set_boolean(item, "has_without", value_length(shown) > 0);
}

static void fill_wish(Page *page, Value *item, const RequestAtHand *at, const Value *one)
{
    const char *from = text_of(page, one, "from"), *until = text_of(page, one, "to");
    set_day(page, item, "on", at, value_get_text(one, "date"));
    set_day(page, item, "from_on", at, value_get_text(one, "date_from"));
    set_day(page, item, "until_on", at, value_get_text(one, "date_to"));
    value_set_boolean(item, "is_about", value_get_boolean(one, "approx") && from);
    value_set_boolean(item, "is_between", from && until);
    value_set_text(item, "from", from);
    value_set_text(item, "until", until);
    set_weekdays(page, item, at, list_of(one, "exclude_weekdays"));
}

static void fill_participant(Page *page, Value *item, const RequestAtHand *at, const Value *one)
{
    (void)at;
    value_set_text(item, "name", text_of(page, one, "name"));
    value_set_text(item, "email", text_of(page, one, "email"));
    value_set_text(item, "role", text_of(page, one, "role"));
}

static void fill_sender(Page *page, Value *item, const RequestAtHand *at, const Value *one)
{
    (void)at;
    value_set_text(item, "email", text_of(page, one, "email"));
}

static const struct {
    const char *kind;
    void (*fill)(Page *page, Value *item, const RequestAtHand *at, const Value *one);
} kinds[] = {
    {"cadastral", fill_cadastral},     {"protocol", fill_protocol}, {"wish", fill_wish},
    {"participant", fill_participant}, {"sender", fill_sender},
};

static void fill_words(Page *page, Value *item, const RequestAtHand *at, const DeskProposal *one)
{
    for (guint i = 0; one->read.object && i < G_N_ELEMENTS(kinds); i++)
        if (strcmp(kinds[i].kind, one->read.kind) == 0)
            kinds[i].fill(page, item, at, one->read.object);
}

/* --- one proposal --- */

/* Does the program go by it already, though nobody has confirmed it? */
static bool is_in_use(const RequestAtHand *at, const DeskProposal *one, bool is_passed_on)
{
    const Request *request = at->request;
    const char *kind = one->read.kind, *value = one->read.value;
    if (strcmp(kind, "practice") == 0)
        return g_strcmp0(request->practice, value) == 0;
    if (is_passed_on)
        return false;
    if (strcmp(kind, "phone") == 0)
        return g_strcmp0(request->person_phone_e164, value) == 0 ||
               g_strcmp0(request->person_phone, value) == 0;
    return strcmp(kind, "title") == 0 && g_strcmp0(request->person_title, value) == 0;
}

static void fill_span(Value *item, const Value *span)
{
    const char *words = span ? value_get_text(span, "raw") : NULL;
    value_set_copy(item, "found", words ? words : "");
    value_set_copy(item, "rule", span ? value_get_text(span, "rule") : NULL);
    value_set_copy(item, "source", span ? value_get_text(span, "source") : NULL);
    const bool has_place = span && value_get(span, "end");
    value_set(item, "start",
              has_place ? value_integer(value_arena(item), value_get_integer(span, "start"))
                        : value_null(value_arena(item)));
    value_set(item, "end",
              has_place ? value_integer(value_arena(item), value_get_integer(span, "end"))
                        : value_null(value_arena(item)));
}

static void fill_proposal(Page *page, Value *item, const RequestAtHand *at, const DeskProposal *one,
                          guint number)
{
    const char *verdict = verdict_name(one->answer);
    value_set_integer(item, "n", number);
    value_set_copy(item, "kind", one->read.kind);
    value_set_boolean(item, arena_printf(page->arena, "is_%s", one->read.kind), TRUE);
    value_set_copy(item, "value", one->read.value);
    value_set_copy(item, "confidence", one->confidence);
    value_set_boolean(item, arena_printf(page->arena, "is_%s", one->confidence), TRUE);
    value_set_text(item, "verdict", verdict);
    value_set_boolean(item, arena_printf(page->arena, "is_%s", verdict), TRUE);
    value_set_boolean(item, "is_first_choice", one->choice == number);
    value_set_boolean(item, "is_choice", one->choice != 0);
    value_set_boolean(item, "has_mark", FALSE); /* the thread knows */
    fill_span(item, one->read.span);
    fill_words(page, item, at, one);
}

static void append_proposals(Page *page, Value *proposals, const RequestAtHand *at,
                             const GArray *list, bool is_passed_on)
{
    Value *items = value_set_list(proposals, "items");
    guint n_open = 0, n_certain = 0;
    for (guint i = 1; i <= list->len; i++) {
        const DeskProposal *one = desk_proposals_at(list, i);
        const bool is_open = one->answer == VERDICT_OPEN;
        Value *item = value_append_object(items);
        fill_proposal(page, item, at, one, i);
        value_set_boolean(item, "is_in_use", is_in_use(at, one, is_passed_on));
        n_open += is_open;
        n_certain += desk_proposal_is_certain_and_open(one);
        if (is_open && is_in_use(at, one, is_passed_on) && strcmp(one->read.kind, "practice") == 0)
            value_set_boolean(proposals, "is_practice_unconfirmed", TRUE);
    }
    value_set_boolean(proposals, "has_items", list->len > 0);
    value_set_integer(proposals, "open", n_open);
    value_set_integer(proposals, "certain", n_certain);
    value_set_boolean(proposals, "has_certain", n_certain > 0);
}

/* --- what is known beside them --- */

/* A colleague passed the message on: whose it is. */
static void show_writer(Page *page, Value *proposals, const Value *reading)
{
    const Value *sender = value_get(reading, "sender");
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

void request_show_proposals(Page *page, const RequestAtHand *at, const Value *reading,
                            const GPtrArray *verdicts)
{
    Value *proposals = value_set_object(page->value, "proposals");
    g_autoptr(GArray) list = desk_proposals(page->arena, reading, verdicts);
    const bool is_passed_on = desk_is_passed_on(reading);
    append_proposals(page, proposals, at, list, is_passed_on);
    if (is_passed_on)
        show_writer(page, proposals, reading);
    if (reading)
        show_triage(page, proposals, reading);
}

/* --- times --- */

/* Each wish says whether it can be had: item.fit is its element of value.wishes. */
static void show_fits(Page *page, const GArray *proposals, const Value *preferences)
{
    const Value *items = value_get(value_get(page->value, "proposals"), "items");
    const Value *wishes = value_get(page->value, "wishes");
    for (guint i = 0; i < value_length(wishes); i++)
        for (guint number = 1; number <= proposals->len; number++)
            if (desk_proposals_at(proposals, number)->read.object == value_at(preferences, i))
                value_set((Value *)value_at(items, number - 1), "fit",
                          (Value *)value_at(wishes, i));
}

bool request_show_times(Page *page, const RequestAtHand *at, const Value *reading,
                        const GPtrArray *verdicts, GError **error)
{
    g_autoptr(DeskTimes) times =
        desk_times_new(page_db(page), at->office, desk_times_ahead(at->office, page->now), error);
    if (!times)
        return false;
    g_autoptr(GArray) open = desk_times_open(times, page->now);
    g_autoptr(GArray) proposals = desk_proposals(page->arena, reading, verdicts);
    const Value *preferences = desk_preferences(proposals, page->arena);
    desk_set_wishes(page, page->value, preferences, times, open, WISHES_SHOWN);
    if (preferences)
        show_fits(page, proposals, preferences);
    desk_times_show(page, times, open, preferences, TIMES_SHOWN, page->value, "times");
    value_set_boolean(page->value, "has_times", open->len > 0);
    gint64 third;
    if (agenda_third_next(open, &third))
        page_set_when(page, page->value, "third_next", third, at->office->zone);
    return true;
}
