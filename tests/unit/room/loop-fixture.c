/* loop-fixture.c - see loop-fixture.h. */
#include "loop-fixture.h"
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static gpointer turn(gpointer data)
{
    Loop *loop = data;
    while (!atomic_load(&loop->stop)) {
        struct pollfd wanted = {.fd = hub_fd(loop->hub), .events = POLLIN};
        poll(&wanted, 1, 10);
        hub_run(loop->hub);
    }
    hub_end_all(loop->hub);
    return NULL;
}

void loop_start(Loop *loop)
{
    atomic_store(&loop->stop, false);
    loop->thread = g_thread_new("loop", turn, loop);
}

void loop_stop(Loop *loop)
{
    atomic_store(&loop->stop, true);
    g_thread_join(loop->thread);
}

typedef struct {
    void (*call)(gpointer data);
    gpointer data;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool done;
} Errand;

static void run(gpointer data)
{
    Errand *errand = data;
    errand->call(errand->data);
    pthread_mutex_lock(&errand->lock);
    errand->done = true;
    pthread_cond_signal(&errand->changed);
    pthread_mutex_unlock(&errand->lock);
}

void loop_run(Loop *loop, void (*call)(gpointer data), gpointer data)
{
    Errand errand = {.call = call,
                     .data = data,
                     .lock = PTHREAD_MUTEX_INITIALIZER,
                     .changed = PTHREAD_COND_INITIALIZER};
    hub_call(loop->hub, run, &errand, NULL);
    pthread_mutex_lock(&errand.lock);
    while (!errand.done)
        pthread_cond_wait(&errand.changed, &errand.lock);
    pthread_mutex_unlock(&errand.lock);
}

typedef struct {
    Hub *hub;
    HubNewcomer newcomer;
} Joining;

static void join(gpointer data)
{
    Joining *joining = data;
    hub_add(joining->hub, &joining->newcomer);
}

int loop_join(Loop *loop, const char *topic, gpointer member, GDestroyNotify member_free)
{
    const struct timeval patience = {.tv_sec = 20};
    int pair[2];
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
    setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    Joining joining = {
        .hub = loop->hub,
        .newcomer = {.fd = pair[1], .topic = topic, .member = member, .member_free = member_free},
    };
    loop_run(loop, join, &joining);
    return pair[0];
}
