/* fuzz-reading.c - any subject and any words of a letter keep what holds for every reading: see
 * tests/unit/reading/property.h.
 *
 * The first line is the subject, the first byte also says what headers come with it. Seeds and the
 * dictionary come from tests/data/reading and the tables (scripts/fuzz-seeds.mjs).
 */
#include "../unit/reading/property.h"
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
    g_autofree char *broken = property_broken(message, reading);
    if (broken)
        g_error("%s", broken);
    return 0;
}
