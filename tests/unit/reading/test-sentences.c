/* test-sentences.c - single sentences with what is read in them: tests/data/reading, see the
 * README there. */
#include "sample.h"

#include <locale.h>
#include <string.h>

typedef struct {
    const Value *row;
} Case;

/* --- readings as words
 * -------------------------------------------------------------------------------- */

static const char *text_of(const Value *object, const char *key)
{
    const char *text = object ? value_get_text(object, key) : NULL;
    return text ? text : "";
}

static char *when_words(const Value *wish)
{
    GString *words = g_string_new(NULL);
    if (value_get_text(wish, "date_from") || value_get_text(wish, "date_to"))
        g_string_append_printf(words, "%s..%s", text_of(wish, "date_from"),
                               text_of(wish, "date_to"));
    else
        g_string_append(words, text_of(wish, "date"));
    g_string_append_printf(words, " %s-%s", text_of(wish, "from"), text_of(wish, "to"));
    if (value_get_boolean(wish, "approx"))
        g_string_append(words, " ~");
    if (value_get_boolean(wish, "ambiguous"))
        g_string_append(words, " ?");
    const Value *excluded = value_get(wish, "exclude_weekdays");
    for (guint i = 0; excluded && i < value_length(excluded); i++) {
        g_autoptr(GString) name = g_string_new(NULL);
        value_append_text(value_at(excluded, i), name);
        g_string_append_printf(words, " -%.3s", name->str);
    }
    if (value_get(wish, "inside_opening_hours") && !value_get_boolean(wish, "inside_opening_hours"))
        g_string_append_printf(words, " !%s", text_of(wish, "why"));
    return g_string_free(words, FALSE);
}

static char *plain_words(const Value *value)
{
    GString *words = g_string_new(NULL);
    value_append_text(value, words);
    return g_string_free(words, FALSE);
}

static char *practice_words(const Value *practice)
{
    const char *type = value_get_text(practice, "type"),
               *number = value_get_text(practice, "number");
    gint64 year = value_get_integer(practice, "year");
    g_autofree char *written = year ? g_strdup_printf("%d", (gint)year) : g_strdup("-");
    return g_strdup_printf("%s %s/%s", type ? type : "-", number ? number : "-", written);
}

static char *protocol_words(const Value *protocol)
{
    gint64 year = value_get_integer(protocol, "year");
    const char *number = text_of(protocol, "number"), *date = value_get_text(protocol, "date");
    if (date)
        return g_strdup_printf("%s %s", number, date);
    return year ? g_strdup_printf("%s %d", number, (gint)year) : g_strdup(number);
}

static char *joined(const Value *list)
{
    GString *words = g_string_new(NULL);
    for (guint i = 0; list && i < value_length(list); i++) {
        if (i > 0)
            g_string_append_c(words, ',');
        value_append_text(value_at(list, i), words);
    }
    return g_string_free(words, FALSE);
}

static char *cadastral_words(const Value *place)
{
    if (value_get(place, "particella"))
        return g_strdup_printf("%s %s %s", text_of(place, "kind"), text_of(place, "particella"),
                               text_of(place, "comune_catastale"));
    g_autofree char *parcels = joined(value_get(place, "mappali"));
    g_autofree char *subs = joined(value_get(place, "sub"));
    return g_strdup_printf("%s:%s:%s", text_of(place, "foglio"), parcels, subs);
}

static char *person_words(const Value *person)
{
    const char *email = value_get_text(person, "email"), *role = value_get_text(person, "role");
    return g_strdup_printf("%s <%s> %s", text_of(person, "name"), email ? email : "",
                           role ? role : "-");
}

/* --- comparing
 * ---------------------------------------------------------------------------------------- */

typedef struct {
    const char *expected, *actual;
    char *(*words)(const Value *);
} ListKey;

static const ListKey list_keys[] = {
    {"when", "preferences", when_words},         {"phones", "phones", plain_words},
    {"practices", "practices", practice_words},  {"protocols", "protocols", protocol_words},
    {"cadastral", "cadastral", cadastral_words}, {"people", "participants", person_words}};

/* Members of objects, by path. */
static const struct {
    const char *expected, *path[2];
} member_keys[] = {{"kind", {"kind"}},
                   {"topic", {"topic"}},
                   {"action", {"action"}},
                   {"address", {"address"}},
                   {"behalf", {"on_behalf_of"}},
                   {"title", {"professional", "title"}},
                   {"role", {"professional", "role"}},
                   {"video", {"triage", "needs_video"}},
                   {"minutes", {"triage", "requested_minutes"}},
                   {"deadline", {"triage", "deadline"}},
                   {"urgent", {"triage", "urgent"}},
                   {"why", {"triage", "why"}},
                   {"topic_words", {"topic_span", "raw"}},
                   {"urgent_words", {"urgent_span", "raw"}},
                   {"attached", {"attachments_span", "raw"}},
                   {"booking", {"triage", "booking"}},
                   {"suggest", {"triage", "suggest"}},
                   {"sender", {"sender", "name"}},
                   {"language", {"language"}},
                   {"subject_clean", {"subject_clean"}}};

static char *lines_of(const Value *list, char *(*words)(const Value *))
{
    GString *lines = g_string_new(NULL);
    for (guint i = 0; list && i < value_length(list); i++) {
        g_autofree char *line = words(value_at(list, i));
        g_string_append_printf(lines, "%s%s", i > 0 ? "; " : "", line);
    }
    return g_string_free(lines, FALSE);
}

static void check_list(const Value *row, const Value *reading, const ListKey *key)
{
    const Value *list = value_get(row, key->expected);
    if (!list)
        return;
    g_autofree char *expected = lines_of(list, plain_words);
    g_autofree char *actual = lines_of(value_get(reading, key->actual), key->words);
    if (strcmp(expected, actual) != 0)
        g_test_fail_printf("%s: %s | wanted: %s | found: %s", key->expected, text_of(row, "text"),
                           expected, actual);
}

static void check_member(const Value *row, const Value *reading, guint key)
{
    const Value *expected = value_get(row, member_keys[key].expected);
    if (!expected)
        return;
    const Value *actual = reading;
    for (guint i = 0; i < 2 && member_keys[key].path[i]; i++)
        actual = actual && value_kind(actual) == VALUE_OBJECT
                     ? value_get(actual, member_keys[key].path[i])
                     : NULL;
    g_autofree char *wanted = plain_words(expected);
    g_autofree char *found =
        actual && value_kind(actual) != VALUE_NULL ? plain_words(actual) : g_strdup("-");
    if (strcmp(wanted, found) != 0)
        g_test_fail_printf("%s: %s | wanted: %s | found: %s", member_keys[key].expected,
                           text_of(row, "text"), wanted, found);
}

static void set_text(char **field, const char *text)
{
    if (!text)
        return;
    g_free(*field);
    *field = *text ? g_strdup(text) : NULL;
}

static void add_files(MailMessage *message, const Value *names)
{
    for (guint i = 0; names && i < value_length(names); i++) {
        MailPart *part = g_new0(MailPart, 1);
        part->name = plain_words(value_at(names, i));
        part->type = g_strdup("application/octet-stream");
        part->size = 100000;
        g_ptr_array_add(message->parts, part);
    }
}

static MailMessage *message_of(const Value *row)
{
    const char *day = value_get_text(row, "day"), *subject = value_get_text(row, "subject");
    MailMessage *message =
        sample_message(day ? day : "2026-11-20", subject ? subject : "Richiesta appuntamento",
                       text_of(row, "text"));
    set_text(&message->from.name, value_get_text(row, "from_name"));
    set_text(&message->from.email, value_get_text(row, "from_email"));
    set_text(&message->in_reply_to, value_get_text(row, "in_reply_to"));
    add_files(message, value_get(row, "files"));
    return message;
}

static void check_missing(const Value *row, const Value *reading)
{
    const Value *missing = value_get(row, "missing");
    if (!missing)
        return;
    g_autofree char *expected = lines_of(missing, plain_words);
    g_autofree char *actual =
        lines_of(value_get(value_get(reading, "triage"), "missing"), plain_words);
    if (strcmp(expected, actual) != 0)
        g_test_fail_printf("missing: %s | wanted: %s | found: %s", text_of(row, "text"), expected,
                           actual);
}

static void test_row(gconstpointer data)
{
    const Value *row = ((const Case *)data)->row;
    g_autoptr(GError) error = NULL;
    g_autoptr(MailMessage) message = message_of(row);
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(ReadingTopics) topics = reading_topics_parse(text_of(row, "office_topics"), &error);
    g_assert_no_error(error);
    ReadingOffice office = *sample_office();
    office.topics = topics;
    reading_required_parse(text_of(row, "office_required"), &office.required, &error);
    g_assert_no_error(error);
    const Value *reading = reading_read(arena, message, &office, 0);

    for (guint i = 0; i < G_N_ELEMENTS(list_keys); i++)
        check_list(row, reading, &list_keys[i]);
    for (guint i = 0; i < G_N_ELEMENTS(member_keys); i++)
        check_member(row, reading, i);
    check_missing(row, reading);
}

/* --- the files
 * ---------------------------------------------------------------------------------------- */

static void add_file(Arena *arena, const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *json = NULL;
    gsize length = 0;
    g_autoptr(GError) error = NULL;
    g_file_get_contents(path, &json, &length, &error);
    g_assert_no_error(error);
    const Value *rows = value_parse_json(arena, json, length, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(value_length(rows), >, 0);
    for (guint i = 0; i < value_length(rows); i++) {
        Case *one = arena_alloc(arena, sizeof *one);
        one->row = value_at(rows, i);
        g_autofree char *test = g_strdup_printf(
            "/reading/%.*s/row_%03u", (gint)(strlen(name) - strlen(".json")), name, i + 1);
        g_test_add_data_func(test, one, test_row);
    }
}

int main(int argc, char **argv)
{
    setlocale(LC_ALL, "C.UTF-8"); /* sentences are shown when they fail */
    g_test_init(&argc, &argv, NULL);
    g_autoptr(Arena) arena = arena_new();
    const char *data = g_getenv("TEST_DATA");
    g_assert_nonnull(data);
    g_autofree char *folder = g_build_filename(data, "reading", NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    g_assert_nonnull(dir);
    for (const char *name = g_dir_read_name(dir); name; name = g_dir_read_name(dir))
        if (g_str_has_suffix(name, ".json"))
            add_file(arena, folder, name);
    return g_test_run();
}
