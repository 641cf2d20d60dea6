/* imap_parse.h - what an IMAP server says, byte by byte, and the words we say to it (RFC 3501,
 * 9051).
 *
 * Pure: bytes are fed as they come, whole answers are handed out. Whatever the server sends, no
 * line is kept beyond IMAP_LINE_MOST and no literal but a body is kept at all; bodies and the
 * numbers of a search pass through in pieces.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>

#define IMAP_LINE_MOST ((gsize)64 * 1024)  /* bytes of one answer without its bodies */
#define IMAP_INLINE_MOST ((gsize)8 * 1024) /* of a literal that is no body */
#define IMAP_STORED "$SportelloStored"     /* the keyword of mail that is in our store */

typedef enum { IMAP_NO_STATUS, IMAP_OK, IMAP_NO, IMAP_BAD, IMAP_BYE, IMAP_PREAUTH } ImapStatus;

enum { IMAP_CAN_IDLE = 1, IMAP_CAN_MOVE = 2, IMAP_CAN_UIDPLUS = 4 };
enum {
    IMAP_FLAG_SEEN = 1,
    IMAP_FLAG_STORED = 2, /* IMAP_STORED */
    IMAP_FLAG_ANY = 4,    /* "\*": new keywords may be made */
};

/* One answer. Texts are those of the protocol, cut to their room; no words for people are kept. */
typedef struct {
    char tag[16];      /* "*" untagged, "+" go on, else of a command */
    ImapStatus status; /* of OK, NO, BAD, BYE, PREAUTH */
    char code[32];     /* in brackets, upper case: "UIDVALIDITY", "TRYCREATE"; "" when none */
    guint32 code_number;
    char name[24];      /* of data, upper case: "EXISTS", "FETCH", "CAPABILITY"; "" when none */
    guint32 number;     /* before the name */
    guint capabilities; /* of CAPABILITY, as data or code */
    guint flags;        /* of FETCH, and of the code PERMANENTFLAGS */
    bool has_flags;     /* FETCH named some, or none */
    guint32 uid;        /* of FETCH; 0: not said */
    gint64 size;        /* RFC822.SIZE; -1: not said */
    gint64 internal_at; /* INTERNALDATE, Unix seconds; G_MININT64: not said or not to be read */
    bool has_body;
} ImapAnswer;

typedef struct {
    bool (*answer)(const ImapAnswer *answer, gpointer context, GError **error);
    /* A body of `size` bytes comes inside the answer that follows it. False ends everything: it
     * cannot be skipped. */
    bool (*body_begins)(guint64 size, gpointer context, GError **error);
    bool (*body)(const guint8 *bytes, gsize length, gpointer context, GError **error);
    void (*found)(guint32 uid, gpointer context); /* of SEARCH, in any order */
} ImapHandler;

typedef struct ImapStream ImapStream;
ImapStream *imap_stream_new(const ImapHandler *handler, gpointer context); /* borrowed */
void imap_stream_free(ImapStream *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImapStream, imap_stream_free)
/* Errors: IMAP_ERROR_PROTOCOL, and what the handler says. The stream is of no use afterwards. */
bool imap_stream_feed(ImapStream *stream, const guint8 *bytes, gsize length, GError **error);

/* One answer without its line end, literals inside; what makes no sense is left out. */
void imap_parse_answer(const char *text, gsize length, ImapAnswer *answer);
/* "17-Jul-1996 02:44:25 -0700" to Unix seconds; G_MININT64 when it is no such date. */
gint64 imap_parse_date(const char *text, gsize length);

/* --- imap_say.c: what we say ----------------------------------------------------------------- */
/* A folder's name in modified UTF-7 (RFC 3501, 5.1.3), quoted; owned by the caller. NULL when it is
 * no UTF-8 or holds control characters. */
char *imap_quote_folder(const char *name);
/* "3:5,9" of sorted numbers, owned by the caller. */
char *imap_uid_set(const guint32 *uids, guint count);
/* "20-Nov-2026", the day in UTC; owned by the caller. */
char *imap_day(gint64 at);

#define IMAP_ERROR imap_error_quark()
typedef enum {
    IMAP_ERROR_CONNECT,   /* nobody there, or not to be found */
    IMAP_ERROR_TLS,       /* no TLS, or a certificate we do not trust; no password was sent */
    IMAP_ERROR_REFUSED,   /* the login */
    IMAP_ERROR_SECRET,    /* our own file cannot be read */
    IMAP_ERROR_CLOSED,    /* the server hung up */
    IMAP_ERROR_LATE,      /* a time limit */
    IMAP_ERROR_PROTOCOL,  /* what came is no IMAP, or beyond its limits */
    IMAP_ERROR_TOO_LARGE, /* a body beyond the limit of its command */
    IMAP_ERROR_SAID_NO,   /* the server does not do what a command asks; the connection is good */
    IMAP_ERROR_STOPPED,   /* we were asked to end */
} ImapError;
GQuark imap_error_quark(void);
