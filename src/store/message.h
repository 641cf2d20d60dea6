/* message.h - what came in, as it came: raw bytes in pieces, what was read in them, their
 * attachments.
 *
 * Pieces in order of position are the message byte for byte, each at most 1 MiB. When a message has
 * been read the bytes of each attachment become pieces of their own, so that they can be erased
 * while headers and texts stay (message_mark_read does it from the offsets of the attachments).
 */
#pragma once
#include "store/audit.h"
#include "store/store.h"

#define MESSAGE_PIECE_MOST ((gsize)1024 * 1024)

#define MESSAGE_VERIFIED "verified"
#define MESSAGE_NOT_VERIFIED "not_verified"

typedef enum { MESSAGE_IN, MESSAGE_OUT } MessageDirection;
typedef enum { MESSAGE_STORED, MESSAGE_READ, MESSAGE_FAILED } MessageState;

typedef struct Attachment {
    gint64 id; /* engine's */
    gint64 message_id;
    gint number; /* from 1, in order of the message */
    char *name;  /* safe */
    char *type;  /* "application/pdf" */
    char
        *encoding; /* of the stored bytes: "base64", "quoted-printable", "7bit", "8bit", "binary" */
    gint64 size;   /* decoded bytes */
    char *signature;       /* "CAdES", or NULL */
    gboolean quarantine;   /* never handed out */
    gint64 erased_at;      /* 0: still there */
    gint64 offset, length; /* of the encoded bytes in the raw message; only for message_mark_read */
    gint64 request_id, office_id; /* of its message, read only */
} Attachment;

typedef struct Message {
    gint64 id; /* from token_new_id */
    gint64 office_id;
    gint64 request_id; /* 0: none */
    MessageDirection direction;
    MessageState state;
    char *kind;   /* reading's kind: "request", "auto_reply", ...; NULL until read */
    char *reason; /* why it made no request ("bulk", "auto_reply", ...); NULL: it did, or belongs to
                     one */
    char *message_id;  /* header, without angle brackets */
    char *in_reply_to; /* without angle brackets */
    char *from_name, *from_email;
    char *subject;
    char *text;                  /* the person's words */
    gint64 size;                 /* bytes of the whole message as it arrived */
    gboolean truncated;          /* only headers and the first MiB were kept */
    char *digest;                /* mail/fingerprint.h, 64 hex digits */
    gint64 received_at, read_at; /* read_at 0: not yet */
    char *request_code;          /* read only: joined, NULL when none */
    char *pec;                   /* type of the certified envelope or receipt, NULL: none */
    char *signature;             /* MESSAGE_VERIFIED, MESSAGE_NOT_VERIFIED; NULL: it has none */
    char *signature_detail;      /* who signed; of one that is not verified why not */
    GPtrArray *attachments;      /* Attachment *; filled by message_find, message_find_by_header and
                                    message_list_for_request, else NULL */
} Message;

void attachment_free(Attachment *attachment);
void message_free(Message *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Attachment, attachment_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Message, message_free)

/* --- arriving
 * ---------------------------------------------------------------------------------------- */
typedef struct {
    gint64 id; /* from token_new_id */
    gint64 office_id;
    const void *bytes; /* borrowed; may be a mapped file */
    gsize length;      /* kept bytes */
    gint64 size;       /* bytes that arrived, more than `length` when truncated */
    bool truncated;
    const char *digest; /* of all bytes that arrived: mail/fingerprint.h, or message_digest */
    gint64 received_at;
    const GPtrArray *attachments; /* borrowed; that message_mark_read will have, when they are known
                                     already: pieces are cut at them at once; else NULL */
} MessageArrival;

char *message_digest(const void *bytes, gsize length); /* 64 hex digits, owned by the caller */
/* Idempotent by (office, digest): `is_new` false and the id of the row that was there. State
 * stored. */
bool message_store(Db *db, const MessageArrival *arrival, gint64 *id, bool *is_new, GError **error);
/* gint64 ids in state stored, oldest first. */
GArray *message_waiting(Db *db, guint most, GError **error);

/* --- reading
 * ----------------------------------------------------------------------------------------- */
/* Writes what was read: kind, reason, message_id, in_reply_to, from_*, subject, text, request_id,
 * read_at, pec, signature* and attachments (with offset and length) of `message`; state becomes
 * read, pieces are split at the attachments. Attachments that lie outside the kept bytes are
 * recorded without bytes.
 */
bool message_mark_read(Db *db, const Message *message, GError **error);
/* The reader gave up: state failed with the reason; request_id and the rest as in mark_read, no
 * attachments. */
bool message_mark_failed(Db *db, const Message *message, GError **error);
/* Puts the message into a request's thread and forgets the reason ("È una richiesta" makes the
 * request first). */
bool message_link(Db *db, gint64 message_id, gint64 request_id, GError **error);

Message *message_find(Db *db, gint64 id, GError **error); /* with attachments */
/* The newest with this Message-ID in the office; NOT_FOUND when none. */
Message *message_find_by_header(Db *db, gint64 office_id, const char *message_id, GError **error);
GPtrArray *message_list_for_request(Db *db, gint64 request_id,
                                    GError **error); /* Message *, oldest first */
/* Message * that made no request (reason set), newest first, received before `before_at`
 * (G_MAXINT64: all). */
GPtrArray *message_list_other(Db *db, gint64 office_id, gint64 before_at, guint most,
                              GError **error);
gint64 message_count_other(Db *db, gint64 office_id, GError **error); /* -1 on error */

/* --- bytes
 * ------------------------------------------------------------------------------------------- */
/* Called for each piece in order; false stops without error. */
typedef bool MessagePieceFunc(const guint8 *bytes, gsize length, gpointer data);
bool message_each_piece(Db *db, gint64 message_id, MessagePieceFunc *each, gpointer data,
                        GError **error);
GBytes *message_raw(Db *db, gint64 message_id, GError **error); /* all at once */

Attachment *attachment_find(Db *db, gint64 id, GError **error);
GPtrArray *attachment_list_for_request(Db *db, gint64 request_id,
                                       GError **error); /* Attachment * */
/* Its encoded bytes in pieces; nothing when erased. */
bool attachment_each_piece(Db *db, gint64 id, MessagePieceFunc *each, gpointer data,
                           GError **error);
GBytes *attachment_raw(Db *db, gint64 id, GError **error);
/* Its bytes leave the stored message; the row stays with erased_at. */
bool attachment_erase(Db *db, gint64 id, gint64 at, GError **error);
