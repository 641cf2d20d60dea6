/* fuzz-reading.c - any subject and any words of a letter: spans lie inside the text they name, raw
 * is those bytes, days and hours are days and hours, and machines' messages propose nothing.
 *
 * The first line is the subject, the first byte also says what headers come with it.
 */
#include "reading/reading.h"

#include <string.h>

enum { LONGEST = 8 * 1024 };

int LLVMFuzzerTestOneInput(const guint8 *bytes, size_t length);

static const ReadingOffice *office(void)
{
    static const char *const addresses[] = {"ufficio@comune.example", NULL};
    static const char *const domains[] = {"sportello.comune.example", NULL};
    static const ReadingHours hours[] = {{2, 540, 750}, {2, 900, 1050}, {4, 540, 750}};
    static ReadingOffice one;
    one = (ReadingOffice){.zone = zone_find("Europe/Rome"),
                          .own_addresses = addresses,
                          .own_domains = domains,
                          .code_prefix = "EDI",
                          .hours = hours,
                          .n_hours = G_N_ELEMENTS(hours)};
    return &one;
}

static void check_span(const Value *value, const char *text, const char *subject)
{
    const char *source = strcmp(value_get_text(value, "source"), "subject") == 0 ? subject : text;
    gint64 start = value_get_integer(value, "start"), end = value_get_integer(value, "end");
    g_assert_true(start >= 0 && start < end && end <= (gint64)strlen(source));
    const char *raw = value_get_text(value, "raw");
    g_assert_true(strlen(raw) == (gsize)(end - start) &&
                  memcmp(raw, source + start, strlen(raw)) == 0);
}

static void check_spans(const Value *value, const char *text, const char *subject)
{
    const Value *member = NULL;
    const char *key = NULL;
    if (value_kind(value) == VALUE_LIST)
        for (guint i = 0; i < value_length(value); i++)
            check_spans(value_at(value, i), text, subject);
    if (value_kind(value) != VALUE_OBJECT)
        return;
    for (guint i = 0; (member = value_member(value, i, &key)); i++)
        check_spans(member, text, subject);
    if (value_get(value, "start"))
        check_span(value, text, subject);
}

static void check_wish(const Value *wish)
{
    static const char *const days[] = {"date", "date_from", "date_to"};
    static const char *const hours[] = {"from", "to"};
    Day day;
    for (guint i = 0; i < G_N_ELEMENTS(days); i++)
        g_assert_true(!value_get_text(wish, days[i]) ||
                      day_parse(value_get_text(wish, days[i]), &day));
    for (guint i = 0; i < G_N_ELEMENTS(hours); i++) {
        const char *hour = value_get_text(wish, hours[i]);
        g_assert_true(!hour || (strlen(hour) == 5 && strcmp(hour, "24:00") <= 0));
    }
}

static void add_header(MailMessage *message, guint8 choice)
{
    static const char *const names[] = {"auto-submitted", "list-id", "precedence"};
    static const char *const values[] = {"auto-replied", "<x.example>", "bulk"};
    if (choice % 8 >= G_N_ELEMENTS(names))
        return;
    MailHeader *header = g_new0(MailHeader, 1);
    header->name = g_strdup(names[choice % 8]);
    header->value = g_strdup(values[choice % 8]);
    g_ptr_array_add(message->headers, header);
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, size_t length)
{
    if (length < 2 || length > LONGEST || memchr(bytes, '\0', length))
        return 0;
    g_autofree char *valid = g_utf8_make_valid((const char *)bytes + 1, (gssize)length - 1);
    char *text = strchr(valid, '\n');
    g_autoptr(MailMessage) message = mail_message_new();
    message->subject = text ? g_strndup(valid, (gsize)(text - valid)) : g_strdup("");
    message->text = g_strdup(text ? text + 1 : valid);
    message->from.email = g_strdup("p.verdi@studio.example");
    message->date_at =
        1795162800 + bytes[0] * 86400; /* any weekday of some months of 2026 and 2027 */
    add_header(message, bytes[0]);

    g_autoptr(Arena) arena = arena_new();
    const Value *reading = reading_read(arena, message, office(), 0);
    check_spans(reading, message->text, value_get_text(reading, "subject_clean"));
    const Value *wishes = value_get(reading, "preferences");
    for (guint i = 0; i < value_length(wishes); i++)
        check_wish(value_at(wishes, i));
    if (!reading_makes_request(value_get_text(reading, "kind")))
        g_assert_true(value_length(wishes) == 0 && value_length(value_get(reading, "phones")) == 0);
    return 0;
}
