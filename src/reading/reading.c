/* reading.c - the order in which a message is read.
 *
 * What it is comes first; then numbers that belong to streets, laws, protocols, practices, land and
 * telephones are taken out of the way; what is left may be a time.
 */
#include "reading/internal.h"
#include "reading/opening.h"

#include <stdio.h>
#include <string.h>

#define FEW_WORDS 30 /* of whoever only passes a message on: "Per competenza. Saluti" */

/* Words of the sender's own, neither signature nor older message. */
static guint count_words(const Text *text)
{
    guint words = 0;
    for (guint i = 0; i < text_count(text); i++)
        words +=
            token_at(text, i)->kind == TOKEN_WORD && token_at(text, i)->section == SECTION_BODY;
    return words;
}

static void read_body(Reading *reading, const char *text)
{
    reading->body = text_new(text, strlen(text));
    sections_mark(reading->body, reading->message->from.name, reading->is_forward);
    passed_back_mark(reading, reading->body);
}

/* A message attached to one that says little is what is meant. The joined text is the one that the
 * store keeps (mail_message_words), so that places in it agree. */
static void read_forwarded(Reading *reading)
{
    const MailMessage *message = reading->message;
    if (!message->forwarded || count_words(reading->body) > FEW_WORDS)
        return;
    text_free(reading->body);
    reading->is_forward = true;
    reading->joined = mail_message_words(message);
    read_body(reading, reading->joined);
}

static void begin(Reading *reading, gint64 now)
{
    const MailMessage *message = reading->message;
    gint64 at = message->date_at == G_MININT64 ? now : message->date_at;
    reading->today = zone_day(reading->office->zone, at);
    reading->minute = zone_minute(reading->office->zone, at);
    reading->topic = TOPIC_NONE;
    subject_read(reading);
    read_body(reading, message->text ? message->text : "");
    read_forwarded(reading);
    reading->language = language_of(reading->body, reading->subject);
    reading->body->languages = reading->subject->languages = (guint8)reading->language;
    language_mark(reading->body);
}

/* Extractors of a machine's message find nothing. */
static void read_nothing(Reading *reading, Value *object)
{
    static const char *const lists[] = {"phones",      "practices",    "protocols",  "cadastral",
                                        "preferences", "participants", "attachments"};
    static const char *const texts[] = {"professional", "on_behalf_of", "address", "topic"};
    for (guint i = 0; i < G_N_ELEMENTS(lists); i++)
        value_set_list(object, lists[i]);
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        value_set(object, texts[i], value_null(reading->arena));
}

static void read_numbers(Reading *reading, Value *object)
{
    laws_take(reading->body);
    protocols_read(reading, value_set_list(object, "protocols"));
    cadastral_read(reading, value_set_list(object, "cadastral"));
    practices_read(reading, value_set_list(object, "practices"));
    address_read(reading, object);
    passed_on_mark(reading);
    phones_read(reading, object);
}

/* "20261203T090000Z": as written when it has no Z, since almost every calendar here keeps the
 * office's own time. */
static bool counter_time(const Reading *reading, Day *day, guint *minute)
{
    const char *starts = reading->message->itip.starts;
    guint year, month, date, hour, min;
    if (!starts || sscanf(starts, "%4u%2u%2uT%2u%2u", &year, &month, &date, &hour, &min) != 5 ||
        hour > 23 || min > 59)
        return false;
    char written[16];
    g_snprintf(written, sizeof written, "%04u-%02u-%02u", year % 10000, month % 100, date % 100);
    if (!day_parse(written, day))
        return false;
    *minute = hour * 60 + min;
    if (!g_str_has_suffix(starts, "Z"))
        return true;
    g_autoptr(GDateTime) utc =
        g_date_time_new_utc((gint)year, (gint)month, (gint)date, (gint)hour, (gint)min, 0);
    if (!utc)
        return false;
    *day = zone_day(reading->office->zone, g_date_time_to_unix(utc));
    *minute = zone_minute(reading->office->zone, g_date_time_to_unix(utc));
    return true;
}

/* The time that a calendar proposes instead (RFC 5546, 3.2.7). */
static void read_counter(const Reading *reading, Value *object)
{
    const char *method = reading->message->itip.method;
    Day day;
    guint minute;
    if (reading->kind != KIND_ITIP_REPLY || g_strcmp0(method, "COUNTER") != 0 ||
        !counter_time(reading, &day, &minute))
        return;
    Value *wish = value_append_object(value_set_list(object, "preferences"));
    g_autofree char *written = day_format(day);
    const char *why = opening_refuses(reading->office, day, (gint)minute, -1);
    value_set_copy(wish, "date", written);
    value_set_printf(wish, "from", "%02u:%02u", minute / 60, minute % 60);
    value_set(wish, "to", value_null(reading->arena));
    value_set_boolean(wish, "approx", FALSE);
    value_set_printf(wish, "raw", "%s %02u:%02u", written, minute / 60, minute % 60);
    value_set_text(wish, "confidence", "certain");
    value_set_text(wish, "rule", "calendar");
    value_set_boolean(wish, "inside_opening_hours", why == NULL);
    if (why)
        value_set_text(wish, "why", why);
}

/* Some wished time has hours or a part of the day. */
static bool says_hour(const Value *list)
{
    for (guint i = 0; i < value_length(list); i++)
        if (value_get_text(value_at(list, i), "from") || value_get_text(value_at(list, i), "to"))
            return true;
    return false;
}

/* A cancellation that names a new time is a move. */
static void read_wishes(Reading *reading, Value *object, Day *deadline)
{
    Value *list = value_set_list(object, "preferences");
    *deadline = G_MININT32;
    wishes_read(reading, list, deadline);
    if (reading->kind == KIND_QUESTION) {
        if (says_hour(list) && !classify_asks(reading)) {
            reading->kind = KIND_REQUEST; /* "geht Donnerstag um 10?" */
            topic_read(reading, object);
        } else {
            value_set_list(object, "preferences"); /* "siete aperti lunedì?" wishes nothing */
        }
        return;
    }
    if (reading->kind != KIND_CANCEL || value_length(list) == 0)
        return;
    if (cancel_is_final(reading)) {
        value_set_list(object, "preferences");
        return;
    }
    reading->kind = KIND_RESCHEDULE;
}

static void read_person(Reading *reading, Value *object, Day *deadline)
{
    topic_read(reading, object);
    read_numbers(reading, object);
    professional_read(reading, object);
    behalf_read(reading, object);
    read_wishes(reading, object, deadline);
    participants_read(reading, value_set_list(object, "participants"));
    attachments_read(reading, value_set_list(object, "attachments"));
    claims_read(reading, object);
}

Value *reading_read(Arena *arena, const MailMessage *message, const ReadingOffice *office,
                    gint64 now)
{
    Reading reading = {.arena = arena, .message = message, .office = office};
    Value *object = value_object(arena);
    const char *reason = NULL;
    Day deadline = G_MININT32;

    reading.kind = message->pec.kind == PEC_RECEIPT ? KIND_PEC_RECEIPT : KIND_REQUEST;
    begin(&reading, now);
    if (!reading.booking)
        reading.booking = subject_code_in_body(&reading);
    reading.kind = classify(&reading, &reason);
    transport_read(&reading, object);
    sender_read(&reading, object);
    value_set_text(object, "language", language_code(reading.language));
    value_set_text(object, "subject_clean", reading.subject_clean);
    if (kind_is_human(reading.kind))
        read_person(&reading, object, &deadline);
    else
        read_nothing(&reading, object);
    object = bounds_keep(&reading, object);
    read_counter(&reading, object);
    triage_read(&reading, object, deadline);
    value_set_text(object, "kind", kind_name(reading.kind));
    value_set(object, "reason", value_text(arena, reason));

    text_free(reading.body);
    text_free(reading.subject);
    g_free(reading.joined);
    return object;
}
