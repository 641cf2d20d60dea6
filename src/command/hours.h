/* hours.h - opening hours as a technician types them: "tue 9:00-12:30 15:00-17:30, thu 9:00-12:30".
 *
 * Days in English or Italian, three letters or whole (tue, tuesday, mar, martedi). Minutes are
 * multiples of five.
 */
#pragma once
#include "store/office.h"

/* OfficeOpening, without limits of validity; NULL and an error in words. */
GArray *hours_parse(const char *text, gint counters, GError **error);
char *hours_format(const GArray *openings); /* owned by the caller */
