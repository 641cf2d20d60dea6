/* intake_watch.c - the incoming Maildir: what appears in new/ is stored, then moved to cur/.
 *
 * A program that knows Maildir links or renames whole files; somebody who copies one by hand writes
 * it in place, so a file nobody announced as finished is left alone until it has been still for a
 * while.
 */
#include "mail/arrival.h"
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

static bool store_file(IntakeWatch *watch, int file, gint64 office_id, GError **error)
{
    const Config *config = watch->config;
    g_autoptr(Arrival) arrival = arrival_new(config->max_message, config->upload_folder, error);
    gint64 id;
    bool is_new;
    if (!arrival || !arrival_feed_fd(arrival, file, error) ||
        !arrival_store(arrival, watch->store, office_id, clock_now(watch->clock), &id, &is_new,
                       error))
        return false;
    g_message("event=message_stored message=%" G_GINT64_FORMAT " by=maildir bytes=%" G_GINT64_FORMAT
              " new=%d",
              id, arrival_size(arrival), (int)is_new);
    return true;
}

static void refuse(IntakeWatch *watch, const char *name, const char *why)
{
    /* names of files come from outside, so they are not logged */
    g_warning("event=maildir_file_refused error=\"%s\"", why);
    gint64 *again = g_new(gint64, 1);
    *again = clock_monotonic_ms(watch->clock) + REFUSED_MS;
    g_hash_table_replace(watch->refused, g_strdup(name), again);
}

static bool waits(IntakeWatch *watch, const char *name)
{
    const gint64 *again = g_hash_table_lookup(watch->refused, name);
    return again && clock_monotonic_ms(watch->clock) < *again;
}

/* False: not yet whole. */
static bool take_file(IntakeWatch *watch, const char *name, gint64 office_id)
{
    g_autofree char *path = g_build_filename(watch->config->incoming, "new", name, NULL);
    g_autoptr(GError) error = NULL;
    struct stat about;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0 || fstat(file, &about) < 0) {
        int code = errno;
        if (file >= 0)
            close(file);
        if (code != ENOENT)
            refuse(watch, name, g_strerror(code));
        return true;
    }
    bool whole = is_whole(watch, name, file, &about);
    bool stored = whole && store_file(watch, file, office_id, &error);
    close(file);
    if (!whole)
        return false;
    if (!stored || !maildir_done(watch->config->incoming, name, &error))
        refuse(watch, name, error->message);
    else
        g_hash_table_remove(watch->refused, name);
    g_hash_table_remove(watch->finished, name);
    return true;
}

gint intake_watch_take(IntakeWatch *watch)
{
    read_events(watch);
    g_autoptr(GError) error = NULL;
    guint most = AT_ONCE + g_hash_table_size(watch->refused); /* those refused hide nobody */
    g_autoptr(GPtrArray) names = maildir_list_new(watch->config->incoming, most, &error);
    if (!names) {
        g_warning("event=maildir_unreadable error=\"%s\"", error->message);
        return RESCAN_MS;
    }
    gint64 office_id = 0;
    if (names->len && deliver_find_office(watch->store, watch->config->incoming_office,
                                          &office_id) != DELIVER_DONE) {
        g_warning("event=maildir_without_office office=%s", watch->config->incoming_office);
        return RESCAN_MS;
    }
    bool unfinished = false;
    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        if (!waits(watch, name) && !take_file(watch, name, office_id))
            unfinished = true;
    }
    if (!names->len) {
        g_hash_table_remove_all(watch->finished);
        g_hash_table_remove_all(watch->refused);
    }
    if (unfinished)
        return LOOK_AGAIN_MS;
    return names->len == most ? MORE_MS : RESCAN_MS;
}
