/* property.h - what holds for every reading, whatever the message; shared by the tests of this
 * folder and the fuzz target.
 */
#pragma once
#include "reading/reading.h"

/* NULL when all holds, else what does not, owned by the caller:
 * - each object with start and end lies inside the text that its source names, on borders of
 *   characters, and raw is those bytes; source, confidence and rule are known words;
 * - days and times exist, a range does not end before it begins, lists are bounded;
 * - the JSON is valid UTF-8 and parses to the same JSON;
 * - proposals are in order, each once, on one line that is not empty;
 * - the message of a machine proposes nothing. */
char *property_broken(const MailMessage *message, const Value *reading);

/* What was read without where: JSON of `value` without start, end and words quoted. Owned by the
 * caller. */
char *property_values(const Value *value);

/* A number added to every start and end of a text (not of the subject), in place of what `value`
 * has: JSON owned by the caller, to compare readings of a text with other words before it. */
char *property_shifted(const Value *value, gint64 by);
