/* fuzz-address.c - the bytes of one field that names people. They are put after From, To, Cc and
 * Reply-To; whatever they are, addresses are single lines of clean text, not too many, and the
 * fields that follow are still read.
 */
#include "mail/parse.h"
#include "mail/parse_internal.h"

#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const guint8 *bytes, size_t length);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    parse_warm(NULL);
    return 0;
}

static void check_line(const char *text)
{
    if (!text)
        return;
    g_assert_true(*text != '\0' && g_utf8_validate(text, -1, NULL));
    g_assert_cmpuint(strlen(text), <=, PARSE_LINE_MOST);
    for (const char *at = text; *at; at++)
        g_assert_true((guchar)*at >= 0x20 && *at != 0x7f);
}

static void check_addresses(const GPtrArray *addresses)
{
    g_assert_cmpuint(addresses->len, <=, PARSE_ADDRESSES_MOST);
    for (guint i = 0; i < addresses->len; i++) {
        const MailAddress *address = g_ptr_array_index(addresses, i);
        g_assert_nonnull(address->email);
        check_line(address->email);
        check_line(address->name);
    }
}

/* Names and values of the fields as one text, the bytes under test where %s would be. */
static GByteArray *message_around(const guint8 *bytes, gsize length)
{
    static const char *const names[] = {"From: ", "To: ", "Cc: ", "Reply-To: "};
    GByteArray *mail = g_byte_array_new();
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_byte_array_append(mail, (const guint8 *)names[i], (guint)strlen(names[i]));
        for (gsize at = 0; at < length; at++) {
            g_byte_array_append(mail, bytes + at, 1);
            if (bytes[at] == '\n') /* it stays one field */
                g_byte_array_append(mail, (const guint8 *)" ", 1);
        }
        g_byte_array_append(mail, (const guint8 *)"\r\n", 2);
    }
    static const char rest[] = "Subject: dopo\r\n\r\ntesto";
    g_byte_array_append(mail, (const guint8 *)rest, sizeof rest - 1);
    return mail;
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, size_t length)
{
    if (length > 64 * 1024)
        return 0;
    g_autoptr(GByteArray) mail = message_around(bytes, length);
    g_autoptr(MailMessage) message = parse_message(mail->data, mail->len, 0);
    check_line(message->from.name);
    check_line(message->from.email);
    check_line(message->outer_from.email);
    check_addresses(message->to);
    check_addresses(message->reply_to);
    g_assert_cmpstr(message->text, ==, "testo");
    return 0;
}
