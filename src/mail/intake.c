/* intake.c - the thread between what arrives and what the desk sees.
 *
 * It waits for the Maildir and for its wake, and takes rows that were stored and files in batches
 * (intake_batch.c). A file moves when its message is durable, never before. Whatever a message
 * does, the next one has its turn: one that cannot be filed is set aside for a while, a store that
 * says no makes a pause, and the row stays stored until it has been filed.
 */
#include "mail/intake_internal.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define AT_ONCE 64
#define IDLE_MS 60000
#define STORE_PAUSE_MS 5000
#define TRIES_MOST 3
#define SET_ASIDE_MS ((gint64)10 * 60 * 1000)

struct Intake {
    IntakeSettings settings;
    IntakeWatch *watch; /* NULL: no Maildir */
    int wake;           /* eventfd */
    atomic_bool stopping;
    GHashTable *troubles; /* message id -> Trouble * */
    guint filed;          /* of the list at hand */
    bool is_troubled;     /* one of it could not be filed */
    bool is_stuck;        /* and no other could */
    GThread *thread;
};

/* A message that could not be filed although it was tried. */
typedef struct {
    guint tries;
    gint64 until_ms; /* set aside until then */
} Trouble;

/* --- trouble ------------------------------------------------------------------------------- */

static bool is_set_aside(const Intake *intake, gint64 id)
{
    const Trouble *trouble = g_hash_table_lookup(intake->troubles, &id);
    return trouble && trouble->tries >= TRIES_MOST &&
           clock_monotonic_ms(intake->settings.clock) < trouble->until_ms;
}

/* The message is not to blame: it keeps its turn. */
static bool is_everybodys(const GError *error)
{
    return g_error_matches(error, STORE_ERROR, STORE_ERROR_FULL) ||
           g_error_matches(error, STORE_ERROR, STORE_ERROR_BUSY) ||
           g_error_matches(error, SANDBOX_ERROR, SANDBOX_ERROR_GONE);
}

static void note_trouble(Intake *intake, gint64 id, const GError *error)
{
    intake->is_troubled = true;
    if (is_everybodys(error)) {
        intake->is_stuck = true;
        g_warning("event=intake_waits error=\"%s\"", error->message);
        return;
    }
    Trouble *trouble = g_hash_table_lookup(intake->troubles, &id);
    if (!trouble) {
        trouble = g_new0(Trouble, 1);
        g_hash_table_insert(intake->troubles, g_memdup2(&id, sizeof id), trouble);
    }
    trouble->tries++;
    trouble->until_ms = clock_monotonic_ms(intake->settings.clock) + SET_ASIDE_MS;
    g_warning("event=message_not_filed message=%" G_GINT64_FORMAT " tries=%u error=\"%s\"", id,
              trouble->tries, error->message);
}

/* --- outcomes ------------------------------------------------------------------------------ */

static void tell(const Intake *intake, const IntakeFiling *filing)
{
    const IntakeSettings *settings = &intake->settings;
    const IntakeFiled *filed = &filing->filed;
    gint64 office_id = filing->mine.office->id;
    intake_filing_log(filing);
    if (settings->changed && filed->event) {
        settings->changed(office_id, filed->event, filed->code, settings->context);
        if (filed->is_listed)
            settings->changed(office_id, "other", NULL, settings->context);
    }
    if (filed->has_letter && settings->letter_waits)
        settings->letter_waits(settings->context);
}

/* A file that could not be filed is at least stored; then it is a row that waits like others. */
static void store_only(Intake *intake, const IntakeItem *item)
{
    g_autoptr(GError) error = NULL;
    gint64 id;
    bool is_new;
    if (!arrival_store(item->arrival, intake->settings.store, item->row->office_id,
                       item->row->received_at, &id, &is_new, &error)) {
        intake_watch_refuse(intake->watch, item->name, error);
        return;
    }
    g_message("event=message_stored message=%" G_GINT64_FORMAT " by=maildir bytes=%" G_GINT64_FORMAT
              " new=%d",
              id, arrival_size(item->arrival), (int)is_new);
    intake_watch_done(intake->watch, item->name);
    intake_wake(intake);
}

static void take_outcome(Intake *intake, const IntakeItem *item)
{
    if (item->failure && item->name) {
        store_only(intake, item);
    } else if (item->failure) {
        note_trouble(intake, item->row->id, item->failure);
    } else {
        if (item->name)
            intake_watch_done(intake->watch, item->name);
        else
            g_hash_table_remove(intake->troubles, &item->row->id);
        intake->filed++;
        tell(intake, &item->filing);
    }
}

static void finish(Intake *intake, IntakeBatch *batch)
{
    if (!batch)
        return;
    intake_batch_collect(batch);
    GPtrArray *items = intake_batch_items(batch);
    for (guint i = 0; i < items->len; i++)
        take_outcome(intake, g_ptr_array_index(items, i));
    intake_batch_free(batch);
}

/* --- batch after batch --------------------------------------------------------------------- */

/* Puts the message `at` of a list into the batch, unless it is not its turn. */
typedef void AddMessage(Intake *intake, IntakeBatch *batch, gpointer list, guint at);

/* While one batch is written the next one is read. */
static void take_all(Intake *intake, AddMessage *add, gpointer list, guint n)
{
    IntakeBatch *writing = NULL;
    intake->is_troubled = intake->is_stuck = false;
    intake->filed = 0;
    for (guint at = 0; at < n && !intake->is_stuck && !atomic_load(&intake->stopping);) {
        IntakeBatch *batch = intake_batch_new(&intake->settings, NULL);
        for (; at < n && !intake->is_stuck && !intake_batch_is_full(batch); at++)
            add(intake, batch, list, at);
        intake_batch_read(batch);
        intake_batch_submit(batch);
        finish(intake, writing);
        writing = batch;
    }
    finish(intake, writing);
}

static void add_row(Intake *intake, IntakeBatch *batch, gpointer list, guint at)
{
    gint64 id = g_array_index((GArray *)list, gint64, at);
    g_autoptr(GError) error = NULL;
    if (is_set_aside(intake, id) || intake_batch_add_row(batch, id, &error))
        return;
    if (!g_error_matches(error, STORE_ERROR, STORE_ERROR_TRANSITION)) /* filed meanwhile */
        note_trouble(intake, id, error);
}

/* Milliseconds until the next look. */
static gint take_waiting(Intake *intake)
{
    Store *store = intake->settings.store;
    guint most = AT_ONCE + g_hash_table_size(intake->troubles); /* those set aside hide nobody */
    while (!atomic_load(&intake->stopping)) {
        g_autoptr(GError) error = NULL;
        Db *db = store_reader(store);
        g_autoptr(GArray) ids = message_waiting(db, most, &error);
        store_reader_done(store, db);
        if (!ids) {
            g_warning("event=intake_failed error=\"%s\"", error->message);
            return STORE_PAUSE_MS;
        }
        take_all(intake, add_row, ids, ids->len);
        if (intake->is_troubled)
            return STORE_PAUSE_MS;
        if (!intake->filed)
            break;
    }
    return IDLE_MS;
}

typedef struct {
    GPtrArray *names;
    gint64 office_id;
} Files;

static void add_file(Intake *intake, IntakeBatch *batch, gpointer list, guint at)
{
    const Files *files = list;
    const char *name = g_ptr_array_index(files->names, at);
    g_autoptr(GError) error = NULL;
    Arrival *arrival = intake_watch_open(intake->watch, name);
    if (arrival && !intake_batch_add_file(batch, name, arrival, files->office_id, &error))
        intake_watch_refuse(intake->watch, name, error);
}

static gint take_files(Intake *intake)
{
    Files files = {0};
    files.names = intake_watch_look(intake->watch, &files.office_id);
    take_all(intake, add_file, &files, files.names->len);
    g_ptr_array_unref(files.names);
    return intake_watch_pause_ms(intake->watch);
}

static gpointer run(gpointer data)
{
    Intake *intake = data;
    while (!atomic_load(&intake->stopping)) {
        gint pause_ms = take_waiting(intake);
        if (intake->watch)
            pause_ms = MIN(pause_ms, take_files(intake));
        struct pollfd fds[2] = {{intake->wake, POLLIN, 0}, {-1, POLLIN, 0}};
        if (intake->watch)
            fds[1].fd = intake_watch_fd(intake->watch);
        if (poll(fds, G_N_ELEMENTS(fds), pause_ms) > 0 && fds[0].revents) {
            eventfd_t count;
            eventfd_read(intake->wake, &count);
        }
    }
    return NULL;
}

/* --- its life ------------------------------------------------------------------------------ */

Intake *intake_start(const IntakeSettings *settings, GError **error)
{
    g_autoptr(GError) failure = NULL;
    IntakeWatch *watch =
        intake_watch_new(settings->config, settings->store, settings->clock, &failure);
    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return NULL;
    }
    Intake *intake = g_new0(Intake, 1);
    intake->settings = *settings;
    intake->watch = watch;
    intake->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    atomic_init(&intake->stopping, false);
    intake->troubles = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    intake->thread = g_thread_new("intake", run, intake);
    return intake;
}

void intake_wake(Intake *intake)
{
    eventfd_write(intake->wake, 1);
}

void intake_stop(Intake *intake)
{
    if (!intake)
        return;
    atomic_store(&intake->stopping, true);
    intake_wake(intake);
    g_thread_join(intake->thread);
    intake_watch_free(intake->watch);
    g_hash_table_unref(intake->troubles);
    close(intake->wake);
    g_free(intake);
}

/* --- "È una richiesta" --------------------------------------------------------------------- */

char *intake_make_request(Intake *intake, gint64 message_id, const Actor *actor, GError **error)
{
    g_autoptr(IntakeBatch) batch = intake_batch_new(&intake->settings, actor);
    if (!intake_batch_add_row(batch, message_id, error))
        return NULL;
    IntakeItem *item = g_ptr_array_index(intake_batch_items(batch), 0);
    intake_batch_read(batch);
    intake_batch_submit(batch);
    intake_batch_collect(batch);
    if (item->failure) {
        g_propagate_error(error, g_steal_pointer(&item->failure));
        return NULL;
    }
    tell(intake, &item->filing);
    return g_strdup(item->filing.filed.code);
}
