/* officer_letter.h - letters to officers: the morning's digest and urgent notes.
 *
 * They belong to no request: they stand in no thread, on no page of a citizen, and a letter that
 * fails to reach an officer counts nowhere as undelivered. Links lead to the desk, where the
 * officer logs in. Pure but for random identifiers.
 */
#pragma once
#include "mail/correspondence.h"
#include "store/notice.h"
#include "store/officer.h"

/* All borrowed. */
typedef struct {
    const Office *office; /* whose address it leaves from */
    const Officer *officer;
    gint64 now;        /* the office's now */
    gint64 system_now; /* it leaves at once */
} OfficerPost;

/* What one office has for the day; borrowed. */
typedef struct {
    const Office *office;
    const GPtrArray *fresh;       /* Request *: to decide, oldest promise first */
    const GPtrArray *undelivered; /* Request * */
    const GPtrArray *meetings;    /* Appointment *: today's, by start */
    gint fresh_count, to_read;
} DigestOffice;

/* A letter ready for letter_add, owned by the caller. `offices` holds DigestOffice *. */
Letter *officer_letter_digest(const LetterBox *box, const OfficerPost *post,
                              const GPtrArray *offices, GError **error);
/* One letter for all that happened; `notices` holds Notice *, at least one. */
Letter *officer_letter_urgent(const LetterBox *box, const OfficerPost *post,
                              const GPtrArray *notices, GError **error);
