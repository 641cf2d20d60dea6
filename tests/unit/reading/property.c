/* property.c - see property.h. Checks give what is broken as a text, so that a test can show the
 * seed and the message with it and a fuzzer can stop. */
#include "property.h"

#include "reading/internal.h"
#include "reading/proposals.h"

#include <string.h>

#define LINE_BYTES_MOST 16384 /* what the desk's form takes */

/* --- spans */

typedef struct {
    char *text; /* with the message that was passed on */
    const char *subject;
} Sources;

static bool is_one_of(const char *word, const char *const *words)
{
    return word && g_strv_contains(words, word);
}

static bool on_border(const char *text, gint64 at)
{
    return (text[at] & 0xc0) != 0x80;
}

static char *span_broken(const Value *span, const Sources *sources)
{
    static const char *const names[] = {"text", "subject", NULL};
    static const char *const confidences[] = {"certain", "likely", "ambiguous", NULL};
    const char *source = value_get_text(span, "source"), *raw = value_get_text(span, "raw");
    gint64 start = value_get_integer(span, "start"), end = value_get_integer(span, "end");
    if (!is_one_of(source, names))
        return g_strdup("a span of no source");
    const char *text = strcmp(source, "subject") == 0 ? sources->subject : sources->text;
    if (!text || start < 0 || start >= end || end > (gint64)strlen(text))
        return g_strdup_printf("a span outside its source: %d-%d", (gint)start, (gint)end);
    if (!on_border(text, start) || !on_border(text, end))
        return g_strdup_printf("a span that cuts a character: %d-%d", (gint)start, (gint)end);
    if (!raw || strlen(raw) != (gsize)(end - start) || memcmp(raw, text + start, strlen(raw)) != 0)
        return g_strdup_printf("raw is not what stands at %d-%d: %s", (gint)start, (gint)end, raw);
    if (strlen(raw) > VALUE_BYTES_MOST)
        return g_strdup_printf("%zu bytes of words", strlen(raw));
    if (!is_one_of(value_get_text(span, "confidence"), confidences))
        return g_strdup_printf("no class of confidence: %s", raw);
    if (!value_get_text(span, "rule"))
        return g_strdup_printf("no rule: %s", raw);
    return NULL;
}

/* All objects and lists below a value; attachments are as many as the message has. */
static char *tree_broken(const Value *value, const Sources *sources, bool is_bounded)
{
    const Value *member = NULL;
    const char *key = NULL;
    char *broken = NULL;
    if (value_kind(value) == VALUE_LIST) {
        if (is_bounded && value_length(value) > PROPOSALS_MOST)
            return g_strdup_printf("a list of %u", value_length(value));
        for (guint i = 0; !broken && i < value_length(value); i++)
            broken = tree_broken(value_at(value, i), sources, true);
    }
    if (value_kind(value) != VALUE_OBJECT)
        return broken;
    for (guint i = 0; !broken && (member = value_member(value, i, &key)); i++)
        broken = tree_broken(member, sources, strcmp(key, "attachments") != 0);
    return broken || !value_get(value, "start") ? broken : span_broken(value, sources);
}

/* --- wishes */

static bool is_hour(const char *hour, const char *latest)
{
    return strlen(hour) == 5 && g_ascii_isdigit(hour[0]) && g_ascii_isdigit(hour[1]) &&
           hour[2] == ':' && hour[3] >= '0' && hour[3] <= '5' && g_ascii_isdigit(hour[4]) &&
           strcmp(hour, latest) <= 0;
}

static char *wish_broken(const Value *wish)
{
    static const char *const days[] = {"date", "date_from", "date_to"};
    const char *first = value_get_text(wish, "date_from"), *last = value_get_text(wish, "date_to");
    const char *from = value_get_text(wish, "from"), *to = value_get_text(wish, "to");
    Day day;
    for (guint i = 0; i < G_N_ELEMENTS(days); i++)
        if (value_get_text(wish, days[i]) && !day_parse(value_get_text(wish, days[i]), &day))
            return g_strdup_printf("no day: %s", value_get_text(wish, days[i]));
    if (first && last && strcmp(first, last) > 0)
        return g_strdup_printf("days backwards: %s..%s", first, last);
    if ((from && !is_hour(from, "23:59")) || (to && !is_hour(to, "24:00")))
        return g_strdup_printf("no hour: %s-%s", from, to);
    if (from && to && strcmp(from, to) >= 0)
        return g_strdup_printf("hours backwards: %s-%s", from, to);
    return NULL;
}

static char *wishes_broken(const Value *wishes)
{
    char *broken = NULL;
    for (guint i = 0; !broken && wishes && i < value_length(wishes); i++)
        broken = wish_broken(value_at(wishes, i));
    return broken;
}

/* --- proposals */

static gint place_of(const ReadingProposal *proposal, gint64 *start)
{
    const char *source = proposal->span ? value_get_text(proposal->span, "source") : NULL;
    *start = proposal->span ? value_get_integer(proposal->span, "start") : 0;
    return g_strcmp0(source, "text") == 0 ? 2 : g_strcmp0(source, "subject") == 0 ? 1 : 0;
}

static bool is_one_line(const char *value)
{
    if (!*value || !g_utf8_validate(value, -1, NULL))
        return false;
    for (const char *at = value; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        GUnicodeType type = g_unichar_type(c);
        if (g_unichar_iscntrl(c) || type == G_UNICODE_LINE_SEPARATOR ||
            type == G_UNICODE_PARAGRAPH_SEPARATOR || type == G_UNICODE_FORMAT)
            return false;
    }
    return value[0] != ' ' && value[strlen(value) - 1] != ' ';
}

static char *list_broken(const GArray *proposals)
{
    g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    gint source_before = 0;
    gint64 start_before = 0, start = 0;
    for (guint i = 0; i < proposals->len; i++) {
        const ReadingProposal *one = &g_array_index(proposals, ReadingProposal, i);
        if (!one->kind || !one->value || !is_one_line(one->value))
            return g_strdup_printf("not one line: %s '%s'", one->kind, one->value);
        if (strlen(one->value) > LINE_BYTES_MOST)
            return g_strdup_printf("too long to be answered: %s", one->kind);
        if (!g_hash_table_add(known, g_strdup_printf("%s %s", one->kind, one->value)))
            return g_strdup_printf("twice: %s %s", one->kind, one->value);
        gint source = place_of(one, &start);
        if (source < source_before || (source == source_before && start < start_before))
            return g_strdup_printf("out of order: %s %s", one->kind, one->value);
        source_before = source;
        start_before = start;
    }
    return NULL;
}

static char *proposals_broken(const Value *reading)
{
    const char *kind = value_get_text(reading, "kind");
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(GArray) proposals = reading_proposals(arena, reading);
    if (g_strcmp0(kind, "itip_reply") != 0 && !reading_makes_request(kind) && proposals->len > 0)
        return g_strdup_printf("a machine's message (%s) proposes %s", kind,
                               g_array_index(proposals, ReadingProposal, 0).kind);
    return list_broken(proposals);
}

/* --- JSON */

static char *json_of(const Value *value)
{
    GString *json = g_string_new(NULL);
    value_write_json(value, json);
    return g_string_free(json, FALSE);
}

static char *json_broken(const Value *reading)
{
    g_autofree char *json = json_of(reading);
    if (!g_utf8_validate(json, -1, NULL))
        return g_strdup("the JSON is no UTF-8");
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(GError) error = NULL;
    const Value *parsed = value_parse_json(arena, json, strlen(json), &error);
    if (!parsed)
        return g_strdup_printf("the JSON does not parse: %s", error->message);
    g_autofree char *again = json_of(parsed);
    return strcmp(json, again) == 0 ? NULL : g_strdup("the JSON parses to something else");
}

char *property_broken(const MailMessage *message, const Value *reading)
{
    g_autofree char *text = mail_message_words(message);
    Sources sources = {text, value_get_text(reading, "subject_clean")};
    char *broken = tree_broken(reading, &sources, true);
    if (!broken)
        broken = wishes_broken(value_get(reading, "preferences"));
    if (!broken)
        broken = proposals_broken(reading);
    return broken ? broken : json_broken(reading);
}

/* --- readings without their places, or with others */

typedef struct {
    bool has_places;
    gint64 by; /* added to places in the text */
} Places;

static Value *with_places(Arena *arena, const Value *value, Places places);

static Value *object_with_places(Arena *arena, const Value *object, Places places)
{
    Value *copy = value_object(arena);
    const char *key = NULL;
    const Value *member = NULL;
    bool is_text = g_strcmp0(value_get_text(object, "source"), "text") == 0;
    for (guint i = 0; (member = value_member(object, i, &key)); i++) {
        static const char *const verbatim[] = {"raw", "words", NULL};
        bool is_place = strcmp(key, "start") == 0 || strcmp(key, "end") == 0;
        if (!places.has_places && (is_place || is_one_of(key, verbatim)))
            continue;
        if (is_place && is_text)
            value_set_integer(copy, key, value_get_integer(object, key) + places.by);
        else
            value_set(copy, key, with_places(arena, member, places));
    }
    return copy;
}

static Value *with_places(Arena *arena, const Value *value, Places places)
{
    g_autoptr(GString) text = g_string_new(NULL);
    if (value_kind(value) == VALUE_OBJECT)
        return object_with_places(arena, value, places);
    if (value_kind(value) == VALUE_NULL)
        return value_null(arena);
    if (value_kind(value) == VALUE_LIST) {
        Value *copy = value_list(arena);
        for (guint i = 0; i < value_length(value); i++)
            value_append(copy, with_places(arena, value_at(value, i), places));
        return copy;
    }
    value_append_text(value, text);
    return value_copy(arena, text->str);
}

char *property_values(const Value *value)
{
    g_autoptr(Arena) arena = arena_new();
    return json_of(with_places(arena, value, (Places){.has_places = false}));
}

char *property_shifted(const Value *value, gint64 by)
{
    g_autoptr(Arena) arena = arena_new();
    return json_of(with_places(arena, value, (Places){.has_places = true, .by = by}));
}
