/* invitation_zone.h - a zone as iCalendar describes it (RFC 5545, 3.6.5). */
#pragma once
#include "base/when.h"

/* Appends the VTIMEZONE of `zone`, right for the years around `at`. Zones whose clock changes by
 * one rule a year get two plain yearly rules; others (no change, or dates set by decree) get what
 * happens around `at`. Lines end in CRLF and need no folding. */
void invitation_append_zone(GString *out, const Zone *zone, gint64 at);
