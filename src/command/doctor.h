/* doctor.h - between the parts of `sportello doctor`: how a finding is said and counted. */
#pragma once
#include "base/config.h"
#include "store/store.h"

typedef struct {
    guint failed, warned;
} Findings;

void doctor_fine(const char *format, ...) G_GNUC_PRINTF(1, 2);
void doctor_warn(Findings *findings, const char *format, ...) G_GNUC_PRINTF(2, 3);
void doctor_fail(Findings *findings, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Mailboxes and ways out: connects to each and logs in. `db` may be NULL: then nobody knows which
 * offices there are. */
void doctor_mail(const Config *config, Db *db, Findings *findings);
