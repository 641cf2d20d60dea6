/* public_times.h - the times that citizens may have in an office, day by day, for the pages that
 * show them. */
#pragma once
#include "agenda/agenda.h"
#include "web/page.h"

typedef struct {
    AgendaRules *rules;
    GArray *taken; /* AgendaTaken that overlap `span` */
    GArray *slots; /* Slot, free or taken, that start in `span` */
    Span span;     /* what a citizen may book now: notice to horizon */
} PublicTimes;

/* `service` (may be NULL) gives its own length. NULL on an engine error or an unknown zone. */
PublicTimes *public_times_new(Db *db, const Office *office, const OfficeService *service,
                              gint64 now, GError **error);
void public_times_free(PublicTimes *times);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PublicTimes, public_times_free)

guint public_times_free_count(const PublicTimes *times);
/* Sets parent.next and parent.third_next, a when each, as far as there are such. */
void public_times_show_next(Page *page, const PublicTimes *times, Value *parent);
/* Sets parent.days to the days on which the office receives as a rule, in order:
 *   {date, day_long, times: ["09:00", …], has_times}, or instead of times one of
 *   is_full, is_closed with `reason` (holiday's key or the closure's words), is_holiday */
void public_times_show_days(Page *page, const PublicTimes *times, Value *parent);
/* Sets parent.days to the days with free times: {date, day_long, choices: [{at, time, is_first,
 * is_chosen}]}. */
void public_times_show_choices(Page *page, const PublicTimes *times, gint64 chosen_at,
                               Value *parent);
/* Sets parent.nearest = [{when}] and has_nearest to the `most` free times nearest to `at`. */
void public_times_show_nearest(Page *page, const PublicTimes *times, gint64 at, guint most,
                               Value *parent);
