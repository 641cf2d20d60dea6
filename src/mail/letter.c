/* letter.c - a letter's texts become an RFC 5322 message: headers, alternative parts, the calendar.
 *
 * Composing takes nothing hostile apart, so it needs no MIME library: fields are in
 * letter_header.c, the words in letter_texts.c. Bodies are quoted-printable or base64, so the
 * message is 7 bit and no line of it can look like a boundary ("=_" occurs in neither encoding).
 */
#include "mail/letter.h"
#include "mail/letter_header.h"

#include <string.h>

#define QP_LINE_MOST 76
#define BASE64_LINE_BYTES 57 /* 76 characters */

G_DEFINE_QUARK(letter_error, letter_error)

/* --- encodings --- */

/* A soft line break when `more` characters would not fit before the "=" of one. */
static void qp_make_room(GString *out, gsize *column, gsize more)
{
    if (*column + more < QP_LINE_MOST)
        return;
    g_string_append(out, "=\r\n");
    *column = 0;
}

/* "\n" ends a line, whatever else there is belongs to it (RFC 2045, 6.7). */
static void append_quoted_printable(GString *out, const char *text)
{
    gsize column = 0;
    for (const guint8 *c = (const guint8 *)text; *c; c++) {
        if (*c == '\n') {
            g_string_append(out, "\r\n");
            column = 0;
            continue;
        }
        bool ends_line = c[1] == '\n' || c[1] == '\0';
        bool is_blank = *c == ' ' || *c == '\t';
        /* "From " and "." at the start of a line are touched by mailboxes and relays. */
        bool is_touched = column == 0 && (*c == '.' || (*c == 'F' && c[1] == 'r'));
        bool is_plain =
            (*c > ' ' && *c < 127 && *c != '=' && !is_touched) || (is_blank && !ends_line);
        qp_make_room(out, &column, is_plain ? 1 : 3);
        if (is_plain)
            g_string_append_c(out, (char)*c);
        else
            g_string_append_printf(out, "=%02X", *c);
        column += is_plain ? 1 : 3;
    }
    g_string_append(out, "\r\n"); /* belongs to the boundary that follows (RFC 2046, 5.1.1) */
}

static void append_base64(GString *out, const char *bytes, gsize length)
{
    for (gsize at = 0; at < length; at += BASE64_LINE_BYTES) {
        g_autofree char *line =
            g_base64_encode((const guchar *)bytes + at, MIN(BASE64_LINE_BYTES, length - at));
        g_string_append(out, line);
        g_string_append(out, "\r\n");
    }
}

/* --- parts --- */

typedef struct {
    char mixed[40], alternative[40];
} Boundaries;

/* The same letter gives the same bytes: boundaries come from its identifier. */
static void make_boundaries(Boundaries *boundaries, const char *message_id)
{
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, message_id, -1);
    g_snprintf(boundaries->mixed, sizeof boundaries->mixed, "=_m_%.24s", digest);
    g_snprintf(boundaries->alternative, sizeof boundaries->alternative, "=_a_%.24s", digest);
}

static void begin_part(GString *out, const char *boundary)
{
    g_string_append_printf(out, "--%s\r\n", boundary);
}

static void end_parts(GString *out, const char *boundary)
{
    g_string_append_printf(out, "--%s--\r\n", boundary);
}

static void append_multipart_type(GString *out, const char *subtype, const char *boundary)
{
    g_string_append_printf(out, "Content-Type: multipart/%s;\r\n boundary=\"%s\"\r\n\r\n", subtype,
                           boundary);
}

static void append_text_part(GString *out, const char *boundary, const char *subtype,
                             const char *text)
{
    begin_part(out, boundary);
    g_string_append_printf(out, "Content-Type: text/%s; charset=utf-8\r\n", subtype);
    header_append(out, "Content-Transfer-Encoding", "quoted-printable");
    g_string_append(out, "\r\n");
    append_quoted_printable(out, text);
}

/* For Gmail and Outlook: the method in the type, no Content-Disposition. */
static void append_calendar_part(GString *out, const char *boundary, const LetterDraft *draft)
{
    begin_part(out, boundary);
    g_string_append_printf(out, "Content-Type: text/calendar; charset=utf-8; method=%s\r\n",
                           draft->invitation_method);
    header_append(out, "Content-Transfer-Encoding", "base64");
    g_string_append(out, "\r\n");
    append_base64(out, draft->invitation, strlen(draft->invitation));
}

/* The same bytes as a file, for programs that show no calendar part. */
static void append_calendar_file(GString *out, const char *boundary, const LetterDraft *draft)
{
    begin_part(out, boundary);
    header_append(out, "Content-Type", "application/ics; name=\"invite.ics\"");
    header_append(out, "Content-Disposition", "attachment; filename=\"invite.ics\"");
    header_append(out, "Content-Transfer-Encoding", "base64");
    g_string_append(out, "\r\n");
    append_base64(out, draft->invitation, strlen(draft->invitation));
}

static void append_body(GString *out, const LetterDraft *draft)
{
    Boundaries boundaries;
    make_boundaries(&boundaries, draft->message_id);
    if (draft->invitation) {
        append_multipart_type(out, "mixed", boundaries.mixed);
        begin_part(out, boundaries.mixed);
    }
    append_multipart_type(out, "alternative", boundaries.alternative);
    append_text_part(out, boundaries.alternative, "plain", draft->text);
    append_text_part(out, boundaries.alternative, "html", draft->html);
    if (draft->invitation)
        append_calendar_part(out, boundaries.alternative, draft);
    end_parts(out, boundaries.alternative);
    if (draft->invitation) {
        append_calendar_file(out, boundaries.mixed, draft);
        end_parts(out, boundaries.mixed);
    }
}

/* --- the header --- */

static void append_date(GString *out, gint64 at, const Zone *zone)
{
    /* Words of the protocol (RFC 5322, 3.3), not of a language. */
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    gint offset_s = zone_offset_s(zone, at), year, month, day_of_month;
    Day day = zone_day(zone, at);
    day_to_date(day, &year, &month, &day_of_month);
    guint minute = zone_minute(zone, at);
    gint second = (gint)((((at + offset_s) % 60) + 60) % 60), offset_min = ABS(offset_s) / 60;
    g_string_append_printf(out, "Date: %s, %02d %s %04d %02u:%02u:%02d %c%02d%02d\r\n",
                           days[day_weekday(day) - 1], day_of_month, months[month - 1], year,
                           minute / 60, minute % 60, second, offset_s < 0 ? '-' : '+',
                           offset_min / 60, offset_min % 60);
}

static void append_origin(GString *out, LetterOrigin origin)
{
    static const char *const names[] = {
        [LETTER_BY_HAND] = NULL,
        [LETTER_AUTO_REPLIED] = "auto-replied",
        [LETTER_AUTO_GENERATED] = "auto-generated",
    };
    if (!names[origin])
        return;
    header_append(out, "Auto-Submitted", names[origin]);
    /* Not "All": a bounce is wanted. */
    header_append(out, "X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply");
}

static void append_header(GString *out, const LetterDraft *draft)
{
    append_date(out, draft->date_at, draft->zone);
    header_append_mailbox(out, "From", draft->from_name, draft->from);
    header_append_mailbox(out, "To", draft->to_name, draft->to);
    if (draft->reply_to)
        header_append_mailbox(out, "Reply-To", draft->from_name, draft->reply_to);
    header_append_text(out, "Subject", draft->subject);
    g_string_append_printf(out, "Message-ID: <%s>\r\n", draft->message_id);
    if (draft->in_reply_to)
        g_string_append_printf(out, "In-Reply-To: <%s>\r\n", draft->in_reply_to);
    header_append_identifiers(out, "References", draft->references);
    append_origin(out, draft->origin);
    header_append(out, "Content-Language", draft->language ? draft->language : "it");
    header_append(out, "MIME-Version", "1.0");
}

static bool refuse(GError **error, LetterError code, const char *what)
{
    /* The address itself is somebody's: it does not belong into a log. */
    g_set_error(error, LETTER_ERROR, code, "unfit %s", what);
    return false;
}

static bool check(const LetterDraft *draft, GError **error)
{
    if (!header_is_address(draft->from))
        return refuse(error, LETTER_ERROR_ADDRESS, "address of the office");
    if (!header_is_address(draft->to))
        return refuse(error, LETTER_ERROR_ADDRESS, "address of the recipient");
    if (draft->reply_to && !header_is_address(draft->reply_to))
        return refuse(error, LETTER_ERROR_ADDRESS, "address for replies");
    if (!header_is_identifier(draft->message_id))
        return refuse(error, LETTER_ERROR_ID, "Message-ID");
    if (draft->in_reply_to && !header_is_identifier(draft->in_reply_to))
        return refuse(error, LETTER_ERROR_ID, "In-Reply-To");
    for (guint i = 0; draft->references && i < draft->references->len; i++)
        if (!header_is_identifier(draft->references->pdata[i]))
            return refuse(error, LETTER_ERROR_ID, "References");
    return true;
}

GBytes *letter_compose(const LetterDraft *draft, GError **error)
{
    if (!check(draft, error))
        return NULL;
    GString *out = g_string_sized_new(1024 + 2 * (strlen(draft->text) + strlen(draft->html)));
    append_header(out, draft);
    append_body(out, draft);
    return g_string_free_to_bytes(out);
}

char *letter_message_id(const char *local, const char *office_address)
{
    const char *at = office_address ? strrchr(office_address, '@') : NULL;
    return g_strdup_printf("%s@%s", local, at && at[1] ? at + 1 : "localhost");
}

bool letter_can_write_to(const char *address)
{
    return header_is_address(address);
}

bool letter_is_message_id(const char *identifier)
{
    return header_is_identifier(identifier);
}
