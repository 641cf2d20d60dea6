/* opening.h - wishes against the hours of the office. */
#pragma once
#include "reading/reading.h"

#include "reading/lexicon.h"

/* Hours of a part of the day: the office's own on that weekday, else on any, else usual ones.
 * `weekday` 0: any. */
void opening_part(const ReadingOffice *office, DayPart part, gint weekday, gint *from_minute,
                  gint *until_minute);

/* NULL when the office receives on that day at that time (minutes -1: open), else why not: the key
 * of a holiday or closure, "weekday" or "hours". */
const char *opening_refuses(const ReadingOffice *office, Day day, gint from_minute,
                            gint until_minute);
