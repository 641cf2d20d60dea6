/* statistics.h - what /risultati shows, computed from plain rows (store/report.h). Pure. */
#pragma once
#include "base/when.h"
#include "store/report.h"

typedef struct {
    guint received;
    guint how[HOWS];       /* open, video, phone, answer, ... */
    guint solved_remotely; /* closed or answered without a visit: video, phone, answer */
    guint meetings, no_shows, missed_by_office, cancelled;
    gint64 call_seconds; /* of all calls */
    double median_days_to_decision,
        median_days_to_meeting; /* calendar days; -1 when nothing to count */
    guint weeks;                /* in by_week */
    guint by_week[60];          /* requests received, week by week from the Monday of `from` */
} Statistics;

/* requests: ReportRequest; appointments: ReportAppointment (borrowed). */
void statistics_count(const GArray *requests, const GArray *appointments, const Zone *zone,
                      Span period, Statistics *statistics);
