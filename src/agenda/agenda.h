/* agenda.h - from the hours of an office to the times that can be booked.
 *
 * Pure but for the last part: no clock, no store. Opening hours are wall-clock times of the
 * office's zone and keep their wall-clock meaning across daylight-saving changes; slots are
 * instants. Whoever books must still win the slot in the store (store/appointment.h). Notice and
 * horizon bind citizens only: the desk sees every free time and is told, not stopped.
 */
#pragma once
#include "base/value.h"
#include "base/when.h"
#include "store/appointment.h"
#include "store/office.h"

#define AGENDA_COUNTERS_MOST 64 /* parallel counters of an office */

typedef struct {
    gint weekday;                    /* 1 Monday ... 7 Sunday */
    guint from_minute, until_minute; /* wall clock, 0-1440 */
    Day valid_from, valid_until;     /* inclusive */
    guint counters;                  /* parallel appointments: counters 1 to this */
} AgendaOpening;

typedef struct {
    gint64 from_at, until_at;
    char *reason; /* as the office wrote it, NULL when it gave none */
} AgendaClosure;

typedef struct AgendaRules {
    const Zone *zone;
    guint slot_min, step_min, buffer_min;
    guint notice_days;             /* working days; 0: until the slot starts */
    guint horizon_days;            /* days after today, today + horizon included */
    gint patron_month, patron_day; /* the organisation's own holiday; 0, 0: none */
    GArray *openings;              /* AgendaOpening */
    GArray *closures;              /* AgendaClosure by start */
} AgendaRules;

typedef struct {
    gint64 starts_at; /* Unix seconds, UTC */
    gint64 ends_at;   /* without the buffer */
    Day day;          /* wall clock of the start */
    guint minute;
    guint counters; /* counters open then */
    guint free;     /* of them still free, 0 when taken */
} Slot;

/* An appointment that keeps its time. */
typedef struct {
    gint64 starts_at, ends_at; /* buffer included */
    guint counter;             /* from 1 */
} AgendaTaken;

AgendaRules *agenda_rules_new(const Zone *zone); /* defaults of an office, no openings */
void agenda_rules_free(AgendaRules *rules);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AgendaRules, agenda_rules_free)

/* --- slots
 * ------------------------------------------------------------------------------------------- */

/* All slots that start in [from, until), in order of time; at most two years of them.
 *
 * taken    AgendaTaken that overlap the span, sorted by start (borrowed); NULL: none
 * Returns an array of Slot owned by the caller; empty when the office is closed.
 * A wall-clock start that does not exist on a spring-forward day yields no slot; one that exists
 * twice yields the first (RFC 5545, 3.3.5). Closed days and hours yield none.
 */
GArray *agenda_slots(const AgendaRules *rules, const GArray *taken, Span span);

/* The free ones among them. */
GArray *agenda_free(const AgendaRules *rules, const GArray *taken, Span span);

typedef enum { AGENDA_DESK, AGENDA_CITIZEN } AgendaWho;

/* What may be booked at `now`: for a citizen from the end of the notice to the horizon, for the
 * desk from now to the horizon and as much again. Give it to agenda_taken_between and agenda_free.
 * Half open; empty when nothing may. */
Span agenda_bookable(const AgendaRules *rules, AgendaWho who, gint64 now);

/* The slot that starts exactly then, whoever asks; false when there is none (see agenda_why_not).
 * It may be taken: look at `free`. */
bool agenda_slot_at(const AgendaRules *rules, const GArray *taken, gint64 starts_at, Slot *slot);

typedef enum {
    AGENDA_CAN, /* it can be booked */
    AGENDA_PAST,
    AGENDA_HOLIDAY,
    AGENDA_CLOSURE,
    AGENDA_OUTSIDE_HOURS, /* the office does not receive then, or the slot would not end in time */
    AGENDA_OFF_GRID,      /* within the hours, but between two starts */
    AGENDA_HORIZON,       /* citizens: too far ahead */
    AGENDA_NOTICE,        /* citizens: too late for that day */
    AGENDA_TAKEN,
} AgendaReason;

/* Why a wished start cannot be had. `detail` (may be NULL) becomes the closure's reason or the
 * holiday's key (holidays.h), borrowed, else NULL. */
AgendaReason agenda_why_not(const AgendaRules *rules, const GArray *taken, AgendaWho who,
                            gint64 now, gint64 starts_at, const char **detail);
const char *
agenda_reason_name(AgendaReason reason); /* "can", "past", "holiday", ... for templates and JSON */

/* Of `slots` (Slot, by time) the `count` that start nearest to `at`, in order of time; owned by the
 * caller. */
GArray *agenda_nearest(const GArray *slots, gint64 at, guint count);

/* "Third next free time", the measure of waiting: the third of `free`; false when there are fewer.
 */
bool agenda_third_next(const GArray *free, gint64 *at);

/* --- days
 * -------------------------------------------------------------------------------------------- */

/* Monday to Friday, no holiday, not closed the whole day. */
bool agenda_is_working_day(const AgendaRules *rules, Day day);
/* The `count`th working day after `day`; `day` itself for 0. */
Day agenda_add_working_days(const AgendaRules *rules, Day day, guint count);
/* The last working day before `day` (reminders). */
Day agenda_working_day_before(const AgendaRules *rules, Day day);

/* --- wishes
 * ------------------------------------------------------------------------------------------ */

typedef struct {
    Slot slot;
    gint wish;         /* index of the wish it fits, -1 when it fits none */
    bool confirmed;    /* that wish has `confirmed`: an officer says that it was meant */
    gint64 distance_s; /* from the nearest wish; 0 when there are none */
} AgendaOffer;

/* Free slots in the order they should be offered: those that fit a wish first, the best before the
 * others (nearest to the hour it names, an earlier wish before a later one, then by time), then the
 * rest by nearness to a wish that no slot fits, or to any when each has one. Wishes with
 * `confirmed` go before all others.
 *
 * slots        Slot, free ones, by time (borrowed)
 * preferences  `preferences` of a reading, tests/data/mail/README.md; NULL or empty: order of time
 * Returns an array of AgendaOffer owned by the caller.
 */
GArray *agenda_offers(const GArray *slots, const Value *preferences, const Zone *zone);

/* The instant a wish asks for when it names a day and an hour, to say why not. */
bool agenda_wish_instant(const Value *preference, const Zone *zone, gint64 *at);

/* Why the desk has nothing free that fits a wish: of its instant (agenda_why_not), else of its
 * days. A wish of which every time is taken is AGENDA_TAKEN; AGENDA_CAN when something is free.
 * `taken` and `detail` as for agenda_why_not. */
AgendaReason agenda_wish_why_not(const AgendaRules *rules, const GArray *taken, gint64 now,
                                 const Value *preference, const char **detail);

/* Of `slots` (Slot) the one nearest to a wish, by day and then by hour; NULL when there is none.
 * Borrowed from `slots`. */
const Slot *agenda_wish_nearest(const GArray *slots, const Value *preference);

/* --- from the store
 * ---------------------------------------------------------------------------------- */

/* The rules of an office with the closures that overlap `span`; `service` (may be NULL) gives its
 * own duration and step. NULL on an engine error or an unknown zone. */
AgendaRules *agenda_rules_from_office(Db *db, const Office *office, const OfficeService *service,
                                      Span span, GError **error);
/* AgendaTaken of the office that overlap the span, sorted by start; NULL on an engine error. */
GArray *agenda_taken_between(Db *db, gint64 office_id, Span span, GError **error);
/* A slot as the store takes it; `wall_date` must live as long as `time` is used. */
void agenda_appointment_time(const AgendaRules *rules, const Slot *slot, char wall_date[11],
                             AppointmentTime *time);
