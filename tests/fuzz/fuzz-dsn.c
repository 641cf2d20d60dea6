/* fuzz-dsn.c - what servers say about letters they could not deliver: a report for machines, or
 * words. What is understood is one clean line each, and a status is a status.
 */
#include "mail/parse_internal.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *bytes, size_t length);

static void check_line(const char *text)
{
    if (!text)
        return;
    g_assert_true(g_utf8_validate(text, -1, NULL));
    g_assert_cmpuint(strlen(text), <=, PARSE_LINE_MOST);
    for (const char *at = text; *at; at++)
        g_assert_true((guchar)*at >= 0x20);
}

static void check(const MailMessage *message)
{
    const MailBounce *bounce = &message->bounce;
    check_line(bounce->recipient);
    check_line(bounce->action);
    check_line(bounce->status);
    check_line(bounce->original_id);
    g_assert_true(!bounce->status ||
                  strspn(bounce->status, "0123456789.") == strlen(bounce->status));
    g_assert_true(!bounce->original_id || bounce->present);
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, size_t length)
{
    g_autofree char *text = parse_clean((const char *)bytes, (gssize)length, PARSE_TEXT_MOST, NULL);

    g_autoptr(MailMessage) report = mail_message_new();
    parse_delivery_status(text, report);
    parse_returned_headers(text, report);
    check(report);

    g_autoptr(MailMessage) words = mail_message_new();
    words->from.email = g_strdup("MAILER-DAEMON@mx.example");
    words->return_path = g_strdup("");
    words->text = g_steal_pointer(&text);
    parse_failed_recipients(words);
    check(words);
    return 0;
}
