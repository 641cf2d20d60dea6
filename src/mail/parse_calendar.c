/* parse_calendar.c - an answer to an invitation (iTIP, RFC 5546) out of a calendar object.
 *
 * Only a calendar with a method speaks to us; others are documents.
 */
#include "mail/parse_internal.h"

#include <libical/ical.h>
#include <string.h>

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

static void read_attendee(icalcomponent *event, MailItip *itip)
{
    icalproperty *attendee = icalcomponent_get_first_property(event, ICAL_ATTENDEE_PROPERTY);
    if (!attendee)
        return;
    g_autofree char *address = parse_clean_line(icalproperty_get_attendee(attendee));
    if (address) {
        bool uri = g_ascii_strncasecmp(address, "mailto:", 7) == 0;
        itip->attendee = parse_message_id(uri ? address + 7 : address);
    }
    icalparameter *answer = icalproperty_get_first_parameter(attendee, ICAL_PARTSTAT_PARAMETER);
    if (answer)
        itip->partstat =
            upper(icalparameter_enum_to_string((int)icalparameter_get_partstat(answer)));
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
        read_attendee(event, itip);
    }
    icalcomponent_free(calendar);
}
