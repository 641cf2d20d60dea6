/* outbox_pace.c - see outbox_pace.h. */
#include "mail/outbox_pace.h"

#define STEPS 8
#define JITTER 0.2

static const gint64 steps_s[][STEPS] = {
    [PACE_LETTER] = {30, 60, 300, 900, 1800, 3600, 7200, 14400},
    [PACE_DOMAIN] = {60, 120, 300, 600, 1200, 1800, 2700, 3600},
    [PACE_SERVER] = {5, 15, 30, 60, 120, 300, 600, 900},
};

gint64 pace_s(PaceOf of, guint failures, double chance)
{
    guint step = CLAMP(failures, 1, STEPS) - 1;
    double seconds = (double)steps_s[of][step] * (1 + JITTER * (2 * chance - 1));
    return (gint64)(seconds + 0.5);
}

bool pace_is_over(gint64 due_at, gint64 again_at)
{
    return again_at - due_at > PACE_MOST_S;
}

void pause_fail(Pause *pause, PaceOf of, gint64 now_at, double chance)
{
    if (pause_holds(pause, now_at))
        return;
    pause->failures++;
    pause->until_at = now_at + pace_s(of, pause->failures, chance);
}

void pause_end(Pause *pause)
{
    *pause = (Pause){0};
}

bool pause_holds(const Pause *pause, gint64 now_at)
{
    return pause->until_at > now_at;
}
