/* reading.h - from a parsed message to what it is and what it asks for, as proposals.
 *
 * Pure: no I/O, no clock, no locale. Nothing here decides anything. Keys of the answer:
 * tests/data/mail/README.md.
 */
#pragma once
#include "base/value.h"
#include "base/when.h"
#include "reading/message.h"
#include "reading/required.h"
#include "reading/topics.h"

typedef struct {
    gint weekday; /* 1 Monday ... 7 Sunday */
    guint from_minute, until_minute;
} ReadingHours;

/* The office as the reader sees it; all borrowed. */
typedef struct {
    const Zone *zone;
    const char *const *own_addresses; /* folded, ended by NULL: mailbox, PEC twins */
    const char *const *own_domains;   /* folded, ended by NULL: letters come from there */
    const char *code_prefix;          /* "EDI" */
    const ReadingHours *hours;
    guint n_hours;
    const char *(*closed)(
        Day day, gpointer data); /* key of the holiday or closure; NULL: open. May be NULL itself */
    gpointer closed_data;
    const ReadingTopics *topics; /* NULL or empty: all that the program knows */
    guint required;              /* bits of ReadingRequired; 0: the usual ones */
} ReadingOffice;

/* Each proposal carries, besides its value: raw (the words it came from), start and end (bytes of
 * the text or the subject, as `source` says), confidence ("certain", "likely", "ambiguous") and
 * rule. Where the README has a plain value, a sibling holds them: phone_spans, address_span,
 * on_behalf_of_span, topic_span (the words that weighed most), triage.why_span; urgent_span and
 * attachments_span say by being there that it is urgent, that what is said to be attached is not.
 * preferences[].why is a key: "weekday", "hours", or what `closed` answered.
 *
 * `now`: the reference when the message has no usable Date. The object belongs to the arena.
 * Besides the keys of the README it has reason (why no request: "auto_reply", "bounce", "bulk",
 * "pec_receipt", "own", ...; null else) and hint for the desk (triage.needs_video, triage.why). */
Value *reading_read(Arena *arena, const MailMessage *message, const ReadingOffice *office,
                    gint64 now);

/* Bytes [from, until) of a text. */
typedef struct {
    gsize from, until;
} ReadingSpan;

/* Where older messages are quoted in a message's words, as spans in order: at their end, and above
 * or between the sender's own where it is more than a line or two. A message that is passed on, as
 * its `subject` (may be NULL) says, is no quotation, nor is one without a word of the sender's. The
 * array of ReadingSpan is the caller's. */
GArray *reading_quotes(const char *text, const char *subject);

/* Does a message of this kind become a request when no thread is found for it? */
gboolean reading_makes_request(const char *kind);
/* May it get an automatic receipt (RFC 3834)? Never: auto replies, bounces, bulk, receipts, our
 * own. */
gboolean reading_may_be_answered(const MailMessage *message, const char *kind);
