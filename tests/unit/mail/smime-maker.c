/* smime-maker.c - see smime-maker.h. */
#include "smime-maker.h"

#include <openssl/cms.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <string.h>

struct Identity {
    EVP_PKEY *key;
    X509 *certificate;
};

static void extend(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    g_assert_nonnull(extension);
    g_assert_cmpint(X509_add_ext(certificate, extension, -1), ==, 1);
    X509_EXTENSION_free(extension);
}

Identity *identity_new(const Identity *issuer, bool is_authority, const char *email,
                       const char *name, gint64 from, gint64 until)
{
    Identity *identity = g_new0(Identity, 1);
    identity->key = EVP_EC_gen("P-256");
    X509 *certificate = identity->certificate = X509_new();
    guint8 serial[8];
    g_assert_cmpint(RAND_bytes(serial, sizeof serial), ==, 1);
    BIGNUM *number = BN_bin2bn(serial, sizeof serial, NULL);
    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
    BN_free(number);
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_TIME_set(X509_getm_notBefore(certificate), (time_t)from);
    ASN1_TIME_set(X509_getm_notAfter(certificate), (time_t)until);
    X509_set_pubkey(certificate, identity->key);
    if (name)
        X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                                   (const guint8 *)name, -1, -1, 0);
    const Identity *by = issuer ? issuer : identity;
    X509_set_issuer_name(certificate, X509_get_subject_name(by->certificate));
    extend(certificate, by->certificate, NID_basic_constraints,
           is_authority ? "critical,CA:TRUE" : "CA:FALSE");
    if (email) {
        g_autofree char *alternative = g_strconcat("email:", email, NULL);
        extend(certificate, by->certificate, NID_subject_alt_name, alternative);
    }
    g_assert_cmpint(X509_sign(certificate, by->key, EVP_sha256()), >, 0);
    return identity;
}

void identity_free(Identity *identity)
{
    if (!identity)
        return;
    EVP_PKEY_free(identity->key);
    X509_free(identity->certificate);
    g_free(identity);
}

char *identity_write(const Identity *identity)
{
    char *file = NULL;
    int fd = g_file_open_tmp("sportello-ca-XXXXXX.pem", &file, NULL);
    g_assert_cmpint(fd, >=, 0);
    FILE *out = fdopen(fd, "w");
    g_assert_cmpint(PEM_write_X509(out, identity->certificate), ==, 1);
    fclose(out);
    return file;
}

GByteArray *maker_sign(const Identity *signer, const Identity *between, const char *content,
                       gssize length, const MakerSettings *settings)
{
    const char *digest = settings->digest ? settings->digest : "SHA256";
    unsigned int flags = CMS_BINARY | CMS_PARTIAL | (settings->inside ? 0 : CMS_DETACHED);
    BIO *in = BIO_new_mem_buf(content, (int)(length < 0 ? (gssize)strlen(content) : length));
    CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, in, flags);
    g_assert_nonnull(cms);
    for (guint i = 0; i < MAX(settings->signers, 1); i++)
        g_assert_nonnull(CMS_add1_signer(cms, signer->certificate, signer->key,
                                         EVP_get_digestbyname(digest),
                                         i > 0 ? CMS_NOCERTS | flags : flags));
    if (between)
        g_assert_cmpint(CMS_add1_cert(cms, between->certificate), ==, 1);
    g_assert_cmpint(CMS_final(cms, in, NULL, flags), ==, 1);
    guint8 *der = NULL;
    int der_length = i2d_CMS_ContentInfo(cms, &der);
    g_assert_cmpint(der_length, >, 0);
    GByteArray *bytes = g_byte_array_new();
    g_byte_array_append(bytes, der, (guint)der_length);
    OPENSSL_free(der);
    CMS_ContentInfo_free(cms);
    BIO_free(in);
    return bytes;
}

static char *base64_lines(const guint8 *bytes, gsize length)
{
    g_autofree char *flat = g_base64_encode(bytes, length);
    GString *lines = g_string_new(NULL);
    for (const char *at = flat; *at; at += MIN(strlen(at), 64))
        g_string_append_printf(lines, "%.64s\r\n", at);
    return g_string_free(lines, FALSE);
}

char *maker_mail(const char *fields, const char *entity, const GByteArray *der)
{
    g_autofree char *signature = base64_lines(der->data, der->len);
    return g_strconcat(fields,
                       "Content-Type: multipart/signed; micalg=sha-256;\r\n"
                       " protocol=\"application/pkcs7-signature\"; boundary=\"SIG\"\r\n\r\n"
                       "This is an S/MIME signed message\r\n\r\n--SIG\r\n",
                       entity,
                       "\r\n--SIG\r\nContent-Type: application/pkcs7-signature; "
                       "name=\"smime.p7s\"\r\n"
                       "Content-Transfer-Encoding: base64\r\n\r\n",
                       signature, "\r\n--SIG--\r\n", NULL);
}

char *maker_signed_mail(const char *fields, const char *entity, const Identity *signer)
{
    g_autoptr(GByteArray) der = maker_sign(signer, NULL, entity, -1, &(MakerSettings){0});
    return maker_mail(fields, entity, der);
}

char *maker_pec(const char *daticert, const char *inner)
{
    g_autofree char *xml = base64_lines((const guint8 *)daticert, strlen(daticert));
    g_autofree char *message =
        inner ? g_strconcat("--PEC\r\nContent-Type: message/rfc822; name=\"postacert.eml\"\r\n\r\n",
                            inner, "\r\n", NULL)
              : g_strdup("");
    return g_strconcat("Content-Type: multipart/mixed; boundary=\"PEC\"\r\n\r\n"
                       "--PEC\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
                       "Parole del gestore\r\n"
                       "--PEC\r\nContent-Type: application/xml; name=\"daticert.xml\"\r\n"
                       "Content-Transfer-Encoding: base64\r\n\r\n",
                       xml, message, "--PEC--\r\n", NULL);
}
