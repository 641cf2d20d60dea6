/* invitation.c - see invitation.h. Content lines are written here with their escaping and folding;
 * the zone is in invitation_zone.c.
 */
#include "mail/invitation.h"
#include "mail/invitation_zone.h"

#include <string.h>

#define FOLD_OCTETS 75 /* RFC 5545, 3.1 */
#define PRODUCT "-//Sportello//Sportello//IT"

/* A content line, folded between characters, never within one. */
static void append_line(GString *out, const char *line)
{
    gsize column = 0;
    for (const char *at = line; *at != '\0';) {
        const char *next = g_utf8_next_char(at);
        gsize length = (gsize)(next - at);
        if (column + length > FOLD_OCTETS) {
            g_string_append(out, "\r\n ");
            column = 1;
        }
        g_string_append_len(out, at, (gssize)length);
        column += length;
        at = next;
    }
    g_string_append(out, "\r\n");
}

/* A value that is no TEXT: ours, but a line end in it would be a line of its own. */
static void append_plain(GString *out, const char *name, const char *value)
{
    g_autofree char *valid = g_utf8_make_valid(value, -1);
    for (char *c = valid; *c != '\0'; c++)
        if (g_ascii_iscntrl(*c))
            *c = ' ';
    g_autofree char *line = g_strconcat(name, ":", valid, NULL);
    append_line(out, line);
}

/* TEXT (RFC 5545, 3.3.11). */
static char *escape_text(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    GString *escaped = g_string_sized_new(strlen(valid) + 16);
    for (const char *c = valid; *c != '\0'; c++) {
        if (*c == '\n')
            g_string_append(escaped, "\\n");
        else if (strchr("\\;,", *c))
            g_string_append_printf(escaped, "\\%c", *c);
        else if (!g_ascii_iscntrl(*c))
            g_string_append_c(escaped, *c);
        else if (*c == '\t')
            g_string_append_c(escaped, ' ');
    }
    return g_string_free(escaped, FALSE);
}

/* A quoted parameter value, which can hold neither quotes nor controls (RFC 5545, 3.2). */
static char *quote_parameter(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    for (char *c = valid; *c != '\0'; c++)
        if (*c == '"')
            *c = '\'';
        else if (g_ascii_iscntrl(*c))
            *c = ' ';
    return g_strdup_printf("\"%s\"", valid);
}

static void append_text(GString *out, const char *name, const char *language, const char *text)
{
    if (!text)
        return;
    g_autofree char *escaped = escape_text(text);
    g_autofree char *line = language ? g_strdup_printf("%s;LANGUAGE=%s:%s", name, language, escaped)
                                     : g_strconcat(name, ":", escaped, NULL);
    append_line(out, line);
}

static void append_person(GString *out, const char *property, const char *name,
                          const char *parameters, const char *address)
{
    /* RFC 6068: what the address may hold and a URI may not is written in percent. */
    g_autofree char *escaped = g_uri_escape_string(address, "@!$'*+", FALSE);
    g_autoptr(GString) line = g_string_new(property);
    if (name) {
        g_autofree char *quoted = quote_parameter(name);
        g_string_append_printf(line, ";CN=%s", quoted);
    }
    g_string_append_printf(line, "%s:mailto:%s", parameters, escaped);
    append_line(out, line->str);
}

static void append_instant(GString *out, const char *name, gint64 at)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(at);
    g_autofree char *value = g_date_time_format(time, "%Y%m%dT%H%M%SZ");
    append_plain(out, name, value);
}

/* The wall clock that was promised, which the instant follows (RFC 5545, 3.3.5, form 3). */
static void append_wall(GString *out, const char *name, const Zone *zone, gint64 at)
{
    gint year, month, day;
    day_to_date(zone_day(zone, at), &year, &month, &day);
    guint minute = zone_minute(zone, at);
    g_autofree char *line =
        g_strdup_printf("%s;TZID=%s:%04d%02d%02dT%02u%02u00", name, zone_name(zone), year, month,
                        day, minute / 60, minute % 60);
    append_line(out, line);
}

static void append_alarm(GString *out, const Invitation *invitation)
{
    if (invitation->alarm_min == 0 || invitation->method == INVITATION_CANCEL)
        return;
    append_line(out, "BEGIN:VALARM");
    append_line(out, "ACTION:DISPLAY");
    append_text(out, "DESCRIPTION", NULL, invitation->summary);
    g_autofree char *trigger = g_strdup_printf("TRIGGER:-PT%uM", invitation->alarm_min);
    append_line(out, trigger);
    append_line(out, "END:VALARM");
}

static void append_event(GString *out, const Invitation *invitation)
{
    const char *language = invitation->language ? invitation->language : "it";
    bool cancelled = invitation->method == INVITATION_CANCEL;

    append_line(out, "BEGIN:VEVENT");
    append_plain(out, "UID", invitation->uid);
    append_instant(out, "DTSTAMP", invitation->stamp_at);
    g_autofree char *sequence = g_strdup_printf("SEQUENCE:%d", invitation->sequence);
    append_line(out, sequence);
    append_wall(out, "DTSTART", invitation->zone, invitation->starts_at);
    append_wall(out, "DTEND", invitation->zone, invitation->ends_at);
    append_text(out, "SUMMARY", language, invitation->summary);
    append_text(out, "DESCRIPTION", language, invitation->description);
    append_text(out, "LOCATION", language, invitation->location);
    if (invitation->url) {
        append_plain(out, "URL", invitation->url);
        append_plain(out, "CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO", invitation->url);
    }
    append_line(out, cancelled ? "STATUS:CANCELLED" : "STATUS:CONFIRMED");
    append_line(out, cancelled ? "TRANSP:TRANSPARENT" : "TRANSP:OPAQUE");
    append_person(out, "ORGANIZER", invitation->organizer_name, "", invitation->organizer);
    append_person(out, "ATTENDEE", invitation->attendee_name,
                  cancelled
                      ? ";CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT"
                      : ";CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE",
                  invitation->attendee);
    append_alarm(out, invitation);
    append_line(out, "END:VEVENT");
}

const char *invitation_method_name(InvitationMethod method)
{
    return method == INVITATION_CANCEL ? "CANCEL" : "REQUEST";
}

char *invitation_write(const Invitation *invitation)
{
    GString *out = g_string_sized_new(2048);
    append_line(out, "BEGIN:VCALENDAR");
    append_line(out, "PRODID:" PRODUCT);
    append_line(out, "VERSION:2.0");
    append_line(out, "CALSCALE:GREGORIAN");
    append_plain(out, "METHOD", invitation_method_name(invitation->method));
    invitation_append_zone(out, invitation->zone, invitation->starts_at);
    append_event(out, invitation);
    append_line(out, "END:VCALENDAR");
    return g_string_free(out, FALSE);
}
