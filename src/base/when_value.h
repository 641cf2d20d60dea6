/* when_value.h - a moment as people read it, in the words of a language.
 *
 * Names of days and months and the order of the words come from the catalogues (texts.h).
 */
#pragma once
#include "base/value.h"
#include "base/when.h"

/* Sets object.key, in the zone's wall clock:
 *   at          Unix seconds
 *   iso         "2026-11-24T10:00:00+01:00", for <time datetime>
 *   date        "2026-11-24"
 *   weekday     "martedì"
 *   day         24
 *   month       "novembre"
 *   month_number 11
 *   year        2026
 *   time        "10:00", in German "10.00"
 *   day_long    "martedì 24 novembre"
 *   date_long   "martedì 24 novembre 2026"
 *   short       "mar 24/11"
 * `zone` and `language` are borrowed for the call; `language` NULL is Italian. */
void when_value(Value *object, const char *key, gint64 at, const Zone *zone, const char *language);

/* The words alone, for who needs no object; copied into the arena. */
const char *when_day_long(Arena *arena, Day day, const char *language); /* "martedì 24 novembre" */
const char *when_day_short(Arena *arena, Day day, const char *language); /* "mar 24/11" */
const char *when_date(Arena *arena, Day day);                            /* "2026-11-24" */
const char *when_time(Arena *arena, guint minute, const char *language); /* "10:00" */
