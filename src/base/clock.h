/* clock.h - what time it is, for everybody who is handed a Clock.
 *
 * Three times that must never be mixed:
 *   now        the office's civil time; only the demo may move it
 *   system     the machine's UTC time, for rows that time out (letters held back)
 *   monotonic  never moves: sessions, limits, time-outs
 * The core takes instants as parameters; only the shell asks a Clock.
 */
#pragma once
#include <glib.h>

typedef struct Clock Clock;

/* A clock that shows the machine's time. Free with clock_free. */
Clock *clock_new(void);
void clock_free(Clock *clock);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Clock, clock_free)

gint64 clock_now(const Clock *clock);    /* Unix seconds UTC; runs on from the chosen instant */
gint64 clock_system(const Clock *clock); /* Unix seconds UTC of the machine */
gint64 clock_monotonic_ms(const Clock *clock); /* milliseconds since boot, suspend included */

/* The demo alone moves its clock: it runs on from `now` (Unix seconds UTC). Thread-safe. */
void clock_move(Clock *clock, gint64 now);
void clock_back_to_system(Clock *clock);
gboolean clock_is_moved(const Clock *clock);
