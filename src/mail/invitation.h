/* invitation.h - the calendar part of a letter: iCalendar (RFC 5545) as an iTIP message (RFC 5546).
 *
 * One appointment is one UID for ever; its SEQUENCE rises with every move, cancellation and
 * restoration. Pure: the stamp is a parameter.
 */
#pragma once
#include "base/when.h"

typedef enum { INVITATION_REQUEST, INVITATION_CANCEL } InvitationMethod;

/* All texts borrowed, UTF-8; line ends inside `description` are "\n". */
typedef struct Invitation {
    InvitationMethod method;
    const char *uid;
    gint sequence;
    gint64 stamp_at;            /* DTSTAMP, Unix seconds */
    gint64 starts_at, ends_at;  /* Unix seconds */
    const Zone *zone;           /* the wall clock that was promised */
    const char *organizer_name; /* NULL: none */
    const char *organizer;      /* address, the From of the letter */
    const char *attendee_name;  /* NULL: none */
    const char *attendee;       /* address */
    const char *summary;
    const char *description; /* NULL: none */
    const char *location;    /* NULL: none */
    const char *url;         /* of the room; also CONFERENCE (RFC 7986). NULL: none */
    const char *language;    /* of the texts, NULL: it */
    guint alarm_min;         /* minutes before the start, 0: none; never in a CANCEL */
} Invitation;

/* The calendar object, folded, CRLF; owned by the caller. */
char *invitation_write(const Invitation *invitation);
const char *invitation_method_name(InvitationMethod method); /* "REQUEST", "CANCEL" */
