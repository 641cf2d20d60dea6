/* outbox.c - see outbox.h. Time here is the machine's: a moved clock of the demo sends nothing
 * twice.
 *
 * A letter is written to the Maildir first and marked sent after, so that a crash between the two
 * writes the same file again: at least once, and the same name makes it once.
 */
#include "mail/outbox.h"
#include "mail/maildir.h"
#include "store/letter.h"

#define AT_ONCE 16      /* letters taken in one job */
#define STORE_PAUSE_S 5 /* when the store says no */
#define SLEEP_MOST_S 60 /* the machine's clock may be set meanwhile */

struct Outbox {
    const Config *config;
    Store *store;
    const Clock *clock;
    OutboxChanged *changed;
    gpointer context;
    GMutex lock;
    GCond wake;
    bool woken, stopping;
    GThread *thread;
};

/* Seconds to wait after the first, second, ... attempt that failed; then the last for ever, about
 * three days in all. */
static const gint pauses_s[] = {30, 60, 300, 900, 1800, 3600, 7200, 14400};
#define ATTEMPTS_MOST 25

static gint64 retry_at(const Letter *letter, gint64 system_at)
{
    if (letter->attempts >= ATTEMPTS_MOST)
        return 0;
    gsize n = (gsize)CLAMP(letter->attempts - 1, 0, (gint)G_N_ELEMENTS(pauses_s) - 1);
    return system_at + pauses_s[n];
}

/* --- jobs ---------------------------------------------------------------------------------- */

static bool release_job(Db *db, gpointer data, GError **error)
{
    (void)data;
    return letter_release_taken(db, error);
}

typedef struct {
    gint64 system_at;
    GPtrArray *letters; /* Letter *, taken */
    char **errors;      /* of each, NULL: it was sent */
} Batch;

static bool take_job(Db *db, gpointer data, GError **error)
{
    Batch *batch = data;
    g_clear_pointer(&batch->letters,
                    g_ptr_array_unref); /* of a commit that failed and is tried again */
    batch->letters = letter_take_due(db, batch->system_at, AT_ONCE, error);
    return batch->letters != NULL;
}

static bool mark_job(Db *db, gpointer data, GError **error)
{
    Batch *batch = data;
    for (guint i = 0; i < batch->letters->len; i++) {
        const Letter *letter = g_ptr_array_index(batch->letters, i);
        bool good = batch->errors[i] ? letter_mark_failed(db, letter->id, batch->errors[i],
                                                          retry_at(letter, batch->system_at), error)
                                     : letter_mark_sent(db, letter->id, batch->system_at, error);
        if (!good)
            return false;
    }
    return true;
}

/* --- sending ------------------------------------------------------------------------------- */

/* The same for the same row, whenever it is sent. */
static char *file_name(const Letter *letter)
{
    return g_strdup_printf("%" G_GINT64_FORMAT ".L%" G_GINT64_FORMAT ".sportello",
                           letter->created_at, letter->id);
}

static char *send_letter(const Config *config, const Letter *letter)
{
    if (!config->outgoing)
        return g_strdup("no outgoing Maildir is configured");
    g_autofree char *name = file_name(letter);
    g_autoptr(GError) error = NULL;
    if (maildir_write(config->outgoing, name, letter->content, &error))
        return NULL;
    return g_strdup(error->message);
}

static void tell(Outbox *outbox, const Batch *batch)
{
    for (guint i = 0; i < batch->letters->len; i++) {
        const Letter *letter = g_ptr_array_index(batch->letters, i);
        if (!batch->errors[i])
            g_message("event=letter_sent letter=%" G_GINT64_FORMAT " kind=%s", letter->id,
                      letter->kind);
        else
            g_warning("event=letter_failed letter=%" G_GINT64_FORMAT " attempts=%d error=\"%s\"",
                      letter->id, letter->attempts, batch->errors[i]);
        if (outbox->changed)
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

/* What was sent has to be marked, else it is sent again: insists while the thread lives. */
static void mark(Outbox *outbox, Batch *batch)
{
    for (;;) {
        g_autoptr(GError) error = NULL;
        if (store_write(outbox->store, mark_job, batch, &error))
            break;
        g_warning("event=outbox_mark_failed error=\"%s\"", error->message);
        if (!rest(outbox, STORE_PAUSE_S))
            return; /* the next start releases them */
    }
    tell(outbox, batch);
}

/* True when there was something to send. */
static bool send_due(Outbox *outbox, GError **error)
{
    Batch batch = {.system_at = clock_system(outbox->clock)};
    Db *db = store_reader(outbox->store);
    gint64 due_at = letter_next_due_at(db);
    store_reader_done(outbox->store, db);
    if (due_at > batch.system_at)
        return false;
    if (!store_write(outbox->store, take_job, &batch, error)) {
        g_clear_pointer(&batch.letters, g_ptr_array_unref);
        return false;
    }
    batch.errors = g_new0(char *, batch.letters->len + 1);
    for (guint i = 0; i < batch.letters->len; i++)
        batch.errors[i] = send_letter(outbox->config, g_ptr_array_index(batch.letters, i));
    bool some = batch.letters->len > 0;
    if (some)
        mark(outbox, &batch);
    for (guint i = 0; i < batch.letters->len; i++)
        g_free(batch.errors[i]);
    g_free(batch.errors);
    g_ptr_array_unref(batch.letters);
    return some;
}

static gint64 pause_s(Outbox *outbox)
{
    Db *db = store_reader(outbox->store);
    gint64 due_at = letter_next_due_at(db);
    store_reader_done(outbox->store, db);
    gint64 now = clock_system(outbox->clock);
    return due_at <= now ? 0 : MIN(due_at - now, SLEEP_MOST_S);
}

static gpointer send_all(gpointer data)
{
    Outbox *outbox = data;
    for (;;) {
        g_autoptr(GError) error = NULL;
        if (send_due(outbox, &error)) {
            if (!rest(outbox, 0))
                return NULL;
            continue;
        }
        if (error)
            g_warning("event=outbox_failed error=\"%s\"", error->message);
        if (!rest(outbox, error ? STORE_PAUSE_S : pause_s(outbox)))
            return NULL;
    }
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
    g_thread_join(outbox->thread);
    g_mutex_clear(&outbox->lock);
    g_cond_clear(&outbox->wake);
    g_free(outbox);
}
