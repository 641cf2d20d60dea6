/* mailbox_take.c - from numbers of messages to rows of the store: which are wanted, fetching them,
 * marking them afterwards, remembering how far we are (mailbox.h).
 */
#include "mail/mailbox_internal.h"

#define FOUND_MOST 20000             /* numbers in memory */
#define DESCRIBED_AT_ONCE 100        /* messages asked about, and marked, together */
#define UNSEEN_S ((gint64)3 * 86400) /* before the first contact */
#define SEARCH_S (UNSEEN_S + 86400)  /* servers search by days of their own zone */
#define CLOCKS_DIFFER_S 600
#define FIRST_BYTES ((gint64)2 * 1024 * 1024) /* of a message that is too large: see arrival.h */
#define TRIES_MOST 3
#define DONE_MOST 20000

/* A message that could not be fetched, or that the store did not want. */
typedef struct {
    guint tries;
    gint64 until_ms; /* set aside until then */
    bool too_large;  /* more came than the server had said: ask for the beginning only */
} Trouble;

static Trouble *trouble_of(const Mailbox *mailbox, guint32 uid)
{
    return g_hash_table_lookup(mailbox->troubles, GUINT_TO_POINTER(uid));
}

static gint64 now_ms(const Mailbox *mailbox)
{
    return clock_monotonic_ms(mailbox->settings->clock);
}

/* --- which ones ---------------------------------------------------------------------------- */

static bool is_wanted(const Mailbox *mailbox, const ImapMail *mail)
{
    gint64 first_seen_at = mailbox->place->first_seen_at;
    if (mail->flags & IMAP_FLAG_STORED)
        return false;
    if (mail->internal_at == G_MININT64 || mail->internal_at >= first_seen_at - CLOCKS_DIFFER_S)
        return true;
    return !(mail->flags & IMAP_FLAG_SEEN) && mail->internal_at >= first_seen_at - UNSEEN_S;
}

static bool has_its_turn(const Mailbox *mailbox, guint32 uid)
{
    const Trouble *trouble = trouble_of(mailbox, uid);
    if (g_hash_table_contains(mailbox->done, GUINT_TO_POINTER(uid)))
        return false;
    return !trouble || trouble->tries < TRIES_MOST || now_ms(mailbox) >= trouble->until_ms;
}

/* --- one message --------------------------------------------------------------------------- */

static void note_trouble(Mailbox *mailbox, guint32 uid, const GError *error)
{
    Trouble *trouble = trouble_of(mailbox, uid);
    if (!trouble) {
        trouble = g_new0(Trouble, 1);
        g_hash_table_insert(mailbox->troubles, GUINT_TO_POINTER(uid), trouble);
    }
    trouble->tries++;
    trouble->until_ms = now_ms(mailbox) + mailbox->settings->pace->set_aside_ms;
    trouble->too_large |= g_error_matches(error, IMAP_ERROR, IMAP_ERROR_TOO_LARGE);
    g_warning("event=mail_not_fetched mailbox=%s uid=%u tries=%u error=\"%s\"",
              mailbox->config->name, uid, trouble->tries, error->message);
}

/* When it came to the office: what waited at the provider while we were down came before now. */
static gint64 received_at(const Mailbox *mailbox, const ImapMail *mail)
{
    const Clock *clock = mailbox->settings->clock;
    gint64 waited_s = mail->internal_at == G_MININT64 ? 0 : clock_system(clock) - mail->internal_at;
    return clock_now(clock) - MAX(waited_s, 0);
}

static bool fetch(const Mailbox *mailbox, Imap *imap, const ImapMail *mail, Arrival *arrival,
                  GError **error)
{
    const Config *config = mailbox->settings->config;
    const Trouble *trouble = trouble_of(mailbox, mail->uid);
    bool is_too_large = mail->size > config->max_message || (trouble && trouble->too_large);
    gint64 first = is_too_large ? MIN(FIRST_BYTES, config->max_message) : 0;
    if (!imap_fetch(imap, mail, config->max_message, first, arrival, error))
        return false;
    if (first && arrival_size(arrival) == first)
        arrival_tell_size(arrival, MAX(mail->size, config->max_message + 1));
    return true;
}

static bool store(const Mailbox *mailbox, const ImapMail *mail, Arrival *arrival, GError **error)
{
    const MailboxSettings *settings = mailbox->settings;
    gint64 id;
    bool is_new;
    if (!arrival_store(arrival, settings->store, mailbox->office_id, received_at(mailbox, mail),
                       &id, &is_new, error))
        return false;
    g_message("event=message_stored message=%" G_GINT64_FORMAT
              " by=imap mailbox=%s bytes=%" G_GINT64_FORMAT " new=%d",
              id, mailbox->config->name, arrival_size(arrival), (int)is_new);
    settings->arrived(settings->context);
    return true;
}

/* Not of the whole store, nor of the files on the way there. */
static bool is_its_fault(const GError *why)
{
    return why->domain == IMAP_ERROR
               ? why->code != IMAP_ERROR_STOPPED
               : why->domain == STORE_ERROR && why->code != STORE_ERROR_FULL &&
                     why->code != STORE_ERROR_BUSY;
}

typedef enum { STORED, LATER, BROKEN } Taken;

static Taken take_mail(Mailbox *mailbox, Imap *imap, const ImapMail *mail, GError **error)
{
    const Config *config = mailbox->settings->config;
    g_autoptr(Arrival) arrival = arrival_new(config->max_message, config->upload_folder, error);
    if (!arrival)
        return BROKEN;
    g_autoptr(GError) why = NULL;
    if (fetch(mailbox, imap, mail, arrival, &why) && store(mailbox, mail, arrival, &why))
        return STORED;
    if (is_its_fault(why))
        note_trouble(mailbox, mail->uid, why);
    if (g_error_matches(why, IMAP_ERROR, IMAP_ERROR_SAID_NO))
        return LATER;
    g_propagate_error(error, g_steal_pointer(&why));
    return BROKEN;
}

static void note_done(Mailbox *mailbox, guint32 uid)
{
    g_hash_table_remove(mailbox->troubles, GUINT_TO_POINTER(uid));
    if (g_hash_table_size(mailbox->troubles))
        g_hash_table_add(mailbox->done, GUINT_TO_POINTER(uid));
}

/* --- marking ------------------------------------------------------------------------------- */

static bool moves(const Mailbox *mailbox)
{
    return mailbox->config->done_folder && !mailbox->config->pec && !mailbox->cannot_move;
}

static bool mark_once(const Mailbox *mailbox, Imap *imap, const GArray *uids, GError **error)
{
    const guint32 *first = &g_array_index(uids, guint32, 0);
    return moves(mailbox) ? imap_move(imap, first, uids->len, mailbox->config->done_folder, error)
                          : imap_flag(imap, first, uids->len, mailbox->folder.keyword, error);
}

/* A server that does not let us mark is no reason to stop reading: how far we are is in the store.
 */
static bool mark(Mailbox *mailbox, Imap *imap, const GArray *uids, GError **error)
{
    if (!uids->len || mailbox->folder.read_only)
        return true;
    for (;;) {
        g_autoptr(GError) why = NULL;
        bool moved = moves(mailbox);
        if (mark_once(mailbox, imap, uids, &why))
            return true;
        if (!g_error_matches(why, IMAP_ERROR, IMAP_ERROR_SAID_NO)) {
            g_propagate_error(error, g_steal_pointer(&why));
            return false;
        }
        const char *name = mailbox->config->name;
        if (!moved) {
            g_warning("event=mailbox_not_marked mailbox=%s error=\"%s\"", name, why->message);
            return true;
        }
        g_warning("event=mailbox_not_moved mailbox=%s error=\"%s\"", name, why->message);
        mailbox->cannot_move = true; /* flagged instead, until the next connection */
    }
}

/* --- how far we are ------------------------------------------------------------------------ */

static gboolean is_below(gpointer uid, gpointer value, gpointer limit)
{
    (void)value;
    return GPOINTER_TO_UINT(uid) < GPOINTER_TO_UINT(limit);
}

/* The lowest that must be tried again; G_MAXUINT32: none. */
static guint32 lowest_trouble(const Mailbox *mailbox)
{
    GHashTableIter iter;
    gpointer uid;
    guint32 lowest = G_MAXUINT32;
    g_hash_table_iter_init(&iter, mailbox->troubles);
    while (g_hash_table_iter_next(&iter, &uid, NULL))
        lowest = MIN(lowest, GPOINTER_TO_UINT(uid));
    return lowest;
}

static bool save_job(Db *db, gpointer data, GError **error)
{
    return mailbox_place_save(db, data, error);
}

/* Everything below `next` was looked at; only what is in trouble holds it back. */
static bool advance(Mailbox *mailbox, gint64 next, GError **error)
{
    MailboxPlace *place = mailbox->place;
    if (g_hash_table_size(mailbox->done) > DONE_MOST) {
        guint32 uid = lowest_trouble(mailbox);
        g_warning("event=mail_given_up mailbox=%s uid=%u", mailbox->config->name, uid);
        g_hash_table_remove(mailbox->troubles, GUINT_TO_POINTER(uid));
    }
    next = MIN(next, (gint64)lowest_trouble(mailbox));
    if (next <= place->next_uid)
        return true;
    place->next_uid = next;
    g_hash_table_foreach_remove(mailbox->done, is_below, GUINT_TO_POINTER((guint32)next));
    return store_write(mailbox->settings->store, save_job, place, error);
}

void mailbox_forget_numbers(Mailbox *mailbox)
{
    g_hash_table_remove_all(mailbox->troubles);
    g_hash_table_remove_all(mailbox->done);
}

/* --- all of them --------------------------------------------------------------------------- */

/* What was stored before the connection broke is marked when it is fetched again. */
static bool take_batch(Mailbox *mailbox, Imap *imap, const guint32 *uids, guint count,
                       GError **error)
{
    g_autoptr(GArray) mails = imap_describe(imap, uids, count, error);
    g_autoptr(GArray) stored = g_array_new(FALSE, FALSE, sizeof(guint32));
    if (!mails)
        return false;
    for (guint i = 0; i < mails->len; i++) {
        const ImapMail *mail = &g_array_index(mails, ImapMail, i);
        if (!has_its_turn(mailbox, mail->uid))
            continue;
        if (!is_wanted(mailbox, mail)) {
            note_done(mailbox, mail->uid);
            continue;
        }
        Taken taken = take_mail(mailbox, imap, mail, error);
        if (taken == BROKEN)
            return false;
        if (taken == STORED)
            g_array_append_val(stored, mail->uid);
    }
    if (!mark(mailbox, imap, stored, error))
        return false;
    for (guint i = 0; i < stored->len; i++)
        note_done(mailbox, g_array_index(stored, guint32, i));
    return advance(mailbox, (gint64)uids[count - 1] + 1, error);
}

static gint compare_uids(gconstpointer a, gconstpointer b)
{
    guint32 left = *(const guint32 *)a, right = *(const guint32 *)b;
    return left < right ? -1 : left > right;
}

/* What is no longer there is no trouble any more. */
static void drop_vanished(const Mailbox *mailbox, GArray *found)
{
    GHashTableIter iter;
    gpointer key;
    g_hash_table_iter_init(&iter, mailbox->troubles);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        guint32 uid = GPOINTER_TO_UINT(key);
        if (!g_array_binary_search(found, &uid, compare_uids, NULL))
            g_hash_table_iter_remove(&iter);
    }
}

bool mailbox_take_all(Mailbox *mailbox, Imap *imap, GError **error)
{
    bool more = true;
    while (more) {
        guint32 from = (guint32)CLAMP(mailbox->place->next_uid, 1, (gint64)G_MAXUINT32);
        g_autoptr(GArray) found = imap_search(imap, from, mailbox->place->first_seen_at - SEARCH_S,
                                              FOUND_MOST, &more, error);
        if (!found)
            return false;
        if (!more)
            drop_vanished(mailbox, found);
        for (guint i = 0; i < found->len; i += DESCRIBED_AT_ONCE) {
            guint count = MIN(found->len - i, DESCRIBED_AT_ONCE);
            if (!take_batch(mailbox, imap, &g_array_index(found, guint32, i), count, error))
                return false;
        }
        more = more && mailbox->place->next_uid > from;
    }
    /* when we opened it, all below had arrived: the next search need not look at them */
    return advance(mailbox, mailbox->folder.uid_next, error);
}
