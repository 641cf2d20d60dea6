/* writer.c - the queue of writes: group commit in one thread.
 *
 * It takes what waits (never pausing to gather more), runs each job in a savepoint inside one
 * transaction, commits once and then answers everybody. When the whole group cannot be committed,
 * each job gets a transaction of its own, so that one job never costs another its write.
 *
 * Plain pthread locks instead of GLib's: the thread sanitizer sees them.
 */
#include "store/writer.h"
#include "store/db.h"
#include <pthread.h>

typedef struct Task {
    StoreJob *job;
    gpointer data;
    GError *error;
    bool is_done; /* under the lock */
    pthread_cond_t answered;
    struct Task *next;
} Task;

struct Writer {
    Db *db;
    GThread *thread;
    pthread_mutex_t lock;
    pthread_cond_t work;
    Task *first, *last;
    bool is_closing;
    guint64 jobs, commits;
};

/* All that waits, in order of arrival; NULL when closing and nothing waits. */
static Task *take_group(Writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    while (writer->first == NULL && !writer->is_closing)
        pthread_cond_wait(&writer->work, &writer->lock);
    Task *group = writer->first;
    writer->first = writer->last = NULL;
    pthread_mutex_unlock(&writer->lock);
    return group;
}

static void answer_group(Writer *writer, Task *group, guint64 commits)
{
    pthread_mutex_lock(&writer->lock);
    writer->commits += commits;
    for (Task *task = group; task != NULL; task = task->next) {
        writer->jobs += task->error == NULL;
        task->is_done = true;
        pthread_cond_signal(&task->answered);
    }
    pthread_mutex_unlock(&writer->lock);
}

/* A job that says no must say why. */
static bool run_job(Db *db, Task *task)
{
    g_clear_error(&task->error);
    if (task->job(db, task->data, &task->error))
        return true;
    if (task->error == NULL)
        g_set_error_literal(&task->error, STORE_ERROR, STORE_ERROR_FAILED, "refused");
    return false;
}

static void run_in_savepoint(Db *db, Task *task)
{
    g_clear_error(&task->error);
    if (!db_savepoint(db, &task->error))
        return;
    if (!run_job(db, task) || !db_release(db, &task->error))
        db_undo_savepoint(db);
}

static void fail_group(Task *group, const GError *error)
{
    for (Task *task = group; task != NULL; task = task->next)
        task->error = g_error_copy(error);
}

/* Within a transaction. True when the group is durable; false, with nothing written, when it has to
 * be taken apart. */
static bool commit_together(Db *db, Task *group)
{
    for (Task *task = group; task != NULL; task = task->next) {
        run_in_savepoint(db, task);
        if (!db_in_transaction(db)) /* the engine undid all of it, e.g. on a full disk */
            return false;
    }
    if (db_commit(db, NULL))
        return true;
    db_rollback(db);
    return false;
}

static guint64 commit_alone(Db *db, Task *task)
{
    g_clear_error(&task->error);
    if (!db_begin(db, true, &task->error))
        return 0;
    if (run_job(db, task) && db_commit(db, &task->error))
        return 1;
    db_rollback(db);
    return 0;
}

static guint64 run_group(Db *db, Task *group)
{
    if (group->next == NULL)
        return commit_alone(db, group);
    g_autoptr(GError) error = NULL;
    if (!db_begin(db, true, &error)) {
        fail_group(group, error); /* busy already waited: each job would wait again */
        return 0;
    }
    if (commit_together(db, group))
        return 1;
    guint64 commits = 0;
    for (Task *task = group; task != NULL; task = task->next)
        commits += commit_alone(db, task);
    return commits;
}

static gpointer writer_main(gpointer data)
{
    Writer *writer = data;
    for (Task *group; (group = take_group(writer)) != NULL;)
        answer_group(writer, group, run_group(writer->db, group));
    return NULL;
}

Writer *writer_new(Db *db)
{
    Writer *writer = g_new0(Writer, 1);
    writer->db = db;
    pthread_mutex_init(&writer->lock, NULL);
    pthread_cond_init(&writer->work, NULL);
    writer->thread = g_thread_new("writer", writer_main, writer);
    return writer;
}

void writer_free(Writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    writer->is_closing = true;
    pthread_cond_signal(&writer->work);
    pthread_mutex_unlock(&writer->lock);
    g_thread_join(writer->thread);
    db_checkpoint(writer->db);
    db_close(writer->db);
    pthread_cond_destroy(&writer->work);
    pthread_mutex_destroy(&writer->lock);
    g_free(writer);
}

struct StoreBatch {
    Writer *writer;
    guint n;
    Task tasks[];
};

/* All at once, so that the writer finds them together. */
static void enqueue(Writer *writer, Task *tasks, guint n)
{
    for (guint i = 0; i + 1 < n; i++)
        tasks[i].next = &tasks[i + 1];
    pthread_mutex_lock(&writer->lock);
    if (writer->last != NULL)
        writer->last->next = &tasks[0];
    else
        writer->first = &tasks[0];
    writer->last = &tasks[n - 1];
    pthread_cond_signal(&writer->work);
    pthread_mutex_unlock(&writer->lock);
}

StoreBatch *writer_submit(Writer *writer, StoreJob *job, gpointer *data, guint n)
{
    g_assert(g_thread_self() !=
             writer->thread); /* a job that writes through the queue never ends */
    StoreBatch *batch = g_malloc0(sizeof *batch + n * sizeof *batch->tasks);
    batch->writer = writer;
    batch->n = n;
    for (guint i = 0; i < n; i++) {
        batch->tasks[i].job = job;
        batch->tasks[i].data = data[i];
        pthread_cond_init(&batch->tasks[i].answered, NULL);
    }
    if (n > 0)
        enqueue(writer, batch->tasks, n);
    return batch;
}

void writer_collect(StoreBatch *batch, GError **errors)
{
    Writer *writer = batch->writer;
    pthread_mutex_lock(&writer->lock);
    for (guint i = 0; i < batch->n; i++)
        while (!batch->tasks[i].is_done)
            pthread_cond_wait(&batch->tasks[i].answered, &writer->lock);
    pthread_mutex_unlock(&writer->lock);
    for (guint i = 0; i < batch->n; i++) {
        pthread_cond_destroy(&batch->tasks[i].answered);
        errors[i] = batch->tasks[i].error;
    }
    g_free(batch);
}

bool writer_run(Writer *writer, StoreJob *job, gpointer data, GError **error)
{
    GError *failure = NULL;
    writer_collect(writer_submit(writer, job, &data, 1), &failure);
    if (failure == NULL)
        return true;
    g_propagate_error(error, failure);
    return false;
}

void writer_counts(Writer *writer, guint64 *jobs, guint64 *commits)
{
    pthread_mutex_lock(&writer->lock);
    *jobs = writer->jobs;
    *commits = writer->commits;
    pthread_mutex_unlock(&writer->lock);
}
