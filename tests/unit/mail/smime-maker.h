/* smime-maker.h - authorities, certificates and signatures for tests, made when they run. */
#pragma once
#include <glib.h>
#include <stdbool.h>

typedef struct Identity Identity;
#define MAKER_FROM G_GINT64_CONSTANT(1767225600)  /* 2026-01-01 */
#define MAKER_UNTIL G_GINT64_CONSTANT(1798761600) /* 2027-01-01 */

/* By `issuer` (NULL: by itself, an authority). `is_authority`: may issue others. `email` and `name`
 * may be NULL. Keys are P-256. Ends the test when OpenSSL refuses. */
Identity *identity_new(const Identity *issuer, bool is_authority, const char *email,
                       const char *name, gint64 from, gint64 until);
void identity_free(Identity *identity);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Identity, identity_free)
/* Its certificate as a PEM file in the folder for temporary files; the name is the caller's. */
char *identity_write(const Identity *identity);

typedef struct {
    const char *digest; /* "SHA256" when NULL */
    bool inside;        /* the content stands in the signature */
    guint signers;      /* how often it is signed, 1 when 0 */
} MakerSettings;
/* DER; `between` (NULL: none) is a certificate sent along. */
GByteArray *maker_sign(const Identity *signer, const Identity *between, const char *content,
                       gssize length, const MakerSettings *settings);

/* `fields` (each with CRLF) + a multipart/signed of `entity`; owned by the caller. */
char *maker_mail(const char *fields, const char *entity, const GByteArray *der);
/* The same with a good signature of `signer`. */
char *maker_signed_mail(const char *fields, const char *entity, const Identity *signer);
/* The entity of a PEC receipt or envelope: words, daticert.xml, and `inner` as postacert.eml (NULL:
 * none). */
char *maker_pec(const char *daticert, const char *inner);
