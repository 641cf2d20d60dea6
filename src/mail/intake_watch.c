/* intake_watch.c - the incoming Maildir: which files of new/ are whole, their bytes, and their move
 * to cur/ once they are stored.
 *
 * A program that knows Maildir links or renames whole files; somebody who copies one by hand writes
 * it in place, so a file nobody announced as finished is left alone until it has been still for a
 * while.
 */
#include "mail/deliver_internal.h"
#include "mail/intake_internal.h"
#include "mail/maildir.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define AT_ONCE 1000
#define STILL_S 2          /* a file nobody announced */
#define LOOK_AGAIN_MS 1000 /* for such files */
#define MORE_MS 10         /* when there may be more than were listed */
#define RESCAN_MS 60000    /* in case an event was lost */
#define REFUSED_MS                                                                                 \
    G_GINT64_CONSTANT(60000) /* before a file that could not be taken is tried again */

struct IntakeWatch {
    const Config *config;
    Store *store;
    const Clock *clock;
    int inotify;
    GHashTable *finished; /* names announced as whole */
    GHashTable *refused;  /* name -> gint64 *, monotonic ms of the next try */
    gint pause_ms;
};

IntakeWatch *intake_watch_new(const Config *config, Store *store, const Clock *clock,
                              GError **error)
{
    if (!config->incoming || !config->incoming_office)
        return NULL;
    if (!maildir_make(config->incoming, error))
        return NULL;
    int inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    g_autofree char *fresh = g_build_filename(config->incoming, "new", NULL);
    if (inotify < 0 ||
        inotify_add_watch(inotify, fresh, IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE) < 0) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "cannot watch %s: %s", fresh,
                    g_strerror(errno));
        if (inotify >= 0)
            close(inotify);
        return NULL;
    }
    IntakeWatch *watch = g_new0(IntakeWatch, 1);
    watch->config = config;
    watch->store = store;
    watch->clock = clock;
    watch->inotify = inotify;
    watch->finished = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    watch->refused = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return watch;
}

void intake_watch_free(IntakeWatch *watch)
{
    if (!watch)
        return;
    close(watch->inotify);
    g_hash_table_unref(watch->finished);
    g_hash_table_unref(watch->refused);
    g_free(watch);
}

int intake_watch_fd(const IntakeWatch *watch)
{
    return watch->inotify;
}

static void read_events(IntakeWatch *watch)
{
    char buffer[16384] __attribute__((aligned(8)));
    gssize length;
    while ((length = read(watch->inotify, buffer, sizeof buffer)) > 0) {
        for (char *at = buffer; at < buffer + length;) {
            const struct inotify_event *event = (const struct inotify_event *)(gconstpointer)at;
            if (event->len && (event->mask & (IN_MOVED_TO | IN_CLOSE_WRITE)))
                g_hash_table_add(watch->finished, g_strdup(event->name));
            at += sizeof *event + event->len;
        }
    }
}

/* --- one file ------------------------------------------------------------------------------ */

/* The kernel gives a read lease only on a file that nobody has open for writing. */
static bool nobody_writes(int file)
{
    if (fcntl(file, F_SETSIG, SIGURG) < 0 || fcntl(file, F_SETLEASE, F_RDLCK) < 0)
        return false; /* or it is somebody else's: then its age tells */
    fcntl(file, F_SETLEASE, F_UNLCK);
    return true;
}

static bool is_whole(IntakeWatch *watch, const char *name, int file, const struct stat *about)
{
    if (g_hash_table_contains(watch->finished, name) || nobody_writes(file))
        return true;
    gint64 age = clock_system(watch->clock) - (gint64)about->st_mtim.tv_sec;
    return age >= STILL_S || age < 0;
}

static void refuse(IntakeWatch *watch, const char *name, const char *why)
{
    /* names of files come from outside, so they are not logged */
    g_warning("event=maildir_file_refused error=\"%s\"", why);
    gint64 *again = g_new(gint64, 1);
    *again = clock_monotonic_ms(watch->clock) + REFUSED_MS;
    g_hash_table_replace(watch->refused, g_strdup(name), again);
    g_hash_table_remove(watch->finished, name);
}

void intake_watch_refuse(IntakeWatch *watch, const char *name, const GError *why)
{
    refuse(watch, name, why->message);
}

static bool waits(IntakeWatch *watch, const char *name)
{
    const gint64 *again = g_hash_table_lookup(watch->refused, name);
    return again && clock_monotonic_ms(watch->clock) < *again;
}

static Arrival *read_file(IntakeWatch *watch, const char *name, int file)
{
    const Config *config = watch->config;
    g_autoptr(GError) error = NULL;
    g_autoptr(Arrival) arrival = arrival_new(config->max_message, config->upload_folder, &error);
    if (arrival && arrival_feed_fd(arrival, file, &error))
        return g_steal_pointer(&arrival);
    refuse(watch, name, error->message);
    return NULL;
}

Arrival *intake_watch_open(IntakeWatch *watch, const char *name)
{
    g_autofree char *path = g_build_filename(watch->config->incoming, "new", name, NULL);
    struct stat about;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0 || fstat(file, &about) < 0) {
        int code = errno;
        if (file >= 0)
            close(file);
        if (code != ENOENT)
            refuse(watch, name, g_strerror(code));
        return NULL;
    }
    bool whole = is_whole(watch, name, file, &about);
    Arrival *arrival = whole ? read_file(watch, name, file) : NULL;
    if (!whole)
        watch->pause_ms = MIN(watch->pause_ms, LOOK_AGAIN_MS);
    close(file);
    return arrival;
}

void intake_watch_done(IntakeWatch *watch, const char *name)
{
    g_autoptr(GError) error = NULL;
    if (!maildir_done(watch->config->incoming, name, &error)) {
        refuse(watch, name, error->message);
        return;
    }
    g_hash_table_remove(watch->refused, name);
    g_hash_table_remove(watch->finished, name);
}

gint intake_watch_pause_ms(const IntakeWatch *watch)
{
    return watch->pause_ms;
}

/* The names in new/, or none when that is all that can be done now. */
static GPtrArray *list(IntakeWatch *watch, guint most, gint64 *office_id)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) names = maildir_list_new(watch->config->incoming, most, &error);
    if (!names) {
        g_warning("event=maildir_unreadable error=\"%s\"", error->message);
        return g_ptr_array_new();
    }
    if (names->len && deliver_find_office(watch->store, watch->config->incoming_office,
                                          office_id) != DELIVER_DONE) {
        g_warning("event=maildir_without_office office=%s", watch->config->incoming_office);
        return g_ptr_array_new();
    }
    if (!names->len) {
        g_hash_table_remove_all(watch->finished);
        g_hash_table_remove_all(watch->refused);
    }
    return g_steal_pointer(&names);
}

GPtrArray *intake_watch_look(IntakeWatch *watch, gint64 *office_id)
{
    read_events(watch);
    guint most = AT_ONCE + g_hash_table_size(watch->refused); /* those refused hide nobody */
    g_autoptr(GPtrArray) names = list(watch, most, office_id);
    watch->pause_ms = names->len == most ? MORE_MS : RESCAN_MS;
    for (guint i = 0; i < names->len;)
        if (waits(watch, g_ptr_array_index(names, i)))
            g_ptr_array_remove_index(names, i);
        else
            i++;
    return g_steal_pointer(&names);
}
