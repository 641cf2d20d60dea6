/* assembly.h - the moments of a text while they are put together to wishes; shared by wishes.c and
 * its helpers. */
#pragma once
#include "reading/wish.h"

#define BESIDE_TOKENS 2 /* "alle 10 di martedì" */
#define WISHES_MOST 40

/* What a clause says about the days in it. */
typedef enum {
    POLARITY_NONE,
    POLARITY_WISH,
    POLARITY_EXCLUDE,
    POLARITY_DOCUMENT,
    POLARITY_DEADLINE,
    POLARITY_OPEN
} Polarity;

typedef struct {
    Reading *reading;
    const Text *text; /* the body or the subject */
    const GArray *moments;
    GArray *wishes;
    guint clause_from, clause_until; /* moments */
    Polarity before;                 /* what the clause before meant */
    Polarity current;                /* of the day that hours would belong to; NONE: none yet */
    guint group;                     /* first wish that still waits for hours */
    guint sentence;                  /* first wish of this sentence */
    guint paragraph;                 /* first wish of this paragraph */
    const Moment *pending;           /* hours that stand before their day */
    bool pending_alone;              /* their clause says nothing but the time */
    const Moment *last_hour;
    const Moment *limit;  /* "solo la mattina", said before the days of its sentence */
    const Moment *shared; /* that stood before the first day of a list */
    bool joined;          /* "o", "e" or a comma stands between the last piece and this one */
    bool joined_or;       /* "o" or a comma, not "e" */
    bool wants_meeting;
    Day week;             /* Monday of the week this sentence speaks of, NO_DAY: none */
    guint excluded;       /* bit n: weekday n does not suit ... */
    Day excluded_once[8]; /* ... on this day only; NO_DAY: never */
    const Moment *lost;   /* the last day of this sentence that does not suit, or not all day */
    Day deadline;
} Assembly;

static inline const Moment *assembly_moment(const Assembly *assembly, guint index)
{
    return &g_array_index(assembly->moments, Moment, index);
}

static inline Wish *assembly_wish(const Assembly *assembly, guint index)
{
    return &g_array_index(assembly->wishes, Wish, index);
}

/* sense.c: what the sentence says about a moment, and what a clause means for the next one. */
Polarity sense_of(const Assembly *assembly, guint index);
/* What its own clause says. */
Polarity sense_of_own(const Assembly *assembly, guint index);
Polarity sense_of_clause(const Assembly *assembly);
/* sense_past.c: "stamattina ho provato a chiamare": what was done on a day that is not to come. */
bool sense_is_done(const Assembly *assembly, guint index);
/* Has the clause of a moment no more than `most` words that speak of something else? */
bool sense_is_bare(const Assembly *assembly, const Moment *moment, guint most);
/* Has it none before the moment? "L'impresa arriva martedì" is no wish. */
bool sense_begins_bare(const Assembly *assembly, const Moment *moment);
/* Has its whole sentence none? */
bool sense_is_bare_sentence(const Assembly *assembly, guint index);
bool sense_is_strong_deadline(const Assembly *assembly, guint index); /* "rogito", "scadenza" */
/* wish_days.c, wish_hours.c: one moment taken in. */
void wish_read_day(Assembly *assembly, guint index);
void wish_read_hour(Assembly *assembly, guint index);
