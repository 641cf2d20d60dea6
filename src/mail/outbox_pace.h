/* outbox_pace.h - how long the outbox leaves a letter, a domain or a server alone. Pure: the time
 * and the chance are parameters.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>

#define PACE_MOST_S ((gint64)3 * 24 * 3600) /* a letter is tried so long */

typedef enum {
    PACE_LETTER, /* one that was told "not now" */
    PACE_DOMAIN, /* its domain: also greylisting, which lets in after minutes */
    PACE_SERVER, /* the submission server: everything waits for it */
} PaceOf;

/* Seconds to wait after so many failures in a row (1: the first). `chance` in [0, 1) moves it by up
 * to a fifth either way, so that what failed together does not come back together. */
gint64 pace_s(PaceOf of, guint failures, double chance);

/* A letter that could first leave at `due_at`: whether trying it once more at `again_at` is too
 * late. */
bool pace_is_over(gint64 due_at, gint64 again_at);

/* A domain or a server that is left alone for a while. */
typedef struct {
    guint failures; /* in a row */
    gint64 until_at;
} Pause;

/* A failure while it is left alone already (letters that were under way) changes nothing. */
void pause_fail(Pause *pause, PaceOf of, gint64 now_at, double chance);
void pause_end(Pause *pause); /* it answered */
bool pause_holds(const Pause *pause, gint64 now_at);
