/* digest.h - when an officer's digest is due. Pure. */
#pragma once
#include "base/when.h"

#define DIGEST_FROM_MINUTE (8 * 60)
/* Who switches it on in the afternoon, or a server that was down all morning: tomorrow's is next.
 */
#define DIGEST_UNTIL_MINUTE (12 * 60)

/* True on a working day (neither Saturday, Sunday nor holiday; `patron_month` 0: no patron) in the
 * morning of the zone, when the latest one was not sent that day. `sent_on` is "2026-11-24", "" or
 * NULL: never. */
bool digest_due(gint64 now, const Zone *zone, gint patron_month, gint patron_day,
                const char *sent_on);
