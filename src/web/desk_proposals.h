/* desk_proposals.h - what was read in a request, with what officers said of it. Pure.
 *
 * The numbers that the page shows are the places in this list, from 1.
 */
#pragma once
#include "reading/proposals.h"
#include "store/verdict.h"

#define DESK_PROPOSALS_MOST 200 /* of one message; what a hostile one has more is not shown */

typedef struct {
    ReadingProposal read;
    const char *confidence; /* "certain", "likely", "ambiguous"; "likely" when nothing is known */
    VerdictAnswer answer;
    guint choice; /* several readings of the same words: number of the first, 0: it is the only one
                   */
} DeskProposal;

/* DeskProposal in the order of the text, readings of the same words beside each other; owned by the
 * caller, texts by the arena and the verdicts. Both may be NULL. */
GArray *desk_proposals(Arena *arena, const Value *reading, const GPtrArray *verdicts);
/* The number of the one with this kind and value, 0: none. */
guint desk_proposals_find(const GArray *proposals, const char *kind, const char *value);
const DeskProposal *desk_proposals_at(const GArray *proposals, guint number);
/* When one of a choice is right, is the other wrong? Readings that differ in the day exclude each
 * other; those of one day ("alle 5") do too when the choice is between hours alone. */
bool desk_proposals_exclude(const GArray *proposals, guint number, guint other);
/* Certain, and nobody has said anything. */
bool desk_proposal_is_certain_and_open(const DeskProposal *proposal);

/* What follows from an answer for a request (its practice) or a person (phone, title): the value
 * that holds now.
 *
 * kind     "practice", "phone" or "title"; practices count when they have a number
 * current  what holds so far, NULL: nothing
 * said     the value an officer has just answered about, NULL: all that are certain
 * Confirmed, it is the value. One that is rejected gives way to the next confirmed, else to the
 * next that is not rejected, NULL when there is none. Whatever was not read (an officer typed it)
 * stays until another is confirmed. */
const char *desk_proposals_settle(const GArray *proposals, const char *kind, const char *current,
                                  const char *said, VerdictAnswer answer);

/* The wishes that count, as `preferences` of a reading: without the rejected ones, the confirmed
 * first and with `confirmed` set; NULL when there are none. Its elements are those of the reading.
 */
const Value *desk_preferences(const GArray *proposals, Arena *arena);
