/* Worker threads: made on demand, small stacks. The worker that went idle last is woken first, so
 * that a quiet server touches the memory of one or two threads only.
 *
 * Few run at the same time, since more than processors gain nothing. Who waits for a durable write
 * steps aside and lets another run meanwhile: so the writer finds many jobs to put into one commit.
 */
#include "web/http_internal.h"
#include <pthread.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STACK_BYTES ((size_t)2 * 1024 * 1024)
#else
#define STACK_BYTES ((size_t)256 * 1024)
#endif
#define ASIDE_MOST 64 /* threads beside those that may run */

typedef struct Worker {
    struct Worker *below; /* on the stack of the idle */
    HttpPool *pool;
    pthread_t thread;
    pthread_cond_t called;
    gboolean awake;
} Worker;

struct HttpPool {
    void (*run)(HttpJob *job);
    guint running_limit;
    guint queue_limit;
    pthread_mutex_t lock; /* all below */
    HttpJob *first;
    HttpJob **last;
    guint waiting;
    guint called;  /* workers woken that have not yet taken a job */
    guint running; /* workers neither idle nor aside */
    gboolean ending;
    Worker *idle;
    guint threads;
    Worker *workers; /* running_limit and ASIDE_MOST */
};

HttpPool *http_pool_new(guint threads, guint queue_limit, void (*run)(HttpJob *job))
{
    HttpPool *pool = g_new0(HttpPool, 1);
    pool->run = run;
    pool->running_limit = MAX(threads, 1);
    pool->queue_limit = queue_limit;
    pool->last = &pool->first;
    pool->workers = g_new0(Worker, pool->running_limit + ASIDE_MOST);
    pthread_mutex_init(&pool->lock, NULL);
    return pool;
}

static Worker *pop_idle(HttpPool *pool)
{
    Worker *worker = pool->idle;
    if (!worker)
        return NULL;
    pool->idle = worker->below;
    pool->running++;
    worker->awake = TRUE;
    return worker;
}

/* With the lock held. */
static void rest(Worker *worker)
{
    HttpPool *pool = worker->pool;
    pool->running--;
    worker->awake = FALSE;
    worker->below = pool->idle;
    pool->idle = worker;
    while (!worker->awake)
        pthread_cond_wait(&worker->called, &pool->lock);
    if (pool->called > 0)
        pool->called--;
}

/* With the lock held; NULL when the pool ends. */
static HttpJob *take(Worker *worker)
{
    HttpPool *pool = worker->pool;
    while (!pool->ending && (!pool->first || pool->running > pool->running_limit))
        rest(worker);
    HttpJob *job = pool->first;
    if (!job)
        return NULL;
    pool->first = job->next;
    if (!pool->first)
        pool->last = &pool->first;
    pool->waiting--;
    return job;
}

static void *work(void *data)
{
    Worker *worker = data;
    HttpPool *pool = worker->pool;
    pthread_mutex_lock(&pool->lock);
    if (pool->called > 0)
        pool->called--;
    for (HttpJob *job = take(worker); job; job = take(worker)) {
        pthread_mutex_unlock(&pool->lock);
        pool->run(job);
        pthread_mutex_lock(&pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* With the lock held. */
static void start_worker(HttpPool *pool)
{
    Worker *worker = &pool->workers[pool->threads];
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    worker->pool = pool;
    worker->awake = TRUE;
    pthread_cond_init(&worker->called, NULL);
    int failed = pthread_create(&worker->thread, &attributes, work, worker);
    pthread_attr_destroy(&attributes);
    if (failed) {
        pthread_cond_destroy(&worker->called);
        g_warning("event=worker_not_started reason=\"%s\"", g_strerror(failed));
        return;
    }
    pthread_setname_np(worker->thread, "worker");
    pool->threads++;
    pool->running++;
    pool->called++;
}

/* With the lock held: another worker for a job that nobody was called for, when one more may run.
 * The idle one returned is to be signalled. */
static Worker *call_worker(HttpPool *pool)
{
    if (pool->waiting <= pool->called || pool->running >= pool->running_limit)
        return NULL;
    Worker *worker = pop_idle(pool);
    if (worker)
        pool->called++;
    else if (pool->threads < pool->running_limit + ASIDE_MOST)
        start_worker(pool);
    return worker;
}

gboolean http_pool_push(HttpPool *pool, HttpJob *job)
{
    pthread_mutex_lock(&pool->lock);
    if (pool->waiting >= pool->queue_limit) {
        pthread_mutex_unlock(&pool->lock);
        return FALSE;
    }
    job->next = NULL;
    *pool->last = job;
    pool->last = &job->next;
    pool->waiting++;
    Worker *worker = call_worker(pool);
    pthread_mutex_unlock(&pool->lock);
    if (worker)
        pthread_cond_signal(&worker->called);
    return TRUE;
}

void http_pool_step_aside(HttpPool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->running--;
    Worker *worker = call_worker(pool);
    pthread_mutex_unlock(&pool->lock);
    if (worker)
        pthread_cond_signal(&worker->called);
}

/* At once, even when too many run for a moment: then the first that is ready rests. */
void http_pool_step_back(HttpPool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->running++;
    pthread_mutex_unlock(&pool->lock);
}

void http_pool_free(HttpPool *pool)
{
    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->ending = TRUE;
    for (Worker *worker = pop_idle(pool); worker; worker = pop_idle(pool))
        pthread_cond_signal(&worker->called);
    pthread_mutex_unlock(&pool->lock);
    for (guint i = 0; i < pool->threads; i++) {
        pthread_join(pool->workers[i].thread, NULL);
        pthread_cond_destroy(&pool->workers[i].called);
    }
    pthread_mutex_destroy(&pool->lock);
    g_free(pool->workers);
    g_free(pool);
}
