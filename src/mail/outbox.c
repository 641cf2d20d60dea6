/* outbox.c - see outbox.h: takes letters, has them posted (outbox_post.h) and marks what became of
 * them. Time here is the machine's: a moved clock of the demo sends nothing twice.
 *
 * A letter leaves first and is marked after. What one batch became is marked in the job that takes
 * the next: one commit for both.
 */
#include "mail/outbox.h"
#include "mail/maildir.h"
#include "mail/outbox_post.h"
#include "store/letter.h"

#define AT_ONCE 64      /* letters taken in one job */
#define STORE_PAUSE_S 5 /* when the store says no */
#define SLEEP_MOST_S 60 /* the machine's clock may be set meanwhile */
#define IDLE_S 10       /* then connections are closed */

struct Outbox {
    const Config *config;
    Store *store;
    const Clock *clock;
    OutboxChanged *changed;
    gpointer context;
    GMutex lock;
    GCond wake;
    bool woken, stopping;
    Post *post;
    GThread *thread;
};

/* --- jobs ---------------------------------------------------------------------------------- */

static bool release_job(Db *db, gpointer data, GError **error)
{
    (void)data;
    return letter_release_taken(db, error);
}

typedef struct {
    gint64 system_at;
    GPtrArray *letters;    /* Letter *, taken */
    PostOutcome *outcomes; /* of each */
} Batch;

static void batch_clear(Batch *batch)
{
    for (guint i = 0; batch->outcomes && i < batch->letters->len; i++)
        g_free(batch->outcomes[i].reason);
    g_clear_pointer(&batch->outcomes, g_free);
    g_clear_pointer(&batch->letters, g_ptr_array_unref);
}

typedef struct {
    const Batch *done;
    Batch *next;
    guint most; /* letters of the next, 0: the thread ends */
} Turn;

static bool mark(Db *db, const Letter *letter, const PostOutcome *outcome, gint64 system_at,
                 GError **error)
{
    switch (outcome->kind) {
    case POST_SENT:
        return letter_mark_sent(db, letter->id, system_at, error);
    case POST_AGAIN:
        return letter_mark_failed(db, letter->id, outcome->reason, outcome->again_at, error);
    case POST_POSTPONED:
        return letter_mark_postponed(db, letter->id, outcome->reason, outcome->again_at, error);
    case POST_FAILED:
        return letter_mark_failed(db, letter->id, outcome->reason, 0, error);
    }
    g_assert_not_reached();
}

/* One that was erased meanwhile needs no mark. */
static bool mark_all(Db *db, const Batch *done, GError **error)
{
    for (guint i = 0; done->letters && i < done->letters->len; i++) {
        GError *why = NULL;
        if (mark(db, g_ptr_array_index(done->letters, i), &done->outcomes[i], done->system_at,
                 &why))
            continue;
        if (!g_error_matches(why, STORE_ERROR, STORE_ERROR_NOT_FOUND)) {
            g_propagate_error(error, why);
            return false;
        }
        g_error_free(why);
    }
    return true;
}

static bool turn_job(Db *db, gpointer data, GError **error)
{
    const Turn *turn = data;
    if (!mark_all(db, turn->done, error))
        return false;
    /* of a commit that failed and is tried again */
    g_clear_pointer(&turn->next->letters, g_ptr_array_unref);
    turn->next->letters = letter_take_due(db, turn->next->system_at, turn->most, error);
    return turn->next->letters != NULL;
}

/* --- sending ------------------------------------------------------------------------------- */

static void tell_letter(const Letter *letter, const PostOutcome *outcome, gint64 system_at)
{
    const char *route = letter->route == LETTER_BY_PEC ? "pec" : "mail";
    if (outcome->kind == POST_SENT)
        g_message("event=letter_sent letter=%" G_GINT64_FORMAT " kind=%s route=%s", letter->id,
                  letter->kind, route);
    else if (outcome->kind == POST_POSTPONED)
        g_debug("event=letter_postponed letter=%" G_GINT64_FORMAT " again_s=%" G_GINT64_FORMAT,
                letter->id, outcome->again_at - system_at);
    else
        g_warning("event=letter_failed letter=%" G_GINT64_FORMAT
                  " route=%s attempts=%d final=%s error=\"%s\"",
                  letter->id, route, letter->attempts, outcome->kind == POST_FAILED ? "yes" : "no",
                  outcome->reason);
}

static void tell(Outbox *outbox, const Batch *batch)
{
    for (guint i = 0; batch->letters && i < batch->letters->len; i++) {
        const Letter *letter = g_ptr_array_index(batch->letters, i);
        tell_letter(letter, &batch->outcomes[i], batch->system_at);
        if (outbox->changed && batch->outcomes[i].kind != POST_POSTPONED)
            outbox->changed(letter->office_id, letter->request_code, outbox->context);
    }
}

/* Sleeps until woken, or `seconds`. True: the thread goes on. */
static bool rest(Outbox *outbox, gint64 seconds)
{
    gint64 until = g_get_monotonic_time() + seconds * G_TIME_SPAN_SECOND;
    g_mutex_lock(&outbox->lock);
    while (!outbox->woken && !outbox->stopping &&
           g_cond_wait_until(&outbox->wake, &outbox->lock, until))
        continue;
    outbox->woken = false;
    bool goes_on = !outbox->stopping;
    g_mutex_unlock(&outbox->lock);
    return goes_on;
}

static bool is_stopping(Outbox *outbox)
{
    g_mutex_lock(&outbox->lock);
    bool stopping = outbox->stopping;
    g_mutex_unlock(&outbox->lock);
    return stopping;
}

/* Marks `done` and takes the next. What was sent has to be marked, else it is sent again: insists
 * while the thread lives; what is not marked in the end is released at the next start. */
static bool turn(Outbox *outbox, Batch *done, Batch *next)
{
    Turn both = {done, next, 0};
    for (;;) {
        g_autoptr(GError) error = NULL;
        both.most = is_stopping(outbox) ? 0 : AT_ONCE;
        next->system_at = clock_system(outbox->clock);
        if (store_write(outbox->store, turn_job, &both, &error))
            break;
        g_warning("event=outbox_failed error=\"%s\"", error->message);
        batch_clear(next);
        if (!rest(outbox, STORE_PAUSE_S))
            return false;
    }
    tell(outbox, done);
    return true;
}

/* When the thread is to end, what has not been tried is put off to now. */
static void post_batch(Outbox *outbox, Batch *batch)
{
    batch->outcomes = g_new0(PostOutcome, batch->letters->len + 1);
    for (guint i = 0; i < batch->letters->len; i++) {
        const Letter *letter = g_ptr_array_index(batch->letters, i);
        gint64 now_at = clock_system(outbox->clock);
        if (is_stopping(outbox))
            batch->outcomes[i] = (PostOutcome){POST_POSTPONED, now_at, g_strdup("stopped")};
        else
            batch->outcomes[i] = post_letter(outbox->post, letter, now_at);
    }
    batch->system_at = clock_system(outbox->clock);
}

/* All that is due, batch after batch. */
static void send_due(Outbox *outbox)
{
    Batch done = {0}, next = {0};
    while (turn(outbox, &done, &next) && next.letters && next.letters->len > 0) {
        post_batch(outbox, &next);
        batch_clear(&done);
        done = next;
        next = (Batch){0};
    }
    batch_clear(&done);
    batch_clear(&next);
}

static gint64 pause_s(Outbox *outbox)
{
    Db *db = store_reader(outbox->store);
    gint64 due_at = letter_next_due_at(db);
    store_reader_done(outbox->store, db);
    gint64 now = clock_system(outbox->clock);
    return due_at <= now ? 0 : MIN(due_at - now, SLEEP_MOST_S);
}

/* Nothing is due: keeps connections for what may come soon, then closes them. */
static bool wait_for_letters(Outbox *outbox, gint64 seconds)
{
    if (!post_is_open(outbox->post))
        return rest(outbox, seconds);
    if (!rest(outbox, MIN(seconds, IDLE_S)))
        return false;
    if (pause_s(outbox) > 0)
        post_close(outbox->post);
    return true;
}

static gpointer send_all(gpointer data)
{
    Outbox *outbox = data;
    do
        if (pause_s(outbox) == 0)
            send_due(outbox);
    while (wait_for_letters(outbox, pause_s(outbox)));
    post_close(outbox->post);
    return NULL;
}

/* --- the thread's life --------------------------------------------------------------------- */

Outbox *outbox_start(const Config *config, Store *store, const Clock *clock, OutboxChanged *changed,
                     gpointer context, GError **error)
{
    if (config->outgoing && !maildir_make(config->outgoing, error))
        return NULL;
    if (!store_write(store, release_job, NULL, error))
        return NULL;
    Outbox *outbox = g_new0(Outbox, 1);
    outbox->config = config;
    outbox->store = store;
    outbox->clock = clock;
    outbox->changed = changed;
    outbox->context = context;
    outbox->post = post_new(config, g_random_int());
    g_mutex_init(&outbox->lock);
    g_cond_init(&outbox->wake);
    outbox->thread = g_thread_new("outbox", send_all, outbox);
    return outbox;
}

void outbox_wake(Outbox *outbox)
{
    g_mutex_lock(&outbox->lock);
    outbox->woken = true;
    g_cond_signal(&outbox->wake);
    g_mutex_unlock(&outbox->lock);
}

void outbox_stop(Outbox *outbox)
{
    if (!outbox)
        return;
    g_mutex_lock(&outbox->lock);
    outbox->stopping = true;
    g_cond_signal(&outbox->wake);
    g_mutex_unlock(&outbox->lock);
    post_hurry(outbox->post);
    g_thread_join(outbox->thread);
    post_free(outbox->post);
    g_mutex_clear(&outbox->lock);
    g_cond_clear(&outbox->wake);
    g_free(outbox);
}
