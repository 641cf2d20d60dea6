/* reading.c - the order in which a message is read.
 *
 * What it is comes first; then numbers that belong to streets, laws, protocols, practices, land and
 * telephones are taken out of the way; what is left may be a time.
 */
#include "reading/internal.h"

#include <string.h>

static void begin(Reading *reading, gint64 now)
{
    const MailMessage *message = reading->message;
    gint64 at = message->date_at == G_MININT64 ? now : message->date_at;
    reading->today = zone_day(reading->office->zone, at);
    reading->minute = zone_minute(reading->office->zone, at);
    reading->topic = TOPIC_NONE;
    subject_read(reading);
    const char *text = message->text ? message->text : "";
    reading->body = text_new(text, strlen(text));
    sections_mark(reading->body, message->from.name, reading->is_forward);
    reading->language = language_of(reading->body, reading->subject);
    reading->body->languages = reading->subject->languages = (guint8)reading->language;
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
    phones_read(reading, object);
}

/* A cancellation that names a new time is a move. */
static void read_wishes(Reading *reading, Value *object, Day *deadline)
{
    Value *list = value_set_list(object, "preferences");
    *deadline = G_MININT32;
    wishes_read(reading, list, deadline);
    if (reading->kind == KIND_QUESTION) {
        value_set_list(object, "preferences"); /* "siete aperti lunedì?" wishes nothing */
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
    triage_read(&reading, object, deadline);
    value_set_text(object, "kind", kind_name(reading.kind));
    value_set(object, "reason", value_text(arena, reason));

    text_free(reading.body);
    text_free(reading.subject);
    return object;
}
