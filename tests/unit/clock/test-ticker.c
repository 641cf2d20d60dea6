/* test-ticker.c - what happens by itself, about once a second. */
#include "clock/ticker.h"

typedef struct {
    GMutex lock;
    GCond called;
    GString *calls; /* one letter per call, in order */
} Calls;

static void note(Calls *calls, char letter)
{
    g_mutex_lock(&calls->lock);
    g_string_append_c(calls->calls, letter);
    g_cond_signal(&calls->called);
    g_mutex_unlock(&calls->lock);
}

static void call_a(gpointer calls)
{
    note(calls, 'a');
}

static void call_b(gpointer calls)
{
    note(calls, 'b');
}

static Calls *calls_new(void)
{
    Calls *calls = g_new0(Calls, 1);
    g_mutex_init(&calls->lock);
    g_cond_init(&calls->called);
    calls->calls = g_string_new(NULL);
    return calls;
}

static void calls_free(Calls *calls)
{
    g_mutex_clear(&calls->lock);
    g_cond_clear(&calls->called);
    g_string_free(calls->calls, TRUE);
    g_free(calls);
}

/* Waits until there are `count` calls, at most ten seconds. */
static void wait_for(Calls *calls, gsize count)
{
    gint64 until = g_get_monotonic_time() + 10 * G_TIME_SPAN_SECOND;
    g_mutex_lock(&calls->lock);
    while (calls->calls->len < count)
        if (!g_cond_wait_until(&calls->called, &calls->lock, until))
            g_error("only %s was called", calls->calls->str);
    g_mutex_unlock(&calls->lock);
}

static void calls_each_task_in_order_and_time(void)
{
    Calls *calls = calls_new();
    const TickerTask tasks[] = {{call_a, calls, 1}, {call_b, calls, 2}, {NULL, NULL, 0}};
    gint64 started = g_get_monotonic_time();
    Ticker *ticker = ticker_start(tasks);
    wait_for(calls, 3);
    gint64 took = g_get_monotonic_time() - started;
    ticker_stop(ticker);
    g_assert_cmpint(took, >=, 2 * G_TIME_SPAN_SECOND);
    /* in the second second either may be first: `a` counts from its own call */
    const char *called = calls->calls->str;
    g_assert_true(g_str_has_prefix(called, "aab") || g_str_has_prefix(called, "aba"));
    calls_free(calls);
}

static void stops_without_waiting_for_the_next_task(void)
{
    Calls *calls = calls_new();
    const TickerTask tasks[] = {{call_a, calls, 3600}, {NULL, NULL, 0}};
    Ticker *ticker = ticker_start(tasks);
    gint64 started = g_get_monotonic_time();
    ticker_stop(ticker);
    g_assert_cmpint(g_get_monotonic_time() - started, <, 5 * G_TIME_SPAN_SECOND);
    g_assert_cmpstr(calls->calls->str, ==, "");
    ticker_stop(NULL);
    calls_free(calls);
}

static void nothing_to_do_is_fine(void)
{
    const TickerTask tasks[] = {{NULL, NULL, 0}};
    Ticker *ticker = ticker_start(tasks);
    ticker_stop(ticker);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/clock/ticker/calls_each_task_in_order_and_time",
                    calls_each_task_in_order_and_time);
    g_test_add_func("/clock/ticker/stops_without_waiting_for_the_next_task",
                    stops_without_waiting_for_the_next_task);
    g_test_add_func("/clock/ticker/nothing_to_do_is_fine", nothing_to_do_is_fine);
    return g_test_run();
}
