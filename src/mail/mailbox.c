/* mailbox.c - the thread of each mailbox: connecting, waiting for mail, and what to do when either
 * fails. What is taken and how is mailbox_take.c.
 *
 * Each has a connection and troubles of its own: one that is down, refuses us or hangs is waited
 * for with growing pauses, and no other notices.
 */
#include "mail/mailbox_internal.h"
#include "store/office.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define STORE_PAUSE_MS 5000
#define LOG_AGAIN_MS ((gint64)3600 * 1000) /* of a trouble that goes on */

const MailboxPace mailbox_pace = {
    .idle_s = 9 * 60, /* 29 minutes is the law (RFC 2177), but many firewalls forget sooner */
    .poll_s = 60,
    .pause_ms = 1000,
    .pause_most_ms = 300 * 1000,
    .refused_pause_ms = 60 * 1000,
    .set_aside_ms = 600 * 1000,
};

struct Mailboxes {
    MailboxSettings settings;
    int stop;           /* eventfd; readable for all once it is written */
    GPtrArray *threads; /* GThread * */
};

/* --- one connection ------------------------------------------------------------------------ */

typedef struct {
    const char *name;
    gint64 first_seen_at;
} Beginning;

static bool begin_job(Db *db, gpointer data, GError **error)
{
    const Beginning *beginning = data;
    return mailbox_place_begin(db, beginning->name, beginning->first_seen_at, error);
}

static bool save_job(Db *db, gpointer data, GError **error)
{
    return mailbox_place_save(db, data, error);
}

static bool find_office_and_place(Mailbox *mailbox, GError **error)
{
    Store *store = mailbox->settings->store;
    Db *db = store_reader(store);
    g_autoptr(Office) office = office_find_by_slug(db, mailbox->config->office, error);
    g_clear_pointer(&mailbox->place, mailbox_place_free);
    if (office)
        mailbox->place = mailbox_place_find(db, mailbox->config->name, error);
    store_reader_done(store, db);
    mailbox->office_id = office ? office->id : 0;
    if (!office && g_error_matches(*error, STORE_ERROR, STORE_ERROR_NOT_FOUND)) {
        g_clear_error(error);
        g_set_error(error, STORE_ERROR, STORE_ERROR_NOT_FOUND, "there is no office %s: office add",
                    mailbox->config->office);
    }
    return mailbox->place != NULL;
}

/* The first time is written down when we have really been there. */
static bool know_place(Mailbox *mailbox, GError **error)
{
    const MailboxSettings *settings = mailbox->settings;
    Beginning beginning = {mailbox->config->name, clock_system(settings->clock)};
    if (!store_write(settings->store, begin_job, &beginning, error) ||
        !find_office_and_place(mailbox, error))
        return false;
    MailboxPlace *place = mailbox->place;
    if (mailbox->folder.uid_validity && place->uid_validity == mailbox->folder.uid_validity)
        return true;
    if (place->uid_validity)
        g_message("event=mailbox_numbered_anew mailbox=%s", mailbox->config->name);
    place->uid_validity = mailbox->folder.uid_validity;
    place->next_uid = 0;
    mailbox_forget_numbers(mailbox);
    return store_write(settings->store, save_job, place, error);
}

static Imap *open_folder(Mailbox *mailbox, GError **error)
{
    const ConfigMailbox *config = mailbox->config;
    g_autoptr(Imap) imap = imap_open(config, mailbox->stop, error);
    if (!imap || !imap_select(imap, config->folder, &mailbox->folder, error) ||
        !know_place(mailbox, error))
        return NULL;
    guint can = imap_capabilities(imap);
    mailbox->cannot_move = false;
    g_message("event=mailbox_open mailbox=%s messages=%u idle=%d move=%d keyword=%d read_only=%d",
              config->name, mailbox->folder.messages, (can & IMAP_CAN_IDLE) != 0,
              (can & (IMAP_CAN_MOVE | IMAP_CAN_UIDPLUS)) != 0, (int)mailbox->folder.keyword,
              (int)mailbox->folder.read_only);
    return g_steal_pointer(&imap);
}

/* Until something breaks; `worked` tells whether all mail was taken before that. */
static void serve_connection(Mailbox *mailbox, bool *worked, GError **error)
{
    const MailboxPace *pace = mailbox->settings->pace;
    g_autoptr(Imap) imap = open_folder(mailbox, error);
    if (!imap)
        return;
    while (mailbox_take_all(mailbox, imap, error)) {
        *worked = true;
        mailbox->last_error = -1;
        if (!imap_has_news(imap) && !imap_wait(imap, pace->idle_s, pace->poll_s, error))
            return;
    }
}

/* --- troubles ------------------------------------------------------------------------------ */

/* The same trouble again is told once an hour. */
static void tell(Mailbox *mailbox, const GError *error, bool worked, gint64 pause_ms)
{
    gint64 now = clock_monotonic_ms(mailbox->settings->clock);
    gint kind = error->domain == IMAP_ERROR ? error->code : G_MAXINT;
    bool is_old = kind == mailbox->last_error && now - mailbox->last_logged_ms < LOG_AGAIN_MS;
    const char *name = mailbox->config->name;
    if (is_old)
        return;
    mailbox->last_error = kind;
    mailbox->last_logged_ms = now;
    if (kind == IMAP_ERROR_REFUSED)
        g_warning("event=mailbox_refused mailbox=%s error=\"%s\"", name, error->message);
    else if (kind == IMAP_ERROR_CLOSED && worked)
        g_message("event=mailbox_closed mailbox=%s", name);
    else
        g_warning("event=mailbox_failed mailbox=%s error=\"%s\" pause_ms=%" G_GINT64_FORMAT, name,
                  error->message, pause_ms);
}

/* Doubles with each failure in a row; half to the whole of it, so that many do not come at once. */
static gint64 pause_after(const Mailbox *mailbox, const GError *error, guint failures)
{
    const MailboxPace *pace = mailbox->settings->pace;
    gint64 most = pace->pause_most_ms;
    gint64 pause_ms = MIN((gint64)pace->pause_ms << MIN(failures, 20), most);
    if (error->domain != IMAP_ERROR)
        pause_ms = MAX(pause_ms, MIN(STORE_PAUSE_MS, most));
    if (g_error_matches(error, IMAP_ERROR, IMAP_ERROR_REFUSED))
        pause_ms = MAX(pause_ms, 2 * (gint64)pace->refused_pause_ms);
    return pause_ms / 2 + g_random_int_range(0, (gint32)(pause_ms / 2) + 1);
}

/* False: the server ends. */
static bool pauses(const Mailbox *mailbox, gint64 pause_ms)
{
    struct pollfd fd = {mailbox->stop, POLLIN, 0};
    return poll(&fd, 1, (int)pause_ms) <= 0;
}

/* --- the thread ---------------------------------------------------------------------------- */

static Mailbox *mailbox_new(const Mailboxes *mailboxes, const ConfigMailbox *config)
{
    Mailbox *mailbox = g_new0(Mailbox, 1);
    mailbox->settings = &mailboxes->settings;
    mailbox->config = config;
    mailbox->stop = mailboxes->stop;
    mailbox->troubles = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    mailbox->done = g_hash_table_new(NULL, NULL);
    mailbox->last_error = -1;
    return mailbox;
}

static void mailbox_free(Mailbox *mailbox)
{
    g_hash_table_unref(mailbox->troubles);
    g_hash_table_unref(mailbox->done);
    mailbox_place_free(mailbox->place);
    g_free(mailbox);
}

static gpointer read_mailbox(gpointer data)
{
    Mailbox *mailbox = data;
    guint failures = 0;
    gint64 pause_ms = 0;
    while (pauses(mailbox, pause_ms)) {
        g_autoptr(GError) error = NULL;
        bool worked = false;
        serve_connection(mailbox, &worked, &error);
        if (g_error_matches(error, IMAP_ERROR, IMAP_ERROR_STOPPED))
            break;
        failures = worked ? 0 : failures + 1;
        pause_ms = pause_after(mailbox, error, worked ? 0 : failures - 1);
        tell(mailbox, error, worked, pause_ms);
    }
    mailbox_free(mailbox);
    return NULL;
}

/* --- all of them --------------------------------------------------------------------------- */

Mailboxes *mailboxes_start(const MailboxSettings *settings)
{
    Mailboxes *mailboxes = g_new0(Mailboxes, 1);
    mailboxes->settings = *settings;
    mailboxes->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    mailboxes->threads = g_ptr_array_new();
    for (guint i = 0; i < settings->config->mailboxes->len; i++) {
        const ConfigMailbox *config = g_ptr_array_index(settings->config->mailboxes, i);
        g_ptr_array_add(mailboxes->threads,
                        g_thread_new("mailbox", read_mailbox, mailbox_new(mailboxes, config)));
    }
    return mailboxes;
}

void mailboxes_stop(Mailboxes *mailboxes)
{
    if (!mailboxes)
        return;
    eventfd_write(mailboxes->stop, 1);
    for (guint i = 0; i < mailboxes->threads->len; i++)
        g_thread_join(g_ptr_array_index(mailboxes->threads, i));
    g_ptr_array_unref(mailboxes->threads);
    close(mailboxes->stop);
    g_free(mailboxes);
}
