/* desk_times.h - the times of an office as the desk offers them: read from the store, shown as
 * members of a page. */
#pragma once
#include "agenda/agenda.h"
#include "web/page.h"

typedef struct {
    const Zone *zone;
    AgendaRules *rules;
    OfficeService
        *service;  /* what is booked at the desk: the office's first; NULL when it has none */
    GArray *taken; /* AgendaTaken that overlap `span` */
    Span span;
} DeskTimes;

void desk_times_free(DeskTimes *times);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DeskTimes, desk_times_free)

/* NULL on an engine error or an unknown zone. */
DeskTimes *desk_times_new(Db *db, const Office *office, Span span, GError **error);
/* From the day of `now` as far as the desk may book. */
Span desk_times_ahead(const Office *office, gint64 now);
/* The day of `at`, in the office's zone. */
Span desk_times_day(const Office *office, gint64 at);

/* The free slots that the desk may still give, by time: Slot, owned by the caller. */
GArray *desk_times_open(const DeskTimes *times, gint64 now);
/* Sets parent.<key> = [{when, until, start, is_wished, is_first}] of at most `most` free times:
 * those that fit a wish first, then the nearest. `preferences` (of a reading) may be NULL. */
void desk_times_show(Page *page, const DeskTimes *times, const GArray *open,
                     const Value *preferences, guint most, Value *parent, const char *key);
/* Sets parent.<key> = [{when, until, start}]: the `most` free times nearest to `at`. */
void desk_times_show_nearest(Page *page, const DeskTimes *times, gint64 at, guint most,
                             Value *parent, const char *key);
/* Sets parent.reason = {<agenda_reason_name>: true, detail} for an instant that cannot be had;
 * false when it can. */
bool desk_times_why_not(const DeskTimes *times, gint64 now, gint64 at, Value *parent);
/* The same for a wish of a reading (agenda_wish_why_not). */
bool desk_times_wish_why_not(const DeskTimes *times, gint64 now, const Value *preference,
                             Value *parent);
/* "2026-11-24T09:50", as <input type="datetime-local"> sends it, in the zone; false when it is
 * none. */
bool desk_times_parse_local(const Zone *zone, const char *text, gint64 *at);
