/* fuzz-parse.c - bytes of anybody's mail. Whatever comes, the answer can be read back, its texts
 * are clean and within their limits, and attachments lie inside the message.
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

static void check_text(const char *text, gsize most)
{
    if (!text)
        return;
    g_assert_true(g_utf8_validate(text, -1, NULL));
    g_assert_cmpuint(strlen(text), <=, most);
    for (const char *at = text; *at; at++)
        g_assert_true((guchar)*at >= 0x20 || *at == '\n' || *at == '\t');
}

static void check_part(const MailPart *part, gsize length)
{
    g_assert_true(part->offset >= 0 && part->length >= 0 && part->size >= 0);
    g_assert_cmpint(part->offset + part->length, <=, (gint64)length);
    g_assert_true(*part->name != '\0' && *part->name != '.' && !strpbrk(part->name, "/\\\n\t"));
    check_text(part->name, 200);
    check_text(part->type, 127);
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, size_t length)
{
    g_autoptr(MailMessage) message = parse_message(bytes, length, 0);
    check_text(message->text, PARSE_TEXT_MOST);
    check_text(message->forwarded, PARSE_TEXT_MOST);
    check_text(message->subject, PARSE_LINE_MOST);
    check_text(message->from.name, PARSE_LINE_MOST);
    check_text(message->from.email, PARSE_LINE_MOST);
    g_assert_cmpuint(message->parts->len, <=, PARSE_PARTS_MOST);
    g_assert_cmpuint(message->headers->len, <=, PARSE_HEADERS_MOST);
    for (guint i = 0; i < message->parts->len; i++)
        check_part(g_ptr_array_index(message->parts, i), length);
    g_autofree char *json = mail_message_to_json(message);
    g_autoptr(GError) error = NULL;
    g_autoptr(MailMessage) back = mail_message_from_json(json, strlen(json), &error);
    g_assert_no_error(error);
    g_assert_nonnull(back);
    return 0;
}
