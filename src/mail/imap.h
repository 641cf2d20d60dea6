/* imap.h - a connection to a mailbox: the commands we need, each with limits of time and size.
 *
 * libcurl makes the connection and logs in, always over TLS with chain and host name verified
 * before anything of ours is sent; the rest of the dialogue is ours. Nothing here knows what mail
 * is for. One thread at a time. After an error other than IMAP_ERROR_SAID_NO and IMAP_ERROR_GONE
 * the connection is of no use but to be closed.
 */
#pragma once
#include "base/config.h"
#include "mail/arrival.h"
#include "mail/imap_parse.h"

typedef struct Imap Imap;

typedef struct {
    guint32 uid_validity; /* 0: not said, numbers do not last */
    guint32 uid_next;     /* 0: not said */
    guint messages;
    bool read_only;
    bool keyword; /* IMAP_STORED may be set and lasts */
} ImapFolder;

typedef struct {
    guint32 uid;
    gint64 size;        /* -1: not said */
    gint64 internal_at; /* when it arrived there; G_MININT64: not said */
    guint flags;        /* IMAP_FLAG_SEEN, IMAP_FLAG_STORED */
} ImapMail;

/* Connected and logged in; the secret is read, used and forgotten in here. `stop` is a descriptor
 * that ends all waiting once it is readable, -1: none. */
Imap *imap_open(const ConfigMailbox *mailbox, int stop, GError **error);
void imap_close(Imap *imap);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Imap, imap_close)
guint imap_capabilities(const Imap *imap); /* IMAP_CAN_... */

bool imap_select(Imap *imap, const char *folder, ImapFolder *found, GError **error);
/* Numbers (guint32) from `from_uid` on that arrived on the day of `since_at` or later, sorted: the
 * lowest `most` of them, `more` when there are others. */
GArray *imap_search(Imap *imap, guint32 from_uid, gint64 since_at, guint most, bool *more,
                    GError **error);
/* ImapMail of `uids`, which are sorted, in their order; those that are gone are missing. */
GArray *imap_describe(Imap *imap, const guint32 *uids, guint count, GError **error);
/* The message into `arrival`; above `most` bytes it is IMAP_ERROR_TOO_LARGE. With `first` only so
 * many bytes of it are asked for (0: all). Does not mark it as seen. */
bool imap_fetch(Imap *imap, const ImapMail *mail, gint64 most, gint64 first, Arrival *arrival,
                GError **error);
/* Marks them: with our keyword, or as seen. */
bool imap_flag(Imap *imap, const guint32 *uids, guint count, bool keyword, GError **error);
/* Moves them (RFC 6851), or copies them and removes those very copies' originals (RFC 4315); the
 * folder is made when missing. SAID_NO when the server knows neither. */
bool imap_move(Imap *imap, const guint32 *uids, guint count, const char *folder, GError **error);
/* Something happened since the last search that may be new mail; forgets it. */
bool imap_has_news(Imap *imap);
/* Waits until something happens or `most_s` have passed: IDLE (RFC 2177), or with a server that has
 * none one NOOP every `poll_s`. */
bool imap_wait(Imap *imap, guint most_s, guint poll_s, GError **error);

/* For `sportello doctor`: connects, logs in, selects. What the server can, as words for the
 * administrator ("IDLE, MOVE, UIDPLUS, keywords"), owned by the caller; NULL with the reason. */
char *imap_check(const ConfigMailbox *mailbox, GError **error);
