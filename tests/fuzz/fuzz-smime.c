/* fuzz-smime.c - signatures of anybody. 'D', two bytes length, DER, content: whatever comes, only
 * the content that was signed is verified. 'M', a message: what is verified has a signer and no
 * reason against it.
 */
#include "mail/parse.h"
#include "mail/parse_internal.h"
#include "mail/smime.h"

#include <string.h>
#include <unistd.h>

#define AT G_GINT64_CONSTANT(1830297600) /* 2028-01-01 */
#define SIGNED "Content-Type: text/plain\r\n\r\nCiao\r\n"

/* Its key was thrown away. */
static const char authority[] =
    /* clang-format off */
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBdDCCARugAwIBAgIUPg7eQwv35Q3PIS6ffVTakEwl0mUwCgYIKoZIzj0EAwIw\n"
    "DzENMAsGA1UEAwwERnV6ejAgFw0yNjExMjgxMjU2MzFaGA8yMDc2MTExNTEyNTYz\n"
    "MVowDzENMAsGA1UEAwwERnV6ejBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABMC6\n"
    "iLfRkW5X5z6c5d1ctxS7BTV+Y+HCT87xxVnI36QFkOlcxeuzlYB/DUQ7rAKLWCOw\n"
    "fhJY964QXwjdqa0eRwajUzBRMB0GA1UdDgQWBBS0mS4j+cod/v2a2IZ3aS3bxPmJ\n"
    "OTAfBgNVHSMEGDAWgBS0mS4j+cod/v2a2IZ3aS3bxPmJOTAPBgNVHRMBAf8EBTAD\n"
    "AQH/MAoGCCqGSM49BAMCA0cAMEQCIHyFAvHYDGeYVSXmQ0j++soP9rC/iVUXt2B/\n"
    "tigQG4bAAiBk5+tWwmfH4BtG9aPHKnHBp5/gSjx7v/pj4d/bKXI7qw==\n"
    "-----END CERTIFICATE-----\n";
/* clang-format on */

static X509_STORE *store;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const guint8 *bytes, size_t length);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    g_autofree char *file = NULL;
    int fd = g_file_open_tmp("fuzz-XXXXXX.pem", &file, NULL);
    g_assert_true(write(fd, authority, strlen(authority)) > 0);
    close(fd);
    store = smime_store_load(file);
    g_assert_nonnull(store);
    parse_warm(file);
    unlink(file);
    return 0;
}

static void check(const MailSignature *signature)
{
    g_assert_cmpint(signature->verified, ==, signature->present && !signature->reason);
    g_assert_true(!signature->verified || signature->signer);
    g_assert_true(!signature->signer || g_utf8_validate(signature->signer, -1, NULL));
}

/* The same but for line ends. */
static bool is_what_was_signed(const guint8 *content, gsize length)
{
    g_autoptr(GString) text = g_string_new_len((const char *)content, (gssize)length);
    g_string_replace(text, "\r\n", "\n", 0);
    g_string_replace(text, "\n", "\r\n", 0);
    return text->len == strlen(SIGNED) && memcmp(text->str, SIGNED, text->len) == 0;
}

static void judge(const guint8 *bytes, gsize length)
{
    if (length < 2)
        return;
    gsize der_length = MIN((gsize)bytes[0] << 8 | bytes[1], length - 2);
    const guint8 *content = bytes + 2 + der_length;
    gsize content_length = length - 2 - der_length;
    SmimeSigned mail = {bytes + 2, der_length, content_length ? content : NULL, content_length};
    MailSignature signature = {0};
    smime_judge(&mail, store, AT, "a@b.example", &signature);
    g_assert_true(signature.present);
    check(&signature);
    g_autoptr(GBytes) inside = smime_content(mail.der, mail.der_length);
    if (signature.verified && content_length)
        g_assert_true(is_what_was_signed(content, content_length));
    else if (signature.verified)
        g_assert_true(inside &&
                      is_what_was_signed(g_bytes_get_data(inside, NULL), g_bytes_get_size(inside)));
    g_free(signature.signer);
    g_free(signature.reason);
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, size_t length)
{
    if (length && *bytes == 'D')
        judge(bytes + 1, length - 1);
    if (!length || *bytes != 'M')
        return 0;
    g_autoptr(MailMessage) message = parse_message(bytes + 1, length - 1, AT);
    check(&message->signature);
    if (message->signature.verified)
        g_assert_cmpstr(message->text, ==, "Ciao\n");
    return 0;
}
