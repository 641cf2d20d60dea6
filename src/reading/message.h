/* message.h - what the sandboxed parser understood of one message, as plain values.
 *
 * The child writes it as JSON over its pipe (message_to_json), the parent reads it back
 * (message_from_json). Attachment bytes never cross: a part is named by its place in the raw
 * message. All texts are valid UTF-8 without NUL; header values are decoded and unfolded.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>

typedef struct {
    char *name;  /* display name, NULL when none */
    char *email; /* as written, NULL when none (the null sender) */
} MailAddress;

typedef struct {
    char *name;          /* made safe: no path, no control or bidi characters, at most 200 bytes */
    char *name_raw;      /* as the sender wrote it, for reading only */
    char *type;          /* "application/pdf", lower case */
    char *encoding;      /* "base64", "quoted-printable", "7bit", "8bit", "binary" */
    gint64 offset;       /* of the encoded bytes in the raw message */
    gint64 length;       /* of the encoded bytes */
    gint64 size;         /* decoded bytes */
    char *signature;     /* "CAdES" for P7M, NULL otherwise */
    gboolean quarantine; /* programs, names that lie about their type, paths */
    gboolean is_inline;  /* shown in the HTML (cid:), not sent as a document */
} MailPart;

typedef enum { PEC_NONE, PEC_ENVELOPE, PEC_ANOMALY, PEC_RECEIPT } PecKind;

typedef struct {
    PecKind kind;
    char
        *type; /* posta-certificata, errore, accettazione, non-accettazione, presa-in-carico, ... */
    char *identifier;   /* daticert identificativo */
    char *msgid;        /* daticert msgid, without angle brackets */
    char *refers_to;    /* X-Riferimento-Message-ID, without angle brackets */
    char *sender;       /* daticert mittente */
    char *delivered_to; /* daticert consegna */
    char *receipt;      /* completa, breve, sintetica */
    char *at;           /* ISO 8601 with offset, of daticert */
    char *error;        /* daticert errore: no-dest, no-dominio, virus, altro; NULL: nessuno */
    gboolean certified; /* the provider vouches for the sender or the event: its certificate
                           (daticert) is there and says what the header fields say, which alone are
                           not signed. Whether the signature holds is told by MailSignature */
} MailPec;

/* An S/MIME signature over the whole message. */
typedef struct {
    gboolean present;
    gboolean verified; /* nothing was altered, and a trusted authority names the sender */
    char *signer;      /* e-mail or common name in the certificate, NULL when unknown */
    char *reason;      /* why it is not verified (SMIME_... in mail/smime.h); NULL when it is */
} MailSignature;

typedef struct {
    gboolean present;
    char *recipient;   /* Final-Recipient or X-Failed-Recipients */
    char *status;      /* "5.1.1" */
    char *action;      /* failed, delayed, delivered, relayed, expanded */
    char *original_id; /* Message-ID of the returned message, no angle brackets */
} MailBounce;

typedef struct {
    gboolean present;
    char *method; /* REPLY, COUNTER, REQUEST, CANCEL ... upper case */
    char *uid;
    char *attendee; /* address, without mailto: */
    char *partstat; /* upper case */
    char *starts;   /* DTSTART as written, "20261203T090000" or "...Z"; its zone is not resolved */
    gint sequence;  /* 0 when it says none (RFC 5546, 3.2.3) */
} MailItip;

/* One header field as it came, in order; `name` lower case. */
typedef struct {
    char *name;
    char *value;
} MailHeader;

typedef struct {
    char *message_id;      /* without angle brackets, NULL when none */
    char *in_reply_to;     /* first id, no angle brackets */
    GPtrArray *references; /* of char *, no angle brackets, at most 100 */
    char *subject;         /* of the person's message (inside a PEC envelope: the inner one) */
    char *subject_outer;   /* of the outermost message */
    MailAddress from;      /* the person: inside a PEC envelope the inner sender */
    MailAddress outer_from;
    GPtrArray *reply_to; /* MailAddress * */
    GPtrArray *to;       /* MailAddress *, To and Cc, at most 200 */
    char *return_path;   /* "" for the null sender, NULL when the header is missing */
    gint64 date_at;      /* of the outermost Date, Unix seconds; G_MININT64 when missing or wrong */
    gint date_offset_min; /* its zone, minutes east of UTC */
    char *date_raw;
    char *text; /* the person's words: text/plain, or HTML turned to text; quotes and signature
                   included; <= 1 MiB */
    gboolean text_was_html;
    gboolean text_truncated;
    char *forwarded;          /* text of forwarded message/rfc822 parts, NULL when none */
    GPtrArray *parts;         /* MailPart *: attachments */
    GPtrArray *headers;       /* MailHeader * of the outermost message, at most 500 */
    GPtrArray *inner_headers; /* of postacert.eml, NULL outside PEC */
    MailPec pec;
    MailSignature signature;
    MailBounce bounce;
    MailItip itip;
    gboolean malformed; /* something was repaired or given up on */
} MailMessage;

#define MAIL_MESSAGE_ERROR mail_message_error_quark()
GQuark mail_message_error_quark(void);
typedef enum { MAIL_MESSAGE_ERROR_JSON } MailMessageError; /* the answer of the child is none */

MailMessage *mail_message_new(void); /* empty, arrays ready; inner_headers is NULL */
/* Does a mail server write from there ("MAILER-DAEMON@")? False for NULL. */
bool mail_address_is_system(const char *email);
MailAddress *mail_address_new(const char *name, const char *email); /* copied, both may be NULL */
GPtrArray *mail_headers_new(void);                                  /* for MailHeader * */
void mail_message_free(MailMessage *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MailMessage, mail_message_free)
/* First value of a header of the outermost message, NULL when absent; `name` lower case. */
const char *mail_message_header(const MailMessage *message, const char *name);
/* Addresses it was sent or delivered to, as written: To and Cc, then what servers on the way noted
 * (Delivered-To, X-Original-To, Envelope-To). char *, owned by the caller. */
GPtrArray *mail_message_recipients(const MailMessage *message);
/* The sender's words, then those of messages passed on as attachments; owned by the caller. */
char *mail_message_words(const MailMessage *message);
char *mail_message_to_json(const MailMessage *message);
MailMessage *mail_message_from_json(const char *json, gsize length, GError **error);
