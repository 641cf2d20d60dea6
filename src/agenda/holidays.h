/* holidays.h - the public holidays of Italy, computed.
 *
 * Law 260/1949 as changed by laws 54/1977, 336/2000 and 151/2025 (4 October from 2026), plus the
 * patron saint's day of a municipality.
 */
#pragma once
#include "base/when.h"

Day holidays_easter(gint year); /* Gregorian, 1583-9999 */

/* The key of the holiday ("christmas", "easter_monday", "patron", ...), static; NULL on an ordinary
 * day. `patron_month` 0: none. */
const char *holidays_on(Day day, gint patron_month, gint patron_day);
