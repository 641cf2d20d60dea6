/* wish.h - one wished time while it is put together, and how it becomes a proposal. */
#pragma once
#include "reading/moments.h"

typedef struct {
    const Text *text; /* it was said in */
    Moment moment;    /* the day or range it began with */
    bool has_day;
    bool has_hour;
    bool has_part;
    bool is_shared;  /* its hours were said before the first day of a list; its own would replace
                        them */
    bool is_exact;   /* "alle 10", not "dopo le 10" */
    bool after_only; /* "dopo le 10": open at the end */
    gint from_minute, until_minute; /* -1 open */
    bool approx;
    DayPart part;
    guint excluded;    /* bit n: weekday n does not suit */
    bool is_sure;      /* the sentence speaks of availability */
    guint from, until; /* tokens of its words */
} Wish;

Wish wish_new(const Text *text, const Moment *day, bool is_sure);
/* Hours or a part of the day added to a wish; narrows what it has already. */
void wish_add_hour(Wish *wish, const Moment *hour, const ReadingOffice *office);
/* The words of the hour belong to the wish too. */
void wish_widen(Wish *wish, const Moment *hour);
/* "dopo le 16 non posso": the hours that remain. */
void wish_exclude_hour(Wish *wish, const Moment *hour, const ReadingOffice *office);
/* Appends it to `preferences`: two proposals when it can be understood in two ways. */
void wish_propose(Reading *reading, const Wish *wish, Value *preferences);
