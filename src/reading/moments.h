/* moments.h - the pieces of time in a text, and what the words around them say about them.
 *
 * moment_days.c and moment_hours.c find them, wishes.c puts them together.
 */
#pragma once
#include "reading/internal.h"

typedef enum {
    MOMENT_DAY,
    MOMENT_RANGE, /* of days */
    MOMENT_HOUR,
    MOMENT_PART, /* of the day */
    MOMENT_CUE,  /* a phrase of LEX_WISH ... LEX_BOOKED, or a meeting */
    MOMENT_JOIN, /* "e", "o" */
    MOMENT_COMMA,
    MOMENT_BUT,      /* a clause of its own begins */
    MOMENT_SENTENCE, /* a sentence or a line ends */
    MOMENT_LIST,     /* a line ends whose next goes on with it: after a colon, or a list */
    MOMENT_PARAGRAPH,
} MomentKind;

/* How an hour bounds: from_minute and until_minute are -1 when open. */
typedef enum { HOUR_AT, HOUR_AFTER, HOUR_BEFORE, HOUR_RANGE } HourKind;

#define NO_DAY G_MININT32

/* Digits of a number, 0 of anything else. */
static inline guint token_digits(const Token *token)
{
    return token->kind == TOKEN_NUMBER ? token->end - token->start : 0;
}

typedef struct {
    MomentKind kind;
    guint from, until; /* tokens */
    /* day: `day`; range: `day` to `last`, NO_DAY open */
    Day day, last;
    Day other;         /* the second way to understand it, NO_DAY when there is one only */
    gint weekday;      /* as said; 0: not said */
    bool only_weekday; /* nothing but a weekday, without "next" or a date */
    bool is_week;      /* a range that is a week of which days may be named */
    bool is_absolute;  /* a date with its month */
    bool has_number;   /* the number of its day was said */
    bool is_past;
    bool is_weak;  /* a number that is a day only where a wish is spoken of */
    bool is_until; /* "entro": may be a deadline */
    bool is_span;  /* "dal ... al": two days that were said */
    bool ambiguous;
    bool refers;      /* "del 5 ottobre": speaks of what exists */
    bool is_question; /* a cue of a sentence that ends with a question mark */
    HourKind hour;
    gint from_minute, until_minute;
    bool approx;
    DayPart part;
    LexClass cue;
    gint cue_value;
} Moment;

typedef struct {
    const Reading *reading;
    const Text *text;
    Day today;
    Day anchor; /* the last day that was named, NO_DAY before: "la settimana dopo" */
} Scan;

/* Tokens of the day or range of days at a token, 0 when there is none. What does not exist (31/11,
 * martedì 31 novembre) is a moment in the past, so that nothing is proposed. */
guint moment_day_at(const Scan *scan, guint index, Moment *moment);
/* The same for hours and parts of the day. `after_day`: a day stands right before, so "9-12" is
 * hours. */
guint moment_hour_at(const Scan *scan, guint index, bool after_day, Moment *moment);
/* A number that is an hour because one stands right before it: "ore 10 o 11". */
guint moment_listed_hour_at(const Scan *scan, guint index, Moment *moment);
guint moment_part_at(const Scan *scan, guint index, Moment *moment);

/* One day or a range with a name of its own (weeks, ends of months), without "dal ... al" around
 * it. `allow_number`: a number alone may be a day. */
guint moment_single_at(const Scan *scan, guint index, bool allow_number, Moment *moment);
/* "le feste": only after "dopo", "prima di"; good wishes name them too. */
guint moment_feasts_at(const Scan *scan, guint index, Moment *moment);
/* A weekday in three or four letters, where a list makes sure that it is one. */
guint moment_short_weekday_at(const Scan *scan, guint index, Moment *moment);
guint moment_date_at(const Scan *scan, guint index, bool allow_number, Moment *moment,
                     bool *number_only);
Moment moment_of_day(Day day);
/* The next day with this number from a day on; false when there is none in three months. */
bool moment_next_number(Day from, guint number, Day *day);
guint moment_skip_apostrophe(const Text *text, guint index);

/* moment_weekdays.c */
guint moment_weekday_at(const Scan *scan, guint index, Moment *moment);
guint moment_weekday_of_month_at(const Scan *scan, guint index, Moment *moment);
/* "Thursday am", "1 Dec pm": the part of a day right behind it; tokens. */
guint moment_half_of_day_at(const Text *text, guint index, Moment *moment);
guint moment_compound_at(const Scan *scan, guint index, Moment *moment);

/* moment_breaks.c: a comma, an end of a sentence or of a line at a token. */
bool moment_break_at(const Text *text, guint index, Moment *moment);
/* A phrase that says what is meant, tokens. `after_piece`: a piece of time stands right before. */
guint moment_cue_at(const Text *text, guint index, bool after_piece, Moment *moment);

/* moment_weeks.c: weeks and parts of months, which are ranges with a name. */
guint moment_week_at(const Scan *scan, guint index,
                     gint *weeks); /* "della settimana prossima": weeks from this one */
Moment moment_of_week(Day monday, Day today);
guint moment_named_week_at(const Scan *scan, guint index, Moment *moment);
/* "Dezember" after "ab" or "bis". */
guint moment_bare_month_at(const Scan *scan, guint index, Moment *moment);
guint moment_month_part_at(const Scan *scan, guint index, Moment *moment);
Day day_monday(Day day);
Day day_month_first(Day day, gint months_later);
Day day_month_last(Day first);
/* The year that is not said. False when the day does not exist in it. */
bool day_complete(Day today, gint month, gint date, Day *day);

/* All moments of the sender's own words, in order; a GArray of Moment. */
GArray *moments_scan(const Scan *scan);
