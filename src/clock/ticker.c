/* ticker.c - see ticker.h. One thread that sleeps until the next task is due, by monotonic time: a
 * clock that somebody moves neither wakes nor delays it.
 */
#include "clock/ticker.h"

struct Ticker {
    GThread *thread;
    GMutex lock;
    GCond stopping;
    gboolean stopped;
    guint count;
    TickerTask *tasks;
    gint64 *due_us; /* g_get_monotonic_time */
};

/* Runs what is due; returns when the next is. */
static gint64 run_due(Ticker *ticker)
{
    gint64 next_us = g_get_monotonic_time() + G_TIME_SPAN_HOUR;
    for (guint i = 0; i < ticker->count; i++) {
        const TickerTask *task = &ticker->tasks[i];
        if (ticker->due_us[i] <= g_get_monotonic_time()) {
            task->call(task->context);
            /* Counted from now: after a slow task or a suspended machine nothing is made up for. */
            ticker->due_us[i] = g_get_monotonic_time() + (gint64)task->every_s * G_USEC_PER_SEC;
        }
        next_us = MIN(next_us, ticker->due_us[i]);
    }
    return next_us;
}

static gpointer run(gpointer data)
{
    Ticker *ticker = data;
    g_mutex_lock(&ticker->lock);
    while (!ticker->stopped) {
        g_mutex_unlock(&ticker->lock);
        gint64 next_us = run_due(ticker);
        g_mutex_lock(&ticker->lock);
        while (!ticker->stopped && g_cond_wait_until(&ticker->stopping, &ticker->lock, next_us))
            continue;
    }
    g_mutex_unlock(&ticker->lock);
    return NULL;
}

Ticker *ticker_start(const TickerTask *tasks)
{
    Ticker *ticker = g_new0(Ticker, 1);
    while (tasks[ticker->count].call)
        ticker->count++;
    ticker->tasks = g_memdup2(tasks, ticker->count * sizeof *tasks);
    ticker->due_us = g_new(gint64, ticker->count + 1);
    for (guint i = 0; i < ticker->count; i++) {
        g_assert(tasks[i].every_s > 0);
        ticker->due_us[i] = g_get_monotonic_time() + (gint64)tasks[i].every_s * G_USEC_PER_SEC;
    }
    g_mutex_init(&ticker->lock);
    g_cond_init(&ticker->stopping);
    ticker->thread = g_thread_new("clock", run, ticker);
    return ticker;
}

void ticker_stop(Ticker *ticker)
{
    if (!ticker)
        return;
    g_mutex_lock(&ticker->lock);
    ticker->stopped = TRUE;
    g_cond_signal(&ticker->stopping);
    g_mutex_unlock(&ticker->lock);
    g_thread_join(ticker->thread);
    g_mutex_clear(&ticker->lock);
    g_cond_clear(&ticker->stopping);
    g_free(ticker->tasks);
    g_free(ticker->due_us);
    g_free(ticker);
}
