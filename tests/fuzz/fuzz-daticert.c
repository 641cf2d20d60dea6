/* fuzz-daticert.c - the certificate of a PEC provider as anybody may write it. What is read is
 * clean, bounded, and a moment is a moment.
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

static void check_text(const char *text)
{
    if (!text)
        return;
    g_assert_true(g_utf8_validate(text, -1, NULL) && *text);
    g_assert_cmpuint(strlen(text), <=, PARSE_LINE_MOST);
    for (const char *at = text; *at; at++)
        g_assert_true((guchar)*at >= 0x20);
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, size_t length)
{
    g_autoptr(MailMessage) message = mail_message_new();
    MailPec *pec = &message->pec;
    pec->kind = PEC_RECEIPT;
    pec->type = g_strdup("accettazione");
    pec_daticert((const char *)bytes, length, pec, &message->malformed);
    const char *texts[] = {pec->type,   pec->identifier,   pec->msgid,   pec->refers_to,
                           pec->sender, pec->delivered_to, pec->receipt, pec->error};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        check_text(texts[i]);
    g_assert_cmpstr(pec->type, ==, "accettazione");
    g_assert_true(!pec->certified || !message->malformed);
    if (pec->at) {
        g_autoptr(GDateTime) at = g_date_time_new_from_iso8601(pec->at, NULL);
        g_assert_nonnull(at);
    }
    return 0;
}
