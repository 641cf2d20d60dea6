/* test-smime.c - signatures of messages: which are verified, at which time, and what is said of the
 * others. */
#include "mail/parse.h"
#include "mail/parse_internal.h"
#include "mail/smime.h"
#include "sandbox/sandbox.h"
#include "smime-maker.h"

#include <string.h>
#include <unistd.h>

#define AT G_GINT64_CONSTANT(1795521600) /* 2026-11-24T12:00Z */
#define FROM "From: Anna <anna@studio.example>\r\nSubject: Prova\r\n"
#define ENTITY                                                                                     \
    "Content-Type: text/plain; charset=utf-8\r\n\r\nChiedo un appuntamento.\r\nGrazie, Anna\r\n"

static Identity *authority, *stranger, *anna;
static char *authority_file;
static Sandbox *sandbox;

static MailMessage *parse_at(const char *mail, gint64 at)
{
    return parse_message((const guint8 *)mail, strlen(mail), at);
}

/* "verified anna@..." or "altered anna@...", "none". */
static char *said(const MailMessage *message)
{
    const MailSignature *signature = &message->signature;
    if (!signature->present)
        return g_strdup("none");
    return g_strdup_printf("%s %s", signature->verified ? "verified" : signature->reason,
                           signature->signer ? signature->signer : "-");
}

static void assert_says(const char *mail, gint64 at, const char *expected)
{
    g_autoptr(MailMessage) message = parse_at(mail, at);
    g_autofree char *words = said(message);
    g_assert_cmpstr(words, ==, expected);
    g_assert_cmpint(message->signature.verified, ==,
                    message->signature.reason == NULL && message->signature.present);
}

static char *data_file(const char *name)
{
    return g_build_filename(g_getenv("TEST_DATA"), "mail", name, NULL);
}

static char *sample(const char *name)
{
    g_autofree char *file = data_file(name);
    char *mail = NULL;
    g_assert_true(g_file_get_contents(file, &mail, NULL, NULL));
    return mail;
}

static char *without_cr(const char *mail)
{
    g_auto(GStrv) pieces = g_strsplit(mail, "\r\n", -1);
    return g_strjoinv("\n", pieces);
}

/* --- the provider's ------------------------------------------------------------------------ */

static const char *const pec_samples[] = {"05-pec-busta-trasporto.eml",
                                          "20-pec-ricevuta-consegna.eml"};

static void envelopes_and_receipts_are_signed_by_the_provider(void)
{
    g_autofree char *file = data_file("test-pec-ca.pem");
    parse_warm(file);
    for (gsize i = 0; i < G_N_ELEMENTS(pec_samples); i++) {
        g_autofree char *mail = sample(pec_samples[i]);
        assert_says(mail, AT, "verified posta-certificata@pec.gestore.example");
        g_autofree char *stored_lf = without_cr(mail);
        g_assert_cmpuint(strlen(stored_lf), <, strlen(mail));
        assert_says(stored_lf, AT, "verified posta-certificata@pec.gestore.example");
        /* nobody knows when it came: its own Date */
        assert_says(mail, G_MININT64, "verified posta-certificata@pec.gestore.example");
    }
}

static void one_other_byte_is_seen(void)
{
    g_autofree char *file = data_file("test-pec-ca.pem");
    parse_warm(file);
    for (gsize i = 0; i < G_N_ELEMENTS(pec_samples); i++) {
        g_autofree char *mail = sample(pec_samples[i]);
        char *at = strstr(mail, "indirizzato");
        g_assert_nonnull(at);
        *at = 'I';
        assert_says(mail, AT, "altered posta-certificata@pec.gestore.example");
        parse_warm(NULL); /* that needs no authorities */
        assert_says(mail, AT, "altered posta-certificata@pec.gestore.example");
        parse_warm(file);
    }
}

static void the_sandbox_verifies_too(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(pec_samples); i++) {
        g_autofree char *mail = sample(pec_samples[i]);
        g_autoptr(GError) error = NULL;
        gsize length;
        g_autofree char *json =
            sandbox_run(sandbox, (const guint8 *)mail, strlen(mail), AT, &length, &error);
        g_assert_no_error(error);
        g_autoptr(MailMessage) message = mail_message_from_json(json, length, &error);
        g_assert_no_error(error);
        g_autofree char *words = said(message);
        g_assert_cmpstr(words, ==, "verified posta-certificata@pec.gestore.example");
        g_assert_null(message->signature.reason);
    }
}

static void the_authorities_of_a_file_are_counted(void)
{
    g_autofree char *eml = data_file("05-pec-busta-trasporto.eml");
    g_assert_cmpuint(smime_authorities_in(authority_file), ==, 1);
    g_assert_cmpuint(smime_authorities_in(eml), ==, 0);
    g_assert_cmpuint(smime_authorities_in("/nowhere.pem"), ==, 0);
}

/* --- authorities and time ------------------------------------------------------------------ */

static void only_configured_authorities_count(void)
{
    g_autofree char *mail = maker_signed_mail(FROM, ENTITY, anna);
    parse_warm(authority_file);
    assert_says(mail, AT, "verified anna@studio.example");
    g_autofree char *other = identity_write(stranger);
    parse_warm(other);
    assert_says(mail, AT, "untrusted anna@studio.example");
    parse_warm(NULL);
    assert_says(mail, AT, "no_authorities anna@studio.example");
    parse_warm("/nowhere.pem");
    assert_says(mail, AT, "no_authorities anna@studio.example");
    unlink(other);
}

static void the_day_it_came_counts(void)
{
    static const struct {
        gint64 at;
        const char *says;
    } days[] = {{MAKER_FROM - 60, "expired anna@studio.example"},
                {MAKER_FROM + 60, "verified anna@studio.example"},
                {MAKER_UNTIL - 60, "verified anna@studio.example"},
                {MAKER_UNTIL + 60, "expired anna@studio.example"},
                {MAKER_UNTIL + G_GINT64_CONSTANT(30) * 365 * 86400, "expired anna@studio.example"},
                {0, "expired anna@studio.example"}};
    g_autofree char *mail = maker_signed_mail(FROM, ENTITY, anna);
    parse_warm(authority_file);
    for (gsize i = 0; i < G_N_ELEMENTS(days); i++)
        assert_says(mail, days[i].at, days[i].says);
    g_autofree char *undated = maker_signed_mail(FROM, ENTITY, anna);
    assert_says(undated, G_MININT64, "expired anna@studio.example");
}

static void an_authority_between_may_be_sent_along_or_trusted_itself(void)
{
    g_autoptr(Identity) between =
        identity_new(authority, true, NULL, "Between", MAKER_FROM, MAKER_UNTIL);
    g_autoptr(Identity) below =
        identity_new(between, false, "anna@studio.example", "Anna", MAKER_FROM, MAKER_UNTIL);
    g_autofree char *alone = maker_signed_mail(FROM, ENTITY, below);
    g_autoptr(GByteArray) der = maker_sign(below, between, ENTITY, -1, &(MakerSettings){0});
    g_autofree char *with = maker_mail(FROM, ENTITY, der);
    parse_warm(authority_file);
    assert_says(alone, AT, "untrusted anna@studio.example");
    assert_says(with, AT, "verified anna@studio.example");
    g_autofree char *file = identity_write(between);
    parse_warm(file);
    assert_says(alone, AT, "verified anna@studio.example");
    unlink(file);
}

static void a_certificate_that_may_not_issue_issues_nothing(void)
{
    g_autoptr(Identity) below =
        identity_new(anna, false, "anna@studio.example", "Anna", MAKER_FROM, MAKER_UNTIL);
    g_autoptr(GByteArray) der = maker_sign(below, anna, ENTITY, -1, &(MakerSettings){0});
    g_autofree char *mail = maker_mail(FROM, ENTITY, der);
    parse_warm(authority_file);
    assert_says(mail, AT, "untrusted anna@studio.example");
}

/* --- who ----------------------------------------------------------------------------------- */

static void the_certificate_must_name_the_sender(void)
{
    g_autoptr(Identity) nameless =
        identity_new(authority, false, NULL, "Anna Rossi", MAKER_FROM, MAKER_UNTIL);
    g_autofree char *other = maker_signed_mail("From: bruno@studio.example\r\n", ENTITY, anna);
    g_autofree char *two =
        maker_signed_mail("From: bruno@studio.example, anna@studio.example\r\n", ENTITY, anna);
    g_autofree char *folded = maker_signed_mail("From: ANNA@Studio.Example\r\n", ENTITY, anna);
    g_autofree char *none = maker_signed_mail(FROM, ENTITY, nameless);
    g_autofree char *nobody = maker_signed_mail("Subject: x\r\n", ENTITY, anna);
    parse_warm(authority_file);
    assert_says(other, AT, "other_sender anna@studio.example");
    assert_says(two, AT, "other_sender anna@studio.example"); /* the first is who we show */
    assert_says(folded, AT, "verified anna@studio.example");
    assert_says(none, AT, "other_sender Anna Rossi");
    assert_says(nobody, AT, "other_sender anna@studio.example");
}

/* --- what is signed ------------------------------------------------------------------------ */

static void all_line_ends_may_have_become_lf(void)
{
    g_autofree char *mail = maker_signed_mail(FROM, ENTITY, anna);
    g_autofree char *lf = without_cr(mail);
    g_autofree char *entity_lf = without_cr(ENTITY);
    g_autofree char *signed_lf = maker_signed_mail(FROM, entity_lf, anna);
    parse_warm(authority_file);
    assert_says(lf, AT, "verified anna@studio.example");
    assert_says(signed_lf, AT, "verified anna@studio.example"); /* as it was signed */
}

static void nothing_may_stand_beside_what_is_signed(void)
{
    static const struct {
        const char *find, *put, *says;
    } changes[] = {
        /* a third part */
        {"\r\n--SIG--", "\r\n--SIG\r\nContent-Type: text/plain\r\n\r\nE anche questo\r\n--SIG--",
         "unreadable -"}, /* the last part is no signature */
        {"\r\n--SIG\r\nContent-Type: application/pkcs7-signature",
         "\r\n--SIG\r\n\r\nE anche questo\r\n--SIG\r\nContent-Type: application/pkcs7-signature",
         "partial -"},
        /* before the first and after the last delimiter nobody reads */
        {"This is an S/MIME", "Da leggere? This is an S/MIME", "verified anna@studio.example"},
        {"--SIG--\r\n", "--SIG--\r\nE questo?\r\n", "verified anna@studio.example"},
        /* spaces after a delimiter belong to it */
        {"\r\n--SIG\r\nContent-Type: application/", "\r\n--SIG \t \r\nContent-Type: application/",
         "verified anna@studio.example"},
        {"Chiedo", "Chiedo \r\n--SIG-finto\r\n", "altered anna@studio.example"},
        {"Content-Transfer-Encoding: base64", "Content-Transfer-Encoding: 7bit", "unreadable -"},
        {"Content-Type: application/pkcs7-signature", "Content-Type: application/octet-stream",
         "unreadable -"},
        {"\r\n--SIG--\r\n", "", "verified anna@studio.example"},
        {"application/pkcs7-signature\"; boundary", "application/x-altro\"; boundary",
         "verified anna@studio.example"},
    };
    parse_warm(authority_file);
    for (gsize i = 0; i < G_N_ELEMENTS(changes); i++) {
        g_autofree char *mail = maker_signed_mail(FROM, ENTITY, anna);
        g_auto(GStrv) pieces = g_strsplit(mail, changes[i].find, 2);
        g_assert_cmpuint(g_strv_length(pieces), ==, 2);
        g_autofree char *changed = g_strjoinv(changes[i].put, pieces);
        assert_says(changed, AT, changes[i].says);
    }
}

static void cut_off_it_is_no_longer_whole(void)
{
    g_autofree char *mail = maker_signed_mail(FROM, ENTITY, anna);
    parse_warm(authority_file);
    for (gsize length = strlen(mail); length > 0; length--) {
        g_autoptr(MailMessage) message = parse_message((const guint8 *)mail, length, AT);
        const char *end = strstr(mail, "--SIG--");
        if (length + 8 < (gsize)(end - mail))
            g_assert_false(message->signature.verified);
    }
}

static void other_kinds_are_no_signature(void)
{
    static const char *const mails[] = {
        FROM
        "Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=x\r\n"
        "\r\n--x\r\n\r\nCiao\r\n--x\r\nContent-Type: application/pgp-signature\r\n\r\n"
        "-----BEGIN PGP SIGNATURE-----\r\n--x--\r\n",
        FROM "Content-Type: text/plain\r\n\r\nCiao\r\n",
        FROM "Content-Type: application/pkcs7-mime; name=\"relazione.pdf.p7m\"\r\n"
             "Content-Transfer-Encoding: base64\r\n\r\nMIIBAAAA\r\n",
        FROM "Content-Type: application/pkcs7-mime; smime-type=enveloped-data; "
             "name=\"smime.p7m\"\r\nContent-Transfer-Encoding: base64\r\n\r\nMIIBAAAA\r\n",
    };
    parse_warm(authority_file);
    for (gsize i = 0; i < G_N_ELEMENTS(mails); i++)
        assert_says(mails[i], AT, "none");
}

static void the_signed_message_inside_another_is_not_judged(void)
{
    g_autofree char *mail = maker_signed_mail(FROM, ENTITY, anna);
    g_autofree char *forward = g_strconcat(
        "From: bruno@studio.example\r\nContent-Type: multipart/mixed; boundary=F\r\n\r\n"
        "--F\r\n\r\nVedi sotto\r\n--F\r\nContent-Type: message/rfc822\r\n\r\n",
        mail, "\r\n--F--\r\n", NULL);
    parse_warm(authority_file);
    assert_says(forward, AT, "none");
}

/* --- opaque -------------------------------------------------------------------------------- */

static char *opaque_mail(const char *entity, const Identity *signer)
{
    g_autoptr(GByteArray) der =
        maker_sign(signer, NULL, entity, -1, &(MakerSettings){.inside = true});
    g_autofree char *base64 = g_base64_encode(der->data, der->len);
    return g_strconcat(FROM "Content-Type: application/pkcs7-mime; smime-type=signed-data; "
                            "name=\"smime.p7m\"\r\nContent-Transfer-Encoding: base64\r\n\r\n",
                       base64, "\r\n", NULL);
}

static void a_message_inside_its_signature_is_read(void)
{
    g_autofree char *mail = opaque_mail(ENTITY, anna);
    parse_warm(authority_file);
    g_autoptr(MailMessage) message = parse_at(mail, AT);
    g_autofree char *words = said(message);
    g_assert_cmpstr(words, ==, "verified anna@studio.example");
    g_assert_cmpstr(message->text, ==, "Chiedo un appuntamento.\nGrazie, Anna\n");
    g_assert_cmpstr(message->from.email, ==, "anna@studio.example");
    g_assert_cmpuint(message->parts->len, ==, 1); /* and stays at hand */
    const MailPart *part = g_ptr_array_index(message->parts, 0);
    g_assert_cmpstr(part->name, ==, "smime.p7m");
    g_assert_false(message->malformed);
}

static void an_untrusted_one_is_read_all_the_same(void)
{
    g_autofree char *mail = opaque_mail(ENTITY, anna);
    parse_warm(NULL);
    g_autoptr(MailMessage) message = parse_at(mail, AT);
    g_autofree char *words = said(message);
    g_assert_cmpstr(words, ==, "no_authorities anna@studio.example");
    g_assert_cmpstr(message->text, ==, "Chiedo un appuntamento.\nGrazie, Anna\n");
}

/* --- hostile ------------------------------------------------------------------------------- */

static void a_digest_that_can_be_forged_is_weak(void)
{
    static const char *const digests[][2] = {{"SHA1", "weak anna@studio.example"},
                                             {"SHA224", "verified anna@studio.example"},
                                             {"SHA512", "verified anna@studio.example"}};
    parse_warm(authority_file);
    for (gsize i = 0; i < G_N_ELEMENTS(digests); i++) {
        g_autoptr(GByteArray) der =
            maker_sign(anna, NULL, ENTITY, -1, &(MakerSettings){.digest = digests[i][0]});
        g_autofree char *mail = maker_mail(FROM, ENTITY, der);
        assert_says(mail, AT, digests[i][1]);
    }
}

static void every_signer_must_be_trusted_and_they_are_few(void)
{
    static const struct {
        guint signers;
        const char *says;
    } cases[] = {{2, "verified anna@studio.example"},
                 {4, "verified anna@studio.example"},
                 {5, "unreadable -"},
                 {500, "unreadable -"}};
    parse_warm(authority_file);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GByteArray) der =
            maker_sign(anna, NULL, ENTITY, -1, &(MakerSettings){.signers = cases[i].signers});
        g_autofree char *mail = maker_mail(FROM, ENTITY, der);
        assert_says(mail, AT, cases[i].says);
    }
}

static void absurd_signatures_are_unreadable(void)
{
    static const struct {
        const guint8 *bytes;
        guint length;
    } absurd[] = {
        {(const guint8 *)"", 0},
        {(const guint8 *)"0", 1},
        {(const guint8 *)"\x30\x84\x7f\xff\xff\xff\x06\x09", 8}, /* two gigabytes announced */
        {(const guint8 *)"\x30\x80\x30\x80\x30\x80\x30\x80\x30\x80\x30\x80", 12},
        {(const guint8 *)"\x30\x88\xff\xff\xff\xff\xff\xff\xff\xff\x06", 11},
        {(const guint8 *)"non sono DER", 12},
    };
    parse_warm(authority_file);
    for (gsize i = 0; i < G_N_ELEMENTS(absurd); i++) {
        g_autoptr(GByteArray) der = g_byte_array_new();
        g_byte_array_append(der, absurd[i].bytes, absurd[i].length);
        g_autofree char *mail = maker_mail(FROM, ENTITY, der);
        assert_says(mail, AT, "unreadable -");
    }
    g_autoptr(GByteArray) large = maker_sign(anna, NULL, ENTITY, -1, &(MakerSettings){0});
    g_byte_array_set_size(large, 300 * 1024);
    g_autofree char *mail = maker_mail(FROM, ENTITY, large);
    assert_says(mail, AT, "unreadable -");
}

/* Nested indefinite lengths, as deep as they fit. */
static void depth_is_refused(void)
{
    g_autoptr(GByteArray) der = g_byte_array_new();
    for (guint i = 0; i < 100000; i++)
        g_byte_array_append(der, (const guint8 *)"\x30\x80", 2);
    g_autofree char *mail = maker_mail(FROM, ENTITY, der);
    parse_warm(authority_file);
    assert_says(mail, AT, "unreadable -");
}

static void every_changed_byte_of_a_signature_is_survived(void)
{
    g_autoptr(GByteArray) der = maker_sign(anna, NULL, ENTITY, -1, &(MakerSettings){0});
    X509_STORE *store = smime_store_load(authority_file);
    guint still = 0;
    for (guint i = 0; i < der->len; i++) {
        der->data[i] ^= 0x41;
        MailSignature signature = {0};
        smime_judge(&(SmimeSigned){der->data, der->len, (const guint8 *)ENTITY, strlen(ENTITY)},
                    store, AT, "anna@studio.example", &signature);
        g_assert_true(signature.present);
        still += signature.verified ? 1 : 0;
        g_free(signature.signer);
        g_free(signature.reason);
        der->data[i] ^= 0x41;
    }
    /* but for a few bytes that are not signed (versions, parameters), each change is seen */
    g_assert_cmpuint(still, <, der->len / 20);
    X509_STORE_free(store);
}

int main(int argc, char **argv)
{
    g_autofree char *file =
        g_build_filename(g_getenv("TEST_DATA"), "mail", "test-pec-ca.pem", NULL);
    SandboxSettings settings = {.reader = parse_to_json, .warm = parse_warm, .warm_argument = file};
    sandbox = sandbox_start(&settings, NULL);
    g_assert_nonnull(sandbox);
    g_test_init(&argc, &argv, NULL);
    parse_warm(NULL);
    authority = identity_new(NULL, true, NULL, "Authority", MAKER_FROM, MAKER_UNTIL);
    stranger = identity_new(NULL, true, NULL, "Stranger", MAKER_FROM, MAKER_UNTIL);
    anna = identity_new(authority, false, "anna@studio.example", "Anna", MAKER_FROM, MAKER_UNTIL);
    authority_file = identity_write(authority);
#define TEST(function) g_test_add_func("/mail/smime/" #function, function)
    TEST(envelopes_and_receipts_are_signed_by_the_provider);
    TEST(one_other_byte_is_seen);
    TEST(the_sandbox_verifies_too);
    TEST(the_authorities_of_a_file_are_counted);
    TEST(only_configured_authorities_count);
    TEST(the_day_it_came_counts);
    TEST(an_authority_between_may_be_sent_along_or_trusted_itself);
    TEST(a_certificate_that_may_not_issue_issues_nothing);
    TEST(the_certificate_must_name_the_sender);
    TEST(all_line_ends_may_have_become_lf);
    TEST(nothing_may_stand_beside_what_is_signed);
    TEST(cut_off_it_is_no_longer_whole);
    TEST(other_kinds_are_no_signature);
    TEST(the_signed_message_inside_another_is_not_judged);
    TEST(a_message_inside_its_signature_is_read);
    TEST(an_untrusted_one_is_read_all_the_same);
    TEST(a_digest_that_can_be_forged_is_weak);
    TEST(every_signer_must_be_trusted_and_they_are_few);
    TEST(absurd_signatures_are_unreadable);
    TEST(depth_is_refused);
    TEST(every_changed_byte_of_a_signature_is_survived);
    int result = g_test_run();
    parse_warm(NULL);
    unlink(authority_file);
    g_free(authority_file);
    identity_free(anna);
    identity_free(stranger);
    identity_free(authority);
    sandbox_stop(sandbox);
    return result;
}
