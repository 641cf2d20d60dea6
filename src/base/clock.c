/* clock.c - see clock.h. The offset is one atomic word, so that every thread may ask. */
#include "base/clock.h"

#include <stdatomic.h>
#include <time.h>

struct Clock {
    _Atomic gint64 offset_s; /* added to the machine's time; 0 outside the demo */
};

Clock *clock_new(void)
{
    return g_new0(Clock, 1);
}

void clock_free(Clock *clock)
{
    g_free(clock);
}

gint64 clock_now(const Clock *clock)
{
    return clock_system(clock) + atomic_load(&clock->offset_s);
}

gint64 clock_system(const Clock *clock)
{
    (void)clock;
    return g_get_real_time() / G_USEC_PER_SEC;
}

gint64 clock_monotonic_ms(const Clock *clock)
{
    (void)clock;
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (gint64)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void clock_move(Clock *clock, gint64 now)
{
    atomic_store(&clock->offset_s, now - clock_system(clock));
}

void clock_back_to_system(Clock *clock)
{
    atomic_store(&clock->offset_s, 0);
}

gboolean clock_is_moved(const Clock *clock)
{
    return atomic_load(&clock->offset_s) != 0;
}
