/* test-invitation.c - the calendar part, read back by libical as calendar programs would. */
#include "mail/invitation.h"

#include <libical/ical.h>
#include <string.h>

static gint64 at(const char *rfc3339)
{
    gint64 instant = 0;
    if (!instant_parse_rfc3339(rfc3339, &instant))
        g_error("no instant: %s", rfc3339);
    return instant;
}

static Invitation example(void)
{
    return (Invitation){
        .method = INVITATION_REQUEST,
        .uid = "a1@comune.esempio.example",
        .sequence = 0,
        .stamp_at = at("2026-11-20T09:00:05Z"),
        .starts_at = at("2026-11-24T10:00:00+01:00"),
        .ends_at = at("2026-11-24T10:20:00+01:00"),
        .zone = zone_find("Europe/Rome"),
        .organizer_name = "Edilizia privata - Comune di Esempio",
        .organizer = "appuntamentiedilizia@comune.esempio.example",
        .attendee_name = "Luca Zanolli",
        .attendee = "luca.zanolli@studio.example",
        .summary = "Videochiamata: Edilizia privata",
        .description = "Si collega da qui.\nhttps://sportello.example/sala/ABC",
        .location = "Videochiamata",
        .url = "https://sportello.example/sala/0123456789ABCDEFGHJKMNPQRS",
        .alarm_min = 15,
    };
}

/* Parsed by libical; fails the test when it finds anything but CONFERENCE (RFC 7986) unknown. */
static icalcomponent *read_back(const Invitation *invitation)
{
    g_autofree char *text = invitation_write(invitation);
    icalcomponent *calendar = icalparser_parse_string(text);
    g_assert_nonnull(calendar);
    icalcomponent *event = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT);
    g_assert_nonnull(event);
    for (icalproperty *wrong = icalcomponent_get_first_property(event, ICAL_XLICERROR_PROPERTY);
         wrong; wrong = icalcomponent_get_next_property(event, ICAL_XLICERROR_PROPERTY))
        g_assert_nonnull(strstr(icalproperty_get_xlicerror(wrong), "CONFERENCE"));
    return calendar;
}

static icalcomponent *event_of(icalcomponent *calendar)
{
    return icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT);
}

static const char *parameter_of(icalcomponent *event, icalproperty_kind kind, const char *name)
{
    return icalproperty_get_parameter_as_string(icalcomponent_get_first_property(event, kind),
                                                name);
}

static void is_byte_for_byte_the_message_that_was_agreed(void)
{
    static const char *const expected =
        "BEGIN:VCALENDAR\r\n"
        "PRODID:-//Sportello//Sportello//IT\r\n"
        "VERSION:2.0\r\n"
        "CALSCALE:GREGORIAN\r\n"
        "METHOD:REQUEST\r\n"
        "BEGIN:VTIMEZONE\r\n"
        "TZID:Europe/Rome\r\n"
        "BEGIN:DAYLIGHT\r\n"
        "DTSTART:19700329T020000\r\n"
        "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\n"
        "TZOFFSETFROM:+0100\r\n"
        "TZOFFSETTO:+0200\r\n"
        "TZNAME:CEST\r\n"
        "END:DAYLIGHT\r\n"
        "BEGIN:STANDARD\r\n"
        "DTSTART:19701025T030000\r\n"
        "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\n"
        "TZOFFSETFROM:+0200\r\n"
        "TZOFFSETTO:+0100\r\n"
        "TZNAME:CET\r\n"
        "END:STANDARD\r\n"
        "END:VTIMEZONE\r\n"
        "BEGIN:VEVENT\r\n"
        "UID:a1@comune.esempio.example\r\n"
        "DTSTAMP:20261120T090005Z\r\n"
        "SEQUENCE:0\r\n"
        "DTSTART;TZID=Europe/Rome:20261124T100000\r\n"
        "DTEND;TZID=Europe/Rome:20261124T102000\r\n"
        "SUMMARY;LANGUAGE=it:Videochiamata: Edilizia privata\r\n"
        "DESCRIPTION;LANGUAGE=it:Si collega da qui.\\nhttps://sportello.example/sala/\r\n"
        " ABC\r\n"
        "LOCATION;LANGUAGE=it:Videochiamata\r\n"
        "URL:https://sportello.example/sala/0123456789ABCDEFGHJKMNPQRS\r\n"
        "CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO:https://sportello.example/sala/012\r\n"
        " 3456789ABCDEFGHJKMNPQRS\r\n"
        "STATUS:CONFIRMED\r\n"
        "TRANSP:OPAQUE\r\n"
        "ORGANIZER;CN=\"Edilizia privata - Comune di Esempio\":mailto:appuntamentiedil\r\n"
        " izia@comune.esempio.example\r\n"
        "ATTENDEE;CN=\"Luca Zanolli\";CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=\r\n"
        " NEEDS-ACTION;RSVP=TRUE:mailto:luca.zanolli@studio.example\r\n"
        "BEGIN:VALARM\r\n"
        "ACTION:DISPLAY\r\n"
        "DESCRIPTION:Videochiamata: Edilizia privata\r\n"
        "TRIGGER:-PT15M\r\n"
        "END:VALARM\r\n"
        "END:VEVENT\r\n"
        "END:VCALENDAR\r\n";
    Invitation invitation = example();
    g_autofree char *text = invitation_write(&invitation);
    g_assert_cmpstr(text, ==, expected);
}

static void libical_reads_the_same_appointment(void)
{
    Invitation invitation = example();
    invitation.sequence = 3;
    icalcomponent *calendar = read_back(&invitation);
    icalcomponent *event = event_of(calendar);
    g_assert_cmpint(icalcomponent_get_method(calendar), ==, ICAL_METHOD_REQUEST);
    g_assert_cmpstr(icalcomponent_get_uid(event), ==, invitation.uid);
    g_assert_cmpint(icalcomponent_get_sequence(event), ==, 3);
    g_assert_cmpint(icalcomponent_get_status(event), ==, ICAL_STATUS_CONFIRMED);
    g_assert_cmpstr(icalcomponent_get_summary(event), ==, invitation.summary);
    g_assert_cmpstr(icalcomponent_get_description(event), ==, invitation.description);
    g_assert_cmpint((gint64)icaltime_as_timet(icalcomponent_get_dtstamp(event)), ==,
                    invitation.stamp_at);
    g_assert_cmpstr(icalproperty_get_organizer(
                        icalcomponent_get_first_property(event, ICAL_ORGANIZER_PROPERTY)),
                    ==, "mailto:appuntamentiedilizia@comune.esempio.example");
    icalproperty *attendee = icalcomponent_get_first_property(event, ICAL_ATTENDEE_PROPERTY);
    g_assert_cmpstr(icalproperty_get_attendee(attendee), ==, "mailto:luca.zanolli@studio.example");
    g_assert_cmpstr(parameter_of(event, ICAL_ATTENDEE_PROPERTY, "RSVP"), ==, "TRUE");
    g_assert_cmpstr(parameter_of(event, ICAL_ATTENDEE_PROPERTY, "CN"), ==, "Luca Zanolli");
    g_assert_nonnull(icalcomponent_get_first_component(event, ICAL_VALARM_COMPONENT));
    icalcomponent_free(calendar);
}

/* The instant as the VTIMEZONE of the message itself gives it, not as libical's own data do. */
static gint64 instant_by_message(icalcomponent *calendar, icalproperty_kind kind)
{
    icalcomponent *zone_part =
        icalcomponent_get_first_component(calendar, ICAL_VTIMEZONE_COMPONENT);
    icaltimezone *zone = icaltimezone_new();
    g_assert_true(icaltimezone_set_component(zone, icalcomponent_new_clone(zone_part)));
    icalproperty *property = icalcomponent_get_first_property(event_of(calendar), kind);
    struct icaltimetype time = kind == ICAL_DTSTART_PROPERTY ? icalproperty_get_dtstart(property)
                                                             : icalproperty_get_dtend(property);
    gint64 instant = (gint64)icaltime_as_timet_with_zone(time, zone);
    icaltimezone_free(zone, 1);
    return instant;
}

static void every_zone_gives_the_instant_back(void)
{
    static const char *const zones[] = {
        "Europe/Rome",       "America/New_York", "Australia/Sydney", "Asia/Tokyo",
        "Africa/Casablanca", "Atlantic/Azores",  "Asia/Kolkata",     "America/Santiago",
        "Europe/London",     "Europe/Dublin",    "Asia/Jerusalem",   "UTC",
    };
    static const char *const instants[] = {
        "2026-01-13T09:00:00Z", "2026-03-24T08:00:00Z", "2026-03-31T07:00:00Z",
        "2026-07-14T07:00:00Z", "2026-10-20T07:00:00Z", "2026-10-27T08:00:00Z",
        "2027-02-23T08:00:00Z", "2030-06-04T07:00:00Z",
    };
    for (gsize z = 0; z < G_N_ELEMENTS(zones); z++)
        for (gsize i = 0; i < G_N_ELEMENTS(instants); i++) {
            Invitation invitation = example();
            invitation.zone = zone_find(zones[z]);
            invitation.starts_at = at(instants[i]);
            invitation.ends_at = invitation.starts_at + 1200;
            icalcomponent *calendar = read_back(&invitation);
            g_test_message("%s %s", zones[z], instants[i]);
            g_assert_cmpint(instant_by_message(calendar, ICAL_DTSTART_PROPERTY), ==,
                            invitation.starts_at);
            g_assert_cmpint(instant_by_message(calendar, ICAL_DTEND_PROPERTY), ==,
                            invitation.ends_at);
            icalcomponent_free(calendar);
        }
}

static void rules_of_other_zones_are_found(void)
{
    static const struct {
        const char *zone, *rule;
    } cases[] = {
        {"America/New_York",
         "DTSTART:19700308T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\r\n"},
        {"America/New_York",
         "DTSTART:19701101T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\r\n"},
        {"Australia/Sydney", "BYMONTH=4;BYDAY=1SU\r\nTZOFFSETFROM:+1100\r\nTZOFFSETTO:+1000"},
        {"Asia/Tokyo", "DTSTART:19700101T000000\r\nTZOFFSETFROM:+0900\r\nTZOFFSETTO:+0900"},
        {"Asia/Kolkata", "TZOFFSETTO:+0530"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        Invitation invitation = example();
        invitation.zone = zone_find(cases[i].zone);
        g_autofree char *text = invitation_write(&invitation);
        if (!strstr(text, cases[i].rule))
            g_error("%s lacks %s:\n%s", cases[i].zone, cases[i].rule, text);
    }
}

static void a_cancellation_asks_for_nothing(void)
{
    Invitation invitation = example();
    invitation.method = INVITATION_CANCEL;
    invitation.sequence = 1;
    icalcomponent *calendar = read_back(&invitation);
    icalcomponent *event = event_of(calendar);
    g_assert_cmpint(icalcomponent_get_method(calendar), ==, ICAL_METHOD_CANCEL);
    g_assert_cmpint(icalcomponent_get_status(event), ==, ICAL_STATUS_CANCELLED);
    g_assert_cmpint(icalcomponent_get_sequence(event), ==, 1);
    g_assert_cmpstr(icalcomponent_get_uid(event), ==, invitation.uid);
    g_assert_null(icalcomponent_get_first_component(event, ICAL_VALARM_COMPONENT));
    g_assert_null(parameter_of(event, ICAL_ATTENDEE_PROPERTY, "RSVP"));
    icalcomponent_free(calendar);
}

static void words_of_people_stay_within_their_property(void)
{
    Invitation invitation = example();
    invitation.summary = "a;b,c\\d\r\nMETHOD:CANCEL";
    invitation.description = "prima\nseconda\x01";
    invitation.attendee_name = "O\"Hara; \r\nATTENDEE:mailto:x@y.example";
    invitation.attendee = "o'hara+50%#1@y.example";
    invitation.uid = "u\r\nSEQUENCE:9";
    icalcomponent *calendar = read_back(&invitation);
    icalcomponent *event = event_of(calendar);
    g_assert_cmpint(icalcomponent_get_method(calendar), ==, ICAL_METHOD_REQUEST);
    g_assert_cmpint(icalcomponent_get_sequence(event), ==, 0);
    g_assert_cmpint(icalcomponent_count_properties(event, ICAL_ATTENDEE_PROPERTY), ==, 1);
    g_assert_cmpstr(icalcomponent_get_summary(event), ==, "a;b,c\\d\nMETHOD:CANCEL");
    g_assert_cmpstr(icalcomponent_get_description(event), ==, "prima\nseconda");
    g_assert_cmpstr(
        icalproperty_get_attendee(icalcomponent_get_first_property(event, ICAL_ATTENDEE_PROPERTY)),
        ==, "mailto:o'hara+50%25%231@y.example");
    icalcomponent_free(calendar);
}

static void folds_between_characters(void)
{
    Invitation invitation = example();
    g_autoptr(GString) words = g_string_new(NULL);
    for (guint i = 0; i < 60; i++)
        g_string_append(words, i % 2 ? "è€" : "a😀");
    invitation.summary = words->str;
    g_autofree char *text = invitation_write(&invitation);
    g_auto(GStrv) lines = g_strsplit(text, "\r\n", -1);
    for (guint i = 0; lines[i]; i++) {
        g_assert_true(g_utf8_validate(lines[i], -1, NULL));
        g_assert_cmpuint(strlen(lines[i]), <=, 75);
        g_assert_null(strpbrk(lines[i], "\r\n"));
    }
    icalcomponent *calendar = read_back(&invitation);
    g_assert_cmpstr(icalcomponent_get_summary(event_of(calendar)), ==, words->str);
    icalcomponent_free(calendar);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/mail/invitation/" #name, name)
    ADD(is_byte_for_byte_the_message_that_was_agreed);
    ADD(libical_reads_the_same_appointment);
    ADD(every_zone_gives_the_instant_back);
    ADD(rules_of_other_zones_are_found);
    ADD(a_cancellation_asks_for_nothing);
    ADD(words_of_people_stay_within_their_property);
    ADD(folds_between_characters);
    return g_test_run();
}
