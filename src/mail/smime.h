/* smime.h - judging one S/MIME signature (CMS signed-data, RFC 5652): was anything altered, does a
 * trusted authority name the signer, was the certificate valid then.
 *
 * Over bytes alone: where they stand in a message is parse_smime.c's affair. Hostile input is
 * bounded here: few signers, few certificates, short chains. Revocation is not asked: the process
 * that calls this has no network.
 */
#pragma once
#include "reading/message.h"

#include <openssl/x509_vfy.h>

/* MailSignature.reason */
#define SMIME_NO_AUTHORITIES "no_authorities" /* none configured: nothing can be trusted */
#define SMIME_ALTERED "altered"               /* the content is not what was signed */
#define SMIME_PARTIAL "partial"               /* something stands outside what was signed */
#define SMIME_UNREADABLE "unreadable"         /* no signature can be made out */
#define SMIME_WEAK "weak"                     /* a digest that can be forged: MD5, SHA-1 */
#define SMIME_UNTRUSTED "untrusted"           /* none of the authorities stands behind it */
#define SMIME_EXPIRED "expired"               /* not valid at that time: no longer, or not yet */
#define SMIME_OTHER_SENDER "other_sender"     /* the certificate names another address, or none */

/* The certificates of a PEM file as trust anchors, roots or not; NULL when it holds none that can
 * be read. Free with X509_STORE_free. */
X509_STORE *smime_store_load(const char *file);
/* Whether there is one, and how many there are (0 when none can be read): for whoever is not the
 * reader of mail, which has no way to complain. */
guint smime_authorities_in(const char *file);

typedef struct {
    const guint8 *der; /* the signature */
    gsize der_length;
    const guint8 *content; /* what is signed, as it came; NULL: it is inside the signature */
    gsize length;
} SmimeSigned;

/* `store` NULL: no authorities. `at`: Unix seconds, the certificates are judged at that instant.
 * `sender`: address that one of the signers must have (RFC 8550, 3), NULL: none can.
 * `signature` is filled: its texts are new, the caller's. Content whose line ends are LF is tried
 * with CRLF too (RFC 8551, 3.1.1): a mailbox may have changed them. */
void smime_judge(const SmimeSigned *mail, X509_STORE *store, gint64 at, const char *sender,
                 MailSignature *signature);
/* What is inside a signature, whether it holds or not; NULL when there is nothing. */
GBytes *smime_content(const guint8 *der, gsize length);
