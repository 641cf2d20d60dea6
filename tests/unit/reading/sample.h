/* sample.h - messages made by hand and the office of the demo, for the tests of this folder. */
#pragma once
#include "reading/reading.h"

/* A plain message of `day` at 10:00 in Rome; texts are copied, NULL is left out. */
MailMessage *sample_message(const char *day, const char *subject, const char *text);
void sample_header(MailMessage *message, const char *name, const char *value);
/* Tuesday 9:00-12:30 and 15:00-17:30, Thursday 9:00-12:30, Italian holidays; static. */
const ReadingOffice *sample_office(void);
/* All rows of tests/data/reading (README there) as objects of the arena; the array is the caller's.
 * Needs TEST_DATA. */
GPtrArray *sample_rows(Arena *arena);
/* The message of a row. */
MailMessage *sample_row_message(const Value *row);
