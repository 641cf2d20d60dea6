/* letter_header.h - header fields of a message that nobody's words can break (RFC 5322, 2047).
 *
 * Every value is cleaned or checked here: a control character in somebody's name or subject never
 * becomes a line of the header.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>

/* "Name: value" for a value made by us: printable ASCII, folded by the caller. */
void header_append(GString *out, const char *name, const char *value);
/* Words of people: cleaned, encoded words where they are not plain ASCII, lines of at most 76. */
void header_append_text(GString *out, const char *name, const char *text);
/* `display` may be NULL; the address must be one (header_is_address). */
void header_append_mailbox(GString *out, const char *name, const char *display,
                           const char *address);
/* Message identifiers without angle brackets (char *), one a line; nothing when there are none. */
void header_append_identifiers(GString *out, const char *name, const GPtrArray *identifiers);

/* One line: control characters, line separators and marks that turn the direction of text become
 * spaces, runs of space one. Valid UTF-8, owned by the caller. */
char *header_clean(const char *text);
/* A dot-atom and a domain in ASCII: what any relay takes without SMTPUTF8. */
bool header_is_address(const char *address);
/* What may stand between the angle brackets of a Message-ID. */
bool header_is_identifier(const char *identifier);
