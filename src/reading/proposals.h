/* proposals.h - all that was read in a message, as one list an officer can go through.
 *
 * The reading (reading.h) keeps each kind of thing under a key of its own; here they stand beside
 * each other in the order of the text, each with one line that names its value. Pure.
 */
#pragma once
#include "base/value.h"

typedef struct {
    /* "sender" "title" "role" "on_behalf_of" "phone" "practice" "protocol" "cadastral" "address"
     * "topic" "participant" "wish" "urgent" "attachments" (said to be attached, but missing) */
    const char *kind;
    /* on one line and never empty, the same whenever the same is read: verdicts are kept by it */
    const char *value;
    /* raw, confidence, rule, source ("text", "subject", "header"), start and end (bytes of the text
     * or the subject; absent for "header"); NULL when nothing is known of where it came from */
    const Value *span;
    const Value *object; /* the element of the reading, NULL where that is a plain text */
} ReadingProposal;

/* Array of ReadingProposal owned by the caller, texts by the arena: those of the header first, then
 * those of the subject, then those of the text by place; of equal kind and value only the first.
 * `reading` NULL, or that of a machine's message (but a calendar's answer): none. */
GArray *reading_proposals(Arena *arena, const Value *reading);
