/* ticker.h - the thread for what happens by itself, once a second: rooms that were left, sessions
 * that ended. */
#pragma once
#include <glib.h>

typedef struct Ticker Ticker;
/* Calls each of `tasks` (ended by a NULL call) every `every_s` seconds of monotonic time, in order.
 */
typedef struct {
    void (*call)(gpointer context);
    gpointer context;
    guint every_s;
} TickerTask;
Ticker *ticker_start(const TickerTask *tasks);
void ticker_stop(Ticker *ticker); /* returns when the running task has ended */
