/* fuzz-itip.c - calendar objects by anybody's hand: what is understood of an answer is one clean
 * line each.
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

int LLVMFuzzerTestOneInput(const guint8 *bytes, size_t length)
{
    g_autofree char *text =
        parse_clean((const char *)bytes, (gssize)length, PARSE_TEXT_MOST / 4, NULL);
    g_autoptr(MailMessage) message = mail_message_new();
    message->from.email = g_strdup("chiara@studio.example");
    parse_calendar(text, "REPLY", message);
    const MailItip *itip = &message->itip;
    check_line(itip->method);
    check_line(itip->uid);
    check_line(itip->attendee);
    check_line(itip->partstat);
    check_line(itip->starts);
    g_assert_true(itip->present || !itip->method);
    return 0;
}
