/* smime.c - CMS signatures through OpenSSL, in two steps: the content against the signature, then
 * the certificates against the authorities, so that the answer can say which of the two failed.
 */
#include "mail/smime.h"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#define SIGNERS_MOST 4
#define CERTIFICATES_MOST 20
#define CHAIN_MOST 5
#define DIGEST_LEAST 28 /* bytes: SHA-224 and longer */
#define NAME_MOST 320   /* bytes: an address (RFC 5321, 4.5.3.1) */

typedef STACK_OF(X509) Certificates;

static void certificates_free(Certificates *list)
{
    sk_X509_pop_free(list, X509_free);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Certificates, certificates_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CMS_ContentInfo, CMS_ContentInfo_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(X509_STORE_CTX, X509_STORE_CTX_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BIO, BIO_free_all)

X509_STORE *smime_store_load(const char *file)
{
    X509_STORE *store = X509_STORE_new();
    bool good = store && X509_STORE_load_file(store, file) == 1;
    ERR_clear_error();
    if (good)
        return store;
    X509_STORE_free(store);
    return NULL;
}

guint smime_authorities_in(const char *file)
{
    X509_STORE *store = smime_store_load(file);
    if (!store)
        return 0;
    guint n = (guint)sk_X509_OBJECT_num(X509_STORE_get0_objects(store));
    X509_STORE_free(store);
    return n;
}

/* --- opening ------------------------------------------------------------------------------- */

/* NULL unless it is signed-data of a bearable size. */
static CMS_ContentInfo *open_signed(const guint8 *der, gsize length)
{
    const guint8 *at = der;
    g_autoptr(CMS_ContentInfo) cms =
        length <= G_MAXINT ? d2i_CMS_ContentInfo(NULL, &at, (long)length) : NULL;
    if (!cms || OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_signed)
        return NULL;
    gint signers = sk_CMS_SignerInfo_num(CMS_get0_SignerInfos(cms));
    g_autoptr(Certificates) certificates = CMS_get1_certs(cms);
    if (signers < 1 || signers > SIGNERS_MOST || sk_X509_num(certificates) > CERTIFICATES_MOST)
        return NULL;
    return g_steal_pointer(&cms);
}

GBytes *smime_content(const guint8 *der, gsize length)
{
    g_autoptr(CMS_ContentInfo) cms = open_signed(der, length);
    ASN1_OCTET_STRING **content = cms ? CMS_get0_content(cms) : NULL;
    GBytes *bytes = NULL;
    if (content && *content && ASN1_STRING_length(*content) > 0)
        bytes = g_bytes_new(ASN1_STRING_get0_data(*content), (gsize)ASN1_STRING_length(*content));
    ERR_clear_error();
    return bytes;
}

/* --- the content --------------------------------------------------------------------------- */

static bool is_weak(CMS_ContentInfo *cms)
{
    STACK_OF(CMS_SignerInfo) *signers = CMS_get0_SignerInfos(cms);
    for (int i = 0; i < sk_CMS_SignerInfo_num(signers); i++) {
        X509_ALGOR *digest = NULL;
        CMS_SignerInfo_get0_algs(sk_CMS_SignerInfo_value(signers, i), NULL, NULL, &digest, NULL);
        const ASN1_OBJECT *name = NULL;
        X509_ALGOR_get0(&name, NULL, NULL, digest);
        const EVP_MD *known = name ? EVP_get_digestbyobj(name) : NULL;
        if (!known || EVP_MD_get_size(known) < DIGEST_LEAST)
            return true;
    }
    return false;
}

/* Behind a filter, since CMS_verify makes a memory of its own of a bare one, and loses it when the
 * signature is broken (OpenSSL 3.0). */
static BIO *reading_from(const guint8 *content, gsize length)
{
    BIO *memory = BIO_new_mem_buf(content, (int)length);
    BIO *filter = memory ? BIO_new(BIO_f_null()) : NULL;
    if (filter)
        return BIO_push(filter, memory);
    BIO_free(memory);
    return NULL;
}

/* A fresh CMS each time: verifying leaves marks in it. */
static bool holds_over(const SmimeSigned *mail, const guint8 *content, gsize length)
{
    g_autoptr(CMS_ContentInfo) cms = open_signed(mail->der, mail->der_length);
    g_autoptr(BIO) over = content ? reading_from(content, length) : NULL;
    return cms && (over || !content) &&
           CMS_verify(cms, NULL, NULL, over, NULL, CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY) == 1;
}

/* Bare line feeds as CRLF; NULL when there are none. */
static GByteArray *with_crlf(const guint8 *content, gsize length)
{
    g_autoptr(GByteArray) out = NULL;
    gsize from = 0;
    for (gsize i = 0; i < length; i++) {
        if (content[i] != '\n' || (i > 0 && content[i - 1] == '\r'))
            continue;
        if (!out)
            out = g_byte_array_sized_new((guint)MIN(length + length / 16, G_MAXINT));
        g_byte_array_append(out, content + from, (guint)(i - from));
        g_byte_array_append(out, (const guint8 *)"\r\n", 2);
        from = i + 1;
    }
    if (out)
        g_byte_array_append(out, content + from, (guint)(length - from));
    return g_steal_pointer(&out);
}

static bool holds(const SmimeSigned *mail)
{
    if (mail->length > G_MAXINT / 2)
        return false;
    if (holds_over(mail, mail->content, mail->length))
        return true;
    g_autoptr(GByteArray) converted = mail->content ? with_crlf(mail->content, mail->length) : NULL;
    return converted && holds_over(mail, converted->data, converted->len);
}

/* --- the certificates ---------------------------------------------------------------------- */

static const char *reason_of(int error)
{
    switch (error) {
    case X509_V_OK:
        return NULL;
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return SMIME_EXPIRED;
    default:
        return SMIME_UNTRUSTED;
    }
}

/* Why a signer's certificate is not trusted; NULL when it is. */
static const char *distrust(X509 *signer, Certificates *others, X509_STORE *store, gint64 at)
{
    g_autoptr(X509_STORE_CTX) chain = X509_STORE_CTX_new();
    if (!chain || X509_STORE_CTX_init(chain, store, signer, others) != 1 ||
        X509_STORE_CTX_set_default(chain, "smime_sign") != 1)
        return SMIME_UNTRUSTED;
    X509_VERIFY_PARAM *wanted = X509_STORE_CTX_get0_param(chain);
    X509_VERIFY_PARAM_set_time(wanted, (time_t)at);
    X509_VERIFY_PARAM_set_depth(wanted, CHAIN_MOST);
    X509_VERIFY_PARAM_set_auth_level(wanted, 1); /* 80 bits */
    X509_VERIFY_PARAM_set_flags(wanted, X509_V_FLAG_PARTIAL_CHAIN);
    return X509_verify_cert(chain) == 1 ? NULL : reason_of(X509_STORE_CTX_get_error(chain));
}

/* --- names --------------------------------------------------------------------------------- */

static char *clean(const char *text)
{
    if (!text || !*text || strlen(text) > NAME_MOST || !g_utf8_validate(text, -1, NULL))
        return NULL;
    for (const char *at = text; *at; at = g_utf8_next_char(at))
        if (!g_unichar_isprint(g_utf8_get_char(at)))
            return NULL;
    return g_strdup(text);
}

static char *common_name(X509 *certificate)
{
    X509_NAME *name = X509_get_subject_name(certificate);
    int place = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    X509_NAME_ENTRY *entry = place >= 0 ? X509_NAME_get_entry(name, place) : NULL;
    unsigned char *text = NULL;
    int length = entry ? ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry)) : -1;
    char *common =
        length >= 0 && strlen((char *)text) == (gsize)length ? clean((char *)text) : NULL;
    OPENSSL_free(text);
    return common;
}

/* The first address of the certificate, or the sender's when it is among them (`is_sender`); the
 * common name when there is none. */
static char *name_of(X509 *certificate, const char *sender, bool *is_sender)
{
    STACK_OF(OPENSSL_STRING) *emails = X509_get1_email(certificate);
    char *name = NULL;
    *is_sender = false;
    for (int i = 0; !*is_sender && i < sk_OPENSSL_STRING_num(emails); i++) {
        const char *email = sk_OPENSSL_STRING_value(emails, i);
        *is_sender = sender && g_ascii_strcasecmp(email, sender) == 0;
        if (!name || *is_sender) {
            g_free(name);
            name = clean(email);
        }
    }
    X509_email_free(emails);
    return name ? name : common_name(certificate);
}

/* --- the judgement ------------------------------------------------------------------------- */

/* Every signer must be trusted, one of them must be the sender. */
static const char *judge_signers(CMS_ContentInfo *cms, X509_STORE *store, gint64 at,
                                 const char *sender, char **name)
{
    g_autoptr(Certificates) others = CMS_get1_certs(cms);
    STACK_OF(CMS_SignerInfo) *signers = CMS_get0_SignerInfos(cms);
    const char *why = NULL;
    bool sender_signed = false;
    CMS_set1_signers_certs(cms, NULL, 0);
    for (int i = 0; i < sk_CMS_SignerInfo_num(signers); i++) {
        X509 *signer = NULL;
        CMS_SignerInfo_get0_algs(sk_CMS_SignerInfo_value(signers, i), NULL, &signer, NULL, NULL);
        if (!signer)
            return SMIME_UNREADABLE;
        bool is_sender = false;
        g_autofree char *known = name_of(signer, sender, &is_sender);
        if (!*name || (is_sender && !sender_signed)) {
            g_free(*name);
            *name = g_steal_pointer(&known);
        }
        sender_signed = sender_signed || is_sender;
        if (store && !why)
            why = distrust(signer, others, store, at);
    }
    if (!store)
        return SMIME_NO_AUTHORITIES;
    return why || sender_signed ? why : SMIME_OTHER_SENDER;
}

void smime_judge(const SmimeSigned *mail, X509_STORE *store, gint64 at, const char *sender,
                 MailSignature *signature)
{
    const char *why = SMIME_UNREADABLE;
    g_autoptr(CMS_ContentInfo) cms = open_signed(mail->der, mail->der_length);
    if (cms)
        why = judge_signers(cms, store, at, sender, &signature->signer);
    if (cms && g_strcmp0(why, SMIME_UNREADABLE) != 0) {
        if (is_weak(cms))
            why = SMIME_WEAK;
        else if (!holds(mail))
            why = SMIME_ALTERED;
    }
    ERR_clear_error();
    signature->present = TRUE;
    signature->verified = why == NULL;
    signature->reason = g_strdup(why);
}
