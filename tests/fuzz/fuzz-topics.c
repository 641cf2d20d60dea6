/* fuzz-topics.c - any list of topics, and any words read by it: what is a list stays within its
 * bounds, its keys are keys and are taken again, and the topic that is read is one of them.
 *
 * The first line is the list, the rest the letter.
 */
#include "reading/reading.h"

#include <string.h>

enum { LONGEST = 16 * 1024 };

int LLVMFuzzerTestOneInput(const guint8 *bytes, size_t length);

static void check_keys(const ReadingTopics *topics)
{
    g_assert_cmpuint(reading_topics_count(topics), <=, TOPICS_MOST);
    for (guint i = 0; i < reading_topics_count(topics); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *again = g_strconcat(reading_topics_key(topics, i), ": parola", NULL);
        g_autoptr(ReadingTopics) one = reading_topics_parse(again, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(reading_topics_key(one, 0), ==, reading_topics_key(topics, i));
    }
}

static gboolean has_key(const ReadingTopics *topics, const char *key)
{
    for (guint i = 0; i < reading_topics_count(topics); i++)
        if (strcmp(reading_topics_key(topics, i), key) == 0)
            return TRUE;
    return FALSE;
}

static void check_reading(const ReadingTopics *topics, const char *letter, gsize length)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(MailMessage) message = mail_message_new();
    const ReadingOffice office = {
        .zone = zone_find("Europe/Rome"), .code_prefix = "EDI", .topics = topics};
    message->text = g_utf8_make_valid(letter, (gssize)length);
    message->from.email = g_strdup("a@b.example");
    const Value *reading = reading_read(arena, message, &office, 0);
    const char *topic = value_get_text(reading, "topic");
    g_assert_true(!topic || reading_topics_count(topics) == 0 || has_key(topics, topic));
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, size_t length)
{
    if (length > LONGEST)
        return 0;
    const guint8 *line = length > 0 ? memchr(bytes, '\n', length) : NULL;
    const gsize first = line ? (gsize)(line - bytes) : length;
    g_autofree char *list = g_strndup((const char *)bytes, first);
    const char *letter = line ? (const char *)line + 1 : "";
    g_autoptr(GError) error = NULL;
    g_autoptr(ReadingTopics) topics = reading_topics_parse(list, &error);
    g_assert_true((topics == NULL) == (error != NULL));
    if (!topics)
        return 0;
    check_keys(topics);
    check_reading(topics, letter, line ? length - first - 1 : 0);
    return 0;
}
