/* test-http-pool.c - how many handlers run at the same time. */
#include "http-fixture.h"
#include <unistd.h>

#define REQUESTS 12

typedef struct {
    GMutex mutex;
    GCond changed;
    guint inside, most_inside; /* handlers */
    guint aside;               /* that have stepped aside, all in all */
} Crowd;

static void go_in(Crowd *crowd)
{
    g_mutex_lock(&crowd->mutex);
    crowd->inside++;
    crowd->most_inside = MAX(crowd->most_inside, crowd->inside);
    g_mutex_unlock(&crowd->mutex);
}

static void go_out(Crowd *crowd)
{
    g_mutex_lock(&crowd->mutex);
    crowd->inside--;
    g_mutex_unlock(&crowd->mutex);
}

/* Waits until all have stepped aside, which no fixed number of workers would let happen. */
static void wait_for_all(const HttpRequest *request, HttpReply *reply, gpointer context)
{
    Crowd *crowd = context;
    const gint64 until_us = g_get_monotonic_time() + 20LL * G_USEC_PER_SEC;
    gboolean is_in_time = TRUE;
    http_request_step_aside(request);
    g_mutex_lock(&crowd->mutex);
    crowd->aside++;
    g_cond_broadcast(&crowd->changed);
    while (crowd->aside < REQUESTS && is_in_time)
        is_in_time = g_cond_wait_until(&crowd->changed, &crowd->mutex, until_us);
    g_mutex_unlock(&crowd->mutex);
    http_request_step_back(request);
    http_reply_status(reply, is_in_time ? 200 : 500);
}

static void take_time(const HttpRequest *request, HttpReply *reply, gpointer context)
{
    (void)request;
    (void)reply;
    go_in(context);
    g_usleep(10000);
    go_out(context);
}

static void answer(const HttpRequest *request, HttpReply *reply, gpointer context)
{
    const gboolean waits = g_str_equal(http_request_path(request), "/wait");
    (waits ? wait_for_all : take_time)(request, reply, context);
}

static void start(Running *running, Crowd *crowd, guint workers)
{
    running_start(running, (HttpSettings){.workers = workers}, NULL, answer, crowd);
}

/* All at once on connections of their own; every one is answered with 200. */
static void ask_all(const Running *running, const char *path)
{
    int clients[REQUESTS];
    g_autofree char *request = g_strdup_printf("GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path);
    for (guint i = 0; i < REQUESTS; i++) {
        clients[i] = client_open(running);
        client_send(clients[i], request);
    }
    for (guint i = 0; i < REQUESTS; i++) {
        g_auto(Answer) got = client_read(clients[i], FALSE);
        g_assert_cmpuint(got.status, ==, 200);
        close(clients[i]);
    }
}

static void no_more_run_than_there_are_workers(void)
{
    Crowd crowd = {0};
    Running running;
    start(&running, &crowd, 3);
    ask_all(&running, "/take");
    g_assert_cmpuint(crowd.most_inside, ==, 3);
    running_stop(&running);
}

static void who_waits_for_others_lets_others_run(void)
{
    Crowd crowd = {0};
    Running running;
    start(&running, &crowd, 1);
    ask_all(&running, "/wait");
    g_assert_cmpuint(crowd.aside, ==, REQUESTS);
    running_stop(&running);
}

static void who_came_back_makes_no_more_run_than_before(void)
{
    Crowd crowd = {0};
    Running running;
    start(&running, &crowd, 2);
    ask_all(&running, "/wait");
    ask_all(&running, "/take");
    g_assert_cmpuint(crowd.most_inside, ==, 2);
    running_stop(&running);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/http/pool/no_more_run_than_there_are_workers",
                    no_more_run_than_there_are_workers);
    g_test_add_func("/http/pool/who_waits_for_others_lets_others_run",
                    who_waits_for_others_lets_others_run);
    g_test_add_func("/http/pool/who_came_back_makes_no_more_run_than_before",
                    who_came_back_makes_no_more_run_than_before);
    return g_test_run();
}
