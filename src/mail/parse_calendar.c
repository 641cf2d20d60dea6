/* parse_calendar.c - an answer to an invitation (iTIP, RFC 5546) out of a calendar object.
 *
 * Only a calendar with a method speaks to us; others are documents.
 */
#include "mail/parse_internal.h"

#include <libical/ical.h>
#include <string.h>

#define ATTENDEES_MOST 200

static char *upper(const char *word)
{
    g_autofree char *line = parse_clean_line(word);
    return line ? g_ascii_strup(line, -1) : NULL;
}

static char *method_of(icalcomponent *calendar, const char *declared)
{
    icalproperty *method = icalcomponent_get_first_property(calendar, ICAL_METHOD_PROPERTY);
    return upper(method ? icalproperty_get_value_as_string(method) : declared);
}

static icalcomponent *event_of(icalcomponent *calendar)
{
    static const icalcomponent_kind kinds[] = {ICAL_VEVENT_COMPONENT, ICAL_VTODO_COMPONENT};
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        icalcomponent *event = icalcomponent_get_first_component(calendar, kinds[i]);
        if (event)
            return event;
    }
    return NULL;
}

static char *address_of(icalproperty *attendee)
{
    g_autofree char *address = parse_clean_line(icalproperty_get_attendee(attendee));
    if (!address)
        return NULL;
    bool uri = g_ascii_strncasecmp(address, "mailto:", 7) == 0;
    return parse_message_id(uri ? address + 7 : address);
}

/* An answer names one attendee (RFC 5546, 3.2.3). Of several, as some programs send the whole list
 * back, the sender is meant; else the first. */
static void read_attendee(icalcomponent *event, const char *sender, MailItip *itip)
{
    icalproperty *chosen = icalcomponent_get_first_property(event, ICAL_ATTENDEE_PROPERTY);
    guint n = 0;
    for (icalproperty *one = chosen; one && n < ATTENDEES_MOST;
         one = icalcomponent_get_next_property(event, ICAL_ATTENDEE_PROPERTY), n++) {
        g_autofree char *address = address_of(one);
        if (!address || !sender || g_ascii_strcasecmp(address, sender) != 0)
            continue;
        chosen = one;
        break;
    }
    if (!chosen)
        return;
    itip->attendee = address_of(chosen);
    icalparameter *answer = icalproperty_get_first_parameter(chosen, ICAL_PARTSTAT_PARAMETER);
    if (answer)
        itip->partstat =
            upper(icalparameter_enum_to_string((int)icalparameter_get_partstat(answer)));
}

/* As written: to resolve a zone libical would look for files. */
static char *start_of(icalcomponent *event)
{
    icalproperty *start = icalcomponent_get_first_property(event, ICAL_DTSTART_PROPERTY);
    return start ? parse_clean_line(icalproperty_get_value_as_string(start)) : NULL;
}

void parse_calendar(const char *calendar_text, const char *declared, MailMessage *message)
{
    if (message->itip.present)
        return; /* the same answer once more, as an attachment */
    icalerror_set_errors_are_fatal(false);
    icalcomponent *calendar = icalparser_parse_string(calendar_text);
    if (!calendar) {
        message->malformed = TRUE;
        return;
    }
    MailItip *itip = &message->itip;
    g_autofree char *method = method_of(calendar, declared);
    icalcomponent *event = event_of(calendar);
    if (method && event) {
        itip->present = TRUE;
        itip->method = g_steal_pointer(&method);
        itip->uid = parse_clean_line(icalcomponent_get_uid(event));
        itip->sequence = icalcomponent_get_sequence(event);
        itip->starts = start_of(event);
        read_attendee(event, message->from.email, itip);
    }
    icalcomponent_free(calendar);
}
