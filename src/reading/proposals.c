/* proposals.c - a reading as one list of proposals, each with its value on one line. */
#include "reading/proposals.h"

#include "reading/reading.h"

#include <stdbool.h>

typedef struct {
    Arena *arena;
    GArray *list;
} Proposals;

static const Value *object_of(const Value *parent, const char *key)
{
    const Value *member = value_get(parent, key);
    return member && value_kind(member) == VALUE_OBJECT ? member : NULL;
}

static const Value *list_of(const Value *parent, const char *key)
{
    const Value *member = value_get(parent, key);
    return member && value_kind(member) == VALUE_LIST ? member : NULL;
}

static guint length_of(const Value *list)
{
    return list ? value_length(list) : 0;
}

/* Appends a scalar member, nothing for null. */
static void add(GString *line, const char *before, const Value *object, const char *key)
{
    const Value *member = value_get(object, key);
    if (!member || value_kind(member) == VALUE_NULL)
        return;
    g_string_append(line, before);
    value_append_text(member, line);
}

static void add_all(GString *line, const char *before, const Value *list)
{
    for (guint i = 0; i < length_of(list); i++) {
        g_string_append(line, i == 0 ? before : ",");
        value_append_text(value_at(list, i), line);
    }
}

/* Words as one line: where lines were wrapped is no part of a value, nor are signs nobody sees. */
static char *one_line(Arena *arena, const char *words)
{
    g_autoptr(GString) line = g_string_new(NULL);
    bool gap = false;
    for (const char *at = words; *at;) {
        gunichar c = g_utf8_get_char_validated(at, -1);
        if (c >= 0x110000) {
            at++; /* no UTF-8 */
            continue;
        }
        at = g_utf8_next_char(at);
        if (g_unichar_type(c) == G_UNICODE_FORMAT)
            continue; /* directions, soft hyphens */
        if (g_unichar_isspace(c) || g_unichar_iscntrl(c)) {
            gap = true;
            continue;
        }
        if (gap && line->len > 0)
            g_string_append_c(line, ' ');
        gap = false;
        g_string_append_unichar(line, c);
    }
    return line->len > 0 ? arena_copy(arena, line->str) : NULL;
}

static void propose(Proposals *proposals, const char *kind, const char *words, const Value *span,
                    const Value *object)
{
    char *value = words ? one_line(proposals->arena, words) : NULL;
    if (!value)
        return;
    ReadingProposal proposal = {kind, value, span, object};
    g_array_append_val(proposals->list, proposal);
}

/* --- one line for each kind of thing */

static void practice_line(const Value *one, GString *line)
{
    add(line, "", one, "type");
    add(line, " ", one, "number");
    add(line, "/", one, "year");
}

static void protocol_line(const Value *one, GString *line)
{
    add(line, "", one, "number");
    add(line, " ", one, "date");
    if (!value_get_text(one, "date"))
        add(line, " ", one, "year");
}

static void cadastral_line(const Value *one, GString *line)
{
    add(line, "", one, "kind");
    add(line, " ", one, "foglio");
    add_all(line, " ", list_of(one, "mappali"));
    if (list_of(one, "sub"))
        add_all(line, " sub ", list_of(one, "sub"));
    else
        add(line, " sub ", one, "sub");
    add(line, " ", one, "particella");
    add(line, " ", one, "comune_catastale");
}

static void participant_line(const Value *one, GString *line)
{
    add(line, "", one, "name");
    add(line, " ", one, "email");
    add(line, ", ", one, "role");
}

/* "2026-11-24 10:00- ~", "2026-11-23..2026-11-27 - -giovedì" */
static void wish_line(const Value *one, GString *line)
{
    add(line, "", one, "date");
    add(line, "", one, "date_from");
    if (value_get_text(one, "date_from") || value_get_text(one, "date_to"))
        g_string_append(line, "..");
    add(line, "", one, "date_to");
    g_string_append_c(line, ' ');
    add(line, "", one, "from");
    g_string_append_c(line, '-');
    add(line, "", one, "to");
    if (value_get_boolean(one, "approx"))
        g_string_append(line, " ~");
    add_all(line, " -", list_of(one, "exclude_weekdays"));
}

static void propose_list(Proposals *proposals, const Value *reading, const char *key,
                         const char *kind, void (*write)(const Value *one, GString *line))
{
    const Value *list = list_of(reading, key);
    for (guint i = 0; i < length_of(list); i++) {
        const Value *one = value_at(list, i);
        g_autoptr(GString) line = g_string_new(NULL);
        write(one, line);
        propose(proposals, kind, line->str, one, one);
    }
}

/* Plain texts whose spans stand beside them, in the same order. */
static void propose_phones(Proposals *proposals, const Value *reading)
{
    const Value *list = list_of(reading, "phones"), *spans = list_of(reading, "phone_spans");
    for (guint i = 0; i < length_of(list); i++) {
        g_autoptr(GString) line = g_string_new(NULL);
        value_append_text(value_at(list, i), line);
        propose(proposals, "phone", line->str, i < length_of(spans) ? value_at(spans, i) : NULL,
                NULL);
    }
}

static void propose_texts(Proposals *proposals, const Value *reading)
{
    static const struct {
        const char *key, *span;
    } texts[] = {{"on_behalf_of", "on_behalf_of_span"},
                 {"address", "address_span"},
                 {"topic", "topic_span"}};
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        propose(proposals, texts[i].key, value_get_text(reading, texts[i].key),
                object_of(reading, texts[i].span), NULL);
}

static void propose_person(Proposals *proposals, const Value *reading)
{
    const Value *sender = object_of(reading, "sender");
    const Value *professional = object_of(reading, "professional");
    const Value *said = object_of(reading, "role_span");
    if (sender)
        propose(proposals, "sender", value_get_text(sender, "name"),
                object_of(reading, "sender_span"), sender);
    if (!professional)
        return;
    propose(proposals, "title", value_get_text(professional, "title"), professional, professional);
    if (said) /* not what only its title suggests */
        propose(proposals, "role", value_get_text(professional, "role"), said, professional);
}

static void propose_triage(Proposals *proposals, const Value *reading)
{
    const Value *urgent = object_of(reading, "urgent_span");
    const Value *attachments = object_of(reading, "attachments_span");
    if (urgent)
        propose(proposals, "urgent", value_get_text(urgent, "raw"), urgent, urgent);
    if (attachments)
        propose(proposals, "attachments", value_get_text(attachments, "raw"), attachments,
                attachments);
}

/* --- in the order of the text, each once */

static gint place_of(const Value *span, gint64 *start)
{
    const char *source = span ? value_get_text(span, "source") : NULL;
    *start = span ? value_get_integer(span, "start") : 0;
    if (g_strcmp0(source, "text") == 0)
        return 2;
    return g_strcmp0(source, "subject") == 0 ? 1 : 0;
}

static gint by_place(gconstpointer a, gconstpointer b)
{
    gint64 start_a, start_b;
    gint source_a = place_of(((const ReadingProposal *)a)->span, &start_a);
    gint source_b = place_of(((const ReadingProposal *)b)->span, &start_b);
    if (source_a != source_b)
        return source_a - source_b;
    return start_a < start_b ? -1 : start_a > start_b;
}

/* What is said twice is one proposal, at its first place. */
static void keep_first(GArray *list)
{
    g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    guint kept = 0;
    for (guint i = 0; i < list->len; i++) {
        ReadingProposal proposal = g_array_index(list, ReadingProposal, i);
        if (g_hash_table_add(known, g_strdup_printf("%s\n%s", proposal.kind, proposal.value)))
            g_array_index(list, ReadingProposal, kept++) = proposal;
    }
    g_array_set_size(list, kept);
}

/* An answer of a calendar may propose a time; other machines propose nothing, not even who sent it.
 */
static bool of_machine(const Value *reading)
{
    const char *kind = value_get_text(reading, "kind");
    return kind && !reading_makes_request(kind) && g_strcmp0(kind, "itip_reply") != 0;
}

GArray *reading_proposals(Arena *arena, const Value *reading)
{
    Proposals proposals = {arena, g_array_new(FALSE, TRUE, sizeof(ReadingProposal))};
    if (!reading || value_kind(reading) != VALUE_OBJECT || of_machine(reading))
        return proposals.list;
    propose_person(&proposals, reading);
    propose_texts(&proposals, reading);
    propose_list(&proposals, reading, "practices", "practice", practice_line);
    propose_list(&proposals, reading, "protocols", "protocol", protocol_line);
    propose_list(&proposals, reading, "cadastral", "cadastral", cadastral_line);
    propose_phones(&proposals, reading);
    propose_list(&proposals, reading, "participants", "participant", participant_line);
    propose_list(&proposals, reading, "preferences", "wish", wish_line);
    propose_triage(&proposals, reading);
    g_array_sort(proposals.list, by_place);
    keep_first(proposals.list);
    return proposals.list;
}
