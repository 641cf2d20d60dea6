/* parse_internal.h - what the files of the parser share; nobody else includes it.
 *
 * Every string that enters a MailMessage goes through parse_clean (or parse_clean_line), every list
 * and depth has a limit here: the sender chooses the bytes, we choose what they may cost.
 */
#pragma once
#include "reading/message.h"

#include <gmime/gmime.h>

#define PARSE_DEPTH_MOST 30                  /* of multiparts and messages inside each other */
#define PARSE_NODES_MOST 1000                /* MIME entities looked at */
#define PARSE_PARTS_MOST 200                 /* attachments kept */
#define PARSE_HEADERS_MOST 500               /* of one message */
#define PARSE_FIELD_MOST ((gsize)64 * 1024)  /* bytes of one raw list of addresses, parameters */
#define PARSE_LIST_MOST 1000                 /* separators in it */
#define PARSE_LINE_MOST 4000                 /* bytes of one header value */
#define PARSE_LINES_MOST ((gsize)512 * 1024) /* bytes of all header values of one message */
#define PARSE_ADDRESSES_MOST 200
#define PARSE_REFERENCES_MOST 100
#define PARSE_TEXT_MOST ((gsize)1024 * 1024) /* bytes of a text, decoded */

/* One message at hand. */
typedef struct {
    const guint8 *bytes; /* the raw message: offsets count from here */
    gsize length;
    gint64 received_at; /* as in parse_message; signatures are judged at that instant */
    MailMessage *message;
    guint nodes;
    bool nested;    /* offsets of an inner, encoded message mean nothing: its attachments are not
                       listed */
    bool forwarded; /* inside a message that was passed on: reports and invitations there are not
                       for us */
} Parse;

/* --- parse_text.c: bytes to words ------------------------------------------------------------ */
/* Valid UTF-8, LF, no control characters but tab and line feed, at most `most` bytes; owned by the
 * caller. `cut` (may be NULL) tells that something was left out. */
char *parse_clean(const char *text, gssize length, gsize most, bool *cut);
/* The same on one line, trimmed; NULL for NULL and for nothing. */
char *parse_clean_line(const char *text);
/* Appends the decoded bytes of a transfer encoding, at most `most`; returns how many there are in
 * all. */
gint64 parse_decode(const guint8 *bytes, gsize length, GMimeContentEncoding encoding, gsize most,
                    GByteArray *out);
/* Text in a charset (NULL: unknown) to UTF-8; a wrong label is repaired, `malformed` is set when
 * characters are lost. */
char *parse_to_utf8(const char *bytes, gsize length, const char *charset, gboolean *malformed);
/* Flowed paragraphs to one line each (RFC 3676, 4). */
char *parse_unflow(const char *text, bool delete_space);

/* --- parse_html.c ---------------------------------------------------------------------------- */
/* The words of an HTML page as lines; quotations begin with "> ". Not yet cleaned.
 * `cut` (may be NULL): what follows a tag of absurd size was left out. */
char *parse_html_to_text(const char *html, gsize length, bool *cut);

/* --- parse_fields.c -------------------------------------------------------------------------- */
/* A copy with what is too much of a list blanked, owned by the caller; NULL: nothing is.
 */
guint8 *parse_shorten_fields(const guint8 *bytes, gsize length);

/* --- parse_encoded_words.c ------------------------------------------------------------------- */
/* Neighbouring encoded words in base64 (RFC 2047) of one charset as one, so that padding between
 * them ends nothing; owned by the caller, NULL when there is nothing to join. Linear. */
char *parse_join_encoded_words(const char *raw);
/* The same in all fields of an object. Call it before any of them is read. */
void parse_mend_encoded_words(GMimeObject *object);

/* --- parse_headers.c ------------------------------------------------------------------------- */
void parse_headers(GMimeMessage *mime, MailMessage *message);
/* MailHeader * of an object, decoded. */
GPtrArray *parse_header_list(GMimeObject *object);
/* First mailbox of a list, name and address cleaned; false when there is none. */
bool parse_first_address(InternetAddressList *list, MailAddress *address);
/* Without angle brackets and spaces; NULL when nothing is left. */
char *parse_message_id(const char *value);

/* --- parse_part.c ---------------------------------------------------------------------------- */
/* Where the encoded bytes of a leaf lie in the message; false when it has none. */
bool parse_part_range(const Parse *parse, GMimePart *part, gsize *offset, gsize *length);
/* Decoded bytes of a leaf, at most `most`; owned by the caller. */
GByteArray *parse_part_bytes(const Parse *parse, GMimePart *part, gsize most);
void parse_attachment(Parse *parse, GMimePart *part, bool is_inline);
/* A message that was passed on, as a document; `around` holds it. Left out when its place cannot be
 * told. */
void parse_attached_message(Parse *parse, GMimeMultipart *around, GMimeMessagePart *part);
/* The name as a file may be called; never NULL or empty. `number` names what has no name. */
char *parse_safe_name(const char *raw, const char *type, guint number);
bool parse_is_dangerous(const char *raw_name, const char *type, const guint8 *start, gsize length);

/* --- parse_report.c, parse_calendar.c -------------------------------------------------------- */
void parse_delivery_status(const char *status, MailMessage *message);
void parse_returned_headers(const char *headers, MailMessage *message);
void parse_failed_recipients(MailMessage *message); /* by header, of bounces that are no reports */
void parse_calendar(const char *calendar, const char *method, MailMessage *message);

/* --- pec.c ----------------------------------------------------------------------------------- */
PecKind pec_kind(GMimeMessage *mime, char **type);
/* `body`: of the outermost message, NULL when it has none. */
void pec_read(Parse *parse, GMimeObject *body);
void pec_daticert(const char *xml, gsize length, MailPec *pec, gboolean *malformed);

/* --- parse_smime.c --------------------------------------------------------------------------- */
void parse_warm_charsets(void); /* the usual ones */
void parse_smime_warm(const char *ca_file);
/* Of a multipart/signed: judges it; the parts are read by others. */
void parse_signature(Parse *parse, GMimeObject *body);
/* Of a signature with the content inside: judges it and gives the content, a MIME entity; NULL when
 * it is none. */
GBytes *parse_opaque(Parse *parse, GMimeObject *body);

/* --- parse.c --------------------------------------------------------------------------------- */
/* A message over borrowed bytes, which must outlive it. */
typedef struct {
    GByteArray view;
    GByteArray *decoded; /* bytes of an encoded inner message, ours */
    guint8 *shortened;   /* see parse_shorten_fields */
    GMimeStream *stream;
    GMimeMessage *message;
} ParseMime;
bool parse_mime_open(ParseMime *mime, const guint8 *bytes, gsize length, gboolean *malformed);
void parse_mime_close(ParseMime *mime);
/* The message inside a message/rfc822 part. `nested`: its offsets are not those of the raw message.
 * Close it in any case. */
bool parse_inner_open(Parse *parse, GMimeObject *object, ParseMime *mime, bool *nested);
void parse_inner_close(ParseMime *mime);

/* The words and attachments of one entity and all below it. */
void parse_body(Parse *parse, GMimeObject *body);
